//! `approve`: the second person's agreement.

use super::session::{Session, new_file, read_file};
use crate::args::approve::Approve;
use crate::{error::Exit, json, sanitize};
use custodia::archive::SignedApproval;
use custodia::{Error, Result};
use std::io::Write as _;
use std::path::Path;

/// Records an approval.
pub fn run(args: &Approve, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    if let Some(path) = &args.statement {
        return statement(&args.target, path, session);
    }
    let signature = args.signature.as_deref().map(read_file).transpose()?;
    let signed = args.approver.as_deref().zip(signature.as_deref());
    let signed = signed.map(|(approver, signature)| SignedApproval { approver, signature });
    let reason = args.reason.as_deref().unwrap_or_default();
    let report = session.open()?.approve(&args.target, signed, reason, dry_run)?;
    if session.printer.json() {
        session.printer.document(&json::document("approve", &report)?)?;
        return Ok(Exit::Done);
    }
    let what = if dry_run { "would approve" } else { "approved" };
    let target = sanitize::line(&report.target);
    session.printer.line(&format!(
        "{what} {} {target} as {} ({})",
        match report.kind {
            "hold" => "the release of the hold",
            "delay" => "ending the delay of the hold",
            _ => "the plan",
        },
        sanitize::line(&report.by),
        report.os_user
    ))?;
    if !report.required {
        session
            .printer
            .note("this archive does not ask for a second person: second_person = true under [settings] does");
    }
    session.end_dry_run(dry_run)?;
    Ok(Exit::Done)
}

/// Writes the text that an approver signs.
fn statement(target: &str, path: &Path, session: &mut Session) -> Result<Exit> {
    let text = session.open()?.approval_statement(target)?;
    let mut file = new_file(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", path, e))?;
    if session.printer.json() {
        session.printer.document(&serde_json::json!({
            "schema": "custodia.approve.statement/1", "path": path.display().to_string(), "text": text,
        }))?;
    } else {
        session.printer.line(&format!("{}  to be signed as it is, byte for byte", path.display()))?;
    }
    Ok(Exit::Done)
}
