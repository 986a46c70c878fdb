//! What of a phone a path is, in the words of [`Detection`].

use super::{Detection, android, chat_export, detect::unknown, ios};
use crate::Result;
use std::path::Path;

const OWNER: &str = "--owner EMAIL: whose phone it is (custodia user list)";

/// A phone's database, a backup of one, or a folder with one; `None` if it is none.
///
/// # Errors
/// `Io` or `Permission` if it cannot be looked at.
pub(super) fn database(path: &Path) -> Result<Option<Detection>> {
    if let Some(found) = ios::detect(path)? {
        let messages = found.messages.map(|messages| messages + found.calls);
        return Ok(Some(Detection {
            kind: found.kind,
            platform: Some("ios"),
            confidence: 1.0,
            messages,
            range: found.range,
            needs: found.needs,
            ..unknown(path, &found.why)
        }));
    }
    let Some(found) = android::detect(path)? else { return Ok(None) };
    let mut needs = vec![OWNER.to_owned()];
    if found.encrypted.is_some() {
        needs.push("--key-file FILE: the phone's key file, or the 64 digits of the backup in a file".to_owned());
    }
    let mut why = found.why;
    if found.log {
        why.push_str("; a log lies beside it, which an import reads too");
    }
    if !found.contacts {
        why.push_str("; no wa.db, so there are no names");
    }
    if found.media.is_empty() {
        why.push_str("; no Media folder");
    }
    Ok(Some(Detection {
        kind: if found.encrypted.is_some() { "android-backup" } else { "android-database" },
        platform: Some("android"),
        confidence: match (found.encrypted.is_some() || found.schema.is_some(), found.doubtful) {
            (true, false) => 1.0,
            (true, true) => 0.7,
            (false, _) => 0.5,
        },
        messages: found.messages,
        chats: found.chats,
        range: found.times.map(|(first, last)| [first, last]),
        needs,
        ..unknown(path, &why)
    }))
}

/// The exported chats in a file or folder.
///
/// # Errors
/// `Io` or `Permission` if it cannot be looked at.
pub(super) fn chats(path: &Path) -> Result<Vec<Detection>> {
    let Some(found) = chat_export::detect(path)? else { return Ok(Vec::new()) };
    let detection = |chat: chat_export::FoundChat| {
        let said = Path::new(&chat.file);
        let file = if said.starts_with(path) { said.to_owned() } else { path.join(said) };
        let place = match &chat.entry {
            Some(entry) => format!("{} > {entry}", file.display()),
            None => file.display().to_string(),
        };
        let mut why = chat.why;
        if !chat.date_evidence.is_empty() {
            why.push_str(&format!("; {}", chat.date_evidence));
        }
        if let Some(me) = &chat.me {
            why.push_str(&format!("; the owner is {me}"));
        }
        Detection {
            path: place,
            kind: "chat-export",
            platform: Some(chat.platform),
            confidence: match (chat.unread, chat.title_known) {
                (false, true) => 1.0,
                (false, false) => 0.8,
                // By names alone.
                (true, _) => 0.7,
            },
            messages: Some(chat.records).filter(|_| !chat.unread),
            chats: Some(1),
            wall_range: chat.range,
            date_order: chat.date_order,
            needs: chat.needs.into_iter().map(|need| spelled_out(need).to_owned()).collect(),
            ..unknown(path, &why)
        }
    };
    Ok(found.chats.into_iter().map(detection).collect())
}

fn spelled_out(need: &str) -> &str {
    match need {
        "owner" => OWNER,
        "source-tz" => "--source-tz ZONE: the time zone of the phone that wrote it, such as Europe/Berlin",
        "date-order" => "--date-order dmy|mdy|ymd: the text does not show it",
        "me" => "--me NAME: the owner's name in the chat",
        other => other,
    }
}
