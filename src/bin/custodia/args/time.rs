//! Times in command lines: RFC 3339, a date or a local time in the display zone, or so long ago.
//!
//! A date given as the end of a period means the whole day. A local time that does not exist (clocks went forward) is an
//! error; one that exists twice is the earlier as a beginning and the later as an end, so that nothing is left out.

use chrono::{DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use custodia::model::Zone;
use custodia::{Error, ErrorKind, Result, model::Instant};

/// A time as it was typed; it becomes an instant when zone and clock are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeArg {
    /// With its offset.
    At(Instant),
    /// A day of the display zone.
    Day(NaiveDate),
    /// A day of this many seconds ahead of UTC.
    DayOf(NaiveDate, FixedOffset),
    /// A wall clock time of the display zone.
    Local(NaiveDateTime),
    /// Before now.
    Ago(Duration),
}

/// Reads a time.
pub fn time(text: &str) -> Result<TimeArg, String> {
    let text = text.trim();
    if let Some(at) = Instant::parse_rfc3339(text).or_else(|| to_the_minute(text)) {
        return Ok(TimeArg::At(at));
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(TimeArg::Day(day));
    }
    if let Some(day) = day_with_offset(text) {
        return Ok(day);
    }
    for form in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            return Ok(TimeArg::Local(local));
        }
    }
    ago(text).map(TimeArg::Ago).ok_or_else(|| {
        "write 2026-03-04, 2026-03-04T09:12, 2026-03-04T09:12:41Z, or how long ago: 24h, 7d, 2w".to_owned()
    })
}

/// RFC 3339 without its seconds: `2026-03-04T09:12Z`, `2026-03-04T09:12+01:00`.
fn to_the_minute(text: &str) -> Option<Instant> {
    let (minute, offset) = text.split_at_checked("2026-03-04T09:12".len())?;
    Instant::parse_rfc3339(&format!("{minute}:00{offset}"))
}

/// A day with the offset whose day it is: `2026-03-04+01:00`, `2026-03-04Z`.
fn day_with_offset(text: &str) -> Option<TimeArg> {
    let (day, offset) = text.split_at_checked("2026-03-04".len())?;
    let at = DateTime::parse_from_rfc3339(&format!("{day}T00:00:00{offset}")).ok()?;
    Some(TimeArg::DayOf(at.date_naive(), *at.offset()))
}

fn ago(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let count = i64::from(text.strip_suffix(unit)?.parse::<u32>().ok()?);
    match unit {
        'm' => Duration::try_minutes(count),
        'h' => Duration::try_hours(count),
        'd' => Duration::try_days(count),
        'w' => Duration::try_weeks(count),
        _ => None,
    }
}

impl TimeArg {
    /// The first instant of the period that begins with this time.
    pub fn begin(self, zone: Zone, now: Instant) -> Result<Instant> {
        match self {
            Self::Day(day) => day_start(day, zone),
            Self::DayOf(day, offset) => midnight(day, offset),
            Self::Local(local) => on_the_clock(local, zone).map(|(earlier, _)| earlier),
            Self::At(_) | Self::Ago(_) => Ok(self.absolute(now)),
        }
    }

    /// The first instant after the period that ends with this time; a day is in the period to its end.
    pub fn end(self, zone: Zone, now: Instant) -> Result<Instant> {
        match self {
            Self::Day(day) => day_start(day.succ_opt().ok_or_else(|| out_of_range(&day.to_string()))?, zone),
            Self::DayOf(day, offset) => midnight(day.succ_opt().ok_or_else(|| out_of_range(&day.to_string()))?, offset),
            Self::Local(local) => on_the_clock(local, zone).map(|(_, later)| later),
            Self::At(_) | Self::Ago(_) => Ok(self.absolute(now)),
        }
    }

    fn absolute(self, now: Instant) -> Instant {
        match self {
            Self::At(at) => at,
            Self::Ago(span) => Instant(now.0.saturating_sub(span.num_milliseconds())),
            Self::Day(_) | Self::DayOf(..) | Self::Local(_) => now,
        }
    }
}

fn midnight(day: NaiveDate, offset: FixedOffset) -> Result<Instant> {
    let at = day.and_hms_opt(0, 0, 0).and_then(|local| offset.from_local_datetime(&local).single());
    at.map(|at| Instant(at.timestamp_millis())).ok_or_else(|| out_of_range(&day.to_string()))
}

/// The first instant of a day: midnight, or the first hour after it that exists.
fn day_start(day: NaiveDate, zone: Zone) -> Result<Instant> {
    (0..4)
        .filter_map(|hour| day.and_hms_opt(hour, 0, 0))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| Instant(at.timestamp_millis()))
        .ok_or_else(|| out_of_range(&day.to_string()))
}

fn on_the_clock(local: NaiveDateTime, zone: Zone) -> Result<(Instant, Instant)> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok((Instant(at.timestamp_millis()), Instant(at.timestamp_millis()))),
        LocalResult::Ambiguous(a, b) => Ok((Instant(a.timestamp_millis()), Instant(b.timestamp_millis()))),
        LocalResult::None => Err(Error::new(ErrorKind::Usage, format!("{local} does not exist in {zone}"))
            .with_hint("clocks went forward then; write the time with its offset, such as 2026-03-29T01:30:00Z")),
    }
}

fn out_of_range(text: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("{text} is not a time this program can count with"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_772_615_561_000);

    fn period(since: &str, until: &str, zone: Zone) -> (String, String) {
        let begin = time(since).unwrap().begin(zone, NOW).unwrap();
        let end = time(until).unwrap().end(zone, NOW).unwrap();
        (begin.to_string(), end.to_string())
    }

    #[test]
    fn a_date_as_an_end_means_the_whole_day() {
        let (begin, end) = period("2026-03-04", "2026-03-04", Zone::named("Europe/Warsaw").unwrap());
        assert_eq!((begin.as_str(), end.as_str()), ("2026-03-03T23:00:00Z", "2026-03-04T23:00:00Z"));
    }

    #[test]
    fn a_day_may_have_the_offset_whose_day_it_is() {
        let (begin, end) = period("2026-02-27+01:00", "2026-02-27+01:00", Zone::UTC);
        assert_eq!((begin.as_str(), end.as_str()), ("2026-02-26T23:00:00Z", "2026-02-27T23:00:00Z"));
        assert!(time("2026-02-27+99:00").is_err());
    }

    #[test]
    fn a_time_with_an_offset_needs_no_seconds() {
        for text in ["2026-03-04T09:12Z", "2026-03-04T10:12+01:00", "2026-03-04T09:12:00Z"] {
            assert_eq!(
                time(text).unwrap().begin(Zone::named("Europe/Warsaw").unwrap(), NOW).unwrap().to_string(),
                "2026-03-04T09:12:00Z"
            );
        }
    }

    #[test]
    fn an_hour_that_exists_twice_leaves_nothing_out() {
        let (begin, end) = period("2025-10-26T01:30", "2025-10-26 01:30:00", Zone::named("Europe/London").unwrap());
        assert_eq!((begin.as_str(), end.as_str()), ("2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"));
    }

    #[test]
    fn an_hour_that_does_not_exist_is_an_error() {
        let arg = time("2026-03-29T01:30").unwrap();
        assert_eq!(arg.begin(Zone::named("Europe/London").unwrap(), NOW).unwrap_err().kind(), ErrorKind::Usage);
        // Midnight itself is skipped in Beirut on 2026-03-29: the day begins at 01:00.
        let day = time("2026-03-29").unwrap();
        assert_eq!(day.begin(Zone::named("Asia/Beirut").unwrap(), NOW).unwrap().to_string(), "2026-03-28T22:00:00Z");
    }

    #[test]
    fn so_long_ago_is_counted_from_now() {
        assert_eq!(time("24h").unwrap().begin(Zone::UTC, NOW).unwrap(), Instant(NOW.0 - 86_400_000));
        for wrong in ["", "h", "24", "-1h", "1y", "04/03/2026", "yesterday", "2026-13-01", "99999999999w"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        assert!(time("4294967295w").unwrap().begin(Zone::UTC, NOW).is_ok());
    }
}
