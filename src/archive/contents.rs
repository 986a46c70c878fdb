//! What a search looks into: a message, its language, and the texts of its attachments.
//!
//! The one way from an archived message to the facts that the index stores and that messages behind the index are judged by, so
//! that both say the same. Decisions on holds do not come here: what an extractor reads must free nothing.

use super::attribution::Stored;
use crate::{
    extract::{self, Unread},
    model::Message,
    query::{Attached, Facts},
    source::{self, Content},
    vault::Vault,
};

/// E-mails above this many bytes are not read as a whole for the texts of their attachments: an attachment of the largest size
/// that is looked into, in base64, and as much again.
const WHOLE_BYTES: u64 = 96 * 1024 * 1024;

/// The facts of an archived message, which is in the vault.
pub(super) fn searchable(vault: &Vault, stored: &Stored<'_>, message: &Message) -> Facts {
    let facts = Facts::of(message, stored.size).with_lang(message).with_file(&stored.id, &stored.digest);
    with_texts(vault, stored, message, facts)
}

/// The facts of a message with the texts of its attachments.
pub(super) fn with_texts(vault: &Vault, stored: &Stored<'_>, message: &Message, facts: Facts) -> Facts {
    if message.attachments.is_empty() {
        return facts;
    }
    let contents = contents(vault, stored, message);
    facts.with_contents(contents.iter().map(|content| Attached { text: &content.text, unread: reason(content) }))
}

/// The texts of a message's attachments. A file that cannot be read has none: `verify` names it.
pub(super) fn contents(vault: &Vault, stored: &Stored<'_>, message: &Message) -> Vec<Content> {
    let open = |attachment: &crate::model::Attachment| {
        extract::verdict(&attachment.media_type, &attachment.name, attachment.size).is_none()
    };
    let wanted = message.attachments.iter().any(open) && stored.size <= WHOLE_BYTES;
    let bytes = if wanted { vault.read(&stored.digest).ok() } else { None };
    source::contents(stored.source, bytes.as_deref(), message)
}

/// The word of the index for why something could not be read. That of a message whose own text is ciphertext is another one.
fn reason(content: &Content) -> Option<&'static str> {
    Some(match content.unread? {
        Unread::Encrypted => "encrypted_attachment",
        other => other.as_str(),
    })
}
