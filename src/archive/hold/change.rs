//! What becomes of a hold: it is widened, released, and its delay ends. Nothing narrows it.

use super::{HoldReport, new_custodians, no_hold, report::recorded, widened};
use crate::{
    Error, ErrorKind, Result,
    archive::approve::ApprovalOf,
    archive::{Archive, case::checked_text, matching::Matched},
    model::{Binding, Event, Hold, Instant, MailboxName, Right},
};
use serde::Serialize;

/// What releasing a hold, or ending its delay, comes to.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseReport {
    /// What it covered.
    #[serde(flatten)]
    pub report: HoldReport,
    /// Until when the delay hold goes on holding that; `None`: there is no delay.
    pub delay_until: Option<Instant>,
    /// From when on items that no other hold covers can be deleted.
    pub deletable_from: Instant,
    /// Items that no other hold covers.
    pub would_become_deletable: u64,
    /// Items that another hold covers as well.
    pub still_blocked: u64,
}

impl Archive {
    /// Makes a hold cover more mailboxes. Custodians of them become custodians of the hold's case.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; it was released, or covers all of them already; the journal cannot be written.
    pub fn edit_hold(
        &mut self,
        name: &str,
        custodians: &[String],
        mailboxes: &[String],
        reason: &str,
        dry_run: bool,
    ) -> Result<HoldReport> {
        self.may(Right::Holds, "hold.edit", name)?;
        let reason = checked_text("the reason", reason)?;
        let named = |list: &[String]| list.iter().map(|name| self.mailbox(name)).collect::<Result<Vec<MailboxName>>>();
        let (custodians, mailboxes) = (named(custodians)?, named(mailboxes)?);
        let hold = self.transact(|state, _| {
            let hold = active(state.hold(name).ok_or_else(|| no_hold(name))?)?;
            let case = hold.case.as_ref().and_then(|id| state.cases.get(id));
            if case.is_none() && !custodians.is_empty() {
                return Err(Error::new(ErrorKind::Usage, format!("the hold {} belongs to no case", hold.name))
                    .with_hint("--add-mailbox adds a mailbox without making its user a custodian"));
            }
            let mut more: Vec<MailboxName> = custodians.iter().chain(&mailboxes).cloned().collect();
            more.retain(|mailbox| !hold.scope.mailboxes.contains(mailbox));
            more.sort();
            more.dedup();
            if more.is_empty() {
                return Err(Error::new(ErrorKind::Usage, format!("the hold {} covers that already", hold.name))
                    .with_hint("custodia hold show names its mailboxes"));
            }
            let mut events = new_custodians(case, custodians);
            events.extend(widened(&hold.id, &more, &reason));
            let mut hold = hold.clone();
            hold.scope.mailboxes.extend(more);
            Ok((if dry_run { vec![] } else { events }, hold))
        })?;
        self.counted(&hold, dry_run).map(|(report, _)| report)
    }

    /// Releases a hold. What it covered stays on hold for the days that the archive's settings say.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; released already; the journal cannot be written.
    pub fn release_hold(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<ReleaseReport> {
        self.may(Right::Holds, "hold.release", name)?;
        let reason = checked_text("the reason", reason)?;
        let (now, days) = (self.clock.now(), i64::from(self.meta.settings.delay_hold_days));
        let second_person = self.second_person();
        let (hold, from) = self.transact(|state, _| {
            let hold = active(state.hold(name).ok_or_else(|| no_hold(name))?)?;
            second_person.agreed(state, ApprovalOf::Release(&hold.id.0))?;
            let at = now.max(state.last_at);
            let delay_until = (days > 0).then(|| Instant(at.0.saturating_add(days * Instant::DAY_MS)));
            let event = Event::HoldReleased { hold: hold.id.clone(), reason, delay_until };
            let released = Hold { delay_until, ..hold.clone() };
            Ok((if dry_run { vec![] } else { vec![event] }, (released, delay_until.unwrap_or(at))))
        })?;
        self.let_go(&hold, from, dry_run)
    }

    /// Ends the delay of a released hold before its time.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; it has no delay that runs; the journal cannot be written.
    pub fn end_delay(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<ReleaseReport> {
        self.may(Right::Holds, "hold.end-delay", name)?;
        let reason = checked_text("the reason", reason)?;
        let now = self.clock.now();
        let second_person = self.second_person();
        let (hold, from) = self.transact(|state, _| {
            let hold = state.hold(name).ok_or_else(|| no_hold(name))?;
            let wrong = |what: &str, hint: &str| {
                Err(Error::new(ErrorKind::Usage, format!("the hold {} {what}", hold.name)).with_hint(hint))
            };
            match hold.binding(now) {
                Some(Binding::Delay(_)) => {}
                Some(Binding::Active) => {
                    return wrong("is active: it has no delay yet", "custodia hold release releases it");
                }
                None => return wrong("binds nothing any more: no delay runs", "custodia hold show says since when"),
            }
            second_person.agreed(state, ApprovalOf::EndDelay(&hold.id.0))?;
            let event = Event::HoldDelayEnded { hold: hold.id.clone(), reason };
            let at = now.max(state.last_at);
            let ended = Hold { delay_until: None, ..hold.clone() };
            Ok((if dry_run { vec![] } else { vec![event] }, (ended, at)))
        })?;
        self.let_go(&hold, from, dry_run)
    }

    /// What a hold lets go of, and what others hold of it all the same.
    fn let_go(&mut self, hold: &Hold, deletable_from: Instant, dry_run: bool) -> Result<ReleaseReport> {
        let (report, covered) = self.counted(hold, dry_run)?;
        let free = self.not_covered_by_others(hold, covered).map_err(|e| recorded(hold, dry_run, e))?;
        let would_become_deletable = free.item_count();
        let still_blocked = report.items - would_become_deletable;
        let delay_until = hold.delay_until;
        Ok(ReleaseReport { report, delay_until, deletable_from, would_become_deletable, still_blocked })
    }
}

impl Archive {
    /// Those of the items of a hold that no other hold covers.
    fn not_covered_by_others(&self, hold: &Hold, mut free: Matched) -> Result<Matched> {
        for other in self.state.binding_holds(self.clock.now()).filter(|other| other.id != hold.id) {
            if other.scope.mailboxes.is_disjoint(&hold.scope.mailboxes) || free.items.is_empty() {
                continue;
            }
            for (mailbox, items) in self.covered(other)?.items {
                if let Some(left) = free.items.get_mut(&mailbox) {
                    *left -= items;
                }
            }
            free.items.retain(|_, items| !items.is_empty());
        }
        Ok(free)
    }
}

fn active(hold: &Hold) -> Result<&Hold> {
    if hold.is_active() {
        return Ok(hold);
    }
    Err(Error::new(ErrorKind::Usage, format!("the hold {} was released already", hold.name))
        .with_hint("custodia hold show says when, by whom and why"))
}
