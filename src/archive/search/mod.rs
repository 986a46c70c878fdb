//! Search: exact counts of messages and items, and a page of hits; statistics, explanations, and why there is nothing.
//!
//! Contract: every answer says as of which journal line it is, how far the index was and how many messages could not be read
//! in full; every search with its counts is recorded before it is answered. Counts are exact and name their unit.

mod context;
mod explain;
mod hit;
mod keywords;
mod nothing;
mod page;
mod reasons;
mod related;
mod sample;
mod statistics;
mod suggest;
mod tally;

pub use explain::{Expansion, ExplainReport, TreeLine};
pub use hit::Hit;
pub use keywords::{KEYWORD_ROWS, Keyword};
pub use nothing::{NearName, NearUser, NothingFound, OtherTimes, PairCount, PartCount, Suggestion};
pub use reasons::{Found, Reason};
pub use sample::{LARGEST_SEED, SampleOptions, SampleTaken};
pub use statistics::{
    ConditionRow, ConversationRow, ConversationStatistics, LocationRow, Locations, MonthRow, PartiallyIndexed,
    StatisticsOptions, StatisticsReport,
};
pub(super) use tally::Sizes;

use super::{Archive, matching::Answer};
use crate::{
    Error, ErrorKind, Result,
    model::{Event, MailboxName, MessageId, Ordinal, Right, Seq},
    query::{Expr, Warning},
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// Mailboxes of a selection that stand in the audit trail; of more their number does. With the longest addresses so many fit
/// into a line beside the longest query.
const RECORDED_MAILBOXES: usize = 50;

/// Messages before and after a hit, at most: it is read to the end by nobody, and each is a file to read.
pub const CONTEXT_MESSAGES: usize = 1_000;

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
    /// Only what this case is about.
    pub case: Option<String>,
    /// The order.
    pub sort: Sort,
    /// How many hits to return.
    pub limit: usize,
    /// How many hits to pass over first.
    pub offset: usize,
    /// A random sample in the order of dates, instead of order, limit and offset.
    pub sample: Option<SampleOptions>,
    /// For each hit, so many messages before and after it in its conversation, at most [`CONTEXT_MESSAGES`].
    pub context: usize,
    /// Each hit brings its original, its edits and its deletion.
    pub related: bool,
    /// Whether hits come with a snippet and their holds, which reads their files.
    pub snippets: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            mailboxes: Vec::new(),
            case: None,
            sort: Sort::default(),
            limit: 50,
            offset: 0,
            sample: None,
            context: 0,
            related: false,
            snippets: true,
        }
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

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct SearchReport {
    /// The query as typed.
    pub query: String,
    /// The case that it was limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
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
    /// Messages that are no hits, but might be: some of their text could not be read, and nothing else excludes them.
    pub partially_indexed: u64,
    /// Remarks about the query and the archive, for people.
    pub warnings: Vec<String>,
    /// Those about the query, with their places.
    pub lints: Vec<Warning>,
    /// The sample that was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleTaken>,
    /// Messages among `hits` that stand there for the context only.
    #[serde(skip_serializing_if = "is_zero")]
    pub context: usize,
    /// Messages among `hits` that a hit brought with it.
    #[serde(skip_serializing_if = "is_zero")]
    pub related: usize,
    /// The hits, and between them what was asked for beside them, marked as such.
    pub hits: Vec<Hit>,
    /// For no hits: how many messages each part of the query matches by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartCount>,
    /// For no hits: what may be the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nothing: Option<NothingFound>,
}

/// The ids of what was found.
#[derive(Clone, Debug, Serialize)]
pub struct IdsReport {
    /// The ids.
    pub ids: Vec<MessageId>,
    /// Messages that match.
    pub total: u64,
    /// Items that match.
    pub items: u64,
    /// Journal line that the answer is as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Remarks about the query and the archive, for people.
    pub warnings: Vec<String>,
    /// Those about the query, with their places.
    pub lints: Vec<Warning>,
    /// The sample that was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleTaken>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A query that can be put to the stores.
pub(super) struct Asked {
    /// As it is recorded.
    recorded: String,
    expr: Expr,
    lints: Vec<Warning>,
    mailboxes: Vec<MailboxName>,
    case: Option<String>,
    /// The condition for that case.
    case_limit: Option<Expr>,
}

impl Asked {
    /// What people are told about the query; notes are no warnings.
    fn warnings(&self) -> Vec<String> {
        self.lints.iter().map(|warning| warning.message.clone()).collect()
    }
}

impl Archive {
    /// Searches, and records the search, and as a view what is shown beside the hits.
    ///
    /// # Errors
    /// [`ErrorKind::BadQuery`]; [`ErrorKind::Usage`]: more context than [`CONTEXT_MESSAGES`]; an unknown mailbox or case; I/O.
    pub fn search(&mut self, query: &str, options: &SearchOptions) -> Result<SearchReport> {
        self.may(Right::Search, "search", query)?;
        if options.context > CONTEXT_MESSAGES {
            let message = format!("{} messages around each hit are too many", options.context);
            return Err(Error::new(ErrorKind::Usage, message)
                .with_hint(format!("{CONTEXT_MESSAGES} is the most; custodia chat show reads a whole conversation")));
        }
        let asked = self.asked_for(query, &options.mailboxes, options.case.as_deref())?;
        let found = self.answer(&asked.expr, &asked.mailboxes, false)?;
        let (page, sample) = self.chosen(&asked, &found.messages, options)?;
        let as_of = self.as_of();
        let hits = self.rows(&page, &asked, &found, options)?;
        let partially_indexed = self.unsure_messages(&asked.expr, &asked.mailboxes, &found.messages)?.len();
        let (parts, nothing) = match found.messages.is_empty() {
            true => self.why_nothing(&asked, !options.mailboxes.is_empty(), partially_indexed)?,
            false => (Vec::new(), None),
        };
        let mut report = SearchReport {
            query: query.to_owned(),
            case: asked.case.clone(),
            total: found.messages.len(),
            items: found.items,
            returned: page.len(),
            as_of,
            index: self.index_state(),
            partially_indexed,
            warnings: asked.warnings(),
            lints: asked.lints.clone(),
            sample,
            context: hits.iter().filter(|hit| hit.context).count(),
            related: hits.iter().filter(|hit| hit.related.is_some()).count(),
            hits,
            parts,
            nothing,
        };
        self.record_search(&asked.recorded, &found, sample.as_ref());
        // What is shown and is no hit, the query does not tell.
        let beside: Vec<MessageId> =
            report.hits.iter().filter(|hit| hit.context || hit.related.is_some()).map(|hit| hit.id).collect();
        self.record_viewed(&beside);
        self.save_for_searches();
        report.warnings.extend(self.warnings.iter().cloned());
        Ok(report)
    }

    /// The ids of all messages that match, in the order of the options, without limit unless one is given. Recorded.
    ///
    /// # Errors
    /// As [`Self::search`]; [`ErrorKind::Behind`]: a list of ids never lacks something.
    pub fn search_ids(&mut self, query: &str, options: &SearchOptions) -> Result<Vec<MessageId>> {
        Ok(self.list_ids(query, options)?.ids)
    }

    /// The same, with what else there is to say of it.
    ///
    /// # Errors
    /// As [`Self::search_ids`].
    pub fn list_ids(&mut self, query: &str, options: &SearchOptions) -> Result<IdsReport> {
        self.may(Right::Search, "search", query)?;
        let asked = self.asked_for(query, &options.mailboxes, options.case.as_deref())?;
        let found = self.answer(&asked.expr, &asked.mailboxes, true)?;
        let (page, sample) = self.chosen(&asked, &found.messages, options)?;
        let as_of = self.as_of();
        let ids = self.records(&page)?.into_iter().map(|record| record.id).collect();
        self.record_search(&asked.recorded, &found, sample.as_ref());
        let mut warnings = asked.warnings();
        warnings.extend(self.warnings.iter().cloned());
        let (total, items) = (found.messages.len(), found.items);
        let index = self.index_state();
        Ok(IdsReport { ids, total, items, as_of, index, warnings, lints: asked.lints, sample })
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

    /// A query closed, and limited to mailboxes and a case.
    fn asked_for(&self, query: &str, mailboxes: &[String], case: Option<&str>) -> Result<Asked> {
        let prepared = self.prepare(query)?;
        let (mut expr, mut limits, mut named, mut case_limit) = (prepared.expr, Vec::new(), None, None);
        if let Some(case) = case {
            let (limit, name) = self.about_case(case)?;
            let about = self.prepare(&limit)?.expr;
            expr = Expr::and(vec![expr, about.clone()]);
            case_limit = Some(about);
            limits.push(limit);
            named = Some(name);
        }
        limits.extend(limit_of(mailboxes));
        let mailboxes = self.select_mailboxes(mailboxes)?;
        Ok(Asked {
            recorded: limited(query, &limits),
            expr,
            lints: prepared.warnings,
            mailboxes,
            case: named,
            case_limit,
        })
    }

    /// The condition for what a case is about, and the name of the case.
    fn about_case(&self, case: &str) -> Result<(String, String)> {
        let found = self.state.case(case).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no case {case}"))
                .with_hint("custodia case list shows them")
        })?;
        // By its id: a name may hold quotation marks.
        Ok((format!("case:{}", found.id.0), found.name.clone()))
    }

    /// The hits to return: a page of them, or a sample.
    fn chosen(
        &self,
        asked: &Asked,
        messages: &RoaringBitmap,
        options: &SearchOptions,
    ) -> Result<(Vec<Ordinal>, Option<SampleTaken>)> {
        match &options.sample {
            None => Ok((self.page(&asked.expr, messages, options)?, None)),
            Some(sample) => {
                let (page, taken) = self.sample(messages, sample)?;
                Ok((page, Some(taken)))
            }
        }
    }

    fn record_search(&mut self, query: &str, found: &Answer, sample: Option<&SampleTaken>) {
        self.record_read(Event::SearchRun {
            query: query.to_owned(),
            messages: found.messages.len(),
            items: found.items,
            sample: sample.map(|sample| sample.size),
            seed: sample.map(|sample| sample.seed),
        });
    }
}

/// A query with what else it was limited by, as it is recorded.
fn limited(query: &str, limits: &[String]) -> String {
    match (query.trim().is_empty(), limits.is_empty()) {
        (_, true) => query.to_owned(),
        (true, false) => limits.join(" AND "),
        (false, false) => format!("({query}) AND {}", limits.join(" AND ")),
    }
}

/// The condition for a selection of mailboxes; none if it names none.
fn limit_of(mailboxes: &[String]) -> Option<String> {
    let mailbox = |name: &String| format!("mailbox:{}", name.trim().to_lowercase());
    let mut listed: Vec<String> = mailboxes.iter().take(RECORDED_MAILBOXES).map(mailbox).collect();
    if mailboxes.len() > RECORDED_MAILBOXES {
        listed.push(format!("{} more mailboxes", mailboxes.len() - RECORDED_MAILBOXES));
    }
    match listed.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("({})", several.join(" OR "))),
    }
}
