//! One index document: the facts that are searched and the record that a hit shows.

use super::{
    schema::{Fields, RARE, UNKNOWN_DATE},
    values::joined,
};
use crate::{
    Error, Result,
    model::{Attachment, Conversation, Digest, Instant, MessageId, MessageKind, Ordinal, Participant, Seq, SourceKind},
    query::Facts,
};
use serde::{Deserialize, Serialize};
use tantivy::{TantivyDocument, schema::Field};

/// What a hit shows without opening the vault. No body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitRecord {
    /// The position of the message.
    pub ordinal: Ordinal,
    /// Its id.
    pub id: MessageId,
    /// The journal line that archived it.
    pub seq: Seq,
    /// The kind of source that understands its file.
    pub source: SourceKind,
    /// The digest of its file in the vault.
    pub digest: Digest,
    /// The size of that file in bytes.
    pub size: u64,
    /// Chat, call, …
    pub kind: MessageKind,
    /// When it was sent, if that is known.
    pub sent: Option<Instant>,
    /// Who sent it.
    pub sender: Participant,
    /// Who received it.
    pub recipients: Vec<Participant>,
    /// Where.
    pub conversation: Conversation,
    /// The subject line.
    pub subject: String,
    /// Parts that are not text.
    pub attachments: Vec<Attachment>,
    /// The body is ciphertext.
    pub encrypted: bool,
    /// The capturing account, if the source names it.
    pub account: Option<String>,
    /// Its native id.
    pub native: String,
    /// The native id of the message that this one is about.
    pub story: Option<String>,
    /// The native id of the message that this one quotes.
    pub quoted: Option<String>,
}

/// What is added to the index for one message.
#[derive(Clone, Debug)]
pub struct Document {
    /// What a hit shows.
    pub record: HitRecord,
    /// What is searched.
    pub facts: Facts,
}

/// The longest raw term, in bytes: tantivy drops terms above 65,530 without a word.
const TERM_BYTES: usize = 60_000;

/// The term of an id from a source; an absurdly long one is stood for by its digest.
pub(super) fn term_text(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= TERM_BYTES { text.into() } else { Digest::of(text.as_bytes()).to_hex().into() }
}

/// The number of ordinary mail in the column of kinds.
pub(super) const MAIL_CODE: u64 = 255;

/// The number of a kind of source.
pub(super) fn source_code(source: SourceKind) -> u64 {
    SourceKind::ALL.iter().zip(0..).find(|(other, _)| **other == source).map_or(u64::MAX, |(_, code)| code)
}

/// The number of a kind in its column.
pub(super) fn kind_code(kind: MessageKind) -> u64 {
    MessageKind::ALL.iter().zip(0..).find(|(other, _)| **other == kind).map_or(u64::MAX, |(_, code)| code)
}

/// The kind of a number in its column.
pub(super) fn kind_of(code: u64) -> Option<MessageKind> {
    usize::try_from(code).ok().and_then(|code| MessageKind::ALL.get(code)).copied()
}

impl HitRecord {
    /// Reads the stored bytes.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        bincode::deserialize(bytes).map_err(|error| {
            Error::new(crate::ErrorKind::Damaged, format!("a record of the index cannot be read: {error}"))
                .with_hint("custodia rebuild --all makes the index anew from vault and journal")
        })
    }
}

impl Document {
    /// Those of [`RARE`] that it has something in.
    pub(super) fn rare(&self) -> impl Iterator<Item = &'static str> {
        let facts = &self.facts;
        let used = [
            !facts.cc.values.is_empty(),
            !facts.cc.ids.is_empty(),
            !facts.bcc.values.is_empty(),
            !facts.bcc.ids.is_empty(),
            !facts.contents.is_empty(),
        ];
        RARE.iter().copied().zip(used).filter(|(_, used)| *used).map(|(name, _)| name)
    }

    /// The document as tantivy takes it.
    pub(super) fn to_tantivy(&self, fields: &Fields) -> Result<TantivyDocument> {
        let Self { record, facts } = self;
        let mut doc = TantivyDocument::new();
        doc.add_u64(fields.ordinal, u64::from(record.ordinal.0));
        doc.add_i64(fields.sent, facts.sent.map_or(UNKNOWN_DATE, |sent| sent.0));
        doc.add_u64(fields.size, facts.size);
        doc.add_u64(fields.kind, facts.kind.map_or(MAIL_CODE, kind_code));
        doc.add_bool(fields.has_attachment, facts.has_attachment);
        facts.unread.iter().for_each(|reason| doc.add_text(fields.partial, term_text(reason)));
        doc.add_bool(fields.unindexed, !facts.unread.is_empty());
        if let Some(source) = facts.source {
            doc.add_u64(fields.source, source_code(source));
        }
        if let Some(lang) = facts.lang {
            doc.add_text(fields.lang, lang);
        }
        facts.numbers.iter().for_each(|number| doc.add_text(fields.numbers, number));
        doc.add_u64(fields.id, key(&record.id.0));
        doc.add_u64(fields.digest, key(&record.digest.0));
        record.attachments.iter().for_each(|attachment| doc.add_u64(fields.digest, key(&attachment.sha256.0)));
        if let Some(story) = &record.story {
            doc.add_u64(fields.story, story_key(story));
        }
        if let Some(quoted) = &record.quoted {
            doc.add_u64(fields.quoted, story_key(quoted));
        }
        doc.add_text(fields.conversation, term_text(&record.conversation.id));
        if !facts.conversation_id.is_empty() {
            doc.add_text(fields.conversation_key, term_text(&facts.conversation_id));
        }
        let mut values = |field: Field, values: &[Vec<String>]| {
            if let Some(text) = joined(values) {
                doc.add_text(field, text);
            }
        };
        values(fields.subject, std::slice::from_ref(&facts.subject));
        values(fields.body, &facts.body);
        values(fields.attachments, &facts.attachments);
        values(fields.contents, &facts.contents);
        values(fields.conversation_name, std::slice::from_ref(&facts.conversation));
        let parties = [
            (fields.from, fields.from_id, &facts.from),
            (fields.to, fields.to_id, &facts.to),
            (fields.cc, fields.cc_id, &facts.cc),
            (fields.bcc, fields.bcc_id, &facts.bcc),
        ];
        for (text, _, parties) in &parties {
            values(*text, &parties.values);
        }
        for (_, field, parties) in parties {
            parties.ids.iter().for_each(|id| doc.add_text(field, term_text(id)));
        }
        let bytes = bincode::serialize(record)
            .map_err(|error| Error::bug(format!("a record of the index cannot be written: {error}")))?;
        doc.add_bytes(fields.hit, &bytes);
        Ok(doc)
    }
}

/// The first 64 bits of an id or digest: a beginning of its hex digits is a range of these.
pub(super) fn key(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |key, byte| (key << 8) | u64::from(*byte))
}

/// The key of a native id.
pub(super) fn story_key(story: &str) -> u64 {
    key(&Digest::of(story.as_bytes()).0)
}
