//! The decision on one item.

use super::{ActiveHold, Because, Due, Retention, Subject};
use crate::model::{CaseId, Hold, Instant, Schedule};
use serde::Serialize;

/// What kind of thing blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// A hold of a case.
    Hold,
    /// A litigation hold on a mailbox.
    LitigationHold,
    /// The delay after a hold was released.
    DelayHold,
    /// A retention rule: the floor, a policy, a label.
    Retention,
    /// Nothing keeps it; it is in a retention plan and not due any more.
    NotDue,
}

impl BlockerKind {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::LitigationHold => "litigation_hold",
            Self::DelayHold => "delay_hold",
            Self::Retention => "retention",
            Self::NotDue => "not_due",
        }
    }
}

/// One thing that blocks a deletion: what, since when, by whom, why, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// What kind.
    pub kind: BlockerKind,
    /// The id of the hold or rule.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its case, if it belongs to one.
    pub case: Option<CaseId>,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom.
    pub placed_by: String,
    /// Why it was placed.
    pub reason: String,
    /// Why it covers this item.
    pub because: Vec<Because>,
    /// When it ends by itself; `None`: when somebody ends it.
    pub until: Option<Instant>,
    /// What would end it, as a person reads it.
    pub ends_when: String,
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
    /// What blocks, to keep.
    #[must_use]
    pub fn into_blockers(self) -> Vec<Blocker> {
        match self {
            Self::Dispose => Vec::new(),
            Self::Keep(blockers) => blockers,
        }
    }

    /// What blocks; empty if nothing does.
    #[must_use]
    pub fn blockers(&self) -> &[Blocker] {
        match self {
            Self::Dispose => &[],
            Self::Keep(blockers) => blockers,
        }
    }
}

/// Everything that can keep an item, as of one moment.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// The moment that is decided for.
    pub now: Instant,
    /// The holds that bind at that moment. Others in the list bind nothing.
    pub holds: Vec<ActiveHold<'a>>,
    /// How long items are kept, and when they are due.
    pub retention: Retention<'a>,
}

impl<'a> Rules<'a> {
    /// The rules of an archive at a moment.
    #[must_use]
    pub fn new(now: Instant, holds: impl Iterator<Item = &'a Hold>, schedule: &'a Schedule) -> Self {
        let binding = holds.filter(|hold| hold.binding(now).is_some());
        Self { now, holds: binding.map(ActiveHold::new).collect(), retention: Retention::new(schedule) }
    }

    /// Whether deciding an item needs the message's words.
    #[must_use]
    pub fn needs_facts(&self) -> bool {
        self.holds.iter().any(ActiveHold::needs_facts) || self.retention.needs_facts()
    }
}

/// Decides one item. Whatever covers it, or cannot be evaluated on it, keeps it.
#[must_use]
pub fn decide<'a>(item: &Subject<'a>, rules: &Rules<'a>) -> Decision {
    let holding = rules.holds.iter().filter_map(|hold| hold.blocks(item, rules.now));
    let blockers: Vec<Blocker> = holding.chain(rules.retention.blockers(&item.life(), rules.now)).collect();
    if blockers.is_empty() { Decision::Dispose } else { Decision::Keep(blockers) }
}

/// Whether a retention rule says that the item's time has come. Whether it may go is another question: [`decide`].
#[must_use]
pub fn due<'a>(item: &Subject<'a>, rules: &Rules<'a>) -> Option<Due> {
    rules.retention.due(&item.life(), rules.now)
}
