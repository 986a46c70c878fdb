//! CSV: RFC 4180, UTF-8 without a byte order mark, CRLF, every spreadsheet formula disarmed.

use std::{borrow::Cow, fmt, io::Write};

/// A CSV file that is being written.
pub struct Table<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> fmt::Debug for Table<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}

impl<W: Write> Table<W> {
    /// Begins a table with its header.
    ///
    /// # Errors
    /// Writing failed.
    pub fn new(out: W, header: &[&str]) -> csv::Result<Self> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(header)?;
        Ok(Self { writer })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Another number of cells than the header has; writing failed.
    pub fn row(&mut self, cells: &[String]) -> csv::Result<()> {
        self.writer.write_record(cells.iter().map(|cell| guard(cell).into_owned()))
    }

    /// Ends the table.
    ///
    /// # Errors
    /// Writing failed.
    pub fn finish(self) -> std::io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Puts an apostrophe in front of a cell that a spreadsheet would take for a formula.
#[must_use]
pub fn guard(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_disarmed_and_everything_comes_back() {
        let mut table = Table::new(Vec::new(), &["a", "b"]).unwrap();
        let rows = [["=1+1", "say \"hi\",\r\nthere"], ["+447700900101", "@x"], ["plain", "-2"], ["", "żółw"]];
        for row in rows {
            table.row(&row.map(str::to_owned)).unwrap();
        }
        let bytes = table.finish().unwrap();
        assert!(bytes.starts_with(b"a,b\r\n'=1+1,"));
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        let back: Vec<Vec<String>> = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(back[0], ["'=1+1", "say \"hi\",\r\nthere"]);
        assert_eq!(back[1], ["'+447700900101", "'@x"]);
        assert_eq!(back[2], ["plain", "'-2"]);
        assert_eq!(back[3], ["", "żółw"]);
    }
}
