//! XML, read event by event.
//!
//! Limits: entities are not expanded (but for the five of XML and numbers); depth is bounded, and so is the text by
//! being in memory. Namespaces are not resolved: elements are known by their local names.

use super::{Sink, Unread, html, limits::DEPTH, text};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use std::borrow::Cow;

/// What a document says, in order.
pub enum Node<'a> {
    /// An element begins.
    Start(&'a str, &'a BytesStart<'a>),
    /// It ends.
    End(&'a str),
    /// Text.
    Text(&'a str),
}

/// Walks a document and gives every node to `visit` until it returns `false`. The reason if the document is not whole.
pub fn walk(text: &str, mut visit: impl FnMut(Node<'_>) -> bool) -> Option<Unread> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut depth = 0usize;
    loop {
        let more = match reader.read_event() {
            Ok(Event::Start(element)) => {
                depth += 1;
                if depth > DEPTH {
                    return Some(Unread::TooDeep);
                }
                visit(Node::Start(element.local_name().as_ref(), &element))
            }
            Ok(Event::End(element)) => {
                depth = depth.saturating_sub(1);
                visit(Node::End(element.local_name().as_ref()))
            }
            Ok(Event::Text(text)) => visit(Node::Text(&text.xml10_content())),
            Ok(Event::CData(text)) => visit(Node::Text(&text.xml10_content())),
            Ok(Event::GeneralRef(reference)) => visit(Node::Text(&resolve(&reference))),
            Ok(Event::Eof) if depth > 0 => return Some(Unread::Broken),
            Ok(Event::Eof) => return None,
            Ok(_) => true,
            Err(_) => return Some(Unread::Broken),
        };
        if !more {
            return None;
        }
    }
}

/// The value of an attribute, by its local name.
pub fn attribute(element: &BytesStart<'_>, local: &str) -> Option<String> {
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    let found = attributes.flatten().find(|attribute| attribute.key.local_name().as_ref() == local)?;
    Some(unescape(&found.value))
}

/// Reads a document of which nothing is known: its texts and the values of its attributes.
pub fn read_plain(bytes: &[u8], sink: &mut Sink) {
    let text = text::decode(bytes, html::charset(bytes));
    let mut drawing = false;
    let unread = walk(&text, |node| {
        match node {
            Node::Start(name, element) => {
                // The attributes of a drawing are coordinates.
                drawing |= name == "svg";
                sink.line();
                if !drawing {
                    values(element, sink);
                }
            }
            Node::End(_) => sink.line(),
            Node::Text(text) => words(text, sink),
        }
        !sink.is_full()
    });
    unread.into_iter().for_each(|unread| sink.note(unread));
}

/// Text without the indentation around it.
fn words(text: &str, sink: &mut Sink) {
    let blank = [' ', '\t', '\r', '\n'];
    if text.starts_with(blank) {
        sink.space();
    }
    sink.push(text.trim_matches(blank));
    if text.ends_with(blank) {
        sink.space();
    }
}

fn values(element: &BytesStart<'_>, sink: &mut Sink) {
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    for attribute in attributes.flatten().filter(|attribute| !attribute.key.as_ref().starts_with("xmlns")) {
        sink.block(&unescape(&attribute.value));
    }
}

fn resolve(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.into();
    }
    let name: &str = reference;
    named(name).map_or_else(|| format!("&{name};"), String::from)
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// Undoes the references of an attribute's value; unknown ones stay.
fn unescape(value: &str) -> String {
    match quick_xml::escape::unescape(value) {
        Ok(text) => text.into_owned(),
        Err(_) => value.to_owned(),
    }
}

/// Bytes as text that is certainly UTF-8; where they are not, a question mark stands.
pub fn decode_owned(mut bytes: Vec<u8>) -> String {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return match text::decode(&bytes, None) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        };
    }
    let mut from = 0;
    while let Err(error) = std::str::from_utf8(bytes.get(from..).unwrap_or_default()) {
        let start = from + error.valid_up_to();
        let end = error.error_len().map_or(bytes.len(), |length| start + length);
        bytes.get_mut(start..end).unwrap_or_default().fill(b'?');
        from = end;
    }
    String::from_utf8(bytes).unwrap_or_default()
}
