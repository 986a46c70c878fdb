//! Finding one line by its sequence number, without reading the lines before it.

use super::{Journal, entry, segment, segment::Segment};
use crate::{
    Result, fs,
    model::{Entry, Line, Seq, limits},
};

/// Bytes below which a stretch is read as a whole instead of halved again.
const STRETCH: u64 = 512 * 1024;

impl Journal {
    /// The line with this sequence number; `None` if there is none. The chain is not checked.
    ///
    /// # Errors
    /// Reading failed.
    pub fn find(&self, seq: Seq) -> Result<Option<Entry>> {
        let segments = segment::list(&self.dir)?;
        match segments.iter().rev().find(|segment| segment.first <= seq) {
            Some(segment) => find_in(segment, seq),
            None => Ok(None),
        }
    }
}

/// Halves the file until the stretch that has the line is small. Sequence numbers grow along the file.
fn find_in(segment: &Segment, seq: Seq) -> Result<Option<Entry>> {
    let (mut low, mut high) = (0, segment.size);
    while high - low > STRETCH {
        let middle = low + (high - low) / 2;
        let bytes = fs::read::range(&segment.path, middle, 2 * limits::JOURNAL_LINE_BYTES as u64)?;
        let first = lines(middle, &bytes, true).next();
        match first {
            Some((start, line)) if line.seq <= seq => low = start,
            _ => high = middle,
        }
    }
    // The last line of the stretch may reach beyond it.
    let bytes = fs::read::range(&segment.path, low, high - low + limits::JOURNAL_LINE_BYTES as u64)?;
    let mut offset = low;
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        offset += raw.len() as u64;
        let Some((hash, json)) = raw.strip_suffix(b"\n").and_then(entry::split) else { continue };
        if let Ok(line) = serde_json::from_slice::<Line>(json)
            && line.seq == seq
        {
            return Ok(Some(Entry { line, hash, segment: segment.first, end: offset }));
        }
    }
    Ok(None)
}

/// The whole lines in a stretch that begins at `offset`, with where each begins.
fn lines(offset: u64, bytes: &[u8], skip_first: bool) -> impl Iterator<Item = (u64, entry::Envelope)> {
    let mut at = offset;
    bytes.split_inclusive(|b| *b == b'\n').enumerate().filter_map(move |(number, raw)| {
        let start = at;
        at += raw.len() as u64;
        if number == 0 && skip_first {
            return None;
        }
        let (_, json) = entry::split(raw.strip_suffix(b"\n")?)?;
        Some((start, serde_json::from_slice(json).ok()?))
    })
}
