//! One message with its whole history: where it came from, who saw it, what covered it, what was planned, what became of it.
//!
//! Contract: every line of the journal that is about the message or one of its items, in order, each with who, when and its
//! hash, so that any of them can be checked. It works for what was purged too: the journal keeps the line. Limits: reads the
//! journal from its first line; searches that found it are there for saved searches only, whose results are kept, and exports
//! from the version on that writes down which messages they have.

use super::{Archive, row, said};
use crate::{
    Error, ErrorKind, Result,
    export::Page,
    governance::{ActiveHold, Because, Coverage},
    index::HitRecord,
    model::{
        Digest, Entry, ErasureId, Event, Hold, HoldId, Instant, MailboxName, MessageId, PlanId, PolicyId, PolicyScope,
        Right, RunId, Seq, Watermark,
        event::{Archived, ItemList},
        id::MIN_PREFIX,
    },
};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// One line of the history.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryLine {
    /// The journal line.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// Who: claimed.
    pub actor: String,
    /// Who: operating system user and host.
    pub os: String,
    /// What.
    pub action: &'static str,
    /// What it means for the message, in words.
    pub what: String,
    /// The event.
    pub event: Value,
    /// The line's hash.
    pub hash: Digest,
}

/// One message and everything that the journal says of it.
#[derive(Clone, Debug, Serialize)]
pub struct ItemHistory {
    /// The message.
    pub id: MessageId,
    /// The digest of its file.
    pub digest: Digest,
    /// The size of its file in bytes.
    pub size: u64,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Chat, call, …
    pub kind: &'static str,
    /// `present`, `recoverable` or `purged`.
    pub state: &'static str,
    /// Its items: each mailbox that has or had it, and what became of it there.
    pub items: Vec<(MailboxName, &'static str)>,
    /// The run that archived it.
    pub run: RunId,
    /// The file of the source.
    pub file: String,
    /// SHA-256 of that file.
    pub file_digest: Option<Digest>,
    /// The entry in it.
    pub entry: String,
    /// Names of the holds that cover or covered an item of it.
    pub holds: Vec<String>,
    /// The journal line that the answer is as of.
    pub as_of: Seq,
    /// The hash of that line.
    pub head: Digest,
    /// The history.
    pub events: Vec<HistoryLine>,
}

impl Archive {
    /// The whole history of one message. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::Ambiguous`]; reading failed.
    pub fn item_history(&self, id: &str) -> Result<ItemHistory> {
        self.may_read(Right::Audit, "audit.item", id)?;
        let (archived, record) = self.archived_by_id(id)?;
        let covering = self.covering(&archived, record.as_ref())?;
        let mut gather = Gather::new(self, &archived, &covering);
        let mut reader = self.journal.read_after(&Watermark::START)?;
        let last = self.as_of();
        while let Some(entry) = reader.next_entry()? {
            if entry.line.seq > last {
                break;
            }
            gather.take(entry)?;
        }
        let events = gather.lines;
        let ordinal = archived.ordinal.0;
        let items: Vec<(MailboxName, &'static str)> = self
            .state
            .boxes
            .iter()
            .filter(|(_, boxes)| boxes.knows(ordinal))
            .map(|(mailbox, boxes)| {
                let state = match (boxes.live.contains(ordinal), boxes.recoverable.contains(ordinal)) {
                    (true, _) => "live",
                    (_, true) => "recoverable",
                    _ => "disposed",
                };
                (mailbox.clone(), state)
            })
            .collect();
        let has = |state: &str| items.iter().any(|(_, of)| *of == state);
        let source = self.state.sources.get(&archived.run).and_then(|files| files.get(archived.source as usize));
        Ok(ItemHistory {
            id: archived.id,
            digest: archived.digest,
            size: archived.size,
            sent: archived.sent,
            kind: archived.kind.as_str(),
            state: if has("live") {
                "present"
            } else if has("recoverable") {
                "recoverable"
            } else {
                "purged"
            },
            items,
            run: archived.run.clone(),
            file: source.map(|source| source.file.clone()).unwrap_or_default(),
            file_digest: source.map(|source| source.digest),
            entry: archived.entry.clone(),
            holds: covering.iter().map(|(hold, _)| hold.name.clone()).collect(),
            as_of: last,
            head: self.state.mark.hash,
            events,
        })
    }

    /// The line that archived a message. What was purged is in the journal only.
    fn archived_by_id(&self, id: &str) -> Result<(Archived, Option<HitRecord>)> {
        let missing = match self.find_message(id) {
            Ok(record) => {
                let archived = self.archived_event(record.ordinal)?;
                return Ok((archived, Some(record)));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => error,
            Err(error) => return Err(error),
        };
        let wanted = if id.starts_with("m_") { id.to_lowercase() } else { format!("m_{}", id.to_lowercase()) };
        let mut found = Vec::new();
        let mut reader = self.journal.read_after(&Watermark::START)?;
        while let Some(entry) = reader.next_entry()? {
            if let Event::MessageArchived { message } = entry.line.event
                && message.id.to_string().starts_with(&wanted)
            {
                found.push(*message);
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(message), true) if id.len() >= MIN_PREFIX => Ok((message, None)),
            (Some(_), false) => {
                Err(Error::new(ErrorKind::Ambiguous, format!("{id} is the beginning of more than one id"))
                    .with_hint("write more of it"))
            }
            _ => Err(missing),
        }
    }

    /// The holds, released ones too, whose scope covers an item of the message, and whether that could be evaluated.
    fn covering(&self, archived: &Archived, record: Option<&HitRecord>) -> Result<Vec<(&Hold, bool)>> {
        let ordinal = archived.ordinal.0;
        let mailboxes: Vec<&MailboxName> =
            self.state.boxes.iter().filter(|(_, boxes)| boxes.knows(ordinal)).map(|(mailbox, _)| mailbox).collect();
        let facts = record.and_then(|record| self.facts_of(record).ok());
        let mut covering = Vec::new();
        let mut holds: Vec<&Hold> = self.state.holds.values().collect();
        holds.sort_by_key(|hold| hold.seq);
        for hold in holds {
            let active = ActiveHold::new(hold);
            let mut evaluated = None;
            for mailbox in &mailboxes {
                let answer = match record {
                    Some(record) => match active.scope_covers(&self.subject(record, mailbox, facts.as_ref())) {
                        Coverage::No => None,
                        Coverage::Yes(why) => {
                            Some(!why.iter().any(|because| matches!(because, Because::CannotEvaluate { .. })))
                        }
                    },
                    None => purged_under(hold, archived, mailbox),
                };
                evaluated = evaluated.max(answer);
            }
            covering.extend(evaluated.map(|evaluated| (hold, evaluated)));
        }
        Ok(covering)
    }
}

/// Whether a hold's scope covered what is purged: by mailbox, list and period; a query cannot be asked any more.
fn purged_under(hold: &Hold, archived: &Archived, mailbox: &MailboxName) -> Option<bool> {
    let scope = &hold.scope;
    let listed = scope.ids.as_ref().is_none_or(|ids| ids.contains(&archived.id));
    let early = scope.since.zip(archived.sent).is_some_and(|(since, sent)| sent < since);
    let late = scope.until.zip(archived.sent).is_some_and(|(until, sent)| sent >= until);
    (scope.mailboxes.contains(mailbox) && listed && !early && !late).then_some(scope.asked().is_none())
}

/// Picks the lines that are about one message.
struct Gather<'a> {
    archive: &'a Archive,
    message: &'a Archived,
    holds: HashMap<&'a HoldId, bool>,
    plans: BTreeSet<PlanId>,
    erasures: BTreeSet<ErasureId>,
    /// Lines about runs and source files, until it is known which the message is from.
    before: Vec<Entry>,
    lines: Vec<HistoryLine>,
}

impl<'a> Gather<'a> {
    fn new(archive: &'a Archive, message: &'a Archived, covering: &[(&'a Hold, bool)]) -> Self {
        let holds = covering.iter().map(|(hold, evaluated)| (&hold.id, *evaluated)).collect();
        Self {
            archive,
            message,
            holds,
            plans: BTreeSet::new(),
            erasures: BTreeSet::new(),
            before: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn take(&mut self, entry: Entry) -> Result<()> {
        match &entry.line.event {
            Event::RunStarted { run, .. } if *run == self.message.run => self.before.push(entry),
            Event::SourceOpened { run, source, .. } if *run == self.message.run && *source == self.message.source => {
                self.before.push(entry);
            }
            Event::MessageArchived { message } if message.ordinal == self.message.ordinal => {
                for earlier in std::mem::take(&mut self.before) {
                    self.put(earlier, "")?;
                }
                self.put(entry, "")?;
            }
            // Most lines of any journal.
            Event::MessageArchived { .. } | Event::RunStarted { .. } | Event::SourceOpened { .. } => {}
            event => {
                if let Some(note) = self.concern(event)? {
                    self.put(entry, note)?;
                }
            }
        }
        Ok(())
    }

    /// Whether an event is about the message, and what there is to say of that beside it.
    fn concern(&mut self, event: &Event) -> Result<Option<&'static str>> {
        let (ordinal, id) = (self.message.ordinal, self.message.id);
        let is = |yes: bool| yes.then_some("");
        Ok(match event {
            Event::RunFinished { run, .. } => is(*run == self.message.run),
            Event::ItemDelivered { ordinal: of, .. } | Event::MessagePurged { ordinal: of, .. } => is(*of == ordinal),
            Event::MessageLinked { notice, original, .. } => is(*notice == ordinal || *original == ordinal),
            Event::MessageViewed { ids } => is(ids.contains(&id)),
            Event::MessagesTagged { messages, .. } | Event::MessagesUntagged { messages, .. } => {
                is(messages.contains(&ordinal))
            }
            Event::CaseSearchRun { found, .. } | Event::ExportDone { set: Some(found), .. } => {
                is(self.archive.journal.load_ordinals(found)?.contains(ordinal.0))
            }
            Event::ExportDone { set: None, .. } => None,
            Event::DeletePlanned { plan, items, .. } => {
                let has = self.archive.journal.load_list(items)?.iter().any(|item| item.ordinal == ordinal);
                if has {
                    self.plans.insert(plan.clone());
                }
                is(has)
            }
            Event::LabelApplied { items, .. } | Event::LabelCleared { items, .. } => is(items.contains(&ordinal)),
            Event::FloorSet { .. } => is(true),
            Event::PolicyAdded { policy } => is(self.is_about(&policy.scope)),
            Event::PolicyEdited { policy, scope, .. } => is(self.is_about(scope) || self.has_policy(policy)),
            Event::PolicyLocked { policy, .. } | Event::PolicyRemoved { policy, .. } => is(self.has_policy(policy)),
            Event::ErasureRequested { request, items } => {
                let has = self.archive.journal.load_list(items)?.iter().any(|item| item.ordinal == ordinal);
                if has {
                    self.erasures.insert(request.id.clone());
                }
                is(has)
            }
            Event::ErasureRestricted { request, .. } | Event::ErasureCompleted { request, .. } => {
                is(self.erasures.contains(request))
            }
            Event::DeleteStarted { items: ItemList::Inline(items), .. } => {
                is(items.iter().any(|item| item.ordinal == ordinal))
            }
            Event::ItemDisposed { item, .. } => is(item.ordinal == ordinal),
            Event::DeleteFinished { plan, .. } | Event::DeleteRefused { plan, .. } => is(self.plans.contains(plan)),
            Event::ApprovalGiven { target, .. } => {
                is(self.plans.iter().any(|plan| plan.0 == *target) || self.holds.keys().any(|hold| hold.0 == *target))
            }
            Event::HoldPlaced { hold } => self.holds.get(&hold.id).map(|evaluated| covered(*evaluated)),
            Event::HoldReleased { hold, .. } => self.holds.get(hold).map(|_| ""),
            other => is(self.named_in(other)),
        })
    }

    /// Whether a policy of this scope is about an item of the message.
    fn is_about(&self, scope: &PolicyScope) -> bool {
        let ordinal = self.message.ordinal.0;
        self.archive.state.boxes.iter().any(|(mailbox, boxes)| boxes.knows(ordinal) && scope.covers(mailbox))
    }

    fn has_policy(&self, policy: &PolicyId) -> bool {
        self.archive.state.schedule.policies.get(policy).is_some_and(|policy| self.is_about(&policy.scope))
    }

    /// Whether an event of another type names the message, one of its plans or a hold that covers it.
    fn named_in(&self, event: &Event) -> bool {
        let Ok(event) = serde_json::to_value(event) else { return false };
        let id = self.message.id.to_string();
        fn any(value: &Value, test: &dyn Fn(&str) -> bool) -> bool {
            match value {
                Value::String(text) => test(text),
                Value::Array(values) => values.iter().any(|value| any(value, test)),
                Value::Object(fields) => fields.values().any(|value| any(value, test)),
                _ => false,
            }
        }
        any(&event, &|text| {
            text == id || self.holds.keys().any(|hold| hold.0 == text) || self.plans.iter().any(|plan| plan.0 == text)
        })
    }

    fn put(&mut self, entry: Entry, note: &str) -> Result<()> {
        let row = row(entry)?;
        let said = said(&row.event);
        let what = if note.is_empty() { said } else { format!("{said} ({note})") };
        self.lines.push(HistoryLine {
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            os: row.os,
            action: row.action,
            what,
            event: row.event,
            hash: row.hash,
        });
        Ok(())
    }
}

fn covered(evaluated: bool) -> &'static str {
    if evaluated { "covers it" } else { "counts as covering it: its query could not be asked of the message" }
}

impl ItemHistory {
    /// The history as a document for people.
    #[must_use]
    pub fn page(&self) -> Page {
        let mut page = Page::new(format!("History of {}", self.id));
        let items: Vec<String> = self.items.iter().map(|(mailbox, state)| format!("{mailbox} ({state})")).collect();
        page.facts([
            ("message", self.id.to_string()),
            ("state", self.state.to_owned()),
            ("kind", self.kind.to_owned()),
            ("sent", self.sent.map_or_else(|| "unknown".to_owned(), |at| at.to_string())),
            ("SHA-256", self.digest.to_hex()),
            ("size", format!("{} bytes", self.size)),
            ("items", items.join(", ")),
            ("imported by", self.run.to_string()),
            ("source file", self.file.clone()),
            ("SHA-256 of the source file", self.file_digest.map(|digest| digest.to_hex()).unwrap_or_default()),
            ("entry in it", self.entry.clone()),
            ("holds", self.holds.join(", ")),
            ("as of", format!("journal line {}, hash {}", self.as_of, self.head)),
        ]);
        page.heading("History");
        let rows = self.events.iter().map(|line| {
            let who = if line.actor.is_empty() { line.os.clone() } else { format!("{} ({})", line.actor, line.os) };
            vec![
                line.seq.to_string(),
                line.at.to_string(),
                who,
                line.action.to_owned(),
                line.what.clone(),
                line.hash.to_hex(),
            ]
        });
        page.table(&["Line", "When (UTC)", "Who", "Event", "What", "Line hash"], rows.collect(), "No event.");
        page
    }
}
