//! Custodians: the users whose mailboxes are put under a case, since when, as what, and for which period.
//!
//! Contract: a period and a role are facts about the matter; they limit no hold and no search. Removing a custodian takes
//! no mailbox out of a hold: what a hold covers only grows until it is released.

use super::{checked_text, file_of, no_case, refuse_closed};
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    model::{Binding, Case, CaseId, CustodianTerm, Event, Hold, HoldId, Instant, MailboxName, Right, User, limits},
    state::State,
};
use serde::Serialize;

/// What is said of custodians that are added.
#[derive(Clone, Debug, Default)]
pub struct CustodianOptions {
    /// What they are in the matter.
    pub role: Option<String>,
    /// First instant of the period.
    pub from: Option<Instant>,
    /// First instant after it.
    pub until: Option<Instant>,
}

/// What adding custodians did.
#[derive(Clone, Debug, Serialize)]
pub struct CustodianChange {
    /// The case.
    pub case: CaseId,
    /// Its name.
    pub name: String,
    /// Who became custodian.
    pub added: Vec<MailboxName>,
    /// Who was custodian, and has another role or period now.
    pub changed: Vec<MailboxName>,
    /// Who was custodian with that role and period.
    pub already: Vec<MailboxName>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A hold that covers something of a mailbox.
#[derive(Clone, Debug, Serialize)]
pub struct HoldOnMailbox {
    /// Its id.
    pub id: HoldId,
    /// Its name.
    pub name: String,
    /// Its case; `None` for a litigation hold.
    pub case: Option<String>,
    /// `active` or `delay`.
    pub status: &'static str,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom.
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// Of a delay after its release: until when.
    pub until: Option<Instant>,
}

/// What removing a custodian did.
#[derive(Clone, Debug, Serialize)]
pub struct RemovedCustodian {
    /// The case.
    pub case: CaseId,
    /// Its name.
    pub name: String,
    /// Who is no custodian any more.
    pub mailbox: MailboxName,
    /// Holds of the case that go on covering the mailbox.
    pub holds: Vec<HoldOnMailbox>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A user's part in one case.
#[derive(Clone, Debug, Serialize)]
pub struct CustodianRow {
    /// The case.
    pub case: CaseId,
    /// Its name.
    pub case_name: String,
    /// `open` or `closed`.
    pub case_status: &'static str,
    /// The mailbox, role, period; since when, by whom; when and why it ended.
    #[serde(flatten)]
    pub term: CustodianTerm,
}

/// Everything about one mailbox as a custodian's.
#[derive(Clone, Debug, Serialize)]
pub struct CustodianReport {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// The user, if the directory has one.
    pub user: Option<User>,
    /// Its part in each case, ended ones too.
    pub cases: Vec<CustodianRow>,
    /// Every hold on the mailbox, of whatever kind; released ones while their delay runs.
    pub holds: Vec<HoldOnMailbox>,
}

impl Archive {
    /// Makes users custodians of a case, or gives custodians another role or period.
    ///
    /// # Errors
    /// An unknown case or mailbox; a closed case; a period that ends before it begins; the journal cannot be written.
    pub fn add_custodians(
        &mut self,
        case: &str,
        mailboxes: &[String],
        options: &CustodianOptions,
        dry_run: bool,
    ) -> Result<CustodianChange> {
        self.may(Right::Cases, "custodian.add", case)?;
        let mut names: Vec<MailboxName> = mailboxes.iter().map(|name| self.mailbox(name)).collect::<Result<_>>()?;
        names.sort_unstable();
        names.dedup();
        if names.len() > limits::BATCH_MESSAGES {
            return Err(Error::new(ErrorKind::Usage, "up to 1,000 custodians are added at once"));
        }
        if let (Some(from), Some(until)) = (options.from, options.until)
            && from >= until
        {
            return Err(Error::new(ErrorKind::Usage, "the period of the custodian ends before it begins"));
        }
        let role = options.role.as_deref().map(|role| checked_text("the role", role)).transpose()?;
        self.transact(|state, _| {
            let found = state.case(case).ok_or_else(|| no_case(case))?;
            refuse_closed(state, found)?;
            let mut change = CustodianChange {
                case: found.id.clone(),
                name: found.name.clone(),
                added: Vec::new(),
                changed: Vec::new(),
                already: Vec::new(),
                dry_run,
            };
            let mut events = Vec::new();
            for mailbox in names {
                let term = current(state, found, &mailbox);
                let old = term.as_ref().map(|term| (term.role.clone(), term.from, term.until));
                let (old_role, old_from, old_until) = old.clone().unwrap_or_default();
                // What is not said stays.
                let described =
                    (role.clone().unwrap_or(old_role), options.from.or(old_from), options.until.or(old_until));
                if found.custodians.contains(&mailbox) {
                    match old.as_ref() == Some(&described) {
                        true => change.already.push(mailbox.clone()),
                        false => change.changed.push(mailbox.clone()),
                    }
                } else {
                    events.push(Event::CustodianAdded { case: found.id.clone(), mailbox: mailbox.clone() });
                    change.added.push(mailbox.clone());
                }
                if old.unwrap_or_default() != described {
                    let (case, (role, from, until)) = (found.id.clone(), described);
                    events.push(Event::CustodianDescribed { case, mailbox, role, from, until });
                }
            }
            Ok((if dry_run { vec![] } else { events }, change))
        })
    }

    /// Takes a custodian off a case. Holds that name the mailbox stay.
    ///
    /// # Errors
    /// An unknown case; not a custodian of it; the journal cannot be written.
    pub fn remove_custodian(
        &mut self,
        case: &str,
        mailbox: &str,
        reason: &str,
        dry_run: bool,
    ) -> Result<RemovedCustodian> {
        self.may(Right::Cases, "custodian.remove", case)?;
        let reason = checked_text("the reason", reason)?;
        let mailbox = self.named_mailbox(mailbox)?;
        let now = self.clock.now();
        self.transact(|state, _| {
            let found = state.case(case).ok_or_else(|| no_case(case))?;
            if !found.custodians.contains(&mailbox) {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!("{mailbox} is no custodian of the case {}", found.name),
                )
                .with_hint("custodia custodian list CASE shows them"));
            }
            let holds = holds_on(state, &mailbox, now);
            let holds = holds.into_iter().filter(|hold| hold.case.as_ref() == Some(&found.name)).collect();
            let event = Event::CustodianRemoved { case: found.id.clone(), mailbox: mailbox.clone(), reason };
            let report = RemovedCustodian { case: found.id.clone(), name: found.name.clone(), mailbox, holds, dry_run };
            Ok((if dry_run { vec![] } else { vec![event] }, report))
        })
    }

    /// The custodians of a case, removed ones last. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn custodians(&self, case: &str) -> Result<Vec<CustodianRow>> {
        self.may_read(Right::Cases, "custodian.list", case)?;
        let case = self.state.case(case).ok_or_else(|| no_case(case))?;
        let mut rows = rows(&self.state, case);
        rows.sort_by_key(|row| (row.term.removed.is_some(), row.term.mailbox.clone(), row.term.seq));
        Ok(rows)
    }

    /// Every case that a mailbox is or was in, and every hold on it. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when no user, item, case or hold has this address.
    pub fn custodian(&self, mailbox: &str) -> Result<CustodianReport> {
        self.may_read(Right::Cases, "custodian.show", mailbox)?;
        let mailbox = self.named_mailbox(mailbox)?;
        let mut cases: Vec<CustodianRow> = self.state.cases.values().flat_map(|case| rows(&self.state, case)).collect();
        cases.retain(|row| row.term.mailbox == mailbox);
        cases.sort_by_key(|row| row.term.seq);
        let holds = holds_on(&self.state, &mailbox, self.clock.now());
        let user = self.state.users.get(&mailbox).cloned();
        if user.is_none() && cases.is_empty() && holds.is_empty() && !self.state.boxes.contains_key(&mailbox) {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no mailbox {mailbox}"))
                .with_hint("custodia user list shows the users"));
        }
        Ok(CustodianReport { mailbox, user, cases, holds })
    }

    /// An address, whether or not a user has it: who is custodian may have left the directory.
    fn named_mailbox(&self, text: &str) -> Result<MailboxName> {
        MailboxName::parse(text)
            .ok_or_else(|| Error::new(ErrorKind::Usage, format!("{text} is not an address of the form name@domain")))
    }
}

/// How a user is custodian now.
fn current(state: &State, case: &Case, mailbox: &MailboxName) -> Option<CustodianTerm> {
    let file = file_of(state, &case.id);
    file.terms.iter().rfind(|term| term.mailbox == *mailbox && term.removed.is_none()).cloned()
}

fn rows(state: &State, case: &Case) -> Vec<CustodianRow> {
    let file = file_of(state, &case.id);
    let row = |term: &CustodianTerm| CustodianRow {
        case: case.id.clone(),
        case_name: case.name.clone(),
        case_status: if file.closed.is_some() { "closed" } else { "open" },
        term: term.clone(),
    };
    file.terms.iter().map(row).collect()
}

/// The holds that name a mailbox and bind now, in the order of their placing.
fn holds_on(state: &State, mailbox: &MailboxName, now: Instant) -> Vec<HoldOnMailbox> {
    let mut holds: Vec<&Hold> =
        state.holds.values().filter(|h| h.scope.mailboxes.contains(mailbox) && h.binding(now).is_some()).collect();
    holds.sort_by_key(|hold| hold.seq);
    let row = |hold: &Hold| HoldOnMailbox {
        id: hold.id.clone(),
        name: hold.name.clone(),
        case: hold.case.as_ref().and_then(|id| state.cases.get(id)).map(|case| case.name.clone()),
        status: hold.status(now),
        placed_at: hold.placed_at,
        placed_by: hold.placed_by.clone(),
        reason: hold.reason.clone(),
        until: hold.binding(now).and_then(Binding::until),
    };
    holds.into_iter().map(row).collect()
}
