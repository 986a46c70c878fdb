//! The rows of a side table that belong to one row of another.

use super::{Database, Row, Table, judge, quoted, select::Fetch, select::wanted};
use crate::{
    Result,
    model::{Code, Finding, Place},
};
use rusqlite::Statement;

/// Rows that belong to one row. A group has at most 1,024 members with a receipt each.
pub const ROWS: usize = 20_000;

/// A prepared question: the rows whose column has a given number. Where the table has no index for it, one is made in
/// memory (16 bytes a row).
#[derive(Debug)]
pub struct Lookup<'db>(Option<Kind<'db>>);

#[derive(Debug)]
enum Kind<'db> {
    /// The column is the row id.
    Id(Fetch<'db>),
    /// The table has an index.
    Index(Indexed<'db>),
    /// Ours: (key, row id), sorted.
    Listed(Vec<(i64, i64)>, Fetch<'db>),
}

#[derive(Debug)]
struct Indexed<'db> {
    database: &'db Database,
    table: &'db Table,
    statement: Statement<'db>,
    places: Vec<Option<usize>>,
}

impl Database {
    /// Prepares a lookup of rows of `table` by the number in column `by`. A table or key column that is missing has no rows.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn lookup<'db>(&'db self, table: &str, columns: &[&str], by: &str) -> Result<Lookup<'db>> {
        let Some(table) = self.table(table).filter(|table| table.has(by)) else { return Ok(Lookup(None)) };
        if table.rowid.is_none() {
            let why = "a table without row ids is not read";
            self.notice(Finding::new(Code::TableRefused, Place::entry(&self.name, &table.name), why));
            return Ok(Lookup(None));
        }
        if self.has_no_row(table)? {
            return Ok(Lookup(None));
        }
        if !table.is_key(by)
            && let Some(indexed) = self.indexed(table, columns, by)?
        {
            return Ok(Lookup(Some(Kind::Index(indexed))));
        }
        let Some(fetch) = Fetch::prepare(self, table, columns)? else { return Ok(Lookup(None)) };
        if table.is_key(by) {
            return Ok(Lookup(Some(Kind::Id(fetch))));
        }
        let mut keys = Vec::new();
        self.list(table, Some(by), &mut |id, key| {
            if key.is_finite() {
                #[allow(clippy::cast_possible_truncation)]
                keys.push((key as i64, id));
            }
        })?;
        keys.sort_unstable();
        Ok(Lookup(Some(Kind::Listed(keys, fetch))))
    }

    /// Whether a table is empty: most side tables are, and then nobody has to ask them for every message.
    fn has_no_row(&self, table: &Table) -> Result<bool> {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
        let found = self.connection.prepare(&sql).and_then(|mut statement| {
            let mut rows = statement.raw_query();
            self.watch.step(|| rows.next()).map(|row| row.is_none())
        });
        // A table that cannot be asked is found to be damaged when it is listed.
        found.or_else(|error| judge(&error).map(|_| false))
    }

    fn indexed<'db>(&'db self, table: &'db Table, columns: &[&str], by: &str) -> Result<Option<Indexed<'db>>> {
        let Some(index) = table.indexes.get(&by.to_ascii_lowercase()) else { return Ok(None) };
        let (list, places) = wanted(table, columns);
        let (name, by, index) = (quoted(&table.name), quoted(by), quoted(index));
        let id = table.rowid.unwrap_or("rowid");
        let list = list.replacen('0', id, 1);
        let sql = format!("SELECT {list} FROM {name} INDEXED BY {index} WHERE {by} = ?1 ORDER BY {id}");
        // An index that SQLite will not use for this is none.
        Ok(self.connection.prepare(&sql).ok().map(|statement| Indexed { database: self, table, statement, places }))
    }
}

impl Lookup<'_> {
    /// Whether there is nothing to be found at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            None => true,
            Some(Kind::Listed(keys, _)) => keys.is_empty(),
            Some(_) => false,
        }
    }

    /// The rows that belong to `key`, by row id, at most [`ROWS`]. What cannot be read is a finding.
    ///
    /// # Errors
    /// Those of `visit`; the spool cannot be read.
    pub fn rows(&mut self, key: i64, visit: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        match &mut self.0 {
            None => Ok(()),
            Some(Kind::Id(fetch)) => fetch.row(key, visit).map(drop),
            Some(Kind::Listed(keys, fetch)) => {
                let start = keys.partition_point(|(k, _)| *k < key);
                let of_key = keys.get(start..).unwrap_or_default().iter().take_while(|(k, _)| *k == key);
                for (at, (_, id)) in of_key.enumerate() {
                    if at == ROWS {
                        beyond(fetch.database, fetch.table, key);
                        break;
                    }
                    fetch.row(*id, visit)?;
                }
                Ok(())
            }
            Some(Kind::Index(indexed)) => indexed.rows(key, visit),
        }
    }

    /// The first row that belongs to `key`, as `read` understands it.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn first<T>(&mut self, key: i64, mut read: impl FnMut(&Row<'_>) -> Option<T>) -> Result<Option<T>> {
        let mut first = None;
        self.rows(key, &mut |row| {
            if first.is_none() {
                first = read(row);
            }
            Ok(())
        })?;
        Ok(first)
    }
}

impl Indexed<'_> {
    fn rows(&mut self, key: i64, visit: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let watch = &self.database.watch;
        let damaged = |error: rusqlite::Error| -> Result<()> {
            let why = format!("{}; rows that belong to {key} may be lost", judge(&error)?);
            self.database.damaged(&self.table.name, None, why);
            Ok(())
        };
        let mut rows = match self.statement.query([key]) {
            Ok(rows) => rows,
            Err(error) => return damaged(error),
        };
        for at in 0..=ROWS {
            match watch.step(|| rows.next()) {
                Ok(Some(_)) if at == ROWS => beyond(self.database, self.table, key),
                Ok(Some(row)) => {
                    let id = row.get(0).unwrap_or_default();
                    visit(&Row::new(row, &self.places, id))?;
                }
                Ok(None) => return Ok(()),
                Err(error) => return damaged(error),
            }
        }
        Ok(())
    }
}

/// Says that not all rows of a key were read.
fn beyond(database: &Database, table: &Table, key: i64) {
    let why = format!("more than {ROWS} rows belong to {key}; the others are not read");
    database.damaged(&table.name, None, why);
}
