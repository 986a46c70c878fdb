//! What retention does to the state. Every event here changes what may be deleted.

use super::super::State;
use crate::model::{Change, Entry, Event, Floor, LabelId, LabelUse, MailboxName, Ordinal, Policy};
use roaring::RoaringBitmap;

impl State {
    pub(super) fn retention_event(&mut self, entry: &Entry) {
        self.governance_seq = entry.line.seq;
        let schedule = &mut self.schedule;
        match &entry.line.event {
            // Whatever a line says, the floor never sinks, a locked policy keeps what it kept, and nothing takes a rule's place.
            Event::FloorSet { keep, .. }
                if schedule.floor.as_ref().is_some_and(|floor| !keep.is_at_least(floor.keep)) => {}
            Event::FloorSet { keep, reason } => {
                schedule.floor = Some(Floor { keep: *keep, set: change(entry, reason) });
            }
            Event::PolicyAdded { policy } => {
                schedule.policies.entry(policy.id.clone()).or_insert_with(|| (**policy).clone());
            }
            Event::PolicyEdited { policy, terms, scope, reason } => {
                let allowed = |old: &Policy| {
                    old.locked.is_none() || terms.no_shorter_than(&old.terms) && scope.contains(&old.scope)
                };
                if let Some(policy) = schedule.policies.get_mut(policy).filter(|policy| allowed(policy)) {
                    (policy.terms, policy.scope) = (*terms, (**scope).clone());
                    policy.edited = Some(change(entry, reason));
                }
            }
            Event::PolicyLocked { policy, reason } => {
                if let Some(policy) = schedule.policies.get_mut(policy) {
                    policy.locked.get_or_insert(change(entry, reason));
                }
            }
            Event::PolicyRemoved { policy, reason } => {
                if let Some(policy) = schedule.policies.get_mut(policy).filter(|policy| policy.locked.is_none()) {
                    policy.removed.get_or_insert(change(entry, reason));
                }
            }
            Event::LabelAdded { label } => {
                schedule.labels.entry(label.id.clone()).or_insert_with(|| (**label).clone());
            }
            Event::LabelApplied { label, reason, mailbox, items, .. } => {
                self.labelled(label, change(entry, reason), mailbox, items);
            }
            Event::LabelCleared { mailbox, items, .. } => {
                self.forget_labels(mailbox, &items.iter().map(|ordinal| ordinal.0).collect());
            }
            _ => {}
        }
    }

    /// One label per item: the last that was put on it.
    fn labelled(&mut self, label: &LabelId, applied: Change, mailbox: &MailboxName, items: &[Ordinal]) {
        self.forget_labels(mailbox, &items.iter().map(|ordinal| ordinal.0).collect());
        let Some(boxes) = self.boxes.get(mailbox) else { return };
        let there: Vec<u32> = items.iter().map(|ordinal| ordinal.0).filter(|ordinal| boxes.has(*ordinal)).collect();
        let uses = &mut self.schedule.uses;
        // The lines of one batch are one act.
        let same = |used: &LabelUse| {
            let last = &used.applied;
            used.label == *label && last.at == applied.at && last.by == applied.by && last.reason == applied.reason
        };
        if !uses.last().is_some_and(same) {
            uses.push(LabelUse { label: label.clone(), applied });
        }
        let at = uses.len().saturating_sub(1) as u32;
        self.schedule.labelled.entry(mailbox.clone()).or_default().entry(at).or_default().extend(there);
    }

    /// Items of a mailbox lose the labels that were put on them by hand.
    pub(super) fn forget_labels(&mut self, mailbox: &MailboxName, gone: &RoaringBitmap) {
        let Some(uses) = self.schedule.labelled.get_mut(mailbox) else { return };
        uses.retain(|_, items| {
            *items -= gone;
            !items.is_empty()
        });
        if uses.is_empty() {
            self.schedule.labelled.remove(mailbox);
        }
    }

    /// All items of a message do.
    pub(super) fn forget_labels_of(&mut self, ordinal: u32) {
        let gone = RoaringBitmap::from_iter([ordinal]);
        let mailboxes: Vec<MailboxName> = self.schedule.labelled.keys().cloned().collect();
        mailboxes.iter().for_each(|mailbox| self.forget_labels(mailbox, &gone));
    }
}

fn change(entry: &Entry, reason: &str) -> Change {
    Change {
        at: entry.line.at,
        by: entry.line.actor.label().to_owned(),
        reason: reason.to_owned(),
        seq: entry.line.seq,
    }
}
