//! Finishing what a crash interrupted: deletions, and items that were to come back. Called when the archive is opened
//! for writing; whatever it does is decided and recorded as if it had not been interrupted.

use super::ArchiveWriter;
use crate::{
    Result, fs,
    model::{
        Event, PlanId, Watermark,
        event::{Archived, Disposal, ItemRef},
        limits,
    },
};
use std::collections::{BTreeMap, BTreeSet};

impl ArchiveWriter {
    /// Finishes deletions that were begun and not recorded as done. What is blocked by now stays, and gets back the
    /// mailbox entry that it may have lost.
    pub(super) fn resume_deletions(&mut self) -> Result<()> {
        if self.archive.may_dispose().is_err() {
            // They stay begun: what the journal lacks, or has and is not understood, may be a hold on them.
            return Ok(());
        }
        let open: Vec<_> = self.archive.state.plans.values().filter(|plan| plan.open_items() > 0).cloned().collect();
        for plan in open {
            let how = plan.open_how.unwrap_or(Disposal::Recoverable);
            let id = &plan.plan.id;
            let mut items = self.archive.journal.load_list(&plan.items.to_list())?;
            items.retain(|item| plan.open.get(&item.mailbox).is_some_and(|open| open.contains(item.ordinal.0)));
            let begun = items.len() as u64;
            let messages = self.archived_events(&items)?;
            let mut purging = match how {
                Disposal::Purged => self.archive.purging(messages.values().map(|m| (m.id, m.digest, m.size)))?,
                Disposal::Recoverable => self.archive.moving(items.iter().map(|item| item.id))?,
            };
            let (gone, mut purged) = self.record_gone(id, &items, &messages, how)?;
            let mut disposed = gone.len() as u64;
            items.retain(|item| !gone.contains(item));
            for chunk in items.chunks(limits::DELETE_CHUNK_ITEMS) {
                let (items, messages) = self.dispose_step(id, chunk, how, true, &mut purging)?;
                disposed += items;
                purged += messages;
            }
            self.archive.deliver_missing(items.iter().map(|item| (&item.mailbox, item.ordinal, item.id)), &messages)?;
            let event = Event::DeleteFinished { plan: id.clone(), disposed, blocked: begun - disposed };
            self.archive.record(vec![event])?;
            self.settle(purged > 0)?;
        }
        Ok(())
    }

    /// The events that archived the messages of these items. From the journal: the index may have been made anew since
    /// their files went.
    pub(super) fn archived_events(&self, items: &[ItemRef]) -> Result<BTreeMap<u32, Archived>> {
        let wanted: BTreeSet<u32> = items.iter().map(|item| item.ordinal.0).collect();
        let mut found = BTreeMap::new();
        let mut reader = self.archive.journal.read_after(&Watermark::START)?;
        while found.len() < wanted.len()
            && let Some(entry) = reader.next_entry()?
        {
            match entry.line.event {
                Event::MessageArchived { message } if wanted.contains(&message.ordinal.0) => {
                    found.insert(message.ordinal.0, *message);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Items of an interrupted purge whose vault file is gone: that was unlinked last, after every decision.
    fn record_gone(
        &mut self,
        plan: &PlanId,
        items: &[ItemRef],
        messages: &BTreeMap<u32, Archived>,
        how: Disposal,
    ) -> Result<(Vec<ItemRef>, u64)> {
        let (mut gone, mut events, mut purged) = (Vec::new(), Vec::new(), BTreeMap::new());
        for item in items.iter().filter(|_| how == Disposal::Purged) {
            let Some(message) = messages.get(&item.ordinal.0) else { continue };
            if self.archive.vault.inode(&message.digest)?.is_none() {
                events.push(Event::ItemDisposed {
                    plan: plan.clone(),
                    item: item.clone(),
                    how,
                    recovered: true,
                    moved: 0,
                });
                purged.insert(message.ordinal, (message.id, message.digest));
                gone.push(item.clone());
            }
        }
        for (ordinal, (id, digest)) in &purged {
            let (ordinal, id, digest) = (*ordinal, *id, *digest);
            // How many links there were can no longer be told.
            events.push(Event::MessagePurged { plan: plan.clone(), ordinal, id, digest, moved: 0, elsewhere: 0 });
        }
        if !events.is_empty() {
            fs::durable::sync_filesystem(self.archive.layout.root())?;
            self.archive.record(events)?;
        }
        for ordinal in purged.keys() {
            self.index_mut()?.delete(*ordinal);
        }
        Ok((gone, purged.len() as u64))
    }
}
