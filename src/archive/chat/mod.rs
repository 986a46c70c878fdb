//! Conversations read as conversations: which there are, who is in one, and one page of what was said.
//!
//! Contract: index, vault, state and the journal's tail only, never the catalog. Of each message the columns and bitmaps
//! are read, stored records and files of the page alone. Messages stand in the order of the times they were sent, equal
//! times in the order of the archive, unknown times last. What is before and behind a page is counted; nothing is left
//! out unsaid. A page is recorded as a view of every message on it.

mod find;
mod list;
mod message;
mod page;
mod participants;

pub use list::{ChatList, ChatListOptions, ChatRow, ChatSort};
pub use message::{ChatCopy, ChatDeletion, ChatEdit, ChatMessage, ChatReaction, ChatReply};
pub use page::{Around, ChatHits, ChatPage, ChatPageOptions, ChatParty};
pub use participants::{ChatParticipant, ChatParticipants};

use crate::model::{Conversation, Participant};
use roaring::RoaringBitmap;

/// Messages on one page of a chat: what it takes to read them, and one journal line names them all.
pub const PAGE_MESSAGES: usize = 1_000;

/// Parties that stand for a chat without a name.
const TITLE_PARTIES: usize = 4;

/// A conversation and those of its messages that a mailbox has.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) conversation: Conversation,
    /// Its name, else its parties.
    pub(super) title: String,
    pub(super) messages: RoaringBitmap,
}

/// What stands for a chat: its name, else who is in it.
pub(in crate::archive) fn title<'a>(
    conversation: &Conversation,
    parties: impl Iterator<Item = &'a Participant>,
) -> String {
    if let Some(name) = conversation.name.as_deref().filter(|name| !name.trim().is_empty()) {
        return name.to_owned();
    }
    let mut labels: Vec<String> = parties.filter(|party| !party.is_unknown()).map(Participant::label).collect();
    labels.sort();
    labels.dedup();
    let more = labels.len().saturating_sub(TITLE_PARTIES);
    labels.truncate(TITLE_PARTIES);
    match (labels.is_empty(), more) {
        (true, _) => conversation.id.clone(),
        (false, 0) => labels.join(" · "),
        (false, more) => format!("{} and {more} more", labels.join(" · ")),
    }
}
