//! `hold list`, `hold show`.

use super::amount::{Limits, amount, reasons};
use crate::args::hold::{List, Show};
use crate::commands::session::Session;
use crate::printer::Printer;
use crate::{error::Exit, human, json, sanitize, table};
use custodia::Result;
use custodia::archive::HoldRow;
use serde_json::json;

/// Lists holds.
pub fn list(args: &List, session: &mut Session) -> Result<Exit> {
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
    let printer = &session.printer;
    let mut table = table::Table::new(&[
        "HOLD",
        "ID",
        "CASE",
        "STATUS",
        ">MESSAGES",
        ">ITEMS",
        "?>SIZE",
        ">MAILBOXES",
        "PLACED",
        "BY",
    ]);
    for row in holds {
        let report = &row.report;
        table.row([
            report.name.clone(),
            report.id.to_string(),
            report.case.clone().unwrap_or_else(|| "– (litigation)".to_owned()),
            status(row, printer),
            human::count(report.messages),
            human::count(report.items),
            human::size(row.bytes),
            human::count(report.mailboxes.len() as u64),
            human::day(row.placed_at, printer.zone()),
            row.placed_by.clone(),
        ]);
    }
    printer.table(&table)
}

/// Its status; of a delay also its end.
fn status(row: &HoldRow, printer: &Printer) -> String {
    match (row.status, row.delay_until) {
        ("delay", Some(until)) => format!("delay until {}", human::day(until, printer.zone())),
        (status, _) => status.to_owned(),
    }
}

/// What limits a hold.
fn limits_of(row: &HoldRow) -> Limits {
    Limits { query: row.query.is_some() || !row.conversations.is_empty(), period: row.since.or(row.until).is_some() }
}

/// Shows a hold.
pub fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.hold(&args.hold)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold", &row)?)?;
        return Ok(Exit::Done);
    }
    let printer = &session.printer;
    let report = &row.report;
    let mut facts = vec![("id", report.id.to_string()), ("kind", kind(&row)), ("status", row.status.to_owned())];
    facts.extend(report.case.clone().map(|case| ("case", case)));
    facts.push(("covers", amount(report) + &reasons(report, limits_of(&row))));
    facts.push(("size", human::size(row.bytes)));
    facts.push(("counted", format!("{} as of audit #{}", printer.time(Some(row.computed_at)), row.as_of)));
    facts.push(("mailboxes", lines(&report.mailboxes)));
    if !row.custodians_not_held.is_empty() {
        facts.push(("not held", format!("{}   custodians of the case", lines(&row.custodians_not_held))));
    }
    facts.extend(scope(&row, printer));
    facts.push(("placed", format!("{} by {}   audit #{}", printer.time(Some(row.placed_at)), row.placed_by, row.seq)));
    facts.push(("reason", row.reason.clone()));
    facts.extend(end(&row, printer));
    printer.line(&sanitize::line(&report.name))?;
    printer.block(&facts)?;
    Ok(Exit::Done)
}

fn lines<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn kind(row: &HoldRow) -> String {
    match (row.report.kind, row.report.days) {
        ("litigation", None) => "litigation hold, no end".to_owned(),
        ("litigation", Some(days)) => {
            format!("litigation hold, {} from each item's own date", human::counted(u64::from(days), "day"))
        }
        _ => "hold of a case".to_owned(),
    }
}

/// What it is limited to.
fn scope(row: &HoldRow, printer: &Printer) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(row.query.clone().map(|query| ("query", query)));
    if !row.conversations.is_empty() {
        facts.push(("conversations", row.conversations.join("\n")));
    }
    if row.query.is_some() || !row.conversations.is_empty() {
        let unknown = || "everything: it cannot be evaluated".to_owned();
        facts.push((
            "evaluated as",
            row.closed_query.as_deref().map_or_else(unknown, |query| query.trim_end().to_owned()),
        ));
    }
    facts.extend(row.more_queries.iter().map(|query| ("or as", query.clone())));
    facts.extend(row.since.map(|at| ("sent from", printer.time(Some(at)))));
    facts.extend(row.until.map(|at| ("sent before", printer.time(Some(at)))));
    facts.extend(row.listed.map(|n| ("listed", human::counted(n, "message"))));
    facts.extend(row.tag.clone().map(|tag| ("listed by", format!("the tag {tag}, as it was when it was placed"))));
    facts
}

/// How it ended, or will.
fn end(row: &HoldRow, printer: &Printer) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let who = |by: &Option<String>| by.clone().unwrap_or_else(|| "unknown".to_owned());
    if let Some(at) = row.released_at {
        facts.push(("released", format!("{} by {}", printer.time(Some(at)), who(&row.released_by))));
        facts.push(("release reason", row.release_reason.clone().unwrap_or_default()));
    }
    if let Some(until) = row.delay_until {
        let ended =
            row.delay_ended_at.map(|at| format!(", ended {} by {}", printer.time(Some(at)), who(&row.delay_ended_by)));
        facts.push(("delay until", printer.time(Some(until)) + &ended.unwrap_or_default()));
    }
    facts.extend(row.delay_end_reason.clone().map(|reason| ("end reason", reason)));
    facts
}
