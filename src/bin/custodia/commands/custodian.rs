//! `custodian`: the users whose mailboxes are put under a case.

use super::session::Session;
use crate::args::custodian::{Add, Custodian, List, Remove, Show};
use crate::printer::Printer;
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{CustodianOptions, HoldOnMailbox};
use custodia::model::{CustodianTerm, Instant, MailboxName};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Custodian, session: &mut Session) -> Result<Exit> {
    match command {
        Custodian::Add(args) => add(args, session),
        Custodian::Remove(args) => remove(&args, session),
        Custodian::List(args) => list(&args, session),
        Custodian::Show(args) => show(&args, session),
    }
}

fn add(args: Add, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let options =
        CustodianOptions { role: args.role, from: session.since(args.from)?, until: session.until(args.until)? };
    let mailboxes: Vec<String> = args.mailboxes.iter().map(ToString::to_string).collect();
    let change = archive.add_custodians(&args.case, &mailboxes, &options, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("custodian.add", &change)?)?;
        return Ok(Exit::Done);
    }
    let case = sanitize::line(&change.name);
    let would = if dry_run { "would be " } else { "" };
    let say = |mailboxes: &[MailboxName], what: &str| -> Result<()> {
        mailboxes.iter().try_for_each(|mailbox| session.printer.line(&format!("{mailbox}  {what}")))
    };
    say(&change.added, &format!("{would}custodian of {case}"))?;
    say(&change.changed, &format!("{would}changed in {case}"))?;
    say(&change.already, &format!("custodian of {case} already, {would}unchanged"))?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

fn remove(args: &Remove, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let report = archive.remove_custodian(&args.case, args.mailbox.as_str(), &args.reason.reason, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("custodian.remove", &report)?)?;
        return Ok(Exit::Done);
    }
    let what = if dry_run { "would be no custodian of" } else { "no custodian any more of" };
    session.printer.line(&format!("{}  {what} {}", report.mailbox, sanitize::line(&report.name)))?;
    if !report.holds.is_empty() {
        let names: Vec<String> = report.holds.iter().map(|hold| hold.name.clone()).collect();
        let holds = human::counted(names.len() as u64, "hold");
        let names = sanitize::line(&names.join(", "));
        session.printer.line(&format!(
            "{holds} of the case still cover{} the mailbox: {names}",
            if report.holds.len() > 1 { "" } else { "s" }
        ))?;
        session.printer.say("Only releasing a hold ends it: custodia hold release NAME --reason TEXT --confirm NAME");
    }
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

fn list(args: &List, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let rows = archive.custodians(&args.case)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.custodian.list/1", "custodians": json::value(&rows)?, "total": rows.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        session.printer.say("No custodians yet.  Next: custodia custodian add CASE EMAIL");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["MAILBOX", "ROLE", "PERIOD", "SINCE", "ADDED BY", "REMOVED"]);
    for row in &rows {
        let term = &row.term;
        table.row([
            term.mailbox.to_string(),
            term.role.clone(),
            period(term, &session.printer),
            session.printer.time(Some(term.added_at)),
            term.added_by.clone(),
            removed(term, &session.printer),
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.custodian(args.mailbox.as_str())?;
    let printer = &session.printer;
    printer.carry(archive.warnings());
    if printer.json() {
        printer.document(&json::document("custodian", &report)?)?;
        return Ok(Exit::Done);
    }
    let (name, status) = match &report.user {
        None => (String::new(), "not in the user directory".to_owned()),
        Some(user) => {
            let status = match user.status {
                custodia::model::UserStatus::Active => "active",
                custodia::model::UserStatus::Disabled => "disabled",
            };
            (user.name.clone().unwrap_or_default(), status.to_owned())
        }
    };
    printer.line(report.mailbox.as_str())?;
    printer.block(&[("name", name), ("user", status)])?;
    if report.cases.is_empty() {
        printer.say("Custodian of no case.");
    } else {
        let mut table = Table::new(&["CASE", "STATUS", "ROLE", "PERIOD", "SINCE", "REMOVED"]);
        for row in &report.cases {
            table.row([
                row.case_name.clone(),
                row.case_status.to_owned(),
                row.term.role.clone(),
                period(&row.term, printer),
                printer.time(Some(row.term.added_at)),
                removed(&row.term, printer),
            ]);
        }
        printer.table(&table)?;
    }
    holds(&report.holds, printer)?;
    Ok(Exit::Done)
}

fn holds(holds: &[HoldOnMailbox], printer: &Printer) -> Result<()> {
    if holds.is_empty() {
        printer.say("No hold on the mailbox.");
        return Ok(());
    }
    let mut table = Table::new(&["HOLD", "CASE", "STATUS", "PLACED", "BY", "REASON"]);
    for hold in holds {
        let status = match hold.until {
            Some(until) => format!("{} until {}", hold.status, printer.time(Some(until))),
            None => hold.status.to_owned(),
        };
        table.row([
            hold.name.clone(),
            hold.case.clone().unwrap_or_default(),
            status,
            printer.time(Some(hold.placed_at)),
            hold.placed_by.clone(),
            hold.reason.clone(),
        ]);
    }
    printer.table(&table)
}

/// A custodian's role and period; nothing where neither was said.
pub(super) fn part(term: &CustodianTerm, printer: &Printer) -> String {
    let parts = [term.role.clone(), period(term, printer)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn period(term: &CustodianTerm, printer: &Printer) -> String {
    let day = |at: Instant| human::day(at, printer.zone());
    // The first instant after the period: its last day is the one before.
    let last = |at: Instant| day(Instant(at.0 - 1));
    match (term.from, term.until) {
        (None, None) => String::new(),
        (Some(from), None) => format!("from {}", day(from)),
        (None, Some(until)) => format!("until {}", last(until)),
        (Some(from), Some(until)) => format!("{} to {}", day(from), last(until)),
    }
}

fn removed(term: &CustodianTerm, printer: &Printer) -> String {
    term.removed
        .as_ref()
        .map(|end| format!("{} by {}: {}", printer.time(Some(end.at)), end.by, end.reason))
        .unwrap_or_default()
}
