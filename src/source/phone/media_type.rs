//! What the name of a medium says of its type, and how databases write its digest.
//!
//! Contract: pure, and the same for all readers: a file has one type, whichever source it is from.

use crate::model::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The type of bytes of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";
/// Characters of the longest extension.
const EXTENSION_CHARS: usize = 8;
/// Extension and MIME type.
const TYPES: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("3gp", "video/3gpp"),
    ("opus", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("m4a", "audio/mp4"),
    ("mp3", "audio/mpeg"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("wav", "audio/x-wav"),
    ("vcf", "text/vcard"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("zip", "application/zip"),
    ("apk", "application/vnd.android.package-archive"),
];

/// The MIME type of a file of this name; bytes of which nothing is known are `application/octet-stream`.
#[must_use]
pub fn of_name(name: &str) -> &'static str {
    let extension = extension(name);
    TYPES.iter().find(|(known, _)| extension.as_deref() == Some(*known)).map_or(UNKNOWN, |(_, mime)| mime)
}

/// A digest as databases write it: 32 bytes in base64.
#[must_use]
pub fn digest(text: &str) -> Option<Digest> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Digest)
}

/// The extension of a name, lower case.
#[must_use]
pub fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let fits = (1..=EXTENSION_CHARS).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && !stem.is_empty()).then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_type() {
        for (name, mime) in [
            ("IMG-20220327-WA0001.JPG", "image/jpeg"),
            ("a.b.m4v", "video/mp4"),
            ("voice.amr", "audio/amr"),
            ("IMG_1.heic", "image/heic"),
            ("DOC-20220327-WA0001.", UNKNOWN),
            (".pdf", UNKNOWN),
            ("recording", UNKNOWN),
        ] {
            assert_eq!(of_name(name), mime, "{name}");
        }
    }

    #[test]
    fn a_digest_is_32_bytes_of_base64_and_junk_is_none() {
        let of = Digest::of(b"x");
        assert_eq!(digest(&format!(" {}\n", STANDARD.encode(of.0))), Some(of));
        for junk in ["", "????", "aGVsbG8=", "447700900101"] {
            assert_eq!(digest(junk), None, "{junk}");
        }
    }
}
