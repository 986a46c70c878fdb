//! Custodia: an embedded compliance archive for WhatsApp data, kept as e-mail.
#![warn(missing_docs)]

pub mod archive;
#[doc(hidden)]
pub mod catalog;
pub mod clock;
pub mod docs;
#[doc(hidden)]
pub mod eml;
pub mod error;
#[doc(hidden)]
pub mod export;
#[doc(hidden)]
pub mod extract;
#[doc(hidden)]
pub mod fs;
pub mod governance;
#[doc(hidden)]
pub mod index;
#[doc(hidden)]
pub mod journal;
#[doc(hidden)]
pub mod maildir;
pub mod mapping;
pub mod model;
pub mod progress;
pub mod query;
pub mod source;
#[doc(hidden)]
pub mod state;
pub mod synthetic;
#[doc(hidden)]
pub mod vault;

pub use archive::{Archive, ArchiveWriter};
pub use error::{Error, ErrorKind, Result};
