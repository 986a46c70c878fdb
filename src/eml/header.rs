//! The header block of an e-mail or of a part: its fields, unfolded and decoded.
//!
//! Contract: every well-formed field is found, in order, also between lines that are none; names compare without case.
//! Limit: [`HEADER_FIELDS`]; later fields are not seen.

use mail_parser::{HeaderValue, parsers::MessageStream};
use std::ops::Range;

/// Fields of one header block that are looked at.
pub const HEADER_FIELDS: usize = 10_000;

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name as written.
    pub name: &'a str,
    /// Its value as written, folds included.
    pub raw: &'a [u8],
}

/// A header block.
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    /// The fields in the order of the block.
    pub fields: Vec<Field<'a>>,
    /// Where the body begins, from the start of the bytes that were read.
    pub body: usize,
    /// Whether an empty line ends the block; if not, the bytes end in it.
    pub closed: bool,
    /// Whether the first line that is not empty is a field (or the `From ` line of an mbox).
    pub begins_well: bool,
}

/// The end of the line that begins at `at`: (end of its text, start of the next line).
pub(super) fn line(bytes: &[u8], at: usize) -> (usize, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.iter().position(|b| *b == b'\n') {
        Some(n) => {
            let end = if n > 0 && rest.get(n - 1) == Some(&b'\r') { at + n - 1 } else { at + n };
            (end, at + n + 1)
        }
        None => (bytes.len(), bytes.len()),
    }
}

impl<'a> Headers<'a> {
    /// Reads the block at the start of `bytes`. `message`: empty lines and a byte order mark before the first field are
    /// skipped, as they are the work of a careless tool; before a part, an empty line ends its (empty) block.
    #[must_use]
    pub fn read(bytes: &'a [u8], message: bool) -> Self {
        let mut headers = Self { fields: Vec::new(), body: bytes.len(), closed: false, begins_well: false };
        let mut at = if message && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut first = true;
        let mut open: Option<(Range<usize>, Range<usize>)> = None;
        while at < bytes.len() {
            let (end, next) = line(bytes, at);
            let text = bytes.get(at..end).unwrap_or_default();
            if text.is_empty() {
                if message && first {
                    at = next;
                    continue;
                }
                headers.closed = true;
                headers.body = next;
                break;
            }
            if matches!(text.first(), Some(b' ' | b'\t')) {
                if let Some((_, value)) = &mut open {
                    value.end = end;
                }
            } else {
                headers.push(bytes, open.take());
                open = field_name(text).map(|length| {
                    let colon = text.iter().position(|b| *b == b':').unwrap_or(length);
                    (at..at + length, at + colon + 1..end)
                });
                headers.begins_well |= first && (open.is_some() || text.starts_with(b"From "));
            }
            first = false;
            at = next;
        }
        headers.push(bytes, open);
        headers
    }

    fn push(&mut self, bytes: &'a [u8], field: Option<(Range<usize>, Range<usize>)>) {
        let Some((name, value)) = field else { return };
        let name = bytes.get(name).and_then(|n| std::str::from_utf8(n).ok());
        if let (Some(name), Some(raw), true) = (name, bytes.get(value), self.fields.len() < HEADER_FIELDS) {
            self.fields.push(Field { name, raw });
        }
    }

    /// The first field of this name, as written.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a [u8]> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name)).map(|f| f.raw)
    }

    /// All fields of this name, as written.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a [u8]> + 's {
        self.fields.iter().filter(move |f| f.name.eq_ignore_ascii_case(name)).map(|f| f.raw)
    }

    /// The first field of this name, unfolded, decoded, trimmed. `None` if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(decode)
    }
}

/// The length of the field name that `line` begins with; `None` if it is not a field.
fn field_name(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name.len())
}

/// A value unfolded, with its encoded words decoded (RFC 2047). Bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn decode(raw: &[u8]) -> String {
    if raw.windows(2).any(|w| w == b"=?")
        && let HeaderValue::Text(text) = MessageStream::new(&terminated(raw)).parse_unstructured()
    {
        return text.trim().to_owned();
    }
    let text = String::from_utf8_lossy(raw);
    if !text.contains('\n') {
        return text.trim().to_owned();
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The value with the line end that mail-parser's field parsers look for.
pub(super) fn terminated(raw: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(raw.len() + 2);
    value.extend_from_slice(raw);
    value.extend_from_slice(b"\r\n");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_without_case_unfolded_and_decoded() {
        let bytes =
            b"X-TELEMESSAGE-SID: one\r\n two\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?B?IQ==?=\r\n\r\nbody";
        let headers = Headers::read(bytes, true);
        assert_eq!(headers.text("x-telemessage-sid").unwrap(), "one two");
        assert_eq!(headers.text("SUBJECT").unwrap(), "Grüße!");
        assert_eq!((headers.closed, &bytes[headers.body..]), (true, &b"body"[..]));
    }

    #[test]
    fn a_line_that_is_no_field_costs_only_itself() {
        let headers = Headers::read(b"Subject: a\n!! broken line\nDate: b\n\n", true);
        assert_eq!((headers.text("subject").unwrap(), headers.text("date").unwrap()), ("a".into(), "b".into()));
    }

    #[test]
    fn a_block_without_an_end_is_told_apart() {
        assert!(!Headers::read(b"Subject: a\nDa", true).closed);
        assert!(!Headers::read(b"\xff\xd8\xff\xe0junk\nA: b\n\n", true).begins_well);
        assert!(Headers::read(b"\xef\xbb\xbf\r\nA: b\n\n", true).begins_well);
    }
}
