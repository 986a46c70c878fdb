//! The names that a query may use: users, mailboxes, holds, cases, tags, runs, as the state has them.

use super::Archive;
use crate::{
    model::{Case, HoldId, MailboxName, User},
    query::{CaseScope, Context, Expr, Leaf, RetentionName, RunSpan},
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
    retention: Vec<RetentionName>,
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
            retention: &self.retention,
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
            holds: state.binding_holds(self.clock.now()).map(|hold| (hold.id.clone(), hold.name.clone())).collect(),
            cases: state.cases.values().map(|case| self.case_scope(case)).collect(),
            tags: state.tags.keys().cloned().collect(),
            runs: runs.into_iter().map(span).collect(),
            retention: self.retention_names(),
        }
    }

    /// The policies and labels in force, with what each is about.
    fn retention_names(&self) -> Vec<RetentionName> {
        let mailboxes = |names: Vec<&MailboxName>| {
            let leaf = |name: &MailboxName| Expr::Leaf(Leaf::Mailbox { value: name.to_string(), prefix: false });
            Expr::or(names.into_iter().map(leaf).collect())
        };
        let schedule = &self.state.schedule;
        let policies = schedule.active_policies().map(|policy| {
            let scope = &policy.scope;
            let named: BTreeSet<&MailboxName> = scope.named().collect();
            let expr = match (scope.all, scope.excluded.is_empty()) {
                (true, true) => Expr::All,
                (true, false) => mailboxes(named.into_iter().collect()).negated(),
                (false, _) => mailboxes(named.into_iter().collect()),
            };
            RetentionName { id: policy.id.0.clone(), name: policy.name.clone(), expr }
        });
        let labels = schedule.labels.values().map(|label| RetentionName {
            id: label.id.0.clone(),
            name: label.name.clone(),
            expr: Expr::Leaf(Leaf::Label(label.id.clone())),
        });
        policies.chain(labels).collect()
    }

    fn case_scope(&self, case: &Case) -> CaseScope {
        let holds = self.state.binding_holds(self.clock.now()).filter(|hold| hold.case.as_ref() == Some(&case.id));
        CaseScope {
            id: case.id.0.clone(),
            name: case.name.clone(),
            custodians: case.custodians.iter().cloned().collect(),
            holds: holds.map(|hold| hold.id.clone()).collect(),
        }
    }
}
