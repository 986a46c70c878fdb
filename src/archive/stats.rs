//! Numbers of the archive, exact.

use super::{Archive, matching::behind};
use crate::model::Zone;
use crate::{
    Result,
    model::{Instant, MessageKind, Right},
    query::{Expr, Leaf},
};
use chrono::{Datelike, Timelike};
use serde::Serialize;
use std::collections::BTreeMap;

/// What to count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsBy {
    /// `2026-03`.
    Month,
    /// Monday first.
    Weekday,
    /// 00 to 23.
    Hour,
    /// Items of each mailbox.
    Mailbox,
    /// Messages of each conversation.
    Conversation,
    /// Chat, call, …
    Kind,
}

impl StatsBy {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
            Self::Mailbox => "mailbox",
            Self::Conversation => "conversation",
            Self::Kind => "kind",
        }
    }
}

/// Numbers of the archive.
#[derive(Clone, Debug, Serialize)]
pub struct StatsReport {
    /// The archive's name.
    pub name: String,
    /// Messages that at least one mailbox has.
    pub messages: u64,
    /// Items, over all mailboxes.
    pub items: u64,
    /// Bytes of the messages' files.
    pub bytes: u64,
    /// Mailboxes that have items.
    pub mailboxes: u64,
    /// Conversations.
    pub conversations: u64,
    /// Users in the directory.
    pub users: u64,
    /// Messages by kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Originals that were deleted later.
    pub deleted: u64,
    /// Originals that were edited later.
    pub edited: u64,
    /// Messages that are only partially searchable.
    pub partially_indexed: u64,
    /// Messages whose date is unknown.
    pub date_unknown: u64,
    /// Holds that bind now, those in their delay too.
    pub holds: u64,
    /// Messages of which at least one item is on hold.
    pub held: u64,
    /// When the oldest message was sent.
    pub first: Option<Instant>,
    /// When the newest message was sent.
    pub last: Option<Instant>,
    /// The series that was asked for.
    pub series: Option<Series>,
    /// Remarks about the archive.
    pub warnings: Vec<String>,
}

/// A series of counts.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// By what.
    pub by: &'static str,
    /// What is counted: `messages` or `items`.
    pub unit: &'static str,
    /// The zone of months, weekdays and hours.
    pub zone: Option<String>,
    /// The counts, in order.
    pub values: Vec<(String, u64)>,
}

impl Archive {
    /// Counts the archive. Months, weekdays and hours are of the zone `tz`.
    ///
    /// # Errors
    /// [`ErrorKind::Behind`](crate::ErrorKind): statistics never answer behind; reading failed.
    pub fn stats(&self, by: Option<StatsBy>, tz: Zone) -> Result<StatsReport> {
        // The totals of the whole archive say nothing about anybody.
        if let Some(by) = by {
            self.may_read(Right::Search, "stats", by.as_str())?;
        }
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let present = self.state.present();
        let mut count = Count::new(by, tz);
        if let Some(index) = &self.index {
            for row in index.columns()?.iter() {
                if present.contains(row.ordinal.0) {
                    count.message(row.sent, row.size, row.kind);
                }
            }
        }
        for (_, message) in self.tail.iter().filter(|(_, m)| present.contains(m.ordinal.0)) {
            count.message(message.sent, message.size, message.kind);
        }
        let conversations = self.conversation_counts(&present)?;
        let series = by.map(|by| self.series(by, count.series, &conversations, tz));
        let held = self.held_messages()?;
        Ok(StatsReport {
            name: self.meta.name.clone(),
            messages: present.len(),
            items: self.state.boxes.values().map(|b| b.live.len() + b.recoverable.len()).sum(),
            bytes: count.bytes,
            mailboxes: self.state.boxes.values().filter(|b| !b.present().is_empty()).count() as u64,
            conversations: conversations.len() as u64,
            users: self.state.users.len() as u64,
            kinds: count.kinds,
            deleted: self.state.deleted.intersection_len(&present),
            edited: self.state.edited.intersection_len(&present),
            partially_indexed: self.unindexed()?,
            date_unknown: count.date_unknown,
            holds: self.state.binding_holds(self.clock.now()).count() as u64,
            held,
            first: count.first,
            last: count.last,
            series,
            warnings: self.warnings.clone(),
        })
    }

    fn series(
        &self,
        by: StatsBy,
        counted: BTreeMap<String, u64>,
        conversations: &BTreeMap<String, (String, u64)>,
        tz: Zone,
    ) -> Series {
        let by_count = |mut rows: Vec<(String, u64)>| {
            rows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            rows
        };
        let (unit, values) = match by {
            StatsBy::Mailbox => {
                let of =
                    |(m, b): (&crate::model::MailboxName, &crate::state::Boxes)| (m.to_string(), b.present().len());
                ("items", by_count(self.state.boxes.iter().map(of).collect()))
            }
            // Two conversations may have one name: the id tells them apart.
            StatsBy::Conversation => {
                let label = |(id, (name, n)): (&String, &(String, u64))| {
                    (if name.is_empty() { id.clone() } else { format!("{name} ({id})") }, *n)
                };
                ("messages", by_count(conversations.iter().map(label).collect()))
            }
            StatsBy::Month => ("messages", with_empty_months(counted)),
            StatsBy::Weekday => {
                let days = (0..7u8).filter_map(|day| chrono::Weekday::try_from(day).ok());
                ("messages", with_empty(counted, days.map(|day| day.to_string())))
            }
            StatsBy::Hour => ("messages", with_empty(counted, (0..24).map(|hour| format!("{hour:02}")))),
            StatsBy::Kind => ("messages", counted.into_iter().collect()),
        };
        let zone = matches!(by, StatsBy::Month | StatsBy::Weekday | StatsBy::Hour).then(|| tz.name().to_owned());
        Series { by: by.as_str(), unit, zone, values }
    }

    /// Messages by conversation: id → (name, count).
    fn conversation_counts(&self, present: &roaring::RoaringBitmap) -> Result<BTreeMap<String, (String, u64)>> {
        let mut counts: BTreeMap<String, (String, u64)> = BTreeMap::new();
        if let Some(index) = &self.index {
            for (id, ordinals) in index.conversations()? {
                let n = ordinals.intersection_len(present);
                let newest = (&ordinals & present).max();
                if let Some(newest) = newest {
                    let record = self.record_of(crate::model::Ordinal(newest))?;
                    counts.insert(id, (record.conversation.name.unwrap_or_default(), n));
                }
            }
        }
        for (_, message) in self.tail.iter().filter(|(_, m)| present.contains(m.ordinal.0)) {
            if let Ok(message) = self.understand(message) {
                let row = counts.entry(message.conversation.id).or_default();
                row.1 += 1;
                row.0 = message.conversation.name.unwrap_or_default();
            }
        }
        Ok(counts)
    }

    /// Messages of which some text could not be read.
    fn unindexed(&self) -> Result<u64> {
        let unindexed = Expr::Leaf(Leaf::Unindexed(true));
        Ok(self.answer(&unindexed, &self.select_mailboxes(&[])?, true)?.messages.len())
    }

    fn held_messages(&self) -> Result<u64> {
        let mut held = roaring::RoaringBitmap::new();
        for hold in self.state.binding_holds(self.clock.now()) {
            held |= self.covered(hold)?.messages;
        }
        Ok(held.len())
    }
}

/// The row of the messages without a date.
const UNKNOWN: &str = "unknown";

/// The counts in this order, none of them left out; unknown dates last.
fn with_empty(mut counted: BTreeMap<String, u64>, keys: impl Iterator<Item = String>) -> Vec<(String, u64)> {
    let unknown = counted.remove(UNKNOWN);
    let mut rows: Vec<(String, u64)> = keys.map(|key| (key.clone(), counted.get(&key).copied().unwrap_or(0))).collect();
    rows.extend(unknown.map(|n| (UNKNOWN.to_owned(), n)));
    rows
}

/// The same for months, from the first to the last that has a message: one without stands there with its 0.
fn with_empty_months(counted: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut known = counted.keys().filter(|key| *key != UNKNOWN).cloned();
    let Some(first) = known.next() else { return counted.into_iter().collect() };
    let last = known.next_back().unwrap_or_else(|| first.clone());
    let next = |month: &String| {
        let (year, number) = month.rsplit_once('-')?;
        let (year, number) = (year.parse::<i32>().ok()?, number.parse::<u32>().ok()?);
        let following = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
        Some(format!("{:04}-{:02}", following.0, following.1)).filter(|month| *month <= last)
    };
    let months: Vec<String> = std::iter::successors(Some(first), next).collect();
    with_empty(counted, months.into_iter())
}

struct Count {
    by: Option<StatsBy>,
    tz: Zone,
    bytes: u64,
    kinds: BTreeMap<&'static str, u64>,
    date_unknown: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    series: BTreeMap<String, u64>,
}

impl Count {
    fn new(by: Option<StatsBy>, tz: Zone) -> Self {
        Self {
            by,
            tz,
            bytes: 0,
            kinds: BTreeMap::new(),
            date_unknown: 0,
            first: None,
            last: None,
            series: BTreeMap::new(),
        }
    }

    fn message(&mut self, sent: Option<Instant>, size: u64, kind: MessageKind) {
        self.bytes += size;
        *self.kinds.entry(kind.as_str()).or_default() += 1;
        match sent {
            None => self.date_unknown += 1,
            Some(at) => {
                self.first = Some(self.first.map_or(at, |first| first.min(at)));
                self.last = Some(self.last.map_or(at, |last| last.max(at)));
            }
        }
        if let Some(key) = self.key(sent, kind) {
            *self.series.entry(key).or_default() += 1;
        }
    }

    fn key(&self, sent: Option<Instant>, kind: MessageKind) -> Option<String> {
        let by = self.by?;
        if by == StatsBy::Kind {
            return Some(kind.as_str().to_owned());
        }
        let Some(local) = sent.and_then(Instant::to_utc).map(|t| t.with_timezone(&self.tz)) else {
            return matches!(by, StatsBy::Month | StatsBy::Weekday | StatsBy::Hour).then(|| UNKNOWN.to_owned());
        };
        match by {
            StatsBy::Month => Some(format!("{:04}-{:02}", local.year(), local.month())),
            StatsBy::Weekday => Some(local.weekday().to_string()),
            StatsBy::Hour => Some(format!("{:02}", local.hour())),
            _ => None,
        }
    }
}
