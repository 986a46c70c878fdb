//! What holds cover now: counts, statistics, statuses.
//!
//! Contract: counts are made when they are asked for and say as of when; they respect the days of a litigation hold at that
//! moment. Of a released hold they say what it would cover if it were active.

use super::no_hold;
use crate::{
    Error, Result,
    archive::{Archive, coverage::ItemsByReason, matching::Matched, search::Sizes, tail::TailMessages},
    model::{Hold, HoldId, Instant, MailboxName, Right, Seq, limits},
    query::{self, Expr},
};
use serde::Serialize;
use std::cell::OnceCell;

/// A hold and what it covers now.
#[derive(Clone, Debug, Serialize)]
pub struct HoldReport {
    /// Its id.
    pub id: HoldId,
    /// Its name.
    pub name: String,
    /// `case` or `litigation`.
    pub kind: &'static str,
    /// The name of its case; `None` for a litigation hold.
    pub case: Option<String>,
    /// Of a litigation hold: for how many days from each item's own date; `None`: without end.
    pub days: Option<u32>,
    /// Messages of which at least one item is covered.
    pub messages: u64,
    /// Items that are covered.
    pub items: u64,
    /// The same items, each counted for one reason.
    pub items_by_reason: ItemsByReason,
    /// The mailboxes of its scope.
    pub mailboxes: Vec<MailboxName>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// One line of `hold list`, and `hold show`.
#[derive(Clone, Debug, Serialize)]
pub struct HoldRow {
    /// What it covers now.
    #[serde(flatten)]
    pub report: HoldReport,
    /// Bytes of the messages.
    pub bytes: u64,
    /// When that was counted.
    pub computed_at: Instant,
    /// The journal line that it was counted as of.
    pub as_of: Seq,
    /// `active`, `delay`, `ended` or `released`: see [`Hold::status`].
    pub status: &'static str,
    /// The query as it was typed.
    pub query: Option<String>,
    /// The query as it is evaluated: one node a line.
    pub closed_query: Option<String>,
    /// What it came to mean beside that when users or mapping changed, each as it is evaluated.
    pub more_queries: Vec<String>,
    /// The conversations that it is limited to.
    pub conversations: Vec<String>,
    /// The period.
    pub since: Option<Instant>,
    /// The period.
    pub until: Option<Instant>,
    /// How many ids its list has.
    pub listed: Option<u64>,
    /// The tag that the list was made of.
    pub tag: Option<String>,
    /// Custodians of its case that no active hold of the case covers.
    pub custodians_not_held: Vec<MailboxName>,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom.
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// The journal line.
    pub seq: Seq,
    /// When it was released.
    pub released_at: Option<Instant>,
    /// By whom.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
    /// Until when it holds all the same, or held.
    pub delay_until: Option<Instant>,
    /// When somebody ended that before its time.
    pub delay_ended_at: Option<Instant>,
    /// Who.
    pub delay_ended_by: Option<String>,
    /// Why.
    pub delay_end_reason: Option<String>,
}

impl Archive {
    /// One hold.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind); the counts cannot be made.
    pub fn hold(&self, name: &str) -> Result<HoldRow> {
        self.may_read(Right::SeeHolds, "hold.show", name)?;
        self.hold_row(self.find_hold(name)?)
    }

    /// A hold by name, id or prefix of it, as it was placed. Counts nothing, and is no view of what it covers.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind).
    pub fn find_hold(&self, name: &str) -> Result<&Hold> {
        self.state.hold(name).ok_or_else(|| no_hold(name))
    }

    /// The holds that bind, those in their delay too, or all, in the order of their placing.
    ///
    /// # Errors
    /// The counts cannot be made.
    pub fn holds(&self, all: bool) -> Result<Vec<HoldRow>> {
        self.may_read(Right::SeeHolds, "hold.list", "")?;
        let now = self.clock.now();
        let mut holds: Vec<&Hold> =
            self.state.holds.values().filter(|hold| all || hold.binding(now).is_some()).collect();
        holds.sort_by_key(|hold| hold.seq);
        let sizes = OnceCell::new();
        holds.into_iter().map(|hold| self.row_with(hold, &sizes)).collect()
    }

    /// The names of the holds that bind on a mailbox, in the order of their placing.
    #[must_use]
    pub fn holds_on(&self, mailbox: &MailboxName) -> Vec<String> {
        let mut holds: Vec<&Hold> = self.state.binding_holds(self.clock.now()).collect();
        holds.retain(|hold| hold.scope.mailboxes.contains(mailbox));
        holds.sort_by_key(|hold| hold.seq);
        holds.into_iter().map(|hold| hold.name.clone()).collect()
    }

    fn hold_row(&self, hold: &Hold) -> Result<HoldRow> {
        self.row_with(hold, &OnceCell::new())
    }

    /// The same; `sizes` are those of all messages, read when the first hold asks.
    pub(in crate::archive) fn row_with(&self, hold: &Hold, sizes: &OnceCell<Sizes>) -> Result<HoldRow> {
        let scope = &hold.scope;
        let read = |json: &String| serde_json::from_str::<Expr>(json).ok().map(|expr| query::explain(&expr));
        let (covered, items_by_reason) = self.covered_by_reason(hold)?;
        Ok(HoldRow {
            report: self.report_of(hold, &covered, items_by_reason, false),
            bytes: self.bytes_of(&covered, sizes)?,
            computed_at: self.clock.now(),
            as_of: self.as_of(),
            status: hold.status(self.clock.now()),
            query: scope.query.clone(),
            closed_query: scope.closed_query.as_ref().and_then(read),
            more_queries: scope.more_queries.iter().filter_map(read).collect(),
            conversations: scope.conversations.clone(),
            since: scope.since,
            until: scope.until,
            listed: scope.ids.as_ref().map(|ids| ids.len() as u64),
            tag: scope.tag.clone(),
            custodians_not_held: self.not_held(hold),
            placed_at: hold.placed_at,
            placed_by: hold.placed_by.clone(),
            reason: hold.reason.clone(),
            seq: hold.seq,
            released_at: hold.released_at,
            released_by: hold.released_by.clone(),
            release_reason: hold.release_reason.clone(),
            delay_until: hold.delay_until,
            delay_ended_at: hold.delay_ended_at,
            delay_ended_by: hold.delay_ended_by.clone(),
            delay_end_reason: hold.delay_end_reason.clone(),
        })
    }

    /// Custodians of a hold's case that no active hold of the case covers.
    fn not_held(&self, hold: &Hold) -> Vec<MailboxName> {
        let Some(case) = hold.case.as_ref().and_then(|id| self.state.cases.get(id)) else { return Vec::new() };
        let held = |mailbox: &&MailboxName| {
            let mut holds = self.state.active_holds().filter(|other| other.case == hold.case);
            holds.any(|other| other.scope.mailboxes.contains(*mailbox))
        };
        case.custodians.iter().filter(|mailbox| !held(mailbox)).cloned().collect()
    }

    /// Counts what a hold covers that was just placed or released: recorded already, whatever comes of counting. In the
    /// middle of a long import more messages may be unindexed than a search reads; a hold of whole mailboxes is counted
    /// without reading any.
    pub(super) fn counted(&mut self, hold: &Hold, dry_run: bool) -> Result<(HoldReport, Matched)> {
        let whole = hold.scope.is_whole() && hold.days.is_none();
        if self.tail.beyond() > 0 && !whole {
            self.load_with(TailMessages::up_to(limits::TAIL_COUNT_MESSAGES))?;
        }
        let (covered, by_reason) = self.covered_by_reason(hold).map_err(|e| recorded(hold, dry_run, e))?;
        Ok((self.report_of(hold, &covered, by_reason, dry_run), covered))
    }

    /// The name of a hold's case; `None` for a litigation hold.
    fn case_name(&self, hold: &Hold) -> Option<String> {
        hold.case.as_ref().map(|id| self.state.cases.get(id).map_or_else(|| id.0.clone(), |case| case.name.clone()))
    }

    pub(super) fn report_of(&self, hold: &Hold, covered: &Matched, by: ItemsByReason, dry_run: bool) -> HoldReport {
        HoldReport {
            id: hold.id.clone(),
            name: hold.name.clone(),
            kind: hold.kind.as_str(),
            case: self.case_name(hold),
            days: hold.days,
            messages: covered.messages.len(),
            items: covered.item_count(),
            items_by_reason: by,
            mailboxes: hold.scope.mailboxes.iter().cloned().collect(),
            dry_run,
        }
    }

    /// Bytes of the messages, each once. The sizes of all are read in one pass, the first time that they are needed.
    pub(super) fn bytes_of(&self, covered: &Matched, sizes: &OnceCell<Sizes>) -> Result<u64> {
        if covered.messages.is_empty() {
            return Ok(0);
        }
        if sizes.get().is_none() {
            let _ = sizes.set(self.sizes()?);
        }
        Ok(sizes.get().map_or(0, |sizes| sizes.sum(&covered.messages)))
    }
}

/// What went wrong after a hold was placed or released.
pub(super) fn recorded(hold: &Hold, dry_run: bool, error: Error) -> Error {
    if dry_run {
        return error;
    }
    let message = format!("the hold {} is recorded, but cannot be counted now: {error}", hold.name);
    Error::new(error.kind(), message).with_hint("custodia hold show counts it later")
}
