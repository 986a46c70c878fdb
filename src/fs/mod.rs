//! Durable files: the only part of the library that touches the file system.
//!
//! Contract: every function says in its name or its first line whether its effect survives a power cut when it returns.
//! A failed sync is [`ErrorKind::Poisoned`](crate::ErrorKind): the kernel may have dropped the dirty pages, so the writer
//! stops, and the next open recovers from the journal. Nothing here follows a symbolic link inside an archive.
//!
//! With the feature `fault-injection` every operation is traced and can be made to fail or to kill the process
//! ([`fault`]); without it those hooks compile to nothing.

pub mod append;
pub mod beneath;
pub mod copy;
pub mod dir;
pub mod durable;
pub mod evidence;
pub mod fault;
pub mod host;
pub mod lock;
pub mod output;
pub mod read;
pub mod spool;
