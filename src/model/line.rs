//! A journal line as data: what every store above reads, without knowing how the journal keeps it.

use super::{Actor, Digest, Event, Instant, Seq};
use serde::{Deserialize, Serialize};

/// How far a store has applied the journal: the last line it knows, that line's hash, and where the line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// Sequence number of the last applied line; 0: none.
    pub seq: Seq,
    /// That line's hash.
    pub hash: Digest,
    /// First sequence number of the segment that the line is in.
    pub segment: Seq,
    /// Offset of the byte after the line.
    pub offset: u64,
}

impl Watermark {
    /// Before the first line.
    pub const START: Self = Self { seq: Seq(0), hash: Digest([0; 32]), segment: Seq(1), offset: 0 };
}

/// The JSON object of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1, 2, 3 …
    pub seq: Seq,
    /// When; never before the line before.
    pub at: Instant,
    /// 16 random bytes in hex, so that the digest of a line does not give its content away.
    pub salt: String,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// More lines of the same batch follow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// A line with its hash and the place where it ends.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The line.
    pub line: Line,
    /// Its hash, as the file states it.
    pub hash: Digest,
    /// First sequence number of its segment.
    pub segment: Seq,
    /// Offset of the byte after it.
    pub end: u64,
}

impl Entry {
    /// The watermark of a store that has applied everything up to this line.
    #[must_use]
    pub fn mark(&self) -> Watermark {
        Watermark { seq: self.line.seq, hash: self.hash, segment: self.segment, offset: self.end }
    }
}
