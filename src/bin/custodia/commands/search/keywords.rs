//! `search --keywords-file`: one row of counts for each line of the file, as a table or as CSV.

use crate::commands::session::Session;
use crate::{sanitize, table::Table};
use custodia::archive::{ConditionRow, StatisticsReport};
use custodia::{Error, ErrorKind, Result};

/// The rows as a table.
pub fn table<'a>(rows: impl Iterator<Item = &'a ConditionRow>, session: &Session) -> Result<()> {
    let mut table =
        Table::new(&[">LINE", "~CONDITION", "?>MAILBOXES", ">ITEMS", ">MESSAGES", "?>UNIQUE MESSAGES", "?>SIZE"]);
    for row in rows {
        let [locations, items, messages, unique, bytes] = super::statistics::cells(row);
        table.row([
            row.line.map(|line| line.to_string()).unwrap_or_default(),
            row.condition.clone(),
            locations,
            items,
            messages,
            unique,
            bytes,
        ]);
    }
    session.printer.table(&table)
}

/// The rows as CSV, in the words of Purview's condition report. Cells cannot become formulas.
pub fn csv(report: &StatisticsReport, session: &Session) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let heading = ["Line", "Condition", "Locations with hits", "Items", "Messages", "Unique messages", "Size (bytes)"];
    writer.write_record(heading).map_err(failed)?;
    for row in report.conditions.iter().filter(|row| row.part == "keyword") {
        let line = row.line.map(|line| line.to_string()).unwrap_or_default();
        let numbers = [row.locations, row.items, row.messages, row.unique, row.bytes].map(|n| n.to_string());
        let cells = [line, sanitize::cell(&row.condition)].into_iter().chain(numbers);
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.into_error().into()))?;
    session.printer.raw(&bytes)
}

fn failed(error: csv::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write the report: {error}")).with_source(error)
}
