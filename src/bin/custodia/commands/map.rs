//! `map`: the custom mapping from phone numbers to mailboxes.

use super::session::{Session, read_file};
use super::user::{counts, rejected};
use crate::args::map::{Import, Map, Mode, Remove, Resolve};
use crate::{error::Exit, human, json, table::Table};
use custodia::{Result, model::Instant};
use serde_json::{Value, json};

/// The header of the original, and the two columns that ours adds.
const TEMPLATE: &str = "External User ID,Microsoft 365 User Mailbox,from,to\r\n";

/// Runs a sub-command.
pub fn run(command: Map, session: &mut Session) -> Result<Exit> {
    match command {
        Map::Template => template(session),
        Map::Import(args) => import(&args, session),
        Map::List => list(session),
        Map::Check => check(session),
        Map::Resolve(args) => resolve(&args, session),
        Map::Remove(args) => remove(&args, session),
    }
}

fn template(session: &Session) -> Result<Exit> {
    if session.printer.json() {
        session.printer.document(&json!({"schema": "custodia.map.template/1", "csv": TEMPLATE}))?;
    } else {
        session.printer.raw(TEMPLATE.as_bytes())?;
        session.printer.say(
            "One row a number: +447700900123,ana.ruiz@northgate.example,,  ; from and to (YYYY-MM-DD) only where a number moved.\n\
             Keep the number column as text in a spreadsheet.",
        );
    }
    Ok(Exit::Done)
}

fn import(args: &Import, session: &mut Session) -> Result<Exit> {
    let csv = read_file(&args.csv)?;
    let (file, region) = (args.csv.display().to_string(), args.default_region.as_deref());
    let replace = args.mode == Mode::Replace;
    let mut archive = session.open()?;
    let report = archive.import_mapping(&file, &csv, replace, region, args.dry_run.dry_run)?;
    session.printer.carry(archive.warnings());
    let exit = if report.rejected.is_empty() { Exit::Done } else { Exit::Partial };
    if session.printer.json() {
        let mut document = json::document("map.import", &report)?;
        json::set(&mut document, "exit", exit as u8);
        session.printer.document(&document)?;
        return Ok(exit);
    }
    let [first, second, third] = match report.dry_run {
        true => ["would add", "would leave", "would remove"],
        false => ["added", "unchanged", "removed"],
    };
    counts(session, "number", &[(first, report.added), (second, report.unchanged), (third, report.removed)])?;
    rejected(session, &report.rejected, report.dry_run)?;
    session.end_dry_run(report.dry_run)?;
    if !report.dry_run && report.added > 0 {
        session.printer.say("Importing a source again delivers the items that this mapping was missing for.");
    }
    Ok(exit)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let rows = &archive.state().mapping;
    if session.printer.json() {
        let total = rows.len();
        let rows = json::value(rows)?;
        session.printer.document(&json!({"schema": "custodia.map.list/1", "rows": rows, "total": total}))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        session.printer.say(
            "The custom mapping is empty.  Next: custodia map template > map.csv, then custodia map import map.csv",
        );
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NUMBER", "MAILBOX", "FROM", "TO"]);
    for row in rows {
        // As they were typed: days of UTC, the last one included.
        let day =
            |at: Option<Instant>| at.map_or_else(|| "–".to_owned(), |at| human::day(at, custodia::model::Zone::UTC));
        let last = row.until.map(|until| Instant(until.0 - 1));
        table.row([row.number.to_string(), row.mailbox.to_string(), day(row.from), day(last)]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn check(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let problems = archive.check_mapping();
    let state = archive.state();
    let mapped = |user: &custodia::model::User| state.mapping.iter().any(|row| row.mailbox == user.email);
    let without: Vec<String> = state
        .users
        .values()
        .filter(|user| user.numbers.is_empty() && !mapped(user))
        .map(|user| user.email.to_string())
        .collect();
    let exit = if problems.is_empty() { Exit::Done } else { Exit::Empty };
    if session.printer.json() {
        let problems = json::value(&problems)?;
        session.printer.document(&json!({
            "schema": "custodia.map.check/1", "rows": state.mapping.len(), "problems": problems, "without_number": without,
        }))?;
        return Ok(exit);
    }
    session.printer.line(&format!("{} of the mapping checked", human::counted(state.mapping.len() as u64, "row")))?;
    if !problems.is_empty() {
        let mut table = Table::new(&[">ROW", "CODE", "VALUE", "WHAT TO DO"]);
        for row in &problems {
            table.row([&row.line.to_string(), row.code.as_str(), &row.value, row.fix]);
        }
        session.printer.table(&table)?;
    }
    if !without.is_empty() {
        session
            .printer
            .line(&format!("without a number, so that only an e-mail address leads to them: {}", without.join(", ")))?;
    }
    if problems.is_empty() {
        session.printer.line("no problems")?;
    }
    Ok(exit)
}

fn resolve(args: &Resolve, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let at = session.since(args.at)?;
    let found = archive.resolve_number(&args.number, at)?;
    let exit = if found.mailbox.is_some() { Exit::Done } else { Exit::Empty };
    let mut document = json::document("map.resolve", &found)?;
    json::set(&mut document, "at", at.map(|at| at.to_string()));
    if session.printer.json() {
        session.printer.document(&document)?;
        return Ok(exit);
    }
    let when = at.map(|at| format!(" at {}", session.printer.time(Some(at)))).unwrap_or_default();
    match &found.mailbox {
        Some(mailbox) => {
            let rule = document.get("rule").and_then(Value::as_str).unwrap_or("").replace('_', " ");
            session.printer.line(&format!("{}{when} -> {mailbox}   ({rule})", found.number))?;
        }
        None => {
            session.printer.line(&format!("{}{when} -> no mailbox", found.number))?;
            session.printer.say("Map it: custodia map import map.csv, or custodia user edit EMAIL --number NUMBER");
        }
    }
    Ok(exit)
}

fn remove(args: &Remove, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let removed = archive.remove_mapping(&args.number, dry_run)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.map.remove/1", "number": args.number, "removed": removed, "dry_run": dry_run,
        }))?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would remove" } else { "removed" };
    let number = crate::sanitize::line(&args.number);
    session.printer.line(&format!("{done} {} of {number}", human::counted(removed, "row")))?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}
