//! `hold release`, `hold end-delay`: how a hold ends.

use super::amount::{Limits, covered};
use crate::args::hold::{EndDelay, Release};
use crate::commands::session::{Session, confirmed};
use crate::{error::Exit, human, json, sanitize, shell};
use custodia::Result;
use custodia::archive::ReleaseReport;
use custodia::model::Hold;

/// Releases a hold.
pub fn release(args: &Release, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let hold = archive.find_hold(&args.hold)?.clone();
    confirmed(&args.confirm, &hold.name)?;
    let release = archive.release_hold(&hold.id.0, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        let mut document = json::document("hold.release", &release)?;
        json::set(&mut document, "released", !dry_run);
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would release" } else { "Released" };
    let name = sanitize::line(&release.report.name);
    session.printer.line(&format!("{done} {name}: it covered {}.", covered(&release.report, limits(&hold))))?;
    let (would, stay) = if dry_run { ("would ", "would stay") } else { ("", "stays") };
    if let Some(until) = release.delay_until {
        let until = session.printer.time(Some(until));
        session.printer.line(&format!("{would}delay until {until}: what it covered {stay} on hold until then."))?;
    }
    freed(&release, session)?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        session.printer.say(&match release.delay_until {
            None => "Nothing was deleted.".to_owned(),
            Some(_) => {
                let name = shell::quoted(&release.report.name);
                format!(
                    "Nothing was deleted. To end the delay: custodia hold end-delay {name} --reason TEXT --confirm {name}"
                )
            }
        });
    }
    Ok(Exit::Done)
}

/// Ends the delay after a release.
pub fn end_delay(args: &EndDelay, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let hold = archive.find_hold(&args.hold)?.clone();
    confirmed(&args.confirm, &hold.name)?;
    let ended = archive.end_delay(&hold.id.0, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold.end_delay", &ended)?)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would end the delay of" } else { "Ended the delay of" };
    let name = sanitize::line(&ended.report.name);
    session.printer.line(&format!("{done} {name}: it covered {}.", covered(&ended.report, limits(&hold))))?;
    freed(&ended, session)?;
    session.end_dry_run(dry_run)?;
    if !dry_run {
        session.printer.say("Nothing was deleted.");
    }
    Ok(Exit::Done)
}

/// What limits the hold that was placed.
fn limits(hold: &Hold) -> Limits {
    let scope = &hold.scope;
    Limits { query: scope.asked().is_some(), period: scope.since.or(scope.until).is_some() }
}

/// What no hold covers any more, and from when.
fn freed(release: &ReleaseReport, session: &Session) -> Result<()> {
    let would = if release.report.dry_run { "would be " } else { "" };
    let from = session.printer.time(Some(release.deletable_from));
    session.printer.line(&format!(
        "{would}free of every hold from {from}: {}; still under another hold: {}.",
        human::counted(release.would_become_deletable, "item"),
        human::counted(release.still_blocked, "item")
    ))
}
