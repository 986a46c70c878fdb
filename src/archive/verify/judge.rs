//! Whether a hold covers what is damaged. Fails closed, as every decision does.

use super::inventory::{Inventory, Known};
use crate::{
    archive::{Archive, attribution::Stored},
    governance::{BlockerKind, Rules, Subject, decide},
    model::MailboxName,
    query::Facts,
};

/// Decides with the holds of the replayed state.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    archive: &'a Archive,
    inventory: &'a Inventory,
    rules: Rules<'a>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(archive: &'a Archive, inventory: &'a Inventory) -> Self {
        let rules = Rules::new(archive.clock.now(), inventory.state.holds.values(), &inventory.state.schedule);
        Self { archive, inventory, rules }
    }

    /// Whether an item is on hold. `facts`: `None` if the message's file cannot be read.
    pub(super) fn item(&self, known: &Known, mailbox: &MailboxName, facts: Option<&Facts>) -> bool {
        let subject = Subject {
            id: known.id,
            mailbox,
            sent: known.sent,
            imported: None,
            label: None,
            partially_indexed: self.inventory.state.partial.contains(known.ordinal),
            facts,
        };
        // A line that is not understood may be a hold.
        self.inventory.unreadable > 0
            || decide(&subject, &self.rules).blockers().iter().any(|by| by.kind != BlockerKind::Retention)
    }

    /// Whether any item of a message whose file cannot be read is on hold.
    pub(super) fn message(&self, known: &Known) -> bool {
        self.inventory.state.mailboxes_of(known.ordinal).any(|mailbox| self.item(known, mailbox, None))
    }

    /// Whether an item whose message's file is well is on hold.
    pub(super) fn readable_item(&self, known: &Known, mailbox: &MailboxName) -> bool {
        let facts = if self.rules.needs_facts() { self.facts(known) } else { None };
        self.item(known, mailbox, facts.as_ref())
    }

    fn facts(&self, known: &Known) -> Option<Facts> {
        let stored = Stored {
            id: known.id,
            digest: known.digest,
            size: known.size,
            source: known.source,
            account: known.account.as_deref(),
        };
        self.archive.understand_stored(&stored).ok().map(|(_, facts)| facts)
    }

    /// Whether an active hold names the mailbox at all.
    pub(super) fn names(&self, mailbox: &MailboxName) -> bool {
        self.inventory.unreadable > 0
            || self.rules.holds.iter().any(|active| active.hold.scope.mailboxes.contains(mailbox))
    }
}
