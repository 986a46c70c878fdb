//! What a hit brings with it: its original, its edits, its deletion.
//!
//! Contract: only messages of the mailboxes that are searched and of the same account; they stand right behind their hit, none
//! twice, and none is counted as a hit.

use super::hit::{Place, Placed};
use crate::{
    Result,
    archive::Archive,
    index::HitRecord,
    model::{MessageKind, Ordinal},
};
use roaring::RoaringBitmap;
use std::collections::HashSet;

impl Archive {
    /// The rows with what each hit brings put behind it.
    pub(super) fn with_related(&self, rows: Vec<Placed>, visible: &RoaringBitmap) -> Result<Vec<Placed>> {
        let mut told: HashSet<Ordinal> = rows.iter().map(|row| row.ordinal).collect();
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            out.push(row);
            if row.place != Place::Hit {
                continue;
            }
            let hit = self.record_of(row.ordinal)?;
            for (other, relation) in self.notices_of(&hit)? {
                if visible.contains(other.0) && told.insert(other) {
                    out.push(Placed { ordinal: other, place: Place::Related(relation, hit.id), ..row });
                }
            }
        }
        Ok(out)
    }

    /// The other messages about the same native message, oldest first.
    fn notices_of(&self, hit: &HitRecord) -> Result<Vec<(Ordinal, &'static str)>> {
        let Some(story) = &hit.story else { return Ok(Vec::new()) };
        let mut records = match &self.index {
            Some(index) => index.by_story(story)?,
            None => Vec::new(),
        };
        let tail = self.tail.iter().filter(|(_, message)| message.story.as_ref() == Some(story));
        let tail: Vec<Ordinal> = tail.map(|(_, message)| message.ordinal).collect();
        records.extend(self.records(&tail)?);
        records.sort_by_key(|other| (other.sent, other.ordinal));
        records.dedup_by_key(|other| other.ordinal);
        let same_account = |other: &HitRecord| other.account == hit.account;
        let others = records.into_iter().filter(|other| other.ordinal != hit.ordinal && same_account(other));
        Ok(others.filter_map(|other| Some((other.ordinal, relation(hit, &other)?))).collect())
    }
}

/// What another message of the same story is to the hit.
fn relation(hit: &HitRecord, other: &HitRecord) -> Option<&'static str> {
    match other.kind {
        MessageKind::Deletion => Some("deletion"),
        MessageKind::Edit => Some("edit"),
        // A reaction, or the receipts of a message.
        MessageKind::System => None,
        _ if hit.native == other.native => Some("version"),
        _ => Some("original"),
    }
}
