//! Calls: from rows of the call history to messages.
//!
//! One call may stand in three places: in the call history, among the calls that could be joined, and as a note in a chat.
//! Contract: where two of them have the same call id, they are one call and it is yielded once, in the chat if it has a note
//! there. A joinable call is also the one of the history if both have the same group and the same time. Notes of missed
//! calls (types 10 and, without a known id, 59) have nothing in common with the history but a time that is close: they are
//! kept beside it, both as calls.

use super::{
    call_history::{CallRecord, History, Kind},
    chats::{self, Chat},
    codes, jid,
    message::{dated, empty},
    people::{People, Said},
};
use crate::{
    Result,
    model::{
        Call, CallMedia, Conversation, ConversationKind, Details, Message, MessageKind, Participant, Place,
        details::{CallFacts, CallParty},
    },
};
use std::collections::{HashMap, HashSet};

/// Calls of a history that may also have a note in a chat; a busy phone has some ten thousand.
const CALLS: usize = 500_000;

/// Calls that have an id, and which of them were met before.
#[derive(Debug, Default)]
pub struct CallIds {
    facts: HashMap<String, (Call, CallFacts)>,
    /// Ids of notes in chats.
    noted: HashSet<String>,
    /// Ids of calls of the history.
    yielded: HashSet<String>,
    /// Calls of the history by group and time, for those that could be joined.
    times: HashSet<(String, i64)>,
}

impl CallIds {
    /// Reads the ids of the history.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read(history: &mut History<'_>, people: &People) -> Result<Self> {
        let mut ids = Self::default();
        for kind in [Kind::Event, Kind::Joinable] {
            history.each(kind, &mut |record| {
                if let Some(id) = &record.id
                    && ids.facts.len() < CALLS
                    && !ids.facts.contains_key(id)
                {
                    ids.facts.insert(id.clone(), facts(&record, people));
                }
                Ok(())
            })?;
        }
        Ok(ids)
    }

    /// The call that a note in a chat is about, if its id says so.
    pub fn note(&mut self, stanza: &str) -> Option<(Call, CallFacts)> {
        let facts = self.facts.get(stanza)?;
        self.noted.insert(stanza.to_owned());
        Some(facts.clone())
    }

    /// The native id of a call, unless it was yielded before.
    pub fn native(&mut self, record: &CallRecord, conversation: &str) -> Option<String> {
        let time = millis(record.date);
        let at = record.group.clone().map(|group| (group, time)).filter(|_| record.date.is_some());
        if record.id.as_ref().is_some_and(|id| self.noted.contains(id)) {
            return None;
        }
        match record.kind {
            Kind::Event => self.times.extend(at),
            Kind::Joinable if at.is_some_and(|at| self.times.contains(&at)) => return None,
            Kind::Joinable => {}
        }
        match &record.id {
            Some(id) if self.yielded.insert(id.clone()) => Some(format!("call:{id}")),
            Some(_) if record.kind == Kind::Joinable => None,
            // One call that the history has in two rows.
            Some(id) => Some(format!("call:{id}#{}", record.row)),
            None if record.kind == Kind::Event => Some(format!("call:{conversation}:{}:{time}", record.row)),
            None => Some(format!("joinable-call:{conversation}:{}:{time}", record.row)),
        }
    }
}

/// The conversation of every call.
///
/// # Errors
/// The spool cannot be read.
pub fn conversations(history: &mut History<'_>, people: &People, visit: &mut dyn FnMut(&Chat)) -> Result<()> {
    for kind in [Kind::Event, Kind::Joinable] {
        history.each(kind, &mut |record| {
            visit(&chat(&record, people));
            Ok(())
        })?;
    }
    Ok(())
}

fn millis(date: Option<f64>) -> i64 {
    date.map_or(0, |date| (date * 1000.0).round() as i64)
}

/// The message of a call, and its place; `None` if the call was yielded before.
pub fn message(
    record: &CallRecord,
    ids: &mut CallIds,
    file: &str,
    account: &str,
    people: &People,
) -> Option<(Message, Place)> {
    let chat = chat(record, people);
    let native = ids.native(record, &chat.conversation.id)?;
    let place = Place { line: u64::try_from(record.row).ok(), ..Place::entry(file, record.kind.table()) };
    let mut message = empty(native, account, &chat);
    dated(&mut message, record.date, &place);
    (message.sender, message.recipients) = parties(record, people);
    let (call, facts) = facts(record, people);
    message.kind = MessageKind::Call;
    message.body = facts.line(call.media);
    message.details = Some(Box::new(Details {
        from_me: record.incoming.map(|incoming| !incoming),
        call: Some(facts),
        raw: record.raw.clone(),
        ..Details::default()
    }));
    message.call = Some(call);
    Some((message, place))
}

fn facts(record: &CallRecord, people: &People) -> (Call, CallFacts) {
    let talked = record.seconds.is_some_and(|seconds| seconds > 0);
    let result = match record.outcome {
        Some(0) if talked => "answered",
        Some(1) if record.incoming == Some(false) => "not_answered",
        Some(outcome) => codes::call_result(outcome),
        None => "",
    };
    let answered = match (result, talked) {
        (_, true) => Some(true),
        ("missed" | "not_answered" | "rejected" | "failed", _) => Some(false),
        _ => record.missed.then_some(false),
    };
    let media = match record.video {
        Some(true) => CallMedia::Video,
        Some(false) => CallMedia::Voice,
        None => CallMedia::Unknown,
    };
    let party = |(address, code): &(String, Option<i64>)| CallParty {
        party: people.participant(address, Said::default()),
        result: match (record.kind, code) {
            (Kind::Joinable, Some(0)) => "not_joined".to_owned(),
            (Kind::Joinable, Some(1)) => "joined".to_owned(),
            _ => String::new(),
        },
        code: code.map(|code| code.to_string()).unwrap_or_default(),
    };
    let facts = CallFacts {
        result: result.to_owned(),
        seconds: record.seconds,
        group: record.group.is_some() || record.others.len() > 1,
        parties: record.others.iter().map(party).collect(),
    };
    (Call { media, answered, aggregated: false, legs: Vec::new() }, facts)
}

/// Who called whom. The owner is named only where a call of the owner names its creator.
fn parties(record: &CallRecord, people: &People) -> (Participant, Vec<Participant>) {
    let person = |address: &str| people.participant(address, Said::default());
    let others: Vec<Participant> = record.others.iter().map(|(address, _)| person(address)).collect();
    let creator = record.creator.as_deref().filter(|address| jid::key(address).is_some()).map(person);
    match (record.incoming, creator) {
        // The creator of a call that the owner made is the owner.
        (Some(false), Some(creator)) if !others.contains(&creator) => (creator, others),
        (Some(false), _) => (Participant::default(), others),
        (Some(true), Some(creator)) => {
            let others = others.into_iter().filter(|other| *other != creator).collect();
            (creator, others)
        }
        (Some(true), None) if others.len() == 1 => (others.into_iter().next().unwrap_or_default(), Vec::new()),
        // The creator is somebody else, so it was the owner who was called.
        (None, Some(creator)) if others.contains(&creator) => {
            let others = others.into_iter().filter(|other| *other != creator).collect();
            (creator, others)
        }
        _ => (Participant::default(), others),
    }
}

/// The conversation: the group, the one other party, or the call itself.
fn chat(record: &CallRecord, people: &People) -> Chat {
    if let Some(group) = &record.group {
        return chats::of_address(group, people.title(group), people);
    }
    let creator = record.creator.as_deref().filter(|address| jid::key(address).is_some());
    match (record.others.as_slice(), creator) {
        ([(only, _)], _) => chats::of_address(only, None, people),
        ([], Some(creator)) => chats::of_address(creator, None, people),
        ([], None) => chats::of_address("", None, people),
        (several, _) => {
            let mut addresses: Vec<&str> = several.iter().map(|(address, _)| address.as_str()).collect();
            addresses.sort_unstable();
            let id = format!("call:{}", addresses.join(","));
            let conversation = Conversation { id, name: None, kind: ConversationKind::Group };
            Chat { conversation, ..chats::of_address("", None, people) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reads_like_one() {
        let facts = |result: &str, seconds, group| CallFacts { result: result.into(), seconds, group, parties: vec![] };
        assert_eq!(facts("not_answered", None, false).line(CallMedia::Video), "Video call, not answered");
        assert_eq!(facts("answered", Some(125), false).line(CallMedia::Voice), "Voice call, answered, 125 seconds");
        assert_eq!(facts("", Some(0), true).line(CallMedia::Unknown), "Call");
    }
}
