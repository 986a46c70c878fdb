//! Core Data's times: seconds since 2001-01-01 UTC, with fractions.
//!
//! Contract: pure. What is no time (not a number, absurd) is `None`; the caller says so.

use crate::model::Instant;

/// 2001-01-01T00:00:00Z in seconds since 1970.
const EPOCH_SECONDS: f64 = 978_307_200.0;

/// The instant, to the millisecond, if a message can plausibly have been sent then.
#[must_use]
pub fn instant(seconds: f64) -> Option<Instant> {
    let millis = ((seconds + EPOCH_SECONDS) * 1000.0).round();
    // Whatever is outside is not plausible either; within it, the conversion is exact.
    (millis.abs() < 1e15).then_some(Instant(millis as i64)).and_then(Instant::plausible)
}

/// An instant from milliseconds since 1970, as the blobs have it; from seconds, if it is far too small for milliseconds.
#[must_use]
pub fn unix_millis(value: u64) -> Option<Instant> {
    let value = i64::try_from(value).ok()?;
    Instant(value).plausible().or_else(|| Instant(value.checked_mul(1000)?).plausible())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_since_2001_are_an_instant() {
        assert_eq!(instant(0.0).map(|at| at.to_string()), Some("2001-01-01T00:00:00Z".into()));
        assert_eq!(instant(794_308_361.25).map(|at| at.to_string()), Some("2026-03-04T09:12:41.250Z".into()));
    }

    #[test]
    fn absurd_times_are_none() {
        for absurd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300, 1e12, -978_307_200.0, f64::MAX] {
            assert_eq!(instant(absurd), None, "{absurd}");
        }
    }

    #[test]
    fn blobs_have_milliseconds_and_sometimes_seconds() {
        assert_eq!(unix_millis(1_772_615_561_000), Some(Instant(1_772_615_561_000)));
        assert_eq!(unix_millis(1_772_615_561), Some(Instant(1_772_615_561_000)));
        assert_eq!((unix_millis(9), unix_millis(u64::MAX)), (None, None));
    }
}
