//! Advisory locks that vanish with their process (flock). The text in a lock file is for people.

use crate::{Error, ErrorKind, Result};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
};

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub struct LockGuard {
    /// `None`: there was no lock file, and so nobody to keep out.
    _file: Option<File>,
}

fn open(path: &Path) -> Result<File> {
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))
        .map(File::from)
        .map_err(|e| Error::io("open the lock", path, e.into()))
}

/// Takes the lock at once and writes `holder` into it.
///
/// # Errors
/// [`ErrorKind::Locked`], with the text of the process that has it; I/O.
pub fn try_exclusive(path: &Path, holder: &str) -> Result<LockGuard> {
    let mut file = open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Err(held(&file)),
        Err(e) => return Err(Error::io("lock", path, e.into())),
    }
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
    Ok(LockGuard { _file: Some(file) })
}

/// Waits for the lock.
///
/// # Errors
/// The lock file cannot be opened or locked (a read-only file system, a missing permission).
pub fn exclusive(path: &Path) -> Result<LockGuard> {
    let file = open(path)?;
    loop {
        match flock(&file, FlockOperation::LockExclusive) {
            Ok(()) => return Ok(LockGuard { _file: Some(file) }),
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(Error::io("lock", path, e.into())),
        }
    }
}

/// Takes the lock without changing a byte of the archive: the file is neither made nor written.
///
/// # Errors
/// [`ErrorKind::Locked`] with the holder's text; the file cannot be opened.
pub fn try_silently(path: &Path) -> Result<LockGuard> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(LockGuard { _file: None }),
        Err(e) => return Err(Error::io("open the lock", path, e.into())),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(LockGuard { _file: Some(file) }),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(held(&file)),
        Err(e) => Err(Error::io("lock", path, e.into())),
    }
}

fn held(mut file: &File) -> Error {
    let mut who = String::new();
    let _ = (&mut file).take(200).read_to_string(&mut who);
    Error::new(ErrorKind::Locked, format!("another process is writing to this archive: {}", who.trim()))
        .with_hint("wait until it is done; searches, holds and cases work meanwhile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = try_exclusive(&path, "pid 7 on pc1").unwrap();
        let error = try_exclusive(&path, "pid 8 on pc1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
        assert!(error.to_string().contains("pid 7 on pc1"));
        assert_eq!(try_silently(&path).unwrap_err().kind(), ErrorKind::Locked);
        drop(first);
        let silent = try_silently(&path).unwrap();
        assert_eq!(try_exclusive(&path, "pid 8 on pc1").unwrap_err().kind(), ErrorKind::Locked);
        assert_eq!(std::fs::read(&path).unwrap(), b"pid 7 on pc1");
        drop(silent);
        try_silently(&dir.path().join("none")).unwrap();
        assert!(!dir.path().join("none").exists());
        try_exclusive(&path, "pid 8 on pc1").unwrap();
    }
}
