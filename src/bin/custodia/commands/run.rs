//! `run`: what was imported, when, and what was not.

use super::session::Session;
use crate::args::run::{Format, Issues, Run, Show};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::ImportItem;
use custodia::{Error, Result};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Run, session: &mut Session) -> Result<Exit> {
    match command {
        Run::List => list(session),
        Run::Show(args) => show(&args, session),
        Run::Issues(args) => issues(&args, session),
    }
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let runs = archive.runs();
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.run.list/1", "runs": json::value(&runs)?, "total": runs.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        session.printer.say("No runs yet.  Next: custodia import PATH");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["RUN", "STARTED", ">READ", ">IMPORTED", ">ALREADY", ">NOT IMPORTED", "SOURCE"]);
    for run in &runs {
        let balance = &run.balance;
        table.row([
            run.id.to_string(),
            session.printer.time(Some(run.started)),
            human::count(balance.read),
            human::count(balance.imported + balance.revised),
            human::count(balance.already),
            human::count(balance.not_imported),
            sources(&run.sources) + if run.finished.is_none() { "   (not finished)" } else { "" },
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn sources(sources: &[String]) -> String {
    match sources {
        [first] => first.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    }
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let run = archive.run(&args.run)?;
    if session.printer.json() {
        let mut document = json::document("run", &run)?;
        json::set(&mut document, "balanced", run.balance.balanced());
        json::set(&mut document, "complete", run.balance.complete());
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let balance = &run.balance;
    if balance.read == 0 {
        session.printer.line(&format!("No items ingested on {}.", human::day(run.started, session.printer.zone())))?;
    }
    let finished = run.finished.map_or_else(|| "not finished".to_owned(), |at| session.printer.time(Some(at)));
    session.printer.line(&format!("Run {}", run.id))?;
    session.printer.block(&[
        ("started", session.printer.time(Some(run.started))),
        ("finished", finished),
        ("by", run.actor.clone()),
        ("source", run.sources.join("\n")),
    ])?;
    super::import::balance(session, balance, false)?;
    if balance.not_imported > 0 || !balance.by_code.is_empty() {
        session.printer.say(&format!("Each one with its place: {}", session.command(&["run", "issues", &run.id.0])));
    }
    Ok(Exit::Done)
}

fn issues(args: &Issues, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let run = archive.run(&args.run)?;
    let issues = archive.run_issues(&run.id.0)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() || args.format == Format::Json {
        session.printer.document(&json!({
            "schema": "custodia.run.issues/1", "run": run.id, "issues": json::value(&issues)?, "total": issues.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if args.format == Format::Csv {
        let mut csv = CsvReport::new(Vec::new())?;
        issues.iter().try_for_each(|issue| csv.row(issue))?;
        session.printer.raw(&csv.finish()?)?;
        return Ok(Exit::Done);
    }
    if issues.is_empty() {
        session.printer.say(&format!("Run {} has nothing to report: everything was imported.", run.id));
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["REASON", "ITEM", "WHAT", "WHERE", "WHAT TO DO"]);
    for issue in &issues {
        let remark = if issue.result == "remark" { " (i)" } else { "" };
        let reason = format!("{}{remark}", issue.code);
        // The last component says which file; CSV and JSON have the whole path.
        let mut place = issue.source.clone();
        place.file = place.file.rsplit('/').next().unwrap_or_default().to_owned();
        table.row([&reason, &issue.item, &issue.detail, &place.to_string(), issue.fix]);
    }
    session.printer.table(&table)?;
    session.printer.say("(i) imported with a remark");
    Ok(Exit::Done)
}

/// Rows of a run as CSV, in the words of Purview's connector log. Cells cannot become formulas.
pub struct CsvReport<W: std::io::Write> {
    writer: csv::Writer<W>,
}

impl<W: std::io::Write> CsvReport<W> {
    /// Writes the heading.
    pub fn new(to: W) -> Result<Self> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        let heading =
            ["Item id", "Source User ID", "Result", "Failure reason", "Detail", "File", "Entry", "Line", "Fix"];
        writer.write_record(heading).map_err(failed)?;
        Ok(Self { writer })
    }

    /// Writes one row.
    pub fn row(&mut self, item: &ImportItem) -> Result<()> {
        let place = &item.source;
        let line = place.line.map(|line| line.to_string()).unwrap_or_default();
        let entry = place.entry.as_deref().unwrap_or("");
        let cells = [
            &item.item,
            &item.user,
            item.result,
            item.code.as_str(),
            &item.detail,
            &place.file,
            entry,
            &line,
            item.fix,
        ];
        self.writer.write_record(cells.map(sanitize::cell)).map_err(failed)
    }

    /// Ends it.
    pub fn finish(self) -> Result<W> {
        self.writer.into_inner().map_err(|e| failed(e.into_error().into()))
    }
}

fn failed(error: csv::Error) -> Error {
    Error::new(custodia::ErrorKind::Io, format!("cannot write the report: {error}")).with_source(error)
}
