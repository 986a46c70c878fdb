//! ODT, ODS, ODP: paragraphs, headings, cells and notes of `content.xml`, then headers and footers of `styles.xml`.

use super::{
    Sink, Unread,
    package::Package,
    xml::{self, Node},
};

/// Reads a document of OASIS's format.
pub fn read(package: &mut Package<'_>, sink: &mut Sink) {
    let manifest = package.text("META-INF/manifest.xml", sink).unwrap_or_default();
    if manifest.contains("encryption-data") {
        return sink.note(Unread::Encrypted);
    }
    for name in ["content.xml", "styles.xml"] {
        if let Some(part) = package.text(name, sink) {
            text(&part, sink);
        }
    }
    package.note_pictures(sink);
}

fn text(part: &str, sink: &mut Sink) {
    let mut paragraphs = 0usize;
    let unread = xml::walk(part, |node| {
        match node {
            Node::Start("p" | "h", _) => {
                paragraphs += 1;
                sink.line();
            }
            Node::End("p" | "h") => {
                paragraphs = paragraphs.saturating_sub(1);
                sink.line();
            }
            Node::Start("tab" | "s", _) => sink.space(),
            Node::Start("line-break", _) => sink.line(),
            Node::Start("table", element) => sink.block(&xml::attribute(element, "name").unwrap_or_default()),
            Node::Text(text) if paragraphs > 0 => sink.push(text),
            _ => {}
        }
        !sink.is_full()
    });
    unread.into_iter().for_each(|unread| sink.note(unread));
}
