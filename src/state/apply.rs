//! What each event does to the state.

use super::{PlanState, SourceFile, State};
use crate::model::{
    Entry, Event, Plan, PlanStatus, Run, UserStatus,
    event::Attribution,
    event::{Archived, Disposal, ItemList, ItemRef},
};

impl State {
    /// Applies the next line of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        self.mark = entry.mark();
        self.last_at = entry.line.at;
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
            Event::CaseCreated { case } => {
                self.cases.insert(case.id.clone(), case.clone());
            }
            Event::CustodianAdded { case, mailbox } => {
                if let Some(case) = self.cases.get_mut(case) {
                    case.custodians.insert(mailbox.clone());
                }
            }
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
            | Event::HoldReleased { .. }
            | Event::DeletePlanned { .. }
            | Event::DeleteStarted { .. }
            | Event::ItemDisposed { .. }
            | Event::MessagePurged { .. }
            | Event::DeleteFinished { .. } => self.governance(entry),
            // Reads and checks change nothing.
            _ => {}
        }
    }

    fn attributed(&mut self, ordinal: u32, attribution: &Attribution) {
        let boxes = self.boxes.entry(attribution.mailbox.clone()).or_default();
        boxes.bases.entry(attribution.basis).or_default().insert(ordinal);
    }

    fn import(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::RunStarted { run, sources, .. } => {
                let started = Run {
                    id: run.clone(),
                    started: entry.line.at,
                    finished: None,
                    sources: sources.clone(),
                    actor: entry.line.actor.label().to_owned(),
                    first_seq: entry.line.seq,
                    last_seq: None,
                    first_ordinal: self.messages,
                    next_ordinal: self.messages,
                    balance: crate::model::Balance::default(),
                };
                self.runs.insert(run.clone(), started);
            }
            Event::SourceOpened { run, file, digest, size, .. } => {
                let source = SourceFile { file: file.clone(), digest: *digest, size: *size };
                self.sources.entry(run.clone()).or_default().push(source);
            }
            Event::MessageArchived { message } => {
                self.archived(message);
                message.attributed.iter().for_each(|attribution| self.attributed(message.ordinal.0, attribution));
                self.message_seq = entry.line.seq;
            }
            Event::ItemDelivered { ordinal, mailbox, run, attributed, .. } => {
                self.boxes.entry(mailbox.clone()).or_default().live.insert(ordinal.0);
                self.gone.remove(ordinal.0);
                attributed.iter().for_each(|attribution| self.attributed(ordinal.0, attribution));
                if let Some(run) = self.runs.get_mut(run) {
                    run.balance.items.imported += 1;
                    run.balance.items.available += 1;
                }
            }
            Event::MessageLinked { original, link, .. } => {
                let set = match link {
                    crate::model::MessageKind::Edit => &mut self.edited,
                    _ => &mut self.deleted,
                };
                set.insert(original.0);
            }
            Event::RunIssue { run, finding, .. } => {
                if let Some(run) = self.runs.get_mut(run) {
                    *run.balance.by_code.entry(finding.code).or_default() += 1;
                }
            }
            Event::RunFinished { run, balance } => {
                if let Some(run) = self.runs.get_mut(run) {
                    run.finished = Some(entry.line.at);
                    run.last_seq = Some(entry.line.seq);
                    run.balance = (**balance).clone();
                }
            }
            _ => {}
        }
    }

    fn archived(&mut self, message: &Archived) {
        let ordinal = message.ordinal.0;
        if ordinal > self.messages {
            // A line between was not understood.
            self.gone.insert_range(self.messages..ordinal);
        }
        self.messages = self.messages.max(ordinal.saturating_add(1));
        if message.mailboxes.is_empty() {
            self.gone.insert(ordinal);
        }
        if message.partial.is_some() {
            self.partial.insert(ordinal);
        }
        if message.edited {
            self.edited.insert(ordinal);
        }
        if message.vague {
            self.vague.insert(ordinal);
        }
        for mailbox in &message.mailboxes {
            self.boxes.entry(mailbox.clone()).or_default().live.insert(ordinal);
        }
        if let Some(run) = self.runs.get_mut(&message.run) {
            run.next_ordinal = run.next_ordinal.max(ordinal.saturating_add(1));
            let balance = &mut run.balance;
            balance.read += 1;
            *(if message.revises.is_some() { &mut balance.revised } else { &mut balance.imported }) += 1;
            balance.items.available += message.mailboxes.len() as u64;
            balance.items.imported += message.mailboxes.len() as u64;
        }
    }

    fn governance(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::HoldPlaced { hold } => {
                self.holds.insert(hold.id.clone(), (**hold).clone());
                self.governance_seq = entry.line.seq;
            }
            Event::HoldReleased { hold, reason } => {
                if let Some(hold) = self.holds.get_mut(hold) {
                    hold.released_at = Some(entry.line.at);
                    hold.released_by = Some(entry.line.actor.label().to_owned());
                    hold.release_reason = Some(reason.clone());
                }
                self.governance_seq = entry.line.seq;
            }
            Event::DeletePlanned { plan, query, reason, matched, items, .. } => {
                let made = Plan {
                    id: plan.clone(),
                    created: entry.line.at,
                    created_by: entry.line.actor.label().to_owned(),
                    query: query.clone(),
                    reason: reason.clone(),
                    status: PlanStatus::Planned,
                    matched: *matched,
                    disposed: 0,
                };
                let state = PlanState { plan: made, items: items.into(), open: Default::default(), open_how: None };
                self.plans.insert(plan.clone(), state);
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
                if let Some(state) = self.plans.get_mut(plan) {
                    state.close(item);
                    state.plan.disposed += 1;
                }
            }
            Event::MessagePurged { ordinal, .. } => {
                self.message_seq = entry.line.seq;
                self.purged.insert(ordinal.0);
                self.forget_tags(ordinal.0);
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
            }
        }
        if self.mailboxes_of(ordinal).next().is_none() {
            self.gone.insert(ordinal);
        }
    }
}
