//! Reading files of the archive.

use crate::{Error, ErrorKind, Result};
use rustix::fs::{Mode, OFlags};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Does not note the time of reading.
#[cfg(target_os = "linux")]
const UNNOTED: OFlags = OFlags::NOATIME;
#[cfg(not(target_os = "linux"))]
const UNNOTED: OFlags = OFlags::empty();

/// Bytes read at a time where a file is not held in memory.
const CHUNK_BYTES: usize = 256 * 1024;

/// An open file of the archive: `Read` and `Seek`.
pub type ReadFile = File;

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Size in bytes.
    pub size: u64,
    /// Inode number, which tells hard links of one file.
    pub inode: u64,
    /// How many names the file has.
    pub links: u64,
    /// When it was last written, in seconds and nanoseconds.
    pub modified: (i64, i64),
    /// Whether it is a regular file.
    pub is_file: bool,
    /// Permission bits.
    pub mode: u32,
}

/// The file's facts; `None` if there is none. Symbolic links are not followed.
///
/// # Errors
/// The folder cannot be read.
pub fn stat(path: &Path) -> Result<Option<Stat>> {
    match path.symlink_metadata() {
        Ok(meta) => Ok(Some(Stat {
            size: meta.len(),
            inode: meta.ino(),
            links: meta.nlink(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            is_file: meta.is_file(),
            mode: meta.mode() & 0o7777,
        })),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("look at", path, e)),
    }
}

/// Opens a file for reading, without following a symbolic link at its end.
///
/// # Errors
/// [`ErrorKind::NotFound`] if it is not there; I/O.
pub fn open(path: &Path) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // To note when a file was last read would be a write for every hit that is shown. Only the owner may do without.
    let opened = match rustix::fs::open(path, flags | UNNOTED, Mode::empty()) {
        Err(rustix::io::Errno::PERM) => rustix::fs::open(path, flags, Mode::empty()),
        other => other,
    };
    match opened {
        Ok(fd) => Ok(File::from(fd)),
        Err(rustix::io::Errno::NOENT) => {
            Err(Error::new(ErrorKind::NotFound, format!("there is no {}", path.display())))
        }
        Err(e) => Err(Error::io("open", path, e.into())),
    }
}

/// Reads a whole file.
///
/// # Errors
/// [`ErrorKind::NotFound`]; I/O.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut file = open(path)?;
    let size = file.metadata().map_or(0, |m| m.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
    Ok(bytes)
}

/// A whole file in memory, without a copy of it.
pub struct Mapped(memmap2::Mmap);

impl std::ops::Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Maps a whole file into memory. Only for files that are replaced by rename and never written in place: `state.bin`,
/// `segments.map`. To read a megabyte into fresh memory takes longer than to decode it.
///
/// # Errors
/// [`ErrorKind::NotFound`]; I/O.
pub fn mapped(path: &Path) -> Result<Mapped> {
    let file = open(path)?;
    // SAFETY: whoever replaces such a file gives the name to a new one; the one that is mapped stays as it is.
    #[allow(unsafe_code)]
    let map = unsafe { memmap2::MmapOptions::new().populate().map(&file) };
    Ok(Mapped(map.map_err(|e| Error::io("read", path, e))?))
}

/// Reads a whole file, [`CHUNK_BYTES`] at a time.
///
/// # Errors
/// [`ErrorKind::NotFound`]; I/O; what `take` returns.
pub fn chunks(path: &Path, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut file = open(path)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => take(chunk.get(..n).unwrap_or_default())?,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::io("read", path, e)),
        }
    }
}

/// Reads up to `len` bytes from `offset`; fewer at the end of the file.
///
/// # Errors
/// [`ErrorKind::NotFound`]; I/O.
pub fn range(path: &Path, offset: u64, len: u64) -> Result<Vec<u8>> {
    let mut file = open(path)?;
    file.seek(SeekFrom::Start(offset)).map_err(|e| Error::io("read", path, e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or_default().min(CHUNK_BYTES));
    file.take(len).read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
    Ok(bytes)
}
