//! Readers of foreign formats: what a file or folder is, and what its messages mean.
//!
//! Contract: a source is read as a stream, in an order that depends only on its content, and never written. Nothing good is lost
//! because of something bad beside it: what cannot be read is named with its place and the rest goes on. What a
//! message says is a pure function of its bytes ([`understand`]), so that the vault alone is enough to know it again.

pub mod android;
pub mod chat_export;
mod contents;
mod counted;
pub mod crypt;
pub mod detect;
mod detect_phone;
pub mod ios;
pub mod phone;
pub mod rendered;
pub mod select;
pub mod sqlite;
pub mod telemessage;
pub mod zip_entries;

pub use contents::{Content, contents};
pub use detect::{Detection, detect};
pub use telemessage::feed::{Read, read};

use crate::{
    eml::PartReader,
    model::{Finding, Message, SourceKind},
};

/// Understands the bytes of one archived message of this kind of source.
///
/// # Errors
/// A finding `not_an_email` if the bytes are no message at all.
pub fn understand(kind: SourceKind, bytes: &[u8]) -> Result<Message, Finding> {
    match kind {
        SourceKind::Telemessage => telemessage::understand(bytes),
        SourceKind::ChatExport | SourceKind::Android | SourceKind::Ios => rendered::understand(kind, bytes),
    }
}

/// The same from the first bytes of a large e-mail with attachments; `None` if they are not enough, or if this kind of source
/// must be read as a whole.
///
/// # Errors
/// As for [`understand`].
pub fn understand_head(kind: SourceKind, bytes: &[u8]) -> Result<Option<Message>, Finding> {
    match kind {
        SourceKind::Telemessage => Ok(None),
        SourceKind::ChatExport | SourceKind::Android | SourceKind::Ios => rendered::understand_head(kind, bytes),
    }
}

/// The exact bytes of the attachment at `index` of [`Message::attachments`]; `None` if there is none.
#[must_use]
pub fn attachment(kind: SourceKind, bytes: &[u8], index: usize) -> Option<Vec<u8>> {
    match kind {
        SourceKind::Telemessage => telemessage::attachment(bytes, index),
        SourceKind::ChatExport | SourceKind::Android | SourceKind::Ios => rendered::attachment(bytes, index),
    }
}

/// A reader for the attachments of a large e-mail that begins with these bytes, and the number of the first part that is one;
/// `None` where this kind of source must be read as a whole.
#[must_use]
pub fn attachment_reader(kind: SourceKind, head: &[u8]) -> Option<(PartReader, usize)> {
    match kind {
        SourceKind::Telemessage => None,
        SourceKind::ChatExport | SourceKind::Android | SourceKind::Ios => rendered::attachment_reader(head),
    }
}

/// Gives the exact bytes of each of these attachments to `visit`, in order; the e-mail is read once. Those that are not there
/// are passed over.
fn attachments(kind: SourceKind, bytes: &[u8], wanted: &[usize], visit: &mut dyn FnMut(usize, &[u8])) {
    match kind {
        SourceKind::Telemessage => telemessage::attachments(bytes, wanted, visit),
        SourceKind::ChatExport | SourceKind::Android | SourceKind::Ios => rendered::attachments(bytes, wanted, visit),
    }
}
