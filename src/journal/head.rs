//! Where the journal ends: the last complete batch, and what is torn behind it.

use super::{
    chain,
    entry::{self, Envelope},
    segment::{self, Segment},
};
use crate::{
    Result, fs,
    model::{Digest, Instant, Seq, Watermark},
};
use std::path::Path;

/// Bytes that are read from the end at first; doubled until the last complete batch is found.
const WINDOW: u64 = 256 * 1024;

/// The end of the last complete batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last line, as a watermark.
    pub mark: Watermark,
    /// When the last line was written.
    pub at: Instant,
}

impl Head {
    pub(super) const START: Self = Self { mark: Watermark::START, at: Instant(0) };
}

/// Bytes behind the last complete batch: an append that was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// First sequence number of the segment.
    pub segment: Seq,
    /// Where the torn bytes begin.
    pub offset: u64,
    /// How many there are.
    pub bytes: u64,
    /// Complete lines among them.
    pub lines: u64,
}

/// Finds the head by reading from the end.
pub(super) fn find(dir: &Path) -> Result<(Head, Option<Torn>)> {
    let segments = segment::list(dir)?;
    let mut torn = None;
    for segment in segments.iter().rev() {
        // A segment without a complete batch: made by an append that was interrupted at its first line.
        match end_of(segment)? {
            (Some(head), rest) => return Ok((head, rest.or(torn))),
            (None, rest) => torn = rest.or(torn),
        }
    }
    Ok((Head::START, torn))
}

fn end_of(segment: &Segment) -> Result<(Option<Head>, Option<Torn>)> {
    // Nearly always the segment ends with the last line of a batch: that line alone tells.
    let last = super::read::last_line(&segment.path, segment.size)?;
    if let Some((envelope, hash)) = last.as_deref().and_then(parse)
        && !envelope.more
    {
        let mark = Watermark { seq: envelope.seq, hash, segment: segment.first, offset: segment.size };
        return Ok((Some(Head { mark, at: envelope.at }), None));
    }
    let mut window = WINDOW;
    loop {
        let start = segment.size.saturating_sub(window);
        let bytes = fs::read::range(&segment.path, start, segment.size - start)?;
        let found = last_batch_end(segment, start, &bytes);
        if found.0.is_some() || start == 0 {
            return Ok(found);
        }
        window = window.saturating_mul(4);
    }
}

fn last_batch_end(segment: &Segment, start: u64, bytes: &[u8]) -> (Option<Head>, Option<Torn>) {
    let mut offset = start;
    let mut lines = bytes.split_inclusive(|b| *b == b'\n');
    if start > 0 {
        // The window began inside a line.
        offset += lines.next().map_or(0, |cut| cut.len() as u64);
    }
    let (mut head, mut open_lines) = (None, 0);
    for line in lines {
        offset += line.len() as u64;
        let Some((envelope, hash)) = line.strip_suffix(b"\n").and_then(parse) else { continue };
        if envelope.more {
            open_lines += 1;
            continue;
        }
        open_lines = 0;
        let mark = Watermark { seq: envelope.seq, hash, segment: segment.first, offset };
        head = Some(Head { mark, at: envelope.at });
    }
    let end = head.map_or(start, |h: Head| h.mark.offset);
    let complete = head.is_some() || start == 0;
    let torn = (complete && end < segment.size).then(|| Torn {
        segment: segment.first,
        offset: end,
        bytes: segment.size - end,
        lines: open_lines,
    });
    (head, torn)
}

fn parse(line: &[u8]) -> Option<(Envelope, Digest)> {
    let (hash, json) = entry::split(line)?;
    Some((serde_json::from_slice(json).ok()?, hash))
}

/// Whether `json` after `previous` gives `hash`.
pub(super) fn holds(previous: &Digest, json: &[u8], hash: &Digest) -> bool {
    chain::link(previous, json) == *hash
}
