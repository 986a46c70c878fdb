//! What an import does to the state.

use super::super::{SourceFile, State};
use crate::model::{
    Entry, Event, Run,
    event::{Archived, Attribution},
};

impl State {
    fn attributed(&mut self, ordinal: u32, attribution: &Attribution) {
        let boxes = self.boxes.entry(attribution.mailbox.clone()).or_default();
        boxes.bases.entry(attribution.basis).or_default().insert(ordinal);
    }

    pub(super) fn import(&mut self, entry: &Entry) {
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
                self.imported.insert(self.messages, entry.line.at);
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
}
