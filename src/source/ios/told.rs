//! What databases notice, told to the visitor: once, and as lost records where records were lost.
//!
//! Contract: damage in a table of messages or calls is a record that cannot be imported, so that all records are accounted for;
//! everything else is a remark. The same thing is not said twice, however often its table is asked.

use super::{call_history::Kind, read::MESSAGES};
use crate::{
    Result,
    model::{Code, Finding},
    source::{
        phone::{PhoneRead, Visit},
        sqlite::Database,
    },
};
use std::collections::HashSet;

/// Findings that are remembered so that they are not told again.
const REMEMBERED: usize = 100_000;

/// What was told before.
#[derive(Debug, Default)]
pub struct Told(HashSet<(Code, String, Option<u64>, String)>);

impl Told {
    /// Tells what a database noticed.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn tell(&mut self, database: &Database, visit: Visit<'_>) -> Result<()> {
        database.take_findings().into_iter().try_for_each(|finding| self.say(finding, visit))
    }

    /// Tells one thing, unless it was told before.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn say(&mut self, finding: Finding, visit: Visit<'_>) -> Result<()> {
        if self.is_new(&finding) { visit(read(finding)) } else { Ok(()) }
    }

    fn is_new(&mut self, finding: &Finding) -> bool {
        // A row is lost once, whichever question met it.
        let detail = if is_record(finding) && finding.place.line.is_some() { "" } else { &finding.detail };
        let key = (finding.code, finding.place.to_string(), finding.place.line, detail.to_owned());
        if self.0.len() < REMEMBERED { self.0.insert(key) } else { !self.0.contains(&key) }
    }
}

fn read(finding: Finding) -> PhoneRead {
    if !is_record(&finding) {
        return PhoneRead::Noticed(finding);
    }
    let table = finding.place.entry.as_deref().unwrap_or_default();
    let item = match finding.place.line {
        Some(row) => format!("{table} {row}"),
        None => table.to_owned(),
    };
    PhoneRead::NotReadable { finding, item }
}

/// Whether a record is lost.
fn is_record(finding: &Finding) -> bool {
    let tables = [MESSAGES, Kind::Event.table(), Kind::Joinable.table()];
    let entry = finding.place.entry.as_deref();
    finding.code == Code::DatabaseDamaged && entry.is_some_and(|entry| tables.contains(&entry))
}
