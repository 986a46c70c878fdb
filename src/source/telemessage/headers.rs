//! The `X-TELEMESSAGE-…` fields (reference 2.2). Names compare without case; the vendor's misspelling is one of them.

use super::conversation::{Clues, ID_BYTES};
use super::words::without_bidi;
use crate::{
    eml::Email,
    model::{Code, Digest, PhoneNumber},
};

/// What all of them begin with.
pub const PREFIX: &str = "X-TELEMESSAGE-";

/// Opaque words that are kept as they are: the vendor's field, and our name for it.
const KEPT: [(&str, &str); 8] = [
    ("Network", "Network"),
    ("ArchiveSource", "ArchiveSource"),
    ("MessageType", "MessageType"),
    ("Status", "Status"),
    ("SID", "SID"),
    ("OriginalMesageIntegrity", "Integrity"),
    ("OriginalMessageIntegrity", "Integrity"),
    ("ENC-KEY-ID", "EncryptionKey"),
];

/// What the fields of one item say.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// `ArchiveMessageID`.
    pub archive_id: Option<String>,
    /// `ArchiveInitiator`: digits if it is a number, else lower case.
    pub account: Option<String>,
    /// Group and thread.
    pub clues: Clues,
    /// `ENC-DATAKEY` is there: the body is ciphertext.
    pub encrypted: bool,
    /// `ENC-KEY-ID`.
    pub key_id: Option<String>,
    /// The opaque words.
    pub said: Vec<(String, String)>,
}

impl Words {
    /// Reads the fields of an item.
    #[must_use]
    pub fn read(mail: &Email<'_>) -> Self {
        let field = |name: &str| {
            let value = mail.header(&format!("{PREFIX}{name}"))?;
            let value = without_bidi(&value).trim().to_owned();
            (!value.is_empty() && !value.eq_ignore_ascii_case("null")).then_some(value)
        };
        let mut said: Vec<(String, String)> = Vec::new();
        for (vendor, name) in KEPT {
            if let Some(value) = field(vendor).filter(|_| said.iter().all(|(n, _)| n != name)) {
                said.push((name.to_owned(), value));
            }
        }
        Self {
            archive_id: field("ArchiveMessageID"),
            account: field("ArchiveInitiator").map(|text| account(&text)),
            clues: Clues {
                group: field("GroupID"),
                group_name: field("GROUP_NAME"),
                thread: field("THREAD_ID"),
                thread_name: field("ThreadName"),
            },
            encrypted: mail.header(&format!("{PREFIX}ENC-DATAKEY")).is_some(),
            key_id: field("ENC-KEY-ID").map(|id| id.chars().take(80).collect()),
            said,
        }
    }

    /// The native id: `ArchiveMessageID`, else the Message-ID, else the digest of `whole`; the latter two are noted.
    pub fn native_id(&self, mail: &Email<'_>, whole: &[u8], note: &mut dyn FnMut(Code, &str)) -> String {
        let id = self.archive_id.clone().or_else(|| {
            let id = mail.message_id();
            note(Code::NoNativeId, if id.is_some() { "Message-ID" } else { "digest" });
            id
        });
        match id {
            Some(id) if id.len() <= ID_BYTES => id,
            // Too long for a journal line, and still one identity.
            Some(id) => format!("sha256-{}", Digest::of(id.as_bytes())),
            None => Digest::of(whole).to_hex(),
        }
    }

    /// `MessageType`, lower case.
    #[must_use]
    pub fn message_type(&self) -> Option<String> {
        self.said.iter().find(|(name, _)| name == "MessageType").map(|(_, value)| value.to_ascii_lowercase())
    }
}

fn account(text: &str) -> String {
    let account = PhoneNumber::parse(text).map_or_else(|| text.to_lowercase(), |number| number.digits().to_owned());
    if account.len() <= ID_BYTES { account } else { format!("sha256-{}", Digest::of(account.as_bytes())) }
}
