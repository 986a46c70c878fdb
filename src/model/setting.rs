//! The settings of an archive, as they stand in `archive.toml`.

use serde::{Deserialize, Serialize};

/// How a Maildir entry is made from a vault file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailMode {
    /// A hard link: no second copy of any byte.
    #[default]
    HardLink,
    /// A copy-on-write clone where the file system can, else a copy.
    Reflink,
    /// A copy.
    Copy,
}

/// Settings with their defaults. Unknown keys are an error, so that a misspelt setting is not silently ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How mailbox entries are made.
    pub mail: MailMode,
    /// Region of numbers without a country code (ISO 3166, two letters). Unset: such numbers are not understood.
    pub default_region: Option<String>,
    /// IANA zone for display; everything is stored in UTC.
    pub display_tz: String,
    /// The day that `"this week"` begins on in a query: `monday`, `sunday`, `saturday`, …
    pub first_day_of_week: WeekStart,
}

/// The first day of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeekStart {
    /// ISO 8601.
    #[default]
    Monday,
    /// As in Israel.
    Sunday,
    /// As in Egypt.
    Saturday,
    /// Any other.
    Tuesday,
    /// Any other.
    Wednesday,
    /// Any other.
    Thursday,
    /// Any other.
    Friday,
}

impl WeekStart {
    /// The day.
    #[must_use]
    pub fn weekday(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Tuesday => chrono::Weekday::Tue,
            Self::Wednesday => chrono::Weekday::Wed,
            Self::Thursday => chrono::Weekday::Thu,
            Self::Friday => chrono::Weekday::Fri,
            Self::Saturday => chrono::Weekday::Sat,
            Self::Sunday => chrono::Weekday::Sun,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mail: MailMode::HardLink,
            default_region: None,
            display_tz: "UTC".to_owned(),
            first_day_of_week: WeekStart::Monday,
        }
    }
}
