//! Custodia: an embedded compliance archive for WhatsApp data, kept as e-mail.
#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

pub mod clock;
pub mod eml;
pub mod error;
pub mod fs;
pub mod model;
pub mod progress;
pub mod query;
pub mod source;
pub mod synthetic;

pub use error::{Error, ErrorKind, Result};
