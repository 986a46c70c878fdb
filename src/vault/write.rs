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

/// Makes the file at a path, or says that there is one.
type Create<'a> = &'a dyn Fn(&std::path::Path) -> Result<Created>;

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
        self.place(digest, trusted, &|path| fs::durable::create_read_only(path, bytes))
    }

    /// Takes over a file of the same file system that was written for the vault. Its name stays where it is too, until
    /// its owner removes it.
    ///
    /// # Errors
    /// I/O.
    pub fn take_over(&self, digest: &Digest, file: &std::path::Path) -> Result<Written> {
        self.place(digest, false, &|path| fs::durable::link_read_only(file, path))
    }

    fn place(&self, digest: &Digest, trusted: bool, create: Create<'_>) -> Result<Written> {
        let path = self.path(digest);
        fault::point("vault.file");
        match Self::create_file(&path, create)? {
            Created::New => return Ok(Written::New),
            Created::Exists if trusted => return Ok(Written::Adopted),
            Created::Exists => {}
        }
        match self.stream(digest, &mut |_| Ok(())) {
            Ok(()) => return Ok(Written::Adopted),
            Err(e) if e.kind() == ErrorKind::Damaged => {}
            Err(e) => return Err(e),
        }
        fs::durable::set_aside(&path, &self.quarantine)?;
        match Self::create_file(&path, create)? {
            Created::New => Ok(Written::Replaced),
            Created::Exists => Err(Error::new(
                ErrorKind::Io,
                format!("{} appeared while it was written: another program writes into the vault", path.display()),
            )),
        }
    }

    fn create_file(path: &std::path::Path, create: Create<'_>) -> Result<Created> {
        match create(path) {
            Err(e) if e.kind() == ErrorKind::Io && path.parent().is_some_and(|parent| !parent.is_dir()) => {
                // A folder that somebody removed: derived from the digest, made again.
                path.parent().map_or(Ok(false), fs::durable::create_dirs).map_err(|_| e)?;
                create(path)
            }
            other => other,
        }
    }
}
