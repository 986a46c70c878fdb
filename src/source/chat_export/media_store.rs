//! Where the media of an export are: entries of a zip, files of a folder.
//!
//! Contract: names from a text or a zip are only ever compared, never used as a path. An entry of a zip is copied to the spool
//! in a stream, counted while it is unpacked, also when it fails; a file of a folder is read where it is. What failed once is
//! not tried again. Limits: [`MEDIUM_BYTES`] a medium,
//! [`limits::ZIP_TOTAL_BYTES`] all media of one zip together.

use super::chars::clean;
use crate::{
    Result,
    fs::{evidence::EvidenceFile, spool::Spool},
    model::{Code, Digest, limits},
    source::{
        phone::Blob,
        zip_entries::{Entry, Unreadable, Zip},
    },
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Bytes of one medium in a zip: what a zip's own sizes can say. WhatsApp takes files up to 2 GB.
pub const MEDIUM_BYTES: u64 = 0xffff_ffff;

/// One medium: its place in its store.
pub type MediumId = usize;

/// A medium whose bytes can be read.
#[derive(Clone, Debug)]
pub struct Medium {
    /// The bytes.
    pub blob: Blob,
    /// How many.
    pub size: u64,
    /// Their SHA-256.
    pub digest: Digest,
}

/// The media of one zip or of one folder and what is below it.
pub struct Store {
    bytes: Bytes,
    /// By compared name: the folder within, and which it is.
    names: HashMap<String, Vec<(String, MediumId)>>,
    /// Name and folder of each, in order.
    all: Vec<(String, String)>,
    taken: u64,
    /// Why a medium cannot be read.
    failed: HashMap<MediumId, (Code, String)>,
}

enum Bytes {
    Files(Vec<PathBuf>),
    Zip { zip: Box<Zip<EvidenceFile>>, entries: Vec<Entry> },
}

impl Store {
    /// Files below `root`.
    pub fn files(root: &Path, files: Vec<PathBuf>) -> Self {
        let all = files.iter().map(|path| split(&path.strip_prefix(root).unwrap_or(path).to_string_lossy())).collect();
        Self::new(Bytes::Files(files), all)
    }

    /// Entries of a zip.
    pub fn zip(zip: Zip<EvidenceFile>, entries: Vec<Entry>) -> Self {
        let all = entries.iter().map(|entry| split(&entry.name)).collect();
        Self::new(Bytes::Zip { zip: Box::new(zip), entries }, all)
    }

    fn new(bytes: Bytes, all: Vec<(String, String)>) -> Self {
        let mut names: HashMap<String, Vec<(String, MediumId)>> = HashMap::new();
        for (id, (name, folder)) in all.iter().enumerate() {
            names.entry(clean(name)).or_default().push((folder.clone(), id));
        }
        Self { bytes, names, all, taken: 0, failed: HashMap::new() }
    }

    /// The medium of this name in this folder; else the only one of this name.
    pub fn find(&self, folder: &str, name: &str) -> Option<MediumId> {
        let found = self.names.get(&clean(name))?;
        let here = found.iter().find(|(place, _)| place == folder);
        here.or(found.first().filter(|_| found.len() == 1)).map(|(_, id)| *id)
    }

    /// Name and folder of every medium.
    pub fn all(&self) -> &[(String, String)] {
        &self.all
    }

    /// Gives the bytes of a medium; the inner error says why they cannot be had.
    ///
    /// # Errors
    /// The spool cannot be written.
    pub fn open(&mut self, id: MediumId, spool: &Spool) -> Result<Result<Medium, (Code, String)>> {
        if let Some(why) = self.failed.get(&id) {
            return Ok(Err(why.clone()));
        }
        let opened = self.open_anew(id, spool)?;
        if let Err(why) = &opened {
            self.failed.insert(id, why.clone());
        }
        Ok(opened)
    }

    fn open_anew(&mut self, id: MediumId, spool: &Spool) -> Result<Result<Medium, (Code, String)>> {
        match &mut self.bytes {
            Bytes::Files(files) => {
                let Some(path) = files.get(id) else { return Ok(Err((Code::MediaMissing, String::new()))) };
                let blob = Blob::Evidence(path.clone());
                Ok(match blob.measure() {
                    Ok((size, digest)) => Ok(Medium { blob, size, digest }),
                    Err(e) => Err((Code::FileUnreadable, e.to_string())),
                })
            }
            Bytes::Zip { zip, entries } => {
                let Some(entry) = entries.get(id) else { return Ok(Err((Code::MediaMissing, String::new()))) };
                let limit = MEDIUM_BYTES.min(limits::ZIP_TOTAL_BYTES.saturating_sub(self.taken));
                let mut out = spool.writer(".media")?;
                let copied =
                    zip.copy(entry, limit, &mut out).map_err(|e| crate::Error::io("write", spool.path(), e))?;
                self.taken = self.taken.saturating_add(out.written());
                let size = match copied {
                    Ok(size) => size,
                    Err(why) => {
                        let code =
                            if why == Unreadable::TooLarge { Code::LimitExceeded } else { Code::EntryUnreadable };
                        return Ok(Err((code, why.as_text())));
                    }
                };
                let file = out.finish()?;
                Ok(Ok(Medium { size, digest: file.digest(), blob: Blob::Spooled(file) }))
            }
        }
    }

    /// The bytes of an entry of a zip that is a text.
    pub fn text(&mut self, id: MediumId, limit: u64) -> Result<Vec<u8>, Unreadable> {
        match &mut self.bytes {
            Bytes::Zip { zip, entries } => {
                entries.get(id).map_or(Err(Unreadable::Damaged), |entry| zip.read(entry, limit))
            }
            Bytes::Files(_) => Err(Unreadable::Damaged),
        }
    }
}

/// Name and folder of a path with slashes.
pub fn split(path: &str) -> (String, String) {
    match path.rsplit_once(['/', '\\']) {
        Some((folder, name)) => (name.to_owned(), folder.to_owned()),
        None => (path.to_owned(), String::new()),
    }
}
