//! The rows of a package: one for each message, each item, each thing that could not be exported.

use crate::model::{
    Attachment, Code, Conversation, Digest, Instant, MailboxName, MessageId, MessageKind, Participant, Seq,
};
use serde::Serialize;

/// Why a message is in the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddedBy {
    /// It matches the query, is on the list, or a hold of the case covers it.
    Query,
    /// It cannot be searched in full and is in a mailbox that has hits.
    Unindexed,
}

impl AddedBy {
    /// The word in the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Unindexed => "unindexed",
        }
    }
}

/// One message of the package: a row of `manifest.csv`, a line of `manifest.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub struct ManifestRow {
    /// Its file in the package.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Size of the file in bytes.
    pub size: u64,
    /// Its id.
    pub id: MessageId,
    /// When it was sent, UTC; `None` if unknown.
    pub sent: Option<Instant>,
    /// Chat, call, …
    pub kind: MessageKind,
    /// Who sent it.
    pub from: Participant,
    /// The other parties.
    pub to: Vec<Participant>,
    /// Where it was said.
    pub conversation: Conversation,
    /// The subject.
    pub subject: String,
    /// The mailboxes whose items are exported.
    pub mailboxes: Vec<MailboxName>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// A later notice says that it was deleted.
    pub is_deleted: bool,
    /// A later notice says that it was edited.
    pub is_edited: bool,
    /// Some of it cannot be searched as text.
    pub partially_indexed: bool,
    /// Names of the active holds that cover one of the exported items.
    pub holds: Vec<String>,
    /// Why it is here.
    pub added_by: AddedBy,
    /// The journal line that archived it.
    pub journal_seq: Seq,
    /// That line's hash.
    pub journal_hash: Digest,
    /// The file that it was imported from.
    pub source_file: String,
    /// SHA-256 of that file.
    pub source_sha256: Option<Digest>,
    /// The entry in that file.
    pub source_entry: String,
}

impl ManifestRow {
    /// The columns of `manifest.csv`, with what each means.
    pub const COLUMNS: [(&'static str, &'static str); 24] = [
        ("file", "the message's file in this package: the archived e-mail, byte for byte"),
        ("sha256", "SHA-256 of the file, as it was recorded when the message was archived"),
        ("size", "size of the file in bytes"),
        ("message_id", "the archive's id of the message"),
        ("sent", "when it was sent, UTC; empty if unknown"),
        ("kind", "chat, call, deletion (a notice), edit (a notice) or system"),
        ("from", "the sender: name, number, address, as far as they are known"),
        ("to", "the other parties, separated by semicolons"),
        ("conversation_id", "stable id of the chat or group"),
        ("conversation_name", "its name; not unique"),
        ("conversation_kind", "direct, group, community, broadcast or unknown"),
        ("subject", "the subject line of the e-mail"),
        ("mailboxes", "the mailboxes whose items are exported, separated by semicolons"),
        ("attachments", "names of the attachments, separated by semicolons; they are inside the e-mail"),
        ("is_deleted", "true: a later notice in the archive says that it was deleted on the phone"),
        ("is_edited", "true: a later notice in the archive says that it was edited"),
        ("partially_indexed", "true: some of it (an attachment, an encrypted text) cannot be searched"),
        ("holds", "names of the legal holds that cover it"),
        ("added_by", "query: it was selected; unindexed: added because it cannot be searched in full"),
        ("journal_seq", "the line of the audit trail that archived it"),
        ("journal_hash", "the hash of that line"),
        ("source_file", "the file that it was imported from"),
        ("source_sha256", "SHA-256 of that file when it was imported"),
        ("source_entry", "the entry in that file"),
    ];

    /// The names of the columns.
    #[must_use]
    pub fn header() -> Vec<&'static str> {
        Self::COLUMNS.iter().map(|(name, _)| *name).collect()
    }

    /// The cells of the row, in the order of the columns.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.file.clone(),
            self.sha256.to_hex(),
            self.size.to_string(),
            self.id.to_string(),
            instant(self.sent),
            self.kind.as_str().to_owned(),
            party(&self.from),
            joined(self.to.iter().map(party)),
            self.conversation.id.clone(),
            self.conversation.name.clone().unwrap_or_default(),
            self.conversation.kind.as_str().to_owned(),
            self.subject.clone(),
            joined(self.mailboxes.iter().map(ToString::to_string)),
            joined(self.attachments.iter().map(|attachment| attachment.name.clone())),
            self.is_deleted.to_string(),
            self.is_edited.to_string(),
            self.partially_indexed.to_string(),
            joined(self.holds.iter().cloned()),
            self.added_by.as_str().to_owned(),
            self.journal_seq.to_string(),
            self.journal_hash.to_hex(),
            self.source_file.clone(),
            self.source_sha256.map(|digest| digest.to_hex()).unwrap_or_default(),
            self.source_entry.clone(),
        ]
    }
}

/// One item: a row of `items.csv`.
#[derive(Clone, Debug)]
pub struct ItemRow<'a> {
    /// The message.
    pub id: MessageId,
    /// Its file in the package.
    pub file: &'a str,
    /// The mailbox.
    pub mailbox: &'a MailboxName,
    /// `live`, or `recoverable`: deleted, and still there.
    pub state: &'static str,
    /// Names of the active holds that cover the item.
    pub holds: &'a [String],
    /// Why it is here.
    pub added_by: AddedBy,
    /// For a phone's data: on what it rests that the mailbox has it (`owner`, `number`, `name`, `address`); else empty.
    pub basis: &'static str,
}

impl ItemRow<'_> {
    /// The names of the columns.
    pub const HEADER: [&'static str; 7] = ["message_id", "mailbox", "file", "state", "holds", "added_by", "basis"];

    /// The cells of the row.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.mailbox.to_string(),
            self.file.to_owned(),
            self.state.to_owned(),
            joined(self.holds.iter().cloned()),
            self.added_by.as_str().to_owned(),
            self.basis.to_owned(),
        ]
    }
}

/// One message that was selected and is not, or not wholly, in the package: a row of `exceptions.csv`.
#[derive(Clone, Debug)]
pub struct ExceptionRow {
    /// The message.
    pub id: MessageId,
    /// Why not.
    pub code: Code,
    /// The vault file.
    pub path: String,
    /// What is wrong with it.
    pub detail: String,
    /// Whether its file is in the package nevertheless.
    pub exported: bool,
    /// The journal line that archived it.
    pub journal_seq: Seq,
}

impl ExceptionRow {
    /// The names of the columns.
    pub const HEADER: [&'static str; 7] = ["message_id", "code", "exported", "path", "detail", "fix", "journal_seq"];

    /// The cells of the row.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.code.to_string(),
            self.exported.to_string(),
            self.path.clone(),
            self.detail.clone(),
            self.code.fix().to_owned(),
            self.journal_seq.to_string(),
        ]
    }
}

fn instant(at: Option<Instant>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn joined(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

/// Name, number and address of a party, as far as they are known.
fn party(participant: &Participant) -> String {
    let number = participant.number.as_ref().map(ToString::to_string);
    let parts = [participant.name.clone(), number, participant.email.clone()];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    if known.is_empty() { "unknown".to_owned() } else { known.join(" ") }
}

/// The name of a message's file: when it was sent and its id, from an alphabet that every file system takes.
#[must_use]
pub fn file_name(id: &MessageId, sent: Option<Instant>) -> String {
    let stamp = sent.and_then(Instant::to_utc).map(|at| at.format("%Y%m%dT%H%M%SZ").to_string());
    let stamp = stamp.filter(|s| s.bytes().all(|b| b.is_ascii_alphanumeric()));
    format!("messages/{}_{id}.eml", stamp.as_deref().unwrap_or("undated"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PhoneNumber;

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let id = MessageId::derive(&Digest::of(b"a"), &Digest::of(b"b"));
        let sent = Some(Instant(1_772_615_561_000));
        let row = ManifestRow {
            file: file_name(&id, sent),
            sha256: Digest::of(b"x"),
            size: 1,
            id,
            sent,
            kind: MessageKind::Chat,
            from: Participant { number: PhoneNumber::parse("447700900101"), ..Participant::default() },
            to: vec![Participant::default(), Participant { name: Some("Ann".into()), ..Participant::default() }],
            conversation: Conversation::default(),
            subject: "=1".into(),
            mailboxes: vec![],
            attachments: vec![],
            is_deleted: false,
            is_edited: true,
            partially_indexed: false,
            holds: vec!["A".into(), "B".into()],
            added_by: AddedBy::Query,
            journal_seq: Seq(7),
            journal_hash: Digest::of(b"y"),
            source_file: "feed.zip".into(),
            source_sha256: None,
            source_entry: "1.eml".into(),
        };
        let cells = row.cells();
        assert_eq!(cells.len(), ManifestRow::header().len());
        assert_eq!(cells.first().map(String::as_str), Some(format!("messages/20260304T091241Z_{id}.eml").as_str()));
        assert!(cells.contains(&"+447700900101".to_owned()) && cells.contains(&"unknown; Ann".to_owned()));
        assert!(cells.contains(&"A; B".to_owned()));
    }

    #[test]
    fn an_unknown_or_absurd_date_still_makes_a_file_name() {
        let id = MessageId::derive(&Digest::of(b"a"), &Digest::of(b"b"));
        assert_eq!(file_name(&id, None), format!("messages/undated_{id}.eml"));
        assert_eq!(file_name(&id, Some(Instant(i64::MAX))), format!("messages/undated_{id}.eml"));
        assert!(file_name(&id, Some(Instant(-1))).starts_with("messages/19691231T235959Z_"));
    }
}
