//! What is added up for a condition report: sizes, who found a message, months.
//!
//! Contract: memory is bounded by the messages of the archive, however many rows of keywords there are.

use super::{
    keywords::Row,
    statistics::{ConditionRow, MonthRow},
};
use crate::{
    archive::matching::Matched,
    model::{Instant, Ordinal},
};
use chrono::Datelike;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// Months between the first and the last within which months without messages are listed too: two hundred years, all
/// that a date can plausibly be in.
const MONTHS: i32 = 2_400;

/// Adds what matched to what matched before.
pub(super) fn merge(into: &mut Matched, more: Matched) {
    into.messages |= more.messages;
    for (mailbox, items) in more.items {
        *into.items.entry(mailbox).or_default() |= items;
    }
}

/// Bytes of each message's file, by ordinal.
pub(in crate::archive) struct Sizes(Vec<u64>);

impl Sizes {
    /// None is known yet of so many messages.
    pub(super) fn new(messages: usize) -> Self {
        Self(vec![0; messages])
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn set(&mut self, ordinal: Ordinal, size: u64) {
        if let Some(place) = self.0.get_mut(ordinal.0 as usize) {
            *place = size;
        }
    }

    pub(in crate::archive) fn sum(&self, messages: &RoaringBitmap) -> u64 {
        messages.iter().map(|message| self.0.get(message as usize).copied().unwrap_or(0)).sum()
    }
}

/// The rows of keywords while they are counted: by whom each message was found is one number a message, however many rows.
pub(super) struct Counted {
    rows: Vec<ConditionRow>,
    /// The row that found a message, from 1; 0: none.
    found_by: Vec<u32>,
    /// What the rows find together.
    pub(super) all: Matched,
}

/// More than one row found it.
const SEVERAL: u32 = u32::MAX;

impl Counted {
    pub(super) fn new(rows: &[Row], messages: usize) -> Self {
        Self { rows: Vec::with_capacity(rows.len()), found_by: vec![0; messages], all: Matched::default() }
    }

    pub(super) fn add(&mut self, matched: Matched, sizes: &Sizes) {
        let number = u32::try_from(self.rows.len() + 1).unwrap_or(SEVERAL);
        for message in &matched.messages {
            if let Some(place) = self.found_by.get_mut(message as usize) {
                *place = if *place == 0 { number } else { SEVERAL };
            }
        }
        self.rows.push(ConditionRow {
            part: "keyword",
            condition: String::new(),
            line: None,
            locations: matched.items.len() as u64,
            items: matched.item_count(),
            messages: matched.messages.len(),
            bytes: sizes.sum(&matched.messages),
            unique: 0,
            lints: Vec::new(),
        });
        merge(&mut self.all, matched);
    }

    pub(super) fn finished(self, rows: &[Row]) -> Vec<ConditionRow> {
        let mut counted = self.rows;
        for number in self.found_by.into_iter().filter(|number| (1..SEVERAL).contains(number)) {
            if let Some(row) = counted.get_mut(number as usize - 1) {
                row.unique += 1;
            }
        }
        for (counted, row) in counted.iter_mut().zip(rows) {
            counted.condition.clone_from(&row.text);
            counted.line = row.line;
            counted.lints.clone_from(&row.lints);
        }
        counted
    }
}

/// Messages by month.
#[derive(Default)]
pub(super) struct Months {
    counts: BTreeMap<i32, u64>,
    pub(super) unknown: u64,
    pub(super) first: Option<Instant>,
    pub(super) last: Option<Instant>,
}

impl Months {
    pub(super) fn of(dates: impl Iterator<Item = Option<Instant>>) -> Self {
        let mut months = Self::default();
        for sent in dates {
            let Some((sent, utc)) = sent.and_then(|sent| Some((sent, sent.to_utc()?))) else {
                months.unknown += 1;
                continue;
            };
            *months.counts.entry(utc.year() * 12 + utc.month0() as i32).or_default() += 1;
            months.first = Some(months.first.map_or(sent, |first| first.min(sent)));
            months.last = Some(months.last.map_or(sent, |last| last.max(sent)));
        }
        months
    }

    /// In order, those without messages in between too.
    pub(super) fn rows(&self) -> Vec<MonthRow> {
        let ends = self.counts.first_key_value().zip(self.counts.last_key_value());
        let Some(((first, _), (last, _))) = ends else { return Vec::new() };
        let row = |month: i32| MonthRow {
            month: format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1),
            messages: self.counts.get(&month).copied().unwrap_or(0),
        };
        match last - first < MONTHS {
            true => (*first..=*last).map(row).collect(),
            false => self.counts.keys().map(|month| row(*month)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_without_messages_stand_between_the_others() {
        let at = |text: &str| Instant::parse_rfc3339(text);
        let dates = [at("2026-01-31T23:59:59Z"), None, at("2025-11-01T00:00:00Z"), at("2026-02-01T00:00:00+01:00")];
        let months = Months::of(dates.into_iter());
        let rows: Vec<(String, u64)> = months.rows().into_iter().map(|row| (row.month, row.messages)).collect();
        assert_eq!(rows, [("2025-11".into(), 1), ("2025-12".into(), 0), ("2026-01".to_owned(), 2)]);
        assert_eq!((months.unknown, months.first), (1, at("2025-11-01T00:00:00Z")));
    }
}
