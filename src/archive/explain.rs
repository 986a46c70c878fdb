//! Why something can or cannot be deleted: a message, a mailbox, what a query finds, what a plan names.
//!
//! Contract: of messages, queries and plans every item is decided as a deletion would decide it; of a mailbox the scopes of its
//! holds are told, and counted. That somebody asked is recorded.

use super::{Archive, BlockedItems, Selection, plan::Tally};
use crate::{
    Result,
    model::{
        Event, MailboxName, MessageId, PlanBasis, PlanId, Right,
        event::{Disposal, ItemRef},
        limits,
    },
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeSet;

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// A message, all its items.
    Message(MessageId),
    /// A mailbox.
    Mailbox(MailboxName),
    /// The items that a deletion plan names, as far as they are still there.
    Plan(PlanId),
    /// The items that match a query.
    Query(String),
}

impl Target {
    /// Of what kind: `message`, `mailbox`, `plan` or `query`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Mailbox(_) => "mailbox",
            Self::Plan(_) => "plan",
            Self::Query(_) => "query",
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message(id) => id.fmt(f),
            Self::Mailbox(mailbox) => mailbox.fmt(f),
            Self::Plan(id) => id.fmt(f),
            Self::Query(query) => f.write_str(query),
        }
    }
}

/// Why something can or cannot be deleted.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// What was asked about.
    pub target: Target,
    /// `message`, `mailbox`, `plan` or `query`.
    pub target_kind: &'static str,
    /// Whether every item of it could be deleted.
    pub deletable: bool,
    /// What blocks.
    pub blockers: Vec<BlockedItems>,
    /// Items of it that are blocked.
    pub blocked_items: u64,
    /// All items of it that are there.
    pub items: u64,
    /// For a message: each item by itself, and whether it could be deleted.
    pub by_mailbox: Vec<(MailboxName, bool)>,
}

impl Archive {
    /// Why something can or cannot be deleted: the id of a message or a plan, an address, or a query.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind); a bad query; reading failed.
    pub fn explain(&mut self, target: &str) -> Result<Explanation> {
        self.may(Right::SeeHolds, "hold.explain", target)?;
        let explanation = match self.target(target)? {
            Target::Mailbox(mailbox) => self.explain_mailbox(mailbox)?,
            target => {
                let items = self.items_of(&target)?;
                let basis = match &target {
                    Target::Plan(id) => self.find_plan(&id.0)?.plan.basis.clone(),
                    _ => PlanBasis::Request,
                };
                let tally = match target {
                    Target::Message(_) => self.decided(&items, &basis, Disposal::Recoverable)?,
                    _ => self.tally(&items, &basis, Disposal::Recoverable)?,
                };
                explained(target, &items, tally)
            }
        };
        self.record_read(Event::HoldViewed {
            view: "explain".to_owned(),
            target: explanation.target.to_string().chars().take(limits::FIELD_CHARS).collect(),
            items: explanation.items,
            blocked: explanation.blocked_items,
        });
        Ok(explanation)
    }

    /// What is meant: an address is a mailbox, `plan_…` a plan, `m_…` and hex with a digit in it a message, all else a query.
    fn target(&self, text: &str) -> Result<Target> {
        let text = text.trim();
        let hex = text.len() >= crate::model::id::MIN_PREFIX && text.bytes().all(|b| b.is_ascii_hexdigit());
        if text.starts_with("m_") || hex && text.bytes().any(|b| b.is_ascii_digit()) {
            return Ok(Target::Message(self.find_message(text)?.id));
        }
        if text.starts_with("plan_") {
            return Ok(Target::Plan(self.find_plan(text)?.plan.id.clone()));
        }
        match MailboxName::parse(text) {
            Some(_) if !text.contains(':') => Ok(Target::Mailbox(self.mailbox(text)?)),
            _ => Ok(Target::Query(text.to_owned())),
        }
    }

    fn items_of(&self, target: &Target) -> Result<Vec<ItemRef>> {
        match target {
            Target::Message(id) => {
                let record = self.find_message(&id.to_string())?;
                let mailboxes = self.state.mailboxes_of(record.ordinal.0);
                let item =
                    |mailbox: &MailboxName| ItemRef { ordinal: record.ordinal, id: *id, mailbox: mailbox.clone() };
                Ok(mailboxes.map(item).collect())
            }
            Target::Plan(id) => self.journal.load_list(&self.find_plan(&id.0)?.items.to_list()),
            Target::Query(query) => self.selected_items(&Selection::Query(query.clone()), &[]),
            Target::Mailbox(_) => Ok(Vec::new()),
        }
    }

    fn explain_mailbox(&self, mailbox: MailboxName) -> Result<Explanation> {
        let mut blockers = Vec::new();
        let mut blocked = RoaringBitmap::new();
        let rules = self.rules();
        for active in rules.holds.iter().filter(|active| active.hold.scope.mailboxes.contains(&mailbox)) {
            let Some(binding) = active.hold.binding(rules.now) else { continue };
            let covered = self.covered(active.hold)?.items.remove(&mailbox).unwrap_or_default();
            blockers.push(BlockedItems {
                blocker: active.blocker(binding, active.rules(&mailbox), binding.until()),
                items: covered.len(),
                mailboxes: u64::from(!covered.is_empty()),
                examples: Vec::new(),
            });
            blocked |= covered;
        }
        let (retaining, kept) = self.retention_of_mailbox(&mailbox, &rules)?;
        blockers.extend(retaining);
        blocked |= kept;
        let items = self.state.boxes.get(&mailbox).map_or(0, |boxes| boxes.present().len());
        Ok(Explanation {
            target_kind: "mailbox",
            target: Target::Mailbox(mailbox),
            deletable: blocked.is_empty(),
            blockers,
            blocked_items: blocked.len(),
            items,
            by_mailbox: Vec::new(),
        })
    }
}

/// What the decisions on these items come to.
fn explained(target: Target, items: &[ItemRef], tally: Tally) -> Explanation {
    let blocked: BTreeSet<&MailboxName> = tally.blocked.iter().map(|blocked| &blocked.item.mailbox).collect();
    let by_mailbox = match &target {
        Target::Message(_) => {
            items.iter().map(|item| (item.mailbox.clone(), !blocked.contains(&item.mailbox))).collect()
        }
        _ => Vec::new(),
    };
    Explanation {
        target_kind: target.kind(),
        target,
        deletable: tally.blocked.is_empty(),
        blockers: tally.by.rows(),
        blocked_items: tally.blocked.len() as u64,
        items: items.len() as u64 - tally.gone,
        by_mailbox,
    }
}
