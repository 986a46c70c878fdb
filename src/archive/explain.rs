//! Why something can or cannot be deleted.

use super::Archive;
use crate::{
    Result,
    governance::{ActiveHold, Blocker, BlockerKind, Decision, Subject, decide},
    index::HitRecord,
    model::{MailboxName, MessageId},
    query::Facts,
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// What is asked about: a message, or a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// A message, all its items.
    Message(MessageId),
    /// A mailbox.
    Mailbox(MailboxName),
}

/// Why something can or cannot be deleted.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// What was asked about.
    pub target: Target,
    /// Whether every item of it could be deleted.
    pub deletable: bool,
    /// What blocks.
    pub blockers: Vec<Blocker>,
    /// The items that are blocked, of a message; items under a hold, of a mailbox.
    pub blocked_items: u64,
    /// All items of it.
    pub items: u64,
    /// For a message: each item by itself.
    pub by_mailbox: Vec<(MailboxName, bool)>,
}

impl Archive {
    /// Why a message or a mailbox can or cannot be deleted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind); reading failed.
    pub fn explain(&self, target: &str) -> Result<Explanation> {
        if target.contains('@') {
            return self.explain_mailbox(self.mailbox(target)?);
        }
        let record = self.find_message(target)?;
        let mut by_mailbox = Vec::new();
        let mut blockers: Vec<Blocker> = Vec::new();
        let mut blocked_items = 0;
        let facts = self.facts_of(&record).ok();
        for mailbox in self.state.mailboxes_of(record.ordinal.0) {
            let decision = self.decide_item(&record, mailbox, facts.as_ref());
            by_mailbox.push((mailbox.clone(), decision == Decision::Dispose));
            blocked_items += u64::from(decision != Decision::Dispose);
            for blocker in decision.blockers() {
                match blockers.iter_mut().find(|known| known.id == blocker.id) {
                    Some(known) => {
                        let more =
                            blocker.because.iter().filter(|b| !known.because.contains(b)).cloned().collect::<Vec<_>>();
                        known.because.extend(more);
                    }
                    None => blockers.push(blocker.clone()),
                }
            }
        }
        let items = by_mailbox.len() as u64;
        let target = Target::Message(record.id);
        Ok(Explanation { target, deletable: blockers.is_empty(), blockers, blocked_items, items, by_mailbox })
    }

    fn explain_mailbox(&self, mailbox: MailboxName) -> Result<Explanation> {
        let mut blockers = Vec::new();
        let mut blocked = RoaringBitmap::new();
        for hold in self.state.active_holds().filter(|hold| hold.scope.mailboxes.contains(&mailbox)) {
            let covered = self.covered(hold)?;
            let items = covered.items.get(&mailbox).cloned().unwrap_or_default();
            blocked |= items;
            blockers.push(Blocker {
                kind: BlockerKind::Hold,
                id: hold.id.clone(),
                name: hold.name.clone(),
                case: hold.case.clone(),
                placed_at: hold.placed_at,
                placed_by: hold.placed_by.clone(),
                reason: hold.reason.clone(),
                because: ActiveHold::new(hold).rules(&mailbox),
                until: None,
            });
        }
        let items = self.state.boxes.get(&mailbox).map_or(0, |boxes| boxes.present().len());
        Ok(Explanation {
            target: Target::Mailbox(mailbox),
            deletable: blockers.is_empty(),
            blockers,
            blocked_items: blocked.len(),
            items,
            by_mailbox: Vec::new(),
        })
    }

    /// The decision on one item, by evaluating every active hold on it.
    pub(super) fn decide_item(&self, record: &HitRecord, mailbox: &MailboxName, facts: Option<&Facts>) -> Decision {
        let holds: Vec<ActiveHold<'_>> = self.state.active_holds().map(ActiveHold::new).collect();
        decide(&self.subject(record, mailbox, facts), &holds)
    }

    /// One item, as a decision sees it.
    pub(super) fn subject<'a>(
        &self,
        record: &HitRecord,
        mailbox: &'a MailboxName,
        facts: Option<&'a Facts>,
    ) -> Subject<'a> {
        Subject {
            id: record.id,
            mailbox,
            sent: record.sent,
            partially_indexed: self.state.partial.contains(record.ordinal.0),
            facts,
        }
    }
}
