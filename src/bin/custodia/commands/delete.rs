//! `delete`: plan, look, confirm.

use super::lints::Told;
use super::session::{Session, confirmed, selected};
use crate::args::delete::{Apply, Change, Command, Expire, Plan, Show};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{ApplyOptions, BlockedItem, ExpiryReport, PlanReport};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: Command, session: &mut Session) -> Result<Exit> {
    match command {
        Command::Plan(args) => plan(args, session),
        Command::Show(args) => show(&args, session),
        Command::Apply(args) => apply(&args, session),
        Command::List => list(session),
        Command::Cancel(args) => cancel(&args, session),
        Command::Undo(args) => undo(&args, session),
        Command::Expire(args) => expire(&args, session),
        Command::Certificate(args) => super::certificate::run(&args, session),
    }
}

fn plan(args: Plan, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let selection = selected(args.what.query, args.what.ids)?;
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
    tell_plan(&report, dry_run, session)?;
    Ok(exit)
}

/// Says what a plan is that was just made.
pub fn tell_plan(report: &PlanReport, dry_run: bool, session: &Session) -> Result<()> {
    if dry_run {
        session.printer.line("would make a plan")?;
    } else {
        session.printer.line(&format!("Plan {} (nothing deleted yet)", report.plan))?;
    }
    tell(report, dry_run, session)?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        session.printer.say(&format!("Review:  custodia delete show {}", report.plan));
        next(report, session);
    }
    Ok(())
}

fn tell(report: &PlanReport, dry_run: bool, session: &Session) -> Result<()> {
    let would = if dry_run { "would be " } else { "" };
    let by: Vec<String> = report.blocked_by.iter().map(human::blocked_by).collect();
    let mut rows = vec![
        (format!("{would}matched"), human::counted(report.matched, "item")),
        (
            format!("{would}deletable"),
            format!("{}   {}", human::counted(report.deletable, "item"), human::size(report.bytes)),
        ),
        (
            format!("{would}blocked"),
            format!("{}   {}", human::counted(report.blocked, "item"), by.join(" · ")).trim_end().to_owned(),
        ),
    ];
    if report.disposed > 0 {
        rows.push((format!("{would}disposed"), human::counted(report.disposed, "item")));
    }
    if report.recoverable > 0 {
        rows.push(("recoverable".to_owned(), human::counted(report.recoverable, "item")));
    }
    session.printer.block(&rows)
}

/// Every blocked item with everything that blocks it.
fn tell_blocked(blocked: &[BlockedItem], session: &Session) -> Result<()> {
    if blocked.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["MESSAGE", "MAILBOX", "BLOCKED BY", "SINCE", "BY", "UNTIL", "ENDS WHEN"]);
    for one in blocked {
        for blocker in &one.blockers {
            table.row([
                one.item.id.short(),
                one.item.mailbox.to_string(),
                format!("{} {}", blocker.kind.as_str(), blocker.name),
                human::day(blocker.placed_at, session.printer.zone()),
                blocker.placed_by.clone(),
                blocker.until.map_or_else(|| "no date".to_owned(), |at| human::day(at, session.printer.zone())),
                blocker.ends_when.clone(),
            ]);
        }
    }
    session.printer.table(&table)
}

fn next(report: &PlanReport, session: &Session) {
    let plan = &report.plan;
    let mut lines = Vec::new();
    match (report.deletable, report.blocked) {
        (0, _) => lines.push(format!("Nothing of it may be deleted: custodia hold explain {plan} says why.")),
        (_, 0) => lines.push(format!("Apply:   custodia delete apply {plan} --confirm {plan}")),
        (free, blocked) => {
            lines.push(format!(
                "Apply:   custodia delete apply {plan} --confirm {plan}   (refused: {} blocked)",
                human::counted(blocked, "item")
            ));
            lines.push(format!(
                "         custodia delete apply {plan} --confirm {plan} --deletable-only   ({})",
                human::counted(free, "item")
            ));
        }
    }
    session.printer.say(&lines.join("\n"));
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let (report, blocked) = archive.plan_with_blocked(&args.plan)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        let mut document = json::document("delete.plan", &report)?;
        if args.blocked {
            let mut items = json::value(&blocked)?;
            for item in items.as_array_mut().into_iter().flatten() {
                if let Some(blockers) = item.get_mut("blockers") {
                    super::hold::name_cases(blockers, &archive);
                }
            }
            json::set(&mut document, "blocked_items", items);
        }
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!("Plan {}", report.plan))?;
    let mut rows = vec![
        ("made", format!("{} by {}", session.printer.time(Some(report.created)), report.created_by)),
        ("query", report.query.clone()),
        ("reason", report.reason.clone()),
        ("basis", report.basis.sentence()),
        ("status", report.status.to_owned()),
    ];
    if let Some(at) = report.applied_at {
        let by = report.applied_by.as_deref().unwrap_or("unknown");
        rows.push(("applied", format!("{} by {by}", session.printer.time(Some(at)))));
    }
    session.printer.block(&rows)?;
    tell(&report, false, session)?;
    tell_blocked(&blocked, session)?;
    if let Some(until) = report.recoverable_until {
        session.printer.say(&format!(
            "{} can be brought back until {}: custodia delete undo {}",
            human::counted(report.recoverable, "item"),
            session.printer.time(Some(until)),
            report.plan
        ));
    }
    if report.status == "planned" {
        if report.blocked > 0 && !args.blocked {
            session.printer.say(&format!("Each one that is blocked: custodia delete show {} --blocked", report.plan));
        }
        next(&report, session);
    }
    Ok(Exit::Done)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let plans = archive.plans()?;
    session.printer.carry(archive.warnings());
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
    session.printer.say("Counts are items: deletable and blocked as of now.");
    Ok(Exit::Done)
}

fn apply(args: &Apply, session: &mut Session) -> Result<Exit> {
    let mut writer = session.open_writer(false, false)?;
    let plan = writer.archive().plan_id(&args.plan)?;
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
        session.printer.line(&format!("would be {fate}: {}", human::counted(report.going, "item")))?;
        session.printer.line(&format!("would be kept, blocked: {}", human::counted(report.kept, "item")))?;
    } else {
        session.printer.line(&format!("{fate}: {}", human::counted(report.applied, "item")))?;
        session.printer.line(&format!("kept, blocked: {}", human::counted(report.kept, "item")))?;
        if args.purge {
            session
                .printer
                .line(&format!("{} gone with their last item", human::counted(report.messages_purged, "message")))?;
        }
        tell_moved(&report.moved, report.moved_entries, report.links_elsewhere, session);
        if let Some(until) = plan.recoverable_until.filter(|_| !args.purge) {
            session.printer.say(&format!(
                "Until {} they can be brought back: custodia delete undo {}",
                session.printer.time(Some(until)),
                plan.plan
            ));
        }
        session.warn(&report.warnings);
    }
    session.end_dry_run(options.dry_run)?;
    Ok(Exit::Done)
}

/// What a purge took from where a client had put it, and what it could not take.
fn tell_moved(moved: &[String], count: u64, elsewhere: u64, session: &Session) {
    if count > 0 {
        let more = count.saturating_sub(moved.len() as u64);
        let rest = if more > 0 { format!("\n  and {} more", human::count(more)) } else { String::new() };
        let paths: Vec<String> = moved.iter().map(|path| format!("\n  {}", sanitize::line(path))).collect();
        session.printer.say(&format!(
            "{} not where it was delivered to, and gone too:{}{rest}",
            human::counted(count, "file"),
            paths.concat()
        ));
    }
    if elsewhere > 0 {
        session.printer.warn(&format!(
            "{} to purged files is left somewhere on this file system, outside of the archive's folders, where this program \
             cannot see it",
            human::counted(elsewhere, "hard link")
        ));
    }
}

fn cancel(args: &Change, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let report = session.open()?.cancel_plan(&args.plan, args.reason.as_deref().unwrap_or_default(), dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("delete.plan", &report)?)?;
        return Ok(Exit::Done);
    }
    let would = if dry_run { "would cancel" } else { "Cancelled" };
    session.printer.line(&format!("{would} plan {}: {}", report.plan, human::counted(report.matched, "item")))?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

fn undo(args: &Change, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut writer = session.open_writer(false, false)?;
    let report = writer.undo_plan(&args.plan, args.reason.as_deref().unwrap_or_default(), dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("delete.undo", &report)?)?;
        return Ok(Exit::Done);
    }
    let would = if dry_run { "would bring back" } else { "brought back" };
    session.printer.line(&format!("{would}: {}", human::counted(report.restored, "item")))?;
    if report.purged > 0 {
        let would = if dry_run { "would not come back" } else { "not back" };
        session.printer.line(&format!("{would}, purged before: {}", human::counted(report.purged, "item")))?;
    }
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

fn expire(args: &Expire, session: &mut Session) -> Result<Exit> {
    let plan = args.plan.as_deref();
    let Some(typed) = &args.confirm else {
        let report = session.open()?.recoverable(plan)?;
        return tell_expiry(&report, session);
    };
    let mut writer = session.open_writer(false, false)?;
    let wanted = match plan {
        Some(plan) => writer.archive().plan_id(plan)?.0,
        None => writer.archive().meta().name.clone(),
    };
    confirmed(typed, &wanted)?;
    let report = if args.dry_run.dry_run { writer.archive().recoverable(plan)? } else { writer.expire(plan)? };
    tell_expiry(&report, session)
}

fn tell_expiry(report: &ExpiryReport, session: &Session) -> Result<Exit> {
    if session.printer.json() {
        session.printer.document(&json::document("delete.expire", report)?)?;
        return Ok(Exit::Done);
    }
    if report.plans.is_empty() {
        session.printer.say("Nothing is in Recoverable Items.");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["PLAN", "DELETED", "UNTIL", "STATUS", ">ITEMS", ">BLOCKED", "REASON"]);
    for row in &report.plans {
        table.row([
            row.plan.to_string(),
            human::day(row.since, session.printer.zone()),
            human::day(row.until, session.printer.zone()),
            (if row.over { "over" } else { "recoverable" }).to_owned(),
            human::count(row.items),
            human::count(row.blocked),
            row.reason.clone(),
        ]);
    }
    session.printer.table(&table)?;
    if report.dry_run {
        session.printer.line(&format!("would be purged for good: {}", human::counted(report.expired, "item")))?;
        session.printer.line(&format!("would be kept, blocked: {}", human::counted(report.held, "item")))?;
        session.end_dry_run(true)?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!("purged for good: {}", human::counted(report.purged, "item")))?;
    session.printer.line(&format!("kept, blocked: {}", human::counted(report.held, "item")))?;
    session
        .printer
        .line(&format!("{} gone with their last item", human::counted(report.messages_purged, "message")))?;
    tell_moved(&report.moved, report.moved_entries, report.links_elsewhere, session);
    session.warn(&report.warnings);
    Ok(Exit::Done)
}
