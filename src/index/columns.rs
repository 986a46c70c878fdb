//! The columns of all documents, for statistics: no record is opened.

use super::{
    best::Best,
    bits::Bits,
    collect::BLOCK,
    document::kind_of,
    error::error,
    map::{Block, Map, Maps},
    schema::{KIND, ORDINAL, SENT, SIZE, UNKNOWN_DATE},
};
use crate::{
    Result,
    model::{Instant, MessageKind, Ordinal},
};
use roaring::RoaringBitmap;
use std::sync::Arc;
use tantivy::{
    DocId, Searcher, SegmentReader,
    columnar::{Column, ColumnValues},
};

/// One message in the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its position.
    pub ordinal: Ordinal,
    /// When it was sent, if that is known.
    pub sent: Option<Instant>,
    /// The size of its e-mail in bytes.
    pub size: u64,
    /// Chat, call, …
    pub kind: MessageKind,
}

/// The columns of one state of the index.
pub struct Columns<'a> {
    segments: Vec<Segment<'a>>,
}

/// Which columns are read. To open one takes longer than to look a few messages up in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Dates,
    Sizes,
    All,
}

struct Segment<'a> {
    reader: &'a SegmentReader,
    map: Option<&'a Map>,
    /// Not read of a segment with a map, but where all is wanted.
    ordinal: Option<Column<u64>>,
    /// [`UNKNOWN_DATE`] where it is unknown: a column with holes takes ten times as long to read.
    sent: Option<Column<i64>>,
    size: Option<Column<u64>>,
    kind: Option<Column<u64>>,
}

impl Segment<'_> {
    fn sent(&self, doc: DocId) -> Option<Instant> {
        let sent = self.sent.as_ref().map(|column| column.values.get_val(doc));
        sent.filter(|sent| *sent != UNKNOWN_DATE).map(Instant)
    }

    fn size(&self, doc: DocId) -> Option<u64> {
        self.size.as_ref()?.first(doc)
    }

    fn ordinal(&self, doc: DocId) -> Option<u32> {
        u32::try_from(self.ordinal.as_ref()?.first(doc)?).ok()
    }

    /// The blocks of its map; none without one.
    fn blocks(&self) -> &[Block] {
        self.map.map_or(&[], Map::blocks)
    }

    /// The documents of a block whose ordinal is in `among`.
    fn of_block(&self, block: &Block, among: &RoaringBitmap, visit: &mut dyn FnMut(DocId, u32)) {
        for ordinal in among.range(block.ordinals()) {
            let doc = block.doc + ordinal.saturating_sub(block.ordinal);
            if !self.reader.is_deleted(doc) {
                visit(doc, ordinal);
            }
        }
    }
}

impl<'a> Columns<'a> {
    pub(super) fn open(searcher: &'a Searcher, maps: &'a Maps, wanted: Wanted) -> Result<Self> {
        let open = |(reader, map): (&'a SegmentReader, &'a Option<Arc<Map>>)| -> tantivy::Result<Segment<'a>> {
            let (columns, map, all) = (reader.fast_fields(), map.as_deref(), wanted == Wanted::All);
            Ok(Segment {
                reader,
                map,
                ordinal: (all || map.is_none()).then(|| columns.u64(ORDINAL)).transpose()?,
                sent: (all || wanted == Wanted::Dates).then(|| columns.i64(SENT)).transpose()?,
                size: (all || wanted == Wanted::Sizes).then(|| columns.u64(SIZE)).transpose()?,
                kind: all.then(|| columns.u64(KIND)).transpose()?,
            })
        };
        let segments = searcher.segment_readers().iter().zip(maps).map(open).collect::<tantivy::Result<_>>();
        Ok(Self { segments: segments.map_err(|cause| error("read", cause))? })
    }

    /// Every message that is not deleted, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.segments.iter().flat_map(|segment| {
            segment.reader.doc_ids_alive().filter_map(|doc| {
                Some(Row {
                    ordinal: Ordinal(segment.ordinal(doc)?),
                    sent: segment.sent(doc),
                    size: segment.size(doc)?,
                    kind: kind_of(segment.kind.as_ref()?.first(doc)?)?,
                })
            })
        })
    }
}

impl Columns<'_> {
    /// Ordinal and date of those of `among` that the index holds, in no order.
    #[must_use]
    pub fn dates(&self, among: &RoaringBitmap) -> Vec<(Ordinal, Option<Instant>)> {
        let mut found = Vec::with_capacity(usize::try_from(among.len()).unwrap_or_default());
        self.each(among, &mut |segment, doc, ordinal| found.push((Ordinal(ordinal), segment.sent(doc))));
        found
    }

    /// The first of `among` by date. Blocks in which none can be are passed over.
    pub(super) fn best(&self, among: &RoaringBitmap, best: &mut Best) {
        let blocks =
            self.segments.iter().flat_map(|segment| segment.blocks().iter().map(move |block| (segment, block)));
        let mut ranked: Vec<_> = blocks.map(|(segment, block)| (best.earliest(block.dates), segment, block)).collect();
        ranked.sort_unstable_by_key(|(earliest, ..)| *earliest);
        for (earliest, segment, block) in ranked {
            if !best.may_take(earliest) {
                break;
            }
            segment.of_block(block, among, &mut |doc, ordinal| best.offer(ordinal, segment.sent(doc)));
        }
        self.unmapped(among, &mut |segment, doc, ordinal| best.offer(ordinal, segment.sent(doc)));
    }

    /// Those of `among` whose date is in `[from, until)`. Blocks that lie outside are passed over, those inside taken whole.
    pub(super) fn sent_in(
        &self,
        among: &RoaringBitmap,
        from: Option<Instant>,
        until: Option<Instant>,
    ) -> RoaringBitmap {
        let fits = |sent: Instant| from.is_none_or(|from| from <= sent) && until.is_none_or(|until| sent < until);
        let mut whole = RoaringBitmap::new();
        let mut found = Bits::up_to(among.max().map_or(0, u64::from));
        let mut look = |segment: &Segment<'_>, doc, ordinal| {
            if segment.sent(doc).is_some_and(fits) {
                found.put(ordinal);
            }
        };
        for segment in &self.segments {
            for block in segment.blocks() {
                let Some((first, last)) = block.dates.map(|(first, last)| (Instant(first), Instant(last))) else {
                    continue;
                };
                if from.is_some_and(|from| last < from) || until.is_some_and(|until| first >= until) {
                    continue;
                }
                if fits(first) && fits(last) && !block.undated && !segment.reader.has_deletes() {
                    whole.insert_range(block.ordinals());
                    continue;
                }
                segment.of_block(block, among, &mut |doc, ordinal| look(segment, doc, ordinal));
            }
        }
        self.unmapped(among, &mut look);
        (whole & among) | found.set()
    }

    /// Those of `among` whose size is in `[min, max]`.
    pub(super) fn sized(&self, among: &RoaringBitmap, min: Option<u64>, max: Option<u64>) -> RoaringBitmap {
        let fits = |size: u64| min.is_none_or(|min| min <= size) && max.is_none_or(|max| size <= max);
        let mut found = Bits::up_to(among.max().map_or(0, u64::from));
        self.each(among, &mut |segment, doc, ordinal| {
            if segment.size(doc).is_some_and(fits) {
                found.put(ordinal);
            }
        });
        found.set()
    }

    /// Every document whose ordinal is in `among`.
    fn each(&self, among: &RoaringBitmap, visit: &mut Visit<'_>) {
        for segment in &self.segments {
            for block in segment.blocks() {
                segment.of_block(block, among, &mut |doc, ordinal| visit(segment, doc, ordinal));
            }
        }
        self.unmapped(among, visit);
    }

    /// The same of segments without a map, by passing over all their documents. Of the other messages only the ordinal is
    /// read.
    fn unmapped(&self, among: &RoaringBitmap, visit: &mut Visit<'_>) {
        let mut segments = self.segments.iter().filter(|segment| segment.map.is_none()).peekable();
        if segments.peek().is_none() {
            return;
        }
        let among = Bits::of(among);
        let mut block = [0u64; BLOCK];
        for segment in segments {
            let (Some(column), max_doc) = (&segment.ordinal, segment.reader.max_doc()) else { continue };
            for from in (0..max_doc).step_by(BLOCK) {
                let length = BLOCK.min((max_doc - from) as usize);
                let Some(values) = block.get_mut(..length) else { continue };
                column.values.get_range(u64::from(from), values);
                for (doc, value) in (from..).zip(values.iter()) {
                    let ordinal = u32::try_from(*value).ok().filter(|ordinal| among.has(*ordinal));
                    if let Some(ordinal) = ordinal.filter(|_| !segment.reader.is_deleted(doc)) {
                        visit(segment, doc, ordinal);
                    }
                }
            }
        }
    }
}

/// Takes a segment, a document of it, and its ordinal.
type Visit<'v> = dyn FnMut(&Segment<'_>, DocId, u32) + 'v;

impl std::fmt::Debug for Columns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columns").field("segments", &self.segments.len()).finish()
    }
}
