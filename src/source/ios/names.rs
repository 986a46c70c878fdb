//! Names as a phone keeps them: cleaned of what is not theirs, and told apart from what only looks like one.
//!
//! Contract: pure.

use super::protobuf::Fields;
use crate::source::phone::bounds::NAME_CHARS;
use base64::Engine as _;

pub use crate::source::phone::bounds::kept as bounded;

/// The shortest text that is taken for base64 of a record; shorter ones are nicknames.
const ENCODED_CHARS: usize = 8;

/// A name without the bidi marks and spaces that interfaces put around it; `None` if nothing is left.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    let outside = |c: char| c.is_whitespace() || c.is_control() || is_mark(c);
    let name: String = name.trim_matches(outside).chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A push name, unless it is the base64 of a record, which newer builds keep in the same column.
#[must_use]
pub fn push_name(text: &str) -> Option<String> {
    if is_encoded(text) { None } else { clean(text) }
}

fn is_encoded(text: &str) -> bool {
    let text = text.trim();
    if text.len() < ENCODED_CHARS || !text.len().is_multiple_of(4) {
        return false;
    }
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text) else { return false };
    // No name of a person has these; else the bytes themselves have to be a record.
    text.contains(['=', '+', '/']) || Fields::read(&bytes).is_whole()
}

/// A file name that is nothing but a name: no separators, no control characters, not `.` or `..`.
#[must_use]
pub fn file_name(name: &str) -> String {
    let safe = |c: char| if matches!(c, '/' | '\\' | ':') { '_' } else { c };
    let name: String = name.chars().filter(|c| !c.is_control() && !is_mark(*c)).map(safe).take(NAME_CHARS).collect();
    let name = name.trim();
    if name.chars().all(|c| c == '.') { String::new() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_without_the_marks_around_it() {
        assert_eq!(clean("\u{200e}Tú \u{2069}").as_deref(), Some("Tú"));
        assert_eq!(clean("Ada\u{200d}🏽\r\nX").as_deref(), Some("Ada\u{200d}🏽X"));
        assert_eq!((clean(" \u{202a}\u{202c}"), clean("")), (None, None));
        assert_eq!(clean(&"x".repeat(9000)).map(|name| name.len()), Some(500));
    }

    #[test]
    fn an_encoded_record_is_no_name() {
        let record =
            base64::engine::general_purpose::STANDARD.encode([0x0a, 6, b'C', b'h', b'l', b'o', 0xc3, 0xa9, 0x10, 7]);
        assert_eq!(push_name(&record), None);
        assert_eq!(push_name("CggIARIEVGVzdA=="), None);
        for name in ["Anna", "Jonathan", "Margaret", "Ada Example", "J", "Ann-Marie Example!"] {
            assert_eq!(push_name(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_file_name_goes_nowhere() {
        assert_eq!(file_name("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!((file_name(".."), file_name("\u{202e}a\0b")), (String::new(), "ab".into()));
    }
}
