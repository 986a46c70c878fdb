//! Reactions: messages of their own, linked to the message that they are about.

use super::{
    codes::add_on,
    draft::{Context, Draft},
    modern::Keys,
};
use crate::{
    Result,
    model::{MessageKind, details::Reaction},
    source::{
        phone::Visit,
        sqlite::{Lookup, Order},
    },
};

const ADD_ON: [&str; 8] = [
    "_id",
    "message_add_on_type",
    "chat_row_id",
    "from_me",
    "sender_jid_row_id",
    "parent_message_row_id",
    "timestamp",
    "status",
];

struct Found {
    id: i64,
    chat: i64,
    from_me: bool,
    sender: Option<i64>,
    parent: i64,
    timestamp: Option<i64>,
    status: Option<i64>,
    emoji: String,
}

/// Reads them, in the order of their rows.
pub fn read(context: &mut Context<'_>, keys: &mut Keys<'_>, visit: Visit<'_>) -> Result<()> {
    let database = context.database;
    let columns = ["reaction", "sender_timestamp"];
    let mut emojis = database.lookup("message_add_on_reaction", &columns, "message_add_on_row_id")?;
    let mut parents = database.lookup("message", &["chat_row_id", "key_id"], "_id")?;
    database.select("message_add_on", &ADD_ON, Order::Id, &mut |row| {
        let id = row.int(0).unwrap_or(row.id());
        let side = emojis.first(id, |side| Some((side.words(0), side.int(1))))?;
        if row.int(1) != Some(add_on::REACTION) && side.is_none() {
            return Ok(());
        }
        let (emoji, at) = side.unwrap_or_default();
        let found = Found {
            id,
            chat: row.int(2).unwrap_or(0),
            from_me: row.int(3) == Some(1),
            sender: row.int(4).filter(|id| *id > 0),
            parent: row.int(5).unwrap_or(0),
            timestamp: at.filter(|at| *at > 0).or(row.int(6)),
            status: row.int(7),
            emoji: emoji.unwrap_or_default(),
        };
        one(context, keys, &mut parents, &found, visit)
    })
}

fn one(
    context: &mut Context<'_>,
    keys: &mut Keys<'_>,
    parents: &mut Lookup<'_>,
    found: &Found,
    visit: Visit<'_>,
) -> Result<()> {
    let parent = parents.first(found.parent, |row| Some((row.int(0), row.words(1))))?;
    let chat_row = parent.as_ref().and_then(|(chat, _)| *chat).unwrap_or(found.chat);
    let chat = context.chats.by_row(chat_row, &context.jids);
    if !chat.wanted {
        context.left_out += 1;
        return Ok(());
    }
    let (target, message) = match parent.and_then(|(_, key)| key) {
        Some(key) => context.seen.resolve(&chat, &keys.of(found.parent, &key)?.key),
        // The message is gone; its row still names it.
        None => (format!("row:{}", found.parent), None),
    };
    let reactor = match (found.from_me, found.sender) {
        (true, _) => "me".to_owned(),
        (_, Some(id)) => context.jids.id_text(id).unwrap_or_else(|| format!("jid:{id}")),
        _ => chat.other_text(),
    };
    let native = format!("reaction:{target}:{reactor}:{}", found.timestamp.unwrap_or(0));
    let native = context.seen.claim(&chat, &native, false, found.id);
    let mut draft = Draft::new(context, "message_add_on", found.id, &chat, native, found.from_me);
    draft.parties(found.sender.map(|id| context.jids.party(id)));
    draft.sent(found.timestamp);
    draft.raw("message_add_on_type", add_on::REACTION);
    draft.raw_if("status", found.status);
    draft.message.kind = MessageKind::System;
    draft.message.body = match found.emoji.as_str() {
        "" => "Took the reaction back".to_owned(),
        emoji => format!("Reacted {emoji}"),
    };
    draft.details.reaction = Some(Reaction { emoji: found.emoji.clone(), target, message });
    context.yield_item(draft, None, visit)
}
