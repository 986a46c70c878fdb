//! Listing folders of the archive.

use crate::{Error, Result};
use std::{fs, io, os::unix::fs::DirEntryExt, path::Path};

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name; bytes that are not UTF-8 are shown as U+FFFD.
    pub name: String,
    /// The inode that the name leads to.
    pub inode: u64,
    /// A folder.
    pub is_dir: bool,
    /// A regular file.
    pub is_file: bool,
}

/// The names in a folder, sorted. A missing folder is empty.
///
/// # Errors
/// The folder cannot be read.
pub fn list(dir: &Path) -> Result<Vec<Entry>> {
    let reader = match fs::read_dir(dir) {
        Ok(reader) => reader,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("list", dir, e)),
    };
    let mut entries = Vec::new();
    for entry in reader {
        let entry = entry.map_err(|e| Error::io("list", dir, e))?;
        let kind = entry.file_type().map_err(|e| Error::io("look at", &entry.path(), e))?;
        entries.push(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            inode: entry.ino(),
            is_dir: kind.is_dir(),
            is_file: kind.is_file(),
        });
    }
    entries.sort();
    Ok(entries)
}

/// How deep folders are looked into: more than any mailbox has.
const DEPTH: usize = 64;

/// Calls `visit` with the path and the inode of every regular file below `root`, at most [`DEPTH`] folders deep. Names
/// are as they are, symbolic links are not followed, a missing folder is empty.
///
/// # Errors
/// A folder cannot be read; an error of `visit`.
pub fn walk(root: &Path, visit: &mut dyn FnMut(&Path, u64) -> Result<()>) -> Result<()> {
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let reader = match fs::read_dir(&folder) {
            Ok(reader) => reader,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(Error::io("list", &folder, e)),
        };
        for entry in reader {
            let entry = entry.map_err(|e| Error::io("list", &folder, e))?;
            let kind = entry.file_type().map_err(|e| Error::io("look at", &entry.path(), e))?;
            if kind.is_dir() && depth < DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                visit(&entry.path(), entry.ino())?;
            }
        }
    }
    Ok(())
}
