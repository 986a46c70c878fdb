//! Which native ids were given to messages of this source, and which message has them.
//!
//! `key_id` is unique only with chat, direction and sender: the copies of a broadcast have one id in several chats, and old
//! ids were counters. Those of both kinds have their chat behind them, always, so that it does not matter which other rows are
//! still there; all others are the `key_id` itself.
//!
//! Limits: if two other messages have one `key_id` (another chat, another sender), which no phone was seen to write, the later
//! one has its chat behind it, and then its row; that depends on the other row. So it is for copies of a broadcast in the legacy
//! schema, which does not mark them.

use super::chats::Chat;
use crate::{model::MessageId, source::phone::bounds::is_counter};
use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// 28 bytes for each message, and the room that a hash table needs.
#[derive(Debug, Default)]
pub struct Seen {
    /// Hash of the native id → hash of the chat, message.
    ids: HashMap<u64, (u32, [u8; 16])>,
    /// Rows of the modern table, where there is a legacy one too.
    rows: HashSet<u64>,
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[allow(clippy::cast_possible_truncation)]
fn short(chat: &Chat) -> u32 {
    hash(&chat.jid) as u32
}

/// A message that has no id yet: it is being read, or it was left out.
const NOBODY: [u8; 16] = [0; 16];

impl Seen {
    /// A native id for a message: `key_id`, made unique where it is not.
    pub fn claim(&mut self, chat: &Chat, key_id: &str, broadcast: bool, row: i64) -> String {
        let with_chat = format!("{key_id}@{}", chat.conversation.id);
        let with_row = format!("{with_chat}#{row}");
        let plain = (!broadcast && !is_counter(key_id)).then(|| key_id.to_owned());
        let mut names = plain.into_iter().chain([with_chat]);
        let native = names.find(|name| !self.ids.contains_key(&hash(name))).unwrap_or(with_row);
        self.ids.insert(hash(&native), (short(chat), NOBODY));
        native
    }

    /// The message of a native id. `also` is another id of the same message: that of its edit or revocation.
    pub fn settle(&mut self, chat: &Chat, native: &str, also: Option<&str>, id: MessageId) {
        self.ids.insert(hash(&native), (short(chat), id.0));
        if let Some(also) = also {
            self.ids.entry(hash(&also)).or_insert((short(chat), id.0));
        }
    }

    /// The native id and, if it is in this source, the message that a reference means.
    pub fn resolve(&self, chat: &Chat, key_id: &str) -> (String, Option<MessageId>) {
        let with_chat = format!("{key_id}@{}", chat.conversation.id);
        for name in [with_chat.clone(), key_id.to_owned()] {
            if let Some((of, id)) = self.ids.get(&hash(&name))
                && *of == short(chat)
            {
                return (name, (*id != NOBODY).then_some(MessageId(*id)));
            }
        }
        (if is_counter(key_id) { with_chat } else { key_id.to_owned() }, None)
    }

    /// Remembers a row of the modern table.
    pub fn keep_row(&mut self, chat: &Chat, from_me: bool, key_id: &str) {
        self.rows.insert(hash(&(&chat.jid, from_me, key_id)));
    }

    /// Whether the modern table had this row.
    pub fn has_row(&self, chat: &Chat, from_me: bool, key_id: &str) -> bool {
        self.rows.contains(&hash(&(&chat.jid, from_me, key_id)))
    }
}
