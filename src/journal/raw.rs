//! Lines as they stand in the files, for extracts and proofs that are handed over.

use super::{Journal, entry, segment};
use crate::{
    Error, Result, fs,
    model::{Digest, Line, limits},
};
use std::io::{BufRead, BufReader, Read};

/// One line as it stands in its file.
#[derive(Clone, Copy, Debug)]
pub struct RawLine<'a> {
    /// The hash that it states.
    pub hash: Digest,
    /// Its JSON object.
    pub json: &'a [u8],
    /// The whole line without its line feed: hash, space, JSON.
    pub text: &'a [u8],
}

impl RawLine<'_> {
    /// The line's content; `None` if this program does not know its event.
    #[must_use]
    pub fn parse(&self) -> Option<Line> {
        serde_json::from_slice(self.json).ok()
    }
}

impl Journal {
    /// Calls `visit` with every whole line from the first, until it returns `false`. Complete batches are not waited
    /// for and the chain is not checked: the caller knows where to stop. Bytes that are no line are passed over.
    ///
    /// # Errors
    /// Reading failed; an error of `visit`.
    pub fn raw_lines(&self, visit: &mut dyn FnMut(&RawLine<'_>) -> Result<bool>) -> Result<()> {
        for segment in segment::list(&self.dir)? {
            let mut reader = BufReader::with_capacity(1 << 18, fs::read::open(&segment.path)?);
            let mut line = Vec::new();
            loop {
                line.clear();
                let limit = limits::JOURNAL_LINE_BYTES as u64 + 1;
                let read = reader.by_ref().take(limit).read_until(b'\n', &mut line);
                if read.map_err(|e| Error::io("read", &segment.path, e))? == 0 {
                    break;
                }
                let Some(text) = line.strip_suffix(b"\n") else { continue };
                let Some((hash, json)) = entry::split(text) else { continue };
                if !visit(&RawLine { hash, json, text })? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
