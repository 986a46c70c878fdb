//! The corpus against an independent reading of its own bytes (mail-parser and the zip crate).

use super::{Corpus, Counts};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

const CORPUS: Corpus = Corpus { seed: 1, messages: 6_000 };

fn zip_of(corpus: Corpus) -> (Vec<u8>, super::Truth) {
    let mut out = Cursor::new(Vec::new());
    let truth = corpus.write_feed(&mut out).unwrap();
    (out.into_inner(), truth)
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let corpus = Corpus { seed: 7, messages: 300 };
    assert_eq!(zip_of(corpus), zip_of(corpus));
    assert_ne!(zip_of(corpus).0, zip_of(Corpus { seed: 8, ..corpus }).0);
    assert_eq!(corpus.truth(), zip_of(corpus).1);
}

#[test]
fn the_manifest_counts_and_names_every_entry_exactly() {
    for messages in [0, 1, 39, 300] {
        let corpus = Corpus { seed: 3, messages };
        let (bytes, truth) = zip_of(corpus);
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = zip.file_names().filter(|name| name.ends_with(".eml")).map(str::to_owned).collect();
        let mut manifest = String::new();
        let name = corpus.feed_name().replace(".zip", ".mf");
        zip.by_name(&name).unwrap().read_to_string(&mut manifest).unwrap();
        let mut lines = manifest.lines();
        assert_eq!(lines.next().unwrap(), format!("Count: {messages}"));
        assert_eq!(lines.collect::<Vec<_>>(), names);
        assert_eq!(truth.feed.messages, messages);
        let emls: Vec<_> = corpus.emls().collect();
        assert_eq!(emls.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
        if let Some((name, eml)) = emls.last() {
            let mut entry = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut entry).unwrap();
            assert_eq!(&entry, eml);
        }
    }
}

#[test]
fn every_mail_is_marked_ends_its_lines_with_crlf_and_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for (name, eml) in CORPUS.emls() {
        let text = String::from_utf8(eml).unwrap();
        assert!(text.contains("X-Synthetic: yes\r\n"), "{name}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}");
        assert!(text.lines().all(|line| line.len() <= 998), "{name}");
        let id = text.lines().find_map(|line| line.strip_prefix("X-TELEMESSAGE-ArchiveMessageID: ")).unwrap();
        assert!(ids.insert(id.to_owned()), "{id}");
    }
}

/// Counts the feed anew from the bytes, by reading subjects and bodies.
fn recount(corpus: Corpus) -> Counts {
    let mut counts =
        Counts { words: BTreeMap::from_iter(super::chatter::TRACKED.map(|w| (w, 0))), ..Counts::default() };
    let (mut deleted, mut edited) = (BTreeSet::new(), BTreeSet::new());
    for (_, eml) in corpus.emls() {
        let outer = MessageParser::default().parse(&eml).unwrap();
        counts.messages += 1;
        counts.bytes += eml.len() as u64;
        let inner = outer.parts.iter().find_map(|part| match &part.body {
            PartType::Message(message) => Some(message.clone()),
            _ => None,
        });
        counts.journaled += u64::from(inner.is_some());
        let mail = inner.unwrap_or(outer);
        let subject = mail.subject().unwrap().to_owned();
        let body = mail.body_text(0).unwrap().into_owned();
        let header = |name: &str| mail.header(name.to_owned()).is_some();
        let encrypted = header("X-TELEMESSAGE-ENC-DATAKEY");
        let id = mail.header("X-TELEMESSAGE-ArchiveMessageID").unwrap().as_text().unwrap().to_owned();
        match subject.split(' ').next().unwrap() {
            "DELETED" => {
                counts.deletions += 1;
                let target = body.split("(Msg ID - ").nth(1).unwrap().split(')').next().unwrap().to_owned();
                assert!(id.ends_with(&target));
                assert!(deleted.insert(target), "a message is deleted once");
            }
            "EDIT" => {
                counts.edits += 1;
                edited.insert(body.split("Original Message ID: ").nth(1).unwrap().lines().next().unwrap().to_owned());
            }
            _ if subject.contains(" call from ") => counts.calls += 1,
            "Calls" => {
                counts.calls += 1;
                counts.aggregated_calls += 1;
            }
            _ => counts.chats += 1,
        }
        counts.encrypted += u64::from(encrypted);
        counts.media_removed += u64::from(body.starts_with("media was deleted before"));
        counts.date_unknown += u64::from(mail.header_raw("Date").unwrap().contains("57300"));
        counts.attachments += mail.attachments().count() as u64;
        counts.with_attachments += u64::from(mail.attachments().count() > 0);
        assert!(mail.attachments().all(|part| part.attachment_name().is_some()));
        if !encrypted {
            let lower = body.to_lowercase();
            let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
            for (word, count) in &mut counts.words {
                let parts: Vec<&str> = word.split(' ').collect();
                *count += u64::from(words.windows(parts.len()).any(|window| window == parts));
            }
        }
    }
    counts.deleted_originals = deleted.len() as u64;
    counts.edited_originals = edited.len() as u64;
    counts
}

#[test]
fn the_truth_is_what_the_bytes_say() {
    let truth = CORPUS.truth();
    assert_eq!(truth.feed, recount(CORPUS));
    assert_eq!(truth.archived.messages + truth.unmapped, truth.feed.messages);
    assert!(truth.total_items() > truth.archived.messages);
    assert_eq!(truth.items.keys().copied().collect::<BTreeSet<_>>(), CORPUS.mailboxes().collect());
    assert_eq!(truth.conversations, Corpus::CONVERSATIONS as u64 - 1, "one conversation maps to nobody");
    assert!(truth.unmapped_parties.contains(CORPUS.unmapped_number()));
}

#[test]
fn every_kind_occurs_at_its_rate() {
    let truth = Corpus { seed: 2, messages: 20_000 }.truth();
    let feed = &truth.feed;
    let near = |count: u64, per_mille: u64| {
        let want = per_mille * 20;
        assert!((want * 6 / 10..=want * 14 / 10).contains(&count), "{count} is not near {want}");
    };
    near(feed.calls, 10);
    near(feed.deletions, 10);
    near(feed.edits, 8);
    near(feed.with_attachments, 25);
    near(truth.unmapped, 30);
    assert_eq!((feed.encrypted, feed.journaled, feed.date_unknown, feed.media_removed), (3, 1, 1, 1));
    assert!(feed.aggregated_calls > 0);
    assert!(feed.words.values().all(|count| *count > 100), "{:?}", feed.words);
}

#[test]
fn the_story_holds_in_the_smallest_corpus_and_notices_come_before_and_after_their_originals() {
    let (_, first) = Corpus { seed: 99, messages: 1 }.emls().next().unwrap();
    let first = String::from_utf8(first).unwrap();
    assert!(first.contains("wire transfer") && first.contains(CORPUS.story().custodian));
    let (mut seen, mut before, mut after) = (BTreeSet::new(), 0, 0);
    for (_, eml) in CORPUS.emls() {
        let text = String::from_utf8_lossy(&eml).into_owned();
        let id = text.lines().find_map(|line| line.strip_prefix("X-TELEMESSAGE-ArchiveMessageID: ")).unwrap();
        match id.strip_prefix("DELETE_FOR_ALL-").or_else(|| id.strip_prefix("DELETE_FOR_ME-")) {
            Some(original) if seen.contains(original) => after += 1,
            Some(_) => before += 1,
            None => _ = seen.insert(id.to_owned()),
        }
    }
    assert!(before > 5 && after > 20, "{before} before, {after} after");
}

#[test]
fn the_mapping_has_the_documented_header_and_leaves_one_number_out() {
    assert!(CORPUS.mapping_csv().starts_with("External User ID,Microsoft 365 User Mailbox\r\n"));
    assert!(!CORPUS.mapping_csv().contains(CORPUS.unmapped_number()));
    assert!(!CORPUS.users_csv().contains(CORPUS.unmapped_number()));
    assert_eq!(CORPUS.users_csv().lines().count(), 9);
}
