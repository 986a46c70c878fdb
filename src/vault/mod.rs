//! The content-addressed pool of message files: `vault/ab/<SHA-256>.eml`, one RFC 5322 file per message, mode 0400.
//!
//! Contract: a file is written once and never changed; a file that is there already is hashed before it is trusted;
//! callers get bytes, never paths. Nothing is durable before `fs::durable::sync_filesystem`.

mod purge;
mod read;
mod scan;
mod write;

pub use scan::{Scanned, State};
pub use write::Written;

use crate::model::Digest;
use std::path::{Path, PathBuf};

/// The vault of one archive.
#[derive(Clone, Debug)]
pub struct Vault {
    root: PathBuf,
    quarantine: PathBuf,
}

impl Vault {
    /// The vault below `root`.
    #[must_use]
    pub fn at(root: PathBuf, quarantine: PathBuf) -> Self {
        Self { root, quarantine }
    }

    /// The folder, for a sync.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file with this digest is. For links into mailboxes; the API hands out bytes.
    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_hex();
        self.root.join(hex.get(..2).unwrap_or("00")).join(format!("{hex}.eml"))
    }

    /// The name of the file with this digest, relative to the archive.
    #[must_use]
    pub fn name(digest: &Digest) -> String {
        let hex = digest.to_hex();
        format!("vault/{}/{hex}.eml", hex.get(..2).unwrap_or("00"))
    }
}
