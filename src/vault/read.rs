//! Reading message files.

use super::Vault;
use crate::{Error, ErrorKind, Result, fs, model::Digest};
use sha2::{Digest as _, Sha256};

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
        Err(Self::changed(digest))
    }

    fn changed(digest: &Digest) -> Error {
        Error::new(
            ErrorKind::Damaged,
            format!("{} was changed: it does not have the digest of its name", Self::name(digest)),
        )
        .with_hint("run custodia verify, and restore the file from a backup")
    }

    fn gone(digest: &Digest, error: Error) -> Error {
        if error.kind() != ErrorKind::NotFound {
            return error;
        }
        Error::new(ErrorKind::Damaged, format!("{} is gone", Self::name(digest)))
            .with_hint("run custodia verify, and restore the file from a backup")
    }

    /// The first bytes of a message, at most `length`. The digest of the whole file is checked, in bounded memory.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_head(&self, digest: &Digest, length: u64) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let keep = usize::try_from(length).unwrap_or(usize::MAX);
        self.stream(digest, &mut |chunk| {
            let room = keep.saturating_sub(head.len());
            head.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
            Ok(())
        })?;
        Ok(head)
    }

    /// Hands out the bytes of a message in chunks. Whether they have the digest is known at the end: what was handed out
    /// before an error must not be used.
    ///
    /// # Errors
    /// As [`Self::read`]; what `take` returns.
    pub fn stream(&self, digest: &Digest, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut found = Sha256::new();
        fs::read::chunks(&self.path(digest), &mut |chunk| {
            found.update(chunk);
            take(chunk)
        })
        .map_err(|e| Self::gone(digest, e))?;
        if Digest(found.finalize().into()) == *digest { Ok(()) } else { Err(Self::changed(digest)) }
    }

    /// The bytes of a message as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] if the file is gone; I/O, permission.
    pub fn read_unchecked(&self, digest: &Digest) -> Result<Vec<u8>> {
        fs::read::bytes(&self.path(digest)).map_err(|e| Self::gone(digest, e))
    }

    /// How many names a message's file has on its file system; `None` if the file is gone.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn links(&self, digest: &Digest) -> Result<Option<u64>> {
        Ok(fs::read::stat(&self.path(digest))?.map(|stat| stat.links))
    }

    /// The inode of a message's file; `None` if the file is gone.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn inode(&self, digest: &Digest) -> Result<Option<u64>> {
        Ok(fs::read::stat(&self.path(digest))?.map(|stat| stat.inode))
    }
}
