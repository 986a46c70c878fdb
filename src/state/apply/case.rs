//! What happens to cases and custodians.

use super::super::State;
use crate::model::{CaseClosing, CaseFile, CaseId, CaseNote, CustodianTerm, Entry, Event, SavedSearch, SearchPass};

impl State {
    pub(super) fn case_event(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::CaseCreated { case } => {
                self.cases.insert(case.id.clone(), case.clone());
                self.file(&case.id);
            }
            Event::CaseEdited { case, name, description } => {
                if let Some(case) = self.cases.get_mut(case) {
                    case.name.clone_from(name);
                    case.description.clone_from(description);
                }
            }
            Event::CaseNoted { case, text } => {
                let CaseClosing { seq, at, by, reason } = closing(entry, text);
                self.file(case).notes.push(CaseNote { seq, at, by, text: reason });
            }
            Event::CaseClosed { case, reason } => self.file(case).closed = Some(closing(entry, reason)),
            Event::CaseReopened { case, .. } => self.file(case).closed = None,
            Event::CustodianAdded { .. } | Event::CustodianDescribed { .. } | Event::CustodianRemoved { .. } => {
                self.custodian_event(entry);
            }
            _ => self.saved_search_event(entry),
        }
    }

    fn file(&mut self, case: &CaseId) -> &mut CaseFile {
        self.case_files.entry(case.clone()).or_default()
    }

    fn custodian_event(&mut self, entry: &Entry) {
        match &entry.line.event {
            Event::CustodianAdded { case: id, mailbox } => {
                let Some(case) = self.cases.get_mut(id) else { return };
                if !case.custodians.insert(mailbox.clone()) {
                    return;
                }
                let term = CustodianTerm {
                    mailbox: mailbox.clone(),
                    role: String::new(),
                    from: None,
                    until: None,
                    seq: entry.line.seq,
                    added_at: entry.line.at,
                    added_by: entry.line.actor.label().to_owned(),
                    removed: None,
                };
                self.file(id).terms.push(term);
            }
            Event::CustodianDescribed { case, mailbox, role, from, until } => {
                let terms = &mut self.file(case).terms;
                if let Some(term) = terms.iter_mut().rfind(|term| term.mailbox == *mailbox && term.removed.is_none()) {
                    term.role.clone_from(role);
                    (term.from, term.until) = (*from, *until);
                }
            }
            Event::CustodianRemoved { case: id, mailbox, reason } => {
                if let Some(case) = self.cases.get_mut(id) {
                    case.custodians.remove(mailbox);
                }
                let terms = &mut self.file(id).terms;
                if let Some(term) = terms.iter_mut().rfind(|term| term.mailbox == *mailbox && term.removed.is_none()) {
                    term.removed = Some(closing(entry, reason));
                }
            }
            _ => {}
        }
    }

    fn saved_search_event(&mut self, entry: &Entry) {
        let by = entry.line.actor.label().to_owned();
        match &entry.line.event {
            Event::CaseSearchSaved { case, name, query, mailboxes } => {
                let searches = &mut self.file(case).searches;
                let runs = searches.remove(&name.to_lowercase()).map(|old| old.runs).unwrap_or_default();
                let search = SavedSearch {
                    name: name.clone(),
                    query: query.clone(),
                    mailboxes: mailboxes.clone(),
                    seq: entry.line.seq,
                    saved_at: entry.line.at,
                    saved_by: by,
                    runs,
                };
                searches.insert(name.to_lowercase(), search);
            }
            Event::CaseSearchRun { case, name, query, mailboxes, meaning, as_of, messages, items, found } => {
                if let Some(search) = self.file(case).searches.get_mut(&name.to_lowercase()) {
                    search.runs.push(SearchPass {
                        seq: entry.line.seq,
                        as_of: *as_of,
                        at: entry.line.at,
                        by,
                        query: query.clone(),
                        mailboxes: mailboxes.clone(),
                        meaning: *meaning,
                        messages: *messages,
                        items: *items,
                        found: found.clone(),
                    });
                }
            }
            Event::CaseSearchRemoved { case, name } => {
                self.file(case).searches.remove(&name.to_lowercase());
            }
            _ => {}
        }
    }
}

fn closing(entry: &Entry, reason: &str) -> CaseClosing {
    let (seq, at, by) = (entry.line.seq, entry.line.at, entry.line.actor.label().to_owned());
    CaseClosing { seq, at, by, reason: reason.to_owned() }
}
