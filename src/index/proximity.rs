//! Proximity on the positions that the index has stored.
//!
//! Term by term: the documents that have every operand are found first, then the positions of each term in just those, and
//! `query::chain` decides on them. Contract: exact; agrees with `query::hits`. Memory grows with the candidates of one segment.

use super::{collect::ordinal, compile::Compiler, error::error, schema::ORDINAL};
use crate::{
    Result,
    query::{Near, Place, Row, chain},
};
use roaring::RoaringBitmap;
use tantivy::{
    DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED, Term,
    postings::Postings,
    schema::{Field, IndexRecordOption},
};

/// One token of a row in one segment: the documents that have it.
struct Wanted {
    /// More than one for a prefix.
    terms: Vec<Term>,
    docs: RoaringBitmap,
}

/// The positions of one token in each candidate.
struct Positions {
    /// Where the positions of a candidate begin; one more than there are candidates.
    starts: Vec<usize>,
    flat: Vec<u32>,
}

impl Positions {
    fn of(&self, candidate: usize) -> &[u32] {
        let end = self.starts.get(candidate + 1).copied().unwrap_or_default();
        self.starts.get(candidate).and_then(|start| self.flat.get(*start..end)).unwrap_or_default()
    }
}

impl Compiler<'_> {
    /// The ordinals of the documents in which the operands stand near each other.
    pub(super) fn near(&self, near: &Near) -> Result<RoaringBitmap> {
        let fields = [self.fields.subject, self.fields.body, self.fields.attachments, self.fields.contents];
        let mut found = RoaringBitmap::new();
        for field in fields.into_iter().filter(|field| !self.unused.contains(field)) {
            // Terms are looked up once for all segments; a prefix that stands for too many is an error.
            let mut operands = Vec::with_capacity(near.operands.len());
            for rows in &near.operands {
                operands.push(rows.iter().map(|row| self.row_terms(field, row)).collect::<Result<Vec<_>>>()?);
            }
            for segment in self.searcher.segment_readers() {
                near_in(segment, field, &operands, near, &mut found).map_err(|cause| error("search", cause))?;
            }
        }
        Ok(found)
    }

    /// The terms of each token of a row.
    fn row_terms(&self, field: Field, row: &Row) -> Result<Vec<Vec<Term>>> {
        let last = row.tokens.len().saturating_sub(1);
        let terms = |(at, token): (usize, &String)| match row.prefix && at == last {
            true => self.expand(field, token),
            false => Ok(vec![Term::from_field_text(field, token)]),
        };
        row.tokens.iter().enumerate().map(terms).collect()
    }
}

fn near_in(
    segment: &SegmentReader,
    field: Field,
    operands: &[Vec<Vec<Vec<Term>>>],
    near: &Near,
    found: &mut RoaringBitmap,
) -> tantivy::Result<()> {
    let index = segment.inverted_index(field)?;
    let mut candidates: Option<RoaringBitmap> = None;
    let mut wanted: Vec<Vec<Vec<Wanted>>> = Vec::with_capacity(operands.len());
    for rows in operands {
        let mut of_operand = RoaringBitmap::new();
        let mut of_rows = Vec::with_capacity(rows.len());
        for row in rows {
            let tokens = row.iter().map(|terms| documents(&index, terms)).collect::<tantivy::Result<Vec<_>>>()?;
            let docs = tokens.iter().map(|token| &token.docs);
            of_operand |= docs
                .fold(None, |all: Option<RoaringBitmap>, one| Some(all.map_or_else(|| one.clone(), |all| all & one)))
                .unwrap_or_default();
            of_rows.push(tokens);
        }
        let left = candidates.map_or_else(|| of_operand.clone(), |all| all & &of_operand);
        if left.is_empty() {
            return Ok(());
        }
        candidates = Some(left);
        wanted.push(of_rows);
    }
    let candidates: Vec<DocId> =
        candidates.unwrap_or_default().into_iter().filter(|doc| !segment.is_deleted(*doc)).collect();
    let mut positions: Vec<Vec<Vec<Positions>>> = Vec::with_capacity(wanted.len());
    for rows in &wanted {
        let of_row = |row: &Vec<Wanted>| row.iter().map(|token| positions_in(&index, token, &candidates)).collect();
        positions.push(rows.iter().map(of_row).collect::<tantivy::Result<_>>()?);
    }
    let column = segment.fast_fields().column_first_or_default(ORDINAL)?;
    for (at, doc) in candidates.iter().enumerate() {
        let places = positions.iter().map(|rows| places(rows, at)).collect();
        if chain(&near.gaps, places) {
            found.insert(ordinal(&column, *doc));
        }
    }
    Ok(())
}

/// The documents of a segment that have one of the terms.
fn documents(index: &InvertedIndexReader, terms: &[Term]) -> tantivy::Result<Wanted> {
    let mut docs = RoaringBitmap::new();
    let mut here = Vec::new();
    for term in terms {
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { continue };
        here.push(term.clone());
        let mut row = Vec::with_capacity(postings.size_hint() as usize);
        while postings.doc() != TERMINATED {
            row.push(postings.doc());
            postings.advance();
        }
        docs |= RoaringBitmap::from_sorted_iter(row).unwrap_or_default();
    }
    Ok(Wanted { terms: here, docs })
}

/// The positions of a token in each candidate.
fn positions_in(index: &InvertedIndexReader, token: &Wanted, candidates: &[DocId]) -> tantivy::Result<Positions> {
    let mut pairs: Vec<(usize, u32)> = Vec::new();
    let mut buffer = Vec::new();
    for term in &token.terms {
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::WithFreqsAndPositions)? else { continue };
        for (at, doc) in candidates.iter().enumerate() {
            if postings.doc() < *doc && postings.seek(*doc) == TERMINATED {
                break;
            }
            if postings.doc() == *doc {
                postings.positions(&mut buffer);
                pairs.extend(buffer.iter().map(|position| (at, *position)));
            }
        }
    }
    if token.terms.len() > 1 {
        pairs.sort_unstable();
    }
    let mut starts = Vec::with_capacity(candidates.len() + 1);
    let mut next = 0;
    for at in 0..=candidates.len() {
        while pairs.get(next).is_some_and(|(candidate, _)| *candidate < at) {
            next += 1;
        }
        starts.push(next);
    }
    Ok(Positions { starts, flat: pairs.into_iter().map(|(_, position)| position).collect() })
}

/// Where the rows of one operand stand in one candidate.
fn places(rows: &[Vec<Positions>], candidate: usize) -> Vec<Place> {
    let mut places = Vec::new();
    for row in rows {
        let Some((first, rest)) = row.split_first() else { continue };
        let length = u32::try_from(row.len()).unwrap_or(u32::MAX);
        let follows = |start: u32| {
            (1..).zip(rest).all(|(offset, token)| token.of(candidate).binary_search(&(start + offset)).is_ok())
        };
        let starts = first.of(candidate).iter().copied().filter(|start| follows(*start));
        places.extend(starts.map(|start| (start, start.saturating_add(length))));
    }
    places
}
