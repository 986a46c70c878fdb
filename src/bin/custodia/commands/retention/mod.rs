//! `retention`: how long items are kept, and when they are due.

mod due;
mod label;
mod policy;

use super::session::Session;
use crate::args::retention::{Minimum, Retention};
use crate::{error::Exit, json};
use custodia::Result;
use custodia::model::{Change, Terms};

/// Runs a sub-command.
pub fn run(command: Retention, session: &mut Session) -> Result<Exit> {
    match command {
        Retention::Minimum(args) => minimum(&args, session),
        Retention::Policy(command) => policy::run(command, session),
        Retention::Label(command) => label::run(command, session),
        Retention::Explain(args) => due::explain(&args, session),
        Retention::Preview(args) => due::preview(&args, session),
        Retention::Coverage => due::coverage(session),
        Retention::Run(args) => due::run(&args, session),
    }
}

fn minimum(args: &Minimum, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let report = match args.period {
        None => archive.minimum_retention()?,
        Some(period) => {
            let reason = args.reason.as_deref().unwrap_or_default();
            archive.set_minimum_retention(period, reason, args.dry_run.dry_run)?
        }
    };
    if session.printer.json() {
        session.printer.document(&json::document("retention.minimum", &report)?)?;
        return Ok(Exit::Done);
    }
    let Some(floor) = &report.minimum else {
        session.printer.say("No minimum retention.  custodia retention minimum PERIOD --reason TEXT sets one");
        return Ok(Exit::Done);
    };
    let keep = floor.keep;
    let line = match (args.period.is_some(), report.dry_run, report.before) {
        (false, ..) => format!("Everything is kept {keep} from its own date."),
        (true, false, None) => format!("Everything is kept {keep} from its own date from now on."),
        (true, false, Some(before)) => {
            format!("Everything is kept {keep} from its own date from now on; it was {before}.")
        }
        (true, true, before) => format!(
            "would keep everything {keep} from its own date{}",
            before.map(|before| format!("; it is {before}")).unwrap_or_default()
        ),
    };
    session.printer.line(&line)?;
    if args.period.is_none() {
        session.printer.block(&[("set", done(&floor.set, session)), ("reason", floor.set.reason.clone())])?;
    }
    session.end_dry_run(report.dry_run)?;
    Ok(Exit::Done)
}

/// When and by whom something was done.
fn done(change: &Change, session: &Session) -> String {
    format!("{} by {}   audit #{}", session.printer.time(Some(change.at)), change.by, change.seq)
}

/// Terms as a person reads them.
fn terms(terms: &Terms) -> String {
    let mut parts = Vec::new();
    if let Some(keep) = terms.keep {
        parts.push(format!("keep {keep}"));
    }
    match (terms.delete(), terms.keep) {
        (Some(after), Some(keep)) if after == keep => parts.push("then delete".to_owned()),
        (Some(after), _) => parts.push(format!("delete after {after}")),
        (None, _) => {}
    }
    format!("{}, from {}", parts.join(", "), terms.from.as_str())
}
