//! From a row, and what belongs to it, to a message.
//!
//! Contract: everything that was understood has its place; codes and what was not understood stay in `details.raw` under the names
//! of their columns. An unknown type is archived with whatever it has.

use super::{
    apple_time,
    chats::Chat,
    codes::{self, Shape},
    container::Container,
    events,
    ids::{Key, Yielded},
    jid,
    media::{self, Attached},
    metadata, names, parties,
    people::{People, Said},
    receipt::{PollContent, ReceiptInfo},
    record::{Blob as RowBlob, MediaRecord, Member, Record},
};
use crate::{
    Result,
    model::{
        Call, Code, ConversationKind, Deletion, DeletionScope, Details, Finding, Identity, Message, MessageKind, Place,
        ReadState, SourceKind,
        details::{CallFacts, Location, Poll, PollOption, Quote, Revoked},
    },
    source::phone::Blob,
};
use base64::Engine as _;

/// Bytes of a blob that is kept in the message as base64, so that what nobody understands yet is not lost; larger ones are
/// mostly thumbnails.
const KEPT_BLOB_BYTES: usize = 3072;

/// What all messages of a database share.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Where the media are.
    pub container: &'a Container,
    /// Who is who.
    pub people: &'a People,
    /// Messages that were yielded before.
    pub yielded: &'a Yielded,
    /// The owner's mailbox.
    pub account: &'a str,
}

/// A row and what belongs to it.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The row.
    pub record: &'a Record,
    /// Its native id.
    pub native: &'a str,
    /// Its conversation.
    pub chat: &'a Chat,
    /// Its member of a group.
    pub member: Option<Member>,
    /// Its medium.
    pub media: Option<MediaRecord>,
    /// Reactions and poll.
    pub receipt: ReceiptInfo,
    /// The blob that they are from.
    pub receipt_blob: RowBlob,
    /// The row that it replies to.
    pub parent: Option<Record>,
    /// Facts of a link.
    pub link: Vec<(String, String)>,
    /// The call that it is a note of.
    pub call: Option<(Call, CallFacts)>,
    /// Where the row is.
    pub place: Place,
}

/// An empty message of this source.
#[must_use]
pub fn empty(native: String, account: &str, chat: &Chat) -> Message {
    let identity = Identity { source: SourceKind::Ios, account: Some(account.to_owned()), native };
    Message::empty(identity, chat.conversation.clone())
}

/// What the native id of a row is made of.
#[must_use]
pub fn key<'a>(record: &'a Record, chat: &'a Chat) -> Key<'a> {
    let group = matches!(chat.conversation.kind, ConversationKind::Group | ConversationKind::Community);
    Key {
        stanza: record.stanza.as_deref(),
        session: record.session,
        chat: &chat.address,
        own: record.from_me == Some(true) && !group,
        row: record.row,
        date: record.date,
    }
}

/// Makes the message. Its native id is that of the row; a deletion has its own.
///
/// # Errors
/// A folder of the source cannot be looked into.
pub fn make(parts: Parts<'_>, around: Around<'_>) -> Result<(Message, Vec<Blob>)> {
    let Parts { record, chat, place, .. } = &parts;
    let mut message = empty(parts.native.to_owned(), around.account, chat);
    let mut details = Details { from_me: record.from_me, raw: record.raw.clone(), ..Details::default() };
    (message.sender, message.recipients) = parties::of(record, parts.member.as_ref(), chat, around.people);
    dated(&mut message, record.date, place);
    if record.stanza.is_none() {
        message.findings.push(Finding::new(Code::NoNativeId, place.clone(), message.identity.native.clone()));
    }
    raw(&mut details, &parts);
    flags(&mut details, record);
    let shape = record.message_type.map_or(Shape::Unknown, codes::shape);
    let attached = attach(&parts, shape, around.container)?;
    text(&mut message, &parts, shape, attached.title_is_name);
    quote(&mut message, &mut details, &parts, around);
    match shape {
        Shape::Location => details.location = parts.media.as_ref().map(location),
        Shape::Poll => poll(&mut message, &mut details, parts.receipt.poll.as_ref(), around.people),
        Shape::Deleted => deleted(&mut message, &mut details),
        Shape::Call => events::call(&mut message, &mut details, parts.call.clone()),
        Shape::GroupEvent | Shape::ChatEvent => events::event(&mut message, &mut details, &parts, shape, around.people),
        Shape::Notice(label) => events::system(&mut message, &mut details, label.what, label.line.to_owned(), chat),
        Shape::Media { view_once: true, .. } => details.flags.push("view_once".to_owned()),
        Shape::Named(_) | Shape::Unknown => events::bare(&mut message, shape, record, !attached.media.is_empty()),
        Shape::Text | Shape::Link | Shape::Contact | Shape::Media { .. } => {}
    }
    details.media = attached.media;
    details.contacts = attached.contacts;
    message.attachments = attached.attachments;
    message.findings.extend(attached.findings);
    message.details = Some(Box::new(details));
    Ok((message, attached.blobs))
}

/// Sets the time, and says so if there is none that can be believed.
pub fn dated(message: &mut Message, date: Option<f64>, place: &Place) {
    message.sent = date.and_then(apple_time::instant);
    let finding = match (message.sent, date) {
        (Some(_), _) => return,
        (None, Some(date)) => Finding::new(Code::DateAbsurd, place.clone(), date.to_string()),
        (None, None) => Finding::new(Code::DateMissing, place.clone(), ""),
    };
    message.findings.push(finding);
}

fn raw(details: &mut Details, parts: &Parts<'_>) {
    let mut keep = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            details.raw.insert(name.to_owned(), names::bounded(&value));
        }
    };
    keep("ZPUSHNAME", parts.record.push_name.clone());
    keep("ZMEMBERJID", parts.member.as_ref().and_then(|member| member.address.clone()));
    keep("ZCONTACTJID", Some(&parts.chat.stored).filter(|stored| **stored != parts.chat.address).cloned());
    keep("ZSESSIONTYPE", parts.chat.session_type.map(|n| n.to_string()));
    keep("ZRECEIPTINFO", kept(&parts.receipt_blob));
    let totals = parts.receipt.totals.iter().map(|(emoji, n)| format!("{emoji} {n}")).collect::<Vec<_>>().join(", ");
    keep("reaction_totals", (!totals.is_empty()).then_some(totals));
    if let Some(media) = &parts.media {
        keep("ZMEDIAURL", media.url.clone());
        keep("ZMETADATA", kept(&media.metadata));
        let metadata = metadata::read(&media.metadata.bytes);
        keep("forward_count", metadata.forward_count.map(|n| n.to_string()));
        keep("forward_origin", metadata.forward_origin);
        if parts.record.message_type != Some(5) {
            // Of a picture these are its width and height.
            keep("ZLATITUDE", media.latitude.filter(|n| *n != 0.0).map(|n| n.to_string()));
            keep("ZLONGITUDE", media.longitude.filter(|n| *n != 0.0).map(|n| n.to_string()));
        }
    }
    details.raw.extend(parts.link.iter().cloned());
}

fn kept(blob: &RowBlob) -> Option<String> {
    match blob.size {
        0 => None,
        size if size > KEPT_BLOB_BYTES => Some(format!("{size} bytes")),
        _ => Some(base64::engine::general_purpose::STANDARD.encode(&blob.bytes)),
    }
}

fn flags(details: &mut Details, record: &Record) {
    if record.flags.is_some_and(codes::is_forwarded) {
        details.flags.push("forwarded".to_owned());
    }
    if record.starred {
        details.flags.push("starred".to_owned());
    }
}

fn attach(parts: &Parts<'_>, shape: Shape, container: &Container) -> Result<Attached> {
    let (kind, view_once) = match shape {
        Shape::Media { kind, view_once } => (kind, view_once),
        _ => ("", false),
    };
    let nothing = MediaRecord::default();
    let record = parts.media.as_ref().unwrap_or(&nothing);
    let cards = if shape == Shape::Contact { media::cards(record) } else { Attached::default() };
    let medium = media::attach(container, record, kind, view_once, &parts.place)?;
    let mut attached = damaged_blobs(parts);
    for part in [cards, medium] {
        attached.title_is_name |= part.title_is_name;
        attached.attachments.extend(part.attachments);
        attached.blobs.extend(part.blobs);
        attached.media.extend(part.media);
        attached.contacts.extend(part.contacts);
        attached.findings.extend(part.findings);
    }
    Ok(attached)
}

/// Findings for blobs that were not understood to their end.
fn damaged_blobs(parts: &Parts<'_>) -> Attached {
    let mut attached = Attached::default();
    let mut say = |column: &str, blob: &RowBlob, damaged: bool| {
        if damaged || blob.is_too_large() {
            let detail = format!("{column}, {} bytes", blob.size);
            attached.findings.push(Finding::new(Code::FieldUnreadable, parts.place.clone(), detail));
        }
    };
    if let Some(media) = &parts.media {
        say("ZMETADATA", &media.metadata, metadata::read(&media.metadata.bytes).damaged);
    }
    say("ZRECEIPTINFO", &parts.receipt_blob, parts.receipt.damaged);
    attached
}

/// The text and the caption. A link's title is that of a page, a place's that of the place.
fn text(message: &mut Message, parts: &Parts<'_>, shape: Shape, title_is_name: bool) {
    let text = parts.record.text.as_deref().unwrap_or_default();
    let title = parts.media.as_ref().and_then(|media| media.title.as_deref()).unwrap_or_default();
    let is_caption = !title_is_name && !matches!(shape, Shape::Link | Shape::Location);
    message.body = match (text, title) {
        ("", caption) if is_caption => caption.to_owned(),
        (text, caption) if is_caption && !caption.is_empty() && caption != text => format!("{text}\n{caption}"),
        (text, _) => text.to_owned(),
    };
}

fn quote(message: &mut Message, details: &mut Details, parts: &Parts<'_>, around: Around<'_>) {
    let said = parts.media.as_ref().map(|media| metadata::read(&media.metadata.bytes)).unwrap_or_default();
    let parent = parts.parent.as_ref();
    let address =
        said.quoted_sender.clone().or_else(|| parent?.from.clone()).filter(|address| jid::key(address).is_some());
    let sender = address
        .map(|address| around.people.participant(&address, Said::default()))
        .filter(|sender| !sender.is_unknown());
    let native = match (&said.quoted_stanza, parent) {
        (Some(stanza), _) => {
            // In a chat of two, who is not the other one is the owner.
            let numbers = (parts.chat.number(), sender.as_ref().and_then(|sender| sender.number.as_ref()));
            let own = matches!(numbers, (Some(other), Some(sender)) if other != sender);
            around.yielded.likely(stanza, parts.record.session, &parts.chat.address, own)
        }
        (None, Some(parent)) => key(parent, parts.chat).native(),
        (None, None) => return,
    };
    if native == message.identity.native {
        return;
    }
    details.quote = Some(Quote {
        message: around.yielded.get(&native),
        native: Some(native),
        sender,
        text: said.quoted_text.unwrap_or_default(),
    });
}

fn location(media: &MediaRecord) -> Location {
    Location {
        latitude: media.latitude.map(|n| n.to_string()),
        longitude: media.longitude.map(|n| n.to_string()),
        name: media.title.clone().unwrap_or_default(),
        address: String::new(),
        url: media.url.as_deref().filter(|url| url.starts_with("http")).map(names::bounded).unwrap_or_default(),
        live: false,
    }
}

fn poll(message: &mut Message, details: &mut Details, content: Option<&PollContent>, people: &People) {
    let Some(content) = content else { return };
    if !message.body.contains(&content.question) {
        message.body = format!("{}\n{}", message.body, content.question).trim_start().to_owned();
    }
    let option = |(at, name): (usize, &String)| {
        let chose: Vec<_> = content.votes.iter().filter(|vote| vote.chosen.contains(&(at as u64))).collect();
        let voters = chose.iter().filter_map(|vote| vote.voter.as_deref());
        let voters = voters.map(|voter| people.participant(voter, Said::default())).filter(|p| !p.is_unknown());
        PollOption { name: name.clone(), votes: Some(chose.len() as u64), voters: voters.collect() }
    };
    details.poll = Some(Poll { options: content.options.iter().enumerate().map(option).collect() });
}

fn deleted(message: &mut Message, details: &mut Details) {
    let target = message.identity.native.clone();
    message.kind = MessageKind::Deletion;
    message.identity.native = format!("revoked:{target}");
    message.deletion = Some(Deletion {
        scope: DeletionScope::ForAll,
        read: ReadState::Unknown,
        target: Some(target),
        files: Vec::new(),
    });
    details.revoked = Some(Revoked::default());
}
