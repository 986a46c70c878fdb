//! The order in which messages are read: by session, by `ZSORT`, by row.
//!
//! Contract: every row that can be listed is in it once. Memory: 32 bytes a row.

use super::read::MESSAGES;
use crate::{
    Result,
    source::sqlite::{Database, Order},
};

/// A row in its order.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Its session.
    pub session: Option<i64>,
    /// Its `Z_PK`.
    pub row: i64,
    sort: f64,
}

/// All rows in order.
#[derive(Debug)]
pub struct Sequence {
    /// The rows; those without a session are at the end.
    pub rows: Vec<Slot>,
}

impl Sequence {
    /// Lists the rows.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read(database: &Database) -> Result<Self> {
        let mut rows = Vec::new();
        let columns = ["Z_PK", "ZCHATSESSION", "ZSORT"];
        database.select(MESSAGES, &columns, Order::Id, &mut |row| {
            let session = row.int(1);
            let sort = row.real(2).unwrap_or(f64::NEG_INFINITY);
            rows.push(Slot { session, sort, row: row.int(0).unwrap_or_else(|| row.id()) });
            Ok(())
        })?;
        let session = |row: &Slot| row.session.unwrap_or(i64::MAX);
        rows.sort_unstable_by(|a, b| {
            session(a).cmp(&session(b)).then(a.sort.total_cmp(&b.sort)).then(a.row.cmp(&b.row))
        });
        // In a table whose rows are not told apart by `Z_PK`, one number gives all of them.
        rows.dedup_by_key(|row| row.row);
        Ok(Self { rows })
    }
}
