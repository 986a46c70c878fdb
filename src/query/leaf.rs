//! One condition of a closed expression, and where it looks.
//!
//! Contract: as for [`Expr`](super::Expr): the serde forms are kept for as long as holds live; variants are added, never
//! renamed or given another meaning. `Role::To` and `TextField::To` are all recipients, because holds say so.

use crate::model::{HoldId, Instant, LabelId, MessageKind, SourceKind};
use serde::{Deserialize, Serialize};

/// One condition on an item. What is empty or unknown never matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Leaf {
    /// These tokens stand in a row in one value of the field (one name, one address, one file name, the body …).
    Words {
        /// Where to look.
        field: TextField,
        /// Folded tokens, never empty.
        tokens: Vec<String>,
        /// The last token is only the beginning of one.
        prefix: bool,
    },
    /// A party has exactly this number or address.
    Person {
        /// Which party.
        role: Role,
        /// Digits of a number, or an address in lower case.
        id: String,
        /// `id` is only the beginning.
        prefix: bool,
    },
    /// It was sent in `[from, until)`.
    Time {
        /// First instant; `None`: no beginning.
        from: Option<Instant>,
        /// First instant behind; `None`: no end.
        until: Option<Instant>,
    },
    /// The size of the e-mail in bytes, both ends included.
    Size {
        /// Smallest.
        min: Option<u64>,
        /// Largest.
        max: Option<u64>,
    },
    /// It is of this kind.
    Kind(MessageKind),
    /// Its item class, in lower case.
    ItemClass {
        /// The class.
        value: String,
        /// `value` is only the beginning.
        prefix: bool,
    },
    /// It has, or has not, an attachment.
    HasAttachment(bool),
    /// A later notice says, or none says, that it was deleted.
    IsDeleted(bool),
    /// A later notice says, or none says, that it was edited.
    IsEdited(bool),
    /// The mailbox that the item is in.
    Mailbox {
        /// An address, or the part before or behind its `@`; lower case.
        value: String,
        /// `value` is only the beginning of an address.
        prefix: bool,
    },
    /// These words or phrases stand near each other in one value of the running text: subject, body, attachment names and
    /// attachment texts.
    Near(Near),
    /// A phone number is written in the subject or the text, in any spelling.
    Written {
        /// Its digits.
        digits: String,
        /// `digits` is only the beginning.
        prefix: bool,
    },
    /// It belongs to the conversation with this id.
    Conversation {
        /// The id, in lower case.
        id: String,
        /// `id` is only the beginning.
        prefix: bool,
    },
    /// Its text is in this language (ISO 639-1).
    Lang(String),
    /// Its source is of this kind.
    Source(SourceKind),
    /// Some of it, or nothing of it, could not be read as text.
    Unindexed(bool),
    /// Its id begins with these hex digits.
    Id(String),
    /// The SHA-256 of its file, or of one of its attachments, begins with these hex digits.
    Digest(String),
    /// Its ordinal is in `[from, until)`: what one run archived.
    Ordinals {
        /// First.
        from: u32,
        /// First behind.
        until: u32,
    },
    /// It has this tag, folded.
    Tag(String),
    /// The item is covered by this hold.
    Hold(HoldId),
    /// The item is among the recoverable items of its mailbox, or is not.
    Recoverable(bool),
    /// The item has this retention label.
    Label(LabelId),
}

/// Words or phrases near each other. Operands are in the order of the query.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Near {
    /// At least two; each a choice of rows.
    pub operands: Vec<Vec<Row>>,
    /// What is allowed between each operand and the next: one fewer than the operands.
    pub gaps: Vec<Gap>,
}

/// Tokens in a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// Folded tokens, never empty.
    pub tokens: Vec<String>,
    /// The last token is only the beginning of one.
    pub prefix: bool,
}

/// What may stand between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// The most other tokens.
    pub most: u32,
    /// The first operand stands before the second.
    pub ordered: bool,
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TextField {
    /// Subject, body, attachment names and texts, names and numbers and addresses of the parties.
    Any,
    /// The subject.
    Subject,
    /// The text.
    Body,
    /// File names.
    AttachmentNames,
    /// The sender.
    From,
    /// All recipients.
    To,
    /// Sender and recipients.
    Participants,
    /// The recipients of the `To` line.
    ToLine,
    /// The recipients of the `Cc` line.
    Cc,
    /// The recipients of the `Bcc` line.
    Bcc,
    /// The name of the conversation.
    Conversation,
}

/// Which party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The sender.
    From,
    /// A recipient.
    To,
    /// Either.
    Any,
    /// A recipient of the `To` line.
    ToLine,
    /// A recipient of the `Cc` line.
    Cc,
    /// A recipient of the `Bcc` line.
    Bcc,
}

impl Role {
    /// The text field with the names of this role.
    #[must_use]
    pub fn field(self) -> TextField {
        match self {
            Self::From => TextField::From,
            Self::To => TextField::To,
            Self::Any => TextField::Participants,
            Self::ToLine => TextField::ToLine,
            Self::Cc => TextField::Cc,
            Self::Bcc => TextField::Bcc,
        }
    }

    /// The property of this role.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.field().as_str()
    }
}

impl TextField {
    /// The property of this field; `any` for free text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Subject => "subject",
            Self::Body => "body",
            Self::AttachmentNames => "attachmentnames",
            Self::From => "from",
            Self::To => "recipients",
            Self::Participants => "participants",
            Self::ToLine => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
            Self::Conversation => "conversation",
        }
    }
}

impl Leaf {
    /// The property that this condition is about.
    #[must_use]
    pub fn property(&self) -> &'static str {
        match self {
            Self::Words { field, .. } => field.as_str(),
            Self::Person { role, .. } => role.as_str(),
            Self::Time { .. } => "sent",
            Self::Size { .. } => "size",
            Self::Kind(_) => "kind",
            Self::ItemClass { .. } => "itemclass",
            Self::HasAttachment(_) => "hasattachment",
            Self::IsDeleted(_) => "isdeleted",
            Self::IsEdited(_) => "isedited",
            Self::Mailbox { .. } => "mailbox",
            Self::Near(_) | Self::Written { .. } => TextField::Any.as_str(),
            Self::Conversation { .. } => "conversation",
            Self::Lang(_) => "lang",
            Self::Source(_) => "source",
            Self::Unindexed(_) => "unindexed",
            Self::Id(_) => "id",
            Self::Digest(_) => "digest",
            Self::Ordinals { .. } => "run",
            Self::Tag(_) => "tag",
            Self::Hold(_) => "hold",
            Self::Recoverable(_) => "recoverable",
            Self::Label(_) => "retention",
        }
    }

    /// Whether the answer may differ from mailbox to mailbox of one message.
    #[must_use]
    pub fn is_of_item(&self) -> bool {
        matches!(self, Self::Mailbox { .. } | Self::Hold(_) | Self::Recoverable(_) | Self::Label(_))
    }
}
