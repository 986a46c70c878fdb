//! The life of an index on disk, and what is read from it.

use super::*;
use crate::{
    ErrorKind,
    model::{
        Attachment, Conversation, Digest, Identity, Instant, Message, MessageId, MessageKind, Ordinal, Participant,
        PhoneNumber, SourceKind,
    },
    query::{Expr, Facts, Leaf, TextField},
};
use std::path::Path;
use tantivy::directory::{Directory, MmapDirectory};

const HEAP: usize = 15_000_000;
pub(super) const DAY: i64 = 86_400_000;

pub(super) fn message(number: u32, subject: &str, body: &str) -> Message {
    Message {
        identity: Identity { source: SourceKind::Telemessage, account: None, native: number.to_string() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(Instant(i64::from(number) * DAY)),
        sender: Participant { name: Some("Ann".into()), number: PhoneNumber::parse("447700900101"), email: None },
        recipients: vec![],
        carbon: Default::default(),
        conversation: Conversation { id: format!("chat {}", number % 2), ..Conversation::default() },
        subject: subject.into(),
        body: body.into(),
        attachments: vec![],
        encrypted: false,
        journaled: false,
        media_removed: vec![],
        source_words: vec![],
        details: None,
        findings: vec![],
    }
}

pub(super) fn attachment(name: String) -> Attachment {
    Attachment { name, media_type: "image/jpeg".into(), size: 1, sha256: Digest::of(b"x") }
}

/// What is searchable of a message in these tests.
pub(super) fn facts(ordinal: u32, message: &Message, size: u64) -> Facts {
    Facts::of(message, size).with_lang(message).with_file(&message.id(), &Digest::of(&ordinal.to_be_bytes()))
}

fn document(ordinal: u32, message: &Message, size: u64) -> Document {
    Document { record: record(ordinal, message, size), facts: facts(ordinal, message, size) }
}

/// What a hit shows of a message in these tests.
pub(super) fn record(ordinal: u32, message: &Message, size: u64) -> HitRecord {
    HitRecord {
        seq: crate::model::Seq(1),
        source: message.identity.source,
        native: message.identity.native.clone(),
        ordinal: Ordinal(ordinal),
        id: message.id(),
        digest: Digest::of(&ordinal.to_be_bytes()),
        size,
        kind: message.kind,
        sent: message.sent,
        sender: message.sender.clone(),
        recipients: message.recipients.clone(),
        conversation: message.conversation.clone(),
        subject: message.subject.clone(),
        attachments: message.attachments.clone(),
        encrypted: message.encrypted,
        account: None,
        story: message.story().map(str::to_owned),
        quoted: None,
    }
}

fn ready(dir: &Path) -> (Box<Writer>, Option<String>) {
    match Writer::open(dir, HEAP).unwrap() {
        Opened::Ready { writer, watermark } => (writer, watermark),
        Opened::Stale { why } => panic!("{why}"),
    }
}

fn free(tokens: &[&str], prefix: bool) -> Expr {
    let tokens = tokens.iter().map(|&token| token.to_owned()).collect();
    Expr::Leaf(Leaf::Words { field: TextField::Any, tokens, prefix })
}

fn found(reader: &Reader, expr: &Expr) -> Vec<u32> {
    reader.bitmap(expr, &Env::default()).unwrap().into_iter().collect()
}

/// A corpus in an index of several segments, with deleted and replaced documents on the way.
pub(super) fn indexed(dir: &Path, corpus: &[(Message, u64)]) -> Reader {
    let (mut writer, _) = ready(dir);
    let stranger = (message(99, "a b c contract", "合同已 abc"), 1);
    for (ordinal, (message, size)) in (0..).zip(corpus) {
        match ordinal % 5 {
            1 => {
                writer.add(&document(ordinal, &stranger.0, stranger.1), false).unwrap();
                writer.add(&document(ordinal, message, *size), true).unwrap();
            }
            2 => {
                writer.add(&document(ordinal, message, *size), false).unwrap();
                writer.add(&document(1_000 + ordinal, &stranger.0, stranger.1), false).unwrap();
                writer.delete(Ordinal(1_000 + ordinal));
            }
            3 => {
                writer.add(&document(2_000 + ordinal, &stranger.0, stranger.1), false).unwrap();
                writer.commit("half").unwrap();
                writer.delete(Ordinal(2_000 + ordinal));
                writer.add(&document(ordinal, message, *size), false).unwrap();
            }
            _ => writer.add(&document(ordinal, message, *size), false).unwrap(),
        }
    }
    writer.commit("whole").unwrap();
    Reader::open(dir).unwrap().unwrap()
}

#[test]
fn an_empty_folder_becomes_an_index_and_keeps_its_watermark() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Reader::open(&dir.path().join("nowhere")).unwrap().is_none());
    assert!(Reader::open(dir.path()).unwrap().is_none());
    let (mut writer, watermark) = ready(dir.path());
    assert_eq!(watermark, None);
    assert!(Reader::open(dir.path()).unwrap().is_none(), "nothing was committed yet");
    writer.add(&document(0, &message(0, "one", "cat"), 10), false).unwrap();
    writer.commit("seq 1").unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    writer.add(&document(1, &message(1, "two", "cat"), 10), false).unwrap();
    writer.commit("seq 2").unwrap();
    assert_eq!((reader.watermark(), reader.doc_count()), ("seq 1", 1));
    writer.close().unwrap();
    assert_eq!(ready(dir.path()).1.as_deref(), Some("seq 2"));
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!(found(&reader, &free(&["cat"], false)), [0, 1]);
    assert!(reader.check().unwrap().is_empty());
}

#[test]
fn what_was_not_committed_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    writer.commit("empty").unwrap();
    writer.add(&document(0, &message(0, "one", "cat"), 10), false).unwrap();
    drop(writer);
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!((reader.watermark(), reader.doc_count()), ("empty", 0));
    assert_eq!(found(&reader, &Expr::All), [] as [u32; 0]);
}

#[test]
fn a_second_writer_is_told_that_it_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let _first = ready(dir.path());
    assert_eq!(Writer::open(dir.path(), HEAP).unwrap_err().kind(), ErrorKind::Locked);
}

#[test]
fn an_index_of_another_version_or_damaged_is_stale() {
    for payload in [
        "{\"analyser\":0,\"schema\":1,\"watermark\":\"w\"}",
        "{\"analyser\":1,\"schema\":999,\"watermark\":\"w\"}",
        "7",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (mut writer, _) = ready(dir.path());
        writer.add(&document(0, &message(0, "one", "cat"), 10), false).unwrap();
        writer.commit("w").unwrap();
        writer.close().unwrap();
        let files = MmapDirectory::open(dir.path()).unwrap();
        let meta = files.atomic_read(Path::new("meta.json")).unwrap();
        let mut meta: serde_json::Value = serde_json::from_slice(&meta).unwrap();
        meta["payload"] = payload.into();
        files.atomic_write(Path::new("meta.json"), meta.to_string().as_bytes()).unwrap();
        assert!(matches!(Writer::open(dir.path(), HEAP).unwrap(), Opened::Stale { .. }), "{payload}");
        assert!(Reader::open(dir.path()).unwrap().is_none(), "{payload}");
        files.atomic_write(Path::new("meta.json"), b"{").unwrap();
        assert!(matches!(Writer::open(dir.path(), HEAP).unwrap(), Opened::Stale { .. }));
        assert!(Reader::open(dir.path()).unwrap().is_none());
    }
}

#[test]
fn a_damaged_file_is_named_and_a_missing_one_makes_the_index_stale() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    writer.add(&document(0, &message(0, "one", "cat"), 10), false).unwrap();
    writer.commit("w").unwrap();
    writer.close().unwrap();
    let files = MmapDirectory::open(dir.path()).unwrap();
    let meta: serde_json::Value = serde_json::from_slice(&files.atomic_read(Path::new("meta.json")).unwrap()).unwrap();
    let segment = meta["segments"][0]["segment_id"].as_str().unwrap().replace('-', "");
    let store = format!("{segment}.store");
    let mut bytes = files.atomic_read(Path::new(&store)).unwrap();
    bytes[0] ^= 1;
    files.atomic_write(Path::new(&store), &bytes).unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!(reader.check().unwrap(), [Path::new(&store)]);
    files.delete(Path::new(&format!("{segment}.term"))).unwrap();
    assert!(Reader::open(dir.path()).unwrap().is_none());
    assert!(matches!(Writer::open(dir.path(), HEAP).unwrap(), Opened::Stale { .. }));
}

#[test]
fn after_a_merge_no_word_of_a_deleted_message_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    for ordinal in 0..4 {
        let word = if ordinal == 2 { "topsecretword" } else { "cat" };
        writer.add(&document(ordinal, &message(ordinal, word, word), 10), false).unwrap();
        writer.commit("w").unwrap();
    }
    let holds = |word: &str| {
        std::path::Path::new(dir.path()).read_dir().unwrap().flatten().any(|file| {
            let files = MmapDirectory::open(dir.path()).unwrap();
            let bytes = files.atomic_read(Path::new(&file.file_name())).unwrap_or_default();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        })
    };
    assert!(holds("topsecretword"));
    writer.delete(Ordinal(2));
    writer.commit("after").unwrap();
    let mut writer = writer.merge_all().unwrap();
    assert!(!holds("topsecretword"));
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!((reader.watermark(), found(&reader, &Expr::All)), ("after", vec![0, 1, 3]));
    // All of it may go, and the writer goes on.
    (0..4).for_each(|ordinal| writer.delete(Ordinal(ordinal)));
    writer.commit("gone").unwrap();
    let mut writer = writer.merge_all().unwrap();
    writer.add(&document(9, &message(9, "x", "y"), 1), false).unwrap();
    writer.commit("again").unwrap();
    assert_eq!(found(&Reader::open(dir.path()).unwrap().unwrap(), &Expr::All), [9]);
}

#[test]
fn records_come_in_the_order_that_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    let mut documents: Vec<Document> =
        (0..6).map(|number| document(number, &message(number, "one", "cat"), u64::from(number))).collect();
    let mut undated = message(6, "one", "cat");
    undated.sent = None;
    undated.attachments.push(attachment("a.jpg".into()));
    undated.identity.native = "3".into();
    documents.push(document(6, &undated, 6));
    for document in &documents {
        writer.add(document, false).unwrap();
        if document.record.ordinal.0 == 3 {
            writer.commit("w").unwrap();
        }
    }
    writer.commit("w").unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();

    let order = [Ordinal(5), Ordinal(0), Ordinal(6), Ordinal(0)];
    let expected: Vec<HitRecord> = order.iter().map(|at| documents[at.0 as usize].record.clone()).collect();
    assert_eq!(reader.records(&order).unwrap(), expected);
    assert_eq!(reader.records(&[Ordinal(77)]).unwrap_err().kind(), ErrorKind::NotFound);

    let top = |descending, offset, limit| -> Vec<u32> {
        let top = reader.top_by_date(reader.all().unwrap(), descending, offset, limit).unwrap();
        top.into_iter().map(|ordinal| ordinal.0).collect()
    };
    assert_eq!(top(true, 0, 3), [5, 4, 3]);
    assert_eq!(top(true, 2, 99), [3, 2, 1, 0, 6]);
    assert_eq!(top(false, 0, 2), [0, 1]);
    assert_eq!(top(false, 5, usize::MAX), [5, 6]);
    assert_eq!(top(false, 70, 2), [] as [u32; 0]);

    let id: MessageId = documents[4].record.id;
    assert_eq!(reader.by_id_prefix(&id.short(), 9).unwrap(), [documents[4].record.clone()]);
    assert_eq!(reader.by_id_prefix(&id.to_string(), 9).unwrap().len(), 1);
    assert_eq!(reader.by_id_prefix("", 3).unwrap().len(), 3);
    assert_eq!(reader.by_digest(&documents[1].record.digest).unwrap(), [documents[1].record.clone()]);
    let story: Vec<u32> = reader.by_story("3").unwrap().iter().map(|record| record.ordinal.0).collect();
    assert_eq!(story, [3, 6]);
    assert_eq!(reader.by_conversation("chat 1").unwrap().into_iter().collect::<Vec<_>>(), [1, 3, 5]);
    let partial = reader.partial().unwrap();
    assert_eq!(partial.get("image").map(|found| found.iter().collect()), Some(vec![6]));
    let rows: Vec<Row> = reader.columns().unwrap().iter().collect();
    assert_eq!(rows.len(), 7);
    assert!(rows.iter().all(|row| row.size == u64::from(row.ordinal.0) && row.kind == MessageKind::Chat));
    assert_eq!(rows.iter().filter(|row| row.sent.is_none()).count(), 1);
}

#[test]
fn a_message_that_says_it_more_often_fits_better() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    for (ordinal, body) in (0..).zip(["cat and dog and bird", "cat cat cat dog", "bird"]) {
        writer.add(&document(ordinal, &message(ordinal, "", body), 1), false).unwrap();
    }
    writer.commit("w").unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    let scores = reader.scores(&Expr::And(vec![free(&["cat"], false), free(&["bird"], false).negated()])).unwrap();
    assert!(scores[&1] > scores[&0] && !scores.contains_key(&2), "{scores:?}");
    assert!(reader.scores(&Expr::All).unwrap().is_empty());
}

#[test]
fn a_prefix_of_too_many_words_is_an_error_and_not_a_smaller_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    let many: Vec<String> = (0..=crate::model::limits::PREFIX_TERMS).map(|number| format!("abc{number}")).collect();
    writer.add(&document(0, &message(0, "", &many.join(" ")), 1), false).unwrap();
    writer.commit("w").unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    let env = Env::default();
    for expr in [free(&["abc"], true), free(&["abc1", "abc"], true)] {
        assert_eq!(reader.bitmap(&expr, &env).unwrap_err().kind(), ErrorKind::BadQuery);
    }
    assert_eq!(found(&reader, &free(&["abc12"], true)), [0]);
    assert_eq!(found(&reader, &free(&["abc1", "abc2"], true)), [0]);
}

#[test]
fn a_mailbox_condition_must_be_bound_first() {
    let dir = tempfile::tempdir().unwrap();
    let reader = indexed(dir.path(), &[(message(0, "", ""), 1)]);
    let expr = Expr::Leaf(Leaf::Mailbox { value: "ann@x.example".into(), prefix: false });
    assert_eq!(reader.bitmap(&expr, &Env::default()).unwrap_err().kind(), ErrorKind::Bug);
}

#[test]
fn the_dates_of_a_few_are_found_wherever_they_lie() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    // Stretches that lie in another order than their ordinals, as merges leave them, one ordinal out of its place, and holes.
    let order = (40..90).chain(0..40).chain([95]).chain(90..95).chain((96..160).rev().step_by(2));
    let order: Vec<u32> = order.collect();
    for (at, ordinal) in order.iter().enumerate() {
        writer.add(&document(*ordinal, &message(*ordinal, "s", "b"), 1), false).unwrap();
        if at == 60 {
            writer.commit("part").unwrap();
        }
    }
    writer.commit("all").unwrap();
    let mut writer = writer.merge_all().unwrap();
    for purged in [3, 41, 95] {
        writer.delete(Ordinal(purged));
    }
    writer.commit("purged").unwrap();
    let open = || Reader::open(dir.path()).unwrap().unwrap();
    assert_eq!(open().check().unwrap(), [] as [std::path::PathBuf; 0]);
    let here = |ordinal: &u32| order.contains(ordinal) && ![3, 41, 95].contains(ordinal);
    for reader in [open(), open().without_maps()] {
        assert!(reader.all().unwrap().iter().eq((0..200).filter(here)));
        let columns = reader.columns().unwrap();
        // Each alone, in small sets, and all: looked up or passed over.
        for step in [1, 2, 7, 13, 50] {
            for from in 0..step {
                let among: roaring::RoaringBitmap = (from..170).step_by(step as usize).collect();
                let mut found = columns.dates(&among);
                found.sort_unstable();
                let day = |ordinal: u32| Instant(i64::from(ordinal) * DAY);
                let expected: Vec<_> = among.iter().filter(here).map(|o| (Ordinal(o), Some(day(o)))).collect();
                assert_eq!(found, expected, "every {step}th from {from}");
                let ordinals: Vec<Ordinal> = expected.iter().map(|(ordinal, _)| *ordinal).collect();
                let newest: Vec<Ordinal> = ordinals.iter().rev().take(5).copied().collect();
                assert_eq!(reader.top_by_date(&among, true, 0, 5).unwrap(), newest);
                assert_eq!(
                    reader.top_by_date(&among, false, 2, 3).unwrap(),
                    ordinals[2.min(ordinals.len())..5.min(ordinals.len())]
                );
                let found = columns.sent_in(&(reader.all().unwrap() & &among), Some(day(20)), Some(day(61)));
                assert!(found.iter().eq(among.iter().filter(here).filter(|o| (20..61).contains(o))));
                let records = reader.records(&ordinals).unwrap();
                assert!(records.iter().map(|record| record.ordinal).eq(ordinals));
            }
        }
    }
}

#[test]
fn a_damaged_map_changes_no_answer_and_a_wrong_one_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = ready(dir.path());
    for ordinal in 0..30 {
        writer.add(&document(ordinal, &message(ordinal, "", "word"), 1), false).unwrap();
    }
    writer.commit("w").unwrap();
    writer.close().unwrap();
    let path = dir.path().join("segments.map");
    let top = || {
        let reader = Reader::open(dir.path()).unwrap().unwrap();
        reader.top_by_date(reader.all().unwrap(), true, 0, 3).unwrap()
    };
    let (sound, expected) = (std::fs::read(&path).unwrap(), top());
    for damaged in [&sound[..sound.len() / 2], b"CUSTMAP1", b"", &[&sound[..50], b"!", &sound[51..]].concat()] {
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(top(), expected);
    }
    // Another index has a segment of the same length: its map says something else, under a sum that fits.
    let mut body = sound[40..].to_vec();
    let at = body.len() - 4 * 4 - 8 - 1;
    body[at] ^= 1;
    std::fs::write(&path, [&b"CUSTMAP1"[..], &crate::model::Digest::of(&body).0, &body].concat()).unwrap();
    let damaged = Reader::open(dir.path()).unwrap().unwrap().check().unwrap();
    assert_eq!(damaged, [std::path::PathBuf::from("segments.map")]);
    std::fs::remove_file(&path).unwrap();
    let (writer, _) = ready(dir.path());
    writer.map_segments().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), sound);
}
