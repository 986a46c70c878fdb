//! Texts of several lines that are read in a column: made harmless, marked, and broken at the width of the terminal.
//!
//! Contract: nothing is dropped; each line is isolated by itself, so that a right-to-left line does not move what stands
//! before it. Widths are terminal columns. Without a width nothing is broken.

use crate::sanitize;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The lines of a text for a column of `width`; `marks` are byte ranges of the text in order, `paint` gets each marked
/// part, made harmless.
pub fn column(text: &str, marks: &[[usize; 2]], width: Option<usize>, paint: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = 0;
    for raw in text.split('\n') {
        let here: Vec<[usize; 2]> = marks
            .iter()
            .map(|[from, to]| [(*from).max(at), (*to).min(at + raw.len())])
            .filter(|[from, to]| from < to)
            .map(|[from, to]| [from - at, to - at])
            .collect();
        at += raw.len() + 1;
        let words = words(raw.strip_suffix('\r').unwrap_or(raw), &here);
        lines.extend(broken(words, width).into_iter().map(|line| painted(&line, paint)));
    }
    lines
}

/// A piece of a line that is not broken, and whether it is marked.
struct Word {
    text: String,
    marked: bool,
}

/// The words of a line with the blanks between them.
fn words(line: &str, marks: &[[usize; 2]]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut take = |text: Option<&str>, marked: bool| {
        let shown = sanitize::piece(text.unwrap_or(""));
        words.extend(shown.split_word_bounds().map(|word| Word { text: word.to_owned(), marked }));
    };
    let mut at = 0;
    for [from, to] in marks {
        take(line.get(at..*from), false);
        take(line.get(*from..*to), true);
        at = *to;
    }
    take(line.get(at..), false);
    words
}

/// Breaks between words; a word that is wider than the column is broken between its characters.
fn broken(words: Vec<Word>, width: Option<usize>) -> Vec<Vec<Word>> {
    let Some(width) = width else { return vec![words] };
    let mut lines: Vec<Vec<Word>> = vec![Vec::new()];
    let mut used = 0;
    let mut put = |word: Word, columns: usize| {
        if used + columns > width && used > 0 {
            lines.push(Vec::new());
            used = 0;
            if word.text.trim().is_empty() {
                return;
            }
        }
        used += columns;
        if let Some(line) = lines.last_mut() {
            line.push(word);
        }
    };
    for word in words {
        let columns = word.text.width();
        if columns <= width {
            put(word, columns);
            continue;
        }
        for character in word.text.graphemes(true) {
            put(Word { text: character.to_owned(), marked: word.marked }, character.width());
        }
    }
    lines
}

fn painted(line: &[Word], paint: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|word| word.marked == first.marked).count().max(1);
        let (same, others) = rest.split_at_checked(run).unwrap_or((rest, &[]));
        let text: String = same.iter().map(|word| word.text.as_str()).collect();
        out.push_str(&if first.marked { paint(&text) } else { text });
        rest = others;
    }
    sanitize::isolate(out.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_long_line_is_broken_at_blanks_and_a_long_word_between_its_characters() {
        let lines = column("please wire it today\nnow", &[], Some(12), &plain);
        assert_eq!(lines, ["please wire", "it today", "now"]);
        let lines = column(&"陳林".repeat(5), &[], Some(7), &plain);
        assert!(lines.iter().all(|line| line.width() <= 7), "{lines:?}");
        assert_eq!(lines.concat(), "陳林".repeat(5));
        assert_eq!(column("a  b\r\n\r\nc", &[], None, &plain), ["a  b", "", "c"]);
    }

    #[test]
    fn marks_are_kept_over_the_break_of_a_line() {
        let paint = |text: &str| format!("<{text}>");
        assert_eq!(column("a wire transfer b", &[[2, 15]], Some(8), &paint), ["a <wire >", "<transfer>", "b"]);
        assert_eq!(column("wire\ntransfer", &[[0, 13]], None, &paint), ["<wire>", "<transfer>"]);
    }

    #[test]
    fn each_line_is_harmless_and_isolated_by_itself() {
        let lines = column("\u{1b}[2J\nשלום\n\u{202e}evil", &[], Some(40), &plain);
        assert_eq!(lines, ["\\x1b[2J", "\u{2068}שלום\u{2069}", "<U+202E>evil"]);
    }
}
