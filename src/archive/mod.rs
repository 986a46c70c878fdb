//! The engine: opens an archive, brings the stores together, and is the public API.
//!
//! [`Archive`] reads, and writes what needs only the journal: searches, views, holds, cases, users, mappings, plans.
//! [`ArchiveWriter`] is the one process that changes vault, mail, catalog and index: import, disposition, rebuild.
//!
//! Contract: every answer says as of which journal line it is; nothing is acknowledged before its event is durable.

mod access;
mod append;
mod approve;
mod attribution;
mod audit;
mod backup;
mod blocked;
mod bytes;
mod case;
mod catch_up;
mod certificate;
mod chat;
mod contents;
mod coverage;
mod decide;
mod directory;
mod dispose;
mod doctor;
mod dry_run;
mod erasure;
mod expire;
mod explain;
mod export;
mod find;
mod hold;
mod import;
mod kept;
mod layout;
mod lesser;
mod matching;
mod names;
mod older;
mod open;
mod person;
mod phone;
mod pipeline;
mod plan;
mod purge;
mod rebuild;
mod receipts;
mod resume;
mod retention;
mod rules;
mod runs;
mod search;
mod show;
mod stats;
mod tag;
mod tail;
mod tombstone;
mod undo;
mod verify;
mod writer;

pub use approve::{ApprovalOf, ApprovalReport, SignedApproval};
pub use audit::{Anchor, AuditFilter, AuditRow, Change, HistoryLine, ItemHistory, purview_operation};
pub use backup::{
    AnchorCheck, Backup, BackupFinding, BackupReport, BackupVerifyReport, Manifest, RestoreReport, RestoreRequest,
};
pub use blocked::BlockedItems;
pub use bytes::OpenAttachment;
pub use case::{
    CaseReport, CauseCount, CustodianChange, CustodianOptions, CustodianReport, CustodianRow, DiffCause, DiffReport,
    DiffRow, DiffSide, Dossier, HoldOnMailbox, RemovedCustodian, SavedSearchRow, SearchPassReport,
};
pub use catch_up::Mismatch;
pub use certificate::CertificateCheck;
pub use chat::{
    Around, ChatCopy, ChatDeletion, ChatEdit, ChatHits, ChatList, ChatListOptions, ChatMessage, ChatPage,
    ChatPageOptions, ChatParticipant, ChatParticipants, ChatParty, ChatReaction, ChatReply, ChatRow, ChatSort,
    PAGE_MESSAGES,
};
pub use coverage::ItemsByReason;
pub use directory::{MapReport, RejectedRow, Resolution, UserEdit, UserReport, UserRow};
pub use dispose::{ApplyOptions, ApplyReport};
pub use doctor::{DoctorCheck, DoctorLevel, DoctorReport};
pub use erasure::{ErasureData, ErasureMade, ErasureReport};
pub use expire::{ExpiryReport, ExpiryRow};
pub use explain::{Explanation, Target};
pub use export::{ExportReport, ExportRequest, ExportSelection};
pub use hold::{
    HoldCoverage, HoldPreview, HoldReport, HoldRequest, HoldRow, HoldShare, LeftOut, MOST_DAYS, ReleaseReport,
    RunIssues, ShareBy,
};
pub use import::{ImportItem, ImportOptions, ImportReport};
pub use layout::{ARCHIVE_FILE, FORMAT, Layout, Meta};
pub use older::OlderReport;
pub use open::CreateOptions;
pub use person::{Subject, SubjectParty};
pub use phone::PhoneImport;
pub use plan::{BlockedItem, PlanReport, Selection};
pub use rebuild::{RebuildOptions, RebuildReport};
pub use retention::{
    ChangeSince, CoverageRow, DueRow, FloorReport, ItemRetention, LabelReport, LabelRequest, LabelRow, PolicyEdit,
    PolicyRequest, PolicyRow, RetentionExplanation, RetentionField, RetentionPreview, RetentionRun, RuleRow,
};
pub use search::{
    CONTEXT_MESSAGES, ConditionRow, ConversationRow, ConversationStatistics, Expansion, ExplainReport, Found, Hit,
    IdsReport, IndexState, KEYWORD_ROWS, Keyword, LARGEST_SEED, LocationRow, Locations, MonthRow, NearName, NearUser,
    NothingFound, OtherTimes, PairCount, PartCount, PartiallyIndexed, Reason, SampleOptions, SampleTaken,
    SearchOptions, SearchReport, Sort, StatisticsOptions, StatisticsReport, Suggestion, TreeLine,
};
pub use show::{Provenance, Related, ShowReport};
pub use stats::{Series, StatsBy, StatsReport};
pub use tag::{TagReport, TagRow};
pub use tombstone::{Tombstone, TombstoneItem};
pub use undo::UndoReport;
pub use verify::{
    AnchorLine, AuditReport, BadPlace, CheckRow, LISTED_FINDINGS, LostLine, VerifyFinding, VerifyLevel, VerifyOptions,
    VerifyReport,
};
pub use writer::ArchiveWriter;

use crate::{
    clock::Clock,
    index,
    journal::Journal,
    maildir::Mail,
    model::{Actor, Seq},
    state::State,
    vault::Vault,
};
use std::sync::{Arc, OnceLock};
use tail::TailMessages;

/// An open archive. Cheap: reads `archive.toml`, the state snapshot and the journal's tail; never opens the catalog.
pub struct Archive {
    layout: Layout,
    meta: Meta,
    vault: Vault,
    mail: Mail,
    journal: Journal,
    state: State,
    index: Option<index::Reader>,
    tail: TailMessages,
    mismatches: Vec<Mismatch>,
    actor: Actor,
    clock: Arc<dyn Clock>,
    warnings: Vec<String>,
    /// The warnings, and that a read was not recorded.
    unaudited: OnceLock<Vec<String>>,
    clock_step_recorded: bool,
    /// Lines that were replayed on opening, if none of them delivers a message.
    replayed: u64,
    /// The line that must be there: 1, but while the archive is being made.
    begun: Seq,
}

impl Archive {
    /// What `archive.toml` says.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The archive's paths.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The journal line that answers are as of.
    #[must_use]
    pub fn as_of(&self) -> Seq {
        self.state.mark.seq
    }

    /// Everything small and mutable, as of [`Self::as_of`].
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Things that an answer should be read with: `not_audited`, a damaged journal, …
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        self.unaudited.get().unwrap_or(&self.warnings)
    }

    /// Watermarks that the journal does not contain.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({} as of {})", self.layout.root().display(), self.as_of())
    }
}
