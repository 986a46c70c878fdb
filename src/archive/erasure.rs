//! Requests for erasure: what a person takes part in is found, what is free is planned, what is blocked is refused and
//! remembered, and proposed again when its last blocker ends.
//!
//! Contract: a request deletes nothing; its plans are applied as any other. Its items are those that were found when it was
//! made: what the person was looked for by is not kept. A message that only names them is counted for a person to look
//! at, never planned.

use super::{Archive, Subject, SubjectParty, case::checked_text, plan::PlanReport};
use crate::{
    Error, ErrorKind, Result,
    model::{
        Erasure, ErasureId, Event, Instant, MailboxName, MessageId, Ordinal, PlanBasis, PlanId, PlanStatus, Right,
        event::{BlockedBy, Disposal, ItemRef},
        limits,
    },
    state::ErasureState,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A request as its items stand now.
#[derive(Clone, Debug, Serialize)]
pub struct ErasureReport {
    /// The request.
    #[serde(flatten)]
    pub request: Erasure,
    /// `open` or `completed`.
    pub status: &'static str,
    /// Items of it that are in the archive, live or recoverable.
    pub present: u64,
    /// Items that are gone.
    pub gone: u64,
    /// Items among the recoverable items.
    pub recoverable: u64,
    /// Items that are in a plan that can still be applied.
    pub planned: u64,
    /// Items that could go now and are in no plan.
    pub free: u64,
    /// Items that are blocked now: the restriction.
    pub restricted: u64,
    /// By what.
    pub blocked_by: Vec<BlockedBy>,
    /// Its plans, oldest first.
    pub plans: Vec<PlanId>,
    /// When it was closed.
    pub completed_at: Option<Instant>,
    /// By whom.
    pub completed_by: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// What making a request, or proposing what became free, did.
#[derive(Clone, Debug, Serialize)]
pub struct ErasureMade {
    /// The request.
    #[serde(flatten)]
    pub report: ErasureReport,
    /// The parties that were taken for the person; empty where nobody was looked for.
    pub parties: Vec<SubjectParty>,
    /// Parties beyond those.
    pub more_parties: u64,
    /// The plan over what is free; `None` if nothing is.
    pub plan: Option<PlanReport>,
}

/// A person's data, for the answer to a request for access.
#[derive(Clone, Debug, Serialize)]
pub struct ErasureData {
    /// The request.
    #[serde(flatten)]
    pub report: ErasureReport,
    /// Messages of it that are in the archive.
    pub messages: u64,
    /// The first of them.
    pub first: Option<Instant>,
    /// The last of them.
    pub last: Option<Instant>,
    /// Items by mailbox.
    pub mailboxes: BTreeMap<MailboxName, u64>,
    /// Messages by conversation.
    pub conversations: BTreeMap<String, u64>,
    /// The ids of the messages.
    pub ids: Vec<MessageId>,
}

/// The items of a request, sorted by how they stand.
#[derive(Default)]
struct Standing {
    present: Vec<ItemRef>,
    gone: u64,
    recoverable: u64,
    planned: u64,
    free: Vec<ItemRef>,
    blocked: u64,
    blocked_by: Vec<BlockedBy>,
}

impl Archive {
    /// Finds what a person takes part in, records the request, plans what is free and remembers what is not.
    ///
    /// # Errors
    /// A name, reference or reason that cannot be; the index is behind; the journal cannot be written.
    pub fn request_erasure(
        &mut self,
        subject: &Subject,
        subject_ref: &str,
        reason: &str,
        dry_run: bool,
    ) -> Result<ErasureMade> {
        self.may(Right::Disposition, "erasure.request", "")?;
        let (subject_ref, reason) = (checked_text("the reference", subject_ref)?, checked_text("the reason", reason)?);
        let takes_part = self.takes_part(subject)?;
        let mailboxes = self.select_mailboxes(&[])?;
        let matched = self.matching(&takes_part, &mailboxes, true)?;
        let items = self.item_refs(&matched.items)?;
        let (parties, more_parties) = self.parties(subject, &items)?;
        let mentions = self.mentions(subject, takes_part, &mailboxes)?;
        let (count, list) = (items.len() as u64, items.clone());
        let list = if dry_run { Vec::new() } else { list };
        let list = self.journal.store_list(list)?;
        let (archive, who, now) = (self.meta.id.clone(), self.actor.label().to_owned(), self.clock.now());
        let request = self.transact(|state, seq| {
            let request = Erasure {
                id: ErasureId::made(&archive, seq),
                subject_ref,
                by: subject.key(),
                reason,
                created: now.max(state.last_at),
                created_by: who,
                matched: count,
                mentions,
            };
            let event = Event::ErasureRequested { request: Box::new(request.clone()), items: list };
            Ok((if dry_run { vec![] } else { vec![event] }, request))
        })?;
        let standing = self.standing(&items, &[])?;
        let plan = self.propose(&request, &standing, dry_run)?;
        let report = match dry_run {
            true => report(&request, None, &standing, true),
            false => self.erasure_report(&request.id.0)?,
        };
        Ok(ErasureMade { report, parties, more_parties, plan })
    }

    /// Plans what became free of a request since.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Held`] when nothing of it is free and something is blocked;
    /// [`ErrorKind::Usage`] when nothing is left to plan; the journal cannot be written.
    pub fn plan_erasure(&mut self, id: &str, dry_run: bool) -> Result<ErasureMade> {
        self.may(Right::Disposition, "erasure.plan", id)?;
        let state = self.find_erasure(id)?.clone();
        let standing = self.standing_of(&state)?;
        if standing.free.is_empty() {
            self.remember_blocked(&state.request, &standing, dry_run)?;
            return Err(nothing_to_plan(&state, &standing));
        }
        let plan = self.propose(&state.request, &standing, dry_run)?;
        let mut report = self.erasure_report(&state.request.id.0)?;
        report.dry_run = dry_run;
        Ok(ErasureMade { report, parties: Vec::new(), more_parties: 0, plan })
    }

    /// Makes the plan over what is free, and records what is not.
    fn propose(&mut self, request: &Erasure, standing: &Standing, dry_run: bool) -> Result<Option<PlanReport>> {
        self.remember_blocked(request, standing, dry_run)?;
        if standing.free.is_empty() {
            return Ok(None);
        }
        let basis = PlanBasis::Erasure(request.id.to_string());
        let query = format!("erasure request {}", request.id);
        self.plan_items(standing.free.clone(), &query, &request.reason, basis, dry_run).map(Some)
    }

    /// Records what of a request is blocked: the restriction, and the attempt.
    fn remember_blocked(&mut self, request: &Erasure, standing: &Standing, dry_run: bool) -> Result<()> {
        if standing.blocked == 0 || dry_run {
            return Ok(());
        }
        let (items, blocked_by) = (standing.blocked, standing.blocked_by.clone());
        self.record(vec![Event::ErasureRestricted { request: request.id.clone(), items, blocked_by }])
    }

    /// A request as its items stand now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; its list is damaged.
    pub fn erasure(&self, id: &str) -> Result<ErasureReport> {
        self.may_read(Right::Disposition, "erasure.show", id)?;
        self.erasure_report(id)
    }

    /// The same as part of another operation, which says by itself what it did.
    fn erasure_report(&self, id: &str) -> Result<ErasureReport> {
        let state = self.find_erasure(id)?;
        Ok(report(&state.request, Some(state), &self.standing_of(state)?, false))
    }

    /// All requests, oldest first.
    ///
    /// # Errors
    /// A list is damaged.
    pub fn erasures(&self) -> Result<Vec<ErasureReport>> {
        self.may_read(Right::Disposition, "erasure.list", "")?;
        let mut all: Vec<&ErasureState> = self.state.erasures.values().collect();
        all.sort_by_key(|state| state.request.created);
        all.into_iter().map(|state| self.erasure_report(&state.request.id.0)).collect()
    }

    /// A person's data as far as it is still here.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; its list is damaged.
    pub fn erasure_data(&self, id: &str) -> Result<ErasureData> {
        self.may_read(Right::Disposition, "erasure.data", id)?;
        let state = self.find_erasure(id)?;
        let standing = self.standing_of(state)?;
        let mut data = ErasureData {
            report: report(&state.request, Some(state), &standing, false),
            messages: 0,
            first: None,
            last: None,
            mailboxes: BTreeMap::new(),
            conversations: BTreeMap::new(),
            ids: Vec::new(),
        };
        for item in &standing.present {
            *data.mailboxes.entry(item.mailbox.clone()).or_default() += 1;
        }
        let ordinals: BTreeSet<Ordinal> = standing.present.iter().map(|item| item.ordinal).collect();
        let ordinals: Vec<Ordinal> = ordinals.into_iter().collect();
        for chunk in ordinals.chunks(limits::BATCH_MESSAGES) {
            for record in self.records(chunk)? {
                data.messages += 1;
                data.first = [data.first, record.sent].into_iter().flatten().min();
                data.last = data.last.max(record.sent);
                *data.conversations.entry(record.conversation.id.clone()).or_default() += 1;
                data.ids.push(record.id);
            }
        }
        Ok(data)
    }

    /// Closes a request of which nothing is left.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Held`] while something is blocked; [`ErrorKind::Usage`] while something is
    /// not purged, or when it was closed before.
    pub fn complete_erasure(&mut self, id: &str, reason: &str, dry_run: bool) -> Result<ErasureReport> {
        self.may(Right::Disposition, "erasure.complete", id)?;
        let reason = checked_text("the reason", reason)?;
        let state = self.find_erasure(id)?.clone();
        let standing = self.standing_of(&state)?;
        if state.completed.is_none() {
            self.remember_blocked(&state.request, &standing, dry_run)?;
        }
        may_complete(&state, &standing)?;
        let request = state.request.id.clone();
        if !dry_run {
            self.record(vec![Event::ErasureCompleted { request: request.clone(), reason }])?;
        }
        let mut report = self.erasure_report(&request.0)?;
        report.dry_run = dry_run;
        Ok(report)
    }

    fn find_erasure(&self, id: &str) -> Result<&ErasureState> {
        self.state.erasure(id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no erasure request {id}"))
                .with_hint("custodia erasure list shows them")
        })
    }

    fn standing_of(&self, state: &ErasureState) -> Result<Standing> {
        let items = self.journal.load_list(&state.items.to_list())?;
        self.standing(&items, &state.plans)
    }

    fn standing(&self, items: &[ItemRef], plans: &[PlanId]) -> Result<Standing> {
        let mut planned: BTreeSet<ItemRef> = BTreeSet::new();
        for plan in plans.iter().filter_map(|plan| self.state.plans.get(plan)) {
            // Of a plan that was applied, what it left behind because it was blocked is in no plan any more.
            let waits = |item: &ItemRef| match plan.plan.status {
                PlanStatus::Planned | PlanStatus::Applying => true,
                PlanStatus::Applied => plan.has_recoverable(item),
                PlanStatus::Cancelled | PlanStatus::Undone => false,
            };
            planned.extend(self.journal.load_list(&plan.items.to_list())?.into_iter().filter(waits));
        }
        let tally = self.tally(items, &PlanBasis::Request, Disposal::Recoverable)?;
        let mut standing = Standing { gone: tally.gone, blocked_by: tally.blocked_by(), ..Standing::default() };
        standing.blocked = tally.blocked.len() as u64;
        for item in tally.deletable.into_iter().chain(tally.blocked.into_iter().map(|blocked| blocked.item)) {
            let recoverable =
                self.state.boxes.get(&item.mailbox).is_some_and(|b| b.recoverable.contains(item.ordinal.0));
            standing.recoverable += u64::from(recoverable);
            standing.present.push(item);
        }
        let blocked = standing.blocked as usize;
        let deletable = standing.present.len().saturating_sub(blocked);
        for item in standing.present.iter().take(deletable) {
            if planned.contains(item) {
                standing.planned += 1;
            } else {
                standing.free.push(item.clone());
            }
        }
        Ok(standing)
    }

    /// How many items of open requests became free and are in no plan.
    pub(super) fn erasable(&self) -> Result<u64> {
        let mut free = 0;
        for state in self.state.erasures.values().filter(|state| state.completed.is_none()) {
            free += self.standing_of(state)?.free.len() as u64;
        }
        Ok(free)
    }
}

fn report(request: &Erasure, state: Option<&ErasureState>, standing: &Standing, dry_run: bool) -> ErasureReport {
    ErasureReport {
        request: request.clone(),
        status: if state.is_some_and(|state| state.completed.is_some()) { "completed" } else { "open" },
        present: standing.present.len() as u64,
        gone: standing.gone,
        recoverable: standing.recoverable,
        planned: standing.planned,
        free: standing.free.len() as u64,
        restricted: standing.blocked,
        blocked_by: standing.blocked_by.clone(),
        plans: state.map(|state| state.plans.clone()).unwrap_or_default(),
        completed_at: state.and_then(|state| state.completed),
        completed_by: state.and_then(|state| state.completed_by.clone()),
        answer: state.and_then(|state| state.answer.clone()),
        dry_run,
    }
}

fn nothing_to_plan(state: &ErasureState, standing: &Standing) -> Error {
    let id = &state.request.id;
    if standing.blocked > 0 {
        return restricted(id, standing);
    }
    let (why, hint) = match standing.planned {
        0 => ("nothing of it is left", format!("custodia erasure complete {id} --reason TEXT closes it")),
        _ => ("everything of it that is free is in a plan", format!("custodia erasure show {id} names the plans")),
    };
    Error::new(ErrorKind::Usage, format!("there is nothing to plan for {id}: {why}")).with_hint(hint)
}

fn may_complete(state: &ErasureState, standing: &Standing) -> Result<()> {
    let id = &state.request.id;
    if state.completed.is_some() {
        return Err(Error::new(ErrorKind::Usage, format!("the erasure request {id} was closed before"))
            .with_hint("custodia erasure show says when and by whom"));
    }
    if standing.blocked > 0 {
        return Err(restricted(id, standing));
    }
    if !standing.present.is_empty() {
        let left = standing.present.len();
        return Err(Error::new(ErrorKind::Usage, format!("{left} items of the request {id} are still in the archive"))
            .with_hint("apply its plans with --purge: custodia erasure show names them"));
    }
    Ok(())
}

/// The refusal that names what blocks; `remember_blocked` has recorded it.
fn restricted(id: &ErasureId, standing: &Standing) -> Error {
    let rows: Vec<String> =
        standing.blocked_by.iter().map(|by| format!("\n  {:>6}  {} {}", by.items, by.kind, by.name)).collect();
    let example = standing.present.last().map(|item| item.id.to_string()).unwrap_or_default();
    Error::new(
        ErrorKind::Held,
        format!(
            "{} items of the request {id} may not be deleted; nothing was changed{}",
            standing.blocked,
            rows.concat()
        ),
    )
    .with_hint(format!("custodia hold explain {example} says why and what would end it; the request stays open"))
    .with_details(serde_json::json!({
        "request": id, "blocked": standing.blocked, "blocked_by": standing.blocked_by, "example": example,
    }))
    .as_recorded()
}
