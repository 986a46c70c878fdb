//! Who is in a conversation, with what each sent and received in it.
//!
//! Limits: reads the stored record of every message of the chat, about 10 µs each.

use super::super::Archive;
use crate::{
    Result,
    mapping::{Directory, Switches},
    model::{Instant, MailboxName, Ordinal, Participant, Right, limits},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One party of a conversation. Numbers tell parties apart, then addresses, then names.
#[derive(Clone, Debug, Serialize)]
pub struct ChatParticipant {
    /// As the newest message names it.
    #[serde(flatten)]
    pub party: Participant,
    /// Other names that its messages have for it.
    pub other_names: Vec<String>,
    /// Messages that it sent.
    pub sent: u64,
    /// Messages that it received.
    pub received: u64,
    /// The oldest message with it.
    pub first: Option<Instant>,
    /// The newest message with it.
    pub last: Option<Instant>,
    /// The mailbox that it maps to, at the time of its newest message.
    pub mailbox: Option<MailboxName>,
}

/// The parties of a conversation.
#[derive(Clone, Debug, Serialize)]
pub struct ChatParticipants {
    /// The conversation's id.
    pub id: String,
    /// Its name, else its parties.
    pub title: String,
    /// Its messages.
    pub messages: u64,
    /// The parties: who sent most comes first.
    pub participants: Vec<ChatParticipant>,
    /// Messages that name no sender.
    pub sender_unknown: u64,
    /// Remarks about the archive.
    pub warnings: Vec<String>,
}

impl Archive {
    /// Who is in a conversation.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind), [`ErrorKind::Ambiguous`](crate::ErrorKind); reading failed.
    pub fn chat_participants(&self, chat: &str) -> Result<ChatParticipants> {
        self.may_read(Right::Search, "chat.participants", chat)?;
        let chat = self.find_chat(chat)?;
        let mut parties: BTreeMap<String, Party> = BTreeMap::new();
        let mut sender_unknown = 0;
        for chunk in chat.messages.iter().map(Ordinal).collect::<Vec<_>>().chunks(limits::BATCH_MESSAGES) {
            for record in self.records(chunk)? {
                let sender = party_key(&record.sender);
                match &sender {
                    Some(key) => {
                        let party = parties.entry(key.clone()).or_default();
                        party.row.sent += 1;
                        party.take(&record.sender, record.sent);
                    }
                    None => sender_unknown += 1,
                }
                let mut counted = BTreeSet::new();
                for recipient in &record.recipients {
                    let Some(key) = party_key(recipient).filter(|key| Some(key) != sender.as_ref()) else { continue };
                    if counted.insert(key.clone()) {
                        let party = parties.entry(key).or_default();
                        party.row.received += 1;
                        party.take(recipient, record.sent);
                    }
                }
            }
        }
        let directory = self.chat_directory();
        let mut participants: Vec<ChatParticipant> = parties.into_values().map(|p| p.finish(&directory)).collect();
        participants.sort_by(|a, b| b.sent.cmp(&a.sent).then_with(|| b.received.cmp(&a.received)));
        Ok(ChatParticipants {
            id: chat.conversation.id,
            title: chat.title,
            messages: chat.messages.len(),
            participants,
            sender_unknown,
            warnings: self.warnings.clone(),
        })
    }

    /// The user directory and the mapping, as an import would ask them.
    pub(super) fn chat_directory(&self) -> Directory {
        let users: Vec<_> = self.state.users.values().cloned().collect();
        Directory::new(&users, &self.state.mapping, self.meta.settings.default_region.as_deref())
    }
}

/// What tells a party from others: its number, else its address, else its name.
pub(super) fn party_key(party: &Participant) -> Option<String> {
    let number = party.number.as_ref().map(|number| number.digits().to_owned());
    number.or_else(|| party.email.as_ref().map(|email| email.to_lowercase())).or_else(|| party.name.clone())
}

#[derive(Default)]
struct Party {
    row: Counts,
    names: BTreeSet<String>,
    newest: Participant,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    received: u64,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Party {
    fn take(&mut self, party: &Participant, sent: Option<Instant>) {
        let newer = sent >= self.row.last;
        let known = |new: &Option<String>, old: &mut Option<String>| {
            if new.is_some() && (newer || old.is_none()) {
                old.clone_from(new);
            }
        };
        known(&party.name, &mut self.newest.name);
        known(&party.email, &mut self.newest.email);
        self.newest.number = self.newest.number.take().or_else(|| party.number.clone());
        self.names.extend(party.name.clone());
        if let Some(at) = sent {
            self.row.first = Some(self.row.first.map_or(at, |first| first.min(at)));
            self.row.last = Some(self.row.last.map_or(at, |last| last.max(at)));
        }
    }

    fn finish(mut self, directory: &Directory) -> ChatParticipant {
        if let Some(name) = &self.newest.name {
            self.names.remove(name);
        }
        let mailbox = directory.resolve(&self.newest, self.row.last, Switches::default()).map(|(mailbox, _)| mailbox);
        ChatParticipant {
            party: self.newest,
            other_names: self.names.into_iter().collect(),
            sent: self.row.sent,
            received: self.row.received,
            first: self.row.first,
            last: self.row.last,
            mailbox,
        }
    }
}
