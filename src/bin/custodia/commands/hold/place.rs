//! `hold place`, `hold litigation`, `hold edit`.

use super::amount::{Limits, covered};
use crate::args::hold::{Edit, Litigation, Place, What, Whose};
use crate::commands::lints::Told;
use crate::commands::session::{Session, read_ids};
use crate::{error::Exit, human, json, sanitize};
use custodia::Result;
use custodia::archive::{Archive, HoldReport, HoldRequest};
use custodia::model::{HoldKind, MailboxName};

/// What the selectors of a command ask for.
pub fn request(case: String, whose: &Whose, what: What, session: &Session) -> Result<HoldRequest> {
    Ok(HoldRequest {
        case,
        custodians: addresses(&whose.custodians),
        all_custodians: whose.all_custodians,
        mailboxes: addresses(&whose.mailboxes),
        query: what.query,
        conversations: what.conversations,
        since: session.since(what.since)?,
        until: session.until(what.until)?,
        ids: what.ids.as_deref().map(read_ids).transpose()?,
        tag: what.tag,
        ..HoldRequest::default()
    })
}

/// What limits a hold of this request.
pub fn limits(request: &HoldRequest) -> Limits {
    Limits {
        query: request.query.is_some() || !request.conversations.is_empty(),
        period: request.since.or(request.until).is_some(),
    }
}

fn addresses(list: &[MailboxName]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// Places a hold of a case.
pub fn place(args: Place, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let request = HoldRequest {
        name: args.name,
        reason: args.reason.reason,
        ..request(args.case, &args.whose, args.what, session)?
    };
    let told = Told::about(request.query.as_deref(), &archive, session);
    let report = told.before(archive.place_hold(&request, dry_run))?;
    if session.printer.json() {
        let mut document = json::document("hold", &report)?;
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let covered = covered(&report, limits(&request));
    let later = match request.ids.is_some() || request.tag.is_some() {
        true => "What is on the list stays covered, in these mailboxes also when it arrives there later.",
        false => "What arrives later and matches is covered too.",
    };
    placed(&report, &covered, later, session)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn placed(report: &HoldReport, covered: &str, later: &str, session: &Session) -> Result<()> {
    if report.dry_run {
        session.printer.line(&format!("would put on hold: {covered}."))?;
    } else {
        session.printer.line(&format!("On hold from now: {covered}. {later}"))?;
        session.printer.line(&format!("{}  {}", report.id, sanitize::line(&report.name)))?;
    }
    session.end_dry_run(report.dry_run)
}

/// Puts a mailbox on litigation hold.
pub fn litigation(args: Litigation, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let request = HoldRequest {
        kind: HoldKind::Litigation,
        mailboxes: vec![args.mailbox.to_string()],
        days: args.days,
        reason: args.reason.reason,
        ..HoldRequest::default()
    };
    let report = archive.place_hold(&request, args.dry_run.dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold", &report)?)?;
        return Ok(Exit::Done);
    }
    let (old, later) = match args.days {
        None => (String::new(), "What arrives later is covered too.".to_owned()),
        Some(days) => {
            let days = human::counted(u64::from(days), "day");
            (too_old(&report, &args.mailbox, &archive), format!("Each until {days} after its own date."))
        }
    };
    placed(&report, &(covered(&report, Limits::default()) + &old), &later, session)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

/// What a hold of so many days does not protect.
fn too_old(report: &HoldReport, mailbox: &MailboxName, archive: &Archive) -> String {
    let all = archive.state().boxes.get(mailbox).map_or(0, |boxes| boxes.present().len());
    format!("; older than that and not held: {}", human::counted(all.saturating_sub(report.items), "item"))
}

/// Makes a hold cover more.
pub fn edit(args: &Edit, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let (custodians, mailboxes) = (addresses(&args.more.custodians), addresses(&args.more.mailboxes));
    let report = archive.edit_hold(&args.hold, &custodians, &mailboxes, &args.reason.reason, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("hold", &report)?)?;
        return Ok(Exit::Done);
    }
    let done = if dry_run { "would widen" } else { "Widened" };
    let covered = covered(&report, Limits::default());
    session.printer.line(&format!("{done} {}: it covers {covered}.", sanitize::line(&report.name)))?;
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}
