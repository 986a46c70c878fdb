//! The archive on disk against `src/docs/format.md`, read without the program's own readers.

use crate::common::TestArchive;
use custodia::model::Digest;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

/// A little-endian number of eight bytes.
fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

#[test]
fn what_lies_on_disk_is_what_the_page_says() {
    let (test, _) = TestArchive::imported(60);
    let read = |name: &str| std::fs::read(test.path().join(name)).unwrap();
    let journal = String::from_utf8(read("journal/00000000000000000001.jsonl")).unwrap();
    let last = journal.lines().last().unwrap();

    // Section 10: state.bin.
    let state = read("state.bin");
    assert_eq!(&state[..8], b"CUSTST06");
    let body = &state[40..];
    assert_eq!(Digest(state[8..40].try_into().unwrap()), Digest::of(body));
    assert_eq!(number(body, 0), journal.lines().count() as u64);
    assert_eq!(Digest(body[8..40].try_into().unwrap()).to_hex(), last[..64]);
    assert_eq!((number(body, 40), number(body, 48)), (1, journal.len() as u64));
    assert_eq!(number(body, 64), 0, "no hold was placed");
    assert_eq!(number(body, body.len() - 8), 0, "every line is understood");

    // Section 10: the index's payload.
    let meta: serde_json::Value = serde_json::from_slice(&read("index/meta.json")).unwrap();
    let payload: serde_json::Value = serde_json::from_str(meta["payload"].as_str().unwrap()).unwrap();
    assert_eq!((&payload["analyser"], &payload["schema"]), (&1.into(), &4.into()));
    let mark: serde_json::Value = serde_json::from_str(payload["watermark"].as_str().unwrap()).unwrap();
    let keys: Vec<&String> = mark.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    let line = journal.lines().nth(mark["seq"].as_u64().unwrap() as usize - 1).unwrap();
    assert_eq!(mark["hash"], line[..64]);

    // Sections 1, 3 and 7: names, modes and links.
    let archived: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line[65..]).unwrap()["event"].take())
        .filter(|event| event["type"] == "message.archived")
        .collect();
    assert!(!archived.is_empty());
    for event in &archived {
        let digest = event["digest"].as_str().unwrap();
        let path = test.path().join("vault").join(&digest[..2]).join(format!("{digest}.eml"));
        let file = path.metadata().unwrap();
        assert_eq!((file.permissions().mode() & 0o7777, file.len()), (0o400, event["size"].as_u64().unwrap()));
        for mailbox in event["mailboxes"].as_array().unwrap() {
            let seconds = event["sent"]
                .as_str()
                .map_or(0, |sent| custodia::model::Instant::parse_rfc3339(sent).unwrap().0 / 1000);
            let hex = &event["id"].as_str().unwrap()[2..];
            let entry = format!("{seconds}.V{hex}.custodia,S={}", file.len());
            let folder = test.path().join("mail").join(mailbox.as_str().unwrap()).join(".WhatsApp Archiver");
            assert_eq!(folder.join("new").join(&entry).metadata().unwrap().ino(), file.ino(), "{entry}");
            assert_eq!(folder.join("maildirfolder").metadata().unwrap().len(), 0);
        }
    }
    let mode = |name: &str| test.path().join(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!([mode("vault"), mode("vault/ff"), mode("journal"), mode("mail")], [0o700; 4]);
    for name in ["archive.toml", "state.bin", "lock", "journal/append.lock", "journal/00000000000000000001.jsonl"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert!(String::from_utf8(read("lock")).unwrap().starts_with("pid "));
}
