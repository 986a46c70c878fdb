//! Phone numbers in running text, in whatever spelling: `+48 600 123 456`, `600-123-456`, `0048(600)123456`.
//!
//! Contract: pure, linear in the text (each group of digits begins at most [`PhoneNumber::MAX_DIGITS`] numbers). Rather
//! too many than too few: what a number is is decided by who looks for it, and only whole digits are compared. Limit:
//! [`NUMBERS`], since a table of digits is millions of numbers; what is beyond is said, never dropped silently.

use crate::model::{PhoneNumber, limits::NUMBERS};
use std::collections::BTreeSet;

/// The most separators between two groups of one number: `) ` or ` - `.
const SEPARATORS: usize = 3;

/// Adds the digits of every number that is written in `text`: each run of neighbouring groups of digits that has 7 to
/// 15 digits, without a leading `00`; a trunk zero in parentheses (`+44 (0)7700 …`) is left out. `false`: there are more
/// than are taken.
pub(super) fn written(text: &str, out: &mut BTreeSet<String>) -> bool {
    // Most texts have not seven digits.
    if text.bytes().filter(u8::is_ascii_digit).count() < PhoneNumber::MIN_DIGITS && text.is_ascii() {
        return true;
    }
    let mut row: Vec<String> = Vec::new();
    let (mut between, mut open) = (0, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = digit(c) {
            let mut group = String::from(digit);
            while let Some(next) = chars.peek().and_then(|c| self::digit(*c)) {
                group.push(next);
                chars.next();
            }
            let trunk = open && group == "0" && chars.peek() == Some(&')') && !row.is_empty();
            if !trunk {
                row.push(group);
            }
            (between, open) = (0, false);
            continue;
        }
        open = c == '(';
        between += 1;
        if c == '+' || !is_separator(c) || between > SEPARATORS {
            if !join(&row, out) {
                return false;
            }
            row.clear();
        }
    }
    join(&row, out)
}

fn join(row: &[String], out: &mut BTreeSet<String>) -> bool {
    for from in 0..row.len() {
        let mut number = String::new();
        for group in row.iter().skip(from) {
            number.push_str(group);
            let digits = number.strip_prefix("00").unwrap_or(&number);
            if digits.len() > PhoneNumber::MAX_DIGITS {
                break;
            }
            if digits.len() >= PhoneNumber::MIN_DIGITS && !out.contains(digits) {
                if out.len() >= NUMBERS {
                    return false;
                }
                out.insert(digits.to_owned());
            }
        }
    }
    true
}

fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        _ => return None,
    };
    char::from_digit((c as u32).saturating_sub(zero), 10)
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2015}')
        || super::script::is_ignorable(c)
}

/// 60,000 groups of four digits without any order: about 120,000 numbers.
#[cfg(test)]
pub(super) fn table_of_digits() -> String {
    let group = |n: u64| {
        let z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (z ^ (z >> 27)) % 10_000
    };
    (0..60_000).map(|n| format!("{:04} ", group(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        assert!(written(text, &mut out));
        out
    }

    #[test]
    fn every_spelling_in_a_text_is_found_by_its_digits() {
        for text in [
            "call +48 600 123 456 now",
            "0048-600-123-456",
            "(+48) 600 123 456",
            "tel:48600123456",
            "\u{202a}+48\u{a0}600\u{a0}123\u{a0}456\u{202c}",
            "+٤٨ ٦٠٠ ١٢٣ ٤٥٦",
            "+48 (0)600 123 456, 5 times",
        ] {
            assert!(of(text).contains("48600123456"), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn a_sentence_plus_or_line_ends_a_number() {
        let numbers = of("600 123 456\n700 900 101 +44 7700 900102, 12");
        assert!(numbers.contains("600123456") && numbers.contains("447700900102"), "{numbers:?}");
        assert!(!numbers.iter().any(|number| number.contains("456700") || number.contains("10144")), "{numbers:?}");
        assert!(of("at 10:30 on 4, 5 and 6").is_empty());
    }

    #[test]
    fn a_table_of_digits_does_not_fill_the_memory_and_that_is_said() {
        assert_eq!(of(&"1 ".repeat(10_000)).len(), 9, "each once");
        let table = table_of_digits();
        let mut out = BTreeSet::new();
        assert!(!written(&format!("447700900101, {table}"), &mut out));
        assert!(out.len() == NUMBERS && out.contains("447700900101"));
    }
}
