//! `export`: messages in a package that proves itself without this program.

use super::lints::Told;
use super::session::{Session, read_ids};
use crate::args::export::{Export, Form};
use crate::{error::Exit, human, json};
use custodia::archive::{ExportRequest, ExportSelection};
use custodia::{Error, ErrorKind, Result};

/// Exports.
pub fn run(args: Export, session: &mut Session) -> Result<Exit> {
    // One form is written by this version; more than once is the same package.
    debug_assert!(args.forms.iter().all(|form| *form == Form::Eml));
    let selection = match (args.what.query, args.what.ids, args.what.case) {
        (Some(query), ..) => ExportSelection::Query(query),
        (None, Some(file), _) => ExportSelection::Ids(read_ids(&file)?),
        (None, None, Some(case)) => ExportSelection::Case(case),
        (None, None, None) => return Err(Error::new(ErrorKind::Usage, "a query, --ids FILE or --case C is needed")),
    };
    let request = ExportRequest {
        selection,
        to: args.to,
        mailboxes: args.mailboxes.iter().map(ToString::to_string).collect(),
        include_unindexed: args.include_unindexed,
        reason: args.reason.reason,
        dry_run: args.dry_run.dry_run,
    };
    crate::interrupt::listen()?;
    let mut archive = session.open()?;
    let query = match &request.selection {
        ExportSelection::Query(query) => Some(query.as_str()),
        _ => None,
    };
    let told = Told::about(query, &archive, session);
    let report = told.before(archive.export(&request, &session.meter(false)))?;
    let exit = if report.exceptions == 0 { Exit::Done } else { Exit::Partial };
    if session.printer.json() {
        let mut document = json::document("export", &report)?;
        json::set(&mut document, "exit", exit as u8);
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(exit);
    }
    let printer = &session.printer;
    let what = format!("{} ({})", human::counted(report.messages, "message"), human::counted(report.items, "item"));
    if report.dry_run {
        printer.line(&format!("would export {what}, {}, to {}", human::size(report.bytes), request.to.display()))?;
    } else {
        printer.line(&format!("Exported {what} to {}", crate::sanitize::line(&report.path)))?;
        let size = human::size(report.bytes);
        printer.block(&[
            ("package", format!("{}   {}, {size}", report.id, human::counted(report.files, "file"))),
            ("sha256 of SHA256SUMS", report.sums.map(|sums| sums.to_hex()).unwrap_or_default()),
        ])?;
    }
    if report.exceptions > 0 {
        let would = if report.dry_run { "would not be exported" } else { "not exported; exceptions.csv names them" };
        printer.line(&format!("{} {would}", human::counted(report.exceptions, "message")))?;
    }
    session.end_dry_run(report.dry_run)?;
    if !report.dry_run {
        let at = crate::shell::quoted(&request.to.display().to_string());
        printer.say(&format!("Check it anywhere:  cd {at} && sha256sum -c SHA256SUMS"));
    }
    session.warn(&report.warnings);
    Ok(exit)
}
