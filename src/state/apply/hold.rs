//! What holds do to the state. Every event here changes what may be deleted.

use super::super::State;
use crate::model::{Entry, Event};

impl State {
    pub(super) fn hold_event(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::HoldPlaced { hold } => {
                // Whatever a line says, no hold takes the place of another.
                self.holds.entry(hold.id.clone()).or_insert_with(|| (**hold).clone());
                self.governance_seq = entry.line.seq;
            }
            Event::HoldListed { hold, ids } => {
                if let Some(listed) = self.holds.get_mut(hold).and_then(|hold| hold.scope.ids.as_mut()) {
                    listed.extend(ids);
                }
                self.governance_seq = entry.line.seq;
            }
            Event::HoldWidened { hold, mailboxes, closed_query, .. } => {
                if let Some(hold) = self.holds.get_mut(hold) {
                    let scope = &mut hold.scope;
                    scope.mailboxes.extend(mailboxes.iter().cloned());
                    let known =
                        |json: &&String| scope.closed_query.as_ref() == Some(json) || scope.more_queries.contains(json);
                    if let Some(json) = closed_query.as_ref().filter(|json| !known(json)) {
                        scope.more_queries.push(json.clone());
                    }
                }
                self.governance_seq = entry.line.seq;
            }
            Event::HoldReleased { hold, reason, delay_until } => {
                if let Some(hold) = self.holds.get_mut(hold) {
                    hold.released_at = Some(entry.line.at);
                    hold.released_by = Some(entry.line.actor.label().to_owned());
                    hold.release_reason = Some(reason.clone());
                    hold.delay_until = *delay_until;
                }
                self.governance_seq = entry.line.seq;
            }
            Event::HoldDelayEnded { hold, reason } => {
                if let Some(hold) = self.holds.get_mut(hold) {
                    hold.delay_ended_at = Some(entry.line.at);
                    hold.delay_ended_by = Some(entry.line.actor.label().to_owned());
                    hold.delay_end_reason = Some(reason.clone());
                }
                self.governance_seq = entry.line.seq;
            }
            _ => {}
        }
    }
}
