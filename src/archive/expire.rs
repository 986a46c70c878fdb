//! Purging what lay among the recoverable items longer than the deleted-item retention.
//!
//! Contract: an item goes by the same decision and the same step as in any purge; what is held stays among the recoverable
//! items, however long. The time of a plan runs from when something of it was last deleted, so that no item goes early.

use super::ArchiveWriter;
use crate::{
    Result,
    archive::approve::ApprovalOf,
    model::{
        Event, Instant, PlanId, Right,
        event::{BlockedBy, Disposal, ItemRef},
    },
    state::PlanState,
};
use serde::Serialize;

/// The recoverable items of one plan.
#[derive(Clone, Debug, Serialize)]
pub struct ExpiryRow {
    /// The plan that deleted them.
    pub plan: PlanId,
    /// Why.
    pub reason: String,
    /// Since when they are recoverable.
    pub since: Instant,
    /// Until when they can be brought back.
    pub until: Instant,
    /// Whether that is over.
    pub over: bool,
    /// Items among the recoverable items.
    pub items: u64,
    /// Items of them that are blocked and stay.
    pub blocked: u64,
    /// By what.
    pub blocked_by: Vec<BlockedBy>,
    /// Bytes of the messages of items that could go.
    pub bytes: u64,
}

/// What lies among the recoverable items, and what was purged of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExpiryReport {
    /// By plan, the oldest first.
    pub plans: Vec<ExpiryRow>,
    /// Days that a deleted item stays recoverable.
    pub days: u32,
    /// Items whose time is over and that nothing blocks.
    pub expired: u64,
    /// Items whose time is over and that stay because they are blocked.
    pub held: u64,
    /// Items that this purged.
    pub purged: u64,
    /// Messages whose last item went, and their file with it.
    pub messages_purged: u64,
    /// Entries that a client had put elsewhere, and copies, which went too; as far as they are named.
    pub moved: Vec<String>,
    /// How many those were.
    pub moved_entries: u64,
    /// Hard links to purged files that are left where this program cannot see them.
    pub links_elsewhere: u64,
    /// What else should be known.
    pub warnings: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl super::Archive {
    /// What lies among the recoverable items, with what would go now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a plan that there is not; a list is damaged.
    pub fn recoverable(&self, plan: Option<&str>) -> Result<ExpiryReport> {
        self.may_read(Right::Disposition, "delete.expire", plan.unwrap_or_default())?;
        self.expiry(plan)
    }

    fn expiry(&self, plan: Option<&str>) -> Result<ExpiryReport> {
        let mut report =
            ExpiryReport { days: self.meta.settings.deleted_item_retention_days, dry_run: true, ..Default::default() };
        for state in self.expiring(plan)? {
            let (Some(since), Some(until)) = (state.recoverable_since, self.recoverable_until(state)) else { continue };
            let items = self.recoverable_of(state)?;
            let tally = self.tally(&items, &state.plan.basis, Disposal::Purged)?;
            let over = self.is_over(until);
            let blocked = tally.blocked.len() as u64;
            if over {
                report.expired += tally.deletable.len() as u64;
                report.held += blocked;
            }
            report.plans.push(ExpiryRow {
                plan: state.plan.id.clone(),
                reason: state.plan.reason.clone(),
                since,
                until,
                over,
                items: items.len() as u64,
                blocked,
                blocked_by: tally.blocked_by(),
                bytes: tally.bytes,
            });
        }
        Ok(report)
    }

    fn expiring(&self, plan: Option<&str>) -> Result<Vec<&PlanState>> {
        let mut plans: Vec<&PlanState> = match plan {
            Some(id) => vec![self.find_plan(id)?],
            None => self.state.plans.values().collect(),
        };
        plans.retain(|plan| plan.recoverable_items() > 0);
        plans.sort_by_key(|plan| plan.recoverable_since);
        Ok(plans)
    }

    fn recoverable_of(&self, plan: &PlanState) -> Result<Vec<ItemRef>> {
        let mut items = self.journal.load_list(&plan.items.to_list())?;
        items.retain(|item| plan.has_recoverable(item));
        Ok(items)
    }

    /// Whether a time is over by the archive's clock; [`may_dispose`](Self::may_dispose) has refused one that is off.
    fn is_over(&self, until: Instant) -> bool {
        self.clock.now() >= until
    }

    /// How many items lie among the recoverable items although their time is over, held or not.
    pub(super) fn overdue(&self) -> u64 {
        let over = |plan: &&PlanState| self.recoverable_until(plan).is_some_and(|until| self.is_over(until));
        self.state.plans.values().filter(over).map(PlanState::recoverable_items).sum()
    }
}

impl ArchiveWriter {
    /// Purges the recoverable items whose time is over, of one plan or of all. What is blocked stays.
    ///
    /// # Errors
    /// As [`Self::apply_plan`], but that blocked items are no error: they are counted.
    pub fn expire(&mut self, plan: Option<&str>) -> Result<ExpiryReport> {
        self.archive.may(Right::Disposition, "delete.expire", plan.unwrap_or_default())?;
        self.guarded(|writer| writer.run_expire(plan))
    }

    fn run_expire(&mut self, plan: Option<&str>) -> Result<ExpiryReport> {
        self.archive.record(Vec::new())?;
        self.archive.may_dispose()?;
        let mut report = self.archive.expiry(plan)?;
        report.dry_run = false;
        let over: Vec<ExpiryRow> = report.plans.iter().filter(|row| row.over).cloned().collect();
        for row in &over {
            self.archive.approved(ApprovalOf::Plan(&row.plan.0))?;
        }
        let done = self.expire_plans(&over, &mut report);
        if report.purged > 0 && !self.poisoned {
            // Also when something stopped it half way: no word of what went stays in the index.
            self.settle(report.messages_purged > 0)?;
            report.warnings = self.archive.kept_sources()?;
        }
        done.map(|()| report)
    }

    fn expire_plans(&mut self, over: &[ExpiryRow], report: &mut ExpiryReport) -> Result<()> {
        for row in over {
            let state = self.archive.find_plan(&row.plan.0)?.clone();
            let items = self.archive.recoverable_of(&state)?;
            let tally = self.archive.tally(&items, &state.plan.basis, Disposal::Purged)?;
            if tally.deletable.is_empty() {
                self.refused(&row.plan, items.len() as u64, &tally)?;
                continue;
            }
            let mut purging = self.archive.purging_items(&tally.deletable)?;
            let (went, messages) =
                self.dispose_all(&row.plan, &tally.deletable, Disposal::Purged, true, &mut purging)?;
            let blocked = items.len() as u64 - went;
            self.archive.record(vec![Event::DeleteFinished { plan: row.plan.clone(), disposed: went, blocked }])?;
            report.purged += went;
            report.messages_purged += messages;
            report.moved_entries += purging.moved_count;
            report.links_elsewhere += purging.elsewhere;
            report.moved.append(&mut purging.moved);
        }
        Ok(())
    }
}
