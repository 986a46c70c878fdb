//! The conversations with their counts and times.

use super::super::{Archive, IndexState, matching::behind};
use crate::{
    Result,
    model::{ConversationKind, Instant, Right, Seq},
};
use roaring::RoaringBitmap;
use serde::Serialize;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChatSort {
    /// The one with the newest message first.
    #[default]
    Last,
    /// The one with the oldest message first.
    First,
    /// The one with the most messages first.
    Messages,
    /// By name.
    Name,
}

/// Which conversations.
#[derive(Clone, Debug)]
pub struct ChatListOptions {
    /// Only messages of these mailboxes; all if empty.
    pub mailboxes: Vec<String>,
    /// The order.
    pub sort: ChatSort,
    /// How many to return.
    pub limit: usize,
}

/// One conversation.
#[derive(Clone, Debug, Serialize)]
pub struct ChatRow {
    /// Its id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its name, else its parties.
    pub title: String,
    /// Direct, group, …
    pub kind: ConversationKind,
    /// Its messages.
    pub messages: u64,
    /// Its items, over the mailboxes.
    pub items: u64,
    /// When its oldest message was sent.
    pub first: Option<Instant>,
    /// When its newest message was sent.
    pub last: Option<Instant>,
    /// Messages of it whose date is unknown.
    pub undated: u64,
    /// How many mailboxes have one of its messages.
    pub mailboxes: u64,
}

/// The conversations.
#[derive(Clone, Debug, Serialize)]
pub struct ChatList {
    /// The conversations that were asked for.
    pub chats: Vec<ChatRow>,
    /// How many there are.
    pub total: u64,
    /// Journal line that the answer is as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Remarks about the archive.
    pub warnings: Vec<String>,
}

impl Archive {
    /// The conversations, with exact counts.
    ///
    /// # Errors
    /// An unknown mailbox; [`ErrorKind::Behind`](crate::ErrorKind); reading failed.
    pub fn chat_list(&self, options: &ChatListOptions) -> Result<ChatList> {
        self.may_read(Right::Search, "chat.list", "")?;
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let selected = self.select_mailboxes(&options.mailboxes)?;
        let boxes: Vec<RoaringBitmap> =
            selected.iter().filter_map(|mailbox| Some(self.state.boxes.get(mailbox)?.present())).collect();
        let mut among = RoaringBitmap::new();
        boxes.iter().for_each(|items| among |= items);
        let chats = self.chats(&among)?;
        // For each message the place of its chat: one pass over the columns then serves all chats.
        let mut place = vec![u32::MAX; among.max().map_or(0, |max| max as usize + 1)];
        let mut rows = Vec::with_capacity(chats.len());
        for (chat, at) in chats.into_iter().zip(0u32..) {
            for ordinal in &chat.messages {
                if let Some(slot) = place.get_mut(ordinal as usize) {
                    *slot = at;
                }
            }
            rows.push(ChatRow {
                id: chat.conversation.id,
                name: chat.conversation.name,
                title: chat.title,
                kind: chat.conversation.kind,
                messages: chat.messages.len(),
                items: 0,
                first: None,
                last: None,
                undated: 0,
                mailboxes: 0,
            });
        }
        for (ordinal, sent) in self.dates_of(&among)? {
            if let Some(row) = row_at(&mut rows, &place, ordinal.0) {
                take_date(row, sent);
            }
        }
        let mut seen = vec![usize::MAX; rows.len()];
        for (number, items) in boxes.iter().enumerate() {
            for ordinal in items {
                let Some(at) = place.get(ordinal as usize).copied() else { continue };
                let (Some(row), Some(last)) = (rows.get_mut(at as usize), seen.get_mut(at as usize)) else { continue };
                row.items += 1;
                if *last != number {
                    *last = number;
                    row.mailboxes += 1;
                }
            }
        }
        sort(&mut rows, options.sort);
        let total = rows.len() as u64;
        rows.truncate(options.limit);
        let (as_of, index, warnings) = (self.as_of(), self.index_state(), self.warnings.clone());
        Ok(ChatList { chats: rows, total, as_of, index, warnings })
    }
}

fn row_at<'a>(rows: &'a mut [ChatRow], place: &[u32], ordinal: u32) -> Option<&'a mut ChatRow> {
    rows.get_mut(*place.get(ordinal as usize)? as usize)
}

fn take_date(row: &mut ChatRow, sent: Option<Instant>) {
    match sent {
        None => row.undated += 1,
        Some(at) => {
            row.first = Some(row.first.map_or(at, |first| first.min(at)));
            row.last = Some(row.last.map_or(at, |last| last.max(at)));
        }
    }
}

fn sort(rows: &mut [ChatRow], by: ChatSort) {
    rows.sort_by(|a, b| {
        let order = match by {
            ChatSort::Last => b.last.cmp(&a.last),
            // Unknown dates last.
            ChatSort::First => (a.first.is_none(), a.first).cmp(&(b.first.is_none(), b.first)),
            ChatSort::Messages => b.messages.cmp(&a.messages),
            ChatSort::Name => a.title.to_lowercase().cmp(&b.title.to_lowercase()),
        };
        order.then_with(|| a.id.cmp(&b.id))
    });
}
