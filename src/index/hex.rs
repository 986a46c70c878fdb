//! Messages by the beginning of the hex digits of an id or a SHA-256.
//!
//! The index has the first 64 bits of each; what is longer is compared with the record behind.

use super::{document::HitRecord, error::error, search::Reader};
use crate::{Result, model::id};
use roaring::RoaringBitmap;
use std::ops::RangeInclusive;
use tantivy::schema::Field;

impl Reader {
    /// Messages whose id begins with these digits.
    pub(super) fn by_id_digits(&self, digits: &str) -> Result<RoaringBitmap> {
        let mut found = self.records_by_hex(self.fields.id, digits)?;
        found.retain(|record| id::hex(&record.id.0).starts_with(digits));
        Ok(found.iter().map(|record| record.ordinal.0).collect())
    }

    /// Messages of whose file or attachments the digest begins with these digits.
    pub(super) fn by_digest_digits(&self, digits: &str) -> Result<RoaringBitmap> {
        let mut found = self.records_by_hex(self.fields.digest, digits)?;
        found.retain(|record| {
            let attached = record.attachments.iter().map(|attachment| &attachment.sha256);
            std::iter::once(&record.digest).chain(attached).any(|digest| digest.to_hex().starts_with(digits))
        });
        Ok(found.iter().map(|record| record.ordinal.0).collect())
    }

    /// The records of which some key in the field begins with these digits, as far as keys reach.
    pub(super) fn records_by_hex(&self, field: Field, digits: &str) -> Result<Vec<HitRecord>> {
        let Some(keys) = key_range(digits) else { return Ok(Vec::new()) };
        let mut places = self.places_in(field, keys).map_err(|cause| error("read", cause))?;
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| self.record(place)).collect()
    }
}

/// The keys of the ids that begin with these hex digits; `None` if they are no hex digits.
fn key_range(prefix: &str) -> Option<RangeInclusive<u64>> {
    if !prefix.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let digits: String = prefix.chars().take(16).collect();
    let bound =
        |fill: char| u64::from_str_radix(&format!("{digits}{}", fill.to_string().repeat(16 - digits.len())), 16);
    Some(bound('0').ok()?..=bound('f').ok()?)
}
