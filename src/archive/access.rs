//! The one place where an operation is allowed or refused, and where a read of records is written down.
//!
//! Contract: every public method that reads or changes what is archived asks here once, before it does anything. Without
//! `[roles]` in `archive.toml` everything is allowed. A refusal is an event, and so is a read of a case, a hold, a plan or
//! the audit trail; both need only the append lock, and no exclusive access to the archive.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    model::{Event, Right, Role, Seq, limits},
};

impl Archive {
    /// Whether the actor may do this.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`]; the refusal is recorded.
    pub(super) fn may(&self, right: Right, operation: &str, object: &str) -> Result<()> {
        if self.meta.roles.allow(&self.actor, right) {
            return Ok(());
        }
        let names = |roles: &[Role]| roles.iter().map(|role| role.as_str().to_owned()).collect::<Vec<_>>();
        let (has, needs) = (names(&self.meta.roles.of(&self.actor)), names(right.roles()));
        let (operation, object) = (operation.to_owned(), cut(object));
        self.note(Event::AccessRefused { operation: operation.clone(), object: object.clone(), roles: has.clone() });
        let who = self.actor.label();
        let has_text = if has.is_empty() { "no role".to_owned() } else { format!("the role {}", has.join(", ")) };
        Err(Error::new(
            ErrorKind::NotAllowed,
            format!("{who} has {has_text}, and {operation} needs {}", needs.join(" or ")),
        )
        .with_hint("[roles] in archive.toml says who has which role; --actor says who you are")
        .with_details(serde_json::json!({
            "operation": operation, "object": object, "actor": who, "roles": has, "needs": needs,
        }))
        .as_recorded())
    }

    /// The same for reading records; that they were read is recorded. Returns the line that says so.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`].
    pub(super) fn may_read(&self, right: Right, operation: &str, object: &str) -> Result<Option<Seq>> {
        self.may(right, operation, object)?;
        Ok(self.note(Event::RecordViewed { operation: operation.to_owned(), object: cut(object) }))
    }

    /// Records that an operation failed, unless its refusal is recorded already. For programs that call the library:
    /// what failed before an archive was open, and what a user typed wrongly, is not the archive's to know.
    pub fn record_failure(&self, operation: &str, code: &str, error: &Error) {
        if !error.is_recorded() {
            let message = cut(&error.to_string());
            self.note(Event::OperationFailed { operation: operation.to_owned(), code: code.to_owned(), message });
        }
    }

    /// Appends an event that changes nothing, without looking at the state. Not synced; where the archive cannot be
    /// written, [`Self::warnings`] says `not_audited`.
    fn note(&self, event: Event) -> Option<Seq> {
        let written = self
            .journal
            .lock(self.known_seq())
            .and_then(|mut guard| guard.append(&[event], &self.actor, self.clock.now(), false));
        match written {
            Ok(appended) => Some(appended.first),
            Err(error) => {
                let mut warnings = self.warnings.clone();
                warnings.push(format!("not_audited: this was not recorded in the audit trail: {error}"));
                self.unaudited.get_or_init(|| warnings);
                None
            }
        }
    }
}

/// A journal field that comes from outside, of bounded length.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(limits::FIELD_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
