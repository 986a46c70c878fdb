//! Private temporary copies: what has to lie in a file for a while and is nobody else's to see.
//!
//! Contract: a spool is a folder (0700) of its own, made for one run and removed with everything in it when it is dropped; its
//! files are 0600. Names in it are our own counting, never a stranger's. What a crash leaves is removed by
//! [`sweep`] when the next writer opens. Nothing in a spool is durable, and nothing but a spool is needed after a crash.

use crate::{Error, Result, model::Digest};
use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What the folder of every spool begins with.
const PREFIX: &str = "spool-";
/// Bytes copied at a time.
const CHUNK: usize = 256 * 1024;

/// A folder for one run. Clones are the same folder.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Folder>);

/// Folders below a copied folder.
const COPY_DEPTH: usize = 4;

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    next: AtomicU64,
    /// The folder of all spools, if it is ours.
    parent: Option<PathBuf>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next writer.
        let _ = fs::remove_dir_all(&self.path);
        // Goes only when no other spool is in it.
        let _ = self.parent.as_ref().map(fs::remove_dir);
    }
}

impl Spool {
    /// Makes a spool where strangers may write too, as in the machine's folder for temporary files: under a name that nobody
    /// can foresee, and nobody but this account can enter.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn among_strangers(parent: &Path) -> Result<Self> {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).map_err(|e| {
            Error::new(crate::ErrorKind::Io, format!("the operating system gives no random bytes: {e}"))
        })?;
        let name = Digest::of(&random).to_hex();
        let path = parent.join(format!("custodia-{PREFIX}{}", name.get(..32).unwrap_or(&name)));
        rustix::fs::mkdir(&path, Mode::from_raw_mode(0o700)).map_err(|e| Error::io("create", &path, e.into()))?;
        Ok(Self(Arc::new(Folder { path, next: AtomicU64::new(0), parent: None })))
    }

    /// Copies a folder of ours with its regular files, under their names. A missing folder is an empty one.
    ///
    /// # Errors
    /// Reading or writing failed.
    pub fn copy_folder(&self, from: &Path) -> Result<PathBuf> {
        let to = self.fresh("");
        copy_tree(from, &to, COPY_DEPTH)?;
        Ok(to)
    }

    /// Makes a spool below `parent`, which is made if it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn create(parent: &Path) -> Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        super::durable::create_dirs(parent)?;
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{PREFIX}{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        super::durable::create_dirs(&path)?;
        let parent = Some(parent.to_owned());
        Ok(Self(Arc::new(Folder { path, next: AtomicU64::new(0), parent })))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// A path in the spool that no file has yet. `suffix` is a word of ours: `.db`, `.db-wal`.
    #[must_use]
    pub fn fresh(&self, suffix: &str) -> PathBuf {
        let n = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.0.path.join(format!("{n}{suffix}"))
    }

    /// Opens a new file for writing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn writer(&self, suffix: &str) -> Result<SpoolWriter> {
        let path = self.fresh(suffix);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(&path, flags, Mode::from_raw_mode(0o600))
            .map_err(|e| Error::io("create", &path, e.into()))?;
        Ok(SpoolWriter {
            out: File::from(fd),
            path,
            hasher: Sha256::new(),
            size: 0,
            finished: false,
            spool: self.clone(),
        })
    }

    /// Copies what `from` gives, at most `limit` bytes; `None` if there is more (the copy is removed).
    ///
    /// # Errors
    /// Reading `from` (named by `what` in the error) or writing failed.
    pub fn copy(&self, from: &mut dyn Read, limit: u64, what: &str, suffix: &str) -> Result<Option<SpoolFile>> {
        let mut writer = self.writer(suffix)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let n = match from.read(&mut chunk) {
                Ok(0) => return writer.finish().map(Some),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Error::io("read", Path::new(what), e)),
            };
            if writer.size.saturating_add(n as u64) > limit {
                return Ok(None);
            }
            let path = writer.path.clone();
            writer.write_all(chunk.get(..n).unwrap_or_default()).map_err(|e| Error::io("write", &path, e))?;
        }
    }
}

/// A spool file that is being written. Dropped without [`Self::finish`], it is removed.
#[derive(Debug)]
pub struct SpoolWriter {
    out: File,
    path: PathBuf,
    hasher: Sha256,
    size: u64,
    finished: bool,
    spool: Spool,
}

impl Drop for SpoolWriter {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now goes with the spool.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..n).unwrap_or_default());
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl SpoolWriter {
    /// Bytes that were written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.size
    }

    /// Closes the file.
    ///
    /// # Errors
    /// Writing failed.
    pub fn finish(mut self) -> Result<SpoolFile> {
        self.out.flush().map_err(|e| Error::io("write", &self.path, e))?;
        let digest = Digest(std::mem::take(&mut self.hasher).finalize().into());
        self.finished = true;
        let path = std::mem::take(&mut self.path);
        Ok(SpoolFile(Arc::new(Inner { path, size: self.size, digest, _spool: self.spool.clone() })))
    }
}

/// A finished spool file; it is removed when its last clone goes.
#[derive(Clone, Debug)]
pub struct SpoolFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    size: u64,
    digest: Digest,
    _spool: Spool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl SpoolFile {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Its SHA-256, taken while it was written.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Opens it for reading.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        let file = File::open(self.path()).map_err(|e| Error::io("open", self.path(), e))?;
        Ok(Box::new(io::BufReader::with_capacity(CHUNK, file)))
    }

    /// Its bytes, if they are few enough to be held in memory.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> Result<Vec<u8>> {
        fs::read(self.path()).map_err(|e| Error::io("read", self.path(), e))
    }
}

/// Removes the spools that a crash left below `parent`. Only the one writer may call this.
///
/// # Errors
/// The folder cannot be listed, or something in it cannot be removed.
pub fn sweep(parent: &Path) -> Result<()> {
    for entry in super::dir::list(parent)? {
        if entry.name.starts_with(PREFIX) {
            super::durable::remove_derived(&parent.join(entry.name))?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path, depth: usize) -> Result<()> {
    super::durable::create_dirs(to)?;
    for entry in super::dir::list(from)? {
        let (source, target) = (from.join(&entry.name), to.join(&entry.name));
        if entry.is_file {
            fs::copy(&source, &target).map_err(|e| Error::io("copy", &source, e))?;
        } else if entry.is_dir && depth > 0 {
            copy_tree(&source, &target, depth - 1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_its_digest_and_goes_with_its_last_handle() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::create(dir.path()).unwrap();
        let file = spool.copy(&mut &b"abc"[..], 3, "x", ".bin").unwrap().unwrap();
        assert_eq!((file.digest(), file.size(), file.read().unwrap()), (Digest::of(b"abc"), 3, b"abc".to_vec()));
        assert!(spool.copy(&mut &b"abcd"[..], 3, "x", "").unwrap().is_none());
        assert_eq!(fs::read_dir(spool.path()).unwrap().count(), 1, "what grew beyond the limit is gone");
        let path = file.path().to_owned();
        drop(file);
        assert!(!path.exists() && spool.path().exists());
    }

    #[test]
    fn what_was_not_finished_is_gone_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::create(dir.path()).unwrap();
        let mut writer = spool.writer(".x").unwrap();
        writer.write_all(b"abc").unwrap();
        assert_eq!(writer.written(), 3);
        drop(writer);
        assert_eq!(fs::read_dir(spool.path()).unwrap().count(), 0);
        drop(spool);
    }

    #[test]
    fn a_folder_is_copied_with_what_is_below_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("from/blobs")).unwrap();
        fs::write(dir.path().join("from/blobs/1"), b"x").unwrap();
        let spool = Spool::among_strangers(dir.path()).unwrap();
        let copy = spool.copy_folder(&dir.path().join("from")).unwrap();
        assert_eq!(fs::read(copy.join("blobs/1")).unwrap(), b"x");
        assert_eq!(fs::read_dir(spool.copy_folder(&dir.path().join("none")).unwrap()).unwrap().count(), 0);
        drop(spool);
        assert!(!copy.exists());
    }

    #[test]
    fn nothing_is_left_of_a_spool_and_a_crash_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::create(dir.path()).unwrap();
        let file = spool.copy(&mut &b"abc"[..], 9, "x", "").unwrap().unwrap();
        let folder = spool.path().to_owned();
        drop(spool);
        assert!(folder.exists(), "a file that is still held keeps its folder");
        drop(file);
        assert!(!folder.exists());
        fs::create_dir_all(dir.path().join("spool-1-1")).unwrap();
        fs::write(dir.path().join("other"), b"").unwrap();
        sweep(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
