//! XLSX: the names of the sheets, their cells row by row, one in a line, then comments, drawings and charts.
//!
//! Limits: numbers are as they are stored, so that a date is a count of days; formulas are left out, their last
//! results are there. Strings that no sheet shows come at the end: they may be what is left of a damaged or deleted
//! sheet.

use super::{
    Sink, Unread,
    limits::SHARED_BYTES,
    ooxml,
    package::Package,
    xml::{self, Node},
};
use std::collections::BTreeMap;

/// Reads a workbook.
pub fn read(package: &mut Package<'_>, sink: &mut Sink) {
    let mut shared = Shared::read(package, sink);
    let mut rest = package.names(|name| name.starts_with("xl/worksheets/") && name.ends_with(".xml"));
    for (name, part) in sheets(package, sink) {
        sink.block(&name);
        if let Some(at) = rest.iter().position(|other| *other == part) {
            rest.remove(at);
            sheet(package, &part, &mut shared, sink);
        }
    }
    for part in rest {
        sheet(package, &part, &mut shared, sink);
    }
    for start in ["xl/comments", "xl/threadedComments/", "xl/drawings/drawing", "xl/charts/chart"] {
        ooxml::parts(package, start, sink);
    }
    shared.unshown(sink);
    ooxml::around(package, sink);
}

/// Names of the sheets and of their parts, in the order of the workbook.
fn sheets(package: &mut Package<'_>, sink: &mut Sink) -> Vec<(String, String)> {
    let mut targets = BTreeMap::new();
    if let Some(part) = package.text("xl/_rels/workbook.xml.rels", sink) {
        xml::walk(&part, |node| {
            if let Node::Start("Relationship", element) = node
                && let (Some(id), Some(target)) = (xml::attribute(element, "Id"), xml::attribute(element, "Target"))
            {
                let part = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => format!("xl/{target}"),
                };
                targets.insert(id, part);
            }
            true
        });
    }
    let mut sheets = Vec::new();
    if let Some(part) = package.text("xl/workbook.xml", sink) {
        let unread = xml::walk(&part, |node| {
            if let Node::Start("sheet", element) = node {
                let part = xml::attribute(element, "id").and_then(|id| targets.get(&id).cloned());
                sheets.push((xml::attribute(element, "name").unwrap_or_default(), part.unwrap_or_default()));
            }
            true
        });
        unread.into_iter().for_each(|unread| sink.note(unread));
    }
    sheets
}

/// Reads the cells of one sheet.
fn sheet(package: &mut Package<'_>, name: &str, shared: &mut Shared, sink: &mut Sink) {
    if sink.is_full() {
        return;
    }
    let Some(part) = package.text(name, sink) else { return };
    let mut cell = Cell::default();
    let unread = xml::walk(&part, |node| {
        match node {
            Node::Start("c", element) => {
                cell = Cell { shared: xml::attribute(element, "t").as_deref() == Some("s"), ..Cell::default() };
            }
            Node::Start("v" | "t", _) => cell.reading = true,
            Node::End("v" | "t") => cell.reading = false,
            Node::Text(text) if cell.reading => cell.text.push_str(text),
            Node::End("c") => {
                let text = match cell.text.trim().parse() {
                    Ok(at) if cell.shared => shared.show(at),
                    _ => &cell.text,
                };
                sink.block(text);
            }
            _ => {}
        }
        !sink.is_full()
    });
    unread.into_iter().for_each(|unread| sink.note(unread));
}

#[derive(Default)]
struct Cell {
    shared: bool,
    reading: bool,
    text: String,
}

/// The strings that cells share.
#[derive(Default)]
struct Shared {
    text: String,
    /// Where each string ends, and whether a cell shows it.
    ends: Vec<(usize, bool)>,
}

impl Shared {
    fn read(package: &mut Package<'_>, sink: &mut Sink) -> Self {
        let mut shared = Self::default();
        let Some(part) = package.text("xl/sharedStrings.xml", sink) else { return shared };
        let (mut reading, mut phonetic) = (false, false);
        let unread = xml::walk(&part, |node| {
            match node {
                Node::Start("rPh", _) => phonetic = true,
                Node::End("rPh") => phonetic = false,
                Node::Start("t", _) => reading = !phonetic,
                Node::End("t") => reading = false,
                Node::Text(text) if reading => shared.text.push_str(text),
                Node::End("si") => shared.ends.push((shared.text.len(), false)),
                _ => {}
            }
            shared.memory() < SHARED_BYTES
        });
        if shared.memory() >= SHARED_BYTES {
            sink.note(Unread::TooLarge);
        }
        if shared.ends.last().is_none_or(|(end, _)| *end < shared.text.len()) {
            shared.ends.push((shared.text.len(), false));
        }
        unread.into_iter().for_each(|unread| sink.note(unread));
        shared
    }

    fn memory(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<(usize, bool)>()
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        self.ends.get(at).and_then(|(end, _)| self.text.get(start..*end)).unwrap_or_default()
    }

    fn show(&mut self, at: usize) -> &str {
        if let Some((_, shown)) = self.ends.get_mut(at) {
            *shown = true;
        }
        self.get(at)
    }

    fn unshown(&self, sink: &mut Sink) {
        for (at, (_, shown)) in self.ends.iter().enumerate() {
            if !shown && !sink.is_full() {
                sink.block(self.get(at));
            }
        }
    }
}
