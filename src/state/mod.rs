//! Everything small and mutable, as of one journal line: users, mapping, runs, cases, holds, plans, tags, and which
//! items exist, as roaring bitmaps over ordinals.
//!
//! Contract: a pure function of the journal ([`State::apply`], in order). `state.bin` is a snapshot with a watermark,
//! replaced as a whole; a reader applies the journal's tail to it in memory. Nothing per message is kept but bits.

mod anchors;
mod apply;
mod boxes;
mod erasures;
mod plans;
mod snapshot;
mod tags;

pub use anchors::{LastBackup, MissingAnchor};
pub use boxes::Boxes;
pub use erasures::ErasureState;
pub use plans::{PlanItems, PlanState};
pub use tags::TagChange;

use crate::model::{
    Approval, Case, CaseFile, CaseId, Digest, ErasureId, Hold, HoldId, Instant, Label, MailboxName, MappingRow, PlanId,
    Policy, Run, RunId, Schedule, Seq, User, Watermark,
};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file of a source, as a run opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its path as given.
    pub file: String,
    /// SHA-256 of the file.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// The state of one archive as of a journal line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The last line that was applied.
    pub mark: Watermark,
    /// When the last line was written.
    pub last_at: Instant,
    /// When the clock was met implausibly far ahead of the line before: see [`State::clock_is_suspect`].
    pub clock_jumped: Option<Instant>,
    /// The last event that changed what may be deleted.
    pub governance_seq: Seq,
    /// The last event that archived or purged a message: an index that has it lacks nothing.
    pub message_seq: Seq,
    /// The user directory.
    pub users: BTreeMap<MailboxName, User>,
    /// The custom mapping, in the order of its rows.
    pub mapping: Vec<MappingRow>,
    /// Every run.
    pub runs: BTreeMap<RunId, Run>,
    /// The files of each run.
    pub sources: BTreeMap<RunId, Vec<SourceFile>>,
    /// Every case.
    pub cases: BTreeMap<CaseId, Case>,
    /// What happened to each case after it was opened.
    pub case_files: BTreeMap<CaseId, CaseFile>,
    /// Every approval, in the order of their recording.
    pub approvals: Vec<Approval>,
    /// Every hold, released ones too.
    pub holds: BTreeMap<HoldId, Hold>,
    /// The retention schedule: floor, policies, labels.
    pub schedule: Schedule,
    /// When the messages from this ordinal on were archived: the beginning of their run.
    pub imported: BTreeMap<u32, Instant>,
    /// Every deletion plan.
    pub plans: BTreeMap<PlanId, PlanState>,
    /// Every request for erasure.
    pub erasures: BTreeMap<ErasureId, ErasureState>,
    /// Which items exist.
    pub boxes: BTreeMap<MailboxName, Boxes>,
    /// How many messages were ever archived: the next ordinal.
    pub messages: u32,
    /// Originals that were deleted later, by a notice that is here.
    pub deleted: RoaringBitmap,
    /// Originals that were edited later, by a notice that is here.
    pub edited: RoaringBitmap,
    /// Messages of which some is not searchable as text.
    pub partial: RoaringBitmap,
    /// Messages of which the date or a party is unknown.
    pub vague: RoaringBitmap,
    /// Messages that were archived and that no mailbox has any more.
    pub gone: RoaringBitmap,
    /// Messages whose vault file was purged.
    pub purged: RoaringBitmap,
    /// The messages of each tag, by its first spelling. See [`State::tag`].
    pub tags: BTreeMap<String, RoaringBitmap>,
    /// The last change of each tag.
    pub tag_changes: BTreeMap<String, TagChange>,
    /// Anchors whose lines are missing from the journal, by the hash that they name. See [`State::older_than`].
    pub anchors: BTreeMap<Digest, MissingAnchor>,
    /// The last backup that was recorded.
    pub last_backup: Option<LastBackup>,
    /// The first line that did not follow from the line before, if any was met since the snapshot.
    #[serde(skip)]
    pub chain_broken: Option<Seq>,
    /// A watermark that a writer found missing from the journal: lines that once stood there are gone or rewritten, and
    /// a hold may be among them. Nothing is deleted any more.
    pub shortened: Option<Seq>,
    /// Lines that could not be understood. Nothing is deleted while there are any.
    pub unreadable: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            mark: Watermark::START,
            last_at: Instant(0),
            clock_jumped: None,
            governance_seq: Seq(0),
            message_seq: Seq(0),
            users: BTreeMap::new(),
            mapping: Vec::new(),
            runs: BTreeMap::new(),
            sources: BTreeMap::new(),
            cases: BTreeMap::new(),
            case_files: BTreeMap::new(),
            approvals: Vec::new(),
            holds: BTreeMap::new(),
            schedule: Schedule::default(),
            imported: BTreeMap::new(),
            plans: BTreeMap::new(),
            erasures: BTreeMap::new(),
            boxes: BTreeMap::new(),
            messages: 0,
            deleted: RoaringBitmap::new(),
            edited: RoaringBitmap::new(),
            partial: RoaringBitmap::new(),
            vague: RoaringBitmap::new(),
            gone: RoaringBitmap::new(),
            purged: RoaringBitmap::new(),
            tags: BTreeMap::new(),
            tag_changes: BTreeMap::new(),
            anchors: BTreeMap::new(),
            last_backup: None,
            chain_broken: None,
            shortened: None,
            unreadable: 0,
        }
    }
}

/// How far past the last line the clock may stand before nothing is deleted by it, in milliseconds: ten years.
pub const CLOCK_AHEAD_MS: i64 = 10 * 366 * 24 * 3600 * 1000;
/// How long nothing is deleted after lines were written by a clock that far ahead, in milliseconds: thirty days, in which
/// somebody notices.
pub const CLOCK_JUMP_MS: i64 = 30 * 24 * 3600 * 1000;
/// How far before the last line it may stand, in milliseconds: machines that share an archive's folder differ a little.
const CLOCK_BEHIND_MS: i64 = 2_000;

impl State {
    /// Whether a clock that says `now` may be wrong: it stands before the last line, or implausibly far after it. A line that
    /// was itself written that far ahead, be it by a search, vouches for nothing until thirty days have gone by.
    #[must_use]
    pub fn clock_is_suspect(&self, now: Instant) -> bool {
        let jumped = self.clock_jumped.is_some_and(|at| now.0 < at.0.saturating_add(CLOCK_JUMP_MS));
        let (behind, ahead) =
            (self.last_at.0.saturating_sub(CLOCK_BEHIND_MS), self.last_at.0.saturating_add(CLOCK_AHEAD_MS));
        jumped || now.0 < behind || now.0 > ahead
    }

    /// Notes what a reader met besides lines that were applied: where it stands, lines that were not understood, the
    /// first line that does not follow. Lines before the state's own are not counted again.
    pub fn note_tail(&mut self, position: &Watermark, unreadable: u64, broken_at: Option<Seq>) {
        if position.seq > self.mark.seq {
            self.mark = *position;
        }
        self.unreadable += unreadable;
        self.chain_broken = self.chain_broken.or(broken_at);
    }

    /// The mailboxes that have this message, live or recoverable.
    pub fn mailboxes_of(&self, ordinal: u32) -> impl Iterator<Item = &MailboxName> {
        self.boxes.iter().filter(move |(_, boxes)| boxes.has(ordinal)).map(|(mailbox, _)| mailbox)
    }

    /// Messages that at least one mailbox has, live or recoverable.
    #[must_use]
    pub fn present(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.messages);
        self.present_of(all)
    }

    /// Those of these messages that at least one mailbox has, live or recoverable.
    #[must_use]
    pub fn present_of(&self, mut messages: RoaringBitmap) -> RoaringBitmap {
        messages.remove_range(self.messages..);
        messages - &self.gone
    }

    /// Holds that block deletion at `now`: active ones, and released ones in their delay.
    pub fn binding_holds(&self, now: Instant) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(move |hold| hold.binding(now).is_some())
    }

    /// Holds that were not released.
    pub fn active_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(|hold| hold.is_active())
    }

    /// A case by name (without regard to case), id or id prefix.
    #[must_use]
    pub fn case(&self, name: &str) -> Option<&Case> {
        let folded = name.to_lowercase();
        self.cases
            .values()
            .find(|case| case.name.to_lowercase() == folded)
            .or_else(|| by_prefix(self.cases.iter().map(|(id, case)| (id.0.as_str(), case)), name))
    }

    /// A hold by name (without regard to case), id or id prefix.
    #[must_use]
    pub fn hold(&self, name: &str) -> Option<&Hold> {
        let folded = name.to_lowercase();
        self.holds
            .values()
            .find(|hold| hold.name.to_lowercase() == folded)
            .or_else(|| by_prefix(self.holds.iter().map(|(id, hold)| (id.0.as_str(), hold)), name))
    }

    /// A retention policy by name (without regard to case), id or id prefix; a removed one too.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        let (folded, all) = (name.to_lowercase(), &self.schedule.policies);
        let named = all.values().find(|policy| policy.name.to_lowercase() == folded);
        named.or_else(|| by_prefix(all.iter().map(|(id, policy)| (id.0.as_str(), policy)), name))
    }

    /// A retention label by name (without regard to case), id or id prefix.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&Label> {
        let (folded, all) = (name.to_lowercase(), &self.schedule.labels);
        let named = all.values().find(|label| label.name.to_lowercase() == folded);
        named.or_else(|| by_prefix(all.iter().map(|(id, label)| (id.0.as_str(), label)), name))
    }

    /// When a message was archived.
    #[must_use]
    pub fn imported_at(&self, ordinal: u32) -> Option<Instant> {
        self.imported.range(..=ordinal).next_back().map(|(_, at)| *at)
    }

    /// A plan by id or id prefix.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&PlanState> {
        by_prefix(self.plans.iter().map(|(key, plan)| (key.0.as_str(), plan)), id)
    }

    /// A request for erasure by id or id prefix.
    #[must_use]
    pub fn erasure(&self, id: &str) -> Option<&ErasureState> {
        by_prefix(self.erasures.iter().map(|(key, request)| (key.0.as_str(), request)), id)
    }

    /// A run by id or id prefix.
    #[must_use]
    pub fn run(&self, id: &str) -> Option<&Run> {
        by_prefix(self.runs.iter().map(|(key, run)| (key.0.as_str(), run)), id)
    }
}

/// The one thing whose id begins with `prefix`; `None` if there is none or more than one.
fn by_prefix<'a, T>(things: impl Iterator<Item = (&'a str, T)>, prefix: &str) -> Option<T> {
    if prefix.len() < crate::model::id::MIN_PREFIX {
        return None;
    }
    let mut matching = things.filter(|(id, _)| id.starts_with(prefix));
    let first = matching.next()?;
    matching.next().is_none().then_some(first.1)
}
