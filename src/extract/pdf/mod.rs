//! The text of a PDF: what its pages show, then what its notes and form fields say, then title, author and keywords.
//!
//! The crates that read PDF were not made for strangers' files without a supervisor: lopdf keeps every object in memory,
//! hayro-syntax unpacks object streams without a bound, and neither counts values. So the file is read here, lazily, with
//! a count on everything: objects, values, pages, glyph mappings, unpacked bytes ([`limits`](super::limits)).
//!
//! Limits: text that fonts draw without saying which letters they are is not read, nor are outlined letters and
//! pictures of text. A page without text but with a picture makes the whole partly unread, and so do files within the file.

mod cmap;
mod document;
mod filter;
mod font;
mod glyph;
mod line;
mod matrix;
mod page;
mod value;

use super::{
    Sink, Unread,
    limits::{PDF_DEPTH, PDF_PAGES},
    text,
};
use document::Document;
use page::Drawing;
use std::{collections::HashSet, rc::Rc};
use value::{Dict, Value};

/// One glyph in so many may be unknown, bullets and ornaments mostly, before that is said.
const UNMAPPED_SHARE: usize = 20;
/// Notes and form fields of one page that are read.
const ANNOTATIONS: usize = 10_000;

/// Reads a PDF.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let document = Document::open(bytes);
    if document.trailer.contains_key(&b"Encrypt"[..]) {
        return sink.note(Unread::Encrypted);
    }
    let mut drawing = Drawing::new(&document);
    let mut pages = Pages { document: &document, seen: HashSet::new(), drawn: 0, scanned: false };
    if let Some(root) = document.dict(&document.trailer, b"Root")
        && let Some(tree) = root.get(&b"Pages"[..])
    {
        pages.tree(tree, &mut drawing, sink);
    }
    let names = document.dict(&document.trailer, b"Root").and_then(|root| document.dict(&root, b"Names"));
    if names.is_some_and(|names| names.contains_key(&b"EmbeddedFiles"[..])) {
        document.note(Unread::Unsupported);
    }
    if pages.drawn == 0 {
        pages.all(&mut drawing, sink);
    }
    let text = !sink.is_blank();
    properties(&document, sink);
    if drawing.unmapped * UNMAPPED_SHARE > drawing.shown {
        document.note(Unread::Unmapped);
    }
    if !document.ended || pages.drawn == 0 {
        document.note(Unread::Broken);
    }
    document.report(sink);
    if pages.scanned || !text {
        sink.note(Unread::Image);
    }
}

/// The walk over the pages.
struct Pages<'d, 'a> {
    document: &'d Document<'a>,
    /// Numbers of the nodes that were visited.
    seen: HashSet<u32>,
    drawn: usize,
    /// A page has a picture and no text.
    scanned: bool,
}

impl<'a> Pages<'_, 'a> {
    /// Walks the tree of pages; a node that was visited is not visited again.
    fn tree(&mut self, root: &Value, drawing: &mut Drawing<'_, 'a>, sink: &mut Sink) {
        let mut stack = vec![(vec![root.clone()].into_iter(), Rc::new(Dict::new()), 0)];
        while let Some((kids, inherited, held)) = stack.last_mut() {
            let Some(kid) = kids.next() else {
                drawing.release(*held);
                stack.pop();
                continue;
            };
            let inherited = Rc::clone(inherited);
            if let Value::Ref(number) = kid
                && !self.seen.insert(number)
            {
                continue;
            }
            let Some(Value::Dict(node)) = self.document.resolve(&kid) else {
                self.document.note(Unread::Broken);
                continue;
            };
            let resources = self.document.dict(&node, b"Resources").map_or(inherited, Rc::new);
            match self.document.get(&node, b"Kids") {
                Some(Value::Array(_)) if stack.len() > PDF_DEPTH => self.document.note(Unread::TooDeep),
                Some(Value::Array(kids)) => {
                    let held = kids.iter().map(Value::weight).sum::<usize>() + value::weight(&resources);
                    if drawing.hold(held) {
                        stack.push((kids.into_iter(), resources, held));
                    }
                }
                _ => self.page(&node, &resources, drawing, sink),
            }
            if self.is_done(sink) {
                return;
            }
        }
    }

    /// Draws every object that says that it is a page.
    fn all(&mut self, drawing: &mut Drawing<'_, 'a>, sink: &mut Sink) {
        for number in &self.document.pages {
            let Some(Value::Dict(page)) = self.document.resolve(&Value::Ref(*number)) else { continue };
            let kind = self.document.get(&page, b"Type");
            if kind.as_ref().and_then(Value::name) != Some(b"Page") || !self.seen.insert(*number) {
                continue;
            }
            let resources = self.document.dict(&page, b"Resources").or_else(|| self.inherited(&page));
            self.page(&page, &resources.unwrap_or_default(), drawing, sink);
            if self.is_done(sink) {
                return;
            }
        }
    }

    fn inherited(&self, page: &Dict) -> Option<Dict> {
        let parent = self.document.dict(page, b"Parent")?;
        self.document.dict(&parent, b"Resources")
    }

    fn is_done(&self, sink: &mut Sink) -> bool {
        if self.drawn >= PDF_PAGES {
            self.document.note(Unread::TooLarge);
        }
        self.drawn >= PDF_PAGES || sink.is_full() || !self.document.charge(1)
    }

    fn page(&mut self, page: &Dict, resources: &Dict, drawing: &mut Drawing<'_, 'a>, sink: &mut Sink) {
        self.drawn += 1;
        let (before, glyphs) = (sink.len(), drawing.shown);
        drawing.picture = false;
        drawing.page(page, resources, sink);
        self.scanned |= drawing.picture && sink.len() == before && drawing.shown == glyphs;
        self.annotations(page, sink);
        sink.line();
    }

    /// Notes, form fields and the addresses of links.
    fn annotations(&self, page: &Dict, sink: &mut Sink) {
        let Some(Value::Array(annotations)) = self.document.get(page, b"Annots") else { return };
        for annotation in annotations.iter().take(ANNOTATIONS) {
            if sink.is_full() {
                return;
            }
            let Some(Value::Dict(annotation)) = self.document.resolve(annotation) else { continue };
            let field = match annotation.contains_key(&b"V"[..]) {
                true => Some(annotation.clone()),
                false => self.document.dict(&annotation, b"Parent"),
            };
            for (dict, key) in [
                (Some(annotation.clone()), &b"Contents"[..]),
                (field, b"V"),
                (self.document.dict(&annotation, b"A"), b"URI"),
            ] {
                let value = dict.and_then(|dict| self.document.get(&dict, key));
                if let Some(string) = value.as_ref().and_then(Value::string) {
                    sink.block(&words(string));
                }
            }
        }
        if annotations.len() > ANNOTATIONS {
            self.document.note(Unread::TooLarge);
        }
    }
}

fn properties(document: &Document<'_>, sink: &mut Sink) {
    let Some(info) = document.dict(&document.trailer, b"Info") else { return };
    for key in [&b"Title"[..], b"Author", b"Subject", b"Keywords"] {
        if let Some(string) = document.get(&info, key).as_ref().and_then(Value::string) {
            sink.block(&words(string));
        }
    }
}

/// A text string: UTF-16 or UTF-8 with a mark, else nearly Latin.
fn words(string: &[u8]) -> String {
    text::decode(string, Some(b"windows-1252")).into_owned()
}
