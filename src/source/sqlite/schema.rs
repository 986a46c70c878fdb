//! What tables a database has, found by looking.

use super::{quoted, watch::Watch};
use rusqlite::{Connection, types::ValueRef};
use std::{collections::BTreeMap, time::Duration};

/// Tables and views that are looked at. WhatsApp has fewer than 400.
const OBJECTS: usize = 10_000;

/// A plain table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its name as the schema writes it.
    pub name: String,
    /// Its columns as the schema writes them. Generated columns are not among them: they are SQL of the database.
    pub columns: Vec<String>,
    /// The name by which the row id can be asked for; `None` in a table without one.
    pub(super) rowid: Option<&'static str>,
    /// The column that is the row id.
    pub(super) key: Option<String>,
    /// Names of columns → an index that begins with it, by lower case.
    pub(super) indexes: BTreeMap<String, String>,
}

impl Table {
    /// Whether it has this column. Case does not matter, as in SQL.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name.eq_ignore_ascii_case(column))
    }

    /// Whether this column is the row id.
    pub(super) fn is_key(&self, column: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.eq_ignore_ascii_case(column))
    }
}

/// All tables, and what stands in the place of one.
#[derive(Debug, Default)]
pub struct Schema {
    tables: BTreeMap<String, Table>,
    refused: BTreeMap<String, &'static str>,
}

impl Schema {
    /// Reads it. `lenient`: as far as it can be read.
    pub fn read(connection: &Connection, watch: &Watch, lenient: bool) -> rusqlite::Result<Self> {
        connection.busy_timeout(Duration::ZERO)?;
        let mut schema = Self::default();
        let mut names = Vec::new();
        let mut statement = watch.step(|| connection.prepare("SELECT type, name, sql FROM sqlite_master"))?;
        let mut rows = statement.query([])?;
        loop {
            let row = match watch.step(|| rows.next()) {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(_) if lenient => break,
                Err(error) => return Err(error),
            };
            let text = |i| match row.get_ref(i) {
                Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
                _ => String::new(),
            };
            let (kind, name, sql) = (text(0), text(1), text(2));
            match kind.as_str() {
                "table" if is_virtual(&sql) => schema.refuse(&name, "a virtual table, not a table; not read"),
                "table" if names.len() < OBJECTS => names.push(name),
                "view" => schema.refuse(&name, "a view, not a table; not read"),
                _ => {}
            }
        }
        drop(rows);
        for name in names {
            let table = match watch.step(|| describe(connection, &name)) {
                Ok(table) => table,
                Err(_) if lenient => continue,
                Err(error) => return Err(error),
            };
            schema.tables.insert(name.to_ascii_lowercase(), table);
        }
        Ok(schema)
    }

    /// Whether no table has a column that can be read.
    pub fn is_empty(&self) -> bool {
        self.tables.values().all(|table| table.columns.is_empty())
    }

    fn refuse(&mut self, name: &str, why: &'static str) {
        if self.refused.len() < OBJECTS {
            self.refused.insert(name.to_ascii_lowercase(), why);
        }
    }

    /// A table, or why what has this name is none.
    pub fn table(&self, name: &str) -> (Option<&Table>, Option<&'static str>) {
        let name = name.to_ascii_lowercase();
        (self.tables.get(&name), self.refused.get(&name).copied())
    }
}

fn is_virtual(sql: &str) -> bool {
    let mut words = sql.split_ascii_whitespace();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"))
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case("virtual"))
}

fn describe(connection: &Connection, name: &str) -> rusqlite::Result<Table> {
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let (mut keys, mut integer) = (Vec::new(), false);
    // name, type, place in the primary key, hidden or generated
    let mut columns = connection.prepare(&format!("PRAGMA table_xinfo({})", quoted(name)))?;
    let mut rows = columns.query([])?;
    while let Some(row) = rows.next()? {
        let (column, kind): (String, String) = (row.get(1)?, row.get(2)?);
        let (place, hidden): (i64, i64) = (row.get(5)?, row.get(6)?);
        if place > 0 {
            integer = kind.eq_ignore_ascii_case("integer");
            keys.push(column.clone());
        }
        if hidden == 0 {
            table.columns.push(column);
        }
    }
    table.rowid = ["rowid", "_rowid_", "oid"].into_iter().find(|name| !table.has(name));
    if let Some(rowid) = table.rowid {
        // Compiled, never run: a table without row ids refuses the name.
        if connection.prepare(&format!("SELECT {rowid} FROM {}", quoted(name))).is_err() {
            table.rowid = None;
        }
    }
    if let [key] = keys.as_slice()
        && integer
        && table.rowid.is_some()
    {
        table.key = Some(key.clone());
    }
    indexes(connection, &mut table)?;
    Ok(table)
}

fn indexes(connection: &Connection, table: &mut Table) -> rusqlite::Result<()> {
    let mut list = connection.prepare(&format!("PRAGMA index_list({})", quoted(&table.name)))?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        let (index, partial): (String, i64) = (row.get(1)?, row.get(4)?);
        let mut info = connection.prepare(&format!("PRAGMA index_info({})", quoted(&index)))?;
        // An expression has no name.
        let first = info.query([])?.next()?.and_then(|row| row.get::<_, Option<String>>(2).ok().flatten());
        if let Some(column) = first
            && partial == 0
        {
            table.indexes.entry(column.to_ascii_lowercase()).or_insert(index);
        }
    }
    Ok(())
}
