//! Search: exact counts of messages and items, and a page of hits.

use super::{Archive, attribution::Stored, matching::Matched};
use crate::{
    Result,
    governance::{ActiveHold, Coverage, Subject},
    index::HitRecord,
    model::{
        Attachment, Conversation, Event, Instant, MailboxName, Message, MessageId, MessageKind, Ordinal, Participant,
        Seq,
    },
    query::{self, Expr, Facts, Snippet},
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// Characters of a snippet.
const SNIPPET_CHARS: usize = 160;

/// How hits are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Oldest first.
    Date,
    /// Newest first.
    #[default]
    DateDescending,
    /// Best first (BM25 over the words of the query).
    Relevance,
}

/// What to search.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// Only items of these mailboxes; all if empty.
    pub mailboxes: Vec<String>,
    /// The order.
    pub sort: Sort,
    /// How many hits to return.
    pub limit: usize,
    /// How many hits to pass over first.
    pub offset: usize,
    /// Whether hits come with a snippet and their holds, which reads their files.
    pub snippets: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { mailboxes: Vec::new(), sort: Sort::default(), limit: 50, offset: 0, snippets: true }
    }
}

/// How far the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IndexState {
    /// `current`, `behind` or `rebuilding`.
    pub state: &'static str,
    /// Messages that the answer does not speak of.
    pub behind: u64,
}

/// One hit.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// The message.
    pub id: MessageId,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Who sent it.
    pub from: Participant,
    /// Where.
    pub conversation: Conversation,
    /// Chat, call, …
    pub kind: MessageKind,
    /// Deleted later, by a notice that is here.
    pub is_deleted: bool,
    /// Edited later, by a notice that is here.
    pub is_edited: bool,
    /// The subject.
    pub subject: String,
    /// Where it matches.
    pub snippet: Snippet,
    /// The mailboxes whose items match.
    pub mailboxes: Vec<MailboxName>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Size of its file in bytes.
    pub size: u64,
    /// Names of the holds that cover one of its items.
    pub holds: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct SearchReport {
    /// The query as typed.
    pub query: String,
    /// Messages that match.
    pub total: u64,
    /// Items that match.
    pub items: u64,
    /// Hits that are returned.
    pub returned: usize,
    /// Journal line that the answer is as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Messages among the searched mailboxes that are only partially searchable.
    pub partially_indexed: u64,
    /// Remarks about the query and the archive.
    pub warnings: Vec<String>,
    /// The hits.
    pub hits: Vec<Hit>,
    /// For no hits: how many messages each part of the query matches by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartCount>,
}

/// How many messages a part of a query matches by itself.
#[derive(Clone, Debug, Serialize)]
pub struct PartCount {
    /// The part.
    pub part: String,
    /// Messages.
    pub messages: u64,
}

impl Archive {
    /// Searches, and records the search.
    ///
    /// # Errors
    /// [`ErrorKind::BadQuery`](crate::ErrorKind); an unknown mailbox; I/O.
    pub fn search(&mut self, query: &str, options: &SearchOptions) -> Result<SearchReport> {
        let prepared = self.prepare(query)?;
        let mailboxes = self.select_mailboxes(&options.mailboxes)?;
        let matched = self.matching(&prepared.expr, &mailboxes, false)?;
        let page = self.page(&prepared.expr, &matched.messages, options)?;
        let as_of = self.as_of();
        let hits = page
            .iter()
            .map(|ordinal| self.hit(*ordinal, &prepared.expr, &matched, options.snippets))
            .collect::<Result<Vec<_>>>()?;
        let mut searched = RoaringBitmap::new();
        for boxes in mailboxes.iter().filter_map(|m| self.state.boxes.get(m)) {
            searched |= boxes.present();
        }
        let parts =
            if matched.messages.is_empty() { self.part_counts(&prepared.expr, &mailboxes)? } else { Vec::new() };
        let mut report = SearchReport {
            query: query.to_owned(),
            total: matched.messages.len(),
            items: matched.item_count(),
            returned: hits.len(),
            as_of,
            index: self.index_state(),
            partially_indexed: searched.intersection_len(&self.state.partial),
            warnings: prepared.warnings.iter().map(|w| w.message.clone()).collect(),
            hits,
            parts,
        };
        self.record_read(Event::SearchRun { query: query.to_owned(), messages: report.total, items: report.items });
        report.warnings.extend(self.warnings.iter().cloned());
        Ok(report)
    }

    /// The ids of all messages that match, in the order of the options, without limit unless one is given. Recorded.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn search_ids(&mut self, query: &str, options: &SearchOptions) -> Result<Vec<MessageId>> {
        let prepared = self.prepare(query)?;
        let mailboxes = self.select_mailboxes(&options.mailboxes)?;
        let matched = self.matching(&prepared.expr, &mailboxes, true)?;
        let page = self.page(&prepared.expr, &matched.messages, options)?;
        let ids = self.records(&page)?.into_iter().map(|record| record.id).collect();
        self.record_read(Event::SearchRun {
            query: query.to_owned(),
            messages: matched.messages.len(),
            items: matched.item_count(),
        });
        Ok(ids)
    }

    /// The parse tree of a query after closing, one node a line, and its warnings. Reads nothing, records nothing.
    ///
    /// # Errors
    /// [`ErrorKind::BadQuery`](crate::ErrorKind).
    pub fn explain_query(&self, query: &str) -> Result<(String, Vec<String>)> {
        let prepared = self.prepare(query)?;
        Ok((query::explain(&prepared.expr), prepared.warnings.into_iter().map(|w| w.message).collect()))
    }

    /// How far the index is.
    #[must_use]
    pub fn index_state(&self) -> IndexState {
        let behind = self.tail.beyond();
        let state = match (behind, &self.index) {
            (0, _) => "current",
            (_, None) => "rebuilding",
            _ => "behind",
        };
        IndexState { state, behind }
    }

    fn part_counts(&self, expr: &Expr, mailboxes: &[MailboxName]) -> Result<Vec<PartCount>> {
        let parts = query::conditions(expr);
        if parts.len() < 2 {
            return Ok(Vec::new());
        }
        let count = |(part, expr): (String, Expr)| {
            let messages = self.matching(&expr, mailboxes, false)?.messages.len();
            Ok(PartCount { part, messages })
        };
        parts.into_iter().map(count).collect()
    }

    /// The ordinals of one page of hits.
    fn page(&self, expr: &Expr, messages: &RoaringBitmap, options: &SearchOptions) -> Result<Vec<Ordinal>> {
        let wanted = options.offset.saturating_add(options.limit);
        if options.sort == Sort::Relevance && self.index.is_some() {
            return self.page_by_score(expr, messages, options);
        }
        let indexed = match &self.index {
            Some(index) => index.top_by_date(messages, options.sort == Sort::DateDescending, 0, wanted)?,
            None => Vec::new(),
        };
        let mut ranked: Vec<(Ordinal, Option<Instant>)> = self
            .tail
            .iter()
            .filter(|(_, m)| messages.contains(m.ordinal.0))
            .map(|(_, m)| (m.ordinal, m.sent))
            .collect();
        if ranked.is_empty() {
            return Ok(indexed.into_iter().skip(options.offset).take(options.limit).collect());
        }
        ranked.extend(self.records(&indexed)?.into_iter().map(|record| (record.ordinal, record.sent)));
        sort_by_date(&mut ranked, options.sort);
        Ok(ranked.into_iter().skip(options.offset).take(options.limit).map(|(ordinal, _)| ordinal).collect())
    }

    fn page_by_score(&self, expr: &Expr, messages: &RoaringBitmap, options: &SearchOptions) -> Result<Vec<Ordinal>> {
        let scores = match &self.index {
            Some(index) => index.scores(expr)?,
            None => Default::default(),
        };
        let mut ranked: Vec<(u32, f32)> =
            messages.iter().map(|o| (o, scores.get(&o).copied().unwrap_or(0.0))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        Ok(ranked.into_iter().skip(options.offset).take(options.limit).map(|(ordinal, _)| Ordinal(ordinal)).collect())
    }

    fn hit(&self, ordinal: Ordinal, expr: &Expr, matched: &Matched, snippets: bool) -> Result<Hit> {
        let record = self.record_of(ordinal)?;
        let mailboxes: Vec<MailboxName> = matched
            .items
            .iter()
            .filter(|(_, items)| items.contains(ordinal.0))
            .map(|(mailbox, _)| mailbox.clone())
            .collect();
        let understood = if snippets { self.message_of(&record).ok() } else { None };
        let (snippet, holds) = match &understood {
            Some((message, facts)) => {
                (query::snippet(expr, &readable(message), SNIPPET_CHARS), self.holds_on(&record, Some(facts)))
            }
            None if snippets => (Snippet::default(), self.holds_on(&record, None)),
            None => (Snippet::default(), Vec::new()),
        };
        Ok(Hit {
            id: record.id,
            sent: record.sent,
            from: record.sender,
            conversation: record.conversation,
            kind: record.kind,
            is_deleted: self.state.deleted.contains(ordinal.0),
            is_edited: self.state.edited.contains(ordinal.0),
            subject: record.subject,
            snippet,
            mailboxes,
            attachments: record.attachments,
            size: record.size,
            holds,
            tags: Vec::new(),
        })
    }

    /// The names of the holds that cover one of a message's items.
    pub(super) fn holds_on(&self, record: &HitRecord, facts: Option<&Facts>) -> Vec<String> {
        let holds: Vec<ActiveHold<'_>> = self.state.active_holds().map(ActiveHold::new).collect();
        let covers = |active: &&ActiveHold<'_>| {
            self.state.mailboxes_of(record.ordinal.0).any(|mailbox| {
                let subject = Subject {
                    id: record.id,
                    mailbox,
                    sent: record.sent,
                    partially_indexed: self.state.partial.contains(record.ordinal.0),
                    facts,
                };
                active.covers(&subject) != Coverage::No
            })
        };
        holds.iter().filter(covers).map(|active| active.hold.name.clone()).collect()
    }

    /// What is known of a message without reading its file, from the index or the tail.
    pub(super) fn record_of(&self, ordinal: Ordinal) -> Result<HitRecord> {
        self.records(&[ordinal])?
            .pop()
            .ok_or_else(|| crate::Error::bug(format!("message {} is neither indexed nor in the tail", ordinal.0)))
    }

    /// The same for many, in the order asked for.
    pub(super) fn records(&self, ordinals: &[Ordinal]) -> Result<Vec<HitRecord>> {
        let indexed: Vec<Ordinal> = ordinals.iter().copied().filter(|o| self.tail.get(o.0).is_none()).collect();
        let mut found = match &self.index {
            Some(index) => index.records(&indexed)?.into_iter().map(|r| (r.ordinal, r)).collect(),
            None => std::collections::HashMap::new(),
        };
        ordinals
            .iter()
            .filter_map(|ordinal| match self.tail.get(ordinal.0) {
                Some((seq, message)) => Some(self.understand(message).map(|(m, _)| HitRecord::of(&m, message, *seq))),
                None => found.remove(ordinal).map(Ok),
            })
            .collect()
    }

    /// Reads and understands the message of a record.
    pub(super) fn message_of(&self, record: &HitRecord) -> Result<(Message, Facts)> {
        self.understand_stored(&Stored::of_record(record))
    }
}

/// The text that a snippet is cut from.
fn readable(message: &Message) -> String {
    match (&message.body, message.attachments.first()) {
        (body, _) if message.encrypted && body.is_empty() => "[encrypted]".to_owned(),
        (body, Some(first)) if body.trim().is_empty() => format!("[{}]", first.name),
        (body, _) => {
            let beside = message.details.iter().flat_map(|details| details.texts());
            std::iter::once(body.as_str()).chain(beside).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn sort_by_date(ranked: &mut [(Ordinal, Option<Instant>)], sort: Sort) {
    // Unknown dates last, in either order; ties in the order of the archive.
    ranked.sort_by(|a, b| {
        let by_date = match (a.1, b.1) {
            (Some(x), Some(y)) if sort == Sort::Date => x.cmp(&y),
            (Some(x), Some(y)) => y.cmp(&x),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => std::cmp::Ordering::Equal,
        };
        by_date.then(if sort == Sort::Date { a.0.cmp(&b.0) } else { b.0.cmp(&a.0) })
    });
}
