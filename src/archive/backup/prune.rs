//! Removing from a backup what was purged in its archive: text that may not be kept is not kept here either.
//!
//! Contract: only files of which every message was purged, by lines that the backup has and that its manifest states.
//! Who let them go decided under the archive's locks, with a clearance; the lines of the journal are that decision.

use super::contents::Contents;
use super::files::Kind;
use crate::{Result, archive::Layout, fs};

/// Removes them. Returns how many there were. With `dry_run`, how many there are.
pub(super) fn prune(layout: &Layout, contents: &Contents, dry_run: bool) -> Result<u64> {
    let mut pruned = 0;
    for digest in contents.purged.iter().filter(|digest| contents.file(digest).is_none()) {
        let path = layout.root().join(Kind::Message.name(digest));
        let there = match dry_run {
            true => fs::read::stat(&path)?.is_some(),
            false => fs::durable::unlink(&path)?,
        };
        pruned += u64::from(there);
    }
    Ok(pruned)
}
