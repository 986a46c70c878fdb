//! The hash-chained log: audit trail and write-ahead log in one.
//!
//! A line is `<64 hex> SP <one JSON object> LF`, where the hex is
//! `SHA-256(previous hex || SP || hex(SHA-256(JSON bytes)))` and the first previous is 64 zeros. Several lines that
//! belong together are one **batch**: every line but the last has `"more":true`, and the last is a `commit` event with
//! their count. A batch whose last line is missing did not happen.
//!
//! Contract: what [`AppendGuard::append`] returned with `sync` is durable; every appender re-reads the head under
//! `append.lock`; a torn tail is set aside and recorded, damage before it is reported and never repaired.

mod append;
mod chain;
mod entry;
mod find;
mod head;
mod lists;
mod raw;
mod read;
mod segment;
mod verify;

pub use append::{AppendGuard, Appended};
pub use chain::{ZERO_HASH, link, link_digest};
pub use head::{Head, Torn};
pub use raw::RawLine;
pub use read::{Reader, Tail};
pub use segment::Segment;
pub use verify::{ChainReport, verify_chain};

use crate::{
    Result, fs,
    model::{Seq, Watermark},
};
use std::path::{Path, PathBuf};

/// The journal of one archive.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    quarantine: PathBuf,
}

impl Journal {
    /// The journal in `dir`; what recovery sets aside goes to `quarantine`. Opens nothing.
    #[must_use]
    pub fn at(dir: PathBuf, quarantine: PathBuf) -> Self {
        Self { dir, quarantine }
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the folder of a new archive. Durable.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn create(&self) -> Result<()> {
        fs::durable::create_dirs(&self.dir)?;
        self.dir.parent().map_or(Ok(()), fs::durable::sync_dir)
    }

    /// The segments, in order.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn segments(&self) -> Result<Vec<Segment>> {
        segment::list(&self.dir)
    }

    /// The end of the last complete batch, durable: what a copy may hold without being ahead of the journal after a power
    /// cut. Waits for an append or a deletion step that is under way, so that it is never the middle of one. Where the
    /// journal cannot be written there is nobody to wait for.
    ///
    /// # Errors
    /// The journal cannot be read; [`ErrorKind::Poisoned`](crate::ErrorKind).
    pub fn settled(&self) -> Result<Head> {
        let lock = fs::lock::exclusive(&self.dir.join("append.lock")).ok();
        let (head, _) = head::find(&self.dir)?;
        if lock.is_some() && head.mark.seq > Seq(0) {
            fs::durable::sync_file(&segment::path(&self.dir, head.mark.segment))?;
        }
        Ok(head)
    }

    /// Refuses to go on where the journal has no line, although `known` is one.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`](crate::ErrorKind); the folder cannot be read.
    pub fn refuse_emptied(&self, known: Seq) -> Result<()> {
        match head::find(&self.dir)? {
            (head, _) if head.mark.seq == Seq(0) && known > Seq(0) => Err(append::emptied(known)),
            _ => Ok(()),
        }
    }

    /// Whether the line that `mark` names is in the journal where it says.
    ///
    /// # Errors
    /// Reading failed.
    pub fn contains(&self, mark: &Watermark) -> Result<bool> {
        if mark.seq == Seq(0) {
            return Ok(mark.hash == ZERO_HASH);
        }
        read::line_ending_at(&self.dir, mark.segment, mark.offset)
            .map(|found| found.is_some_and(|(seq, hash)| seq == mark.seq && hash == mark.hash))
    }
}

#[cfg(test)]
mod tests;
