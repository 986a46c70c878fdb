//! What is found in files of every format that is read, and in hostile ones.

mod fixture;
mod hostile;
mod office;
mod pdf;
mod plain;

use super::*;

/// The text of a file of which all was read.
fn whole(media_type: &str, name: &str, bytes: &[u8]) -> String {
    let found = extract(media_type, name, bytes);
    assert_eq!(found.unread, None, "{:?}", found.text);
    found.text
}

/// What a file of unknown type is.
fn unknown(bytes: &[u8]) -> Extracted {
    extract("application/octet-stream", "file", bytes)
}

/// The text and the reason.
fn parts(found: &Extracted) -> (&str, Option<Unread>) {
    (found.text.as_str(), found.unread)
}

#[test]
fn every_reason_has_its_word() {
    for unread in Unread::ALL {
        let word = format!("{unread:?}").chars().fold(String::new(), |word, c| match c {
            c if c.is_uppercase() && !word.is_empty() => word + "_" + &c.to_lowercase().to_string(),
            c => word + &c.to_lowercase().to_string(),
        });
        assert_eq!(unread.as_str(), word);
    }
}

#[test]
fn type_and_name_say_what_need_not_be_fetched() {
    for (media_type, name, size, expected) in [
        ("image/jpeg", "IMG-1.jpg", 10, Some(Unread::Image)),
        ("image/jpeg", "", 1 << 40, Some(Unread::Image)),
        ("audio/ogg; codecs=opus", "a", 10, Some(Unread::Audio)),
        ("video/mp4", "a.mp4", 10, Some(Unread::Video)),
        ("application/octet-stream", "VID.MP4", 10, Some(Unread::Video)),
        ("application/octet-stream", "setup.exe", 10, Some(Unread::Unsupported)),
        ("image/svg+xml", "a.svg", 10, None),
        ("application/pdf", "a.pdf", 10, None),
        ("application/pdf", "a.pdf", limits::ATTACHMENT_BYTES, None),
        ("application/pdf", "a.pdf", limits::ATTACHMENT_BYTES + 1, Some(Unread::TooLarge)),
        ("application/octet-stream", "unknown", 10, None),
        ("", "", 0, None),
    ] {
        assert_eq!(verdict(media_type, name, size), expected, "{media_type} {name} {size}");
    }
}

#[test]
fn the_first_bytes_say_more_than_the_label() {
    let pdf = fixture::pdf_saying("BT /F1 12 Tf (Quarterly) Tj ET");
    assert_eq!(whole("image/jpeg", "photo.jpg", &pdf), "Quarterly");
    assert_eq!(whole("text/plain", "", b"<!DOCTYPE html><p>a<p>b"), "a\nb");
    let jpeg = b"\xFF\xD8\xFF\xE0\0\x10JFIF";
    assert_eq!(parts(&extract("application/pdf", "contract.pdf", jpeg)), ("", Some(Unread::Image)));
    for (bytes, expected) in [
        (&b"\x89PNG\r\n\x1a\n"[..], Unread::Image),
        (b"RIFF\0\0\0\0WEBPVP8 ", Unread::Image),
        (b"\0\0\0\x20ftypheic", Unread::Image),
        (b"OggS\0\x02", Unread::Audio),
        (b"#!AMR\n", Unread::Audio),
        (b"\0\0\0\x20ftypM4A ", Unread::Audio),
        (b"\0\0\0\x20ftypisom", Unread::Video),
        (b"\x1A\x45\xDF\xA3", Unread::Video),
        (b"\x1F\x8B\x08", Unread::Unsupported),
        (b"\0\x01\x02\x03\xFF\xFE", Unread::Unsupported),
    ] {
        assert_eq!(parts(&unknown(bytes)), ("", Some(expected)), "{bytes:?}");
    }
}

#[test]
fn an_empty_file_has_no_text_and_no_reason() {
    assert_eq!(parts(&unknown(b"")), ("", None));
    assert_eq!(parts(&extract("text/plain", "a.txt", b"")), ("", None));
}

#[test]
fn old_office_files_are_unsupported_and_encrypted_ones_encrypted() {
    let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    file.resize(1024, 0);
    assert_eq!(parts(&extract("application/msword", "a.doc", &file)), ("", Some(Unread::Unsupported)));
    file.extend("EncryptedPackage".bytes().flat_map(|byte| [byte, 0]));
    file.resize(2048, 0);
    assert_eq!(parts(&extract("", "a.docx", &file)), ("", Some(Unread::Encrypted)));
}
