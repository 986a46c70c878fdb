//! What happens, one event after the other: which conversation, who, when, what.
//!
//! Contract: exactly `messages` drafts; the same seed gives the same drafts; memory is bounded (the last few messages
//! of each conversation, for deletions and edits to name). Every native id of a corpus is unique.

use super::cast::{CHATS, Chat, Party, Shape};
use super::chatter;
use super::media::{self, Media};
use super::prng::{Prng, mix};
use super::when;
use crate::model::MessageKind;
use std::collections::VecDeque;

/// What is unusual about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    /// Nothing.
    Plain,
    /// Its body is ciphertext.
    Encrypted,
    /// It is wrapped in a journal mail.
    Journaled,
    /// Its date is in the year 57300.
    AbsurdDate,
    /// Its media was gone before capture.
    MediaRemoved,
}

/// One event, before it is an e-mail.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub kind: MessageKind,
    pub chat: &'static Chat,
    /// The place of the conversation in the cast.
    pub place: usize,
    pub from: &'static Party,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The archive id, with its prefix.
    pub native: String,
    pub subject: String,
    /// The body, lines ended by `\n`.
    pub text: String,
    pub media: Vec<Media>,
    pub seal: Seal,
    /// A list of calls.
    pub aggregated: bool,
    /// An edit that is the first of its message.
    pub first_edit: bool,
}

impl Draft {
    /// The parties other than the sender.
    pub(super) fn recipients(&self) -> impl Iterator<Item = &'static Party> + use<> {
        let from = self.from;
        self.chat.parties.iter().copied().filter(move |party| !std::ptr::eq(*party, from))
    }
}

/// Events in 10,000: a call, a list of calls, a deletion, an edit; the rest is chat.
const CALL: u64 = 90;
const CALL_LIST: u64 = CALL + 10;
const DELETION: u64 = CALL_LIST + 100;
const EDIT: u64 = DELETION + 80;
/// Chat messages with a file, in 10,000.
const MEDIA: u64 = 250;
/// Messages of a conversation that a later deletion or edit may name.
const REMEMBERED: usize = 16;
/// Corpora below this size have no encrypted, journaled, absurd or media-less message.
const SPECIAL_FROM: u64 = 40;

/// A chat message that may be deleted or edited later.
#[derive(Debug)]
struct Remembered {
    native: String,
    subject: String,
    text: String,
    files: Vec<String>,
    from: &'static Party,
    edits: u32,
}

/// Makes the drafts.
#[derive(Debug)]
pub(super) struct Drafts {
    seed: u64,
    messages: u64,
    next: u64,
    prng: Prng,
    /// The original of a deletion notice that came first.
    waiting: Option<Draft>,
    memory: Vec<VecDeque<Remembered>>,
}

impl Drafts {
    pub(super) fn new(seed: u64, messages: u64) -> Self {
        let memory = CHATS.iter().map(|_| VecDeque::new()).collect();
        Self { seed, messages, next: 0, prng: Prng::new(seed), waiting: None, memory }
    }

    /// How many drafts were handed out.
    pub(super) fn made(&self) -> u64 {
        self.next
    }

    fn draft(&mut self, serial: u64) -> Option<Draft> {
        let at = when::sent(&mut self.prng, serial, self.messages);
        match self.special(serial) {
            Some(seal) => return self.sealed(serial, at, seal),
            None if serial == 0 => return self.story(at),
            None => {}
        }
        let roll = self.prng.below(10_000);
        if roll < CALL {
            let (place, chat) = self.choose(|shape| shape == Shape::Direct)?;
            Some(self.call(serial, at, place, chat))
        } else if roll < CALL_LIST {
            let (place, chat) = self.choose(|shape| matches!(shape, Shape::Group { .. }))?;
            Some(self.call_list(serial, at, place, chat))
        } else if roll < DELETION {
            self.deletion(serial, at)
        } else if roll < EDIT {
            self.edit(serial, at)
        } else {
            self.chat(serial, at)
        }
    }

    /// The unusual messages stand at fixed fractions of the corpus.
    fn special(&self, serial: u64) -> Option<Seal> {
        let n = self.messages;
        let fractions = [
            (n / 5, Seal::Encrypted),
            (n / 4, Seal::AbsurdDate),
            (n / 3, Seal::Journaled),
            (n / 2, Seal::Encrypted),
            (n * 2 / 3, Seal::MediaRemoved),
            (n * 4 / 5, Seal::Encrypted),
        ];
        let found = fractions.into_iter().find(|(place, _)| *place == serial);
        found.map(|(_, seal)| seal).filter(|_| n >= SPECIAL_FROM)
    }

    /// A conversation of a shape, by weight.
    fn choose(&mut self, shape: impl Fn(Shape) -> bool) -> Option<(usize, &'static Chat)> {
        let fitting = || CHATS.iter().enumerate().filter(|(_, chat)| shape(chat.shape));
        let mut left = self.prng.below(fitting().map(|(_, chat)| chat.weight).sum());
        fitting().find(|(_, chat)| {
            let here = left < chat.weight;
            left = left.saturating_sub(chat.weight);
            here
        })
    }

    fn native(&self, serial: u64) -> String {
        format!("3EB0{:016X}", mix(self.seed.rotate_left(32) ^ serial))
    }

    fn blank(&self, serial: u64, at: i64, place: usize, chat: &'static Chat, from: &'static Party) -> Draft {
        Draft {
            kind: MessageKind::Chat,
            chat,
            place,
            from,
            at,
            native: self.native(serial),
            subject: subject(chat, from),
            text: String::new(),
            media: Vec::new(),
            seal: Seal::Plain,
            aggregated: false,
            first_edit: false,
        }
    }

    /// The message that the story of the demo finds: between the custodian and a counterparty.
    fn story(&mut self, at: i64) -> Option<Draft> {
        let (place, chat) = CHATS.iter().enumerate().next()?;
        let from = chat.parties.first().copied()?;
        Some(Draft { text: chatter::STORY.to_owned(), ..self.blank(0, at, place, chat, from) })
    }

    fn sealed(&mut self, serial: u64, at: i64, seal: Seal) -> Option<Draft> {
        // Conversation 0 maps to a mailbox: the unusual messages are always archived.
        let (place, chat) = CHATS.iter().enumerate().next()?;
        let from = chat.parties.first().copied()?;
        let mut draft = Draft { seal, ..self.blank(serial, at, place, chat, from) };
        match seal {
            Seal::Encrypted => {
                let blocks = 8 + self.prng.below(24);
                let bytes: Vec<u8> = (0..blocks * 2).flat_map(|_| self.prng.next().to_le_bytes()).collect();
                let mut coded = Vec::new();
                media::base64(&bytes, &mut coded);
                draft.text = String::from_utf8_lossy(&coded).replace("\r\n", "\n");
            }
            Seal::MediaRemoved => {
                let day = when::day(at);
                draft.text = format!("media was deleted before obtained for archive\nIMG-{day}-WA{serial:04}.jpg\n");
            }
            _ => chatter::say(&mut self.prng, chat.language, &mut draft.text),
        }
        Some(draft)
    }

    fn chat(&mut self, serial: u64, at: i64) -> Option<Draft> {
        let draft = self.chat_draft(serial, at)?;
        if let Some(memory) = self.memory.get_mut(draft.place) {
            if memory.len() >= REMEMBERED {
                memory.pop_front();
            }
            memory.push_back(Remembered {
                native: draft.native.clone(),
                subject: draft.subject.clone(),
                text: draft.text.clone(),
                files: draft.media.iter().map(|media| media.name.clone()).collect(),
                from: draft.from,
                edits: 0,
            });
        }
        Some(draft)
    }

    fn chat_draft(&mut self, serial: u64, at: i64) -> Option<Draft> {
        let (place, chat) = self.choose(|_| true)?;
        let from = match chat.shape {
            Shape::Broadcast => chat.parties.first(),
            Shape::Direct | Shape::Group { .. } => self.prng.pick(chat.parties),
        };
        let mut draft = self.blank(serial, at, place, chat, from.copied()?);
        chatter::say(&mut self.prng, chat.language, &mut draft.text);
        if self.prng.chance(MEDIA) {
            let day = when::day(at);
            let files = if self.prng.chance(1_000) { 2 } else { 1 };
            draft.media = (0..files).map(|n| media::make(&mut self.prng, serial * 2 + n, &day)).collect();
        }
        Some(draft)
    }

    fn call(&mut self, serial: u64, at: i64, place: usize, chat: &'static Chat) -> Draft {
        let from = self.prng.pick(chat.parties).copied().unwrap_or(&super::cast::ANA);
        let mut draft = self.blank(serial, at, place, chat, from);
        draft.kind = MessageKind::Call;
        let kind = self.prng.word(&["voice call", "voice call", "video call", "unanswered voice call"]);
        let to = draft.recipients().next().map_or("UNKNOWN", Party::label);
        draft.subject = format!("WhatsApp {kind} from {} to {to}", from.label());
        let length = if kind.starts_with("unanswered") { 0 } else { 5 + self.prng.below(3_600) };
        draft.text = format!("{}\nDuration: {}\n", draft.subject, when::length(length));
        draft
    }

    fn call_list(&mut self, serial: u64, at: i64, place: usize, chat: &'static Chat) -> Draft {
        let from = chat.parties.first().copied().unwrap_or(&super::cast::ANA);
        let mut draft = self.blank(serial, at, place, chat, from);
        draft.kind = MessageKind::Call;
        draft.aggregated = true;
        "Calls with multiple participants".clone_into(&mut draft.subject);
        for (leg, party) in draft.recipients().enumerate() {
            let start = at + 60_000 * i64::try_from(leg).unwrap_or(0);
            let way = self.prng.word(&["Outgoing Call", "Incoming Call"]);
            let length = when::length(5 + self.prng.below(1_800));
            draft.text.push_str(&format!("{} {} {length} {way}\n", party.label(), when::stamp(start)));
        }
        draft
    }

    /// A deletion notice, a quarter of the time before its original. Where nothing can be deleted: a chat message.
    fn deletion(&mut self, serial: u64, at: i64) -> Option<Draft> {
        let first = self.prng.chance(2_500) && serial + 1 < self.messages && self.special(serial + 1).is_none();
        if first {
            let original = self.chat_draft(serial + 1, at)?;
            let files: Vec<String> = original.media.iter().map(|media| media.name.clone()).collect();
            let remembered = Remembered {
                native: original.native.clone(),
                subject: original.subject.clone(),
                text: original.text.clone(),
                files,
                from: original.from,
                edits: 0,
            };
            let (place, chat) = (original.place, original.chat);
            self.waiting = Some(original);
            return Some(self.notice(serial, at + 90_000, place, chat, &remembered));
        }
        let (place, chat) = self.choose(|_| true)?;
        match self.memory.get_mut(place).and_then(VecDeque::pop_front) {
            Some(remembered) => Some(self.notice(serial, at, place, chat, &remembered)),
            None => self.chat(serial, at),
        }
    }

    fn notice(&mut self, serial: u64, at: i64, place: usize, chat: &'static Chat, of: &Remembered) -> Draft {
        let mut draft = self.blank(serial, at, place, chat, of.from);
        draft.kind = MessageKind::Deletion;
        let all = self.prng.chance(6_000);
        let (scope, prefix) = if all { ("For All", "DELETE_FOR_ALL") } else { ("For Me", "DELETE_FOR_ME") };
        let read = match chat.shape {
            Shape::Direct => self.prng.word(&["READ", "UNREAD"]),
            Shape::Group { .. } | Shape::Broadcast => "UNKNOWN",
        };
        let gap = self.prng.word(&[" ", " - ", " \u{2013} "]);
        draft.native = format!("{prefix}-{}", of.native);
        draft.subject = format!("DELETED {scope}{gap}{read}{gap}{}", of.subject);
        draft.text = format!("{}\n\nOriginal Message (Msg ID - {})\n\n{}\n", draft.subject, of.native, of.text);
        if !of.files.is_empty() {
            draft.text.push_str(&format!("Files:\n{}\n", of.files.join("\n")));
        }
        draft
    }

    fn edit(&mut self, serial: u64, at: i64) -> Option<Draft> {
        let (place, chat) = self.choose(|_| true)?;
        let mut edited = String::new();
        chatter::say(&mut self.prng, chat.language, &mut edited);
        let read = match chat.shape {
            Shape::Direct => self.prng.word(&["READ", "UNREAD"]),
            Shape::Group { .. } | Shape::Broadcast => "UNKNOWN",
        };
        let roll = self.prng.next();
        let Some(memory) = self.memory.get_mut(place).filter(|memory| !memory.is_empty()) else {
            return self.chat(serial, at);
        };
        // Every fourth edit is of a message that was edited before, if there is one: edits form chains.
        let edited_before = memory.iter().position(|of| of.edits > 0).filter(|_| roll.is_multiple_of(4));
        let at_random = usize::try_from((roll >> 2) % memory.len() as u64).unwrap_or(0);
        let of = memory.get_mut(edited_before.unwrap_or(at_random))?;
        let edit_id = format!("EDIT-{}-{}", of.native, of.edits + 1);
        let last = match of.edits {
            0 => String::new(),
            n => format!("Last Edit ID - EDIT-{}-{n}\n", of.native),
        };
        let subject = format!("EDIT {read} {}", of.subject);
        let text = format!(
            "Original Message ID: {}\nEdit ID - {edit_id}\n{last}\nPrevious Text:\n{}\n\nEdited Text:\n{edited}\n",
            of.native, of.text
        );
        let (from, first_edit) = (of.from, of.edits == 0);
        of.edits += 1;
        of.text = edited;
        let blank = self.blank(serial, at, place, chat, from);
        Some(Draft { kind: MessageKind::Edit, native: edit_id, subject, text, first_edit, ..blank })
    }
}

impl Iterator for Drafts {
    type Item = Draft;

    fn next(&mut self) -> Option<Draft> {
        if self.next >= self.messages {
            return None;
        }
        let serial = self.next;
        self.next += 1;
        if let Some(waiting) = self.waiting.take() {
            return Some(waiting);
        }
        self.draft(serial)
    }
}

/// The subject of a chat message.
fn subject(chat: &Chat, from: &Party) -> String {
    let label = from.label();
    match chat.shape {
        Shape::Direct => {
            let to = chat.parties.iter().find(|party| !std::ptr::eq(**party, from)).map_or("UNKNOWN", |p| p.label());
            format!("WhatsApp message from {label} to {to}")
        }
        Shape::Group { name, .. } => format!("WhatsApp message from {label} to chat group {name}"),
        Shape::Broadcast => format!("WhatsApp message from {label} to broadcast group"),
    }
}
