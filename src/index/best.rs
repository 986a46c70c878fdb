//! The first so many messages by date: unknown dates last, equal dates by ordinal.

use crate::model::{Instant, Ordinal};
use std::collections::BinaryHeap;

/// How early a message comes: whether it has no date, its date, its ordinal; the latter two turned for the newest first.
type Key = (bool, i64, i64);

/// The best so far, the worst of them on top.
pub(super) struct Best {
    heap: BinaryHeap<Key>,
    most: usize,
    sign: i64,
}

impl Best {
    /// None yet, at most `most`.
    pub(super) fn of(most: usize, descending: bool) -> Self {
        Self { heap: BinaryHeap::new(), most, sign: if descending { -1 } else { 1 } }
    }

    /// Takes a message if it is among the best.
    pub(super) fn offer(&mut self, ordinal: u32, sent: Option<Instant>) {
        let key = (sent.is_none(), self.turned(sent.map_or(0, |sent| sent.0)), i64::from(ordinal) * self.sign);
        if self.heap.len() < self.most {
            self.heap.push(key);
        } else if let Some(mut worst) = self.heap.peek_mut().filter(|worst| key < **worst) {
            *worst = key;
        }
    }

    /// The earliest that one of messages with dates in this range could come; without a range, one without a date.
    pub(super) fn earliest(&self, dates: Option<(i64, i64)>) -> (bool, i64) {
        match dates {
            Some((first, last)) => (false, self.turned(first).min(self.turned(last))),
            None => (true, 0),
        }
    }

    /// Whether one that comes no earlier than this may be among the best.
    pub(super) fn may_take(&self, earliest: (bool, i64)) -> bool {
        self.heap.len() < self.most || self.heap.peek().is_some_and(|worst| earliest <= (worst.0, worst.1))
    }

    /// The best, in their order.
    pub(super) fn into_ordinals(self) -> impl Iterator<Item = Ordinal> {
        self.heap
            .into_sorted_vec()
            .into_iter()
            .filter_map(|(_, _, key)| u32::try_from(key.unsigned_abs()).ok().map(Ordinal))
    }

    fn turned(&self, date: i64) -> i64 {
        date.saturating_mul(self.sign)
    }
}
