//! A day or a time of day on some clock, as a stretch of UTC.
//!
//! Contract: pure. A local time that does not exist (clocks went forward) is no time; one that comes twice is both.

use super::date::number;
use crate::model::Instant;
use crate::model::Zone;
use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

/// Minutes of the largest offset: UTC+14 and UTC-12 exist, 18 hours is ISO 8601's own bound.
const OFFSET_MINUTES: i64 = 18 * 60;
const MINUTE: i64 = 60_000;

/// Whose time it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    Utc,
    /// Minutes ahead of UTC.
    Offset(i64),
    Zone(Zone),
}

impl Clock {
    /// From the first moment of a day to the first moment of another.
    pub(super) fn days(self, from: NaiveDate, until: NaiveDate) -> Option<(Instant, Instant)> {
        Some((self.midnight(from)?, self.midnight(until)?))
    }

    /// The first moment of a day. Where clocks go forward at midnight, it is the first that exists.
    fn midnight(self, day: NaiveDate) -> Option<Instant> {
        let start = day.and_time(NaiveTime::MIN);
        (0..4).find_map(|quarter| self.at(start + chrono::TimeDelta::minutes(quarter * 30))).map(|(first, _)| first)
    }

    /// `hh:mm[:ss[.f]]`: one minute, second or millisecond.
    pub(super) fn moment(self, day: NaiveDate, text: &str) -> Option<(Instant, Instant)> {
        let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
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
            (None, None) => MINUTE,
            (Some(_), None) => 1_000,
            (Some(_), Some(_)) => 1,
            (None, Some(_)) => return None,
        };
        let second = second.map_or(Some(0), |text| number(text, 2, 2))?;
        if parts.next().is_some() {
            return None;
        }
        let (first, last) = self.at(day.and_time(NaiveTime::from_hms_milli_opt(hour, minute, second, millis)?))?;
        Some((first, Instant(last.0.checked_add(length)?)))
    }

    /// The instants that this clock shows `time` at: the first and the last, which are one but where clocks went back.
    fn at(self, time: NaiveDateTime) -> Option<(Instant, Instant)> {
        let utc = Instant::from(DateTime::<Utc>::from_naive_utc_and_offset(time, Utc));
        match self {
            Self::Utc => Some((utc, utc)),
            Self::Offset(minutes) => {
                let at = Instant(utc.0.checked_sub(minutes * MINUTE)?);
                Some((at, at))
            }
            Self::Zone(zone) => match zone.from_local_datetime(&time) {
                LocalResult::None => None,
                LocalResult::Single(at) => Some((at.with_timezone(&Utc).into(), at.with_timezone(&Utc).into())),
                LocalResult::Ambiguous(first, last) => {
                    Some((first.with_timezone(&Utc).into(), last.with_timezone(&Utc).into()))
                }
            },
        }
    }
}

/// A time without its offset, and the offset's minutes: `z`, `+hh:mm`, `-hhmm`. `None`: that is no offset.
pub(super) fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(time) = text.strip_suffix('z') {
        return Some((time, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, None)) };
    let (time, offset) = text.split_at_checked(at)?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let total =
        i64::from(number(hours, 2, 2)?) * 60 + i64::from(number(minutes, 2, 2).filter(|minutes| *minutes < 60)?);
    (total <= OFFSET_MINUTES).then_some((time, Some(if sign == "-" { -total } else { total })))
}
