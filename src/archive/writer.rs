//! The one process that changes vault, mail, catalog and index.

use super::{
    Archive,
    attribution::Stored,
    catch_up::{mark_text, parse_mark},
    contents::searchable,
};
use crate::{
    Error, ErrorKind, Result,
    catalog::Catalog,
    fs,
    fs::{fault, lock::LockGuard, spool::Spool},
    index::{self, Document, HitRecord},
    maildir::EntryName,
    model::{Entry, Event, MailboxName, MessageId, Ordinal, Watermark, event::Archived, limits},
    progress::Progress,
    state::State,
    vault::Vault,
};
use std::collections::{BTreeMap, HashSet};

/// Memory of the index writer before it writes a segment.
pub(super) const INDEX_HEAP_BYTES: usize = 48 * 1024 * 1024;

/// How often, and after which pause each time, the lock is asked for again: a verification has it for a moment.
const LOCK_TRIES: u32 = 3;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// An archive that is open for writing. Only one exists at a time; dropping it frees the lock.
pub struct ArchiveWriter {
    pub(super) archive: Archive,
    pub(super) catalog: Catalog,
    /// Away while an import's indexing thread has it.
    pub(super) index: Option<index::Writer>,
    pub(super) index_mark: Watermark,
    /// A sync failed, a deletion stopped behind its intent, or an index thread died: nothing more is written through this writer.
    pub(super) poisoned: bool,
    /// What a dry run works on; `None`: the archive's own stores.
    pub(super) dry_run: Option<Spool>,
    pub(super) _lock: LockGuard,
}

impl ArchiveWriter {
    /// Takes the writer's lock and brings every derived store to the head of the journal: what a crash left undone is
    /// done, what is damaged or missing is made anew, an interrupted deletion is resumed.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`]; what [`Archive::open`] returns; I/O; stopped by `progress`.
    pub fn open(archive: Archive, progress: &dyn Progress) -> Result<Self> {
        let lock = Self::take_lock(&archive)?;
        Self::open_locked(archive, lock, progress)
    }

    /// Takes the writer's lock.
    pub(super) fn take_lock(archive: &Archive) -> Result<LockGuard> {
        let holder = format!("pid {} on {}\n", fs::host::process_id(), fs::host::host_name());
        let mut left = LOCK_TRIES;
        loop {
            match fs::lock::try_exclusive(&archive.layout.lock(), &holder) {
                Err(e) if e.kind() == ErrorKind::Locked && left > 0 => left -= 1,
                taken => return taken,
            }
            std::thread::sleep(LOCK_PAUSE);
        }
    }

    /// Opens under a lock that was taken before.
    pub(super) fn open_locked(mut archive: Archive, lock: LockGuard, progress: &dyn Progress) -> Result<Self> {
        // What another writer did until it freed the lock.
        fs::spool::sweep(&archive.layout.spool())?;
        archive.load()?;
        archive.journal.refuse_emptied(archive.known_seq())?;
        archive.record_mismatches()?;
        let (index, index_mark) = open_index(&archive)?;
        let (catalog, catalog_mark) = Catalog::open(&archive.layout.catalog())?;
        let catalog_mark = match catalog_mark {
            Some(mark) if archive.journal.contains(&mark)? => mark,
            Some(_) => {
                // Both hold a lock on their files.
                drop((catalog, index));
                return Self::reopen_without_catalog(archive, lock, progress);
            }
            None => Watermark::START,
        };
        let mut writer =
            Self { archive, catalog, index: Some(index), index_mark, poisoned: false, dry_run: None, _lock: lock };
        writer.catch_up_stores(catalog_mark, progress)?;
        writer.resume_deletions()?;
        writer.resume_restores()?;
        // A purge that was interrupted behind its last line leaves words in the index's files.
        if writer.index.as_ref().is_some_and(|index| index.is_due_to_merge().unwrap_or(true)) {
            writer.scrub_index()?;
        }
        Ok(writer)
    }

    fn reopen_without_catalog(archive: Archive, lock: LockGuard, progress: &dyn Progress) -> Result<Self> {
        fs::durable::remove_derived(&archive.layout.catalog())?;
        Self::open_locked(archive, lock, progress)
    }

    /// The archive, for reading.
    #[must_use]
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The archive, for reads that are recorded.
    pub fn archive_mut(&mut self) -> &mut Archive {
        &mut self.archive
    }

    /// Runs a change; after a failed sync no other one is begun: what the disk holds is known only after opening again.
    pub(super) fn guarded<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.refuse_dry_run()?;
        if self.poisoned {
            return Err(Error::new(ErrorKind::Poisoned, "this writer stopped after a failed sync or deletion")
                .with_hint("open the archive again: it recovers from the journal"));
        }
        let result = change(self);
        self.poisoned |= result.as_ref().is_err_and(|e| e.kind() == ErrorKind::Poisoned) || self.index.is_none();
        result
    }

    /// Gives the archive back and frees the lock.
    #[must_use]
    pub fn into_archive(self) -> Archive {
        self.archive
    }

    /// Replays the journal into the stores that are behind: catalog rows, index documents, mailbox entries.
    fn catch_up_stores(&mut self, catalog_mark: Watermark, progress: &dyn Progress) -> Result<()> {
        let head = self.archive.state.mark;
        let saved = self.saved_state_mark()?;
        if catalog_mark == head && self.index_mark == head && saved == head {
            return Ok(());
        }
        let from =
            [catalog_mark, self.index_mark, saved].into_iter().min_by_key(|mark| mark.seq).unwrap_or(Watermark::START);
        let mut mail = Repair::new(&self.archive);
        let mut reader = self.archive.journal.read_after(&from)?;
        let (mut rows, mut documents, mut done) = (0usize, 0u64, 0u64);
        progress.begin("catching up", Some(head.seq.0.saturating_sub(from.seq.0)));
        while let Some(entry) = reader.next_entry()? {
            done += 1;
            if entry.line.seq > catalog_mark.seq
                && let Event::MessageArchived { message } = &entry.line.event
            {
                self.catalog.add(message)?;
                rows += 1;
            }
            if entry.line.seq > self.index_mark.seq {
                documents += u64::from(self.index_entry(&entry)?);
            }
            if entry.line.seq > saved.seq {
                mail.take(&entry);
            }
            if rows >= limits::BATCH_MESSAGES {
                self.catalog.seal();
                self.catalog.commit(&entry.mark())?;
                rows = 0;
            }
            if done.is_multiple_of(1_000) {
                progress.at(done, 0);
                if progress.cancelled() {
                    // What was not committed is read again: every store knows its own line.
                    return Err(Error::new(
                        ErrorKind::Interrupted,
                        "bringing the stores to the journal's head was stopped",
                    )
                    .with_hint("nothing is lost: run the command again; it goes on from there"));
                }
            }
        }
        progress.end();
        let linked = !mail.wanted.is_empty();
        mail.deliver(&self.archive)?;
        if rows > 0 || catalog_mark.seq == Watermark::START.seq {
            self.catalog.seal();
            self.catalog.commit(&head)?;
            self.catalog.flush()?;
        }
        let lag = head.seq.0.saturating_sub(self.index_mark.seq.0);
        if documents > 0 || lag > limits::STATE_TAIL_LINES || self.archive.index.is_none() {
            self.commit_index(&head)?;
        }
        // A refused deletion opens a writer too, and leaves no other trace than its event.
        let behind = head.seq.0.saturating_sub(saved.seq.0) > limits::STATE_TAIL_LINES;
        if linked || rows > 0 || documents > 0 || behind || saved == Watermark::START {
            self.archive.state.save(&self.archive.layout.state())?;
        }
        Ok(())
    }

    fn saved_state_mark(&self) -> Result<Watermark> {
        let saved = State::load(&self.archive.layout.state())?;
        Ok(match saved {
            Some(state) if self.archive.journal.contains(&state.mark)? => state.mark,
            _ => Watermark::START,
        })
    }

    /// Brings the index up to date with one entry. Returns whether it changed anything.
    fn index_entry(&mut self, entry: &Entry) -> Result<bool> {
        match &entry.line.event {
            Event::MessageArchived { message } if !self.archive.state.purged.contains(message.ordinal.0) => {
                // A message whose file is damaged or gone is not searchable; `verify` names it, counts say so.
                if let Ok(understood) = self.archive.understand(message) {
                    let document = document(&self.archive.vault, &understood, message, entry.line.seq);
                    self.index_mut()?.add(&document, true)?;
                }
                Ok(true)
            }
            Event::MessagePurged { ordinal, .. } => {
                self.index_mut()?.delete(*ordinal);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Commits the index as of `mark`, durably, and reads it again.
    pub(super) fn commit_index(&mut self, mark: &Watermark) -> Result<()> {
        self.index_mut()?.commit(&mark_text(mark))?;
        fs::durable::sync_dir(&self.archive.layout.index())?;
        self.index_mark = *mark;
        fault::point("index");
        self.archive.index = index::Reader::open(&self.archive.layout.index())?;
        self.archive.tail.clear();
        Ok(())
    }

    pub(super) fn index_mut(&mut self) -> Result<&mut index::Writer> {
        self.index.as_mut().ok_or_else(|| Error::bug("the index writer is away"))
    }

    /// Writes the state snapshot.
    pub(super) fn save_state(&self) -> Result<()> {
        self.archive.state.save(&self.archive.layout.state())
    }

    /// The event that archived a message; `recent` are the batches of this run, by first ordinal and the line before.
    pub(super) fn entry_facts(&self, ordinal: Ordinal, recent: &[(u32, Watermark)]) -> Result<Archived> {
        let batch = recent.iter().rev().find(|(first, _)| *first <= ordinal.0);
        let Some((_, before)) = batch else { return self.archive.archived_event(ordinal) };
        let mut reader = self.archive.journal.read_after(before)?;
        while let Some(entry) = reader.next_entry()? {
            match entry.line.event {
                Event::MessageArchived { message } if message.ordinal == ordinal => return Ok(*message),
                _ => {}
            }
        }
        Err(Error::bug(format!("message {} was not archived in this run", ordinal.0)))
    }
}

fn open_index(archive: &Archive) -> Result<(index::Writer, Watermark)> {
    let dir = archive.layout.index();
    fs::durable::create_dirs(&dir)?;
    if let index::Opened::Ready { writer, watermark } = index::Writer::open(&dir, INDEX_HEAP_BYTES)? {
        let mark = watermark.as_deref().map_or(Some(Watermark::START), parse_mark);
        if let Some(mark) = mark
            && archive.journal.contains(&mark)?
        {
            return Ok((*writer, mark));
        }
    }
    fs::durable::remove_derived(&dir)?;
    fs::durable::create_dirs(&dir)?;
    match index::Writer::open(&dir, INDEX_HEAP_BYTES)? {
        index::Opened::Ready { writer, .. } => Ok((*writer, Watermark::START)),
        index::Opened::Stale { why } => Err(Error::bug(format!("an empty index is stale: {why}"))),
    }
}

/// Mailbox entries that a crash may have left out.
struct Repair {
    wanted: BTreeMap<MailboxName, BTreeMap<u32, MessageId>>,
    messages: BTreeMap<u32, Archived>,
}

impl Repair {
    fn new(_: &Archive) -> Self {
        Self { wanted: BTreeMap::new(), messages: BTreeMap::new() }
    }

    fn take(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::MessageArchived { message } => {
                for mailbox in &message.mailboxes {
                    self.wanted.entry(mailbox.clone()).or_default().insert(message.ordinal.0, message.id);
                }
                self.messages.insert(message.ordinal.0, (**message).clone());
            }
            Event::ItemDelivered { ordinal, id, mailbox, .. } => {
                self.wanted.entry(mailbox.clone()).or_default().insert(ordinal.0, *id);
            }
            _ => {}
        }
    }

    fn deliver(self, archive: &Archive) -> Result<()> {
        let items = self.wanted.iter().flat_map(|(m, wanted)| wanted.iter().map(move |(o, id)| (m, Ordinal(*o), *id)));
        archive.deliver_missing(items, &self.messages)
    }
}

impl Archive {
    /// Links the items that exist and are not in their mailbox, wherever in it a client may have moved them.
    pub(super) fn deliver_missing<'a>(
        &self,
        items: impl Iterator<Item = (&'a MailboxName, Ordinal, MessageId)>,
        messages: &BTreeMap<u32, Archived>,
    ) -> Result<()> {
        let mut wanted: BTreeMap<&MailboxName, Vec<(Ordinal, MessageId)>> = BTreeMap::new();
        for (mailbox, ordinal, id) in items {
            wanted.entry(mailbox).or_default().push((ordinal, id));
        }
        let mut delivery = self.mail.delivery();
        for (mailbox, ordinals) in wanted {
            let Some(boxes) = self.state.boxes.get(mailbox) else { continue };
            let there: HashSet<MessageId> = self.mail.scan(mailbox)?.into_iter().filter_map(|f| f.message).collect();
            for (ordinal, _) in ordinals.into_iter().filter(|(o, id)| boxes.has(o.0) && !there.contains(id)) {
                let message = match messages.get(&ordinal.0) {
                    Some(message) => message,
                    None => &self.archived_event(ordinal)?,
                };
                let name = EntryName::new(&message.id, message.sent, message.size);
                let recoverable = boxes.recoverable.contains(ordinal.0);
                match delivery.deliver(&self.vault.path(&message.digest), mailbox, &name, recoverable) {
                    // A vault file that is gone is `verify`'s to name; the others are delivered.
                    Err(e) if matches!(e.kind(), ErrorKind::Io | ErrorKind::NotFound) => {}
                    other => other?,
                }
            }
        }
        Ok(())
    }
}

impl Archive {
    /// The event that archived a message, from the journal line that the index names.
    pub(super) fn archived_event(&self, ordinal: Ordinal) -> Result<Archived> {
        let record = self.record_of(ordinal)?;
        self.event_of(&record)?.map(|(_, message)| message).ok_or_else(|| {
            Error::new(ErrorKind::Damaged, format!("the journal has no line about message {}", record.id))
                .with_hint("run custodia verify")
        })
    }

    /// The journal entry that archived the message of a record.
    pub(super) fn event_of(&self, record: &HitRecord) -> Result<Option<(Entry, Archived)>> {
        if let Some((_, message)) = self.tail.get(record.ordinal.0) {
            let seq = record.seq;
            let found = self.entry_at(seq)?;
            return Ok(found.map(|entry| (entry, message.clone())));
        }
        Ok(self.entry_at(record.seq)?.and_then(|entry| match &entry.line.event {
            Event::MessageArchived { message } => {
                let message = (**message).clone();
                Some((entry, message))
            }
            _ => None,
        }))
    }

    /// The entry with this sequence number.
    pub(super) fn entry_at(&self, seq: crate::model::Seq) -> Result<Option<Entry>> {
        self.journal.find(seq)
    }

    /// Records watermarks that the journal does not contain, once each.
    pub(super) fn record_mismatches(&mut self) -> Result<()> {
        let events: Vec<Event> = self
            .mismatches
            .iter()
            .map(|mismatch| Event::JournalMismatch {
                store: mismatch.store.to_owned(),
                expected_seq: mismatch.mark.seq,
                expected_hash: mismatch.mark.hash,
            })
            .collect();
        if events.is_empty() { Ok(()) } else { self.record(events) }
    }
}

/// What the index keeps of a message, from the event that archived it and the message understood again.
impl HitRecord {
    pub(super) fn of(message: &crate::model::Message, archived: &Archived, seq: crate::model::Seq) -> Self {
        Self {
            ordinal: archived.ordinal,
            id: archived.id,
            seq,
            digest: archived.digest,
            size: archived.size,
            kind: archived.kind,
            sent: archived.sent,
            sender: message.sender.clone(),
            recipients: message.recipients.clone(),
            conversation: message.conversation.clone(),
            subject: message.subject.clone(),
            attachments: message.attachments.clone(),
            encrypted: message.encrypted,
            source: archived.identity.source,
            account: archived.identity.account.clone(),
            native: archived.identity.native.clone(),
            story: archived.story.clone(),
            quoted: message.details.as_ref().and_then(|details| details.quote.as_ref()?.native.clone()),
        }
    }
}

/// The facts of a message in the form that the index takes.
pub(super) fn document(
    vault: &Vault,
    message: &crate::model::Message,
    archived: &Archived,
    seq: crate::model::Seq,
) -> Document {
    Document { record: HitRecord::of(message, archived, seq), facts: searchable(vault, &Stored::of(archived), message) }
}
