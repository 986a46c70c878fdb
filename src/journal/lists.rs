//! Lists that are too long for a line: `journal/lists/<SHA-256>`, one JSON item per line, part of the evidence.

use super::Journal;
use crate::{
    Error, ErrorKind, Result, fs,
    model::{
        Digest, OrdinalSet,
        event::{ItemList, ItemRef},
        limits,
    },
};
use roaring::RoaringBitmap;
use serde::de::DeserializeOwned;
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
        self.store_bytes(&bytes).map(ItemList::List)
    }

    /// Writes a list file. Durable when this returns.
    fn store_bytes(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        let dir = self.lists_dir();
        fs::durable::create_dirs(&dir)?;
        let path = dir.join(digest.to_hex());
        fs::durable::create_read_only(&path, bytes)?;
        if Digest::of(&fs::read::bytes(&path)?) != digest {
            fs::durable::set_aside(&path, &self.quarantine)?;
            fs::durable::create_read_only(&path, bytes)?;
        }
        fs::durable::sync_file(&path)?;
        fs::durable::sync_dir(&dir)?;
        fs::durable::sync_dir(&self.dir)?;
        Ok(digest)
    }

    /// Makes the set of messages to put into an event; writes a file if it has many ranges. The file is durable when
    /// this returns.
    ///
    /// # Errors
    /// Writing failed.
    pub fn store_ordinals(&self, ordinals: &RoaringBitmap) -> Result<OrdinalSet> {
        let ranges = ranges(ordinals);
        if ranges.len() <= limits::LINE_RANGES {
            return Ok(OrdinalSet::Ranges(ranges));
        }
        let mut text = String::with_capacity(ranges.len() * 20);
        for (first, last) in ranges {
            text.push_str(&format!("[{first},{last}]\n"));
        }
        self.store_bytes(text.as_bytes()).map(OrdinalSet::List)
    }

    /// A set of messages.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] when the file is gone or does not have the digest of its name.
    pub fn load_ordinals(&self, set: &OrdinalSet) -> Result<RoaringBitmap> {
        let ranges = match set {
            OrdinalSet::Ranges(ranges) => ranges.clone(),
            OrdinalSet::List(digest) => self.load_lines(digest, "a range of messages")?,
        };
        let mut ordinals = RoaringBitmap::new();
        for (first, last) in ranges {
            ordinals.insert_range(first..=last);
        }
        Ok(ordinals)
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
        self.load_lines(digest, "an item")
    }

    /// Whether the file is a list of either kind: it has the digest of its name, and every line is understood.
    #[must_use]
    pub fn is_list(&self, digest: &Digest) -> bool {
        self.load_list(&ItemList::List(*digest)).is_ok() || self.load_ordinals(&OrdinalSet::List(*digest)).is_ok()
    }

    /// The lines of a list file, each a JSON value.
    fn load_lines<T: DeserializeOwned>(&self, digest: &Digest, what: &str) -> Result<Vec<T>> {
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
            .map(|line| serde_json::from_slice(line).map_err(|_| damaged(&format!("has a line that is not {what}"))))
            .collect()
    }
}

/// A set as ranges, first and last included.
fn ranges(ordinals: &RoaringBitmap) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for ordinal in ordinals {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(ordinal) => *last = ordinal,
            _ => ranges.push((ordinal, ordinal)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_messages_comes_back_from_the_line_and_from_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(dir.path().join("journal"), dir.path().join("quarantine"));
        journal.create().unwrap();
        let few: RoaringBitmap = [1, 2, 3, 7, u32::MAX - 1, u32::MAX].into_iter().collect();
        assert_eq!(ranges(&few), [(1, 3), (7, 7), (u32::MAX - 1, u32::MAX)]);
        let many: RoaringBitmap = (0..5_000).map(|n| n * 2).collect();
        for set in [&RoaringBitmap::new(), &few, &many] {
            let stored = journal.store_ordinals(set).unwrap();
            assert_eq!(journal.load_ordinals(&stored).unwrap(), *set);
            assert_eq!(matches!(stored, OrdinalSet::List(_)), set.len() == many.len());
        }
        let OrdinalSet::List(digest) = journal.store_ordinals(&many).unwrap() else { panic!() };
        let path = journal.lists_dir().join(digest.to_hex());
        fs::durable::remove_derived(&path).unwrap();
        let error = journal.load_ordinals(&OrdinalSet::List(digest)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}
