//! Header fields, written: text, addresses, parameters.
//!
//! Contract: what is given is read back by every reader that follows RFC 2047, 2231 and 5322; no value can end a field,
//! begin another, or be taken for an encoded word that it is not. Whatever is not plain ASCII is written in encoded words.
//!
//! Limits: a text field has encoded words of at most 75 characters, as RFC 2047 section 2 says. A name in an address is one
//! encoded word of up to 600 bytes: between two of them Python's `email` (3.11) shows a blank that is not in the
//! name, and no reader is known that minds a longer one.

use crate::eml::Mailbox;
use ::base64::{Engine, engine::general_purpose::STANDARD};
use mail_builder::headers::{Header, content_type::ContentType, raw::Raw};

/// Longest word that is written as it is, in bytes; a longer one could not be folded.
const PLAIN_WORD: usize = 70;
/// Bytes of text in one encoded word: 75 characters less `=?utf-8?B?` and `?=`, in base64.
const WORD_BYTES: usize = 45;
/// Bytes of a name in one encoded word: 800 characters in base64, which with an address fit a line of 998. A longer name is
/// several words.
const NAME_BYTES: usize = 600;
/// Longest name of a file that is written, in characters. Longer ones are cut; the whole one stands elsewhere.
const FILE_CHARS: usize = 1_000;

/// `text` as one line that a person can be shown: runs of white space are one blank, none at its ends; control
/// characters are replaced by their pictures (`␀`).
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(picture));
    }
    out
}

fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        0x80..=0x9f => '\u{fffd}',
        _ => c,
    }
}

/// Writes `name: value`, folded at blanks. `value` is ASCII.
pub(super) fn raw(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    Raw::new(value).write_header(out, name.len() + 2);
}

fn is_plain_word(word: &str) -> bool {
    word.len() <= PLAIN_WORD && word.bytes().all(|b| b.is_ascii_graphic()) && !word.contains("=?")
}

/// A [`shown`] text for an unstructured field. From the first word that is not plain to the last one, encoded words.
#[must_use]
pub fn unstructured(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let Some(first) = words.iter().position(|word| !is_plain_word(word)) else { return text.to_owned() };
    let last = words.iter().rposition(|word| !is_plain_word(word)).unwrap_or(first);
    let part = |range: &[&str]| range.join(" ");
    let (before, rest) = words.split_at(first);
    let (middle, after) = rest.split_at(last + 1 - first);
    let mut out: Vec<String> = Vec::new();
    out.extend(before.iter().map(|word| (*word).to_owned()));
    out.push(encoded_words(&part(middle), WORD_BYTES));
    out.extend(after.iter().map(|word| (*word).to_owned()));
    out.join(" ")
}

/// `text` as encoded words of at most so many bytes, with blanks between them. Where a word has to be broken, rather before a blank.
fn encoded_words(text: &str, most: usize) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(most);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        if end < rest.len()
            && let Some(blank) = rest.get(..end).and_then(|head| head.rfind(' ')).filter(|at| *at > 0)
        {
            end = blank;
        }
        let (head, tail) = rest.split_at(end);
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(head)));
        rest = tail;
    }
    words.join(" ")
}

/// One party of an address field. The address is ASCII without blanks.
pub(super) fn mailbox(mailbox: &Mailbox) -> String {
    let name = shown(mailbox.name.as_deref().unwrap_or_default());
    let address = mailbox.address.as_deref().unwrap_or_default();
    if name.is_empty() {
        return format!("<{address}>");
    }
    let quotable = name.len() <= NAME_BYTES && name.bytes().all(|b| matches!(b, b' '..=b'~')) && !name.contains("=?");
    if !quotable {
        return format!(
            "{} <{address}>",
            encoded_words(&name, if name.len() <= NAME_BYTES { NAME_BYTES } else { WORD_BYTES })
        );
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\" <{address}>")
}

/// Whether `text` is a MIME type that may be written for any bytes: `type/subtype` of tokens, in lower case, without parts of
/// its own. A wrapped e-mail may not be base64 (RFC 2046 section 5.2.1), so its type is not one of these either.
#[must_use]
pub fn is_media_type(text: &str) -> bool {
    let token = |t: &str| {
        let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&^_.+-".contains(&b);
        !t.is_empty() && t.bytes().all(ok)
    };
    text.len() <= PLAIN_WORD
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| token(kind) && token(subtype) && !matches!(kind, "multipart" | "message"))
}

/// Writes a field with parameters. Values are [`shown`] texts.
pub(super) fn content(out: &mut Vec<u8>, name: &str, value: &str, parameters: &[(&str, &str)]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    // In a quoted value readers decode what looks like an encoded word; in an extended one they do not.
    if parameters.iter().any(|(_, text)| text.contains("=?")) {
        out.extend_from_slice(value.as_bytes());
        parameters.iter().for_each(|(key, text)| extended(out, key, text));
        out.extend_from_slice(b"\r\n");
        return;
    }
    let mut field = ContentType::new(value);
    for (key, text) in parameters {
        field = field.attribute(*key, text.chars().take(FILE_CHARS).collect::<String>());
    }
    field.write_header(out, name.len() + 2);
}

/// A parameter in the extended form of RFC 2231, a line for every section.
fn extended(out: &mut Vec<u8>, key: &str, text: &str) {
    let mut sections = vec![String::from("UTF-8''")];
    for c in text.chars().take(FILE_CHARS) {
        let mut bytes = [0; 4];
        let encoded: String = c
            .encode_utf8(&mut bytes)
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        match sections.last_mut() {
            Some(last) if last.len() + encoded.len() <= 55 => last.push_str(&encoded),
            _ => sections.push(encoded),
        }
    }
    for (n, section) in sections.iter().enumerate() {
        out.extend_from_slice(format!(";\r\n {key}*{n}*={section}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eml::Email;

    #[test]
    fn text_is_shown_in_one_line_without_control_characters() {
        assert_eq!(shown(" a\r\nb\t c\u{0}\u{7f} "), "a b c\u{2400}\u{2421}");
        assert_eq!(shown("\u{202e}abc \u{200f}"), "\u{202e}abc \u{200f}");
    }

    #[test]
    fn what_is_plain_stays_plain_and_the_rest_is_encoded() {
        assert_eq!(unstructured("WhatsApp message"), "WhatsApp message");
        assert_eq!(unstructured("to group =?utf-8?q?fake?= now"), "to group =?utf-8?B?PT91dGYtOD9xP2Zha2U/PQ==?= now");
    }

    #[test]
    fn fields_are_read_back() {
        for text in [
            "Ann Lee",
            "Lee, Ann \"A\" \\ <x@y.example>; (c) :",
            "=?utf-8?q?fake?=",
            "a =? b ?= c",
            "עברית וערבית عربي",
            "👩‍👩‍👧‍👦 family \u{1f468}\u{1f3fd}",
            &"x".repeat(300),
            &"é".repeat(300),
            "word ".repeat(100).trim_end(),
            "mot é ".repeat(100).trim_end(),
            "\"",
            "\\",
            "'",
            "a@b",
            "+44 7700 900101",
            "~",
            ".",
            ",",
            "é,",
        ] {
            let mut out = Vec::new();
            raw(&mut out, "Subject", &unstructured(text));
            let party = |name: &str| Mailbox { name: Some(name.into()), address: Some("a@b.invalid".into()) };
            raw(&mut out, "From", &mailbox(&party(text)));
            raw(&mut out, "To", &[party(text), party("Bo"), party(text)].map(|m| mailbox(&m)).join(", "));
            let bytes = [out.as_slice(), b"\r\nx"].concat();
            assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|l| l.len() < 998));
            let mail = Email::parse(&bytes).unwrap();
            assert_eq!(mail.subject(), text);
            assert_eq!(mail.parties("from").0, [party(text)]);
            assert_eq!(mail.parties("to").0, [party(text), party("Bo"), party(text)]);
        }
    }
}
