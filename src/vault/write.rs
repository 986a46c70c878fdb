//! Creating message files.

use super::Vault;
use crate::{
    Error, ErrorKind, Result, fs,
    fs::{durable::Created, fault},
    model::Digest,
};

/// What writing a file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file was made.
    New,
    /// It was there with the right bytes: another message has them, or an interrupted import left it.
    Adopted,
    /// A file of this name with other bytes was there; it was set aside and the right one was made.
    Replaced,
}

impl Vault {
    /// Makes the folders of a new vault. Not durable.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn create(&self) -> Result<()> {
        for byte in 0..=255u8 {
            fs::durable::create_dirs(&self.root.join(format!("{byte:02x}")))?;
        }
        Ok(())
    }

    /// Writes one message file. `digest` is the SHA-256 of `bytes`. Not durable until the file system is synced.
    ///
    /// A file that `trusted` says is committed is taken to be what its name says, so that damage to it is left for
    /// `verify` to find; any other file of that name is hashed.
    ///
    /// # Errors
    /// I/O.
    pub fn write(&self, digest: &Digest, bytes: &[u8], trusted: bool) -> Result<Written> {
        let path = self.path(digest);
        fault::point("vault.file");
        match self.create_file(&path, bytes)? {
            Created::New => return Ok(Written::New),
            Created::Exists if trusted => return Ok(Written::Adopted),
            Created::Exists => {}
        }
        if Digest::of(&fs::read::bytes(&path)?) == *digest {
            return Ok(Written::Adopted);
        }
        fs::durable::set_aside(&path, &self.quarantine)?;
        match self.create_file(&path, bytes)? {
            Created::New => Ok(Written::Replaced),
            Created::Exists => Err(Error::new(
                ErrorKind::Io,
                format!("{} appeared while it was written: another program writes into the vault", path.display()),
            )),
        }
    }

    fn create_file(&self, path: &std::path::Path, bytes: &[u8]) -> Result<Created> {
        match fs::durable::create_read_only(path, bytes) {
            Err(e) if e.kind() == ErrorKind::Io && path.parent().is_some_and(|parent| !parent.is_dir()) => {
                // A folder that somebody removed: derived from the digest, made again.
                path.parent().map_or(Ok(false), fs::durable::create_dirs).map_err(|_| e)?;
                fs::durable::create_read_only(path, bytes)
            }
            other => other,
        }
    }
}
