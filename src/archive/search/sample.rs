//! A random sample of the hits that anybody can draw again.
//!
//! Contract: the sample of size N with seed S is made of the N messages with the smallest SHA-256 of `custodia sample 1`, a zero
//! byte, S as eight bytes (big-endian) and the first eight bytes of the message's id. Every message is as likely as every other;
//! the same hits, size and seed give the same sample on every machine, and a larger sample contains the smaller. That two ids
//! among a million have the same beginning is a chance of one in thirty million; then the one that was archived first is first.

use super::page::by_date;
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    model::{Digest, MessageId, Ordinal},
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BinaryHeap;

/// The largest seed: numbers up to here are the same in every JSON reader (2⁵³ − 1).
pub const LARGEST_SEED: u64 = (1 << 53) - 1;
const DOMAIN: &[u8] = b"custodia sample 1\0";

/// What sample to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleOptions {
    /// How many messages.
    pub size: u64,
    /// The seed; drawn if there is none.
    pub seed: Option<u64>,
}

/// What sample was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SampleTaken {
    /// How many messages were asked for.
    pub size: u64,
    /// The seed.
    pub seed: u64,
}

impl Archive {
    /// A sample of these messages, oldest first.
    pub(super) fn sample(
        &self,
        messages: &RoaringBitmap,
        options: &SampleOptions,
    ) -> Result<(Vec<Ordinal>, SampleTaken)> {
        let seed = match options.seed {
            Some(seed) => seed,
            None => drawn()?,
        };
        let size = usize::try_from(options.size).unwrap_or(usize::MAX);
        // The largest of the smallest is on top.
        let mut smallest: BinaryHeap<(Digest, u32)> = BinaryHeap::new();
        for (ordinal, key) in self.id_keys(messages)? {
            smallest.push((rank(seed, &key), ordinal.0));
            if smallest.len() > size {
                smallest.pop();
            }
        }
        let chosen: RoaringBitmap = smallest.into_iter().map(|(_, ordinal)| ordinal).collect();
        let mut dated = self.dates_of(&chosen)?;
        dated.sort_by(|a, b| by_date(a, b, true));
        Ok((dated.into_iter().map(|(ordinal, _)| ordinal).collect(), SampleTaken { size: options.size, seed }))
    }
}

impl Archive {
    /// The first eight bytes of the id of each message, indexed or not.
    fn id_keys(&self, messages: &RoaringBitmap) -> Result<Vec<(Ordinal, [u8; 8])>> {
        let mut keys = match &self.index {
            Some(index) => index.id_keys(messages)?,
            None => Vec::new(),
        };
        keys.retain(|(ordinal, _)| self.tail.get(ordinal.0).is_none());
        for (_, archived) in self.tail.iter().filter(|(_, archived)| messages.contains(archived.ordinal.0)) {
            keys.push((archived.ordinal, beginning(&archived.id)));
        }
        Ok(keys)
    }
}

fn beginning(id: &MessageId) -> [u8; 8] {
    let mut key = [0; 8];
    key.iter_mut().zip(id.0).for_each(|(place, byte)| *place = byte);
    key
}

/// Where a message stands in the order of a seed.
fn rank(seed: u64, key: &[u8; 8]) -> Digest {
    Digest::of(&[DOMAIN, &seed.to_be_bytes(), key].concat())
}

/// A seed from the operating system. Four bytes: people write it down.
fn drawn() -> Result<u64> {
    let mut random = [0; 4];
    getrandom::fill(&mut random)
        .map_err(|e| Error::new(ErrorKind::Io, format!("the operating system gives no random numbers: {e}")))?;
    Ok(u64::from(u32::from_be_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_seed_is_the_same_in_every_version() {
        let key = beginning(&MessageId([7; 16]));
        let by_hand = b"custodia sample 1\0\0\0\0\0\x01\x35\x25\xd4\x07\x07\x07\x07\x07\x07\x07\x07";
        assert_eq!(rank(20_260_308, &key), Digest::of(by_hand));
        assert_ne!(rank(1, &key), rank(2, &key));
    }
}
