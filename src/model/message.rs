//! One archived event as its source tells it: what `source` understands from an e-mail of a feed, and what search,
//! holds and `show` work on. Derived from the vault file at any time; never stored in place of it.

use super::{Conversation, Details, Digest, Finding, Instant, MessageId, Participant};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A TeleMessage feed (zip, folder of zips, folder of EMLs, one EML).
    Telemessage,
    /// A text that WhatsApp's "Export chat" wrote (txt, zip, folder).
    ChatExport,
    /// The database of an Android phone (`msgstore.db`, or an encrypted backup of it).
    Android,
    /// The database of an iPhone or a Mac (`ChatStorage.sqlite`).
    Ios,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Telemessage, Self::ChatExport, Self::Android, Self::Ios];

    /// The word in JSON, in identity keys and on a terminal. Never changes: identities are made from it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telemessage => "telemessage",
            Self::ChatExport => "chat-export",
            Self::Android => "android",
            Self::Ios => "ios",
        }
    }
}

/// What identifies an event in its source: kind, capturing account, native id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The kind of source.
    pub source: SourceKind,
    /// The capturing account, normalised: digits of a number, else lower case. `X-TELEMESSAGE-ArchiveInitiator` of a
    /// feed; for a phone the mailbox of its owner, who is said at import and never stands in the archived bytes.
    pub account: Option<String>,
    /// The native message id as the source writes it, with its `DELETE_…` or `EDIT-…` prefix.
    pub native: String,
}

impl Identity {
    /// The key that the catalog stores: a digest over length-prefixed fields.
    #[must_use]
    pub fn key(&self) -> Digest {
        let mut hasher = Sha256::new();
        for field in [self.source.as_str(), self.account.as_deref().unwrap_or(""), &self.native] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        Digest(hasher.finalize().into())
    }
}

/// What kind of event a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A chat message, with or without attachments.
    Chat,
    /// A voice or video call, answered or not; a list of calls.
    Call,
    /// The notice that an earlier message was deleted.
    Deletion,
    /// The notice that an earlier message was edited.
    Edit,
    /// A system event (somebody joined, a group was renamed).
    System,
}

impl MessageKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 5] = [Self::Chat, Self::Call, Self::Deletion, Self::Edit, Self::System];

    /// The word in JSON, in `kind:` and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Call => "call",
            Self::Deletion => "deletion",
            Self::Edit => "edit",
            Self::System => "system",
        }
    }

    /// Our item class, matched by `itemclass:ipm.externaldata.whatsapp*`. Microsoft publishes none for WhatsApp.
    #[must_use]
    pub fn item_class(self) -> &'static str {
        match self {
            Self::Chat => "IPM.ExternalData.WhatsApp.Chat",
            Self::Call => "IPM.ExternalData.WhatsApp.Call",
            Self::Deletion => "IPM.ExternalData.WhatsApp.Deletion",
            Self::Edit => "IPM.ExternalData.WhatsApp.Edit",
            Self::System => "IPM.ExternalData.WhatsApp.Event",
        }
    }
}

/// Voice or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallMedia {
    /// A voice call.
    Voice,
    /// A video call.
    Video,
    /// The source does not say (a list of calls).
    Unknown,
}

/// What the source says of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Voice or video.
    pub media: CallMedia,
    /// `Some(false)`: the subject says unanswered (missed or rejected). `None`: not said.
    pub answered: Option<bool>,
    /// `Calls with multiple participants`: one record for several legs.
    pub aggregated: bool,
    /// The legs of an aggregated record, one per line of the body, as far as they were understood.
    pub legs: Vec<CallLeg>,
}

/// One line of an aggregated call record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallLeg {
    /// The other number, as digits.
    pub number: String,
    /// When the leg began.
    pub at: Option<Instant>,
    /// How long it took, in seconds.
    pub seconds: Option<u32>,
    /// Whether the captured account called.
    pub outgoing: Option<bool>,
}

/// Whether a deleted or edited message had been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadState {
    /// Read.
    Read,
    /// Not read.
    Unread,
    /// Group or broadcast, or not said.
    Unknown,
}

/// For whom a message was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionScope {
    /// `DELETED For Me`.
    ForMe,
    /// `DELETED For All`.
    ForAll,
    /// The whole chat was cleared (`DELETE_ALL_MESSAGES`).
    WholeChat,
    /// Older notices say only `DELETED`.
    Unknown,
}

/// A deletion notice. The original stays as it was archived.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Deletion {
    /// For whom.
    pub scope: DeletionScope,
    /// Whether it had been read.
    pub read: ReadState,
    /// The native id of the original, without prefix; `None` if the notice names none.
    pub target: Option<String>,
    /// Names of the attachments that went; their bytes are with the original only.
    pub files: Vec<String>,
}

/// An edit notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// Whether it had been read.
    pub read: ReadState,
    /// The native id of the original, without prefix.
    pub target: Option<String>,
    /// The id of this edit, as the body says it.
    pub edit_id: Option<String>,
    /// The id of the edit before this one.
    pub last_edit_id: Option<String>,
    /// The text before.
    pub previous: Option<String>,
    /// The text after.
    pub edited: Option<String>,
}

/// One attachment: a part of the message that is not its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment {
    /// File name as the part gives it; empty if it gives none.
    pub name: String,
    /// MIME type, lower case; `type` in JSON.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// SHA-256 of the decoded bytes.
    pub sha256: Digest,
}

/// How many of the recipients, the last ones, stand in the `Cc` and then in the `Bcc` line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carbon {
    /// Recipients of the `Cc` line.
    pub cc: usize,
    /// Recipients of the `Bcc` line, behind those.
    pub bcc: usize,
}

/// One message as its source tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What identifies it in its source.
    pub identity: Identity,
    /// Chat, call, deletion, edit, system.
    pub kind: MessageKind,
    /// Set for calls.
    pub call: Option<Call>,
    /// Set for deletions.
    pub deletion: Option<Deletion>,
    /// Set for edits.
    pub edit: Option<Edit>,
    /// When it was sent, UTC; `None` if the source does not say or says something absurd.
    pub sent: Option<Instant>,
    /// Who sent it or called.
    pub sender: Participant,
    /// The other parties, in the order of the source.
    pub recipients: Vec<Participant>,
    /// Which of them only got a copy.
    pub carbon: Carbon,
    /// Where it was said.
    pub conversation: Conversation,
    /// The subject line as the source has it, decoded.
    pub subject: String,
    /// The text; empty when encrypted.
    pub body: String,
    /// Parts that are not text.
    pub attachments: Vec<Attachment>,
    /// The body is ciphertext (`X-TELEMESSAGE-ENC-DATAKEY`): archived, never indexed as text.
    pub encrypted: bool,
    /// It came wrapped in a journal mail (message/rfc822 inside).
    pub journaled: bool,
    /// Media that was deleted on the phone before it could be captured: file names, as far as they are named.
    pub media_removed: Vec<String>,
    /// Opaque words of the source: `X-TELEMESSAGE-Network`, `-ArchiveSource`, `-MessageType`, `-Status`, …
    pub source_words: Vec<(String, String)>,
    /// What a phone's own data says beyond that; `None` for a feed.
    pub details: Option<Box<Details>>,
    /// What was noticed while reading it.
    pub findings: Vec<Finding>,
}

impl Message {
    /// A chat message that says nothing yet.
    #[must_use]
    pub fn empty(identity: Identity, conversation: Conversation) -> Self {
        Self {
            identity,
            kind: MessageKind::Chat,
            call: None,
            deletion: None,
            edit: None,
            sent: None,
            sender: Participant::default(),
            recipients: Vec::new(),
            carbon: Carbon::default(),
            conversation,
            subject: String::new(),
            body: String::new(),
            attachments: Vec::new(),
            encrypted: false,
            journaled: false,
            media_removed: Vec::new(),
            source_words: Vec::new(),
            details: None,
            findings: Vec::new(),
        }
    }

    /// The native id of the message that this one is about: its own for an original, the target of a notice, a
    /// reaction or later receipts. Original, edits, deletion, reactions and receipts of one message share it.
    #[must_use]
    pub fn story(&self) -> Option<&str> {
        match (&self.deletion, &self.edit, self.details.as_deref()) {
            (Some(deletion), ..) => deletion.target.as_deref(),
            (_, Some(edit), _) => edit.target.as_deref(),
            (_, _, Some(Details { reaction: Some(reaction), .. })) => Some(&reaction.target),
            (_, _, Some(Details { receipts_for: Some(native), .. })) => Some(native),
            _ => Some(&self.identity.native),
        }
    }

    /// How many recipients got a copy, by `Cc` or `Bcc`.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.carbon.cc.saturating_add(self.carbon.bcc)
    }

    /// Sender and recipients.
    pub fn participants(&self) -> impl Iterator<Item = &Participant> {
        std::iter::once(&self.sender).filter(|p| !p.is_unknown()).chain(self.recipients.iter())
    }

    /// A digest of what the source says (time, author, body, attachments): tells `already` from `revised`.
    #[must_use]
    pub fn source_digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        field(self.kind.as_str().as_bytes());
        field(&self.sent.map_or(i64::MIN, |at| at.0).to_be_bytes());
        let author = self.sender.number.as_ref().map(|n| n.digits().to_owned());
        field(
            author
                .or_else(|| self.sender.email.clone())
                .or_else(|| self.sender.name.clone())
                .unwrap_or_default()
                .as_bytes(),
        );
        // The subject of a phone's message is made of the other facts and of a group's present name.
        let subject = if self.identity.source == SourceKind::Telemessage { self.subject.as_str() } else { "" };
        field(subject.as_bytes());
        field(self.body.as_bytes());
        for attachment in &self.attachments {
            field(attachment.name.as_bytes());
            field(&attachment.sha256.0);
        }
        Digest(hasher.finalize().into())
    }

    /// The id of this version of the message.
    #[must_use]
    pub fn id(&self) -> MessageId {
        MessageId::derive(&self.identity.key(), &self.source_digest())
    }

    /// Whether something is unknown that a hold may ask for: the date, or who a party is. Rather too often than not:
    /// such messages are always evaluated by themselves.
    #[must_use]
    pub fn is_vague(&self) -> bool {
        if self.identity.source != SourceKind::Telemessage {
            // A phone names people as its address book does, and a group as a whole; that is all there is to be known.
            return self.sent.is_none() || (self.sender.is_unknown() && self.kind != MessageKind::System);
        }
        let nameless = |p: &Participant| p.number.is_none() && p.email.is_none();
        self.sent.is_none() || nameless(&self.sender) || self.recipients.iter().all(nameless)
    }

    /// Why the message is only partially searchable, `None` if all of it is text.
    ///
    /// Judged by kind, never by whether some extractor succeeded (architecture section 5): any attachment, and
    /// ciphertext.
    #[must_use]
    pub fn partially_indexed(&self) -> Option<&'static str> {
        if self.encrypted {
            return Some("encrypted");
        }
        self.attachments.first().map(|first| match first.media_type.split('/').next().unwrap_or("") {
            "image" => "image",
            "audio" => "audio",
            "video" => "video",
            _ => "document",
        })
    }
}
