//! Dates and times in a query: what is typed, and the stretch of time that it names.
//!
//! Contract: UTC, as in the original, unless the value itself has an offset (`2026-03-04T09:00+01:00`, `2026-03-04+01:00`) or a
//! zone (`2026-03-04[Europe/Warsaw]`, `"2026-03-04 09:00 Europe/Warsaw"`, `"today Europe/Warsaw"`). A date is its whole day, a
//! time without a fraction its whole second or minute. Named intervals need `now` and the first day of a week, which are
//! arguments. Microsoft lists today, yesterday, this week, this month, last month, this year and last year; `last week` and
//! `last N days` are an extension.

use super::clock_time::{self, Clock};
use crate::model::Instant;
use crate::model::Zone;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A stretch of time, perhaps a relative one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSpan {
    /// `[from, until)`.
    Fixed {
        /// First instant.
        from: Instant,
        /// First instant behind.
        until: Instant,
    },
    /// Depends on today.
    Named {
        /// Which interval.
        named: Named,
        /// Whose days they are.
        zone: Zone,
    },
}

/// A named interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// This day.
    Today,
    /// The day before.
    Yesterday,
    /// The seven days from the first day of the week.
    ThisWeek,
    /// The week before this one.
    LastWeek,
    /// This calendar month.
    ThisMonth,
    /// The calendar month before.
    LastMonth,
    /// This calendar year.
    ThisYear,
    /// The calendar year before.
    LastYear,
    /// This many days, of which today is the last.
    LastDays(u16),
}

const NAMED: &[(&str, Named)] = &[
    ("today", Named::Today),
    ("yesterday", Named::Yesterday),
    ("this week", Named::ThisWeek),
    ("last week", Named::LastWeek),
    ("this month", Named::ThisMonth),
    ("last month", Named::LastMonth),
    ("this year", Named::ThisYear),
    ("last year", Named::LastYear),
];

/// The most days of `last N days`: a hundred years.
const LAST_DAYS: u16 = 36_500;

/// A value that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The stretch of time.
    pub span: DateSpan,
    /// It was written month/day/year.
    pub american: bool,
    /// It was not a plain UTC value: it has an offset, a zone, or depends on today.
    pub telling: bool,
    /// The zone that it names.
    pub zone: Option<Zone>,
}

/// Reads one value; `zone` is that of the other end of a range, for a value that names none. `None` if it is no date.
#[must_use]
pub fn read(text: &str, zone: Option<Zone>) -> Option<Read> {
    let (text, own) = split_zone(text.trim())?;
    let named_zone = own.or(zone);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let clock = named_zone.map_or(Clock::Utc, Clock::Zone);
    if let Some(named) = named(&words) {
        let span = DateSpan::Named { named, zone: named_zone.unwrap_or(Zone::UTC) };
        return Some(Read { span, american: false, telling: true, zone: own });
    }
    let fixed = |(from, until): (Instant, Instant)| DateSpan::Fixed { from, until };
    let read =
        |span, american, offset: bool| Read { span, american, telling: offset || named_zone.is_some(), zone: own };
    if let Some(day) = american(&words) {
        return Some(read(fixed(clock.days(day, day.succ_opt()?)?), true, false));
    }
    let (day, rest) = words.split_at_checked(10)?;
    let day = iso_day(day)?;
    let (time, offset) = clock_time::split_offset(rest)?;
    let clock = match (offset, named_zone) {
        // Both would have to agree, and which is meant when they do not?
        (Some(_), _) if own.is_some() => return None,
        (Some(offset), _) => Clock::Offset(offset),
        (None, _) => clock,
    };
    let span = match time.strip_prefix(['t', ' ']) {
        None if time.is_empty() => clock.days(day, day.succ_opt()?)?,
        None => return None,
        Some(time) => clock.moment(day, time)?,
    };
    Some(read(fixed(span), false, matches!(clock, Clock::Offset(minutes) if minutes != 0)))
}

/// What is wrong with a value that [`read`] does not take, where it is more than that it is no date.
#[must_use]
pub fn why_not(text: &str, zone: Option<Zone>) -> Option<String> {
    let text = text.trim();
    let Some((bare, own)) = split_zone(text) else {
        let name = text.trim_end_matches(']').rsplit(['[', ' ']).next().unwrap_or_default();
        return Some(format!("there is no time zone `{name}`"));
    };
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let Some(days) = words.strip_prefix("last ").and_then(|rest| rest.strip_suffix(" days")) {
        let digits = !days.is_empty() && days.bytes().all(|b| b.is_ascii_digit());
        return digits.then(|| format!("`last {days} days` must be of 1 to {LAST_DAYS} days"));
    }
    let zone = own.or(zone)?;
    let (day, rest) = words.split_at_checked(10)?;
    let (time, offset) = clock_time::split_offset(rest)?;
    if offset.is_some() {
        return Some(format!("`{bare}` has an offset and the zone {} as well: write one of them", zone.name()));
    }
    let time = time.strip_prefix(['t', ' '])?;
    let skipped = Clock::Utc.moment(iso_day(day)?, time).is_some();
    skipped.then(|| format!("the clocks of {} went forward on {day} and skipped {time}", zone.name()))
}

/// A value without the zone that stands behind it, in brackets (RFC 9557) or after a blank. `None`: there is no such zone.
fn split_zone(text: &str) -> Option<(&str, Option<Zone>)> {
    if let Some(inner) = text.strip_suffix(']') {
        let (before, zone) = inner.rsplit_once('[')?;
        return Some((before.trim_end(), Some(zone_named(zone)?)));
    }
    match text.rsplit_once(char::is_whitespace) {
        Some((before, last)) if last.contains('/') || last.eq_ignore_ascii_case("utc") => {
            Some((before.trim_end(), Some(zone_named(last)?)))
        }
        _ => Some((text, None)),
    }
}

/// Zones in any case: `europe/warsaw`.
fn zone_named(name: &str) -> Option<Zone> {
    Zone::named(name)
}

fn named(words: &str) -> Option<Named> {
    let listed = NAMED.iter().find(|(name, _)| *name == words).map(|(_, named)| *named);
    listed.or_else(|| {
        let days = words.strip_prefix("last ")?.strip_suffix(" days")?;
        let days = number(days, 1, 5).and_then(|days| u16::try_from(days).ok())?;
        (1..=LAST_DAYS).contains(&days).then_some(Named::LastDays(days))
    })
}

impl DateSpan {
    /// `[from, until)` when it is `now`, and weeks begin on `week_start`.
    #[must_use]
    pub fn at(self, now: Instant, week_start: Weekday) -> (Instant, Instant) {
        match self {
            Self::Fixed { from, until } => (from, until),
            // Outside of chrono's calendar there is no today: nothing is in it.
            Self::Named { named, zone } => named.days(now, week_start, zone).unwrap_or((now, now)),
        }
    }
}

impl Named {
    fn days(self, now: Instant, week_start: Weekday, zone: Zone) -> Option<(Instant, Instant)> {
        let today = now.to_utc()?.with_timezone(&zone).date_naive();
        let week = today.checked_sub_days(Days::new(u64::from(today.weekday().days_since(week_start))))?;
        let month = today.with_day(1)?;
        let year = month.with_month(1)?;
        let (from, until) = match self {
            Self::Today => (today, today.succ_opt()?),
            Self::Yesterday => (today.pred_opt()?, today),
            Self::ThisWeek => (week, week.checked_add_days(Days::new(7))?),
            Self::LastWeek => (week.checked_sub_days(Days::new(7))?, week),
            Self::ThisMonth => (month, month.checked_add_months(Months::new(1))?),
            Self::LastMonth => (month.checked_sub_months(Months::new(1))?, month),
            Self::ThisYear => (year, year.checked_add_months(Months::new(12))?),
            Self::LastYear => (year.checked_sub_months(Months::new(12))?, year),
            Self::LastDays(count) => {
                (today.checked_sub_days(Days::new(u64::from(count).saturating_sub(1)))?, today.succ_opt()?)
            }
        };
        Clock::Zone(zone).days(from, until)
    }
}

/// Digits only, at least `least` and at most `most`: chrono would take signs and blanks.
pub(super) fn number(text: &str, least: usize, most: usize) -> Option<u32> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

fn iso_day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(number(year, 4, 4)?).ok()?, number(month, 2, 2)?, number(day, 2, 2)?)
}

fn american(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(number(year, 4, 4)?).ok()?, number(month, 1, 2)?, number(day, 1, 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, now: &str) -> String {
        let now = Instant::parse_rfc3339(now).unwrap();
        read(text, None).map_or("-".into(), |read| {
            let (from, until) = read.span.at(now, Weekday::Mon);
            format!("{from} {until}")
        })
    }

    #[test]
    fn every_form_of_a_date_names_its_stretch_of_time() {
        let now = "2024-03-06T15:00:00Z"; // a Wednesday, in a leap year
        for (text, expected) in [
            ("2021-07-01", "2021-07-01T00:00:00Z 2021-07-02T00:00:00Z"),
            ("2021-07-01T12:30:15", "2021-07-01T12:30:15Z 2021-07-01T12:30:16Z"),
            ("2021-07-01T12:30:15.25Z", "2021-07-01T12:30:15.250Z 2021-07-01T12:30:15.251Z"),
            ("2021-07-01T12:30+02:00", "2021-07-01T10:30:00Z 2021-07-01T10:31:00Z"),
            ("4/13/2016", "2016-04-13T00:00:00Z 2016-04-14T00:00:00Z"),
            ("TODAY", "2024-03-06T00:00:00Z 2024-03-07T00:00:00Z"),
            ("yesterday", "2024-03-05T00:00:00Z 2024-03-06T00:00:00Z"),
            ("this  week", "2024-03-04T00:00:00Z 2024-03-11T00:00:00Z"),
            ("last week", "2024-02-26T00:00:00Z 2024-03-04T00:00:00Z"),
            ("this month", "2024-03-01T00:00:00Z 2024-04-01T00:00:00Z"),
            ("last month", "2024-02-01T00:00:00Z 2024-03-01T00:00:00Z"),
            ("this year", "2024-01-01T00:00:00Z 2025-01-01T00:00:00Z"),
            ("last year", "2023-01-01T00:00:00Z 2024-01-01T00:00:00Z"),
            ("last 7 days", "2024-02-29T00:00:00Z 2024-03-07T00:00:00Z"),
            ("last 30 days", "2024-02-06T00:00:00Z 2024-03-07T00:00:00Z"),
            ("last 1 days", "2024-03-06T00:00:00Z 2024-03-07T00:00:00Z"),
            ("2024-03-04+01:00", "2024-03-03T23:00:00Z 2024-03-04T23:00:00Z"),
            ("2024-03-04[Europe/Warsaw]", "2024-03-03T23:00:00Z 2024-03-04T23:00:00Z"),
            ("2024-03-04 europe/warsaw", "2024-03-03T23:00:00Z 2024-03-04T23:00:00Z"),
            ("2024-03-04T09:00 Europe/Warsaw", "2024-03-04T08:00:00Z 2024-03-04T08:01:00Z"),
            ("2024-03-04 09:00:30 UTC", "2024-03-04T09:00:30Z 2024-03-04T09:00:31Z"),
            ("2024-03-31[Europe/Warsaw]", "2024-03-30T23:00:00Z 2024-03-31T22:00:00Z"),
            ("today America/New_York", "2024-03-06T05:00:00Z 2024-03-07T05:00:00Z"),
            // An hour that comes twice is both of them.
            ("2023-10-29T02:30[Europe/Warsaw]", "2023-10-29T00:30:00Z 2023-10-29T01:31:00Z"),
        ] {
            assert_eq!(shown(text, now), expected, "{text}");
        }
        for bad in [
            "2024-03-31T02:30[Europe/Warsaw]",
            "2024-03-04[Europe/Warszawa]",
            "2024-03-04+01:00[Europe/Warsaw]",
            "2024-03-04+25:00",
            "2024-03-04T",
            "last 0 days",
            "last 99999 days",
            "zażółć gęś",
        ] {
            assert_eq!(shown(bad, now), "-", "{bad}");
        }
        for bad in ["", "2021", "2021-7-1", "2021-02-30", "13/32/2016", "2021-07-01T", "2021-07-01T25:00:00", "soon"] {
            assert_eq!(shown(bad, now), "-", "{bad}");
        }
        assert_eq!(read("4/13/2016", None).map(|read| read.american), Some(true));
    }

    #[test]
    fn an_end_of_a_range_with_an_offset_of_its_own_keeps_it() {
        let zone = zone_named("Europe/Warsaw");
        let from = |text| read(text, zone).map(|read| read.span.at(Instant(0), Weekday::Mon).0.to_string());
        assert_eq!(from("2026-03-04").as_deref(), Some("2026-03-03T23:00:00Z"));
        assert_eq!(from("2026-03-04T09:00-05:00").as_deref(), Some("2026-03-04T14:00:00Z"));
        assert_eq!(from("2026-03-04T09:00Z").as_deref(), Some("2026-03-04T09:00:00Z"));
    }

    #[test]
    fn a_week_begins_where_the_archive_says() {
        let now = Instant::parse_rfc3339("2024-03-06T15:00:00Z").unwrap();
        let week = DateSpan::Named { named: Named::ThisWeek, zone: Zone::UTC };
        assert_eq!(week.at(now, Weekday::Sun).0.to_string(), "2024-03-03T00:00:00Z");
        assert_eq!(week.at(now, Weekday::Mon).0.to_string(), "2024-03-04T00:00:00Z");
        assert_eq!(week.at(now, Weekday::Sat).1.to_string(), "2024-03-09T00:00:00Z");
    }
}
