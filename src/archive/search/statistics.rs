//! The condition report: how much a query and each of its rows of keywords find, where and when.
//!
//! Contract: exact, never behind; every count is of messages or of items and says which. A message counts once for each row,
//! however often it matches; bytes are those of the distinct messages' files; months are of UTC.

use super::{
    Asked, IndexState,
    keywords::{Keyword, Row},
    tally::{Counted, Months, Sizes, merge},
};
use crate::{
    Result,
    archive::{Archive, attribution::Stored, contents::searchable, matching::Matched},
    model::{ConversationKind, Event, Instant, MailboxName, Ordinal, Right, Seq},
    query::Warning,
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;

/// Mailboxes that are listed, as in the original.
const TOP_LOCATIONS: usize = 1_000;
/// Conversations that are listed.
const TOP_CONVERSATIONS: usize = 100;

/// What to count.
#[derive(Clone, Debug, Default)]
pub struct StatisticsOptions {
    /// Only items of these mailboxes; all if empty.
    pub mailboxes: Vec<String>,
    /// Only what this case is about.
    pub case: Option<String>,
    /// Rows of keywords from a file: the query beside them limits each. `None`: the rows of the query itself.
    pub keywords: Option<Vec<Keyword>>,
}

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct StatisticsReport {
    /// The query as typed.
    pub query: String,
    /// The case that it was limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Journal line that the answer is as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Messages that match.
    pub messages: u64,
    /// Items that match.
    pub items: u64,
    /// Bytes of the messages' files, each once.
    pub bytes: u64,
    /// Mailboxes.
    pub locations: Locations,
    /// Conversations.
    pub conversations: ConversationStatistics,
    /// Messages that are no hits, but might be.
    pub partially_indexed: PartiallyIndexed,
    /// The whole, and each row of keywords.
    pub conditions: Vec<ConditionRow>,
    /// The mailboxes with most.
    pub top_locations: Vec<LocationRow>,
    /// Messages by the month they were sent in, UTC.
    pub by_month: Vec<MonthRow>,
    /// Messages whose date is unknown: they are in no month.
    pub date_unknown: u64,
    /// The earliest and the latest date.
    pub first: Option<Instant>,
    /// The latest date.
    pub last: Option<Instant>,
    /// Remarks about the query and the archive, for people.
    pub warnings: Vec<String>,
    /// Those about the query, with their places.
    pub lints: Vec<Warning>,
}

/// How many mailboxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Locations {
    /// With at least one item that matches.
    pub with_hits: u64,
    /// That were searched.
    pub searched: u64,
}

/// How many conversations, and which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConversationStatistics {
    /// With at least one message that matches.
    pub with_hits: u64,
    /// Of which the mailboxes that were searched have a message.
    pub searched: u64,
    /// Those with most messages that match.
    pub top: Vec<ConversationRow>,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConversationRow {
    /// Its id.
    pub id: String,
    /// Its name, as its newest message that matches has it.
    pub name: Option<String>,
    /// Direct, group, …
    pub kind: ConversationKind,
    /// Messages that match.
    pub messages: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// Messages that are no hits, but might be: some of their text could not be read, and nothing else excludes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PartiallyIndexed {
    /// Messages.
    pub total: u64,
    /// Items.
    pub items: u64,
    /// Messages by why. One that has two reasons counts for both.
    pub by_reason: BTreeMap<String, u64>,
}

/// The whole query, or one row of keywords with the conditions of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionRow {
    /// `primary`: the whole; `keyword`: one row.
    pub part: &'static str,
    /// As it was typed; of the whole of a file's lines, which lines and within what.
    pub condition: String,
    /// The line of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Mailboxes with an item that matches.
    pub locations: u64,
    /// Items.
    pub items: u64,
    /// Messages.
    pub messages: u64,
    /// Bytes of the messages' files.
    pub bytes: u64,
    /// Messages that no other row of keywords finds; all of them in the row of the whole.
    pub unique: u64,
    /// Remarks about a line of a file, with their places in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lints: Vec<Warning>,
}

/// One mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocationRow {
    /// Its address.
    pub mailbox: MailboxName,
    /// Items that match.
    pub items: u64,
    /// Messages that match: as many, since a mailbox has a message once.
    pub messages: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthRow {
    /// `2026-03`, UTC.
    pub month: String,
    /// Messages.
    pub messages: u64,
}

impl Archive {
    /// Counts what a query finds. Recorded, each row of keywords of a file too.
    ///
    /// # Errors
    /// [`ErrorKind::BadQuery`](crate::ErrorKind), also for a row of keywords; [`ErrorKind::Behind`](crate::ErrorKind).
    pub fn statistics(&mut self, query: &str, options: &StatisticsOptions) -> Result<StatisticsReport> {
        self.may(Right::Search, "search", query)?;
        let asked = self.asked_for(query, &options.mailboxes, options.case.as_deref())?;
        let rows = match &options.keywords {
            Some(keywords) => self.rows_of_file(keywords, &asked)?,
            None => self.rows_of_query(query, &asked)?,
        };
        let sizes = self.sizes()?;
        let mut counted = Counted::new(&rows, sizes.len());
        for row in &rows {
            counted.add(self.matching(&row.expr, &asked.mailboxes, true)?, &sizes);
        }
        let (primary, unsure) = match options.keywords {
            Some(_) => {
                let mut unsure = Matched::default();
                for row in &rows {
                    merge(&mut unsure, self.unsure(&row.expr, &asked.mailboxes, &counted.all)?);
                }
                (counted.all.clone(), unsure)
            }
            None => {
                let primary = self.matching(&asked.expr, &asked.mailboxes, true)?;
                let unsure = self.unsure(&asked.expr, &asked.mailboxes, &primary)?;
                (primary, unsure)
            }
        };
        let as_of = self.as_of();
        let report = self.report(query, &asked, &primary, &unsure, counted.finished(&rows), &sizes, as_of)?;
        self.record_statistics(&asked, &rows, &report, options.keywords.is_some());
        let mut report = report;
        let told = rows.iter().flat_map(|row| row.lints.iter().map(move |lint| row.told(lint)));
        report.warnings = asked.warnings().into_iter().chain(told).chain(self.warnings.iter().cloned()).collect();
        Ok(report)
    }

    #[allow(clippy::too_many_arguments)]
    fn report(
        &self,
        query: &str,
        asked: &Asked,
        primary: &Matched,
        unsure: &Matched,
        keywords: Vec<ConditionRow>,
        sizes: &Sizes,
        as_of: Seq,
    ) -> Result<StatisticsReport> {
        let bytes = sizes.sum(&primary.messages);
        let whole = ConditionRow {
            part: "primary",
            condition: condition_of(query, keywords.iter().filter(|row| row.line.is_some()).count()),
            line: None,
            locations: primary.items.len() as u64,
            items: primary.item_count(),
            messages: primary.messages.len(),
            bytes,
            unique: primary.messages.len(),
            lints: Vec::new(),
        };
        let months = Months::of(self.dates_of(&primary.messages)?.into_iter().map(|(_, sent)| sent));
        Ok(StatisticsReport {
            query: query.to_owned(),
            case: asked.case.clone(),
            as_of,
            index: self.index_state(),
            messages: primary.messages.len(),
            items: primary.item_count(),
            bytes,
            locations: Locations { with_hits: primary.items.len() as u64, searched: asked.mailboxes.len() as u64 },
            conversations: self.conversation_statistics(asked, &primary.messages, sizes)?,
            partially_indexed: self.partially_indexed(unsure)?,
            conditions: std::iter::once(whole).chain(keywords).collect(),
            top_locations: top_locations(primary, sizes),
            by_month: months.rows(),
            date_unknown: months.unknown,
            first: months.first,
            last: months.last,
            warnings: Vec::new(),
            lints: asked.lints.clone(),
        })
    }

    fn record_statistics(&mut self, asked: &Asked, rows: &[Row], report: &StatisticsReport, of_file: bool) {
        let event = |query: &str, messages, items| Event::SearchRun {
            query: query.to_owned(),
            messages,
            items,
            sample: None,
            seed: None,
        };
        self.record_read(event(&asked.recorded, report.messages, report.items));
        let keywords = report.conditions.iter().filter(|row| of_file && row.part == "keyword");
        for (row, counted) in rows.iter().zip(keywords) {
            self.record_read(event(&row.recorded, counted.messages, counted.items));
        }
    }

    /// The size of every message's file.
    pub(in crate::archive) fn sizes(&self) -> Result<Sizes> {
        let mut sizes = Sizes::new(self.state.messages as usize);
        if let Some(index) = &self.index {
            index.columns()?.iter().for_each(|row| sizes.set(row.ordinal, row.size));
        }
        self.tail.iter().for_each(|(_, message)| sizes.set(message.ordinal, message.size));
        Ok(sizes)
    }

    fn conversation_statistics(
        &self,
        asked: &Asked,
        messages: &RoaringBitmap,
        sizes: &Sizes,
    ) -> Result<ConversationStatistics> {
        let visible = self.visible(&asked.mailboxes);
        let mut members = match &self.index {
            Some(index) => index.conversations()?,
            None => BTreeMap::new(),
        };
        for (_, archived) in self.tail.iter() {
            if let Ok(message) = self.understand(archived) {
                members.entry(message.conversation.id).or_default().insert(archived.ordinal.0);
            }
        }
        let mut statistics = ConversationStatistics::default();
        let mut found: Vec<(u64, String, RoaringBitmap)> = Vec::new();
        for (id, all) in members {
            statistics.searched += u64::from(!all.is_disjoint(&visible));
            let hits = &all & messages;
            if !hits.is_empty() {
                statistics.with_hits += 1;
                found.push((hits.len(), id, hits));
            }
        }
        found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (count, id, hits) in found.into_iter().take(TOP_CONVERSATIONS) {
            let conversation = self.record_of(Ordinal(hits.max().unwrap_or_default()))?.conversation;
            let (name, kind) = (conversation.name, conversation.kind);
            statistics.top.push(ConversationRow { id, name, kind, messages: count, bytes: sizes.sum(&hits) });
        }
        Ok(statistics)
    }

    fn partially_indexed(&self, unsure: &Matched) -> Result<PartiallyIndexed> {
        let mut by_reason: BTreeMap<String, u64> = BTreeMap::new();
        let reasons = match &self.index {
            Some(index) => index.partial()?,
            None => BTreeMap::new(),
        };
        for (reason, messages) in reasons {
            let found = messages.intersection_len(&unsure.messages);
            if found > 0 {
                *by_reason.entry(reason).or_default() += found;
            }
        }
        for (_, archived) in self.tail.iter().filter(|(_, archived)| unsure.messages.contains(archived.ordinal.0)) {
            let message = self.understand(archived).ok();
            for reason in message
                .map(|message| searchable(&self.vault, &Stored::of(archived), &message).unread)
                .unwrap_or_default()
            {
                *by_reason.entry(reason).or_default() += 1;
            }
        }
        // Of a message of which one item is a hit, the others are not in doubt.
        let items = unsure.items.values().map(|items| items.intersection_len(&unsure.messages)).sum();
        Ok(PartiallyIndexed { total: unsure.messages.len(), items, by_reason })
    }
}

/// What the counts of the whole belong to: the query; with a file, what its lines find together within the query.
fn condition_of(query: &str, lines: usize) -> String {
    let any = if lines == 1 { "the one line".to_owned() } else { format!("any of {lines} lines") };
    match (lines, query.trim()) {
        (0, _) => query.to_owned(),
        (_, "") => any,
        (_, within) => format!("{any}, with {within}"),
    }
}

impl Row {
    /// A remark about it, with its line.
    fn told(&self, lint: &Warning) -> String {
        self.line.map_or_else(|| lint.message.clone(), |line| format!("line {line}: {}", lint.message))
    }
}

fn top_locations(primary: &Matched, sizes: &Sizes) -> Vec<LocationRow> {
    let row = |(mailbox, items): (&MailboxName, &RoaringBitmap)| LocationRow {
        mailbox: mailbox.clone(),
        items: items.len(),
        messages: items.len(),
        bytes: sizes.sum(items),
    };
    let mut rows: Vec<LocationRow> = primary.items.iter().map(row).collect();
    rows.sort_by(|a, b| b.items.cmp(&a.items).then(a.mailbox.cmp(&b.mailbox)));
    rows.truncate(TOP_LOCATIONS);
    rows
}
