//! What bringing items back, and taking plans back, does to the state.

use super::super::{State, plans};
use crate::model::{
    Entry, Event, PlanId, PlanStatus,
    event::{ItemList, ItemRef},
};

impl State {
    pub(super) fn restoring(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::DeleteCancelled { plan, .. } => self.set_status(plan, PlanStatus::Cancelled),
            Event::RestoreStarted { plan, items: ItemList::Inline(items) } => {
                if let Some(state) = self.plans.get_mut(plan) {
                    items.iter().for_each(|item| plans::put(&mut state.restoring, item));
                }
            }
            Event::ItemRestored { plan, item, .. } => self.restored(plan, item),
            Event::RestoreFinished { plan, .. } => self.set_status(plan, PlanStatus::Undone),
            _ => {}
        }
    }

    fn set_status(&mut self, plan: &PlanId, status: PlanStatus) {
        if let Some(state) = self.plans.get_mut(plan) {
            state.plan.status = status;
        }
    }

    fn restored(&mut self, plan: &PlanId, item: &ItemRef) {
        let boxes = self.boxes.entry(item.mailbox.clone()).or_default();
        if boxes.recoverable.remove(item.ordinal.0) {
            boxes.live.insert(item.ordinal.0);
        }
        if let Some(state) = self.plans.get_mut(plan) {
            plans::take(&mut state.restoring, item);
            if plans::take(&mut state.recoverable, item) {
                state.plan.disposed = state.plan.disposed.saturating_sub(1);
            }
        }
    }
}
