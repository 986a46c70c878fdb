//! `case`: the matters that holds belong to.

use super::session::Session;
use crate::args::case::{Case, Create, Show};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Case, session: &mut Session) -> Result<Exit> {
    match command {
        Case::Create(args) => create(&args, session),
        Case::List => list(session),
        Case::Show(args) => show(&args, session),
    }
}

fn create(args: &Create, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let description = args.description.as_deref().unwrap_or_default();
    let case = session.open()?.create_case(&args.name, description, dry_run)?;
    if session.printer.json() {
        let mut document = json::document("case", &case)?;
        json::set(&mut document, "status", "open");
        json::set(&mut document, "dry_run", dry_run);
        session.printer.document(&document)?;
        return Ok(Exit::Done);
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

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let cases = archive.cases()?;
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
    if session.printer.json() {
        session.printer.document(&json::document("case", &report)?)?;
        return Ok(Exit::Done);
    }
    let case = &report.case;
    let custodians: Vec<&str> = case.custodians.iter().map(|mailbox| mailbox.as_str()).collect();
    session.printer.line(&sanitize::line(&case.name))?;
    session.printer.block(&[
        ("id", case.id.to_string()),
        (
            "status",
            format!("{} since {} by {}", report.status, session.printer.time(Some(case.created)), case.created_by),
        ),
        ("description", case.description.clone()),
        ("custodians", custodians.join("\n")),
    ])?;
    if report.holds.is_empty() {
        session.printer.say("No holds.");
    } else {
        super::hold::table(&report.holds, session)?;
    }
    Ok(Exit::Done)
}
