//! Deletion plans with their items.

use crate::model::{
    Instant, MailboxName, Plan,
    event::{Disposal, ItemList, ItemRef},
};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A plan and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanState {
    /// The plan.
    pub plan: Plan,
    /// Where its items are listed.
    pub items: PlanItems,
    /// Items whose deletion was begun and not recorded as done.
    pub open: BTreeMap<MailboxName, RoaringBitmap>,
    /// How the open items were to be disposed of.
    pub open_how: Option<Disposal>,
    /// Items that lie among the recoverable items because of this plan.
    pub recoverable: BTreeMap<MailboxName, RoaringBitmap>,
    /// Since when they do: the last of them, so that none of them goes early.
    pub recoverable_since: Option<Instant>,
    /// Items whose return was begun and not recorded as done.
    pub restoring: BTreeMap<MailboxName, RoaringBitmap>,
}

/// Where the items of a plan are: bincode cannot hold the event's own type, which is read from JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanItems {
    /// Here.
    Inline(Vec<ItemRef>),
    /// In a list file.
    List(crate::model::Digest),
}

impl PlanItems {
    /// The list of the event.
    #[must_use]
    pub fn to_list(&self) -> ItemList {
        match self {
            Self::Inline(items) => ItemList::Inline(items.clone()),
            Self::List(digest) => ItemList::List(*digest),
        }
    }
}

impl From<&ItemList> for PlanItems {
    fn from(list: &ItemList) -> Self {
        match list {
            ItemList::Inline(items) => Self::Inline(items.clone()),
            ItemList::List(digest) => Self::List(*digest),
        }
    }
}

/// Puts an item into sets of items.
pub(super) fn put(sets: &mut BTreeMap<MailboxName, RoaringBitmap>, item: &ItemRef) {
    sets.entry(item.mailbox.clone()).or_default().insert(item.ordinal.0);
}

/// Takes an item out of sets of items. Returns whether it was in them.
pub(super) fn take(sets: &mut BTreeMap<MailboxName, RoaringBitmap>, item: &ItemRef) -> bool {
    let Some(set) = sets.get_mut(&item.mailbox) else { return false };
    let had = set.remove(item.ordinal.0);
    if set.is_empty() {
        sets.remove(&item.mailbox);
    }
    had
}

/// Whether an item is in sets of items.
pub(super) fn has(sets: &BTreeMap<MailboxName, RoaringBitmap>, item: &ItemRef) -> bool {
    sets.get(&item.mailbox).is_some_and(|set| set.contains(item.ordinal.0))
}

fn count(sets: &BTreeMap<MailboxName, RoaringBitmap>) -> u64 {
    sets.values().map(RoaringBitmap::len).sum()
}

impl PlanState {
    /// A plan of which nothing was done yet.
    #[must_use]
    pub fn new(plan: Plan, items: PlanItems) -> Self {
        Self {
            plan,
            items,
            open: BTreeMap::new(),
            open_how: None,
            recoverable: BTreeMap::new(),
            recoverable_since: None,
            restoring: BTreeMap::new(),
        }
    }

    pub(super) fn begin(&mut self, items: &[ItemRef], how: Disposal) {
        items.iter().for_each(|item| put(&mut self.open, item));
        self.open_how = Some(how);
    }

    pub(super) fn forget_begun(&mut self) {
        self.open.clear();
    }

    pub(super) fn close(&mut self, item: &ItemRef) {
        take(&mut self.open, item);
    }

    /// How many items lie among the recoverable items because of this plan.
    #[must_use]
    pub fn recoverable_items(&self) -> u64 {
        count(&self.recoverable)
    }

    /// Whether an item lies among the recoverable items because of this plan.
    #[must_use]
    pub fn has_recoverable(&self, item: &ItemRef) -> bool {
        has(&self.recoverable, item)
    }

    /// How many items were to come back and are not recorded as back.
    #[must_use]
    pub fn restoring_items(&self) -> u64 {
        count(&self.restoring)
    }

    /// Whether an item was to come back and is not recorded as back.
    #[must_use]
    pub fn is_restoring(&self, item: &ItemRef) -> bool {
        has(&self.restoring, item)
    }

    /// How many items were begun and not recorded as done.
    #[must_use]
    pub fn open_items(&self) -> u64 {
        count(&self.open)
    }
}
