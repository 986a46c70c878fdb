//! Whole tables, row by row, in an order.
//!
//! The ids (and keys) of all rows are listed first, then each row is fetched by its id: so a row that is damaged or too
//! large is lost alone, and no sorter of SQLite holds texts in memory or in a temporary file.

use super::{Database, Row, Table, judge, quoted};
use crate::Result;
use rusqlite::{Statement, types::ValueRef};

/// In which order rows are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// By row id.
    Id,
    /// By a column, then by row id. Rows that have no number there come first. A missing column: by row id.
    By(&'a str),
}

impl Database {
    /// Every row of a table in order, one at a time. `columns` that the table lacks are null; a table that is missing has
    /// no rows. What cannot be read is a finding.
    ///
    /// # Errors
    /// Those of `visit`; the spool cannot be read.
    pub fn select(
        &self,
        table: &str,
        columns: &[&str],
        order: Order<'_>,
        visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(table) = self.table(table) else { return Ok(()) };
        if table.rowid.is_none() {
            return self.scan(table, columns, visit);
        }
        let ids = self.ids(table, order)?;
        let Some(mut fetch) = Fetch::prepare(self, table, columns)? else { return Ok(()) };
        for id in ids {
            fetch.row(id, visit)?;
        }
        Ok(())
    }

    /// How many rows a table has, as far as they can be listed.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn count(&self, table: &str) -> Result<u64> {
        let Some(table) = self.table(table) else { return Ok(0) };
        let mut count = 0;
        if table.rowid.is_some() {
            self.list(table, None, &mut |_, _| count += 1)?;
        } else {
            self.scan(table, &[], &mut |_| {
                count += 1;
                Ok(())
            })?;
        }
        Ok(count)
    }

    /// The number in a column of every row, by row id; rows without one are left out.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn numbers(&self, table: &str, column: &str, each: &mut dyn FnMut(f64)) -> Result<()> {
        let Some(table) = self.table(table).filter(|table| table.has(column) && table.rowid.is_some()) else {
            return Ok(());
        };
        self.list(table, Some(column), &mut |_, number| {
            if number.is_finite() {
                each(number);
            }
        })
    }

    /// The ids of all rows, in order.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn ids(&self, table: &Table, order: Order<'_>) -> Result<Vec<i64>> {
        let key = match order {
            Order::By(column) if table.has(column) && !table.is_key(column) => Some(column),
            _ => None,
        };
        if key.is_none() {
            let mut ids = Vec::new();
            self.list(table, None, &mut |id, _| ids.push(id))?;
            return Ok(ids);
        }
        let mut keyed = Vec::new();
        self.list(table, key, &mut |id, key| keyed.push((key, id)))?;
        keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Ok(keyed.into_iter().map(|(_, id)| id).collect())
    }

    /// Lists ids and keys by ascending id. Behind damage it goes on from the other end.
    pub(super) fn list(&self, table: &Table, key: Option<&str>, each: &mut dyn FnMut(i64, f64)) -> Result<()> {
        let (last, Some(why)) = self.walk(table, key, None, each)? else { return Ok(()) };
        let mut tail = Vec::new();
        let from = last.unwrap_or(i64::MIN);
        let (first, _) = self.walk(table, key, Some(from), &mut |id, key| tail.push((id, key)))?;
        for (id, key) in tail.into_iter().rev() {
            each(id, key);
        }
        let end = |id: Option<i64>, none: &str| id.map_or_else(|| none.to_owned(), |id| id.to_string());
        let why = format!("{why}; rows between {} and {} are lost", end(last, "the first"), end(first, "the last"));
        self.damaged(&table.name, last, why);
        Ok(())
    }

    /// One walk: upwards, or down to an id. Gives the id it ended at and why, if it did not come to its end.
    fn walk(
        &self,
        table: &Table,
        key: Option<&str>,
        down_to: Option<i64>,
        each: &mut dyn FnMut(i64, f64),
    ) -> Result<(Option<i64>, Option<String>)> {
        let rowid = table.rowid.unwrap_or("rowid");
        let key = key.map_or_else(|| "0".to_owned(), quoted);
        let from = quoted(&table.name);
        let order = if down_to.is_some() { "DESC" } else { "ASC" };
        let sql = format!("SELECT {rowid}, {key} FROM {from} NOT INDEXED ORDER BY {rowid} {order}");
        let mut last: Option<i64> = None;
        let ended = (|| {
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = self.watch.step(|| rows.next())? {
                let id = row.get::<_, i64>(0)?;
                if down_to.is_some_and(|end| id <= end) {
                    return Ok(None);
                }
                // A tree whose pages lead to each other would never end.
                if last.is_some_and(|last| if down_to.is_some() { id >= last } else { id <= last }) {
                    return Ok(Some("rows are out of order".to_owned()));
                }
                last = Some(id);
                each(id, number(row.get_ref(1)?));
            }
            Ok(None)
        })();
        match ended {
            Ok(why) => Ok((last, why)),
            Err(error) => judge(&error).map(|why| (last, Some(why))),
        }
    }

    /// The rows of a table that has no row ids, as they come.
    fn scan(&self, table: &Table, columns: &[&str], visit: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let (list, places) = wanted(table, columns);
        let sql = format!("SELECT {list} FROM {} LIMIT {ROWS_WITHOUT_ID}", quoted(&table.name));
        let mut statement = match self.connection.prepare(&sql) {
            Ok(statement) => statement,
            Err(error) => return judge(&error).map(|why| self.damaged(&table.name, None, why)),
        };
        let mut rows = statement.raw_query();
        loop {
            match self.watch.step(|| rows.next()) {
                Ok(Some(row)) => visit(&Row::new(row, &places, 0))?,
                Ok(None) => return Ok(()),
                Err(error) => return judge(&error).map(|why| self.damaged(&table.name, None, why)),
            }
        }
    }
}

/// Rows that are read of a table without row ids, where nothing shows that pages lead in a circle.
const ROWS_WITHOUT_ID: u32 = 10_000_000;

#[allow(clippy::cast_precision_loss)]
fn number(value: ValueRef<'_>) -> f64 {
    match value {
        ValueRef::Integer(n) => n as f64,
        ValueRef::Real(n) => n,
        ValueRef::Text(text) => {
            std::str::from_utf8(text).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(f64::NEG_INFINITY)
        }
        ValueRef::Null | ValueRef::Blob(_) => f64::NEG_INFINITY,
    }
}

/// The columns that there are, as SQL, and where each wanted one stands.
pub(super) fn wanted(table: &Table, columns: &[&str]) -> (String, Vec<Option<usize>>) {
    let (mut list, mut places) = (String::from("0"), Vec::new());
    let mut next = 1;
    for column in columns {
        if table.has(column) {
            list.push(',');
            list.push_str(&quoted(column));
            places.push(Some(next));
            next += 1;
        } else {
            places.push(None);
        }
    }
    (list, places)
}

/// Fetches rows of one table by their ids.
#[derive(Debug)]
pub(super) struct Fetch<'db> {
    pub(super) database: &'db Database,
    pub(super) table: &'db Table,
    statement: Statement<'db>,
    places: Vec<Option<usize>>,
}

impl<'db> Fetch<'db> {
    /// `None` (and a finding) if the table cannot be asked.
    pub fn prepare(database: &'db Database, table: &'db Table, columns: &[&str]) -> Result<Option<Self>> {
        let (list, places) = wanted(table, columns);
        let Some(rowid) = table.rowid else { return Ok(None) };
        let sql = format!("SELECT {list} FROM {} NOT INDEXED WHERE {rowid} = ?1", quoted(&table.name));
        match database.connection.prepare(&sql) {
            Ok(statement) => Ok(Some(Self { database, table, statement, places })),
            Err(error) => judge(&error).map(|why| {
                database.damaged(&table.name, None, why);
                None
            }),
        }
    }

    /// One row; nothing if there is none. A row that cannot be read is a finding; returns whether it could.
    pub fn row(&mut self, id: i64, visit: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<bool> {
        let watch = &self.database.watch;
        let found = self.statement.query([id]).map(|mut rows| match watch.step(|| rows.next()) {
            Ok(Some(row)) => Ok(visit(&Row::new(row, &self.places, id))),
            Ok(None) => Ok(Ok(())),
            Err(error) => Err(error),
        });
        match found.and_then(|inner| inner) {
            Ok(visited) => visited.map(|()| true),
            Err(error) => {
                self.database.damaged(&self.table.name, Some(id), judge(&error)?);
                Ok(false)
            }
        }
    }
}
