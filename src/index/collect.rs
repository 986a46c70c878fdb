//! Collectors: the ordinals, or ordinals and scores, of the documents that match.

use super::schema::ORDINAL;
use roaring::RoaringBitmap;
use std::{collections::HashMap, sync::Arc};
use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

type Column = Arc<dyn ColumnValues<u64>>;

/// The ordinal of a document. Only ordinals of 32 bits are ever written.
fn ordinal(column: &Column, doc: DocId) -> u32 {
    u32::try_from(column.get_val(doc)).unwrap_or(u32::MAX)
}

/// Collects ordinals.
pub(super) struct Ordinals;

pub(super) struct SegmentOrdinals {
    column: Column,
    found: RoaringBitmap,
}

impl Collector for Ordinals {
    type Fruit = RoaringBitmap;
    type Child = SegmentOrdinals;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentOrdinals> {
        let column = segment.fast_fields().column_first_or_default(ORDINAL)?;
        Ok(SegmentOrdinals { column, found: RoaringBitmap::new() })
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
        self.found.insert(ordinal(&self.column, doc));
    }

    fn harvest(self) -> RoaringBitmap {
        self.found
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
