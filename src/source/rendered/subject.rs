//! The subject line, in the forms of the original connector (`WhatsApp message from … to …`).
//!
//! Contract: depends on the message alone, not on the subject that it has. Parties stand in it by their numbers, as in the
//! original, else by their names; the way back from a subject is never taken.

use super::address::{Nameless, label};
use crate::model::{CallMedia, ConversationKind, DeletionScope, Message, MessageKind, Participant, ReadState};

/// Parties that are named before `and … more`.
const NAMED: usize = 3;

/// The subject of a message.
#[must_use]
pub fn subject(message: &Message) -> String {
    let from_me = message.details.as_ref().and_then(|d| d.from_me);
    let from = match party(&message.sender) {
        Some(name) => name,
        None => Nameless::sender(from_me, message.kind).label().to_owned(),
    };
    let what = what(message);
    let text = match message.kind {
        MessageKind::Call if message.call.as_ref().is_some_and(|c| c.aggregated) => {
            "Calls with multiple participants".to_owned()
        }
        MessageKind::System if message.sender.is_unknown() => format!("{what} in {}", place(message)),
        _ => format!("{what} from {from} to {}", to(message, from_me)),
    };
    format!("{}{text}", notice(message))
}

fn what(message: &Message) -> String {
    let details = message.details.as_deref();
    match (message.kind, &message.call) {
        (MessageKind::Call, Some(call)) => {
            let unanswered = if call.answered == Some(false) { "unanswered " } else { "" };
            let media = match call.media {
                CallMedia::Voice => "voice ",
                CallMedia::Video => "video ",
                CallMedia::Unknown => "",
            };
            format!("WhatsApp {unanswered}{media}call")
        }
        (MessageKind::Call, None) => "WhatsApp call".to_owned(),
        (MessageKind::System, _) if details.is_some_and(|d| d.reaction.is_some()) => "WhatsApp reaction".to_owned(),
        (MessageKind::System, _) => "WhatsApp event".to_owned(),
        _ => "WhatsApp message".to_owned(),
    }
}

fn notice(message: &Message) -> String {
    let read = |state: ReadState| match state {
        ReadState::Read => "READ",
        ReadState::Unread => "UNREAD",
        ReadState::Unknown => "UNKNOWN",
    };
    match (message.kind, &message.deletion, &message.edit) {
        (MessageKind::Deletion, Some(deletion), _) => {
            let scope = match deletion.scope {
                DeletionScope::ForAll => " For All",
                DeletionScope::ForMe | DeletionScope::WholeChat => " For Me",
                DeletionScope::Unknown => "",
            };
            format!("DELETED{scope} - {} - ", read(deletion.read))
        }
        (MessageKind::Deletion, None, _) => "DELETED - UNKNOWN - ".to_owned(),
        (MessageKind::Edit, _, edit) => {
            format!("EDIT {} - ", read(edit.as_ref().map_or(ReadState::Unknown, |e| e.read)))
        }
        _ => String::new(),
    }
}

/// Number as digits, else name, else address; `None` if nothing is known.
fn party(party: &Participant) -> Option<String> {
    let number = party.number.as_ref().map(|n| n.digits().to_owned());
    let said = number.or_else(|| party.name.clone()).or_else(|| party.email.clone())?;
    Some(label(&said)).filter(|said| !said.is_empty())
}

fn to(message: &Message, from_me: Option<bool>) -> String {
    if is_shared(message.conversation.kind) {
        return place(message);
    }
    let nameless = Nameless::recipient(from_me).label();
    let names: Vec<String> =
        message.recipients.iter().take(NAMED).map(|p| party(p).unwrap_or_else(|| nameless.to_owned())).collect();
    match (names.as_slice(), message.recipients.len().saturating_sub(NAMED)) {
        ([], _) if from_me != Some(true) => nameless.to_owned(),
        ([], _) => name(message).unwrap_or_else(|| nameless.to_owned()),
        (names, 0) => names.join(", "),
        (names, more) => format!("{} and {more} more", names.join(", ")),
    }
}

fn is_shared(kind: ConversationKind) -> bool {
    matches!(kind, ConversationKind::Group | ConversationKind::Community | ConversationKind::Broadcast)
}

fn name(message: &Message) -> Option<String> {
    message.conversation.name.as_deref().map(label).filter(|name| !name.is_empty())
}

fn place(message: &Message) -> String {
    let kind = match message.conversation.kind {
        ConversationKind::Broadcast => "broadcast group",
        ConversationKind::Group | ConversationKind::Community => "chat group",
        _ => "chat",
    };
    match name(message) {
        Some(name) => format!("{kind} {name}"),
        None => kind.to_owned(),
    }
}
