//! The names that a query may use: users, mailboxes, holds, cases, tags, runs, as the state has them.

use super::Archive;
use crate::{
    model::{Case, HoldId, MailboxName, User},
    query::{CaseScope, Context, RunSpan},
};
use std::collections::BTreeSet;

/// Gathered for one query.
pub(super) struct KnownNames {
    users: Vec<User>,
    mailboxes: Vec<MailboxName>,
    holds: Vec<(HoldId, String)>,
    cases: Vec<CaseScope>,
    tags: Vec<String>,
    runs: Vec<RunSpan>,
}

impl KnownNames {
    /// What a query is closed with.
    pub(super) fn context<'a>(&'a self, archive: &'a Archive) -> Context<'a> {
        Context {
            now: archive.clock.now(),
            week_start: archive.meta.settings.first_day_of_week.weekday(),
            users: &self.users,
            mapping: &archive.state.mapping,
            mailboxes: &self.mailboxes,
            holds: &self.holds,
            cases: &self.cases,
            tags: &self.tags,
            runs: &self.runs,
        }
    }
}

impl Archive {
    pub(super) fn known_names(&self) -> KnownNames {
        let state = &self.state;
        let mailboxes: BTreeSet<&MailboxName> = state.users.keys().chain(state.boxes.keys()).collect();
        let mut runs: Vec<_> = state.runs.values().collect();
        runs.sort_by_key(|run| run.first_seq);
        let span =
            |run: &crate::model::Run| RunSpan { id: run.id.clone(), from: run.first_ordinal, until: run.next_ordinal };
        KnownNames {
            users: state.users.values().cloned().collect(),
            mailboxes: mailboxes.into_iter().cloned().collect(),
            holds: state.active_holds().map(|hold| (hold.id.clone(), hold.name.clone())).collect(),
            cases: state.cases.values().map(|case| self.case_scope(case)).collect(),
            tags: state.tags.keys().cloned().collect(),
            runs: runs.into_iter().map(span).collect(),
        }
    }

    fn case_scope(&self, case: &Case) -> CaseScope {
        let holds = self.state.active_holds().filter(|hold| hold.case == case.id);
        CaseScope {
            id: case.id.0.clone(),
            name: case.name.clone(),
            custodians: case.custodians.iter().cloned().collect(),
            holds: holds.map(|hold| hold.id.clone()).collect(),
        }
    }
}
