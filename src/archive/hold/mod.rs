//! Holds: placing them. What changes afterwards is in [`change`], what they cover now in [`report`].
//!
//! Contract: a hold is one batch of the journal, whatever it covers: nothing is written per item, but the ids of a hold by
//! list. It is in force for every process when the call returns, also for what arrives later.

mod change;
mod preview;
mod report;
mod scope;
mod shares;

pub use change::ReleaseReport;
pub use preview::{HoldPreview, LeftOut, RunIssues};
pub use report::{HoldReport, HoldRow};
pub(super) use scope::{mutable, with_widenings};
pub use shares::{HoldCoverage, HoldShare, ShareBy};

use super::{
    Archive,
    case::{checked_text, no_case, refuse_closed},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Case, Event, Hold, HoldId, HoldKind, HoldScope, Instant, MailboxName, MessageId, Right, Seq, limits},
    state::State,
};
use scope::closed;

/// The most days that a litigation hold can have: a hundred years.
pub const MOST_DAYS: u32 = 36_525;

/// What a hold shall cover.
#[derive(Clone, Debug, Default)]
pub struct HoldRequest {
    /// The hold's name; a litigation hold is named after its mailbox if this is empty.
    pub name: String,
    /// What kind.
    pub kind: HoldKind,
    /// The case: name or id. Empty for a litigation hold.
    pub case: String,
    /// Mailboxes of custodians; they become custodians of the case if they are not.
    pub custodians: Vec<String>,
    /// All custodians that the case has now. One that is added later is not covered: `edit_hold` adds a mailbox.
    pub all_custodians: bool,
    /// Mailboxes, without making their users custodians.
    pub mailboxes: Vec<String>,
    /// A query.
    pub query: Option<String>,
    /// Conversations, by id or name; together with a query both must match.
    pub conversations: Vec<String>,
    /// First instant that is covered.
    pub since: Option<Instant>,
    /// First instant that is not covered any more.
    pub until: Option<Instant>,
    /// Message ids.
    pub ids: Option<Vec<String>>,
    /// A tag: the messages that have it now.
    pub tag: Option<String>,
    /// Of a litigation hold: for how many days from each item's own date.
    pub days: Option<u32>,
    /// Why.
    pub reason: String,
}

impl Archive {
    /// Places a hold. In force for every process when this returns.
    ///
    /// # Errors
    /// An unknown case or mailbox, a name that is taken, a query that a hold cannot have; the journal cannot be written.
    pub fn place_hold(&mut self, request: &HoldRequest, dry_run: bool) -> Result<HoldReport> {
        self.may(Right::Holds, "hold.place", &request.name)?;
        let reason = checked_text("the reason", &request.reason)?;
        let wanted = match request.kind {
            HoldKind::Case => checked_text("the name", &request.name)?,
            HoldKind::Litigation => request.name.trim().to_owned(),
        };
        let scope = self.drafted(request)?;
        let custodians: Vec<MailboxName> = request.custodians.iter().map(|m| self.mailbox(m)).collect::<Result<_>>()?;
        let now = self.clock.now();
        let (who, archive) = (self.actor.label().to_owned(), self.meta.id.clone());
        let week_start = self.meta.settings.first_day_of_week.weekday();
        let request = request.clone();
        let hold = self.transact(|state, seq| {
            let case = case_of(state, &request)?;
            let scope = in_mailboxes(scope, case, &request)?;
            let name = free_name(state, &wanted, &scope)?;
            let placed_at = now.max(state.last_at);
            let mut events = new_custodians(case, custodians);
            let seq = Seq(seq.0 + events.len() as u64);
            let closed_query = closed(state, &scope, placed_at, week_start)?;
            let hold = Hold {
                id: HoldId::made(&archive, seq),
                name,
                scope: HoldScope { closed_query, ..scope },
                placed_at,
                placed_by: who,
                reason,
                seq,
                ..drawn(&request, case)
            };
            events.extend(lines(&hold));
            Ok((if dry_run { vec![] } else { events }, hold))
        })?;
        self.counted(&hold, dry_run).map(|(report, _)| report)
    }
}

/// The case that a hold shall belong to.
fn case_of<'a>(state: &'a State, request: &HoldRequest) -> Result<Option<&'a Case>> {
    let days_of_a_case = request.kind == HoldKind::Case && request.days.is_some();
    let case_of_a_mailbox = request.kind == HoldKind::Litigation && !request.custodians.is_empty();
    if days_of_a_case || case_of_a_mailbox || request.days.is_some_and(|days| days == 0 || days > MOST_DAYS) {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("a litigation hold names a mailbox and 1 to {MOST_DAYS} days"),
        )
        .with_hint("a hold of a case ends when it is released, never by itself"));
    }
    match request.kind {
        HoldKind::Litigation => Ok(None),
        HoldKind::Case => {
            let case = state.case(&request.case).ok_or_else(|| no_case(&request.case))?;
            refuse_closed(state, case)?;
            Ok(Some(case))
        }
    }
}

/// The scope with the mailboxes of the case's custodians, if all of them are meant.
fn in_mailboxes(mut scope: HoldScope, case: Option<&Case>, request: &HoldRequest) -> Result<HoldScope> {
    if request.all_custodians {
        scope.mailboxes.extend(case.iter().flat_map(|case| case.custodians.iter().cloned()));
    }
    if scope.mailboxes.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "the hold would cover no mailbox")
            .with_hint("name custodians (--custodian), mailboxes (--mailbox), or add custodians to the case first"));
    }
    Ok(scope)
}

/// The hold's name, which no other has; made up for a litigation hold without one.
fn free_name(state: &State, wanted: &str, scope: &HoldScope) -> Result<String> {
    let taken = |name: &str| state.holds.values().any(|hold| hold.name.to_lowercase() == name.to_lowercase());
    if wanted.is_empty() {
        let mailbox = scope.mailboxes.first().map(ToString::to_string).unwrap_or_default();
        let first = format!("litigation-{mailbox}");
        let numbered = (2..).map(|n: u32| format!("{first}-{n}"));
        let mut names = std::iter::once(first.clone()).chain(numbered);
        return names.find(|name| !taken(name)).ok_or_else(|| Error::bug("no name is free for a hold"));
    }
    if taken(wanted) {
        return Err(Error::new(ErrorKind::Exists, format!("there is a hold {wanted} already"))
            .with_hint("names of holds are unique, released ones included, so that the audit trail stays clear"));
    }
    Ok(wanted.to_owned())
}

/// Events that make custodians of those who are not.
fn new_custodians(case: Option<&Case>, custodians: Vec<MailboxName>) -> Vec<Event> {
    let Some(case) = case else { return Vec::new() };
    let new = custodians.into_iter().filter(|mailbox| !case.custodians.contains(mailbox));
    let mut events: Vec<Event> = new.map(|mailbox| Event::CustodianAdded { case: case.id.clone(), mailbox }).collect();
    events.dedup();
    events
}

/// A hold that nobody placed yet: what the request says of it, and not released.
fn drawn(request: &HoldRequest, case: Option<&Case>) -> Hold {
    Hold {
        id: HoldId(String::new()),
        name: String::new(),
        kind: request.kind,
        case: case.map(|case| case.id.clone()),
        scope: HoldScope::default(),
        days: request.days,
        placed_at: Instant(0),
        placed_by: String::new(),
        reason: String::new(),
        seq: Seq(0),
        released_at: None,
        released_by: None,
        release_reason: None,
        delay_until: None,
        delay_ended_at: None,
        delay_ended_by: None,
        delay_end_reason: None,
    }
}

/// The lines that place a hold: one, and more for the mailboxes and ids that it has no room for.
fn lines(hold: &Hold) -> Vec<Event> {
    let (mut first, id) = (hold.clone(), || hold.id.clone());
    let mailboxes: Vec<MailboxName> = hold.scope.mailboxes.iter().skip(limits::LINE_HOLD_MAILBOXES).cloned().collect();
    first.scope.mailboxes.retain(|mailbox| !mailboxes.contains(mailbox));
    let mut rest: Vec<MessageId> = Vec::new();
    if let Some(ids) = &hold.scope.ids {
        first.scope.ids = Some(ids.iter().take(limits::LINE_FIRST_IDS).copied().collect());
        rest.extend(ids.iter().skip(limits::LINE_FIRST_IDS));
    }
    let mut events = vec![Event::HoldPlaced { hold: Box::new(first) }];
    events.extend(widened(&hold.id, &mailboxes, &hold.reason));
    events.extend(rest.chunks(limits::LINE_IDS).map(|ids| Event::HoldListed { hold: id(), ids: ids.to_vec() }));
    events
}

/// Events that add mailboxes to a hold.
fn widened(hold: &HoldId, mailboxes: &[MailboxName], reason: &str) -> Vec<Event> {
    let event = |mailboxes: &[MailboxName]| Event::HoldWidened {
        hold: hold.clone(),
        mailboxes: mailboxes.to_vec(),
        closed_query: None,
        reason: reason.to_owned(),
    };
    mailboxes.chunks(limits::LINE_HOLD_MAILBOXES).map(event).collect()
}

fn no_hold(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no hold {name}")).with_hint("custodia hold list --all shows them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Actor, Digest, Entry, Line};

    fn applied(state: &mut State, events: &[Event]) {
        for event in events {
            let line = Line {
                seq: Seq(state.mark.seq.0 + 1),
                at: Instant(1),
                salt: String::new(),
                actor: Actor::default(),
                event: event.clone(),
                more: false,
            };
            state.apply(&Entry { line, hash: Digest([0; 32]), segment: Seq(1), end: 0 });
        }
    }

    #[test]
    fn a_hold_of_a_hundred_thousand_ids_in_the_longest_mailboxes_is_placed_in_lines_that_fit_and_is_the_same_after_them()
     {
        let id = |n: u32| {
            let mut id = [0; 16];
            id.iter_mut().zip(n.to_be_bytes()).for_each(|(to, from)| *to = from);
            MessageId(id)
        };
        let domain = "x".repeat(240);
        let scope = HoldScope {
            mailboxes: (0..1_000).filter_map(|n| MailboxName::parse(&format!("u{n}@{domain}.example"))).collect(),
            ids: Some((0..100_000).map(id).collect()),
            tag: Some("t".repeat(limits::TAG_CHARS)),
            ..HoldScope::default()
        };
        let request = HoldRequest::default();
        let reason = "\u{10ffff}".repeat(limits::FIELD_CHARS);
        let hold = Hold { id: HoldId("hold_00000001".into()), scope, reason, ..drawn(&request, None) };
        let events = lines(&hold);
        for event in &events {
            let bytes = serde_json::to_string(event).unwrap().len();
            assert!(bytes < limits::JOURNAL_LINE_BYTES - 1_000, "{}: {bytes}", event.type_name());
        }
        let mut state = State::default();
        applied(&mut state, &events);
        assert_eq!(state.holds[&hold.id], hold);
        assert_eq!(state.governance_seq, state.mark.seq, "the last line of it decides what a key is good for");
    }

    #[test]
    fn a_litigation_hold_gets_a_name_that_no_other_has() {
        let mailbox = MailboxName::parse("ann@x.example").unwrap();
        let scope = HoldScope { mailboxes: [mailbox].into(), ..HoldScope::default() };
        let mut state = State::default();
        for (n, name) in ["litigation-ann@x.example", "litigation-ann@x.example-2", "litigation-ann@x.example-3"]
            .into_iter()
            .enumerate()
        {
            assert_eq!(free_name(&state, "", &scope).unwrap(), name);
            let id = HoldId(format!("hold_{n:08}"));
            let hold = Hold { id, name: name.into(), ..drawn(&HoldRequest::default(), None) };
            applied(&mut state, &lines(&hold));
        }
        assert_eq!(free_name(&state, "LITIGATION-ann@x.example", &scope).unwrap_err().kind(), ErrorKind::Exists);
    }
}
