//! A length of time as retention rules have it: `7y`, `18m`, `90d`, `2w`.
//!
//! Contract: calendar arithmetic in UTC, so that no zone's clock changes matter. A day that the target month does not have
//! becomes the first of the next month: a period ends later, never earlier, than a person would count. A sum beyond what
//! the calendar can hold is "never" ([`NEVER`]).

use super::Instant;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The end of a period that the calendar cannot hold: later than everything.
pub const NEVER: Instant = Instant(i64::MAX);

/// Years of the longest period: nobody can mean a longer one, and every sum stays inside of chrono's calendar.
const MOST_YEARS: u32 = 1_000;

/// What a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    fn letter(self) -> char {
        match self {
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
            Self::Year => 'y',
        }
    }

    fn most(self) -> u32 {
        match self {
            Self::Day => MOST_YEARS * 366,
            Self::Week => MOST_YEARS * 52,
            Self::Month => MOST_YEARS * 12,
            Self::Year => MOST_YEARS,
        }
    }
}

/// A length of time. Text everywhere it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    count: u32,
    unit: Unit,
}

impl Period {
    /// Reads a number and one of `d`, `w`, `m`, `y`; `None` for anything else, for nothing, and beyond a thousand years.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = text.trim().chars();
        let unit = match letters.next_back()?.to_ascii_lowercase() {
            'd' => Unit::Day,
            'w' => Unit::Week,
            'm' => Unit::Month,
            'y' => Unit::Year,
            _ => return None,
        };
        let digits = letters.as_str();
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let count: u32 = digits.parse().ok()?;
        (1..=unit.most()).contains(&count).then_some(Self { count, unit })
    }

    /// The first instant at which a period that began at `start` is over.
    #[must_use]
    pub fn end_from(self, start: Instant) -> Instant {
        let end = start.to_utc().and_then(|at| {
            let day = match self.unit {
                Unit::Day => at.date_naive().checked_add_days(Days::new(u64::from(self.count))),
                Unit::Week => at.date_naive().checked_add_days(Days::new(u64::from(self.count) * 7)),
                Unit::Month => later_month(at.date_naive(), self.count),
                Unit::Year => later_month(at.date_naive(), self.count * 12),
            };
            day.map(|day| Instant::from(day.and_time(at.time()).and_utc()))
        });
        end.unwrap_or(NEVER)
    }

    /// Whether this period is at least as long as the other, whatever the day that both begin on.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        match (self.months(), other.months()) {
            (Some(own), Some(its)) => own >= its,
            _ => self.days(SHORTEST_YEAR) >= other.days(LONGEST_YEAR),
        }
    }

    fn months(self) -> Option<u32> {
        match self.unit {
            Unit::Month => Some(self.count),
            Unit::Year => Some(self.count * 12),
            Unit::Day | Unit::Week => None,
        }
    }

    /// Its days, where the months beyond whole years take as many as `year` says, and its last element for each whole year.
    fn days(self, year: [u32; 13]) -> u32 {
        let of = |month: u32| year.get(month as usize).copied().unwrap_or(0);
        match self.unit {
            Unit::Day => self.count,
            Unit::Week => self.count * 7,
            Unit::Month => self.count / 12 * of(12) + of(self.count % 12),
            Unit::Year => self.count * of(12),
        }
    }
}

/// The fewest days that so many months in a row can have.
const SHORTEST_YEAR: [u32; 13] = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334, 365];
/// The most days that so many months in a row can have.
const LONGEST_YEAR: [u32; 13] = [0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337, 366];

/// The same day so many months later; the first of the month after that where there is no such day.
fn later_month(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    let clamped = day.checked_add_months(Months::new(months))?;
    if clamped.day() == day.day() { Some(clamped) } else { clamped.succ_opt() }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.letter())
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a period such as 7y, 18m, 90d or 2w"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    fn end(start: &str, text: &str) -> String {
        period(text).end_from(Instant::parse_rfc3339(start).unwrap()).to_string()
    }

    #[test]
    fn periods_are_read_and_written() {
        for text in ["7y", "18m", "90d", "2w", "1000y"] {
            assert_eq!(period(text).to_string(), text);
            assert_eq!(serde_json::to_string(&period(text)).unwrap(), format!("\"{text}\""));
            let bytes = bincode::serialize(&period(text)).unwrap();
            assert_eq!(bincode::deserialize::<Period>(&bytes).unwrap(), period(text));
        }
        assert_eq!(period(" 7Y ").to_string(), "7y");
        for wrong in ["", "7", "y", "0y", "-1y", "+1y", "1.5y", "1001y", "7 y", "7yy", "4294967296d", "é", "7ÿ"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
        assert!(serde_json::from_str::<Period>("\"7\"").is_err());
    }

    #[test]
    fn a_day_that_a_month_does_not_have_ends_later() {
        assert_eq!(end("2024-02-29T12:00:00Z", "1y"), "2025-03-01T12:00:00Z");
        assert_eq!(end("2024-02-29T12:00:00Z", "4y"), "2028-02-29T12:00:00Z");
        assert_eq!(end("2023-02-28T12:00:00Z", "1y"), "2024-02-28T12:00:00Z");
        assert_eq!(end("2026-01-31T00:00:00Z", "1m"), "2026-03-01T00:00:00Z");
        assert_eq!(end("2026-03-31T00:00:00Z", "6m"), "2026-10-01T00:00:00Z");
    }

    #[test]
    fn clock_changes_and_2038_do_not_matter() {
        // Clocks go forward in Warsaw on 2026-03-29 and back on 2026-10-25.
        assert_eq!(end("2026-03-28T12:00:00Z", "1d"), "2026-03-29T12:00:00Z");
        assert_eq!(end("2026-10-24T12:00:00Z", "1w"), "2026-10-31T12:00:00Z");
        assert_eq!(end("2031-01-19T03:14:08Z", "7y"), "2038-01-19T03:14:08Z");
        assert_eq!(end("2038-01-19T03:14:08Z", "90d"), "2038-04-19T03:14:08Z");
    }

    #[test]
    fn what_the_calendar_cannot_hold_never_ends() {
        assert_eq!(period("1000y").end_from(NEVER), NEVER);
        assert_eq!(period("1d").end_from(Instant(i64::MIN)), NEVER);
        assert!(period("1000y").end_from(Instant::LATEST_PLAUSIBLE) < NEVER);
    }

    #[test]
    fn only_what_is_never_shorter_counts_as_at_least_as_long() {
        for (long, short) in [("7y", "5y"), ("12m", "1y"), ("1y", "12m"), ("366d", "1y"), ("1y", "365d"), ("2w", "14d")]
        {
            assert!(period(long).is_at_least(period(short)), "{long} {short}");
        }
        for (short, long) in [("5y", "7y"), ("365d", "1y"), ("1y", "366d"), ("11m", "1y"), ("28d", "1m")] {
            assert!(!period(short).is_at_least(period(long)), "{short} {long}");
        }
    }

    proptest! {
        #[test]
        fn a_period_that_is_at_least_as_long_never_ends_before(
            start in 946_684_800_000i64..7_258_118_399_999, a in 1u32..600, b in 1u32..600, x in 0usize..4, y in 0usize..4,
        ) {
            let of = |n: u32, unit: usize| period(&format!("{n}{}", ["d", "w", "m", "y"][unit]));
            let (a, b) = (of(a, x), of(b, y));
            prop_assert!(a.end_from(Instant(start)) > Instant(start));
            if a.is_at_least(b) {
                prop_assert!(a.end_from(Instant(start)) >= b.end_from(Instant(start)));
            }
        }
    }
}
