//! What was said before and after a hit in its conversation.
//!
//! Contract: only messages of the mailboxes that are searched; stretches that touch or overlap are one, in the order of dates;
//! stretches in the order of the hits they belong to; no message stands twice. A hit of another page is context here.

use super::{
    hit::{Place, Placed},
    page::by_date,
};
use crate::{
    Result,
    archive::Archive,
    model::{MailboxName, Ordinal},
};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap, HashSet};

impl Archive {
    /// Every message that one of these mailboxes has.
    pub(super) fn visible(&self, mailboxes: &[MailboxName]) -> RoaringBitmap {
        let mut visible = RoaringBitmap::new();
        for boxes in mailboxes.iter().filter_map(|mailbox| self.state.boxes.get(mailbox)) {
            visible |= &boxes.live;
            visible |= &boxes.recoverable;
        }
        visible
    }

    /// The hits, each with the `around` messages before and after it.
    pub(super) fn with_context(&self, page: &[Ordinal], around: usize, visible: &RoaringBitmap) -> Result<Vec<Placed>> {
        let records = self.records(page)?;
        let wanted: HashSet<&str> = records.iter().map(|record| record.conversation.id.as_str()).collect();
        let conversations = self.in_order(&wanted, visible)?;
        let hits: HashSet<Ordinal> = page.iter().copied().collect();
        let stretch_of: HashMap<Ordinal, &[Ordinal]> =
            conversations.values().flat_map(|messages| stretches(messages, &hits, around)).collect();
        let (mut rows, mut number) = (Vec::new(), 0);
        let mut told: HashSet<Ordinal> = HashSet::new();
        for hit in page {
            // A hit without stretch is in none of the mailboxes any more.
            let stretch = stretch_of.get(hit).copied().unwrap_or(std::slice::from_ref(hit));
            if told.contains(hit) {
                continue;
            }
            number += 1;
            for message in stretch {
                told.insert(*message);
                let place = if hits.contains(message) { Place::Hit } else { Place::Context };
                rows.push(Placed { ordinal: *message, place, stretch: Some(number) });
            }
        }
        Ok(rows)
    }

    /// The messages of these conversations, oldest first.
    fn in_order(&self, wanted: &HashSet<&str>, visible: &RoaringBitmap) -> Result<BTreeMap<String, Vec<Ordinal>>> {
        let mut members: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
        for id in wanted {
            let indexed = match &self.index {
                Some(index) => index.by_conversation(id)?,
                None => RoaringBitmap::new(),
            };
            members.insert((*id).to_owned(), indexed & visible);
        }
        for (_, archived) in self.tail.iter().filter(|(_, archived)| visible.contains(archived.ordinal.0)) {
            let id = self.understand(archived).map(|message| message.conversation.id).unwrap_or_default();
            if let Some(messages) = members.get_mut(&id) {
                messages.insert(archived.ordinal.0);
            }
        }
        let all = members.values().fold(RoaringBitmap::new(), |all, one| all | one);
        let mut dated = self.dates_of(&all)?;
        dated.sort_by(|a, b| by_date(a, b, true));
        let mut of_message: HashMap<u32, &String> = HashMap::new();
        for (id, messages) in &members {
            of_message.extend(messages.iter().map(|message| (message, id)));
        }
        let mut ordered: BTreeMap<String, Vec<Ordinal>> = BTreeMap::new();
        for (ordinal, _) in dated {
            if let Some(id) = of_message.get(&ordinal.0) {
                ordered.entry((*id).clone()).or_default().push(ordinal);
            }
        }
        Ok(ordered)
    }
}

/// The stretch that each hit of one conversation belongs to.
fn stretches<'a>(messages: &'a [Ordinal], hits: &HashSet<Ordinal>, around: usize) -> Vec<(Ordinal, &'a [Ordinal])> {
    let mut found: Vec<(usize, usize, Vec<Ordinal>)> = Vec::new();
    for (place, hit) in messages.iter().enumerate().filter(|(_, message)| hits.contains(message)) {
        let from = place.saturating_sub(around);
        let to = place.saturating_add(around).saturating_add(1).min(messages.len());
        match found.last_mut().filter(|last| from <= last.1) {
            Some(last) => {
                last.1 = to;
                last.2.push(*hit);
            }
            None => found.push((from, to, vec![*hit])),
        }
    }
    let of = |(from, to, hits): (usize, usize, Vec<Ordinal>)| {
        let stretch = messages.get(from..to).unwrap_or_default();
        hits.into_iter().map(move |hit| (hit, stretch))
    };
    found.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_touch_are_one() {
        let messages: Vec<Ordinal> = (0..20).map(Ordinal).collect();
        let of = |places: &[u32], around| {
            let hits = places.iter().map(|place| Ordinal(*place)).collect();
            let found = stretches(&messages, &hits, around);
            found.into_iter().map(|(hit, all)| (hit.0, all[0].0, all[all.len() - 1].0)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[0, 5, 8, 19], 1), [(0, 0, 1), (5, 4, 9), (8, 4, 9), (19, 18, 19)]);
        assert_eq!(of(&[3], usize::MAX), [(3, 0, 19)]);
        assert!(of(&[], 2).is_empty());
    }
}
