//! Where the ordinals of a segment lie and when its messages were sent: blocks of documents that follow each other as their
//! ordinals do, with the first and the last date of each.
//!
//! An import indexes messages in their order, so a segment is a few long runs of ordinals. With them written down, a document's
//! ordinal is arithmetic, and whole blocks are passed over when the newest messages or a period are asked for.
//!
//! Contract: a segment never changes, so what is written of one is true for ever, by the segment's id; it is worked out from every
//! document and guessed from none. `segments.map` is derived: a segment that it lacks, and a file that is damaged, cost time and
//! nothing else. A segment of more than [`MOST_BLOCKS`] blocks has no map.

use super::{
    collect::BLOCK,
    error::error,
    schema::{ORDINAL, SENT, UNKNOWN_DATE},
};
use crate::{Error, Result, fs, model::Digest};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tantivy::{DocId, SegmentReader};

/// The file, in the folder of the index.
const FILE: &str = "segments.map";
/// What the file begins with; the digit is the version of the layout.
const MAGIC: &[u8; 8] = b"CUSTMAP1";
/// Documents of one block, at most.
const BLOCK_DOCS: u32 = if cfg!(test) { 8 } else { 4_096 };
/// Blocks of one segment, at most: beyond it a map takes longer to read than it saves.
const MOST_BLOCKS: usize = 16_384;

/// Documents that follow each other as their ordinals do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    /// The first document.
    pub(super) doc: DocId,
    /// Its ordinal.
    pub(super) ordinal: u32,
    /// How many documents.
    pub(super) length: u32,
    /// The first and the last date among those that have one, in milliseconds.
    pub(super) dates: Option<(i64, i64)>,
    /// Whether one has no date.
    pub(super) undated: bool,
}

impl Block {
    /// Its ordinals: the first, and the one after the last.
    pub(super) fn ordinals(&self) -> std::ops::Range<u32> {
        self.ordinal..self.ordinal.saturating_add(self.length)
    }

    /// The ordinal of one of its documents.
    pub(super) fn ordinal_of(&self, doc: DocId) -> u32 {
        self.ordinal.saturating_add(doc.saturating_sub(self.doc))
    }
}

/// The map of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Map {
    /// Documents of the segment, deleted ones too.
    max_doc: u32,
    /// In the order of the documents; they cover all of them.
    blocks: Vec<Block>,
    /// The blocks in the order of their ordinals.
    by_ordinal: Vec<u32>,
}

impl Map {
    /// Works the map of a segment out. `None`: its ordinals do not lie in long runs.
    fn of(segment: &SegmentReader) -> tantivy::Result<Option<Self>> {
        let columns = segment.fast_fields();
        let (ordinals, sent) = (columns.column_first_or_default::<u64>(ORDINAL)?, columns.i64(SENT)?);
        let max_doc = segment.max_doc();
        let mut blocks: Vec<Block> = Vec::new();
        let mut values = [0u64; BLOCK];
        for from in (0..max_doc).step_by(BLOCK) {
            let length = BLOCK.min((max_doc - from) as usize);
            let Some(values) = values.get_mut(..length) else { continue };
            ordinals.get_range(u64::from(from), values);
            for (doc, value) in (from..).zip(values.iter()) {
                let Ok(ordinal) = u32::try_from(*value) else { return Ok(None) };
                let follows = |last: &Block| last.ordinals().end == ordinal && last.length < BLOCK_DOCS;
                if !blocks.last().is_some_and(follows) {
                    if blocks.len() >= MOST_BLOCKS {
                        return Ok(None);
                    }
                    blocks.push(Block { doc, ordinal, length: 0, dates: None, undated: false });
                }
                let Some(block) = blocks.last_mut() else { continue };
                block.length += 1;
                match sent.values.get_val(doc) {
                    UNKNOWN_DATE => block.undated = true,
                    at => {
                        let (first, last) = block.dates.unwrap_or((at, at));
                        block.dates = Some((first.min(at), last.max(at)));
                    }
                }
            }
        }
        let mut by_ordinal: Vec<u32> = (0..u32::try_from(blocks.len()).unwrap_or(u32::MAX)).collect();
        by_ordinal.sort_by_key(|at| blocks.get(*at as usize).map(|block| block.ordinal));
        Ok(Some(Self { max_doc, blocks, by_ordinal }))
    }

    /// The blocks in the order of the documents.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The document with this ordinal, deleted or not.
    pub(super) fn doc(&self, ordinal: u32) -> Option<DocId> {
        let block = |at: &u32| self.blocks.get(*at as usize);
        let behind = self.by_ordinal.partition_point(|at| block(at).is_some_and(|block| block.ordinal <= ordinal));
        let block = self.by_ordinal.get(behind.checked_sub(1)?).and_then(block)?;
        block.ordinals().contains(&ordinal).then(|| block.doc + (ordinal - block.ordinal))
    }

    /// Documents, which are given in their order, by the block that they lie in.
    pub(super) fn each_run(&self, docs: &[DocId], mut run: impl FnMut(&[DocId], &Block)) {
        let first = docs.first().copied().unwrap_or_default();
        let begin = self.blocks.partition_point(|block| block.doc.saturating_add(block.length) <= first);
        let mut rest = docs;
        for block in self.blocks.iter().skip(begin) {
            let end = block.doc.saturating_add(block.length);
            let (here, behind) = rest.split_at(rest.partition_point(|doc| *doc < end));
            if !here.is_empty() {
                run(here, block);
            }
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
    }
}

/// The maps of the segments of a commit, in their order; `None` for a segment without one.
pub(super) type Maps = Vec<Option<Arc<Map>>>;

/// What is written down of the segments of an index. Nothing, if the file is not there or not sound.
fn load(dir: &Path) -> BTreeMap<String, Map> {
    let read = || -> Option<BTreeMap<String, Map>> {
        let bytes = fs::read::mapped(&path(dir)).ok()?;
        let (sum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(32)?;
        (Digest::of(body).0 == *sum).then(|| bincode::deserialize(body).ok()).flatten()
    };
    read().unwrap_or_default()
}

/// The maps of these segments, as far as they are written down.
pub(super) fn of_segments(dir: &Path, segments: &[SegmentReader]) -> Maps {
    let mut known = load(dir);
    let map = |segment: &SegmentReader| known.remove(&id(segment)).filter(|map| map.max_doc == segment.max_doc());
    segments.iter().map(map).map(|map| map.map(Arc::new)).collect()
}

/// Writes down what is missing of these segments, and drops what is there of others.
///
/// # Errors
/// `Io`, `Damaged`.
pub(super) fn write(dir: &Path, segments: &[SegmentReader]) -> Result<()> {
    let known = load(dir);
    let mut maps = BTreeMap::new();
    for segment in segments {
        let id = id(segment);
        match known.get(&id).filter(|map| map.max_doc == segment.max_doc()) {
            Some(map) => maps.insert(id, map.clone()),
            None => match Map::of(segment).map_err(|cause| error("read", cause))? {
                Some(map) => maps.insert(id, map),
                None => None,
            },
        };
    }
    if maps == known {
        return Ok(());
    }
    let body = bincode::serialize(&maps).map_err(|e| Error::bug(format!("a map cannot be written: {e}")))?;
    let bytes = [MAGIC.as_slice(), &Digest::of(&body).0, &body].concat();
    fs::durable::replace(&path(dir), &bytes)
}

/// The file, if it says something else of these segments than their documents do.
///
/// # Errors
/// `Io`, `Damaged`.
pub(super) fn check(dir: &Path, segments: &[SegmentReader]) -> Result<Option<PathBuf>> {
    for (segment, map) in segments.iter().zip(of_segments(dir, segments)) {
        let Some(map) = map else { continue };
        if Map::of(segment).map_err(|cause| error("read", cause))?.as_ref() != Some(&*map) {
            return Ok(Some(PathBuf::from(FILE)));
        }
    }
    Ok(None)
}

fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

fn id(segment: &SegmentReader) -> String {
    segment.segment_id().uuid_string()
}
