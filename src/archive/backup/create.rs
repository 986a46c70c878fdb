//! Making a backup, and bringing it up to date.
//!
//! Order: the journal's head is fixed first; then the files that its lines name are copied, then the lines; all of that is
//! made durable; then the manifest; then what was purged is removed. A deletion that runs meanwhile may remove a file
//! before it is copied: then the head is fixed anew, behind the line that says so.

use super::{
    BackupFinding, BackupReport, Findings,
    contents::{Contents, stopped},
    copier::{self, Copied, Copier},
    files::{Wanted, other_lists, wanted},
    manifest::{MANIFEST_FILE, Manifest, refuse_links},
    prune::prune,
};
use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, Layout},
    fs,
    fs::{fault, lock::LockGuard},
    journal::{Head, Journal},
    model::{Seq, Watermark},
    progress::Progress,
};
use std::path::{Path, PathBuf};

/// How often the head is fixed anew when files went meanwhile. After the first time little is left to copy.
const ROUNDS: u32 = 4;
/// What to do about a file that the archive cannot give.
const LOST: &str = "run custodia verify on the archive; an older backup may have the file";

/// The folder of a backup that is to be brought up to date.
pub(super) struct Target<'a> {
    archive: &'a Archive,
    dir: PathBuf,
    layout: Layout,
    /// `None`: there is no backup yet.
    manifest: Option<Manifest>,
    archive_toml: String,
    dry_run: bool,
    _lock: Option<LockGuard>,
}

/// A segment of the journal and how far the backup has it.
struct Segment {
    from: PathBuf,
    to: PathBuf,
    same: u64,
    upto: u64,
    /// Whether the backup lacks what it should have had already.
    mended: bool,
    complete: bool,
}

/// What was copied.
#[derive(Default)]
struct Tally {
    copied: u64,
    bytes: u64,
    mended: u64,
    /// Files that could not be copied.
    failed: Vec<(Wanted, Copied)>,
}

impl<'a> Target<'a> {
    /// Looks at the folder, and makes it if it is not there.
    pub(super) fn open(archive: &'a Archive, dir: PathBuf, dry_run: bool) -> Result<Self> {
        let cannot = |why: String| {
            Error::new(ErrorKind::CannotCreate, format!("no backup in {}: {why}", dir.display()))
                .with_hint("name a folder of its own: new, empty, or with the backup of this archive")
        };
        if fs::read::stat(&dir)?.is_some() && !dir.is_dir() {
            return Err(cannot("it is not a folder".to_owned()));
        }
        // Before anything is made in it.
        refuse_links(&dir)?;
        let manifest = Manifest::read(&dir)?;
        if manifest.is_none()
            && let Some(entry) = fs::dir::list(&dir)?.iter().find(|entry| !is_ours(&entry.name))
        {
            return Err(cannot(format!("it has {}, and no {MANIFEST_FILE}", entry.name)));
        }
        if let Some(other) = manifest.as_ref().filter(|manifest| manifest.archive != archive.meta.id) {
            return Err(cannot(format!("it has the backup of another archive, {} ({})", other.name, other.archive)));
        }
        let lock = if dry_run { None } else { Some(lock(&dir)?) };
        let archive_toml = String::from_utf8(fs::read::bytes(&archive.layout.meta())?)
            .map_err(|_| Error::new(ErrorKind::Config, "archive.toml is not UTF-8"))?;
        let layout = Layout::at(&dir);
        Ok(Self { archive, dir, layout, manifest, archive_toml, dry_run, _lock: lock })
    }

    /// The last line that the backup has.
    fn before(&self) -> Watermark {
        self.manifest.as_ref().map_or(Watermark::START, |manifest| manifest.as_of)
    }

    /// Copies what is missing.
    pub(super) fn bring_up_to_date(self, progress: &dyn Progress) -> Result<BackupReport> {
        let mut copier = None;
        if !self.dry_run {
            if self.manifest.is_none() {
                let (made, program) = (self.archive.clock.now(), &self.archive.actor.program);
                Manifest::begun(&self.archive.meta, self.archive_toml.clone(), made, program).write(&self.dir)?;
            }
            copier::create_folders(&self.layout)?;
            copier = Some(Copier::begin(&self.dir)?);
        }
        let (mut tally, mut round) = (Tally::default(), 1);
        let (head, contents, segments) = loop {
            let head = self.archive.journal.settled()?;
            let segments = self.segments(&head)?;
            let contents = self.contents(&head, progress)?;
            self.copy(&contents, &mut copier, &mut tally, progress)?;
            let gone = tally.failed.iter().any(|(_, copied)| *copied == Copied::Missing);
            if !gone || round >= ROUNDS || self.archive.journal.settled()?.mark == head.mark {
                break (head, contents, segments);
            }
            round += 1;
        };
        tally.mended += segments.iter().filter(|segment| segment.mended).count() as u64;
        let mut report = self.report(&head, &contents, tally);
        if let Some(copier) = copier {
            for segment in segments.iter().filter(|segment| !segment.complete) {
                fs::copy::follow(&segment.from, segment.same, segment.upto, &segment.to)?;
                fault::point("backup.lines");
            }
            report.pruned = self.finish(copier, &head, &contents, report.missing)?;
        } else {
            report.pruned = prune(&self.layout, &contents, true)?;
        }
        Ok(report)
    }

    /// Writes the manifest when everything that it states is durable, then removes what was purged. Returns how much
    /// that was.
    fn finish(&self, mut copier: Copier, head: &Head, contents: &Contents, missing: u64) -> Result<u64> {
        copier.sync()?;
        fault::point("backup.copied");
        let (made, program) = (self.archive.clock.now(), &self.archive.actor.program);
        let begun = Manifest::begun(&self.archive.meta, self.archive_toml.clone(), made, program);
        let manifest = Manifest {
            as_of: head.mark,
            at: head.at,
            messages: contents.messages,
            files: contents.files.len() as u64,
            bytes: contents.bytes(),
            missing,
            ..begun
        };
        manifest.write(&self.dir)?;
        fault::point("backup.stated");
        let pruned = prune(&self.layout, contents, false)?;
        copier.sync()?;
        copier.end()?;
        Ok(pruned)
    }

    /// What the archive's journal says, if it is proven up to there.
    fn contents(&self, head: &Head, progress: &dyn Progress) -> Result<Contents> {
        let contents = Contents::read(&self.archive.journal, &head.mark, &[], progress)?;
        let wrong = match (&contents.archive, contents.unsound()) {
            (_, Some(why)) => Some(why),
            (Some(id), None) if *id == self.archive.meta.id => None,
            (other, None) => Some(format!("it is the journal of another archive, {}", other.as_deref().unwrap_or("?"))),
        };
        match wrong {
            None => Ok(contents),
            Some(why) => Err(Error::new(ErrorKind::Damaged, format!("the journal of this archive is damaged: {why}"))
                .with_hint("nothing was backed up, and the backup of before is as it was; run custodia verify")),
        }
    }

    /// How far the backup has each segment up to the head. Refuses one that is not the beginning of ours.
    fn segments(&self, head: &Head) -> Result<Vec<Segment>> {
        let floor = self.before();
        let journal = &self.archive.journal;
        if floor.seq > head.mark.seq {
            return Err(self.ahead(floor.seq, head.mark.seq));
        }
        if !journal.contains(&floor)? {
            return Err(self.differs(&format!("its last line, {}, is not in the archive's journal", floor.seq)));
        }
        let theirs = Journal::at(self.layout.journal(), self.layout.quarantine());
        let beyond = theirs.segments()?.into_iter().find(|theirs| theirs.first > head.mark.segment && theirs.size > 0);
        if let Some(beyond) = beyond {
            return Err(self.ahead(beyond.first, head.mark.seq));
        }
        let mut segments = Vec::new();
        for ours in journal.segments()?.into_iter().filter(|ours| ours.first <= head.mark.segment) {
            let last = ours.first == head.mark.segment;
            let upto = if last { head.mark.offset } else { ours.size };
            let had = match ours.first {
                first if floor.seq == Seq(0) || first > floor.segment => 0,
                first if first == floor.segment => floor.offset,
                _ => upto,
            };
            let name = format!("{:020}.jsonl", ours.first.0);
            let to = self.layout.journal().join(&name);
            let found = fs::copy::agreement(&ours.path, upto, &to)?;
            // What an interrupted write leaves behind the lines of before is zeros, or the beginning of a line.
            if found.same < found.size && !(found.zeros && found.same >= had) {
                let at = found.same;
                return Err(match at == upto && last {
                    true => self.ahead(Seq(head.mark.seq.0 + 1), head.mark.seq),
                    false => self.differs(&format!("journal/{name} differs from byte {at} on")),
                });
            }
            let complete = found.same == upto && found.size == upto;
            segments.push(Segment { from: ours.path, to, same: found.same, upto, mended: found.same < had, complete });
        }
        Ok(segments)
    }

    fn ahead(&self, theirs: Seq, ours: Seq) -> Error {
        self.refused(format!("it has line {theirs} of the journal, and that of this archive ends at line {ours}"))
    }

    fn differs(&self, why: &str) -> Error {
        self.refused(why.to_owned())
    }

    fn refused(&self, why: String) -> Error {
        let (dir, manifest) = (self.dir.display(), self.dir.join(MANIFEST_FILE));
        Error::new(ErrorKind::Damaged, format!("the backup in {dir} is not of this archive as it is: {why}")).with_hint(
            format!(
                "nothing was changed. This archive is an older or another copy, or one of the two was changed: custodia audit \
                 verify --against {} and custodia backup verify {dir} tell; then back up into another folder",
                manifest.display()
            ),
        )
    }

    /// Copies the files that the backup does not have. Those that failed are tried afresh in every round.
    fn copy(
        &self,
        contents: &Contents,
        copier: &mut Option<Copier>,
        tally: &mut Tally,
        progress: &dyn Progress,
    ) -> Result<()> {
        tally.failed.clear();
        let others = other_lists(&self.archive.layout, contents)?;
        let total = contents.files.len() + contents.lists.len() + contents.sources.files.len() + others.len();
        progress.begin("backing up", Some(total as u64));
        let mut done = 0;
        for file in wanted(contents).chain(others) {
            self.one(&file, copier, tally)?;
            done += 1;
            if done % super::STOP_FILES == 0 {
                progress.at(done, tally.bytes);
                if progress.cancelled() {
                    copier.as_mut().map_or(Ok(()), Copier::flush)?;
                    return Err(stopped());
                }
            }
        }
        progress.end();
        copier.as_mut().map_or(Ok(()), Copier::flush)
    }

    fn one(&self, file: &Wanted, copier: &mut Option<Copier>, tally: &mut Tally) -> Result<()> {
        let (from, to) = (file.path(&self.archive.layout), file.path(&self.layout));
        let source = || fs::read::stat(&from);
        let size = match file.size {
            Some(size) => Some(size),
            None => source()?.map(|stat| stat.size),
        };
        let there = fs::read::stat(&to)?;
        // Without a source to compare with, what is there is taken as it is: `backup verify` hashes it.
        if there.is_some_and(|stat| stat.is_file && size.is_none_or(|size| size == stat.size)) {
            return Ok(());
        }
        let copied = match copier {
            Some(copier) => {
                to.parent().map_or(Ok(false), fs::durable::create_dirs)?;
                copier.copy(&from, &to, &file.digest)?
            }
            None => source()?.map_or(Copied::Missing, |stat| Copied::Done(stat.size)),
        };
        match copied {
            Copied::Done(bytes) => {
                tally.copied += 1;
                tally.bytes += bytes;
                let had = self.before().seq;
                tally.mended += u64::from(file.seq.is_some_and(|seq| seq <= had && had > Seq(0)));
            }
            // A list that no line names (any more) is nobody's loss.
            _ if file.seq.is_none() => {}
            failed => tally.failed.push((*file, failed)),
        }
        Ok(())
    }

    fn report(&self, head: &Head, contents: &Contents, tally: Tally) -> BackupReport {
        let mut findings = Findings::default();
        for (file, copied) in &tally.failed {
            let finding = BackupFinding::of(copied, file.kind.codes(), file.name(), LOST);
            if let Some(finding) = finding {
                findings.add(BackupFinding { seq: file.seq, id: file.id, ..finding });
            }
        }
        BackupReport {
            archive: self.archive.meta.id.clone(),
            path: self.dir.display().to_string(),
            as_of: head.mark.seq,
            hash: head.mark.hash,
            at: head.at,
            before: self.before().seq,
            messages: contents.messages,
            files: contents.files.len() as u64,
            bytes: contents.bytes(),
            copied: tally.copied,
            copied_bytes: tally.bytes,
            pruned: 0,
            mended: tally.mended,
            missing: tally.failed.len() as u64,
            findings: findings.listed,
            not_listed: findings.not_listed,
            dry_run: self.dry_run,
            warnings: Vec::new(),
        }
    }
}

/// Whether a name is what an interruption leaves before there is a manifest.
fn is_ours(name: &str) -> bool {
    name == "lock" || (name.starts_with(MANIFEST_FILE) && name.ends_with(".tmp"))
}

fn lock(dir: &Path) -> Result<LockGuard> {
    let cannot =
        |e: Error| Error::new(ErrorKind::CannotCreate, e.to_string()).with_hint("choose a folder that can be written");
    fs::durable::create_dirs(dir).map_err(cannot)?;
    let holder = format!("pid {} on {}\n", fs::host::process_id(), fs::host::host_name());
    fs::lock::try_exclusive(&dir.join("lock"), &holder).map_err(|e| match e.kind() {
        ErrorKind::Locked => {
            Error::new(ErrorKind::Locked, format!("another backup into {} is being made", dir.display()))
                .with_hint("wait until it is done")
        }
        _ => cannot(e),
    })
}
