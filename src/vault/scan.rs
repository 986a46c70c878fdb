//! Walking over what is in the vault.

use super::Vault;
use crate::{ErrorKind, Result, fs, model::Digest};

/// What one name in the vault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A file whose name is a digest, in the right folder.
    Message(Digest),
    /// Anything else, relative to the archive.
    Stranger(String),
}

/// What one message file is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has the digest of its name.
    Ok,
    /// It has another digest.
    Changed(Digest),
    /// It is gone.
    Missing,
    /// It cannot be read; that is not evidence of change.
    Unreadable(String),
}

impl Vault {
    /// Calls `visit` for every name in the vault.
    ///
    /// # Errors
    /// A folder cannot be listed; an error of `visit`.
    pub fn scan(&self, visit: &mut dyn FnMut(Scanned) -> Result<()>) -> Result<()> {
        for folder in fs::dir::list(&self.root)? {
            let known = folder.is_dir && folder.name.len() == 2 && folder.name.bytes().all(|b| b.is_ascii_hexdigit());
            if !known {
                visit(Scanned::Stranger(format!("vault/{}", folder.name)))?;
                continue;
            }
            for entry in fs::dir::list(&self.root.join(&folder.name))? {
                let digest = entry.name.strip_suffix(".eml").and_then(Digest::from_hex);
                let in_place = |digest: &Digest| digest.to_hex().starts_with(&folder.name);
                match digest.filter(|d| entry.is_file && in_place(d) && Self::name(d).ends_with(&entry.name)) {
                    Some(digest) => visit(Scanned::Message(digest))?,
                    None => visit(Scanned::Stranger(format!("vault/{}/{}", folder.name, entry.name)))?,
                }
            }
        }
        Ok(())
    }

    /// Hashes one message file (`full`), or only looks whether it is there with this size.
    #[must_use]
    pub fn check(&self, digest: &Digest, size: u64, full: bool) -> State {
        if !full {
            return match fs::read::stat(&self.path(digest)) {
                Ok(Some(stat)) if stat.is_file && stat.size == size => State::Ok,
                Ok(Some(_)) => self.hash(digest),
                Ok(None) => State::Missing,
                Err(e) => State::Unreadable(e.to_string()),
            };
        }
        self.hash(digest)
    }

    /// Hashes one message file.
    #[must_use]
    pub fn hash(&self, digest: &Digest) -> State {
        match fs::read::bytes(&self.path(digest)) {
            Ok(bytes) => match Digest::of(&bytes) {
                found if found == *digest => State::Ok,
                found => State::Changed(found),
            },
            Err(e) if e.kind() == ErrorKind::NotFound => State::Missing,
            Err(e) => State::Unreadable(e.to_string()),
        }
    }

    /// Moves a file that is not what its name says into quarantine. For a half-written file that no journal line names.
    ///
    /// # Errors
    /// The move failed.
    pub fn set_aside(&self, digest: &Digest) -> Result<()> {
        fs::durable::set_aside(&self.path(digest), &self.quarantine).map(|_| ())
    }
}
