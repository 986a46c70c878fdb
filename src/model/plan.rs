//! Deletion plans. Data only; the decision is in `governance`.

use super::{Instant, PlanId, Seq};
use serde::{Deserialize, Serialize};

/// On what authority a plan deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanBasis {
    /// Somebody asked for it.
    #[default]
    Request,
    /// A retention rule says that the items are due.
    Retention,
    /// A data subject asked for erasure: the id of the request.
    Erasure(String),
}

impl PlanBasis {
    /// As a person reads it.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Request => "on request".to_owned(),
            Self::Retention => "due by a retention rule".to_owned(),
            Self::Erasure(request) => format!("erasure request {request}"),
        }
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
    /// Taken back before anything was deleted.
    Cancelled,
    /// What it deleted came back, as far as it was not purged.
    Undone,
}

impl PlanStatus {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
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
    /// The journal line that made it, which has its query. The query is not kept beside it: it may have the words of a
    /// message that goes, and only the journal may still have those.
    pub seq: Seq,
    /// Why.
    pub reason: String,
    /// On what authority.
    pub basis: PlanBasis,
    /// How far it has come.
    pub status: PlanStatus,
    /// Items that matched when it was made.
    pub matched: u64,
    /// Items of it that were disposed: purged, or moved to the recoverable items and not brought back.
    pub disposed: u64,
    /// When something of it was last disposed of.
    pub applied: Option<Instant>,
    /// By whom (claimed).
    pub applied_by: Option<String>,
}
