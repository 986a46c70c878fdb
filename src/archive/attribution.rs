//! Who the owner of a phone is in its messages.
//!
//! A phone's data does not name its owner; who imports does (`--owner`). The archived bytes carry only what the source
//! says, so the owner is filled in each time a message is understood: from the identity that the journal keeps.
//! Contract: only what the source leaves open is filled in, and the digests of a message are taken before.

use crate::{
    Error, ErrorKind, Result,
    index::HitRecord,
    model::{ConversationKind, Digest, Message, MessageId, Participant, SourceKind, event::Archived},
    query::Facts,
    source,
};

/// Files above this many bytes are understood from their beginning where their kind allows it.
pub(super) const LARGE_BYTES: u64 = 8 * 1024 * 1024;
/// What is read of them into memory at first: everything but the attachments is in front of them.
pub(super) const HEAD_BYTES: u64 = 4 * 1024 * 1024;

/// What has to be known of an archived message to understand its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored<'a> {
    pub(super) id: MessageId,
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) source: SourceKind,
    pub(super) account: Option<&'a str>,
}

impl<'a> Stored<'a> {
    /// As the event that archived it says.
    pub(super) fn of(archived: &'a Archived) -> Self {
        Self {
            id: archived.id,
            digest: archived.digest,
            size: archived.size,
            source: archived.identity.source,
            account: archived.identity.account.as_deref(),
        }
    }

    /// As the index says.
    pub(super) fn of_record(record: &'a HitRecord) -> Self {
        Self {
            id: record.id,
            digest: record.digest,
            size: record.size,
            source: record.source,
            account: record.account.as_deref(),
        }
    }
}

/// Fills in the owner of the phone: as the sender of what was sent from it, and as the one who received what was sent
/// to it in a direct chat.
pub(super) fn attribute(message: &mut Message, owner: Option<&str>) {
    if message.identity.source == SourceKind::Telemessage {
        return;
    }
    message.identity.account = owner.map(str::to_owned);
    let (Some(owner), Some(from_me)) = (owner, message.details.as_ref().and_then(|d| d.from_me)) else { return };
    if from_me {
        message.sender.email.get_or_insert_with(|| owner.to_owned());
        return;
    }
    if message.conversation.kind != ConversationKind::Direct {
        return;
    }
    match message.recipients.as_mut_slice() {
        [] => message.recipients.push(Participant { email: Some(owner.to_owned()), ..Participant::default() }),
        [only] if only.is_unknown() => only.email = Some(owner.to_owned()),
        _ => {}
    }
}

impl super::Archive {
    /// Reads a message's file, checks its digest, and understands it again.
    pub(super) fn understand_stored(&self, stored: &Stored<'_>) -> Result<(Message, Facts)> {
        let message = self.understand_message(stored)?;
        let facts = Facts::of(&message, stored.size).with_file(&stored.id, &stored.digest);
        Ok((message, facts))
    }

    /// The same without what is searchable of it.
    pub(super) fn understand_message(&self, stored: &Stored<'_>) -> Result<Message> {
        let mut message = self.understand_file(stored)?;
        attribute(&mut message, stored.account);
        Ok(message)
    }

    fn understand_file(&self, stored: &Stored<'_>) -> Result<Message> {
        let damaged = |finding: crate::model::Finding| {
            Error::new(
                ErrorKind::Damaged,
                format!("the file of message {} is not understood: {}", stored.id, finding.detail),
            )
            .with_hint("run custodia verify")
        };
        if stored.size > LARGE_BYTES && stored.source != SourceKind::Telemessage {
            let head = self.vault.read_head(&stored.digest, HEAD_BYTES)?;
            if let Some(message) = source::understand_head(stored.source, &head).map_err(damaged)? {
                return Ok(message);
            }
        }
        let bytes = self.vault.read(&stored.digest)?;
        source::understand(stored.source, &bytes).map_err(damaged)
    }
}
