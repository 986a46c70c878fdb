//! The floor and the policies.

use super::{
    checked_terms, free_name, held, no_policy,
    request::{PolicyEdit, PolicyRequest, edited_scope, edited_terms},
    rule_name, stamp,
};
use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, case::checked_text},
    model::{Event, Floor, Instant, MailboxName, Period, Policy, PolicyId, PolicyScope, Right, Seq, limits},
    state::State,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// The floor of the archive.
#[derive(Clone, Debug, Serialize)]
pub struct FloorReport {
    /// The floor; `None`: there is none.
    pub minimum: Option<Floor>,
    /// What it was before.
    pub before: Option<Period>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A policy and what it is about now.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyRow {
    /// The policy.
    #[serde(flatten)]
    pub policy: Policy,
    /// `active`, `locked`, `removed`.
    pub status: &'static str,
    /// After how long a deletion is due by it.
    pub deletes_after: Option<Period>,
    /// The mailboxes that it is about now.
    pub covers: Vec<MailboxName>,
    /// The items of those mailboxes.
    pub items: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Archive {
    /// The floor as it is. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`].
    pub fn minimum_retention(&self) -> Result<FloorReport> {
        self.may_read(Right::SeeHolds, "retention.minimum", "")?;
        Ok(FloorReport { minimum: self.state.schedule.floor.clone(), before: None, dry_run: false })
    }

    /// Sets the floor, or extends it.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when it would be shorter than it is; the journal cannot be written.
    pub fn set_minimum_retention(&mut self, keep: Period, reason: &str, dry_run: bool) -> Result<FloorReport> {
        self.may(Right::Retention, "retention.minimum", "")?;
        let reason = checked_text("the reason", reason)?;
        let now = self.clock.now();
        let who = self.actor.label().to_owned();
        let done = self.transact(|state, seq| {
            let before = state.schedule.floor.as_ref().map(|floor| floor.keep);
            if let Some(before) = before.filter(|before| !keep.is_at_least(*before)) {
                let message =
                    format!("the minimum retention is {before}; {keep} is not at least as long for every date");
                return Err(held(message, "a minimum retention is only ever extended")
                    .with_details(serde_json::json!({"minimum": before, "asked": keep})));
            }
            let set = stamp(state, now, &who, &reason, seq);
            let report = FloorReport { minimum: Some(Floor { keep, set }), before, dry_run };
            Ok((if dry_run { vec![] } else { vec![Event::FloorSet { keep, reason }] }, report))
        });
        done.map_err(|error| self.refused("minimum", crate::governance::FLOOR_ID, dry_run, error))
    }

    /// Makes a policy. In force for every process when this returns.
    ///
    /// # Errors
    /// A name that is taken, an unknown mailbox or group, terms that say nothing; the journal cannot be written.
    pub fn add_policy(&mut self, request: &PolicyRequest, dry_run: bool) -> Result<PolicyRow> {
        self.may(Right::Retention, "retention.policy.add", &request.name)?;
        let (name, reason) = (rule_name(&request.name)?, checked_text("the reason", &request.reason)?);
        checked_terms(&request.terms)?;
        let scope = self.new_scope(request)?;
        fits_a_line(&scope)?;
        let (now, archive) = (self.clock.now(), self.meta.id.clone());
        let by = self.actor.label().to_owned();
        let policy = self.transact(|state, seq| {
            free_name(state, &name)?;
            let change = |seq| stamp(state, now, &by, &reason, seq);
            let mut policy = Policy {
                id: PolicyId::made(&archive, seq),
                name,
                terms: request.terms,
                scope,
                added: change(seq),
                edited: None,
                locked: None,
                removed: None,
            };
            let mut events = vec![Event::PolicyAdded { policy: Box::new(policy.clone()) }];
            if request.lock {
                events.push(Event::PolicyLocked { policy: policy.id.clone(), reason: reason.clone() });
                policy.locked = Some(change(Seq(seq.0 + 1)));
            }
            Ok((if dry_run { vec![] } else { events }, policy))
        })?;
        Ok(self.policy_row(&policy, dry_run))
    }

    /// Changes the periods or the scope of a policy; never its name, never what it counts from.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Held`] when a locked policy would keep less or fewer, or when nothing would be
    /// left of the scope; the journal cannot be written.
    pub fn edit_policy(&mut self, name: &str, edit: &PolicyEdit, dry_run: bool) -> Result<PolicyRow> {
        self.may(Right::Retention, "retention.policy.edit", name)?;
        let reason = checked_text("the reason", &edit.reason)?;
        let addresses = self.edit_addresses(edit)?;
        let now = self.clock.now();
        let by = self.actor.label().to_owned();
        let done = self.transact(|state, seq| {
            let old = active(state, name)?;
            let (terms, scope) = (edited_terms(old, edit)?, edited_scope(state, old, edit, &addresses)?);
            checked_terms(&terms)?;
            fits_a_line(&scope)?;
            if old.locked.is_some() {
                may_change_locked(old, &Policy { terms, scope: scope.clone(), ..old.clone() })?;
            }
            if (terms, &scope) == (old.terms, &old.scope) {
                return Err(Error::new(ErrorKind::Usage, format!("the policy {} is like that already", old.name))
                    .with_hint("give a period or mailboxes that it does not have"));
            }
            let change = stamp(state, now, &by, &reason, seq);
            let policy = Policy { terms, scope: scope.clone(), edited: Some(change), ..old.clone() };
            let event = Event::PolicyEdited { policy: policy.id.clone(), terms, scope: Box::new(scope), reason };
            Ok((if dry_run { vec![] } else { vec![event] }, policy))
        });
        let policy = done.map_err(|error| self.refused("edit", name, dry_run, error))?;
        Ok(self.policy_row(&policy, dry_run))
    }

    /// Locks a policy: from now on it only gets longer and wider. Nothing takes that back.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; it is locked; the journal cannot be written.
    pub fn lock_policy(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<PolicyRow> {
        self.may(Right::Retention, "retention.policy.lock", name)?;
        let reason = checked_text("the reason", reason)?;
        let now = self.clock.now();
        let by = self.actor.label().to_owned();
        let policy = self.transact(|state, seq| {
            let policy = active(state, name)?;
            if let Some(locked) = &policy.locked {
                let message = format!("the policy {} is locked since {}", policy.name, locked.at);
                return Err(
                    Error::new(ErrorKind::Usage, message).with_hint("a lock is for ever; there is nothing to do")
                );
            }
            let event = Event::PolicyLocked { policy: policy.id.clone(), reason: reason.clone() };
            let change = stamp(state, now, &by, &reason, seq);
            Ok((if dry_run { vec![] } else { vec![event] }, Policy { locked: Some(change), ..policy.clone() }))
        })?;
        Ok(self.policy_row(&policy, dry_run))
    }

    /// Removes a policy. What it kept is kept by nothing of it any more.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Held`] when it is locked; the journal cannot be written.
    pub fn remove_policy(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<PolicyRow> {
        self.may(Right::Retention, "retention.policy.remove", name)?;
        let reason = checked_text("the reason", reason)?;
        let now = self.clock.now();
        let by = self.actor.label().to_owned();
        let done = self.transact(|state, seq| {
            let policy = active(state, name)?;
            if policy.locked.is_some() {
                return Err(locked(policy, "cannot be removed"));
            }
            let event = Event::PolicyRemoved { policy: policy.id.clone(), reason: reason.clone() };
            let change = stamp(state, now, &by, &reason, seq);
            Ok((if dry_run { vec![] } else { vec![event] }, Policy { removed: Some(change), ..policy.clone() }))
        });
        let policy = done.map_err(|error| self.refused("remove", name, dry_run, error))?;
        Ok(self.policy_row(&policy, dry_run))
    }

    /// One policy, also a removed one. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::NotAllowed`].
    pub fn policy(&self, name: &str) -> Result<PolicyRow> {
        self.may_read(Right::SeeHolds, "retention.policy.show", name)?;
        self.state.policy(name).map(|policy| self.policy_row(policy, false)).ok_or_else(|| no_policy(name))
    }

    /// The policies in force, or all, in the order of their making. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`].
    pub fn policies(&self, all: bool) -> Result<Vec<PolicyRow>> {
        self.may_read(Right::SeeHolds, "retention.policy.list", "")?;
        let mut policies: Vec<&Policy> =
            self.state.schedule.policies.values().filter(|policy| all || policy.is_active()).collect();
        policies.sort_by_key(|policy| policy.added.seq);
        Ok(policies.into_iter().map(|policy| self.policy_row(policy, false)).collect())
    }

    fn policy_row(&self, policy: &Policy, dry_run: bool) -> PolicyRow {
        let covers: Vec<MailboxName> =
            self.every_mailbox().into_iter().filter(|mailbox| policy.scope.covers(mailbox)).cloned().collect();
        let items = covers.iter().filter_map(|mailbox| self.state.boxes.get(mailbox)).map(|b| b.present().len()).sum();
        PolicyRow {
            status: match (&policy.removed, &policy.locked) {
                (Some(_), _) => "removed",
                (None, Some(_)) => "locked",
                (None, None) => "active",
            },
            deletes_after: policy.terms.delete(),
            covers,
            items,
            policy: policy.clone(),
            dry_run,
        }
    }

    /// Every mailbox of the directory, and every other that has items.
    pub(super) fn every_mailbox(&self) -> BTreeSet<&MailboxName> {
        self.state.users.keys().chain(self.state.boxes.keys()).collect()
    }
}

fn active<'a>(state: &'a State, name: &str) -> Result<&'a Policy> {
    let policy = state.policy(name).ok_or_else(|| no_policy(name))?;
    match &policy.removed {
        None => Ok(policy),
        Some(removed) => Err(Error::new(
            ErrorKind::Usage,
            format!("the policy {} was removed {} by {}", policy.name, removed.at, removed.by),
        )
        .with_hint("make another one; names are not used twice")),
    }
}

/// A locked policy gets longer and wider, nothing else.
fn may_change_locked(old: &Policy, new: &Policy) -> Result<()> {
    if !new.terms.no_shorter_than(&old.terms) {
        return Err(locked(old, "cannot be shortened"));
    }
    if !new.scope.contains(&old.scope) {
        return Err(locked(old, "cannot lose mailboxes"));
    }
    Ok(())
}

fn locked(policy: &Policy, what: &str) -> Error {
    let (at, by, why) = match &policy.locked {
        Some(lock) => (lock.at, lock.by.as_str(), lock.reason.as_str()),
        None => (Instant(0), "", ""),
    };
    held(
        format!("the policy {} has a preservation lock and {what}; nothing was changed", policy.name),
        "a lock is for ever: mailboxes can be added and periods extended",
    )
    .with_details(serde_json::json!({
        "policy": policy.id, "name": policy.name, "locked_at": at, "locked_by": by, "reason": why,
    }))
}

/// A scope stands in one line of the journal.
fn fits_a_line(scope: &PolicyScope) -> Result<()> {
    /// Bytes of a line that are left for what stands beside the scope.
    const BESIDE: usize = 20 * 1024;
    let bytes = serde_json::to_string(scope).map_or(usize::MAX, |text| text.len());
    if bytes <= limits::JOURNAL_LINE_BYTES - BESIDE {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "the policy names more mailboxes than fit a line of the journal (about 1,000)")
        .with_hint("use --all-mailboxes with exceptions, or several policies"))
}
