//! The order in which messages are read: by session, by `ZSORT`, by row.
//!
//! Contract: every row that can be listed is in it once. Memory: 32 bytes a row, and the ids while they are listed.

use super::{
    ids::{Ids, Listing},
    metadata::is_stanza,
    read::MESSAGES,
};
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

/// All rows in order, and what is to be known of their ids.
#[derive(Debug)]
pub struct Sequence {
    /// The rows; those without a session are at the end.
    pub rows: Vec<Slot>,
    /// Native ids.
    pub ids: Ids,
}

impl Sequence {
    /// Lists the rows.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read(database: &Database) -> Result<Self> {
        let (mut rows, mut listing) = (Vec::new(), Listing::default());
        let columns = ["Z_PK", "ZCHATSESSION", "ZSORT", "ZSTANZAID"];
        database.select(MESSAGES, &columns, Order::Id, &mut |row| {
            let session = row.int(1);
            let sort = row.real(2).unwrap_or(f64::NEG_INFINITY);
            rows.push(Slot { session, sort, row: row.int(0).unwrap_or_else(|| row.id()) });
            if let Some(stanza) = row.text(3).filter(|stanza| is_stanza(stanza)) {
                listing.add(&stanza, session);
            }
            Ok(())
        })?;
        let session = |row: &Slot| row.session.unwrap_or(i64::MAX);
        rows.sort_unstable_by(|a, b| {
            session(a).cmp(&session(b)).then(a.sort.total_cmp(&b.sort)).then(a.row.cmp(&b.row))
        });
        // In a table whose rows are not told apart by `Z_PK`, one number gives all of them.
        rows.dedup_by_key(|row| row.row);
        Ok(Self { rows, ids: listing.finish() })
    }
}
