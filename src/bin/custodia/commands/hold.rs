//! `hold`: what blocks deletion, and why.

use super::session::{Session, confirmed, read_ids};
use crate::args::hold::{Explain, Hold, List, Place, Release, Show};
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize, table};
use custodia::Result;
use custodia::archive::{Archive, Explanation, HoldReport, HoldRequest, HoldRow, Target};
use custodia::model::CaseId;
use serde_json::{Value, json};

/// Runs a sub-command.
pub fn run(command: Hold, session: &mut Session) -> Result<Exit> {
    match command {
        Hold::Place(args) => place(args, session),
        Hold::List(args) => list(&args, session),
        Hold::Show(args) => show(&args, session),
        Hold::Explain(args) => explain(&args, session),
        Hold::Release(args) => release(&args, session),
    }
}

fn place(args: Place, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let addresses = |list: &[custodia::model::MailboxName]| list.iter().map(ToString::to_string).collect();
    let request = HoldRequest {
        name: args.name,
        case: args.case,
        custodians: addresses(&args.whose.custodians),
        all_custodians: args.whose.all_custodians,
        mailboxes: addresses(&args.whose.mailboxes),
        query: args.query,
        since: session.since(args.since)?,
        until: session.until(args.until)?,
        ids: args.ids.as_deref().map(read_ids).transpose()?,
        reason: args.reason.reason,
    };
    let report = archive.place_hold(&request, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold", &report)?)?;
        return Ok(Exit::Done);
    }
    let covered = covered(&report);
    if dry_run {
        session.printer.line(&format!("would put on hold: {covered}."))?;
    } else {
        session
            .printer
            .line(&format!("On hold from now: {covered}. What arrives later and matches is covered too."))?;
        session.printer.line(&format!("{}  {}", report.id, sanitize::line(&report.name)))?;
    }
    session.end_dry_run(dry_run)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn covered(report: &HoldReport) -> String {
    format!(
        "{}, {} in {}",
        human::counted(report.messages, "message"),
        human::counted(report.items, "item"),
        human::counted(report.mailboxes.len() as u64, "mailbox")
    )
}

fn list(args: &List, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let holds = archive.holds(args.all)?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.hold.list/1", "holds": json::value(&holds)?, "total": holds.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if holds.is_empty() {
        session.printer.say(if args.all {
            "No holds yet.  Next: custodia hold place NAME --case CASE --custodian EMAIL --reason TEXT"
        } else {
            "No active holds.  Released ones: custodia hold list --all"
        });
        return Ok(Exit::Done);
    }
    table(&holds, session)?;
    Ok(Exit::Done)
}

/// Holds as a table.
pub fn table(holds: &[HoldRow], session: &Session) -> Result<()> {
    let mut table =
        table::Table::new(&["HOLD", "ID", "CASE", "STATUS", ">MESSAGES", ">ITEMS", ">MAILBOXES", "PLACED", "BY"]);
    for row in holds {
        let report = &row.report;
        table.row([
            report.name.clone(),
            report.id.to_string(),
            report.case.clone(),
            row.status.to_owned(),
            human::count(report.messages),
            human::count(report.items),
            human::count(report.mailboxes.len() as u64),
            human::day(row.placed_at, session.printer.zone()),
            row.placed_by.clone(),
        ]);
    }
    session.printer.table(&table)
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.hold(&args.hold)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold", &row)?)?;
        return Ok(Exit::Done);
    }
    let printer = &session.printer;
    let report = &row.report;
    let mut facts = vec![
        ("id", report.id.to_string()),
        ("case", report.case.clone()),
        ("status", row.status.to_owned()),
        ("covers", format!("{}, {}", human::counted(report.messages, "message"), human::counted(report.items, "item"))),
        ("mailboxes", report.mailboxes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    ];
    if let Some(query) = &row.query {
        facts.push(("query", query.clone()));
        facts.push((
            "evaluated as",
            row.closed_query.clone().unwrap_or_else(|| "everything: it cannot be evaluated".to_owned()),
        ));
    }
    facts.extend(row.since.map(|at| ("sent from", printer.time(Some(at)))));
    facts.extend(row.until.map(|at| ("sent before", printer.time(Some(at)))));
    facts.extend(row.listed.map(|n| ("listed", human::counted(n, "message"))));
    facts.push(("placed", format!("{} by {}   audit #{}", printer.time(Some(row.placed_at)), row.placed_by, row.seq)));
    facts.push(("reason", row.reason.clone()));
    if let Some(at) = row.released_at {
        let by = row.released_by.as_deref().unwrap_or("unknown");
        facts.push(("released", format!("{} by {by}", printer.time(Some(at)))));
        facts.push(("release reason", row.release_reason.clone().unwrap_or_default()));
    }
    printer.line(&sanitize::line(&report.name))?;
    printer.block(&facts)?;
    Ok(Exit::Done)
}

fn explain(args: &Explain, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let explanation = archive.explain(&args.target)?;
    if session.printer.json() {
        let mut document = json::document("hold.explain", &explanation)?;
        if let Some(blockers) = document.get_mut("blockers") {
            name_cases(blockers, &archive);
        }
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    tell(&explanation, &archive, session)?;
    Ok(Exit::Done)
}

fn tell(explanation: &Explanation, archive: &Archive, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let target = match &explanation.target {
        Target::Message(id) => id.to_string(),
        Target::Mailbox(mailbox) => mailbox.to_string(),
    };
    if explanation.deletable {
        return printer.line(&format!(
            "{target} can be deleted: {} and no hold on any of them.",
            human::counted(explanation.items, "item")
        ));
    }
    let items = format!("{} of {}", human::count(explanation.blocked_items), human::counted(explanation.items, "item"));
    let reasons = human::counted(explanation.blockers.len() as u64, "reason");
    printer.line(
        &printer
            .paint(Role::Bad, &format!("{target} cannot be deleted: {items} blocked.   {reasons}; all must go away.")),
    )?;
    for (at, blocker) in explanation.blockers.iter().enumerate() {
        printer.line(&format!("\n {}  hold  {} ({})", at + 1, sanitize::line(&blocker.name), blocker.id))?;
        let until = blocker.until.map_or("the hold is released (no end date)".to_owned(), |at| printer.time(Some(at)));
        printer.block(&[
            ("case", case_name(archive, &blocker.case)),
            ("placed", format!("{} by {}", printer.time(Some(blocker.placed_at)), blocker.placed_by)),
            ("reason", blocker.reason.clone()),
            ("matches because", because(&json::value(&blocker.because)?)),
            ("ends when", until),
        ])?;
    }
    Ok(())
}

/// The name of a case; its id if it has none any more.
fn case_name(archive: &Archive, id: &CaseId) -> String {
    archive.state().cases.get(id).map_or_else(|| id.to_string(), |case| case.name.clone())
}

/// Blockers name their case by id; people and scripts know its name.
pub fn name_cases(blockers: &mut Value, archive: &Archive) {
    for blocker in blockers.as_array_mut().into_iter().flatten() {
        if let Some(id) = blocker.get("case").and_then(Value::as_str).map(|id| CaseId(id.to_owned())) {
            json::set(blocker, "case", case_name(archive, &id));
            json::set(blocker, "case_id", id.0);
        }
    }
}

/// The rules by which a hold covers something, one a line.
fn because(rules: &Value) -> String {
    let rule = |rule: &Value| {
        let Value::Object(fields) = rule else { return rule.as_str().unwrap_or_default().replace('_', " ") };
        let name = fields.get("rule").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
        let values: Vec<String> = fields
            .iter()
            .filter(|(key, value)| *key != "rule" && !value.is_null())
            .map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect();
        format!("{name} {}", values.join(" ")).trim().to_owned()
    };
    rules.as_array().into_iter().flatten().map(rule).collect::<Vec<_>>().join("\n")
}

fn release(args: &Release, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    confirmed(&args.confirm, &archive.hold(&args.hold)?.report.name)?;
    let report = archive.release_hold(&args.hold, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        let mut document = json::document("hold.release", &report)?;
        json::set(&mut document, "released", !dry_run);
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would release" } else { "Released" };
    session.printer.line(&format!("{done} {}: it covered {}.", sanitize::line(&report.name), covered(&report)))?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        session.printer.say("Nothing was deleted. What no other hold covers can be deleted now.");
    }
    Ok(Exit::Done)
}
