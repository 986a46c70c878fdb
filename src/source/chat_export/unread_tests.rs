//! Chats whose texts cannot be read are lost, and nobody may be told that there is nothing to do.

use super::{
    reader_tests::{Seen, options, try_read},
    *,
};
use crate::{
    model::{Severity, SourceKind},
    source,
};
use std::{fs, io::Write as _};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const TEXT: &[u8] = b"25/03/22, 09:00 - Ann Lee: hello\n25/03/22, 09:01 - Bob Ray: ho\n";

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn at(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

/// One byte of the text is another.
fn damaged(mut bytes: Vec<u8>) -> Vec<u8> {
    let place = at(&bytes, b"hello");
    bytes[place] ^= 1;
    bytes
}

/// The first entry has the flag of encryption.
fn encrypted(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[6] |= 1;
    let central = at(&bytes, b"PK\x01\x02");
    bytes[central + 8] |= 1;
    bytes
}

struct Told {
    seen: Seen,
    detected: source::Detection,
}

/// What reader, detection and `--kind auto` say of a file.
fn told(name: &str, bytes: &[u8]) -> Told {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    assert_eq!(source::select::kind_of(&path).unwrap(), SourceKind::ChatExport, "{name}");
    let seen = try_read(&path, &options(&dir.path().join("spool"))).unwrap();
    assert_eq!(seen.opened, [path.display().to_string()]);
    assert!(seen.items.is_empty());
    Told { seen, detected: source::detect(&path).unwrap().remove(0) }
}

fn is_loss(told: &Told, code: Code, detail: &str, text: &str) {
    let [finding] = told.seen.findings.as_slice() else { panic!("{:?}", told.seen.findings) };
    assert_eq!((finding.code, finding.code.severity()), (code, Severity::Loss));
    assert!(finding.detail.contains(detail), "{finding:?}");
    assert_eq!(told.seen.not_readable, [text]);
    let detected = &told.detected;
    assert_eq!((detected.kind, detected.messages), ("chat-export", None));
    assert!(detected.confidence > 0.5 && detected.confidence < 1.0);
    assert!(detected.why.contains("cannot be read") && detected.why.contains(detail), "{}", detected.why);
}

#[test]
fn a_damaged_or_encrypted_text_in_a_zip_is_a_chat_that_is_lost() {
    let ios = damaged(zip(&[("_chat.txt", TEXT)]));
    is_loss(&told("WhatsApp Chat - Ann Lee.zip", &ios), Code::EntryUnreadable, "checksum", "_chat.txt");
    let locked = encrypted(zip(&[("WhatsApp Chat with Ann Lee.txt", TEXT)]));
    is_loss(&told("a.zip", &locked), Code::EntryUnreadable, "encrypted", "WhatsApp Chat with Ann Lee.txt");
    let german = encrypted(zip(&[("WhatsApp Chat mit Ann Lee.txt", TEXT)]));
    is_loss(&told("b.zip", &german), Code::EntryUnreadable, "encrypted", "WhatsApp Chat mit Ann Lee.txt");
}

#[test]
fn a_text_that_is_too_large_is_a_chat_that_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("WhatsApp Chat with Ann Lee.txt");
    fs::File::create(&path).unwrap().set_len(TEXT_BYTES + 1).unwrap();
    assert_eq!(source::select::kind_of(&path).unwrap(), SourceKind::ChatExport);
    let seen = try_read(&path, &options(&dir.path().join("spool"))).unwrap();
    let detected = source::detect(&path).unwrap().remove(0);
    is_loss(&Told { seen, detected }, Code::LimitExceeded, "more than", "WhatsApp Chat with Ann Lee.txt");
    // In a zip it is a bomb.
    let mut bomb = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("_chat.txt", SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    bomb.write_all(&vec![b'x'; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap().into_inner();
    is_loss(&told("c.zip", &bomb), Code::LimitExceeded, "more than", "_chat.txt");
}

#[test]
fn a_zip_in_a_zip_is_said_not_to_be_opened() {
    let inner = zip(&[("_chat.txt", TEXT)]);
    let outer = zip(&[("WhatsApp Chat - Ann Lee.zip", &inner)]);
    let name = "WhatsApp Chat - Ann Lee.zip";
    is_loss(&told("outer.zip", &outer), Code::EntryUnreadable, "zip within a zip", name);
    // A zip that a chat sent around is its document.
    let text = b"25/03/22, 09:00 - Ann Lee: WhatsApp Chat - Cid Dee.zip (file attached)\n25/03/22, 09:01 - Bob: ho\n";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.zip");
    let sent = zip(&[("WhatsApp Chat with Ann Lee.txt", text), ("WhatsApp Chat - Cid Dee.zip", &inner)]);
    fs::write(&path, sent).unwrap();
    let seen = try_read(&path, &options(&dir.path().join("spool"))).unwrap();
    assert_eq!((seen.items.len(), seen.items[0].blobs.len()), (2, 1));
    assert!(seen.not_readable.is_empty(), "{:?}", seen.findings);
    // By any other name it is still not read in silence.
    fs::write(&path, zip(&[("inner.zip", &inner)])).unwrap();
    let mut refused = Vec::new();
    source::read(&path, &mut |read| {
        if let source::Read::NotReadable { finding, item } = read {
            refused.push((finding.code, item));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(refused, [(Code::EntryUnreadable, "inner.zip".to_owned())]);
    assert!(source::detect(&path).unwrap()[0].why.contains("unpack"));
}

#[test]
fn a_chat_that_can_be_read_is_not_lost_with_one_that_cannot() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("WhatsApp Chat with Ann Lee.txt"), TEXT).unwrap();
    fs::write(dir.path().join("WhatsApp Chat - Cid Dee.zip"), damaged(zip(&[("_chat.txt", TEXT)]))).unwrap();
    fs::write(dir.path().join("x.zip"), damaged(zip(&[("notes.txt", TEXT)]))).unwrap();
    let spool = tempfile::tempdir().unwrap();
    let mut options = options(spool.path());
    let seen = try_read(dir.path(), &options).unwrap();
    assert_eq!((seen.items.len(), seen.not_readable.len()), (2, 1));
    assert_eq!(seen.findings.iter().filter(|f| f.code == Code::EntryUnreadable).count(), 2);
    // What the person leaves out need not be readable.
    options.exclude_chats = vec!["cid dee".to_owned()];
    assert!(try_read(dir.path(), &options).unwrap().not_readable.is_empty());
}

#[test]
fn one_zero_byte_is_a_character_of_its_message() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["WhatsApp Chat with Ann Lee.txt", "chat"] {
        let path = dir.path().join(name);
        fs::write(&path, b"25/03/22, 09:00 - Ann Lee: he\0llo\n25/03/22, 09:01 - Bob Ray: ho\n").unwrap();
        assert_eq!(source::select::kind_of(&path).unwrap(), SourceKind::ChatExport, "{name}");
        let mut options = options(&dir.path().join(format!("spool {name}")));
        options.me = Some("Bob Ray".to_owned());
        let seen = try_read(&path, &options).unwrap();
        let bodies: Vec<_> = seen.items.iter().map(|item| item.message.body.as_str()).collect();
        assert_eq!(bodies, ["he\0llo", "ho"]);
    }
}

#[test]
fn a_text_with_lines_of_an_old_mac_has_its_messages() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("WhatsApp Chat with Ann Lee.txt");
    fs::write(&path, b"25/03/22, 09:00 - Ann Lee: one\rmore\r25/03/22, 09:01 - Bob Ray: two\r").unwrap();
    let seen = try_read(&path, &options(&dir.path().join("spool"))).unwrap();
    let bodies: Vec<_> = seen.items.iter().map(|item| item.message.body.as_str()).collect();
    assert_eq!(bodies, ["one\nmore", "two"]);
    assert_eq!(seen.items[1].place.line, Some(3));
}
