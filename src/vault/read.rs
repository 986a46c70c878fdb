//! Reading message files.

use super::Vault;
use crate::{Error, ErrorKind, Result, fs, model::Digest};

impl Vault {
    /// The bytes of a message. Their digest is checked: what is not what was archived is not shown as if it were.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] if the file is gone or has other bytes; I/O, permission.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>> {
        let bytes = self.read_unchecked(digest)?;
        if Digest::of(&bytes) == *digest {
            return Ok(bytes);
        }
        Err(Error::new(
            ErrorKind::Damaged,
            format!("{} was changed: it does not have the digest of its name", Self::name(digest)),
        )
        .with_hint("run custodia verify, and restore the file from a backup"))
    }

    /// The bytes of a message as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] if the file is gone; I/O, permission.
    pub fn read_unchecked(&self, digest: &Digest) -> Result<Vec<u8>> {
        fs::read::bytes(&self.path(digest)).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::new(ErrorKind::Damaged, format!("{} is gone", Self::name(digest)))
                .with_hint("run custodia verify, and restore the file from a backup"),
            _ => e,
        })
    }

    /// The inode of a message's file; `None` if the file is gone.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn inode(&self, digest: &Digest) -> Result<Option<u64>> {
        Ok(fs::read::stat(&self.path(digest))?.map(|stat| stat.inode))
    }
}
