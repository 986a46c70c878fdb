//! Searches that are kept in a case, and their runs.
//!
//! Contract: a run writes down its counts and the exact set of messages that it found, so that what came and went since can
//! be told later, without the index of that day. A run never answers behind.

use super::{checked_text, file_of, no_case, refuse_closed, refuse_full};
use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, matching::Matched, matching::Prepared, tail::TailMessages},
    model::{Case, Digest, Event, Instant, MailboxName, Right, SavedSearch, SearchPass, Seq, limits},
    query,
};
use serde::Serialize;

/// A saved search.
#[derive(Clone, Debug, Serialize)]
pub struct SavedSearchRow {
    /// Its name.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// The mailboxes that it looks into; all if empty.
    pub mailboxes: Vec<MailboxName>,
    /// When it was saved as it is.
    pub saved_at: Instant,
    /// By whom.
    pub saved_by: String,
    /// Its runs, oldest first.
    pub runs: Vec<SearchPassReport>,
}

/// One run of a saved search.
#[derive(Clone, Debug, Serialize)]
pub struct SearchPassReport {
    /// The journal line of the run.
    pub seq: Seq,
    /// The journal line that it is as of.
    pub as_of: Seq,
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
    /// The query that was run.
    pub query: String,
    /// The mailboxes that it looked into; all if empty.
    pub mailboxes: Vec<MailboxName>,
    /// Messages found.
    pub messages: u64,
    /// Items found.
    pub items: u64,
}

impl SavedSearchRow {
    pub(super) fn of(search: &SavedSearch) -> Self {
        Self {
            name: search.name.clone(),
            query: search.query.clone(),
            mailboxes: search.mailboxes.clone(),
            saved_at: search.saved_at,
            saved_by: search.saved_by.clone(),
            runs: search.runs.iter().map(SearchPassReport::of).collect(),
        }
    }
}

impl SearchPassReport {
    pub(super) fn of(pass: &SearchPass) -> Self {
        Self {
            seq: pass.seq,
            as_of: pass.as_of,
            at: pass.at,
            by: pass.by.clone(),
            query: pass.query.clone(),
            mailboxes: pass.mailboxes.clone(),
            messages: pass.messages,
            items: pass.items,
        }
    }
}

/// What a saved search finds now.
pub(super) struct FoundNow {
    pub(super) matched: Matched,
    pub(super) meaning: Digest,
}

impl Archive {
    /// Saves a search in a case. With `replace` one of that name gets another query and keeps its runs.
    ///
    /// # Errors
    /// An unknown or closed case, an unknown mailbox, a bad query; [`ErrorKind::Exists`]; the journal cannot be written.
    pub fn save_search(
        &mut self,
        case: &str,
        name: &str,
        query: &str,
        mailboxes: &[String],
        replace: bool,
        dry_run: bool,
    ) -> Result<SavedSearchRow> {
        self.may(Right::Cases, "case.search_save", case)?;
        let name = checked_text("the name", name)?;
        self.prepare(query)?;
        let mut mailboxes: Vec<MailboxName> = mailboxes.iter().map(|m| self.mailbox(m)).collect::<Result<_>>()?;
        mailboxes.sort_unstable();
        mailboxes.dedup();
        let (now, who) = (self.clock.now(), self.actor.label().to_owned());
        self.transact(|state, _| {
            let found = state.case(case).ok_or_else(|| no_case(case))?;
            refuse_closed(state, found)?;
            let file = file_of(state, &found.id);
            let old = file.searches.get(&name.to_lowercase());
            if old.is_some() && !replace {
                return Err(Error::new(
                    ErrorKind::Exists,
                    format!("the case {} has a saved search {name} already", found.name),
                )
                .with_hint("--replace gives it this query; its runs are kept"));
            }
            refuse_full(file.searches.len(), "saved searches")?;
            let (case, query) = (found.id.clone(), query.to_owned());
            let row = SavedSearchRow {
                name: name.clone(),
                query: query.clone(),
                mailboxes: mailboxes.clone(),
                saved_at: now.max(state.last_at),
                saved_by: who,
                runs: old.map(|old| SavedSearchRow::of(old).runs).unwrap_or_default(),
            };
            let event = Event::CaseSearchSaved { case, name, query, mailboxes };
            Ok((if dry_run { vec![] } else { vec![event] }, row))
        })
    }

    /// The saved searches of a case, by name. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn saved_searches(&self, case: &str) -> Result<Vec<SavedSearchRow>> {
        self.may_read(Right::Cases, "case.search_list", case)?;
        let case = self.state.case(case).ok_or_else(|| no_case(case))?;
        Ok(file_of(&self.state, &case.id).searches.values().map(SavedSearchRow::of).collect())
    }

    /// Takes a saved search out of a case. Its runs stay in the audit trail.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the journal cannot be written.
    pub fn remove_saved_search(&mut self, case: &str, name: &str, dry_run: bool) -> Result<SavedSearchRow> {
        self.may(Right::Cases, "case.search_remove", case)?;
        self.transact(|state, _| {
            let found = state.case(case).ok_or_else(|| no_case(case))?;
            let file = file_of(state, &found.id);
            let search = file.searches.get(&name.to_lowercase()).ok_or_else(|| no_search(found, name))?;
            let event = Event::CaseSearchRemoved { case: found.id.clone(), name: search.name.clone() };
            Ok((if dry_run { vec![] } else { vec![event] }, SavedSearchRow::of(search)))
        })
    }

    /// Runs a saved search, and writes down what it found.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the query has no meaning any more; [`ErrorKind::Behind`]; the journal cannot be written.
    pub fn run_saved_search(&mut self, case: &str, name: &str) -> Result<SearchPassReport> {
        self.may(Right::Cases, "case.search_run", case)?;
        self.count_the_tail()?;
        let (case, search) = self.find_search(case, name)?;
        let FoundNow { matched, meaning } = self.finds(&search)?;
        let as_of = self.as_of();
        let (messages, items) = (matched.messages.len(), matched.item_count());
        let found = self.journal.store_ordinals(&matched.messages)?;
        let seq = self.transact(|state, seq| {
            // Somebody may have removed it meanwhile.
            let file = file_of(state, &case.id);
            let saved = file.searches.get(&search.name.to_lowercase()).ok_or_else(|| no_search(&case, name))?;
            refuse_full(saved.runs.len(), "runs of this search")?;
            let event = Event::CaseSearchRun {
                case: case.id.clone(),
                name: search.name.clone(),
                query: search.query.clone(),
                mailboxes: search.mailboxes.clone(),
                meaning,
                as_of,
                messages,
                items,
                found,
            };
            Ok((vec![event], seq))
        })?;
        let (_, saved) = self.find_search(&case.id.0, &search.name)?;
        let pass = saved.runs.iter().rfind(|pass| pass.seq == seq).map(SearchPassReport::of);
        pass.ok_or_else(|| Error::bug("a run of a saved search was written and is not there"))
    }

    /// In the middle of a long import more messages may be unindexed than a search reads.
    pub(super) fn count_the_tail(&mut self) -> Result<()> {
        if self.tail.beyond() > 0 {
            self.load_with(TailMessages::up_to(limits::TAIL_COUNT_MESSAGES))?;
        }
        Ok(())
    }

    /// What a saved search finds now. Refuses to answer behind.
    pub(super) fn finds(&self, search: &SavedSearch) -> Result<FoundNow> {
        let Prepared { expr, .. } = self.prepare(&search.query)?;
        let names: Vec<String> = search.mailboxes.iter().map(|mailbox| mailbox.as_str().to_owned()).collect();
        let matched = self.matching(&expr, &self.select_mailboxes(&names)?, true)?;
        Ok(FoundNow { matched, meaning: Digest::of(query::explain(&expr).as_bytes()) })
    }

    pub(super) fn find_search(&self, case: &str, name: &str) -> Result<(Case, SavedSearch)> {
        let case = self.state.case(case).ok_or_else(|| no_case(case))?;
        let file = file_of(&self.state, &case.id);
        let search = file.searches.get(&name.to_lowercase()).cloned();
        search.map(|search| (case.clone(), search)).ok_or_else(|| no_search(case, name))
    }
}

fn no_search(case: &Case, name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the case {} has no saved search {name}", case.name))
        .with_hint("custodia case search list CASE shows them")
}
