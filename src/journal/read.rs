//! Reading lines in order, complete batches only.

use super::{
    Journal,
    entry::{self, Envelope},
    head,
    segment::{self, Segment},
};
use crate::{
    Result, fs,
    model::{Digest, Entry, Line, Seq, Watermark, limits},
};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// What a reader met besides lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// Lines of a batch that is not complete (yet).
    pub unfinished: u64,
    /// The first line that does not follow from the line before.
    pub broken_at: Option<Seq>,
    /// Lines that are not understood at all: damaged, or of a type that this program does not know.
    pub unreadable: u64,
}

/// Iterates over the entries after a watermark.
#[derive(Debug)]
pub struct Reader {
    segments: VecDeque<Segment>,
    file: Option<(Seq, BufReader<fs::read::ReadFile>, u64)>,
    previous: Digest,
    expected: Seq,
    position: Watermark,
    ready: VecDeque<Entry>,
    batch: Vec<Entry>,
    tail: Tail,
}

impl Journal {
    /// Reads what comes after `mark`. Lines of an unfinished batch at the end are not given.
    ///
    /// # Errors
    /// The folder or the first segment cannot be read.
    pub fn read_after(&self, mark: &Watermark) -> Result<Reader> {
        let mut segments: VecDeque<Segment> =
            segment::list(&self.dir)?.into_iter().filter(|s| s.first >= mark.segment || mark.seq == Seq(0)).collect();
        let mut file = None;
        if mark.offset > 0
            && let Some(first) = segments.pop_front()
        {
            let mut handle = BufReader::new(fs::read::open(&first.path)?);
            handle.seek(SeekFrom::Start(mark.offset)).map_err(|e| crate::Error::io("read", &first.path, e))?;
            file = Some((first.first, handle, mark.offset));
        }
        Ok(Reader {
            segments,
            file,
            previous: mark.hash,
            expected: Seq(mark.seq.0 + 1),
            position: *mark,
            ready: VecDeque::new(),
            batch: Vec::new(),
            tail: Tail::default(),
        })
    }
}

impl Reader {
    /// The next entry, or `None` at the end of the last complete batch.
    ///
    /// # Errors
    /// Reading failed.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Some(entry));
            }
            let Some((segment, line, end)) = self.next_line()? else {
                self.tail.unfinished = self.batch.len() as u64;
                return Ok(None);
            };
            self.take(segment, &line, end);
        }
    }

    /// The end of the last complete batch that was read, whether all its lines were understood or not.
    #[must_use]
    pub fn position(&self) -> Watermark {
        self.position
    }

    /// What was met so far besides lines.
    #[must_use]
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    fn take(&mut self, segment: Seq, line: &[u8], end: u64) {
        let Some((hash, json)) = entry::split(line) else {
            self.tail.unreadable += 1;
            self.tail.broken_at.get_or_insert(self.expected);
            return;
        };
        let mut follows = head::holds(&self.previous, json, &hash);
        self.previous = hash;
        let (seq, more) = match serde_json::from_slice::<Line>(json) {
            Ok(line) => {
                follows &= line.seq == self.expected;
                let (seq, more) = (line.seq, line.more);
                self.batch.push(Entry { line, hash, segment, end });
                (seq, more)
            }
            Err(_) => {
                self.tail.unreadable += 1;
                let envelope = serde_json::from_slice::<Envelope>(json).ok();
                envelope.map_or((self.expected, false), |envelope| (envelope.seq, envelope.more))
            }
        };
        if !follows {
            self.tail.broken_at.get_or_insert(seq);
        }
        self.expected = Seq(seq.0 + 1);
        if !more {
            self.position = Watermark { seq, hash, segment, offset: end };
            self.ready.extend(self.batch.drain(..));
        }
    }

    /// The next whole line. A last line without line feed is not one.
    fn next_line(&mut self) -> Result<Option<(Seq, Vec<u8>, u64)>> {
        loop {
            if self.file.is_none() {
                let Some(next) = self.segments.pop_front() else { return Ok(None) };
                self.file = Some((next.first, BufReader::with_capacity(1 << 18, fs::read::open(&next.path)?), 0));
            }
            let Some((segment, file, offset)) = &mut self.file else { return Ok(None) };
            let mut line = Vec::new();
            let limit = limits::JOURNAL_LINE_BYTES as u64 + 1;
            let read = file.by_ref().take(limit).read_until(b'\n', &mut line);
            let read =
                read.map_err(|e| crate::Error::new(crate::ErrorKind::Io, format!("cannot read the journal: {e}")))?;
            *offset += read as u64;
            let (segment, end) = (*segment, *offset);
            if line.pop() == Some(b'\n') {
                return Ok(Some((segment, line, end)));
            }
            if read as u64 == limit {
                // Longer than any line may be: not ours. Take it in pieces; each counts as unreadable.
                return Ok(Some((segment, line, end)));
            }
            self.file = None;
        }
    }
}

/// Sequence number and hash of the line that ends at `offset` of a segment.
pub(super) fn line_ending_at(dir: &Path, segment: Seq, offset: u64) -> Result<Option<(Seq, Digest)>> {
    let path = segment::path(dir, segment);
    match fs::read::stat(&path)? {
        Some(stat) if stat.size >= offset && offset > 0 => {}
        _ => return Ok(None),
    }
    let Some(line) = last_line(&path, offset)? else { return Ok(None) };
    Ok(entry::split(&line).and_then(|(hash, json)| {
        let envelope: Envelope = serde_json::from_slice(json).ok()?;
        Some((envelope.seq, hash))
    }))
}

/// Bytes that mostly hold a whole line.
const NEAR_BYTES: u64 = 4 * 1024;

/// The line that ends at `end` of a file, without its line feed; `None` if no line ends there.
pub(super) fn last_line(path: &Path, end: u64) -> Result<Option<Vec<u8>>> {
    let longest = limits::JOURNAL_LINE_BYTES as u64 + 1;
    for window in [NEAR_BYTES, longest] {
        let start = end.saturating_sub(window);
        let mut bytes = fs::read::range(path, start, end - start)?;
        if bytes.pop() != Some(b'\n') {
            return Ok(None);
        }
        let begin = bytes.iter().rposition(|b| *b == b'\n').map(|at| at + 1);
        if begin.is_some() || start == 0 || window == longest {
            return Ok(Some(bytes.split_off(begin.unwrap_or(0))));
        }
    }
    Ok(None)
}
