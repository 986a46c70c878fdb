//! Requests for erasure with what became of them.

use super::plans::PlanItems;
use crate::model::{Erasure, Instant, PlanId};
use serde::{Deserialize, Serialize};

/// A request and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErasureState {
    /// The request.
    pub request: Erasure,
    /// Where its items are listed.
    pub items: PlanItems,
    /// The plans that were made for it, oldest first.
    pub plans: Vec<PlanId>,
    /// Items that were blocked when that was last recorded.
    pub restricted: u64,
    /// When it was closed.
    pub completed: Option<Instant>,
    /// By whom (claimed).
    pub completed_by: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
}
