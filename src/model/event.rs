//! Every event that the journal knows. The journal is the audit trail and the write-ahead log in one: what is not an
//! event did not happen, and everything derived is rebuilt from these and the vault.
//!
//! JSON only (internally tagged). No message text: ids, digests, addresses, file names, counts. Types are added, never
//! renamed; [`Event::TYPES`] names them all, and the rebuild test fails when its archive lacks one of them.

use super::{
    Balance, Case, CaseId, Digest, ExportId, Finding, Hold, HoldId, Identity, Instant, MailboxName, MappingRow,
    MessageId, MessageKind, Ordinal, PhoneNumber, PlanId, RunId, Seq, User,
};
use serde::{Deserialize, Serialize};

/// Who did something. `claimed` is what `--actor` says; the rest is recorded beside it by the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The claimed identity; empty if none was claimed.
    pub claimed: String,
    /// The operating system's user.
    pub os_user: String,
    /// The host.
    pub host: String,
    /// Program and version.
    pub program: String,
}

impl Actor {
    /// The name that answers show: the claimed one, else the operating system's.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.claimed.is_empty() { &self.os_user } else { &self.claimed }
    }
}

/// On what it rests that a message of a phone belongs into a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Who imported said that the phone is this user's.
    Owner,
    /// A number of the message or its conversation maps to the mailbox.
    Number,
    /// Who imported said, for that import, that a name of the phone's address book is this user's.
    Name,
    /// The source gives the address.
    Address,
}

impl Basis {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Number => "number",
            Self::Name => "name",
            Self::Address => "address",
        }
    }
}

/// Why a mailbox got a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribution {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// On what it rests.
    pub basis: Basis,
    /// The number, name or address in question; empty for the owner.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub by: String,
}

/// A message that was archived: what is needed to find it again without reading its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Its position.
    pub ordinal: Ordinal,
    /// Its id.
    pub id: MessageId,
    /// The digest of its file in the vault.
    pub digest: Digest,
    /// The size of its file in bytes.
    pub size: u64,
    /// What identifies it in its source.
    pub identity: Identity,
    /// Digest of what the source says, to tell `already` from `revised`.
    pub source_digest: Digest,
    /// Chat, call, …
    pub kind: MessageKind,
    /// When it was sent, `null` if unknown.
    pub sent: Option<Instant>,
    /// The native id of the message it is about (see `Message::story`).
    pub story: Option<String>,
    /// Why it is only partially searchable, if it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partial: Option<String>,
    /// Its date or a party is unknown: holds are evaluated on it by themselves, never through the index.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub vague: bool,
    /// A phone's message that was edited before it was captured.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub edited: bool,
    /// The first version, if this is another version of a message that was here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revises: Option<Ordinal>,
    /// The mailboxes that got an item with it.
    pub mailboxes: Vec<MailboxName>,
    /// For a phone's data: why each of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributed: Vec<Attribution>,
    /// The run.
    pub run: RunId,
    /// The file of the source, as an index into the run's `source.opened` events.
    pub source: u32,
    /// The entry in that file, empty if the file is the e-mail itself.
    pub entry: String,
}

/// How an item was disposed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposal {
    /// Moved to Recoverable Items; still in the archive, still found.
    Recoverable,
    /// Unlinked from the mailbox for good.
    Purged,
}

/// A list of items: `ordinal message-id mailbox`, in the line or in a list file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemList {
    /// Up to `limits::LINE_ITEMS` items.
    Inline(Vec<ItemRef>),
    /// The digest of a file in `journal/lists/`.
    List(Digest),
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemRef {
    /// The message.
    pub ordinal: Ordinal,
    /// Its id.
    pub id: MessageId,
    /// The mailbox.
    pub mailbox: MailboxName,
}

/// A count of blocked items by what blocks them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedBy {
    /// `hold`, …
    pub kind: String,
    /// The name of the hold.
    pub name: String,
    /// How many items of the plan it blocks. An item under two holds counts for both.
    pub items: u64,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })*) => {
        /// One event.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        pub enum Event { $($(#[$doc])* #[serde(rename = $text)] $name { $($(#[$fdoc])* $field: $type),* },)* }

        impl Event {
            /// The name of every event type.
            pub const TYPES: &'static [&'static str] = &[$($text,)*];
            /// The name of this event's type.
            #[must_use]
            pub fn type_name(&self) -> &'static str { match self { $(Self::$name { .. } => $text,)* } }
        }
    };
}

events! {
    /// The archive began.
    ArchiveCreated = "archive.created" { /** Its id. */ id: String, /** Its name. */ name: String, /** Format of its files. */ format: u32 }
    /// The last line of a batch of several lines.
    Commit = "commit" { /** Lines of the batch before this one. */ count: u64 }
    /// The wall clock stood before the last event; times go on from the last event's.
    ClockSteppedBack = "clock.stepped_back" { /** What the clock said. */ clock: Instant }
    /// A torn tail was set aside.
    JournalRecovered = "journal.recovered" { /** Where the cut bytes are. */ file: String, /** How many. */ bytes: u64, /** Lines among them. */ lines: u64 }
    /// A store's watermark is not in the journal: it was shortened or rewritten.
    JournalMismatch = "journal.mismatch" { /** Whose watermark. */ store: String, /** Its sequence number. */ expected_seq: Seq, /** Its line hash. */ expected_hash: Digest }

    /// A user was added to the directory.
    UserAdded = "user.added" { /** The user. */ user: User }
    /// A user was changed.
    UserEdited = "user.edited" { /** The user as it is now. */ user: User }
    /// A user takes no new items.
    UserDisabled = "user.disabled" { /** The mailbox. */ email: MailboxName, /** Why. */ reason: String }
    /// A mapping file was read.
    MappingImported = "mapping.imported" { /** Its name. */ file: String, /** Its digest. */ digest: Digest, /** Whether it replaces all rows. */ replace: bool, /** Rows taken. */ accepted: u64, /** Rows rejected. */ rejected: u64 }
    /// A row of the custom mapping.
    MappingAdded = "mapping.added" { /** The row. */ row: MappingRow }
    /// All rows of a number were removed.
    MappingRemoved = "mapping.removed" { /** The number. */ number: PhoneNumber }

    /// A run of import began.
    RunStarted = "run.started" { /** Its id. */ run: RunId, /** The paths as given. */ sources: Vec<String>, /** The flags that matter. */ options: String }
    /// A file of the source was opened.
    SourceOpened = "source.opened" { /** The run. */ run: RunId, /** Its number in the run. */ source: u32, /** Its path as given. */ file: String, /** SHA-256 of the file. */ digest: Digest, /** Its size. */ size: u64 }
    /// A message was archived.
    MessageArchived = "message.archived" { /** The message. */ #[serde(flatten)] message: Box<Archived> }
    /// A message that was here got an item in one more mailbox.
    ItemDelivered = "item.delivered" { /** The message. */ ordinal: Ordinal, /** Its id. */ id: MessageId, /** The mailbox. */ mailbox: MailboxName, /** The run. */ run: RunId, /** For a phone's data: why. */ #[serde(skip_serializing_if = "Option::is_none", default)] attributed: Option<Attribution> }
    /// A deletion or edit notice and its original were brought together.
    MessageLinked = "message.linked" { /** The notice. */ notice: Ordinal, /** The original. */ original: Ordinal, /** `deletion` or `edit`. */ link: MessageKind }
    /// Something of a source was not imported, or imported with a remark.
    RunIssue = "run.issue" { /** The run. */ run: RunId, /** The native id of the message, if it has one. */ item: String, /** The participant in question. */ user: String, /** What, where. */ #[serde(flatten)] finding: Finding }
    /// A run ended.
    RunFinished = "run.finished" { /** The run. */ run: RunId, /** Its balance. */ balance: Box<Balance> }

    /// A search.
    SearchRun = "search.run" { /** The query. */ query: String, /** Messages found. */ messages: u64, /** Items found. */ items: u64,
        /** How many of them a random sample took. */ #[serde(skip_serializing_if = "Option::is_none", default)] sample: Option<u64>,
        /** The seed of that sample. */ #[serde(skip_serializing_if = "Option::is_none", default)] seed: Option<u64> }
    /// Messages were shown.
    MessageViewed = "message.viewed" { /** Which. */ ids: Vec<MessageId> }
    /// Messages were exported.
    ExportDone = "export.done" { /** Its id. */ export: ExportId, /** The query. */ query: String, /** Where to. */ path: String, /** Messages. */ messages: u64, /** Items. */ items: u64, /** SHA-256 of its SHA256SUMS. */ sums: Digest, /** Why. */ reason: String }

    /// A tag was put on messages that did not have it.
    MessagesTagged = "tag.added" { /** Its name. */ tag: String, /** The query, or the list. */ query: String, /** Which. */ messages: Vec<Ordinal> }
    /// A tag was taken off messages that had it.
    MessagesUntagged = "tag.removed" { /** Its name. */ tag: String, /** The query, or the list. */ query: String, /** Which. */ messages: Vec<Ordinal> }

    /// A case was opened.
    CaseCreated = "case.created" { /** The case. */ case: Case }
    /// A user became custodian of a case.
    CustodianAdded = "custodian.added" { /** The case. */ case: CaseId, /** The mailbox. */ mailbox: MailboxName }
    /// A hold was placed.
    HoldPlaced = "hold.placed" { /** The hold. */ hold: Box<Hold> }
    /// A hold was released.
    HoldReleased = "hold.released" { /** The hold. */ hold: HoldId, /** Why. */ reason: String }

    /// A deletion plan was made.
    DeletePlanned = "delete.planned" { /** The plan. */ plan: PlanId, /** The query, or the list. */ query: String, /** Why. */ reason: String, /** Items that match. */ matched: u64, /** Items that could go when it was made. */ deletable: u64, /** The items. */ items: ItemList }
    /// A deletion was refused; nothing changed.
    DeleteRefused = "delete.refused" { /** The plan. */ plan: PlanId, /** Items of it. */ matched: u64, /** Items that are blocked. */ blocked: u64, /** By what. */ blocked_by: Vec<BlockedBy> }
    /// The intent to dispose of these items, written before anything is unlinked.
    DeleteStarted = "delete.started" { /** The plan. */ plan: PlanId, /** Recoverable or for good. */ how: Disposal, /** The items of this step. */ items: ItemList }
    /// One item was disposed of.
    ItemDisposed = "item.disposed" { /** The plan. */ plan: PlanId, /** The item. */ #[serde(flatten)] item: ItemRef, /** How. */ how: Disposal, /** Finished after an interruption. */ recovered: bool }
    /// The last item of a message went, and its vault file with it.
    MessagePurged = "message.purged" { /** The plan. */ plan: PlanId, /** The message. */ ordinal: Ordinal, /** Its id. */ id: MessageId, /** The digest of the file that is gone. */ digest: Digest }
    /// A plan was carried out.
    DeleteFinished = "delete.finished" { /** The plan. */ plan: PlanId, /** Items disposed. */ disposed: u64, /** Items kept because they are blocked. */ blocked: u64 }

    /// A verification ended.
    VerifyDone = "verify.done" { /** `quick` or `full`. */ level: String, /** Objects looked at. */ objects: u64, /** Damages found. */ damaged: u64 }
    /// Derived state was made anew.
    RebuildDone = "rebuild.done" { /** Which: `mail`, `catalog`, `index`, `state`. */ stores: Vec<String> }
    /// The audit trail was exported.
    AuditExported = "audit.exported" { /** `jsonl` or `csv`. */ format: String, /** Lines. */ lines: u64 }
    /// An anchor was printed, to be kept elsewhere.
    AnchorMade = "audit.anchored" { /** The sequence number that it names. */ seq: Seq, /** The line hash that it names. */ hash: Digest }
}
