//! Carrying a plan out: under both locks every item is decided again, the intent is made durable, then it is unlinked,
//! then that is recorded (`purge`). An interrupted step is resumed when the archive is next opened for writing (`resume`).

use super::{
    ArchiveWriter,
    approve::ApprovalOf,
    blocked::BlockedItems,
    plan::{PlanReport, Tally},
    purge::Purging,
};
use crate::{
    Error, ErrorKind, Result, fs,
    governance::ItemClearance,
    index::HitRecord,
    model::{
        Event, Instant, PlanBasis, PlanId, PlanStatus, Right,
        event::{Disposal, ItemRef},
        limits,
    },
    state::PlanState,
};
use serde::Serialize;

/// How to apply a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions {
    /// Dispose of what can go although other items are blocked.
    pub deletable_only: bool,
    /// For good, instead of to the recoverable items.
    pub purge: bool,
    /// Decide everything, write nothing.
    pub dry_run: bool,
}

/// What applying a plan did.
#[derive(Clone, Debug, Serialize)]
pub struct ApplyReport {
    /// The plan as it stands now.
    #[serde(flatten)]
    pub plan: PlanReport,
    /// Items that may go in this way, and that a dry run would dispose of.
    pub going: u64,
    /// Items of the plan that stay because something blocks that: for a purge also those that may only be hidden.
    pub kept: u64,
    /// Items that this disposed of.
    pub applied: u64,
    /// `recoverable` or `purged`.
    pub how: Disposal,
    /// Messages whose last item went, and their file with it.
    pub messages_purged: u64,
    /// Entries that a client had put elsewhere in the mailboxes, and copies, which went too: where they were, as far as
    /// they are named.
    pub moved: Vec<String>,
    /// How many those were.
    pub moved_entries: u64,
    /// Hard links to purged files that are left somewhere on the file system where this program cannot see them.
    pub links_elsewhere: u64,
    /// What else should be known.
    pub warnings: Vec<String>,
}

impl ArchiveWriter {
    /// Applies a plan.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when an item is blocked (nothing changed, the refusal is recorded);
    /// [`ErrorKind::ClockSuspect`]; [`ErrorKind::Damaged`] when the journal is; I/O.
    pub fn apply_plan(&mut self, id: &str, options: ApplyOptions) -> Result<ApplyReport> {
        self.archive.may(Right::Disposition, "delete.apply", id)?;
        self.guarded(|writer| writer.run_plan(id, options))
    }

    fn run_plan(&mut self, id: &str, options: ApplyOptions) -> Result<ApplyReport> {
        // A hold that another process placed since is in force.
        self.archive.record(Vec::new())?;
        let state = self.archive.find_plan(id)?.clone();
        let plan = state.plan.id.clone();
        self.archive.may_dispose()?;
        self.archive.approved(ApprovalOf::Plan(&plan.0))?;
        let items = self.archive.journal.load_list(&state.items.to_list())?;
        let how = if options.purge { Disposal::Purged } else { Disposal::Recoverable };
        let mut tally = self.archive.tally(&items, &state.plan.basis, how)?;
        if how == Disposal::Recoverable {
            let boxes = &self.archive.state.boxes;
            tally.deletable.retain(|item| boxes.get(&item.mailbox).is_some_and(|b| b.live.contains(item.ordinal.0)));
        }
        may_apply(&state, tally.deletable.is_empty() && !options.purge)?;
        let refused = !tally.blocked.is_empty() && (!options.deletable_only || tally.deletable.is_empty());
        if refused {
            return Err(self.refuse(&plan, items.len() as u64, &tally, options.dry_run)?);
        }
        let mut purging = match how {
            _ if options.dry_run => Purging::default(),
            Disposal::Purged => self.archive.purging_items(&tally.deletable)?,
            Disposal::Recoverable => self.archive.moving(tally.deletable.iter().map(|item| item.id))?,
        };
        let (mut applied, mut messages_purged) = (0, 0);
        let (may_go, mut kept) = (tally.deletable.len() as u64, tally.blocked.len() as u64);
        if !options.dry_run {
            let going = &tally.deletable;
            (applied, messages_purged) = self.dispose_all(&plan, going, how, options.deletable_only, &mut purging)?;
            kept += may_go - applied;
            self.archive.record(vec![Event::DeleteFinished {
                plan: plan.clone(),
                disposed: applied,
                blocked: kept,
            }])?;
            self.settle(messages_purged > 0)?;
        }
        let mut plan = self.archive.plan_report(&plan.0)?;
        plan.dry_run = options.dry_run;
        let warnings = if how == Disposal::Purged { self.archive.kept_sources()? } else { Vec::new() };
        Ok(ApplyReport {
            plan,
            going: may_go,
            kept,
            applied,
            how,
            messages_purged,
            moved: purging.moved,
            moved_entries: purging.moved_count,
            links_elsewhere: purging.elsewhere,
            warnings,
        })
    }

    /// Disposes of items step by step. Without `past_blocked` it stops at the first step of which something stayed.
    pub(super) fn dispose_all(
        &mut self,
        plan: &PlanId,
        items: &[ItemRef],
        how: Disposal,
        past_blocked: bool,
        purging: &mut Purging,
    ) -> Result<(u64, u64)> {
        let (mut applied, mut messages) = (0, 0);
        for chunk in items.chunks(limits::DELETE_CHUNK_ITEMS) {
            let step = self.dispose_step(plan, chunk, how, false, purging);
            let stopped = step.as_ref().is_err_and(|error| error.kind() != ErrorKind::Poisoned);
            if messages > 0 && stopped && !self.poisoned {
                // Something stopped it half way: no word of what went stays in the index.
                self.settle(true)?;
            }
            let (went, purged) = step?;
            applied += went;
            messages += purged;
            if went < chunk.len() as u64 && !past_blocked {
                // A hold was placed in the middle: what it covers stays, and nothing more is touched.
                break;
            }
        }
        Ok((applied, messages))
    }

    /// Records a refusal.
    pub(super) fn refused(&mut self, plan: &PlanId, matched: u64, tally: &Tally) -> Result<()> {
        let (blocked, blocked_by) = (tally.blocked.len() as u64, tally.blocked_by());
        self.archive.record(vec![Event::DeleteRefused { plan: plan.clone(), matched, blocked, blocked_by }])
    }

    /// Records a refusal and makes the error that says everything about it.
    fn refuse(&mut self, plan: &PlanId, matched: u64, tally: &Tally, dry_run: bool) -> Result<Error> {
        let blocked = tally.blocked.len();
        if !dry_run {
            self.refused(plan, matched, tally)?;
        }
        let first = tally.blocked.first().map(|blocked| blocked.item.id.to_string()).unwrap_or_default();
        let blockers = tally.by.rows();
        let rows: Vec<String> = blockers.iter().map(BlockedItems::told).collect();
        let message = format!(
            "{blocked} of the {matched} items in plan {plan} may not be deleted. Nothing was deleted.{}",
            rows.concat()
        );
        let free = tally.deletable.len();
        let hint = if free > 0 {
            format!("custodia hold explain {plan} says why; --deletable-only deletes the other {free}")
        } else {
            format!("custodia hold explain {plan} says why, and what would change it")
        };
        let details = serde_json::json!({
            "plan": plan, "matched": matched, "deletable": free, "blocked": blocked, "blocked_by": blockers, "example": first,
        });
        Ok(Error::new(ErrorKind::Held, message).with_hint(hint).with_details(details).as_recorded())
    }
}

/// Whether a plan can be applied as it stands. A plan of which an interruption, or a blocker that ended, left something to
/// do is not done, whatever its status.
fn may_apply(state: &PlanState, nothing_left: bool) -> Result<()> {
    match state.plan.status {
        PlanStatus::Applied if !nothing_left => Ok(()),
        status @ (PlanStatus::Applied | PlanStatus::Cancelled | PlanStatus::Undone) => {
            Err(not_applicable(&state.plan.id, status))
        }
        PlanStatus::Planned | PlanStatus::Applying => Ok(()),
    }
}

/// Why a plan cannot be applied any more.
pub(super) fn not_applicable(plan: &PlanId, status: PlanStatus) -> Error {
    let another = "make another one: custodia delete KQL --reason TEXT";
    let (why, hint) = match status {
        PlanStatus::Cancelled => ("was cancelled", another),
        PlanStatus::Undone => ("was undone", another),
        _ => ("was applied already", "custodia delete show says what became of it"),
    };
    Error::new(ErrorKind::Usage, format!("the plan {plan} {why}")).with_hint(hint)
}

/// An item that may go.
pub(super) struct Cleared {
    pub(super) item: ItemRef,
    pub(super) record: HitRecord,
    pub(super) key: ItemClearance,
}

/// Decides every item against the holds as they are under the lock.
pub(super) fn clear(
    archive: &super::Archive,
    items: &[ItemRef],
    basis: &PlanBasis,
    how: Disposal,
) -> Result<Vec<Cleared>> {
    let mut cleared = Vec::new();
    // A kept item stays in the plan, and is counted as blocked by the caller.
    archive.decide_each(items, basis, how, &mut |item, record, decision| {
        if let Ok(key) = decision {
            cleared.push(Cleared { item: item.clone(), record: record.clone(), key });
        }
    })?;
    Ok(cleared)
}

impl super::Archive {
    /// What a purge does not take: source files that were kept on request still have what was in them.
    pub(super) fn kept_sources(&self) -> Result<Vec<String>> {
        let kept = fs::dir::list(&self.layout.sources())?.into_iter().filter(|entry| entry.is_file).count();
        Ok((kept > 0)
            .then(|| {
                format!(
                    "sources_kept: {kept} source files that were kept on request are in sources/ and still have what was \
                     in them, purged messages too"
                )
            })
            .into_iter()
            .collect())
    }

    /// Whether the state of journal and clock allows a disposition at all.
    pub(super) fn may_dispose(&self) -> Result<()> {
        let damaged = |why: &str| {
            Error::new(ErrorKind::Damaged, format!("nothing is deleted while {why}"))
                .with_hint("run custodia verify; restore the journal from a backup")
        };
        if self.state.unreadable > 0 {
            return Err(damaged("the journal has lines that are not understood: a hold may be among them"));
        }
        if self.state.chain_broken.is_some() || self.state.shortened.is_some() || !self.mismatches.is_empty() {
            return Err(damaged("the journal does not hold together: a hold may have been taken out of it"));
        }
        super::older::refuse_older(&self.state, &self.meta.id)?;
        let (now, last): (Instant, Instant) = (self.clock.now(), self.state.last_at);
        if self.state.clock_is_suspect(now) {
            let jumped = self.state.clock_jumped.map_or_else(String::new, |at| {
                format!(", and lines were written from {at} on by one that had jumped more than ten years ahead")
            });
            return Err(Error::new(
                ErrorKind::ClockSuspect,
                format!(
                    "the clock says {now}, the last event was at {last}{jumped}: nothing is deleted by a clock that may be wrong"
                ),
            )
            .with_hint(match jumped.is_empty() {
                true => "set the clock right and try again",
                false => "set the clock right if it is wrong; thirty days after such a jump it is believed",
            }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{Archive, CreateOptions, ImportOptions, Selection},
        clock::SystemClock,
        model::Actor,
        progress::Silent,
    };
    use std::sync::Arc;

    const MAIL: &str = "From: \"Ann 447700900101\" <ann@x.example>\r\nTo: \"447700900199\" <447700900199@wa.example>\r\n\
        Subject: x\r\nDate: Wed, 04 Mar 2026 09:12:41 +0000\r\nX-TELEMESSAGE-ArchiveMessageID: AAA\r\n\
        X-TELEMESSAGE-ArchiveInitiator: +447700900101\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nwords\r\n";

    #[test]
    fn a_plan_that_somebody_cancels_while_it_is_applied_goes_no_further() {
        let dir = tempfile::tempdir().unwrap();
        let (path, feed) = (dir.path().join("archive"), dir.path().join("feed"));
        std::fs::create_dir(&feed).unwrap();
        std::fs::write(feed.join("AAA.eml"), MAIL).unwrap();
        let options = CreateOptions::default();
        let mut archive = Archive::create(&path, options, Actor::default(), Arc::new(SystemClock)).unwrap();
        archive.add_user("ann@x.example", None, &["+447700900101".into()]).unwrap();
        let mut writer = ArchiveWriter::open(archive, &Silent).unwrap();
        writer.import(&[feed], &ImportOptions::default(), &Silent, &mut |_| ()).unwrap();
        let all = Selection::Query("words".into());
        let plan = writer.archive.plan_deletion(&all, &[], "x", false).unwrap().plan;
        let items = writer.archive.selected_items(&all, &[]).unwrap();
        assert_eq!(items.len(), 1);
        let mut other = Archive::open(&path, Actor::default(), Arc::new(SystemClock)).unwrap();
        other.cancel_plan(&plan.0, "a mistake", false).unwrap();
        let step = writer.dispose_step(&plan, &items, Disposal::Purged, false, &mut Purging::default());
        assert_eq!(step.unwrap_err().kind(), ErrorKind::Usage);
        assert!(writer.archive.state.present().contains(0) && writer.archive.state.purged.is_empty());
    }
}
