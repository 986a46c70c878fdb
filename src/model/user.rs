//! The user directory (the list of valid mailboxes) and the custom mapping's rows.

use super::{Instant, MailboxName, PhoneNumber};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether a user's mailbox takes new items. A disabled user's mailbox, items and holds stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// A valid mailbox: items are delivered to it.
    Active,
    /// Kept and searchable; not a valid target for new items.
    Disabled,
}

impl UserStatus {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// One user of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The mailbox.
    pub email: MailboxName,
    /// Display name.
    pub name: Option<String>,
    /// Numbers that the directory itself lists for this user.
    pub numbers: Vec<PhoneNumber>,
    /// The groups of the directory that the user is in.
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// Active or disabled.
    pub status: UserStatus,
}

/// One row of the custom mapping: this number is this mailbox, in this period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRow {
    /// The number, E.164.
    pub number: PhoneNumber,
    /// The mailbox.
    pub mailbox: MailboxName,
    /// First instant of validity; `None`: since ever.
    pub from: Option<Instant>,
    /// First instant after the validity; `None`: for ever.
    pub until: Option<Instant>,
}

impl MappingRow {
    /// Whether the row is valid for an item that was sent at `sent`. A row with a period does not cover an unknown date.
    #[must_use]
    pub fn covers(&self, sent: Option<Instant>) -> bool {
        match sent {
            Some(at) => self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until),
            None => self.from.is_none() && self.until.is_none(),
        }
    }

    /// Whether the periods of two rows share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |a: &Self, b: &Self| match (a.from, b.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        starts_before_end(self, other) && starts_before_end(other, self)
    }
}
