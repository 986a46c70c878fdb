//! Every e-mail of `fixtures/mails` means what its line in `expected.jsonl` says; the feeds of `fixtures/feeds` give what they hold.

use super::{feed, *};
use crate::model::{Digest, PhoneNumber, Severity};
use serde_json::{Value, json};
use std::{fs, io::Write as _, path::PathBuf};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn party(p: &Participant) -> Value {
    json!({ "name": p.name, "number": p.number.as_ref().map(PhoneNumber::digits), "email": p.email })
}

/// What a message says, in the form of `expected.jsonl`.
fn told(message: &Message) -> Value {
    let call = message.call.as_ref().map(|c| {
        let leg = |l: &crate::model::message::CallLeg| json!([l.number, l.at, l.seconds, l.outgoing]);
        let legs: Vec<_> = c.legs.iter().map(leg).collect();
        json!({ "media": c.media, "answered": c.answered, "aggregated": c.aggregated, "legs": legs })
    });
    json!({
        "kind": message.kind,
        "native": message.identity.native,
        "account": message.identity.account,
        "conversation": message.conversation,
        "sender": party(&message.sender),
        "recipients": message.recipients.iter().map(party).collect::<Vec<_>>(),
        "sent": message.sent,
        "body": message.body,
        "call": call,
        "deletion": message.deletion,
        "edit": message.edit,
        "encrypted": message.encrypted,
        "journaled": message.journaled,
        "attachments": message.attachments.iter().map(|a| json!([a.name, a.media_type, a.size])).collect::<Vec<_>>(),
        "media_removed": message.media_removed,
        "source_words": message.source_words,
        "findings": message.findings.iter().map(|f| json!([f.code, f.detail])).collect::<Vec<_>>(),
    })
}

#[test]
fn every_fixture_mail_means_what_is_written_beside_it() {
    let expected = fs::read_to_string(fixtures().join("mails/expected.jsonl")).unwrap();
    let mut files: Vec<String> = fs::read_dir(fixtures().join("mails"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".eml"))
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for (line, file) in expected.lines().zip(&files) {
        let mut expected: Value = serde_json::from_str(line).unwrap();
        let fields = expected.as_object_mut().unwrap();
        assert_eq!(fields.remove("file").unwrap(), json!(file));
        let why = fields.remove("why").unwrap();
        let bytes = fs::read(fixtures().join("mails").join(file)).unwrap();
        let message = understand(&bytes).unwrap();
        let told = told(&message);
        for (field, value) in fields {
            if told[field.as_str()] != *value {
                wrong.push(format!("{file} ({why}): {field}\n  expected {value}\n  got      {}", told[field.as_str()]));
            }
        }
        for (at, described) in message.attachments.iter().enumerate() {
            assert_eq!(described.sha256, Digest::of(&attachment(&bytes, at).unwrap()), "{file}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(expected.lines().count(), files.len());
    assert!(files.len() >= 40);
}

/// Messages, messages that were there and cannot be read, and codes, of a source.
fn read(path: &std::path::Path) -> (Vec<String>, Vec<String>, Vec<Code>) {
    let (mut items, mut lost, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    feed::read(path, &mut |read| {
        match read {
            feed::Read::Opened { digest, file, size } => {
                let bytes = fs::read(file).unwrap();
                assert_eq!((digest, size), (Digest::of(&bytes), bytes.len() as u64));
            }
            feed::Read::Item { message, .. } => items.push(message.identity.native),
            feed::Read::NotReadable { finding, item } => {
                assert_eq!(finding.code.severity(), Severity::Loss);
                lost.push(item);
                codes.push(finding.code);
            }
            feed::Read::Noticed(finding) => codes.push(finding.code),
        }
        Ok(())
    })
    .unwrap();
    (items, lost, codes)
}

/// The folder as a zip beside nothing else.
fn packed(folder: &std::path::Path, dir: &std::path::Path) -> PathBuf {
    let path = dir.join("202603040000-TeleMessage_1_010203.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        zip.start_file(file.file_name().unwrap().to_str().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(file).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn the_whole_feed_is_whole_as_a_folder_and_as_a_zip() {
    let folder = fixtures().join("feeds/202603040000-TeleMessage_1_010203");
    let dir = tempfile::tempdir().unwrap();
    let expected = (vec!["3EB0F001".to_owned(), "3EB0F002".into(), "DELETE_FOR_ALL-3EB0F001".into()], vec![], vec![]);
    assert_eq!(read(&folder), expected);
    assert_eq!(read(&packed(&folder, dir.path())), expected);
}

#[test]
fn the_wrong_feed_loses_only_what_is_wrong() {
    let folder = fixtures().join("feeds/202603050000-TeleMessage_1_010203-wrong");
    let dir = tempfile::tempdir().unwrap();
    for source in [folder.clone(), packed(&folder, dir.path())] {
        let (items, lost, codes) = read(&source);
        assert_eq!(items, ["3EB0F101", "3EB0F104"]);
        assert_eq!(lost, ["0002.eml", "0003.eml"]);
        assert_eq!(
            codes,
            [
                Code::ZeroByte,
                Code::NotAnEmail,
                Code::ManifestUnknown,
                Code::ManifestCount,
                Code::ManifestMissing,
                Code::ManifestDuplicate,
                Code::ManifestUnlisted
            ]
        );
    }
}
