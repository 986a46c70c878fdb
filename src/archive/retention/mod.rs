//! The retention schedule: what may be set, changed and locked, and what of it is due.
//!
//! Contract: nothing here deletes. A change is an event under the append lock; what would make a floor or a locked policy
//! keep less is refused, and the refusal is recorded. Dates are worked out in `governance` alone.

mod due;
mod explain;
mod label;
mod labelled;
mod policy;
mod request;

pub use due::{ChangeSince, CoverageRow, DueRow, RetentionPreview, RetentionRun};
pub use explain::{ItemRetention, RetentionExplanation, RetentionField, RuleRow};
pub use label::{LabelReport, LabelRequest, LabelRow};
pub use policy::{FloorReport, PolicyRow};
pub use request::{PolicyEdit, PolicyRequest};

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    model::{Change, Event, Instant, Seq, Terms, Then, fold_tag, tag_name},
    state::State,
};

impl Archive {
    /// Records a refusal. What refuses is told, whatever comes of recording it.
    fn refused(&mut self, act: &str, rule: &str, dry_run: bool, error: Error) -> Error {
        if error.kind() == ErrorKind::Held && !dry_run {
            let (act, rule) = (act.to_owned(), rule.to_owned());
            let event = Event::RetentionRefused { act, rule, why: error.to_string() };
            match self.record(vec![event]) {
                Ok(()) => return error.as_recorded(),
                Err(failed) => self.warnings.push(format!("not_audited: the refusal was not recorded: {failed}")),
            }
        }
        error
    }
}

/// When, by whom and why a rule is made or changed.
fn stamp(state: &State, now: Instant, by: &str, reason: &str, seq: Seq) -> Change {
    Change { at: now.max(state.last_at), by: by.to_owned(), reason: reason.to_owned(), seq }
}

/// A name that a query can be written with.
fn rule_name(name: &str) -> Result<String> {
    tag_name(name).map_err(|why| Error::new(ErrorKind::Usage, why.replace("tag", "retention rule")))
}

/// Policies and labels share their names, removed ones included, so that the audit trail and `retention:` stay clear.
fn free_name(state: &State, name: &str) -> Result<()> {
    let schedule = &state.schedule;
    let policies = schedule.policies.values().map(|policy| policy.name.as_str());
    let mut names = policies.chain(schedule.labels.values().map(|label| label.name.as_str()));
    match names.find(|other| fold_tag(other) == fold_tag(name)) {
        None => Ok(()),
        Some(other) => {
            Err(Error::new(ErrorKind::Exists, format!("there is a retention policy or label {other} already"))
                .with_hint("their names are unique, removed ones included, so that the audit trail stays clear"))
        }
    }
}

/// Terms that say something, and one thing only.
fn checked_terms(terms: &Terms) -> Result<()> {
    let wrong = |message: &str, hint: &str| Err(Error::new(ErrorKind::Usage, message).with_hint(hint));
    match (terms.keep, terms.then, terms.delete_after) {
        (None, _, None) => wrong("the rule would neither keep nor delete", "give --keep, --delete-after, or both"),
        (None, Then::Delete, _) => wrong("there is no period after which to delete", "give --keep, or --delete-after"),
        (Some(_), Then::Delete, Some(_)) => {
            wrong("the deletion would be due at two times", "give --then delete, or --delete-after")
        }
        _ => Ok(()),
    }
}

fn no_policy(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no retention policy {name}"))
        .with_hint("custodia retention policy list --all shows them")
}

fn no_label(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no retention label {name}"))
        .with_hint("custodia retention label list shows them")
}

/// Refused by a rule.
fn held(message: String, hint: &str) -> Error {
    Error::new(ErrorKind::Held, message).with_hint(hint)
}
