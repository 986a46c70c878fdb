//! A file that only grows.

use super::{
    durable::synced,
    fault::{self, Op},
};
use crate::{Error, Result};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// An open file whose end can be written and synced.
#[derive(Debug)]
pub struct AppendFile {
    file: File,
    path: PathBuf,
    len: u64,
}

impl AppendFile {
    /// Opens `path` at its end; makes it when it is missing.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let file = options.open(path).map_err(|e| Error::io("open", path, e))?;
        let len = file.metadata().map_err(|e| Error::io("read", path, e))?.len();
        Ok(Self { file, path: path.to_owned(), len })
    }

    /// The length of the file, as this handle knows it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends in one write call. Not durable until [`Self::sync`].
    ///
    /// # Errors
    /// Writing failed; a part of the bytes may be there.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| Error::io("write", &self.path, e))?;
        self.len += bytes.len() as u64;
        fault::note(|| Op::Append(self.path.display().to_string()));
        Ok(())
    }

    /// Makes what was appended durable.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`](crate::ErrorKind).
    pub fn sync(&mut self) -> Result<()> {
        synced(&self.path, || self.file.sync_data())?;
        fault::note(|| Op::SyncFile(self.path.display().to_string()));
        Ok(())
    }

    /// Cuts the file to `len` bytes and makes that durable. For a torn tail that was saved elsewhere before.
    ///
    /// # Errors
    /// Cutting or syncing failed.
    pub fn cut(&mut self, len: u64) -> Result<()> {
        self.file.set_len(len).map_err(|e| Error::io("cut", &self.path, e))?;
        self.len = len;
        self.sync()
    }
}
