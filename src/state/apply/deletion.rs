//! What deletions do to the state.

use super::super::{PlanState, State, plans};
use crate::model::{
    Entry, Event, Plan, PlanId, PlanStatus,
    event::{Disposal, ItemList, ItemRef},
};
use roaring::RoaringBitmap;

impl State {
    pub(super) fn deletion(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::DeletePlanned { plan, reason, basis, matched, items, .. } => {
                let made = Plan {
                    id: plan.clone(),
                    created: entry.line.at,
                    created_by: entry.line.actor.label().to_owned(),
                    seq: entry.line.seq,
                    reason: reason.clone(),
                    basis: basis.clone(),
                    status: PlanStatus::Planned,
                    matched: *matched,
                    disposed: 0,
                    applied: None,
                    applied_by: None,
                };
                self.plans.insert(plan.clone(), PlanState::new(made, items.into()));
                self.planned_for(basis, plan);
            }
            Event::DeleteStarted { plan, how, items } => {
                if let Some(state) = self.plans.get_mut(plan) {
                    state.plan.status = PlanStatus::Applying;
                    // A step is never longer than a line: see `limits::DELETE_CHUNK_ITEMS`.
                    if let ItemList::Inline(items) = items {
                        state.begin(items, *how);
                    }
                }
            }
            Event::ItemDisposed { plan, item, how, .. } => {
                self.disposed(item, *how);
                let counted = self.no_longer_recoverable(plan, item);
                if let Some(state) = self.plans.get_mut(plan) {
                    state.close(item);
                    state.plan.disposed += u64::from(!counted);
                    state.plan.applied = Some(entry.line.at);
                    state.plan.applied_by = Some(entry.line.actor.label().to_owned());
                    if *how == Disposal::Recoverable {
                        plans::put(&mut state.recoverable, item);
                        state.recoverable_since = Some(entry.line.at);
                    }
                }
            }
            Event::MessagePurged { ordinal, .. } => {
                self.message_seq = entry.line.seq;
                self.purged.insert(ordinal.0);
                self.forget_tags(ordinal.0);
                self.forget_labels_of(ordinal.0);
            }
            Event::DeleteFinished { plan, .. } => {
                if let Some(state) = self.plans.get_mut(plan) {
                    state.plan.status = PlanStatus::Applied;
                    state.open.clear();
                }
            }
            _ => {}
        }
    }

    /// Takes an item off the recoverable items of every plan. Returns whether it was among those of this one.
    fn no_longer_recoverable(&mut self, plan: &PlanId, item: &ItemRef) -> bool {
        let mut own = false;
        for (id, state) in self.plans.iter_mut().filter(|(_, state)| !state.recoverable.is_empty()) {
            own |= plans::take(&mut state.recoverable, item) && id == plan;
        }
        own
    }

    fn disposed(&mut self, item: &ItemRef, how: Disposal) {
        let ordinal = item.ordinal.0;
        let boxes = self.boxes.entry(item.mailbox.clone()).or_default();
        boxes.live.remove(ordinal);
        match how {
            Disposal::Recoverable => {
                boxes.recoverable.insert(ordinal);
            }
            Disposal::Purged => {
                boxes.recoverable.remove(ordinal);
                boxes.disposed.insert(ordinal);
                self.forget_labels(&item.mailbox, &RoaringBitmap::from_iter([ordinal]));
            }
        }
        if self.mailboxes_of(ordinal).next().is_none() {
            self.gone.insert(ordinal);
        }
    }
}
