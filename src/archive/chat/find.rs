//! Which conversations there are, and the one that is meant.

use super::{Chat, participants::party_key, title};
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    model::{Conversation, Instant, Ordinal, id::MIN_PREFIX},
};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that an ambiguous name lists.
const CANDIDATES: usize = 10;

impl Archive {
    /// Every conversation that has one of these messages, by its id.
    pub(super) fn chats(&self, among: &RoaringBitmap) -> Result<Vec<Chat>> {
        let mut messages: BTreeMap<String, RoaringBitmap> = match &self.index {
            Some(index) => index.conversations()?,
            None => BTreeMap::new(),
        };
        for (ordinal, conversation) in self.tail_conversations() {
            messages.entry(conversation.id).or_default().insert(ordinal.0);
        }
        let mut chats = Vec::with_capacity(messages.len());
        for (_, messages) in messages {
            chats.extend(self.chat_of(messages & among)?);
        }
        Ok(chats)
    }

    /// What stands for these conversations where people read: the name, else the parties, as [`Self::chat_list`] has it. One that
    /// is not there is left out.
    ///
    /// # Errors
    /// Reading failed.
    pub fn chat_titles<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, String>> {
        let wanted: BTreeSet<&str> = ids.collect();
        let present = self.state.present();
        let mut messages: BTreeMap<&str, RoaringBitmap> = BTreeMap::new();
        for id in wanted {
            let indexed = self.index.as_ref().map(|index| index.by_conversation(id)).transpose()?;
            messages.insert(id, indexed.unwrap_or_default());
        }
        for (ordinal, conversation) in self.tail_conversations() {
            if let Some(messages) = messages.get_mut(conversation.id.as_str()) {
                messages.insert(ordinal.0);
            }
        }
        let mut titles = BTreeMap::new();
        for (id, messages) in messages {
            if let Some(chat) = self.chat_of(messages & &present)? {
                titles.insert(id.to_owned(), chat.title);
            }
        }
        Ok(titles)
    }

    /// The conversation that is meant by an id, the beginning of one, or a name.
    pub(in crate::archive) fn find_chat(&self, named: &str) -> Result<Chat> {
        let present = self.state.present();
        if let Some(chat) = self.chat_by_id(named, &present)? {
            return Ok(chat);
        }
        let chats = self.chats(&present)?;
        let folded = named.to_lowercase();
        let name = |chat: &Chat| chat.conversation.name.as_deref() == Some(named) || chat.title == named;
        let same = |chat: &Chat| chat.title.to_lowercase() == folded;
        let begins = |chat: &Chat| named.len() >= MIN_PREFIX && chat.conversation.id.starts_with(named);
        let ways: [&dyn Fn(&Chat) -> bool; 3] = [&name, &begins, &same];
        for way in ways {
            let found: Vec<&Chat> = chats.iter().filter(|chat| way(chat)).collect();
            match found.as_slice() {
                [] => {}
                [only] => return Ok((*only).clone()),
                several => return Err(self.ambiguous(named, several)?),
            }
        }
        Err(Error::new(ErrorKind::NotFound, format!("there is no chat {named}"))
            .with_hint("custodia chat list shows ids and names"))
    }

    /// The conversation with exactly this id.
    fn chat_by_id(&self, id: &str, present: &RoaringBitmap) -> Result<Option<Chat>> {
        let mut messages = match &self.index {
            Some(index) => index.by_conversation(id)?,
            None => RoaringBitmap::new(),
        };
        let tail = self.tail_conversations().into_iter().filter(|(_, conversation)| conversation.id == id);
        messages.extend(tail.map(|(ordinal, _)| ordinal.0));
        self.chat_of(messages & present)
    }

    /// A conversation as its newest message names it; `None` without messages.
    fn chat_of(&self, messages: RoaringBitmap) -> Result<Option<Chat>> {
        let Some(newest) = messages.max() else { return Ok(None) };
        let record = self.record_of(Ordinal(newest))?;
        let title = title(&record.conversation, std::iter::once(&record.sender).chain(&record.recipients));
        Ok(Some(Chat { conversation: record.conversation, title, messages }))
    }

    /// The conversations of the messages that are not indexed yet. One whose file cannot be read is `verify`'s to name.
    fn tail_conversations(&self) -> Vec<(Ordinal, Conversation)> {
        let conversation = |message: &crate::model::event::Archived| {
            self.understand(message).ok().map(|understood| (message.ordinal, understood.conversation))
        };
        self.tail.iter().filter_map(|(_, message)| conversation(message)).collect()
    }

    /// Several conversations are called so: what tells them apart.
    fn ambiguous(&self, named: &str, chats: &[&Chat]) -> Result<Error> {
        let (mut lines, mut rows) = (Vec::new(), Vec::new());
        for chat in chats.iter().take(CANDIDATES) {
            let dates: Vec<Instant> = self.dates_of(&chat.messages)?.into_iter().filter_map(|(_, sent)| sent).collect();
            let (first, last) = (dates.iter().min().copied(), dates.iter().max().copied());
            let members = self.members(chat)?;
            let day = |at: Option<Instant>| {
                at.map_or_else(|| "unknown".to_owned(), |at| at.to_string().chars().take(10).collect())
            };
            let (id, messages) = (&chat.conversation.id, chat.messages.len());
            lines.push(format!(
                "  {id}   {}, {messages} messages, {} to {}, {members} members",
                chat.title,
                day(first),
                day(last)
            ));
            rows.push(serde_json::json!({
                "id": id, "title": chat.title, "messages": messages, "first": first, "last": last, "members": members,
            }));
        }
        if let Some(more @ 1..) = chats.len().checked_sub(CANDIDATES) {
            lines.push(format!("  and {more} more"));
        }
        let ids: Vec<&str> = chats.iter().map(|chat| chat.conversation.id.as_str()).collect();
        let message = format!("{named} could be {} chats:\n{}", chats.len(), lines.join("\n"));
        Ok(Error::new(ErrorKind::Ambiguous, message)
            .with_hint("name one by its id, or by enough of its beginning")
            .with_details(serde_json::json!({ "candidates": ids, "chats": rows })))
    }

    /// The parties that the newest message of a conversation names.
    fn members(&self, chat: &Chat) -> Result<usize> {
        let record = self.record_of(Ordinal(chat.messages.max().unwrap_or_default()))?;
        let parties = std::iter::once(&record.sender).chain(&record.recipients);
        Ok(parties.filter_map(party_key).collect::<BTreeSet<String>>().len())
    }
}
