//! What a hold's scope covers now, counted, and for what reason.
//!
//! Contract: counts come from here; decisions never do. Where index and decision could differ (messages with an attachment or an
//! encrypted text, and vague ones), the decision's own predicate is asked. Each covered item has one reason, so that the reasons
//! add up to the items.

use super::{Archive, matching::Matched};
use crate::{
    Result,
    governance::{ActiveHold, Because, Coverage},
    model::{Hold, Instant, MailboxName, MessageId, Ordinal},
    query::{Expr, Leaf},
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};

/// Ids that are looked up one by one; more are found in one pass over all ids of the index.
const FEW_IDS: usize = 1_000;

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
        if scope.is_whole() && hold.days.is_none() {
            return Ok(self.whole_mailboxes(hold));
        }
        let mailboxes: Vec<MailboxName> = scope.mailboxes.iter().cloned().collect();
        let (active, now) = (ActiveHold::new(hold), self.clock.now());
        // A query that cannot be evaluated holds everything in its mailboxes.
        let mut parts = vec![active.expr().cloned().unwrap_or(Expr::All)];
        if scope.since.is_some() || scope.until.is_some() {
            parts.push(Expr::Leaf(Leaf::Time { from: scope.since, until: scope.until }));
        }
        parts.extend(active.holds_from(now).map(|from| Expr::Leaf(Leaf::Time { from: Some(from), until: None })));
        let mut covered = self.matching(&Expr::And(parts), &mailboxes, true)?;
        let mut listed = None;
        if let Some(ids) = &scope.ids {
            let ordinals = self.ordinals_of(ids)?;
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
                match self.item_coverage(&active, mailbox, Ordinal(ordinal), now)? {
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
        if active.needs_facts() && active.expr().is_none() {
            counts = ItemsByReason { not_evaluated: covered.item_count(), ..ItemsByReason::default() };
        }
        Ok((covered, counts))
    }

    /// What a hold of nothing but mailboxes covers: all that they have. Nothing is read for it.
    fn whole_mailboxes(&self, hold: &Hold) -> (Matched, ItemsByReason) {
        let mut covered = Matched::default();
        for mailbox in &hold.scope.mailboxes {
            let items = self.state.boxes.get(mailbox).map(crate::state::Boxes::present).unwrap_or_default();
            if !items.is_empty() {
                covered.messages |= &items;
                covered.items.insert(mailbox.clone(), items);
            }
        }
        let counts = ItemsByReason { matching: covered.item_count(), ..ItemsByReason::default() };
        (covered, counts)
    }

    /// Where the messages of a list stand; those that are not there any more are left out. Of a long list the first eight
    /// bytes of each id are compared: they are of a digest, and this is for counting.
    pub(super) fn ordinals_of(&self, ids: &BTreeSet<MessageId>) -> Result<RoaringBitmap> {
        if ids.len() <= FEW_IDS {
            let found = ids.iter().filter_map(|id| self.find_message(&id.to_string()).ok());
            return Ok(found.map(|record| record.ordinal.0).collect());
        }
        let keys: HashSet<[u8; 8]> = ids.iter().filter_map(MessageId::key).collect();
        let mut found: RoaringBitmap = match &self.index {
            Some(index) => {
                let listed = index.id_keys(index.all()?)?.into_iter().filter(|(_, key)| keys.contains(key));
                listed.map(|(ordinal, _)| ordinal.0).collect()
            }
            None => RoaringBitmap::new(),
        };
        found.extend(self.tail.iter().filter(|(_, m)| ids.contains(&m.id)).map(|(_, m)| m.ordinal.0));
        Ok(found)
    }

    /// What a hold covers one item for, by the decision's own predicate. A released hold is asked as if it were active.
    fn item_coverage(
        &self,
        active: &ActiveHold<'_>,
        mailbox: &MailboxName,
        ordinal: Ordinal,
        now: Instant,
    ) -> Result<Coverage> {
        let partial = self.state.partial.contains(ordinal.0);
        if partial
            && active.hold.scope.query.is_some()
            && !self.state.vague.contains(ordinal.0)
            && active.hold.scope.ids.is_none()
        {
            return Ok(Coverage::Yes(vec![Because::PartiallyIndexed]));
        }
        let record = self.record_of(ordinal)?;
        let facts = if active.needs_facts() { self.facts_of(&record).ok() } else { None };
        Ok(active.covers_at(&self.subject(&record, mailbox, facts.as_ref()), now))
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
