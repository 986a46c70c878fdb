//! What is archived of a message is what its media are when they are read, and nothing else is lost.

use super::*;
use crate::{
    model::{Conversation, Identity, Instant, MessageKind, Participant, SourceKind},
    source,
};
use std::{path::PathBuf, sync::Arc};

fn item(blobs: Vec<(&str, &[u8], Blob)>) -> PhoneItem {
    let attachments = blobs
        .iter()
        .map(|(name, bytes, _)| Attachment {
            name: (*name).to_owned(),
            media_type: "image/jpeg".into(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
        })
        .collect();
    let message = Message {
        identity: Identity {
            source: SourceKind::Android,
            account: Some("ann@northgate.example".into()),
            native: "3EB0A1".into(),
        },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(Instant(1_772_615_561_000)),
        sender: Participant { name: Some("Bo".into()), ..Participant::default() },
        recipients: Vec::new(),
        carbon: Default::default(),
        conversation: Conversation { id: "title:Bo".into(), ..Conversation::default() },
        subject: String::new(),
        body: "see".into(),
        attachments,
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::default()),
        findings: Vec::new(),
    };
    let place = Place::line("msgstore.db", 7);
    PhoneItem { place, message, blobs: blobs.into_iter().map(|(.., blob)| blob).collect(), members: Arc::from([]) }
}

fn spool() -> (tempfile::TempDir, Spool) {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::create(dir.path()).unwrap();
    (dir, spool)
}

fn bytes(content: &Content) -> Vec<u8> {
    let mut bytes = Vec::new();
    content.open().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!((content.size(), content.digest()), (bytes.len() as u64, Digest::of(&bytes)));
    bytes
}

fn understood(rendered: &Rendered) -> Message {
    let mut message = source::understand(SourceKind::Android, &bytes(&rendered.content)).unwrap();
    assert_eq!((message.identity.account.take(), message.findings.len()), (None, 0));
    message.identity.account.clone_from(&rendered.message.identity.account);
    message.findings.clone_from(&rendered.message.findings);
    message
}

#[test]
fn a_large_message_goes_to_the_spool_and_a_small_one_stays_in_memory() {
    let (_dir, spool) = spool();
    let large: Vec<u8> = (0..7_000_000_u32).map(|n| (n % 251) as u8).collect();
    for (medium, spooled) in [(&b"small"[..], false), (&large, true)] {
        let rendered = render(&item(vec![("v.jpg", medium, Blob::of(medium))]), &spool).unwrap();
        assert_eq!(matches!(rendered.content, Content::Spooled(_)), spooled);
        assert_eq!(understood(&rendered), rendered.message);
        assert_eq!(source::attachment(SourceKind::Android, &bytes(&rendered.content), 0).unwrap(), medium);
        assert!(rendered.message.findings.is_empty());
    }
}

#[test]
fn a_medium_that_changed_is_archived_as_it_is_and_said_to_have_changed() {
    let (dir, spool) = spool();
    let path = dir.path().join("IMG-1.jpg");
    for now in [&b"longer than it was"[..], b"x", b"sane"] {
        std::fs::write(&path, now).unwrap();
        let given = item(vec![("a.jpg", b"a", Blob::of(b"a")), ("IMG-1.jpg", b"same", Blob::Evidence(path.clone()))]);
        let rendered = render(&given, &spool).unwrap();
        assert_eq!(understood(&rendered), rendered.message);
        let second = &rendered.message.attachments[1];
        assert_eq!((second.size, second.sha256), (now.len() as u64, Digest::of(now)));
        assert_eq!(source::attachment(SourceKind::Android, &bytes(&rendered.content), 1).unwrap(), now);
        let codes: Vec<Code> = rendered.message.findings.iter().map(|f| f.code).collect();
        assert_eq!((codes, &rendered.message.findings[0].place), (vec![Code::MediaChanged], &given.place));
    }
}

#[test]
fn a_medium_that_cannot_be_read_costs_only_itself() {
    let (_dir, spool) = spool();
    let gone = Blob::Evidence(PathBuf::from("/nonexistent/IMG-1.jpg"));
    let given = item(vec![("IMG-1.jpg", b"same", gone), ("b.jpg", b"b", Blob::of(b"b"))]);
    let rendered = render(&given, &spool).unwrap();
    assert_eq!(understood(&rendered), rendered.message);
    let names: Vec<&str> = rendered.message.attachments.iter().map(|a| a.name.as_str()).collect();
    assert_eq!((names, rendered.message.findings[0].code), (vec!["b.jpg"], Code::FileUnreadable));
    let media = &rendered.message.details.as_ref().unwrap().media;
    assert_eq!((media[0].name.as_str(), media[0].state), ("IMG-1.jpg", MediaState::Missing));
    assert!(String::from_utf8(bytes(&rendered.content)).unwrap().contains("[media IMG-1.jpg: not in the source]"));
}

#[test]
fn the_owners_mailbox_and_the_place_are_not_in_the_bytes() {
    let (_dir, spool) = spool();
    let text = String::from_utf8(bytes(&render(&item(Vec::new()), &spool).unwrap().content)).unwrap();
    assert!(!text.contains("northgate") && !text.contains("msgstore") && !text.contains("multipart"), "{text}");
    assert!(text.contains("From: \"Bo\" <n-") && text.ends_with("\r\n\r\nsee\r\n"), "{text}");
}

#[test]
fn an_absurd_time_is_unknown_and_said_to_be_absurd() {
    let (_dir, spool) = spool();
    let mut given = item(Vec::new());
    given.message.sent = Some(Instant(i64::MAX));
    let rendered = render(&given, &spool).unwrap();
    assert_eq!((rendered.message.sent, rendered.message.findings[0].code), (None, Code::DateAbsurd));
    assert_eq!(understood(&rendered), rendered.message);
}
