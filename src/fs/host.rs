//! Facts about the machine that the audit trail and `doctor` name.

use crate::{Error, Result};
use std::path::Path;

/// The host's name.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The numeric id of the operating system's user.
#[must_use]
pub fn user_id() -> u32 {
    rustix::process::getuid().as_raw()
}

/// The id of this process.
#[must_use]
pub fn process_id() -> u32 {
    std::process::id()
}

/// What is left on the file system of `dir`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this user may still write.
    pub free_bytes: u64,
    /// Files that may still be made.
    pub free_files: u64,
}

/// What is left on the file system of `dir`.
///
/// # Errors
/// The folder cannot be asked.
pub fn space(dir: &Path) -> Result<Space> {
    let stat = rustix::fs::statvfs(dir).map_err(|e| Error::io("ask for the free space of", dir, e.into()))?;
    Ok(Space { free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize), free_files: stat.f_favail })
}

/// Where this machine wants what is temporary.
#[must_use]
pub fn temp_dir() -> std::path::PathBuf {
    std::env::temp_dir()
}
