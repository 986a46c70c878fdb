//! What a hold's scope covers now, counted, and for what reason.
//!
//! Contract: counts come from here; decisions never do. Where index and decision could differ (messages with an attachment or an
//! encrypted text, and vague ones), the decision's own predicate is asked. Each covered item has one reason, so that the reasons
//! add up to the items.

use super::{Archive, matching::Matched};
use crate::{
    Result,
    governance::{ActiveHold, Because, Coverage},
    model::{Hold, MailboxName, Ordinal},
    query::{Expr, Leaf},
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// Covered items by the first of these reasons that holds of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemsByReason {
    /// A search for the query in the period of the hold finds them; without either, all items of the mailboxes or the list.
    pub matching: u64,
    /// They have an attachment or an encrypted text, and the hold has a query.
    pub with_attachment: u64,
    /// Their date is not known.
    pub undated: u64,
    /// A party is not named that the query asks for.
    pub party_unknown: u64,
    /// The hold cannot be evaluated on them.
    pub not_evaluated: u64,
}

impl Archive {
    /// The items that a hold's scope covers.
    pub(super) fn covered(&self, hold: &Hold) -> Result<Matched> {
        self.covered_by_reason(hold).map(|(covered, _)| covered)
    }

    /// The items that a hold's scope covers, and how many of them for what reason.
    pub(super) fn covered_by_reason(&self, hold: &Hold) -> Result<(Matched, ItemsByReason)> {
        let scope = &hold.scope;
        let mailboxes: Vec<MailboxName> = scope.mailboxes.iter().cloned().collect();
        let active = ActiveHold::new(hold);
        // A query that cannot be evaluated holds everything in its mailboxes.
        let mut parts = vec![active.expr().cloned().unwrap_or(Expr::All)];
        if scope.since.is_some() || scope.until.is_some() {
            parts.push(Expr::Leaf(Leaf::Time { from: scope.since, until: scope.until }));
        }
        let mut covered = self.matching(&Expr::And(parts), &mailboxes, true)?;
        let mut listed = None;
        if let Some(ids) = &scope.ids {
            let found = ids.iter().filter_map(|id| self.find_message(&id.to_string()).ok()).map(|r| r.ordinal.0);
            let ordinals: RoaringBitmap = found.collect();
            covered.items.values_mut().for_each(|items| *items &= &ordinals);
            listed = Some(ordinals);
        }
        let mut counts = ItemsByReason::default();
        for mailbox in &mailboxes {
            let Some(boxes) = self.state.boxes.get(mailbox) else { continue };
            let mut special = boxes.present() & &self.state.vague;
            if scope.query.is_some() {
                special |= boxes.present() & &self.state.partial;
            }
            if let Some(listed) = &listed {
                special &= listed;
            }
            let items = covered.items.entry(mailbox.clone()).or_default();
            for ordinal in special {
                match self.item_coverage(&active, mailbox, Ordinal(ordinal))? {
                    Coverage::No => {
                        items.remove(ordinal);
                    }
                    Coverage::Yes(because) => {
                        if items.insert(ordinal) {
                            counts.add(&because);
                        }
                    }
                }
            }
        }
        covered.items.retain(|_, items| !items.is_empty());
        covered.messages = RoaringBitmap::new();
        covered.items.values().for_each(|items| covered.messages |= items);
        counts.matching = covered.item_count() - counts.others();
        if scope.query.is_some() && active.expr().is_none() {
            counts = ItemsByReason { not_evaluated: covered.item_count(), ..ItemsByReason::default() };
        }
        Ok((covered, counts))
    }

    /// What a hold covers one item for, by the decision's own predicate. A released hold is asked as if it were active.
    fn item_coverage(&self, active: &ActiveHold<'_>, mailbox: &MailboxName, ordinal: Ordinal) -> Result<Coverage> {
        let partial = self.state.partial.contains(ordinal.0);
        if partial && active.needs_facts() && !self.state.vague.contains(ordinal.0) && active.hold.scope.ids.is_none() {
            return Ok(Coverage::Yes(vec![Because::PartiallyIndexed]));
        }
        let record = self.record_of(ordinal)?;
        let facts = if active.needs_facts() { self.facts_of(&record).ok() } else { None };
        Ok(active.scope_covers(&self.subject(&record, mailbox, facts.as_ref())))
    }
}

impl ItemsByReason {
    /// Counts one item that the index did not find.
    fn add(&mut self, because: &[Because]) {
        let any = |of: fn(&Because) -> bool| because.iter().any(of);
        if any(|b| matches!(b, Because::PartiallyIndexed | Because::Encrypted)) {
            self.with_attachment += 1;
        } else if any(|b| matches!(b, Because::DateUnknown)) {
            self.undated += 1;
        } else if any(|b| matches!(b, Because::PartyUnknown)) {
            self.party_unknown += 1;
        } else if any(|b| matches!(b, Because::CannotEvaluate { .. })) {
            self.not_evaluated += 1;
        }
    }

    /// Items that do not match.
    fn others(&self) -> u64 {
        self.with_attachment + self.undated + self.party_unknown + self.not_evaluated
    }
}
