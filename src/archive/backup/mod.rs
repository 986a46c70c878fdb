//! Backups: the ground of an archive (vault, journal, kept sources, settings) in a folder of its own.
//!
//! Contract: a backup is whole as of the journal line that its manifest names, and the manifest is written last, so that
//! an interruption at any moment leaves the backup of before. Every file is hashed on its way in and on its way out. It
//! follows its archive and never replaces it: one that is ahead of the archive, or differs from it, is refused. What was
//! purged in the archive is purged in the backup. Derived stores are not in it: `restore` makes them anew. `quarantine/`
//! is not in it either: nothing needs it, and it may hold what was purged.

mod contents;
mod copier;
mod create;
mod files;
mod manifest;
mod prune;
mod restore;
mod verify;

pub use manifest::Manifest;
pub use restore::{AnchorCheck, RestoreReport, RestoreRequest};
pub use verify::BackupVerifyReport;

use super::{Archive, Layout, access::cut};
use crate::{
    Error, ErrorKind, Result, fs,
    model::{Code, Digest, Event, Instant, MessageId, Right, Seq, Severity},
    progress::Progress,
};
use copier::Copied;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Files between two looks at whether to stop.
const STOP_FILES: u64 = 64;
/// Findings that are listed; more are counted.
const LISTED_FINDINGS: usize = 10_000;

/// Something noticed about a backup, or about the archive while one was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupFinding {
    /// What.
    pub code: Code,
    /// `loss` is damage; anything less is not.
    pub severity: Severity,
    /// The file, relative to the backup.
    pub path: String,
    /// The journal line.
    pub seq: Option<Seq>,
    /// The message.
    pub id: Option<MessageId>,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub fix: &'static str,
}

/// Findings in bounded memory.
#[derive(Debug, Default)]
struct Findings {
    listed: Vec<BackupFinding>,
    not_listed: u64,
    damaged: u64,
}

impl Findings {
    fn add(&mut self, finding: BackupFinding) {
        self.damaged += u64::from(finding.severity == Severity::Loss);
        if self.listed.len() < LISTED_FINDINGS { self.listed.push(finding) } else { self.not_listed += 1 }
    }
}

impl BackupFinding {
    fn new(code: Code, path: impl Into<String>, detail: impl Into<String>, fix: &'static str) -> Self {
        let severity = code.severity();
        Self { code, severity, path: path.into(), seq: None, id: None, detail: detail.into(), fix }
    }

    fn seq(mut self, seq: Seq) -> Self {
        self.seq = Some(seq);
        self
    }

    /// A file that was not copied; `None` if it was. `codes`: changed, missing, unreadable.
    fn of(copied: &Copied, codes: [Code; 3], path: String, fix: &'static str) -> Option<Self> {
        let [changed, missing, unreadable] = codes;
        let (code, detail) = match copied {
            Copied::Done(_) => return None,
            Copied::Changed(found) => (changed, format!("its bytes have the digest {found}")),
            Copied::Missing => (missing, "it is gone".to_owned()),
            Copied::Unreadable(why) => (unreadable, why.clone()),
        };
        Some(Self::new(code, path, detail, fix))
    }
}

/// What making a backup did.
#[derive(Clone, Debug, Serialize)]
pub struct BackupReport {
    /// The archive's id.
    pub archive: String,
    /// The backup's folder.
    pub path: String,
    /// The last journal line that it has.
    pub as_of: Seq,
    /// That line's hash.
    pub hash: Digest,
    /// When that line was written.
    pub at: Instant,
    /// The last line that it had before; 0: none.
    pub before: Seq,
    /// Messages in it that are not purged.
    pub messages: u64,
    /// Message files in it, and their bytes.
    pub files: u64,
    /// See `files`.
    pub bytes: u64,
    /// Files that were copied: messages, lists, kept sources.
    pub copied: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Files of purged messages that were removed from it.
    pub pruned: u64,
    /// Files that it should have had already and that were copied again.
    pub mended: u64,
    /// Files that it lacks: the archive has them no more, or damaged.
    pub missing: u64,
    /// What was noticed.
    pub findings: Vec<BackupFinding>,
    /// Findings beyond those listed.
    pub not_listed: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// `not_audited`, and what else the answer should be read with.
    pub warnings: Vec<String>,
}

impl Archive {
    /// Makes a backup in `dir`, or brings the one that is there up to date: only what is missing is copied. Works while
    /// another process imports or deletes. Recorded.
    ///
    /// Files that the archive lacks are in the report, not an error.
    ///
    /// # Errors
    /// [`ErrorKind::CannotCreate`] when `dir` is something else, or lies in the archive or around it;
    /// [`ErrorKind::Damaged`] when the journal is, or the backup is ahead of it or differs from it;
    /// [`ErrorKind::Locked`]; I/O; stopped by `progress`.
    pub fn backup(&mut self, dir: &Path, dry_run: bool, progress: &dyn Progress) -> Result<BackupReport> {
        self.may(Right::Import, "backup.create", "")?;
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        apart(&dir, self.layout.root())?;
        let mut report = create::Target::open(self, dir, dry_run)?.bring_up_to_date(progress)?;
        if !dry_run {
            let event = Event::BackupCreated {
                dir: cut(&report.path),
                as_of: report.as_of,
                hash: report.hash,
                files: report.copied,
                bytes: report.copied_bytes,
                pruned: report.pruned,
                missing: report.missing,
            };
            if let Err(error) = self.record(vec![event]) {
                let warning = format!("not_audited: this backup was not recorded in the audit trail: {error}");
                self.warnings.push(warning);
            }
        }
        report.warnings = self.warnings.clone();
        Ok(report)
    }
}

/// Refuses a backup within its archive, and an archive within its backup.
fn apart(dir: &Path, archive: &Path) -> Result<()> {
    let cannot = |why: &str| {
        Error::new(ErrorKind::CannotCreate, format!("no backup in {}: {why}", dir.display()))
            .with_hint("name a folder outside the archive, best on another disk")
    };
    let failed = |e: std::io::Error| cannot(&e.to_string());
    if fs::output::lies_within(dir, archive).map_err(failed)? {
        return Err(cannot("it lies in the archive"));
    }
    if dir.exists() && fs::output::lies_within(archive, dir).map_err(failed)? {
        return Err(cannot("the archive lies in it"));
    }
    Ok(())
}

/// A backup, opened for reading. Its archive is not needed.
#[derive(Debug)]
pub struct Backup {
    layout: Layout,
    dir: PathBuf,
    manifest: Manifest,
}

impl Backup {
    /// Opens the backup in `dir`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or none was finished; [`ErrorKind::Damaged`] when its manifest or its
    /// folders are; [`ErrorKind::FormatNewer`]; I/O.
    pub fn open(dir: &Path) -> Result<Self> {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        let none = |why: &str| Error::new(ErrorKind::NotFound, format!("{} {why}", dir.display()));
        let Some(manifest) = Manifest::read(&dir)? else {
            return Err(none("is no backup: it has no backup.json").with_hint("custodia backup create DIR makes one"));
        };
        if !manifest.is_finished() {
            return Err(none("has no backup yet: the first one was interrupted")
                .with_hint("run custodia backup create again: it goes on where it stopped"));
        }
        manifest::refuse_links(&dir)?;
        Ok(Self { layout: Layout::at(&dir), dir, manifest })
    }

    /// What the backup says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}
