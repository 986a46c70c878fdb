//! What is this? Looks at files and folders and says what they are, how sure, how much, and what is needed to import them.
//!
//! Contract: never writes; what is not understood is `unknown`, with what it looks like and why it is not read. Limits:
//! [`DETECT_MESSAGES`] messages are read for the range; counts are of names, not of contents.

use super::{
    telemessage::{feed, manifest::is_manifest, understand},
    zip_entries::{EntryKind, Zip},
};
use crate::{
    Result,
    eml::looks_like_mail,
    fs::evidence::{EvidenceFile, PathKind, path_kind, walk},
    model::{Instant, limits},
};
use serde::Serialize;
use std::path::Path;

/// Messages of one source that are read to tell the range of their dates.
pub const DETECT_MESSAGES: u64 = 5_000;
/// Unknown files that are listed one by one; the rest is one line.
const UNKNOWN_LISTED: usize = 50;
/// Bytes at the start of a file that are looked at.
const HEAD_BYTES: u64 = 4096;

/// What one file or folder is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// The path as given, or below it.
    pub path: String,
    /// `telemessage-feed-zip`, `telemessage-eml`, `telemessage-eml-folder`, or `unknown`.
    pub kind: &'static str,
    /// From 0 (no idea) to 1 (certain).
    pub confidence: f64,
    /// Messages in it; `None` if it is not known without reading it as what it is.
    pub messages: Option<u64>,
    /// First and last time of its messages; `None` if there are none or too many to look.
    pub range: Option<[Instant; 2]>,
    /// Feed zips in it.
    pub zips: u64,
    /// E-mails in it.
    pub emls: u64,
    /// What an import of it needs besides the path.
    pub needs: Vec<String>,
    /// What the answer rests on.
    pub why: String,
}

/// Says what `path` is: one answer for a file; for a folder one for each zip, one for its e-mails together, one for each file that
/// is neither.
///
/// # Errors
/// `NotFound` if there is nothing; `Io` or `Permission` if it cannot be looked at.
pub fn detect(path: &Path) -> Result<Vec<Detection>> {
    match path_kind(path)? {
        PathKind::File => Ok(vec![detect_file(path)]),
        PathKind::Folder => detect_folder(path),
        PathKind::Special => Ok(vec![unknown(path, "neither a file nor a folder")]),
    }
}

fn unknown(path: &Path, why: &str) -> Detection {
    Detection {
        path: path.display().to_string(),
        kind: "unknown",
        confidence: 0.0,
        messages: None,
        range: None,
        zips: 0,
        emls: 0,
        needs: Vec::new(),
        why: why.to_owned(),
    }
}

/// What is needed for every feed: without users no message reaches a mailbox.
fn needs() -> Vec<String> {
    vec![
        "users (custodia user add or user import), and a mapping where items carry no address (custodia map import)"
            .to_owned(),
    ]
}

fn detect_file(path: &Path) -> Detection {
    let mut file = match EvidenceFile::open(path) {
        Ok(file) => file,
        Err(e) => return unknown(path, &e.to_string()),
    };
    let head = match file.head(HEAD_BYTES) {
        Ok(head) => head,
        Err(e) => return unknown(path, &e.to_string()),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if head.starts_with(b"PK") || name.to_lowercase().ends_with(".zip") {
        return detect_zip(path, &name, file);
    }
    if looks_like_mail(&head) {
        return detect_mail(path, file);
    }
    unknown(path, looks_like(&name, &head))
}

fn detect_mail(path: &Path, mut file: EvidenceFile) -> Detection {
    let bytes = file.read_all(limits::EMAIL_BYTES).ok().flatten().unwrap_or_default();
    let mut found =
        Detection { kind: "telemessage-eml", emls: 1, messages: Some(1), needs: needs(), ..unknown(path, "") };
    match understand(&bytes) {
        Ok(message) if message.source_words.is_empty() && message.identity.account.is_none() => {
            (found.confidence, found.why) = (0.5, "an e-mail without X-TELEMESSAGE fields".to_owned());
            found.range = message.sent.map(|at| [at, at]);
        }
        Ok(message) => {
            (found.confidence, found.why) = (1.0, "an e-mail with X-TELEMESSAGE fields".to_owned());
            found.range = message.sent.map(|at| [at, at]);
        }
        Err(_) => return unknown(path, "it begins like an e-mail and is none"),
    }
    found
}

/// Whether a name has the vendor's form `YYYYMMDD0000-TeleMessage_<n>_<time>.zip`.
fn is_feed_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let Some((date, rest)) = lower.split_once("-telemessage_") else { return false };
    date.len() == 12 && date.bytes().all(|b| b.is_ascii_digit()) && rest.ends_with(".zip")
}

fn detect_zip(path: &Path, name: &str, file: EvidenceFile) -> Detection {
    let size = file.size();
    let mut zip = Zip::new(file, size);
    let listing = match zip.list() {
        Ok(listing) => listing,
        Err(e) => return unknown(path, &format!("it cannot be read: {e}")),
    };
    let mut mails = 0_u64;
    let (mut manifest, mut other) = (false, "a zip without e-mails");
    for entry in listing.entries.iter().filter(|e| e.kind == EntryKind::File) {
        let lower = entry.name.to_lowercase();
        manifest |= is_manifest(&lower);
        if lower.ends_with(".eml") {
            mails += 1;
        } else if chat_export_name(&lower) {
            other = CHAT_EXPORT;
        } else if lower.ends_with("msgstore.db") || lower.ends_with("chatstorage.sqlite") {
            other = DATABASE;
        }
    }
    if mails == 0 && !manifest {
        return unknown(path, if listing.entries.is_empty() { "a zip in which no entry can be read" } else { other });
    }
    let named = is_feed_name(name);
    let mut why = format!("a zip with {mails} e-mails, {} manifest", if manifest { "a" } else { "no" });
    if named {
        why.push_str(", named as the vendor names a feed");
    }
    if let Some(damage) = listing.damage {
        why.push_str(&format!("; damaged: {damage}"));
    }
    Detection {
        kind: "telemessage-feed-zip",
        confidence: if named && manifest {
            1.0
        } else if named || manifest {
            0.9
        } else {
            0.6
        },
        messages: Some(mails),
        range: range(path, mails),
        zips: 1,
        emls: mails,
        needs: needs(),
        ..unknown(path, &why)
    }
}

/// First and last time of a source of at most [`DETECT_MESSAGES`] messages.
fn range(path: &Path, messages: u64) -> Option<[Instant; 2]> {
    if messages > DETECT_MESSAGES {
        return None;
    }
    let mut range: Option<[Instant; 2]> = None;
    let seen = feed::read(path, &mut |read| {
        if let feed::Read::Item { message, .. } = read
            && let Some(at) = message.sent
        {
            range = Some(range.map_or([at, at], |[first, last]| [first.min(at), last.max(at)]));
        }
        Ok(())
    });
    seen.ok().and(range)
}

fn detect_folder(path: &Path) -> Result<Vec<Detection>> {
    let files = walk(path)?.files;
    let (mut found, mut strangers, mut mails) = (Vec::new(), Vec::new(), Vec::new());
    for file in files.iter().filter(|f| !is_manifest(&f.to_string_lossy())) {
        let name = file.to_string_lossy().to_lowercase();
        if name.ends_with(".eml") {
            mails.push(file);
            continue;
        }
        let detection = detect_file(file);
        match detection.kind {
            "telemessage-eml" => mails.push(file),
            "unknown" => strangers.push(detection),
            _ => found.push(detection),
        }
    }
    if let Some(first) = mails.first() {
        let (mut range, count) = (None::<[Instant; 2]>, mails.len() as u64);
        let sample = if count > DETECT_MESSAGES { 1 } else { mails.len() };
        let mut confidence = 0.5_f64;
        for mail in mails.iter().take(sample) {
            let one = detect_file(mail);
            confidence = confidence.max(one.confidence);
            range = match (range, one.range) {
                (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
                (range, one) => range.or(one),
            };
        }
        found.push(Detection {
            kind: "telemessage-eml-folder",
            confidence,
            messages: Some(count),
            range: range.filter(|_| count <= DETECT_MESSAGES),
            emls: count,
            needs: needs(),
            ..unknown(path, &format!("{count} e-mails, the first is {}", first.display()))
        });
    }
    let more = strangers.len().saturating_sub(UNKNOWN_LISTED);
    strangers.truncate(UNKNOWN_LISTED);
    found.extend(strangers);
    if more > 0 {
        found.push(unknown(path, &format!("{more} more files that are neither e-mails nor feed zips")));
    }
    if found.is_empty() {
        found.push(unknown(path, "a folder without files"));
    }
    Ok(found)
}

const CHAT_EXPORT: &str = "it looks like a WhatsApp chat export; not readable by this version";
const DATABASE: &str = "it looks like a WhatsApp database; not readable by this version";

fn chat_export_name(lower: &str) -> bool {
    let base = lower.rsplit('/').next().unwrap_or(lower);
    base.ends_with(".txt") && (base == "_chat.txt" || base.starts_with("whatsapp chat"))
}

fn looks_like(name: &str, head: &[u8]) -> &'static str {
    let lower = name.to_lowercase();
    let crypt = [".crypt", ".crypt12", ".crypt14", ".crypt15"].iter().any(|end| lower.ends_with(end));
    if crypt {
        "it looks like an encrypted WhatsApp backup; not readable by this version"
    } else if head.starts_with(b"SQLite format 3\0") {
        DATABASE
    } else if chat_export_name(&lower) || exported_line(head) {
        CHAT_EXPORT
    } else if is_manifest(&lower) {
        "a manifest; name the feed that it belongs to"
    } else if head.is_empty() {
        "an empty file"
    } else {
        "neither an e-mail nor a zip"
    }
}

/// Whether a text begins like an export: `[04/03/2026, 09:12:41] Ann: …` or `04/03/2026, 09:12 - Ann: …`.
fn exported_line(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let line = text.trim_start_matches(['\u{feff}', '\u{200e}', '[']).lines().next().unwrap_or_default().to_owned();
    let Some((date, rest)) = line.split_once([',', ' ']) else { return false };
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    let numbers =
        parts.len() == 3 && parts.iter().all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    numbers && rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) && rest.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, io::Write as _};

    fn mail(day: u32) -> String {
        format!(
            "From: 447700900101\r\nTo: 447700900102\r\nSubject: WhatsApp message from 447700900101 to 447700900102\r\n\
             Date: {day} Mar 2026 09:00:00 +0000\r\nX-TELEMESSAGE-ArchiveMessageID: {day}\r\nX-TELEMESSAGE-Network: WhatsApp\r\n\r\nhi\r\n"
        )
    }

    #[test]
    fn everything_in_a_folder_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let mut zip =
            zip::ZipWriter::new(fs::File::create(dir.path().join("202603040000-TeleMessage_1_01.zip")).unwrap());
        for (name, text) in [("a.eml", mail(4)), ("b.eml", mail(2)), ("m.mf", "Count: 2".to_owned())] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        fs::write(dir.path().join("one.eml"), mail(9)).unwrap();
        fs::write(dir.path().join("_chat.txt"), "[04/03/2026, 09:12:41] Ann: hi").unwrap();
        fs::write(dir.path().join("msgstore.db"), b"SQLite format 3\0xxxx").unwrap();
        fs::write(dir.path().join("export.txt"), "04/03/2026, 09:12 - Ann: hi").unwrap();
        let found = detect(dir.path()).unwrap();
        let kinds: Vec<_> = found.iter().map(|d| (d.kind, d.messages)).collect();
        assert_eq!(
            kinds,
            [
                ("telemessage-feed-zip", Some(2)),
                ("telemessage-eml-folder", Some(1)),
                ("unknown", None),
                ("unknown", None),
                ("unknown", None)
            ]
        );
        assert_eq!((found[0].confidence, found[0].zips, found[0].emls), (1.0, 1, 2));
        let [first, last] = found[0].range.unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2026-03-02T09:00:00Z".into(), "2026-03-04T09:00:00Z".into())
        );
        assert_eq!(found[2].why, CHAT_EXPORT);
        assert_eq!((found[3].why.as_str(), found[4].why.as_str()), (CHAT_EXPORT, DATABASE));
        assert_eq!(detect(&dir.path().join("one.eml")).unwrap()[0].kind, "telemessage-eml");
        assert!(detect(&dir.path().join("none")).is_err());
        assert!(serde_json::to_string(&found).unwrap().contains("\"kind\":\"telemessage-feed-zip\""));
    }
}
