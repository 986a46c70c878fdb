//! The subject of a TeleMessage item says what kind of event it is (reference 2.3).
//!
//! Contract: reads every documented form in any case and with every separator; never fails: what has no known form is
//! [`Form::Unknown`]. Names in it are labels; identity never comes from here when a header has it.

use super::words::{eat, eat_words, skip_separators, split_around, without_bidi};
use crate::model::{CallMedia, DeletionScope, ReadState};

/// What the notice before the original subject says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A message was deleted.
    Deleted(DeletionScope, ReadState),
    /// A message was edited.
    Edited(ReadState),
}

/// The original subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `WhatsApp message from … to …`
    Message,
    /// `WhatsApp [unanswered] voice|video call from … to …`
    Call(CallMedia, Option<bool>),
    /// `Calls with multiple participants`
    CallList,
    /// Not one of these.
    Unknown,
}

/// Whom a message goes to, as the subject says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One party: digits, or a name.
    Party(String),
    /// A group, with its name if there is one.
    Group(Option<String>),
    /// A broadcast group.
    Broadcast(Option<String>),
    /// Not said.
    Unsaid,
}

/// A subject, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Deleted, edited, or neither.
    pub notice: Option<Notice>,
    /// The form of the original subject.
    pub form: Form,
    /// Who sent or called, as written; empty if not said.
    pub from: String,
    /// To whom.
    pub to: Target,
}

impl Subject {
    /// Whether it is one of the forms of the feed.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.form != Form::Unknown || self.notice.is_some()
    }
}

/// Reads a decoded subject.
#[must_use]
pub fn read(subject: &str) -> Subject {
    let text = without_bidi(subject);
    let (outer, mut rest) = notice(&text);
    // A deleted edit carries both; the outer one is what happened.
    while outer.is_some() {
        let (inner, next) = notice(rest);
        if inner.is_none() {
            break;
        }
        rest = next;
    }
    let mut read = original(skip_separators(rest));
    read.notice = outer.map(|(notice, _)| notice).filter(|_| outer.is_some_and(|(_, said)| said) || read.is_known());
    read
}

/// The notice at the start, whether it says more than its first word, and what follows it.
fn notice(text: &str) -> (Option<(Notice, bool)>, &str) {
    let start = skip_separators(text);
    if let Some(rest) = eat(start, "deleted") {
        let scopes: [(&[&str], _); 3] = [
            (&["for", "me"], DeletionScope::ForMe),
            (&["for", "all"], DeletionScope::ForAll),
            (&["for", "everyone"], DeletionScope::ForAll),
        ];
        let scope = scopes.iter().find_map(|(words, scope)| Some((*scope, eat_words(rest, words)?)));
        let (scope, rest, said) = scope.map_or((DeletionScope::Unknown, rest, false), |(s, r)| (s, r, true));
        let state = read_state(rest);
        let (read, rest) = state.unwrap_or((ReadState::Unknown, rest));
        return (Some((Notice::Deleted(scope, read), said || state.is_some())), rest);
    }
    if let Some(rest) = eat(start, "edit").or_else(|| eat(start, "edited")) {
        let state = read_state(rest);
        let (read, rest) = state.unwrap_or((ReadState::Unknown, rest));
        return (Some((Notice::Edited(read), state.is_some())), rest);
    }
    (None, text)
}

fn read_state(text: &str) -> Option<(ReadState, &str)> {
    let states = [("read", ReadState::Read), ("unread", ReadState::Unread), ("unknown", ReadState::Unknown)];
    states.into_iter().find_map(|(word, state)| Some((state, eat(skip_separators(text), word)?)))
}

fn original(text: &str) -> Subject {
    let unknown = Subject { notice: None, form: Form::Unknown, from: String::new(), to: Target::Unsaid };
    let product = eat(text, "whatsapp").map(skip_separators);
    if eat_words(product.unwrap_or(text), &["calls", "with", "multiple", "participants"]).is_some() {
        return Subject { form: Form::CallList, ..unknown };
    }
    let Some(rest) = product else { return unknown };
    let Some((form, rest)) = form(rest) else { return unknown };
    let Some(parties) = eat_words(rest, &["from"]) else { return unknown };
    let (from, to) = split_around(parties, " to ").unwrap_or((parties, ""));
    Subject { notice: None, form, from: from.trim().to_owned(), to: target(to.trim()) }
}

fn form(text: &str) -> Option<(Form, &str)> {
    let forms: [(&[&str], Form); 7] = [
        (&["message"], Form::Message),
        (&["unanswered", "voice", "call"], Form::Call(CallMedia::Voice, Some(false))),
        (&["unanswered", "video", "call"], Form::Call(CallMedia::Video, Some(false))),
        (&["unanswered", "call"], Form::Call(CallMedia::Unknown, Some(false))),
        (&["voice", "call"], Form::Call(CallMedia::Voice, None)),
        (&["video", "call"], Form::Call(CallMedia::Video, None)),
        (&["call"], Form::Call(CallMedia::Unknown, None)),
    ];
    forms.into_iter().find_map(|(words, form)| Some((form, eat_words(text, words)?)))
}

fn target(to: &str) -> Target {
    let name = |text: &str| Some(skip_separators(text).trim().to_owned()).filter(|name| !name.is_empty());
    if to.is_empty() {
        return Target::Unsaid;
    }
    if let Some(rest) = eat_words(to, &["chat", "group"]) {
        return Target::Group(name(rest));
    }
    if let Some(rest) = eat_words(to, &["broadcast", "group"]).or_else(|| eat_words(to, &["broadcast", "list"])) {
        return Target::Broadcast(name(rest));
    }
    let before = to.len().checked_sub(" group".len()).and_then(|at| Some((to.get(..at)?, to.get(at..)?)));
    match before {
        Some((before, last)) if last.eq_ignore_ascii_case(" group") => Target::Group(name(before)),
        _ => Target::Party(to.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHAT: &str = "WhatsApp message from 447700900101 to 447700900102";

    #[test]
    fn every_form_of_an_original_subject_is_understood() {
        let party = || Target::Party("447700900102".into());
        let group = |name: &str| Target::Group(Some(name.into()));
        for (subject, form, to) in [
            (CHAT, Form::Message, party()),
            ("Whatsapp Message From 447700900101 To 447700900102", Form::Message, party()),
            ("WhatsApp message from 447700900101 to chat group Deal room", Form::Message, group("Deal room")),
            ("WhatsApp message from 447700900101 to Sales Group", Form::Message, group("Sales")),
            ("WhatsApp message from 447700900101 to broadcast group", Form::Message, Target::Broadcast(None)),
            ("WhatsApp message from 447700900101 to \u{2068}Zoë\u{2069}", Form::Message, Target::Party("Zoë".into())),
            ("WhatsApp voice call from 447700900101 to 447700900102", Form::Call(CallMedia::Voice, None), party()),
            ("WhatsApp video call from 447700900101 to 447700900102", Form::Call(CallMedia::Video, None), party()),
            (
                "WhatsApp unanswered voice call from 447700900101 to 447700900102",
                Form::Call(CallMedia::Voice, Some(false)),
                party(),
            ),
            (
                "Whatsapp unanswered video call from 447700900101 to 447700900102",
                Form::Call(CallMedia::Video, Some(false)),
                party(),
            ),
        ] {
            let read = read(subject);
            assert_eq!((read.form, read.to, read.from.as_str()), (form, to, "447700900101"), "{subject}");
            assert_eq!(read.notice, None);
        }
        assert_eq!(read("Calls with multiple participants").form, Form::CallList);
    }

    #[test]
    fn a_deletion_in_every_separator_variant_is_a_deletion() {
        let scopes = [
            ("For Me", DeletionScope::ForMe),
            ("For All", DeletionScope::ForAll),
            ("for all", DeletionScope::ForAll),
            ("", DeletionScope::Unknown),
        ];
        let states = [("READ", ReadState::Read), ("UNREAD", ReadState::Unread), ("UNKNOWN", ReadState::Unknown)];
        for separator in [" ", " - ", " – ", "–", " — ", " â€“ ", " â€“", " \u{fffd} ", "  -  ", "-"] {
            for (scope_text, scope) in scopes {
                for (state_text, state) in states {
                    let scope_text = if scope_text.is_empty() { String::new() } else { format!(" {scope_text}") };
                    let subject = format!("DELETED{scope_text}{separator}{state_text}{separator}{CHAT}");
                    let read = read(&subject);
                    assert_eq!(read.notice, Some(Notice::Deleted(scope, state)), "{subject}");
                    assert_eq!((read.form, read.from.as_str()), (Form::Message, "447700900101"), "{subject}");
                }
            }
        }
    }

    #[test]
    fn an_edit_keeps_its_read_state() {
        for (text, state) in [("READ", ReadState::Read), ("UNREAD", ReadState::Unread), ("UNKNOWN", ReadState::Unknown)]
        {
            assert_eq!(read(&format!("EDIT {text} {CHAT}")).notice, Some(Notice::Edited(state)));
            assert_eq!(read(&format!("EDIT – {text} - {CHAT}")).notice, Some(Notice::Edited(state)));
        }
        let both = read(&format!("DELETED For All - EDIT READ - {CHAT}"));
        assert_eq!(both.notice, Some(Notice::Deleted(DeletionScope::ForAll, ReadState::Unknown)));
    }

    #[test]
    fn what_only_looks_like_a_notice_is_unknown() {
        for subject in ["", "Deleted scenes", "Edit", "Ready?", "WhatsApp", "WhatsApp message", "DELETEDX READ"] {
            assert!(!read(subject).is_known(), "{subject}");
        }
    }

    proptest! {
        #[test]
        fn no_subject_makes_it_panic(subject in "\\PC{0,80}", tail in "(DELETED|EDIT|WhatsApp| |-|–|â€“|to|from|For|All|é){0,12}") {
            let _ = read(&subject);
            let _ = read(&format!("{tail}{subject}{tail}"));
        }
    }
}
