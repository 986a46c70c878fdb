//! Cases: the matters that holds belong to.

use super::{Archive, HoldRow};
use crate::{
    Error, ErrorKind, Result,
    model::{Case, CaseId, Event, limits},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A case with its holds.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The case.
    #[serde(flatten)]
    pub case: Case,
    /// `open`.
    pub status: &'static str,
    /// Its holds.
    pub holds: Vec<HoldRow>,
}

impl Archive {
    /// Opens a case.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`]; an empty name; the journal cannot be written.
    pub fn create_case(&mut self, name: &str, description: &str, dry_run: bool) -> Result<Case> {
        let (name, description) = (checked_text("the name", name)?, description.to_owned());
        let (now, who, archive) = (self.clock.now(), self.actor.label().to_owned(), self.meta.id.clone());
        self.transact(|state, seq| {
            if state.case(&name).is_some() {
                return Err(Error::new(ErrorKind::Exists, format!("there is a case {name} already"))
                    .with_hint("names of cases are unique without regard to case"));
            }
            let id = CaseId::made(&archive, seq);
            let at = now.max(state.last_at);
            let case = Case { id, name, description, created: at, created_by: who, custodians: BTreeSet::new() };
            Ok((if dry_run { vec![] } else { vec![Event::CaseCreated { case: case.clone() }] }, case))
        })
    }

    /// A case with its holds.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the counts cannot be made.
    pub fn case(&self, name: &str) -> Result<CaseReport> {
        let case = self.find_case(name)?.clone();
        let holds = self.state.holds.values().filter(|h| h.case == case.id);
        let holds = holds.map(|hold| self.hold_row(hold)).collect::<Result<_>>()?;
        Ok(CaseReport { case, status: "open", holds })
    }

    /// All cases, by name.
    ///
    /// # Errors
    /// The counts cannot be made.
    pub fn cases(&self) -> Result<Vec<CaseReport>> {
        let mut ids: Vec<&Case> = self.state.cases.values().collect();
        ids.sort_by_key(|case| case.name.to_lowercase());
        ids.into_iter().map(|case| self.case(&case.id.0)).collect()
    }

    fn find_case(&self, name: &str) -> Result<&Case> {
        self.state.case(name).ok_or_else(|| no_case(name))
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
