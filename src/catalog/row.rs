//! Keys and values: fixed-width records, so that a damaged value cannot allocate without bound.

use crate::{
    Error, Result,
    model::{Digest, MessageKind, Ordinal, Watermark, event::Archived},
};
use sha2::{Digest as _, Sha256};

/// Prefix of identity rows.
pub(super) const IDENTITY: &[u8] = b"i";
/// Prefix of story rows.
const STORY: &[u8] = b"n";
/// Key of the sentinel.
pub(super) const SENTINEL: &[u8] = b"!sentinel";
/// Version of this layout.
const VERSION: u8 = 1;

/// One version of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The first half of its source digest.
    pub source_digest: [u8; 16],
    /// The message.
    pub ordinal: Ordinal,
}

impl VersionRow {
    /// Whether it says the same as a message with this source digest.
    #[must_use]
    pub fn says(&self, digest: &Digest) -> bool {
        half(digest) == self.source_digest
    }
}

/// One message of a story: an original, or a notice about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoryRow {
    /// The message.
    pub ordinal: Ordinal,
    /// Whether it is a deletion or an edit notice, or (`System`) a reaction; anything else is an original.
    pub kind: MessageKind,
    account: u64,
}

impl StoryRow {
    /// Whether it may belong to a story captured for `account`. An unknown account on either side does.
    #[must_use]
    pub fn same_account(&self, account: Option<&str>) -> bool {
        let other = account_hash(account);
        self.account == other || self.account == 0 || other == 0
    }

    /// Whether it is what a notice is about.
    #[must_use]
    pub fn is_original(&self) -> bool {
        !self.is_notice() && self.kind != MessageKind::System
    }

    /// Whether it is a notice about another message.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        matches!(self.kind, MessageKind::Deletion | MessageKind::Edit)
    }
}

fn half(digest: &Digest) -> [u8; 16] {
    let mut out = [0; 16];
    out.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
    out
}

fn account_hash(account: Option<&str>) -> u64 {
    account.map_or(0, |account| {
        let digest: [u8; 32] = Sha256::digest(account.as_bytes()).into();
        let mut first = [0; 8];
        first.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        u64::from_be_bytes(first).max(1)
    })
}

pub(super) fn identity_key(key: &Digest) -> Vec<u8> {
    [IDENTITY, &half(key)].concat()
}

pub(super) fn story_key(story: &str) -> Vec<u8> {
    [STORY, &half(&Digest::of(story.as_bytes()))].concat()
}

pub(super) fn push_version(value: &mut Vec<u8>, source: &Digest, ordinal: Ordinal) {
    value.extend_from_slice(&half(source));
    value.extend_from_slice(&ordinal.0.to_be_bytes());
}

pub(super) fn decode_versions(value: &[u8]) -> Vec<VersionRow> {
    let record = |chunk: &[u8]| {
        let (source, ordinal) = chunk.split_first_chunk::<16>()?;
        Some(VersionRow { source_digest: *source, ordinal: Ordinal(u32::from_be_bytes(ordinal.try_into().ok()?)) })
    };
    value.chunks_exact(20).filter_map(record).collect()
}

pub(super) fn push_story(value: &mut Vec<u8>, message: &Archived) {
    let kind = match message.kind {
        MessageKind::Deletion => b'd',
        MessageKind::Edit => b'e',
        // A reaction is about another message, and neither its original nor a notice that changes it.
        MessageKind::System if message.story.as_deref() != Some(&message.identity.native) => b'r',
        _ => b'o',
    };
    value.push(kind);
    value.extend_from_slice(&account_hash(message.identity.account.as_deref()).to_be_bytes());
    value.extend_from_slice(&message.ordinal.0.to_be_bytes());
}

pub(super) fn decode_stories(value: &[u8]) -> Vec<StoryRow> {
    let record = |chunk: &[u8]| {
        let (kind, rest) = chunk.split_first()?;
        let (account, ordinal) = rest.split_first_chunk::<8>()?;
        let kind = match kind {
            b'd' => MessageKind::Deletion,
            b'e' => MessageKind::Edit,
            b'r' => MessageKind::System,
            _ => MessageKind::Chat,
        };
        let ordinal = Ordinal(u32::from_be_bytes(ordinal.try_into().ok()?));
        Some(StoryRow { ordinal, kind, account: u64::from_be_bytes(*account) })
    };
    value.chunks_exact(13).filter_map(record).collect()
}

pub(super) fn encode_sentinel(mark: &Watermark) -> Result<Vec<u8>> {
    let mut bytes = vec![VERSION];
    bincode::serialize_into(&mut bytes, mark).map_err(|e| Error::bug(format!("a watermark cannot be written: {e}")))?;
    Ok(bytes)
}

pub(super) fn decode_sentinel(bytes: &[u8]) -> Option<Watermark> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => bincode::deserialize(rest).ok(),
        _ => None,
    }
}
