//! Files that are written for somebody else, outside the archive: an export package.
//!
//! Contract: made once, never over an existing file; hashed while they are written. Not durable until
//! [`durable::sync_filesystem`](super::durable::sync_filesystem) of their folder.

use super::{
    dir, durable,
    fault::{self, Op},
};
use crate::{Error, ErrorKind, Result, model::Digest};
use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Bytes that are collected before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// A new file that is being written.
#[derive(Debug)]
pub struct OutputFile {
    file: BufWriter<File>,
    path: PathBuf,
    hasher: Sha256,
    size: u64,
}

impl OutputFile {
    /// Makes a new file, mode 0600.
    ///
    /// # Errors
    /// [`ErrorKind::CannotCreate`] if there is a file of this name; I/O.
    pub fn create(path: &Path) -> Result<Self> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::open(path, flags, Mode::from_raw_mode(0o600)) {
            Ok(fd) => File::from(fd),
            Err(rustix::io::Errno::EXIST) => {
                return Err(Error::new(ErrorKind::CannotCreate, format!("{} is there already", path.display()))
                    .with_hint("name a folder that does not exist yet"));
            }
            Err(e) => return Err(Error::io("create", path, e.into())),
        };
        fault::note(|| Op::Create(path.display().to_string()));
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self { file, path: path.to_owned(), hasher: Sha256::new(), size: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// Writing failed.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|e| Error::io("write", &self.path, e))
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends the file. Returns the digest of its bytes and how many there are.
    ///
    /// # Errors
    /// Writing failed.
    pub fn finish(mut self) -> Result<(Digest, u64)> {
        self.file.flush().map_err(|e| Error::io("write", &self.path, e))?;
        Ok((Digest(self.hasher.finalize().into()), self.size))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        if let Some(bytes) = bytes.get(..written) {
            self.hasher.update(bytes);
        }
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes an empty folder for output, or takes an empty one that is there. Never inside `keep_out`.
///
/// # Errors
/// [`ErrorKind::CannotCreate`] when the folder has something in it, lies in `keep_out`, or cannot be made.
pub fn new_folder(path: &Path, keep_out: &Path) -> Result<()> {
    may_be_new(path, keep_out)?;
    durable::create_dirs(path).map(|_| ()).map_err(|e| cannot_write(path, &e.to_string()))
}

/// Whether [`new_folder`] would make the folder; makes nothing.
///
/// # Errors
/// As [`new_folder`].
pub fn may_be_new(path: &Path, keep_out: &Path) -> Result<()> {
    let cannot = |why: String| cannot_write(path, &why);
    if lies_within(path, keep_out).map_err(|e| cannot(e.to_string()))? {
        return Err(cannot("it lies in the archive".to_owned()));
    }
    if path.symlink_metadata().is_ok() && !path.is_dir() {
        return Err(cannot("it is not a folder".to_owned()));
    }
    if let Some(entry) = dir::list(path).map_err(|e| cannot(e.to_string()))?.first() {
        return Err(cannot(format!("it is not empty: it has {}", entry.name)));
    }
    Ok(())
}

fn cannot_write(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::CannotCreate, format!("cannot write to {}: {why}", path.display()))
        .with_hint("name a folder that does not exist yet, outside the archive")
}

/// Whether `path`, of which the end may not exist yet, is `root` or lies in it, symbolic links followed.
///
/// # Errors
/// A folder on the way cannot be looked at.
pub fn lies_within(path: &Path, root: &Path) -> io::Result<bool> {
    let root = root.canonicalize()?;
    let absolute = std::path::absolute(path)?;
    let there = absolute.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    Ok(there.canonicalize()?.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_file_knows_its_digest_and_size() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let mut file = OutputFile::create(&path).unwrap();
        file.append(b"ab").unwrap();
        file.append(b"c").unwrap();
        assert_eq!(file.finish().unwrap(), (Digest::of(b"abc"), 3));
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        assert_eq!(OutputFile::create(&path).unwrap_err().kind(), ErrorKind::CannotCreate);
    }

    #[test]
    fn a_folder_for_output_is_new_or_empty_and_never_in_the_archive() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("archive");
        std::fs::create_dir(&archive).unwrap();
        new_folder(&dir.path().join("out/deep"), &archive).unwrap();
        new_folder(&dir.path().join("out/deep"), &archive).unwrap();
        std::os::unix::fs::symlink(&archive, dir.path().join("link")).unwrap();
        for bad in ["out", "archive/new", "archive", "link/new"] {
            let error = new_folder(&dir.path().join(bad), &archive).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CannotCreate, "{bad}");
        }
    }
}
