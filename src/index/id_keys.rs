//! The beginnings of the ids of many messages, without opening their records: what a sample of a million hits is drawn from.
//!
//! Contract: exact; one pass over the dictionary of ids, whatever is asked for.

use super::{collect::ordinal, error::error, schema::ORDINAL, search::Reader};
use crate::{Result, model::Ordinal};
use roaring::RoaringBitmap;
use tantivy::{DocSet, TERMINATED, schema::IndexRecordOption};

impl Reader {
    /// The first eight bytes of the id of each of these messages that the index holds, in no order.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn id_keys(&self, among: &RoaringBitmap) -> Result<Vec<(Ordinal, [u8; 8])>> {
        let read = || -> tantivy::Result<Vec<(Ordinal, [u8; 8])>> {
            let mut found = Vec::with_capacity(usize::try_from(among.len()).unwrap_or(0));
            for segment in self.compiler().searcher.segment_readers() {
                let column = segment.fast_fields().column_first_or_default(ORDINAL)?;
                let index = segment.inverted_index(self.fields.id)?;
                let mut terms = index.terms().stream()?;
                while let Some((term, info)) = terms.next() {
                    let Ok(key) = <[u8; 8]>::try_from(term) else { continue };
                    let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                    while postings.doc() != TERMINATED {
                        let number = ordinal(&column, postings.doc());
                        if among.contains(number) && !segment.is_deleted(postings.doc()) {
                            found.push((Ordinal(number), key));
                        }
                        postings.advance();
                    }
                }
            }
            Ok(found)
        };
        read().map_err(|cause| error("read", cause))
    }
}
