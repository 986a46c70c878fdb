//! From the clock on the wall to an instant, in a zone that the person said.

use super::{date_order, stamp::Stamp};
use crate::model::Zone;
use crate::{
    model::{Instant, details::WallTime},
    source::phone::DateOrder,
};
use chrono::{Duration, LocalResult, NaiveDateTime, NaiveTime, Offset as _, TimeZone as _, Utc};

/// The time of a stamp; `None` where there is no such day.
pub fn naive(stamp: &Stamp, order: DateOrder) -> Option<NaiveDateTime> {
    let second = u32::from(stamp.second.unwrap_or(0)).min(59);
    let time = NaiveTime::from_hms_opt(u32::from(stamp.hour), u32::from(stamp.minute), second)?;
    date_order::date(stamp, order).map(|date| date.and_time(time))
}

/// The instant at which clocks in `zone` showed this time, and how that was known. An hour that came twice is taken as its first
/// one; an hour that was skipped is read with the offset before the gap.
pub fn resolve(shown: NaiveDateTime, seconds: bool, zone: Zone) -> (Option<Instant>, WallTime) {
    let (offset, daylight) = match zone.offset_from_local_datetime(&shown) {
        LocalResult::Single(offset) => (offset.fix(), ""),
        LocalResult::Ambiguous(first, _) => (first.fix(), "overlap"),
        LocalResult::None => {
            // No gap is wider than a day (Samoa, 2011).
            let before = shown - Duration::days(1);
            (zone.offset_from_utc_datetime(&(before - Duration::hours(14))).fix(), "gap")
        }
    };
    let utc = Utc.from_utc_datetime(&(shown - Duration::seconds(i64::from(offset.local_minus_utc()))));
    let wall = WallTime {
        shown: text(shown, seconds),
        zone: zone.name().to_owned(),
        offset_minutes: Some(offset.local_minus_utc().div_euclid(60)),
        precision: if seconds { "second" } else { "minute" }.to_owned(),
        daylight: daylight.to_owned(),
    };
    (Instant::from(utc).plausible(), wall)
}

/// Which of the two happened to a time that is not the only one, and what was taken.
pub fn daylight(wall: &WallTime) -> String {
    let what = match wall.daylight.as_str() {
        "overlap" => "came twice (overlap): the first of the two was taken",
        _ => "never came (gap): the offset before the gap was taken",
    };
    format!("{} in {} {what}", wall.shown, wall.zone)
}

/// `2026-03-04T09:12`, or with seconds.
pub fn text(shown: NaiveDateTime, seconds: bool) -> String {
    shown.format(if seconds { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn at(day: (i32, u32, u32), hour: u32, minute: u32) -> (String, String, i32) {
        let shown = NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap().and_hms_opt(hour, minute, 0).unwrap();
        let (sent, wall) = resolve(shown, false, Zone::named("Europe/Berlin").unwrap());
        (sent.unwrap().to_string(), wall.daylight, wall.offset_minutes.unwrap())
    }

    #[test]
    fn hours_that_come_twice_and_hours_that_never_come_are_told() {
        assert_eq!(at((2022, 3, 27), 1, 59), ("2022-03-27T00:59:00Z".into(), "".into(), 60));
        assert_eq!(at((2022, 3, 27), 2, 30), ("2022-03-27T01:30:00Z".into(), "gap".into(), 60));
        assert_eq!(at((2022, 3, 27), 3, 0), ("2022-03-27T01:00:00Z".into(), "".into(), 120));
        assert_eq!(at((2022, 10, 30), 2, 30), ("2022-10-30T00:30:00Z".into(), "overlap".into(), 120));
        assert_eq!(at((2022, 10, 30), 3, 0), ("2022-10-30T02:00:00Z".into(), "".into(), 60));
        let told = |month, day| {
            let shown = NaiveDate::from_ymd_opt(2022, month, day).unwrap().and_hms_opt(2, 30, 0).unwrap();
            daylight(&resolve(shown, false, Zone::named("Europe/Berlin").unwrap()).1)
        };
        assert!(told(3, 27).contains("never came (gap): the offset before"), "{}", told(3, 27));
        assert!(told(10, 30).contains("2022-10-30T02:30 in Europe/Berlin came twice (overlap): the first"));
    }
}
