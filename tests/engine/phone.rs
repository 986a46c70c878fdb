//! A phone's data through the real import path: chat exports, whose authors are names.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{
        ExportRequest, ExportSelection, HoldRequest, ImportItem, ImportOptions, ImportReport, PhoneImport,
        RebuildOptions, SearchOptions, Selection, VerifyLevel, VerifyOptions,
    },
    mapping::read_names,
    model::{Code, Digest, Severity, event::Basis},
    progress::Silent,
    source,
};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

const OWNER: &str = "bo@firm.example";
const FRIEND: &str = "ann@firm.example";

/// Lines of an exported group chat; the owner is Bo Lee.
const CHAT: &str = "\
25/02/2026, 09:12 - Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them.\n\
25/02/2026, 09:12 - You created group \"Quarter end\"\n\
25/02/2026, 09:13 - Bo Lee: the wire transfer is due on Friday\n\
25/02/2026, 09:13 - Ann Kay: invoice attached\n\
25/02/2026, 09:14 - Ann Kay: notes.pdf (file attached)\n\
26/02/2026, 10:01 - +44 7700 900104: who is this?\n\
26/02/2026, 10:02 - Ann Kay: This message was deleted\n\
27/02/2026, 18:30 - Bo Lee: see you\nsecond line\n";

fn stage() -> (TestArchive, PathBuf) {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.add_user(OWNER, Some("Bo Lee".into()), &[]).unwrap();
    archive.add_user(FRIEND, None, &[]).unwrap();
    archive.add_user("carla@firm.example", None, &["+447700900104".into()]).unwrap();
    let folder = test.dir.path().join("phone");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("WhatsApp Chat with Quarter end.txt"), CHAT).unwrap();
    fs::write(folder.join("notes.pdf"), b"%PDF-1.4 invented").unwrap();
    (test, folder)
}

fn options() -> ImportOptions {
    let phone = PhoneImport {
        owner: Some(OWNER.into()),
        me: Some("Bo Lee".into()),
        source_tz: Some(custodia::model::Zone::named("Europe/London").unwrap()),
        ..PhoneImport::default()
    };
    ImportOptions { phone, ..ImportOptions::default() }
}

fn import(
    test: &TestArchive,
    path: &Path,
    options: &ImportOptions,
) -> custodia::Result<(ImportReport, Vec<ImportItem>)> {
    let mut rows = Vec::new();
    let report = test.writer().import(&[path.to_owned()], options, &Silent, &mut |row| rows.push(row.clone()))?;
    assert!(report.balanced, "{report:?}");
    Ok((report, rows))
}

fn total(archive: &mut Archive, query: &str) -> u64 {
    archive.search(query, &SearchOptions::default()).unwrap().total
}

fn id(archive: &mut Archive, query: &str) -> String {
    let ids = archive.search_ids(query, &SearchOptions::default()).unwrap();
    assert_eq!(ids.len(), 1, "{query}");
    ids[0].to_string()
}

#[test]
fn a_chat_is_archived_for_its_owner_found_shown_and_here_already_the_second_time() {
    let (test, folder) = stage();
    let (first, _) = import(&test, &folder, &options()).unwrap();
    assert_eq!((first.balance.read, first.balance.imported, first.balance.attachments), (8, 8, 1));
    let before = test.files(&["vault", "mail"]);
    let (second, _) = import(&test, &folder, &options()).unwrap();
    assert_eq!((second.balance.already, second.balance.imported), (8, 0));
    assert_eq!(test.files(&["vault", "mail"]), before);
    assert!(!test.path().join("spool").exists(), "nothing is left of the private copies");
    let mut archive = test.open();
    assert_eq!(total(&mut archive, "wire"), 1);
    assert_eq!(total(&mut archive, &format!("from:{OWNER}")), 3, "what the owner sent and did is found by the mailbox");
    assert_eq!(total(&mut archive, "kind:system"), 2);
    assert_eq!(total(&mut archive, "kind:deletion"), 1);
    let wire = id(&mut archive, "wire");
    let shown = archive.show(&wire).unwrap();
    assert_eq!(shown.subject, "WhatsApp message from Bo Lee to chat group Quarter end");
    assert_eq!(shown.sent.unwrap().to_string(), "2026-02-25T09:13:00Z");
    let basis: Vec<_> = shown.attributed.iter().map(|a| (a.mailbox.to_string(), a.basis, a.by.as_str())).collect();
    assert_eq!(
        basis,
        [(OWNER.to_owned(), Basis::Owner, ""), ("carla@firm.example".into(), Basis::Number, "+447700900104")]
    );
    let report =
        archive.verify(&VerifyOptions { level: VerifyLevel::Full, ..VerifyOptions::default() }, &[], &Silent).unwrap();
    assert!(report.findings.iter().all(|f| f.code.severity() < Severity::Loss), "{report:?}");
}

#[test]
fn names_are_whose_they_are_said_to_be_for_one_import_only() {
    let (test, folder) = stage();
    let (report, rows) = import(&test, &folder, &options()).unwrap();
    assert_eq!(report.balance.items.imported, 16, "the owner, and the one whose number maps");
    assert!(rows.iter().any(|row| row.code == Code::UnmappedParticipant && row.detail == "Ann Kay"));
    let names = read_names(format!("name,email\nann kay,{FRIEND}\n").as_bytes()).unwrap();
    let said = ImportOptions { phone: PhoneImport { names, ..options().phone }, ..options() };
    let (again, _) = import(&test, &folder, &said).unwrap();
    assert_eq!((again.balance.already, again.balance.items.imported), (8, 8), "late deliveries, no new messages");
    let (third, _) = import(&test, &folder, &options()).unwrap();
    assert_eq!(third.balance.items.imported, 0);
    let other = stage().0;
    let (fresh, _) = import(&other, &folder, &options()).unwrap();
    assert_eq!(fresh.balance.items.imported, 16, "another import does not know the name");
}

#[test]
fn what_must_be_said_is_asked_for_and_nothing_is_imported() {
    let (test, folder) = stage();
    let asked = |change: &dyn Fn(&mut PhoneImport)| {
        let mut options = options();
        change(&mut options.phone);
        let error = import(&test, &folder, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        format!("{error} {}", error.hint().unwrap_or_default())
    };
    assert!(asked(&|phone| phone.owner = None).contains("--owner"));
    assert!(asked(&|phone| phone.owner = Some("nobody@firm.example".into())).contains("nobody@firm.example"));
    assert!(asked(&|phone| phone.source_tz = None).contains("--source-tz"));
    assert_eq!(total(&mut test.open(), ""), 0);
}

#[test]
fn private_chats_stay_out_and_are_counted() {
    let (test, folder) = stage();
    let private = "01/03/2026, 09:00 - Bo Lee: secret\n01/03/2026, 09:01 - Kim: yes\n13/03/2026, 09:01 - Kim: no\n";
    fs::write(folder.join("WhatsApp Chat with Kim.txt"), private).unwrap();
    let without = PhoneImport { exclude_chats: vec!["kim".into()], ..options().phone };
    let (report, rows) = import(&test, &folder, &ImportOptions { phone: without, ..options() }).unwrap();
    assert_eq!((report.balance.imported, report.balance.left_out), (8, 3));
    assert!(rows.iter().all(|row| !row.detail.contains("secret")));
    let journal = fs::read_to_string(test.path().join("journal/00000000000000000001.jsonl")).unwrap();
    assert!(!journal.contains("secret"));
    assert_eq!(total(&mut test.open(), "secret"), 0);
}

#[test]
fn everything_comes_back_from_vault_and_journal() {
    let (test, folder) = stage();
    import(&test, &folder, &options()).unwrap();
    let answers = |archive: &mut Archive| {
        let found = archive.search("", &SearchOptions::default()).unwrap();
        let shown: Vec<_> = found.hits.iter().map(|hit| archive.show(&hit.id.to_string()).unwrap()).collect();
        let users = archive.users().unwrap();
        serde_json::to_string(&(found.total, found.items, found.hits, shown, users)).unwrap()
    };
    let before = answers(&mut test.open());
    for derived in ["mail", "catalog", "index"] {
        fs::remove_dir_all(test.path().join(derived)).unwrap();
    }
    fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(answers(&mut test.open()), before);
}

#[test]
fn a_hold_on_the_owner_blocks_and_an_export_has_the_bytes() {
    let (test, folder) = stage();
    import(&test, &folder, &options()).unwrap();
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    let hold = HoldRequest {
        name: "one".into(),
        case: "Falcon".into(),
        custodians: vec![OWNER.into()],
        query: Some(format!("from:{OWNER} wire")),
        reason: "x".into(),
        ..HoldRequest::default()
    };
    let placed = archive.place_hold(&hold, false).unwrap();
    assert_eq!(placed.messages, 2, "the one that says it, and the one with an attachment that could");
    let planned = archive.plan_deletion(&Selection::Query("wire".into()), &[], "x", false).unwrap();
    assert_eq!((planned.matched, planned.blocked), (2, 1), "Carla's copy is not held");
    let out = test.dir.path().join("export");
    let request = ExportRequest {
        selection: ExportSelection::Query("notes".into()),
        to: out.clone(),
        reason: "x".into(),
        mailboxes: vec![],
        include_unindexed: false,
        dry_run: false,
    };
    archive.export(&request, &Silent).unwrap();
    let file = fs::read_dir(out.join("messages")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&file).unwrap();
    let attachment = source::attachment(custodia::model::SourceKind::ChatExport, &bytes, 0).unwrap();
    assert_eq!(attachment, b"%PDF-1.4 invented");
}

#[test]
fn a_large_medium_goes_through_the_spool_and_is_archived_whole() {
    let (test, folder) = stage();
    let mut file = fs::File::create(folder.join("notes.pdf")).unwrap();
    let mut digest = Vec::new();
    for n in 0..12_000u32 {
        let chunk: Vec<u8> = (0..1_024u32).map(|at| (n.wrapping_mul(31).wrapping_add(at) % 251) as u8).collect();
        file.write_all(&chunk).unwrap();
        digest.extend_from_slice(&chunk);
    }
    drop(file);
    let keep = PhoneImport { keep_source: true, ..options().phone };
    import(&test, &folder, &ImportOptions { phone: keep, ..options() }).unwrap();
    let mut archive = test.open();
    let large = id(&mut archive, "attachmentnames:notes");
    let shown = archive.show(&large).unwrap();
    assert!(shown.size > 16_000_000, "{}", shown.size);
    assert_eq!(shown.attachments[0].sha256, Digest::of(&digest));
    let stored = test.path().join("vault").join(&shown.digest.to_hex()[..2]).join(format!("{}.eml", shown.digest));
    let bytes = fs::read(&stored).unwrap();
    assert_eq!(Digest::of(&bytes), shown.digest);
    assert!(fs::metadata(&stored).unwrap().permissions().readonly());
    for kept in fs::read_dir(test.path().join("sources")).unwrap() {
        let kept = kept.unwrap();
        let digest = Digest::of(&fs::read(kept.path()).unwrap()).to_hex();
        assert_eq!(kept.file_name().to_string_lossy(), digest);
    }
    let kept = fs::read_dir(test.path().join("sources")).unwrap().next().unwrap().unwrap().path();
    let codes = |archive: &mut Archive| {
        let report = archive.verify(&VerifyOptions::default(), &[], &Silent).unwrap();
        report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&mut archive), []);
    fs::rename(&kept, kept.with_extension("moved")).unwrap();
    assert_eq!(codes(&mut archive), [Code::SourceMissing, Code::SourceForeign]);
}

/// A database of an Android phone with one direct chat of two messages.
fn android(folder: &Path) -> rusqlite::Connection {
    let database = rusqlite::Connection::open(folder.join("msgstore.db")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT, type INTEGER);
             CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);
             CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,
               sender_jid_row_id INTEGER, status INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT,
               sort_id INTEGER);
             CREATE TABLE receipt_user (_id INTEGER PRIMARY KEY, message_row_id INTEGER, receipt_user_jid_row_id INTEGER,
               receipt_timestamp INTEGER, read_timestamp INTEGER, played_timestamp INTEGER);
             INSERT INTO jid VALUES (1, '447700900105', 's.whatsapp.net', '447700900105@s.whatsapp.net', 0);
             INSERT INTO chat VALUES (1, 1, NULL);
             INSERT INTO message VALUES (1, 1, 1, '3EB0A1', 0, 5, 1772615561000, 0, 'did you get the invoice', 1);
             INSERT INTO message VALUES (2, 1, 0, '3EB0A2', 0, 0, 1772615661000, 0, 'yes', 2);
             INSERT INTO receipt_user VALUES (1, 1, 1, 1772615562000, NULL, NULL);",
        )
        .unwrap();
    database
}

#[test]
fn receipts_that_come_later_are_a_message_of_the_same_story() {
    let (test, folder) = stage();
    let phone = folder.join("pulled");
    fs::create_dir(&phone).unwrap();
    let database = android(&phone);
    let (first, _) = import(&test, &phone, &options()).unwrap();
    assert_eq!((first.balance.read, first.balance.imported), (2, 2));
    let (same, _) = import(&test, &phone, &options()).unwrap();
    assert_eq!((same.balance.already, same.balance.imported), (2, 0), "nothing is new");
    database.execute("UPDATE receipt_user SET read_timestamp = 1772615600000", []).unwrap();
    let (news, _) = import(&test, &phone, &options()).unwrap();
    assert_eq!((news.balance.already, news.balance.imported, news.balance.revised), (2, 1, 0));
    let (again, _) = import(&test, &phone, &options()).unwrap();
    assert_eq!((again.balance.already, again.balance.imported), (2, 0), "the same news is told once");
    let mut archive = test.open();
    let asked = id(&mut archive, "invoice");
    let shown = archive.show(&asked).unwrap();
    assert_eq!(shown.from.email.as_deref(), Some(OWNER));
    let related: Vec<_> = shown.related.iter().map(|r| (r.relation, r.body.as_str())).collect();
    assert_eq!(
        related,
        [("receipts", "Delivered to +447700900105 2026-03-04T09:12:42Z\nRead by +447700900105 2026-03-04T09:13:20Z")]
    );
    assert!(!shown.is_deleted && !shown.is_edited);
}

#[test]
fn two_overlapping_halves_are_the_whole_in_either_order() {
    let lines: Vec<&str> = CHAT.split_inclusive('\n').collect();
    let half = |range: std::ops::Range<usize>| lines[range].concat();
    let (older, newer) = (half(0..6), half(3..lines.len()));
    let said = PhoneImport { date_order: Some(source::phone::DateOrder::Dmy), ..options().phone };
    let said = ImportOptions { phone: said, ..options() };
    let ids = |parts: &[&str]| {
        let (test, folder) = stage();
        for part in parts {
            fs::write(folder.join("WhatsApp Chat with Quarter end.txt"), part).unwrap();
            import(&test, &folder, &said).unwrap();
        }
        let mut ids = test.open().search_ids("", &SearchOptions { limit: 100, ..SearchOptions::default() }).unwrap();
        ids.sort();
        ids
    };
    let whole = ids(&[CHAT]);
    assert_eq!(whole.len(), 8);
    assert_eq!(ids(&[&older, &newer]), whole);
    assert_eq!(ids(&[&newer, &older]), whole);
}

#[test]
fn a_copy_without_media_is_no_other_version_in_either_order() {
    let bare = CHAT.replace("notes.pdf (file attached)", "<Media omitted>");
    let (test, folder) = stage();
    import(&test, &folder, &options()).unwrap();
    fs::remove_file(folder.join("notes.pdf")).unwrap();
    fs::write(folder.join("WhatsApp Chat with Quarter end.txt"), &bare).unwrap();
    let (less, _) = import(&test, &folder, &options()).unwrap();
    assert_eq!((less.balance.already, less.balance.revised), (8, 0));
    let (other, folder) = stage();
    let chat = folder.join("WhatsApp Chat with Quarter end.txt");
    fs::write(&chat, &bare).unwrap();
    import(&other, &folder, &options()).unwrap();
    fs::write(&chat, CHAT).unwrap();
    let (more, _) = import(&other, &folder, &options()).unwrap();
    assert_eq!((more.balance.already, more.balance.revised), (7, 1), "the media, at last");
}

#[test]
fn a_source_that_is_refused_as_a_whole_leaves_no_run_and_the_writer_goes_on() {
    let (test, folder) = stage();
    let mut writer = test.writer();
    let without = ImportOptions { phone: PhoneImport { source_tz: None, ..options().phone }, ..options() };
    let error = writer.import(std::slice::from_ref(&folder), &without, &Silent, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(writer.archive().runs().is_empty());
    let report = writer.import(&[folder], &options(), &Silent, &mut |_| {}).unwrap();
    assert_eq!(report.balance.imported, 8);
}

#[test]
fn what_was_read_before_a_refusal_is_archived_and_its_run_ends() {
    let (test, folder) = stage();
    let refused = test.dir.path().join("WhatsApp Chat with Kim.txt");
    fs::write(&refused, "13/02/2026, 09:00 - Kim: one\n14/02/2026, 09:01 - Lou: two\n").unwrap();
    let mut writer = test.writer();
    let error = writer.import(&[folder, refused], &options(), &Silent, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "nobody called Bo Lee wrote in the second: {error}");
    let runs = writer.archive().runs();
    assert_eq!(runs.len(), 1);
    assert!(runs[0].finished.is_some() && runs[0].balance.imported == 8, "{runs:?}");
}

#[test]
fn a_group_of_more_mailboxes_than_a_line_holds_is_delivered_to_all() {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.add_user(OWNER, Some("Bo Lee".into()), &[]).unwrap();
    let mut text = String::new();
    for n in 0..130 {
        let number = format!("+44 7700 900{n:03}");
        archive.add_user(&format!("user{n}@firm.example"), None, std::slice::from_ref(&number)).unwrap();
        text.push_str(&format!("25/02/2026, 09:{:02} - {number}: hello\n", n / 3));
    }
    drop(archive);
    let file = test.dir.path().join("WhatsApp Chat with All hands.txt");
    fs::write(&file, text).unwrap();
    let said = ImportOptions { phone: PhoneImport { me: Some("-".into()), ..options().phone }, ..options() };
    let (report, _) = import(&test, &file, &said).unwrap();
    assert_eq!((report.balance.imported, report.balance.items.imported), (130, 130 * 131));
    let found = test.open().search("hello", &SearchOptions::default()).unwrap();
    assert_eq!((found.total, found.items), (130, 130 * 131));
    let (again, _) = import(&test, &file, &said).unwrap();
    assert_eq!((again.balance.already, again.balance.items.imported), (130, 0));
}

#[test]
fn what_a_phone_says_beside_the_text_is_searched_and_edited_messages_are_found() {
    let (test, folder) = stage();
    let chat = "25/02/2026, 09:12 - Bo Lee: lunch <This message was edited>\n\
                25/02/2026, 09:13 - Ann Kay: location: https://maps.google.com/?q=52.089451,-5.108469\n\
                26/02/2026, 09:13 - Ann Kay: POLL:\nWhere?\nOPTION: Pizzeria (2 votes)\nOPTION: Cafe (1 vote)\n";
    fs::write(folder.join("WhatsApp Chat with Quarter end.txt"), chat).unwrap();
    import(&test, &folder, &options()).unwrap();
    let mut archive = test.open();
    assert_eq!(total(&mut archive, "pizzeria"), 1);
    assert_eq!(total(&mut archive, "isedited:true"), 1);
    let poll = id(&mut archive, "pizzeria");
    assert!(archive.show(&poll).unwrap().notes.unwrap().contains("Pizzeria"));
}
