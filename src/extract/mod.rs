//! The text inside attachments.
//!
//! Contract: [`extract`] is a pure function of its arguments: no clock, no file, no setting. It never fails and never
//! panics; what it could not read it says ([`Unread`]), beside what it read. What a file is is decided by its first
//! bytes, then by the MIME type, then by the extension of the name: senders often say `application/octet-stream`.
//! When the text that is found in the same bytes changes, [`EXTRACTOR_VERSION`] must change.
//!
//! Read are plain text, CSV, Markdown, JSON, HTML, XML, vCard, iCalendar, RTF, the zipped office formats of Microsoft
//! and of OASIS, and PDF. Scans, drawings, sounds and films are not looked into; nor are archives, nor documents in
//! documents.
//!
//! Limits: [`limits`], all of them counts. A document beyond one keeps the text before it.

mod detect;
mod html;
mod json;
pub mod limits;
mod lines;
mod ooxml;
mod opendocument;
mod package;
mod pdf;
mod rtf;
mod sink;
mod text;
mod xlsx;
mod xml;

use detect::Format;
use serde::{Deserialize, Serialize};
use sink::Sink;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The version of the text that [`extract`] finds in the same bytes.
pub const EXTRACTOR_VERSION: u32 = 1;

/// Why the text of an attachment, or some of it, is not searchable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// A picture, or pages that are pictures (a scan).
    Image,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// Encrypted.
    Encrypted,
    /// A format that is not read.
    Unsupported,
    /// Damaged.
    Broken,
    /// Beyond a limit of size or number.
    TooLarge,
    /// Nested deeper than is read.
    TooDeep,
    /// Its fonts do not say which letters they draw.
    Unmapped,
}

impl Unread {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Image,
        Self::Audio,
        Self::Video,
        Self::Encrypted,
        Self::Unsupported,
        Self::Broken,
        Self::TooLarge,
        Self::TooDeep,
        Self::Unmapped,
    ];

    /// The word in JSON and in the index.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Encrypted => "encrypted",
            Self::Unsupported => "unsupported",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::Unmapped => "unmapped",
        }
    }
}

/// What was found in an attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// The text: paragraphs, cells, slides, joined by line feeds. May be there beside a reason why it is not all.
    pub text: String,
    /// Why some or all of the text is missing; `None` if all of it was read.
    pub unread: Option<Unread>,
}

impl Extracted {
    fn unread(unread: Unread) -> Self {
        Self { text: String::new(), unread: Some(unread) }
    }
}

/// The reason that type, name and size alone give, so that the bytes need not be fetched; `None` if they must be seen.
/// A label is believed here: a document that is said to be a picture is one. [`extract`] believes the bytes.
#[must_use]
pub fn verdict(media_type: &str, name: &str, size: u64) -> Option<Unread> {
    match detect::by_label(media_type, name) {
        Some(Format::Without(unread)) => Some(unread),
        _ if size > limits::ATTACHMENT_BYTES => Some(Unread::TooLarge),
        _ => None,
    }
}

/// Reads the text of an attachment.
#[must_use]
pub fn extract(media_type: &str, name: &str, bytes: &[u8]) -> Extracted {
    // Nothing here is known to panic. Should it, or a crate that it uses, the import must go on all the same.
    catch_unwind(AssertUnwindSafe(|| read(media_type, name, bytes)))
        .unwrap_or_else(|_| Extracted::unread(Unread::Broken))
}

fn read(media_type: &str, name: &str, bytes: &[u8]) -> Extracted {
    let format = detect::format(media_type, name, bytes);
    if let Format::Without(unread) = format {
        return Extracted::unread(unread);
    }
    if bytes.len() as u64 > limits::ATTACHMENT_BYTES {
        return Extracted::unread(Unread::TooLarge);
    }
    let mut sink = Sink::default();
    match format {
        Format::Text => text::read(bytes, &mut sink),
        Format::Mail => {
            text::read(bytes, &mut sink);
            sink.note(Unread::Unsupported);
        }
        Format::Json => json::read(bytes, &mut sink),
        Format::Html => html::read(bytes, &mut sink),
        Format::Xml => xml::read_plain(bytes, &mut sink),
        Format::Lines => lines::read(bytes, &mut sink),
        Format::Rtf => rtf::read(bytes, &mut sink),
        Format::Zip => package::read(bytes, &mut sink),
        Format::Pdf => pdf::read(bytes, &mut sink),
        Format::Without(unread) => sink.note(unread),
    }
    sink.finish()
}

#[cfg(test)]
mod tests;
