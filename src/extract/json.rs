//! JSON: its strings, keys, numbers and words, in order, without the punctuation.
//!
//! Limits: it is not checked. Whatever is between the strings is taken as it stands, so that nesting costs nothing
//! and damage loses nothing; a string without an end is reported.

use super::{Sink, Unread, text};
use std::str::CharIndices;

/// Reads JSON, also many values in a row.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let text = text::decode(bytes, None);
    let mut rest = text.char_indices();
    let mut word = None;
    while let Some((at, c)) = rest.next() {
        if sink.is_full() {
            return;
        }
        let punctuation = matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"') || c.is_whitespace();
        match (punctuation, word) {
            (false, None) => word = Some(at),
            (true, Some(start)) => {
                sink.push(text.get(start..at).unwrap_or_default());
                word = None;
            }
            _ => {}
        }
        match c {
            '"' => string(&text, &mut rest, sink),
            ':' => sink.space(),
            '{' | '}' | '[' | ']' | ',' => sink.line(),
            _ => {}
        }
    }
    sink.push(word.and_then(|start| text.get(start..)).unwrap_or_default());
}

/// The rest of a string after its opening quotation mark.
fn string(text: &str, rest: &mut CharIndices<'_>, sink: &mut Sink) {
    let mut start = rest.offset();
    while let Some((at, c)) = rest.next() {
        if c != '"' && c != '\\' {
            continue;
        }
        sink.push(text.get(start..at).unwrap_or_default());
        if c == '"' {
            return;
        }
        escape(rest, sink);
        start = rest.offset();
    }
    sink.push(text.get(start..).unwrap_or_default());
    sink.note(Unread::Broken);
}

fn escape(rest: &mut CharIndices<'_>, sink: &mut Sink) {
    let c = match rest.next() {
        Some((_, 'n')) => '\n',
        Some((_, 't')) => '\t',
        Some((_, 'r' | 'b' | 'f')) => ' ',
        Some((_, 'u')) => return unit(rest, sink),
        Some((_, other)) => other,
        None => return,
    };
    sink.push_char(c);
}

/// `\uXXXX`, and a second one that completes it.
fn unit(rest: &mut CharIndices<'_>, sink: &mut Sink) {
    let mut units = Vec::with_capacity(2);
    units.extend(hex(rest));
    if units.first().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
        let mut ahead = rest.clone();
        if let (Some((_, '\\')), Some((_, 'u'))) = (ahead.next(), ahead.next())
            && let Some(low) = hex(&mut ahead).filter(|low| (0xDC00..0xE000).contains(low))
        {
            units.push(low);
            *rest = ahead;
        }
    }
    sink.push(&String::from_utf16_lossy(&units));
}

fn hex(rest: &mut CharIndices<'_>) -> Option<u16> {
    let mut value = 0;
    for _ in 0..4 {
        let digit = rest.clone().next().and_then(|(_, c)| c.to_digit(16))?;
        rest.next();
        value = value << 4 | digit as u16;
    }
    Some(value)
}
