//! Horizontal bars for counts.
//!
//! Contract: the longest bar is the largest count; what is not 0 is never drawn as nothing. Blocks where the locale says
//! that the terminal knows UTF-8, `#` elsewhere, whatever the colour.

use custodia::archive::Series;
use unicode_width::UnicodeWidthStr;

/// Columns of the longest bar, where there is room.
const WIDEST: usize = 50;
/// Columns of the longest bar at least.
const NARROWEST: usize = 10;
/// Parts of a block, from an eighth to seven eighths.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A scale for bars.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    largest: u64,
    columns: usize,
    blocks: bool,
}

impl Plot {
    /// The scale of a series beside its labels and counts, on a terminal of this width.
    pub fn of(series: &Series, width: Option<u16>) -> Self {
        let largest = series.values.iter().map(|(_, n)| *n).max().unwrap_or(0);
        let label = series.values.iter().map(|(label, _)| label.width()).max().unwrap_or(0).max(series.by.len());
        let beside = label + crate::human::count(largest).len().max(series.unit.len()) + 8;
        let room = width.map_or(WIDEST, |width| usize::from(width).saturating_sub(beside));
        Self { largest, columns: room.clamp(NARROWEST, WIDEST), blocks: knows_utf8() }
    }

    /// The bar of a count.
    pub fn bar(&self, n: u64) -> String {
        let parts = if self.blocks { 8 } else { 1 };
        let whole = self.columns as u128 * parts;
        let length = u128::from(n) * whole / u128::from(self.largest.max(1));
        let length = usize::try_from(length.max(u128::from(n > 0))).unwrap_or(0);
        if !self.blocks {
            return "#".repeat(length);
        }
        let rest = (length % 8).checked_sub(1).and_then(|at| EIGHTHS.get(at));
        "█".repeat(length / 8).chars().chain(rest.copied()).collect()
    }
}

/// Whether the locale says so; the first of these that is set decides (POSIX, section 8.2).
fn knows_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    set.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(blocks: bool, counts: &[u64]) -> Vec<String> {
        let plot = Plot { largest: counts.iter().copied().max().unwrap_or(0), columns: 10, blocks };
        counts.iter().map(|n| plot.bar(*n)).collect()
    }

    #[test]
    fn the_largest_is_the_longest_and_something_is_never_nothing() {
        assert_eq!(bars(false, &[1000, 500, 1, 0]), ["##########", "#####", "#", ""]);
        assert_eq!(bars(true, &[80, 41, 1, 0]), ["██████████", "█████▏", "▏", ""]);
        assert_eq!(bars(true, &[0]), [""]);
        assert_eq!(bars(true, &[u64::MAX]), ["██████████"]);
    }
}
