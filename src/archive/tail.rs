//! Messages that are committed and not indexed yet.

use crate::{
    model::{Entry, Event, Seq, event::Archived, limits},
    query::Facts,
};
use std::{collections::BTreeMap, num::NonZero, panic::resume_unwind, sync::OnceLock};

/// The messages behind the index's watermark, up to a limit; beyond it only their number is known.
#[derive(Clone, Debug)]
pub(super) struct TailMessages {
    messages: BTreeMap<u32, (Seq, Archived)>,
    limit: usize,
    beyond: u64,
    /// What is searchable of them, by ordinal. One question is put to them several times: what matches, what may match, and
    /// why there is nothing.
    facts: OnceLock<Vec<(u32, Facts)>>,
}

/// Threads that read messages, at most.
const READERS: usize = 4;
/// Messages that one thread reads as fast as several.
const FEW: usize = 64;

impl Default for TailMessages {
    fn default() -> Self {
        Self::up_to(limits::TAIL_EVAL_MESSAGES)
    }
}

impl TailMessages {
    /// None yet, and room for so many.
    pub(super) fn up_to(limit: usize) -> Self {
        Self { messages: BTreeMap::new(), limit, beyond: 0, facts: OnceLock::new() }
    }

    /// Takes note of what an entry says about messages.
    pub(super) fn take(&mut self, entry: &Entry) {
        self.facts.take();
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

    /// What is searchable of each, as `read` says; what it cannot read is left out. Reads them once, and several at a time:
    /// somebody waits for it, and thousands of files are seconds.
    pub(super) fn facts(&self, read: impl Fn(&Archived) -> Option<Facts> + Sync) -> &[(u32, Facts)] {
        self.facts.get_or_init(|| {
            let messages: Vec<&Archived> = self.messages.values().map(|(_, message)| message).collect();
            let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(READERS);
            let read = |message: &&Archived| Some((message.ordinal.0, read(message)?));
            if threads < 2 || messages.len() < FEW {
                return messages.iter().filter_map(read).collect();
            }
            let read = &read;
            std::thread::scope(|scope| {
                let parts = messages.chunks(messages.len().div_ceil(threads));
                let parts = parts.map(|part| scope.spawn(move || part.iter().filter_map(read).collect::<Vec<_>>()));
                // All of them begin before the first is waited for.
                let parts: Vec<_> = parts.collect();
                parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
            })
        })
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
