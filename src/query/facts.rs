//! What is searchable of one message: its texts as tokens, its parties as ids.
//!
//! `eval` decides on these and the index stores these, so the two cannot disagree about what a message says. Contract:
//! pure, made from the message and its file alone; nothing that can change later (mailbox, tags, deletion on the
//! phone) is in it.

use super::{lang, number, words};
use crate::model::{
    Details, Digest, Instant, Message, MessageId, MessageKind, Participant, SourceKind,
    details::{Media, MediaState},
    id,
};
use std::collections::BTreeSet;

/// The tokens of one value, in order. A phrase never crosses from one value into the next.
pub type Sequence = Vec<String>;

/// What was read of one attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attached<'a> {
    /// Its text; empty if none could be read.
    pub text: &'a str,
    /// Why some of it, or nothing, could be read.
    pub unread: Option<&'a str>,
}

/// Parties of one address field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// Name, number and address of each, one value each.
    pub values: Vec<Sequence>,
    /// Digits of the number and address in lower case of each.
    pub ids: Vec<String>,
}

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
    /// The text of each attachment that could be read.
    pub contents: Vec<Sequence>,
    /// The sender.
    pub from: Parties,
    /// The recipients of the `To` line.
    pub to: Parties,
    /// The recipients of the `Cc` line.
    pub cc: Parties,
    /// The recipients of the `Bcc` line.
    pub bcc: Parties,
    /// Phone numbers that are written in the texts, as digits.
    pub numbers: BTreeSet<String>,
    /// There are more of them.
    pub more_numbers: bool,
    /// The name of the conversation.
    pub conversation: Sequence,
    /// The id of the conversation, in lower case.
    pub conversation_id: String,
    /// The language of the text (ISO 639-1), where it can be told and was asked for: see [`Facts::with_lang`].
    pub lang: Option<&'static str>,
    /// The kind of source; `None`: ordinary mail.
    pub source: Option<SourceKind>,
    /// The hex digits of its id; empty if it has none.
    pub id: String,
    /// The SHA-256 of its file and of its attachments, in hex.
    pub digests: Vec<String>,
    /// When it was sent, if that is known.
    pub sent: Option<Instant>,
    /// Size of the e-mail in bytes.
    pub size: u64,
    /// What kind of event it is; `None`: ordinary mail, which no source brings today, and which is not external data.
    pub kind: Option<MessageKind>,
    /// It has at least one attachment.
    pub has_attachment: bool,
    /// The text is ciphertext.
    pub encrypted: bool,
    /// It has an attachment, or it is ciphertext: for a hold its words are never all known, whatever was read.
    pub partial: bool,
    /// Why some of it is not searchable, sorted, each once; empty if all of it is.
    pub unread: Vec<String>,
}

/// Why a message is not read whole: its text is ciphertext.
pub const ENCRYPTED: &str = "encrypted";
/// Why a message is not read whole: it names a medium that its source does not have.
pub const NOT_IN_SOURCE: &str = "not_in_source";
/// Why a message is not searchable in full that has more numbers than are taken: the word that extraction has for it.
const TOO_LARGE: &str = "too_large";

/// The item class of ordinary mail.
pub const MAIL_CLASS: &str = "ipm.note";

impl Facts {
    /// The searchable form of `message`, whose e-mail has `size` bytes, without its attachments' texts.
    #[must_use]
    pub fn of(message: &Message, size: u64) -> Self {
        let details = message.details.as_deref();
        let missing = details.iter().flat_map(|details| details.media.iter()).map(|medium| medium.name.as_str());
        let attached = message.attachments.iter().map(|attachment| attachment.name.as_str());
        let missing = missing.filter(|name| !message.attachments.iter().any(|attachment| attachment.name == *name));
        let names = attached.chain(missing).map(words::plain);
        let texts = std::iter::once(message.body.as_str()).chain(details.into_iter().flat_map(Details::texts));
        let texts: Vec<&str> = texts.filter(|_| !message.encrypted).collect();
        let mut numbers = BTreeSet::new();
        let mut all = true;
        texts.iter().chain([&message.subject.as_str()]).for_each(|text| all &= number::written(text, &mut numbers));
        let (to, rest) = message.recipients.split_at(message.recipients.len().saturating_sub(message.copies()));
        let (cc, bcc) = rest.split_at(message.carbon.cc.min(rest.len()));
        let mut facts = Self {
            subject: words::plain(&message.subject),
            body: texts.iter().map(|text| words::plain(text)).filter(|text| !text.is_empty()).collect(),
            attachments: names.filter(|name| !name.is_empty()).collect(),
            contents: Vec::new(),
            from: Parties::of(std::slice::from_ref(&message.sender)),
            to: Parties::of(to),
            cc: Parties::of(cc),
            bcc: Parties::of(bcc),
            numbers,
            more_numbers: !all,
            conversation: message.conversation.name.as_deref().map(words::plain).unwrap_or_default(),
            conversation_id: message.conversation.id.to_lowercase(),
            lang: None,
            source: Some(message.identity.source),
            id: String::new(),
            digests: message.attachments.iter().map(|attachment| attachment.sha256.to_hex()).collect(),
            sent: message.sent,
            size,
            kind: Some(message.kind),
            has_attachment: !message.attachments.is_empty(),
            encrypted: message.encrypted,
            partial: message.partially_indexed().is_some(),
            unread: message.partially_indexed().map(str::to_owned).into_iter().collect(),
        };
        let absent = |medium: &Media| medium.state != MediaState::Attached;
        if details.is_some_and(|details| details.media.iter().any(absent)) {
            facts.unread.push(NOT_IN_SOURCE.to_owned());
        }
        facts.sort();
        facts
    }

    /// With the texts of its attachments, in order.
    #[must_use]
    pub fn with_contents<'a>(mut self, contents: impl IntoIterator<Item = Attached<'a>>) -> Self {
        self.unread.retain(|reason| reason == ENCRYPTED || reason == NOT_IN_SOURCE);
        for attached in contents {
            self.unread.extend(attached.unread.map(str::to_owned));
            self.more_numbers |= !number::written(attached.text, &mut self.numbers);
            self.contents.push(words::plain(attached.text));
        }
        self.contents.retain(|text| !text.is_empty());
        self.sort();
        self
    }

    /// With the language of the text. Apart, because telling it takes longer than everything else together, and decisions on
    /// holds never ask for it.
    #[must_use]
    pub fn with_lang(mut self, message: &Message) -> Self {
        self.lang = if message.encrypted { None } else { lang::detect(&message.body) };
        self
    }

    /// With the id of the message and the digest of its file.
    #[must_use]
    pub fn with_file(mut self, message: &MessageId, digest: &Digest) -> Self {
        self.id = id::hex(&message.0);
        self.digests.push(digest.to_hex());
        self
    }

    fn sort(&mut self) {
        if self.more_numbers {
            self.unread.push(TOO_LARGE.to_owned());
        }
        self.unread.sort_unstable();
        self.unread.dedup();
    }

    /// The item class in lower case, as conditions have it.
    #[must_use]
    pub fn item_class(&self) -> String {
        self.kind.map_or_else(|| MAIL_CLASS.to_owned(), |kind| kind.item_class().to_lowercase())
    }
}

impl Parties {
    fn of(participants: &[Participant]) -> Self {
        let mut parties = Self::default();
        for participant in participants {
            parties.values.extend(participant.name.as_deref().map(words::plain));
            if let Some(number) = &participant.number {
                parties.values.push(vec![number.digits().to_owned()]);
                parties.ids.push(number.digits().to_owned());
            }
            if let Some(address) = &participant.email {
                parties.values.push(words::plain(address));
                parties.ids.push(address.trim().to_lowercase());
            }
        }
        parties.values.retain(|value| !value.is_empty());
        parties
    }

    /// Whether it names nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
