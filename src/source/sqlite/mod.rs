//! Databases of strangers, read with SQLite and never trusted.
//!
//! Contract: the evidence is copied into the spool, with its write-ahead log or its rollback journal, and only the copy is
//! opened; recovery happens there. No SQL of the database is ever run: triggers, views, virtual tables and generated
//! columns are not read, the schema is not trusted, nothing can be attached. What is read is whole rows of plain tables, one
//! at a time; a cell has the type it has, not the one its column promises ([`Row`]). Damage is a finding with the
//! table and the row, and what lies before and after it is read.
//!
//! Limits: named constants. Memory is 16 bytes for each row of a table that is read in order, one row, and the
//! page cache. A statement that makes no step for a long time is stopped ([`watch`]).
//!
//! Use: [`open`] → [`Opened::report`] → [`Database::select`] for a whole table in order, [`Database::lookup`] for the
//! rows of a side table that belong to one row; then [`Database::take_findings`].

mod lookup;
mod open;
mod row;
mod schema;
mod select;
mod watch;

pub use lookup::Lookup;
pub use open::{DATABASE_BYTES, Opened, OpenedFile, look, open, open_copy, open_with_log};
pub use row::Row;
pub use schema::Table;
pub use select::Order;

use crate::{
    Error, ErrorKind, Result,
    fs::spool::SpoolFile,
    model::{Code, Finding, Place},
};
use rusqlite::{Connection, ErrorCode};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

/// Bytes of the largest row that is read. The longest message of WhatsApp has 64 KiB; thumbnails have less than 1 MiB.
pub const ROW_BYTES: i32 = 64 * 1024 * 1024;
/// Findings of one database that are told one by one; the others are counted.
const FINDINGS: usize = 200;

/// An open private copy.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    name: String,
    schema: schema::Schema,
    noticed: RefCell<Vec<Finding>>,
    beyond: Cell<u64>,
    /// Tables of which it was said that they are none, and rows that cannot be read.
    told: RefCell<BTreeSet<String>>,
    watch: watch::Watch,
    // Removed after the connection is closed: fields are dropped in their order.
    _copies: Vec<SpoolFile>,
}

impl Database {
    /// How findings name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A plain table; `None` if there is none of this name. A view or a virtual table in its place is a finding.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let (table, refused) = self.schema.table(name);
        if let Some(what) = refused
            && self.told.borrow_mut().insert(name.to_ascii_lowercase())
        {
            self.notice(Finding::new(Code::TableRefused, Place::entry(&self.name, name), what));
        }
        table
    }

    /// Whether there is a plain table of this name with this column.
    #[must_use]
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.table(table).is_some_and(|table| table.has(column))
    }

    /// What was noticed since the last call.
    pub fn take_findings(&self) -> Vec<Finding> {
        let mut findings = self.noticed.take();
        let beyond = self.beyond.take();
        if beyond > 0 {
            let detail = format!("{beyond} more places");
            findings.push(Finding::new(Code::DatabaseDamaged, Place::file(&self.name), detail));
        }
        findings
    }

    fn notice(&self, finding: Finding) {
        let mut noticed = self.noticed.borrow_mut();
        if noticed.len() < FINDINGS {
            noticed.push(finding);
        } else {
            self.beyond.set(self.beyond.get() + 1);
        }
    }

    /// Damage in a table, at a row if it is known.
    fn damaged(&self, table: &str, row: Option<i64>, why: impl Into<String>) {
        // A row is asked for more than once: in its order, and by what belongs to it.
        if let Some(row) = row
            && self.noticed.borrow().len() < FINDINGS
            && !self.told.borrow_mut().insert(format!("{table} {row}"))
        {
            return;
        }
        let mut place = Place::entry(&self.name, table);
        place.line = row.and_then(|row| u64::try_from(row).ok());
        self.notice(Finding::new(Code::DatabaseDamaged, place, why));
    }
}

/// An error that ends everything, or the words for a finding.
fn judge(error: &rusqlite::Error) -> Result<String> {
    let Some(code) = error.sqlite_error_code() else {
        return Ok(error.to_string());
    };
    let ours = match code {
        ErrorCode::DiskFull => "no space for the private copy of a database",
        ErrorCode::OutOfMemory => "no memory to read a database",
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => "the private copy of a database cannot be opened",
        ErrorCode::OperationInterrupted => {
            return Ok(format!("stopped: no step within {} seconds", watch::STALL_SECONDS));
        }
        ErrorCode::TooBig => return Ok(format!("a row is larger than {ROW_BYTES} bytes")),
        _ => return Ok(error.to_string()),
    };
    Err(Error::new(ErrorKind::Io, format!("{ours}: {error}")))
}

/// A name as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
