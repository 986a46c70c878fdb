//! Import: what is read, what is decided about it, and the balance.

use super::{
    ArchiveWriter,
    phone::{Addressing, PhoneImport},
    pipeline,
};
use crate::{
    Error, Result, fs,
    mapping::Directory,
    model::{
        Balance, Code, Digest, Event, Finding, Instant, MailboxName, Message, Ordinal, Place, Right, RunId, Seq,
        SourceKind, Watermark, event::Archived, limits,
    },
    progress::Progress,
    source::phone::PhoneOptions,
};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::PathBuf,
};

/// How to import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Look numbers up in the custom mapping and the user directory.
    pub custom_mapping: bool,
    /// Use the item's own e-mail address property.
    pub automatic_mapping: bool,
    /// Pass over messages sent before this.
    pub since: Option<Instant>,
    /// Pass over messages sent at or after this.
    pub until: Option<Instant>,
    /// Largest e-mail that is imported, in bytes; `None`: no limit but that of reading.
    pub max_item_bytes: Option<u64>,
    /// Decide everything, write nothing.
    pub dry_run: bool,
    /// What the sources are; `None`: look.
    pub kind: Option<SourceKind>,
    /// What is said about a phone's data; the owner is needed for anything but a feed.
    pub phone: PhoneImport,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            custom_mapping: true,
            automatic_mapping: true,
            since: None,
            until: None,
            max_item_bytes: None,
            dry_run: false,
            kind: None,
            phone: PhoneImport::default(),
        }
    }
}

/// A row of a run: something that was not imported, or imported with a remark.
#[derive(Clone, Debug, Serialize)]
pub struct ImportItem {
    /// `not_imported` or `remark`.
    pub result: &'static str,
    /// Why.
    pub code: Code,
    /// Where in the source.
    pub source: Place,
    /// The native id of the message, if it has one.
    pub item: String,
    /// The participant in question, if there is one.
    pub user: String,
    /// The value in question.
    pub detail: String,
    /// What to do.
    pub fix: &'static str,
}

impl ImportItem {
    /// A row.
    #[must_use]
    pub fn new(finding: &Finding, item: &str, user: &str) -> Self {
        // What a manifest names and nobody read was not a message of this run: a loss, and no row of `not_imported`.
        let unread = matches!(finding.code, Code::ManifestMissing | Code::ZipDamaged);
        let loss = finding.code.severity() == crate::model::Severity::Loss && !unread;
        Self {
            result: if loss { "not_imported" } else { "remark" },
            code: finding.code,
            source: finding.place.clone(),
            item: item.to_owned(),
            user: user.to_owned(),
            detail: finding.detail.clone(),
            fix: finding.code.fix(),
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// The run; `None` for a dry run.
    pub run: Option<RunId>,
    /// What was read, and what became of it.
    #[serde(flatten)]
    pub balance: Balance,
    /// Whether the balance balances.
    pub balanced: bool,
    /// Messages outside `--since`/`--until`; they are not in `read`.
    pub outside_window: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Whether the run was stopped between two batches.
    pub interrupted: bool,
}

/// A message that was decided to be archived, until its batch is committed.
pub(super) struct Pending {
    pub(super) archived: Archived,
    pub(super) message: Box<Message>,
}

/// An item of a message that is here already.
pub(super) struct LateItem {
    pub(super) archived: Archived,
    pub(super) mailbox: MailboxName,
}

/// The decisions of one batch.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) events: Vec<Event>,
    pub(super) messages: Vec<Pending>,
    pub(super) late: Vec<LateItem>,
    pub(super) bytes: u64,
    pub(super) read: usize,
}

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        self.read >= limits::BATCH_MESSAGES || self.bytes >= limits::BATCH_BYTES
    }
}

/// One run in progress.
pub(super) struct Run<'a> {
    pub(super) writer: &'a mut ArchiveWriter,
    pub(super) options: &'a ImportOptions,
    pub(super) on_item: &'a mut dyn FnMut(&ImportItem),
    /// Its sources as they were named.
    sources: Vec<String>,
    /// Its id; empty before [`Run::begin`].
    pub(super) id: RunId,
    pub(super) balance: Balance,
    pub(super) outside_window: u64,
    pub(super) batch: Batch,
    /// The batch before, which is being synced: not in the journal, the catalog or the state yet.
    pub(super) in_flight: Option<Batch>,
    /// Batches of this run: the first ordinal, and the journal line before.
    pub(super) recent: Vec<(u32, Watermark)>,
    pub(super) directory: Directory,
    pub(super) addressing: Addressing,
    /// What the readers of phones are told, if a source is a phone's.
    pub(super) phone: Option<PhoneOptions>,
    /// The first ordinal of this run.
    pub(super) first_ordinal: u32,
    pub(super) next_ordinal: u32,
    pub(super) source: u32,
    pub(super) delivered_to: BTreeSet<MailboxName>,
    pub(super) named: HashSet<String>,
    /// In a dry run: the messages that it would archive, and for whom.
    pub(super) foreseen: HashMap<Ordinal, BTreeSet<MailboxName>>,
}

/// How the reading of a run ended.
pub(super) struct End {
    /// Stopped between two batches.
    pub(super) interrupted: bool,
    /// A source could not be read on. What was read before is archived.
    pub(super) failed: Option<Error>,
}

impl ArchiveWriter {
    /// Imports sources, one run for all of them. `on_item` is told each message that is not imported, and each remark.
    ///
    /// # Errors
    /// A path that is not there (nothing is imported); I/O; [`ErrorKind::Poisoned`](crate::ErrorKind). What was
    /// committed before stays, and importing again completes it.
    pub fn import(
        &mut self,
        paths: &[PathBuf],
        options: &ImportOptions,
        progress: &dyn Progress,
        on_item: &mut dyn FnMut(&ImportItem),
    ) -> Result<ImportReport> {
        self.archive.may(Right::Import, "import", "")?;
        if options.dry_run && self.dry_run.is_some() {
            return self.run_import(paths, options, progress, on_item);
        }
        self.guarded(|writer| writer.run_import(paths, options, progress, on_item))
    }

    fn run_import(
        &mut self,
        paths: &[PathBuf],
        options: &ImportOptions,
        progress: &dyn Progress,
        on_item: &mut dyn FnMut(&ImportItem),
    ) -> Result<ImportReport> {
        for path in paths {
            fs::evidence::path_kind(path)?;
        }
        let sources: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        let addressing = Addressing::of(&self.archive, options)?;
        let phone = self.archive.phone_options(paths, options, self.dry_run.as_ref())?;
        let state = &self.archive.state;
        let users: Vec<_> = state.users.values().cloned().collect();
        let directory = Directory::new(&users, &state.mapping, self.archive.meta.settings.default_region.as_deref());
        let next_ordinal = state.messages;
        let mut run = Run {
            writer: self,
            options,
            on_item,
            sources,
            id: RunId(String::new()),
            balance: Balance::default(),
            outside_window: 0,
            batch: Batch::default(),
            in_flight: None,
            recent: Vec::new(),
            directory,
            addressing,
            phone: phone.as_ref().map(|phone| phone.options.clone()),
            first_ordinal: next_ordinal,
            next_ordinal,
            source: 0,
            delivered_to: BTreeSet::new(),
            named: HashSet::new(),
            foreseen: HashMap::new(),
        };
        let interrupted = pipeline::drive(&mut run, paths, phone.as_ref(), progress);
        if interrupted.is_err() || options.dry_run {
            run.writer.catalog.discard();
        }
        let End { interrupted, failed } = interrupted?;
        if run.id.0.is_empty()
            && let Some(error) = failed
        {
            // Refused before anything was read: there was no run.
            return Err(error);
        }
        run.begin()?;
        run.balance.mailboxes = run.delivered_to.len() as u64;
        let (id, balance, outside_window) = (run.id, run.balance, run.outside_window);
        if !options.dry_run {
            let event = Event::RunFinished { run: id.clone(), balance: Box::new(balance.clone()) };
            self.archive.record(vec![event])?;
            self.save_state()?;
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let balanced = balance.balanced();
        let run = (!options.dry_run).then_some(id);
        Ok(ImportReport { run, balance, balanced, outside_window, dry_run: options.dry_run, interrupted })
    }

    fn begin_run(&mut self, sources: &[String], options: &ImportOptions) -> Result<RunId> {
        let archive = self.archive.meta.id.clone();
        if options.dry_run {
            // Nothing is recorded under it.
            return Ok(RunId::made(&archive, Seq(self.archive.state.mark.seq.0 + 1)));
        }
        let on = |on: bool| if on { "on" } else { "off" };
        let mut text = format!(
            "automatic-mapping={} custom-mapping={}",
            on(options.automatic_mapping),
            on(options.custom_mapping)
        );
        let size = options.max_item_bytes.map(|bytes| format!(" max-item-size={bytes}"));
        let since = options.since.map(|at| format!(" since={at}"));
        let until = options.until.map(|at| format!(" until={at}"));
        text.extend([size, since, until].into_iter().flatten());
        text.push_str(&options.phone.recorded());
        let sources = sources.to_vec();
        self.archive.transact(|_, seq| {
            let run = RunId::made(&archive, seq);
            let event = Event::RunStarted { run: run.clone(), sources, options: text };
            Ok((vec![event], run))
        })
    }
}

impl Run<'_> {
    /// Records that the run began, once: when the first thing was read. A source that is refused as a whole is no run.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.id.0.is_empty() {
            self.id = self.writer.begin_run(&self.sources, self.options)?;
        }
        Ok(())
    }

    /// A file of the source was opened.
    pub(super) fn opened(&mut self, file: String, digest: Digest, size: u64) {
        let source = self.source;
        self.source += 1;
        self.batch.events.push(Event::SourceOpened { run: self.id.clone(), source, file, digest, size });
    }

    /// Something was noticed that is not one message.
    pub(super) fn noticed(&mut self, finding: &Finding) {
        self.issue(finding, "", "");
    }

    /// Messages that were left out on request.
    pub(super) fn left_out(&mut self, messages: u64) {
        self.balance.left_out += messages;
    }

    /// A message that was there and cannot be read.
    pub(super) fn not_readable(&mut self, finding: &Finding, item: &str) {
        self.balance.read += 1;
        self.batch.read += 1;
        self.not_imported(finding, item, "");
    }

    pub(super) fn not_imported(&mut self, finding: &Finding, item: &str, user: &str) {
        self.balance.not_imported += 1;
        self.balance.items.available += 1;
        self.balance.items.failed += 1;
        self.issue(finding, item, user);
    }

    pub(super) fn issue(&mut self, finding: &Finding, item: &str, user: &str) {
        *self.balance.by_code.entry(finding.code).or_default() += 1;
        (self.on_item)(&ImportItem::new(finding, item, user));
        let mut finding = finding.clone();
        finding.detail = clip(&finding.detail);
        finding.place.file = clip(&finding.place.file);
        finding.place.entry = finding.place.entry.as_deref().map(clip);
        self.batch.events.push(Event::RunIssue { run: self.id.clone(), item: clip(item), user: clip(user), finding });
    }
}

/// As much of a text from outside as a journal field takes.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(limits::FIELD_CHARS).collect()
}

/// The sequence number of each archived message of a batch that begins at `first`.
pub(super) fn archived_seqs(events: &[Event], first: Seq) -> Vec<Seq> {
    events
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event, Event::MessageArchived { .. }))
        .map(|(at, _)| Seq(first.0 + at as u64))
        .collect()
}
