//! Which items have a label, for searches and counts. Decisions never ask here: see `governance`.

use crate::{
    Result,
    archive::{Archive, BlockedItems, matching::Matched},
    governance::{Labelled, Rule, Rules, keeps_in_mailbox},
    model::{Label, LabelId, MailboxName, PeriodStart},
    query::{Expr, Leaf},
};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

type Items = BTreeMap<MailboxName, RoaringBitmap>;

impl Archive {
    /// The items of the labels that an expression speaks of.
    pub(in crate::archive) fn items_of_labels_in(&self, expr: &Expr) -> Result<BTreeMap<LabelId, Matched>> {
        let mut labels = BTreeMap::new();
        expr.leaves(&mut |leaf, _| {
            if let Leaf::Label(id) = leaf
                && let Some(label) = self.state.schedule.labels.get(id)
            {
                labels.insert(id.clone(), label);
            }
        });
        let mut found = BTreeMap::new();
        for (id, label) in labels {
            let [mut items, automatically] = self.labelled_items(label)?;
            for (mailbox, more) in automatically {
                *items.entry(mailbox).or_default() |= more;
            }
            found.insert(id, Matched { messages: RoaringBitmap::new(), items });
        }
        Ok(found)
    }

    /// The items that somebody put a label on, and those that it put itself on: what its query finds and no label by hand
    /// and no older query takes.
    pub(in crate::archive) fn labelled_items(&self, label: &Label) -> Result<[Items; 2]> {
        let schedule = &self.state.schedule;
        let mailboxes: Vec<MailboxName> = self.state.boxes.keys().cloned().collect();
        let mut by_hand = Items::new();
        for mailbox in &mailboxes {
            let items = schedule.manual_items(mailbox, Some(&label.id));
            if !items.is_empty() {
                by_hand.insert(mailbox.clone(), items);
            }
        }
        let Some(own) = query_of(label) else { return Ok([by_hand, Items::new()]) };
        let older = schedule.labels.values().filter(|other| other.added.seq < label.added.seq);
        let mut parts = vec![own];
        parts.extend(older.filter_map(query_of).map(Expr::negated));
        let mut found = self.matching(&Expr::and(parts), &mailboxes, true)?.items;
        for (mailbox, items) in &mut found {
            *items -= schedule.manual_items(mailbox, None);
        }
        found.retain(|_, items| !items.is_empty());
        Ok([by_hand, found])
    }
}

impl Archive {
    /// Every retention rule that keeps items of a mailbox, and which items. Counted by their dates.
    pub(in crate::archive) fn retention_of_mailbox(
        &self,
        mailbox: &MailboxName,
        rules: &Rules<'_>,
    ) -> Result<(Vec<BlockedItems>, RoaringBitmap)> {
        let schedule = &self.state.schedule;
        let present = self.state.boxes.get(mailbox).map(crate::state::Boxes::present).unwrap_or_default();
        let mut keeping: Vec<(Rule<'_>, RoaringBitmap)> =
            schedule.floor.iter().map(|floor| (Rule::Floor(floor), present.clone())).collect();
        let policies = rules.retention.policies(mailbox).iter();
        keeping.extend(policies.map(|policy| (Rule::Policy(policy), present.clone())));
        for label in schedule.labels.values().filter(|label| label.terms.keep.is_some()) {
            let mut items = RoaringBitmap::new();
            self.labelled_items(label)?.iter().filter_map(|by| by.get(mailbox)).for_each(|more| items |= more);
            keeping.push((Rule::Label(label, Labelled::Automatically), items));
        }
        keeping.retain(|(rule, items)| rule.terms().keep.is_some() && !items.is_empty());
        let dates = if keeping.is_empty() { Vec::new() } else { self.dates()? };
        let (mut blockers, mut blocked) = (Vec::new(), RoaringBitmap::new());
        for (rule, items) in keeping {
            let terms = rule.terms();
            let kept = |ordinal: &u32| {
                let start = match terms.from {
                    PeriodStart::Sent => dates.get(*ordinal as usize).copied().flatten(),
                    PeriodStart::Imported => self.state.imported_at(*ordinal),
                };
                start.zip(terms.keep).is_none_or(|(start, keep)| rules.now < keep.end_from(start))
            };
            let kept: RoaringBitmap = items.iter().filter(kept).collect();
            if !kept.is_empty() {
                blockers.push(BlockedItems {
                    blocker: keeps_in_mailbox(rule, mailbox),
                    items: kept.len(),
                    mailboxes: 1,
                    examples: Vec::new(),
                });
                blocked |= kept;
            }
        }
        Ok((blockers, blocked))
    }
}

/// What a label puts itself on; a query that cannot be read finds nothing, and keeps everything all the same.
fn query_of(label: &Label) -> Option<Expr> {
    label.auto.as_ref().and_then(|rule| serde_json::from_str(&rule.closed_query).ok())
}
