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
    DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term,
    columnar::{Column, ColumnValues},
    schema::{Field, IndexRecordOption},
};

/// Looking messages up pays if there are this many times as many documents.
const FEW: u64 = 8;
/// The most stretches of growing ordinals in a segment; an import makes one for each commit, a purge another.
const MOST_STRETCHES: usize = 4_096;
/// The most messages that are looked up in the dictionary of ordinals.
const LOST: u64 = 1_000;

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
    /// The field of the ordinals.
    field: Field,
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
    pub(super) fn open(searcher: &'a Searcher, field: Field, maps: &'a Maps, wanted: Wanted) -> Result<Self> {
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
        Ok(Self { segments: segments.map_err(|cause| error("read", cause))?, field })
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
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn dates(&self, among: &RoaringBitmap) -> Result<Vec<(Ordinal, Option<Instant>)>> {
        let mut found = Vec::with_capacity(usize::try_from(among.len()).unwrap_or_default());
        self.each(among, &mut |segment, doc, ordinal| found.push((Ordinal(ordinal), segment.sent(doc))))?;
        Ok(found)
    }

    /// The first of `among` by date. Blocks in which none can be are passed over.
    pub(super) fn best(&self, among: &RoaringBitmap, best: &mut Best) -> Result<()> {
        let blocks = |segment: &'_ Segment<'_>| segment.map.map_or(&[][..], Map::blocks).to_vec();
        let mut ranked: Vec<((bool, i64), usize, Block)> = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            ranked.extend(blocks(segment).into_iter().map(|block| (best.earliest(block.dates), at, block)));
        }
        ranked.sort_unstable_by_key(|(earliest, ..)| *earliest);
        for (earliest, at, block) in ranked {
            if !best.may_take(earliest) {
                break;
            }
            let Some(segment) = self.segments.get(at) else { continue };
            segment.of_block(&block, among, &mut |doc, ordinal| best.offer(ordinal, segment.sent(doc)));
        }
        self.unmapped(among, &mut |segment, doc, ordinal| best.offer(ordinal, segment.sent(doc)))
    }

    /// Those of `among` whose date is in `[from, until)`.
    pub(super) fn sent_in(
        &self,
        among: &RoaringBitmap,
        from: Option<Instant>,
        until: Option<Instant>,
    ) -> Result<RoaringBitmap> {
        let fits = |sent: Instant| from.is_none_or(|from| from <= sent) && until.is_none_or(|until| sent < until);
        let mut whole = RoaringBitmap::new();
        let mut found = Bits::up_to(among.max().map_or(0, u64::from));
        for segment in &self.segments {
            for block in segment.map.map_or(&[][..], Map::blocks) {
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
                segment.of_block(block, among, &mut |doc, ordinal| {
                    if segment.sent(doc).is_some_and(fits) {
                        found.put(ordinal);
                    }
                });
            }
        }
        self.unmapped(among, &mut |segment, doc, ordinal| {
            if segment.sent(doc).is_some_and(fits) {
                found.put(ordinal);
            }
        })?;
        Ok((whole & among) | found.set())
    }

    /// Those of `among` whose size is in `[min, max]`.
    pub(super) fn sized(&self, among: &RoaringBitmap, min: Option<u64>, max: Option<u64>) -> Result<RoaringBitmap> {
        let fits = |size: u64| min.is_none_or(|min| min <= size) && max.is_none_or(|max| size <= max);
        let mut found = Bits::up_to(among.max().map_or(0, u64::from));
        self.each(among, &mut |segment, doc, ordinal| {
            if segment.size(doc).is_some_and(fits) {
                found.put(ordinal);
            }
        })?;
        Ok(found.set())
    }

    /// Every document whose ordinal is in `among`.
    fn each(&self, among: &RoaringBitmap, visit: &mut Visit<'_>) -> Result<()> {
        for segment in &self.segments {
            for block in segment.map.map_or(&[][..], Map::blocks) {
                segment.of_block(block, among, &mut |doc, ordinal| visit(segment, doc, ordinal));
            }
        }
        self.unmapped(among, visit)
    }

    /// Segments without a map.
    fn columns_only(&self) -> impl Iterator<Item = (usize, &Segment<'_>)> {
        self.segments.iter().enumerate().filter(|(_, segment)| segment.map.is_none())
    }

    /// The same of segments without a map.
    fn unmapped(&self, among: &RoaringBitmap, visit: &mut Visit<'_>) -> Result<()> {
        let documents: u64 = self.columns_only().map(|(_, segment)| u64::from(segment.reader.num_docs())).sum();
        if documents == 0 {
            return Ok(());
        }
        let few = among.len().saturating_mul(FEW) < documents;
        let places = if few { self.looked_up(among).map_err(|cause| error("read", cause))? } else { None };
        match places {
            Some(places) => {
                for (at, doc, ordinal) in places {
                    if let Some(segment) = self.segments.get(at) {
                        visit(segment, doc, ordinal);
                    }
                }
            }
            None => self.passed_over(among, visit),
        }
        Ok(())
    }

    /// By looking each up: where its ordinal should lie if documents lie in their order, which is made sure of; else in the
    /// dictionary. `None`: they do not, and passing over all of them is faster.
    fn looked_up(&self, among: &RoaringBitmap) -> tantivy::Result<Option<Vec<(usize, DocId, u32)>>> {
        let mut found = Vec::with_capacity(usize::try_from(among.len()).unwrap_or_default());
        let mut left = among.clone();
        for (at, segment) in self.columns_only() {
            let Some(column) = &segment.ordinal else { return Ok(None) };
            let Some(stretches) = Stretches::guess(&*column.values, segment.reader.max_doc()) else {
                return Ok(None);
            };
            let mut here = Vec::new();
            for ordinal in &left {
                let Some(doc) = stretches.doc(ordinal) else { continue };
                let there = segment.ordinal(doc) == Some(ordinal);
                if there && !segment.reader.is_deleted(doc) {
                    found.push((at, doc, ordinal));
                    here.push(ordinal);
                }
            }
            left -= RoaringBitmap::from_sorted_iter(here).unwrap_or_default();
        }
        if left.len() > LOST {
            return Ok(None);
        }
        for ordinal in left {
            let term = Term::from_field_u64(self.field, u64::from(ordinal));
            for (at, segment) in self.columns_only() {
                let index = segment.reader.inverted_index(self.field)?;
                let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else { continue };
                while postings.doc() != TERMINATED {
                    if !segment.reader.is_deleted(postings.doc()) {
                        found.push((at, postings.doc(), ordinal));
                    }
                    postings.advance();
                }
            }
        }
        Ok(Some(found))
    }

    /// By passing over all documents. Of the other messages only the ordinal is read.
    fn passed_over(&self, among: &RoaringBitmap, visit: &mut Visit<'_>) {
        let among = Bits::of(among);
        let mut block = [0u64; BLOCK];
        for (_, segment) in self.columns_only() {
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

/// Where ordinals should lie in a segment: stretches of documents whose ordinals grow by one. Found by looking at few of them, so
/// what it says must be checked.
struct Stretches(Vec<Stretch>);

#[derive(Clone, Copy)]
struct Stretch {
    ordinal: u32,
    doc: DocId,
    length: u32,
}

impl Stretches {
    fn guess(column: &dyn ColumnValues<u64>, max_doc: DocId) -> Option<Self> {
        let Some(last) = max_doc.checked_sub(1) else { return Some(Self(Vec::new())) };
        let at = |doc: DocId| u32::try_from(column.get_val(doc)).unwrap_or(u32::MAX);
        let mut stretches: Vec<Stretch> = Vec::new();
        // From the back, so that stretches come out in the order of the documents.
        let mut open = vec![(0, at(0), last, at(last))];
        while let Some((from, first, to, end)) = open.pop() {
            if end.checked_sub(first) == Some(to - from) {
                stretches.push(Stretch { ordinal: first, doc: from, length: to - from + 1 });
                if stretches.len() > MOST_STRETCHES {
                    return None;
                }
                continue;
            }
            let middle = from + (to - from) / 2;
            open.push((middle + 1, at(middle + 1), to, end));
            open.push((from, first, middle, at(middle)));
        }
        stretches.sort_unstable_by_key(|stretch| stretch.ordinal);
        Some(Self(stretches))
    }

    fn doc(&self, ordinal: u32) -> Option<DocId> {
        let at = self.0.partition_point(|stretch| stretch.ordinal <= ordinal).checked_sub(1)?;
        let stretch = self.0.get(at)?;
        let offset = ordinal - stretch.ordinal;
        (offset < stretch.length).then(|| stretch.doc + offset)
    }
}

impl std::fmt::Debug for Columns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columns").field("segments", &self.segments.len()).finish()
    }
}
