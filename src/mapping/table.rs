//! A table as spreadsheets save it: UTF-8 with or without a byte order mark, comma, semicolon or tab, quoted fields, any line
//! end. Headers are matched in any case with runs of white space collapsed.

use crate::{Error, ErrorKind, Result};

/// A table with its header.
pub(super) struct Table {
    /// Lower case, white space collapsed.
    pub header: Vec<String>,
    /// Rows that are not empty, with their line from 1.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads a table. `what` and `template` are for the messages.
    pub fn read(bytes: &[u8], what: &str, template: &str) -> Result<Self> {
        let config = |message: String, hint: &str| Error::new(ErrorKind::Config, message).with_hint(hint);
        let save_as = "save it as \"CSV UTF-8\" and try again";
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(400).any(|b| *b == 0) {
            return Err(config(format!("the {what} is UTF-16, not UTF-8"), save_as));
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(config(format!("the {what} is a workbook, not a CSV file"), save_as));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes.iter().take(e.valid_up_to()).filter(|b| **b == b'\n').count() + 1;
            config(format!("the {what} is not UTF-8 (line {line})"), save_as)
        })?;
        // Excel tells itself the delimiter in a first line `sep=;`.
        let first = text.lines().next().unwrap_or_default();
        let told = first.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("sep="));
        let (skipped, body) = if told { (1, text.split_once('\n').map_or("", |(_, rest)| rest)) } else { (0, text) };
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter(body))
            .has_headers(false)
            .flexible(true)
            .trim(::csv::Trim::All)
            .from_reader(body.as_bytes());
        let mut table = Self { header: Vec::new(), rows: Vec::new() };
        let mut lines = Lines { text: body.as_bytes(), at: 0, line: 1 + skipped };
        for record in reader.records() {
            let record = record.map_err(|e| config(format!("the {what} cannot be read: {e}"), template))?;
            let begin = record.position().map_or(0, ::csv::Position::byte);
            let line = lines.of(usize::try_from(begin).unwrap_or(usize::MAX));
            let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if table.header.is_empty() {
                table.header = cells.iter().map(|cell| collapse(cell)).collect();
            } else {
                table.rows.push((line, cells));
            }
        }
        if table.header.is_empty() {
            return Err(config(format!("the {what} is empty"), &format!("it begins with a header line:\n{template}")));
        }
        Ok(table)
    }

    /// The column with one of these headers.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.header.iter().position(|header| names.contains(&header.as_str()))
    }
}

/// Counts lines on the way through a text. The CSV reader's own count is one short where lines end with CR LF: for it
/// a record begins between the two.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte at or after `begin` that ends no line.
    fn of(&mut self, begin: usize) -> u64 {
        while let Some(byte) = self.text.get(self.at) {
            let ends = matches!(byte, b'\n' | b'\r');
            if self.at >= begin && !ends {
                break;
            }
            // CR LF is one end, counted at its LF.
            let lone = *byte == b'\r' && self.text.get(self.at + 1) != Some(&b'\n');
            self.line += u64::from(*byte == b'\n' || lone);
            self.at += 1;
        }
        self.line
    }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The delimiter that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |d: u8| line.bytes().filter(|b| *b == d).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// The cell at `column`; empty if the row is short.
pub(super) fn cell(cells: &[String], column: usize) -> &str {
    cells.get(column).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let csv = ["number,email", "1,a", "", "\"2", "2\",b", "3,c", ""].join(end);
            let table = Table::read(csv.as_bytes(), "file", "").unwrap();
            let lines: Vec<u64> = table.rows.iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [2, 4, 6], "{end:?}");
        }
        let told = Table::read(b"sep=;\r\na;b\r\n1;2\r\n", "file", "").unwrap();
        assert_eq!(told.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3]);
    }
}
