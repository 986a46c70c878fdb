//! The Date field.
//!
//! Own parser, because a year of five digits (57300 has been seen) must be recognised as absurd; mail-parser reads the first
//! four digits of it. Accepts RFC 5322 with its obsolete forms, and RFC 3339, which some gateways write.

use crate::model::Instant;
use chrono::{NaiveDate, TimeDelta};

/// What the Date field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailDate {
    /// There is none, or it is empty.
    Missing,
    /// It is there, but no believable time: the text as written.
    Absurd(String),
    /// A believable time, UTC.
    At(Instant),
}

/// Reads a date. A time without a zone is taken as UTC, which is what TeleMessage writes (reference 2.1) and what RFC
/// 5322 section 4.3 asks for unknown zones.
#[must_use]
pub fn parse_date(text: &str) -> MailDate {
    let text = text.trim();
    if text.is_empty() {
        return MailDate::Missing;
    }
    let instant = Instant::parse_rfc3339(text).or_else(|| rfc5322(text)).and_then(Instant::plausible);
    instant.map_or_else(|| MailDate::Absurd(text.chars().take(80).collect()), MailDate::At)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn rfc5322(text: &str) -> Option<Instant> {
    let plain = without_comments(text);
    let mut words = plain.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()).peekable();
    if words.peek()?.chars().all(char::is_alphabetic) {
        words.next();
    }
    let day: u32 = number(words.next()?, 2)?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = u32::try_from(MONTHS.iter().position(|m| *m == month)?).ok()? + 1;
    let written = words.next()?;
    let year: i32 = i32::try_from(number(written, 9)?).ok()?;
    let year = match (written.len(), year) {
        (2, 0..=49) => year + 2000,
        (2 | 3, _) => year + 1900,
        _ => year,
    };
    let mut clock = words.next()?.split(':');
    let (hour, minute) = (number(clock.next()?, 2)?, number(clock.next()?, 2)?);
    let second = match clock.next() {
        Some(second) => number(second.split('.').next()?, 2)?,
        None => 0,
    };
    let offset = words.next().map_or(Some(0), zone_seconds)?;
    // A leap second is counted as the second before it.
    let time = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second.min(59))?;
    let time = (second <= 60).then_some(time)?.checked_sub_signed(TimeDelta::seconds(offset))?;
    Some(time.and_utc().into())
}

fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() <= digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Seconds east of UTC; names that are not known count as UTC.
fn zone_seconds(zone: &str) -> Option<i64> {
    let hours = |h: i64| Some(h * 3600);
    if let Some(digits) = zone.strip_prefix(['+', '-']) {
        let digits: String = digits.chars().filter(|c| *c != ':').collect();
        let value = i64::from(number(&digits, 4)?);
        let seconds = (value / 100) * 3600 + (value % 100) * 60;
        let fits = digits.len() == 4 && value % 100 < 60 && value <= 1800;
        return fits.then_some(if zone.starts_with('-') { -seconds } else { seconds });
    }
    match zone.to_ascii_uppercase().as_str() {
        "EST" | "CDT" => hours(-5),
        "EDT" => hours(-4),
        "CST" | "MDT" => hours(-6),
        "MST" | "PDT" => hours(-7),
        "PST" => hours(-8),
        _ => Some(0),
    }
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| match c {
            '(' => {
                depth = depth.saturating_add(1);
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_form_of_a_time_is_that_time() {
        for text in [
            "Wed, 04 Mar 2026 09:12:41 +0000",
            "Wed, 4 Mar 2026 10:12:41 +0100 (CET)",
            "4 Mar 2026 09:12:41 GMT",
            "4 Mar 26 09:12:41",
            "Wed,  4 March 2026 04:12:41 EST",
            "2026-03-04T09:12:41Z",
            "2026-03-04T10:12:41+01:00",
        ] {
            assert_eq!(parse_date(text), MailDate::At(Instant(1_772_615_561_000)), "{text}");
        }
    }

    #[test]
    fn an_absurd_year_is_not_cut_to_a_believable_one() {
        for text in [
            "Fri, 04 Mar 57300 09:12:41 +0000",
            "Fri, 04 Mar 20260 09:12:41 +0000",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "Wed, 31 Feb 2026 09:12:41 +0000",
            "Wed, 04 Mar 2026 29:12:41 +0000",
            "yesterday",
            "4 Mar 2026 09:12:41 +9999",
        ] {
            assert_eq!(parse_date(text), MailDate::Absurd(text.into()), "{text}");
        }
        assert_eq!(parse_date("  "), MailDate::Missing);
    }
}
