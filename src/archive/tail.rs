//! Messages that are committed and not indexed yet.

use crate::model::{Entry, Event, Seq, event::Archived, limits};
use std::collections::BTreeMap;

/// The messages behind the index's watermark, up to a limit; beyond it only their number is known.
#[derive(Clone, Debug)]
pub(super) struct TailMessages {
    messages: BTreeMap<u32, (Seq, Archived)>,
    limit: usize,
    beyond: u64,
}

impl Default for TailMessages {
    fn default() -> Self {
        Self::up_to(limits::TAIL_EVAL_MESSAGES)
    }
}

impl TailMessages {
    /// None yet, and room for so many.
    pub(super) fn up_to(limit: usize) -> Self {
        Self { messages: BTreeMap::new(), limit, beyond: 0 }
    }

    /// Takes note of what an entry says about messages.
    pub(super) fn take(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::MessageArchived { message } if self.messages.len() < self.limit => {
                self.messages.insert(message.ordinal.0, (entry.line.seq, (**message).clone()));
            }
            Event::MessageArchived { .. } => self.beyond += 1,
            Event::MessagePurged { ordinal, .. } => {
                self.messages.remove(&ordinal.0);
            }
            _ => {}
        }
    }

    /// The messages that can be evaluated directly.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Seq, &Archived)> {
        self.messages.values().map(|(seq, message)| (seq, message))
    }

    /// One message.
    pub(super) fn get(&self, ordinal: u32) -> Option<&(Seq, Archived)> {
        self.messages.get(&ordinal)
    }

    /// How many messages there are beyond the limit.
    pub(super) fn beyond(&self) -> u64 {
        self.beyond
    }

    /// How many messages are not indexed.
    pub(super) fn len(&self) -> u64 {
        self.messages.len() as u64 + self.beyond
    }

    /// Everything is indexed now.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
