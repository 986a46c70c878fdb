//! Dates and times in a query: what is typed, and the stretch of time that it names.
//!
//! Contract: UTC only, as in the original. A date is its whole day, a time without a fraction its whole second. Named
//! intervals need `now`, which is an argument. Microsoft lists today, yesterday, this week, this month, last month,
//! this year and last year; `last week`, `last 7 days` and `last 30 days` are an extension, and a week begins on
//! Monday.

use crate::model::Instant;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};

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
    Named(Named),
}

/// A named interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// This UTC day.
    Today,
    /// The day before.
    Yesterday,
    /// From Monday through Sunday.
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
    LastDays(u8),
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
    ("last 7 days", Named::LastDays(7)),
    ("last 30 days", Named::LastDays(30)),
];

/// A value that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The stretch of time.
    pub span: DateSpan,
    /// It was written month/day/year.
    pub american: bool,
}

/// Reads one value. `None` if it is no date.
#[must_use]
pub fn read(text: &str) -> Option<Read> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let Some((_, named)) = NAMED.iter().find(|(name, _)| *name == words) {
        return Some(Read { span: DateSpan::Named(*named), american: false });
    }
    if let Some(day) = american(&words) {
        return Some(Read { span: days(day, day.succ_opt()?)?, american: true });
    }
    let span = match words.split_once(['t', ' ']) {
        None => iso_day(&words).and_then(|day| days(day, day.succ_opt()?)),
        Some((day, time)) => iso_day(day).and_then(|day| day_time(day, time)),
    };
    span.map(|span| Read { span, american: false })
}

impl DateSpan {
    /// `[from, until)` when it is `now`.
    #[must_use]
    pub fn at(self, now: Instant) -> (Instant, Instant) {
        match self {
            Self::Fixed { from, until } => (from, until),
            // Outside of chrono's calendar there is no today: nothing is in it.
            Self::Named(named) => named.days(now).unwrap_or((now, now)),
        }
    }
}

impl Named {
    fn days(self, now: Instant) -> Option<(Instant, Instant)> {
        let today = now.to_utc()?.date_naive();
        let week = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
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
        Some((midnight(from), midnight(until)))
    }
}

fn midnight(day: NaiveDate) -> Instant {
    instant(day.and_time(NaiveTime::MIN))
}

fn instant(time: NaiveDateTime) -> Instant {
    DateTime::<Utc>::from_naive_utc_and_offset(time, Utc).into()
}

fn days(from: NaiveDate, until: NaiveDate) -> Option<DateSpan> {
    Some(DateSpan::Fixed { from: midnight(from), until: midnight(until) })
}

/// Digits only, at least one and at most `most`: chrono would take signs and blanks.
fn number(text: &str, least: usize, most: usize) -> Option<u32> {
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

/// `hh:mm[:ss[.f]][z]`, or with an offset `+hh:mm`: one minute, second or millisecond.
fn day_time(day: NaiveDate, text: &str) -> Option<DateSpan> {
    let (clock, offset_minutes) = match text.strip_suffix('z') {
        Some(clock) => (clock, 0),
        None => match text.find(['+', '-']) {
            Some(at) => {
                let (clock, offset) = text.split_at_checked(at)?;
                let (sign, offset) = offset.split_at_checked(1)?;
                let (hours, minutes) = offset.split_once(':')?;
                let total = i64::from(number(hours, 2, 2)?) * 60 + i64::from(number(minutes, 2, 2)?);
                (clock, if sign == "-" { -total } else { total })
            }
            None => (text, 0),
        },
    };
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2, 2)?, number(parts.next()?, 2, 2)?, parts.next());
    let millis = match fraction {
        Some(digits) => {
            number(digits, 1, 7)?;
            number(&format!("{digits}00").chars().take(3).collect::<String>(), 3, 3)?
        }
        None => 0,
    };
    let length = match (second, fraction) {
        (None, None) => 60_000,
        (Some(_), None) => 1_000,
        (Some(_), Some(_)) => 1,
        (None, Some(_)) => return None,
    };
    let second = second.map_or(Some(0), |text| number(text, 2, 2))?;
    if parts.next().is_some() {
        return None;
    }
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second, millis)?;
    let from = instant(day.and_time(time)).0.checked_sub(offset_minutes * 60_000)?;
    Some(DateSpan::Fixed { from: Instant(from), until: Instant(from.checked_add(length)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, now: &str) -> String {
        let now = Instant::parse_rfc3339(now).unwrap();
        read(text).map_or("-".into(), |read| {
            let (from, until) = read.span.at(now);
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
        ] {
            assert_eq!(shown(text, now), expected, "{text}");
        }
        for bad in ["", "2021", "2021-7-1", "2021-02-30", "13/32/2016", "2021-07-01T", "2021-07-01T25:00:00", "soon"] {
            assert_eq!(shown(bad, now), "-", "{bad}");
        }
        assert_eq!(read("4/13/2016").map(|read| read.american), Some(true));
    }
}
