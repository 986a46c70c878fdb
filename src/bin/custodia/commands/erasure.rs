//! `erasure`: requests of people for the erasure of what is kept about them.

use super::session::Session;
use crate::args::erasure::{Complete, Erasure, Plan, Request, Show};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::{ErasureMade, ErasureReport, Subject, SubjectParty};
use custodia::{Error, ErrorKind, Result};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Erasure, session: &mut Session) -> Result<Exit> {
    match command {
        Erasure::Request(args) => request(args, session),
        Erasure::List => list(session),
        Erasure::Show(args) => show(&args, session),
        Erasure::Plan(args) => plan(&args, session),
        Erasure::Complete(args) => complete(&args, session),
    }
}

fn request(args: Request, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let subject = match (args.who.number, args.who.name, args.who.email) {
        (Some(number), ..) => Subject::Number(number),
        (_, Some(name), _) => Subject::Name(name),
        (.., Some(email)) => Subject::Email(email.to_string()),
        _ => return Err(Error::new(ErrorKind::Usage, "--number, --name or --email is needed")),
    };
    let made = session.open()?.request_erasure(&subject, &args.subject_ref, &args.reason.reason, dry_run)?;
    let exit = match (made.report.request.matched, &made.plan) {
        (0, _) => Exit::Empty,
        (_, None) => Exit::Refused,
        _ => Exit::Done,
    };
    tell_made(&made, exit, session)?;
    Ok(exit)
}

fn plan(args: &Plan, session: &mut Session) -> Result<Exit> {
    let made = session.open()?.plan_erasure(&args.request, args.dry_run.dry_run)?;
    tell_made(&made, Exit::Done, session)?;
    Ok(Exit::Done)
}

fn tell_made(made: &ErasureMade, exit: Exit, session: &Session) -> Result<()> {
    let (report, dry_run) = (&made.report, made.report.dry_run);
    if session.printer.json() {
        let mut document = json::document("erasure", made)?;
        json::set(&mut document, "exit", exit as u8);
        return session.printer.document(&document);
    }
    let title = if dry_run { "would record a request" } else { "Request" };
    let id = if dry_run { String::new() } else { format!(" {}", report.request.id) };
    session.printer.line(&format!("{title}{id}: {}", sanitize::line(&report.request.subject_ref)))?;
    tell(report, session)?;
    if !made.parties.is_empty() {
        session.printer.say("Taken for the person; look whether they all are:");
        for row in &made.parties {
            session.printer.say(&format!("  {}  {}", human::counted(row.messages, "message"), who(row)));
        }
        if made.more_parties > 0 {
            session.printer.say(&format!("  and {} more", human::count(made.more_parties)));
        }
    }
    if report.request.mentions > 0 {
        session.printer.say(&format!(
            "{} they take no part in and that may name them: look at those with custodia search",
            human::counted(report.request.mentions, "message")
        ));
    }
    session.end_dry_run(dry_run)?;
    let id = &report.request.id;
    if !dry_run && report.request.matched == 0 {
        session.printer.say(&format!(
            "Nothing here is of this person. The request is open until: custodia erasure complete {id} --reason TEXT"
        ));
    }
    if !dry_run && report.restricted > 0 {
        session.printer.say(&format!(
            "The restricted items stay in the request, and can be planned when nothing blocks them any more: custodia \
             erasure plan {id}"
        ));
    }
    if let Some(plan) = made.plan.as_ref().filter(|_| !dry_run) {
        let plan = &plan.plan;
        session.printer.say(&format!(
            "Plan {plan}: {}. Apply:  custodia delete apply {plan} --confirm {plan} --purge",
            human::counted(made.plan.as_ref().map_or(0, |plan| plan.matched), "item")
        ));
    }
    Ok(())
}

fn who(row: &SubjectParty) -> String {
    let number = row.party.number.as_ref().map(ToString::to_string);
    let parts = [row.party.name.clone(), number, row.party.email.clone()];
    sanitize::line(&parts.into_iter().flatten().collect::<Vec<_>>().join("  "))
}

fn tell(report: &ErasureReport, session: &Session) -> Result<()> {
    let would = if report.dry_run { "would be " } else { "" };
    let by: Vec<String> = report.blocked_by.iter().map(human::blocked_by).collect();
    let restricted = format!("{}   {}", human::counted(report.restricted, "item"), by.join(" · "));
    let rows = [
        ("matched", human::counted(report.request.matched, "item")),
        ("gone", human::counted(report.gone, "item")),
        ("planned", human::counted(report.planned, "item")),
        ("free", human::counted(report.free, "item")),
        ("restricted", restricted.trim_end().to_owned()),
    ];
    session.printer.block(&rows.map(|(name, value)| (format!("{would}{name}"), value)))
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let requests = archive.erasures()?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.erasure.list/1", "requests": json::value(&requests)?, "total": requests.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if requests.is_empty() {
        session.printer.say("No requests.  custodia erasure request --number N --subject-ref T --reason T makes one.");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        "REQUEST",
        "SUBJECT",
        "MADE",
        "STATUS",
        ">MATCHED",
        ">GONE",
        ">PLANNED",
        ">FREE",
        ">RESTRICTED",
        "REASON",
    ]);
    for report in &requests {
        table.row([
            report.request.id.to_string(),
            report.request.subject_ref.clone(),
            human::day(report.request.created, session.printer.zone()),
            report.status.to_owned(),
            human::count(report.request.matched),
            human::count(report.gone),
            human::count(report.planned),
            human::count(report.free),
            human::count(report.restricted),
            report.request.reason.clone(),
        ]);
    }
    session.printer.table(&table)?;
    for report in requests.iter().filter(|report| report.status == "open" && report.free > 0) {
        let free = if report.free == 1 { "is" } else { "are" };
        session.printer.say(&format!(
            "{} of {} {free} free: custodia erasure plan {}",
            human::counted(report.free, "item"),
            report.request.id,
            report.request.id
        ));
    }
    Ok(Exit::Done)
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let data = session.open()?.erasure_data(&args.request)?;
    let exit = if args.ids && data.ids.is_empty() { Exit::Empty } else { Exit::Done };
    if session.printer.json() {
        session.printer.document(&json::document("erasure", &data)?)?;
        return Ok(exit);
    }
    if args.ids {
        data.ids.iter().try_for_each(|id| session.printer.line(&id.to_string()))?;
        return Ok(exit);
    }
    let report = &data.report;
    let printer = &session.printer;
    printer.line(&format!("Request {}", report.request.id))?;
    let mut rows = vec![
        ("subject", sanitize::line(&report.request.subject_ref)),
        ("found by", report.request.by.as_str().to_owned()),
        ("made", format!("{} by {}", printer.time(Some(report.request.created)), report.request.created_by)),
        ("reason", report.request.reason.clone()),
        ("status", report.status.to_owned()),
    ];
    if let (Some(at), Some(answer)) = (report.completed_at, &report.answer) {
        let by = report.completed_by.as_deref().unwrap_or("unknown");
        rows.push(("completed", format!("{} by {by}: {answer}", printer.time(Some(at)))));
    }
    rows.extend(report.plans.iter().map(|plan| ("plan", plan.to_string())));
    printer.block(&rows)?;
    tell(report, session)?;
    let period = format!("{} – {}", printer.time(data.first), printer.time(data.last));
    let mut rows = vec![("messages".to_owned(), format!("{}   {period}", human::count(data.messages)))];
    rows.extend(data.mailboxes.iter().map(|(mailbox, n)| (format!("in {mailbox}"), human::counted(*n, "item"))));
    rows.push(("conversations".to_owned(), human::count(data.conversations.len() as u64)));
    printer.block(&rows)?;
    if data.messages > 0 {
        let id = &report.request.id;
        printer.say(&format!("For a request for access: custodia erasure show {id} --ids > ids.txt"));
        printer.say("                          custodia export --ids ids.txt --to DIR --reason TEXT");
    }
    Ok(exit)
}

fn complete(args: &Complete, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let report = session.open()?.complete_erasure(&args.request, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("erasure", &report)?)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would close" } else { "Closed" };
    session.printer.line(&format!(
        "{done} {}: {}",
        report.request.id,
        human::counted(report.gone, "item") + " gone, nothing left"
    ))?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}
