//! When it happens: a year of messages from 2025-03-01, and how times are written in a feed.

use super::prng::Prng;
use crate::model::Instant;

/// 2025-03-01T00:00:00Z in milliseconds.
pub(super) const BEGIN: i64 = 1_740_787_200_000;
/// Twelve months: the corpus ends before 2026-03-01T00:00:00Z.
pub(super) const SPAN: u64 = 365 * 86_400_000;

/// When message `serial` of `messages` was sent: evenly over the year, within its own stretch of it.
pub(super) fn sent(prng: &mut Prng, serial: u64, messages: u64) -> i64 {
    let (serial, messages) = (u128::from(serial), u128::from(messages.max(1)));
    let begin = serial * u128::from(SPAN) / messages;
    let stretch = u64::try_from(u128::from(SPAN) / messages).unwrap_or(0);
    // A few steps of jitter: neighbours overtake each other, as in a real feed, and the year is not left.
    let early = u64::try_from(begin).unwrap_or(0).min(prng.below(stretch.saturating_mul(2).saturating_add(1)));
    let offset = u64::try_from(begin).unwrap_or(0) - early;
    BEGIN.saturating_add(i64::try_from(offset).unwrap_or(0)) / 1_000 * 1_000
}

/// `2025-03-04T09:12:41Z`.
pub(super) fn stamp(at: i64) -> String {
    Instant(at).to_seconds_text()
}

/// `20250304`.
pub(super) fn day(at: i64) -> String {
    Instant(at).to_utc().map_or_else(String::new, |time| time.format("%Y%m%d").to_string())
}

/// As RFC 5322 wants it: `Tue, 04 Mar 2025 09:12:41 +0000`.
pub(super) fn mail(at: i64) -> String {
    Instant(at).to_utc().map_or_else(String::new, |time| time.format("%a, %d %b %Y %H:%M:%S +0000").to_string())
}

/// A duration in seconds as `HH:MM:SS`.
pub(super) fn length(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_spread_over_the_year_and_never_leave_it() {
        let mut prng = Prng::new(1);
        let times: Vec<i64> = (0..2_000).map(|n| sent(&mut prng, n, 2_000)).collect();
        let end = BEGIN + i64::try_from(SPAN).unwrap();
        assert!(times.iter().all(|at| (BEGIN..end).contains(at)));
        assert!(times.last().unwrap() - times.first().unwrap() > 360 * 86_400_000);
        assert_eq!(stamp(BEGIN), "2025-03-01T00:00:00Z");
        assert_eq!(mail(BEGIN), "Sat, 01 Mar 2025 00:00:00 +0000");
        assert_eq!((day(BEGIN).as_str(), length(3_725).as_str()), ("20250301", "01:02:05"));
    }
}
