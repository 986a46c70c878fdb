//! `verify` and `rebuild`: is the evidence as it was, and derived state made anew.

use super::session::Session;
use crate::args::check::{Level, Rebuild, Verify};
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{CheckRow, RebuildOptions, VerifyFinding, VerifyLevel, VerifyOptions, VerifyReport};
use custodia::clock::{Clock, SystemClock};
use custodia::model::Severity;

/// Verifies.
pub fn run(args: &Verify, session: &mut Session) -> Result<Exit> {
    crate::interrupt::listen()?;
    let mut archive = session.open()?;
    let level = match args.level {
        Level::Quick => VerifyLevel::Quick,
        Level::Full => VerifyLevel::Full,
    };
    // Another sample each time; its seed is in the answer.
    let seed = SystemClock.now().0.unsigned_abs();
    let options = VerifyOptions { level, sample_percent: args.sample, seed };
    let report = archive.verify(&options, &[], &session.meter(false))?;
    let exit = if report.damaged > 0 { Exit::Damage } else { Exit::Done };
    if session.printer.json() {
        let mut document = json::document("verify", &report)?;
        json::set(&mut document, "exit", exit as u8);
        session.printer.document(&document)?;
        return Ok(exit);
    }
    tell(&report, session)?;
    session.warn(&report.warnings);
    Ok(exit)
}

/// The counts of each check.
pub(super) fn checks(checks: &[CheckRow], session: &Session) -> Result<()> {
    let mut table = Table::new(&["CHECK", ">OBJECTS", ">OK", ">CHANGED", ">MISSING", ">UNREADABLE", ">FOREIGN"]);
    for row in checks {
        let CheckRow { objects, ok, changed, missing, unreadable, foreign, .. } = row;
        let counts = [objects, ok, changed, missing, unreadable, foreign].map(|n| human::count(*n));
        table.row(std::iter::once(row.name.replace('_', " ")).chain(counts));
    }
    session.printer.table(&table)
}

fn tell(report: &VerifyReport, session: &Session) -> Result<()> {
    let printer = &session.printer;
    checks(&report.checks, session)?;
    report.findings.iter().try_for_each(|finding| tell_finding(finding, session))?;
    if report.not_listed > 0 {
        printer.line(&format!("{} more not listed", human::counted(report.not_listed, "finding")))?;
    }
    if let (Some(share), Some(seed)) = (report.sample_percent, report.seed) {
        printer.line(&format!("A sample: {share} % of the files were hashed (seed {seed})."))?;
    }
    let head = format!("as of event {}, head {}", report.as_of, report.head);
    if report.damaged > 0 {
        let count = human::counted(report.damaged, "damaged object");
        let damaged = printer.paint(Role::Bad, &format!("{count}."));
        return printer.line(&format!("{damaged} Restore from a backup; verify never repairs.   {head}"));
    }
    printer.line(&format!("{}   {head}", printer.paint(Role::Good, "No damage.")))
}

fn tell_finding(finding: &VerifyFinding, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let role = if finding.severity == Severity::Loss { Role::Bad } else { Role::Strong };
    let mut place = finding.path.clone().unwrap_or_default();
    if let Some(line) = finding.line {
        place.push_str(&format!(" line {line}"));
    }
    if let Some(seq) = finding.seq {
        place.push_str(&format!(" event {seq}"));
    }
    if let Some(id) = &finding.id {
        place.push_str(&format!("  {}", id.short()));
    }
    let held = if finding.held { "   ON HOLD" } else { "" };
    printer.line(&format!("{}  {}{held}", printer.paint(role, finding.code.as_str()), sanitize::line(place.trim())))?;
    if !finding.detail.is_empty() {
        printer.line(&format!("    {}", sanitize::line(&finding.detail)))?;
    }
    printer.line(&format!("    fix: {}", finding.fix))
}

/// Makes derived state anew.
pub fn rebuild(args: &Rebuild, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let options = match args.everything() {
        true => RebuildOptions { dry_run, ..RebuildOptions::all() },
        false => RebuildOptions { mail: args.mail, catalog: args.catalog, index: args.index, state: false, dry_run },
    };
    crate::interrupt::listen()?;
    let archive = session.open()?;
    let (archive, report) = archive.rebuild(options, &session.meter(false))?;
    if session.printer.json() {
        session.printer.document(&json::document("rebuild", &report)?)?;
        return Ok(Exit::Done);
    }
    let (done, linked) = if dry_run { ("would make anew", "would link") } else { ("made anew", "linked") };
    session.printer.line(&format!(
        "{done}: {}   ({}, {})",
        report.stores.join(", "),
        human::counted(report.messages, "message"),
        human::counted(report.items, "item")
    ))?;
    if report.linked > 0 {
        session.printer.line(&format!("{linked} {}", human::counted(report.linked, "mailbox entry")))?;
    }
    if report.not_linked > 0 {
        let items = human::counted(report.not_linked, "item");
        session.printer.line(&format!("{items} not linked: the vault file is gone; custodia verify names them"))?;
    }
    if report.set_aside > 0 {
        let files = human::counted(report.set_aside, "file");
        session.printer.line(&format!("{files} of others set aside in quarantine/"))?;
    }
    session.end_dry_run(dry_run)?;
    session.warn(archive.warnings());
    Ok(Exit::Done)
}
