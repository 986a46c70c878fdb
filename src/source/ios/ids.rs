//! Native ids: which message is which, and which ones were yielded.
//!
//! Contract: `ZSTANZAID` is the id. An identity has to be unique, and has to depend on its row alone, so that a later copy of the
//! phone, in which other rows are gone, gives the same. Two kinds of ids are not unique by themselves and have the number of
//! their session behind them, always: those of the owner's own messages outside of groups (a message to a broadcast list stands
//! in the list and in the chat of each recipient under one id, and no column says that it is a copy), and the counters that
//! phones once gave (`1400000000-3`). The session, not its address: an address turns from an `@lid` into a number.
//! A row without an id is named by conversation, row and time.
//!
//! Limits: if two other rows have one id, which no phone was seen to write, the later one adds its row number; that does
//! depend on the other row. Which session a planned call's invitation is in is known only if the invitation was yielded.
//! Memory: about 60 bytes a yielded message, 40 more for one of the owner.

use crate::{
    model::{Digest, MessageId},
    source::phone::bounds::is_counter,
};
use std::collections::{HashMap, HashSet};

/// A short digest.
type Short = u64;

/// A row, for its id.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// `ZSTANZAID`.
    pub stanza: Option<&'a str>,
    /// The session.
    pub session: Option<i64>,
    /// The address of the conversation.
    pub chat: &'a str,
    /// The owner's own message, not in a group.
    pub own: bool,
    /// The row.
    pub row: i64,
    /// `ZMESSAGEDATE`, as it stands there.
    pub date: Option<f64>,
}

impl Key<'_> {
    /// The native id of the row.
    #[must_use]
    pub fn native(self) -> String {
        match self.stanza.filter(|stanza| !stanza.is_empty()) {
            None => {
                let millis = self.date.map_or(0, |date| (date * 1000.0).round() as i64);
                format!("row:{}:{}:{millis}", self.chat, self.row)
            }
            Some(stanza) if self.own || is_counter(stanza) => scoped(stanza, self.session, self.chat),
            Some(stanza) => stanza.to_owned(),
        }
    }
}

fn scoped(stanza: &str, session: Option<i64>, chat: &str) -> String {
    session.map_or_else(|| format!("{stanza}@{chat}"), |session| format!("{stanza}@{session}"))
}

/// Messages that were yielded, by their native ids.
#[derive(Debug, Default)]
pub struct Yielded {
    claimed: HashSet<Short>,
    messages: HashMap<Short, MessageId>,
    /// The sessions of the owner's own messages, by stanza and address.
    sessions: HashMap<Short, i64>,
}

impl Yielded {
    /// Takes the native id of a row. If another row has it, it is made its own.
    pub fn claim(&mut self, key: Key<'_>) -> String {
        let native = key.native();
        if let (true, Some(stanza), Some(session)) = (key.own, key.stanza, key.session) {
            self.sessions.insert(short(&format!("{stanza} {}", key.chat)), session);
        }
        if self.claimed.insert(short(&native)) { native } else { format!("{native}#{}", key.row) }
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

    /// The native id of what is referred to by its stanza id from this conversation: of the message that was read, else as its
    /// row would have it. `own`: the reference says that the owner wrote it, outside of a group.
    #[must_use]
    pub fn likely(&self, stanza: &str, session: Option<i64>, chat: &str, own: bool) -> String {
        let session = session.or_else(|| self.sessions.get(&short(&format!("{stanza} {chat}"))).copied());
        let scoped = scoped(stanza, session, chat);
        let was = |native: &str| self.claimed.contains(&short(native));
        if was(&scoped) || (!was(stanza) && (own || is_counter(stanza))) { scoped } else { stanza.to_owned() }
    }
}

/// The same on every machine: identities depend on it.
fn short(text: &str) -> Short {
    Digest::of(text.as_bytes()).0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(stanza: Option<&str>, session: i64, row: i64, own: bool) -> Key<'_> {
        let chat = if session == 1 { "447700900101@s.whatsapp.net" } else { "1-2@g.us" };
        Key { stanza, session: Some(session), chat, own, row, date: Some(700_000_000.25) }
    }

    #[test]
    fn an_id_depends_on_its_row_alone() {
        assert_eq!(key(Some("3EB0A1"), 1, 1, false).native(), "3EB0A1");
        assert_eq!(key(Some("3EB0A1"), 1, 1, true).native(), "3EB0A1@1");
        assert_eq!(key(Some("1400000000-3"), 2, 3, false).native(), "1400000000-3@2");
        assert_eq!(Key { session: None, ..key(Some("B"), 1, 1, true) }.native(), "B@447700900101@s.whatsapp.net");
    }

    #[test]
    fn an_id_is_claimed_by_one_row() {
        let mut yielded = Yielded::default();
        let claim = |yielded: &mut Yielded, row| yielded.claim(key(Some("A"), 1, row, false));
        assert_eq!((claim(&mut yielded, 1), claim(&mut yielded, 2)), ("A".into(), "A#2".into()));
    }

    #[test]
    fn a_reference_finds_what_was_read_and_guesses_what_was_not() {
        let mut yielded = Yielded::default();
        yielded.claim(key(Some("MINE"), 1, 1, true));
        yielded.claim(key(Some("THEIRS"), 1, 2, false));
        let ada = "447700900101@s.whatsapp.net";
        assert_eq!(yielded.likely("MINE", Some(1), ada, false), "MINE@1");
        assert_eq!(yielded.likely("MINE", None, ada, false), "MINE@1", "by the address");
        assert_eq!(yielded.likely("THEIRS", Some(1), ada, true), "THEIRS");
        assert_eq!(
            (yielded.likely("X", Some(1), ada, true), yielded.likely("X", Some(1), ada, false)),
            ("X@1".into(), "X".into())
        );
    }

    #[test]
    fn a_row_without_an_id_is_named_by_conversation_row_and_time() {
        assert_eq!(key(None, 2, 7, true).native(), "row:1-2@g.us:7:700000000250");
        assert_eq!(key(Some(""), 2, 7, false).native(), key(None, 2, 7, false).native());
        assert_eq!(Key { date: None, ..key(None, 2, 7, false) }.native(), "row:1-2@g.us:7:0");
    }
}
