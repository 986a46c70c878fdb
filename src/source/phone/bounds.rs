//! Bounds on what a source calls things: ids, names, files, entries.
//!
//! Contract: what leaves [`Bounds::read`] fits a journal line and a catalog key, whatever a database says. An id of more than
//! [`ID_BYTES`] becomes `sha256:` and the digest of itself, the same way wherever it stands, so that what refers to a message
//! still finds it; what it was stays in `details.raw`, to [`VALUE_BYTES`]. Names and places are cut and end in `…`. Texts are
//! not touched. A file that is attached again and again is attached until [`REPEATED_BYTES`] are reached: an archived message has
//! its media in it, and a small source must not fill a disk. A file is always attached to the first message that names it.
//!
//! Memory: 32 bytes for each message whose id is another one because of that, 8 bytes for each file that is attached.

use super::{Blob, PhoneItem, PhoneRead, render};
use crate::model::{
    Code, Details, Digest, Finding, Message, MessageId, Participant, Place,
    details::{Quote, Reaction},
    limits::FIELD_CHARS,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Bytes of an id. Those of WhatsApp have 20 to 40, a reaction's or a call's has some more in it.
pub const ID_BYTES: usize = 255;
/// Characters of a name of a person or a conversation; address books allow a few hundred.
pub const NAME_CHARS: usize = 500;
/// Bytes of a value (a path, an address, a code) that is kept whole beside what became of it.
pub const VALUE_BYTES: usize = 4096;

/// Bytes of files that are attached to another message than the first that names them, of one source. A video of two
/// gigabytes can be sent on thirty times, a sticker a million times.
pub const REPEATED_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// An id as it is archived.
#[must_use]
pub fn id(id: &str) -> String {
    if id.len() <= ID_BYTES { id.to_owned() } else { format!("sha256:{}", Digest::of(id.as_bytes()).to_hex()) }
}

/// Whether an id is a counter (`1400000000-3`), as phones made them before ids were random: two phones may have given the same.
#[must_use]
pub fn is_counter(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    id.split_once('-').is_some_and(|(time, n)| digits(time) && digits(n))
}

/// A value of the source for a place that has no room for more: beyond [`VALUE_BYTES`] it is cut, and says how long it was.
#[must_use]
pub fn kept(value: &str) -> String {
    if value.len() <= VALUE_BYTES {
        return value.to_owned();
    }
    let cut = value.floor_char_boundary(VALUE_BYTES);
    format!("{}… ({} bytes)", value.get(..cut).unwrap_or_default(), value.len())
}

/// What was changed in one reading of a source.
#[derive(Debug)]
pub struct Bounds {
    /// The id of a message as its reader made it → as it is.
    moved: HashMap<MessageId, MessageId>,
    /// Files that were attached: a part of the digest of their paths.
    attached: HashSet<[u8; 8]>,
    /// Bytes that may still be attached again.
    left: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { moved: HashMap::new(), attached: HashSet::new(), left: REPEATED_BYTES }
    }
}

impl Bounds {
    /// What a reader yields, within the bounds.
    #[must_use]
    pub fn read(&mut self, read: PhoneRead) -> PhoneRead {
        match read {
            PhoneRead::Opened { file, path, digest, size } => {
                PhoneRead::Opened { file: field(file), path, digest, size }
            }
            PhoneRead::Item(mut item) => {
                self.item(&mut item);
                PhoneRead::Item(item)
            }
            PhoneRead::NotReadable { finding, item } => {
                PhoneRead::NotReadable { finding: bounded(finding), item: field(item) }
            }
            PhoneRead::Noticed(finding) => PhoneRead::Noticed(bounded(finding)),
            PhoneRead::LeftOut { messages } => PhoneRead::LeftOut { messages },
        }
    }

    fn item(&mut self, item: &mut PhoneItem) {
        place(&mut item.place);
        if item.members.iter().any(is_long) {
            let mut members = item.members.to_vec();
            members.iter_mut().for_each(participant);
            item.members = Arc::from(members);
        }
        let beyond = self.beyond(item);
        let before = (makes_another(&item.message) || !beyond.is_empty()).then(|| item.message.id());
        beyond.into_iter().rev().for_each(|index| detach(item, index));
        let message = &mut item.message;
        let mut raw = Vec::new();
        ids(message, &mut raw);
        participant(&mut message.sender);
        message.recipients.iter_mut().for_each(participant);
        clip_option(&mut message.conversation.name, NAME_CHARS);
        message.attachments.iter_mut().for_each(|attachment| clip(&mut attachment.name, FIELD_CHARS));
        for finding in &mut message.findings {
            place(&mut finding.place);
            clip(&mut finding.detail, FIELD_CHARS);
        }
        if let Some(details) = &mut message.details {
            self.details(details, &mut raw);
        }
        if !raw.is_empty() {
            message.details.get_or_insert_default().raw.extend(raw);
        }
        if let Some(before) = before {
            self.moved.insert(before, message.id());
        }
    }

    /// Which attachments are not attached once more.
    fn beyond(&mut self, item: &PhoneItem) -> Vec<usize> {
        let mut beyond = Vec::new();
        for (index, (blob, attachment)) in item.blobs.iter().zip(&item.message.attachments).enumerate() {
            let path = match blob {
                Blob::Memory(_) => continue,
                Blob::Spooled(file) => file.path(),
                Blob::Evidence(path) => path,
            };
            let digest = Digest::of(path.as_os_str().as_encoded_bytes());
            if self.attached.insert(digest.0.first_chunk().copied().unwrap_or_default()) {
                continue;
            }
            match self.left.checked_sub(attachment.size) {
                Some(left) => self.left = left,
                None => beyond.push(index),
            }
        }
        beyond
    }

    fn details(&self, details: &mut Details, raw: &mut Vec<(String, String)>) {
        let moved = |id: &mut Option<MessageId>| {
            if let Some(to) = id.and_then(|id| self.moved.get(&id)) {
                *id = Some(*to);
            }
        };
        if let Some(Quote { native, message, sender, .. }) = &mut details.quote {
            native.iter_mut().for_each(|id| shorten(id, "quoted_id", raw));
            sender.iter_mut().for_each(participant);
            moved(message);
        }
        if let Some(Reaction { target, message, .. }) = &mut details.reaction {
            shorten(target, "target_id", raw);
            moved(message);
        }
        details.receipts_for.iter_mut().for_each(|id| shorten(id, "target_id", raw));
        details.contacts.iter_mut().for_each(|name| clip(name, NAME_CHARS));
        details.media.iter_mut().for_each(|media| clip(&mut media.name, FIELD_CHARS));
        details.receipts.iter_mut().for_each(|receipt| participant(&mut receipt.party));
        let polled = details.poll.iter_mut().flat_map(|poll| &mut poll.options).flat_map(|option| &mut option.voters);
        polled.for_each(participant);
        let called = details.call.iter_mut().flat_map(|call| &mut call.parties);
        called.for_each(|party| participant(&mut party.party));
        if let Some(event) = &mut details.event {
            event.by.iter_mut().chain(&mut event.about).for_each(participant);
        }
        details.revoked.iter_mut().filter_map(|revoked| revoked.by_admin.as_mut()).for_each(participant);
    }
}

/// Leaves an attachment out, and says so.
fn detach(item: &mut PhoneItem, index: usize) {
    let (message, detail) = (&mut item.message, "it was attached before; files may be attached again up to");
    let gone = message.attachments.remove(index);
    item.blobs.remove(index);
    let detail = format!("{}: {detail} {REPEATED_BYTES} bytes in all", gone.name);
    message.findings.push(Finding::new(Code::LimitExceeded, item.place.clone(), detail));
    render::missing(message, &gone);
}

/// Whether the id of a message changes with what is cut here: it depends on native id, author and names of attachments.
fn makes_another(message: &Message) -> bool {
    message.identity.native.len() > ID_BYTES
        || is_long(&message.sender)
        || message.attachments.iter().any(|attachment| attachment.name.len() > FIELD_CHARS)
}

fn ids(message: &mut Message, raw: &mut Vec<(String, String)>) {
    shorten(&mut message.identity.native, "native_id", raw);
    shorten(&mut message.conversation.id, "conversation_id", raw);
    let targets = message.deletion.iter_mut().filter_map(|deletion| deletion.target.as_mut());
    let targets = targets.chain(message.edit.iter_mut().filter_map(|edit| edit.target.as_mut()));
    targets.for_each(|target| shorten(target, "target_id", raw));
    let files = message.deletion.iter_mut().flat_map(|deletion| &mut deletion.files);
    files.chain(&mut message.media_removed).for_each(|file| clip(file, FIELD_CHARS));
}

fn shorten(value: &mut String, name: &str, raw: &mut Vec<(String, String)>) {
    if value.len() > ID_BYTES {
        raw.push((name.to_owned(), kept(value)));
        *value = id(value);
    }
}

fn is_long(party: &Participant) -> bool {
    // Bytes are never fewer than characters.
    [&party.name, &party.email].into_iter().flatten().any(|text| text.len() > NAME_CHARS)
}

fn participant(party: &mut Participant) {
    clip_option(&mut party.name, NAME_CHARS);
    clip_option(&mut party.email, NAME_CHARS);
}

fn place(place: &mut Place) {
    clip(&mut place.file, FIELD_CHARS);
    clip_option(&mut place.entry, FIELD_CHARS);
}

fn bounded(mut finding: Finding) -> Finding {
    place(&mut finding.place);
    clip(&mut finding.detail, FIELD_CHARS);
    finding
}

fn field(mut text: String) -> String {
    clip(&mut text, FIELD_CHARS);
    text
}

fn clip_option(text: &mut Option<String>, chars: usize) {
    text.iter_mut().for_each(|text| clip(text, chars));
}

fn clip(text: &mut String, chars: usize) {
    if text.len() > chars && text.chars().count() > chars {
        *text = text.chars().take(chars.saturating_sub(1)).chain(['…']).collect();
    }
}

#[cfg(test)]
#[path = "bounds_tests.rs"]
mod tests;
