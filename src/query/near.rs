//! Proximity: words or phrases with at most so many other tokens between them.
//!
//! Each operand must stand near the next one: `a NEAR(3) b NEAR(3) c` asks for a place of `b` that is near a place of `a`
//! and near a place of `c`. Two places that overlap are not near each other. Contract: pure; the work grows with the number
//! of places, not with its square. The index asks [`chain`] too, on the positions that it has stored.

use super::{
    leaf::{Gap, Near},
    row,
};

/// Where an operand stands: the index of its first token, and the first index behind.
pub type Place = (u32, u32);

/// Whether the operands stand near each other in the value.
pub(super) fn stands_in(near: &Near, value: &[String]) -> bool {
    let mut operands = Vec::with_capacity(near.operands.len());
    for rows in &near.operands {
        let mut places: Vec<Place> = Vec::new();
        for wanted in rows {
            let length = wanted.tokens.len();
            let found = row::find(value, &wanted.tokens, wanted.prefix, false);
            places.extend(found.into_iter().map(|at| (index(at), index(at + length))));
        }
        if places.is_empty() {
            return false;
        }
        operands.push(places);
    }
    chain(&near.gaps, operands)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Whether there is a place of each operand such that each is near the next.
#[must_use]
pub fn chain(gaps: &[Gap], operands: Vec<Vec<Place>>) -> bool {
    let mut operands = operands.into_iter();
    let Some(mut reached) = operands.next() else { return false };
    for (gap, places) in gaps.iter().zip(operands) {
        let mut starts: Vec<u32> = reached.iter().map(|place| place.0).collect();
        let mut ends: Vec<u32> = reached.iter().map(|place| place.1).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let near = |(start, end): &Place| {
            let before = any_within(&ends, start.saturating_sub(gap.most), *start);
            before || (!gap.ordered && any_within(&starts, *end, end.saturating_add(gap.most)))
        };
        reached = places.into_iter().filter(near).collect();
        if reached.is_empty() {
            return false;
        }
    }
    !reached.is_empty()
}

fn any_within(sorted: &[u32], least: u32, most: u32) -> bool {
    sorted.get(sorted.partition_point(|at| *at < least)).is_some_and(|at| *at <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gap(most: u32, ordered: bool) -> Gap {
        Gap { most, ordered }
    }

    #[test]
    fn the_tokens_between_are_counted_and_the_order_is_kept() {
        let (a, b) = (vec![(1, 2)], vec![(6, 7)]);
        assert!(!chain(&[gap(3, false)], vec![a.clone(), b.clone()]));
        assert!(chain(&[gap(4, false)], vec![a.clone(), b.clone()]));
        assert!(chain(&[gap(4, false)], vec![b.clone(), a.clone()]));
        assert!(!chain(&[gap(4, true)], vec![b, a.clone()]));
        assert!(!chain(&[gap(9, false)], vec![a.clone(), a]), "a place is not near itself");
    }

    /// Every way to choose a place for each operand.
    fn brute(gaps: &[Gap], operands: &[Vec<Place>]) -> bool {
        fn from(last: Option<Place>, gaps: &[Gap], operands: &[Vec<Place>]) -> bool {
            let Some((places, rest)) = operands.split_first() else { return true };
            places.iter().any(|place| match last {
                None => from(Some(*place), gaps, rest),
                Some(last) => {
                    let (gap, gaps) = gaps.split_first().unwrap();
                    let behind = place.0 >= last.1 && place.0 - last.1 <= gap.most;
                    let before = last.0 >= place.1 && last.0 - place.1 <= gap.most && !gap.ordered;
                    (behind || before) && from(Some(*place), gaps, rest)
                }
            })
        }
        from(None, gaps, operands)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]
        #[test]
        fn a_chain_is_found_where_trying_everything_finds_one(
            operands in prop::collection::vec(prop::collection::vec((0u32..24, 1u32..3), 0..5), 2..5),
            gaps in prop::collection::vec((0u32..5, any::<bool>()), 4),
        ) {
            let operands: Vec<Vec<Place>> =
                operands.into_iter().map(|places| places.into_iter().map(|(at, n)| (at, at + n)).collect()).collect();
            let gaps: Vec<Gap> = gaps.into_iter().take(operands.len() - 1).map(|(n, ordered)| gap(n, ordered)).collect();
            prop_assert_eq!(chain(&gaps, operands.clone()), brute(&gaps, &operands));
        }
    }
}
