//! `hold`: what blocks deletion, and why.

use super::lints::Told;
use super::session::{Session, confirmed, read_ids};
use crate::args::hold::{Explain, Hold, List, Place, Release, Show};
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize, table};
use custodia::Result;
use custodia::archive::{Archive, Explanation, HoldReport, HoldRequest, HoldRow, Target};
use custodia::governance::Because;
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
    let told = Told::about(request.query.as_deref(), &archive, session);
    let report = told.before(archive.place_hold(&request, dry_run))?;
    if session.printer.json() {
        let mut document = json::document("hold", &report)?;
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let covered = covered(&report, request.query.is_some(), request.since.or(request.until).is_some());
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

fn covered(report: &HoldReport, query: bool, period: bool) -> String {
    let mailboxes = human::counted(report.mailboxes.len() as u64, "mailbox");
    format!("{} in {mailboxes}{}", amount(report), reasons(report, query, period))
}

fn amount(report: &HoldReport) -> String {
    format!("{}, {}", human::counted(report.messages, "message"), human::counted(report.items, "item"))
}

/// Why a hold with a query or a period is as large as it is; nothing of another.
fn reasons(report: &HoldReport, query: bool, period: bool) -> String {
    let by = &report.items_by_reason;
    let (one, more) = match (query, period) {
        (false, false) => return String::new(),
        (true, false) => ("matches the query", "match the query"),
        (false, true) => ("was sent in the period", "were sent in the period"),
        (true, true) => ("matches the query and the period", "match the query and the period"),
    };
    let part = |n: u64, one: &str, more: &str| format!("{} {}", human::count(n), if n == 1 { one } else { more });
    let mut parts =
        vec![format!("{} {}", human::counted(by.matching, "item"), if by.matching == 1 { one } else { more })];
    if query {
        let what = "an attachment or an encrypted text";
        parts.push(part(by.with_attachment, &format!("more has {what}"), &format!("more have {what}")));
    }
    parts.push(part(by.undated, "has no date", "have no date"));
    if by.party_unknown > 0 {
        let what = "a party that the query asks for";
        parts.push(part(by.party_unknown, &format!("does not name {what}"), &format!("do not name {what}")));
    }
    if by.not_evaluated > 0 {
        parts.push(part(
            by.not_evaluated,
            "cannot be evaluated, so it is held",
            "cannot be evaluated, so they are held",
        ));
    }
    format!(": {}", parts.join(", "))
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
        ("covers", amount(report) + &reasons(report, row.query.is_some(), row.since.or(row.until).is_some())),
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
            ("covered because", because(explanation, &blocker.because)?),
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

/// The rules by which a hold covers something, one a line: of a message what holds of it, of a mailbox the scope.
fn because(explanation: &Explanation, rules: &[Because]) -> Result<String> {
    if let Target::Message(_) = explanation.target {
        return Ok(rules.iter().map(Because::sentence).collect::<Vec<_>>().join("\n"));
    }
    let rules = json::value(&rules)?;
    Ok(rules.as_array().into_iter().flatten().map(scope).collect::<Vec<_>>().join("\n"))
}

fn scope(rule: &Value) -> String {
    let Value::Object(fields) = rule else { return rule.as_str().unwrap_or_default().replace('_', " ") };
    let name = fields.get("rule").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let values: Vec<String> = fields
        .iter()
        .filter(|(key, value)| *key != "rule" && !value.is_null())
        .map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    let rule = format!("{name} {}", values.join(" ")).trim().to_owned();
    match name.as_str() {
        "query" => rule + "\nand whatever has an attachment or an encrypted text",
        _ => rule,
    }
}

fn release(args: &Release, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let row = archive.hold(&args.hold)?;
    confirmed(&args.confirm, &row.report.name)?;
    let report = archive.release_hold(&args.hold, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        let mut document = json::document("hold.release", &report)?;
        json::set(&mut document, "released", !dry_run);
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would release" } else { "Released" };
    session.printer.line(&format!(
        "{done} {}: it covered {}.",
        sanitize::line(&report.name),
        covered(&report, row.query.is_some(), row.since.or(row.until).is_some())
    ))?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        session.printer.say("Nothing was deleted. What no other hold covers can be deleted now.");
    }
    Ok(Exit::Done)
}
