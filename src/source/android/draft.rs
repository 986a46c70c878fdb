//! One message while it is put together, and the context in which that happens.

use super::{
    chats::{Chat, Chats},
    media::MediaFolder,
    party::Jids,
    seen::Seen,
};
use crate::{
    Result,
    model::{
        Attachment, Code, Details, Digest, Finding, Identity, Instant, Message, Participant, Place, SourceKind,
        details::MediaState,
    },
    source::{
        phone::{Blob, PhoneItem, PhoneOptions, PhoneRead, Visit},
        sqlite::Database,
    },
};
use std::rc::Rc;

/// Bytes of a text that is not UTF-8 that are kept beside it: in hex they fill what a rendered field holds (1,000 characters).
const RAW_BYTES: usize = 500;

/// What is known while one database is read.
pub struct Context<'a> {
    /// The database.
    pub database: &'a Database,
    /// What the person said.
    pub options: &'a PhoneOptions,
    /// Who is who.
    pub jids: Jids,
    /// Conversations.
    pub chats: Chats,
    /// Files.
    pub media: MediaFolder,
    /// Ids that were given.
    pub seen: Seen,
    /// Messages of conversations that are not wanted.
    pub left_out: u64,
    /// A medium was named and there is no Media folder.
    pub without_media: u64,
}

impl Context<'_> {
    /// Tells that a row stands for no message.
    pub fn placeholder(&self, table: &str, row: i64, visit: Visit<'_>) -> Result<()> {
        let mut place = Place::entry(self.database.name(), table);
        place.line = u64::try_from(row).ok().filter(|row| *row > 0);
        visit(PhoneRead::Noticed(Finding::new(Code::PlaceholderRow, place, "")))
    }

    /// Hands a message over.
    pub fn yield_item(&mut self, draft: Draft, also: Option<&str>, visit: Visit<'_>) -> Result<()> {
        if draft.details.media.iter().any(|m| m.state == MediaState::Omitted) {
            self.without_media += 1;
        }
        let chat = Rc::clone(&draft.chat);
        let (claimed, item) = draft.finish();
        self.seen.settle(&chat, &claimed, also, item.message.id());
        visit(PhoneRead::Item(Box::new(item)))
    }
}

/// A message that is being put together.
pub struct Draft {
    /// Its message so far.
    pub message: Message,
    /// Its details so far.
    pub details: Details,
    /// Its conversation.
    pub chat: Rc<Chat>,
    /// The id that was claimed for the row: that of the message, without a prefix.
    pub claimed: String,
    blobs: Vec<Blob>,
    place: Place,
}

impl Draft {
    /// A message of a row. `native` was claimed for it.
    pub fn new(context: &Context<'_>, table: &str, row: i64, chat: &Rc<Chat>, native: String, from_me: bool) -> Self {
        let place = Place {
            file: context.database.name().to_owned(),
            entry: Some(table.to_owned()),
            line: u64::try_from(row).ok().filter(|row| *row > 0),
        };
        let identity = Identity {
            source: SourceKind::Android,
            account: Some(context.options.owner.as_str().to_owned()),
            native: native.clone(),
        };
        let message = Message::empty(identity, chat.conversation.clone());
        let details = Details { from_me: Some(from_me), ..Details::default() };
        Self { message, details, chat: Rc::clone(chat), claimed: native, blobs: Vec::new(), place }
    }

    /// Whether the owner sent it.
    pub fn is_from_me(&self) -> bool {
        self.details.from_me == Some(true)
    }

    /// Sender and recipient, as far as the row says: in a direct chat the other one.
    pub fn parties(&mut self, sender: Option<Participant>) {
        let direct = self.chat.is_direct();
        if self.is_from_me() {
            if direct {
                self.message.recipients = vec![self.chat.other.clone()];
            }
        } else {
            self.message.sender = match sender {
                Some(sender) => sender,
                None if direct => self.chat.other.clone(),
                // What a channel says, the channel says.
                None if self.chat.jid.server == "newsletter" => Participant {
                    name: Some(self.chat.conversation.name.clone().unwrap_or_else(|| self.chat.jid.text())),
                    ..Participant::default()
                },
                None => Participant::default(),
            };
        }
    }

    /// When it was sent, in milliseconds. What is absurd is a finding.
    pub fn sent(&mut self, milliseconds: Option<i64>) {
        self.message.sent = instant(milliseconds);
        match milliseconds {
            Some(ms) if ms > 0 && self.message.sent.is_none() => {
                self.raw("timestamp", ms);
                self.finding(Code::DateAbsurd, ms.to_string());
            }
            Some(ms) if ms < 0 => self.finding(Code::DateAbsurd, ms.to_string()),
            None | Some(0) => self.finding(Code::DateMissing, ""),
            _ => {}
        }
    }

    /// A code or a value as the source has it.
    pub fn raw(&mut self, name: &str, value: impl ToString) {
        self.details.raw.insert(name.to_owned(), value.to_string());
    }

    /// The same, if there is one.
    pub fn raw_if(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.raw(name, value);
        }
    }

    /// The bytes of a text that is not UTF-8, as the source has them, in hex.
    pub fn not_utf8(&mut self, column: &str, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else { return };
        let kept = bytes.get(..bytes.len().min(RAW_BYTES)).unwrap_or_default();
        self.raw(&format!("{column}_hex"), kept.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let cut = if kept.len() < bytes.len() { format!(", the first {RAW_BYTES} are kept") } else { String::new() };
        self.finding(Code::NotUtf8, format!("{column}: {} bytes{cut}", bytes.len()));
    }

    /// A word about the message.
    pub fn flag(&mut self, flag: &str) {
        if !self.details.flags.iter().any(|known| known == flag) {
            self.details.flags.push(flag.to_owned());
        }
    }

    /// Something noticed.
    pub fn finding(&mut self, code: Code, detail: impl Into<String>) {
        self.message.findings.push(Finding::new(code, self.place.clone(), detail));
    }

    /// An attachment and its bytes.
    pub fn attach(&mut self, name: &str, media_type: &str, size: u64, sha256: Digest, blob: Blob) {
        self.message.attachments.push(Attachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size,
            sha256,
        });
        self.blobs.push(blob);
    }

    /// The claimed id, and what is handed over.
    fn finish(self) -> (String, PhoneItem) {
        let Self { mut message, details, chat, claimed, blobs, place } = self;
        message.details = Some(Box::new(details));
        let members = chat.members.clone();
        (claimed, PhoneItem { place, message, blobs, members })
    }
}

/// A time in milliseconds, if a message can have been sent then.
pub fn instant(milliseconds: Option<i64>) -> Option<Instant> {
    milliseconds.filter(|ms| *ms > 0).and_then(|ms| Instant(ms).plausible())
}
