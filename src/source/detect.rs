//! What is this? Looks at files and folders and says what they are, how sure, how much, and what is needed to import them.
//!
//! Contract: never writes; what is not understood is `unknown`, with what it looks like and why it is not read. Limits:
//! [`DETECT_MESSAGES`] messages are read for the range; counts are of names, not of contents.

use super::{
    counted::counted,
    detect_phone, select,
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
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

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
    /// `telemessage-feed-zip`, `telemessage-eml`, `telemessage-eml-folder`, `chat-export`, `android-database`,
    /// `android-backup`, `ios-folder`, `ios-database`, `ios-backup`, or `unknown`.
    pub kind: &'static str,
    /// `android` or `ios`, where that is told.
    pub platform: Option<&'static str>,
    /// From 0 (no idea) to 1 (certain).
    pub confidence: f64,
    /// Messages in it; `None` if it is not known without reading it as what it is.
    pub messages: Option<u64>,
    /// Conversations in it, where that is known.
    pub chats: Option<u64>,
    /// First and last time of its messages; `None` if there are none or too many to look.
    pub range: Option<[Instant; 2]>,
    /// The same on the wall clock of the phone, where the source has no zone.
    pub wall_range: Option<[String; 2]>,
    /// `dmy`, `mdy` or `ymd`, where it matters and the text shows it.
    pub date_order: Option<&'static str>,
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
        PathKind::File => {
            let chats = detect_phone::chats(path)?;
            Ok(if chats.is_empty() { vec![detect_file(path)] } else { chats })
        }
        PathKind::Folder => match detect_phone::database(path)? {
            Some(found) => {
                let mut all = vec![found];
                for other in select::beside(path)? {
                    all.extend(detect(&other)?);
                }
                Ok(all)
            }
            None => detect_folder(path),
        },
        PathKind::Special => Ok(vec![unknown(path, "neither a file nor a folder")]),
    }
}

pub(super) fn unknown(path: &Path, why: &str) -> Detection {
    Detection {
        path: path.display().to_string(),
        kind: "unknown",
        confidence: 0.0,
        platform: None,
        messages: None,
        chats: None,
        range: None,
        wall_range: None,
        date_order: None,
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
    match detect_phone::database(path) {
        Ok(Some(found)) => found,
        Ok(None) => unknown(path, looks_like(&name, &head)),
        Err(e) => unknown(path, &e.to_string()),
    }
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
        } else if lower.ends_with("msgstore.db") || lower.ends_with("chatstorage.sqlite") {
            other = "a zip with a database of WhatsApp: unpack it and name the folder";
        } else if lower.ends_with(".zip") {
            other = "a zip with a zip in it, which is not opened: unpack it and name the folder";
        }
    }
    if mails == 0 && !manifest {
        return unknown(path, if listing.entries.is_empty() { "a zip in which no entry can be read" } else { other });
    }
    let named = is_feed_name(name);
    let mut why =
        format!("a zip with {}, {} manifest", counted(mails, "e-mail", "e-mails"), if manifest { "a" } else { "no" });
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
    let (mut found, mut strangers, mut mails) = (detect_phone::chats(path)?, Vec::new(), Vec::new());
    let homes = Homes::of(&found);
    for file in files.iter().filter(|f| !is_manifest(&f.to_string_lossy()) && !homes.has(f)) {
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
            ..unknown(path, &format!("{}, the first is {}", counted(count, "e-mail", "e-mails"), first.display()))
        });
    }
    let more = strangers.len().saturating_sub(UNKNOWN_LISTED);
    strangers.truncate(UNKNOWN_LISTED);
    found.extend(strangers);
    if more > 0 {
        found.push(unknown(
            path,
            &format!("{} known source", counted(more as u64, "more file that is no", "more files that are no")),
        ));
    }
    if found.is_empty() {
        found.push(unknown(path, "a folder without files"));
    }
    Ok(found)
}

/// Where exported chats are: what lies beside them are their media.
struct Homes {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
}

impl Homes {
    fn of(chats: &[Detection]) -> Self {
        let file = |chat: &Detection| PathBuf::from(chat.path.split(" > ").next().unwrap_or(&chat.path));
        let files: HashSet<PathBuf> = chats.iter().map(file).collect();
        let beside = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt"));
        let folders = files.iter().filter(|f| beside(f)).filter_map(|f| f.parent().map(Path::to_owned)).collect();
        Self { files, folders }
    }

    fn has(&self, file: &Path) -> bool {
        let name = file.to_string_lossy().to_lowercase();
        let speaks_for_itself =
            [".eml", ".zip", ".db", ".sqlite", ".txt", ".sql", ".json"].iter().any(|end| name.ends_with(end));
        self.files.contains(file) || (!speaks_for_itself && file.parent().is_some_and(|f| self.folders.contains(f)))
    }
}

fn looks_like(name: &str, head: &[u8]) -> &'static str {
    let lower = name.to_lowercase();
    if head.starts_with(b"SQLite format 3\0") {
        "a database without WhatsApp's tables"
    } else if is_manifest(&lower) {
        "a manifest; name the feed that it belongs to"
    } else if head.is_empty() {
        "an empty file"
    } else {
        "neither an e-mail, a zip nor data of a phone"
    }
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
        fs::write(dir.path().join("export.txt"), "04/03/2026, 09:12 - Ann: hi").unwrap();
        let found = detect(dir.path()).unwrap();
        let kinds: Vec<_> = found.iter().map(|d| (d.kind, d.messages)).collect();
        assert_eq!(
            kinds,
            [
                ("chat-export", Some(1)),
                ("chat-export", Some(1)),
                ("telemessage-feed-zip", Some(2)),
                ("telemessage-eml-folder", Some(1)),
            ]
        );
        assert_eq!((found[2].confidence, found[2].zips, found[2].emls), (1.0, 1, 2));
        let [first, last] = found[2].range.unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2026-03-02T09:00:00Z".into(), "2026-03-04T09:00:00Z".into())
        );
        assert!(found[0].needs.iter().any(|need| need.starts_with("--source-tz")));
        // A phone's database makes the folder a phone's; what else is a source of its own is still named.
        fs::write(dir.path().join("msgstore.db"), b"SQLite format 3\0xxxx").unwrap();
        let with_database: Vec<_> = detect(dir.path()).unwrap().iter().map(|d| d.kind).collect();
        assert_eq!(with_database, ["android-database", "telemessage-feed-zip", "chat-export", "telemessage-eml"]);
        let error = select::kind_of(dir.path()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Usage, "{error}");
        assert_eq!(detect(&dir.path().join("one.eml")).unwrap()[0].kind, "telemessage-eml");
        assert!(detect(&dir.path().join("none")).is_err());
        assert!(serde_json::to_string(&found).unwrap().contains("\"kind\":\"telemessage-feed-zip\""));
    }
}
