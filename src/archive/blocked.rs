//! What blocks a list of items, summed up: each blocker once, with what it blocks and all that there is to say of it.
//!
//! Contract: every item is decided by itself; this only adds up. A blocker of many items ends, for all of them, when it ends
//! for the last.

use crate::{
    governance::{Because, Blocker, BlockerKind},
    model::{
        Instant, MailboxName, MessageId,
        event::{BlockedBy, ItemRef},
    },
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Messages that are named as examples of what a blocker blocks.
const EXAMPLES: usize = 3;
/// Mailboxes that stand among the reasons of a blocker; their number says how many there are.
const REASONS_WITH_MAILBOX: usize = 20;

/// A blocker, and what it blocks of what was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockedItems {
    /// What blocks. `until`: when the last of the items is free of it; its reasons are those of all of them.
    #[serde(flatten)]
    pub blocker: Blocker,
    /// Items that it blocks. An item under two holds counts for both.
    pub items: u64,
    /// Mailboxes that these items are in.
    pub mailboxes: u64,
    /// Some of the messages.
    pub examples: Vec<MessageId>,
}

impl BlockedItems {
    /// Everything about it, for people, in lines of their own.
    pub(super) fn told(&self) -> String {
        let blocker = &self.blocker;
        let kind = blocker.kind.as_str().replace('_', " ");
        let until = blocker.until.map_or_else(String::new, |at| format!("until {at}; "));
        format!(
            "\n  {:>6}  {kind} {} ({})\n          placed {} by {}: {}\n          {until}ends when {}",
            self.items,
            blocker.name,
            blocker.id,
            blocker.placed_at,
            blocker.placed_by,
            blocker.reason,
            blocker.ends_when
        )
    }
}

/// The blockers of a list of items.
#[derive(Clone, Debug, Default)]
pub(super) struct Blockers {
    found: BTreeMap<(BlockerKind, String), Sum>,
}

#[derive(Clone, Debug)]
struct Sum {
    row: BlockedItems,
    mailboxes: BTreeSet<MailboxName>,
}

impl Blockers {
    /// Adds what blocks one item.
    pub(super) fn add(&mut self, item: &ItemRef, blockers: Vec<Blocker>) {
        for blocker in blockers {
            let key = (blocker.kind, blocker.id.clone());
            let sum = self.found.entry(key).or_insert_with(|| Sum {
                row: BlockedItems {
                    blocker: Blocker { because: Vec::new(), ..blocker.clone() },
                    items: 0,
                    mailboxes: 0,
                    examples: Vec::new(),
                },
                mailboxes: BTreeSet::new(),
            });
            sum.add(item, blocker);
        }
    }

    /// Each blocker, holds before what follows from them.
    pub(super) fn rows(&self) -> Vec<BlockedItems> {
        self.found
            .values()
            .map(|sum| BlockedItems { mailboxes: sum.mailboxes.len() as u64, ..sum.row.clone() })
            .collect()
    }

    /// The same as the journal names them.
    pub(super) fn counts(&self) -> Vec<BlockedBy> {
        let count = |sum: &Sum| BlockedBy {
            kind: sum.row.blocker.kind.as_str().to_owned(),
            name: sum.row.blocker.name.clone(),
            items: sum.row.items,
        };
        let mut counts: Vec<BlockedBy> = self.found.values().map(count).collect();
        counts.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
        counts
    }
}

impl Sum {
    fn add(&mut self, item: &ItemRef, blocker: Blocker) {
        let row = &mut self.row;
        row.blocker.until = match row.items {
            0 => blocker.until,
            _ => last(row.blocker.until, blocker.until),
        };
        row.items += 1;
        let named = row.blocker.because.iter().filter(|because| matches!(because, Because::Mailbox { .. })).count();
        for because in blocker.because {
            let room = !matches!(because, Because::Mailbox { .. }) || named < REASONS_WITH_MAILBOX;
            if room && !row.blocker.because.contains(&because) {
                row.blocker.because.push(because);
            }
        }
        if row.examples.len() < EXAMPLES && !row.examples.contains(&item.id) {
            row.examples.push(item.id);
        }
        if !self.mailboxes.contains(&item.mailbox) {
            self.mailboxes.insert(item.mailbox.clone());
        }
    }
}

/// The later of two ends; `None` is no end.
fn last(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    Some(a?.max(b?))
}
