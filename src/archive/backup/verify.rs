//! Verifying a backup without its archive.
//!
//! Contract: reads only. It judges what the lines say up to the one that the manifest names; what an interrupted `create`
//! left behind that is told, and is no damage.

use super::{
    Backup, BackupFinding, Findings,
    contents::{Contents, stopped},
    copier::Copied,
    files::{Kind, Wanted, other_lists, wanted},
    manifest::{MANIFEST_FILE, Manifest, incoming},
};
use crate::{
    ErrorKind, Result,
    archive::{AnchorLine, CheckRow},
    fs,
    journal::{Journal, verify_chain},
    model::{Code, Digest, Seq, Severity},
    progress::Progress,
    vault::{Scanned, Vault},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// What to do about damage of a backup.
const DAMAGED: &str =
    "make a new backup into another folder while the archive is well; custodia backup create puts missing files back";

/// What verifying a backup found.
#[derive(Clone, Debug, Serialize)]
pub struct BackupVerifyReport {
    /// The backup's folder.
    pub path: String,
    /// The archive's id.
    pub archive: String,
    /// The archive's name.
    pub name: String,
    /// The last journal line that the backup has.
    pub as_of: Seq,
    /// That line's hash.
    pub hash: Digest,
    /// When that line was written.
    pub at: crate::model::Instant,
    /// When the backup was made.
    pub made: crate::model::Instant,
    /// Messages in it that are not purged.
    pub messages: u64,
    /// Counts.
    pub checks: Vec<CheckRow>,
    /// What was noticed; at most 10,000.
    pub findings: Vec<BackupFinding>,
    /// Findings beyond those listed.
    pub not_listed: u64,
    /// Findings that are damage.
    pub damaged: u64,
    /// Whether a backup is being made, or one was interrupted; the next one goes on.
    pub unfinished: bool,
}

impl Backup {
    /// Checks the chain, every file against its digest, and what else lies in the backup.
    ///
    /// # Errors
    /// The journal cannot be read; stopped by `progress`.
    pub fn verify(&self, progress: &dyn Progress) -> Result<BackupVerifyReport> {
        let contents = self.contents(&[], progress)?;
        let mut findings = Findings::default();
        let mut checks = vec![self.chain(&contents, &mut findings)?];
        checks.extend(self.files(&contents, progress, &mut findings)?);
        let unfinished = self.is_unfinished();
        self.foreign(&contents, unfinished, &mut checks, &mut findings)?;
        findings.listed.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let Manifest { archive, name, as_of, at, made, .. } = self.manifest.clone();
        Ok(BackupVerifyReport {
            path: self.dir.display().to_string(),
            archive,
            name,
            as_of: as_of.seq,
            hash: as_of.hash,
            at,
            made,
            messages: contents.messages,
            checks,
            findings: findings.listed,
            not_listed: findings.not_listed,
            damaged: findings.damaged,
            unfinished,
        })
    }

    pub(super) fn journal(&self) -> Journal {
        Journal::at(self.layout.journal(), self.layout.quarantine())
    }

    pub(super) fn contents(&self, anchors: &[AnchorLine], progress: &dyn Progress) -> Result<Contents> {
        Contents::read(&self.journal(), &self.manifest.as_of, anchors, progress)
    }

    fn is_unfinished(&self) -> bool {
        !matches!(fs::read::stat(&incoming(&self.dir)), Ok(None))
    }

    /// The lines up to the one that the manifest names, and whose they are.
    fn chain(&self, contents: &Contents, findings: &mut Findings) -> Result<CheckRow> {
        let mark = &self.manifest.as_of;
        let mut row = CheckRow::new("journal_chain");
        (row.objects, row.ok) = (mark.seq.0, mark.seq.0);
        let mut add = |path: String, seq: Seq, why: String| {
            findings.add(BackupFinding::new(Code::ChainBroken, path, why, DAMAGED).seq(seq));
        };
        if let Some(why) = contents.unsound() {
            let chain = verify_chain(&self.journal(), &[(Some(mark.seq), mark.hash)])?;
            let bad = chain.first_bad.filter(|bad| bad.seq <= mark.seq);
            // Lines behind the first bad one are not proven.
            row.ok = bad.as_ref().map_or(chain.events, |bad| bad.seq.0.saturating_sub(1)).min(mark.seq.0);
            row.missing = mark.seq.0.saturating_sub(chain.events.max(row.ok));
            row.changed = row.objects - row.ok - row.missing;
            match bad {
                Some(bad) => add(format!("journal/{}", bad.file), bad.seq, format!("line {}: {}", bad.line, bad.why)),
                None => add("journal".to_owned(), Seq(row.ok + 1), why),
            }
        }
        if contents.archive.as_ref() != Some(&self.manifest.archive) {
            let id = contents.archive.as_deref().unwrap_or("nobody");
            add("journal".to_owned(), Seq(1), format!("it is the journal of {id}, not of {}", self.manifest.archive));
        }
        Ok(row)
    }

    /// Every file that the lines name, against its digest.
    fn files(&self, contents: &Contents, progress: &dyn Progress, findings: &mut Findings) -> Result<Vec<CheckRow>> {
        let kinds = [(Kind::Message, "vault"), (Kind::List, "journal_lists"), (Kind::Source, "kept_sources")];
        let mut rows = kinds.map(|(kind, name)| (kind, CheckRow::new(name)));
        let total = contents.files.len() + contents.lists.len() + contents.sources.files.len();
        progress.begin("verifying", Some(total as u64));
        let (mut done, mut bytes) = (0u64, 0u64);
        for file in wanted(contents) {
            let checked = self.check(&file);
            let Some((_, row)) = rows.iter_mut().find(|(kind, _)| *kind == file.kind) else { continue };
            row.objects += 1;
            match &checked {
                Copied::Done(size) => {
                    row.ok += 1;
                    bytes += size;
                }
                Copied::Changed(_) => row.changed += 1,
                Copied::Missing => row.missing += 1,
                Copied::Unreadable(_) => row.unreadable += 1,
            }
            if let Some(finding) = BackupFinding::of(&checked, file.kind.codes(), file.name(), DAMAGED) {
                findings.add(BackupFinding { seq: file.seq, id: file.id, ..finding });
            }
            done += 1;
            if done % super::STOP_FILES == 0 {
                progress.at(done, bytes);
                if progress.cancelled() {
                    return Err(stopped());
                }
            }
        }
        progress.end();
        Ok(rows.into_iter().map(|(_, row)| row).filter(|row| row.name != "kept_sources" || row.objects > 0).collect())
    }

    /// Hashes one file.
    pub(super) fn check(&self, file: &Wanted) -> Copied {
        let path = file.path(&self.layout);
        match fs::read::stat(&path) {
            Ok(None) => return Copied::Missing,
            Ok(Some(stat)) if !stat.is_file => return Copied::Unreadable("it is not a regular file".to_owned()),
            _ => {}
        }
        let (mut hasher, mut size) = (Sha256::new(), 0);
        let read = fs::read::chunks(&path, &mut |chunk| {
            hasher.update(chunk);
            size += chunk.len() as u64;
            Ok(())
        });
        match read {
            Ok(()) => match Digest(hasher.finalize().into()) {
                found if found == file.digest => Copied::Done(size),
                found => Copied::Changed(found),
            },
            Err(e) if e.kind() == ErrorKind::NotFound => Copied::Missing,
            Err(e) => Copied::Unreadable(e.to_string()),
        }
    }

    /// What else lies in the backup.
    fn foreign(
        &self,
        contents: &Contents,
        unfinished: bool,
        rows: &mut [CheckRow],
        findings: &mut Findings,
    ) -> Result<()> {
        let mut strangers = Vec::new();
        let top = ["vault", "journal", "sources", "incoming", "lock", MANIFEST_FILE];
        let left = |name: &str| name.starts_with(MANIFEST_FILE) && name.ends_with(".tmp");
        let names = |dir: &Path| fs::dir::list(dir);
        for entry in names(&self.dir)?.into_iter().filter(|entry| !top.contains(&entry.name.as_str())) {
            if !(unfinished && left(&entry.name)) {
                strangers.push((Code::JournalForeign, entry.name, "not part of a backup"));
            }
        }
        for entry in names(&self.layout.journal())? {
            let digits = entry.name.strip_suffix(".jsonl").unwrap_or_default();
            let segment = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
            if !(entry.is_file && segment || entry.is_dir && entry.name == "lists") {
                strangers.push((Code::JournalForeign, format!("journal/{}", entry.name), "not a file of the journal"));
            }
        }
        self.strange_lists(contents, &mut strangers)?;
        for entry in names(&self.layout.sources())? {
            let known = Digest::from_hex(&entry.name).is_some_and(|d| contents.sources.files.contains_key(&d));
            if !known && !unfinished {
                let name = format!("sources/{}", entry.name);
                strangers.push((Code::SourceForeign, name, "no line of the journal speaks of it"));
            }
        }
        self.strange_messages(contents, unfinished, &mut strangers)?;
        for (code, path, why) in strangers {
            let row = match code {
                Code::VaultForeign => "vault",
                Code::ListDamaged => "journal_lists",
                Code::SourceForeign => "kept_sources",
                _ => "journal_chain",
            };
            let row = rows.iter_mut().find(|found| found.name == row);
            row.into_iter().for_each(|row| row.foreign += 1);
            let fix = match why {
                PURGED => "run custodia backup create: it removes what was purged",
                _ => "find out who put it there; it is not part of the backup",
            };
            // Between its manifest and its end a backup has what it is about to remove.
            let severity = if unfinished && why == PURGED { Severity::Remark } else { Severity::Loss };
            findings.add(BackupFinding { severity, ..BackupFinding::new(code, path, why, fix) });
        }
        Ok(())
    }

    fn strange_lists(&self, contents: &Contents, out: &mut Vec<(Code, String, &'static str)>) -> Result<()> {
        for file in other_lists(&self.layout, contents)? {
            // A list of lines that come later is whole; no line that is here needs it.
            if !matches!(self.check(&file), Copied::Done(_)) {
                out.push((Code::ListDamaged, file.name(), "it does not have the digest of its name"));
            }
        }
        for entry in fs::dir::list(&self.layout.journal().join("lists"))? {
            if !entry.is_file || Digest::from_hex(&entry.name).is_none() {
                out.push((Code::ListDamaged, format!("journal/lists/{}", entry.name), "not a list of the journal"));
            }
        }
        Ok(())
    }

    fn strange_messages(
        &self,
        contents: &Contents,
        unfinished: bool,
        out: &mut Vec<(Code, String, &'static str)>,
    ) -> Result<()> {
        let vault = Vault::at(self.layout.vault(), self.layout.quarantine());
        vault.scan(&mut |found| {
            match found {
                Scanned::Message(digest) if contents.file(&digest).is_some() => {}
                Scanned::Message(digest) if contents.purged.contains(&digest) => {
                    out.push((Code::VaultForeign, Vault::name(&digest), PURGED));
                }
                // Copied for lines that come later.
                Scanned::Message(_) if unfinished => {}
                Scanned::Message(digest) => {
                    let why = "no line up to the one that the backup is as of names it";
                    out.push((Code::VaultForeign, Vault::name(&digest), why));
                }
                Scanned::Stranger(name) => out.push((Code::VaultForeign, name, "not a message file")),
            }
            Ok(())
        })
    }
}

/// Why a file of a purged message is a stranger.
const PURGED: &str = "its message was deleted for good, and the file is still here";
