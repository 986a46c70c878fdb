//! Deletion plans with their items.

use crate::model::{
    MailboxName, Plan,
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

impl PlanState {
    pub(super) fn begin(&mut self, items: &[ItemRef], how: Disposal) {
        for item in items {
            self.open.entry(item.mailbox.clone()).or_default().insert(item.ordinal.0);
        }
        self.open_how = Some(how);
    }

    pub(super) fn close(&mut self, item: &ItemRef) {
        if let Some(open) = self.open.get_mut(&item.mailbox) {
            open.remove(item.ordinal.0);
        }
        self.open.retain(|_, open| !open.is_empty());
    }

    /// How many items were begun and not recorded as done.
    #[must_use]
    pub fn open_items(&self) -> u64 {
        self.open.values().map(RoaringBitmap::len).sum()
    }
}
