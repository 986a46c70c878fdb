//! Verification: each damage is named exactly, and what is no damage is not called one.

use crate::common::{self, TestArchive};
use custodia::{
    Archive,
    archive::{
        ApplyOptions, HoldRequest, ImportOptions, RebuildOptions, Selection, VerifyLevel, VerifyOptions, VerifyReport,
    },
    model::{Code, Digest, Seq, Severity},
    progress::Silent,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const MESSAGES: u64 = 400;

fn verify(test: &TestArchive, level: VerifyLevel) -> VerifyReport {
    verify_archive(&mut test.open(), level)
}

fn verify_archive(archive: &mut Archive, level: VerifyLevel) -> VerifyReport {
    archive.verify(&VerifyOptions { level, ..VerifyOptions::default() }, &[], &Silent).unwrap()
}

fn full(test: &TestArchive) -> VerifyReport {
    verify(test, VerifyLevel::Full)
}

fn codes(report: &VerifyReport) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn vault_files(test: &TestArchive) -> Vec<PathBuf> {
    files_below(&test.path().join("vault"))
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn write_in_place(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
}

fn segment(test: &TestArchive) -> PathBuf {
    test.path().join("journal/00000000000000000001.jsonl")
}

fn lines(test: &TestArchive) -> Vec<String> {
    fs::read_to_string(segment(test)).unwrap().lines().map(str::to_owned).collect()
}

fn write_lines(test: &TestArchive, lines: &[String]) {
    fs::write(segment(test), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

fn hold_everything(test: &TestArchive, query: Option<&str>) {
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    let mailboxes = archive.state().boxes.keys().map(ToString::to_string).collect();
    let request = HoldRequest {
        name: "Everything".into(),
        case: "Falcon".into(),
        mailboxes,
        query: query.map(str::to_owned),
        reason: "test".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
}

#[test]
fn an_archive_that_is_well_has_no_findings_and_every_check_adds_up() {
    let (test, report) = TestArchive::imported(MESSAGES);
    for level in [VerifyLevel::Quick, VerifyLevel::Full] {
        let found = verify(&test, level);
        assert_eq!(found.findings, [], "{level:?}");
        assert_eq!(found.damaged, 0);
        for row in &found.checks {
            assert_eq!(row.objects, row.ok, "{row:?}");
            assert_eq!(row.foreign, 0, "{row:?}");
        }
        let row = |name: &str| found.checks.iter().find(|row| row.name == name).unwrap().objects;
        assert_eq!(row("vault"), vault_files(&test).len() as u64);
        assert_eq!(row("mail"), report.balance.items.imported);
        assert_eq!(row("index"), report.balance.imported);
        assert!(row("watermarks") == 3 && row("state") == 1);
    }
    assert!(lines(&test).last().unwrap().contains("verify.done"));
}

#[test]
fn a_flipped_byte_is_found_by_full_and_a_changed_size_by_quick_too() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let victim = vault_files(&test).remove(3);
    let name = victim.strip_prefix(test.path()).unwrap().display().to_string();
    let mut bytes = fs::read(&victim).unwrap();
    bytes[0] ^= 1;
    write_in_place(&victim, &bytes);
    assert_eq!(verify(&test, VerifyLevel::Quick).damaged, 0);
    let report = full(&test);
    assert_eq!(codes(&report), [Code::VaultChanged]);
    assert_eq!(report.findings[0].path.as_deref(), Some(name.as_str()));
    assert!(!report.findings[0].held);
    bytes.push(b'x');
    write_in_place(&victim, &bytes);
    assert_eq!(codes(&verify(&test, VerifyLevel::Quick)), [Code::VaultChanged]);
}

#[test]
fn a_missing_file_under_a_query_hold_is_held_because_nothing_can_be_said_about_it() {
    let (test, _) = TestArchive::imported(MESSAGES);
    hold_everything(&test, Some("surely-nothing-says-this"));
    fs::remove_file(vault_files(&test).remove(3)).unwrap();
    let report = full(&test);
    assert_eq!(report.findings[0].code, Code::VaultMissing);
    assert!(report.findings.iter().all(|finding| finding.held), "{:?}", report.findings);
    assert!(codes(&report)[1..].iter().all(|code| *code == Code::HeldMissing));
    assert!(report.findings.len() > 1);
}

#[test]
fn strangers_in_vault_and_journal_are_named() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let right = Digest::of(b"a stranger").to_hex();
    let places = [
        (format!("vault/{}/{right}.eml", &right[..2]), Code::VaultForeign),
        (format!("vault/00/{}.eml", "00".repeat(32)), Code::VaultForeign),
        ("vault/note.txt".to_owned(), Code::VaultForeign),
        ("vault/ab/.hidden".to_owned(), Code::VaultForeign),
        ("journal/note.txt".to_owned(), Code::JournalForeign),
    ];
    for (path, _) in &places {
        fs::write(test.path().join(path), b"a stranger").unwrap();
    }
    let report = full(&test);
    assert_eq!(report.damaged, places.len() as u64);
    for (path, code) in &places {
        assert!(
            report.findings.iter().any(|f| f.path.as_ref() == Some(path) && f.code == *code),
            "{path}: {:?}",
            report.findings
        );
    }
}

#[test]
fn mailbox_entries_that_are_gone_or_changed_are_named_and_what_a_client_does_is_no_damage() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let mailbox = fs::read_dir(test.path().join("mail")).unwrap().next().unwrap().unwrap().path();
    let folder = mailbox.join(".WhatsApp Archiver");
    let entries = files_below(&folder.join("new"));
    // A client reads, renames, files away, adds its own.
    let name = |at: usize| entries[at].file_name().unwrap().to_str().unwrap().to_owned();
    fs::rename(&entries[0], folder.join("cur").join(format!("{}:2,S", name(0)))).unwrap();
    fs::create_dir_all(mailbox.join(".Other/cur")).unwrap();
    fs::rename(&entries[1], mailbox.join(".Other/cur/whatever.its.name:2,")).unwrap();
    fs::write(mailbox.join("new/1.own.draft"), b"mine").unwrap();
    let report = full(&test);
    let strange = test.path().join("mail").join(mailbox.file_name().unwrap()).join("new/1.own.draft");
    let strange = strange.strip_prefix(test.path()).unwrap().display().to_string();
    let named: Vec<_> = report.findings.iter().map(|f| (f.code, f.severity, f.path.clone())).collect();
    assert_eq!(named, [(Code::MailForeign, Severity::Info, Some(strange))]);
    assert_eq!(report.checks.iter().find(|row| row.name == "mail").unwrap().foreign, 1);
    fs::rename(mailbox.join("new/1.own.draft"), test.dir.path().join("draft")).unwrap();

    fs::remove_file(&entries[2]).unwrap();
    let bytes = fs::read(&entries[3]).unwrap();
    fs::remove_file(&entries[3]).unwrap();
    fs::write(&entries[3], vec![b'x'; bytes.len()]).unwrap();
    let report = full(&test);
    let mut found = codes(&report);
    found.sort_unstable();
    assert_eq!(found, [Code::MailMissing, Code::MailChanged]);
    assert_eq!(report.damaged, 2);
    assert_eq!(codes(&verify(&test, VerifyLevel::Quick)), [Code::MailMissing]);

    fs::rename(test.dir.path().join("draft"), mailbox.join("new/1.own.draft")).unwrap();
    let (archive, report) = test.open().rebuild(RebuildOptions { mail: true, ..Default::default() }, &Silent).unwrap();
    drop(archive);
    assert_eq!((report.linked, report.not_linked, report.set_aside), (report.items, 0, 1));
    assert_eq!(fs::read(test.path().join("quarantine/1.own.draft")).unwrap(), b"mine");
    assert_eq!(full(&test).findings, []);
}

#[test]
fn many_strangers_in_a_mailbox_are_named_up_to_a_bound_and_counted() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let mailbox = fs::read_dir(test.path().join("mail")).unwrap().next().unwrap().unwrap().path();
    for n in 0..23 {
        fs::write(mailbox.join(format!("new/{n:02}.own")), b"mine").unwrap();
    }
    let report = full(&test);
    assert_eq!((report.damaged, report.findings.len()), (0, 21));
    assert!(report.findings[0].path.as_ref().unwrap().ends_with("/new/00.own"));
    assert!(report.findings[20].detail.starts_with("+3 more"), "{:?}", report.findings[20]);
}

#[test]
fn an_item_that_was_deleted_for_good_and_put_back_is_named() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let saved = test.dir.path().join("saved");
    fs::create_dir(&saved).unwrap();
    let mailbox = test.open().state().boxes.keys().next().unwrap().to_string();
    let entries = files_below(&test.path().join("mail").join(&mailbox).join(".WhatsApp Archiver/new"));
    for entry in &entries {
        fs::copy(entry, saved.join(entry.file_name().unwrap())).unwrap();
    }
    let mut writer = test.writer();
    let selection = Selection::Query("kind:chat".into());
    let plan = writer.archive_mut().plan_deletion(&selection, &[mailbox], "test", false).unwrap();
    let options = ApplyOptions { purge: true, ..ApplyOptions::default() };
    let applied = writer.apply_plan(&plan.plan.0, options).unwrap();
    assert!(applied.applied > 0 && applied.messages_purged > 0);
    drop(writer);
    assert_eq!(full(&test).findings, []);
    let back = entries.iter().find(|entry| !entry.exists()).unwrap();
    fs::copy(saved.join(back.file_name().unwrap()), back).unwrap();
    assert_eq!(codes(&full(&test)), [Code::MailDisposed]);
}

#[test]
fn the_first_journal_line_that_breaks_is_named_however_it_was_broken() {
    let (test, _) = TestArchive::imported(60);
    let original = lines(&test);
    let at = original.len() / 2;
    let flip = |line: &str| line.replacen("\"salt\":\"", "\"salt\":\"0", 1);
    let mut edited = original.clone();
    edited[at] = flip(&edited[at]);
    let mut dropped = original.clone();
    dropped.remove(at);
    let mut swapped = original.clone();
    swapped.swap(at, at + 1);
    // (lines, stated number of the first bad line, its line in the file)
    let cases = [
        ("edited", edited, at as u64 + 1, at as u64 + 1),
        ("dropped", dropped, at as u64 + 2, at as u64 + 1),
        ("swapped", swapped, at as u64 + 2, at as u64 + 1),
    ];
    for (what, lines, seq, line) in cases {
        write_lines(&test, &lines);
        let report = full(&test);
        let first = report.findings.iter().find(|f| f.code == Code::ChainBroken).unwrap();
        assert_eq!((first.seq, first.line), (Some(Seq(seq)), Some(line)), "{what}");
        assert_eq!(first.path.as_deref(), Some("journal/00000000000000000001.jsonl"), "{what}");
        assert!(report.damaged > 0);
        write_lines(&test, &lines);
        let audit = test.open().audit_verify(None).unwrap();
        assert_eq!((audit.chain, audit.first_bad), ("broken", Some(Seq(seq))), "{what}");
        assert!(!audit.is_sound());
    }
    write_lines(&test, &original);
    assert!(test.open().audit_verify(None).unwrap().is_sound());
}

#[test]
fn a_cleanly_cut_tail_and_a_recomputed_chain_are_found_by_watermarks_and_anchors() {
    let (test, _) = TestArchive::imported(60);
    let anchor = test.open().anchor().unwrap();
    let original = lines(&test);
    let audit = |against| test.open().audit_verify(against).unwrap();
    assert_eq!(audit(Some((Some(anchor.seq), anchor.head))).against, Some("found"));
    // The last line of the import and everything behind it.
    write_lines(&test, &original[..original.len() - 4]);
    let report = audit(Some((None, anchor.head)));
    assert_eq!((report.chain, report.against, report.shortened), ("unbroken", Some("not_found"), true));
    assert!(!report.is_sound());
    assert!(codes(&full(&test)).contains(&Code::JournalShortened));

    // Without any derived store only the anchor knows.
    write_lines(&test, &recomputed(&original));
    for store in ["state.bin", "index", "catalog", "watermark.json"] {
        let path = test.path().join(store);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    let report = audit(Some((Some(anchor.seq), anchor.head)));
    assert_eq!((report.chain, report.against, report.shortened), ("unbroken", Some("not_found"), false));
    let found = test.open().verify(&VerifyOptions::default(), &[(None, anchor.head)], &Silent).unwrap();
    assert!(codes(&found).contains(&Code::JournalShortened));
}

/// A forger's chain: another actor in every line, all hashes made anew.
fn recomputed(original: &[String]) -> Vec<String> {
    let mut previous = "0".repeat(64);
    original
        .iter()
        .map(|line| {
            let json = line[65..].replace("j.ward", "a.nice");
            previous = Digest::of(format!("{previous} {}", Digest::of(json.as_bytes())).as_bytes()).to_hex();
            format!("{previous} {json}")
        })
        .collect()
}

#[test]
fn a_loss_that_a_writer_noticed_is_still_told_after_it_made_its_stores_anew() {
    let (test, _) = TestArchive::imported(60);
    let original = lines(&test);
    write_lines(&test, &original[..original.len() - 1]);
    drop(test.writer());
    let audit = test.open().audit_verify(None).unwrap();
    assert!(audit.shortened && !audit.is_sound(), "{audit:?}");
    let report = full(&test);
    assert!(codes(&report).contains(&Code::JournalShortened));
    assert_eq!(report.findings[0].severity, Severity::Loss);
}

#[test]
fn missing_derived_stores_are_no_damage_and_a_forged_state_is() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let state = test.path().join("state.bin");
    let good = fs::read(&state).unwrap();
    fs::remove_dir_all(test.path().join("index")).unwrap();
    fs::remove_dir_all(test.path().join("catalog")).unwrap();
    fs::remove_file(&state).unwrap();
    let report = full(&test);
    assert_eq!((report.damaged, codes(&report)), (0, vec![Code::DerivedStale; 3]));

    let mut forged = custodia::state::State::load({
        fs::write(&state, &good).unwrap();
        &state
    })
    .unwrap()
    .unwrap();
    let boxes = forged.boxes.values_mut().next().unwrap();
    let first = boxes.live.min().unwrap();
    boxes.live.remove(first);
    forged.save(&state).unwrap();
    let report = full(&test);
    assert_eq!((report.damaged, report.findings[0].path.as_deref()), (1, Some("state.bin")));
}

#[test]
fn a_catalog_that_says_something_else_than_the_journal_is_named_and_a_busy_one_is_not_looked_at() {
    let (test, _) = TestArchive::imported(60);
    let (good, aside) = (test.path().join("catalog"), test.dir.path().join("small"));
    let row = |report: &VerifyReport| report.checks.iter().find(|row| row.name == "catalog").unwrap().clone();
    let all = row(&full(&test));
    assert!(all.objects > 0 && all.ok == all.objects, "{all:?}");
    let files = test.files(&["catalog"]);

    // Rows of the right line with some messages missing.
    let head = test.open().state().mark;
    let (mut other, _) = custodia::catalog::Catalog::open(&aside).unwrap();
    other.seal();
    other.commit(&head).unwrap();
    other.flush().unwrap();
    drop(other);
    fs::rename(&good, test.dir.path().join("good")).unwrap();
    fs::rename(&aside, &good).unwrap();
    let report = full(&test);
    assert_eq!((report.damaged, row(&report).missing), (1, all.objects), "{:?}", report.findings);
    assert_eq!(report.findings[0].path.as_deref(), Some("catalog"));
    fs::remove_dir_all(&good).unwrap();
    fs::rename(test.dir.path().join("good"), &good).unwrap();
    assert_eq!(full(&test).findings, []);
    assert_eq!(test.files(&["catalog"]), files, "looking changes nothing");

    let writer = test.writer();
    let report = full(&test);
    assert_eq!((report.damaged, codes(&report)), (0, vec![Code::NotLookedAt]));
    assert_eq!(report.findings[0].detail, "not looked at: another process writes");
    drop(writer);
}

#[test]
fn a_damaged_index_file_is_named() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let victim = files_below(&test.path().join("index"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|e| e == "store"))
        .unwrap();
    let mut bytes = fs::read(&victim).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    fs::write(&victim, bytes).unwrap();
    let report = full(&test);
    assert_eq!(codes(&report), [Code::DerivedStale]);
    assert_eq!(report.damaged, 1);
    let name = format!("index/{}", victim.file_name().unwrap().to_str().unwrap());
    assert_eq!(report.findings[0].path.as_deref(), Some(name.as_str()));
}

#[test]
fn a_sample_hashes_a_share_of_the_files() {
    let (test, _) = TestArchive::imported(MESSAGES);
    for path in vault_files(&test) {
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        write_in_place(&path, &bytes);
    }
    let options = VerifyOptions { sample_percent: Some(10.0), seed: 3, ..VerifyOptions::default() };
    let found = |options: &VerifyOptions| test.open().verify(options, &[], &Silent).unwrap().damaged;
    let some = found(&options);
    assert!(some > 0 && some < MESSAGES / 3, "{some}");
    assert_eq!(found(&options), some);
}

#[test]
fn an_archive_is_well_while_another_writer_imports() {
    let test = TestArchive::new(3_000);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let mut looked = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let level = if looked % 2 == 0 { VerifyLevel::Quick } else { VerifyLevel::Full };
                let report = verify_archive(&mut common::open(&test.path()), level);
                assert_eq!(report.damaged, 0, "{:?}", report.findings);
                looked += 1;
            }
            looked
        });
        let mut writer = test.writer();
        writer.import(&[test.feed()], &ImportOptions::default(), &Silent, &mut |_| {}).unwrap();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(looker.join().unwrap() > 0);
    });
    assert_eq!(full(&test).findings, []);
}
