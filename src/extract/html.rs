//! HTML: what a reader sees. Scripts, styles, comments and hidden elements are left out, entities are decoded, blocks
//! are lines. The text that stands for a picture is text.
//!
//! Limits: only what the page itself says (`hidden`, `display:none`, `visibility:hidden`) hides; style sheets are not
//! applied. A hidden element that never ends hides nothing: better too much than evidence lost. Links are words, not
//! addresses.

use super::{Sink, limits::TEXT_CHARS, text};
use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};
use std::convert::Infallible;

/// Elements within a line.
const INLINE: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "q", "rp", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "o:p",
];
/// Elements without an end.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that the next one of the same name ends.
const UNENDED: [&str; 8] = ["p", "li", "dt", "dd", "tr", "td", "th", "option"];
/// Elements whose text nobody sees.
const UNSEEN: [&str; 3] = ["script", "style", "template"];
/// Bytes at the beginning in which a page names its charset.
const META_BYTES: usize = 1024;

/// Reads HTML.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let text = text::decode(bytes, charset(bytes));
    let mut page = Page { sink, tag: Tag::default(), attribute: Vec::new(), hiding: None };
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        page.event(&event);
        None
    });
    // Reading from memory has no errors, and nothing is emitted.
    let mut tokens = Tokenizer::new_with_emitter(&*text, emitter);
    while let Some(Ok(_)) = tokens.next() {}
    drop(tokens);
    page.end();
}

/// The charset that a page names near its beginning, in `<meta>` or in an XML declaration.
pub fn charset(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..META_BYTES).unwrap_or(bytes);
    let after = |word: &[u8]| {
        let at = head.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))?;
        head.get(at + word.len()..)
    };
    let value = after(b"charset=").or_else(|| after(b"encoding="))?;
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)))?;
    value.get(..end)
}

struct Page<'s> {
    sink: &'s mut Sink,
    tag: Tag,
    attribute: Vec<u8>,
    hiding: Option<Hiding>,
}

/// The start tag that is being read.
#[derive(Default)]
struct Tag {
    name: String,
    hidden: bool,
    alternative: String,
}

/// The hidden element that we are in.
struct Hiding {
    name: String,
    /// Elements of the same name within it.
    depth: usize,
    /// What to show if it never ends; `None` for what is no text.
    text: Option<String>,
}

impl Page<'_> {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: String::from_utf8_lossy(name).into_owned(), ..Tag::default() };
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = name.to_vec();
                self.tag.hidden |= *name == b"hidden";
            }
            CallbackEvent::AttributeValue { value } => self.attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => self.start(*self_closing),
            CallbackEvent::EndTag { name } => self.close(&String::from_utf8_lossy(name)),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn attribute(&mut self, value: &[u8]) {
        match self.attribute.as_slice() {
            b"style" => {
                let style: Vec<u8> =
                    value.iter().filter(|b| !b.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect();
                let says = |word: &[u8]| style.windows(word.len()).any(|window| window == word);
                self.tag.hidden |= says(b"display:none") || says(b"visibility:hidden");
            }
            b"alt" | b"title" => {
                self.tag.alternative.push(' ');
                self.tag.alternative.push_str(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }

    fn start(&mut self, self_closing: bool) {
        let tag = std::mem::take(&mut self.tag);
        let void = VOID.contains(&tag.name.as_str());
        if let Some(hiding) = &mut self.hiding
            && hiding.name == tag.name
        {
            if !UNENDED.contains(&tag.name.as_str()) {
                hiding.depth += usize::from(!void);
                return;
            }
            self.hiding = None;
        }
        if self.hiding.is_some() {
            return;
        }
        self.gap(&tag.name);
        let unseen = UNSEEN.contains(&tag.name.as_str());
        if (unseen || tag.hidden) && !void && !(self_closing && tag.name.contains(':')) {
            let text = (!unseen).then(String::new);
            self.hiding = Some(Hiding { name: tag.name, depth: 1, text });
        } else if !tag.hidden && !tag.alternative.is_empty() {
            self.sink.space();
            self.sink.push(tag.alternative.trim());
            self.sink.space();
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(hiding) = &mut self.hiding {
            if hiding.name == name {
                hiding.depth = hiding.depth.saturating_sub(1);
            }
            if hiding.depth > 0 {
                return;
            }
            self.hiding = None;
        }
        self.gap(name);
    }

    fn text(&mut self, text: &str) {
        match &mut self.hiding {
            None => words(text, self.sink),
            Some(Hiding { text: Some(kept), .. }) if kept.len() < TEXT_CHARS => {
                kept.push_str(text);
                kept.push('\n');
            }
            Some(_) => {}
        }
    }

    fn end(&mut self) {
        if let Some(Hiding { text: Some(text), .. }) = self.hiding.take() {
            self.sink.line();
            words(&text, self.sink);
        }
    }

    fn gap(&mut self, name: &str) {
        match name {
            "td" | "th" => self.sink.space(),
            name if INLINE.contains(&name) => {}
            _ => self.sink.line(),
        }
    }
}

/// White space of any kind is one blank.
fn words(text: &str, sink: &mut Sink) {
    for (at, word) in text.split([' ', '\t', '\r', '\n', '\u{C}']).enumerate() {
        if at > 0 {
            sink.space();
        }
        sink.push(word);
    }
}
