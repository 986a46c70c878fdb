//! Source identity → message, for writers only: what tells `already` from new, and what brings a notice and its
//! original together.
//!
//! Contract: derived, and never the only home of a fact. Rows are small, in one tree with prefixed keys, at most
//! `limits::BATCH_MESSAGES` messages a batch; the watermark is in the same atomic batch as the rows. sled's flush is
//! not an fsync, so [`Catalog::flush`] syncs its file. A catalog that will not open, panics on opening, or whose
//! sentinel is missing is reported as unusable, and the caller builds it anew from the journal.

mod open;
mod row;

pub use row::{StoryRow, VersionRow};

use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Ordinal, Watermark, event::Archived},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The catalog of one archive, open for writing.
#[derive(Debug)]
pub struct Catalog {
    db: sled::Db,
    dir: PathBuf,
    /// Rows of the batch that is being decided. Read first.
    pending: Rows,
    /// Rows of the batch that is being made durable. Read before the database.
    sealed: Rows,
}

type Rows = HashMap<Vec<u8>, Vec<u8>>;

impl Catalog {
    /// Opens the catalog in `dir`. `None` for the watermark: empty or unusable; what was there is gone, build it anew.
    ///
    /// # Errors
    /// The folder cannot be used at all.
    pub fn open(dir: &Path) -> Result<(Self, Option<Watermark>)> {
        let (db, mark) = open::open(dir)?;
        Ok((Self { db, dir: dir.to_owned(), pending: Rows::new(), sealed: Rows::new() }, mark))
    }

    /// The versions of the message with this identity key, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn versions(&self, identity_key: &Digest) -> Result<Vec<VersionRow>> {
        self.get(&row::identity_key(identity_key)).map(|value| row::decode_versions(&value))
    }

    /// Every message that is about the native id `story`, in any account.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn story(&self, story: &str) -> Result<Vec<StoryRow>> {
        self.get(&row::story_key(story)).map(|value| row::decode_stories(&value))
    }

    /// Adds the rows of a message. In memory until [`Self::seal`] and [`Self::commit`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn add(&mut self, message: &Archived) -> Result<()> {
        let key = row::identity_key(&message.identity.key());
        let mut value = self.get(&key)?;
        if !row::decode_versions(&value).iter().any(|version| version.ordinal == message.ordinal) {
            row::push_version(&mut value, &message.source_digest, message.ordinal);
            self.pending.insert(key, value);
        }
        if let Some(story) = &message.story {
            let key = row::story_key(story);
            let mut value = self.get(&key)?;
            if !row::decode_stories(&value).iter().any(|row| row.ordinal == message.ordinal) {
                row::push_story(&mut value, message);
                self.pending.insert(key, value);
            }
        }
        Ok(())
    }

    /// Closes the batch of what was added: the next [`Self::commit`] writes it, and not what is added from now on. What
    /// was sealed before and not committed is in it too.
    pub fn seal(&mut self) {
        let added = std::mem::take(&mut self.pending);
        if self.sealed.is_empty() {
            self.sealed = added;
        } else {
            self.sealed.extend(added);
        }
    }

    /// Writes what was sealed and the watermark as one atomic batch. Durable after [`Self::flush`] only.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn commit(&mut self, mark: &Watermark) -> Result<()> {
        let mut batch = sled::Batch::default();
        for (key, value) in self.sealed.drain() {
            batch.insert(key, value);
        }
        batch.insert(row::SENTINEL, row::encode_sentinel(mark)?);
        self.db.apply_batch(batch).map_err(|e| broken(&e))
    }

    /// Forgets what was added and not committed.
    pub fn discard(&mut self) {
        self.pending.clear();
        self.sealed.clear();
    }

    /// Makes what was committed durable.
    ///
    /// # Errors
    /// [`ErrorKind::Poisoned`]; the database cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.db.flush().map_err(|e| broken(&e))?;
        crate::fs::durable::sync_file(&self.dir.join("db"))
    }

    /// How many identities there are. Walks over all of them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn check(&self, ordinals: u32) -> Result<CatalogCheck> {
        let mut seen = roaring::RoaringBitmap::new();
        let mut foreign = 0;
        for pair in self.db.scan_prefix(row::IDENTITY) {
            let (_, value) = pair.map_err(|e| broken(&e))?;
            for version in row::decode_versions(&value) {
                if version.ordinal.0 < ordinals && !seen.contains(version.ordinal.0) {
                    seen.insert(version.ordinal.0);
                } else {
                    foreign += 1;
                }
            }
        }
        Ok(CatalogCheck { known: seen.len(), foreign })
    }

    fn get(&self, key: &[u8]) -> Result<Vec<u8>> {
        if let Some(value) = self.pending.get(key).or_else(|| self.sealed.get(key)) {
            return Ok(value.clone());
        }
        let value = self.db.get(key).map_err(|e| broken(&e))?;
        Ok(value.map(|value| value.to_vec()).unwrap_or_default())
    }
}

/// What a walk over the catalog found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogCheck {
    /// Messages that have a row.
    pub known: u64,
    /// Rows that name a message that is not there, or twice.
    pub foreign: u64,
}

fn broken(error: &sled::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the catalog cannot be used: {error}"))
        .with_hint("custodia rebuild --catalog makes it anew from the journal")
}

/// The first version of a message, if there is one.
#[must_use]
pub fn first_version(versions: &[VersionRow]) -> Option<Ordinal> {
    versions.iter().map(|version| version.ordinal).min()
}

#[cfg(test)]
mod tests;
