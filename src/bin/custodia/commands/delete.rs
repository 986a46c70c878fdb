//! `delete`: plan, look, confirm.

use super::lints::Told;
use super::session::{Session, confirmed, read_ids};
use crate::args::delete::{Apply, Command, Plan, Show};
use crate::{error::Exit, human, json, table::Table};
use custodia::archive::{ApplyOptions, PlanReport, Selection};
use custodia::{Error, ErrorKind, Result};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Command, session: &mut Session) -> Result<Exit> {
    match command {
        Command::Plan(args) => plan(args, session),
        Command::Show(args) => show(&args, session),
        Command::Apply(args) => apply(&args, session),
        Command::List => list(session),
    }
}

fn plan(args: Plan, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let selection = match (args.what.query, args.what.ids) {
        (Some(query), _) => Selection::Query(query),
        (None, Some(file)) => Selection::Ids(read_ids(&file)?),
        (None, None) => return Err(Error::new(ErrorKind::Usage, "a query or --ids FILE is needed")),
    };
    let mailboxes: Vec<String> = args.mailboxes.iter().map(ToString::to_string).collect();
    let mut archive = session.open()?;
    let told = Told::about(selection.query(), &archive, session);
    let report = told.before(archive.plan_deletion(&selection, &mailboxes, &args.reason.reason, dry_run))?;
    // A plan of which nothing may go is a refusal.
    let exit = if report.deletable == 0 { Exit::Refused } else { Exit::Done };
    if session.printer.json() {
        let mut document = json::document("delete.plan", &report)?;
        json::set(&mut document, "exit", exit as u8);
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(exit);
    }
    if dry_run {
        session.printer.line("would make a plan")?;
    } else {
        session.printer.line(&format!("Plan {} (nothing deleted yet)", report.plan))?;
    }
    tell(&report, dry_run, session)?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        next(&report, session);
    }
    Ok(exit)
}

fn tell(report: &PlanReport, dry_run: bool, session: &Session) -> Result<()> {
    let would = if dry_run { "would be " } else { "" };
    let by: Vec<String> =
        report.blocked_by.iter().map(|by| format!("{} {} {}", human::count(by.items), by.kind, by.name)).collect();
    let mut rows = vec![
        (format!("{would}matched"), human::counted(report.matched, "item")),
        (format!("{would}deletable"), format!("{}   {}", human::count(report.deletable), human::size(report.bytes))),
        (
            format!("{would}blocked"),
            format!("{}   {}", human::count(report.blocked), by.join(" · ")).trim_end().to_owned(),
        ),
    ];
    if report.disposed > 0 {
        rows.push((format!("{would}disposed"), human::count(report.disposed)));
    }
    session.printer.block(&rows)
}

fn next(report: &PlanReport, session: &Session) {
    let plan = &report.plan;
    let mut lines = vec![format!("Review:  custodia delete show {plan}")];
    match (report.deletable, report.blocked) {
        (0, _) => lines.push("Nothing of it may be deleted: custodia hold explain ID says why.".to_owned()),
        (_, 0) => lines.push(format!("Apply:   custodia delete apply {plan} --confirm {plan}")),
        (free, blocked) => {
            lines.push(format!(
                "Apply:   custodia delete apply {plan} --confirm {plan}   (refused: {} blocked)",
                human::count(blocked)
            ));
            lines.push(format!(
                "         custodia delete apply {plan} --confirm {plan} --deletable-only   ({})",
                human::count(free)
            ));
        }
    }
    session.printer.say(&lines.join("\n"));
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.plan(&args.plan)?;
    if session.printer.json() {
        session.printer.document(&json::document("delete.plan", &report)?)?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!("Plan {}", report.plan))?;
    session.printer.block(&[
        ("made", format!("{} by {}", session.printer.time(Some(report.created)), report.created_by)),
        ("query", report.query.clone()),
        ("reason", report.reason.clone()),
        ("status", report.status.to_owned()),
    ])?;
    tell(&report, false, session)?;
    if report.status == "planned" {
        next(&report, session);
    }
    Ok(Exit::Done)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let plans = archive.plans()?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.delete.list/1", "plans": json::value(&plans)?, "total": plans.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if plans.is_empty() {
        session.printer.say("No plans.  custodia delete KQL --reason TEXT makes one; it deletes nothing yet.");
        return Ok(Exit::Done);
    }
    let mut table =
        Table::new(&["PLAN", "MADE", "STATUS", ">MATCHED", ">DELETABLE", ">BLOCKED", ">DISPOSED", "QUERY", "REASON"]);
    for report in &plans {
        table.row([
            report.plan.to_string(),
            human::day(report.created, session.printer.zone()),
            report.status.to_owned(),
            human::count(report.matched),
            human::count(report.deletable),
            human::count(report.blocked),
            human::count(report.disposed),
            report.query.clone(),
            report.reason.clone(),
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn apply(args: &Apply, session: &mut Session) -> Result<Exit> {
    let mut writer = session.open_writer(false, false)?;
    let plan = writer.archive().plan(&args.plan)?.plan;
    confirmed(&args.confirm, &plan.0)?;
    let options =
        ApplyOptions { deletable_only: args.deletable_only, purge: args.purge, dry_run: args.dry_run.dry_run };
    let report = writer.apply_plan(&plan.0, options)?;
    if session.printer.json() {
        session.printer.document(&json::document("delete.apply", &report)?)?;
        return Ok(Exit::Done);
    }
    let fate = if args.purge { "purged for good" } else { "moved to Recoverable Items" };
    let plan = &report.plan;
    if options.dry_run {
        session.printer.line(&format!("would be {fate}: {}", human::counted(plan.deletable, "item")))?;
        session.printer.line(&format!("would be kept, blocked: {}", human::count(plan.blocked)))?;
    } else {
        session.printer.line(&format!("{fate}: {}", human::counted(report.applied, "item")))?;
        session.printer.line(&format!("kept, blocked: {}", human::count(plan.blocked)))?;
        if args.purge {
            session
                .printer
                .line(&format!("{} gone with their last item", human::counted(report.messages_purged, "message")))?;
        }
    }
    session.end_dry_run(options.dry_run)?;
    Ok(Exit::Done)
}
