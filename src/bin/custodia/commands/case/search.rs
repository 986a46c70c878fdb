//! `case search`: searches that are kept in a case.

use crate::args::case::{CaseSearch, DiffSearch, NamedSearch, RemoveSearch, SaveSearch, Show};
use crate::commands::session::Session;
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{CauseCount, DiffCause, DiffReport, DiffRow, DiffSide, SavedSearchRow};
use serde_json::json;

/// Messages of each kind that are named on a terminal; the counts are of all.
const NAMED: usize = 20;

/// Runs a sub-command.
pub fn run(command: CaseSearch, session: &mut Session) -> Result<Exit> {
    match command {
        CaseSearch::Save(args) => save(&args, session),
        CaseSearch::List(args) => list(&args, session),
        CaseSearch::Run(args) => run_one(&args, session),
        CaseSearch::Diff(args) => diff(&args, session),
        CaseSearch::Remove(args) => remove(&args, session),
    }
}

fn save(args: &SaveSearch, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let mailboxes: Vec<String> = args.mailboxes.iter().map(ToString::to_string).collect();
    let row = archive.save_search(&args.case, &args.name, &args.query, &mailboxes, args.replace, dry_run)?;
    session.warn(&archive.lints(&args.query).into_iter().map(|lint| lint.message).collect::<Vec<_>>());
    said(&row, if dry_run { "would save" } else { "saved" }, dry_run, session)?;
    if !dry_run {
        let (case, name) = (crate::shell::quoted(&args.case), crate::shell::quoted(&row.name));
        session.printer.say(&format!("Next: custodia case search run {case} {name}"));
    }
    Ok(Exit::Done)
}

fn remove(args: &RemoveSearch, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let row = session.open()?.remove_saved_search(&args.search.case, &args.search.name, dry_run)?;
    said(&row, if dry_run { "would remove" } else { "removed" }, dry_run, session)?;
    Ok(Exit::Done)
}

fn said(row: &SavedSearchRow, what: &str, dry_run: bool, session: &Session) -> Result<()> {
    if session.printer.json() {
        let mut document = json::document("case.search", row)?;
        json::set(&mut document, "dry_run", dry_run);
        return session.printer.document(&document);
    }
    session.printer.line(&format!("{what} search {}  {}", sanitize::line(&row.name), sanitize::line(&row.query)))?;
    session.end_dry_run(dry_run)
}

fn list(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let rows = archive.saved_searches(&args.case)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.case.search.list/1", "searches": json::value(&rows)?, "total": rows.len(),
        }))?;
    } else if rows.is_empty() {
        session.printer.say("No saved searches yet.  Next: custodia case search save CASE NAME KQL");
    } else {
        table(&rows, session)?;
    }
    Ok(Exit::Done)
}

/// Saved searches with their last run.
pub(super) fn table(rows: &[SavedSearchRow], session: &Session) -> Result<()> {
    let mut table = Table::new(&["SEARCH", ">RUNS", "LAST RUN", ">MESSAGES", ">ITEMS", "QUERY", "MAILBOXES"]);
    for row in rows {
        let last = row.runs.last();
        let count = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), human::count);
        let mailboxes: Vec<&str> = row.mailboxes.iter().map(|mailbox| mailbox.as_str()).collect();
        table.row([
            row.name.clone(),
            row.runs.len().to_string(),
            last.map_or_else(|| "never".to_owned(), |run| session.printer.time(Some(run.at))),
            count(last.map(|run| run.messages)),
            count(last.map(|run| run.items)),
            row.query.clone(),
            if mailboxes.is_empty() { "all".to_owned() } else { mailboxes.join(", ") },
        ]);
    }
    session.printer.table(&table)
}

fn run_one(args: &NamedSearch, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let run = archive.run_saved_search(&args.case, &args.name)?;
    if session.printer.json() {
        session.printer.document(&json::document("case.search.run", &run)?)?;
    } else {
        let counts = format!("{}, {}", human::counted(run.messages, "message"), human::counted(run.items, "item"));
        session.printer.line(&format!("{counts}  as of line {}", run.as_of))?;
        let (case, name) = (crate::shell::quoted(&args.case), crate::shell::quoted(&args.name));
        session.printer.say(&format!("What changes from now on: custodia case search diff {case} {name} --now"));
    }
    Ok(if run.messages == 0 { Exit::Empty } else { Exit::Done })
}

fn diff(args: &DiffSearch, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let report = archive.diff_saved_search(&args.search.case, &args.search.name, args.now)?;
    session.printer.carry(archive.warnings());
    let exit = if report.came + report.went == 0 { Exit::Empty } else { Exit::Done };
    if session.printer.json() {
        session.printer.document(&json::document("case.search.diff", &report)?)?;
        return Ok(exit);
    }
    let printer = &session.printer;
    let side = |side: &DiffSide| {
        let when = match side.run {
            Some(seq) => format!("run of {} (line {seq})", printer.time(Some(side.at))),
            None => "now".to_owned(),
        };
        format!("{when}: {}, {}", human::counted(side.messages, "message"), human::counted(side.items, "item"))
    };
    printer.line(&format!("from {}\nto   {}", side(&report.from), side(&report.to)))?;
    if report.query_edited {
        let queries = [&report.from.query, &report.to.query].map(|query| sanitize::line(query));
        printer.line(&format!("the search was edited: {} → {}", queries[0], queries[1]))?;
    }
    changed('+', "came", report.came, &report.came_because, &report.came_messages, session)?;
    changed('-', "went", report.went, &report.went_because, &report.went_messages, session)?;
    tail(&report, args, session);
    Ok(exit)
}

/// Says what was not named, and what was not compared.
fn tail(report: &DiffReport, args: &DiffSearch, session: &Session) {
    let named = report.came_messages.len().min(NAMED) + report.went_messages.len().min(NAMED);
    let left = (report.came + report.went).saturating_sub(named as u64);
    if left > 0 {
        let more = human::counted(left, "message");
        session.printer.say(&format!("{more} more that came or went; --json lists up to 1,000 of each"));
    }
    if report.to.run.is_some() {
        let (case, name) = (crate::shell::quoted(&args.search.case), crate::shell::quoted(&args.search.name));
        session.printer.say(&format!("Since the last run: custodia case search diff {case} {name} --now"));
    }
}

fn changed(
    sign: char,
    verb: &str,
    count: u64,
    because: &[CauseCount],
    rows: &[DiffRow],
    session: &Session,
) -> Result<()> {
    let printer = &session.printer;
    printer.line(&format!("{sign} {} {verb}", human::counted(count, "message")))?;
    for cause in because {
        let messages = human::counted(cause.messages, "message");
        printer.line(&format!("    {messages}: {}", sanitize::line(&words(&cause.because))))?;
    }
    for row in rows.iter().take(NAMED) {
        let id = row.id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let causes: Vec<String> = row.because.iter().map(words).collect();
        printer.line(&format!("  {sign} {id}  {}", sanitize::line(&causes.join("; "))))?;
    }
    Ok(())
}

/// A cause in words.
fn words(because: &DiffCause) -> String {
    match because {
        DiffCause::ImportRun(run) => format!("import {run}"),
        DiffCause::Deleted(plan) => format!("deletion plan {plan}"),
        DiffCause::Purged(plan) => format!("purged by deletion plan {plan}"),
        DiffCause::Restored(plan) => format!("deletion plan {plan} was undone"),
        DiffCause::Label(label) if label.is_empty() => "its retention label was taken off".to_owned(),
        DiffCause::Label(label) => format!("retention label {label}"),
        DiffCause::Tag(tag) => format!("tag {tag}"),
        DiffCause::NoticeArrived => "a notice of its deletion or edit arrived".to_owned(),
        DiffCause::QueryEdited => "the search was edited".to_owned(),
        DiffCause::MeaningChanged => "the same query means something else today".to_owned(),
        DiffCause::Other => "another cause".to_owned(),
    }
}
