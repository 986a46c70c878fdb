//! `tag`: words that people put on messages.

use super::lints::Told;
use super::session::{Session, selected};
use crate::args::tag::{Add, Remove, Tag};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{Selection, TagReport};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Tag, session: &mut Session) -> Result<Exit> {
    match command {
        Tag::Add(args) => add(args, session),
        Tag::Remove(args) => remove(args, session),
        Tag::List => list(session),
    }
}

fn add(args: Add, session: &mut Session) -> Result<Exit> {
    let selection = selected(args.what.query, args.what.ids)?;
    let mut archive = session.open()?;
    let told = Told::about(selection.query(), &archive, session);
    let report = told.before(archive.tag(&args.tag, &selection, args.dry_run.dry_run))?;
    let name = sanitize::line(&report.tag);
    let mut line = match report.dry_run {
        true => format!("would put {name} on {}", human::counted(report.changed, "message")),
        false => format!("{name} put on {}", human::counted(report.changed, "message")),
    };
    if report.unchanged > 0 {
        line.push_str(&format!("; {} had it already", human::count(report.unchanged)));
    }
    tell("tag.add", &report, &told, &line, session)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn remove(args: Remove, session: &mut Session) -> Result<Exit> {
    let selection = match (args.query, args.ids) {
        (None, None) => None,
        (query, ids) => Some(selected(query, ids)?),
    };
    let mut archive = session.open()?;
    let told = Told::about(selection.as_ref().and_then(Selection::query), &archive, session);
    let report = told.before(archive.untag(&args.tag, selection.as_ref(), args.dry_run.dry_run))?;
    let name = sanitize::line(&report.tag);
    let mut line = match report.dry_run {
        true => format!("would take {name} off {}", human::counted(report.changed, "message")),
        false => format!("{name} taken off {}", human::counted(report.changed, "message")),
    };
    if report.unchanged > 0 {
        line.push_str(&format!("; {} did not have it", human::count(report.unchanged)));
    }
    tell("tag.remove", &report, &told, &line, session)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn tell(what: &str, report: &TagReport, told: &Told, line: &str, session: &Session) -> Result<()> {
    if session.printer.json() {
        let mut document = json::document(what, report)?;
        told.put_into(&mut document)?;
        return session.printer.document(&document);
    }
    session.printer.line(line)?;
    if !report.dry_run {
        let have = match report.messages {
            0 => "no message has it now, so the tag is gone".to_owned(),
            1 => "1 message has it now".to_owned(),
            n => format!("{} have it now", human::counted(n, "message")),
        };
        session.printer.say(&have);
    }
    session.end_dry_run(report.dry_run)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let tags = archive.tags();
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.tag.list/1", "tags": json::value(&tags)?, "total": tags.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if tags.is_empty() {
        session.printer.say("No tags yet.  custodia tag add TAG KQL puts one on what a query finds.");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["TAG", ">MESSAGES", "LAST CHANGED", "BY"]);
    for row in &tags {
        table.row([
            row.tag.clone(),
            human::count(row.messages),
            session.printer.time(row.changed),
            row.changed_by.clone().unwrap_or_default(),
        ]);
    }
    session.printer.table(&table)?;
    if let Some(first) = tags.first() {
        let plain = first.tag.chars().all(|c| c.is_ascii_alphanumeric());
        let query = if plain { format!("tag:{}", first.tag) } else { format!("tag:\"{}\"", first.tag) };
        session.printer.say(&format!("\nFind them: {}", session.command(&["search", &query])));
    }
    session.warn(archive.warnings());
    Ok(Exit::Done)
}
