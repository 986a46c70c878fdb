//! What is due: explained, shown, planned.

use crate::args::retention::{Explain, Preview, Run};
use crate::commands::session::Session;
use crate::printer::Role;
use crate::{commands::delete, commands::hold, error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{ItemRetention, RetentionPreview, RuleRow};
use custodia::model::{Instant, PeriodStart};
use serde_json::json;

pub fn explain(args: &Explain, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.explain_retention(&args.id)?;
    if session.printer.json() {
        let mut document = json::document("retention.explain", &report)?;
        for item in document.get_mut("items").and_then(|items| items.as_array_mut()).into_iter().flatten() {
            if let Some(holds) = item.get_mut("holds") {
                hold::name_cases(holds, &archive);
            }
        }
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let printer = &session.printer;
    printer.line(&format!(
        "{}   sent {}   archived {}",
        report.id,
        printer.time(report.sent),
        printer.time(report.imported)
    ))?;
    for item in &report.items {
        tell_item(item, session)?;
    }
    Ok(Exit::Done)
}

fn tell_item(item: &ItemRetention, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let by = |rule: &Option<String>| rule.as_deref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    let at = |at: Option<Instant>, none: &str| at.map_or_else(|| none.to_owned(), |at| printer.time(Some(at)));
    let kept = match item.kept_for_ever {
        true => "for ever: its date is unknown".to_owned(),
        false => at(item.keep_until, "nothing keeps it"),
    };
    let standing = match item.standing {
        "kept" => "kept",
        "hides" => "due, and still kept: it may be hidden",
        "due" => "due",
        _ => "free: nothing keeps it, and nothing deletes it yet",
    };
    printer.line(&format!("\n{}   {}", printer.paint(Role::Strong, item.mailbox.as_str()), standing))?;
    let holds: Vec<String> =
        item.holds.iter().map(|by| format!("{} {}", by.kind.as_str().replace('_', " "), by.name)).collect();
    let mut facts = vec![
        ("kept until", format!("{kept}{}", by(&item.kept_by))),
        ("due from", format!("{}{}", at(item.delete_at, "never"), by(&item.due_by))),
        ("goes at", at(item.gone_at, "never by itself")),
    ];
    if item.recoverable {
        facts.push(("now", "in the recoverable items".to_owned()));
    }
    if !holds.is_empty() {
        facts.push(("and held by", holds.join("\n")));
    }
    printer.block(&facts)?;
    for rule in &item.rules {
        tell_rule(rule, session)?;
    }
    Ok(())
}

fn tell_rule(rule: &RuleRow, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let locked = if rule.locked { ", locked" } else { "" };
    let kind = if rule.kind == "minimum" { String::new() } else { format!("{} ", rule.kind) };
    printer.line(&format!(" - {kind}{}{locked}", sanitize::line(&rule.name)))?;
    let from = match rule.from {
        PeriodStart::Sent => "sent",
        PeriodStart::Imported => "archived",
    };
    let mut facts =
        vec![("   because", rule.because.clone()), ("   counts from", format!("{from} {}", printer.time(rule.start)))];
    let line = |period: String, at: Option<Instant>, outcome: &Option<String>| {
        format!("{period}: {}   {}", printer.time(at), outcome.as_deref().unwrap_or_default()).trim_end().to_owned()
    };
    if let Some(keep) = rule.keep {
        facts.push(("   keeps", line(keep.to_string(), rule.keep_until, &rule.keep_outcome)));
    }
    if let Some(after) = rule.delete_after {
        facts.push(("   deletes after", line(after.to_string(), rule.delete_at, &rule.delete_outcome)));
    }
    printer.block(&facts)
}

pub fn preview(args: &Preview, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let report = archive.retention_preview(session.since(args.at)?)?;
    if session.printer.json() {
        session.printer.document(&json::document("retention.preview", &report)?)?;
        return Ok(Exit::Done);
    }
    let when = if args.at.is_some() { session.printer.time(Some(report.at)) } else { "now".to_owned() };
    if report.items == 0 {
        session.printer.line(&format!("Nothing is due {when}."))?;
    } else {
        session.printer.line(&format!("{} due {when}, as the rules stand:", human::counted(report.items, "item")))?;
        table(&report, session)?;
    }
    totals(&report, "", session)?;
    since(&report, session);
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn table(report: &RetentionPreview, session: &Session) -> Result<()> {
    let mut table = Table::new(&["RULE", "MAILBOX", ">ITEMS", ">GO", ">HIDE", ">BLOCKED", ">SIZE", "OLDEST", "NEWEST"]);
    let day =
        |at: Option<Instant>| at.map_or_else(|| "unknown".to_owned(), |at| human::day(at, session.printer.zone()));
    for row in &report.rows {
        table.row([
            row.name.clone(),
            row.mailbox.clone(),
            human::count(row.items),
            human::count(row.goes),
            human::count(row.hides),
            human::count(row.blocked),
            human::size(row.bytes),
            day(row.oldest),
            day(row.newest),
        ]);
    }
    session.printer.table(&table)
}

fn totals(report: &RetentionPreview, would: &str, session: &Session) -> Result<()> {
    let by: Vec<String> = report.blocked_by.iter().map(human::blocked_by).collect();
    let mut facts = Vec::new();
    if report.items > 0 {
        facts.push((format!("{would}go"), human::counted(report.goes, "item")));
        facts.push((
            format!("{would}hide"),
            format!("{}; another rule keeps them still", human::counted(report.hides, "item")),
        ));
        facts.push((
            format!("{would}stay"),
            format!("{}   {}", human::counted(report.blocked, "item"), by.join(" · ")).trim_end().to_owned(),
        ));
    }
    if report.recoverable > 0 {
        facts.push((
            "recoverable".to_owned(),
            format!("{} hidden already, and due", human::counted(report.recoverable, "item")),
        ));
    }
    session.printer.block(&facts)
}

/// What makes this run another than the last one: said loudly where something is due.
fn since(report: &RetentionPreview, session: &Session) {
    if report.items == 0 || report.since.is_empty() {
        return;
    }
    let last = match report.last_run {
        None => "no retention run was made before".to_owned(),
        Some(at) => format!("the last retention run was {}", session.printer.time(Some(at))),
    };
    let changes: Vec<String> = report
        .since
        .iter()
        .map(|change| format!("{} {} ({})", change.what, change.name, session.printer.time(Some(change.at))))
        .collect();
    let more = if report.more_changes > 0 { format!("\n  and {} more", report.more_changes) } else { String::new() };
    session.printer.warn(&format!(
        "{last}; this is the first since\n  {}{more}\n{} of the due items {} archived since. \
         History that was imported late is past its period at once: look at the dates before the plan is applied",
        changes.join("\n  "),
        human::count(report.newly_archived),
        if report.newly_archived == 1 { "was" } else { "were" },
    ));
}

pub fn run(args: &Run, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let report = archive.retention_run(&args.reason.reason, dry_run)?;
    let exit = if report.plan.deletable == 0 { Exit::Refused } else { Exit::Done };
    if session.printer.json() {
        let mut document = json::document("retention.run", &report)?;
        json::set(&mut document, "exit", exit as u8);
        session.printer.document(&document)?;
        return Ok(exit);
    }
    table(&report.due, session)?;
    totals(&report.due, if dry_run { "would " } else { "will " }, session)?;
    since(&report.due, session);
    delete::tell_plan(&report.plan, dry_run, session)?;
    Ok(exit)
}

pub fn coverage(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let rows = archive.retention_coverage()?;
    let without: Vec<&str> = rows.iter().filter(|row| !row.covered).map(|row| row.mailbox.as_str()).collect();
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.retention.coverage/1", "mailboxes": json::value(&rows)?, "total": rows.len(),
            "without": without, "minimum": archive.state().schedule.floor,
        }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["MAILBOX", ">ITEMS", "NAMED BY", "FOR ALL", ">LABELLED"]);
    let or_dash = |names: &[String]| if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    for row in &rows {
        table.row([
            row.mailbox.to_string(),
            human::count(row.items),
            or_dash(&row.named),
            or_dash(&row.all),
            human::count(row.labelled),
        ]);
    }
    session.printer.table(&table)?;
    match without.as_slice() {
        [] if rows.is_empty() => session.printer.say("No mailboxes yet.  Next: custodia user import users.csv"),
        [] => session.printer.line("Every mailbox has a policy.")?,
        some => session.printer.line(&format!(
            "{} without any policy: {}",
            human::counted(some.len() as u64, "mailbox"),
            some.join(", ")
        ))?,
    }
    Ok(Exit::Done)
}
