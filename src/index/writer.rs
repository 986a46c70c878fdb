//! Adding to and deleting from the index.
//!
//! Contract: nothing is visible or durable before [`Writer::commit`], which carries the caller's watermark; the caller
//! syncs the folder after it (tantivy does not, after its last rename) and adds again whatever the journal holds behind
//! the watermark. Commits are expensive (about 15 fdatasyncs): one per 15,000 messages or 30 s.

use super::{
    document::Document,
    error::{caught, error, is_damage},
    map,
    schema::{Fields, Payload, schema},
    values::{VALUES, Values},
};
use crate::{Result, model::Ordinal};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use tantivy::{Index, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, Term, directory::MmapDirectory};

/// tantivy's own bounds on a writer's memory, in bytes.
const HEAP_BYTES: std::ops::RangeInclusive<usize> = 15_000_000..=4_000_000_000;

/// The one writer of an index.
pub struct Writer {
    index: Index,
    dir: PathBuf,
    fields: Fields,
    writer: IndexWriter<TantivyDocument>,
    heap: usize,
    /// The rarer fields that some document has or had.
    rare: BTreeSet<String>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("heap", &self.heap).finish_non_exhaustive()
    }
}

/// What was found in the folder.
#[derive(Debug)]
pub enum Opened {
    /// An index of this version, or an empty folder, which is one now.
    Ready {
        /// To add with.
        writer: Box<Writer>,
        /// What the last commit was given; `None` before the first.
        watermark: Option<String>,
    },
    /// An index that cannot be used: empty the folder, open again and add everything.
    Stale {
        /// Why not, for people.
        why: String,
    },
}

impl Writer {
    /// Opens the index in the folder `dir`, which must exist, with one indexing thread and `heap_bytes` of memory for it.
    ///
    /// # Errors
    /// `Locked` if another process writes; `Io` or `Permission`. An index that does not fit is no error.
    pub fn open(dir: &Path, heap_bytes: usize) -> Result<Opened> {
        match caught(|| Self::try_open(dir, heap_bytes)) {
            Ok(opened) => Ok(opened),
            Err(cause) if is_damage(&cause) => Ok(Opened::Stale { why: cause.to_string() }),
            Err(cause) => Err(error("open", cause)),
        }
    }

    fn try_open(dir: &Path, heap_bytes: usize) -> tantivy::Result<Opened> {
        let (schema, fields) = schema();
        let directory = MmapDirectory::open(dir)?;
        let index = match Index::exists(&directory)? {
            true => Index::open(directory)?,
            false => Index::create(directory, schema.clone(), tantivy::IndexSettings::default())?,
        };
        index.tokenizers().register(VALUES, Values::default());
        if index.schema() != schema {
            return Ok(Opened::Stale { why: "the index has other fields than this program's".to_owned() });
        }
        let metas = index.load_metas()?;
        let payload = match metas.payload.as_deref().map(Payload::read) {
            Some(Ok(payload)) => Some(payload),
            Some(Err(why)) => return Ok(Opened::Stale { why }),
            None if metas.segments.is_empty() => None,
            None => return Ok(Opened::Stale { why: "the last commit has no watermark".to_owned() }),
        };
        // A missing or damaged segment shows only when it is opened.
        let reader: tantivy::IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        // What an interruption, or a merge after the last commit, left out. Without it answers only take longer.
        let _ = map::write(dir, reader.searcher().segment_readers());
        let heap = heap_bytes.clamp(*HEAP_BYTES.start(), *HEAP_BYTES.end());
        let writer = index.writer_with_num_threads(1, heap)?;
        let (watermark, rare) = payload.map(|payload| (payload.watermark, payload.rare)).unzip();
        let rare = rare.unwrap_or_default();
        Ok(Opened::Ready {
            writer: Box::new(Self { index, dir: dir.to_owned(), fields, writer, heap, rare }),
            watermark,
        })
    }

    /// Adds a message. `replace`: a document with this ordinal may be there already and goes.
    ///
    /// # Errors
    /// The indexing thread has failed; open again.
    pub fn add(&mut self, document: &Document, replace: bool) -> Result<()> {
        if replace {
            self.delete(document.record.ordinal);
        }
        for name in document.rare() {
            if !self.rare.contains(name) {
                self.rare.insert(name.to_owned());
            }
        }
        let document = document.to_tantivy(&self.fields)?;
        self.writer.add_document(document).map_err(|cause| error("add to", cause))?;
        Ok(())
    }

    /// Deletes a message. Its words stay in the files until [`Writer::merge_all`].
    pub fn delete(&self, ordinal: Ordinal) {
        self.writer.delete_term(Term::from_field_u64(self.fields.ordinal, u64::from(ordinal.0)));
    }

    /// Makes everything so far visible and durable, under `watermark`, which is opaque to the index.
    ///
    /// # Errors
    /// Writing failed; what the last commit held is still there.
    pub fn commit(&mut self, watermark: &str) -> Result<()> {
        let payload = serde_json::to_string(&Payload::new(watermark, self.rare.clone()))
            .map_err(|cause| crate::Error::bug(format!("the watermark cannot be written: {cause}")))?;
        let commit = |writer: &mut IndexWriter<TantivyDocument>| -> tantivy::Result<()> {
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            Ok(())
        };
        commit(&mut self.writer).map_err(|cause| error("commit", cause))?;
        self.map_segments()
    }

    /// Writes down what readers want to know of the segments that are there now: merges in the background made some since
    /// the last commit.
    ///
    /// # Errors
    /// Reading or writing failed.
    pub(super) fn map_segments(&self) -> Result<()> {
        let reader = self.index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
        let reader: tantivy::IndexReader = reader.map_err(|cause| error("read", cause))?;
        map::write(&self.dir, reader.searcher().segment_readers())
    }

    /// Whether files of the index still have words of messages that are deleted: then [`Writer::merge_all`] is due. Files
    /// that no commit names any more are removed.
    ///
    /// # Errors
    /// Reading failed.
    pub fn is_due_to_merge(&self) -> Result<bool> {
        let look = || -> tantivy::Result<bool> {
            self.writer.garbage_collect_files().wait()?;
            Ok(self.index.searchable_segment_metas()?.iter().any(tantivy::SegmentMeta::has_deletes))
        };
        look().map_err(|cause| error("read", cause))
    }

    /// Rewrites all segments into one and removes the old files, so that no word of a deleted message is left. What was
    /// added and not committed is lost.
    ///
    /// # Errors
    /// Writing failed; the last commit is still there.
    pub fn merge_all(self) -> Result<Self> {
        let merged = self.try_merge_all().map_err(|cause| error("merge", cause))?;
        merged.map_segments()?;
        Ok(merged)
    }

    fn try_merge_all(self) -> tantivy::Result<Self> {
        let Self { index, dir, fields, writer, heap, rare } = self;
        // A merge in the background would hold some of the segments.
        writer.wait_merging_threads()?;
        let mut writer: IndexWriter<TantivyDocument> = index.writer_with_num_threads(1, heap)?;
        let metas = index.searchable_segment_metas()?;
        let needed = metas.len() > 1 || metas.iter().any(tantivy::SegmentMeta::has_deletes);
        let ids: Vec<_> = metas.iter().map(tantivy::SegmentMeta::id).collect();
        // A segment's description that is still held keeps its files.
        drop(metas);
        if needed {
            writer.merge(&ids).wait()?;
        }
        writer.garbage_collect_files().wait()?;
        Ok(Self { index, dir, fields, writer, heap, rare })
    }

    /// Waits for merges in the background and closes. What was not committed is lost.
    ///
    /// # Errors
    /// A merge failed; the last commit is still there.
    pub fn close(self) -> Result<()> {
        self.writer.wait_merging_threads().map_err(|cause: TantivyError| error("close", cause))
    }
}
