//! What is left of a message that was purged: that it was here, and what became of it. From the journal alone.
//!
//! Limits: reads the journal once, and only where something was purged.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    model::{
        Digest, Event, Instant, MailboxName, MessageId, MessageKind, PlanBasis, PlanId, Right, Seq, Watermark,
        event::Disposal,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A purged message.
#[derive(Clone, Debug, Serialize)]
pub struct Tombstone {
    /// Its id.
    pub id: MessageId,
    /// `purged`.
    pub state: &'static str,
    /// The digest of the file that is gone.
    pub digest: Digest,
    /// The size of that file in bytes.
    pub size: u64,
    /// Chat, call, …
    pub kind: MessageKind,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// When it was archived.
    pub archived_at: Instant,
    /// When its file went.
    pub purged_at: Instant,
    /// Who did that.
    pub purged_by: String,
    /// By which plan.
    pub plan: PlanId,
    /// Why.
    pub reason: String,
    /// On what authority.
    pub basis: PlanBasis,
    /// Where its items were, and when each went.
    pub items: Vec<TombstoneItem>,
    /// The journal line that says that its file went.
    pub seq: Seq,
    /// That line's hash.
    pub line_hash: Digest,
}

/// An item of a purged message.
#[derive(Clone, Debug, Serialize)]
pub struct TombstoneItem {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// When it was purged.
    pub at: Instant,
    /// Who did that.
    pub by: String,
    /// By which plan.
    pub plan: PlanId,
    /// The journal line.
    pub seq: Seq,
}

/// What the journal said so far about one message.
#[derive(Default)]
struct Found {
    archived: Option<(Instant, u64, MessageKind, Option<Instant>)>,
    items: Vec<TombstoneItem>,
    purged: Option<(Instant, String, PlanId, Digest, Seq, Digest)>,
}

impl Archive {
    /// What is left of a purged message; `None` if no purged message has this id or prefix. Recorded where there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Ambiguous`], [`ErrorKind::NotAllowed`]; reading the journal failed.
    pub fn tombstone(&self, id: &str) -> Result<Option<Tombstone>> {
        self.may(Right::Search, "show.tombstone", id)?;
        let found = self.find_tombstone(id)?;
        if let Some(tombstone) = &found {
            self.may_read(Right::Search, "show.tombstone", &tombstone.id.to_string())?;
        }
        Ok(found)
    }

    pub(super) fn find_tombstone(&self, id: &str) -> Result<Option<Tombstone>> {
        let prefix = id.to_lowercase();
        let wanted = if prefix.starts_with("m_") { prefix } else { format!("m_{prefix}") };
        if self.state.purged.is_empty() || wanted.len() < crate::model::id::MIN_PREFIX {
            return Ok(None);
        }
        let mut found = self.traces(&wanted)?;
        found.retain(|_, found| found.purged.is_some());
        let Some((id, first)) = found.pop_first() else { return Ok(None) };
        if !found.is_empty() {
            return Err(Error::new(ErrorKind::Ambiguous, format!("{id} and others begin like this"))
                .with_hint("write more of the id"));
        }
        let (Some((archived_at, size, kind, sent)), Some((purged_at, purged_by, plan, digest, seq, line_hash))) =
            (first.archived, first.purged)
        else {
            return Ok(None);
        };
        let made = self.state.plans.get(&plan).map(|state| &state.plan);
        Ok(Some(Tombstone {
            id,
            state: "purged",
            digest,
            size,
            kind,
            sent,
            archived_at,
            purged_at,
            purged_by,
            reason: made.map(|plan| plan.reason.clone()).unwrap_or_default(),
            basis: made.map(|plan| plan.basis.clone()).unwrap_or_default(),
            plan,
            items: first.items,
            seq,
            line_hash,
        }))
    }

    fn traces(&self, wanted: &str) -> Result<BTreeMap<MessageId, Found>> {
        let begins = |id: &MessageId| id.to_string().starts_with(wanted);
        let mut found: BTreeMap<MessageId, Found> = BTreeMap::new();
        let mut reader = self.journal.read_after(&Watermark::START)?;
        while let Some(entry) = reader.next_entry()? {
            let (at, seq, hash) = (entry.line.at, entry.line.seq, entry.hash);
            let by = entry.line.actor.label().to_owned();
            match entry.line.event {
                Event::MessageArchived { message } if begins(&message.id) => {
                    let facts = (at, message.size, message.kind, message.sent);
                    found.entry(message.id).or_default().archived.get_or_insert(facts);
                }
                Event::ItemDisposed { plan, item, how: Disposal::Purged, .. } if begins(&item.id) => {
                    let one = TombstoneItem { mailbox: item.mailbox, at, by, plan, seq };
                    found.entry(item.id).or_default().items.push(one);
                }
                Event::MessagePurged { plan, id, digest, .. } if begins(&id) => {
                    found.entry(id).or_default().purged = Some((at, by, plan, digest, seq, hash));
                }
                _ => {}
            }
        }
        Ok(found)
    }
}
