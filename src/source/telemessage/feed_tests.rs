//! Feeds as they come: whole, wrong, damaged, hostile.

use super::*;
use std::{
    fs,
    io::{Cursor, Write as _},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn mail(id: &str) -> Vec<u8> {
    format!(
        "From: \"Ann Lee 447700900101\" <ann@northgate.example>\r\nTo: \"447700900102\" <bo@client.example>\r\n\
         Subject: WhatsApp message from 447700900101 to 447700900102\r\nDate: Wed, 04 Mar 2026 09:12:41 +0000\r\n\
         X-TELEMESSAGE-ArchiveMessageID: {id}\r\n\r\nhello {id}\r\n"
    )
    .into_bytes()
}

fn zipped(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What a visit met, in short: `opened`, `item ID`, `lost CODE name`, `noticed CODE detail`.
fn visit(path: &Path) -> Vec<String> {
    let mut met = Vec::new();
    read(path, &mut |read| {
        met.push(match read {
            Read::Opened { file, .. } => format!("opened {}", base(&file)),
            Read::Item { bytes, message, place } => {
                assert_eq!(understand(&bytes).unwrap().identity, message.identity);
                assert!(place.file.starts_with(path.to_str().unwrap()));
                format!("item {}", message.identity.native)
            }
            Read::NotReadable { finding, item } => format!("lost {} {item}", finding.code),
            Read::Noticed(finding) => {
                let line = finding.place.line.map(|n| format!(" line {n}")).unwrap_or_default();
                let entry = finding.place.entry.map(|e| format!(" {e}")).unwrap_or_default();
                format!("noticed {}{entry}{line}", finding.code)
            }
        });
        Ok(())
    })
    .unwrap();
    met
}

fn visit_zip(bytes: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("202603040000-TeleMessage_1_010203.zip");
    fs::write(&path, bytes).unwrap();
    visit(&path).into_iter().skip(1).collect()
}

#[test]
fn a_whole_feed_zip_gives_its_messages_and_nothing_else() {
    let entries = [("a.eml", mail("1")), ("b.EML", mail("2")), ("feed.mf", b"Count: 2\na.eml\nb.EML\n".to_vec())];
    assert_eq!(visit_zip(&zipped(&entries)), ["item 1", "item 2"]);
}

#[test]
fn what_is_wrong_in_a_feed_is_named_and_the_rest_is_read() {
    let entries = [
        ("feed.mf", b"Count: 9\na.eml\ngone.eml\na.eml\n".to_vec()),
        ("a.eml", mail("1")),
        ("empty.eml", Vec::new()),
        ("photo.eml", b"\xff\xd8\xff\xe0 not a mail".to_vec()),
        ("noname", mail("2")),
        ("sub/", Vec::new()),
        ("../up.eml", mail("3")),
        ("inner.zip", zipped(&[("z.eml", mail("9"))])),
        (".DS_Store", b"junk".to_vec()),
    ];
    assert_eq!(
        visit_zip(&zipped(&entries)),
        [
            "item 1",
            "lost zero_byte empty.eml",
            "lost not_an_email photo.eml",
            "item 2",
            "noticed hostile_name ../up.eml",
            "item 3",
            "noticed manifest_count feed.mf",
            "noticed manifest_missing feed.mf line 3",
            "noticed manifest_duplicate feed.mf line 4",
            "noticed manifest_unlisted empty.eml",
            "noticed manifest_unlisted photo.eml",
            "noticed manifest_unlisted noname",
            "noticed manifest_unlisted ../up.eml",
            "noticed foreign_file inner.zip",
            "noticed foreign_file .DS_Store",
        ]
    );
}

#[test]
fn a_zip_that_was_cut_off_gives_what_is_whole_and_names_what_is_lost() {
    let bytes = zipped(&[("a.eml", mail("1")), ("b.eml", mail("2")), ("c.eml", mail("3"))]);
    let third = bytes.windows(9).rposition(|w| w == b"hello 3\r\n").unwrap();
    assert_eq!(
        visit_zip(&bytes[..third]),
        ["noticed zip_damaged", "item 1", "item 2", "lost entry_unreadable c.eml", "noticed manifest_absent"]
    );
}

#[test]
fn a_changed_byte_costs_one_message() {
    let mut bytes = zipped(&[("a.eml", mail("1")), ("b.eml", mail("2")), ("m.mf", b"a.eml\nb.eml".to_vec())]);
    let at = bytes.windows(7).position(|w| w == b"hello 1").unwrap();
    bytes[at] = b'j';
    assert_eq!(visit_zip(&bytes), ["lost entry_unreadable a.eml", "item 2"]);
}

#[test]
fn a_file_that_is_no_zip_is_named() {
    assert_eq!(visit_zip(b""), ["noticed zero_byte"]);
    assert_eq!(visit_zip(b"this is no zip at all"), ["noticed zip_damaged"]);
    assert_eq!(visit_zip(&zipped(&[("x.txt", b"x".to_vec())])), ["noticed foreign_file"]);
}

#[test]
fn a_folder_is_read_in_order_with_its_manifests() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    fs::create_dir(dir.path().join("day")).unwrap();
    put("day/b.eml", &mail("2"));
    put("day/a.eml", &mail("1"));
    put("day/list.mf", b"Count: 3\na.eml\nb.eml\nc.eml\n");
    put("z.zip", &zipped(&[("q.eml", mail("3"))]));
    put("z.mf", b"Count: 1\nq.eml\n");
    put("readme.txt", b"hello");
    put("empty.eml", b"");
    std::os::unix::fs::symlink("/etc/hosts", dir.path().join("link.eml")).unwrap();
    assert_eq!(
        visit(dir.path()),
        [
            "noticed foreign_file",
            "opened a.eml",
            "item 1",
            "opened b.eml",
            "item 2",
            "opened empty.eml",
            "lost zero_byte empty.eml",
            "noticed foreign_file",
            "opened z.zip",
            "item 3",
            "opened z.mf",
            "opened list.mf",
            "noticed manifest_count",
            "noticed manifest_missing line 4",
        ]
    );
}

#[test]
fn one_email_is_a_source() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("one.eml");
    fs::write(&path, mail("1")).unwrap();
    assert_eq!(visit(&path), ["opened one.eml", "item 1"]);
    let missing = read(&dir.path().join("no"), &mut |_| Ok(())).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn findings_in_a_message_know_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.zip");
    let absurd = String::from_utf8(mail("1")).unwrap().replace("2026", "57300").into_bytes();
    fs::write(&path, zipped(&[("a.eml", absurd)])).unwrap();
    let mut places = Vec::new();
    read(&path, &mut |read| {
        if let Read::Item { message, .. } = read {
            places.extend(message.findings.iter().map(|f| (f.code, f.place.entry.clone())));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(places, [(Code::DateAbsurd, Some("a.eml".to_owned()))]);
}

#[test]
fn a_visit_that_stops_stops_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.zip");
    fs::write(&path, zipped(&[("a.eml", mail("1")), ("b.eml", mail("2"))])).unwrap();
    let mut items = 0;
    let stopped = read(&path, &mut |read| {
        items += u32::from(matches!(read, Read::Item { .. }));
        if items == 1 { Err(Error::new(ErrorKind::Interrupted, "stop")) } else { Ok(()) }
    });
    assert_eq!((stopped.unwrap_err().kind(), items), (ErrorKind::Interrupted, 1));
}
