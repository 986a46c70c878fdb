//! The archive's surroundings: disk, permissions, clock, links, lock, and how far derived stores are.
//!
//! Contract: quick, changes nothing but a probe in `quarantine/` that it removes again, and is not recorded. Whether
//! the evidence is well is [`Archive::verify`]'s to say.

use super::{Archive, FORMAT, catch_up::parse_mark};
use crate::{
    ErrorKind, Result, fs,
    fs::durable::Linked,
    index::Reader,
    model::{Instant, MailMode},
    state::{CLOCK_AHEAD_MS, State},
};
use DoctorLevel::{Fail, Fine, Warn};
use serde::Serialize;

/// Free bytes below which nothing sensible can be imported.
const LEAST_BYTES: u64 = 64 * 1024 * 1024;
/// Free bytes below which it is time to make room.
const FEW_BYTES: u64 = 1024 * 1024 * 1024;
/// Files that can still be made below which it is time to make room: each message is one.
const FEW_FILES: u64 = 10_000;
/// Vault files whose permissions and sizes are looked at.
const SAMPLE: usize = 64;
/// Milliseconds that the clock may stand before the last event.
const CLOCK_TOLERANCE_MS: i64 = 2_000;
/// Milliseconds after which a backup is called old: a month of work would be lost.
const STALE_BACKUP_MS: i64 = 31 * Instant::DAY_MS;

/// How a check came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DoctorLevel {
    /// As it should be.
    #[default]
    #[serde(rename = "ok")]
    Fine,
    /// Works, and should be looked at.
    Warn,
    /// Something will not work, or is not safe.
    Fail,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct DoctorCheck {
    /// Its name.
    pub name: &'static str,
    /// How it came out.
    pub level: DoctorLevel,
    /// What was found.
    pub detail: String,
    /// What to do; empty if nothing.
    pub fix: String,
}

/// All checks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DoctorReport {
    /// The checks.
    pub checks: Vec<DoctorCheck>,
    /// The worst of them.
    pub worst: DoctorLevel,
}

impl DoctorReport {
    fn add(&mut self, name: &'static str, level: DoctorLevel, detail: impl Into<String>, fix: &str) {
        self.worst = self.worst.max(level);
        let fix = if level == Fine { String::new() } else { fix.to_owned() };
        self.checks.push(DoctorCheck { name, level, detail: detail.into(), fix });
    }
}

impl Archive {
    /// Looks at the archive's surroundings. What cannot be looked at is a check that failed, not an error.
    #[must_use]
    pub fn doctor(&self) -> DoctorReport {
        let mut report = DoctorReport::default();
        report.add("format", Fine, format!("format {} (this program reads up to {FORMAT})", self.meta.format), "");
        self.check_permissions(&mut report);
        let can_write = self.check_links(&mut report);
        self.check_space(&mut report, can_write);
        self.check_clock(&mut report);
        self.check_lock(&mut report);
        self.check_journal(&mut report);
        self.check_derived(&mut report);
        self.check_unfinished(&mut report);
        self.check_recoverable(&mut report);
        self.check_sources(&mut report);
        self.check_erasures(&mut report);
        self.check_quarantine(&mut report);
        self.check_backup(&mut report);
        self.check_settings(&mut report);
        report
    }

    /// Up to [`SAMPLE`] message files.
    fn some_vault_files(&self) -> Vec<fs::read::Stat> {
        let root = self.layout.vault();
        let mut stats = Vec::new();
        for folder in fs::dir::list(&root).unwrap_or_default().into_iter().filter(|entry| entry.is_dir) {
            let dir = root.join(&folder.name);
            for entry in fs::dir::list(&dir).unwrap_or_default().into_iter().filter(|entry| entry.is_file) {
                stats.extend(fs::read::stat(&dir.join(&entry.name)).ok().flatten());
                if stats.len() >= SAMPLE {
                    return stats;
                }
            }
        }
        stats
    }

    fn check_permissions(&self, report: &mut DoctorReport) {
        let fix = "chmod 700 the archive's folder: it holds personal data; one system user owns an archive, and roles are no boundary";
        match fs::read::stat(self.layout.root()) {
            Ok(Some(stat)) if stat.mode & 0o077 != 0 => {
                let who = if stat.mode & 0o007 != 0 { "everybody on this machine" } else { "the group" };
                report.add("permissions", Fail, format!("{who} may enter it (mode {:o})", stat.mode), fix);
            }
            Ok(Some(stat)) => report.add("permissions", Fine, format!("the folder has mode {:o}", stat.mode), ""),
            Ok(None) => report.add("permissions", Fail, "the archive's folder is gone", "restore it from a backup"),
            Err(error) => report.add("permissions", Fail, error.to_string(), fix),
        }
        self.check_folders(report);
        let files = self.some_vault_files();
        let open = files.iter().filter(|stat| stat.mode & 0o077 != 0).count();
        let writable = files.iter().filter(|stat| stat.mode & 0o222 != 0).count();
        let detail =
            format!("of {} message files looked at, {open} are open to others, {writable} can be written", files.len());
        let level = match (open, writable) {
            (0, 0) => Fine,
            (0, _) => Warn,
            _ => Fail,
        };
        report.add("vault_files", level, detail, "chmod 400 the files in vault/, then run custodia verify");
    }

    /// The folders inside: closed too, for the day that somebody opens the outer one.
    fn check_folders(&self, report: &mut DoctorReport) {
        let layout = &self.layout;
        let lists = self.journal.lists_dir();
        let folders = [
            layout.vault(),
            layout.journal(),
            lists,
            layout.mail(),
            layout.index(),
            layout.catalog(),
            layout.quarantine(),
            layout.sources(),
        ];
        let mode = |path: &std::path::PathBuf| fs::read::stat(path).ok().flatten().map(|stat| stat.mode);
        let open: Vec<String> = folders
            .iter()
            .filter(|path| mode(path).is_some_and(|mode| mode & 0o077 != 0))
            .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
            .collect();
        match open.is_empty() {
            true => report.add("folders", Fine, "nobody else may enter those inside", ""),
            false => {
                let detail = format!("others may enter {}", open.join(", "));
                report.add("folders", Warn, detail, "chmod 700 them");
            }
        }
    }

    /// Tries a hard link in `quarantine/`. Returns whether the archive can be written at all.
    fn check_links(&self, report: &mut DoctorReport) -> bool {
        let mode = self.meta.settings.mail;
        let (can_write, linked) = match self.try_link() {
            Ok(linked) => (true, linked == Linked::Yes),
            Err(error) => {
                let fix = "make the archive's folder writable for this account; reading and searching work without";
                report.add("hard_links", Warn, format!("cannot be tried: {error}"), fix);
                return false;
            }
        };
        match (linked, mode) {
            (true, _) => report.add("hard_links", Fine, "possible", ""),
            (false, MailMode::HardLink) => report.add(
                "hard_links",
                Warn,
                "not possible on this file system: every mailbox entry is a copy and takes space",
                "use a file system with hard links, or set mail = \"copy\" in archive.toml",
            ),
            (false, _) => report.add("hard_links", Fine, "not possible, and not used", ""),
        }
        can_write
    }

    fn try_link(&self) -> Result<Linked> {
        let dir = self.layout.quarantine();
        let made = fs::durable::create_dirs(&dir)?;
        let probe = dir.join(format!("probe-{}", fs::host::process_id()));
        let link = dir.join(format!("probe-{}-link", fs::host::process_id()));
        let result = fs::durable::create_read_only(&probe, b"").and_then(|_| fs::durable::hard_link(&probe, &link));
        for path in [&link, &probe] {
            fs::durable::remove_derived(path)?;
        }
        if made {
            fs::durable::remove_derived(&dir)?;
        }
        result
    }

    fn check_space(&self, report: &mut DoctorReport, can_write: bool) {
        let space = match fs::host::space(self.layout.root()) {
            Ok(space) => space,
            Err(error) => return report.add("disk", Warn, error.to_string(), "look at the file system"),
        };
        let sample = self.some_vault_files();
        let mean = sample.iter().map(|stat| stat.size).sum::<u64>() / (sample.len() as u64).max(1);
        let messages = u64::from(self.state.messages).saturating_sub(self.state.purged.len());
        let size = messages.saturating_mul(mean);
        let level = match space.free_bytes {
            free if free < LEAST_BYTES => Fail,
            free if free < FEW_BYTES.max(size / 10) => Warn,
            _ => Fine,
        };
        let detail = format!("{} bytes free; about {size} bytes of messages are archived", space.free_bytes);
        report.add("disk", level, detail, "make room, or move the archive to a larger file system");
        // Some file systems do not count files.
        let uncounted = space.free_files == 0 && can_write;
        let level = match space.free_files {
            _ if uncounted => Fine,
            free if free < FEW_FILES / 10 => Fail,
            free if free < FEW_FILES.max(messages / 10) => Warn,
            _ => Fine,
        };
        let detail = match uncounted {
            true => "the file system does not count files".to_owned(),
            false => {
                format!("{} more files can be made; {messages} messages are archived, a file each", space.free_files)
            }
        };
        report.add("inodes", level, detail, "use a file system with more inodes");
    }

    fn check_clock(&self, report: &mut DoctorReport) {
        let (now, last) = (self.clock.now(), self.state.last_at);
        let fix = "set the clock right; until then times in the audit trail stand still, and nothing is deleted";
        if now.0 + CLOCK_TOLERANCE_MS < last.0 {
            report.add("clock", Fail, format!("it says {now}, but the last event was at {last}"), fix);
        } else if let Some(jumped) = self.state.clock_jumped.filter(|_| self.state.clock_is_suspect(now)) {
            let detail =
                format!("it says {now}; lines were written from {jumped} on after a jump of more than ten years");
            let fix = "set the clock right if it is wrong; nothing is deleted until thirty days after the jump";
            report.add("clock", Warn, detail, fix);
        } else if self.as_of().0 > 0 && now.0 > last.0.saturating_add(CLOCK_AHEAD_MS) {
            report.add(
                "clock",
                Warn,
                format!("it says {now}, more than ten years after the last event at {last}"),
                fix,
            );
        } else {
            report.add("clock", Fine, format!("it says {now}; the last event was at {last}"), "");
        }
    }

    fn check_lock(&self, report: &mut DoctorReport) {
        let holder = format!("pid {} on {}\n", fs::host::process_id(), fs::host::host_name());
        match fs::lock::try_exclusive(&self.layout.lock(), &holder) {
            Ok(_) => report.add("writer_lock", Fine, "free", ""),
            Err(error) if error.kind() == ErrorKind::Locked => report.add("writer_lock", Fine, error.to_string(), ""),
            Err(error) => {
                report.add(
                    "writer_lock",
                    Warn,
                    error.to_string(),
                    "make the archive's folder writable for this account",
                );
            }
        }
    }

    fn check_journal(&self, report: &mut DoctorReport) {
        let fix = "run custodia verify, and compare with a backup";
        let mut damage: Vec<String> = Vec::new();
        if let Some(seq) = self.state.chain_broken {
            damage.push(format!("it does not hold together at line {seq}"));
        }
        if self.state.unreadable > 0 {
            damage.push(format!("{} lines are not understood", self.state.unreadable));
        }
        let lost = |m: &super::Mismatch| format!("{} knows line {}, which is not there", m.store, m.mark.seq);
        damage.extend(self.mismatches.iter().map(lost));
        match damage.is_empty() {
            true => report.add("journal", Fine, format!("{} lines", self.as_of()), ""),
            false => report.add("journal", Fail, damage.join("; "), fix),
        }
    }

    fn check_derived(&self, report: &mut DoctorReport) {
        let head = self.as_of().0;
        let fix = "nothing is lost; the next command that writes makes it anew, or custodia rebuild --all does now";
        match State::load(&self.layout.state()) {
            Ok(Some(state)) => {
                let behind = head.saturating_sub(state.mark.seq.0);
                report.add("state", Fine, format!("{} behind the journal", lines(behind)), "");
            }
            Ok(None) => {
                report.add("state", Warn, "there is no usable state.bin: every command reads the whole journal", fix)
            }
            Err(error) => report.add("state", Fail, error.to_string(), "make state.bin readable for this account"),
        }
        let reader = Reader::open(&self.layout.index());
        let beyond = self.tail.beyond();
        match reader.map(|reader| reader.and_then(|reader| parse_mark(reader.watermark()))) {
            Ok(Some(mark)) => {
                let behind = head.saturating_sub(mark.seq.0);
                let detail = format!("{} behind the journal, {} messages not indexed", lines(behind), self.tail.len());
                report.add("index", if beyond > 0 { Warn } else { Fine }, detail, fix);
            }
            Ok(None) if self.state.messages == 0 => report.add("index", Fine, "nothing is archived yet", ""),
            Ok(None) => report.add("index", Warn, "there is no usable index", fix),
            Err(error) => report.add("index", Fail, error.to_string(), "make index/ readable for this account"),
        }
    }

    fn check_unfinished(&self, report: &mut DoctorReport) {
        let runs: Vec<String> = self
            .state
            .runs
            .values()
            .filter(|run| run.finished.is_none())
            .map(|run| format!("{} since {}", run.id, run.started))
            .collect();
        let fix = "if no import is running: import the same source again, which completes it";
        match runs.is_empty() {
            true => report.add("runs", Fine, "every run was finished", ""),
            false => report.add("runs", Warn, format!("not finished: {}", runs.join(", ")), fix),
        }
        let open: u64 = self.state.plans.values().map(crate::state::PlanState::open_items).sum();
        if open > 0 {
            let detail = format!("{open} items were being deleted when that was interrupted");
            report.add(
                "deletions",
                Warn,
                detail,
                "the next command that opens the archive for writing decides them again",
            );
        }
    }

    fn check_recoverable(&self, report: &mut DoctorReport) {
        let days = self.meta.settings.deleted_item_retention_days;
        let most = crate::model::Settings::DELETED_ITEM_RETENTION_DAYS_MOST;
        if days > most {
            report.add(
                "deleted_items",
                Warn,
                format!("deleted items stay recoverable for {days} days"),
                "more than 30 days keep what was to go; set deleted_item_retention_days under [settings]",
            );
        }
        let overdue = self.overdue();
        if overdue > 0 {
            let detail = format!("{overdue} items are among the recoverable items for longer than {days} days");
            report.add("recoverable", Warn, detail, "custodia delete expire lists them, and purges what is not held");
        }
    }

    /// Kept source files have what was in them, whatever was purged since.
    fn check_sources(&self, report: &mut DoctorReport) {
        if self.state.purged.is_empty() {
            return;
        }
        match self.kept_sources() {
            Ok(kept) => kept.into_iter().for_each(|detail| {
                let fix = "remove the files in sources/ by hand if they must not be kept; custodia verify then names them as missing";
                report.add("kept_sources", Warn, detail, fix);
            }),
            Err(error) => report.add("kept_sources", Warn, error.to_string(), "make sources/ readable for this account"),
        }
    }

    fn check_erasures(&self, report: &mut DoctorReport) {
        let open = self.state.erasures.values().filter(|state| state.completed.is_none()).count();
        if open == 0 {
            return;
        }
        let fix = "custodia erasure list names the requests; custodia erasure plan ID plans what is free";
        match self.erasable() {
            Ok(0) => report.add(
                "erasures",
                Fine,
                format!("open requests: {open}; nothing of them is free and in no plan"),
                "",
            ),
            Ok(free) => {
                let detail = format!("{free} items of open requests are free and in no plan");
                report.add("erasures", Warn, detail, fix);
            }
            Err(error) => report.add("erasures", Warn, error.to_string(), "run custodia verify"),
        }
    }

    fn check_quarantine(&self, report: &mut DoctorReport) {
        match fs::dir::list(&self.layout.quarantine()) {
            Ok(entries) if entries.is_empty() => report.add("quarantine", Fine, "empty", ""),
            Ok(entries) => {
                let names: Vec<&str> = entries.iter().take(5).map(|entry| entry.name.as_str()).collect();
                let detail = format!("{} things were set aside: {}", entries.len(), names.join(", "));
                report.add(
                    "quarantine",
                    Warn,
                    detail,
                    "look at them; this program takes out only what is left there of a message that it purges",
                );
            }
            Err(error) => {
                report.add("quarantine", Warn, error.to_string(), "make quarantine/ readable for this account")
            }
        }
    }

    fn check_backup(&self, report: &mut DoctorReport) {
        if let Some(seq) = self.state.older_than() {
            let fix = "use the newer copy if there is one; else see custodia audit confirm-older --help";
            let detail = format!("an anchor names line {seq}, which this archive lacks; nothing is deleted");
            report.add("anchors", Fail, detail, fix);
        }
        let Some(last) = &self.state.last_backup else {
            return report.add("backup", Fine, "none was recorded; custodia backup create DIR makes one", "");
        };
        let behind = self.as_of().0.saturating_sub(last.as_of.0);
        let age = self.clock.now().0.saturating_sub(last.at.0).max(0);
        let days = age / Instant::DAY_MS;
        let detail = format!("{} ({}) in {}, {} behind the journal", last.at, ago(days), last.dir, lines(behind));
        if last.missing > 0 {
            let fix = "run custodia verify, mend the archive, and back up again";
            return report.add("backup", Warn, format!("{detail}; it lacks {} files", last.missing), fix);
        }
        report.add("backup", if age > STALE_BACKUP_MS { Warn } else { Fine }, detail, "custodia backup create");
    }

    fn check_settings(&self, report: &mut DoctorReport) {
        let settings = &self.meta.settings;
        let mode = match settings.mail {
            MailMode::HardLink => "hard links",
            MailMode::Reflink => "clones",
            MailMode::Copy => "copies",
        };
        report.add("mail", Fine, format!("mailbox entries are {mode}"), "");
        match &settings.default_region {
            Some(region) => {
                report.add("default_region", Fine, format!("numbers without a country code are of {region}"), "")
            }
            None => report.add(
                "default_region",
                Warn,
                "not set: numbers without a country code are not understood",
                "set default_region = \"GB\" (or another country) under [settings] in archive.toml",
            ),
        }
    }
}

fn lines(n: u64) -> String {
    if n == 1 { "1 line".to_owned() } else { format!("{n} lines") }
}

fn ago(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        _ => format!("{days} days ago"),
    }
}
