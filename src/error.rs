//! One opaque error for the whole library: what happened, to which object, why, what to do next.
//!
//! `kind()` is for programs, `Display` for people, `hint()` says what to do, `details()` is for JSON. What a file of a
//! source or an archive looks like is a [`Finding`](crate::model::Finding), not an error.

use std::{fmt, io, path::Path};

/// What kind of failure it is. The program's exit codes and JSON codes are made from it, in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call makes no sense: an unknown name, a bad value.
    Usage,
    /// The query cannot be understood.
    BadQuery,
    /// What was asked for does not exist.
    NotFound,
    /// A prefix that names more than one thing.
    Ambiguous,
    /// The name is taken.
    Exists,
    /// Refused: a hold or a retention rule covers it. Nothing changed.
    Held,
    /// No archive here.
    NoArchive,
    /// Another process is writing.
    Locked,
    /// The archive's format is newer than this program.
    FormatNewer,
    /// Something cannot be created.
    CannotCreate,
    /// Reading or writing failed.
    Io,
    /// No role of the actor allows it.
    NotAllowed,
    /// Not permitted by the operating system.
    Permission,
    /// `archive.toml` or a mapping cannot be used.
    Config,
    /// Evidence is damaged: the journal or the vault does not say what it should.
    Damaged,
    /// The answer would be behind and the command does not answer behind.
    Behind,
    /// The user stopped it.
    Interrupted,
    /// The clock is before the last event or implausibly far after it.
    ClockSuspect,
    /// The archive lacks a line that a known anchor names: a hold may be missing with it.
    OlderThanAnchor,
    /// An fsync failed or a write was cut short: this writer does nothing any more.
    Poisoned,
    /// A bug in this program.
    Bug,
}

/// An error of the library.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    details: serde_json::Value,
    recorded: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A new error. `message` says what happened and to which object.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            details: serde_json::Value::Null,
            recorded: false,
            source: None,
        }))
    }

    /// Reading or writing `path` failed.
    #[must_use]
    pub fn io(what: &str, path: &Path, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::PermissionDenied => ErrorKind::Permission,
            _ => ErrorKind::Io,
        };
        Self::new(kind, format!("cannot {what} {}: {source}", path.display())).with_source(source)
    }

    /// A state that the program's own rules exclude.
    #[must_use]
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, message).with_hint("this is a bug in custodia; the archive was not changed by it")
    }

    pub(crate) fn bug_io(source: io::Error) -> Self {
        Self::bug(format!("writing to memory failed: {source}"))
    }

    /// Says what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds facts for programs.
    #[must_use]
    pub fn with_details(mut self, details: serde_json::Value) -> Self {
        self.0.details = details;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says that the audit trail has it already.
    #[must_use]
    pub fn as_recorded(mut self) -> Self {
        self.0.recorded = true;
        self
    }

    /// Whether the audit trail has it already.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.0.recorded
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Facts for programs; `null` if there are none.
    #[must_use]
    pub fn details(&self) -> &serde_json::Value {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {}", self.0.kind, self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, "; {hint}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
