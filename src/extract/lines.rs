//! vCard and iCalendar: content lines, folded, with parameters. What stands after the colon is text: names, numbers,
//! addresses, notes, places.
//!
//! Limits: pictures, sounds and keys in it are left out.

use super::{Sink, text};

/// Parameters of one line that are looked at; three are common.
const PARAMETERS: usize = 64;

/// Reads content lines.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let text = text::decode(bytes, None);
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).peekable();
    while let Some(first) = lines.next() {
        let mut line = first.to_owned();
        let printable = is_quoted_printable(first);
        loop {
            let soft = printable && line.ends_with('=');
            let folded = |next: &&str| soft || (next.starts_with([' ', '\t']) && !next.trim().is_empty());
            let Some(next) = lines.next_if(folded) else { break };
            if soft {
                line.pop();
                line.push_str(next);
            } else {
                line.push_str(next.get(1..).unwrap_or_default());
            }
        }
        one(&line, printable, sink);
        if sink.is_full() {
            return;
        }
    }
}

fn is_quoted_printable(line: &str) -> bool {
    line.split_once(':').is_some_and(|(head, _)| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"))
}

fn one(line: &str, printable: bool, sink: &mut Sink) {
    let Some((head, value)) = split(line) else {
        return sink.block(line);
    };
    let mut parameters = head.split(';');
    let property = parameters.next().unwrap_or_default();
    let property = property.rsplit('.').next().unwrap_or(property).to_ascii_uppercase();
    let parameters: Vec<(String, &str)> = parameters
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (name.to_ascii_uppercase(), value))
        .take(PARAMETERS)
        .collect();
    let binary = parameters.iter().any(|(name, value)| {
        (name == "ENCODING" && (value.eq_ignore_ascii_case("b") || value.eq_ignore_ascii_case("base64")))
            || name == "BASE64"
    }) || (matches!(property.as_str(), "PHOTO" | "LOGO" | "SOUND" | "KEY") && value.starts_with("data:"));
    if binary || matches!(property.as_str(), "BEGIN" | "END" | "VERSION" | "PRODID") {
        return;
    }
    sink.line();
    if printable {
        let charset = parameters.iter().find(|(name, _)| name == "CHARSET").map(|(_, value)| value.as_bytes());
        unescape(&text::decode(&undo(value), charset), sink);
    } else {
        unescape(value, sink);
    }
    for (name, value) in &parameters {
        if matches!(name.as_str(), "CN" | "WAID") {
            sink.space();
            sink.push(value.trim_matches('"'));
        }
    }
    sink.line();
}

/// Name and parameters, and the value: at the first colon outside quotation marks.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    Some((line.get(..at)?, line.get(at + 1..)?))
}

/// The components of a value as words, its escapes undone.
fn unescape(value: &str, sink: &mut Sink) {
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => sink.line(),
                Some(other) => sink.push_char(other),
                None => {}
            },
            ';' => sink.space(),
            '\n' | '\r' => sink.line(),
            other => sink.push_char(other),
        }
    }
}

/// Undoes quoted-printable.
fn undo(value: &str) -> Vec<u8> {
    let mut bytes = value.bytes();
    let mut out = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).map(|digit| digit as u8);
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'=', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    out
}
