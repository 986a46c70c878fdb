//! Rows of `CallHistory.sqlite`, as they stand there, and what belongs to them.
//!
//! Contract: names of columns that Core Data numbers (`Z1CALLEVENTS`, `Z1PARTICIPANTS`) are found by looking. Participants belong
//! to the aggregate of an event, or to the event itself: the number in the column's name is that of the table's entity.

use super::{jid::Jid, metadata::is_stanza, names};
use crate::{
    Result,
    source::sqlite::{Database, Lookup, Order, Row},
};
use std::collections::BTreeMap;

/// Which table a call stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `ZWACDCALLEVENT`: a call that was.
    Event,
    /// `ZWAJOINABLECALLEVENT`: a call that could be joined.
    Joinable,
}

impl Kind {
    /// The table.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Event => "ZWACDCALLEVENT",
            Self::Joinable => "ZWAJOINABLECALLEVENT",
        }
    }

    fn participants(self) -> &'static str {
        match self {
            Self::Event => "ZWACDCALLEVENTPARTICIPANT",
            Self::Joinable => "ZWAJOINABLECALLEVENTPARTICIPANT",
        }
    }

    /// The columns, in the order in which [`CallRecord::read`] takes them; all but the first five are kept as they are.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Event => &[
                "Z_ENT",
                "ZDATE",
                "ZDURATION",
                "Z1CALLEVENTS",
                "ZCALLIDSTRING",
                "ZOUTCOME",
                "ZGROUPJIDSTRING",
                "ZGROUPCALLCREATORUSERJIDSTRING",
                "ZBYTESRECEIVED",
                "ZBYTESSENT",
                "ZSCHEDULEDID",
            ],
            Self::Joinable => &[
                "Z_ENT",
                "ZDATE",
                "ZDURATION",
                "ZVIDEO",
                "ZCALLIDSTRING",
                "ZCURRENTOUTCOME",
                "ZGROUPJIDSTRING",
                "ZCALLCREATORJIDSTRING",
                "ZFROMJIDSTRING",
                "ZPREVIOUSOUTCOME",
                "ZISRERING",
                "ZLINKTOKEN",
                "ZSCHEDULEDID",
            ],
        }
    }
}

/// A call.
#[derive(Clone, Debug)]
pub struct CallRecord {
    /// Its table.
    pub kind: Kind,
    /// `Z_PK`.
    pub row: i64,
    /// `ZDATE`.
    pub date: Option<f64>,
    /// `ZDURATION`.
    pub seconds: Option<u64>,
    /// `ZCALLIDSTRING`.
    pub id: Option<String>,
    /// `ZOUTCOME`, `ZCURRENTOUTCOME`.
    pub outcome: Option<i64>,
    /// The group that was called.
    pub group: Option<String>,
    /// Who called the group.
    pub creator: Option<String>,
    /// Whether the owner was called.
    pub incoming: Option<bool>,
    /// Whether it was missed.
    pub missed: bool,
    /// Whether it had a picture.
    pub video: Option<bool>,
    /// Addresses of the others, with a code of the source each.
    pub others: Vec<(String, Option<i64>)>,
    /// Values that are kept as they are.
    pub raw: BTreeMap<String, String>,
    entity: Option<i64>,
    link: Option<i64>,
}

impl CallRecord {
    fn read(kind: Kind, row: &Row<'_>, columns: &[&str]) -> Self {
        let mut raw = BTreeMap::new();
        for (at, name) in columns.iter().enumerate().skip(4) {
            if let Some(value) = row.words(at) {
                raw.insert((*name).to_owned(), names::bounded(&value));
            }
        }
        Self {
            kind,
            row: row.id(),
            date: row.real(1),
            seconds: row.real(2).filter(|n| (0.0..1e9).contains(n)).map(|n| n.round() as u64),
            id: row.words(4).filter(|id| is_stanza(id)),
            outcome: row.int(5),
            group: row.words(6).filter(|group| Jid::parse(group).is_some()),
            creator: row.words(7).filter(|creator| Jid::parse(creator).is_some()),
            incoming: None,
            missed: false,
            video: (kind == Kind::Joinable).then(|| row.int(3)).flatten().map(|n| n != 0),
            others: Vec::new(),
            raw,
            entity: row.int(0),
            link: row.int(3),
        }
    }
}

/// Reads calls one by one.
#[derive(Debug)]
pub struct History<'db> {
    database: &'db Database,
    aggregates: Lookup<'db>,
    parties: Parties<'db>,
    joinable_parties: Parties<'db>,
    aggregate_column: String,
}

#[derive(Debug)]
struct Parties<'db> {
    lookup: Lookup<'db>,
    /// The entity whose rows they belong to.
    entity: Option<i64>,
}

impl<'db> History<'db> {
    /// Prepares it.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn new(database: &'db Database) -> Result<Self> {
        let columns = ["ZINCOMING", "ZMISSED", "ZVIDEO", "ZMISSEDREASON"];
        Ok(Self {
            database,
            aggregates: database.lookup("ZWAAGGREGATECALLEVENT", &columns, "Z_PK")?,
            parties: Parties::new(database, Kind::Event, "ZOUTCOME")?,
            joinable_parties: Parties::new(database, Kind::Joinable, "ZJOINED")?,
            aggregate_column: numbered(database, Kind::Event.table(), "CALLEVENTS").unwrap_or_default(),
        })
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &'db Database {
        self.database
    }

    /// Every call of one table, by time.
    ///
    /// # Errors
    /// Those of `visit`; the spool cannot be read.
    pub fn each(&mut self, kind: Kind, visit: &mut dyn FnMut(CallRecord) -> Result<()>) -> Result<()> {
        let columns = self.columns(kind);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let database = self.database;
        database.select(kind.table(), &columns, Order::By("ZDATE"), &mut |row| {
            let mut record = CallRecord::read(kind, row, &columns);
            self.complete(&mut record)?;
            visit(record)
        })
    }

    fn columns(&self, kind: Kind) -> Vec<String> {
        let mut columns: Vec<String> = kind.columns().iter().map(|name| (*name).to_owned()).collect();
        if kind == Kind::Event
            && let Some(column) = columns.get_mut(3)
        {
            column.clone_from(&self.aggregate_column);
        }
        columns
    }

    /// Adds the aggregate and the participants.
    fn complete(&mut self, record: &mut CallRecord) -> Result<()> {
        if record.kind == Kind::Joinable {
            return self.joinable_parties.of(record.row, &mut record.others);
        }
        if let Some(aggregate) = record.link {
            self.aggregates.rows(aggregate, &mut |row| {
                record.incoming = row.int(0).map(|n| n != 0);
                record.missed = row.int(1).is_some_and(|n| n != 0);
                record.video = row.int(2).map(|n| n != 0);
                for (at, name) in ["ZINCOMING", "ZMISSED", "ZVIDEO", "ZMISSEDREASON"].into_iter().enumerate() {
                    if let Some(value) = row.words(at) {
                        record.raw.insert(name.to_owned(), value);
                    }
                }
                Ok(())
            })?;
        }
        let own = record.entity.is_some() && record.entity == self.parties.entity;
        match (own, record.link) {
            (false, Some(aggregate)) => self.parties.of(aggregate, &mut record.others),
            _ => self.parties.of(record.row, &mut record.others),
        }
    }
}

impl<'db> Parties<'db> {
    fn new(database: &'db Database, kind: Kind, code: &str) -> Result<Self> {
        let column = numbered(database, kind.participants(), "PARTICIPANTS").unwrap_or_default();
        let entity = column.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok();
        Ok(Self { lookup: database.lookup(kind.participants(), &["ZJIDSTRING", code], &column)?, entity })
    }

    fn of(&mut self, key: i64, others: &mut Vec<(String, Option<i64>)>) -> Result<()> {
        self.lookup.rows(key, &mut |row| {
            if let Some(address) = row.words(0).filter(|address| Jid::parse(address).is_some())
                && !others.iter().any(|(known, _)| *known == address)
            {
                others.push((address, row.int(1)));
            }
            Ok(())
        })
    }
}

/// The column `Z<number><name>` of a table.
fn numbered(database: &Database, table: &str, name: &str) -> Option<String> {
    database.table(table)?.columns.iter().find(|column| is_numbered(column, name)).cloned()
}

fn is_numbered(column: &str, name: &str) -> bool {
    let number = column.strip_prefix('Z').and_then(|rest| rest.strip_suffix(name));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_columns_are_told_from_their_ordering_keys() {
        assert!(is_numbered("Z1CALLEVENTS", "CALLEVENTS") && is_numbered("Z12CALLEVENTS", "CALLEVENTS"));
        assert!(!is_numbered("Z_FOK_1CALLEVENTS", "CALLEVENTS") && !is_numbered("ZCALLEVENTS", "CALLEVENTS"));
    }
}
