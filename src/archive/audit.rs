//! Reading the audit trail.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Entry, Event, Instant, Seq, Watermark},
};
use serde::Serialize;

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// At or after this.
    pub since: Option<Instant>,
    /// Whose claimed or operating system name is this.
    pub actor: Option<String>,
    /// Of this type; a trailing `*` takes any ending.
    pub kind: Option<String>,
    /// That name this: an id, an address, a name.
    pub object: Option<String>,
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
    /// The event.
    pub event: serde_json::Value,
    /// The line's hash.
    pub hash: Digest,
}

/// An anchor: what proves later that the journal up to here is still the same.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Anchor {
    /// The journal line.
    pub seq: Seq,
    /// Its hash.
    pub head: Digest,
    /// When it was written.
    pub at: Instant,
}

impl Archive {
    /// Calls `visit` with every event that passes the filter, in order. With `last`, only the last ones are kept.
    ///
    /// # Errors
    /// Reading failed; an error of `visit`.
    pub fn audit(&self, filter: &AuditFilter, visit: &mut dyn FnMut(AuditRow) -> Result<()>) -> Result<()> {
        let mut reader = self.journal.read_after(&Watermark::START)?;
        let mut kept = std::collections::VecDeque::new();
        while let Some(entry) = reader.next_entry()? {
            let Some(row) = passing(filter, entry)? else { continue };
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

    /// One event.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn audit_event(&self, seq: Seq) -> Result<AuditRow> {
        let entry = self.journal.find(seq)?;
        let row = entry.map(|entry| passing(&AuditFilter::default(), entry)).transpose()?.flatten();
        row.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("the journal has no line {seq}"))
                .with_hint(format!("its last line is {}", self.as_of()))
        })
    }

    /// Calls `visit` with the hash and the JSON of every line up to [`Self::as_of`], byte for byte as the journal has
    /// them. Returns how many there were.
    ///
    /// # Errors
    /// Reading failed; an error of `visit`.
    pub fn audit_lines(&self, visit: &mut dyn FnMut(&Digest, &[u8]) -> Result<()>) -> Result<u64> {
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
    /// The journal cannot be written.
    pub fn anchor(&mut self) -> Result<Anchor> {
        let (seq, head, at) = self.transact(|state, _| {
            let (seq, hash) = (state.mark.seq, state.mark.hash);
            Ok((vec![Event::AnchorMade { seq, hash }], (seq, hash, state.last_at)))
        })?;
        Ok(Anchor { seq, head, at })
    }

    /// Records that the audit trail was exported.
    pub fn audit_exported(&mut self, format: &str, lines: u64) {
        self.record_read(Event::AuditExported { format: format.to_owned(), lines });
    }
}

fn passing(filter: &AuditFilter, entry: Entry) -> Result<Option<AuditRow>> {
    let (line, hash) = (entry.line, entry.hash);
    let action = line.event.type_name();
    let kind_passes = filter.kind.as_deref().is_none_or(|kind| match kind.strip_suffix('*') {
        Some(front) => action.starts_with(front),
        None => action == kind,
    });
    let who = |name: &String| line.actor.claimed == *name || line.actor.os_user == *name;
    let early = filter.since.is_some_and(|since| line.at < since);
    if early || !kind_passes || !filter.actor.as_ref().is_none_or(who) {
        return Ok(None);
    }
    let event = serde_json::to_value(&line.event).map_err(|e| Error::bug(format!("an event cannot be shown: {e}")))?;
    if filter.object.as_ref().is_some_and(|object| !names(&event, &object.to_lowercase())) {
        return Ok(None);
    }
    let os = format!("{}@{}", line.actor.os_user, line.actor.host);
    Ok(Some(AuditRow { seq: line.seq, at: line.at, actor: line.actor.claimed, os, action, event, hash }))
}

/// Whether one of the event's values is this, or an id that begins with it.
fn names(value: &serde_json::Value, object: &str) -> bool {
    match value {
        serde_json::Value::String(text) => {
            let text = text.to_lowercase();
            let id_prefix =
                object.len() >= crate::model::id::MIN_PREFIX && object.contains('_') && text.starts_with(object);
            text == object || id_prefix
        }
        serde_json::Value::Array(values) => values.iter().any(|value| names(value, object)),
        serde_json::Value::Object(fields) => fields.values().any(|value| names(value, object)),
        _ => false,
    }
}
