//! Carrying a plan out: under both locks every item is decided again, the intent is made durable, then it is unlinked,
//! then that is recorded. An interrupted step is resumed when the archive is next opened for writing.

use super::{
    ArchiveWriter,
    append::{apply_own, catch_up},
    plan::{PlanReport, Tally, report},
    tail::TailMessages,
};
use crate::{
    Error, ErrorKind, Result, fs,
    fs::fault,
    governance::{ActiveHold, ItemClearance, VaultClearance},
    index::HitRecord,
    maildir::EntryName,
    model::{
        Digest, Event, Instant, PlanId, PlanStatus, Watermark,
        event::{Archived, Disposal, ItemList, ItemRef},
        limits,
    },
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How far past the last event the clock may stand before a disposition is refused, in milliseconds: ten years.
const CLOCK_AHEAD_MS: i64 = 10 * 366 * 24 * 3600 * 1000;

/// How to apply a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions {
    /// Dispose of what can go although other items are blocked.
    pub deletable_only: bool,
    /// For good, instead of to the recoverable items.
    pub purge: bool,
    /// Decide everything, write nothing.
    pub dry_run: bool,
}

/// What applying a plan did.
#[derive(Clone, Debug, Serialize)]
pub struct ApplyReport {
    /// The plan as it stands now.
    #[serde(flatten)]
    pub plan: PlanReport,
    /// Items that this disposed of.
    pub applied: u64,
    /// `recoverable` or `purged`.
    pub how: Disposal,
    /// Messages whose last item went, and their file with it.
    pub messages_purged: u64,
}

impl ArchiveWriter {
    /// Applies a plan.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when an item is blocked (nothing changed, the refusal is recorded);
    /// [`ErrorKind::ClockSuspect`]; [`ErrorKind::Damaged`] when the journal is; I/O.
    pub fn apply_plan(&mut self, id: &str, options: ApplyOptions) -> Result<ApplyReport> {
        self.guarded(|writer| writer.run_plan(id, options))
    }

    fn run_plan(&mut self, id: &str, options: ApplyOptions) -> Result<ApplyReport> {
        // A hold that another process placed since is in force.
        self.archive.record(Vec::new())?;
        let state = self.archive.find_plan(id)?.clone();
        let plan = state.plan.id.clone();
        self.archive.may_dispose()?;
        let items = self.archive.journal.load_list(&state.items.to_list())?;
        let mut tally = self.archive.tally(&items)?;
        let how = if options.purge { Disposal::Purged } else { Disposal::Recoverable };
        if how == Disposal::Recoverable {
            let boxes = &self.archive.state.boxes;
            tally.deletable.retain(|item| boxes.get(&item.mailbox).is_some_and(|b| b.live.contains(item.ordinal.0)));
        }
        // A plan of which an interruption left something to do is not done, whatever its status.
        if state.plan.status == PlanStatus::Applied && tally.deletable.is_empty() && !options.purge {
            return Err(Error::new(ErrorKind::Usage, format!("the plan {plan} was applied already"))
                .with_hint("custodia delete show says what became of it"));
        }
        let refused = !tally.blocked.is_empty() && (!options.deletable_only || tally.deletable.is_empty());
        if refused {
            return Err(self.refuse(&plan, items.len() as u64, &tally, options.dry_run)?);
        }
        let (mut applied, mut messages_purged) = (0, 0);
        if !options.dry_run {
            for chunk in tally.deletable.chunks(limits::DELETE_CHUNK_ITEMS) {
                let (items, messages) = self.dispose_step(&plan, chunk, how, false)?;
                applied += items;
                messages_purged += messages;
                if items < chunk.len() as u64 && !options.deletable_only {
                    // A hold was placed in the middle: what it covers stays, and nothing more is touched.
                    break;
                }
            }
            let blocked = tally.blocked.len() as u64 + tally.deletable.len() as u64 - applied;
            self.archive.record(vec![Event::DeleteFinished { plan: plan.clone(), disposed: applied, blocked }])?;
            self.settle(messages_purged > 0)?;
        }
        let state = self.archive.find_plan(&plan.0)?.clone();
        let tally = self.archive.tally(&items)?;
        let mut plan = report(&state, items.len() as u64, &tally);
        plan.dry_run = options.dry_run;
        Ok(ApplyReport { plan, applied, how, messages_purged })
    }

    /// Records a refusal and makes the error that says everything about it.
    fn refuse(&mut self, plan: &PlanId, matched: u64, tally: &Tally, dry_run: bool) -> Result<Error> {
        let (blocked, blocked_by) = (tally.blocked.len() as u64, tally.blocked_by());
        if !dry_run {
            let event = Event::DeleteRefused { plan: plan.clone(), matched, blocked, blocked_by: blocked_by.clone() };
            self.archive.record(vec![event])?;
        }
        let first = tally.blocked.first().map(|item| item.id.to_string()).unwrap_or_default();
        let rows: Vec<String> =
            blocked_by.iter().map(|by| format!("\n  {:>6}  {} {}", by.items, by.kind, by.name)).collect();
        let message = format!(
            "{blocked} of {matched} items in plan {plan} may not be deleted. Nothing was deleted.{}",
            rows.concat()
        );
        let free = tally.deletable.len();
        let hint = if free > 0 {
            format!("custodia hold explain {first} says why; --deletable-only deletes the other {free}")
        } else {
            format!("custodia hold explain {first} says why, and what would change it")
        };
        let details = serde_json::json!({
            "plan": plan, "matched": matched, "deletable": free, "blocked": blocked, "blocked_by": blocked_by, "example": first,
        });
        Ok(Error::new(ErrorKind::Held, message).with_hint(hint).with_details(details))
    }

    /// One step: at most [`limits::DELETE_CHUNK_ITEMS`] items, decided and unlinked while both locks are held.
    fn dispose_step(&mut self, plan: &PlanId, items: &[ItemRef], how: Disposal, recovered: bool) -> Result<(u64, u64)> {
        let archive = &mut self.archive;
        let mut guard = archive.journal.lock(archive.state.mark.seq)?;
        catch_up(&archive.journal, &mut archive.state, &guard, &mut archive.tail)?;
        let governance_seq = archive.state.governance_seq;
        let cleared = clear(archive, items)?;
        if cleared.is_empty() {
            return Ok((0, 0));
        }
        let refs: Vec<ItemRef> = cleared.iter().map(|c| c.item.clone()).collect();
        let intent = vec![Event::DeleteStarted { plan: plan.clone(), how, items: ItemList::Inline(refs) }];
        let mut nowhere = TailMessages::default();
        let appended = guard.append(&intent, &archive.actor, archive.clock.now(), true)?;
        apply_own(&mut archive.state, &mut nowhere, intent, &appended, &archive.actor);
        fault::point("delete.intent");
        for clearance in &cleared {
            let record = &clearance.record;
            let name = EntryName::new(&record.id, record.sent, record.size);
            match how {
                Disposal::Recoverable => {
                    archive.mail.make_recoverable(&clearance.key, &name, governance_seq)?;
                }
                Disposal::Purged => {
                    let inode = archive.vault.inode(&record.digest)?;
                    archive.mail.purge(&clearance.key, &name, inode, governance_seq)?;
                }
            }
        }
        fault::point("delete.unlinked");
        let mut events: Vec<Event> = cleared
            .iter()
            .map(|c| Event::ItemDisposed { plan: plan.clone(), item: c.item.clone(), how, recovered })
            .collect();
        let count = events.len() as u64;
        let mut purged = Vec::new();
        if how == Disposal::Purged {
            purged = purge_files(archive, plan, &cleared)?;
            events.extend(purged.iter().cloned());
        }
        fault::point("delete.purged");
        // What the journal says is gone must not come back with a power cut.
        fs::durable::sync_filesystem(archive.layout.root())?;
        let appended = guard.append(&events, &archive.actor, archive.clock.now(), true)?;
        apply_own(&mut archive.state, &mut nowhere, events, &appended, &archive.actor);
        drop(guard);
        for event in &purged {
            if let Event::MessagePurged { ordinal, .. } = event {
                self.index_mut()?.delete(*ordinal);
            }
        }
        Ok((count, purged.len() as u64))
    }

    /// Writes what a deletion changed in the derived stores.
    fn settle(&mut self, purged: bool) -> Result<()> {
        if purged {
            let head = self.archive.state.mark;
            self.commit_index(&head)?;
            // Deleted text stays in segment files until they are merged.
            let index = self.index.take().ok_or_else(|| Error::bug("the index writer is away"))?;
            self.index = Some(index.merge_all()?);
            self.archive.index = crate::index::Reader::open(&self.archive.layout.index())?;
        }
        self.save_state()
    }

    /// Finishes deletions that were begun and not recorded as done. What is blocked by now stays, and gets back the
    /// mailbox entry that it may have lost.
    pub(super) fn resume_deletions(&mut self) -> Result<()> {
        let open: Vec<_> = self.archive.state.plans.values().filter(|plan| plan.open_items() > 0).cloned().collect();
        for plan in open {
            let how = plan.open_how.unwrap_or(Disposal::Recoverable);
            let id = &plan.plan.id;
            let mut items = self.archive.journal.load_list(&plan.items.to_list())?;
            items.retain(|item| plan.open.get(&item.mailbox).is_some_and(|open| open.contains(item.ordinal.0)));
            let begun = items.len() as u64;
            let messages = self.archived_events(&items)?;
            let (gone, mut purged) = self.record_gone(id, &items, &messages, how)?;
            let mut disposed = gone.len() as u64;
            items.retain(|item| !gone.contains(item));
            for chunk in items.chunks(limits::DELETE_CHUNK_ITEMS) {
                let (items, messages) = self.dispose_step(id, chunk, how, true)?;
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
    fn archived_events(&self, items: &[ItemRef]) -> Result<BTreeMap<u32, Archived>> {
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
                events.push(Event::ItemDisposed { plan: plan.clone(), item: item.clone(), how, recovered: true });
                purged.insert(message.ordinal, (message.id, message.digest));
                gone.push(item.clone());
            }
        }
        for (ordinal, (id, digest)) in &purged {
            events.push(Event::MessagePurged { plan: plan.clone(), ordinal: *ordinal, id: *id, digest: *digest });
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

/// An item that may go.
struct Cleared {
    item: ItemRef,
    record: HitRecord,
    key: ItemClearance,
}

/// Decides every item against the holds as they are under the lock.
fn clear(archive: &super::Archive, items: &[ItemRef]) -> Result<Vec<Cleared>> {
    let holds: Vec<ActiveHold<'_>> = archive.state.active_holds().map(ActiveHold::new).collect();
    let needed = holds.iter().any(ActiveHold::needs_facts);
    let mut cleared = Vec::new();
    for item in items {
        if !archive.state.boxes.get(&item.mailbox).is_some_and(|boxes| boxes.has(item.ordinal.0)) {
            continue;
        }
        let record = archive.record_of(item.ordinal)?;
        let facts = if needed { archive.facts_of(&record).ok() } else { None };
        let subject = archive.subject(&record, &item.mailbox, facts.as_ref());
        // A kept item stays in the plan, and is counted as blocked by the caller.
        if let Ok(key) = ItemClearance::decide(&subject, record.digest, &holds, archive.state.governance_seq) {
            cleared.push(Cleared { item: item.clone(), record, key });
        }
    }
    Ok(cleared)
}

/// Unlinks the vault files whose last item goes with this step. Returns the events that say so.
fn purge_files(archive: &super::Archive, plan: &PlanId, cleared: &[Cleared]) -> Result<Vec<Event>> {
    let mut by_digest: BTreeMap<Digest, Vec<&Cleared>> = BTreeMap::new();
    for one in cleared {
        by_digest.entry(one.key.digest()).or_default().push(one);
    }
    let mut events = Vec::new();
    for (digest, going) in by_digest {
        let sharing = match &archive.index {
            Some(index) => index.by_digest(&digest)?,
            None => Vec::new(),
        };
        let left = sharing
            .iter()
            .flat_map(|record| {
                archive.state.mailboxes_of(record.ordinal.0).map(move |mailbox| (record.ordinal, mailbox))
            })
            .filter(|(ordinal, mailbox)| {
                !going.iter().any(|one| one.item.ordinal == *ordinal && one.item.mailbox == **mailbox)
            })
            .count() as u64;
        let seq = archive.state.governance_seq;
        let unknown = sharing.is_empty();
        if let Some(key) = VaultClearance::when_none_left(digest, left, seq).filter(|_| !unknown) {
            archive.vault.purge(key, seq)?;
            for record in &sharing {
                events.push(Event::MessagePurged {
                    plan: plan.clone(),
                    ordinal: record.ordinal,
                    id: record.id,
                    digest,
                });
            }
        }
    }
    Ok(events)
}

impl super::Archive {
    /// Whether the state of journal and clock allows a disposition at all.
    fn may_dispose(&self) -> Result<()> {
        let damaged = |why: &str| {
            Error::new(ErrorKind::Damaged, format!("nothing is deleted while {why}"))
                .with_hint("run custodia verify; restore the journal from a backup")
        };
        if self.state.unreadable > 0 {
            return Err(damaged("the journal has lines that are not understood: a hold may be among them"));
        }
        if self.state.chain_broken.is_some() || self.state.shortened.is_some() || !self.mismatches.is_empty() {
            return Err(damaged("the journal does not hold together: a hold may have been taken out of it"));
        }
        let (now, last): (Instant, Instant) = (self.clock.now(), self.state.last_at);
        if now.0 + 2_000 < last.0 || now.0 > last.0 + CLOCK_AHEAD_MS {
            return Err(Error::new(
                ErrorKind::ClockSuspect,
                format!("the clock says {now}, the last event was at {last}: nothing is deleted by a clock that may be wrong"),
            )
            .with_hint("set the clock right and try again"));
        }
        Ok(())
    }
}
