//! Tables and key-value blocks: aligned whatever script a cell is written in.
//!
//! Contract: widths are those of terminal columns (East Asian wide characters count two, marks and isolates none). On a
//! terminal a table is wrapped to its width; elsewhere nothing is wrapped. Cells are made harmless here, so that no
//! caller can forget it.

use crate::sanitize;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table as Grid, presets};
use unicode_width::UnicodeWidthStr;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table that is being filled.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; one that begins with `>` is of numbers.
    pub fn new(headings: &[&str]) -> Self {
        let column = |heading: &&str| match heading.strip_prefix('>') {
            Some(heading) => (heading.to_owned(), Align::Right),
            None => ((*heading).to_owned(), Align::Left),
        };
        Self { columns: headings.iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(|cell| sanitize::line(cell.as_ref())).collect());
    }

    /// The table as text, every line ended; `width` in terminal columns, `None` for as wide as it gets.
    pub fn render(&self, width: Option<u16>) -> String {
        let mut grid = Grid::new();
        grid.load_preset(presets::NOTHING);
        match width {
            Some(width) => grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => grid.set_content_arrangement(ContentArrangement::Disabled),
        };
        grid.add_row(self.columns.iter().map(|(heading, align)| cell(heading, *align)));
        for row in &self.rows {
            let aligns = self.columns.iter().map(|(_, align)| *align).chain(std::iter::repeat(Align::Left));
            grid.add_row(row.iter().zip(aligns).map(|(text, align)| cell(text, align)));
        }
        let mut out = String::new();
        for line in grid.lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(text).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}

/// A block of names and values, two spaces in, the values under each other. Lines of a value stay under it.
pub fn block<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let widest = pairs.iter().map(|(key, _)| key.as_ref().width()).max().unwrap_or(0);
    let mut out = String::new();
    for (key, value) in pairs {
        let pad = widest - key.as_ref().width();
        let value = sanitize::block(value.as_ref());
        let mut lines = value.split('\n');
        let first = format!("  {}{}   {}", key.as_ref(), " ".repeat(pad), lines.next().unwrap_or(""));
        out.push_str(first.trim_end());
        out.push('\n');
        for line in lines {
            out.push_str(format!("  {}   {line}", " ".repeat(widest)).trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terminal column at which `needle` begins in each line that has it.
    fn columns(text: &str, needle: &str) -> Vec<usize> {
        text.lines().filter_map(|line| line.split_once(needle)).map(|(before, _)| before.width()).collect()
    }

    #[test]
    fn columns_are_aligned_in_every_script() {
        let mut table = Table::new(&["NAME", ">MESSAGES", "END"]);
        for name in ["Ana Ruiz", "陳林", "أحمد", "नेहा", "Zoë 👩\u{200d}🚀", "\u{1b}[31mred", "e\u{301}"]
        {
            table.row([name, "12,000", "|x"]);
        }
        let text = table.render(None);
        let at = columns(&text, "|x");
        assert_eq!(at.len(), 7, "{text}");
        assert!(at.iter().all(|column| Some(column) == at.first()), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn numbers_are_aligned_right_and_lines_end_without_blanks() {
        let mut table = Table::new(&["NAME", ">N"]);
        table.row(["a", "1"]);
        table.row(["bbb", "1,000"]);
        assert_eq!(table.render(None), " NAME      N\n a         1\n bbb   1,000\n");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let mut table = Table::new(&["ID", "TEXT"]);
        table.row(["m_7f3ac21e", &"word ".repeat(60)]);
        assert!(table.render(Some(60)).lines().all(|line| line.width() <= 60));
    }

    #[test]
    fn values_stand_under_each_other() {
        assert_eq!(
            block(&[("id", "arc_1"), ("display zone", "UTC\nsecond")]),
            "  id             arc_1\n  display zone   UTC\n                 second\n"
        );
    }
}
