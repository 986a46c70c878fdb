//! The part of a text that shows why it was found, with the places to mark.
//!
//! Contract: pure; white space is collapsed to one blank, control characters are left to whoever prints. Marks are
//! byte ranges of the snippet's text, in order, without overlap.

use super::{
    expr::Expr,
    leaf::{Leaf, TextField},
    row, words,
};
use serde::Serialize;

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The part, with `…` where it was cut.
    pub text: String,
    /// What matched: first byte, and first byte behind.
    pub marks: Vec<[usize; 2]>,
    /// The file name of the attachment that the part is from; `None`: from the message itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<String>,
}

/// At most `max_chars` characters of `text` (plus `…`) around the first word that `expr` looks for in a body; the
/// beginning of the text if there is none.
#[must_use]
pub fn snippet(expr: &Expr, text: &str, max_chars: usize) -> Snippet {
    let marked = marked(expr, text);
    let (chars, origins) = collapse(text);
    // Marks as indices of characters.
    let index = |byte: usize| origins.partition_point(|origin| *origin < byte);
    let marks: Vec<(usize, usize)> = marked.iter().map(|(from, to)| (index(*from), index(*to))).collect();
    let first = marks.first().copied().unwrap_or((0, 0));
    let (start, end) = window(&chars, first, max_chars);
    let mut out = Snippet::default();
    if start > 0 {
        out.text.push('…');
    }
    let mut open = marks.iter().filter(|(from, to)| *to > start && *from < end && from < to).peekable();
    let mut begun = None;
    for (at, c) in chars.iter().enumerate().skip(start).take(end.saturating_sub(start)) {
        if let Some((from, to)) = open.peek() {
            if at >= *from && begun.is_none() {
                begun = Some(out.text.len());
            }
            if at >= *to {
                out.marks.extend(begun.take().map(|begun| [begun, out.text.len()]));
                open.next();
                if open.peek().is_some_and(|(from, _)| at >= *from) {
                    begun = Some(out.text.len());
                }
            }
        }
        out.text.push(*c);
    }
    out.marks.extend(begun.map(|begun| [begun, out.text.len()]));
    if end < chars.len() {
        out.text.push('…');
    }
    out
}

/// Whether there is a word or phrase that a text could be marked with.
#[must_use]
pub fn looks_for_words(expr: &Expr) -> bool {
    let mut found = false;
    expr.leaves(&mut |leaf, positive| found |= positive && matches!(leaf, Leaf::Words { .. } | Leaf::Near(_)));
    found
}

/// The byte ranges of what `expr` looks for in a text, in order, without overlap.
#[must_use]
pub fn marks(expr: &Expr, text: &str) -> Vec<[usize; 2]> {
    marked(expr, text).into_iter().map(|(from, to)| [from, to]).collect()
}

/// The byte ranges of what was looked for, in order, joined where they overlap.
fn marked(expr: &Expr, text: &str) -> Vec<(usize, usize)> {
    let mut wanted = Vec::new();
    expr.leaves(&mut |leaf, positive| match (leaf, positive) {
        (Leaf::Words { field: TextField::Any | TextField::Body, tokens, prefix }, true) => {
            wanted.push((tokens.as_slice(), *prefix));
        }
        (Leaf::Near(near), true) => {
            let rows = near.operands.iter().flatten();
            wanted.extend(rows.map(|row| (row.tokens.as_slice(), row.prefix)));
        }
        _ => {}
    });
    if wanted.is_empty() {
        return Vec::new();
    }
    let (sequence, places): (Vec<String>, Vec<(usize, usize)>) =
        words::tokens(text).into_iter().map(|token| (token.text, (token.from, token.to))).unzip();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (tokens, prefix) in wanted {
        for at in row::find(&sequence, tokens, prefix, false) {
            let (first, last) = (places.get(at), places.get(at + tokens.len() - 1));
            found.extend(first.zip(last).map(|(first, last)| (first.0, last.1)));
        }
    }
    found.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (from, to) in found {
        match joined.last_mut().filter(|last| from < last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => joined.push((from, to)),
        }
    }
    joined
}

/// The characters with white space collapsed, and the byte of the original where each begins.
fn collapse(text: &str) -> (Vec<char>, Vec<usize>) {
    let (mut chars, mut origins) = (Vec::new(), Vec::new());
    for (at, c) in text.char_indices() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c == ' ' && chars.last().is_none_or(|last| *last == ' ') {
            continue;
        }
        chars.push(c);
        origins.push(at);
    }
    if chars.last() == Some(&' ') {
        chars.pop();
        origins.pop();
    }
    (chars, origins)
}

/// Which characters to show: a third of the room before the hit, cut at blanks where one is near.
fn window(chars: &[char], first: (usize, usize), max: usize) -> (usize, usize) {
    /// How far a cut is moved to fall on a blank.
    const NEAR: usize = 12;
    if chars.len() <= max {
        return (0, chars.len());
    }
    let length = first.1.saturating_sub(first.0).min(max);
    let before = ((max - length) / 3).min(first.0);
    let mut start = (first.0 - before).min(chars.len() - max);
    let mut end = start + max;
    if start > 0 {
        let blank = chars.iter().skip(start).take(NEAR.min(first.0.saturating_sub(start))).position(|c| *c == ' ');
        start += blank.map_or(0, |blank| blank + 1);
    }
    if end < chars.len() {
        let room = NEAR.min(end.saturating_sub(first.1.max(start)));
        let blank = chars.iter().take(end).rev().take(room).position(|c| *c == ' ');
        end -= blank.map_or(0, |blank| blank + 1);
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Instant,
        query::{Context, parse, resolve},
    };

    fn shown(query: &str, text: &str, max: usize) -> (String, Vec<String>) {
        let expr = resolve(&parse(query).unwrap().expr, &Context::at(Instant(0))).unwrap().expr;
        let snippet = snippet(&expr, text, max);
        let marks = snippet.marks.iter().map(|[from, to]| snippet.text[*from..*to].to_owned()).collect();
        (snippet.text, marks)
    }

    #[test]
    fn what_was_looked_for_is_marked_in_the_original_spelling() {
        let (text, marks) = shown("zazolc OR \"annual rep*\"", "Oto  Zażółć\n i Annual\tReport, proszę", 100);
        assert_eq!(text, "Oto Zażółć i Annual Report, proszę");
        assert_eq!(marks, ["Zażółć", "Annual Report"]);
        assert_eq!(shown("合同", "这份合同已签", 100).1, ["合同"]);
        assert_eq!(shown("同", "这份合同已签", 100).1, ["同已"]);
    }

    #[test]
    fn marks_stand_in_the_text_as_it_is_line_breaks_included() {
        let context = Context::at(Instant(0));
        let found = |query: &str, text: &str| {
            let expr = resolve(&parse(query).unwrap().expr, &context).unwrap().expr;
            marks(&expr, text).into_iter().map(|[from, to]| text[from..to].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("wire", "\n\n  the  Wire,\r\n\r\nWIRE"), ["Wire", "WIRE"]);
        assert_eq!(found("\"wire transfer\"", "a wire \n\n transfer."), ["wire \n\n transfer"]);
        assert_eq!(found("合同", "这份合同已签"), ["合同"]);
        assert_eq!(found("zolw", "żółw\u{3000} żółw"), ["żółw", "żółw"]);
        assert!(found("wire", "").is_empty());
    }

    #[test]
    fn negative_conditions_and_other_fields_mark_nothing() {
        assert!(shown("NOT cat subject:dog", "cat dog", 100).1.is_empty());
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_hit() {
        let text = format!("{} needle {}", "hay ".repeat(200), "straw ".repeat(200));
        let (text, marks) = shown("needle", &text, 60);
        assert!(text.starts_with("…hay ") && text.ends_with("straw…"), "{text}");
        assert!(text.chars().count() <= 62);
        assert_eq!(marks, ["needle"]);
        let (text, marks) = shown("x", &"long ".repeat(100), 20);
        assert!(text.starts_with("long") && text.ends_with('…') && marks.is_empty(), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn marks_lie_in_the_snippet_in_order(text in "(\\PC| |\n|ab|合){0,80}", max in 0usize..50) {
            let parsed = parse("ab OR 合 OR abc*").unwrap().expr;
            let snippet = snippet(&resolve(&parsed, &Context::at(Instant(0))).unwrap().expr, &text, max);
            let mut before = 0;
            for [from, to] in snippet.marks {
                proptest::prop_assert!(before <= from && from < to && snippet.text.get(from..to).is_some());
                before = to;
            }
            proptest::prop_assert!(snippet.text.chars().count() <= max + 2);
        }
    }
}
