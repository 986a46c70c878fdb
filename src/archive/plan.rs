//! Deletion plans: a frozen list of items, decided when it is made, shown, and decided again when it is applied.

use super::{
    Archive,
    blocked::{BlockedItems, Blockers},
    case::checked_text,
    matching::behind,
};
use crate::{
    Error, ErrorKind, Result,
    governance::{Blocker, Decision, ItemClearance},
    index::HitRecord,
    model::{
        Event, Instant, MailboxName, Ordinal, PlanBasis, PlanId, PlanStatus, Right,
        event::{BlockedBy, Disposal, ItemRef},
        limits,
    },
    query::Facts,
    state::PlanState,
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a plan is made over.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Items that match a query.
    Query(String),
    /// All items of these messages.
    Ids(Vec<String>),
}

impl Selection {
    /// The query, if it is one.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        match self {
            Self::Query(query) => Some(query),
            Self::Ids(_) => None,
        }
    }

    /// As the journal names it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Query(query) => query.clone(),
            Self::Ids(ids) => format!("{} ids", ids.len()),
        }
    }
}

/// A plan as its items stand now.
#[derive(Clone, Debug, Serialize)]
pub struct PlanReport {
    /// Its id.
    pub plan: PlanId,
    /// The query or list it was made over.
    pub query: String,
    /// Why.
    pub reason: String,
    /// When it was made.
    pub created: Instant,
    /// By whom.
    pub created_by: String,
    /// On what authority it deletes.
    pub basis: PlanBasis,
    /// `planned`, `applying`, `applied`, `cancelled`, `undone`.
    pub status: &'static str,
    /// When something of it was last disposed of.
    pub applied_at: Option<Instant>,
    /// By whom.
    pub applied_by: Option<String>,
    /// Items in it.
    pub matched: u64,
    /// Items of it that could go now.
    pub deletable: u64,
    /// Items of it that are blocked now.
    pub blocked: u64,
    /// Items of it that are gone, or in the recoverable items.
    pub disposed: u64,
    /// Items that lie among the recoverable items because of it.
    pub recoverable: u64,
    /// Until when those can be brought back.
    pub recoverable_until: Option<Instant>,
    /// Bytes of the messages of deletable items.
    pub bytes: u64,
    /// What blocks.
    pub blocked_by: Vec<BlockedBy>,
    /// The same, with who placed it, when, why, until when, and what would end it.
    pub blockers: Vec<BlockedItems>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// An item that stays, and why.
#[derive(Clone, Debug, Serialize)]
pub struct BlockedItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemRef,
    /// Everything that blocks it.
    pub blockers: Vec<Blocker>,
}

/// What the decisions over a list of items came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) deletable: Vec<ItemRef>,
    pub(super) blocked: Vec<BlockedItem>,
    pub(super) gone: u64,
    pub(super) bytes: u64,
    /// What blocks them.
    pub(super) by: Blockers,
}

impl Tally {
    pub(super) fn blocked_by(&self) -> Vec<BlockedBy> {
        self.by.counts()
    }
}

/// Whether an item may go, and if not, what keeps it.
pub(super) type Decided = Result<ItemClearance, Decision>;

impl Archive {
    /// Makes a plan over the items that are selected. Nothing is deleted.
    ///
    /// # Errors
    /// A bad query or id; [`ErrorKind::NotFound`] when nothing matches; the journal cannot be written.
    pub fn plan_deletion(
        &mut self,
        selection: &Selection,
        mailboxes: &[String],
        reason: &str,
        dry_run: bool,
    ) -> Result<PlanReport> {
        self.may(Right::Disposition, "delete.plan", &selection.label())?;
        let reason = checked_text("the reason", reason)?;
        let items = self.selected_items(selection, mailboxes)?;
        if items.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "no item matches; there is nothing to plan")
                .with_hint("custodia search shows what a query matches"));
        }
        self.plan_items(items, &selection.label(), &reason, PlanBasis::Request, dry_run)
    }

    /// Makes a plan over items that were found in whatever way.
    pub(super) fn plan_items(
        &mut self,
        items: Vec<ItemRef>,
        query: &str,
        reason: &str,
        basis: PlanBasis,
        dry_run: bool,
    ) -> Result<PlanReport> {
        let tally = self.tally(&items, &basis, Disposal::Recoverable)?;
        let matched = items.len() as u64;
        let (query, reason) = (query.to_owned(), reason.to_owned());
        let list =
            if dry_run { crate::model::event::ItemList::Inline(Vec::new()) } else { self.journal.store_list(items)? };
        let (archive, deletable) = (self.meta.id.clone(), tally.deletable.len() as u64);
        let plan = self.transact(|_, seq| {
            let plan = PlanId::made(&archive, seq);
            let event = Event::DeletePlanned {
                plan: plan.clone(),
                query: query.clone(),
                reason: reason.clone(),
                basis: basis.clone(),
                matched,
                deletable,
                items: list,
            };
            Ok((if dry_run { vec![] } else { vec![event] }, plan))
        })?;
        Ok(PlanReport {
            plan,
            query,
            reason,
            created: self.clock.now(),
            created_by: self.actor.label().to_owned(),
            basis,
            status: "planned",
            applied_at: None,
            applied_by: None,
            matched,
            deletable,
            blocked: tally.blocked.len() as u64,
            disposed: tally.gone,
            recoverable: 0,
            recoverable_until: None,
            bytes: tally.bytes,
            blocked_by: tally.blocked_by(),
            blockers: tally.by.rows(),
            dry_run,
        })
    }

    /// A plan as its items stand now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; its list is damaged.
    pub fn plan(&self, id: &str) -> Result<PlanReport> {
        self.may_read(Right::Disposition, "delete.show", id)?;
        self.plan_report(id)
    }

    pub(super) fn plan_report(&self, id: &str) -> Result<PlanReport> {
        self.plan_standing(id).map(|(report, _)| report)
    }

    fn plan_standing(&self, id: &str) -> Result<(PlanReport, Vec<BlockedItem>)> {
        let state = self.find_plan(id)?;
        let items = self.journal.load_list(&state.items.to_list())?;
        let tally = self.tally(&items, &state.plan.basis, Disposal::Recoverable)?;
        let mut plan = report(state, self.plan_query(state)?, items.len() as u64, &tally);
        plan.recoverable_until = self.recoverable_until(state);
        Ok((plan, tally.blocked))
    }

    /// What a plan was made over, as its line in the journal says.
    fn plan_query(&self, state: &PlanState) -> Result<String> {
        match self.journal.find(state.plan.seq)?.map(|entry| entry.line.event) {
            Some(Event::DeletePlanned { plan, query, .. }) if plan == state.plan.id => Ok(query),
            _ => {
                Err(Error::new(ErrorKind::Damaged, format!("the journal has no line about the plan {}", state.plan.id))
                    .with_hint("run custodia verify"))
            }
        }
    }

    /// The same, with the items of it that are blocked now, each with everything that blocks it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; its list is damaged.
    pub fn plan_with_blocked(&self, id: &str) -> Result<(PlanReport, Vec<BlockedItem>)> {
        self.may_read(Right::Disposition, "delete.show", id)?;
        self.plan_standing(id)
    }

    /// The whole id of a plan. Decides nothing, and is no view of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn plan_id(&self, id: &str) -> Result<PlanId> {
        Ok(self.find_plan(id)?.plan.id.clone())
    }

    /// Takes a plan back of which nothing was deleted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Usage`] when something of it was deleted; the journal cannot be written.
    pub fn cancel_plan(&mut self, id: &str, reason: &str, dry_run: bool) -> Result<PlanReport> {
        self.may(Right::Disposition, "delete.cancel", id)?;
        let reason = checked_note(reason)?;
        let id = self.find_plan(id)?.plan.id.clone();
        self.transact(|state, _| {
            let status = state.plans.get(&id).map(|plan| plan.plan.status);
            if status != Some(PlanStatus::Planned) {
                let status = status.map_or("gone", PlanStatus::as_str);
                return Err(Error::new(ErrorKind::Usage, format!("the plan {id} cannot be cancelled: it is {status}"))
                    .with_hint("custodia delete undo brings back what it deleted, while that is recoverable"));
            }
            let event = Event::DeleteCancelled { plan: id.clone(), reason };
            Ok((if dry_run { vec![] } else { vec![event] }, ()))
        })?;
        let mut report = self.plan_report(&id.0)?;
        report.dry_run = dry_run;
        Ok(report)
    }

    /// All plans, newest last.
    ///
    /// # Errors
    /// A list is damaged.
    pub fn plans(&self) -> Result<Vec<PlanReport>> {
        self.may_read(Right::Disposition, "delete.list", "")?;
        let mut plans: Vec<&PlanState> = self.state.plans.values().collect();
        plans.sort_by_key(|plan| plan.plan.created);
        plans.into_iter().map(|plan| self.plan_report(&plan.plan.id.0)).collect()
    }

    pub(super) fn find_plan(&self, id: &str) -> Result<&PlanState> {
        self.state.plan(id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no deletion plan {id}"))
                .with_hint("custodia delete list shows them")
        })
    }

    /// The items that are selected, by mailbox.
    pub(super) fn selected_ordinals(
        &self,
        selection: &Selection,
        mailboxes: &[String],
    ) -> Result<BTreeMap<MailboxName, RoaringBitmap>> {
        let mailboxes = self.select_mailboxes(mailboxes)?;
        Ok(match selection {
            Selection::Query(query) => {
                let prepared = self.prepare_strictly(query)?;
                self.matching(&prepared.expr, &mailboxes, true)?.items
            }
            Selection::Ids(ids) => {
                let mut listed = RoaringBitmap::new();
                for id in ids {
                    listed.insert(self.find_message(id)?.ordinal.0);
                }
                let of = |mailbox: &MailboxName| self.state.boxes.get(mailbox).map(|boxes| boxes.present() & &listed);
                mailboxes.into_iter().filter_map(|mailbox| of(&mailbox).map(|items| (mailbox, items))).collect()
            }
        })
    }

    pub(super) fn selected_items(&self, selection: &Selection, mailboxes: &[String]) -> Result<Vec<ItemRef>> {
        self.item_refs(&self.selected_ordinals(selection, mailboxes)?)
    }

    /// Items by mailbox as a list, by message.
    pub(super) fn item_refs(&self, items: &BTreeMap<MailboxName, RoaringBitmap>) -> Result<Vec<ItemRef>> {
        let mut ordinals = RoaringBitmap::new();
        items.values().for_each(|bitmap| ordinals |= bitmap);
        let mut list = Vec::new();
        for chunk in ordinals.iter().map(Ordinal).collect::<Vec<_>>().chunks(limits::BATCH_MESSAGES) {
            for record in self.records(chunk)? {
                for (mailbox, _) in items.iter().filter(|(_, bitmap)| bitmap.contains(record.ordinal.0)) {
                    list.push(ItemRef { ordinal: record.ordinal, id: record.id, mailbox: mailbox.clone() });
                }
            }
        }
        Ok(list)
    }

    /// Decides every item of a list, by evaluating the holds on each; never by the index's counts.
    pub(super) fn tally(&self, items: &[ItemRef], basis: &PlanBasis, how: Disposal) -> Result<Tally> {
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        self.decided(items, basis, how)
    }

    /// The same, of items whose messages are known to be found.
    pub(super) fn decided(&self, items: &[ItemRef], basis: &PlanBasis, how: Disposal) -> Result<Tally> {
        let mut tally = Tally::default();
        tally.gone = self.decide_each(items, basis, how, &mut |item, record, decision| match decision {
            Ok(_) => {
                tally.bytes += record.size;
                tally.deletable.push(item.clone());
            }
            Err(kept) => {
                let blockers = kept.into_blockers();
                tally.by.add(item, blockers.clone());
                tally.blocked.push(BlockedItem { item: item.clone(), blockers });
            }
        })?;
        Ok(tally)
    }

    /// Decides each of these items that is still there, by the rules as they are now. Returns how many are not.
    pub(super) fn decide_each(
        &self,
        items: &[ItemRef],
        basis: &PlanBasis,
        how: Disposal,
        each: &mut dyn FnMut(&ItemRef, &HitRecord, Decided),
    ) -> Result<u64> {
        let rules = self.rules();
        let needed = rules.needs_facts();
        let mut gone = 0;
        let mut last: Option<(HitRecord, Option<Facts>)> = None;
        for item in items {
            if !self.state.boxes.get(&item.mailbox).is_some_and(|boxes| boxes.has(item.ordinal.0)) {
                gone += 1;
                continue;
            }
            // The items of one message follow each other: read its file once.
            if last.as_ref().is_none_or(|(record, _)| record.ordinal != item.ordinal) {
                let record = self.record_of(item.ordinal)?;
                let facts = if needed { self.facts_of(&record).ok() } else { None };
                last = Some((record, facts));
            }
            let Some((record, facts)) = &last else { continue };
            let subject = self.subject(record, &item.mailbox, facts.as_ref());
            each(item, record, self.may_go(record, &subject, basis, how, &rules));
        }
        Ok(gone)
    }
}

fn report(state: &PlanState, query: String, matched: u64, tally: &Tally) -> PlanReport {
    PlanReport {
        plan: state.plan.id.clone(),
        query,
        reason: state.plan.reason.clone(),
        created: state.plan.created,
        created_by: state.plan.created_by.clone(),
        basis: state.plan.basis.clone(),
        status: state.plan.status.as_str(),
        applied_at: state.plan.applied,
        applied_by: state.plan.applied_by.clone(),
        matched,
        deletable: tally.deletable.len() as u64,
        blocked: tally.blocked.len() as u64,
        disposed: state.plan.disposed,
        recoverable: state.recoverable_items(),
        recoverable_until: None,
        bytes: tally.bytes,
        blocked_by: tally.blocked_by(),
        blockers: tally.by.rows(),
        dry_run: false,
    }
}

/// What may be said about a change, and need not be.
pub(super) fn checked_note(text: &str) -> Result<String> {
    if text.is_empty() { Ok(String::new()) } else { checked_text("the reason", text) }
}
