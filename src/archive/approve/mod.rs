//! The second person: somebody else's agreement to the release of a hold, or to carrying out a deletion plan.
//!
//! Contract: with `second_person` in `[settings]` nothing is released, no delay is ended and nothing is deleted without an
//! approval of exactly that: the hold as it stands, its delay, or the plan's frozen items. A widened hold needs a new one, and
//! who agreed to a release did not agree to ending the delay behind it. An approval counts when another
//! account of the operating system recorded it than the one that acts now, or when it is signed with the key of an approver
//! in `archive.toml` who is not the one that acts; another `--actor` name alone never does. Later events do not void it: what
//! they block stays blocked when the plan is applied.

mod sign;

use super::{Archive, case::checked_text};
use crate::{
    Error, ErrorKind, Result,
    model::{Actor, Approval, Binding, Digest, Event, Hold, Instant, Right, Signed, event::ItemList},
    state::{PlanState, State},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What an approval is about.
#[derive(Clone, Copy, Debug)]
pub enum ApprovalOf<'a> {
    /// The release of a hold: name or id.
    Release(&'a str),
    /// Ending the delay of a released hold before its time: name or id.
    EndDelay(&'a str),
    /// A deletion plan: its id.
    Plan(&'a str),
}

/// An approval that was recorded.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalReport {
    /// `hold`, `delay` or `plan`.
    pub kind: &'static str,
    /// Its id.
    pub target: String,
    /// SHA-256 of exactly what was agreed to.
    pub digest: Digest,
    /// The account that recorded it.
    pub os_user: String,
    /// Who agreed: the approver that signed, else who the account said it was.
    pub by: String,
    /// Whether it is signed.
    pub signed: bool,
    /// Why.
    pub reason: String,
    /// Whether the archive asks for approvals at all.
    pub required: bool,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// An approval that was signed elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct SignedApproval<'a> {
    /// The name of the key under `[approvers]`.
    pub approver: &'a str,
    /// The signature: 64 bytes, or their hex or base64.
    pub signature: &'a [u8],
}

impl Archive {
    /// Agrees to the release of a hold, to ending the delay of one that was released, or to a deletion plan, whichever has this
    /// name or id; with `signed`, records that
    /// somebody whose key `archive.toml` names agreed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; a hold that binds nothing any more; a signature that is not of this; the journal cannot be written.
    pub fn approve(
        &mut self,
        target: &str,
        signed: Option<SignedApproval<'_>>,
        reason: &str,
        dry_run: bool,
    ) -> Result<ApprovalReport> {
        self.may(Right::Approve, "approve", target)?;
        let reason = checked_text("the reason", reason)?;
        let (os_user, by) = (self.actor.os_user.clone(), self.actor.label().to_owned());
        let (rule, archive) = (self.second_person(), self.meta.id.clone());
        let now = self.clock.now();
        self.transact(|state, _| {
            let (kind, id, digest) = subject(state, target, now)?;
            let signed = signed.map(|signed| rule.signed(signed, &sign::statement(&archive, kind, &id, &digest)));
            let signed = signed.transpose()?;
            let report = ApprovalReport {
                kind,
                target: id.clone(),
                digest,
                os_user,
                by: signed.as_ref().map_or(by, |signed| signed.approver.clone()),
                signed: signed.is_some(),
                reason: reason.clone(),
                required: rule.required,
                dry_run,
            };
            let event = Event::ApprovalGiven { target: id, digest, signed, reason };
            Ok((if dry_run { vec![] } else { vec![event] }, report))
        })
    }

    /// The text that an approver signs to agree to this hold's release or this plan.
    ///
    /// # Errors
    /// As [`Self::approve`].
    pub fn approval_statement(&self, target: &str) -> Result<String> {
        self.may_read(Right::Approve, "approve.statement", target)?;
        let (kind, id, digest) = subject(&self.state, target, self.clock.now())?;
        Ok(sign::statement(&self.meta.id, kind, &id, &digest))
    }

    /// Whether somebody else agreed, where the archive asks for that. Whoever deletes calls this after catching up.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when an approval is missing.
    pub(super) fn approved(&self, what: ApprovalOf<'_>) -> Result<()> {
        self.second_person().agreed(&self.state, what)
    }

    /// What the archive asks for, to be asked of the state under the append lock.
    pub(super) fn second_person(&self) -> SecondPerson {
        SecondPerson {
            required: self.meta.settings.second_person,
            actor: self.actor.clone(),
            approvers: self.meta.approvers.clone(),
        }
    }
}

/// What an archive asks for, and who acts.
#[derive(Clone, Debug)]
pub(super) struct SecondPerson {
    required: bool,
    actor: Actor,
    approvers: BTreeMap<String, String>,
}

impl SecondPerson {
    /// Whether somebody else agreed to this, where the archive asks for that.
    pub(super) fn agreed(&self, state: &State, what: ApprovalOf<'_>) -> Result<()> {
        if !self.required {
            return Ok(());
        }
        let (kind, name, id, digest) = match what {
            ApprovalOf::Release(name) => {
                let hold = state.hold(name).ok_or_else(|| nothing(name))?;
                ("hold", hold.name.clone(), hold.id.0.clone(), hold_digest(hold)?)
            }
            ApprovalOf::EndDelay(name) => {
                let hold = state.hold(name).ok_or_else(|| nothing(name))?;
                ("delay", hold.name.clone(), hold.id.0.clone(), delay_digest(hold)?)
            }
            ApprovalOf::Plan(name) => {
                let plan = state.plan(name).ok_or_else(|| nothing(name))?;
                ("plan", plan.plan.reason.clone(), plan.plan.id.0.clone(), plan_digest(plan)?)
            }
        };
        let about: Vec<&Approval> = state.approvals.iter().filter(|approval| approval.target == id).collect();
        match about.iter().any(|approval| approval.digest == digest && self.counts(approval)) {
            true => Ok(()),
            false => Err(self.missing(kind, &name, &id, &digest, &about)),
        }
    }

    /// Whether an approval is somebody else's than the actor's.
    fn counts(&self, approval: &Approval) -> bool {
        match &approval.signed {
            None => approval.os_user != self.actor.os_user,
            Some(signed) => {
                let listed = self.approvers.get(&signed.approver).and_then(|key| sign::public_key(key).ok());
                // Claiming another name does not make one somebody else.
                let is_own = |name: &str| signed.approver.to_lowercase() == name.to_lowercase();
                let own = is_own(self.actor.label()) || is_own(&self.actor.os_user);
                !own && listed.is_some_and(|key| sign::key_text(&key) == signed.key)
            }
        }
    }

    /// Checks a signature against the key that `archive.toml` gives the approver.
    fn signed(&self, signed: SignedApproval<'_>, statement: &str) -> Result<Signed> {
        let key = self.approvers.get(signed.approver).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("archive.toml names no approver {}", signed.approver))
                .with_hint("under [approvers]: name = \"the Ed25519 public key, hex or base64\"")
        })?;
        let key = sign::public_key(key)?;
        let signature = sign::check(&key, statement, signed.signature)?;
        Ok(Signed { approver: signed.approver.to_owned(), key: sign::key_text(&key), signature })
    }

    fn missing(&self, kind: &str, name: &str, id: &str, digest: &Digest, about: &[&Approval]) -> Error {
        let why = match about.last() {
            None => "nobody agreed to it yet".to_owned(),
            Some(last) if last.digest != *digest => format!("it changed since {} agreed to it at {}", last.by, last.at),
            Some(last) if last.signed.is_some() => {
                format!("the approval of {} is by who acts now, or its key is not in archive.toml", last.at)
            }
            Some(last) => {
                format!("only the account {} itself agreed to it, as {}, at {}", last.os_user, last.by, last.at)
            }
        };
        let given: Vec<_> = about
            .iter()
            .map(|a| {
                serde_json::json!({
                    "at": a.at, "by": a.by, "account": a.os_user, "signed": a.signed.is_some(),
                    "current": a.digest == *digest,
                })
            })
            .collect();
        // A plan has no name but its id; what stands for one is its reason.
        let what = match kind {
            "plan" => format!("plan {id} ({name})"),
            "delay" => format!("end of the delay of the hold {name} ({id})"),
            _ => format!("release of the hold {name} ({id})"),
        };
        Error::new(
            ErrorKind::Held,
            format!("a second person must agree to the {what}, and {why}; nothing was changed"),
        )
        .with_hint(format!(
            "somebody with another account of this machine runs: custodia approve {id} --reason TEXT; or give a signed \
             approval: custodia approve --help"
        ))
        .with_details(serde_json::json!({
            "blockers": [{"kind": "second_person", "id": id, "name": name, "why": why, "approvals": given,
                "ends_when": "somebody with another account or a listed key approves it"}],
        }))
    }
}

/// The hold or plan of this name or id that can still be agreed to.
fn subject(state: &State, target: &str, now: Instant) -> Result<(&'static str, String, Digest)> {
    if let Some(hold) = state.hold(target) {
        return match hold.binding(now) {
            Some(Binding::Active) => Ok(("hold", hold.id.0.clone(), hold_digest(hold)?)),
            Some(Binding::Delay(_)) => Ok(("delay", hold.id.0.clone(), delay_digest(hold)?)),
            None => Err(Error::new(ErrorKind::Usage, format!("the hold {} was released already", hold.name))
                .with_hint("custodia hold show says when, by whom and why")),
        };
    }
    match state.plan(target) {
        Some(plan) => Ok(("plan", plan.plan.id.0.clone(), plan_digest(plan)?)),
        None => Err(nothing(target)),
    }
}

fn nothing(target: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no hold and no deletion plan {target}"))
        .with_hint("custodia hold list and custodia delete list show them")
}

/// SHA-256 of a hold as it stands: id and scope. Anything that widens it makes another one.
fn hold_digest(hold: &Hold) -> Result<Digest> {
    json_digest(&(&hold.id, &hold.scope, hold.days))
}

/// SHA-256 of a released hold in its delay: never that of its release.
fn delay_digest(hold: &Hold) -> Result<Digest> {
    json_digest(&("delay", &hold.id, &hold.scope, hold.days, hold.delay_until))
}

/// SHA-256 of a plan: id, query and the frozen list of its items.
fn plan_digest(plan: &PlanState) -> Result<Digest> {
    let items = match plan.items.to_list() {
        ItemList::List(digest) => digest,
        inline @ ItemList::Inline(_) => json_digest(&inline)?,
    };
    json_digest(&(&plan.plan.id, plan.plan.seq, items))
}

fn json_digest(value: &impl Serialize) -> Result<Digest> {
    let bytes = serde_json::to_vec(value).map_err(|e| Error::bug(format!("an approval cannot be made: {e}")))?;
    Ok(Digest::of(&bytes))
}
