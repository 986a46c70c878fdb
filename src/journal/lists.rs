//! Lists that are too long for a line: `journal/lists/<SHA-256>`, one JSON item per line, part of the evidence.

use super::Journal;
use crate::{
    Error, ErrorKind, Result, fs,
    model::{
        Digest,
        event::{ItemList, ItemRef},
        limits,
    },
};
use std::path::PathBuf;

impl Journal {
    /// The folder of the lists.
    #[must_use]
    pub fn lists_dir(&self) -> PathBuf {
        self.dir.join("lists")
    }

    /// Makes the list to put into an event; writes a file if it is long. The file is durable when this returns.
    ///
    /// # Errors
    /// Writing failed.
    pub fn store_list(&self, items: Vec<ItemRef>) -> Result<ItemList> {
        if items.len() <= limits::LINE_ITEMS {
            return Ok(ItemList::Inline(items));
        }
        let mut bytes = Vec::with_capacity(items.len() * 96);
        for item in &items {
            serde_json::to_writer(&mut bytes, item)
                .map_err(|e| Error::bug(format!("an item cannot be written: {e}")))?;
            bytes.push(b'\n');
        }
        let digest = Digest::of(&bytes);
        let dir = self.lists_dir();
        fs::durable::create_dirs(&dir)?;
        let path = dir.join(digest.to_hex());
        fs::durable::create_read_only(&path, &bytes)?;
        if Digest::of(&fs::read::bytes(&path)?) != digest {
            fs::durable::set_aside(&path, &self.quarantine)?;
            fs::durable::create_read_only(&path, &bytes)?;
        }
        fs::durable::sync_file(&path)?;
        fs::durable::sync_dir(&dir)?;
        fs::durable::sync_dir(&self.dir)?;
        Ok(ItemList::List(digest))
    }

    /// The items of a list.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] when the file is gone or does not have the digest of its name.
    pub fn load_list(&self, list: &ItemList) -> Result<Vec<ItemRef>> {
        let digest = match list {
            ItemList::Inline(items) => return Ok(items.clone()),
            ItemList::List(digest) => digest,
        };
        let path = self.lists_dir().join(digest.to_hex());
        let damaged = |why: &str| {
            Error::new(ErrorKind::Damaged, format!("the list {} {why}", path.display()))
                .with_hint("restore the file from a backup")
        };
        let bytes = fs::read::bytes(&path).map_err(|e| damaged("cannot be read").with_source(e))?;
        if Digest::of(&bytes) != *digest {
            return Err(damaged("does not have the digest of its name"));
        }
        bytes
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|_| damaged("has a line that is not an item")))
            .collect()
    }
}
