//! Retention: the floor, the policies and the labels of an archive. Data only; the decision is in `governance`.
//!
//! Contract: a policy's name and where it counts from never change; a locked policy only gets longer and wider; a label's
//! terms never change. Who may change what is checked where the events are made.

use super::{Instant, LabelId, MailboxName, Period, PolicyId, Seq};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a period is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodStart {
    /// The item's own date: when the message was sent.
    #[default]
    Sent,
    /// When the message was archived.
    Imported,
}

impl PeriodStart {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Imported => "imported",
        }
    }
}

/// What happens at the end of the time for which something is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Nothing: it stays until somebody deletes it.
    #[default]
    Keep,
    /// It is due for deletion.
    Delete,
}

/// Keep for, delete after, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How long an item may not be deleted.
    pub keep: Option<Period>,
    /// What happens then.
    pub then: Then,
    /// When a deletion is due, where that is not the end of `keep`.
    pub delete_after: Option<Period>,
    /// What both are counted from.
    pub from: PeriodStart,
}

impl Terms {
    /// After how long a deletion is due; `None`: never.
    #[must_use]
    pub fn delete(&self) -> Option<Period> {
        self.delete_after.or(self.keep.filter(|_| self.then == Then::Delete))
    }

    /// Whether nothing is kept shorter or due earlier by these terms than by the others.
    #[must_use]
    pub fn no_shorter_than(&self, other: &Self) -> bool {
        let longer = |own: Option<Period>, its: Option<Period>| match (own, its) {
            (_, None) => true,
            (Some(own), Some(its)) => own.is_at_least(its),
            (None, Some(_)) => false,
        };
        let later = match (self.delete(), other.delete()) {
            (None, _) => true,
            (Some(own), Some(its)) => own.is_at_least(its),
            // A deletion where there was none is as if it had been brought forward from never.
            (Some(_), None) => false,
        };
        self.from == other.from && longer(self.keep, other.keep) && later
    }
}

/// Whose mailboxes a policy is about. Groups are written out when they are named, and when somebody says so again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyScope {
    /// Every mailbox there is and will be.
    pub all: bool,
    /// Those among all that are not meant.
    pub excluded: BTreeSet<MailboxName>,
    /// The mailboxes that are named, where not all are meant.
    pub mailboxes: BTreeSet<MailboxName>,
    /// The groups that are named, each with its mailboxes as they were then.
    pub groups: BTreeMap<String, BTreeSet<MailboxName>>,
}

impl PolicyScope {
    /// Whether the policy is about this mailbox.
    #[must_use]
    pub fn covers(&self, mailbox: &MailboxName) -> bool {
        match self.all {
            true => !self.excluded.contains(mailbox),
            false => self.mailboxes.contains(mailbox) || self.groups.values().any(|members| members.contains(mailbox)),
        }
    }

    /// Whether it is about no mailbox at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.mailboxes.is_empty() && self.groups.values().all(BTreeSet::is_empty)
    }

    /// The mailboxes that are meant, or excepted, by their names.
    pub fn named(&self) -> impl Iterator<Item = &MailboxName> {
        self.excluded.iter().chain(&self.mailboxes).chain(self.groups.values().flatten())
    }

    /// Whether every mailbox that the other scope is about is in this one too.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        match (self.all, other.all) {
            (true, true) => self.excluded.is_subset(&other.excluded),
            (true, false) => other.mailboxes.iter().chain(other.groups.values().flatten()).all(|m| self.covers(m)),
            (false, true) => false,
            (false, false) => other.mailboxes.iter().chain(other.groups.values().flatten()).all(|m| self.covers(m)),
        }
    }
}

/// Something that was done to a rule: when, by whom, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Instant,
    /// By whom (claimed).
    pub by: String,
    /// Why.
    pub reason: String,
    /// The journal line.
    pub seq: Seq,
}

/// The shortest time for which anything in the archive is kept. Only ever extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// How long, from the item's own date.
    pub keep: Period,
    /// When it was last set.
    pub set: Change,
}

/// A retention policy: terms for mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// Its name, unique among policies and labels without regard to case.
    pub name: String,
    /// For how long.
    pub terms: Terms,
    /// Whose mailboxes.
    pub scope: PolicyScope,
    /// When it was made.
    pub added: Change,
    /// When its terms or scope were last changed.
    pub edited: Option<Change>,
    /// Its preservation lock, which nothing opens.
    pub locked: Option<Change>,
    /// When it was removed; `None`: in force.
    pub removed: Option<Change>,
}

impl Policy {
    /// Whether it is in force.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.removed.is_none()
    }
}

/// The query by which a label puts itself on items. Closed when the label was made, as the query of a hold is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRule {
    /// As it was typed.
    pub query: String,
    /// JSON of `query::Expr`. The decision uses this one.
    pub closed_query: String,
    /// Version of the query language that `closed_query` was written in.
    pub language: u32,
}

/// A retention label: terms for items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its name, unique among policies and labels without regard to case.
    pub name: String,
    /// For how long.
    pub terms: Terms,
    /// What it puts itself on; `None`: nothing.
    pub auto: Option<AutoRule>,
    /// When it was made.
    pub added: Change,
}

/// One act of putting a label on items by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelUse {
    /// The label.
    pub label: LabelId,
    /// When, by whom, why.
    pub applied: Change,
}

/// The retention schedule: everything that says how long an item is kept and when it is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The floor of the archive, if it has one.
    pub floor: Option<Floor>,
    /// Every policy, removed ones too.
    pub policies: BTreeMap<PolicyId, Policy>,
    /// Every label.
    pub labels: BTreeMap<LabelId, Label>,
    /// Every act of labelling by hand.
    pub uses: Vec<LabelUse>,
    /// The items that have a label by hand: by mailbox, by position in `uses`. An item stands in one of them.
    pub labelled: BTreeMap<MailboxName, BTreeMap<u32, RoaringBitmap>>,
}

impl Schedule {
    /// The policies in force.
    pub fn active_policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values().filter(|policy| policy.is_active())
    }

    /// The label that somebody put on an item.
    #[must_use]
    pub fn manual(&self, mailbox: &MailboxName, ordinal: u32) -> Option<&LabelUse> {
        let uses = self.labelled.get(mailbox)?;
        let (at, _) = uses.iter().find(|(_, items)| items.contains(ordinal))?;
        self.uses.get(*at as usize)
    }

    /// The items of a mailbox that got a label by hand.
    #[must_use]
    pub fn manual_items(&self, mailbox: &MailboxName, label: Option<&LabelId>) -> RoaringBitmap {
        let mut items = RoaringBitmap::new();
        for (at, bitmap) in self.labelled.get(mailbox).into_iter().flatten() {
            let used = self.uses.get(*at as usize).map(|used| &used.label);
            if label.is_none() || used == label {
                items |= bitmap;
            }
        }
        items
    }
}
