//! What a phone's own data says of a message and mail has no words for: quotes, reactions, polls, places, receipts, raw
//! codes. Carried in the archived e-mail as a small JSON part, so that nothing is flattened away.
//!
//! Contract: plain data, the same JSON on any machine (fields in this order, empty ones left out). Numbers that are codes
//! of the source stay beside their labels in [`Details::raw`]; a code on which public tools disagree has no label.
//! Nothing in here comes from the archive: no mapping, no owner, no run, no path of the importing machine.

use super::{CallMedia, Instant, MessageId, Participant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Facts of one message of a phone. Everything is optional: a source gives what it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Whether the owner of the phone sent it; `None` if the source does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_me: Option<bool>,
    /// The time as the source shows it, where it has no zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall: Option<WallTime>,
    /// The message that this one replies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// This message is a reaction to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// A poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// A place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Names on contact cards; the cards themselves are attachments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// A system event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<SystemEvent>,
    /// The call, beyond what `Call` has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallFacts>,
    /// Edited before it was captured; the text is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// Deleted before it was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
    /// What the source says of media, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Who got and read it, as far as the source knew when it was captured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// This message tells receipts of the message with this native id that an earlier copy of the data had not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts_for: Option<String>,
    /// Words of the source about the message: `forwarded`, `frequently_forwarded`, `starred`, `view_once`, `ephemeral`,
    /// `pinned`, `kept`, `broadcast`, `waiting`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Codes and other values as the source has them, by their names there: `message_type` → `15`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub raw: BTreeMap<String, String>,
    /// The record exactly as it stands in a text export, marks included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbatim: Option<String>,
}

impl Details {
    /// What people can read of the message beside its text: each is searched as text.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let quote = self.quote.iter().map(|quote| quote.text.as_str());
        let poll = self.poll.iter().flat_map(|poll| poll.options.iter().map(|option| option.name.as_str()));
        let places = self.location.iter().flat_map(|place| [place.name.as_str(), &place.address, &place.url]);
        let contacts = self.contacts.iter().map(String::as_str);
        let event = self.event.iter().flat_map(|event| [event.old.as_deref(), event.new.as_deref()]).flatten();
        let before = self.edited.iter().filter_map(|edited| edited.previous.as_deref());
        quote.chain(poll).chain(places).chain(contacts).chain(event).chain(before).filter(|text| !text.is_empty())
    }
}

/// A wall-clock time without a zone, and how it became an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WallTime {
    /// `2026-03-04T09:12` or with seconds.
    pub shown: String,
    /// The IANA zone that was said for it; empty if none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub zone: String,
    /// The offset from UTC that it had then, in minutes; `None` if the zone is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset_minutes: Option<i32>,
    /// `minute` or `second`.
    pub precision: String,
    /// `gap` (the clocks went forward over it) or `overlap` (it happened twice; the first was taken); else empty.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub daylight: String,
}

/// The message that is replied to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quote {
    /// Its native id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub native: Option<String>,
    /// Its message id, if it is in the same source. Makes `In-Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageId>,
    /// Who had said it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sender: Option<Participant>,
    /// Its text as the reply kept it; may be an older text than the message has.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
}

/// A reaction. An empty emoji takes an earlier one back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// The native id of the message reacted to.
    pub target: String,
    /// Its message id, if it is in the same source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageId>,
}

/// A poll: its question is the text of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Poll {
    /// The options, in order.
    pub options: Vec<PollOption>,
}

/// One option of a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PollOption {
    /// Its text.
    pub name: String,
    /// Votes as the source counts them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub votes: Option<u64>,
    /// Who voted for it, as far as it is known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub voters: Vec<Participant>,
}

/// A place. Coordinates in decimal degrees, as the source writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// Latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<String>,
    /// Longitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<String>,
    /// Name of the place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// A link to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// A live location.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
}

/// A system event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemEvent {
    /// What happened, in one word: `member_added`, `subject_changed`, …; empty if the code is not agreed on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Participant>,
    /// To whom.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Participant>,
    /// The value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// What a phone says of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct CallFacts {
    /// `answered`, `missed`, `rejected`, … where tools agree on the code; else empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub result: String,
    /// Length in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// More than two parties.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub group: bool,
    /// Who was called or joined, and what became of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<CallParty>,
}

impl CallFacts {
    /// One line for people: `Voice call, answered, 62 seconds`.
    #[must_use]
    pub fn line(&self, media: CallMedia) -> String {
        let mut line = match media {
            CallMedia::Voice => "Voice call",
            CallMedia::Video => "Video call",
            CallMedia::Unknown => "Call",
        }
        .to_owned();
        if !self.result.is_empty() {
            line.push_str(&format!(", {}", self.result.replace('_', " ")));
        }
        if let Some(seconds) = self.seconds.filter(|seconds| *seconds > 0) {
            line.push_str(&format!(", {seconds} seconds"));
        }
        line
    }
}

/// One party of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallParty {
    /// Who.
    pub party: Participant,
    /// `joined`, `not_joined`, … where tools agree; else empty.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub result: String,
    /// The code of the source.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub code: String,
}

/// An edit that happened before the message was captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edited {
    /// When, if the source says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Instant>,
    /// The text before, where it survived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<String>,
}

/// A deletion for all that happened before the message was captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Revoked {
    /// When, if the source says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Instant>,
    /// Who deleted it, if that was not the sender.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by_admin: Option<Participant>,
}

/// What became of a medium that a message names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// It is an attachment of the archived message.
    Attached,
    /// The export was made without media.
    #[default]
    Omitted,
    /// The source names a file and does not have it.
    Missing,
    /// View-once: the source shows only that there was one.
    ViewOnce,
}

/// A medium as the source names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// `image`, `video`, `audio`, `sticker`, `gif`, `document`, `contact`, `video_note`; empty if not said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its file name in the source; empty if not said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What became of it.
    pub state: MediaState,
    /// Its MIME type as the source says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mime: String,
    /// Its size in bytes as the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its SHA-256 as the source says, in hex.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Its length in seconds as the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
}

/// A receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// Whose.
    pub party: Participant,
    /// Delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Instant>,
    /// Read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Instant>,
    /// Played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played: Option<Instant>,
}
