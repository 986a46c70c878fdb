//! Cases: the matters that holds belong to, with their notes, custodians and saved searches.
//!
//! Contract: a case keeps its id whatever it is called; nothing in it is taken out of the journal. A case is not closed
//! while it has active holds: closing must not free anything. A closed case takes no custodian, no hold and no search.

mod custodian;
mod diff;
mod dossier;
mod saved;

pub use custodian::{
    CustodianChange, CustodianOptions, CustodianReport, CustodianRow, HoldOnMailbox, RemovedCustodian,
};
pub use diff::{CauseCount, DiffCause, DiffReport, DiffRow, DiffSide};
pub use dossier::Dossier;
pub use saved::{SavedSearchRow, SearchPassReport};

use super::{Archive, HoldRow, search::Sizes};
use crate::{
    Error, ErrorKind, Result,
    model::{Case, CaseClosing, CaseFile, CaseId, CaseNote, CustodianTerm, Event, Hold, HoldId, Right, limits},
    state::State,
};
use serde::Serialize;
use std::{cell::OnceCell, collections::BTreeSet};

/// A case with its holds.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The case.
    #[serde(flatten)]
    pub case: Case,
    /// `open` or `closed`.
    pub status: &'static str,
    /// When, by whom and why it was closed.
    pub closed: Option<CaseClosing>,
    /// Its holds.
    pub holds: Vec<HoldRow>,
    /// Every time that somebody was custodian.
    pub terms: Vec<CustodianTerm>,
    /// Its notes, oldest first.
    pub notes: Vec<CaseNote>,
    /// Its saved searches, by name.
    pub searches: Vec<SavedSearchRow>,
}

impl Archive {
    /// Opens a case.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`]; an empty name; the journal cannot be written.
    pub fn create_case(&mut self, name: &str, description: &str, dry_run: bool) -> Result<Case> {
        self.may(Right::Cases, "case.create", name)?;
        let (name, description) = (checked_text("the name", name)?, checked_description(description)?);
        let (now, who, archive) = (self.clock.now(), self.actor.label().to_owned(), self.meta.id.clone());
        self.transact(|state, seq| {
            refuse_taken(state, &name, None)?;
            let id = CaseId::made(&archive, seq);
            let at = now.max(state.last_at);
            let case = Case { id, name, description, created: at, created_by: who, custodians: BTreeSet::new() };
            Ok((if dry_run { vec![] } else { vec![Event::CaseCreated { case: case.clone() }] }, case))
        })
    }

    /// Gives a case another name or description; what is `None` stays. Its id stays too, and so do old events.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::Exists`]; nothing would change; the journal cannot be written.
    pub fn edit_case(
        &mut self,
        name: &str,
        new_name: Option<&str>,
        description: Option<&str>,
        dry_run: bool,
    ) -> Result<Case> {
        self.may(Right::Cases, "case.edit", name)?;
        let new_name = new_name.map(|name| checked_text("the name", name)).transpose()?;
        let description = description.map(checked_description).transpose()?;
        self.transact(|state, _| {
            let old = state.case(name).ok_or_else(|| no_case(name))?;
            let mut case = old.clone();
            case.name = new_name.unwrap_or(case.name);
            case.description = description.unwrap_or(case.description);
            if case == *old {
                return Err(Error::new(ErrorKind::Usage, format!("the case {} is like that already", old.name))
                    .with_hint("--name and --description say what shall change"));
            }
            refuse_taken(state, &case.name, Some(&case.id))?;
            let event = Event::CaseEdited {
                case: case.id.clone(),
                name: case.name.clone(),
                description: case.description.clone(),
            };
            Ok((if dry_run { vec![] } else { vec![event] }, case))
        })
    }

    /// Puts a note into a case. Notes are never changed or taken out; a closed case takes them too.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; an empty note; too many; the journal cannot be written.
    pub fn note_in_case(&mut self, name: &str, text: &str, dry_run: bool) -> Result<Case> {
        self.may(Right::Cases, "case.note", name)?;
        let text = checked_text("the note", text)?;
        self.transact(|state, _| {
            let case = state.case(name).ok_or_else(|| no_case(name))?.clone();
            refuse_full(file_of(state, &case.id).notes.len(), "notes")?;
            let event = Event::CaseNoted { case: case.id.clone(), text };
            Ok((if dry_run { vec![] } else { vec![event] }, case))
        })
    }

    /// Closes a case.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] while it has active holds (the refusal is recorded); closed already; the journal cannot be
    /// written.
    pub fn close_case(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<Case> {
        self.may(Right::Cases, "case.close", name)?;
        let reason = checked_text("the reason", reason)?;
        let (case, refused) = self.transact(|state, _| {
            let case = state.case(name).ok_or_else(|| no_case(name))?.clone();
            if let Some(closed) = &file_of(state, &case.id).closed {
                let message = format!("the case {} was closed already, at {} by {}", case.name, closed.at, closed.by);
                return Err(Error::new(ErrorKind::Usage, message).with_hint("custodia case show says why"));
            }
            let holds: Vec<Hold> =
                state.active_holds().filter(|hold| hold.case.as_ref() == Some(&case.id)).cloned().collect();
            let refused = (!holds.is_empty()).then(|| held(&case, &holds));
            let event = match &refused {
                None => Event::CaseClosed { case: case.id.clone(), reason },
                Some(_) => {
                    let holds = holds.into_iter().map(|hold| hold.id).take(limits::LINE_ITEMS).collect();
                    Event::CaseCloseRefused { case: case.id.clone(), reason, holds }
                }
            };
            Ok((if dry_run { vec![] } else { vec![event] }, (case, refused)))
        })?;
        match refused {
            Some(error) => Err(error),
            None => Ok(case),
        }
    }

    /// Opens a closed case again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; it is open; the journal cannot be written.
    pub fn reopen_case(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<Case> {
        self.may(Right::Cases, "case.reopen", name)?;
        let reason = checked_text("the reason", reason)?;
        self.transact(|state, _| {
            let case = state.case(name).ok_or_else(|| no_case(name))?.clone();
            if file_of(state, &case.id).closed.is_none() {
                return Err(Error::new(ErrorKind::Usage, format!("the case {} is open", case.name))
                    .with_hint("custodia case show shows it"));
            }
            let event = Event::CaseReopened { case: case.id.clone(), reason };
            Ok((if dry_run { vec![] } else { vec![event] }, case))
        })
    }

    /// A case with its holds. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the counts cannot be made.
    pub fn case(&self, name: &str) -> Result<CaseReport> {
        self.may_read(Right::Cases, "case.show", name)?;
        self.case_report_of(self.find_case(name)?)
    }

    /// All cases, by name. Recorded.
    ///
    /// # Errors
    /// The counts cannot be made.
    pub fn cases(&self) -> Result<Vec<CaseReport>> {
        self.may_read(Right::Cases, "case.list", "")?;
        let mut cases: Vec<&Case> = self.state.cases.values().collect();
        cases.sort_by_key(|case| case.name.to_lowercase());
        let sizes = OnceCell::new();
        cases.into_iter().map(|case| self.case_report_with(case, &sizes)).collect()
    }

    pub(super) fn case_report_of(&self, case: &Case) -> Result<CaseReport> {
        self.case_report_with(case, &OnceCell::new())
    }

    fn case_report_with(&self, case: &Case, sizes: &OnceCell<Sizes>) -> Result<CaseReport> {
        let mut holds: Vec<&Hold> =
            self.state.holds.values().filter(|hold| hold.case.as_ref() == Some(&case.id)).collect();
        holds.sort_by_key(|hold| hold.seq);
        let holds = holds.into_iter().map(|hold| self.row_with(hold, sizes)).collect::<Result<_>>()?;
        let file = file_of(&self.state, &case.id);
        Ok(CaseReport {
            case: case.clone(),
            status: if file.closed.is_some() { "closed" } else { "open" },
            closed: file.closed.clone(),
            holds,
            terms: file.terms.clone(),
            notes: file.notes.clone(),
            searches: file.searches.values().map(SavedSearchRow::of).collect(),
        })
    }

    fn find_case(&self, name: &str) -> Result<&Case> {
        self.state.case(name).ok_or_else(|| no_case(name))
    }
}

/// What happened to a case; nothing, for one that is not there.
pub(super) fn file_of<'a>(state: &'a State, case: &CaseId) -> std::borrow::Cow<'a, CaseFile> {
    match state.case_files.get(case) {
        Some(file) => std::borrow::Cow::Borrowed(file),
        None => std::borrow::Cow::Owned(CaseFile::default()),
    }
}

/// Refuses what a closed case takes no more: a hold, a custodian, a search.
pub(super) fn refuse_closed(state: &State, case: &Case) -> Result<()> {
    match &file_of(state, &case.id).closed {
        None => Ok(()),
        Some(closed) => Err(Error::new(
            ErrorKind::Usage,
            format!("the case {} was closed at {} by {}: {}", case.name, closed.at, closed.by, closed.reason),
        )
        .with_hint("custodia case reopen NAME --reason TEXT opens it again")
        .with_details(serde_json::json!({"case": case.id, "name": case.name, "closed": closed}))),
    }
}

/// Why a case cannot be closed, with every hold that stands in the way and what would end it.
fn held(case: &Case, holds: &[Hold]) -> Error {
    let line =
        |hold: &Hold| format!("\n  {}  placed {} by {}: {}", hold.name, hold.placed_at, hold.placed_by, hold.reason);
    let count = match holds {
        [_] => "1 active hold".to_owned(),
        holds => format!("{} active holds", holds.len()),
    };
    let lines: String = holds.iter().map(line).collect();
    let row = |hold: &Hold| {
        serde_json::json!({
            "kind": "hold", "id": hold.id, "name": hold.name, "placed_at": hold.placed_at,
            "placed_by": hold.placed_by, "reason": hold.reason, "mailboxes": hold.scope.mailboxes.len(),
            "until": null, "ends_when": "somebody releases it",
            "what_to_do": format!("custodia hold release {} --reason TEXT --confirm {}", hold.id, hold.id),
        })
    };
    let blockers: Vec<_> = holds.iter().map(row).collect();
    Error::new(
        ErrorKind::Held,
        format!("the case {} has {count} and stays open; nothing was changed.{lines}", case.name),
    )
    .with_hint(
        "release each hold first (custodia hold release NAME --reason TEXT --confirm NAME), or keep the case open",
    )
    .with_details(serde_json::json!({"case": case.id, "name": case.name, "blockers": blockers}))
    .as_recorded()
}

/// Refuses a name that another case has.
fn refuse_taken(state: &State, name: &str, own: Option<&CaseId>) -> Result<()> {
    let folded = name.to_lowercase();
    match state.cases.values().any(|case| case.name.to_lowercase() == folded && Some(&case.id) != own) {
        false => Ok(()),
        true => Err(Error::new(ErrorKind::Exists, format!("there is a case {name} already"))
            .with_hint("names of cases are unique without regard to case")),
    }
}

fn refuse_full(entries: usize, what: &str) -> Result<()> {
    match entries < limits::CASE_ENTRIES {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Usage, format!("the case has {} {what} already", limits::CASE_ENTRIES))
            .with_hint("open another case for the rest")),
    }
}

pub(super) fn no_case(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no case {name}"))
        .with_hint("custodia case list shows them; custodia case create makes one")
}

/// Text that goes into an event: not empty, not endless.
pub(super) fn checked_text(what: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limits::FIELD_CHARS {
        return Err(Error::new(ErrorKind::Usage, format!("{what} must have 1 to {} characters", limits::FIELD_CHARS)));
    }
    Ok(text.to_owned())
}

/// The same where there may be none.
fn checked_description(text: &str) -> Result<String> {
    if text.trim().is_empty() { Ok(String::new()) } else { checked_text("the description", text) }
}

/// The ids of the holds of a case.
pub(super) fn holds_of<'a>(state: &'a State, case: &'a CaseId) -> impl Iterator<Item = &'a HoldId> {
    state.holds.values().filter(move |hold| hold.case.as_ref() == Some(case)).map(|hold| &hold.id)
}
