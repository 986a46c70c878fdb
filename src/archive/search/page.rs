//! The order of hits, and one page of them.

use super::{SearchOptions, Sort};
use crate::{
    Result,
    archive::Archive,
    model::{Instant, Ordinal},
    query::Expr,
};
use roaring::RoaringBitmap;
use std::cmp::Ordering;

impl Archive {
    /// The ordinals of one page of hits.
    pub(super) fn page(&self, expr: &Expr, messages: &RoaringBitmap, options: &SearchOptions) -> Result<Vec<Ordinal>> {
        let wanted = options.offset.saturating_add(options.limit);
        if options.sort == Sort::Relevance && self.index.is_some() {
            return self.page_by_score(expr, messages, options);
        }
        let indexed = match &self.index {
            Some(index) => index.top_by_date(messages, options.sort != Sort::Date, 0, wanted)?,
            None => Vec::new(),
        };
        let mut ranked: Vec<(Ordinal, Option<Instant>)> = self
            .tail
            .iter()
            .filter(|(_, m)| messages.contains(m.ordinal.0))
            .map(|(_, m)| (m.ordinal, m.sent))
            .collect();
        if ranked.is_empty() {
            return Ok(indexed.into_iter().skip(options.offset).take(options.limit).collect());
        }
        ranked.extend(self.records(&indexed)?.into_iter().map(|record| (record.ordinal, record.sent)));
        ranked.sort_by(|a, b| by_date(a, b, options.sort == Sort::Date));
        Ok(ranked.into_iter().skip(options.offset).take(options.limit).map(|(ordinal, _)| ordinal).collect())
    }

    fn page_by_score(&self, expr: &Expr, messages: &RoaringBitmap, options: &SearchOptions) -> Result<Vec<Ordinal>> {
        let scores = match &self.index {
            Some(index) => index.scores(expr)?,
            None => Default::default(),
        };
        let mut ranked: Vec<(u32, f32)> =
            messages.iter().map(|o| (o, scores.get(&o).copied().unwrap_or(0.0))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        Ok(ranked.into_iter().skip(options.offset).take(options.limit).map(|(ordinal, _)| Ordinal(ordinal)).collect())
    }

    /// Ordinal and date of each of these messages, the indexed and the others, in no order.
    pub(in crate::archive) fn dates_of(&self, among: &RoaringBitmap) -> Result<Vec<(Ordinal, Option<Instant>)>> {
        let mut dates: Vec<(Ordinal, Option<Instant>)> = match &self.index {
            Some(index) => {
                index.columns()?.dates(among).into_iter().filter(|(o, _)| self.tail.get(o.0).is_none()).collect()
            }
            None => Vec::new(),
        };
        let tail = self.tail.iter().filter(|(_, message)| among.contains(message.ordinal.0));
        dates.extend(tail.map(|(_, message)| (message.ordinal, message.sent)));
        Ok(dates)
    }
}

/// Unknown dates last, in either order; ties in the order of the archive.
pub(super) fn by_date(a: &(Ordinal, Option<Instant>), b: &(Ordinal, Option<Instant>), ascending: bool) -> Ordering {
    let by_date = match (a.1, b.1) {
        (Some(x), Some(y)) if ascending => x.cmp(&y),
        (Some(x), Some(y)) => y.cmp(&x),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    by_date.then(if ascending { a.0.cmp(&b.0) } else { b.0.cmp(&a.0) })
}
