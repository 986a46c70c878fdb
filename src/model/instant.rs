//! A point in time, in UTC, to the millisecond.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z. RFC 3339 with `Z` in JSON, a number in bincode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Milliseconds of a day.
    pub const DAY_MS: i64 = 24 * 3600 * 1000;
    /// The earliest time a message is believed to have: 2000-01-01. WhatsApp began in 2009; phones with a reset clock
    /// say 1970.
    pub const EARLIEST_PLAUSIBLE: Self = Self(946_684_800_000);
    /// The latest time a message is believed to have: the end of 2199. A feed has carried the year 57300.
    pub const LATEST_PLAUSIBLE: Self = Self(7_258_118_399_999);

    /// This instant if a message can plausibly have been sent then.
    #[must_use]
    pub fn plausible(self) -> Option<Self> {
        (Self::EARLIEST_PLAUSIBLE..=Self::LATEST_PLAUSIBLE).contains(&self).then_some(self)
    }

    /// Reads RFC 3339 with any offset.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Self(t.timestamp_millis()))
    }

    /// The same instant as chrono's type; `None` outside its range.
    #[must_use]
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        Utc.timestamp_millis_opt(self.0).single()
    }

    /// Seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// RFC 3339, UTC, whole seconds: `2026-03-04T09:12:41Z`.
    #[must_use]
    pub fn to_seconds_text(self) -> String {
        self.to_utc().map_or_else(|| self.0.to_string(), |t| t.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(time) if self.0.rem_euclid(1000) == 0 => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            Self::parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time"))
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}
