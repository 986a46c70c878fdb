//! What governance keeps: cases, holds, deletion plans. Data only; the decision is in `governance`.

use super::{CaseId, HoldId, Instant, MailboxName, MessageId, PlanId, Seq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A case: the matter that holds belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its name, unique without regard to case.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was opened.
    pub created: Instant,
    /// By whom (claimed).
    pub created_by: String,
    /// Users whose mailboxes are put under the case.
    pub custodians: BTreeSet<MailboxName>,
}

/// What a hold covers. Closed at placing: everything relative or looked up is written out here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldScope {
    /// The mailboxes; never empty in a placed hold.
    pub mailboxes: BTreeSet<MailboxName>,
    /// The query as it was typed, for people.
    pub query: Option<String>,
    /// The query with dates absolute and people expanded: JSON of `query::Expr`. The decision uses this one.
    pub closed_query: Option<String>,
    /// Version of the query language that `closed_query` was written in.
    pub language: u32,
    /// First instant that is covered.
    pub since: Option<Instant>,
    /// First instant that is not covered any more.
    pub until: Option<Instant>,
    /// Message ids, for a hold by list; `None`: not by list.
    pub ids: Option<BTreeSet<MessageId>>,
}

/// A hold of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Its name, unique in the archive without regard to case.
    pub name: String,
    /// The case it belongs to.
    pub case: CaseId,
    /// What it covers.
    pub scope: HoldScope,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom (claimed).
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// The journal line that placed it.
    pub seq: Seq,
    /// When it was released; `None`: active.
    pub released_at: Option<Instant>,
    /// By whom it was released.
    pub released_by: Option<String>,
    /// Why it was released.
    pub release_reason: Option<String>,
}

impl Hold {
    /// Whether it blocks deletion.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.released_at.is_none()
    }
}

/// How far a deletion plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Made; nothing was deleted.
    Planned,
    /// Begun and not finished: resumed on the next open for writing.
    Applying,
    /// Done.
    Applied,
}

impl PlanStatus {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Applied => "applied",
        }
    }
}

/// A deletion plan: a frozen list of items (kept by `state` as bitmaps), decided again when it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// When it was made.
    pub created: Instant,
    /// By whom (claimed).
    pub created_by: String,
    /// The query, or `--ids FILE`.
    pub query: String,
    /// Why.
    pub reason: String,
    /// How far it has come.
    pub status: PlanStatus,
    /// Items that matched when it was made.
    pub matched: u64,
    /// Items of it that were disposed.
    pub disposed: u64,
}
