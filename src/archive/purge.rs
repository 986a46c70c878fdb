//! One step of a deletion: decided, made durable as an intent, carried out and recorded while both locks are held; and what
//! a purge takes besides the entries themselves.

use super::{
    Archive, ArchiveWriter,
    append::{apply_own, catch_up},
    dispose::{Cleared, clear, not_applicable},
    tail::TailMessages,
};
use crate::{
    Error, Result, fs,
    fs::fault,
    governance::VaultClearance,
    index::HitRecord,
    maildir::{Entry, EntryName, Sweep, Wanted},
    model::{
        Digest, Event, MailboxName, MessageId, Ordinal, PlanId, PlanStatus, Watermark,
        event::{Disposal, ItemList, ItemRef},
        limits,
    },
};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// Paths of moved entries that an answer names; more are counted.
const NAMED_PATHS: usize = 1_000;

/// What a deletion knows and finds beside the journal.
#[derive(Debug, Default)]
pub(super) struct Purging {
    sweep: Sweep,
    /// Messages that are here and not in the index, by the digests of their files.
    unindexed: BTreeMap<Digest, Vec<(Ordinal, MessageId)>>,
    /// Entries that were not where they had been delivered to.
    pub(super) moved: Vec<String>,
    /// How many there were, named or not.
    pub(super) moved_count: u64,
    /// Hard links to purged files that are left outside of the archive's folders.
    pub(super) elsewhere: u64,
}

impl Purging {
    fn note(&mut self, paths: Vec<String>) -> u64 {
        let count = paths.len() as u64;
        self.moved_count += count;
        let room = NAMED_PATHS.saturating_sub(self.moved.len());
        self.moved.extend(paths.into_iter().take(room));
        count
    }
}

impl Archive {
    /// Gets ready to move the entries of these messages to the recoverable items.
    pub(super) fn moving(&self, ids: impl Iterator<Item = MessageId>) -> Result<Purging> {
        let wanted = Wanted { ids: ids.collect(), ..Wanted::default() };
        let sweep = Sweep::look(&self.layout.mail(), &self.layout.quarantine(), &wanted)?;
        Ok(Purging { sweep, ..Purging::default() })
    }

    /// Gets ready to purge these messages: looks through the mailboxes for everything that is theirs, and for messages that
    /// the index does not know and that may share their files.
    pub(super) fn purging(&self, messages: impl Iterator<Item = (MessageId, Digest, u64)>) -> Result<Purging> {
        let mut wanted = Wanted::default();
        for (id, digest, size) in messages {
            if wanted.ids.insert(id) {
                wanted.inodes.extend(self.vault.inode(&digest)?);
                wanted.sizes.insert(size);
            }
        }
        let sweep = Sweep::look(&self.layout.mail(), &self.layout.quarantine(), &wanted)?;
        Ok(Purging { sweep, unindexed: self.outside_index()?, ..Purging::default() })
    }

    /// The same for the items of a plan.
    pub(super) fn purging_items(&self, items: &[ItemRef]) -> Result<Purging> {
        let ordinals: RoaringBitmap = items.iter().map(|item| item.ordinal.0).collect();
        let ordinals: Vec<Ordinal> = ordinals.into_iter().map(Ordinal).collect();
        let mut messages = Vec::new();
        for chunk in ordinals.chunks(limits::BATCH_MESSAGES) {
            messages.extend(self.records(chunk)?.into_iter().map(|record| (record.id, record.digest, record.size)));
        }
        self.purging(messages.into_iter())
    }

    /// Messages of which an item is here and that the index does not have: not indexed yet, or not readable when it was made.
    fn outside_index(&self) -> Result<BTreeMap<Digest, Vec<(Ordinal, MessageId)>>> {
        let mut missing = self.state.present();
        if let Some(index) = &self.index {
            missing -= index.all()?;
        }
        let mut found: BTreeMap<Digest, Vec<(Ordinal, MessageId)>> = BTreeMap::new();
        if missing.is_empty() {
            return Ok(found);
        }
        let mut reader = self.journal.read_after(&Watermark::START)?;
        while let Some(entry) = reader.next_entry()? {
            match entry.line.event {
                Event::MessageArchived { message } if missing.contains(message.ordinal.0) => {
                    found.entry(message.digest).or_default().push((message.ordinal, message.id));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Every message whose file has this digest.
    fn sharing(&self, digest: &Digest, purging: &Purging) -> Result<Vec<(Ordinal, MessageId)>> {
        let indexed = match &self.index {
            Some(index) => index.by_digest(digest)?,
            None => Vec::new(),
        };
        let mut all: Vec<_> = indexed.iter().map(|record| (record.ordinal, record.id)).collect();
        all.extend(purging.unindexed.get(digest).into_iter().flatten());
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}

impl ArchiveWriter {
    /// One step: at most [`limits::DELETE_CHUNK_ITEMS`] items, decided and unlinked while both locks are held. What fails
    /// behind the intent is for the next open to resume: nothing more is written through this writer, lest the plan be
    /// called done while nobody knows what of the step is gone.
    pub(super) fn dispose_step(
        &mut self,
        plan: &PlanId,
        items: &[ItemRef],
        how: Disposal,
        recovered: bool,
        purging: &mut Purging,
    ) -> Result<(u64, u64)> {
        let result = self.take_step(plan, items, how, recovered, purging);
        let open = self.archive.state.plans.get(plan).is_some_and(|plan| plan.open_items() > 0);
        self.poisoned |= open && result.is_err();
        result
    }

    fn take_step(
        &mut self,
        plan: &PlanId,
        items: &[ItemRef],
        how: Disposal,
        recovered: bool,
        purging: &mut Purging,
    ) -> Result<(u64, u64)> {
        let archive = &mut self.archive;
        let mut guard = archive.journal.lock(archive.state.mark.seq)?;
        catch_up(&archive.journal, &mut archive.state, &guard, &mut archive.tail)?;
        // Again, as the journal is under the lock: another program may have written what this one does not understand.
        archive.may_dispose()?;
        let made = &archive.find_plan(&plan.0)?.plan;
        if made.status == PlanStatus::Cancelled {
            return Err(not_applicable(plan, made.status));
        }
        let basis = made.basis.clone();
        let cleared = clear(archive, items, &basis, how)?;
        if cleared.is_empty() {
            return Ok((0, 0));
        }
        let refs: Vec<ItemRef> = cleared.iter().map(|c| c.item.clone()).collect();
        let intent = vec![Event::DeleteStarted { plan: plan.clone(), how, items: ItemList::Inline(refs) }];
        let mut nowhere = TailMessages::default();
        let appended = guard.append(&intent, &archive.actor, archive.clock.now(), true)?;
        apply_own(&mut archive.state, &mut nowhere, intent, &appended, &archive.actor);
        fault::point("delete.intent");
        let mut events = unlink_entries(archive, plan, &cleared, how, recovered, purging)?;
        fault::point("delete.unlinked");
        let count = events.len() as u64;
        let mut purged = Vec::new();
        if how == Disposal::Purged {
            purged = purge_files(archive, plan, &cleared, purging)?;
            events.extend(purged.iter().cloned());
        }
        fault::point("delete.purged");
        // What the journal says is gone must not come back with a power cut.
        fs::durable::sync_filesystem(archive.layout.root())?;
        let appended = guard.append(&events, &archive.actor, archive.clock.now(), true)?;
        apply_own(&mut archive.state, &mut nowhere, events, &appended, &archive.actor);
        drop(guard);
        fault::point("delete.recorded");
        for event in &purged {
            if let Event::MessagePurged { ordinal, .. } = event {
                self.index_mut()?.delete(*ordinal);
            }
        }
        Ok((count, purged.len() as u64))
    }

    /// Writes what a deletion changed in the derived stores.
    pub(super) fn settle(&mut self, purged: bool) -> Result<()> {
        if purged {
            let head = self.archive.state.mark;
            self.commit_index(&head)?;
            fault::point("delete.committed");
            self.scrub_index()?;
        }
        self.save_state()
    }

    /// Rewrites the index so that no word of a purged message is left in its files: deleted text stays in segments until
    /// they are merged.
    pub(super) fn scrub_index(&mut self) -> Result<()> {
        let index = self.index.take().ok_or_else(|| Error::bug("the index writer is away"))?;
        self.index = Some(index.merge_all()?);
        fs::durable::sync_dir(&self.archive.layout.index())?;
        fault::point("delete.merged");
        self.archive.index = crate::index::Reader::open(&self.archive.layout.index())?;
        Ok(())
    }
}

/// Unlinks or moves the entries of cleared items. Returns the events that say so.
fn unlink_entries(
    archive: &Archive,
    plan: &PlanId,
    cleared: &[Cleared],
    how: Disposal,
    recovered: bool,
    purging: &mut Purging,
) -> Result<Vec<Event>> {
    let seq = archive.state.governance_seq;
    let mut events = Vec::new();
    for one in cleared {
        let record = &one.record;
        let name = EntryName::new(&record.id, record.sent, record.size);
        let mut moved = 0;
        match how {
            Disposal::Recoverable => {
                archive.mail.make_recoverable(&one.key, &name, &purging.sweep, seq)?;
            }
            Disposal::Purged => {
                let going = |mailbox: &&MailboxName| {
                    cleared.iter().any(|c| c.item.ordinal == record.ordinal && c.item.mailbox == **mailbox)
                };
                let kept_by: Vec<MailboxName> =
                    archive.state.mailboxes_of(record.ordinal.0).filter(|mailbox| !going(mailbox)).cloned().collect();
                let entry = Entry {
                    name: &name,
                    inode: archive.vault.inode(&record.digest)?,
                    size: record.size,
                    kept_by: &kept_by,
                    shared: is_shared(archive, record, &one.item.mailbox, purging)?,
                };
                let gone = archive.mail.purge(&one.key, &entry, &purging.sweep, seq)?;
                moved = purging.note(gone.moved);
            }
        }
        events.push(Event::ItemDisposed { plan: plan.clone(), item: one.item.clone(), how, recovered, moved });
    }
    Ok(events)
}

/// Whether a mailbox has another message with the bytes of this one.
fn is_shared(archive: &Archive, record: &HitRecord, mailbox: &MailboxName, purging: &Purging) -> Result<bool> {
    let Some(boxes) = archive.state.boxes.get(mailbox) else { return Ok(false) };
    let sharing = archive.sharing(&record.digest, purging)?;
    Ok(sharing.iter().any(|(ordinal, _)| *ordinal != record.ordinal && boxes.has(ordinal.0)))
}

/// Unlinks the vault files whose last item goes with this step, and everything that is left of them elsewhere in the
/// archive. Returns the events that say so.
fn purge_files(archive: &Archive, plan: &PlanId, cleared: &[Cleared], purging: &mut Purging) -> Result<Vec<Event>> {
    let mut by_digest: BTreeMap<Digest, Vec<&Cleared>> = BTreeMap::new();
    for one in cleared {
        by_digest.entry(one.key.digest()).or_default().push(one);
    }
    let mut events = Vec::new();
    for (digest, going) in by_digest {
        let sharing = archive.sharing(&digest, purging)?;
        let left = sharing
            .iter()
            .flat_map(|(ordinal, _)| archive.state.mailboxes_of(ordinal.0).map(move |mailbox| (*ordinal, mailbox)))
            .filter(|(ordinal, mailbox)| {
                !going.iter().any(|one| one.item.ordinal == *ordinal && one.item.mailbox == **mailbox)
            })
            .count() as u64;
        let seq = archive.state.governance_seq;
        let size = going.first().map_or(0, |one| one.record.size);
        let unknown = sharing.is_empty();
        let Some(key) = VaultClearance::when_none_left(digest, left, seq).filter(|_| !unknown) else { continue };
        let ids: Vec<MessageId> = sharing.iter().map(|(_, id)| *id).collect();
        let (mut moved, elsewhere) = purge_rest(archive, &key, &ids, size, purging)?;
        archive.vault.purge(key, seq)?;
        let mut elsewhere = elsewhere;
        for (ordinal, id) in sharing.into_iter().filter(|(ordinal, _)| !archive.state.purged.contains(ordinal.0)) {
            events.push(Event::MessagePurged { plan: plan.clone(), ordinal, id, digest, moved, elsewhere });
            // What the file had besides is counted with the first of its messages.
            (moved, elsewhere) = (0, 0);
        }
    }
    Ok(events)
}

/// Unlinks what is left of a file beside its name in the vault. Returns how much that was, and how many further hard links
/// there are that nothing in the archive's folders explains.
fn purge_rest(
    archive: &Archive,
    key: &VaultClearance,
    ids: &[MessageId],
    size: u64,
    purging: &mut Purging,
) -> Result<(u64, u64)> {
    let (digest, seq) = (key.digest(), archive.state.governance_seq);
    let inode = archive.vault.inode(&digest)?;
    let rest = |sweep: &Sweep| archive.mail.purge_rest(key, ids, inode, size, sweep, seq);
    let mut moved = purging.note(rest(&purging.sweep)?.moved);
    if archive.vault.links(&digest)?.unwrap_or(0) > 1 {
        // A client moved something since the mailboxes were looked through.
        let wanted = Wanted {
            ids: ids.iter().copied().collect(),
            inodes: inode.into_iter().collect(),
            sizes: [size].into_iter().collect(),
        };
        let again = Sweep::look(&archive.layout.mail(), &archive.layout.quarantine(), &wanted)?;
        moved += purging.note(rest(&again)?.moved);
    }
    let elsewhere = archive.vault.links(&digest)?.unwrap_or(1).saturating_sub(1);
    purging.elsewhere += elsewhere;
    Ok((moved, elsewhere))
}
