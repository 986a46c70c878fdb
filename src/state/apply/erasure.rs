//! What requests for erasure do to the state. They free nothing and hold nothing.

use super::super::{ErasureState, State};
use crate::model::{Entry, ErasureId, Event, PlanBasis, PlanId};

impl State {
    pub(super) fn erasure_event(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::ErasureRequested { request, items } => {
                let state = ErasureState {
                    request: (**request).clone(),
                    items: items.into(),
                    plans: Vec::new(),
                    restricted: 0,
                    completed: None,
                    completed_by: None,
                    answer: None,
                };
                self.erasures.insert(request.id.clone(), state);
            }
            Event::ErasureRestricted { request, items, .. } => {
                if let Some(state) = self.erasures.get_mut(request) {
                    state.restricted = *items;
                }
            }
            Event::ErasureCompleted { request, reason } => {
                if let Some(state) = self.erasures.get_mut(request) {
                    state.completed = Some(entry.line.at);
                    state.completed_by = Some(entry.line.actor.label().to_owned());
                    state.answer = Some(reason.clone());
                }
            }
            _ => {}
        }
    }

    /// Takes note of a plan that was made for a request.
    pub(super) fn planned_for(&mut self, basis: &PlanBasis, plan: &PlanId) {
        if let PlanBasis::Erasure(request) = basis
            && let Some(state) = self.erasures.get_mut(&ErasureId(request.clone()))
        {
            state.plans.push(plan.clone());
        }
    }
}
