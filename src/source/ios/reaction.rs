//! Reactions to a message, as messages of their own.
//!
//! Contract: pure. A reaction is named by the message, who reacted and when, so that another export of the same phone gives the
//! same name; one that was changed since is another reaction.

use super::{
    chats::Chat,
    message::empty,
    names,
    people::{People, Said},
    receipt::Reacted,
};
use crate::model::{Code, Details, Finding, Message, MessageId, MessageKind, Participant, Place, details::Reaction};

/// What is reacted to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its native id.
    pub native: &'a str,
    /// Its message id; `None` if only its deletion was yielded.
    pub message: Option<MessageId>,
    /// Its conversation.
    pub chat: &'a Chat,
    /// The owner's mailbox.
    pub account: &'a str,
}

/// The message of one reaction.
#[must_use]
pub fn message(reacted: &Reacted, target: Target<'_>, people: &People, place: &Place) -> Message {
    let reactor = reacted.reactor.as_deref();
    let native = format!(
        "reaction:{}:{}:{}",
        target.native,
        reactor.unwrap_or("me"),
        reacted.raw_time.map_or_else(String::new, |time| time.to_string())
    );
    let mut message = empty(native, target.account, target.chat);
    message.kind = MessageKind::System;
    message.sender = reactor.map(|who| people.participant(who, Said::default())).unwrap_or_default();
    message.recipients = recipients(&message.sender, reactor, target.chat);
    message.sent = reacted.at;
    message.body = match reacted.emoji.as_str() {
        "" => "Took the reaction back".to_owned(),
        emoji => format!("Reacted {emoji}"),
    };
    let mut say = |code, detail: String| message.findings.push(Finding::new(code, place.clone(), detail));
    match (reacted.at, reacted.raw_time) {
        (Some(_), _) => {}
        (None, Some(time)) => say(Code::DateAbsurd, time.to_string()),
        (None, None) => say(Code::DateMissing, String::new()),
    }
    let mut details = Details { from_me: Some(reactor.is_none()), ..Details::default() };
    details.reaction =
        Some(Reaction { emoji: reacted.emoji.clone(), target: target.native.to_owned(), message: target.message });
    for (name, value) in [("reaction_key", reacted.key.as_deref()), ("reactor", reactor)] {
        if let Some(value) = value {
            details.raw.insert(name.to_owned(), names::bounded(value));
        }
    }
    // 7.1 names who reacted, 7.2 does not.
    details.raw.insert("receipt_field".to_owned(), if reactor.is_some() { "7.1" } else { "7.2" }.to_owned());
    message.details = Some(Box::new(details));
    message
}

/// In a direct chat the other party, if it was the owner who reacted.
fn recipients(sender: &Participant, reactor: Option<&str>, chat: &Chat) -> Vec<Participant> {
    let other = chat.partner.clone().filter(|partner| reactor.is_none() || partner != sender);
    other.into_iter().collect()
}
