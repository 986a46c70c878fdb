//! Files of strangers, opened for reading only: feed zips, folders of e-mails, mapping tables.
//!
//! Contract: nothing here writes, locks, maps or follows a symbolic link that it was not given by name. A file that
//! is being written by somebody else is read as it is at that moment; its digest says which moment that was.

use crate::{
    Error, ErrorKind, Result,
    model::{Digest, limits},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Folders within folders that a walk goes down.
pub const WALK_DEPTH: usize = 32;
/// Files that one walk lists.
pub const WALK_FILES: usize = 2_000_000;
/// Bytes read at a time while a file is hashed.
const HASH_CHUNK: usize = 256 * 1024;

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A pipe, a socket, a device.
    Special,
}

/// What `path` is, links followed.
///
/// # Errors
/// `NotFound` if there is nothing, `Permission` or `Io` if it cannot be looked at.
pub fn path_kind(path: &Path) -> Result<PathKind> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(PathKind::File),
        Ok(meta) if meta.is_dir() => Ok(PathKind::Folder),
        Ok(_) => Ok(PathKind::Special),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(Error::new(ErrorKind::NotFound, format!("there is nothing at {}", path.display()))
                .with_hint("check the path; relative paths start at the current folder"))
        }
        Err(e) => Err(Error::io("look at", path, e)),
    }
}

/// A foreign file, open for reading.
#[derive(Debug)]
pub struct EvidenceFile {
    file: File,
    path: PathBuf,
    size: u64,
}

impl EvidenceFile {
    /// Opens a regular file.
    ///
    /// # Errors
    /// `NotFound`, `Permission`, `Io`; also `Io` if it is not a regular file.
    pub fn open(path: &Path) -> Result<Self> {
        // Non-blocking, so that a pipe that somebody put into the folder cannot stop the run.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(Error::new(ErrorKind::NotFound, format!("there is no file {}", path.display())));
            }
            Err(e) => return Err(Error::io("open", path, e)),
        };
        let meta = file.metadata().map_err(|e| Error::io("look at", path, e))?;
        if !meta.is_file() {
            return Err(Error::new(ErrorKind::Io, format!("{} is not a regular file", path.display())));
        }
        Ok(Self { file, path: path.to_owned(), size: meta.len() })
    }

    /// Its size in bytes when it was opened.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its path as it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the whole file, read in chunks; the position is at the start afterwards.
    ///
    /// # Errors
    /// `Io`, `Permission`.
    pub fn digest(&mut self) -> Result<Digest> {
        self.hash().map_err(|e| Error::io("read", &self.path, e))
    }

    fn hash(&mut self) -> io::Result<Digest> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; HASH_CHUNK];
        loop {
            match self.file.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => hasher.update(chunk.get(..n).unwrap_or_default()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.file.seek(SeekFrom::Start(0))?;
        Ok(Digest(hasher.finalize().into()))
    }

    /// All bytes, at most `limit`; `None` if there are more.
    ///
    /// # Errors
    /// `Io`, `Permission`.
    pub fn read_all(&mut self, limit: u64) -> Result<Option<Vec<u8>>> {
        if self.size > limit {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        self.file.seek(SeekFrom::Start(0)).map_err(|e| Error::io("read", &self.path, e))?;
        let taken = (&mut self.file).take(limit.saturating_add(1)).read_to_end(&mut bytes);
        taken.map_err(|e| Error::io("read", &self.path, e))?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    }

    /// The first bytes, at most `length`; the position is at the start afterwards.
    ///
    /// # Errors
    /// `Io`, `Permission`.
    pub fn head(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut read = || -> io::Result<()> {
            self.file.seek(SeekFrom::Start(0))?;
            (&mut self.file).take(length).read_to_end(&mut bytes)?;
            self.file.seek(SeekFrom::Start(0)).map(drop)
        };
        read().map_err(|e| Error::io("read", &self.path, e))?;
        Ok(bytes)
    }
}

impl Read for EvidenceFile {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read(buf)
    }
}

impl Seek for EvidenceFile {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        self.file.seek(pos)
    }
}

/// All bytes of a small foreign file (a mapping table), at most [`limits::EMAIL_BYTES`].
///
/// # Errors
/// `NotFound`, `Permission`, `Io`, and `Config` if the file is larger.
pub fn read_small(path: &Path) -> Result<Vec<u8>> {
    EvidenceFile::open(path)?.read_all(limits::EMAIL_BYTES)?.ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("{} is larger than {} bytes", path.display(), limits::EMAIL_BYTES))
    })
}

/// Why something below a folder is not in the list of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// A symbolic link: never followed.
    Symlink,
    /// A pipe, a socket, a device.
    Special,
    /// A folder that cannot be read.
    Unreadable,
    /// A folder below [`WALK_DEPTH`].
    TooDeep,
    /// The walk stopped here: [`WALK_FILES`] are listed.
    TooMany,
}

impl Skipped {
    /// What a person reads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Symlink => "a symbolic link is not followed",
            Self::Special => "not a regular file",
            Self::Unreadable => "the folder cannot be read",
            Self::TooDeep => "the folder is nested too deep",
            Self::TooMany => "too many files; the rest is not read",
        }
    }
}

/// The files below a folder.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files, sorted by path.
    pub files: Vec<PathBuf>,
    /// What is not listed, and why, sorted by path.
    pub skipped: Vec<(PathBuf, Skipped)>,
}

/// Lists the regular files below `root`, in an order that does not depend on the file system.
///
/// # Errors
/// `NotFound`, `Permission`, `Io` if `root` itself cannot be listed.
pub fn walk(root: &Path) -> Result<Walk> {
    let mut walk = Walk::default();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if depth == 0 => return Err(Error::io("list", root, e)),
            Err(_) => {
                walk.skipped.push((folder, Skipped::Unreadable));
                continue;
            }
        };
        for entry in entries {
            let Ok(entry) = entry else {
                walk.skipped.push((folder.clone(), Skipped::Unreadable));
                break;
            };
            let path = entry.path();
            if walk.files.len() + folders.len() + walk.skipped.len() >= WALK_FILES {
                walk.skipped.push((path, Skipped::TooMany));
                folders.clear();
                break;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_file() => walk.files.push(path),
                Ok(kind) if kind.is_symlink() => walk.skipped.push((path, Skipped::Symlink)),
                Ok(kind) if kind.is_dir() && depth < WALK_DEPTH => folders.push((path, depth + 1)),
                Ok(kind) if kind.is_dir() => walk.skipped.push((path, Skipped::TooDeep)),
                Ok(_) => walk.skipped.push((path, Skipped::Special)),
                Err(_) => walk.skipped.push((path, Skipped::Unreadable)),
            }
        }
    }
    walk.files.sort();
    walk.skipped.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(walk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_sorted_and_follows_no_link() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b")).unwrap();
        for name in ["z.eml", "a.eml", "b/m.eml"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.eml")).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/loop")).unwrap();
        let walk = walk(dir.path()).unwrap();
        let names: Vec<_> = walk.files.iter().map(|p| p.strip_prefix(dir.path()).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.eml", "b/m.eml", "z.eml"].map(PathBuf::from));
        assert!(walk.skipped.iter().all(|(_, why)| *why == Skipped::Symlink));
        assert_eq!(walk.skipped.len(), 2);
    }

    #[test]
    fn a_file_is_hashed_and_read_from_its_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, b"abc").unwrap();
        let mut file = EvidenceFile::open(&path).unwrap();
        assert_eq!((file.size(), file.digest().unwrap()), (3, Digest::of(b"abc")));
        assert_eq!(file.head(2).unwrap(), b"ab");
        assert_eq!(file.read_all(3).unwrap().unwrap(), b"abc");
        assert_eq!(file.read_all(2).unwrap(), None);
    }

    #[test]
    fn what_is_not_a_regular_file_is_refused_without_blocking() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(EvidenceFile::open(dir.path()).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(path_kind(&dir.path().join("no")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(path_kind(dir.path()).unwrap(), PathKind::Folder);
    }
}
