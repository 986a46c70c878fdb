//! Copying files whose names are their digests.
//!
//! Contract: a copy is written under `incoming/`, hashed on the way, made durable with up to [`BATCH_FILES`] others, and
//! only then given its name. So a file under its own name is whole, whatever happened.

use super::manifest::incoming;
use crate::{
    Result, fs,
    fs::{copy::Copy, durable::Volume, fault},
    model::Digest,
};
use std::path::{Path, PathBuf};

/// Files that are made durable together.
const BATCH_FILES: usize = 1_000;
/// Bytes that are made durable together.
const BATCH_BYTES: u64 = 64 * 1024 * 1024;

/// What came of copying one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// It was copied; so many bytes.
    Done(u64),
    /// The file has other bytes than its name says.
    Changed(Digest),
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Unreadable(String),
}

/// Copies files into one folder.
#[derive(Debug)]
pub(super) struct Copier {
    volume: Volume,
    incoming: PathBuf,
    batch: Vec<(PathBuf, PathBuf)>,
    bytes: u64,
}

impl Copier {
    /// Makes `incoming/` in `root`, without what an interruption left there.
    pub(super) fn begin(root: &Path) -> Result<Self> {
        let incoming = incoming(root);
        fs::durable::remove_derived(&incoming)?;
        fs::durable::create_dirs(&incoming)?;
        Ok(Self { volume: Volume::open(root)?, incoming, batch: Vec::new(), bytes: 0 })
    }

    /// Copies `from`, whose bytes should have this digest, to `to`, in a folder that is there. Under that name it is seen
    /// after [`Self::flush`].
    pub(super) fn copy(&mut self, from: &Path, to: &Path, digest: &Digest) -> Result<Copied> {
        let temporary = self.incoming.join(format!("{}-{digest}", self.batch.len()));
        // What cannot be read is a finding; what cannot be written ends the work.
        let size = match fs::copy::copy_read_only(from, &temporary)? {
            Copy::Done(found, size) if found == *digest => size,
            Copy::Done(found, _) => {
                fs::durable::remove_derived(&temporary)?;
                return Ok(Copied::Changed(found));
            }
            Copy::Missing => return Ok(Copied::Missing),
            Copy::Unreadable(why) => {
                fs::durable::remove_derived(&temporary)?;
                return Ok(Copied::Unreadable(why));
            }
        };
        self.batch.push((temporary, to.to_owned()));
        self.bytes += size;
        fault::point("backup.file");
        if self.batch.len() >= BATCH_FILES || self.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(Copied::Done(size))
    }

    /// Makes what was copied durable, and gives it its names.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.bytes = 0;
        if self.batch.is_empty() {
            return Ok(());
        }
        self.volume.sync()?;
        for (from, to) in self.batch.drain(..) {
            fs::durable::rename(&from, &to)?;
        }
        fault::point("backup.batch");
        Ok(())
    }

    /// Makes everything in the folder durable, names too.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.flush()?;
        self.volume.sync()
    }

    /// Removes `incoming/`: the work is done.
    pub(super) fn end(mut self) -> Result<()> {
        self.flush()?;
        fs::durable::remove_derived(&self.incoming)?;
        fs::durable::sync_dir(self.incoming.parent().unwrap_or(Path::new(".")))
    }
}

/// Makes the folders of a vault, and those of a journal. Not durable.
pub(super) fn create_folders(layout: &crate::archive::Layout) -> Result<()> {
    crate::vault::Vault::at(layout.vault(), layout.quarantine()).create()?;
    fs::durable::create_dirs(&layout.journal()).map(drop)
}
