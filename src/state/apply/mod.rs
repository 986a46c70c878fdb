//! What each event does to the state.

mod approval;
mod case;
mod deletion;
mod erasure;
mod hold;
mod import;
mod restore;
mod retention;

use super::State;
use crate::model::{Entry, Event, Instant, UserStatus};

impl State {
    /// Applies the next line of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        let (before, at) = (self.last_at, entry.line.at);
        if before > Instant(0) && at.0 > before.0.saturating_add(super::CLOCK_AHEAD_MS) {
            self.clock_jumped = Some(at);
        }
        self.mark = entry.mark();
        self.last_at = at;
        self.event(entry);
    }

    fn event(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::JournalMismatch { expected_seq, .. } => {
                self.shortened.get_or_insert(*expected_seq);
            }
            Event::UserAdded { user } | Event::UserEdited { user } => {
                self.users.insert(user.email.clone(), user.clone());
            }
            Event::UserDisabled { email, .. } => {
                if let Some(user) = self.users.get_mut(email) {
                    user.status = UserStatus::Disabled;
                }
            }
            Event::MappingImported { replace: true, .. } => self.mapping.clear(),
            Event::MappingAdded { row } => {
                self.mapping.retain(|old| old != row);
                self.mapping.push(row.clone());
            }
            Event::MappingRemoved { number } => self.mapping.retain(|row| row.number != *number),
            Event::CaseCreated { .. }
            | Event::CustodianAdded { .. }
            | Event::CustodianDescribed { .. }
            | Event::CustodianRemoved { .. }
            | Event::CaseEdited { .. }
            | Event::CaseNoted { .. }
            | Event::CaseClosed { .. }
            | Event::CaseReopened { .. }
            | Event::CaseSearchSaved { .. }
            | Event::CaseSearchRun { .. }
            | Event::CaseSearchRemoved { .. } => self.case_event(entry),
            Event::ApprovalGiven { .. } => self.approval_event(entry),
            Event::MessagesTagged { tag, messages, .. } => self.tagged(tag, messages, entry),
            Event::MessagesUntagged { tag, messages, .. } => self.untagged(tag, messages, entry),
            Event::RunStarted { .. }
            | Event::SourceOpened { .. }
            | Event::MessageArchived { .. }
            | Event::ItemDelivered { .. }
            | Event::MessageLinked { .. }
            | Event::RunIssue { .. }
            | Event::RunFinished { .. } => self.import(entry),
            Event::HoldPlaced { .. }
            | Event::HoldListed { .. }
            | Event::HoldWidened { .. }
            | Event::HoldReleased { .. }
            | Event::HoldDelayEnded { .. } => self.hold_event(entry),
            Event::FloorSet { .. }
            | Event::PolicyAdded { .. }
            | Event::PolicyEdited { .. }
            | Event::PolicyLocked { .. }
            | Event::PolicyRemoved { .. }
            | Event::LabelAdded { .. }
            | Event::LabelApplied { .. }
            | Event::LabelCleared { .. } => self.retention_event(entry),
            Event::DeletePlanned { .. }
            | Event::DeleteStarted { .. }
            | Event::ItemDisposed { .. }
            | Event::MessagePurged { .. }
            | Event::DeleteFinished { .. } => self.deletion(entry),
            Event::AnchorMissing { .. } | Event::AnchorConfirmed { .. } | Event::BackupCreated { .. } => {
                self.anchored(entry);
            }
            // What was begun in the archive that was backed up is not resumed in this one by itself: a hold that was placed
            // there since is not known here. The plan can be applied again, and then every item is decided again.
            Event::BackupRestored { .. } => self.plans.values_mut().for_each(super::PlanState::forget_begun),
            Event::DeleteCancelled { .. }
            | Event::RestoreStarted { .. }
            | Event::ItemRestored { .. }
            | Event::RestoreFinished { .. } => self.restoring(entry),
            Event::ErasureRequested { .. } | Event::ErasureRestricted { .. } | Event::ErasureCompleted { .. } => {
                self.erasure_event(entry);
            }
            // Reads and checks change nothing.
            _ => {}
        }
    }
}
