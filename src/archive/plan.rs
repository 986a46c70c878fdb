//! Deletion plans: a frozen list of items, decided when it is made, shown, and decided again when it is applied.

use super::{Archive, case::checked_text, matching::behind};
use crate::{
    Error, ErrorKind, Result,
    governance::{ActiveHold, Decision, decide},
    model::{
        Event, Instant, MailboxName, Ordinal, PlanId,
        event::{BlockedBy, ItemRef},
        limits,
    },
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
    /// `planned`, `applying`, `applied`.
    pub status: &'static str,
    /// Items in it.
    pub matched: u64,
    /// Items of it that could go now.
    pub deletable: u64,
    /// Items of it that are blocked now.
    pub blocked: u64,
    /// Items of it that are gone, or in the recoverable items.
    pub disposed: u64,
    /// Bytes of the messages of deletable items.
    pub bytes: u64,
    /// What blocks.
    pub blocked_by: Vec<BlockedBy>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// What the decisions over a list of items came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) deletable: Vec<ItemRef>,
    pub(super) blocked: Vec<ItemRef>,
    pub(super) gone: u64,
    pub(super) bytes: u64,
    pub(super) by: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn blocked_by(&self) -> Vec<BlockedBy> {
        let row =
            |(name, items): (&String, &u64)| BlockedBy { kind: "hold".to_owned(), name: name.clone(), items: *items };
        self.by.iter().map(row).collect()
    }
}

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
        let reason = checked_text("the reason", reason)?;
        let items = self.selected_items(selection, mailboxes)?;
        if items.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "no item matches; there is nothing to plan")
                .with_hint("custodia search shows what a query matches"));
        }
        let tally = self.tally(&items)?;
        let matched = items.len() as u64;
        let list =
            if dry_run { crate::model::event::ItemList::Inline(Vec::new()) } else { self.journal.store_list(items)? };
        let (query, archive, deletable) = (selection.label(), self.meta.id.clone(), tally.deletable.len() as u64);
        let plan = self.transact(|_, seq| {
            let plan = PlanId::made(&archive, seq);
            let event = Event::DeletePlanned {
                plan: plan.clone(),
                query: query.clone(),
                reason: reason.clone(),
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
            status: "planned",
            matched,
            deletable,
            blocked: tally.blocked.len() as u64,
            disposed: tally.gone,
            bytes: tally.bytes,
            blocked_by: tally.blocked_by(),
            dry_run,
        })
    }

    /// A plan as its items stand now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; its list is damaged.
    pub fn plan(&self, id: &str) -> Result<PlanReport> {
        let state = self.find_plan(id)?;
        let items = self.journal.load_list(&state.items.to_list())?;
        let tally = self.tally(&items)?;
        Ok(report(state, items.len() as u64, &tally))
    }

    /// All plans, newest last.
    ///
    /// # Errors
    /// A list is damaged.
    pub fn plans(&self) -> Result<Vec<PlanReport>> {
        let mut plans: Vec<&PlanState> = self.state.plans.values().collect();
        plans.sort_by_key(|plan| plan.plan.created);
        plans.into_iter().map(|plan| self.plan(&plan.plan.id.0)).collect()
    }

    pub(super) fn find_plan(&self, id: &str) -> Result<&PlanState> {
        self.state.plan(id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no deletion plan {id}"))
                .with_hint("custodia delete list shows them")
        })
    }

    fn selected_items(&self, selection: &Selection, mailboxes: &[String]) -> Result<Vec<ItemRef>> {
        let mailboxes = self.select_mailboxes(mailboxes)?;
        let items: BTreeMap<MailboxName, RoaringBitmap> = match selection {
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
        };
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
    pub(super) fn tally(&self, items: &[ItemRef]) -> Result<Tally> {
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let holds: Vec<ActiveHold<'_>> = self.state.active_holds().map(ActiveHold::new).collect();
        let mut tally = Tally::default();
        let mut last: Option<(crate::index::HitRecord, Option<crate::query::Facts>)> = None;
        for item in items {
            if !self.state.boxes.get(&item.mailbox).is_some_and(|boxes| boxes.has(item.ordinal.0)) {
                tally.gone += 1;
                continue;
            }
            // The items of one message follow each other: read its file once.
            if last.as_ref().is_none_or(|(record, _)| record.ordinal != item.ordinal) {
                let record = self.record_of(item.ordinal)?;
                let needed = holds.iter().any(ActiveHold::needs_facts);
                let facts = if needed { self.facts_of(&record).ok() } else { None };
                last = Some((record, facts));
            }
            let Some((record, facts)) = &last else { continue };
            match decide(&self.subject(record, &item.mailbox, facts.as_ref()), &holds) {
                Decision::Dispose => {
                    tally.bytes += record.size;
                    tally.deletable.push(item.clone());
                }
                Decision::Keep(blockers) => {
                    for blocker in blockers {
                        *tally.by.entry(blocker.name).or_default() += 1;
                    }
                    tally.blocked.push(item.clone());
                }
            }
        }
        Ok(tally)
    }
}

pub(super) fn report(state: &PlanState, matched: u64, tally: &Tally) -> PlanReport {
    PlanReport {
        plan: state.plan.id.clone(),
        query: state.plan.query.clone(),
        reason: state.plan.reason.clone(),
        created: state.plan.created,
        created_by: state.plan.created_by.clone(),
        status: state.plan.status.as_str(),
        matched,
        deletable: tally.deletable.len() as u64,
        blocked: tally.blocked.len() as u64,
        disposed: state.plan.disposed,
        bytes: tally.bytes,
        blocked_by: tally.blocked_by(),
        dry_run: false,
    }
}
