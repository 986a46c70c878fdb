//! Everything small and mutable, as of one journal line: users, mapping, runs, cases, holds, plans, tags, and which
//! items exist, as roaring bitmaps over ordinals.
//!
//! Contract: a pure function of the journal ([`State::apply`], in order). `state.bin` is a snapshot with a watermark,
//! replaced as a whole; a reader applies the journal's tail to it in memory. Nothing per message is kept but bits.

mod apply;
mod boxes;
mod plans;
mod snapshot;
mod tags;

pub use boxes::Boxes;
pub use plans::PlanState;
pub use tags::TagChange;

use crate::model::{
    Case, CaseId, Digest, Hold, HoldId, Instant, MailboxName, MappingRow, PlanId, Run, RunId, Seq, User, Watermark,
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
    /// Every hold, released ones too.
    pub holds: BTreeMap<HoldId, Hold>,
    /// Every deletion plan.
    pub plans: BTreeMap<PlanId, PlanState>,
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
            governance_seq: Seq(0),
            message_seq: Seq(0),
            users: BTreeMap::new(),
            mapping: Vec::new(),
            runs: BTreeMap::new(),
            sources: BTreeMap::new(),
            cases: BTreeMap::new(),
            holds: BTreeMap::new(),
            plans: BTreeMap::new(),
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
            chain_broken: None,
            shortened: None,
            unreadable: 0,
        }
    }
}

impl State {
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
        all - &self.gone
    }

    /// Holds that block deletion now.
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

    /// A plan by id or id prefix.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&PlanState> {
        by_prefix(self.plans.iter().map(|(key, plan)| (key.0.as_str(), plan)), id)
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
