//! Which conversation an item belongs to.
//!
//! Contract: the id is made from what is stable (group id, thread id, the parties), never from a name alone: two chats with one
//! name are two conversations. A name is a label. Where nothing stable is known, a conversation is rather split in
//! two than two are thrown together.

use super::{
    subject::{Form, Subject, Target},
    words::without_bidi,
};
use crate::model::{Conversation, ConversationKind, Digest, Participant};

/// Longest id of the source that is used as it is, in bytes; a longer one is replaced by its digest.
pub const ID_BYTES: usize = 400;

/// What the headers say of the conversation.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    /// `GroupID`.
    pub group: Option<String>,
    /// `GROUP_NAME`.
    pub group_name: Option<String>,
    /// `THREAD_ID`.
    pub thread: Option<String>,
    /// `ThreadName`.
    pub thread_name: Option<String>,
}

/// The conversation of an item. `own` is an id of the item itself, for one that names no conversation and no party.
#[must_use]
pub fn conversation(
    clues: Clues,
    subject: &Subject,
    sender: &Participant,
    recipients: &[Participant],
    own: &str,
) -> Conversation {
    let told = match &subject.to {
        Target::Group(name) => (ConversationKind::Group, name.clone()),
        Target::Broadcast(name) => (ConversationKind::Broadcast, name.clone()),
        Target::Party(_) => (ConversationKind::Direct, None),
        Target::Unsaid if subject.form == Form::CallList => (ConversationKind::Group, None),
        Target::Unsaid => (ConversationKind::Unknown, None),
    };
    let name = clues
        .group_name
        .or(clues.thread_name)
        .or(told.1)
        .map(|n| without_bidi(&n).chars().take(ID_BYTES).collect::<String>())
        .filter(|n| !n.is_empty());
    if let Some(group) = clues.group {
        let kind = if told.0 == ConversationKind::Broadcast { told.0 } else { ConversationKind::Group };
        return Conversation { id: bounded("group", &group), name, kind };
    }
    let parties = parties(sender, recipients);
    if let Some(thread) = clues.thread {
        let kind =
            if told.0 == ConversationKind::Unknown && parties.len() == 2 { ConversationKind::Direct } else { told.0 };
        return Conversation { id: bounded("thread", &thread), name, kind };
    }
    let known = parties.iter().any(|p| p != UNKNOWN);
    let id = match (told.0, recipients.len()) {
        _ if !known => bounded("alone", own),
        (ConversationKind::Direct | ConversationKind::Unknown, 1) => {
            return Conversation { id: bounded("direct", &parties.join("|")), name, kind: ConversationKind::Direct };
        }
        (kind, _) => {
            let label = name.as_deref().unwrap_or_default();
            let all = format!("{}\0{label}\0{}", kind.as_str(), parties.join("\0"));
            format!("parties:{}", Digest::of(all.as_bytes()).to_hex().chars().take(32).collect::<String>())
        }
    };
    Conversation { id, name, kind: told.0 }
}

const UNKNOWN: &str = "unknown";

/// The parties as sorted keys: number, else address, else name.
fn parties(sender: &Participant, recipients: &[Participant]) -> Vec<String> {
    let mut keys: Vec<String> = std::iter::once(sender).chain(recipients).map(key).collect();
    keys.sort();
    if recipients.len() > 1 {
        keys.dedup();
    }
    keys
}

fn key(party: &Participant) -> String {
    let number = party.number.as_ref().map(|n| n.digits().to_owned());
    let lower = |t: &String| t.to_lowercase();
    number
        .or_else(|| party.email.as_ref().map(lower))
        .or_else(|| party.name.as_ref().map(lower))
        .unwrap_or_else(|| UNKNOWN.to_owned())
}

fn bounded(prefix: &str, id: &str) -> String {
    if id.len() <= ID_BYTES {
        format!("{prefix}:{id}")
    } else {
        format!("{prefix}:sha256-{}", Digest::of(id.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::subject, *};
    use crate::model::PhoneNumber;

    fn party(digits: &str) -> Participant {
        Participant { number: PhoneNumber::parse(digits), ..Participant::default() }
    }

    fn of(clues: Clues, subject_text: &str, from: &str, to: &[&str]) -> Conversation {
        let recipients: Vec<_> = to.iter().map(|n| party(n)).collect();
        conversation(clues, &subject::read(subject_text), &party(from), &recipients, "own")
    }

    const A: &str = "447700900101";
    const B: &str = "447700900102";
    const C: &str = "447700900103";

    #[test]
    fn a_direct_chat_is_one_conversation_in_both_directions() {
        let there = of(Clues::default(), "WhatsApp message from 447700900101 to 447700900102", A, &[B]);
        let back = of(Clues::default(), "WhatsApp message from 447700900102 to 447700900101", B, &[A]);
        assert_eq!((there.id.as_str(), there.kind), ("direct:447700900101|447700900102", ConversationKind::Direct));
        assert_eq!(there, back);
    }

    #[test]
    fn two_groups_of_one_name_are_two_conversations() {
        let clues = |id: &str| Clues { group: Some(id.into()), group_name: Some("Sales".into()), ..Clues::default() };
        let (one, two) = (of(clues("1"), "", A, &[B, C]), of(clues("2"), "", A, &[B, C]));
        assert_eq!((one.name.as_deref(), one.kind), (Some("Sales"), ConversationKind::Group));
        assert_ne!(one.id, two.id);
        let unnamed = |to: &[&str]| of(Clues::default(), "WhatsApp message from 447700900101 to Sales Group", A, to);
        assert_ne!(unnamed(&[B, C]).id, unnamed(&[B]).id);
        assert_eq!(unnamed(&[B, C]), unnamed(&[C, B]));
    }

    #[test]
    fn threads_broadcasts_and_strangers_have_their_place() {
        let thread = Clues { thread: Some("T1".into()), ..Clues::default() };
        let direct = of(thread, "WhatsApp message from 447700900101 to 447700900102", A, &[B]);
        assert_eq!((direct.id.as_str(), direct.kind), ("thread:T1", ConversationKind::Direct));
        let cast = of(Clues::default(), "WhatsApp message from 447700900101 to broadcast group", A, &[B, C]);
        assert_eq!(cast.kind, ConversationKind::Broadcast);
        assert_eq!(of(Clues::default(), "hello", "", &[]).id, "alone:own");
        let long = Clues { group: Some("x".repeat(10_000)), ..Clues::default() };
        assert!(of(long, "", A, &[B]).id.len() < 100);
    }
}
