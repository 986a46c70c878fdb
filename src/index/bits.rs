//! A set of ordinals as plain bits: where every message of an index is asked for or put in, a compressed bitmap is too slow.

use roaring::RoaringBitmap;

/// One bit for each ordinal.
#[derive(Default)]
pub(super) struct Bits(Vec<u8>);

impl Bits {
    /// Room for the ordinals up to `most`.
    pub(super) fn up_to(most: u64) -> Self {
        let most = usize::try_from(most.min(u64::from(u32::MAX))).unwrap_or_default();
        Self(vec![0; most / 8 + 1])
    }

    pub(super) fn of(set: &RoaringBitmap) -> Self {
        let mut bits = Self::up_to(set.max().map_or(0, u64::from));
        set.iter().for_each(|ordinal| bits.put(ordinal));
        bits
    }

    pub(super) fn put(&mut self, ordinal: u32) {
        if let Some(byte) = self.0.get_mut(ordinal as usize / 8) {
            *byte |= 1 << (ordinal % 8);
        }
    }

    pub(super) fn has(&self, ordinal: u32) -> bool {
        self.0.get(ordinal as usize / 8).is_some_and(|byte| byte >> (ordinal % 8) & 1 == 1)
    }

    pub(super) fn set(&self) -> RoaringBitmap {
        RoaringBitmap::from_lsb0_bytes(0, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_bitmaps_are_the_same_sets() {
        let set: RoaringBitmap = [0, 1, 7, 8, 63, 64, 65_535, 65_536, 1_000_003].into_iter().collect();
        let bits = Bits::of(&set);
        assert_eq!(bits.set(), set);
        assert!(bits.has(65_536) && !bits.has(2) && !bits.has(u32::MAX));
        assert!(Bits::default().set().is_empty());
    }
}
