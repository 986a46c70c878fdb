//! The medium of a message: its file, its facts, whether it is the one that was meant; and contact cards.
//!
//! Contract: a medium is never read into memory; it is hashed as a stream. A file that is not there, or leads out of the
//! source, or is another than the message says by digest, is a finding, and the message is archived.

use super::{
    container::{Container, Medium},
    names,
    record::MediaRecord,
    vcard,
};
use crate::{
    ErrorKind, Result,
    model::{
        Attachment, Code, Digest, Finding, Place,
        details::{Media, MediaState},
    },
    source::phone::{Blob, media_type},
};

/// Bytes of the longest MIME type (RFC 6838 section 4.2 allows 127 on each side).
const MIME_BYTES: usize = 255;
/// Characters of the longest extension that tells a file name.
const EXTENSION_CHARS: usize = 5;

/// What becomes of the media of a message.
#[derive(Debug, Default)]
pub struct Attached {
    /// Parts of the message.
    pub attachments: Vec<Attachment>,
    /// Their bytes.
    pub blobs: Vec<Blob>,
    /// What the source says of them.
    pub media: Vec<Media>,
    /// Names on contact cards.
    pub contacts: Vec<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// The title is the file's name, not a caption.
    pub title_is_name: bool,
}

/// The medium of a row. `kind` is the word for it, empty if the type of the message names no medium.
///
/// # Errors
/// A folder of the source cannot be looked into.
pub fn attach(
    container: &Container,
    record: &MediaRecord,
    kind: &str,
    view_once: bool,
    place: &Place,
) -> Result<Attached> {
    let mut attached = Attached::default();
    if record.path.is_none() && kind.is_empty() {
        return Ok(attached);
    }
    let name = file_name(record, kind, &mut attached.title_is_name);
    let mime = record.card_string.as_deref().and_then(mime_type);
    let mut media = Media {
        kind: kind.to_owned(),
        name: name.clone(),
        state: MediaState::Missing,
        mime: mime.clone().unwrap_or_default(),
        size: record.size,
        sha256: record
            .card_name
            .as_deref()
            .and_then(media_type::digest)
            .map(|digest| digest.to_hex())
            .unwrap_or_default(),
        seconds: record.seconds,
    };
    let found = record.path.as_deref().map(|path| container.medium(path)).transpose()?;
    let mut finding = |code, detail: String| attached.findings.push(Finding::new(code, place.clone(), detail));
    match found {
        Some(Medium::File(path)) => match Blob::Evidence(path.clone()).measure() {
            Ok((size, sha256)) => {
                match (media.sha256.as_str(), media.size) {
                    ("", Some(said)) if said != size => {
                        finding(Code::MediaChanged, format!("{size} bytes, the database says {said}"));
                    }
                    ("", _) => {}
                    (said, _) if said == sha256.to_hex() => {}
                    (said, _) => finding(Code::MediaChanged, format!("SHA-256 {sha256}, the database says {said}")),
                }
                media.state = MediaState::Attached;
                let of_file = mime.as_deref().map(bare).unwrap_or_else(|| media_type::of_name(&name).to_owned());
                attached.attachments.push(Attachment { name, media_type: of_file, size, sha256 });
                attached.blobs.push(Blob::Evidence(path));
            }
            Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::Permission | ErrorKind::NotFound) => {
                finding(Code::FileUnreadable, error.to_string());
            }
            Err(error) => return Err(error),
        },
        Some(Medium::Outside) => finding(Code::HostileName, names::bounded(record.path.as_deref().unwrap_or_default())),
        _ if view_once => media.state = MediaState::ViewOnce,
        // Said once for the whole source, not for every message.
        _ if !container.has_media() => media.state = MediaState::Omitted,
        Some(Medium::Missing) => finding(Code::MediaMissing, name),
        None => finding(Code::MediaMissing, "the phone had not downloaded it".to_owned()),
    }
    attached.media.push(media);
    Ok(attached)
}

/// The contact cards of a row.
#[must_use]
pub fn cards(record: &MediaRecord) -> Attached {
    let mut attached = Attached::default();
    for card in vcard::split(record.card_string.as_deref().unwrap_or_default(), record.card_name.as_deref()) {
        let bytes = card.text.as_bytes();
        attached.attachments.push(Attachment {
            name: card.file_name.clone(),
            media_type: "text/vcard".to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
        });
        attached.blobs.push(Blob::of(bytes));
        attached.media.push(Media {
            kind: "contact".to_owned(),
            name: card.file_name,
            state: MediaState::Attached,
            ..Media::default()
        });
        attached.contacts.extend(card.name);
    }
    attached
}

/// The name of a file: a document's title is its name on the sender's device; everything else has the name that the phone
/// made up.
fn file_name(record: &MediaRecord, kind: &str, title_is_name: &mut bool) -> String {
    let stored =
        record.path.as_deref().and_then(|path| path.rsplit('/').next()).map(names::file_name).unwrap_or_default();
    let title = record.title.as_deref().filter(|title| kind == "document" && !title.contains('\n'));
    let Some(title) = title else { return stored };
    let is_name = match (extension(title), extension(&stored)) {
        (Some(said), Some(has)) => said.eq_ignore_ascii_case(has),
        (Some(_), None) => true,
        (None, _) => false,
    };
    if !is_name {
        return stored;
    }
    *title_is_name = true;
    names::file_name(title)
}

fn extension(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    let fits = (1..=EXTENSION_CHARS).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && !stem.is_empty()).then_some(extension)
}

/// A MIME type as the source writes it, if it is one.
fn mime_type(text: &str) -> Option<String> {
    let text = text.trim();
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let (kind, subtype) = bare(text).split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    (text.len() <= MIME_BYTES && text.bytes().all(|b| (0x20..0x7f).contains(&b)) && token(&kind) && token(&subtype))
        .then(|| text.to_lowercase())
}

/// A MIME type without its parameters.
fn bare(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mime_type_is_believed_only_if_it_is_one() {
        assert_eq!(mime_type("Audio/OGG; codecs=opus").as_deref(), Some("audio/ogg; codecs=opus"));
        assert_eq!(bare("audio/ogg; codecs=opus"), "audio/ogg");
        for bad in
            ["", "image", "image/", "/png", "image/p ng", "image/png\r\nX-Evil: 1", "BEGIN:VCARD", &"a/".repeat(300)]
        {
            assert_eq!(mime_type(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_documents_title_is_its_name_if_its_extension_says_so() {
        let record = |path: &str, title: &str| MediaRecord {
            path: Some(path.into()),
            title: Some(title.into()),
            ..MediaRecord::default()
        };
        let name = |path, title, kind| file_name(&record(path, title), kind, &mut false);
        assert_eq!(name("Media/a/0f.pdf", "Q3 report.PDF", "document"), "Q3 report.PDF");
        assert_eq!(name("Media/a/0f.pdf", "See page 3.", "document"), "0f.pdf");
        assert_eq!(name("Media/a/0f.jpg", "cat.jpg", "image"), "0f.jpg");
        assert_eq!(name("Media/a/0f.pdf", "../../x.pdf", "document"), ".._.._x.pdf");
    }
}
