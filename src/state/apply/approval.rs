//! What approvals do to the state.

use super::super::State;
use crate::model::{Approval, Entry, Event};

impl State {
    pub(super) fn approval_event(&mut self, entry: &Entry) {
        let Event::ApprovalGiven { target, digest, signed, reason } = &entry.line.event else { return };
        self.approvals.push(Approval {
            target: target.clone(),
            digest: *digest,
            seq: entry.line.seq,
            at: entry.line.at,
            os_user: entry.line.actor.os_user.clone(),
            by: entry.line.actor.label().to_owned(),
            signed: signed.clone(),
            reason: reason.clone(),
        });
    }
}
