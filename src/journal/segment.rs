//! The files of the journal: `<first sequence number, 20 digits>.jsonl`. The chain runs through them.

use crate::{Result, fs, model::Seq};
use std::path::{Path, PathBuf};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The sequence number of its first line.
    pub first: Seq,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// The path of the segment that begins with `first`. Twenty digits, so that names sort as numbers do.
pub(super) fn path(dir: &Path, first: Seq) -> PathBuf {
    dir.join(format!("{:020}.jsonl", first.0))
}

/// All segments, in order. Other names in the folder are not segments.
pub(super) fn list(dir: &Path) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for entry in fs::dir::list(dir)? {
        let number = entry.name.strip_suffix(".jsonl").and_then(|n| n.parse().ok());
        if let Some(first) = number.filter(|_| entry.is_file) {
            let path = dir.join(&entry.name);
            let size = fs::read::stat(&path)?.map_or(0, |stat| stat.size);
            segments.push(Segment { first: Seq(first), path, size });
        }
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}
