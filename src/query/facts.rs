//! What is searchable of one message: its texts as tokens, its parties as ids.
//!
//! `eval` decides on these and the index stores these, so the two cannot disagree about what a message says. Contract:
//! pure, made from the message alone; nothing that can change later (mailbox, tags, deletion on the phone) is in it.

use super::words;
use crate::model::{Details, Instant, Message, MessageKind, Participant};

/// The tokens of one value, in order. A phrase never crosses from one value into the next.
pub type Sequence = Vec<String>;

/// The searchable form of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The subject.
    pub subject: Sequence,
    /// The text, and what a phone says beside it (a quote, the options of a poll, a place), one value each; empty if it
    /// is ciphertext.
    pub body: Vec<Sequence>,
    /// One value for each named attachment.
    pub attachments: Vec<Sequence>,
    /// Name, number and address of the sender, one value each.
    pub from: Vec<Sequence>,
    /// Name, number and address of each recipient, one value each.
    pub to: Vec<Sequence>,
    /// Digits of the number and address in lower case of the sender.
    pub from_ids: Vec<String>,
    /// Digits of the number and address in lower case of each recipient.
    pub to_ids: Vec<String>,
    /// When it was sent, if that is known.
    pub sent: Option<Instant>,
    /// Size of the e-mail in bytes.
    pub size: u64,
    /// What kind of event it is.
    pub kind: MessageKind,
    /// It has at least one attachment.
    pub has_attachment: bool,
    /// The text is ciphertext.
    pub encrypted: bool,
    /// Not all of it is searchable text: it has an attachment, or it is ciphertext.
    pub partial: bool,
}

impl Facts {
    /// The searchable form of `message`, whose e-mail has `size` bytes.
    #[must_use]
    pub fn of(message: &Message, size: u64) -> Self {
        let (from, from_ids) = parties(std::iter::once(&message.sender));
        let (to, to_ids) = parties(message.recipients.iter());
        let details = message.details.as_deref();
        let missing = details.iter().flat_map(|details| details.media.iter()).map(|medium| medium.name.as_str());
        let attached = message.attachments.iter().map(|attachment| attachment.name.as_str());
        let missing = missing.filter(|name| !message.attachments.iter().any(|attachment| attachment.name == *name));
        let names = attached.chain(missing).map(words::plain);
        let texts = std::iter::once(message.body.as_str()).chain(details.into_iter().flat_map(Details::texts));
        let texts = texts.filter(|_| !message.encrypted).map(words::plain);
        Self {
            subject: words::plain(&message.subject),
            body: texts.filter(|text| !text.is_empty()).collect(),
            attachments: names.filter(|name| !name.is_empty()).collect(),
            from,
            to,
            from_ids,
            to_ids,
            sent: message.sent,
            size,
            kind: message.kind,
            has_attachment: !message.attachments.is_empty(),
            encrypted: message.encrypted,
            partial: message.partially_indexed().is_some(),
        }
    }

    /// The item class in lower case, as conditions have it.
    #[must_use]
    pub fn item_class(&self) -> String {
        self.kind.item_class().to_lowercase()
    }
}

fn parties<'a>(participants: impl Iterator<Item = &'a Participant>) -> (Vec<Sequence>, Vec<String>) {
    let (mut values, mut ids) = (Vec::new(), Vec::new());
    for participant in participants {
        values.extend(participant.name.as_deref().map(words::plain));
        if let Some(number) = &participant.number {
            values.push(vec![number.digits().to_owned()]);
            ids.push(number.digits().to_owned());
        }
        if let Some(address) = &participant.email {
            values.push(words::plain(address));
            ids.push(address.trim().to_lowercase());
        }
    }
    values.retain(|value| !value.is_empty());
    (values, ids)
}
