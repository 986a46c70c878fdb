//! The decision on one item.

use super::{ActiveHold, Because, Coverage, Subject};
use crate::model::{CaseId, HoldId, Instant};
use serde::Serialize;

/// What kind of thing blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// A hold of a case.
    Hold,
}

impl BlockerKind {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
        }
    }
}

/// One thing that blocks a deletion: what, since when, by whom, why, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// What kind.
    pub kind: BlockerKind,
    /// The hold's id.
    pub id: HoldId,
    /// Its name.
    pub name: String,
    /// Its case.
    pub case: CaseId,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom.
    pub placed_by: String,
    /// Why it was placed.
    pub reason: String,
    /// Why it covers this item.
    pub because: Vec<Because>,
    /// When it ends by itself; `None`: when it is released.
    pub until: Option<Instant>,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing blocks: the item may be disposed of, on request.
    Dispose,
    /// It stays, because of every one of these.
    Keep(Vec<Blocker>),
}

impl Decision {
    /// What blocks; empty if nothing does.
    #[must_use]
    pub fn blockers(&self) -> &[Blocker] {
        match self {
            Self::Dispose => &[],
            Self::Keep(blockers) => blockers,
        }
    }
}

/// Decides one item against all active holds. Any hold that covers it, or cannot be evaluated on it, keeps it.
#[must_use]
pub fn decide(item: &Subject<'_>, holds: &[ActiveHold<'_>]) -> Decision {
    let blockers: Vec<Blocker> = holds
        .iter()
        .filter_map(|active| match active.covers(item) {
            Coverage::No => None,
            Coverage::Yes(because) => Some(Blocker {
                kind: BlockerKind::Hold,
                id: active.hold.id.clone(),
                name: active.hold.name.clone(),
                case: active.hold.case.clone(),
                placed_at: active.hold.placed_at,
                placed_by: active.hold.placed_by.clone(),
                reason: active.hold.reason.clone(),
                because,
                until: None,
            }),
        })
        .collect();
    if blockers.is_empty() { Decision::Dispose } else { Decision::Keep(blockers) }
}
