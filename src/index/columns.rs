//! The columns of all documents, for statistics: no record is opened.

use super::{
    document::kind_of,
    error::error,
    schema::{KIND, ORDINAL, SENT, SIZE},
};
use crate::{
    Result,
    model::{Instant, MessageKind, Ordinal},
};
use roaring::RoaringBitmap;
use tantivy::{Searcher, SegmentReader, columnar::Column};

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

struct Segment<'a> {
    reader: &'a SegmentReader,
    ordinal: Column<u64>,
    sent: Column<i64>,
    size: Column<u64>,
    kind: Column<u64>,
}

impl<'a> Columns<'a> {
    pub(super) fn open(searcher: &'a Searcher) -> Result<Self> {
        let open = |reader: &'a SegmentReader| -> tantivy::Result<Segment<'a>> {
            let columns = reader.fast_fields();
            let empty = || Column::build_empty_column(reader.max_doc());
            Ok(Segment {
                reader,
                ordinal: columns.u64(ORDINAL)?,
                // A segment in which no message has a date has no such column.
                sent: columns.column_opt::<i64>(SENT)?.unwrap_or_else(empty),
                size: columns.u64(SIZE)?,
                kind: columns.u64(KIND)?,
            })
        };
        let segments = searcher.segment_readers().iter().map(open).collect::<tantivy::Result<_>>();
        Ok(Self { segments: segments.map_err(|cause| error("read", cause))? })
    }

    /// Every message that is not deleted, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.segments.iter().flat_map(|segment| {
            segment.reader.doc_ids_alive().filter_map(|doc| {
                Some(Row {
                    ordinal: Ordinal(u32::try_from(segment.ordinal.first(doc)?).ok()?),
                    sent: segment.sent.first(doc).map(Instant),
                    size: segment.size.first(doc)?,
                    kind: kind_of(segment.kind.first(doc)?)?,
                })
            })
        })
    }
}

impl Columns<'_> {
    /// Ordinal and date of those of `among`. Of the other messages only the ordinal is read.
    pub fn dates<'s>(&'s self, among: &RoaringBitmap) -> impl Iterator<Item = (Ordinal, Option<Instant>)> + 's {
        let among = Bits::of(among);
        self.segments.iter().flat_map(move |segment| {
            let mut ordinals = vec![0u64; segment.reader.max_doc() as usize];
            segment.ordinal.values.get_range(0, &mut ordinals);
            let wanted: Vec<(u32, u32)> = (0..)
                .zip(ordinals)
                .filter_map(|(doc, ordinal)| Some((doc, u32::try_from(ordinal).ok()?)))
                .filter(|(doc, ordinal)| among.has(*ordinal) && !segment.reader.is_deleted(*doc))
                .collect();
            wanted.into_iter().map(|(doc, ordinal)| (Ordinal(ordinal), segment.sent.first(doc).map(Instant)))
        })
    }
}

/// A set of ordinals as plain bits: asked for every message of an index, a compressed bitmap is too slow.
struct Bits(Vec<u64>);

impl Bits {
    fn of(set: &RoaringBitmap) -> Self {
        let mut bits = vec![0u64; set.max().map_or(0, |max| max as usize / 64 + 1)];
        for ordinal in set {
            if let Some(word) = bits.get_mut(ordinal as usize / 64) {
                *word |= 1 << (ordinal % 64);
            }
        }
        Self(bits)
    }

    fn has(&self, ordinal: u32) -> bool {
        self.0.get(ordinal as usize / 64).is_some_and(|word| word >> (ordinal % 64) & 1 == 1)
    }
}

impl std::fmt::Debug for Columns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columns").field("segments", &self.segments.len()).finish()
    }
}
