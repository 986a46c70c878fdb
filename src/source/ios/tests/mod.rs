//! The reader against databases that a generator made.

mod backup;
mod bulk;
mod calls;
mod content;
mod fixture;
mod hostile;
mod older;
