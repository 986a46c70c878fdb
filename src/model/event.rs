//! Every event that the journal knows. The journal is the audit trail and the write-ahead log in one: what is not an
//! event did not happen, and everything derived is rebuilt from these and the vault.
//!
//! JSON only (internally tagged). No message text: ids, digests, addresses, file names, counts. Types are added, never
//! renamed; [`Event::TYPES`] names them all, and the rebuild test fails when its archive lacks one of them.

use super::{
    Balance, Case, CaseId, Digest, Erasure, ErasureId, ExportId, Finding, Hold, HoldId, HoldKind, HoldScope, Identity,
    Instant, Label, LabelId, MailboxName, MappingRow, MessageId, MessageKind, Ordinal, OrdinalSet, Period, PhoneNumber,
    PlanBasis, PlanId, Policy, PolicyId, PolicyScope, RunId, Seq, Signed, Terms, User,
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

/// Whether a count is left out of a line.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
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
    ExportDone = "export.done" { /** Its id. */ export: ExportId, /** The query. */ query: String, /** Where to. */ path: String, /** Messages. */ messages: u64, /** Items. */ items: u64, /** SHA-256 of its SHA256SUMS. */ sums: Digest, /** Why. */ reason: String,
        /** The case, where it is what a case holds. */ #[serde(skip_serializing_if = "Option::is_none", default)] case: Option<CaseId>,
        /** Which messages were selected. */ #[serde(skip_serializing_if = "Option::is_none", default)] set: Option<OrdinalSet> }

    /// A tag was put on messages that did not have it.
    MessagesTagged = "tag.added" { /** Its name. */ tag: String, /** The query, or the list. */ query: String, /** Which. */ messages: Vec<Ordinal> }
    /// A tag was taken off messages that had it.
    MessagesUntagged = "tag.removed" { /** Its name. */ tag: String, /** The query, or the list. */ query: String, /** Which. */ messages: Vec<Ordinal> }

    /// A case was opened.
    CaseCreated = "case.created" { /** The case. */ case: Case }
    /// A user became custodian of a case.
    CustodianAdded = "custodian.added" { /** The case. */ case: CaseId, /** The mailbox. */ mailbox: MailboxName }
    /// What a custodian is in the matter, and of which period it is.
    CustodianDescribed = "custodian.described" { /** The case. */ case: CaseId, /** The mailbox. */ mailbox: MailboxName, /** What the user is in the matter. */ role: String, /** First instant of the period. */ from: Option<Instant>, /** First instant after it. */ until: Option<Instant> }
    /// A user is no custodian of a case any more. Holds stay as they are.
    CustodianRemoved = "custodian.removed" { /** The case. */ case: CaseId, /** The mailbox. */ mailbox: MailboxName, /** Why. */ reason: String }
    /// A case got another name or description; it keeps its id.
    CaseEdited = "case.edited" { /** The case. */ case: CaseId, /** Its name now. */ name: String, /** Its description now. */ description: String }
    /// A note was put into a case.
    CaseNoted = "case.noted" { /** The case. */ case: CaseId, /** The note. */ text: String }
    /// A case was closed.
    CaseClosed = "case.closed" { /** The case. */ case: CaseId, /** Why. */ reason: String }
    /// Closing a case was refused; nothing changed.
    CaseCloseRefused = "case.close_refused" { /** The case. */ case: CaseId, /** Why it should have been closed. */ reason: String, /** Its active holds. */ holds: Vec<HoldId> }
    /// A closed case was opened again.
    CaseReopened = "case.reopened" { /** The case. */ case: CaseId, /** Why. */ reason: String }
    /// A search was saved in a case, or one of that name replaced.
    CaseSearchSaved = "case.search_saved" { /** The case. */ case: CaseId, /** Its name. */ name: String, /** The query. */ query: String, /** The mailboxes it looks into; all if empty. */ mailboxes: Vec<MailboxName> }
    /// A saved search was run.
    CaseSearchRun = "case.search_run" { /** The case. */ case: CaseId, /** Its name. */ name: String, /** The query. */ query: String, /** The mailboxes it looked into. */ mailboxes: Vec<MailboxName>, /** SHA-256 of what the query meant. */ meaning: Digest, /** The line that the answer is as of. */ as_of: Seq, /** Messages found. */ messages: u64, /** Items found. */ items: u64, /** Which messages. */ found: OrdinalSet }
    /// A saved search was removed from its case.
    CaseSearchRemoved = "case.search_removed" { /** The case. */ case: CaseId, /** Its name. */ name: String }
    /// A hold was placed.
    HoldPlaced = "hold.placed" { /** The hold. */ hold: Box<Hold> }
    /// More messages of a hold by list, in the batch that places it.
    HoldListed = "hold.listed" { /** The hold. */ hold: HoldId, /** Which. */ ids: Vec<MessageId> }
    /// A hold covers more than before: mailboxes were added, or a name in its query stands for more.
    HoldWidened = "hold.widened" { /** The hold. */ hold: HoldId, /** Mailboxes that it covers as well. */ mailboxes: Vec<MailboxName>, /** What its query means as well. */ closed_query: Option<String>, /** Why. */ reason: String }
    /// A hold was released.
    HoldReleased = "hold.released" { /** The hold. */ hold: HoldId, /** Why. */ reason: String, /** Until when what it covers is held all the same. */ #[serde(default)] delay_until: Option<Instant> }
    /// The delay after a release was ended before its time.
    HoldDelayEnded = "hold.delay_ended" { /** The hold. */ hold: HoldId, /** Why. */ reason: String }
    /// Somebody looked what a hold would cover; none was placed.
    HoldPreviewed = "hold.previewed" { /** What kind it would be. */ kind: HoldKind, /** What it would cover: the list and all but the first mailboxes left out. */ scope: Box<HoldScope>, /** Mailboxes. */ mailboxes: u64, /** Messages. */ messages: u64, /** Items. */ items: u64 }
    /// Somebody asked what holds cover, or what blocks a deletion.
    HoldViewed = "hold.viewed" { /** `coverage` or `explain`. */ view: String, /** What was asked about. */ target: String, /** Items that it has. */ items: u64, /** Items of them that are blocked. */ blocked: u64 }

    /// The floor of the archive was set or extended.
    FloorSet = "retention.floor_set" { /** For how long anything is kept, from its own date. */ keep: Period, /** Why. */ reason: String }
    /// A retention policy was made.
    PolicyAdded = "retention.policy_added" { /** The policy. */ policy: Box<Policy> }
    /// The terms or the scope of a retention policy were changed.
    PolicyEdited = "retention.policy_edited" { /** The policy. */ policy: PolicyId, /** Its terms now. */ terms: Terms, /** Its scope now. */ scope: Box<PolicyScope>, /** Why. */ reason: String }
    /// A retention policy got its preservation lock.
    PolicyLocked = "retention.policy_locked" { /** The policy. */ policy: PolicyId, /** Why. */ reason: String }
    /// A retention policy was removed.
    PolicyRemoved = "retention.policy_removed" { /** The policy. */ policy: PolicyId, /** Why. */ reason: String }
    /// A retention label was made.
    LabelAdded = "retention.label_added" { /** The label. */ label: Box<Label> }
    /// A label was put on items by hand; one that they had is gone.
    LabelApplied = "retention.label_applied" { /** The label. */ label: LabelId, /** The query, or the list. */ query: String, /** Why. */ reason: String, /** The mailbox. */ mailbox: MailboxName, /** Its items. */ items: Vec<Ordinal> }
    /// The labels that were put on items by hand were taken off.
    LabelCleared = "retention.label_cleared" { /** The query, or the list. */ query: String, /** Why. */ reason: String, /** The mailbox. */ mailbox: MailboxName, /** Its items. */ items: Vec<Ordinal> }

    /// What is due was shown.
    RetentionPreviewed = "retention.previewed" { /** As of when. */ at: Instant, /** Items that are due. */ items: u64, /** Of these: blocked. */ blocked: u64 }
    /// Something that a retention rule does not allow was refused; nothing changed.
    RetentionRefused = "retention.refused" { /** `minimum`, `edit`, `remove`. */ act: String, /** The rule, as it was named. */ rule: String, /** What refused it. */ why: String }

    /// A deletion plan was made.
    DeletePlanned = "delete.planned" { /** The plan. */ plan: PlanId, /** The query, or the list. */ query: String, /** Why. */ reason: String, /** On what authority. */ #[serde(default)] basis: PlanBasis, /** Items that match. */ matched: u64, /** Items that could go when it was made. */ deletable: u64, /** The items. */ items: ItemList }
    /// A deletion was refused; nothing changed.
    DeleteRefused = "delete.refused" { /** The plan. */ plan: PlanId, /** Items of it. */ matched: u64, /** Items that are blocked. */ blocked: u64, /** By what. */ blocked_by: Vec<BlockedBy> }
    /// The intent to dispose of these items, written before anything is unlinked.
    DeleteStarted = "delete.started" { /** The plan. */ plan: PlanId, /** Recoverable or for good. */ how: Disposal, /** The items of this step. */ items: ItemList }
    /// One item was disposed of.
    ItemDisposed = "item.disposed" { /** The plan. */ plan: PlanId, /** The item. */ #[serde(flatten)] item: ItemRef, /** How. */ how: Disposal, /** Finished after an interruption. */ recovered: bool,
        /** Entries of it that went from where a client had put them. */ #[serde(default, skip_serializing_if = "is_zero")] moved: u64 }
    /// The last item of a message went, and its vault file with it.
    MessagePurged = "message.purged" { /** The plan. */ plan: PlanId, /** The message. */ ordinal: Ordinal, /** Its id. */ id: MessageId, /** The digest of the file that is gone. */ digest: Digest,
        /** Further copies and links that went with it. */ #[serde(default, skip_serializing_if = "is_zero")] moved: u64,
        /** Hard links to the file that are left outside of what this program sees. */ #[serde(default, skip_serializing_if = "is_zero")] elsewhere: u64 }
    /// A plan was carried out.
    DeleteFinished = "delete.finished" { /** The plan. */ plan: PlanId, /** Items disposed. */ disposed: u64, /** Items kept because they are blocked. */ blocked: u64 }

    /// A plan was taken back before anything of it was deleted.
    DeleteCancelled = "delete.cancelled" { /** The plan. */ plan: PlanId, /** Why. */ reason: String }
    /// The intent to bring these items back, written before anything is moved.
    RestoreStarted = "restore.started" { /** The plan that deleted them. */ plan: PlanId, /** The items of this step. */ items: ItemList }
    /// One item came back out of the recoverable items.
    ItemRestored = "item.restored" { /** The plan that deleted it. */ plan: PlanId, /** The item. */ #[serde(flatten)] item: ItemRef, /** Finished after an interruption. */ recovered: bool }
    /// A plan was undone.
    RestoreFinished = "restore.finished" { /** The plan. */ plan: PlanId, /** Items brought back. */ restored: u64, /** Items that were purged before. */ purged: u64, /** Why. */ reason: String }
    /// A certificate of disposition was made.
    CertificateMade = "certificate.made" { /** The plan, or the message. */ about: String, /** Items in it. */ items: u64 }

    /// A person asked for the erasure of what is kept about them.
    ErasureRequested = "erasure.requested" { /** The request. */ request: Box<Erasure>, /** The items that they take part in. */ items: ItemList }
    /// What of a request stays, because it is blocked.
    ErasureRestricted = "erasure.restricted" { /** The request. */ request: ErasureId, /** Items that are blocked. */ items: u64, /** By what. */ blocked_by: Vec<BlockedBy> }
    /// A request was closed: nothing of it is left.
    ErasureCompleted = "erasure.completed" { /** The request. */ request: ErasureId, /** What was answered. */ reason: String }

    /// Somebody agreed to the release of a hold or to a deletion plan.
    ApprovalGiven = "approval.given" { /** The id of the hold or plan. */ target: String, /** SHA-256 of exactly what was agreed to. */ digest: Digest, /** By whose key it is signed, if it is. */ #[serde(skip_serializing_if = "Option::is_none", default)] signed: Option<Signed>, /** Why. */ reason: String }
    /// Something of the archive's records was read: a case, a hold, a plan, the audit trail.
    RecordViewed = "record.viewed" { /** Which reading operation. */ operation: String, /** Of what; empty: of all. */ object: String }
    /// An operation was refused because no role of the actor allows it.
    AccessRefused = "access.refused" { /** Which operation. */ operation: String, /** On what; may be empty. */ object: String, /** The roles that the actor has. */ roles: Vec<String> }
    /// An operation failed; nothing changed by it.
    OperationFailed = "operation.failed" { /** Which. */ operation: String, /** What kind of failure. */ code: String, /** What happened, to which object. */ message: String }

    /// A verification ended.
    VerifyDone = "verify.done" { /** `quick` or `full`. */ level: String, /** Objects looked at. */ objects: u64, /** Damages found. */ damaged: u64 }
    /// Derived state was made anew.
    RebuildDone = "rebuild.done" { /** Which: `mail`, `catalog`, `index`, `state`. */ stores: Vec<String> }
    /// The audit trail was exported.
    AuditExported = "audit.exported" { /** `jsonl` or `csv`. */ format: String, /** Lines. */ lines: u64 }
    /// An anchor was printed, to be kept elsewhere.
    AnchorMade = "audit.anchored" { /** The sequence number that it names. */ seq: Seq, /** The line hash that it names. */ hash: Digest }
    /// An anchor that was kept elsewhere names a line that is not in the journal: this is an older copy, or it was rewritten.
    AnchorMissing = "anchor.missing" { /** The sequence number that it names. */ seq: Seq, /** The line hash that it names. */ hash: Digest }
    /// Somebody takes it on him that the archive goes on without the lines that these anchors name.
    AnchorConfirmed = "anchor.confirmed" { /** The line hashes that are missed. */ hashes: Vec<Digest>, /** Why. */ reason: String }

    /// A backup was made or brought up to date.
    BackupCreated = "backup.created" { /** Its folder. */ dir: String, /** The last line that it has. */ as_of: Seq, /** That line's hash. */ hash: Digest,
        /** Files that were copied. */ files: u64, /** Their bytes. */ bytes: u64, /** Files of purged messages that were removed from it. */ pruned: u64, /** Files that it lacks. */ missing: u64 }
    /// This archive was restored from a backup; the lines before this one are the backup's.
    BackupRestored = "backup.restored" { /** The backup's folder. */ from: String, /** The last line that it had. */ as_of: Seq, /** That line's hash. */ hash: Digest, /** Files that it lacked. */ missing: u64 }
}

impl Event {
    /// The list file that the event names, if it names one.
    #[must_use]
    pub fn list(&self) -> Option<Digest> {
        match self {
            Self::DeletePlanned { items: ItemList::List(digest), .. }
            | Self::DeleteStarted { items: ItemList::List(digest), .. }
            | Self::RestoreStarted { items: ItemList::List(digest), .. }
            | Self::ErasureRequested { items: ItemList::List(digest), .. }
            | Self::CaseSearchRun { found: OrdinalSet::List(digest), .. }
            | Self::ExportDone { set: Some(OrdinalSet::List(digest)), .. } => Some(*digest),
            _ => None,
        }
    }
}
