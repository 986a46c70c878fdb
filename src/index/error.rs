//! Errors of tantivy in the words of the library.

use crate::{Error, ErrorKind};
use std::io;
use tantivy::{
    TantivyError,
    directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError},
};

/// What the index failed to do.
pub(super) fn error(what: &str, cause: TantivyError) -> Error {
    let kind = kind(&cause);
    let error = Error::new(kind, format!("cannot {what} the index: {cause}")).with_source(cause);
    match kind {
        ErrorKind::Damaged => error.with_hint("custodia rebuild --all makes the index anew from vault and journal"),
        ErrorKind::Locked => error.with_hint("another process is writing; try again when it is done"),
        _ => error,
    }
}

fn kind(cause: &TantivyError) -> ErrorKind {
    let io = |error: &io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => ErrorKind::Permission,
        // A file that is gone, cut short or full of something else.
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => ErrorKind::Damaged,
        _ => ErrorKind::Io,
    };
    match cause {
        TantivyError::LockFailure(LockError::LockBusy, _) => ErrorKind::Locked,
        TantivyError::LockFailure(LockError::IoError(error), _) => io(error),
        TantivyError::IoError(error) => io(error),
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. }) => io(io_error),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => io(io_error),
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => io(io_error),
        TantivyError::InvalidArgument(_) | TantivyError::SchemaError(_) | TantivyError::FieldNotFound(_) => {
            ErrorKind::Bug
        }
        _ => ErrorKind::Damaged,
    }
}

/// Runs `open`; a panic of tantivy on files that make no sense is damage like any other.
pub(super) fn caught<T>(open: impl FnOnce() -> tantivy::Result<T>) -> tantivy::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(open))
        .unwrap_or_else(|_| Err(TantivyError::InternalError("its files make no sense".to_owned())))
}

/// Whether the cause lies in the index's files and not in the machine: then a new index helps.
pub(super) fn is_damage(cause: &TantivyError) -> bool {
    kind(cause) == ErrorKind::Damaged
}
