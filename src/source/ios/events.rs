//! Messages that are no text: events, calls, and types of which only the fact is known.
//!
//! Contract: pure. A line is readable English and without names, since a contact that is renamed is no new event; what the row
//! itself says follows on a line of its own.

use super::{
    chats::Chat,
    codes::{self, EventKind, Shape},
    message::Parts,
    names, parties,
    people::People,
    record::Record,
};
use crate::model::{
    Call, CallMedia, Details, Message, MessageKind, Participant,
    details::{CallFacts, SystemEvent},
};

/// Makes a message of type 6 or 10 what its event says.
pub fn event(message: &mut Message, details: &mut Details, parts: &Parts<'_>, shape: Shape, people: &People) {
    let (record, code) = (parts.record, parts.record.event.unwrap_or(0));
    let in_group = shape == Shape::GroupEvent;
    let kind = if in_group { codes::group_event(code) } else { codes::chat_event(code) };
    let label = match kind {
        EventKind::MissedCall(media) => {
            let missed = Call { media, answered: Some(false), aggregated: false, legs: Vec::new() };
            let facts = CallFacts { result: "missed".to_owned(), ..CallFacts::default() };
            return call(message, details, Some((missed, facts)));
        }
        EventKind::System(label) => Some(label),
        EventKind::Unlabelled => None,
    };
    let member = parts.member.as_ref().map(|from| parties::member(from, record.push_name.as_deref(), people));
    let about = member.filter(|member| !member.is_unknown() && in_group && codes::is_about_member(code));
    let line = match label {
        Some(label) if in_group && codes::is_about_member(code) => {
            // Not the name: a contact that is renamed is no new event.
            let address = parts.member.as_ref().and_then(|member| member.address.as_deref()).map(names::bounded);
            let number = about.as_ref().and_then(|about| about.number.as_ref()).map(ToString::to_string);
            let who = number.or(address).unwrap_or_else(|| "Somebody".to_owned());
            format!("{who} {}", label.line)
        }
        Some(label) => label.line.to_owned(),
        None => format!("System event {code} of type {}", record.message_type.unwrap_or(0)),
    };
    system(message, details, label.map_or("", |label| label.what), line, parts.chat);
    let Some(event) = &mut details.event else { return };
    event.by = match event.what.as_str() {
        "member_left" => about.clone(),
        "group_created" => parts.chat.creator.clone(),
        _ => None,
    };
    event.about = about.into_iter().collect();
}

/// A system event. Nobody says it: it has no sender but the owner, if the source says that it was the owner's doing.
pub fn system(message: &mut Message, details: &mut Details, what: &str, line: String, chat: &Chat) {
    message.kind = MessageKind::System;
    message.sender = Participant::default();
    message.recipients.extend(chat.partner.clone());
    message.recipients.dedup();
    // Whatever the row says beyond the code stays readable.
    let text = std::mem::take(&mut message.body);
    message.body = if text.is_empty() { line } else { format!("{line}\n{text}") };
    let new = (!text.is_empty()).then_some(text);
    details.event = Some(SystemEvent { what: what.to_owned(), new, ..SystemEvent::default() });
}

/// Makes a message a call: the one of the history, if the source says that it is that.
pub fn call(message: &mut Message, details: &mut Details, facts: Option<(Call, CallFacts)>) {
    let unknown = Call { media: CallMedia::Unknown, answered: None, aggregated: false, legs: Vec::new() };
    let (call, facts) = facts.unwrap_or((unknown, CallFacts::default()));
    message.kind = MessageKind::Call;
    if message.body.is_empty() {
        message.body = facts.line(call.media);
    }
    message.call = Some(call);
    details.call = Some(facts);
}

/// A type that nobody knows enough of: with text or a medium it is a message, else only the fact that there was one.
pub fn bare(message: &mut Message, shape: Shape, record: &Record, has_media: bool) {
    if !message.body.is_empty() || has_media {
        return;
    }
    message.kind = MessageKind::System;
    let code = record.message_type.map_or_else(|| "none".to_owned(), |code| code.to_string());
    message.body = match shape {
        Shape::Named(name) => format!("WhatsApp: {name} (message type {code})"),
        _ => format!("WhatsApp: a message of type {code}, without text"),
    };
}
