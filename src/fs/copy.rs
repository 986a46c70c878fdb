//! Copies of files that are written once, and files that follow another one which only grows: what a backup is made of.
//!
//! Contract: no symbolic link at the end of a path is followed; a copy never replaces a file.

use super::{
    append::AppendFile,
    fault::{self, Op},
    read,
};
use crate::{Error, ErrorKind, Result, model::Digest};
use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Bytes that are compared or appended at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// Mode of files that are never written again.
const READ_ONLY: u32 = 0o400;
/// Mode of files that grow.
const READ_WRITE: u32 = 0o600;

/// What came of copying a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// It was copied: the digest of its bytes, and how many there are.
    Done(Digest, u64),
    /// There is no such file; nothing was made.
    Missing,
    /// It cannot be read, and why. A half-made copy may be left behind.
    Unreadable(String),
}

/// Copies a file to a new one, mode 0400. **Not durable** until the file system is synced.
///
/// # Errors
/// [`ErrorKind::CannotCreate`] if the new file is there; writing it failed: a half-made copy is left behind.
pub fn copy_read_only(from: &Path, to: &Path) -> Result<Copy> {
    // A pipe that somebody put there would never open.
    if read::stat(from).is_ok_and(|stat| stat.is_some_and(|stat| !stat.is_file)) {
        return Ok(Copy::Unreadable(format!("{} is not a regular file", from.display())));
    }
    let mut source = match read::open(from) {
        Ok(source) => source,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Copy::Missing),
        Err(e) => return Ok(Copy::Unreadable(e.to_string())),
    };
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut target = match rustix::fs::open(to, flags, Mode::from_raw_mode(READ_ONLY)) {
        Ok(fd) => File::from(fd),
        Err(rustix::io::Errno::EXIST) => {
            return Err(Error::new(ErrorKind::CannotCreate, format!("{} is there already", to.display())));
        }
        Err(e) => return Err(Error::io("create", to, e.into())),
    };
    let (mut hasher, mut size, mut chunk) = (Sha256::new(), 0u64, vec![0; CHUNK_BYTES]);
    loop {
        let n = match read_some(&mut source, &mut chunk, from) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) => return Ok(Copy::Unreadable(e.to_string())),
        };
        let bytes = chunk.get(..n).unwrap_or_default();
        hasher.update(bytes);
        size += n as u64;
        target.write_all(bytes).map_err(|e| Error::io("write", to, e))?;
    }
    fault::note(|| Op::Create(to.display().to_string()));
    Ok(Copy::Done(Digest(hasher.finalize().into()), size))
}

/// Lets a file grow, or says that it does not any more.
///
/// # Errors
/// The mode cannot be changed.
pub fn set_growing(path: &Path, growing: bool) -> Result<()> {
    let mode = if growing { READ_WRITE } else { READ_ONLY };
    rustix::fs::chmod(path, Mode::from_raw_mode(mode)).map_err(|e| Error::io("protect", path, e.into()))
}

/// How far one file follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The bytes that both begin with.
    pub same: u64,
    /// The bytes of the follower.
    pub size: u64,
    /// Whether what the follower has behind the common bytes is nothing but zeros: an interrupted write.
    pub zeros: bool,
}

/// Compares `follower` with the first `upto` bytes of `file`. A follower that is not there has no bytes.
///
/// # Errors
/// [`ErrorKind::Damaged`] when the follower is not a regular file; I/O.
pub fn agreement(file: &Path, upto: u64, follower: &Path) -> Result<Agreement> {
    let size = match read::stat(follower)? {
        None => return Ok(Agreement { same: 0, size: 0, zeros: true }),
        Some(stat) if stat.is_file => stat.size,
        Some(_) => {
            return Err(Error::new(ErrorKind::Damaged, format!("{} is not a regular file", follower.display())));
        }
    };
    let (mut ours, mut theirs) = (read::open(file)?.take(upto), read::open(follower)?);
    let (mut a, mut b) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
    let (mut same, mut differs, mut zeros) = (0u64, false, true);
    loop {
        let n = read_some(&mut theirs, &mut b, follower)?;
        if n == 0 {
            return Ok(Agreement { same, size, zeros });
        }
        let found = b.get(..n).unwrap_or_default();
        let mut at = 0;
        if !differs {
            let wanted = a.get_mut(..n).unwrap_or_default();
            let filled = fill(&mut ours, wanted, file)?;
            let pairs = wanted.iter().take(filled).zip(found);
            at = pairs.take_while(|(wanted, found)| wanted == found).count();
            same += at as u64;
            differs = at < n;
        }
        zeros &= found.iter().skip(at).all(|byte| *byte == 0);
    }
}

/// Makes `follower` end with the bytes of `file` from `from` to `upto`; what it has behind `from` is cut. Durable when
/// this returns. Made if it is missing; mode 0400 afterwards.
///
/// # Errors
/// I/O.
pub fn follow(file: &Path, from: u64, upto: u64, follower: &Path) -> Result<()> {
    if read::stat(follower)?.is_some() {
        set_growing(follower, true)?;
    }
    let mut out = AppendFile::open(follower)?;
    if out.len() > from {
        out.cut(from)?;
    }
    let mut source = read::open(file)?;
    source.seek(SeekFrom::Start(from)).map_err(|e| Error::io("read", file, e))?;
    let mut source = source.take(upto.saturating_sub(from));
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n = read_some(&mut source, &mut chunk, file)?;
        if n == 0 {
            break;
        }
        out.append(chunk.get(..n).unwrap_or_default())?;
    }
    out.sync()?;
    set_growing(follower, false)
}

fn read_some(from: &mut dyn Read, chunk: &mut [u8], path: &Path) -> Result<usize> {
    loop {
        match from.read(chunk) {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other.map_err(|e| Error::io("read", path, e)),
        }
    }
}

/// Reads until the buffer is full or the file ends. Returns how much was read.
fn fill(from: &mut dyn Read, mut buffer: &mut [u8], path: &Path) -> Result<usize> {
    let mut filled = 0;
    while !buffer.is_empty() {
        let n = read_some(from, buffer, path)?;
        if n == 0 {
            break;
        }
        filled += n;
        buffer = buffer.get_mut(n..).unwrap_or_default();
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    #[test]
    fn a_copy_is_new_read_only_and_hashed_and_no_link_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("a"), b"abc").unwrap();
        assert_eq!(copy_read_only(&at("a"), &at("b")).unwrap(), Copy::Done(Digest::of(b"abc"), 3));
        assert_eq!(fs::metadata(at("b")).unwrap().permissions().mode() & 0o7777, 0o400);
        assert_eq!(copy_read_only(&at("a"), &at("b")).unwrap_err().kind(), ErrorKind::CannotCreate);
        assert_eq!(copy_read_only(&at("none"), &at("c")).unwrap(), Copy::Missing);
        assert!(!at("c").exists());
        std::os::unix::fs::symlink(at("a"), at("link")).unwrap();
        assert!(matches!(copy_read_only(&at("link"), &at("d")).unwrap(), Copy::Unreadable(_)));
        std::os::unix::fs::symlink(at("e"), at("dangling")).unwrap();
        assert!(copy_read_only(&at("a"), &at("dangling")).is_err() && !at("e").exists());
    }

    #[test]
    fn a_follower_agrees_up_to_where_it_differs() {
        let dir = tempfile::tempdir().unwrap();
        let (file, follower) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&file, b"one\ntwo\nthree\n").unwrap();
        let agree = |bytes: &[u8], upto| {
            fs::write(&follower, bytes).unwrap();
            let found = agreement(&file, upto, &follower).unwrap();
            (found.same, found.size, found.zeros)
        };
        assert_eq!(agree(b"one\ntw", 8), (6, 6, true));
        assert_eq!(agree(b"one\ntwo\nthree\n", 8), (8, 14, false));
        assert_eq!(agree(b"one\n\0\0", 8), (4, 6, true));
        assert_eq!(agree(b"one\nTWO\n", 14), (4, 8, false));
        fs::remove_file(&follower).unwrap();
        assert_eq!(agreement(&file, 8, &follower).unwrap(), Agreement { same: 0, size: 0, zeros: true });
        fs::create_dir(&follower).unwrap();
        assert_eq!(agreement(&file, 8, &follower).unwrap_err().kind(), ErrorKind::Damaged);
    }

    #[test]
    fn a_follower_grows_and_is_read_only_between() {
        let dir = tempfile::tempdir().unwrap();
        let (file, follower) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&file, b"one\ntwo\nthree\n").unwrap();
        follow(&file, 0, 4, &follower).unwrap();
        assert_eq!(fs::read(&follower).unwrap(), b"one\n");
        assert_eq!(fs::metadata(&follower).unwrap().permissions().mode() & 0o7777, 0o400);
        follow(&file, 3, 14, &follower).unwrap();
        assert_eq!(fs::read(&follower).unwrap(), b"one\ntwo\nthree\n");
        assert_eq!(fs::metadata(&follower).unwrap().permissions().mode() & 0o7777, 0o400);
    }
}
