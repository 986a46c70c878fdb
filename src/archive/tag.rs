//! Tags: words that people put on messages.
//!
//! Contract: a tag changes no archived byte and no index document, only a bitmap in the state; it needs the append lock
//! alone, so it works while another process imports. Counts are exact: a selection that cannot be counted in full is
//! refused, never tagged in part.

use super::{Archive, Selection, matching::behind, tail::TailMessages};
use crate::{
    Error, ErrorKind, Result,
    model::{Event, Instant, Ordinal, Right, limits, tag_name},
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// What came of tagging or untagging.
#[derive(Clone, Debug, Serialize)]
pub struct TagReport {
    /// The tag, in its first spelling.
    pub tag: String,
    /// Messages that were selected.
    pub matched: u64,
    /// Messages that got the tag, or lost it.
    pub changed: u64,
    /// Messages of the selection that had the tag already, or did not have it.
    pub unchanged: u64,
    /// Messages that have the tag now.
    pub messages: u64,
    /// Remarks about the query.
    pub warnings: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagRow {
    /// Its name.
    pub tag: String,
    /// Messages that have it.
    pub messages: u64,
    /// When it was last put on a message or taken off one.
    pub changed: Option<Instant>,
    /// By whom.
    pub changed_by: Option<String>,
}

/// Messages that were selected, and how the journal names the selection.
struct Selected {
    messages: RoaringBitmap,
    query: String,
    warnings: Vec<String>,
}

impl Archive {
    /// Puts a tag on the messages of a selection.
    ///
    /// # Errors
    /// A name that a tag cannot have; a bad query or id; [`ErrorKind::NotFound`] when nothing matches; too many messages
    /// are not indexed yet; the journal cannot be written.
    pub fn tag(&mut self, tag: &str, selection: &Selection, dry_run: bool) -> Result<TagReport> {
        self.may(Right::Search, "tag.add", tag)?;
        let tag = tag_name(tag).map_err(|why| Error::new(ErrorKind::Usage, why))?;
        let Selected { messages: selected, query, warnings } = self.selected_messages(selection)?;
        self.transact(|state, _| {
            let selected = selected - &state.purged;
            if selected.is_empty() {
                return Err(nothing_matches());
            }
            let known = state.tag(&tag);
            if known.is_none() && state.tags.len() >= limits::TAGS {
                return Err(Error::new(ErrorKind::Usage, format!("the archive has {} tags already", limits::TAGS))
                    .with_hint("take one off its messages first: custodia tag remove TAG"));
            }
            let (name, had) = known.map_or((tag.as_str(), RoaringBitmap::new()), |(name, set)| (name, set.clone()));
            let name = name.to_owned();
            let new = &selected - &had;
            let event = |messages| Event::MessagesTagged { tag: name.clone(), query: query.clone(), messages };
            let events = if dry_run { Vec::new() } else { in_lines(&new).map(event).collect() };
            let report = TagReport {
                matched: selected.len(),
                changed: new.len(),
                unchanged: selected.len() - new.len(),
                messages: had.len() + new.len(),
                tag: name,
                warnings,
                dry_run,
            };
            Ok((events, report))
        })
    }

    /// Takes a tag off the messages of a selection; off all messages where none is given.
    ///
    /// # Errors
    /// As [`Self::tag`]; [`ErrorKind::NotFound`] when there is no such tag.
    pub fn untag(&mut self, tag: &str, selection: Option<&Selection>, dry_run: bool) -> Result<TagReport> {
        self.may(Right::Search, "tag.remove", tag)?;
        let selected = selection.map(|selection| self.selected_messages(selection)).transpose()?;
        self.transact(|state, _| {
            let (name, had) = state.tag(tag).ok_or_else(|| no_tag(tag))?;
            let name = name.to_owned();
            let (selected, query, warnings) = match selected {
                Some(Selected { messages, query, warnings }) => (messages - &state.purged, query, warnings),
                None => (had.clone(), "all".to_owned(), Vec::new()),
            };
            if selected.is_empty() {
                return Err(nothing_matches());
            }
            let gone = &selected & had;
            let event = |messages| Event::MessagesUntagged { tag: name.clone(), query: query.clone(), messages };
            let events = if dry_run { Vec::new() } else { in_lines(&gone).map(event).collect() };
            let report = TagReport {
                matched: selected.len(),
                changed: gone.len(),
                unchanged: selected.len() - gone.len(),
                messages: had.len() - gone.len(),
                tag: name,
                warnings,
                dry_run,
            };
            Ok((events, report))
        })
    }

    /// Every tag that a message has, by name.
    #[must_use]
    pub fn tags(&self) -> Vec<TagRow> {
        let row = |(name, messages): (&String, &RoaringBitmap)| {
            let change = self.state.tag_changes.get(name);
            TagRow {
                tag: name.clone(),
                messages: messages.len(),
                changed: change.map(|change| change.at),
                changed_by: change.map(|change| change.by.clone()),
            }
        };
        let mut rows: Vec<TagRow> = self.state.tags.iter().map(row).collect();
        rows.sort_by_key(|row| crate::model::fold_tag(&row.tag));
        rows
    }

    /// The tags of a message.
    pub(super) fn tags_of(&self, ordinal: Ordinal) -> Vec<String> {
        self.state.tags_of(ordinal.0).map(str::to_owned).collect()
    }

    /// The messages of a selection that a mailbox has. In the middle of a long import more may be unindexed than a search
    /// reads.
    fn selected_messages(&mut self, selection: &Selection) -> Result<Selected> {
        if self.tail.beyond() > 0 {
            self.load_with(TailMessages::up_to(limits::TAIL_COUNT_MESSAGES))?;
        }
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let query = shortened(&selection.label());
        match selection {
            Selection::Query(text) => {
                let prepared = self.prepare_to_write(text)?;
                let messages = self.answer(&prepared.expr, &self.select_mailboxes(&[])?, true)?.messages;
                let warnings = prepared.warnings.into_iter().map(|warning| warning.message).collect();
                Ok(Selected { messages, query, warnings })
            }
            Selection::Ids(ids) => {
                let mut messages = RoaringBitmap::new();
                for id in ids {
                    messages.insert(self.find_message(id)?.ordinal.0);
                }
                Ok(Selected { messages, query, warnings: Vec::new() })
            }
        }
    }
}

/// The messages in portions that fit a journal line each.
pub(super) fn in_lines(messages: &RoaringBitmap) -> impl Iterator<Item = Vec<Ordinal>> {
    let mut rest = messages.iter().map(Ordinal);
    std::iter::from_fn(move || {
        let portion: Vec<Ordinal> = rest.by_ref().take(limits::LINE_ORDINALS).collect();
        (!portion.is_empty()).then_some(portion)
    })
}

/// A query as a line of the journal has room for it.
pub(super) fn shortened(query: &str) -> String {
    match query.char_indices().nth(limits::FIELD_CHARS) {
        None => query.to_owned(),
        Some(_) => query.chars().take(limits::FIELD_CHARS - 1).chain(['…']).collect(),
    }
}

fn nothing_matches() -> Error {
    Error::new(ErrorKind::NotFound, "no message matches; nothing was changed")
        .with_hint("custodia search shows what a query matches")
}

fn no_tag(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no tag {name}")).with_hint("custodia tag list shows them")
}
