//! Export: a package that proves itself without the program.

use crate::common::TestArchive;
use custodia::{
    ErrorKind,
    archive::{ExportReport, ExportRequest, ExportSelection, HoldRequest, SearchOptions},
    model::Digest,
    progress::Silent,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn request(test: &TestArchive, selection: ExportSelection) -> ExportRequest {
    ExportRequest {
        selection,
        to: test.dir.path().join("EX-1"),
        mailboxes: Vec::new(),
        include_unindexed: false,
        reason: "Production 1".into(),
        dry_run: false,
    }
}

fn query(text: &str) -> ExportSelection {
    ExportSelection::Query(text.into())
}

fn rows(path: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut reader = csv(&text);
    reader.remove(0);
    reader.into_iter().map(|row| header.iter().map(|h| (*h).to_owned()).zip(row).collect()).collect()
}

/// A small RFC 4180 reader of its own.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {}
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(c),
        }
    }
    rows
}

fn sums_hold(dir: &Path) -> bool {
    let output = Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(dir).output().unwrap();
    output.status.success()
}

fn all_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all_files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_package_has_every_message_once_byte_for_byte_and_proves_itself() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let found = archive.search("wire", &SearchOptions::default()).unwrap();
    let report: ExportReport = archive.export(&request(&test, query("wire")), &Silent).unwrap();
    assert_eq!((report.messages, report.items, report.exceptions), (found.total, found.items, 0));
    assert!(report.warnings.is_empty());
    let dir = test.dir.path().join("EX-1");
    assert!(sums_hold(&dir));
    let mut files = Vec::new();
    all_files(&dir, &mut files);
    assert_eq!(files.len() as u64, report.files);
    assert_eq!(files.iter().map(|f| f.metadata().unwrap().len()).sum::<u64>(), report.bytes);
    let sums = fs::read(dir.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.iter().filter(|b| **b == b'\n').count() as u64, report.files - 1);
    assert_eq!(report.sums, Some(Digest::of(&sums)));
    let manifest = rows(&dir.join("manifest.csv"));
    assert_eq!(manifest.len() as u64, found.total);
    for row in &manifest {
        let bytes = fs::read(dir.join(&row["file"])).unwrap();
        assert_eq!(Digest::of(&bytes).to_hex(), row["sha256"]);
        assert_eq!(archive.raw(&row["message_id"]).unwrap(), bytes);
        assert!(row["source_entry"].ends_with(".eml") && !row["conversation_id"].is_empty());
    }
    assert_eq!(rows(&dir.join("items.csv")).len() as u64, found.items);
    assert_eq!(fs::read_to_string(dir.join("manifest.jsonl")).unwrap().lines().count() as u64, found.total);
    let journal = fs::read_to_string(test.path().join("journal/00000000000000000001.jsonl")).unwrap();
    assert!(
        journal.contains(&format!("\"export\":\"{}\"", report.id)) && journal.contains(&report.sums.unwrap().to_hex())
    );
    for line in fs::read_to_string(dir.join("audit/events.jsonl")).unwrap().lines() {
        assert!(journal.contains(line));
    }
}

#[test]
fn the_check_in_the_readme_proves_the_extract_and_finds_a_changed_line() {
    let (test, _) = TestArchive::imported(120);
    test.open().export(&request(&test, query("kind:chat")), &Silent).unwrap();
    let dir = test.dir.path().join("EX-1");
    let readme = fs::read_to_string(dir.join("README.txt")).unwrap();
    let script: String = readme
        .lines()
        .skip_while(|line| !line.contains("import hashlib"))
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    let run = || Command::new("python3").args(["-c", &script]).current_dir(&dir).output().unwrap();
    let output = run();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let events = dir.join("audit/events.jsonl");
    fs::write(&events, fs::read_to_string(&events).unwrap().replacen("chat", "chad", 1)).unwrap();
    assert!(!run().status.success());
    assert!(!sums_hold(&dir));
}

#[test]
fn python_reads_every_exported_mail_without_a_defect_in_its_structure() {
    let (test, _) = TestArchive::imported(120);
    let report = test.open().export(&request(&test, query("kind:externaldata")), &Silent).unwrap();
    let script = "import email, email.policy, glob\nn = 0\nfor f in glob.glob('messages/*.eml'):\n    \
                  m = email.message_from_binary_file(open(f, 'rb'), policy=email.policy.default)\n    \
                  assert m['From'] is not None or m['Subject'] is not None, f\n    n += 1\nprint(n)";
    let output =
        Command::new("python3").args(["-c", script]).current_dir(test.dir.path().join("EX-1")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), report.messages.to_string());
}

#[test]
fn what_cannot_be_exported_is_an_exception_and_the_rest_is_there() {
    let (test, _) = TestArchive::imported(120);
    let mut archive = test.open();
    let ids = archive.search_ids("kind:chat", &SearchOptions { limit: 3, ..SearchOptions::default() }).unwrap();
    let digest = archive.find_message(&ids[0].to_string()).unwrap().digest.to_hex();
    fs::remove_file(test.path().join(format!("vault/{}/{digest}.eml", &digest[..2]))).unwrap();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let report = archive.export(&request(&test, ExportSelection::Ids(ids.clone())), &Silent).unwrap();
    assert_eq!((report.messages, report.exceptions), (2, 1));
    let rows = rows(&test.dir.path().join("EX-1/exceptions.csv"));
    assert_eq!((rows[0]["message_id"].as_str(), rows[0]["code"].as_str()), (ids[0].as_str(), "vault_missing"));
    // After the index was made anew the message cannot even be judged: it is named nevertheless.
    drop(archive);
    let all = custodia::archive::RebuildOptions::all();
    let (mut archive, _) = test.open().rebuild(all, &Silent).unwrap();
    let mut second = request(&test, query("kind:chat"));
    second.to = test.dir.path().join("EX-2");
    let report = archive.export(&second, &Silent).unwrap();
    assert_eq!(report.exceptions, 1);
    assert!(fs::read_to_string(second.to.join("exceptions.csv")).unwrap().contains(&ids[0]));
}

#[test]
fn a_case_exports_what_its_active_holds_cover() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let story = test.corpus.story();
    archive.create_case(story.case, "", false).unwrap();
    let hold = HoldRequest {
        name: story.hold.into(),
        case: story.case.into(),
        custodians: vec![story.custodian.into()],
        reason: "test".into(),
        ..HoldRequest::default()
    };
    let held = archive.place_hold(&hold, false).unwrap();
    let report = archive.export(&request(&test, ExportSelection::Case(story.case.into())), &Silent).unwrap();
    assert_eq!((report.messages, report.items), (held.messages, held.items));
    let manifest = rows(&test.dir.path().join("EX-1/manifest.csv"));
    assert!(manifest.iter().all(|row| row["holds"] == story.hold && row["mailboxes"] == story.custodian));
}

#[test]
fn what_cannot_be_searched_in_full_is_added_on_request_and_marked() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let plain = archive.export(&ExportRequest { dry_run: true, ..request(&test, query("wire")) }, &Silent).unwrap();
    let more = ExportRequest { include_unindexed: true, ..request(&test, query("wire")) };
    let report = archive.export(&more, &Silent).unwrap();
    assert!(report.messages > plain.messages);
    let manifest = rows(&more.to.join("manifest.csv"));
    let added: Vec<_> = manifest.iter().filter(|row| row["added_by"] == "unindexed").collect();
    assert_eq!(added.len() as u64, report.messages - plain.messages);
    assert!(added.iter().all(|row| row["partially_indexed"] == "true"));
}

#[test]
fn an_export_is_refused_where_it_would_do_harm() {
    let (test, _) = TestArchive::imported(60);
    let mut archive = test.open();
    let full = test.dir.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("a"), b"").unwrap();
    for to in [full, test.path().join("vault/00/x"), test.path()] {
        let error =
            archive.export(&ExportRequest { to, ..request(&test, query("kind:externaldata")) }, &Silent).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotCreate);
    }
    let error = archive.export(&request(&test, query("surelynothingsaysthis")), &Silent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!test.dir.path().join("EX-1").exists());
    let report = archive
        .export(&ExportRequest { dry_run: true, ..request(&test, query("kind:externaldata")) }, &Silent)
        .unwrap();
    assert!(report.dry_run && report.messages > 0 && report.bytes > 0);
    assert!(!test.dir.path().join("EX-1").exists());
}
