//! Bringing back what a plan moved to the recoverable items, while the deleted-item retention runs.
//!
//! Contract: the intent is durable before anything is moved; an interrupted return is finished when the archive is next
//! opened for writing. Nothing is decided here: what comes back is only better kept.

use super::{ArchiveWriter, plan::PlanReport, plan::checked_note};
use crate::{
    Error, ErrorKind, Result, fs,
    fs::fault,
    maildir::EntryName,
    model::{
        Event, Instant, PlanId, Right,
        event::{Archived, ItemList, ItemRef},
        limits,
    },
    state::PlanState,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What undoing a plan did.
#[derive(Clone, Debug, Serialize)]
pub struct UndoReport {
    /// The plan as it stands now.
    #[serde(flatten)]
    pub plan: PlanReport,
    /// Items that came back to `WhatsApp Archiver`.
    pub restored: u64,
    /// Items of the plan that were purged before, and do not come back.
    pub purged: u64,
}

impl super::Archive {
    /// Until when the items can be brought back that lie among the recoverable items because of a plan.
    pub(super) fn recoverable_until(&self, plan: &PlanState) -> Option<Instant> {
        let days = i64::from(self.meta.settings.deleted_item_retention_days);
        let since = plan.recoverable_since.filter(|_| plan.recoverable_items() > 0)?;
        Some(Instant(since.0.saturating_add(days.saturating_mul(Instant::DAY_MS))))
    }

    fn may_undo(&self, plan: &PlanState) -> Result<()> {
        let id = &plan.plan.id;
        let Some(until) = self.recoverable_until(plan) else {
            return Err(Error::new(ErrorKind::Usage, format!("nothing of the plan {id} is recoverable"))
                .with_hint("custodia delete show says what became of it"));
        };
        // The later of the two clocks: a clock that was set back brings nothing back.
        if self.clock.now().max(self.state.last_at) >= until {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("what the plan {id} deleted could be brought back until {until}; nothing was changed"),
            )
            .with_hint("what was not purged is still found and exported; custodia delete expire lists it"));
        }
        Ok(())
    }
}

impl ArchiveWriter {
    /// Brings back what a plan moved to the recoverable items.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Usage`] when nothing of it is recoverable (any more); I/O.
    pub fn undo_plan(&mut self, id: &str, reason: &str, dry_run: bool) -> Result<UndoReport> {
        self.archive.may(Right::Disposition, "delete.undo", id)?;
        self.guarded(|writer| writer.undo(id, reason, dry_run))
    }

    fn undo(&mut self, id: &str, reason: &str, dry_run: bool) -> Result<UndoReport> {
        let reason = checked_note(reason)?;
        self.archive.record(Vec::new())?;
        let state = self.archive.find_plan(id)?.clone();
        self.archive.may_undo(&state)?;
        let plan = state.plan.id.clone();
        let all = self.archive.journal.load_list(&state.items.to_list())?;
        let items: Vec<ItemRef> = all.into_iter().filter(|item| state.has_recoverable(item)).collect();
        let purged = state.plan.disposed.saturating_sub(items.len() as u64);
        if !dry_run {
            let messages = self.archived_events(&items)?;
            for chunk in items.chunks(limits::DELETE_CHUNK_ITEMS) {
                let list = ItemList::Inline(chunk.to_vec());
                self.archive.record(vec![Event::RestoreStarted { plan: plan.clone(), items: list }])?;
                fault::point("restore.intent");
                self.restore_step(&plan, chunk, &messages, false)?;
            }
            let restored = items.len() as u64;
            self.archive.record(vec![Event::RestoreFinished { plan: plan.clone(), restored, purged, reason }])?;
            self.save_state()?;
        }
        let mut report = self.archive.plan_report(&plan.0)?;
        report.dry_run = dry_run;
        Ok(UndoReport { plan: report, restored: items.len() as u64, purged })
    }

    fn restore_step(
        &mut self,
        plan: &PlanId,
        items: &[ItemRef],
        messages: &BTreeMap<u32, Archived>,
        recovered: bool,
    ) -> Result<()> {
        for item in items {
            let Some(message) = messages.get(&item.ordinal.0) else { continue };
            let name = EntryName::new(&message.id, message.sent, message.size);
            self.archive.mail.make_live(&item.mailbox, &name)?;
        }
        fault::point("restore.moved");
        fs::durable::sync_filesystem(self.archive.layout.root())?;
        let event = |item: &ItemRef| Event::ItemRestored { plan: plan.clone(), item: item.clone(), recovered };
        self.archive.record(items.iter().map(event).collect())?;
        fault::point("restore.recorded");
        // An entry that was not among the recoverable items is made anew from the vault.
        self.archive.deliver_missing(items.iter().map(|item| (&item.mailbox, item.ordinal, item.id)), messages)
    }

    /// Finishes returns that were begun and not recorded as done.
    pub(super) fn resume_restores(&mut self) -> Result<()> {
        let open: Vec<_> =
            self.archive.state.plans.values().filter(|plan| plan.restoring_items() > 0).cloned().collect();
        for plan in open {
            let all = self.archive.journal.load_list(&plan.items.to_list())?;
            let items: Vec<ItemRef> = all.into_iter().filter(|item| plan.is_restoring(item)).collect();
            let messages = self.archived_events(&items)?;
            self.restore_step(&plan.plan.id, &items, &messages, true)?;
            // The rest of the plan waits for whoever undoes it: what is recoverable is recoverable.
            self.save_state()?;
        }
        Ok(())
    }
}
