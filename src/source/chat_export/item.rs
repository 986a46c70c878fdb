//! From a record to a message, with everything that the record says.

use super::{
    chars::{app_marked, clean, fold},
    chat::{Chat, Me, same, understand},
    header::Frame,
    identity::Identities,
    meaning::{Kind, Meaning, Setting},
    media,
    media_store::{Medium, MediumId, Store},
    phrases::CallText,
    records::Record,
    system::Event,
    wall,
};
use crate::{
    Result,
    model::{
        Attachment, Call, CallMedia, Carbon, Code, Conversation, ConversationKind, Deletion, DeletionScope, Details,
        Finding, Identity, Message, MessageKind, Participant, PhoneNumber, Place, ReadState, SourceKind,
        details::{CallFacts, Edited, Media, MediaState, Revoked, SystemEvent, WallTime},
    },
    source::phone::{Blob, PhoneItem, PhoneOptions, media_type},
};
use chrono::{NaiveDateTime, Timelike as _};
use std::{collections::HashMap, io::Read as _, sync::Arc};

/// Days that a record must lie before the one above it to be doubted.
const DOUBT_DAYS: i64 = 2;
/// Bytes of a contact card that are read for its name.
const CARD_BYTES: u64 = 64 * 1024;

/// Makes the messages of one chat, in order.
pub struct Items<'c> {
    chat: &'c Chat,
    me: Me,
    place: Place,
    folder: &'c str,
    options: &'c PhoneOptions,
    conversation: Conversation,
    other: Option<Participant>,
    members: Arc<[Participant]>,
    identities: Identities,
    before: Option<NaiveDateTime>,
    media: HashMap<MediumId, Medium>,
}

impl<'c> Items<'c> {
    /// For a chat in which `me` is the owner.
    pub fn new(chat: &'c Chat, me: Me, place: Place, folder: &'c str, options: &'c PhoneOptions) -> Self {
        let mine = |author: &str| matches!(&me, Me::Named(name) if name == author);
        let conversation = conversation(chat, &me);
        let others: Vec<Participant> = chat.people.keys().filter(|a| !mine(a)).map(|a| participant(a)).collect();
        let direct = conversation.kind == ConversationKind::Direct;
        let titled = || chat.title.known().filter(|_| direct && others.is_empty()).map(participant);
        let other = others.first().filter(|_| direct && others.len() == 1).cloned().or_else(titled);
        let members: Vec<Participant> = if others.is_empty() { other.iter().cloned().collect() } else { others };
        Self {
            chat,
            me,
            place,
            folder,
            options,
            conversation,
            other,
            members: members.into(),
            identities: Identities::default(),
            before: None,
            media: HashMap::new(),
        }
    }

    /// The message of a record.
    ///
    /// # Errors
    /// A medium cannot be copied to the spool.
    pub fn item(
        &mut self,
        record: &Record<'_>,
        authors: &super::authors::Authors<'_>,
        store: &mut Store,
    ) -> Result<PhoneItem> {
        let found = {
            let has = |name: &str| store.find(self.folder, name).is_some();
            let survey = &self.chat.survey;
            let setting = Setting { ios: survey.shape.frame == Frame::Bracket, marks: survey.marks, has: &has };
            understand(record, authors, setting)
        };
        let (author, meaning) = found;
        let place = Place { line: Some(record.line), ..self.place.clone() };
        let mut message = self.message(record, author, &meaning, &place);
        let blobs = self.facts(&mut message, &meaning, author, store, &place)?;
        Ok(PhoneItem { place, message, blobs, members: Arc::clone(&self.members) })
    }

    fn message(&mut self, record: &Record<'_>, author: Option<&str>, meaning: &Meaning, place: &Place) -> Message {
        let mut findings = Vec::new();
        let (sent, wall, minute) = self.time(record, place, &mut findings);
        let name = author.map(clean).unwrap_or_default();
        let person = !matches!(meaning.kind, Kind::App(_)) && author.is_some();
        let mine = matches!(&self.me, Me::Named(me) if person && *me == name);
        let speaker = if person { name.as_str() } else { "" };
        let native = self.identities.next(&self.conversation.id, &fold(speaker), &minute, meaning);
        let said = record.text.get(author.map_or(0, |_| record.text.len() - text_after(record.text, author).len())..);
        let shown = said.unwrap_or(record.text).replace("\r\n", "\n");
        let details = Details {
            from_me: (person && self.me != Me::Unknown).then_some(mine),
            wall: Some(wall),
            edited: meaning.edited.then(Edited::default),
            verbatim: (shown != meaning.body || author.is_some() && !person).then(|| record.verbatim.to_owned()),
            ..Details::default()
        };
        let identity =
            Identity { source: SourceKind::ChatExport, account: Some(self.options.owner.as_str().to_owned()), native };
        let direct = self.conversation.kind == ConversationKind::Direct;
        Message {
            kind: kind(&meaning.kind),
            sent,
            sender: if person { participant(&name) } else { Participant::default() },
            recipients: self.other.clone().filter(|_| mine && direct).into_iter().collect(),
            carbon: Carbon::default(),
            body: meaning.body.clone(),
            details: Some(Box::new(details)),
            findings,
            ..Message::empty(identity, self.conversation.clone())
        }
    }

    /// The instant of a record, how it is shown, and the minute that identifies it.
    fn time(
        &mut self,
        record: &Record<'_>,
        place: &Place,
        findings: &mut Vec<Finding>,
    ) -> (Option<crate::model::Instant>, WallTime, String) {
        let seconds = record.header.stamp.second.is_some();
        let naive = self.chat.decision.order().and_then(|order| wall::naive(&record.header.stamp, order));
        let Some(naive) = naive else {
            findings.push(Finding::new(Code::DateAbsurd, place.clone(), record.header.written));
            let shown = clean(record.header.written);
            let precision = if seconds { "second" } else { "minute" }.to_owned();
            return (None, WallTime { shown: shown.clone(), precision, ..WallTime::default() }, shown);
        };
        if self.before.is_some_and(|before| (before - naive).num_days() >= DOUBT_DAYS) {
            findings.push(Finding::new(Code::RecordDoubtful, place.clone(), wall::text(naive, false)));
        }
        self.before = Some(naive);
        let minute = wall::text(naive.with_second(0).unwrap_or(naive), false);
        let Some(zone) = self.options.source_tz else {
            let wall = WallTime { shown: wall::text(naive, seconds), ..WallTime::default() };
            return (None, wall, minute);
        };
        let (sent, wall) = wall::resolve(naive, seconds, zone);
        if !wall.daylight.is_empty() {
            findings.push(Finding::new(Code::DaylightTime, place.clone(), wall::daylight(&wall)));
        }
        if sent.is_none() {
            findings.push(Finding::new(Code::DateAbsurd, place.clone(), record.header.written));
        }
        (sent, wall, minute)
    }

    /// Fills in what the kind of the record says.
    fn facts(
        &mut self,
        message: &mut Message,
        meaning: &Meaning,
        author: Option<&str>,
        store: &mut Store,
        place: &Place,
    ) -> Result<Vec<Blob>> {
        let mut details = message.details.take().unwrap_or_default();
        let mut raw = |key: &str, value: &str| drop(details.raw.insert(key.to_owned(), value.to_owned()));
        let mut blobs = Vec::new();
        match &meaning.kind {
            Kind::Text => {}
            Kind::Null => raw("placeholder", "null"),
            Kind::Empty => raw("placeholder", "empty"),
            Kind::Placeholder => {
                raw("placeholder", "unknown");
                details.media.push(Media::default());
            }
            Kind::Waiting => details.flags.push("waiting".to_owned()),
            Kind::Poll(poll) => details.poll = Some(poll.clone()),
            Kind::Place(place) => details.location = Some(place.clone()),
            Kind::Omitted(kind) => {
                let once = *kind == "view_once";
                let state = if once { MediaState::ViewOnce } else { MediaState::Omitted };
                if once {
                    details.flags.push("view_once".to_owned());
                }
                let kind = if once { String::new() } else { (*kind).to_owned() };
                details.media.push(Media { kind, state, ..Media::default() });
            }
            Kind::Deleted { admin, .. } => {
                let by_admin = admin.as_deref().map(participant);
                details.revoked = Some(Revoked { at: None, by_admin });
                message.deletion = Some(Deletion {
                    scope: DeletionScope::ForAll,
                    read: ReadState::Unknown,
                    target: None,
                    files: Vec::new(),
                });
            }
            Kind::Call(call) => called(message, &mut details, call),
            Kind::Attached(name) => {
                let (media, attached) = self.medium(name, store, place, &mut message.findings)?;
                if let (Some((attachment, blob)), kind) = (attached, media.kind.as_str()) {
                    if kind == "contact" {
                        details.contacts = contacts(&blob, name);
                    }
                    message.attachments.push(attachment);
                    blobs.push(blob);
                } else if kind_is_contact(&media) {
                    details.contacts = vec![card_name(name)];
                }
                details.media.push(media);
            }
            Kind::App(event) => {
                if let Some(author) = author {
                    raw("shown_as", &clean(author));
                }
                details.from_me = event.mine.then_some(true);
                happened(message, &mut details, event);
            }
        }
        if let Some(text) = &meaning.described {
            details.raw.insert("document".to_owned(), text.clone());
        }
        message.details = Some(details);
        Ok(blobs)
    }

    fn medium(
        &mut self,
        name: &str,
        store: &mut Store,
        place: &Place,
        findings: &mut Vec<Finding>,
    ) -> Result<(Media, Option<(Attachment, Blob)>)> {
        let mut media = Media {
            kind: media::kind(name).to_owned(),
            name: name.to_owned(),
            state: MediaState::Missing,
            ..Media::default()
        };
        let Some(id) = store.find(self.folder, name) else {
            findings.push(Finding::new(Code::MediaMissing, place.clone(), name));
            return Ok((media, None));
        };
        let found = match self.media.get(&id) {
            Some(found) => found.clone(),
            None => match store.open(id, &self.options.spool)? {
                Ok(found) => found,
                Err((code, why)) => {
                    findings.push(Finding::new(code, place.clone(), format!("{name}: {why}")));
                    return Ok((media, None));
                }
            },
        };
        // The same sticker or video stands in several messages: one copy serves them all.
        if self.chat.used.get(&id).is_some_and(|n| *n > 1) {
            self.media.insert(id, found.clone());
        }
        media.state = MediaState::Attached;
        let attachment = Attachment {
            name: name.to_owned(),
            media_type: media_type::of_name(name).to_owned(),
            size: found.size,
            sha256: found.digest,
        };
        Ok((media, Some((attachment, found.blob))))
    }
}

/// The conversation of a chat. A direct chat without a title is called as the other party.
pub fn conversation(chat: &Chat, me: &Me) -> Conversation {
    let direct = chat.kind == ConversationKind::Direct;
    let mut others = chat.people.keys().filter(|author| !matches!(me, Me::Named(me) if me == *author));
    let other = others.next().filter(|_| direct && *me != Me::Unknown && others.next().is_none());
    let title = chat.title.known().or(other.map(String::as_str)).unwrap_or(chat.title.text());
    let title = clean(title);
    Conversation { id: format!("title:{}", fold(&title)), name: Some(title).filter(|t| !t.is_empty()), kind: chat.kind }
}

/// A party as an export names it: a number if the name is one, else a name.
pub fn participant(label: &str) -> Participant {
    let name = clean(label);
    let number = name.trim_start_matches(['~', ' ']).starts_with('+').then(|| PhoneNumber::parse(&name)).flatten();
    let name = Some(name).filter(|name| number.is_none() && !name.is_empty());
    Participant { name, number, email: None }
}

/// Who the owner is, for a person who says a name.
pub fn me_said(chat: &Chat, said: Option<&str>) -> Option<Me> {
    let said = said?;
    if said == NOBODY {
        return Some(Me::Nobody);
    }
    chat.author(said).map(|author| Me::Named(author.clone()))
}

/// What `--me` says where the owner wrote nothing.
pub const NOBODY: &str = "-";

fn text_after<'t>(text: &'t str, author: Option<&str>) -> &'t str {
    let Some(rest) = author.and_then(|author| text.strip_prefix(author)).and_then(|rest| rest.strip_prefix(':')) else {
        return text;
    };
    let mut cursor = super::chars::Cursor { rest };
    cursor.one_space();
    cursor.rest
}

fn kind(kind: &Kind) -> MessageKind {
    match kind {
        Kind::Deleted { .. } => MessageKind::Deletion,
        Kind::Call(_) => MessageKind::Call,
        Kind::App(event) if event.what.starts_with("missed_") => MessageKind::Call,
        Kind::App(_) => MessageKind::System,
        _ => MessageKind::Chat,
    }
}

fn called(message: &mut Message, details: &mut Details, call: &CallText) {
    let media = match call.result {
        "no_answer" if !call.video && app_marked(&message.body) => CallMedia::Unknown,
        _ if call.video => CallMedia::Video,
        _ => CallMedia::Voice,
    };
    message.call = Some(Call { media, answered: call.answered, aggregated: false, legs: Vec::new() });
    details.call = Some(CallFacts {
        result: call.result.to_owned(),
        seconds: call.seconds,
        group: call.group,
        parties: Vec::new(),
    });
}

fn happened(message: &mut Message, details: &mut Details, event: &Event) {
    if event.what.starts_with("missed_") {
        message.sender = event.by.as_deref().map(participant).unwrap_or_default();
        let video = event.what == "missed_video_call";
        let call = CallText { video, group: false, answered: Some(false), result: "missed", seconds: None };
        return called(message, details, &call);
    }
    let about =
        event.about.as_deref().filter(|_| event.what.starts_with("member") || event.what.starts_with("security"));
    details.event = Some(SystemEvent {
        what: event.what.to_owned(),
        by: event.by.as_deref().map(participant),
        about: about.map(participant).into_iter().collect(),
        old: event.old.clone(),
        new: event.new.clone().filter(|_| {
            event.what.starts_with("group") || event.what.starts_with("subject") || event.what.starts_with("number")
        }),
    });
}

fn kind_is_contact(media: &Media) -> bool {
    media.kind == "contact"
}

/// The names on a contact card.
fn contacts(blob: &Blob, name: &str) -> Vec<String> {
    let mut bytes = Vec::new();
    let read = blob.open().ok().map(|from| from.take(CARD_BYTES).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    let names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_once(':').filter(|(key, _)| key.split(';').next() == Some("FN")))
        .map(|(_, value)| clean(value))
        .filter(|value| !value.is_empty())
        .collect();
    if read.is_none() || names.is_empty() { vec![card_name(name)] } else { names }
}

/// The name in the name of a card's file.
fn card_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let bare = stem.split_once('-').filter(|(n, _)| n.len() == 8 && n.bytes().all(|b| b.is_ascii_digit()));
    clean(bare.map_or(stem, |(_, rest)| rest))
}

/// Whether two chats are the same to a person who names one.
pub fn is_author(chat: &Chat, name: &str) -> bool {
    chat.people.keys().any(|author| same(author, name))
}
