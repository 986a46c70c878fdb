//! Transfer encodings, written: text as `7bit`, quoted-printable or base64; bytes as base64.
//!
//! Contract: a text is written with CRLF for LF and one CRLF at its end; every other character comes back exactly, also CR,
//! NUL and blanks before a line end. The shortest encoding that does so is taken, `7bit` first.

use ::base64::{Engine, engine::general_purpose::STANDARD};
use std::io::{self, Read, Write};

/// Longest line of a `7bit` part, in bytes. RFC 5322 allows 998; longer ones than this are wrapped by nobody.
const PLAIN_LINE: usize = 900;
/// Longest line of a quoted-printable part (RFC 2045 section 6.7), in bytes.
const QUOTED_LINE: usize = 76;
/// Bytes of one base64 line before encoding: 76 characters (RFC 2045 section 6.8).
const BASE64_LINE: usize = 57;
/// Lines encoded at a time.
const BASE64_LINES: usize = 1024;

/// Encodes `text`: the name of the encoding, and the encoded lines. `boundary` will not be in them.
#[must_use]
pub fn text(text: &str, boundary: &str) -> (&'static str, Vec<u8>) {
    if is_plain(text) && !text.contains(boundary) {
        return ("7bit", canonical(text));
    }
    let quoted = quoted_printable(text);
    let canonical = canonical(text);
    if quoted.len() <= canonical.len().div_ceil(BASE64_LINE) * 78 {
        return ("quoted-printable", quoted);
    }
    let mut encoded = Vec::with_capacity(canonical.len() / 3 * 4 + canonical.len() / 28 + 8);
    base64_lines(&canonical, &mut encoded);
    ("base64", encoded)
}

/// The text with CRLF for LF, and one more at its end.
fn canonical(text: &str) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len() + text.len() / 32 + 2);
    for line in text.split('\n') {
        lines.extend_from_slice(line.as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

/// The text of bytes that [`text`] wrote, after their transfer encoding is undone.
#[must_use]
pub fn undo(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

fn is_plain(text: &str) -> bool {
    let line = |line: &[u8]| line.len() <= PLAIN_LINE && !matches!(line.last(), Some(b' ' | b'\t'));
    let bytes = text.as_bytes();
    bytes.iter().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\n')) && bytes.split(|b| *b == b'\n').all(line)
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2 + 2);
    for line in text.split('\n') {
        let bytes = line.as_bytes();
        let mut column = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let literal = match byte {
                b' ' | b'\t' => !last,
                b'=' => false,
                _ => byte.is_ascii_graphic(),
            };
            let width = if literal { 1 } else { 3 };
            // One column is kept for the `=` of a soft break.
            if column + width > QUOTED_LINE - 1 {
                out.extend_from_slice(b"=\r\n");
                column = 0;
            }
            if literal {
                out.push(*byte);
            } else {
                out.push(b'=');
                out.extend(
                    [byte >> 4, byte & 15]
                        .map(|nibble| b"0123456789ABCDEF".get(usize::from(nibble)).copied().unwrap_or(b'0')),
                );
            }
            column += width;
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Writes all that `from` gives as base64 lines.
///
/// # Errors
/// `from` cannot be read or `out` cannot be written.
pub fn base64(from: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut chunk = vec![0; BASE64_LINE * BASE64_LINES];
    let mut lines = Vec::with_capacity(78 * BASE64_LINES);
    loop {
        let have = fill(from, &mut chunk)?;
        lines.clear();
        base64_lines(chunk.get(..have).unwrap_or_default(), &mut lines);
        out.write_all(&lines)?;
        if have < chunk.len() {
            return Ok(());
        }
    }
}

fn fill(from: &mut dyn Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut have = 0;
    while let Some(rest) = chunk.get_mut(have..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(have)
}

fn base64_lines(bytes: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; 76];
    for chunk in bytes.chunks(BASE64_LINE) {
        let n = STANDARD.encode_slice(chunk, &mut line).unwrap_or(0);
        out.extend_from_slice(line.get(..n).unwrap_or_default());
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eml::transfer::{Encoding, decode};
    use proptest::prelude::*;

    fn back(given: &str) -> (&'static str, String) {
        let (encoding, bytes) = text(given, "=_b");
        assert!(bytes.split(|b| *b == b'\n').all(|l| l.len() <= 998 && l.iter().all(|b| b.is_ascii() && *b != 0)));
        assert!(!String::from_utf8(bytes.clone()).unwrap().replace("\r\n", "").contains(['\r', '\n']));
        (encoding, undo(&decode(Encoding::named(encoding), &bytes)))
    }

    #[test]
    fn a_text_comes_back_exactly_in_the_encoding_that_it_needs() {
        let long = "x".repeat(5_000);
        for (given, encoding) in [
            ("", "7bit"),
            ("hello\n\tthere\n", "7bit"),
            ("\n\nx", "7bit"),
            ("blank at the end ", "quoted-printable"),
            ("a \nb", "quoted-printable"),
            ("r\r", "quoted-printable"),
            ("\r\n", "quoted-printable"),
            ("a\0b", "quoted-printable"),
            ("caf\u{e9}", "quoted-printable"),
            ("--=_b\nx", "quoted-printable"),
            (&long, "quoted-printable"),
            ("привет, как дела", "base64"),
            ("\u{feff}", "base64"),
        ] {
            let (used, text) = back(given);
            assert_eq!(text, given);
            assert!(used == encoding || given.len() < 4, "{given:?} {used}");
        }
    }

    #[test]
    fn bytes_of_any_length_are_exact() {
        for length in [0, 1, 56, 57, 58, BASE64_LINE * BASE64_LINES, BASE64_LINE * BASE64_LINES + 1] {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 31 % 251) as u8).collect();
            let mut out = Vec::new();
            base64(&mut bytes.as_slice(), &mut out).unwrap();
            assert_eq!(decode(Encoding::Base64, &out), bytes);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "(\\PC|[\\x00-\\x20=\r\n]){0,200}") {
            prop_assert_eq!(back(&text).1, text);
        }
    }
}
