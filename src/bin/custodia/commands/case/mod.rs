//! `case`: the matters that holds belong to.

mod search;

use super::session::{Session, new_file};
use crate::args::case::{Case, Close, Create, Edit, Note, Report, Show};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::{Archive, CaseReport};
use custodia::model::Case as TheCase;
use custodia::{Error, ErrorKind, Result};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// Runs a sub-command.
pub fn run(command: Case, session: &mut Session) -> Result<Exit> {
    match command {
        Case::Create(args) => create(&args, session),
        Case::List => list(session),
        Case::Show(args) => show(&args, session),
        Case::Edit(args) => edit(&args, session),
        Case::Note(args) => note(&args, session),
        Case::Close(args) => close(&args, session),
        Case::Reopen(args) => reopen(&args, session),
        Case::Search(command) => search::run(command, session),
        Case::Report(args) => report(&args, session),
    }
}

fn create(args: &Create, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let description = args.description.as_deref().unwrap_or_default();
    let case = session.open()?.create_case(&args.name, description, dry_run)?;
    if session.printer.json() {
        return document(&case, "open", dry_run, session);
    }
    let name = sanitize::line(&case.name);
    if dry_run {
        session.printer.line(&format!("would open case {name}"))?;
    } else {
        session.printer.line(&format!("{}  {name}", case.id))?;
        let quoted = crate::shell::quoted(&case.name);
        session.printer.say(&format!("Next: custodia hold place NAME --case {quoted} --custodian EMAIL --reason TEXT"));
    }
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

/// A case that was changed, as a document.
fn document(case: &TheCase, status: &str, dry_run: bool, session: &Session) -> Result<Exit> {
    let mut document = json::document("case", case)?;
    json::set(&mut document, "status", status);
    json::set(&mut document, "dry_run", dry_run);
    session.printer.document(&document)?;
    Ok(Exit::Done)
}

/// Says what was done to a case, or would be.
fn done(case: &TheCase, status: &str, what: [&str; 2], dry_run: bool, session: &Session) -> Result<Exit> {
    if session.printer.json() {
        return document(case, status, dry_run, session);
    }
    let [did, would] = what;
    let name = sanitize::line(&case.name);
    session.printer.line(&match dry_run {
        true => format!("would {would} case {name}"),
        false => format!("{did} case {name}  {}", case.id),
    })?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

fn edit(args: &Edit, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let case = archive.edit_case(&args.case, args.name.as_deref(), args.description.as_deref(), dry_run)?;
    done(&case, status(&archive, &case), ["changed", "change"], dry_run, session)
}

fn note(args: &Note, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let case = archive.note_in_case(&args.case, &args.text, dry_run)?;
    done(&case, status(&archive, &case), ["noted in", "put a note into"], dry_run, session)
}

fn close(args: &Close, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let case = session.open()?.close_case(&args.case, &args.reason.reason, dry_run)?;
    done(&case, if dry_run { "open" } else { "closed" }, ["closed", "close"], dry_run, session)
}

fn reopen(args: &Close, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let case = session.open()?.reopen_case(&args.case, &args.reason.reason, dry_run)?;
    done(&case, if dry_run { "closed" } else { "open" }, ["reopened", "reopen"], dry_run, session)
}

/// Whether a case is open.
fn status(archive: &Archive, case: &TheCase) -> &'static str {
    let closed = archive.state().case_files.get(&case.id).is_some_and(|file| file.closed.is_some());
    if closed { "closed" } else { "open" }
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let cases = archive.cases()?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.case.list/1", "cases": json::value(&cases)?, "total": cases.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if cases.is_empty() {
        session.printer.say("No cases yet.  Next: custodia case create NAME");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NAME", "ID", "STATUS", "OPENED", ">CUSTODIANS", ">HOLDS", "DESCRIPTION"]);
    for report in &cases {
        let active = report.holds.iter().filter(|hold| hold.status == "active").count();
        table.row([
            report.case.name.clone(),
            report.case.id.to_string(),
            report.status.to_owned(),
            human::day(report.case.created, session.printer.zone()),
            report.case.custodians.len().to_string(),
            active.to_string(),
            report.case.description.clone(),
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.case(&args.case)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json::document("case", &report)?)?;
        return Ok(Exit::Done);
    }
    facts(&report, session)?;
    if report.holds.is_empty() {
        session.printer.say("No holds.");
    } else {
        super::hold::table(&report.holds, session)?;
    }
    if !report.searches.is_empty() {
        search::table(&report.searches, session)?;
    }
    if !report.notes.is_empty() {
        let mut table = Table::new(&["WHEN", "WHO", "NOTE"]);
        for note in &report.notes {
            table.row([session.printer.time(Some(note.at)), note.by.clone(), note.text.clone()]);
        }
        session.printer.table(&table)?;
    }
    Ok(Exit::Done)
}

fn facts(report: &CaseReport, session: &Session) -> Result<()> {
    let case = &report.case;
    let printer = &session.printer;
    let described = |mailbox: &custodia::model::MailboxName| {
        let term = report.terms.iter().rfind(|term| term.mailbox == *mailbox && term.removed.is_none());
        let parts = term.map(|term| super::custodian::part(term, printer)).unwrap_or_default();
        if parts.is_empty() { mailbox.to_string() } else { format!("{mailbox}  {parts}") }
    };
    let custodians: Vec<String> = case.custodians.iter().map(described).collect();
    let custodians = if custodians.is_empty() { "none".to_owned() } else { custodians.join("\n") };
    let status = match &report.closed {
        None => format!("open since {} by {}", printer.time(Some(case.created)), case.created_by),
        Some(end) => format!("closed {} by {}: {}", printer.time(Some(end.at)), end.by, end.reason),
    };
    printer.line(&sanitize::line(&case.name))?;
    printer.block(&[
        ("id", case.id.to_string()),
        ("status", status),
        ("description", case.description.clone()),
        ("custodians", custodians),
    ])
}

fn report(args: &Report, session: &mut Session) -> Result<Exit> {
    let form = form(&args.out)?;
    let archive = session.open()?;
    let dossier = archive.case_report(&args.case)?;
    session.printer.carry(archive.warnings());
    let page = dossier.page();
    let text = if form == "html" { page.to_html() } else { page.to_markdown() };
    let mut file = new_file(&args.out)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", &args.out, e))?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.case.report/1", "case": dossier.case.case.id, "path": args.out.display().to_string(),
            "form": form, "bytes": text.len(), "as_of": dossier.as_of, "head": dossier.head,
            "sha256": custodia::model::Digest::of(text.as_bytes()), "events": dossier.timeline.len(),
        }))?;
    } else {
        let events = human::counted(dossier.timeline.len() as u64, "event");
        session.printer.line(&format!("{}  {events}", args.out.display()))?;
    }
    Ok(Exit::Done)
}

/// The form that a file name asks for.
fn form(path: &Path) -> Result<&'static str> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase).as_deref() {
        Some("md" | "markdown") => Ok("markdown"),
        Some("html" | "htm") => Ok("html"),
        _ => Err(Error::new(ErrorKind::Usage, format!("{} is neither .md nor .html", path.display()))
            .with_hint("the ending says the form: --out case.md or --out case.html")),
    }
}
