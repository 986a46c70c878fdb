//! One walk over the journal: everything that should be there, and the state replayed from the first line.
//!
//! Limits: keeps about 100 bytes a message; state and bitmaps beside them.

use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, kept::KeptSources},
    model::{
        Digest, Entry, Event, Instant, MailboxName, MessageId, Seq, SourceKind, Watermark,
        event::{Archived, ItemList},
    },
    progress::Progress,
    state::State,
};
use std::collections::{BTreeMap, HashSet};

/// One message, as the journal says it was archived.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) ordinal: u32,
    pub(super) id: MessageId,
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) sent: Option<Instant>,
    pub(super) seq: Seq,
    pub(super) source: SourceKind,
    /// The owner of a phone. Not kept for feeds, whose messages name everybody themselves.
    pub(super) account: Option<Box<str>>,
}

/// A watermark that a writer once found missing in the journal, and recorded.
#[derive(Clone, Debug)]
pub(super) struct RecordedMismatch {
    pub(super) seq: Seq,
    pub(super) store: String,
    pub(super) expected: Seq,
}

/// How `state.bin` compares with the replayed state at its own line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Snapshot {
    Absent,
    Unusable,
    /// Its line was not met, or the journal has lines that are not understood.
    NotCompared,
    Same,
    Differs,
}

/// What the journal says.
#[derive(Debug)]
pub(super) struct Inventory {
    /// In the order of ordinals.
    pub(super) messages: Vec<Known>,
    /// Positions in `messages`, in the order of digests.
    pub(super) by_digest: Vec<u32>,
    /// The state, replayed from the first line; it does not trust `state.bin`.
    pub(super) state: State,
    /// When each purged message was purged.
    pub(super) purged: BTreeMap<u32, Seq>,
    /// List files that lines name.
    pub(super) lists: BTreeMap<Digest, Seq>,
    pub(super) mismatches: Vec<RecordedMismatch>,
    /// Recoveries: line, file in quarantine, bytes.
    pub(super) recovered: Vec<(Seq, String, u64)>,
    /// The archive id that the first line states.
    pub(super) created: Option<String>,
    /// Lines that are not understood: a hold may be among them.
    pub(super) unreadable: u64,
    pub(super) snapshot: Snapshot,
    /// The line of `state.bin`, if it could be read.
    pub(super) saved_seq: Option<Seq>,
    /// Items that were delivered late, behind `state.bin`.
    pub(super) late: HashSet<(u32, MailboxName)>,
    /// Source files that runs kept.
    pub(super) kept_sources: KeptSources,
}

impl Inventory {
    /// Reads the journal up to the line that the archive's answers are as of.
    pub(super) fn read(archive: &Archive, progress: &dyn Progress) -> Result<Self> {
        let (saved, snapshot) = load_snapshot(archive);
        let mut inventory = Self {
            messages: Vec::new(),
            by_digest: Vec::new(),
            state: State::default(),
            purged: BTreeMap::new(),
            lists: BTreeMap::new(),
            mismatches: Vec::new(),
            recovered: Vec::new(),
            created: None,
            unreadable: 0,
            snapshot,
            saved_seq: saved.as_ref().map(|state| state.mark.seq),
            late: HashSet::new(),
            kept_sources: KeptSources::default(),
        };
        let last = archive.state.mark;
        progress.begin("reading the journal", Some(last.seq.0));
        let mut reader = archive.journal.read_after(&Watermark::START)?;
        while last.seq > Seq(0)
            && let Some(entry) = reader.next_entry()?
        {
            inventory.take(&entry);
            inventory.state.apply(&entry);
            if saved.as_ref().is_some_and(|state| state.mark.hash == entry.hash) {
                let same = saved.as_ref() == Some(&inventory.state);
                inventory.snapshot = if same { Snapshot::Same } else { Snapshot::Differs };
            }
            if entry.line.seq.0.is_multiple_of(4_096) {
                progress.at(entry.line.seq.0, 0);
                stop_if_cancelled(progress)?;
            }
            // By hash: sequence numbers of a damaged journal mean nothing.
            if entry.hash == last.hash {
                break;
            }
        }
        progress.end();
        inventory.unreadable = reader.tail().unreadable;
        if inventory.unreadable > 0 && inventory.snapshot == Snapshot::Differs {
            inventory.snapshot = Snapshot::NotCompared;
        }
        inventory.sort();
        Ok(inventory)
    }

    fn take(&mut self, entry: &Entry) {
        let seq = entry.line.seq;
        if let Some(digest) = entry.line.event.list() {
            self.lists.entry(digest).or_insert(seq);
        }
        self.kept_sources.take(&entry.line.event, seq);
        match &entry.line.event {
            Event::ArchiveCreated { id, .. } if self.created.is_none() => self.created = Some(id.clone()),
            Event::MessageArchived { message } => self.messages.push(known(message, seq)),
            Event::ItemDelivered { ordinal, mailbox, .. } if self.saved_seq.is_some_and(|saved| seq > saved) => {
                self.late.insert((ordinal.0, mailbox.clone()));
            }
            Event::MessagePurged { ordinal, .. } => {
                self.purged.insert(ordinal.0, seq);
            }
            Event::JournalMismatch { store, expected_seq, .. } => {
                self.mismatches.push(RecordedMismatch { seq, store: store.clone(), expected: *expected_seq });
            }
            Event::JournalRecovered { file, bytes, .. } => self.recovered.push((seq, file.clone(), *bytes)),
            _ => {}
        }
    }

    fn sort(&mut self) {
        self.messages.sort_by_key(|known| known.ordinal);
        self.messages.dedup_by_key(|known| known.ordinal);
        let messages = &self.messages;
        self.by_digest = (0..u32::try_from(messages.len()).unwrap_or(u32::MAX)).collect();
        self.by_digest.sort_by_key(|at| messages.get(*at as usize).map(|known| known.digest));
    }

    /// A message by its position in `messages`.
    pub(super) fn at(&self, position: u32) -> Option<&Known> {
        self.messages.get(position as usize)
    }

    /// The position of a message.
    pub(super) fn position(&self, ordinal: u32) -> Option<u32> {
        let found = self.messages.binary_search_by_key(&ordinal, |known| known.ordinal).ok()?;
        u32::try_from(found).ok()
    }

    /// Whether any message, purged or not, has this digest; `None`: no message; `Some(false)`: purged ones only.
    pub(super) fn expects(&self, digest: &Digest) -> Option<bool> {
        let of = |at: &u32| self.at(*at).map(|known| known.digest);
        let first = self.by_digest.partition_point(|at| of(at).is_some_and(|d| d < *digest));
        let same = self.by_digest.iter().skip(first).take_while(|at| of(at) == Some(*digest));
        let kept: Vec<bool> =
            same.filter_map(|at| self.at(*at)).map(|known| !self.purged.contains_key(&known.ordinal)).collect();
        if kept.is_empty() { None } else { Some(kept.contains(&true)) }
    }

    /// Whether a run was begun and not finished.
    pub(super) fn run_open(&self) -> bool {
        self.state.runs.values().any(|run| run.finished.is_none())
    }
}

fn known(message: &Archived, seq: Seq) -> Known {
    Known {
        ordinal: message.ordinal.0,
        id: message.id,
        digest: message.digest,
        size: message.size,
        sent: message.sent,
        seq,
        source: message.identity.source,
        account: message
            .identity
            .account
            .as_deref()
            .filter(|_| message.identity.source != SourceKind::Telemessage)
            .map(Into::into),
    }
}

fn load_snapshot(archive: &Archive) -> (Option<State>, Snapshot) {
    let path = archive.layout.state();
    match State::load(&path) {
        Ok(Some(state)) => (Some(state), Snapshot::NotCompared),
        Ok(None) if matches!(crate::fs::read::stat(&path), Ok(None)) => (None, Snapshot::Absent),
        _ => (None, Snapshot::Unusable),
    }
}

pub(super) fn stop_if_cancelled(progress: &dyn Progress) -> Result<()> {
    if progress.cancelled() {
        return Err(Error::new(ErrorKind::Interrupted, "the verification was stopped; nothing was changed")
            .with_hint("run it again; --level quick or --sample takes less time"));
    }
    Ok(())
}

/// What other processes wrote since: a file that went or came meanwhile is no damage.
#[derive(Debug, Default)]
pub(super) struct Since {
    pub(super) digests: HashSet<Digest>,
    pub(super) ids: HashSet<MessageId>,
    /// Items that were or are being deleted.
    pub(super) deleted: HashSet<(u32, MailboxName)>,
    pub(super) deleted_messages: HashSet<u32>,
    pub(super) lists: HashSet<Digest>,
    pub(super) run_open: bool,
}

impl Since {
    /// Reads what is behind the inventory now.
    pub(super) fn read(archive: &Archive, inventory: &Inventory) -> Result<Self> {
        let mut since = Self { run_open: inventory.run_open(), ..Self::default() };
        let mut reader = archive.journal.read_after(&archive.state.mark)?;
        while let Some(entry) = reader.next_entry()? {
            since.take(&entry.line.event);
        }
        Ok(since)
    }

    fn take(&mut self, event: &Event) {
        self.lists.extend(event.list());
        match event {
            Event::RunStarted { .. } => self.run_open = true,
            Event::MessageArchived { message } => {
                self.digests.insert(message.digest);
                self.ids.insert(message.id);
            }
            Event::ItemDelivered { id, .. } => {
                self.ids.insert(*id);
            }
            Event::DeleteStarted { items: ItemList::Inline(items), .. } => {
                for item in items {
                    self.deleted_messages.insert(item.ordinal.0);
                    self.deleted.insert((item.ordinal.0, item.mailbox.clone()));
                }
            }
            Event::ItemDisposed { item, .. } => {
                self.deleted_messages.insert(item.ordinal.0);
                self.deleted.insert((item.ordinal.0, item.mailbox.clone()));
            }
            _ => {}
        }
    }
}
