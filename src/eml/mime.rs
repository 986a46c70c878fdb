//! The parts of an e-mail: a walk over the MIME structure that yields its leaves with their raw offsets.
//!
//! Contract: every byte range lies in the bytes that were read; nesting and number of parts are bounded, and what lies
//! beyond a bound is one opaque leaf. A `message/rfc822` part is a leaf: who wants its inside reads it as an e-mail.

use super::{
    header::{Headers, decode, line, terminated},
    transfer::Encoding,
};
use crate::model::limits::{MIME_DEPTH, MIME_PARTS};
use mail_parser::{HeaderValue, parsers::MessageStream};
use std::ops::Range;

/// A part that has no parts.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// MIME type, lower case; `text/plain` if the part names none.
    pub media_type: String,
    /// File name, decoded; empty if the part gives none.
    pub name: String,
    /// The charset of a text part.
    pub charset: Option<String>,
    /// How its bytes are written.
    pub encoding: Encoding,
    /// Where they are written.
    pub raw: Range<usize>,
    /// Marked as an attachment.
    pub attached: bool,
    /// The `multipart/alternative` that it is a choice of, if it is.
    pub alternative: Option<usize>,
}

/// Why the structure is not all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// A header block has no end.
    HeaderCut,
    /// A multipart names a boundary that never comes.
    BoundaryMissing,
    /// A multipart has no final boundary.
    BoundaryCut,
    /// Base64 or quoted-printable stops within a group.
    EncodingCut,
    /// Nested deeper than [`MIME_DEPTH`].
    TooDeep,
    /// More parts than [`MIME_PARTS`].
    TooMany,
}

impl Defect {
    /// What a person reads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HeaderCut => "the header has no end",
            Self::BoundaryMissing => "no part begins",
            Self::BoundaryCut => "the final boundary is missing",
            Self::EncodingCut => "the encoding of a part is cut off",
            Self::TooDeep => "parts are nested too deep; the rest is kept as one part",
            Self::TooMany => "too many parts; the rest is kept as one part",
        }
    }
}

/// The walk over one e-mail.
#[derive(Debug, Default)]
pub struct Parts {
    /// The leaves, in order.
    pub leaves: Vec<Leaf>,
    /// The first defect.
    pub defect: Option<Defect>,
    parts: usize,
    alternatives: usize,
}

impl Parts {
    /// Walks `bytes`, whose header block is `headers`.
    #[must_use]
    pub fn read(bytes: &[u8], headers: &Headers<'_>) -> Self {
        let mut parts = Self::default();
        if !headers.closed {
            parts.note(Defect::HeaderCut);
        }
        parts.walk(bytes, headers, headers.body..bytes.len(), 0, None);
        parts
    }

    fn note(&mut self, defect: Defect) {
        self.defect.get_or_insert(defect);
    }

    fn walk(
        &mut self,
        bytes: &[u8],
        headers: &Headers<'_>,
        body: Range<usize>,
        depth: usize,
        alternative: Option<usize>,
    ) {
        self.parts += 1;
        let content = parameters(headers, "content-type");
        let kind = content.as_ref().map_or_else(|| "text/plain".to_owned(), media_type);
        let boundary = content.as_ref().and_then(|c| c.attribute("boundary")).filter(|b| !b.is_empty());
        if let (true, Some(boundary)) = (kind.starts_with("multipart/"), boundary) {
            if depth >= MIME_DEPTH {
                self.note(Defect::TooDeep);
            } else if self.multipart(bytes, &kind, boundary.as_bytes(), body.clone(), depth, alternative) {
                return;
            }
        }
        let kind = if kind.starts_with("multipart/") && depth < MIME_DEPTH { "text/plain".to_owned() } else { kind };
        let leaf = Leaf {
            name: file_name(headers, content.as_ref()),
            charset: content.as_ref().and_then(|c| c.attribute("charset")).map(str::to_owned),
            encoding: headers.raw("content-transfer-encoding").map_or(Encoding::Plain, |v| Encoding::named(&decode(v))),
            attached: parameters(headers, "content-disposition").is_some_and(|d| d.kind == "attachment"),
            media_type: kind,
            raw: body,
            alternative,
        };
        self.leaves.push(leaf);
    }

    /// Walks the parts of a multipart; `false` if none begins.
    fn multipart(
        &mut self,
        bytes: &[u8],
        kind: &str,
        boundary: &[u8],
        body: Range<usize>,
        depth: usize,
        alternative: Option<usize>,
    ) -> bool {
        let mut found = split(bytes, body, boundary, MIME_PARTS.saturating_sub(self.parts));
        if found.ranges.is_empty() {
            self.note(Defect::BoundaryMissing);
            return false;
        }
        if found.limited {
            self.note(Defect::TooMany);
        } else if !found.closed {
            self.note(Defect::BoundaryCut);
        }
        let alternative = if kind == "multipart/alternative" {
            self.alternatives += 1;
            Some(self.alternatives)
        } else {
            alternative
        };
        for range in found.ranges.drain(..) {
            let part = bytes.get(range.clone()).unwrap_or_default();
            let headers = Headers::read(part, false);
            let body = range.start + headers.body..range.end;
            let before = self.leaves.len();
            self.walk(bytes, &headers, body, depth + 1, alternative);
            if kind == "multipart/digest" && headers.raw("content-type").is_none() {
                self.leaves.iter_mut().skip(before).for_each(|leaf| leaf.media_type = "message/rfc822".to_owned());
            }
        }
        true
    }
}

/// The boundary of a multipart; `None` if the block is that of something else.
pub(super) fn boundary(headers: &Headers<'_>) -> Option<String> {
    let content =
        parameters(headers, "content-type").filter(|content| media_type(content).starts_with("multipart/"))?;
    content.attribute("boundary").filter(|boundary| !boundary.is_empty()).map(str::to_owned)
}

struct Split {
    ranges: Vec<Range<usize>>,
    closed: bool,
    limited: bool,
}

/// The ranges between boundary lines. The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
/// When `limit` parts are found, the last one runs to the end.
fn split(bytes: &[u8], body: Range<usize>, boundary: &[u8], limit: usize) -> Split {
    let mut found = Split { ranges: Vec::new(), closed: false, limited: false };
    let whole = bytes.get(..body.end).unwrap_or_default();
    let (mut at, mut open, mut before) = (body.start, None, body.start);
    while at < body.end {
        let (end, next) = line(whole, at);
        if let Some(last) = is_boundary(whole.get(at..end).unwrap_or_default(), boundary) {
            if let Some(start) = open.take() {
                found.ranges.push(start..before.max(start));
            }
            if last {
                found.closed = true;
                return found;
            }
            open = Some(next.min(body.end));
            if found.ranges.len() + 1 >= limit.max(1) {
                found.limited = true;
                break;
            }
        }
        before = end;
        at = next;
    }
    if let Some(start) = open {
        found.ranges.push(start..body.end);
    }
    found
}

/// `Some(true)`: the final boundary line; `Some(false)`: a boundary line.
pub(super) fn is_boundary(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// Bytes of a Content-Type or Content-Disposition field that are read; boundary and names stand far before.
const PARAMETER_BYTES: usize = 64 * 1024;

/// A Content-Type or Content-Disposition field.
struct Content {
    /// Lower case.
    kind: String,
    subtype: Option<String>,
    attributes: Vec<(String, String)>,
}

impl Content {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn parameters(headers: &Headers<'_>, name: &str) -> Option<Content> {
    let raw = headers.raw(name)?;
    let value = terminated(raw.get(..PARAMETER_BYTES).unwrap_or(raw));
    let HeaderValue::ContentType(content) = MessageStream::new(&value).parse_content_type() else { return None };
    let attributes = content.attributes().unwrap_or_default();
    Some(Content {
        kind: content.ctype().trim().to_ascii_lowercase(),
        subtype: content.subtype().map(|s| s.trim().to_ascii_lowercase()),
        attributes: attributes.iter().map(|a| (a.name.to_string(), a.value.to_string())).collect(),
    })
}

fn media_type(content: &Content) -> String {
    match (content.kind.as_str(), &content.subtype) {
        ("text", None) | ("", _) => "text/plain".to_owned(),
        (kind, Some(subtype)) => format!("{kind}/{subtype}"),
        (kind, None) => format!("{kind}/octet-stream"),
    }
}

fn file_name(headers: &Headers<'_>, content: Option<&Content>) -> String {
    let disposition = parameters(headers, "content-disposition");
    let name = disposition.as_ref().and_then(|d| d.attribute("filename"));
    let name = name.or_else(|| content.and_then(|c| c.attribute("name"))).unwrap_or_default();
    // Some tools put encoded words into parameters, against RFC 2047 section 5.
    if name.contains("=?") { decode(name.as_bytes()) } else { name.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> (Vec<(String, String)>, Option<Defect>) {
        let headers = Headers::read(text.as_bytes(), true);
        let parts = Parts::read(text.as_bytes(), &headers);
        let leaves = parts.leaves.into_iter().map(|l| (l.media_type, text[l.raw].to_owned())).collect();
        (leaves, parts.defect)
    }

    #[test]
    fn parts_are_split_at_their_boundaries_and_nowhere_else() {
        let (leaves, defect) = walk(
            "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n\r\none\r\n--bb\r\n--b\r\n\
             Content-Type: image/png\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue",
        );
        assert_eq!(leaves, [("text/plain".into(), "one\r\n--bb".into()), ("image/png".into(), "two\r\n".into())]);
        assert_eq!(defect, None);
    }

    #[test]
    fn a_missing_final_boundary_is_a_defect_and_loses_no_part() {
        let (leaves, defect) = walk("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntw");
        assert_eq!(leaves.last().unwrap().1, "tw");
        assert_eq!(defect, Some(Defect::BoundaryCut));
        assert_eq!(walk("Content-Type: multipart/mixed; boundary=b\n\nnothing").1, Some(Defect::BoundaryMissing));
        assert_eq!(walk("Content-Type: text/plain").1, Some(Defect::HeaderCut));
    }

    #[test]
    fn nesting_and_number_are_bounded() {
        let mut deep = String::new();
        for n in 0..200 {
            deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"));
        }
        let (leaves, defect) = walk(&deep);
        assert_eq!((leaves.len(), defect), (1, Some(Defect::BoundaryCut)));
        let mut many = "Content-Type: multipart/mixed; boundary=b\n\n".to_owned();
        many.push_str(&"--b\n\nx\n".repeat(MIME_PARTS + 50));
        many.push_str("--b--\n");
        let (leaves, defect) = walk(&many);
        assert!(leaves.len() <= MIME_PARTS);
        assert_eq!(defect, Some(Defect::TooMany));
    }
}
