//! Values that stand in a header field exactly: as they are where that is safe, else as JSON strings of ASCII.
//!
//! Contract: [`read`] of [`exact`] is the value, also after a field was folded, unfolded and trimmed, whatever is in it: line
//! ends, NUL, blanks at the ends, what looks like an encoded word. A long value is several strings, to be joined.

use crate::eml::render::field::shown;
use std::fmt::Write as _;

/// Longest string before the next one is begun, in characters of the field; so that the field can be folded.
const PIECE: usize = 60;
/// What stands for an empty word in a list of words.
const NONE: &str = "-";

/// The whole value of a field.
pub fn exact(value: &str) -> String {
    let safe = !value.is_empty() && !value.starts_with('"') && shown(value) == value;
    if safe { value.to_owned() } else { pieces(value, PIECE) }
}

/// What [`exact`] was given; `None` if it is no such value.
pub fn read(field: &str) -> Option<String> {
    if !field.starts_with('"') {
        return Some(field.to_owned());
    }
    let mut value = String::new();
    for piece in serde_json::Deserializer::from_str(field).into_iter::<String>() {
        value.push_str(&piece.ok()?);
    }
    Some(value)
}

/// One word of a field of several words; never has a blank.
pub fn word(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-+./:".contains(&b);
    match value {
        "" => NONE.to_owned(),
        _ if value != NONE && value.len() <= PIECE && value.bytes().all(plain) => value.to_owned(),
        _ => pieces(value, usize::MAX),
    }
}

/// Whether [`word`] writes the value on a line that can be folded.
pub fn is_short(value: &str) -> bool {
    word(value).len() <= 400
}

/// What [`word`] was given.
pub fn read_word(word: &str) -> Option<String> {
    if word == NONE { Some(String::new()) } else { read(word) }
}

fn pieces(value: &str, limit: usize) -> String {
    let mut out = String::from("\"");
    let mut begun = out.len();
    for c in value.chars() {
        if out.len() - begun > limit {
            out.push_str("\" \"");
            begun = out.len();
        }
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // No blank within a string that may be a word, and nothing that looks like an encoded word.
            ' ' if limit == usize::MAX => out.push_str("\\u0020"),
            ' ' if out.ends_with(' ') => out.push_str("\\u0020"),
            '?' if out.ends_with('=') => out.push_str("\\u003f"),
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eml::{Email, render::Mail};
    use proptest::prelude::*;

    fn through_a_mail(value: &str) -> String {
        let mut mail = Mail::new("x");
        mail.text("X-Custodia-Native-Id", &exact(value));
        mail.part(crate::eml::render::Part::Text(String::new()));
        let mut bytes = Vec::new();
        mail.write(&mut bytes, &mut |_| Err(std::io::Error::other("none"))).unwrap();
        assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|line| line.len() <= 200));
        read(&Email::parse(&bytes).unwrap().header("x-custodia-native-id").unwrap()).unwrap()
    }

    #[test]
    fn values_come_back_exactly() {
        for value in [
            "",
            "3EB0A1",
            "title:Bo & Co",
            "\"",
            "a\r\nB: c",
            "=?utf-8?q?fake?=",
            "\u{202f}Bo \u{200e} ",
            "a  b",
            "-",
            "👩‍👩‍👧‍👦 ",
        ] {
            assert_eq!(through_a_mail(value), value);
            assert_eq!(read_word(&word(value)).unwrap(), value);
            assert!(!word(value).contains(' '));
        }
        assert_eq!((exact("title:Bo & Co"), word("Europe/London")), ("title:Bo & Co".into(), "Europe/London".into()));
    }

    proptest! {
        #[test]
        fn any_value_comes_back(value in "(\\PC|[ \"\\\\=?\r\n\t\\x00]){0,150}") {
            prop_assert_eq!(through_a_mail(&value), value.clone());
            prop_assert_eq!(read_word(&word(&value)), Some(value));
        }
    }
}
