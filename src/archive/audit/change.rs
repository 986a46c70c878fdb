//! What an event changed: the thing that it is about, as it was before and as it was after.
//!
//! Contract: events record what is so after them; what was so before is computed from the journal alone, by replaying it up
//! to the line. Only things that people administer are shown so: users, rows of the mapping, cases with their custodians,
//! notes and searches, holds, retention, plans, requests for erasure, approvals, anchors, the last backup, tags. Limits: reads the journal from its first line.

use super::Archive;
use crate::{
    Result,
    model::{
        CaseId, ErasureId, Event, HoldId, LabelId, MailboxName, PhoneNumber, PlanId, PolicyId, Right, Seq, Watermark,
    },
    state::State,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The thing before the event; `null` if there was none.
    pub before: Value,
    /// The thing after it; `null` if it is gone.
    pub after: Value,
}

/// What an event is about.
enum Thing {
    User(MailboxName),
    Number(PhoneNumber),
    Mapping,
    Case(CaseId),
    Hold(HoldId),
    Floor,
    Policy(PolicyId),
    Label(LabelId),
    Labels(MailboxName),
    Plan(PlanId),
    Erasure(ErasureId),
    Approvals(String),
    Anchors,
    Backup,
    Tag(String),
}

impl Archive {
    /// What the event of this line changed; `None` if it changes nothing that people administer. Not recorded: shown with
    /// [`Self::audit_event`].
    ///
    /// # Errors
    /// Not allowed; reading failed.
    pub fn audit_change(&self, seq: Seq) -> Result<Option<Change>> {
        self.may(Right::Audit, "audit.show", &seq.to_string())?;
        let Some(entry) = self.journal.find(seq)? else { return Ok(None) };
        let Some(thing) = thing_of(&entry.line.event) else { return Ok(None) };
        let mut state = State::default();
        let mut reader = self.journal.read_after(&Watermark::START)?;
        while let Some(entry) = reader.next_entry()? {
            if entry.line.seq < seq {
                state.apply(&entry);
                continue;
            }
            let before = picture(&state, &thing);
            state.apply(&entry);
            return Ok(Some(Change { before, after: picture(&state, &thing) }));
        }
        Ok(None)
    }
}

fn thing_of(event: &Event) -> Option<Thing> {
    Some(match event {
        Event::UserAdded { user } | Event::UserEdited { user } => Thing::User(user.email.clone()),
        Event::UserDisabled { email, .. } => Thing::User(email.clone()),
        Event::MappingAdded { row } => Thing::Number(row.number.clone()),
        Event::MappingRemoved { number } => Thing::Number(number.clone()),
        Event::MappingImported { .. } => Thing::Mapping,
        Event::CaseCreated { case } => Thing::Case(case.id.clone()),
        Event::CaseEdited { case, .. }
        | Event::CaseNoted { case, .. }
        | Event::CaseClosed { case, .. }
        | Event::CaseReopened { case, .. }
        | Event::CaseSearchSaved { case, .. }
        | Event::CaseSearchRemoved { case, .. }
        | Event::CustodianAdded { case, .. }
        | Event::CustodianDescribed { case, .. }
        | Event::CustodianRemoved { case, .. } => Thing::Case(case.clone()),
        Event::HoldPlaced { hold } => Thing::Hold(hold.id.clone()),
        Event::HoldListed { hold, .. }
        | Event::HoldWidened { hold, .. }
        | Event::HoldReleased { hold, .. }
        | Event::HoldDelayEnded { hold, .. } => Thing::Hold(hold.clone()),
        Event::FloorSet { .. } => Thing::Floor,
        Event::PolicyAdded { policy } => Thing::Policy(policy.id.clone()),
        Event::PolicyEdited { policy, .. }
        | Event::PolicyLocked { policy, .. }
        | Event::PolicyRemoved { policy, .. } => Thing::Policy(policy.clone()),
        Event::LabelAdded { label } => Thing::Label(label.id.clone()),
        Event::LabelApplied { mailbox, .. } | Event::LabelCleared { mailbox, .. } => Thing::Labels(mailbox.clone()),
        Event::DeletePlanned { plan, .. }
        | Event::DeleteStarted { plan, .. }
        | Event::ItemDisposed { plan, .. }
        | Event::DeleteFinished { plan, .. }
        | Event::DeleteCancelled { plan, .. }
        | Event::ItemRestored { plan, .. }
        | Event::RestoreFinished { plan, .. } => Thing::Plan(plan.clone()),
        Event::ErasureRequested { request, .. } => Thing::Erasure(request.id.clone()),
        Event::ErasureRestricted { request, .. } | Event::ErasureCompleted { request, .. } => {
            Thing::Erasure(request.clone())
        }
        Event::ApprovalGiven { target, .. } => Thing::Approvals(target.clone()),
        Event::AnchorMissing { .. } | Event::AnchorConfirmed { .. } => Thing::Anchors,
        Event::BackupCreated { .. } => Thing::Backup,
        Event::MessagesTagged { tag, .. } | Event::MessagesUntagged { tag, .. } => Thing::Tag(tag.clone()),
        _ => return None,
    })
}

/// A thing as the state has it.
fn picture(state: &State, thing: &Thing) -> Value {
    match thing {
        Thing::User(email) => json!(state.users.get(email)),
        Thing::Number(number) => {
            let rows: Vec<_> = state.mapping.iter().filter(|row| row.number == *number).collect();
            if rows.is_empty() { Value::Null } else { json!(rows) }
        }
        Thing::Mapping => json!({"rows": state.mapping.len()}),
        Thing::Case(id) => match state.cases.get(id) {
            None => Value::Null,
            Some(case) => {
                let mut value = json!(case);
                let file = state.case_files.get(id).cloned().unwrap_or_default();
                let runs = |search: &crate::model::SavedSearch| search.runs.len();
                let searches: Vec<Value> = file
                    .searches
                    .values()
                    .map(|s| json!({"name": s.name, "query": s.query, "mailboxes": s.mailboxes, "runs": runs(s)}))
                    .collect();
                if let Value::Object(fields) = &mut value {
                    fields.insert("closed".to_owned(), json!(file.closed));
                    fields.insert("terms".to_owned(), json!(file.terms));
                    fields.insert("notes".to_owned(), json!(file.notes));
                    fields.insert("searches".to_owned(), json!(searches));
                }
                value
            }
        },
        Thing::Hold(id) => json!(state.holds.get(id)),
        Thing::Floor => json!(state.schedule.floor),
        Thing::Policy(id) => json!(state.schedule.policies.get(id)),
        Thing::Label(id) => json!(state.schedule.labels.get(id)),
        Thing::Labels(mailbox) => labels(state, mailbox),
        Thing::Plan(id) => state.plans.get(id).map_or(Value::Null, |plan| {
            let mut value = json!(plan.plan);
            if let Value::Object(fields) = &mut value {
                fields.insert("recoverable".to_owned(), json!(plan.recoverable_items()));
            }
            value
        }),
        Thing::Erasure(id) => state.erasures.get(id).map_or(Value::Null, |state| {
            json!({
                "request": state.request, "plans": state.plans, "restricted": state.restricted,
                "completed": state.completed, "completed_by": state.completed_by, "answer": state.answer,
            })
        }),
        Thing::Approvals(target) => {
            json!(state.approvals.iter().filter(|approval| approval.target == *target).collect::<Vec<_>>())
        }
        Thing::Anchors => json!(state.anchors.values().collect::<Vec<_>>()),
        Thing::Backup => json!(state.last_backup),
        Thing::Tag(tag) => {
            state.tag(tag).map_or(Value::Null, |(name, messages)| json!({"tag": name, "messages": messages.len()}))
        }
    }
}

/// How many items of a mailbox have which label by hand.
fn labels(state: &State, mailbox: &MailboxName) -> Value {
    let schedule = &state.schedule;
    let count = |label: &LabelId| schedule.manual_items(mailbox, Some(label)).len();
    let rows = schedule.labels.values().map(|label| (label.name.clone(), json!(count(&label.id))));
    json!({"mailbox": mailbox, "items_by_label": rows.collect::<serde_json::Map<_, _>>()})
}
