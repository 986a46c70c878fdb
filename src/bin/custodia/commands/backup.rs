//! `backup`: the evidence in a second place.

use super::anchor::Anchored;
use super::session::Session;
use super::verify::checks;
use crate::args::backup::{Backup, Create, Restore, Verify};
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize};
use custodia::archive::{Backup as Folder, BackupFinding, BackupReport, RestoreReport, RestoreRequest};
use custodia::clock::SystemClock;
use custodia::model::{Seq, Severity};
use custodia::{Error, ErrorKind, Result};
use serde::Serialize;
use std::{path::Path, sync::Arc};

/// Runs a sub-command.
pub fn run(command: Backup, session: &mut Session) -> Result<Exit> {
    crate::interrupt::listen()?;
    match command {
        Backup::Create(args) => create(&args, session),
        Backup::Verify(args) => verify(&args, session),
        Backup::Restore(args) => restore(args, session),
    }
}

fn create(args: &Create, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let report = archive.backup(&args.dir, args.dry_run.dry_run, &session.meter(false))?;
    let exit = if report.missing == 0 { Exit::Done } else { Exit::Damage };
    if session.printer.json() {
        document("backup", &report, exit, session)?;
        return Ok(exit);
    }
    tell_created(&report, &args.dir, session)?;
    tell_findings(&report.findings, report.not_listed, session)?;
    session.end_dry_run(report.dry_run)?;
    session.warn(&report.warnings);
    Ok(exit)
}

fn tell_created(report: &BackupReport, dir: &Path, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let would = |done: &str, would: &str| if report.dry_run { format!("would {would}") } else { done.to_owned() };
    let files = human::counted(report.copied, "file");
    let copied = format!("{files}, {}", human::size(report.copied_bytes));
    printer.line(&format!("{} {copied} to {}", would("copied", "copy"), sanitize::line(&dir.display().to_string())))?;
    if report.pruned > 0 {
        let files = human::counted(report.pruned, "file");
        printer.line(&format!("{} {files} of purged messages", would("removed", "remove")))?;
    }
    if report.mended > 0 {
        let files = human::counted(report.mended, "file");
        printer
            .line(&format!("{} {files} that the backup had lost; that is among them", would("put back", "put back")))?;
    }
    let before = match report.before {
        Seq(0) => "no backup before".to_owned(),
        before => format!("was as of event {before}"),
    };
    let at = printer.time(Some(report.at));
    let state = if report.dry_run { "it would be as of" } else { "as of" };
    printer.line(&format!("{state} event {}, {at} ({before})", report.as_of))?;
    printer.line(&format!(
        "{} in {}, {}   head {}",
        human::counted(report.messages, "message"),
        human::counted(report.files, "file"),
        human::size(report.bytes),
        report.hash
    ))?;
    if report.missing > 0 {
        let files = human::counted(report.missing, "file");
        printer.line(&printer.paint(Role::Bad, &format!("{files} of the archive could not be copied.")))?;
    }
    if !report.dry_run {
        let dir = crate::shell::quoted(&dir.display().to_string());
        printer.say(&format!("Check it anywhere:  custodia backup verify {dir}"));
    }
    Ok(())
}

fn verify(args: &Verify, session: &mut Session) -> Result<Exit> {
    let report = Folder::open(&args.dir)?.verify(&session.meter(false))?;
    let exit = if report.damaged == 0 { Exit::Done } else { Exit::Damage };
    if session.printer.json() {
        document("backup.verify", &report, exit, session)?;
        return Ok(exit);
    }
    let printer = &session.printer;
    checks(&report.checks, session)?;
    tell_findings(&report.findings, report.not_listed, session)?;
    let name = sanitize::line(&report.name);
    let whose = format!("{name} ({}) as of event {}, {}", report.archive, report.as_of, printer.time(Some(report.at)));
    if report.unfinished {
        printer.line("A later backup is being made, or was interrupted; custodia backup create goes on with it.")?;
    }
    let verdict = match report.damaged {
        0 => printer.paint(Role::Good, "No damage."),
        n => printer.paint(Role::Bad, &format!("{}.", human::counted(n, "damaged object"))),
    };
    printer.line(&format!("{verdict}   {whose}, head {}", report.hash))?;
    Ok(exit)
}

fn restore(args: Restore, session: &mut Session) -> Result<Exit> {
    let anchors = args.anchors.iter().map(|text| Anchored::read(text)).collect::<Result<Vec<_>>>()?;
    let backup = Folder::open(&args.dir)?;
    let id = backup.manifest().archive.clone();
    let anchors = anchors.iter().map(|anchor| anchor.of(&id)).collect::<Result<Vec<_>>>()?;
    if let Some((None, hash)) = anchors.iter().find(|(seq, _)| seq.is_none()) {
        return Err(Error::new(ErrorKind::Usage, format!("{hash} does not say which line it is of")).with_hint(
            "name the file that custodia audit anchor --out wrote, or one with the number and the hash that it printed",
        ));
    }
    let request = RestoreRequest { to: args.to, anchors, dry_run: args.dry_run.dry_run };
    let report = backup.restore(&request, session.actor(), Arc::new(SystemClock), &session.meter(false))?;
    let exit = if report.missing == 0 { Exit::Done } else { Exit::Damage };
    if session.printer.json() {
        document("backup.restore", &report, exit, session)?;
        return Ok(exit);
    }
    tell_restored(&report, &request.to, session)?;
    tell_findings(&report.findings, report.not_listed, session)?;
    session.end_dry_run(report.dry_run)?;
    session.warn(&report.warnings);
    Ok(exit)
}

fn tell_restored(report: &RestoreReport, to: &Path, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let done = if report.dry_run { "would restore" } else { "restored" };
    let name = sanitize::line(&report.name);
    let what = format!("{name} ({}), {}", report.archive, human::counted(report.messages, "message"));
    let copied = format!("{}, {}", human::counted(report.files, "file"), human::size(report.bytes));
    printer.line(&format!("{done} {what}, to {}   {copied}", sanitize::line(&to.display().to_string())))?;
    let at = printer.time(Some(report.at));
    printer.line(&format!("as of event {}, {at}: what was recorded after that is not in it", report.as_of))?;
    for anchor in &report.anchors {
        let seq = anchor.seq.map_or_else(|| anchor.hash.to_hex(), |seq| format!("event {seq}"));
        printer.line(&match anchor.found {
            true => format!("the anchor of {seq} is in it"),
            false => printer.paint(
                Role::Bad,
                &format!("the anchor of {seq} is NOT in it: it is older; nothing is deleted until custodia audit confirm-older"),
            ),
        })?;
    }
    if report.missing > 0 {
        let files = human::counted(report.missing, "file");
        printer.line(&printer.paint(Role::Bad, &format!("{files} could not be restored.")))?;
    }
    if !report.dry_run {
        printer.line("mailboxes, index, catalog and state were made anew")?;
    }
    if report.anchors.is_empty() && !report.dry_run {
        let to = crate::shell::quoted(&to.display().to_string());
        printer.say(&format!(
            "Whether more was recorded after that shows an anchor:  custodia -A {to} audit verify --against FILE"
        ));
    }
    Ok(())
}

fn document(what: &str, report: &impl Serialize, exit: Exit, session: &Session) -> Result<()> {
    let mut document = json::document(what, report)?;
    json::set(&mut document, "exit", exit as u8);
    session.printer.document(&document)
}

fn tell_findings(findings: &[BackupFinding], not_listed: u64, session: &Session) -> Result<()> {
    let printer = &session.printer;
    for finding in findings {
        let role = if finding.severity == Severity::Loss { Role::Bad } else { Role::Strong };
        let seq = finding.seq.map(|seq| format!(" event {seq}")).unwrap_or_default();
        let id = finding.id.map(|id| format!("  {}", id.short())).unwrap_or_default();
        let place = sanitize::line(&format!("{}{seq}{id}", finding.path));
        printer.line(&format!("{}  {place}", printer.paint(role, finding.code.as_str())))?;
        printer.line(&format!("    {}", sanitize::line(&finding.detail)))?;
        printer.line(&format!("    fix: {}", finding.fix))?;
    }
    if not_listed > 0 {
        printer.line(&format!("{} more not listed", human::counted(not_listed, "finding")))?;
    }
    Ok(())
}
