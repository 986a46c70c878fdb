//! What becomes of the odd things in a feed: duplicates, notices before their originals, mended mappings, damage.

use crate::common::TestArchive;
use custodia::archive::{ImportOptions, SearchOptions};
use custodia::model::Code;
use std::{io::Write as _, path::PathBuf};

const SUSAN: &str = "susan@company.example";

fn mail(id: &str, subject: &str, extra: &str, body: &str) -> String {
    format!(
        "From: \"Susan Park 447700900101\" <{SUSAN}>\r\nTo: \"447700900102\" <447700900102@wa.example>\r\n\
         Date: Wed, 4 Mar 2026 09:12:41 +0000\r\nSubject: {subject}\r\nMessage-ID: <{id}@feed.example>\r\n\
         X-TELEMESSAGE-ArchiveMessageID: {id}\r\n{extra}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

fn chat(id: &str, body: &str) -> String {
    mail(
        id,
        "WhatsApp message from 447700900101 to 447700900102",
        "X-TELEMESSAGE-ArchiveInitiator: 447700900101\r\n",
        body,
    )
}

fn folder(test: &TestArchive, mails: &[(&str, String)]) -> PathBuf {
    let dir = test.dir.path().join("mails");
    std::fs::create_dir_all(&dir).unwrap();
    for (name, text) in mails {
        std::fs::write(dir.join(name), text).unwrap();
    }
    dir
}

fn empty() -> TestArchive {
    let test = TestArchive::bare();
    test.open().add_user(SUSAN, Some("Susan Park".into()), &["+44 7700 900101".into()]).unwrap();
    test
}

fn count(test: &TestArchive, query: &str) -> u64 {
    test.open().search(query, &SearchOptions::default()).unwrap().total
}

#[test]
fn a_notice_and_its_original_find_each_other_in_either_order() {
    for swap in [false, true] {
        let test = empty();
        let deletion = mail(
            "DELETE_FOR_ALL-ABC",
            "DELETED For All \u{2013} READ - WhatsApp message from 447700900101 to 447700900102",
            "",
            "DELETED For All\r\n\r\nOriginal Message (Msg ID - ABC)\r\n\r\nthe wire\r\n",
        );
        let mut files = [("1.eml", chat("ABC", "the wire")), ("2.eml", deletion)];
        if swap {
            files.swap(0, 1);
            files[0].0 = "1.eml";
            files[1].0 = "2.eml";
        }
        // One after the other, in runs of their own.
        for (name, text) in files {
            let dir = test.dir.path().join(format!("run-{name}"));
            std::fs::create_dir(&dir).unwrap();
            std::fs::write(dir.join(name), text).unwrap();
            assert!(test.import_path(&dir).0.balanced);
        }
        assert_eq!(count(&test, "isdeleted:true"), 1, "swapped: {swap}");
        assert_eq!(count(&test, "kind:deletion"), 1);
        let mut archive = test.open();
        let id = archive.search_ids("isdeleted:true", &SearchOptions::default()).unwrap()[0];
        let shown = archive.show(&id.to_string()).unwrap();
        assert_eq!(shown.related.iter().map(|r| r.relation).collect::<Vec<_>>(), ["deletion"]);
    }
}

#[test]
fn the_same_id_with_other_facts_is_another_version_and_both_are_kept() {
    let test = empty();
    let (first, _) = test.import_path(&folder(&test, &[("1.eml", chat("ABC", "one"))]));
    let (second, rows) = test.import_path(&folder(&test, &[("1.eml", chat("ABC", "two"))]));
    assert_eq!((first.balance.imported, second.balance.revised), (1, 1));
    assert_eq!(rows.iter().map(|r| r.code).filter(|c| *c == Code::Revised).count(), 1);
    let (third, _) = test.import_path(&folder(&test, &[("1.eml", chat("ABC", "one"))]));
    assert_eq!((third.balance.already, third.balance.revised), (1, 0), "a version that was seen is not new");
    assert_eq!(count(&test, ""), 2);
}

#[test]
fn a_mended_mapping_delivers_the_missing_items_without_touching_the_messages() {
    let test = empty();
    let dir = folder(&test, &[("1.eml", chat("ABC", "hello"))]);
    let (first, rows) = test.import_path(&dir);
    assert_eq!((first.balance.imported, first.balance.items.imported), (1, 1));
    assert!(rows.iter().any(|row| row.code == Code::UnmappedParticipant && row.user == "+447700900102"), "{rows:?}");
    let vault = test.files(&["vault"]);
    let mut archive = test.open();
    archive.add_user("jeff@company.example", None, &[]).unwrap();
    let map = archive
        .import_mapping("m.csv", b"number,email\n447700900102,jeff@company.example\n", false, None, false)
        .unwrap();
    assert_eq!(map.added, 1);
    let (second, _) = test.import_path(&dir);
    assert_eq!((second.balance.already, second.balance.items.imported, second.balance.items.skipped), (1, 1, 1));
    assert_eq!(test.files(&["vault"]), vault);
    assert_eq!(count(&test, "mailbox:jeff@company.example"), 1);
    assert!(second.balanced);
}

#[test]
fn the_switches_choose_which_mapping_is_asked() {
    for (custom, automatic, imported) in [(true, true, 1), (true, false, 1), (false, true, 1), (false, false, 0)] {
        let test = empty();
        let dir = folder(&test, &[("1.eml", chat("ABC", "hello"))]);
        let options =
            ImportOptions { custom_mapping: custom, automatic_mapping: automatic, ..ImportOptions::default() };
        let report = test.writer().import(&[dir], &options, &custodia::progress::Silent, &mut |_| ()).unwrap();
        assert_eq!(report.balance.imported, imported, "custom {custom}, automatic {automatic}");
        assert_eq!(report.balance.not_imported, 1 - imported);
        assert!(report.balanced);
    }
}

#[test]
fn ciphertext_is_archived_and_counted_and_never_found_by_its_text() {
    let test = empty();
    let extra = "X-TELEMESSAGE-ENC-DATAKEY: QUJD\r\n";
    let secret = mail("ENC1", "WhatsApp message from 447700900101 to 447700900102", extra, "cGxhaW50ZXh0");
    let (report, _) = test.import_path(&folder(&test, &[("1.eml", secret)]));
    assert_eq!(report.balance.imported, 1);
    assert_eq!(count(&test, "cGxhaW50ZXh0"), 0);
    // A hit is a hit; what a query does not find and cannot exclude is counted beside the hits.
    let search = |query: &str| test.open().search(query, &SearchOptions::default()).unwrap();
    let counts = |query: &str| (search(query).total, search(query).partially_indexed);
    assert_eq!((counts(""), counts("kind:unindexed"), counts("plaintext")), ((1, 0), (1, 0), (0, 1)));
    assert_eq!(
        (counts("body:plaintext"), counts("plaintext sent:2020-01-01"), counts("subject:x")),
        ((0, 1), (0, 0), (0, 0))
    );
}

#[test]
fn damage_in_a_feed_costs_only_what_is_damaged_and_every_loss_is_named() {
    let test = empty();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let truncated = &chat("TRUNC", "cut")[..180];
    let files: [(&str, &str); 6] = [
        ("a.eml", &chat("AAA", "one")),
        ("b.eml", ""),
        ("c.eml", truncated),
        ("../../evil.eml", &chat("EVIL", "two")),
        ("d.eml", "this is no e-mail at all"),
        ("feed.mf", "Count: 9\na.eml\nb.eml\nc.eml\nd.eml\nmissing.eml\n"),
    ];
    for (name, text) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let path = test.dir.path().join("202603050000-TeleMessage_1_1200.zip");
    let bytes = zip.finish().unwrap().into_inner();
    std::fs::write(&path, &bytes).unwrap();
    let (report, rows) = test.import_path(&path);
    assert!(report.balanced, "{report:?}");
    assert!(!report.balance.complete());
    let codes: Vec<Code> = rows.iter().map(|row| row.code).collect();
    for code in [Code::ZeroByte, Code::ManifestCount, Code::ManifestMissing, Code::ManifestUnlisted, Code::HostileName]
    {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert!(rows.iter().all(|row| !row.source.file.is_empty() && !row.fix.is_empty()));
    assert_eq!(count(&test, "one OR two"), 2, "what is good is there");
    assert!(!test.dir.path().parent().unwrap().join("evil.eml").exists());
    // Cut anywhere, nothing panics, every run balances, and what was good before the cut is there.
    for cut in (0..bytes.len()).step_by(bytes.len() / 12) {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let (report, _) = test.import_path(&path);
        assert!(report.balanced, "cut at {cut}: {report:?}");
    }
}
