//! Pure writers of what is handed over: tables, the manifest's rows, the README of a package.
//!
//! Contract: values in, text out. No disk, no clock. Names and texts come from strangers: in CSV a cell that a
//! spreadsheet would take for a formula is disarmed; JSON Lines carry everything as it is.

pub mod certificate;
pub mod manifest;
pub mod page;
pub mod readme;
pub mod table;

pub use manifest::{AddedBy, ExceptionRow, ItemRow, ManifestRow};
pub use page::{Block, Page};
pub use readme::Readme;
pub use table::Table;
