//! The columns of all documents, for statistics: no record is opened.

use super::{
    bits::Bits,
    document::kind_of,
    error::error,
    schema::{KIND, ORDINAL, SENT, SIZE, UNKNOWN_DATE},
};
use crate::{
    Result,
    model::{Instant, MessageKind, Ordinal},
};
use roaring::RoaringBitmap;
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
/// Ordinals that are fetched at a time.
const BLOCK: usize = 1_024;

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

struct Segment<'a> {
    reader: &'a SegmentReader,
    ordinal: Column<u64>,
    /// [`UNKNOWN_DATE`] where it is unknown: a column with holes takes ten times as long to read.
    sent: Column<i64>,
    size: Column<u64>,
    kind: Column<u64>,
}

impl Segment<'_> {
    fn sent(&self, doc: DocId) -> Option<Instant> {
        Some(self.sent.values.get_val(doc)).filter(|sent| *sent != UNKNOWN_DATE).map(Instant)
    }
}

impl<'a> Columns<'a> {
    pub(super) fn open(searcher: &'a Searcher, field: Field) -> Result<Self> {
        let open = |reader: &'a SegmentReader| -> tantivy::Result<Segment<'a>> {
            let columns = reader.fast_fields();
            Ok(Segment {
                reader,
                ordinal: columns.u64(ORDINAL)?,
                sent: columns.i64(SENT)?,
                size: columns.u64(SIZE)?,
                kind: columns.u64(KIND)?,
            })
        };
        let segments = searcher.segment_readers().iter().map(open).collect::<tantivy::Result<_>>();
        Ok(Self { segments: segments.map_err(|cause| error("read", cause))?, field })
    }

    /// Every message that is not deleted, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.segments.iter().flat_map(|segment| {
            segment.reader.doc_ids_alive().filter_map(|doc| {
                Some(Row {
                    ordinal: Ordinal(u32::try_from(segment.ordinal.first(doc)?).ok()?),
                    sent: segment.sent(doc),
                    size: segment.size.first(doc)?,
                    kind: kind_of(segment.kind.first(doc)?)?,
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
        self.each_date(among, false, &mut |ordinal, sent| found.push((ordinal, sent)))?;
        Ok(found)
    }

    /// The same, given one by one; from the last document on if `backwards`, which is mostly from the newest message on.
    pub(super) fn each_date(
        &self,
        among: &RoaringBitmap,
        backwards: bool,
        visit: &mut dyn FnMut(Ordinal, Option<Instant>),
    ) -> Result<()> {
        self.each(among, backwards, &mut |segment, doc, ordinal| visit(Ordinal(ordinal), segment.sent(doc)))
    }

    /// Those of `among` whose date is in `[from, until)`.
    pub(super) fn sent_in(
        &self,
        among: &RoaringBitmap,
        from: Option<Instant>,
        until: Option<Instant>,
    ) -> Result<RoaringBitmap> {
        let fits = |sent: Instant| from.is_none_or(|from| from <= sent) && until.is_none_or(|until| sent < until);
        self.filtered(among, &|segment, doc| segment.sent(doc).is_some_and(fits))
    }

    /// Those of `among` whose size is in `[min, max]`.
    pub(super) fn sized(&self, among: &RoaringBitmap, min: Option<u64>, max: Option<u64>) -> Result<RoaringBitmap> {
        let fits = |size: u64| min.is_none_or(|min| min <= size) && max.is_none_or(|max| size <= max);
        self.filtered(among, &|segment, doc| segment.size.first(doc).is_some_and(fits))
    }

    fn filtered(&self, among: &RoaringBitmap, fits: &dyn Fn(&Segment<'_>, DocId) -> bool) -> Result<RoaringBitmap> {
        let mut found = Bits::up_to(among.max().map_or(0, u64::from));
        self.each(among, false, &mut |segment, doc, ordinal| {
            if fits(segment, doc) {
                found.put(ordinal);
            }
        })?;
        Ok(found.set())
    }

    /// Every document whose ordinal is in `among`.
    fn each(&self, among: &RoaringBitmap, backwards: bool, visit: &mut Visit<'_>) -> Result<()> {
        let documents: u64 = self.segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum();
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
            None => self.passed_over(among, backwards, visit),
        }
        Ok(())
    }

    /// By looking each up: where its ordinal should lie if documents lie in their order, which is made sure of; else in the
    /// dictionary. `None`: they do not, and passing over all of them is faster.
    fn looked_up(&self, among: &RoaringBitmap) -> tantivy::Result<Option<Vec<(usize, DocId, u32)>>> {
        let mut found = Vec::with_capacity(usize::try_from(among.len()).unwrap_or_default());
        let mut left = among.clone();
        for (at, segment) in self.segments.iter().enumerate() {
            let Some(stretches) = Stretches::guess(&*segment.ordinal.values, segment.reader.max_doc()) else {
                return Ok(None);
            };
            let mut here = Vec::new();
            for ordinal in &left {
                let Some(doc) = stretches.doc(ordinal) else { continue };
                let there = segment.ordinal.first(doc) == Some(u64::from(ordinal));
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
            for (at, segment) in self.segments.iter().enumerate() {
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
    fn passed_over(&self, among: &RoaringBitmap, backwards: bool, visit: &mut Visit<'_>) {
        let among = Bits::of(among);
        let mut block = [0u64; BLOCK];
        let turned = |length: usize| move |at: usize| if backwards { length - 1 - at } else { at };
        let order = turned(self.segments.len());
        for segment in (0..self.segments.len()).filter_map(|at| self.segments.get(order(at))) {
            let max_doc = segment.reader.max_doc();
            let blocks = (max_doc as usize).div_ceil(BLOCK);
            let order = turned(blocks);
            for from in (0..blocks).map(|at| order(at) * BLOCK) {
                let length = BLOCK.min(max_doc as usize - from);
                let Some(values) = block.get_mut(..length) else { continue };
                segment.ordinal.values.get_range(from as u64, values);
                let order = turned(length);
                for at in (0..length).map(order) {
                    let ordinal = values.get(at).and_then(|value| u32::try_from(*value).ok());
                    let Some(ordinal) = ordinal.filter(|ordinal| among.has(*ordinal)) else { continue };
                    let Ok(doc) = DocId::try_from(from + at) else { continue };
                    if !segment.reader.is_deleted(doc) {
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
