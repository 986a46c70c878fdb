//! Checking the whole chain, from the first line.

use super::{Journal, chain, entry, read::Tail, segment};
use crate::{
    Result, fs,
    model::{Digest, Event, Line, Seq, limits},
};
use std::io::{BufRead, BufReader, Read};

/// What a walk over the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// Lines that are there.
    pub events: u64,
    /// The first line that breaks the chain: its place in the sequence (line 1 is the first), file and line number.
    pub first_bad: Option<BadLine>,
    /// The hash of the last line.
    pub head: Digest,
    /// The sequence number of the last line.
    pub last: Seq,
    /// Lines of an unfinished batch, and bytes that are no line, at the end.
    pub tail: Tail,
    /// The hashes asked for: was a line with this sequence number and hash met?
    pub found: Vec<bool>,
}

/// A line that breaks the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The sequence number that the line states; the expected one if it states none.
    pub seq: Seq,
    /// The segment's file name.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u64,
    /// Why.
    pub why: &'static str,
}

struct Walk {
    previous: Digest,
    expected: Seq,
    stated: Option<Seq>,
    batch: u64,
    report: ChainReport,
}

/// Walks the chain and looks for `anchors` (sequence number, if known, and hash) on the way.
///
/// # Errors
/// Reading failed.
pub fn verify_chain(journal: &Journal, anchors: &[(Option<Seq>, Digest)]) -> Result<ChainReport> {
    let mut walk = Walk {
        previous: chain::ZERO_HASH,
        expected: Seq(1),
        stated: None,
        batch: 0,
        report: ChainReport {
            events: 0,
            first_bad: None,
            head: chain::ZERO_HASH,
            last: Seq(0),
            tail: Tail::default(),
            found: anchors
                .iter()
                .map(|(seq, hash)| *hash == chain::ZERO_HASH && seq.is_none_or(|s| s == Seq(0)))
                .collect(),
        },
    };
    for segment in segment::list(&journal.dir)? {
        let file = segment.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if segment.first != walk.expected {
            walk.bad(&file, 1, "the segment's name is not the sequence number of its first line");
        }
        let mut reader = BufReader::with_capacity(1 << 18, fs::read::open(&segment.path)?);
        let mut number = 0;
        loop {
            let mut line = Vec::new();
            let limit = limits::JOURNAL_LINE_BYTES as u64 + 1;
            let read = reader
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut line)
                .map_err(|e| crate::Error::io("read", &segment.path, e))?;
            if read == 0 {
                break;
            }
            number += 1;
            walk.line(&file, number, &line, anchors);
        }
    }
    walk.report.tail.unfinished += walk.batch;
    Ok(walk.report)
}

impl Walk {
    /// Remembers the first bad line, by the sequence number that it states (the expected one if it states none).
    fn bad(&mut self, file: &str, line: u64, why: &'static str) {
        let seq = self.stated.unwrap_or(self.expected);
        self.report.first_bad.get_or_insert_with(|| BadLine { seq, file: file.to_owned(), line, why });
    }

    fn line(&mut self, file: &str, number: u64, raw: &[u8], anchors: &[(Option<Seq>, Digest)]) {
        let Some(line) = raw.strip_suffix(b"\n") else {
            if raw.len() > limits::JOURNAL_LINE_BYTES {
                self.stated = None;
                self.bad(file, number, "longer than a line of the journal can be");
                self.report.tail.unreadable += 1;
            }
            // No line feed: the end of an interrupted append, or a line that was cut.
            self.report.tail.unfinished += 1;
            return;
        };
        self.stated = None;
        let Some((hash, json)) = entry::split(line) else {
            self.bad(file, number, "not a line of the journal");
            self.report.tail.unreadable += 1;
            self.report.events += 1;
            self.expected = Seq(self.expected.0 + 1);
            return;
        };
        let parsed = serde_json::from_slice::<Line>(json);
        self.stated = parsed.as_ref().ok().map(|line| line.seq);
        if chain::link(&self.previous, json) != hash {
            self.bad(file, number, "its hash does not follow from the line before and its content");
        }
        match parsed {
            Ok(line) => self.content(file, number, &line),
            Err(_) => {
                self.bad(file, number, "its content is not an event that this program knows");
                self.report.tail.unreadable += 1;
            }
        }
        for ((seq, anchor), found) in anchors.iter().zip(&mut self.report.found) {
            *found |= *anchor == hash && seq.is_none_or(|seq| seq == self.expected);
        }
        self.previous = hash;
        self.report.events += 1;
        self.report.head = hash;
        self.report.last = self.expected;
        self.expected = Seq(self.expected.0 + 1);
    }

    fn content(&mut self, file: &str, number: u64, line: &Line) {
        if line.seq != self.expected {
            self.bad(file, number, "its sequence number is not the next one");
            self.expected = line.seq;
        }
        if line.more {
            self.batch += 1;
            return;
        }
        if let Event::Commit { count } = line.event
            && count != self.batch
        {
            self.bad(file, number, "it commits another number of lines than its batch has");
        }
        self.batch = 0;
    }
}
