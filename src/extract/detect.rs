//! What a file is: by its first bytes, then by its MIME type, then by the extension of its name.

use super::{Unread, text};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    /// A mail in a mail: its text as it is written; what is encoded in it is not opened.
    Mail,
    Json,
    Html,
    Xml,
    /// vCard and iCalendar.
    Lines,
    Rtf,
    /// The office formats, or any other zip.
    Zip,
    Pdf,
    /// Nothing in it is read.
    Without(Unread),
}

/// Bytes at the beginning that tell what a file is. A PDF may begin anywhere in the first 1,024.
const HEAD_BYTES: usize = 4096;
const PDF_HEAD_BYTES: usize = 1024;

/// What these bytes are.
pub fn format(media_type: &str, name: &str, bytes: &[u8]) -> Format {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let label = by_label(media_type, name);
    if let Some(format) = by_magic(bytes, head) {
        return format;
    }
    let pdf = head.get(..PDF_HEAD_BYTES).unwrap_or(head).windows(5).any(|window| window == b"%PDF-");
    let text = text::decode(head, None);
    let is_text = !is_binary(&text);
    match label {
        Some(Format::Pdf) => Format::Pdf,
        _ if pdf && !is_text => Format::Pdf,
        Some(Format::Without(unread)) => Format::Without(unread),
        Some(Format::Zip) => Format::Zip,
        _ if !is_text => Format::Without(Unread::Unsupported),
        label => by_opening(&text, label).or(label).unwrap_or(Format::Text),
    }
}

/// What type and name say; `None` if they say nothing.
pub fn by_label(media_type: &str, name: &str) -> Option<Format> {
    by_type(&media_type.to_ascii_lowercase()).or_else(|| by_extension(name))
}

fn by_type(media_type: &str) -> Option<Format> {
    let (family, kind) = media_type.split_once('/')?;
    Some(match (family, kind) {
        ("text", "html") | ("application", "xhtml+xml") => Format::Html,
        ("text", "vcard" | "x-vcard" | "directory" | "calendar" | "x-vcalendar") => Format::Lines,
        ("text" | "application", "rtf" | "richtext" | "x-rtf") => Format::Rtf,
        ("text" | "application", "json" | "x-json" | "x-ndjson" | "jsonlines") => Format::Json,
        ("text" | "application", "xml") => Format::Xml,
        ("application", "pdf" | "x-pdf") => Format::Pdf,
        (_, kind) if kind.ends_with("+json") => Format::Json,
        (_, kind) if kind.ends_with("+xml") => Format::Xml,
        ("image", _) => Format::Without(Unread::Image),
        ("audio", _) => Format::Without(Unread::Audio),
        ("video", _) => Format::Without(Unread::Video),
        ("message", _) => Format::Mail,
        ("text", _) => Format::Text,
        ("application", kind) => return by_application(kind),
        _ => return None,
    })
}

fn by_application(kind: &str) -> Option<Format> {
    let archive = ["vnd.android.package-archive", "vnd.rar", "x-rar-compressed", "x-7z-compressed", "gzip", "x-tar"];
    let office = ["vnd.openxmlformats-officedocument.", "vnd.oasis.opendocument.", "vnd.ms-word.document.macro"];
    let sheet = ["vnd.ms-excel.sheet.macro", "vnd.ms-powerpoint.presentation.macro"];
    if archive.contains(&kind) {
        return Some(Format::Without(Unread::Unsupported));
    }
    office.iter().chain(&sheet).any(|prefix| kind.starts_with(prefix)).then_some(Format::Zip)
}

fn by_extension(name: &str) -> Option<Format> {
    let extension = name.rsplit_once('.')?.1.trim().to_ascii_lowercase();
    Some(match extension.as_str() {
        "txt" | "csv" | "tsv" | "md" | "markdown" | "log" | "ini" | "conf" | "srt" | "tex" => Format::Text,
        "json" | "jsonl" | "ndjson" | "geojson" => Format::Json,
        "htm" | "html" | "xhtml" => Format::Html,
        "xml" | "svg" | "kml" | "gpx" => Format::Xml,
        "vcf" | "vcard" | "ics" | "ical" | "vcs" => Format::Lines,
        "rtf" => Format::Rtf,
        "eml" | "mht" | "mhtml" => Format::Mail,
        "pdf" => Format::Pdf,
        "docx" | "docm" | "dotx" | "xlsx" | "xlsm" | "xltx" | "pptx" | "pptm" | "ppsx" | "potx" => Format::Zip,
        "odt" | "ods" | "odp" | "odg" | "ott" | "ots" | "otp" => Format::Zip,
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "heif" | "bmp" | "tif" | "tiff" | "avif" => {
            Format::Without(Unread::Image)
        }
        "opus" | "ogg" | "oga" | "mp3" | "m4a" | "aac" | "amr" | "wav" | "flac" | "wma" => {
            Format::Without(Unread::Audio)
        }
        "mp4" | "m4v" | "3gp" | "mov" | "avi" | "mkv" | "webm" | "wmv" | "mpg" | "mpeg" => {
            Format::Without(Unread::Video)
        }
        "exe" | "dll" | "apk" | "msi" | "dmg" | "iso" | "rar" | "7z" | "gz" | "tgz" | "tar" | "bz2" | "xz" => {
            Format::Without(Unread::Unsupported)
        }
        _ => return None,
    })
}

/// What the first bytes of a binary file say.
fn by_magic(bytes: &[u8], head: &[u8]) -> Option<Format> {
    let starts = |magic: &[&[u8]]| magic.iter().any(|magic| head.starts_with(magic));
    let word = |at: usize| head.get(at..at + 4).unwrap_or_default();
    if starts(&[b"%PDF-"]) {
        return Some(Format::Pdf);
    }
    if starts(&[b"PK\x03\x04", b"PK\x05\x06"]) {
        return Some(Format::Zip);
    }
    if starts(&[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"]) {
        return Some(Format::Without(compound(bytes)));
    }
    let bitmap = starts(&[b"BM"]) && word(6) == [0; 4];
    if bitmap || starts(&[b"\xFF\xD8\xFF", b"\x89PNG", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"]) {
        return Some(Format::Without(Unread::Image));
    }
    let tagged = starts(&[b"ID3"]) && head.get(3).is_some_and(|version| *version < 16);
    let frame = starts(&[b"\xFF\xFB", b"\xFF\xF3", b"\xFF\xF2", b"\xFF\xF1", b"\xFF\xF9"]);
    if tagged || frame || starts(&[b"OggS", b"fLaC", b"#!AMR", b"MThd"]) {
        return Some(Format::Without(Unread::Audio));
    }
    if starts(&[b"\x1A\x45\xDF\xA3", b"\0\0\x01\xBA", b"\0\0\x01\xB3", b"FLV\x01"]) {
        return Some(Format::Without(Unread::Video));
    }
    if starts(&[b"\x1F\x8B", b"7z\xBC\xAF", b"Rar!\x1A", b"\x7FELF", b"BZh", b"\xFD7zXZ"]) {
        return Some(Format::Without(Unread::Unsupported));
    }
    match (word(0), word(4), word(8)) {
        (b"RIFF", _, b"WEBP") => Some(Format::Without(Unread::Image)),
        (b"RIFF", _, b"WAVE") => Some(Format::Without(Unread::Audio)),
        (b"RIFF", _, b"AVI ") => Some(Format::Without(Unread::Video)),
        (_, b"ftyp", b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif" | b"heif") => Some(Format::Without(Unread::Image)),
        (_, b"ftyp", b"M4A " | b"M4B ") => Some(Format::Without(Unread::Audio)),
        (_, b"ftyp", _) => Some(Format::Without(Unread::Video)),
        _ => None,
    }
}

/// A compound file of Microsoft: the old office formats, or the wrapping of an encrypted new one. The names of its
/// streams begin at multiples of 128 bytes.
fn compound(bytes: &[u8]) -> Unread {
    let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
    match bytes.chunks(128).any(|chunk| chunk.starts_with(&name)) {
        true => Unread::Encrypted,
        false => Unread::Unsupported,
    }
}

/// What the first words of a text say; what they cannot say is left to the label.
fn by_opening(text: &str, label: Option<Format>) -> Option<Format> {
    let opening: String = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).chars().take(1024).collect();
    let opening = opening.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| opening.starts_with(word));
    if starts(&["<!doctype html", "<html"]) {
        return Some(Format::Html);
    }
    if starts(&["<?xml"]) {
        let html = label == Some(Format::Html) || opening.contains("<html");
        return Some(if html { Format::Html } else { Format::Xml });
    }
    if starts(&["{\\rtf"]) {
        return Some(Format::Rtf);
    }
    starts(&["begin:vcard", "begin:vcalendar"]).then_some(Format::Lines)
}

/// Whether this is no text: more than one character in 32 is a control character.
fn is_binary(text: &str) -> bool {
    // Those of Latin-1 are letters in other code pages.
    let control = |c: &char| (*c < ' ' && !c.is_whitespace() && *c != '\u{1B}') || *c == '\u{FFFD}';
    text.chars().filter(control).count() * 32 > text.chars().count()
}
