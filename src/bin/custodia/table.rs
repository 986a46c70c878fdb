//! Tables and key-value blocks: aligned whatever script a cell is written in.
//!
//! Contract: widths are those of terminal columns (East Asian wide characters count two, marks and isolates none). On a
//! terminal a table is wrapped to its width; elsewhere nothing is wrapped. Cells are made harmless here, so that no
//! caller can forget it.

use crate::sanitize;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table as Grid, presets};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// What becomes of a column where the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Give {
    /// Nothing: an id, a date, a number. Its cells are broken only in a table that has no column that gives way.
    Never,
    /// It is shortened, and left out when hardly anything would be left of it.
    Shrinks,
    /// It is left out.
    Goes,
}

#[derive(Clone, Debug)]
struct Column {
    heading: String,
    align: Align,
    give: Give,
}

/// Columns of a shortened column below which it is left out.
const LEAST: usize = 10;
/// Columns between two columns of a table, and around it.
const BLANKS: usize = 2;

/// A table that is being filled.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; one that begins with `>` is of numbers. Before that, `~` says that a narrow terminal
    /// shortens the column, `?` that it leaves it out, the last one first.
    pub fn new(headings: &[&str]) -> Self {
        let column = |heading: &&str| {
            let (give, heading) = match (heading.strip_prefix('~'), heading.strip_prefix('?')) {
                (Some(rest), _) => (Give::Shrinks, rest),
                (_, Some(rest)) => (Give::Goes, rest),
                _ => (Give::Never, *heading),
            };
            let (align, heading) =
                heading.strip_prefix('>').map_or((Align::Left, heading), |heading| (Align::Right, heading));
            Column { heading: heading.to_owned(), align, give }
        };
        Self { columns: headings.iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(|cell| sanitize::line(cell.as_ref())).collect());
    }

    /// How wide each column is that fits, and `None` for those that are left out.
    fn fitted(&self, width: usize) -> Vec<Option<usize>> {
        let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |cell| cell.width());
        let natural = |(at, column): (usize, &Column)| {
            Some(self.rows.iter().map(|row| cell(row, at)).max().unwrap_or(0).max(column.heading.width()))
        };
        let mut widths: Vec<Option<usize>> = self.columns.iter().enumerate().map(natural).collect();
        let excess = |widths: &[Option<usize>]| {
            let all: usize = widths.iter().flatten().map(|columns| columns + BLANKS).sum();
            // What stands behind the last cell is not printed.
            all.saturating_sub(1).saturating_sub(width)
        };
        let places = |give: Give| {
            (0..self.columns.len())
                .rev()
                .filter(move |at| self.columns.get(*at).is_some_and(|column| column.give == give))
        };
        let room = |widths: &[Option<usize>]| -> usize {
            places(Give::Shrinks)
                .filter_map(|at| widths.get(at).copied().flatten())
                .map(|columns| columns.saturating_sub(LEAST))
                .sum()
        };
        for at in places(Give::Goes) {
            if excess(&widths) > room(&widths)
                && let Some(width) = widths.get_mut(at)
            {
                *width = None;
            }
        }
        for at in places(Give::Shrinks) {
            let over = excess(&widths);
            if let Some(width) = widths.get_mut(at).filter(|_| over > 0) {
                *width = width.and_then(|columns| columns.checked_sub(over)).filter(|left| *left >= LEAST);
            }
        }
        widths
    }

    /// The columns that a terminal of this width has no room for.
    pub fn left_out(&self, width: Option<u16>) -> Vec<&str> {
        let Some(width) = width else { return Vec::new() };
        let widths = self.fitted(usize::from(width));
        self.columns.iter().zip(widths).filter(|(_, width)| width.is_none()).map(|(c, _)| c.heading.as_str()).collect()
    }

    /// The same table as it fits the terminal: columns shortened or left out.
    fn narrowed(&self, width: usize) -> Self {
        let widths = self.fitted(width);
        let columns = self.columns.iter().zip(&widths).filter(|(_, width)| width.is_some());
        let columns = columns.map(|(column, width)| Column {
            heading: fit_shown(&column.heading, width.unwrap_or_default()).trim_end().to_owned(),
            ..column.clone()
        });
        let short = |cell: &String, width: usize| match cell.width() > width {
            true => fit_shown(cell, width),
            false => cell.clone(),
        };
        let row = |row: &Vec<String>| {
            row.iter().zip(&widths).filter_map(|(cell, width)| Some(short(cell, (*width)?))).collect()
        };
        Self { columns: columns.collect(), rows: self.rows.iter().map(row).collect() }
    }

    /// The table as text, every line ended; `width` in terminal columns, `None` for as wide as it gets.
    pub fn render(&self, width: Option<u16>) -> String {
        // Where something gives way, nothing is broken.
        let gives = self.columns.iter().any(|column| column.give != Give::Never);
        if let Some(width) = width.filter(|_| gives) {
            return self.narrowed(usize::from(width)).render(None);
        }
        let mut grid = Grid::new();
        grid.load_preset(presets::NOTHING);
        match width {
            Some(width) => grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => grid.set_content_arrangement(ContentArrangement::Disabled),
        };
        grid.add_row(self.columns.iter().map(|column| cell(&column.heading, column.align)));
        for row in &self.rows {
            let aligns = self.columns.iter().map(|column| column.align).chain(std::iter::repeat(Align::Left));
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

/// Columns that a text takes on a terminal, made harmless.
pub fn width(text: &str) -> usize {
    sanitize::line(text).width()
}

/// A text made harmless, in exactly so many columns: blanks behind it, or `…` where it was cut. Right-to-left text stays isolated.
pub fn fit(text: &str, columns: usize) -> String {
    fit_shown(&sanitize::line(text), columns)
}

/// The same for a text that was made harmless.
fn fit_shown(shown: &str, columns: usize) -> String {
    if shown.width() <= columns {
        return format!("{shown}{}", " ".repeat(columns - shown.width()));
    }
    let bare = shown.strip_prefix(sanitize::ISOLATE).and_then(|text| text.strip_suffix(sanitize::POP_ISOLATE));
    let (open, close) = if bare.is_some() { (sanitize::ISOLATE, sanitize::POP_ISOLATE) } else { ("", "") };
    let mut cut = String::new();
    for cluster in bare.unwrap_or(shown).graphemes(true) {
        if cut.width() + cluster.width() + 1 > columns {
            break;
        }
        cut.push_str(cluster);
    }
    let pad = " ".repeat(columns.saturating_sub(cut.width() + 1));
    format!("{open}{cut}…{close}{pad}")
}

/// A block of names and values, two spaces in, the values under each other. Lines of a value stay under it.
pub fn block<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let widest = pairs.iter().map(|(key, _)| key.as_ref().width()).max().unwrap_or(0);
    let mut out = String::new();
    for (key, value) in pairs {
        let pad = widest - key.as_ref().width();
        let mut lines = value.as_ref().split('\n').map(|line| sanitize::line(line.strip_suffix('\r').unwrap_or(line)));
        let first = format!("  {}{}   {}", key.as_ref(), " ".repeat(pad), lines.next().unwrap_or_default());
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
    fn a_narrow_terminal_shortens_names_and_leaves_columns_out_but_breaks_nothing() {
        let mut table = Table::new(&["~CHAT", "?KIND", ">MESSAGES", "LAST", "ID"]);
        let id = "direct:447700900103|447700900306";
        table.row(["Lin Chen · Wei Zhang and others of the desk", "direct", "97", "2026-02-28", id]);
        for width in [160, 100, 80, 60, 56, 54, 40] {
            let text = table.render(Some(width));
            assert_eq!(text.lines().count(), 2, "{width}: {text}");
            assert!(text.contains(id) && text.contains("2026-02-28"), "{width}: {text}");
            assert!(width < 56 || text.lines().all(|line| line.width() <= usize::from(width)), "{width}: {text}");
        }
        assert!(table.render(Some(100)).contains('…') && table.left_out(Some(100)).is_empty());
        assert_eq!(table.left_out(Some(56)), ["CHAT", "KIND"]);
        assert!(table.left_out(None).is_empty());
    }

    #[test]
    fn a_text_fits_its_column_whatever_it_is_made_of() {
        let tower = format!("z{}", "\u{301}".repeat(10_000));
        for text in [
            "Ana",
            "",
            "Annabel Lee Smith",
            "陳林陳林陳林陳林",
            "أحمد بن محمد بن علي",
            "👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀",
            &tower,
            "\u{1b}[31mred\u{202e}der",
        ] {
            let shown = fit(text, 9);
            assert_eq!(shown.width(), 9, "{text:?}: {shown:?}");
            assert_eq!(shown.contains('\u{2068}'), shown.contains('\u{2069}'));
            assert!(shown.contains('…') || width(text) <= 9);
        }
    }

    #[test]
    fn values_stand_under_each_other() {
        assert_eq!(
            block(&[("id", "arc_1"), ("display zone", "UTC\nsecond")]),
            "  id             arc_1\n  display zone   UTC\n                 second\n"
        );
    }
}
