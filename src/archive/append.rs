//! Writing events, and keeping the state at the journal's head while doing so.

use super::Archive;
use crate::{
    ErrorKind, Result,
    journal::{AppendGuard, Appended, Journal},
    model::{Entry, Event, Instant, Line, Seq},
    state::State,
};

/// Milliseconds that the clock may stand before the last event without that being an event of its own: machines that
/// share an archive's folder differ a little.
const CLOCK_TOLERANCE_MS: i64 = 2_000;

impl Archive {
    /// Decides and records in one step, under the append lock: `decide` sees the state at the head and the sequence
    /// number that its first event will have. Durable when this returns.
    ///
    /// # Errors
    /// What `decide` returns; the journal cannot be written.
    pub(super) fn transact<T>(&mut self, decide: impl FnOnce(&State, Seq) -> Result<(Vec<Event>, T)>) -> Result<T> {
        let mut guard = self.journal.lock(self.known_seq())?;
        catch_up(&self.journal, &mut self.state, &guard, &mut self.tail)?;
        let (events, answer) = decide(&self.state, first_seq(&guard))?;
        refuse_taken_ids(&self.state, &events)?;
        if !events.is_empty() {
            let now = self.clock.now();
            let week_start = self.meta.settings.first_day_of_week.weekday();
            let (events, widened) = super::hold::with_widenings(&self.state, events, week_start);
            let events = with_clock_step(events, now, guard.head().at, &mut self.clock_step_recorded);
            let appended = guard.append(&events, &self.actor, now, true)?;
            let witnessed = events.iter().any(is_witnessed);
            self.warnings.extend(widened.iter().map(|hold| {
                format!("hold_widened: the hold {hold} covers more now: a name in its query stands for something else")
            }));
            apply_own(&mut self.state, &mut self.tail, events, &appended, &self.actor);
            if witnessed {
                let mark = super::catch_up::mark_text(&appended.head.mark);
                crate::fs::durable::replace(&self.layout.watermark(), mark.as_bytes())?;
            }
        }
        drop(guard);
        self.warn_about_damage();
        Ok(answer)
    }

    /// The furthest line that any store knows to have been written. Line 1 is known to every archive that was opened.
    pub(super) fn known_seq(&self) -> Seq {
        // A store whose watermark the journal does not contain is not a witness for where a batch ends.
        let mismatched = self.mismatches.iter().map(|m| m.mark.seq).max().unwrap_or(Seq(0));
        self.state.mark.seq.max(mismatched).max(self.begun)
    }

    /// Records events that need no decision. Durable when this returns.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(super) fn record(&mut self, events: Vec<Event>) -> Result<()> {
        self.transact(|_, _| Ok((events, ())))
    }

    /// Records that something was read. Not synced, and no reason to withhold the answer: where the archive cannot be
    /// written, the answer comes with the warning `not_audited`.
    pub(super) fn record_read(&mut self, event: Event) {
        let result = self.journal.lock(self.known_seq()).and_then(|mut guard| {
            catch_up(&self.journal, &mut self.state, &guard, &mut self.tail)?;
            let now = self.clock.now();
            let events = vec![event];
            let appended = guard.append(&events, &self.actor, now, false)?;
            apply_own(&mut self.state, &mut self.tail, events, &appended, &self.actor);
            Ok(())
        });
        self.warn_about_damage();
        if let Err(error) = result {
            self.warnings.push(format!("not_audited: this was not recorded in the audit trail: {error}"));
        }
    }
}

/// Refuses to make a thing whose id another one has: ids are eight digits of a digest, and a line that says so again would
/// take the place of a hold, a policy or a plan.
fn refuse_taken_ids(state: &State, events: &[Event]) -> Result<()> {
    let taken = events.iter().find_map(|event| match event {
        Event::HoldPlaced { hold } => state.holds.contains_key(&hold.id).then(|| hold.id.0.clone()),
        Event::CaseCreated { case } => state.cases.contains_key(&case.id).then(|| case.id.0.clone()),
        Event::PolicyAdded { policy } => state.schedule.policies.contains_key(&policy.id).then(|| policy.id.0.clone()),
        Event::LabelAdded { label } => state.schedule.labels.contains_key(&label.id).then(|| label.id.0.clone()),
        Event::DeletePlanned { plan, .. } => state.plans.contains_key(plan).then(|| plan.0.clone()),
        Event::ErasureRequested { request, .. } => {
            state.erasures.contains_key(&request.id).then(|| request.id.0.clone())
        }
        _ => None,
    });
    match taken {
        None => Ok(()),
        Some(id) => {
            Err(crate::Error::new(ErrorKind::Exists, format!("the id {id} is taken by chance; nothing was changed"))
                .with_hint(
                    "run the command again: an id is made from the number of its journal line, and that goes on",
                ))
        }
    }
}

/// Whether an event must not be cut off the journal unnoticed before a store's watermark is behind it: what decides
/// who has a message and what may go.
fn is_witnessed(event: &Event) -> bool {
    matches!(
        event,
        Event::UserAdded { .. }
            | Event::UserEdited { .. }
            | Event::UserDisabled { .. }
            | Event::MappingImported { .. }
            | Event::MappingRemoved { .. }
            | Event::CaseCreated { .. }
            | Event::CaseEdited { .. }
            | Event::CaseClosed { .. }
            | Event::CaseReopened { .. }
            | Event::CustodianAdded { .. }
            | Event::CustodianRemoved { .. }
            | Event::ApprovalGiven { .. }
            | Event::HoldPlaced { .. }
            | Event::HoldListed { .. }
            | Event::HoldWidened { .. }
            | Event::HoldReleased { .. }
            | Event::HoldDelayEnded { .. }
            | Event::FloorSet { .. }
            | Event::PolicyAdded { .. }
            | Event::PolicyEdited { .. }
            | Event::PolicyLocked { .. }
            | Event::PolicyRemoved { .. }
            | Event::LabelAdded { .. }
            | Event::LabelApplied { .. }
            | Event::LabelCleared { .. }
            | Event::DeleteCancelled { .. }
            | Event::JournalMismatch { .. }
            | Event::AnchorMissing { .. }
            | Event::AnchorConfirmed { .. }
            | Event::BackupRestored { .. }
    )
}

/// The sequence number of the next event.
pub(super) fn first_seq(guard: &AppendGuard<'_>) -> Seq {
    guard.next_seq()
}

/// Applies what other processes wrote since.
pub(super) fn catch_up(
    journal: &Journal,
    state: &mut State,
    guard: &AppendGuard<'_>,
    tail: &mut super::TailMessages,
) -> Result<()> {
    if guard.head().mark == state.mark {
        return Ok(());
    }
    let mut reader = journal.read_after(&state.mark)?;
    while let Some(entry) = reader.next_entry()? {
        tail.take(&entry);
        state.apply(&entry);
    }
    state.note_tail(&reader.position(), reader.tail().unreadable, reader.tail().broken_at);
    if guard.head().mark.seq != state.mark.seq {
        return Err(crate::Error::new(
            ErrorKind::Damaged,
            format!("the journal was rewritten behind line {} while this program had it open", state.mark.seq),
        )
        .with_hint("run custodia verify"));
    }
    Ok(())
}

/// Puts an event about the clock in front, once per process, when the clock stands before the last event.
pub(super) fn with_clock_step(mut events: Vec<Event>, now: Instant, last: Instant, recorded: &mut bool) -> Vec<Event> {
    if now.0 + CLOCK_TOLERANCE_MS < last.0 && !*recorded {
        *recorded = true;
        // Behind the events, so that ids made from their sequence numbers stay right.
        events.push(Event::ClockSteppedBack { clock: now });
    }
    events
}

/// Applies events that this process has just written, without reading them back.
pub(super) fn apply_own(
    state: &mut State,
    tail: &mut super::TailMessages,
    events: Vec<Event>,
    appended: &Appended,
    actor: &crate::model::Actor,
) {
    for (at, event) in events.into_iter().enumerate() {
        let line = Line {
            seq: Seq(appended.first.0 + at as u64),
            at: appended.head.at,
            salt: String::new(),
            actor: actor.clone(),
            event,
            more: false,
        };
        let mark = appended.head.mark;
        let entry = Entry { line, hash: mark.hash, segment: mark.segment, end: mark.offset };
        tail.take(&entry);
        state.apply(&entry);
    }
    state.mark = appended.head.mark;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hold, HoldId, HoldKind, HoldScope};

    #[test]
    fn an_id_that_comes_up_twice_takes_no_hold_from_the_state() {
        let hold = Hold {
            id: HoldId("hold_00000001".into()),
            name: "one".into(),
            kind: HoldKind::Case,
            case: None,
            scope: HoldScope::default(),
            days: None,
            placed_at: Instant(0),
            placed_by: String::new(),
            reason: String::new(),
            seq: Seq(1),
            released_at: None,
            released_by: None,
            release_reason: None,
            delay_until: None,
            delay_ended_at: None,
            delay_ended_by: None,
            delay_end_reason: None,
        };
        let mut state = State::default();
        let placed = |hold: &Hold| [Event::HoldPlaced { hold: Box::new(hold.clone()) }];
        assert!(refuse_taken_ids(&state, &placed(&hold)).is_ok());
        state.holds.insert(hold.id.clone(), hold.clone());
        let again = refuse_taken_ids(&state, &placed(&Hold { name: "two".into(), ..hold })).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Exists);
    }
}
