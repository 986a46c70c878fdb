//! Reading the audit trail: lists, single events with what they changed, the history of one message, exports.
//!
//! Contract: the journal is read as it stands; reading it is an event of its own, which the answer does not contain.

mod change;
mod item;
mod purview;

pub use change::Change;
pub use item::{HistoryLine, ItemHistory};
pub use purview::purview_operation;

use super::{Archive, case::holds_of, case::no_case};
use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Entry, Event, Instant, Right, Seq, Watermark},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// At or after this.
    pub since: Option<Instant>,
    /// Before this.
    pub until: Option<Instant>,
    /// Whose claimed or operating system name is this.
    pub actor: Option<String>,
    /// Of this type; a trailing `*` takes any ending.
    pub kind: Option<String>,
    /// That name this: an id, an address, a name.
    pub object: Option<String>,
    /// About this case: itself, its custodians, holds, searches and exports. Name or id.
    pub case: Option<String>,
    /// Only the last so many.
    pub last: Option<usize>,
}

/// One event, as `audit list` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct AuditRow {
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
    /// The same as Microsoft Purview calls it; empty where it has no such operation.
    pub operation: &'static str,
    /// The event.
    pub event: Value,
    /// The line's hash.
    pub hash: Digest,
}

/// An anchor: what proves later that the journal up to here is still the same.
#[derive(Clone, Debug, Serialize)]
pub struct Anchor {
    /// The archive, so that an anchor of another one is not missed in this.
    pub archive: String,
    /// The journal line.
    pub seq: Seq,
    /// Its hash.
    pub head: Digest,
    /// When it was written.
    pub at: Instant,
}

impl Archive {
    /// Calls `visit` with every event that passes the filter, in order. With `last`, only the last ones are kept. Recorded.
    ///
    /// # Errors
    /// No such case; reading failed; an error of `visit`.
    pub fn audit(&self, filter: &AuditFilter, visit: &mut dyn FnMut(AuditRow) -> Result<()>) -> Result<()> {
        let own = self.may_read(Right::Audit, "audit.list", &filter.label())?;
        self.audit_rows(filter, own, visit)
    }

    /// The same without asking or recording; up to the line before `end`.
    pub(super) fn audit_rows(
        &self,
        filter: &AuditFilter,
        end: Option<Seq>,
        visit: &mut dyn FnMut(AuditRow) -> Result<()>,
    ) -> Result<()> {
        let case = filter.case.as_deref().map(|name| self.case_words(name)).transpose()?;
        let mut reader = self.journal.read_after(&Watermark::START)?;
        let mut kept = std::collections::VecDeque::new();
        while let Some(entry) = reader.next_entry()? {
            if end.is_some_and(|end| entry.line.seq >= end) {
                break;
            }
            let Some(row) = passing(filter, case.as_ref(), entry)? else { continue };
            match filter.last {
                None => visit(row)?,
                Some(last) => {
                    kept.push_back(row);
                    if kept.len() > last {
                        kept.pop_front();
                    }
                }
            }
        }
        kept.into_iter().try_for_each(visit)
    }

    /// One event. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn audit_event(&self, seq: Seq) -> Result<AuditRow> {
        self.may_read(Right::Audit, "audit.show", &seq.to_string())?;
        let entry = self.journal.find(seq)?.filter(|entry| entry.line.seq <= self.as_of());
        entry.map(row).transpose()?.ok_or_else(|| self.no_line(seq))
    }

    fn no_line(&self, seq: Seq) -> Error {
        Error::new(ErrorKind::NotFound, format!("the journal has no line {seq}"))
            .with_hint(format!("its last line is {}", self.as_of()))
    }

    /// Calls `visit` with the hash and the JSON of every line up to [`Self::as_of`], byte for byte as the journal has
    /// them. Returns how many there were.
    ///
    /// # Errors
    /// Not allowed; reading failed; an error of `visit`.
    pub fn audit_lines(&self, visit: &mut dyn FnMut(&Digest, &[u8]) -> Result<()>) -> Result<u64> {
        self.may(Right::Audit, "audit.export", "")?;
        let (last, mut lines) = (self.as_of().0, 0);
        self.journal.raw_lines(&mut |line| {
            if lines < last {
                visit(&line.hash, line.json)?;
                lines += 1;
            }
            Ok(lines < last)
        })?;
        Ok(lines)
    }

    /// The head of the journal, to be kept elsewhere; that it was given out is recorded behind it.
    ///
    /// # Errors
    /// Not allowed; the journal cannot be written.
    pub fn anchor(&mut self) -> Result<Anchor> {
        self.may(Right::Audit, "audit.anchor", "")?;
        let (seq, head, at) = self.transact(|state, _| {
            let (seq, hash) = (state.mark.seq, state.mark.hash);
            Ok((vec![Event::AnchorMade { seq, hash }], (seq, hash, state.last_at)))
        })?;
        Ok(Anchor { archive: self.meta.id.clone(), seq, head, at })
    }

    /// Records that the audit trail was exported.
    pub fn audit_exported(&mut self, format: &str, lines: u64) {
        self.record_read(Event::AuditExported { format: format.to_owned(), lines });
    }

    /// What an event must name to be about a case.
    fn case_words(&self, name: &str) -> Result<CaseWords> {
        let case = self.state.case(name).ok_or_else(|| no_case(name))?;
        let mut words: BTreeSet<String> = [case.id.0.to_lowercase(), case.name.to_lowercase()].into();
        for id in holds_of(&self.state, &case.id) {
            words.insert(id.0.to_lowercase());
            words.extend(self.state.holds.get(id).map(|hold| hold.name.to_lowercase()));
        }
        Ok(CaseWords { words, query: format!("case:{}", case.id.0) })
    }
}

impl AuditFilter {
    /// In a line, for the journal.
    fn label(&self) -> String {
        let time = |name: &str, at: Option<Instant>| at.map(|at| format!("{name} {at}"));
        let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
        let parts = [
            time("since", self.since),
            time("until", self.until),
            text("actor", &self.actor),
            text("type", &self.kind),
            text("object", &self.object),
            text("case", &self.case),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The ids and names of a case and its holds.
struct CaseWords {
    words: BTreeSet<String>,
    query: String,
}

impl CaseWords {
    /// Whether an event is about the case: one of the fields that name objects has one of the words.
    fn concern(&self, event: &Value) -> bool {
        let Value::Object(fields) = event else { return false };
        fields.iter().any(|(key, value)| match (key.as_str(), value) {
            ("query", Value::String(query)) => query.contains(&self.query),
            ("case" | "hold" | "target" | "object" | "id" | "name", Value::String(text)) => {
                self.words.contains(&text.to_lowercase()) && (key != "name" || fields.contains_key("kind"))
            }
            ("case" | "hold", inner @ Value::Object(_)) => self.concern(inner),
            ("holds" | "blocked_by", Value::Array(values)) => values.iter().any(|value| match value {
                Value::String(text) => self.words.contains(&text.to_lowercase()),
                inner => self.concern(inner),
            }),
            _ => false,
        })
    }
}

fn passing(filter: &AuditFilter, case: Option<&CaseWords>, entry: Entry) -> Result<Option<AuditRow>> {
    let line = &entry.line;
    let action = line.event.type_name();
    let kind_passes = filter.kind.as_deref().is_none_or(|kind| match kind.strip_suffix('*') {
        Some(front) => action.starts_with(front),
        None => action == kind,
    });
    let who = |name: &String| line.actor.claimed == *name || line.actor.os_user == *name;
    let outside =
        filter.since.is_some_and(|since| line.at < since) || filter.until.is_some_and(|until| line.at >= until);
    if outside || !kind_passes || !filter.actor.as_ref().is_none_or(who) {
        return Ok(None);
    }
    let row = row(entry)?;
    let named = filter.object.as_ref().is_none_or(|object| names(&row.event, &object.to_lowercase()));
    let of_case = case.is_none_or(|words| words.concern(&row.event));
    Ok((named && of_case).then_some(row))
}

fn row(entry: Entry) -> Result<AuditRow> {
    let (line, hash) = (entry.line, entry.hash);
    let event = serde_json::to_value(&line.event).map_err(|e| Error::bug(format!("an event cannot be shown: {e}")))?;
    let os = format!("{}@{}", line.actor.os_user, line.actor.host);
    let (action, operation) = (line.event.type_name(), purview_operation(&event));
    Ok(AuditRow { seq: line.seq, at: line.at, actor: line.actor.claimed, os, action, operation, event, hash })
}

/// Whether one of the event's values is this, or an id that begins with it.
fn names(value: &Value, object: &str) -> bool {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            let id_prefix =
                object.len() >= crate::model::id::MIN_PREFIX && object.contains('_') && text.starts_with(object);
            text == object || id_prefix
        }
        Value::Array(values) => values.iter().any(|value| names(value, object)),
        Value::Object(fields) => fields.values().any(|value| names(value, object)),
        _ => false,
    }
}

/// An event in one line of words: its plain fields, what is long counted and cut.
pub(super) fn said(event: &Value) -> String {
    /// Characters of a line.
    const CHARS: usize = 400;
    let mut parts = Vec::new();
    let Value::Object(fields) = event else { return String::new() };
    for (key, value) in fields.iter().filter(|(key, _)| *key != "type") {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => parts.push(format!("{key}: {text}")),
            Value::Number(_) | Value::Bool(_) => parts.push(format!("{key}: {value}")),
            Value::Array(values) if values.len() <= 5 && values.iter().all(Value::is_string) => {
                let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                parts.push(format!("{key}: {}", texts.join(", ")));
            }
            Value::Array(values) => parts.push(format!("{key}: {} entries", values.len())),
            Value::Object(inner) => {
                let text = |name: &str| inner.get(name).and_then(Value::as_str).map(str::to_owned);
                parts.extend(
                    text("name").or_else(|| text("id")).or_else(|| text("email")).map(|t| format!("{key}: {t}")),
                );
                parts.extend(text("reason").map(|reason| format!("reason: {reason}")));
            }
        }
    }
    let text = parts.join("; ");
    match text.char_indices().nth(CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
