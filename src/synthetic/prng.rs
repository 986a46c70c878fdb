//! A small seeded generator of numbers (splitmix64, public domain, Sebastiano Vigna).
//!
//! Contract: the same seed gives the same numbers on every machine and in every version; the corpus of a seed is part
//! of what tests and benches compare. Not for secrets.

/// The generator's state.
#[derive(Clone, Debug)]
pub(super) struct Prng(u64);

/// The step of splitmix64: the golden ratio in 64 bits.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A bijection on 64 bits that looks random: distinct inputs give distinct outputs.
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Prng {
    /// Begins at `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed ^ STEP))
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `bound`; 0 if `bound` is 0. The bias is below 2⁻⁴⁰ for the bounds used here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// True `per_myriad` times in ten thousand.
    pub(super) fn chance(&mut self, per_myriad: u64) -> bool {
        self.below(10_000) < per_myriad
    }

    /// One of these, `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len() as u64);
        from.get(usize::try_from(at).unwrap_or(0))
    }

    /// One of these words, empty if there are none.
    pub(super) fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::Prng;

    #[test]
    fn a_seed_gives_the_same_numbers_in_every_version() {
        let mut reference = Prng(1_234_567);
        assert_eq!(reference.next(), 6_457_827_717_110_365_317, "the published vector of splitmix64");
        assert_eq!(reference.next(), 3_203_168_211_198_807_973);
        let mut prng = Prng::new(1);
        let first: Vec<u64> = (0..3).map(|_| prng.below(1_000_000)).collect();
        assert_eq!(first, [366_242, 740_805, 510_562], "changing these numbers changes every corpus");
    }

    #[test]
    fn a_bound_is_never_reached_and_an_empty_choice_is_nothing() {
        let mut prng = Prng::new(7);
        assert!((0..10_000).all(|_| prng.below(6) < 6));
        assert_eq!(prng.below(0), 0);
        assert_eq!(prng.pick::<u8>(&[]), None);
    }
}
