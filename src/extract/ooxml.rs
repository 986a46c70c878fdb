//! DOCX and PPTX: the text of their parts. Tracked deletions and comments are text too: they are evidence. The
//! addresses of links come after the text, then title, author and keywords of the document.
//!
//! Limits: slides come in the order of their numbers, which is mostly the order in which they are shown. Text of
//! master slides and field codes are left out. Pictures are not read, which is said of a document without any text; files and
//! objects of other programs within the document are not opened, which is always said.

use super::{
    Sink,
    package::Package,
    xml::{self, Node},
};

/// Parts of a document that hold its text, in the order in which they are read.
const WORD: [&str; 7] = [
    "word/document",
    "word/footnotes",
    "word/endnotes",
    "word/comments",
    "word/header",
    "word/footer",
    "word/charts/chart",
];
const POWERPOINT: [&str; 5] =
    ["ppt/slides/slide", "ppt/notesSlides/notesSlide", "ppt/comments/", "ppt/charts/chart", "ppt/diagrams/data"];
/// What its properties say that is text.
const PROPERTIES: [&str; 7] = ["title", "subject", "creator", "description", "keywords", "lastModifiedBy", "category"];

/// Reads a text document or a presentation.
pub fn read(package: &mut Package<'_>, sink: &mut Sink) {
    for start in WORD.iter().chain(&POWERPOINT).chain(&["word/diagrams/data"]) {
        parts(package, start, sink);
    }
    around(package, sink);
}

/// Reads the parts whose names begin so and go on with nothing but a number or a word.
pub fn parts(package: &mut Package<'_>, start: &str, sink: &mut Sink) {
    let wanted = |name: &str| {
        name.strip_prefix(start).and_then(|rest| rest.strip_suffix(".xml")).is_some_and(|rest| !rest.contains('/'))
    };
    for name in package.names(wanted) {
        if sink.is_full() {
            return;
        }
        if let Some(part) = package.text(&name, sink) {
            text(&part, sink);
        }
    }
}

/// Reads what every office document has: the addresses of links, and the properties.
pub fn around(package: &mut Package<'_>, sink: &mut Sink) {
    package.note_pictures(sink);
    for name in package.names(|name| name.ends_with(".rels")) {
        if let Some(part) = package.text(&name, sink) {
            links(&part, sink);
        }
    }
    if let Some(part) = package.text("docProps/core.xml", sink) {
        properties(&part, sink);
    }
}

/// The text of one part: Word's and PowerPoint's elements have the same local names.
fn text(part: &str, sink: &mut Sink) {
    let mut reading = 0usize;
    let mut fallback = 0usize;
    let unread = xml::walk(part, |node| {
        match node {
            // What stands there is the text of the choice before it once more, for older programs.
            Node::Start("Fallback", _) => fallback += 1,
            Node::End("Fallback") => fallback = fallback.saturating_sub(1),
            _ if fallback > 0 => {}
            Node::Start("t" | "delText" | "text" | "v", _) => reading += 1,
            Node::End("t" | "delText") => reading = reading.saturating_sub(1),
            Node::End("text" | "v") => {
                reading = reading.saturating_sub(1);
                sink.line();
            }
            Node::Start("tab", _) => sink.space(),
            Node::Start("noBreakHyphen", _) => sink.push("-"),
            Node::Start("br" | "cr", _) | Node::End("p" | "tc" | "tr" | "comment") => sink.line(),
            Node::Text(text) if reading > 0 => sink.push(text),
            _ => {}
        }
        !sink.is_full()
    });
    sink.line();
    unread.into_iter().for_each(|unread| sink.note(unread));
}

fn links(part: &str, sink: &mut Sink) {
    // Damage here loses nothing that a reader of the document sees.
    xml::walk(part, |node| {
        if let Node::Start("Relationship", element) = node
            && xml::attribute(element, "TargetMode").as_deref() == Some("External")
            && let Some(target) = xml::attribute(element, "Target")
        {
            sink.block(&target);
        }
        !sink.is_full()
    });
}

fn properties(part: &str, sink: &mut Sink) {
    let mut reading = false;
    xml::walk(part, |node| {
        match node {
            Node::Start(name, _) => reading = PROPERTIES.contains(&name),
            Node::End(_) => reading = false,
            Node::Text(text) if reading => sink.block(text),
            Node::Text(_) => {}
        }
        !sink.is_full()
    });
}
