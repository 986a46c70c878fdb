//! What came and what went between two runs of a saved search, or since the last one, and because of what.
//!
//! Contract: the sets are exact. Causes are read from the journal lines between the two answers: the import run that
//! archived or delivered a message, the plan that deleted it or was undone, a label, a tag; where none of these touched it, the query was edited,
//! or means something else today (a relative date, a person's number), or the cause is said to be another one.

use super::{CaseReport, SavedSearchRow, saved::FoundNow};
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    model::{
        Digest, Event, Instant, MailboxName, MessageId, Ordinal, Right, SearchPass, Seq, Watermark, event::Disposal,
    },
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Messages that are named one by one; the counts are always of all.
const LISTED: usize = 1_000;

/// Why a message came or went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum DiffCause {
    /// An import run archived it, or delivered it to one more mailbox.
    ImportRun(String),
    /// A deletion plan moved an item of it to the recoverable items.
    Deleted(String),
    /// A deletion plan purged it.
    Purged(String),
    /// An item of it came back out of the recoverable items: the plan was undone.
    Restored(String),
    /// A retention label, by its id, was put on an item of it by hand; nothing: one was taken off.
    Label(String),
    /// A tag was put on it or taken off it.
    Tag(String),
    /// A notice of its deletion or edit arrived.
    NoticeArrived,
    /// The saved search got another query or other mailboxes.
    QueryEdited,
    /// The same query means something else: a relative date moved on, a user or a case changed.
    MeaningChanged,
    /// Something else.
    Other,
}

/// How many messages came or went for one cause.
#[derive(Clone, Debug, Serialize)]
pub struct CauseCount {
    /// The cause.
    #[serde(flatten)]
    pub because: DiffCause,
    /// Messages. One with two causes counts for both.
    pub messages: u64,
}

/// One message that came or went.
#[derive(Clone, Debug, Serialize)]
pub struct DiffRow {
    /// The message; `None` if its id cannot be read any more.
    pub id: Option<MessageId>,
    /// Why.
    pub because: Vec<DiffCause>,
}

/// One of the two answers.
#[derive(Clone, Debug, Serialize)]
pub struct DiffSide {
    /// The line of the run; `None`: now.
    pub run: Option<Seq>,
    /// The line that it is as of.
    pub as_of: Seq,
    /// When.
    pub at: Instant,
    /// The query.
    pub query: String,
    /// The mailboxes; all if empty.
    pub mailboxes: Vec<MailboxName>,
    /// Messages found.
    pub messages: u64,
    /// Items found.
    pub items: u64,
}

/// What came and what went.
#[derive(Clone, Debug, Serialize)]
pub struct DiffReport {
    /// The name of the case.
    pub case: String,
    /// The name of the search.
    pub search: String,
    /// The earlier answer.
    pub from: DiffSide,
    /// The later one.
    pub to: DiffSide,
    /// Whether the query or its mailboxes were edited between them.
    pub query_edited: bool,
    /// Messages that the later one has and the earlier had not.
    pub came: u64,
    /// Why.
    pub came_because: Vec<CauseCount>,
    /// The first of them.
    pub came_messages: Vec<DiffRow>,
    /// Messages that the earlier one had and the later has not.
    pub went: u64,
    /// Why.
    pub went_because: Vec<CauseCount>,
    /// The first of them.
    pub went_messages: Vec<DiffRow>,
    /// Messages that are named nowhere in this answer, because there are more than it lists.
    pub not_listed: u64,
}

/// One answer with its set.
struct Side {
    facts: DiffSide,
    meaning: Digest,
    found: RoaringBitmap,
}

impl Archive {
    /// What came and what went: between the last two runs, or since the last one with `now` or where there is only one.
    /// Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the search was never run; [`ErrorKind::Behind`]; a list is damaged.
    pub fn diff_saved_search(&mut self, case: &str, name: &str, now: bool) -> Result<DiffReport> {
        self.may_read(Right::Cases, "case.search_diff", case)?;
        let (case, search) = self.find_search(case, name)?;
        let (from, to) = match search.runs.as_slice() {
            [] => {
                return Err(Error::new(ErrorKind::NotFound, format!("the search {} was never run", search.name))
                    .with_hint("custodia case search run CASE NAME runs it; later diffs compare with that"));
            }
            [.., before, last] if !now => (self.side_of(before)?, self.side_of(last)?),
            [.., last] => {
                let last = self.side_of(last)?;
                self.count_the_tail()?;
                let FoundNow { matched, meaning } = self.finds(&search)?;
                let facts = DiffSide {
                    run: None,
                    as_of: self.as_of(),
                    at: self.clock.now(),
                    query: search.query.clone(),
                    mailboxes: search.mailboxes.clone(),
                    messages: matched.messages.len(),
                    items: matched.item_count(),
                };
                (last, Side { facts, meaning, found: matched.messages })
            }
        };
        self.compare(case.name, search.name, from, to)
    }

    fn side_of(&self, pass: &SearchPass) -> Result<Side> {
        let facts = DiffSide {
            run: Some(pass.seq),
            as_of: pass.as_of,
            at: pass.at,
            query: pass.query.clone(),
            mailboxes: pass.mailboxes.clone(),
            messages: pass.messages,
            items: pass.items,
        };
        Ok(Side { facts, meaning: pass.meaning, found: self.journal.load_ordinals(&pass.found)? })
    }

    fn compare(&self, case: String, search: String, from: Side, to: Side) -> Result<DiffReport> {
        let came = &to.found - &from.found;
        let went = &from.found - &to.found;
        let query_edited = (&from.facts.query, &from.facts.mailboxes) != (&to.facts.query, &to.facts.mailboxes);
        let mut causes = Causes::new(&came | &went);
        self.read_causes(from.facts.as_of, to.facts.as_of, &mut causes)?;
        let fallback = match (query_edited, from.meaning == to.meaning) {
            (true, _) => DiffCause::QueryEdited,
            (false, false) => DiffCause::MeaningChanged,
            (false, true) => DiffCause::Other,
        };
        let (came_messages, came_because) = self.diff_rows(&came, &causes, &fallback)?;
        let (went_messages, went_because) = self.diff_rows(&went, &causes, &fallback)?;
        let listed = (came_messages.len() + went_messages.len()) as u64;
        Ok(DiffReport {
            case,
            search,
            from: from.facts,
            to: to.facts,
            query_edited,
            came: came.len(),
            came_because,
            came_messages,
            went: went.len(),
            went_because,
            went_messages,
            not_listed: came.len() + went.len() - listed,
        })
    }

    /// Reads the lines after `from`, up to `to`; behind that only the ids of what was purged since.
    fn read_causes(&self, from: Seq, to: Seq, causes: &mut Causes) -> Result<()> {
        if causes.wanted.is_empty() {
            return Ok(());
        }
        let mut purged = &causes.wanted & &self.state.purged;
        let mark = self.journal.find(from)?.map_or(Watermark::START, |entry| entry.mark());
        let mut reader = self.journal.read_after(&mark)?;
        while let Some(entry) = reader.next_entry()? {
            let event = &entry.line.event;
            if entry.line.seq <= to {
                causes.take(event);
            } else if purged.is_empty() {
                break;
            }
            if let Event::MessagePurged { ordinal, id, .. } = event
                && purged.remove(ordinal.0)
            {
                causes.purged.insert(ordinal.0, *id);
            }
        }
        Ok(())
    }

    fn diff_rows(
        &self,
        messages: &RoaringBitmap,
        causes: &Causes,
        fallback: &DiffCause,
    ) -> Result<(Vec<DiffRow>, Vec<CauseCount>)> {
        let mut counts: BTreeMap<DiffCause, u64> = BTreeMap::new();
        for ordinal in messages {
            for because in causes.of(ordinal, fallback) {
                *counts.entry(because).or_default() += 1;
            }
        }
        let first: Vec<Ordinal> = messages.iter().take(LISTED).map(Ordinal).collect();
        let there: Vec<Ordinal> = first.iter().copied().filter(|o| !causes.purged.contains_key(&o.0)).collect();
        let ids: BTreeMap<u32, MessageId> =
            self.records(&there)?.into_iter().map(|record| (record.ordinal.0, record.id)).collect();
        let id = |ordinal: u32| ids.get(&ordinal).or_else(|| causes.purged.get(&ordinal)).copied();
        let rows = first.iter().map(|o| DiffRow { id: id(o.0), because: causes.of(o.0, fallback) }).collect();
        let counts = counts.into_iter().map(|(because, messages)| CauseCount { because, messages }).collect();
        Ok((rows, counts))
    }
}

/// What touched the messages that came or went.
struct Causes {
    wanted: RoaringBitmap,
    direct: BTreeMap<u32, BTreeSet<DiffCause>>,
    purged: BTreeMap<u32, MessageId>,
}

impl Causes {
    fn new(wanted: RoaringBitmap) -> Self {
        Self { wanted, direct: BTreeMap::new(), purged: BTreeMap::new() }
    }

    fn add(&mut self, ordinal: Ordinal, because: DiffCause) {
        if self.wanted.contains(ordinal.0) {
            self.direct.entry(ordinal.0).or_default().insert(because);
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::MessageArchived { message } => {
                self.add(message.ordinal, DiffCause::ImportRun(message.run.0.clone()))
            }
            Event::ItemDelivered { ordinal, run, .. } => self.add(*ordinal, DiffCause::ImportRun(run.0.clone())),
            Event::ItemDisposed { plan, item, how, .. } => match how {
                Disposal::Recoverable => self.add(item.ordinal, DiffCause::Deleted(plan.0.clone())),
                Disposal::Purged => self.add(item.ordinal, DiffCause::Purged(plan.0.clone())),
            },
            Event::ItemRestored { plan, item, .. } => self.add(item.ordinal, DiffCause::Restored(plan.0.clone())),
            Event::LabelApplied { label, items, .. } => {
                items.iter().for_each(|ordinal| self.add(*ordinal, DiffCause::Label(label.0.clone())));
            }
            Event::LabelCleared { items, .. } => {
                items.iter().for_each(|ordinal| self.add(*ordinal, DiffCause::Label(String::new())));
            }
            Event::MessagesTagged { tag, messages, .. } | Event::MessagesUntagged { tag, messages, .. } => {
                messages.iter().for_each(|ordinal| self.add(*ordinal, DiffCause::Tag(tag.clone())));
            }
            Event::MessageLinked { original, .. } => self.add(*original, DiffCause::NoticeArrived),
            _ => {}
        }
    }

    /// The causes for one message. What was archived between the two answers, and what was purged, needs no other.
    fn of(&self, ordinal: u32, fallback: &DiffCause) -> Vec<DiffCause> {
        let mut causes: Vec<DiffCause> = self.direct.get(&ordinal).into_iter().flatten().cloned().collect();
        let enough = causes.iter().any(|b| matches!(b, DiffCause::ImportRun(_) | DiffCause::Purged(_)));
        if causes.is_empty() || (!enough && *fallback == DiffCause::QueryEdited) {
            causes.push(fallback.clone());
        }
        causes
    }
}

impl CaseReport {
    /// A saved search of the case, by name.
    #[must_use]
    pub fn search(&self, name: &str) -> Option<&SavedSearchRow> {
        self.searches.iter().find(|search| search.name.to_lowercase() == name.to_lowercase())
    }
}
