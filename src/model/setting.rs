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
    /// Whether releasing a hold and carrying out a deletion plan need somebody else's approval.
    pub second_person: bool,
    /// Days for which a released hold goes on holding what it covered. 0: not at all.
    pub delay_hold_days: u32,
    /// Days for which a deleted item can be brought back; after them it may be purged.
    pub deleted_item_retention_days: u32,
}

impl Settings {
    /// Days for which a deleted item can be brought back, where nothing else is set.
    pub const DELETED_ITEM_RETENTION_DAYS: u32 = 14;
    /// More days than these are not recommended: what was deleted is still there and is still found.
    pub const DELETED_ITEM_RETENTION_DAYS_MOST: u32 = 30;
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
            delay_hold_days: 30,
            deleted_item_retention_days: Self::DELETED_ITEM_RETENTION_DAYS,
            second_person: false,
        }
    }
}
