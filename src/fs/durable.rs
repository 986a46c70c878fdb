//! Creating, syncing, linking, replacing and unlinking files of the archive.

use super::fault::{self, Op};
use crate::{Error, ErrorKind, Result};
use rustix::fs::{Mode, OFlags};
use std::{
    fs::{self, File},
    io::{self, Write},
    os::{fd::AsFd, unix::fs::DirBuilderExt},
    path::{Path, PathBuf},
};

/// Mode of files that are never written again: owner may read.
const READ_ONLY: u32 = 0o400;
/// Mode of files that are replaced or appended to.
const READ_WRITE: u32 = 0o600;

/// What came of an exclusive creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The file was made with these bytes. Not durable yet.
    New,
    /// A file of this name is there already; it was not touched.
    Exists,
}

/// What came of a hard link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It was made, or a file of this name was there.
    Yes,
    /// The file system cannot (limit reached, other device, not supported): make a copy.
    Impossible,
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// Creates a file that is written once and only read from then on. **Not durable** until [`sync_filesystem`].
///
/// # Errors
/// Reading or writing failed. A half-written file is left behind; it does not have the digest of its name, and the next
/// import sets it aside.
pub fn create_read_only(path: &Path, bytes: &[u8]) -> Result<Created> {
    create(path, bytes, READ_ONLY)
}

fn create(path: &Path, bytes: &[u8], mode: u32) -> Result<Created> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::from_raw_mode(mode)) {
        Ok(fd) => {
            File::from(fd).write_all(bytes).map_err(|e| Error::io("write", path, e))?;
            fault::note(|| Op::Create(name_of(path)));
            Ok(Created::New)
        }
        Err(rustix::io::Errno::EXIST) => Ok(Created::Exists),
        Err(e) => Err(Error::io("create", path, e.into())),
    }
}

/// The file system of an archive, held open over many syncs. Linux tells a handle of failures since it was opened: one
/// that is opened for each sync would miss what the kernel failed to write on its own before.
#[derive(Debug)]
pub struct Volume {
    handle: File,
    dir: PathBuf,
}

impl Volume {
    /// The file system of `dir`. Opened before the files that are to be synced are written.
    ///
    /// # Errors
    /// `dir` cannot be opened.
    pub fn open(dir: &Path) -> Result<Self> {
        let handle = File::open(dir).map_err(|e| Error::io("open", dir, e))?;
        Ok(Self { handle, dir: dir.to_owned() })
    }

    /// Makes everything that was written to it durable: files, their folders, their links.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`].
    pub fn sync(&self) -> Result<()> {
        synced(&self.dir, || rustix::fs::syncfs(self.handle.as_fd()).map_err(io::Error::from))?;
        fault::note(|| Op::SyncFs);
        Ok(())
    }
}

/// Gives a file that was written by us a second name, and takes the right to write it away first. Where the file system
/// has no hard links it is copied. **Not durable** until [`sync_filesystem`].
///
/// # Errors
/// I/O. A half-made copy is left behind; it does not have the digest of its name, and the next import sets it aside.
pub fn link_read_only(from: &Path, to: &Path) -> Result<Created> {
    rustix::fs::chmod(from, Mode::from_raw_mode(READ_ONLY)).map_err(|e| Error::io("protect", from, e.into()))?;
    if to.symlink_metadata().is_ok() {
        return Ok(Created::Exists);
    }
    if hard_link(from, to)? == Linked::Impossible {
        clone_or_copy(from, to, true)?;
        rustix::fs::chmod(to, Mode::from_raw_mode(READ_ONLY)).map_err(|e| Error::io("protect", to, e.into()))?;
    }
    fault::note(|| Op::Create(name_of(to)));
    Ok(Created::New)
}

/// Makes everything that was written to the file system of `dir` durable, once.
///
/// # Errors
/// As [`Volume::sync`].
pub fn sync_filesystem(dir: &Path) -> Result<()> {
    Volume::open(dir)?.sync()
}

/// Makes the names in a folder durable.
///
/// # Errors
/// [`ErrorKind::Poisoned`].
pub fn sync_dir(dir: &Path) -> Result<()> {
    let handle = File::open(dir).map_err(|e| Error::io("open", dir, e))?;
    synced(dir, || handle.sync_all())?;
    fault::note(|| Op::SyncDir(name_of(dir)));
    Ok(())
}

/// Makes one file durable. Needed for sled, whose flush is not an fsync.
///
/// # Errors
/// [`ErrorKind::Poisoned`].
pub fn sync_file(path: &Path) -> Result<()> {
    let handle = File::open(path).map_err(|e| Error::io("open", path, e))?;
    synced(path, || handle.sync_all())?;
    fault::note(|| Op::SyncFile(name_of(path)));
    Ok(())
}

/// Runs a sync; its failure poisons the writer.
pub(super) fn synced(path: &Path, sync: impl FnOnce() -> io::Result<()>) -> Result<()> {
    let result = if fault::sync_fails() { Err(io::Error::from_raw_os_error(5)) } else { sync() };
    result.map_err(|e| {
        Error::new(ErrorKind::Poisoned, format!("cannot make {} durable: {e}", path.display()))
            .with_hint(
                "nothing more is written; check the disk, then run the command again: it recovers from the journal",
            )
            .with_source(e)
    })
}

/// Replaces a file as a whole: a reader sees the old bytes or the new ones. Durable.
///
/// # Errors
/// Writing, syncing or renaming failed; the old file is untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let _ = fs::remove_file(&temporary);
    create(&temporary, bytes, READ_WRITE)?;
    sync_file(&temporary)?;
    rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Renames a file on one file system. Not durable.
///
/// # Errors
/// The file is gone or the target cannot be written.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|e| Error::io("rename", from, e))?;
    fault::note(|| Op::Rename(name_of(to)));
    Ok(())
}

/// Creates a folder (0700) and its missing parents. Returns whether anything was made. Not durable.
///
/// # Errors
/// A folder cannot be made, or a file of that name is in the way.
pub fn create_dirs(dir: &Path) -> Result<bool> {
    if dir.is_dir() {
        return Ok(false);
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|e| Error::io("create the folder", dir, e))?;
    Ok(true)
}

/// Makes a hard link. A target that is there already counts as made. Not durable.
///
/// # Errors
/// Anything but a limit of the file system.
pub fn hard_link(from: &Path, to: &Path) -> Result<Linked> {
    match fs::hard_link(from, to) {
        Ok(()) => {
            fault::note(|| Op::Link(name_of(to)));
            Ok(Linked::Yes)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(Linked::Yes),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::TooManyLinks | io::ErrorKind::CrossesDevices | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(Linked::Impossible)
        }
        // EPERM: the file system has no hard links (FAT, some network mounts).
        Err(e) if e.raw_os_error() == Some(1) => Ok(Linked::Impossible),
        Err(e) => Err(Error::io("link", to, e)),
    }
}

/// Clones a file where the file system can (btrfs, xfs), else copies it. A target that is there counts as made.
/// Not durable.
///
/// # Errors
/// Reading or writing failed; a half-made target is removed.
pub fn clone_or_copy(from: &Path, to: &Path, try_clone: bool) -> Result<()> {
    let mut source = File::open(from).map_err(|e| Error::io("open", from, e))?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut target = match rustix::fs::open(to, flags, Mode::from_raw_mode(READ_WRITE)) {
        Ok(fd) => File::from(fd),
        Err(rustix::io::Errno::EXIST) => return Ok(()),
        Err(e) => return Err(Error::io("create", to, e.into())),
    };
    let cloned = try_clone && rustix::fs::ioctl_ficlone(target.as_fd(), source.as_fd()).is_ok();
    if !cloned && let Err(e) = io::copy(&mut source, &mut target) {
        let _ = fs::remove_file(to);
        return Err(Error::io("copy", to, e));
    }
    fault::note(|| Op::Link(name_of(to)));
    Ok(())
}

/// Unlinks one file. Returns whether it was there. For vault and mailbox entries this is called from `purge.rs` only,
/// behind a clearance. Not durable.
///
/// # Errors
/// The file cannot be unlinked.
pub fn unlink(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => {
            fault::note(|| Op::Unlink(name_of(path)));
            Ok(true)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io("unlink", path, e)),
    }
}

/// Removes a tree of *derived* state: `index/`, `catalog/`, `mail/`. A missing tree is fine.
///
/// # Errors
/// Something in it cannot be removed.
pub fn remove_derived(path: &Path) -> Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, e)),
        _ => Ok(()),
    }
}

/// Moves a file or folder into `quarantine` under a name that is not taken, and makes the move durable.
///
/// # Errors
/// The move failed.
pub fn set_aside(path: &Path, quarantine: &Path) -> Result<PathBuf> {
    create_dirs(quarantine)?;
    let name = path.file_name().map_or_else(|| "unnamed".into(), |n| n.to_string_lossy().into_owned());
    let target = free_name(quarantine, &name);
    rename(path, &target)?;
    sync_dir(quarantine)?;
    path.parent().map_or(Ok(()), sync_dir)?;
    Ok(target)
}

/// Saves bytes in `quarantine` under a name that is not taken. Durable.
///
/// # Errors
/// Writing failed.
pub fn save_aside(bytes: &[u8], quarantine: &Path, name: &str) -> Result<PathBuf> {
    create_dirs(quarantine)?;
    let target = free_name(quarantine, name);
    create(&target, bytes, READ_ONLY)?;
    sync_file(&target)?;
    sync_dir(quarantine)?;
    Ok(target)
}

fn free_name(dir: &Path, name: &str) -> PathBuf {
    let mut target = dir.join(name);
    let mut n = 1u32;
    while target.symlink_metadata().is_ok() {
        target = dir.join(format!("{name}.{n}"));
        n = n.saturating_add(1);
    }
    target
}

/// A new file for output outside the archive (an export): made once, never over an existing one. Durable.
///
/// # Errors
/// The file is there, or writing failed.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    if create(path, bytes, READ_WRITE)? == Created::Exists {
        return Err(Error::new(ErrorKind::CannotCreate, format!("{} is there already", path.display()))
            .with_hint("name a folder that does not exist yet"));
    }
    sync_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        assert_eq!(create_read_only(&path, b"one").unwrap(), Created::New);
        assert_eq!(create_read_only(&path, b"two").unwrap(), Created::Exists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(write_new(&path, b"x").is_err());
    }

    #[test]
    fn what_is_set_aside_never_replaces_what_was_set_aside_before() {
        let dir = tempfile::tempdir().unwrap();
        let quarantine = dir.path().join("q");
        for content in [b"1", b"2"] {
            let path = dir.path().join("torn");
            fs::write(&path, content).unwrap();
            set_aside(&path, &quarantine).unwrap();
        }
        assert_eq!(fs::read_dir(&quarantine).unwrap().count(), 2);
    }
}
