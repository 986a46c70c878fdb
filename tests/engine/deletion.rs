//! What a deletion takes and what it leaves: recoverable items, the end of their time, purges, and what clients moved.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive, ArchiveWriter, ErrorKind,
    archive::{ApplyOptions, ApplyReport, HoldRequest, PlanReport, SearchOptions, Selection, VerifyOptions},
    clock::FixedClock,
    model::{Event, Instant, MailboxName, Watermark, event::Disposal},
    progress::Silent,
};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

const ANN: &str = "ann@firm.example";
const BOB: &str = "bob@firm.example";
const DAY: i64 = 24 * 3600 * 1000;
/// Words that stand nowhere else: body, subject, name of the attachment, its text.
const MARKS: [&str; 4] = ["zanzibarquux", "velociraptorium", "grimoirebox", "petrichoric"];

fn mail(id: &str, to: &str, words: [&str; 4]) -> String {
    let [body, subject, name, text] = words;
    format!(
        "From: \"Ann Kay 447700900101\" <{ANN}>\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Wed, 04 Mar 2026 09:12:41 +0000\r\nX-TELEMESSAGE-ArchiveMessageID: {id}\r\n\
         X-TELEMESSAGE-ArchiveInitiator: +447700900101\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         {body}\r\n--b\r\nContent-Type: text/plain; name=\"{name}.txt\"\r\n\
         Content-Disposition: attachment; filename=\"{name}.txt\"\r\n\r\n{text}\r\n--b--\r\n"
    )
}

/// Ann has three messages; the second is also Bob's.
fn stage() -> TestArchive {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.add_user(ANN, Some("Ann Kay".into()), &["+447700900101".into()]).unwrap();
    archive.add_user(BOB, Some("Bob Lee".into()), &["+447700900102".into()]).unwrap();
    let feed = test.dir.path().join("feed");
    fs::create_dir(&feed).unwrap();
    let (other, bob) = ("\"447700900199\" <447700900199@wa.example>", format!("\"447700900102\" <{BOB}>"));
    for (id, to, words) in [
        ("AAA", other, MARKS),
        ("BBB", bob.as_str(), ["shared words", "shared subject", "sharedfile", "sharedtext"]),
        ("CCC", other, ["kept words", "kept subject", "keptfile", "kepttext"]),
    ] {
        fs::write(feed.join(format!("{id}.eml")), mail(id, to, words)).unwrap();
    }
    drop(archive);
    let (report, _) = test.import_path(&feed);
    assert_eq!((report.balance.imported, report.balance.items.imported), (3, 4), "{report:?}");
    // What was imported lies beside the archive, not in it.
    test
}

fn at(test: &TestArchive, days: i64) -> Archive {
    let now = test.open().state().last_at;
    Archive::open(&test.path(), actor(), Arc::new(FixedClock(Instant(now.0 + days * DAY)))).unwrap()
}

fn writer_at(test: &TestArchive, days: i64) -> ArchiveWriter {
    ArchiveWriter::open(at(test, days), &Silent).unwrap()
}

fn plan(test: &TestArchive, query: &str, mailbox: &str) -> PlanReport {
    test.open().plan_deletion(&Selection::Query(query.into()), &[mailbox.into()], "private", false).unwrap()
}

fn apply(test: &TestArchive, plan: &PlanReport, purge: bool) -> ApplyReport {
    test.writer().apply_plan(&plan.plan.0, ApplyOptions { purge, ..ApplyOptions::default() }).unwrap()
}

fn hold(test: &TestArchive, mailbox: &str) {
    let mut archive = test.open();
    if archive.cases().unwrap().is_empty() {
        archive.create_case("Falcon", "", false).unwrap();
    }
    let mailboxes = vec![mailbox.to_owned()];
    let reason = "claim".to_owned();
    let request = HoldRequest { name: "F".into(), case: "Falcon".into(), mailboxes, reason, ..HoldRequest::default() };
    archive.place_hold(&request, false).unwrap();
}

fn items(test: &TestArchive, mailbox: &str) -> (u64, u64) {
    let archive = test.open();
    let boxes = archive.state().boxes.get(&MailboxName::parse(mailbox).unwrap()).cloned().unwrap_or_default();
    (boxes.live.len(), boxes.recoverable.len())
}

fn entries(test: &TestArchive, folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["new", "cur"]
        .iter()
        .filter_map(|sub| fs::read_dir(test.path().join("mail").join(folder).join(sub)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

fn verifies(test: &TestArchive) {
    let report = test.open().verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Files of the archive outside of `outside` that have these words, in any case, UTF-8 or UTF-16.
fn files_with(root: &Path, word: &str, outside: &[&str]) -> Vec<PathBuf> {
    let mut hits = Vec::new();
    let mut folders = vec![root.to_owned()];
    let wide: Vec<u8> = word.bytes().flat_map(|b| [b, 0]).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !outside.contains(&path.strip_prefix(root).unwrap().to_str().unwrap()) {
                    folders.push(path);
                }
                continue;
            }
            let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
            let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            if has(word.as_bytes()) || has(&wide) || path.to_str().unwrap().contains(word) {
                hits.push(path);
            }
        }
    }
    hits
}

#[test]
fn after_a_purge_no_file_of_the_archive_has_a_word_of_the_message() {
    let test = stage();
    let root = test.path();
    for word in MARKS {
        assert!(files_with(&root.join("journal"), word, &[]).is_empty(), "the journal never had {word}");
        assert!(!files_with(&root, word, &[]).is_empty(), "{word} can be found");
    }
    let indexed = MARKS.iter().filter(|word| !files_with(&root.join("index"), word, &[]).is_empty()).count();
    assert!(indexed > 0, "the index's files have words that can be found");
    // By its words: what was asked for is in the journal from now on, and nowhere else.
    let planned = plan(&test, MARKS[0], ANN);
    assert_eq!(planned.matched, 1);
    let report = apply(&test, &planned, true);
    assert_eq!((report.applied, report.messages_purged, report.moved_entries), (1, 1, 0));
    assert_eq!(report.plan.query, MARKS[0]);
    for word in MARKS {
        assert_eq!(files_with(&root, word, &["journal"]), Vec::<PathBuf>::new(), "{word}");
        assert_eq!(test.open().search(word, &SearchOptions::default()).unwrap().total, 0);
        // The beginning of a word, as a dictionary of an index cuts it.
        assert_eq!(files_with(&root, &word[..9], &["journal"]), Vec::<PathBuf>::new(), "{word}");
    }
    assert_eq!(test.open().search("kept", &SearchOptions::default()).unwrap().total, 1, "the others are there");
    verifies(&test);
}

#[test]
fn a_purge_in_one_mailbox_leaves_the_message_of_the_other_as_it_was() {
    let test = stage();
    let id = test.open().search_ids("shared", &SearchOptions::default()).unwrap()[0].to_string();
    let before = test.open().raw(&id).unwrap();
    let entry = entries(&test, &format!("{BOB}/.WhatsApp Archiver"));
    let inode = fs::metadata(&entry[0]).unwrap().ino();
    let report = apply(&test, &plan(&test, "shared", ANN), true);
    assert_eq!((report.applied, report.messages_purged, report.links_elsewhere), (1, 0, 0));
    assert_eq!(test.open().raw(&id).unwrap(), before);
    assert_eq!(entries(&test, &format!("{BOB}/.WhatsApp Archiver")), entry);
    assert_eq!(fs::metadata(&entry[0]).unwrap().ino(), inode);
    assert!(test.open().tombstone(&id).unwrap().is_none(), "it is not gone");
    assert_eq!(test.open().search("shared", &SearchOptions::default()).unwrap().items, 1);
    verifies(&test);
}

#[test]
fn what_a_client_moved_renamed_or_copied_goes_too_and_is_named() {
    let test = stage();
    let mail = test.path().join("mail");
    let own = entries(&test, &format!("{ANN}/.WhatsApp Archiver"));
    let marked = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(MARKS[0]);
    let entry = own.into_iter().find(marked).unwrap();
    let place = |folder: &str, name: &str| {
        let dir = mail.join(folder);
        fs::create_dir_all(&dir).unwrap();
        dir.join(name)
    };
    // Another folder with flags, a name of a client's own, a deeper folder, another mailbox, and a copy there.
    let flagged = format!("{}:2,S", entry.file_name().unwrap().to_str().unwrap());
    fs::hard_link(&entry, place(&format!("{ANN}/.Project/cur"), "1772615561.R1.pc7:2,S")).unwrap();
    fs::hard_link(&entry, place(&format!("{BOB}/.Taken/cur"), "1772615561.R2.pc7:2,S")).unwrap();
    fs::copy(&entry, place(&format!("{BOB}/.Taken/new"), "a copy")).unwrap();
    fs::hard_link(&entry, place("nobody/deep/er", "x")).unwrap();
    fs::rename(&entry, place(&format!("{ANN}/.Archive.2026/cur"), &flagged)).unwrap();
    let report = apply(&test, &plan(&test, MARKS[0], ANN), true);
    assert_eq!((report.messages_purged, report.moved_entries, report.links_elsewhere), (1, 5, 0), "{:?}", report.moved);
    for path in [".Project/cur", ".Taken/cur", ".Taken/new/a copy", "nobody/deep/er/x", ".Archive.2026/cur"] {
        assert!(report.moved.iter().any(|moved| moved.contains(path)), "{path} in {:?}", report.moved);
    }
    for word in MARKS {
        assert_eq!(files_with(&test.path(), word, &["journal"]), Vec::<PathBuf>::new(), "{word}");
    }
}

#[test]
fn an_entry_that_was_moved_into_a_mailbox_that_does_not_have_the_message_goes_with_its_item() {
    let test = stage();
    let carol = test.path().join("mail/carol@firm.example/cur");
    fs::create_dir_all(&carol).unwrap();
    let shared = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains("shared words");
    let entry = entries(&test, &format!("{ANN}/.WhatsApp Archiver")).into_iter().find(shared).unwrap();
    let taken = carol.join(entry.file_name().unwrap());
    fs::rename(&entry, &taken).unwrap();
    let report = apply(&test, &plan(&test, "shared", ANN), true);
    assert_eq!((report.applied, report.moved_entries), (1, 1), "{:?}", report.moved);
    assert!(!taken.exists());
    assert_eq!(entries(&test, &format!("{BOB}/.WhatsApp Archiver")).len(), 1);
}

#[test]
fn a_hard_link_outside_of_the_archive_is_said_in_the_answer_and_in_the_journal() {
    let test = stage();
    let marked = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(MARKS[0]);
    let entry = entries(&test, &format!("{ANN}/.WhatsApp Archiver")).into_iter().find(marked).unwrap();
    let outside = test.dir.path().join("kept by somebody");
    fs::hard_link(&entry, &outside).unwrap();
    let report = apply(&test, &plan(&test, MARKS[0], ANN), true);
    assert_eq!((report.messages_purged, report.links_elsewhere), (1, 1));
    assert!(outside.exists(), "what is outside is nothing of ours");
    let certificate = test.open().certificate(&report.plan.plan.0).unwrap();
    assert_eq!(certificate.messages[0].elsewhere, 1);
}

#[test]
fn half_of_a_message_that_recovery_set_aside_goes_with_the_message() {
    let test = stage();
    let digest = {
        let archive = test.open();
        archive.find_message(&test.open().search_ids(MARKS[0], &SearchOptions::default()).unwrap()[0].to_string())
    }
    .unwrap()
    .digest;
    let quarantine = test.path().join("quarantine");
    fs::create_dir_all(&quarantine).unwrap();
    fs::write(quarantine.join(format!("{digest}.eml")), format!("half of it: {}", MARKS[0])).unwrap();
    fs::write(quarantine.join("something else"), "not ours").unwrap();
    let report = apply(&test, &plan(&test, MARKS[0], ANN), true);
    assert_eq!(report.moved_entries, 1, "{:?}", report.moved);
    assert_eq!(files_with(&test.path(), MARKS[0], &["journal"]), Vec::<PathBuf>::new());
    assert!(quarantine.join("something else").exists());
}

#[test]
fn copies_go_as_links_do_where_mailboxes_have_copies() {
    let test = stage();
    let toml = test.path().join("archive.toml");
    fs::write(&toml, fs::read_to_string(&toml).unwrap().replace("hard-link", "copy")).unwrap();
    test.open().rebuild(custodia::archive::RebuildOptions::all(), &Silent).unwrap();
    let marked = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(MARKS[0]);
    let entry = entries(&test, &format!("{ANN}/.WhatsApp Archiver")).into_iter().find(marked).unwrap();
    assert_eq!(fs::metadata(&entry).unwrap().nlink(), 1, "it is a copy");
    let moved = test.path().join("mail").join(BOB).join(".Else");
    fs::create_dir_all(&moved).unwrap();
    fs::rename(&entry, moved.join("renamed")).unwrap();
    let report = apply(&test, &plan(&test, MARKS[0], ANN), true);
    assert_eq!((report.messages_purged, report.moved_entries), (1, 1), "{:?}", report.moved);
    assert_eq!(files_with(&test.path(), MARKS[0], &["journal"]), Vec::<PathBuf>::new());
}

#[test]
fn what_was_deleted_comes_back_while_its_time_runs() {
    let test = stage();
    let planned = plan(&test, "mailbox:ann@firm.example", ANN);
    let folder = format!("{ANN}/.WhatsApp Archiver");
    let before = entries(&test, &folder);
    let report = apply(&test, &planned, false);
    assert_eq!((items(&test, ANN), report.plan.recoverable, report.plan.disposed), ((0, 3), 3, 3));
    let since = test.open().state().plans[&planned.plan].recoverable_since.unwrap();
    assert_eq!(report.plan.recoverable_until, Some(Instant(since.0 + 14 * DAY)));
    assert!(entries(&test, &folder).is_empty());
    let dry = test.writer().undo_plan(&planned.plan.0, "", true).unwrap();
    assert_eq!((dry.restored, items(&test, ANN)), (3, (0, 3)));
    // A client lost one of them: it is made anew.
    fs::remove_file(&entries(&test, &format!("{ANN}/.Recoverable Items.Deletions"))[0]).unwrap();
    let undone = test.writer().undo_plan(&planned.plan.0, "a mistake", false).unwrap();
    assert_eq!((undone.restored, undone.purged, undone.plan.status, undone.plan.disposed), (3, 0, "undone", 0));
    assert_eq!((items(&test, ANN), entries(&test, &folder)), ((3, 0), before));
    verifies(&test);
    let again = test.writer().undo_plan(&planned.plan.0, "", false).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Usage);
    let apply_again = test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(apply_again.kind(), ErrorKind::Usage, "it was undone");
    // The state follows from the journal alone.
    let state = test.open().state().clone();
    fs::remove_file(test.path().join("state.bin")).unwrap();
    assert_eq!(test.open().state().plans, state.plans);
    assert_eq!(test.open().state().boxes, state.boxes);
}

#[test]
fn an_entry_that_a_client_put_into_another_folder_is_moved_to_the_recoverable_items_too() {
    let test = stage();
    let entry = entries(&test, &format!("{ANN}/.WhatsApp Archiver")).remove(0);
    let folder = test.path().join("mail").join(ANN).join(".Project/cur");
    fs::create_dir_all(&folder).unwrap();
    fs::rename(&entry, folder.join(format!("{}:2,RS", entry.file_name().unwrap().to_str().unwrap()))).unwrap();
    apply(&test, &plan(&test, "mailbox:ann@firm.example", ANN), false);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(entries(&test, &format!("{ANN}/.Recoverable Items.Deletions")).len(), 3);
    verifies(&test);
}

#[test]
fn after_its_time_nothing_comes_back_and_what_is_free_expires() {
    let test = stage();
    let planned = plan(&test, "mailbox:ann@firm.example", ANN);
    apply(&test, &planned, false);
    // Looking is recorded, and moves the last event on.
    let start = test.open().state().last_at;
    let at = |test: &TestArchive, days: i64| {
        let now = FixedClock(Instant(start.0 + days * DAY));
        Archive::open(&test.path(), actor(), Arc::new(now)).unwrap()
    };
    let writer_at = |test: &TestArchive, days: i64| ArchiveWriter::open(at(test, days), &Silent).unwrap();
    assert_eq!(at(&test, 13).recoverable(None).unwrap().expired, 0);
    assert_eq!(writer_at(&test, 13).expire(None).unwrap().purged, 0, "nothing goes early");
    assert_eq!(items(&test, ANN), (0, 3));
    let late = writer_at(&test, 15).undo_plan(&planned.plan.0, "", false).unwrap_err();
    assert!(late.to_string().contains("could be brought back until"), "{late}");
    let due = at(&test, 15).recoverable(None).unwrap();
    assert_eq!((due.expired, due.held, due.purged, due.plans.len()), (3, 0, 0, 1));
    assert_eq!(items(&test, ANN), (0, 3), "looking changes nothing");
    let report = writer_at(&test, 15).expire(None).unwrap();
    assert_eq!((report.purged, report.held, report.messages_purged), (3, 0, 2), "Bob has the third message");
    assert_eq!((items(&test, ANN), items(&test, BOB)), ((0, 0), (1, 0)));
    for word in MARKS {
        assert_eq!(files_with(&test.path(), word, &["journal"]), Vec::<PathBuf>::new(), "{word}");
    }
    let plan = test.open().plan(&planned.plan.0).unwrap();
    assert_eq!((plan.disposed, plan.recoverable, plan.recoverable_until), (3, 0, None));
}

#[test]
fn a_hold_that_is_placed_while_an_item_is_recoverable_keeps_it_past_its_time() {
    let test = stage();
    let planned = plan(&test, MARKS[0], ANN);
    apply(&test, &planned, false);
    hold(&test, ANN);
    let report = writer_at(&test, 40).expire(None).unwrap();
    assert_eq!((report.purged, report.held, report.plans[0].blocked), (0, 1, 1));
    assert_eq!(items(&test, ANN), (2, 1));
    let refusals = |test: &TestArchive| {
        let mut count = 0;
        let journal = custodia::journal::Journal::at(test.path().join("journal"), test.path().join("quarantine"));
        let mut reader = journal.read_after(&Watermark::START).unwrap();
        while let Some(entry) = reader.next_entry().unwrap() {
            count += u64::from(matches!(entry.line.event, Event::DeleteRefused { .. }));
        }
        count
    };
    assert_eq!(refusals(&test), 1, "the attempt is recorded");
    // A hold that another process places while this one has the archive open is in force too.
    let other = stage();
    let planned = plan(&other, MARKS[0], ANN);
    apply(&other, &planned, false);
    let mut writer = writer_at(&other, 40);
    hold(&other, ANN);
    assert_eq!(writer.expire(None).unwrap().purged, 0);
}

#[test]
fn nothing_expires_by_a_clock_that_may_be_wrong() {
    let test = stage();
    apply(&test, &plan(&test, MARKS[0], ANN), false);
    let error = writer_at(&test, 366 * 11).expire(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClockSuspect);
    assert_eq!(items(&test, ANN), (2, 1));
    // A search under that clock writes a line, and vouches for nothing.
    at(&test, 366 * 11).search("x", &SearchOptions::default()).unwrap();
    for days in [0, 29] {
        let error = writer_at(&test, days).expire(None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClockSuspect, "{days}");
    }
    fs::remove_file(test.path().join("state.bin")).unwrap();
    assert_eq!(writer_at(&test, 0).expire(None).unwrap_err().kind(), ErrorKind::ClockSuspect, "from the journal alone");
    assert_eq!(items(&test, ANN), (2, 1));
    assert_eq!(writer_at(&test, 30).expire(None).unwrap().purged, 1);
}

#[test]
fn a_plan_is_cancelled_before_it_is_applied_and_not_after() {
    let test = stage();
    let planned = plan(&test, MARKS[0], ANN);
    assert_eq!(test.open().cancel_plan(&planned.plan.0, "", true).unwrap().status, "planned");
    assert_eq!(test.open().cancel_plan(&planned.plan.0, "not needed", false).unwrap().status, "cancelled");
    let error = test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    let other = plan(&test, MARKS[0], ANN);
    apply(&test, &other, false);
    assert_eq!(test.open().cancel_plan(&other.plan.0, "", false).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn an_item_that_a_second_plan_purges_is_not_brought_back_by_the_first() {
    let test = stage();
    let first = plan(&test, "mailbox:ann@firm.example", ANN);
    apply(&test, &first, false);
    let second = plan(&test, MARKS[0], ANN);
    assert_eq!(apply(&test, &second, true).how, Disposal::Purged);
    let undone = test.writer().undo_plan(&first.plan.0, "", false).unwrap();
    assert_eq!((undone.restored, undone.purged), (2, 1));
    assert_eq!(items(&test, ANN), (2, 0));
    verifies(&test);
}

#[test]
fn a_plan_names_each_blocked_item_with_what_would_end_its_hold() {
    let test = stage();
    let planned = plan(&test, "mailbox:ann@firm.example", ANN);
    hold(&test, ANN);
    let blocked = test.open().plan_with_blocked(&planned.plan.0).unwrap().1;
    assert_eq!(blocked.len(), 3);
    let blocker = &blocked[0].blockers[0];
    assert_eq!((blocker.name.as_str(), blocker.placed_by.as_str()), ("F", "j.ward"));
    assert!(!blocker.ends_when.is_empty());
}

#[test]
fn a_writer_that_failed_behind_the_intent_goes_no_further_and_the_next_one_finishes() {
    let test = stage();
    let planned = plan(&test, MARKS[0], ANN);
    // A file where the folder belongs.
    let folder = test.path().join("mail").join(ANN).join(".Recoverable Items.Deletions");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::write(&folder, "").unwrap();
    let mut writer = test.writer();
    let options = ApplyOptions::default();
    assert_ne!(writer.apply_plan(&planned.plan.0, options).unwrap_err().kind(), ErrorKind::Poisoned);
    let purge = ApplyOptions { purge: true, ..options };
    assert_eq!(writer.apply_plan(&planned.plan.0, purge).unwrap_err().kind(), ErrorKind::Poisoned);
    drop(writer);
    assert_eq!(items(&test, ANN), (3, 0));
    fs::remove_file(&folder).unwrap();
    drop(test.writer());
    assert_eq!(items(&test, ANN), (2, 1));
    verifies(&test);
}

#[test]
fn a_purge_says_that_kept_sources_still_have_the_text() {
    let test = stage();
    let sources = test.path().join("sources");
    fs::create_dir_all(&sources).unwrap();
    fs::write(sources.join("0".repeat(64)), "a phone's database").unwrap();
    let names = |texts: &[String]| texts.iter().any(|text| text.starts_with("sources_kept: 1 "));
    let doctor = || test.open().doctor().checks.into_iter().map(|check| check.detail).collect::<Vec<_>>();
    assert!(!names(&doctor()), "nothing was purged yet");
    let report = apply(&test, &plan(&test, MARKS[0], ANN), true);
    assert!(names(&report.warnings), "{:?}", report.warnings);
    assert!(names(&doctor()));
    let certificate = test.open().certificate(&report.plan.plan.0).unwrap();
    assert!(names(&certificate.not_taken) && certificate.markdown().contains("Not taken"));
    assert!(test.open().check_certificate(&certificate).unwrap().sound);
}

/// Every file of the archive with its digest, but the journal's segments and what a lock file says of its holder.
fn everything(test: &TestArchive) -> Vec<(String, String)> {
    let names: Vec<String> = fs::read_dir(test.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock" && name != "journal")
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).chain(["journal/lists"]).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| test.path().join(name).exists()).collect();
    test.files(&names)
}

fn journal(test: &TestArchive) -> Vec<Event> {
    let journal = custodia::journal::Journal::at(test.path().join("journal"), test.path().join("quarantine"));
    let mut reader = journal.read_after(&Watermark::START).unwrap();
    let mut events = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        events.push(entry.line.event);
    }
    events
}

#[test]
fn every_refused_path_leaves_every_file_as_it_was_but_the_journal_with_exactly_its_attempt() {
    let test = stage();
    let recoverable = plan(&test, MARKS[0], ANN);
    apply(&test, &recoverable, false);
    let planned = plan(&test, "kept", ANN);
    let subject = custodia::archive::Subject::Email(ANN.into());
    hold(&test, ANN);
    let made = test.open().request_erasure(&subject, "DSR-1", "art. 17", false).unwrap();
    // Whatever a writer makes up for when it opens is done before.
    drop(test.writer());
    let before = (everything(&test), journal(&test));
    for purge in [false, true] {
        let options = ApplyOptions { purge, ..ApplyOptions::default() };
        assert_eq!(test.writer().apply_plan(&planned.plan.0, options).unwrap_err().kind(), ErrorKind::Held);
    }
    let id = made.report.request.id.0;
    assert_eq!(test.open().plan_erasure(&id, false).unwrap_err().kind(), ErrorKind::Held);
    assert_eq!(test.open().complete_erasure(&id, "x", false).unwrap_err().kind(), ErrorKind::Held);
    assert_eq!(writer_at(&test, 20).expire(None).unwrap().held, 1);
    assert_eq!(everything(&test), before.0);
    let after = journal(&test);
    assert_eq!(after[..before.1.len()], before.1);
    let grown: Vec<&str> = after[before.1.len()..].iter().map(Event::type_name).collect();
    let attempts = ["delete.refused", "delete.refused", "erasure.restricted", "erasure.restricted", "delete.refused"];
    assert_eq!(grown, attempts, "one line for each attempt");
}
