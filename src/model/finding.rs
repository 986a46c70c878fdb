//! Something noticed: a value with severity, place and what to do, not an error.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Imported, with a remark.
    Remark,
    /// Something of the source was not imported, or evidence is damaged.
    Loss,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident, $fix:literal;)*) => {
        /// Every reason code, with its severity and the general advice. Codes are part of the JSON contract: they are
        /// added, never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The word in JSON and on a terminal.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text,)* } }
            /// How much it matters.
            #[must_use]
            pub fn severity(self) -> Severity { match self { $(Self::$name => Severity::$severity,)* } }
            /// What to do, in general.
            #[must_use]
            pub fn fix(self) -> &'static str { match self { $(Self::$name => $fix,)* } }
        }
    };
}

codes! {
    /// No participant maps to a mailbox: the message is not imported.
    Unmapped = "unmapped", Loss, "map one of its numbers (custodia map import) and import the source again";
    /// A participant maps to no mailbox; the message was imported for others. Logged once per participant and run.
    UnmappedParticipant = "unmapped_participant", Remark, "map the number (custodia map import), or a name of a phone with --names, and import the source again";
    /// The message has no participant at all.
    NoParticipants = "no_participants", Loss, "ask the source for the item again; it names neither sender nor recipient";
    /// The item is larger than the limit.
    ItemTooLarge = "item_too_large", Loss, "import again with a larger --max-item-size, or none";
    /// A file of the source is empty.
    ZeroByte = "zero_byte", Loss, "get the file from its source again (the sender of a feed, the phone)";
    /// An entry of a zip cannot be read (checksum, compression, encryption).
    EntryUnreadable = "entry_unreadable", Loss, "unpack the zip and import the folder, or get the zip from its source again";
    /// The zip itself cannot be read, or only in part.
    ZipDamaged = "zip_damaged", Loss, "get the zip from its source again (the sender of a feed, the phone)";
    /// A file cannot be read (permission, I/O).
    FileUnreadable = "file_unreadable", Loss, "make the file readable for this account and import again";
    /// Not an e-mail: no header field was found.
    NotAnEmail = "not_an_email", Loss, "look at the entry; ask for it again if it should be an e-mail";
    /// The e-mail ends before its MIME structure does.
    Truncated = "truncated", Remark, "archived as it came; get the file from its source again";
    /// Count in the manifest and number of EMLs differ.
    ManifestCount = "manifest_count", Remark, "compare the manifest with the feed's sender; what is there was imported";
    /// The manifest names a file that is not there.
    ManifestMissing = "manifest_missing", Loss, "ask for the named file again";
    /// A file is there that the manifest does not name.
    ManifestUnlisted = "manifest_unlisted", Remark, "imported; ask the feed's sender why it is not listed";
    /// A manifest names a file twice.
    ManifestDuplicate = "manifest_duplicate", Remark, "ask the feed's sender; every file that is there was imported";
    /// A feed zip has no manifest.
    ManifestAbsent = "manifest_absent", Remark, "completeness cannot be checked; ask the feed's sender for the manifest";
    /// The layout of the manifest is not understood.
    ManifestUnknown = "manifest_unknown", Remark, "completeness was checked as far as lines were understood";
    /// A file of the source is none that has messages.
    ForeignFile = "foreign_file", Remark, "nothing to do if it has no messages; else see custodia detect";
    /// The date is absurd; archived with the date unknown.
    DateAbsurd = "date_absurd", Remark, "archived with the date unknown; it is held and retained as such";
    /// There is no date.
    DateMissing = "date_missing", Remark, "archived with the date unknown; it is held and retained as such";
    /// There is no native id; identity is the Message-ID or the digest.
    NoNativeId = "no_native_id", Info, "nothing to do; the Message-ID or the digest identifies the message";
    /// The subject has a form that is not known.
    SubjectUnknown = "subject_unknown", Info, "archived as a chat message; the subject is kept as it is";
    /// The body is encrypted.
    Encrypted = "encrypted", Remark, "archived; its text cannot be searched without the key";
    /// The zip holds more than the limits allow.
    LimitExceeded = "limit_exceeded", Loss, "split the source, or unpack it and import the folder";
    /// The name of an entry is hostile (absolute, `..`, control characters); it is read, never used as a path.
    HostileName = "hostile_name", Remark, "nothing to do; names in a zip are never used as paths";
    /// Same identity, other facts: both versions are kept and linked.
    Revised = "revised", Remark, "both versions are kept; see show --history";
    /// The message wrapped in a journal mail could not be found in it.
    JournalInnerMissing = "journal_inner_missing", Remark, "archived as it came, understood by its outer header";
    /// A vault file does not have the digest of its name.
    VaultChanged = "vault_changed", Loss, "restore the file from a backup; verify never repairs";
    /// A vault file is gone.
    VaultMissing = "vault_missing", Loss, "restore the file from a backup";
    /// A vault file cannot be read; this is not evidence of change.
    VaultUnreadable = "vault_unreadable", Loss, "make the file readable for this account (custodia doctor)";
    /// A file in the vault that no journal line names.
    VaultForeign = "vault_foreign", Loss, "find out who put it there; it is not part of the archive";
    /// A vault file with the right digest from an import that did not finish.
    VaultUncommitted = "vault_uncommitted", Info, "left by an interrupted import; the next import adopts it";
    /// A mailbox entry is gone; the vault still has the message.
    MailMissing = "mail_missing", Loss, "custodia rebuild --mail links it again";
    /// A mailbox entry has other bytes than the vault.
    MailChanged = "mail_changed", Loss, "custodia rebuild --mail links it again; find out who changed it";
    /// A mailbox entry that the archive did not make.
    MailForeign = "mail_foreign", Info, "a mail client's own file; nothing to do";
    /// A journal line breaks the chain.
    ChainBroken = "chain_broken", Loss, "compare with a backup or an export of the journal; nothing after this line is proven";
    /// The journal ends before a watermark that was once written.
    JournalShortened = "journal_shortened", Loss, "compare with a backup: lines that once existed are gone or rewritten";
    /// An unfinished batch at the end of the journal.
    JournalTorn = "journal_torn", Info, "left by an interrupted write; the next writer sets it aside";
    /// A recorded recovery or mismatch.
    JournalRecovered = "journal_recovered", Info, "recorded when it happened; see audit list";
    /// A list file does not have the digest of its name, or is gone.
    ListDamaged = "list_damaged", Loss, "restore the file from a backup";
    /// A list file that no journal line names.
    ListUnused = "list_unused", Info, "left by a plan that was not recorded; nothing to do";
    /// A file among the journal's that is not the journal's, or a list that is not what its name says.
    JournalForeign = "journal_foreign", Loss, "find out who put it there; it is not part of the journal";
    /// A mailbox entry cannot be read; this is not evidence of change.
    MailUnreadable = "mail_unreadable", Loss, "make the file readable for this account (custodia doctor)";
    /// An item that was disposed of for good is in its mailbox.
    MailDisposed = "mail_disposed", Loss, "find out who put it back; custodia rebuild --mail takes it out";
    /// Index, catalog or state disagrees with the journal.
    DerivedStale = "derived_stale", Info, "custodia rebuild --all; derived state is made anew from vault and journal";
    /// A held item has lost its vault file.
    HeldMissing = "held_missing", Loss, "restore the file from a backup at once: the item is on hold";
    /// A mapping row's number is too short.
    NumberTooShort = "number_too_short", Loss, "write the number with its country code";
    /// A mapping row's number has other characters than a number has.
    NumberInvalid = "number_invalid", Loss, "write the number with digits only";
    /// A spreadsheet turned the number into 4.477E+11.
    ScientificNotation = "scientific_notation", Loss, "format the column as text in the spreadsheet and export again";
    /// A mapping row names a mailbox that the user directory does not have.
    UnknownMailbox = "unknown_mailbox", Loss, "custodia user add the mailbox first, or correct the row";
    /// A mapping row's mailbox is not an address.
    BadEmail = "bad_email", Loss, "write the mailbox as name@domain";
    /// A group that cannot have this name.
    BadGroup = "bad_group", Loss, "write the group without quotes, asterisks and control characters";
    /// One number, two mailboxes.
    Conflict = "conflict", Loss, "one number must mean one mailbox at a time; correct one of the rows";
    /// A row has too few columns.
    ColumnMissing = "column_missing", Loss, "fill both columns";
    /// A date in a row is not understood.
    BadDate = "bad_date", Loss, "write dates as YYYY-MM-DD";
    /// The source names a medium and does not have it.
    MediaMissing = "media_missing", Remark, "archived without it; put the media beside the source and import again";
    /// A file lies beside a chat export and no message names it: not archived as a message.
    MediaOrphan = "media_orphan", Remark, "nothing to do if it is not part of the chat; it stays in the source alone";
    /// How the order of day, month and year was decided.
    DateOrder = "date_order", Info, "nothing to do if it is right; else import with --date-order";
    /// A local time that came twice, or never, because the clocks were changed.
    DaylightTime = "daylight_time", Info, "nothing to do; the detail says whether the time came twice or never, and what was taken";
    /// A chat export has so many records that WhatsApp has probably left the oldest out.
    ExportCut = "export_cut", Remark, "archive the database of the phone too; an export ends at 40,000 messages";
    /// Lines begin like records of another shape than the file has; they are kept as text.
    HeaderShape = "header_shape", Remark, "nothing to do if somebody pasted them; else split the file where the shape changes";
    /// Text that belongs to no record.
    NoRecord = "no_record", Loss, "look at the file: it begins with text that no message header stands before";
    /// A text has bytes that are not UTF-8; they are shown as U+FFFD.
    NotUtf8 = "not_utf8", Remark, "archived with U+FFFD in their place; the source file has the bytes";
    /// A record goes back in time by days: it may be text that somebody pasted.
    RecordDoubtful = "record_doubtful", Info, "archived as a message of its own; compare it with the record before";
    /// A chat export does not say the name of its chat.
    ChatUntitled = "chat_untitled", Remark, "give the file the name that the phone gave it, and import again";
    /// A database of the source is damaged: what lies before and after the damage was read.
    DatabaseDamaged = "database_damaged", Loss, "import an undamaged copy or backup of the database as well, if there is one";
    /// In place of a table of the source's database stands something else, which is not read.
    TableRefused = "table_refused", Loss, "find out who made this database; a program of WhatsApp did not";
    /// An encrypted backup is damaged or is none; nothing of it was used.
    BackupDamaged = "backup_damaged", Loss, "copy the backup from the phone again, whole, and import that";
    /// A row of the source that stands for no message: WhatsApp writes one into each new database.
    PlaceholderRow = "placeholder_row", Info, "nothing to do; it is counted so that the numbers of rows agree";
    /// A field of a record holds something that is not understood to its end.
    FieldUnreadable = "field_unreadable", Remark, "archived with what was understood; the rest of the field is not interpreted";
    /// A medium is not the one that the source means, or it changed while it was read.
    MediaChanged = "media_changed", Remark, "archived as it is now; compare it with the phone or a backup";
    /// A file of the source could not be kept.
    SourceNotKept = "source_not_kept", Remark, "its messages are archived; import again with --keep-source to keep it as well";
    /// A source file that was kept does not have the digest of its name.
    SourceChanged = "source_changed", Loss, "restore the file from a backup; the messages made of it are in the vault";
    /// A source file that was kept is gone.
    SourceMissing = "source_missing", Loss, "restore the file from a backup; the messages made of it are in the vault";
    /// A file among the kept sources that no journal line names.
    SourceForeign = "source_foreign", Loss, "find out who put it there; it is not part of the archive";
    /// A kept source of an import that did not finish.
    SourceUncommitted = "source_uncommitted", Info, "left by an interrupted import; nothing to do";
    /// A verification could not look at something.
    NotLookedAt = "not_looked_at", Info, "run it again when no other process writes";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a source or in the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the user named it or relative to the archive.
    pub file: String,
    /// The entry of a zip.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<String>,
    /// The line or row, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
}

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), entry: None, line: None }
    }

    /// An entry of a zip.
    #[must_use]
    pub fn entry(file: impl Into<String>, entry: impl Into<String>) -> Self {
        Self { file: file.into(), entry: Some(entry.into()), line: None }
    }

    /// A line of a file.
    #[must_use]
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self { file: file.into(), entry: None, line: Some(line) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(entry) = &self.entry {
            write!(f, " > {entry}")?;
        }
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        Ok(())
    }
}

/// Something noticed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// The value in question: a number, a name, two counts. Never message text.
    pub detail: String,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(code: Code, place: Place, detail: impl Into<String>) -> Self {
        Self { code, place, detail: detail.into() }
    }
}
