//! Native ids: which message is which, and which ones were yielded.
//!
//! Contract: `ZSTANZAID` is the id. It is not unique in the database (a broadcast stands in the chat of each recipient under
//! one id), and an identity must be: where an id stands in several rows, each of them adds the address of its
//! conversation, and where that is not enough its row. A row without an id is named by conversation, row and time, which
//! stay the same in every copy of the same phone.
//! Memory: 16 bytes a row while ids are listed, about 60 bytes a yielded message.

use crate::model::{Digest, MessageId};
use std::collections::{HashMap, HashSet};

/// A short digest.
type Short = u64;

/// Ids that stand in several rows.
#[derive(Debug, Default)]
pub struct Ids {
    /// In several rows.
    repeated: HashSet<Short>,
    /// In several rows of one conversation.
    crowded: HashSet<Short>,
}

/// Collects ids.
#[derive(Debug, Default)]
pub struct Listing {
    ids: Vec<Short>,
    within: Vec<Short>,
}

impl Listing {
    /// Adds the id of one row.
    pub fn add(&mut self, stanza: &str, session: Option<i64>) {
        self.ids.push(short(stanza));
        self.within.push(short(&format!("{stanza} {session:?}")));
    }

    /// What stands in several rows.
    #[must_use]
    pub fn finish(self) -> Ids {
        Ids { repeated: twice(self.ids), crowded: twice(self.within) }
    }
}

fn twice(mut all: Vec<Short>) -> HashSet<Short> {
    all.sort_unstable();
    all.windows(2).filter_map(|pair| (pair.first() == pair.last()).then(|| pair.first().copied()).flatten()).collect()
}

/// A row, for its id.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// `ZSTANZAID`.
    pub stanza: Option<&'a str>,
    /// The session.
    pub session: Option<i64>,
    /// The address of the conversation.
    pub chat: &'a str,
    /// The row.
    pub row: i64,
    /// `ZMESSAGEDATE`, as it stands there.
    pub date: Option<f64>,
}

impl Ids {
    /// The native id of a row.
    #[must_use]
    pub fn native(&self, key: Key<'_>) -> String {
        let Some(stanza) = key.stanza.filter(|stanza| !stanza.is_empty()) else {
            let millis = key.date.map_or(0, |date| (date * 1000.0).round() as i64);
            return format!("row:{}:{}:{millis}", key.chat, key.row);
        };
        if !self.repeated.contains(&short(stanza)) {
            return stanza.to_owned();
        }
        if self.crowded.contains(&short(&format!("{stanza} {:?}", key.session))) {
            return format!("{stanza}@{}#{}", key.chat, key.row);
        }
        format!("{stanza}@{}", key.chat)
    }

    /// The native id that a stanza id most likely has in this conversation.
    #[must_use]
    pub fn likely(&self, stanza: &str, chat: &str) -> String {
        if self.repeated.contains(&short(stanza)) { format!("{stanza}@{chat}") } else { stanza.to_owned() }
    }
}

/// Messages that were yielded, by their native ids.
#[derive(Debug, Default)]
pub struct Yielded {
    claimed: HashSet<Short>,
    messages: HashMap<Short, MessageId>,
}

impl Yielded {
    /// Takes a native id for a row. If another row has it (two sessions may have one address), it is made its own.
    pub fn claim(&mut self, native: String, row: i64) -> String {
        if self.claimed.insert(short(&native)) { native } else { format!("{native}#{row}") }
    }

    /// Remembers a message.
    pub fn add(&mut self, native: &str, id: MessageId) {
        self.messages.insert(short(native), id);
    }

    /// The message of this native id, if it was yielded.
    #[must_use]
    pub fn get(&self, native: &str) -> Option<MessageId> {
        self.messages.get(&short(native)).copied()
    }
}

/// The same on every machine: identities depend on it.
fn short(text: &str) -> Short {
    Digest::of(text.as_bytes()).0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(stanza: Option<&str>, session: i64, row: i64) -> Key<'_> {
        let chat = if session == 1 { "447700900101@s.whatsapp.net" } else { "1-2@g.us" };
        Key { stanza, session: Some(session), chat, row, date: Some(700_000_000.25) }
    }

    #[test]
    fn an_id_in_several_rows_takes_the_conversation_and_then_the_row() {
        let mut listing = Listing::default();
        for (stanza, session) in [("A", 1), ("B", 1), ("B", 2), ("C", 1), ("C", 1), ("C", 2)] {
            listing.add(stanza, Some(session));
        }
        let ids = listing.finish();
        assert_eq!(ids.native(key(Some("A"), 1, 1)), "A");
        assert_eq!(ids.native(key(Some("B"), 1, 2)), "B@447700900101@s.whatsapp.net");
        assert_eq!(ids.native(key(Some("B"), 2, 3)), "B@1-2@g.us");
        assert_eq!(ids.native(key(Some("C"), 1, 4)), "C@447700900101@s.whatsapp.net#4");
        assert_eq!(ids.native(key(Some("C"), 2, 6)), "C@1-2@g.us");
        assert_eq!(ids.likely("B", "1-2@g.us"), "B@1-2@g.us");
    }

    #[test]
    fn an_id_is_claimed_by_one_row() {
        let mut yielded = Yielded::default();
        assert_eq!((yielded.claim("A".into(), 1), yielded.claim("A".into(), 2)), ("A".into(), "A#2".into()));
    }

    #[test]
    fn a_row_without_an_id_is_named_by_conversation_row_and_time() {
        let ids = Ids::default();
        assert_eq!(ids.native(key(None, 2, 7)), "row:1-2@g.us:7:700000000250");
        assert_eq!(ids.native(key(Some(""), 2, 7)), ids.native(key(None, 2, 7)));
        assert_eq!(ids.native(Key { date: None, ..key(None, 2, 7) }), "row:1-2@g.us:7:0");
    }
}
