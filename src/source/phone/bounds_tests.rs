//! What a source calls things fits where the archive writes it, and still means the same.

use super::*;
use crate::{
    fs::spool::Spool,
    model::{
        Attachment, Code, Conversation, Deletion, DeletionScope, Identity, MessageKind, ReadState, SourceKind,
        details::{Media, MediaState},
    },
    source::{self, phone::Blob, phone::render::render},
};
use std::io::Read as _;

fn message(native: &str) -> Message {
    Message {
        identity: Identity { source: SourceKind::Ios, account: Some("ann@x.example".into()), native: native.into() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: None,
        sender: Participant { name: Some("Bo".into()), ..Participant::default() },
        recipients: Vec::new(),
        carbon: Default::default(),
        conversation: Conversation { id: "title:bo".into(), ..Conversation::default() },
        subject: String::new(),
        body: "see".into(),
        attachments: Vec::new(),
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::default()),
        findings: Vec::new(),
    }
}

fn bounded(bounds: &mut Bounds, message: Message, blobs: Vec<Blob>) -> PhoneItem {
    let place = Place { line: Some(7), ..Place::entry("f".repeat(9_000), "é".repeat(9_000)) };
    let members = Arc::from([Participant { name: Some("m".repeat(9_000)), ..Participant::default() }]);
    match bounds.read(PhoneRead::Item(Box::new(PhoneItem { place, message, blobs, members }))) {
        PhoneRead::Item(item) => *item,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_short_is_not_touched() {
    let given = message(&"n".repeat(ID_BYTES));
    assert_eq!(bounded(&mut Bounds::default(), given.clone(), Vec::new()).message, given);
}

#[test]
fn what_is_long_is_cut_and_survives_the_way_through_an_e_mail() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::create(dir.path()).unwrap();
    let mut given = message(&format!("revoked:{}", "n".repeat(70_000)));
    let long = |n: usize| "\u{1F600}".repeat(n);
    given.kind = MessageKind::Deletion;
    given.deletion = Some(Deletion {
        scope: DeletionScope::ForAll,
        read: ReadState::Unknown,
        target: Some("n".repeat(70_000)),
        files: Vec::new(),
    });
    given.sender.name = Some(long(9_000));
    given.conversation = Conversation { id: long(100), name: Some(long(9_000)), ..given.conversation };
    let name = long(9_000);
    given.details.as_mut().unwrap().media.push(Media { name: name.clone(), ..Media::default() });
    given.attachments.push(Attachment { name, media_type: "image/png".into(), size: 1, sha256: Digest::of(b"a") });
    given.findings.push(Finding::new(Code::MediaMissing, Place::file(long(9_000)), long(9_000)));
    let item = bounded(&mut Bounds::default(), given, vec![Blob::of(b"a")]);
    let of = |text: &str| format!("sha256:{}", Digest::of(text.as_bytes()).to_hex());
    let message = &item.message;
    assert_eq!(message.story(), Some(of(&"n".repeat(70_000)).as_str()));
    assert_eq!(message.conversation.id, of(&long(100)));
    let chars = |text: &str| (text.chars().count(), text.ends_with('…'));
    assert_eq!(chars(message.sender.name.as_deref().unwrap()), (NAME_CHARS, true));
    assert_eq!(chars(message.conversation.name.as_deref().unwrap()), (NAME_CHARS, true));
    assert_eq!(chars(item.members[0].name.as_deref().unwrap()), (NAME_CHARS, true));
    assert_eq!(
        (chars(&item.place.file), chars(item.place.entry.as_deref().unwrap())),
        ((FIELD_CHARS, true), (FIELD_CHARS, true))
    );
    assert_eq!(
        (chars(&message.attachments[0].name), chars(&message.findings[0].detail)),
        ((FIELD_CHARS, true), (FIELD_CHARS, true))
    );
    let details = message.details.as_ref().unwrap();
    assert_eq!(details.media[0].name, message.attachments[0].name);
    assert!(["native_id", "target_id"].iter().all(|name| details.raw[*name].ends_with(" bytes)")));
    assert_eq!(details.raw["conversation_id"], long(100));
    let rendered = render(&item, &spool).unwrap();
    let mut bytes = Vec::new();
    rendered.content.open().unwrap().read_to_end(&mut bytes).unwrap();
    let understood = source::understand(SourceKind::Ios, &bytes).unwrap();
    assert_eq!(
        (understood.identity.native, understood.details),
        (message.identity.native.clone(), message.details.clone())
    );
    assert_eq!(understood.attachments, message.attachments);
}

#[test]
fn a_link_to_a_message_that_became_another_one_follows_it() {
    let mut bounds = Bounds::default();
    let mut original = message("A");
    original.sender.name = Some("n".repeat(9_000));
    let before = original.id();
    let after = bounded(&mut bounds, original, Vec::new()).message.id();
    assert_ne!(before, after);
    let mut reply = message("B");
    reply.details.as_mut().unwrap().quote = Some(Quote { message: Some(before), ..Quote::default() });
    let reply = bounded(&mut bounds, reply, Vec::new()).message;
    assert_eq!(reply.details.unwrap().quote.unwrap().message, Some(after));
}

#[test]
fn a_value_beyond_the_limit_says_how_long_it_was() {
    assert_eq!(kept("short"), "short");
    let long = kept(&"ä".repeat(5000));
    assert!(long.len() < VALUE_BYTES + 30 && long.ends_with("… (10000 bytes)"));
}

#[test]
fn a_file_that_is_attached_again_and_again_is_left_out_beyond_the_limit_and_said_to_be() {
    let mut bounds = Bounds { left: 25, ..Bounds::default() };
    let mut attach = |native: &str, file: &str| {
        let mut given = message(native);
        given.attachments.push(Attachment {
            name: "v.mp4".into(),
            media_type: "video/mp4".into(),
            size: 10,
            sha256: Digest::of(b"v"),
        });
        let media = Media { name: "v.mp4".into(), state: MediaState::Attached, ..Media::default() };
        given.details.as_mut().unwrap().media.push(media);
        bounded(&mut bounds, given, vec![Blob::Evidence(file.into())])
    };
    let count = |item: &PhoneItem| (item.blobs.len(), item.message.attachments.len());
    for native in ["1", "2", "3"] {
        assert_eq!(count(&attach(native, "/a")), (1, 1), "once, and twice more");
    }
    let beyond = attach("4", "/a");
    assert_eq!((count(&beyond), beyond.message.findings[0].code), ((0, 0), Code::LimitExceeded));
    let media = &beyond.message.details.as_ref().unwrap().media;
    assert_eq!((media.len(), media[0].state), (1, MediaState::Missing));
    assert_eq!(count(&attach("5", "/b")), (1, 1), "another file is none of it");
}
