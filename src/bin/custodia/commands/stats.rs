//! `stats`, and the status that the program shows without a command.

use super::session::Session;
use crate::args::show::{By, Stats};
use crate::printer::Printer;
use crate::{error::Exit, human, json, plot::Plot, table::Table};
use custodia::Result;
use custodia::archive::{Archive, StatsBy};
use custodia::clock::{Clock, SystemClock};
use custodia::model::{Instant, PlanStatus, Seq};
use serde::Serialize;
use serde_json::json;

/// Counts.
pub fn run(args: &Stats, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let by = args.by.or(args.plot.then_some(By::Month)).map(|by| match by {
        By::Month => StatsBy::Month,
        By::Weekday => StatsBy::Weekday,
        By::Hour => StatsBy::Hour,
        By::Mailbox => StatsBy::Mailbox,
        By::Conversation => StatsBy::Conversation,
        By::Kind => StatsBy::Kind,
    });
    let report = archive.stats(by, session.printer.zone())?;
    if session.printer.json() {
        session.printer.document(&json::document("stats", &report)?)?;
        return Ok(Exit::Done);
    }
    let count = human::count;
    let printer = &session.printer;
    printer.line(&format!("Archive {}", crate::sanitize::line(&report.name)))?;
    let kinds: Vec<String> = report.kinds.iter().map(|(kind, n)| format!("{kind} {}", count(*n))).collect();
    printer.block(&[
        ("messages", format!("{}   {}", count(report.messages), human::size(report.bytes))),
        ("items", format!("{} in {}", count(report.items), human::counted(report.mailboxes, "mailbox"))),
        ("kinds", kinds.join(" · ")),
        ("conversations", count(report.conversations)),
        ("users", count(report.users)),
        ("sent", format!("{} .. {}", printer.time(report.first), printer.time(report.last))),
        ("date unknown", count(report.date_unknown)),
        ("deleted later", count(report.deleted)),
        ("edited later", count(report.edited)),
        ("not fully searchable", count(report.partially_indexed)),
        (
            "on hold",
            format!(
                "{} ({}) under {}",
                human::counted(report.held, "message"),
                human::share(report.held, report.messages),
                human::counted(report.holds, "hold")
            ),
        ),
    ])?;
    if let Some(series) = &report.series {
        let unit = format!(">{}", series.unit.to_uppercase());
        let mut table = Table::new(&[&series.by.to_uppercase(), &unit, ""]);
        let plot = Plot::of(series, printer.width());
        // A conversation without a name is its id there.
        let titles = match args.by {
            Some(By::Conversation) => archive.chat_titles(series.values.iter().map(|(label, _)| label.as_str()))?,
            _ => Default::default(),
        };
        for (label, n) in &series.values {
            let title = titles.get(label).filter(|title| *title != label);
            let label = title.map_or_else(|| label.clone(), |title| format!("{title} ({label})"));
            let bar = if args.plot { plot.bar(*n) } else { String::new() };
            table.row([label.as_str(), &count(*n), &bar]);
        }
        printer.line("")?;
        printer.table(&table)?;
        if let Some(zone) = &series.zone {
            printer.say(&format!("\n{}s are those of {zone}.", series.by));
        }
    }
    session.warn(&report.warnings);
    Ok(Exit::Done)
}

/// What waits for somebody: rules, plans, requests, what can still be brought back, the last backup.
#[derive(Serialize)]
struct Waiting {
    /// Released holds that still bind.
    holds_in_delay: u64,
    /// Retention policies that are in force.
    policies: u64,
    /// Retention labels.
    labels: u64,
    /// Deletion plans that are neither applied nor cancelled.
    plans: u64,
    /// Items in Recoverable Items.
    recoverable: u64,
    /// Requests for erasure that are open.
    erasures: u64,
    /// Items that such a request may not have yet, when that was last recorded.
    restricted: u64,
    /// The last backup that was recorded.
    last_backup: Option<LastBackup>,
}

/// The last backup that was recorded.
#[derive(Serialize)]
struct LastBackup {
    at: Instant,
    as_of: Seq,
    dir: String,
    /// Files that it lacks.
    missing: u64,
}

impl Waiting {
    fn of(archive: &Archive) -> Self {
        let state = archive.state();
        let open = || state.erasures.values().filter(|request| request.completed.is_none());
        let now = SystemClock.now();
        Self {
            holds_in_delay: state.binding_holds(now).filter(|hold| !hold.is_active()).count() as u64,
            policies: state.schedule.policies.values().filter(|policy| policy.removed.is_none()).count() as u64,
            labels: state.schedule.labels.len() as u64,
            plans: state.plans.values().filter(|plan| plan.plan.status == PlanStatus::Planned).count() as u64,
            recoverable: state.boxes.values().map(|boxes| boxes.recoverable.len()).sum(),
            erasures: open().count() as u64,
            restricted: open().map(|request| request.restricted).sum(),
            last_backup: state.last_backup.as_ref().map(|last| LastBackup {
                at: last.at,
                as_of: last.as_of,
                dir: last.dir.clone(),
                missing: last.missing,
            }),
        }
    }

    fn due(&self) -> String {
        let count = human::counted;
        let mut parts = vec![
            count(self.policies, "retention policy"),
            count(self.labels, "label"),
            count(self.plans, "deletion plan") + " to apply",
            count(self.recoverable, "item") + " recoverable",
            count(self.erasures, "erasure request") + " open",
        ];
        if self.restricted > 0 {
            parts.push(count(self.restricted, "item") + " restricted");
        }
        parts.join(", ")
    }

    fn backup(&self, printer: &Printer) -> String {
        self.last_backup.as_ref().map_or_else(
            || printer.addressed("none recorded   Next: custodia backup create DIR"),
            |last| {
                format!("{} in {}   as of event {}", printer.time(Some(last.at)), last.dir, human::count(last.as_of.0))
            },
        )
    }
}

/// Eight lines on the archive that one stands in.
pub fn status(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.stats(None, session.printer.zone())?;
    let index = archive.index_state();
    let state = archive.state();
    let meta = archive.meta();
    let last_run = archive.runs().pop();
    let waiting = Waiting::of(&archive);
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.status/1", "archive": {"id": meta.id, "name": meta.name, "path": archive.layout().root()},
            "messages": report.messages, "items": report.items, "mailboxes": report.mailboxes,
            "first": report.first, "last": report.last, "users": state.users.len(), "mapping": state.mapping.len(),
            "last_run": json::value(&last_run)?, "cases": state.cases.len(), "holds": report.holds, "held": report.held,
            "waiting": json::value(&waiting)?, "index": json::value(&index)?, "as_of": archive.as_of(), "head": state.mark.hash, "warnings": archive.warnings(),
        }))?;
        return Ok(Exit::Done);
    }
    let count = human::counted;
    let printer = &session.printer;
    let run = last_run.map_or_else(
        || printer.addressed("none yet   Next: custodia import PATH"),
        |run| {
            format!(
                "{} {}   {} read, {} not imported",
                run.id,
                printer.time(Some(run.started)),
                human::count(run.balance.read),
                human::count(run.balance.not_imported)
            )
        },
    );
    let day = |at| human::day(at, printer.zone());
    let sent = report.first.zip(report.last).map(|(first, last)| format!("   sent {} .. {}", day(first), day(last)));
    let sent = sent.unwrap_or_default();
    let delay = match waiting.holds_in_delay {
        0 => String::new(),
        n => format!(" ({} released, in the delay)", human::count(n)),
    };
    let index = match index.state {
        "current" => "current".to_owned(),
        word => format!("{word}, {} not indexed", count(index.behind, "message")),
    };
    printer.block(&[
        ("archive", format!("{}   {}   {}", meta.name, meta.id, archive.layout().root().display())),
        (
            "messages",
            format!(
                "{}, {} in {}{sent}",
                human::count(report.messages),
                count(report.items, "item"),
                count(report.mailboxes, "mailbox")
            ),
        ),
        (
            "people",
            format!(
                "{}, {}",
                count(state.users.len() as u64, "user"),
                count(state.mapping.len() as u64, "mapped number")
            ),
        ),
        ("last run", run),
        (
            "preserved",
            format!(
                "{}, {}{delay}, {} on hold",
                count(state.cases.len() as u64, "case"),
                count(report.holds, "hold"),
                count(report.held, "message")
            ),
        ),
        ("disposition", waiting.due()),
        ("backup", waiting.backup(printer)),
        ("audit trail", format!("{}, head {}   index {index}", count(archive.as_of().0, "event"), state.mark.hash)),
    ])?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}
