//! Handing messages over, in a package that proves itself without this program.
//!
//! Contract: one walk over the journal up to [`Archive::as_of`]; the archived bytes are written as they are, after
//! their digest was checked; what was selected and is not there is a row of `exceptions.csv`. A package is written into
//! a new or empty folder outside the archive; `SHA256SUMS` comes last. Its making is recorded with the digest of that
//! file.

mod package;
mod select;
mod write;

use super::{Archive, access::cut, case::checked_text};
use crate::{
    Error, ErrorKind, Result,
    export::Readme,
    model::{Digest, Event, ExportId, Right, Seq},
    progress::Progress,
};
use package::{Package, Sealed};
use select::Selected;
use serde::Serialize;
use std::path::{Path, PathBuf};
use write::{Counts, Export};

/// What a package is made of.
#[derive(Clone, Debug)]
pub enum ExportSelection {
    /// Items that match a query.
    Query(String),
    /// All items of these messages.
    Ids(Vec<String>),
    /// What the active holds of a case cover.
    Case(String),
}

/// A package to be made.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// What it is made of.
    pub selection: ExportSelection,
    /// Its folder: new, or empty.
    pub to: PathBuf,
    /// Only items of these mailboxes; all if empty.
    pub mailboxes: Vec<String>,
    /// Add what cannot be searched in full, from every mailbox that has at least one hit.
    pub include_unindexed: bool,
    /// Why.
    pub reason: String,
    /// Count, write nothing.
    pub dry_run: bool,
}

/// What was exported.
#[derive(Clone, Debug, Serialize)]
pub struct ExportReport {
    /// The package's id.
    pub id: ExportId,
    /// Messages in it.
    pub messages: u64,
    /// Items that they stand for.
    pub items: u64,
    /// Files in it, `SHA256SUMS` included.
    pub files: u64,
    /// Bytes of all files; of a dry run, bytes of the messages.
    pub bytes: u64,
    /// Messages that could not be exported, or not be judged; `exceptions.csv` names them.
    pub exceptions: u64,
    /// Its folder.
    pub path: String,
    /// SHA-256 of its `SHA256SUMS`.
    pub sums: Option<Digest>,
    /// The journal line that it is as of.
    pub as_of: Seq,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// `not_audited`, and what else the answer should be read with.
    pub warnings: Vec<String>,
}

impl Archive {
    /// Exports messages as e-mails with manifests, and records it.
    ///
    /// # Errors
    /// A bad query, id, case or mailbox; [`ErrorKind::NotFound`] when nothing is selected; [`ErrorKind::CannotCreate`];
    /// [`ErrorKind::Behind`]; I/O; stopped by `progress`: the folder is then without `SHA256SUMS`.
    pub fn export(&mut self, request: &ExportRequest, progress: &dyn Progress) -> Result<ExportReport> {
        self.may(Right::Export, "export", "")?;
        let reason = checked_text("the reason", &request.reason)?;
        let selected = select::select(self, request)?;
        if selected.messages.is_empty() {
            return Err(nothing(&selected));
        }
        let path = std::path::absolute(&request.to).unwrap_or_else(|_| request.to.clone());
        let id = self.export_id(&path);
        let package = if request.dry_run { None } else { Some(Package::create(&path, self.layout.root())?) };
        let (counts, package) = Export::new(self, &selected, package)?.run(progress)?;
        let sealed = match package {
            Some(package) => Some(self.seal(package, &id, request, &reason, &selected, &counts)?),
            None => None,
        };
        let mut report = ExportReport {
            id: id.clone(),
            messages: counts.messages,
            items: counts.items,
            files: sealed.map_or(0, |sealed| sealed.files),
            bytes: sealed.map_or(counts.bytes, |sealed| sealed.bytes),
            exceptions: counts.exceptions,
            path: path.display().to_string(),
            sums: sealed.map(|sealed| sealed.sums),
            as_of: self.as_of(),
            dry_run: request.dry_run,
            warnings: self.warnings.clone(),
        };
        if let Some(sealed) = sealed {
            let set = self.journal.store_ordinals(&selected.messages)?;
            let event = Event::ExportDone {
                case: selected.case.clone(),
                set: Some(set),
                export: id,
                query: cut(&selected.query),
                path: cut(&report.path),
                messages: report.messages,
                items: report.items,
                sums: sealed.sums,
                reason,
            };
            if let Err(error) = self.record(vec![event]) {
                report.warnings.push(format!("not_audited: this export was not recorded in the audit trail: {error}"));
            }
        }
        Ok(report)
    }

    /// An id before the line that records it is written: the package has it inside.
    fn export_id(&self, path: &Path) -> ExportId {
        let text = format!("{}\0{}\0{}\0{}", self.meta.id, self.as_of(), self.clock.now().0, path.display());
        let digest = Digest::of(text.as_bytes()).to_hex();
        ExportId(format!("{}{}", ExportId::PREFIX, digest.chars().take(8).collect::<String>()))
    }

    fn seal(
        &self,
        mut package: Package,
        id: &ExportId,
        request: &ExportRequest,
        reason: &str,
        selected: &Selected,
        counts: &Counts,
    ) -> Result<Sealed> {
        let mark = self.state.mark;
        let anchor = serde_json::json!({"seq": mark.seq, "head": mark.hash, "at": self.state.last_at});
        package.put("audit/anchor.json", format!("{anchor}\n").as_bytes())?;
        let actor = &self.actor;
        let readme = Readme {
            id,
            archive: (&self.meta.name, &self.meta.id),
            at: self.clock.now(),
            actor: [&actor.claimed, &actor.os_user, &actor.host, &actor.program],
            reason,
            selection: &selected.label,
            mailboxes: &request.mailboxes,
            include_unindexed: request.include_unindexed,
            messages: counts.messages,
            items: counts.items,
            exceptions: counts.exceptions,
            head: (mark.seq, mark.hash),
            digests: counts.digests,
        };
        package.put("README.txt", readme.text().as_bytes())?;
        package.seal()
    }
}

fn nothing(selected: &Selected) -> Error {
    let error = Error::new(ErrorKind::NotFound, "nothing is selected; no package was made");
    match selected.unknown.len() {
        0 => error.with_hint("custodia search shows what a query matches"),
        n => error.with_hint(format!("{n} messages could not be judged, their files are damaged: run custodia verify")),
    }
}
