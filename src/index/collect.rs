//! Collectors: the ordinals, or ordinals and scores, of the documents that match.

use super::{
    bits::Bits,
    map::{Map, Maps},
    schema::ORDINAL,
};
use roaring::RoaringBitmap;
use std::{collections::HashMap, sync::Arc};
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

type Column = Arc<dyn ColumnValues<u64>>;

/// The ordinal of a document. Only ordinals of 32 bits are ever written.
pub(super) fn ordinal(column: &Column, doc: DocId) -> u32 {
    u32::try_from(column.get_val(doc)).unwrap_or(u32::MAX)
}

/// Values of a column that are fetched at a time.
pub(super) const BLOCK: usize = 1_024;

/// The ordinals of these documents as a set.
pub(super) fn ordinals(column: &Column, docs: &[DocId]) -> RoaringBitmap {
    let mut found: Vec<u32> = Vec::with_capacity(docs.len());
    let mut block = [0u64; BLOCK];
    for docs in docs.chunks(BLOCK) {
        let Some(values) = block.get_mut(..docs.len()) else { continue };
        column.get_vals(docs, values);
        found.extend(values.iter().map(|value| u32::try_from(*value).unwrap_or(u32::MAX)));
    }
    set(found)
}

/// The ordinals of all documents of a segment that are not deleted.
pub(super) fn all_ordinals(segment: &SegmentReader, map: Option<&Map>) -> tantivy::Result<RoaringBitmap> {
    if let Some(map) = map.filter(|_| !segment.has_deletes()) {
        let mut all = RoaringBitmap::new();
        map.blocks().iter().for_each(|block| {
            all.insert_range(block.ordinals());
        });
        return Ok(all);
    }
    let column = segment.fast_fields().column_first_or_default::<u64>(ORDINAL)?;
    let mut found: Vec<u32> = Vec::with_capacity(segment.num_docs() as usize);
    let mut block = [0u64; BLOCK];
    let max_doc = segment.max_doc();
    for from in (0..max_doc).step_by(BLOCK) {
        let length = BLOCK.min((max_doc - from) as usize);
        let Some(values) = block.get_mut(..length) else { continue };
        column.get_range(u64::from(from), values);
        let alive = (from..).zip(values.iter()).filter(|(doc, _)| !segment.is_deleted(*doc));
        found.extend(alive.map(|(_, value)| u32::try_from(*value).unwrap_or(u32::MAX)));
    }
    Ok(set(found))
}

/// A sorted row is quickly a bitmap; to sort a long one would take longer than to go through plain bits.
fn set(mut ordinals: Vec<u32>) -> RoaringBitmap {
    if !ordinals.is_sorted() {
        if ordinals.len() > LONG {
            let mut bits = Bits::up_to(ordinals.iter().max().map_or(0, |most| u64::from(*most)));
            ordinals.iter().for_each(|ordinal| bits.put(*ordinal));
            return bits.set();
        }
        ordinals.sort_unstable();
    }
    ordinals.dedup();
    RoaringBitmap::from_sorted_iter(ordinals).unwrap_or_default()
}

/// Ordinals that are not sorted any more.
const LONG: usize = 2_000;

/// Collects ordinals.
pub(super) struct Ordinals<'a> {
    pub(super) maps: &'a Maps,
}

pub(super) struct SegmentOrdinals {
    place: Place,
    /// Those whose ordinals were not looked up yet.
    docs: Vec<DocId>,
    found: RoaringBitmap,
}

/// Where the ordinals of a segment are looked up.
enum Place {
    Map(Arc<Map>),
    Column(Column),
}

/// Documents of which the ordinals are looked up together. All of a common word would be megabytes of fresh memory, which
/// takes longer to come by than the look-up.
const TOGETHER: usize = 4_096;

impl SegmentOrdinals {
    /// Looks up what is noted, where that is done bit by bit.
    fn look_up(&mut self) {
        let Place::Map(map) = &self.place else { return };
        map.each_run(&self.docs, |here, block| {
            let ordinals = here.iter().map(|doc| block.ordinal_of(*doc));
            // They ascend, so they are refused as a whole or not at all.
            if self.found.append(ordinals.clone()).is_err() {
                self.found |= RoaringBitmap::from_sorted_iter(ordinals).unwrap_or_default();
            }
        });
        self.docs.clear();
    }
}

impl Collector for Ordinals<'_> {
    type Fruit = RoaringBitmap;
    type Child = SegmentOrdinals;

    fn for_segment(&self, at: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentOrdinals> {
        let place = match self.maps.get(at as usize).and_then(Option::as_ref) {
            Some(map) => Place::Map(Arc::clone(map)),
            None => Place::Column(segment.fast_fields().column_first_or_default(ORDINAL)?),
        };
        Ok(SegmentOrdinals { place, docs: Vec::new(), found: RoaringBitmap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<RoaringBitmap>) -> tantivy::Result<RoaringBitmap> {
        Ok(fruits.into_iter().fold(RoaringBitmap::new(), |all, one| all | one))
    }
}

impl SegmentCollector for SegmentOrdinals {
    type Fruit = RoaringBitmap;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.docs.extend_from_slice(docs);
        if self.docs.len() >= TOGETHER {
            self.look_up();
        }
    }

    fn harvest(mut self) -> RoaringBitmap {
        self.look_up();
        match self.place {
            Place::Map(_) => self.found,
            Place::Column(column) => ordinals(&column, &self.docs),
        }
    }
}

/// Collects scores by ordinal.
pub(super) struct Scores;

pub(super) struct SegmentScores {
    column: Column,
    found: HashMap<u32, f32>,
}

impl Collector for Scores {
    type Fruit = HashMap<u32, f32>;
    type Child = SegmentScores;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentScores> {
        let column = segment.fast_fields().column_first_or_default(ORDINAL)?;
        Ok(SegmentScores { column, found: HashMap::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<HashMap<u32, f32>>) -> tantivy::Result<HashMap<u32, f32>> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

impl SegmentCollector for SegmentScores {
    type Fruit = HashMap<u32, f32>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.found.insert(ordinal(&self.column, doc), score);
    }

    fn harvest(self) -> HashMap<u32, f32> {
        self.found
    }
}
