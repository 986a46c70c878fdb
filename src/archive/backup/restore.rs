//! Making an archive out of a backup.
//!
//! Contract: into a new or empty folder only; every file is hashed on its way; `archive.toml` comes last, so that what an
//! interruption leaves is no archive. The restored archive has the lines of the backup and then one that says where they
//! came from. A journal that does not hold together is not restored: nothing after the break is proven. Message files that
//! the backup lacks are findings; everything else is restored. Derived stores are made anew at the end.

use super::{
    Backup, BackupFinding, Findings,
    contents::{Contents, stopped},
    copier::{self, Copied, Copier},
    files::{other_lists, wanted},
};
use crate::{
    Error, ErrorKind, Result,
    archive::{AnchorLine, Archive, Layout, RebuildOptions, access::cut, older::missing_events},
    clock::Clock,
    fs,
    fs::fault,
    model::{Actor, Digest, Event, Instant, Right, Seq},
    progress::Progress,
    state::State,
};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What to do about a file that a backup cannot give.
const LOST: &str = "copy the file from the archive or another backup into the same place, then run custodia verify";

/// What to restore.
#[derive(Clone, Debug, Default)]
pub struct RestoreRequest {
    /// The folder of the new archive.
    pub to: PathBuf,
    /// Lines that are known to have been written: the backup should have them.
    pub anchors: Vec<AnchorLine>,
    /// Check everything, write nothing.
    pub dry_run: bool,
}

/// Whether the backup has the line of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AnchorCheck {
    /// The line that it names, if it says.
    pub seq: Option<Seq>,
    /// Its hash.
    pub hash: Digest,
    /// Whether it is there.
    pub found: bool,
}

/// What restoring did.
#[derive(Clone, Debug, Serialize)]
pub struct RestoreReport {
    /// The archive's id.
    pub archive: String,
    /// The archive's name.
    pub name: String,
    /// The backup's folder.
    pub from: String,
    /// The new archive's folder.
    pub path: String,
    /// The last line of the backup. What was recorded after it is not here.
    pub as_of: Seq,
    /// That line's hash.
    pub hash: Digest,
    /// When that line was written.
    pub at: Instant,
    /// Messages that are not purged.
    pub messages: u64,
    /// Files that were restored: messages, lists, kept sources.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the backup lacks or has damaged.
    pub missing: u64,
    /// Anchors that were given.
    pub anchors: Vec<AnchorCheck>,
    /// What was noticed.
    pub findings: Vec<BackupFinding>,
    /// Findings beyond those listed.
    pub not_listed: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What answers of the restored archive should be read with.
    pub warnings: Vec<String>,
}

impl Backup {
    /// Restores the archive into a new folder, and makes its derived stores anew.
    ///
    /// # Errors
    /// [`ErrorKind::CannotCreate`]; [`ErrorKind::Damaged`] when the backup's journal is (nothing was written); I/O; stopped
    /// by `progress`.
    pub fn restore(
        &self,
        request: &RestoreRequest,
        actor: Actor,
        clock: Arc<dyn Clock>,
        progress: &dyn Progress,
    ) -> Result<RestoreReport> {
        let to = std::path::absolute(&request.to).unwrap_or_else(|_| request.to.clone());
        self.may_be_new(&to)?;
        let meta = self.manifest.meta(&self.dir)?;
        // Asked before anything is written: making the stores anew asks again.
        if !meta.roles.allow(&actor, Right::Import) {
            let message = format!("{} has no role in the archive of this backup that may restore it", actor.label());
            return Err(Error::new(ErrorKind::NotAllowed, message).with_hint(
                "[roles] in archive.toml, of the backup too, says who has which role; --actor says who you are",
            ));
        }
        let contents = self.contents(&request.anchors, progress)?;
        self.refuse_unsound(&contents, &meta.id)?;
        let mut report = self.report(&to, request, &contents);
        let layout = Layout::at(&to);
        if request.dry_run {
            self.copy(&contents, None, &layout, &mut report, progress)?;
            return Ok(report);
        }
        fs::output::new_folder(&to, &self.dir)?;
        let mut copier = Copier::begin(&to)?;
        copier::create_folders(&layout)?;
        self.copy(&contents, Some(&mut copier), &layout, &mut report, progress)?;
        self.lines(&layout)?;
        copier.sync()?;
        copier.end()?;
        fault::point("restore.copied");
        let mut archive = Archive::assemble(layout, meta, actor, clock);
        archive.begun = Seq(1);
        archive.load()?;
        let events = self.events(&report, &archive.state);
        archive.record(events)?;
        fault::point("restore.recorded");
        fs::durable::replace(&archive.layout.meta(), self.manifest.archive_toml.as_bytes())?;
        let (archive, _) = archive.rebuild(RebuildOptions::all(), progress)?;
        report.warnings = archive.warnings.clone();
        Ok(report)
    }

    fn may_be_new(&self, to: &Path) -> Result<()> {
        let within = fs::output::lies_within(to, &self.dir).map_err(|e| Error::io("look at", to, e))?;
        if within {
            return Err(Error::new(
                ErrorKind::CannotCreate,
                format!("cannot restore to {}: it lies in the backup", to.display()),
            )
            .with_hint("name a folder that does not exist yet, outside the backup"));
        }
        fs::output::may_be_new(to, &self.dir)
    }

    fn refuse_unsound(&self, contents: &Contents, id: &str) -> Result<()> {
        let other = (contents.archive.as_deref() != Some(id) || self.manifest.archive != id)
            .then(|| "it is not of the archive that the manifest names".to_owned());
        let Some(why) = contents.unsound().or(other) else { return Ok(()) };
        Err(Error::new(
            ErrorKind::Damaged,
            format!("the journal of the backup in {} is damaged: {why}", self.dir.display()),
        )
        .with_hint("nothing was restored; custodia backup verify names the place; use another copy of the backup"))
    }

    fn report(&self, to: &Path, request: &RestoreRequest, contents: &Contents) -> RestoreReport {
        let manifest = &self.manifest;
        let anchors = request.anchors.iter().zip(&contents.found);
        RestoreReport {
            archive: manifest.archive.clone(),
            name: manifest.name.clone(),
            from: self.dir.display().to_string(),
            path: to.display().to_string(),
            as_of: manifest.as_of.seq,
            hash: manifest.as_of.hash,
            at: manifest.at,
            messages: contents.messages,
            files: 0,
            bytes: 0,
            missing: 0,
            anchors: anchors
                .map(|((seq, hash), found)| AnchorCheck { seq: *seq, hash: *hash, found: *found })
                .collect(),
            findings: Vec::new(),
            not_listed: 0,
            dry_run: request.dry_run,
            warnings: Vec::new(),
        }
    }

    /// Copies the files, or only hashes them.
    fn copy(
        &self,
        contents: &Contents,
        mut copier: Option<&mut Copier>,
        to: &Layout,
        report: &mut RestoreReport,
        progress: &dyn Progress,
    ) -> Result<()> {
        let mut findings = Findings::default();
        let others = other_lists(&self.layout, contents)?;
        let total = contents.files.len() + contents.lists.len() + contents.sources.files.len() + others.len();
        progress.begin("restoring", Some(total as u64));
        for (done, file) in (1u64..).zip(wanted(contents).chain(others)) {
            let copied = match &mut copier {
                Some(copier) => {
                    let path = file.path(to);
                    path.parent().map_or(Ok(false), fs::durable::create_dirs)?;
                    copier.copy(&file.path(&self.layout), &path, &file.digest)?
                }
                None => self.check(&file),
            };
            match &copied {
                Copied::Done(bytes) => {
                    report.files += 1;
                    report.bytes += bytes;
                }
                _ if file.seq.is_none() => {}
                failed => {
                    report.missing += 1;
                    let finding = BackupFinding::of(failed, file.kind.codes(), file.name(), LOST);
                    finding.into_iter().for_each(|f| findings.add(BackupFinding { seq: file.seq, id: file.id, ..f }));
                }
            }
            if done % super::STOP_FILES == 0 {
                progress.at(done, report.bytes);
                if progress.cancelled() {
                    let hint = format!("{} is no archive yet: remove it and restore again", to.root().display());
                    return Err(if copier.is_some() { stopped().with_hint(hint) } else { stopped() });
                }
            }
        }
        progress.end();
        (report.findings, report.not_listed) = (findings.listed, findings.not_listed);
        Ok(())
    }

    /// Copies the lines up to the one that the manifest names.
    fn lines(&self, to: &Layout) -> Result<()> {
        let mark = &self.manifest.as_of;
        for segment in self.journal().segments()?.into_iter().filter(|segment| segment.first <= mark.segment) {
            let upto = if segment.first == mark.segment { mark.offset } else { segment.size };
            let path = to.journal().join(format!("{:020}.jsonl", segment.first.0));
            fs::copy::follow(&segment.path, 0, upto, &path)?;
            fs::copy::set_growing(&path, true)?;
        }
        Ok(())
    }

    /// What the restored archive records first.
    fn events(&self, report: &RestoreReport, state: &State) -> Vec<Event> {
        let restored = Event::BackupRestored {
            from: cut(&report.from),
            as_of: report.as_of,
            hash: report.hash,
            missing: report.missing,
        };
        let lost = report.anchors.iter().filter(|anchor| !anchor.found);
        let lost: Vec<(Seq, Digest)> = lost.filter_map(|anchor| Some((anchor.seq?, anchor.hash))).collect();
        std::iter::once(restored).chain(missing_events(state, &lost)).collect()
    }
}
