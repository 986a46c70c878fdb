//! Rebuild: everything derived comes back from vault and journal.

use crate::common::{TestArchive, forget_when};
use custodia::{
    ErrorKind,
    archive::{ApplyOptions, HoldRequest, RebuildOptions, SearchOptions, Selection, VerifyOptions},
    progress::Silent,
};
use std::{fs, path::Path};

fn wipe(test: &TestArchive) {
    for store in ["mail", "catalog", "index", "state.bin"] {
        let path = test.path().join(store);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
}

fn names(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { names(&path, found) } else { found.push(path.display().to_string()) }
    }
}

/// What the archive answers, in one text.
fn answers(test: &TestArchive) -> String {
    let mut archive = test.open();
    let mut out = String::new();
    for query in ["", "kind:edit", "wire", "isdeleted:true"] {
        let report = archive.search(query, &SearchOptions { limit: 20, ..SearchOptions::default() }).unwrap();
        out.push_str(
            &serde_json::to_string(&(report.total, report.items, report.partially_indexed, &report.hits)).unwrap(),
        );
    }
    let mut holds = serde_json::to_value((archive.holds(true).unwrap(), archive.cases().unwrap())).unwrap();
    forget_when(&mut holds);
    out.push_str(&holds.to_string());
    out.push_str(&serde_json::to_string(&archive.runs()).unwrap());
    out.push_str(&serde_json::to_string(&archive.plans().unwrap()).unwrap());
    let mut mail = Vec::new();
    names(&test.path().join("mail"), &mut mail);
    mail.sort();
    out + &mail.join("\n")
}

fn with_history() -> TestArchive {
    let (test, _) = TestArchive::imported(500);
    let mut writer = test.writer();
    let archive = writer.archive_mut();
    archive.create_case("Falcon", "", false).unwrap();
    let story = test.corpus.story();
    let request = HoldRequest {
        name: "H1".into(),
        case: "Falcon".into(),
        custodians: vec![story.custodian.into()],
        reason: "test".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
    for (query, purge) in [("hasattachment:true", true), (story.common_word, false)] {
        let plan = writer.archive_mut().plan_deletion(&Selection::Query(query.into()), &[], "test", false).unwrap();
        let options = ApplyOptions { purge, deletable_only: true, ..ApplyOptions::default() };
        assert!(writer.apply_plan(&plan.plan.0, options).unwrap().applied > 0);
    }
    test
}

#[test]
fn after_everything_derived_was_removed_every_answer_is_as_before() {
    let test = with_history();
    let before = answers(&test);
    wipe(&test);
    let (archive, report) = test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(report.stores, ["mail", "catalog", "index", "state"]);
    assert_eq!((report.linked, report.not_linked, report.set_aside), (report.items, 0, 0));
    drop(archive);
    assert_eq!(answers(&test), before);
    let verified = test.open().verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    assert_eq!(verified.findings, []);
    // Nothing is imported twice by the new catalog.
    let again = test.import();
    assert_eq!((again.balance.imported, again.balance.items.imported), (0, 0));
}

#[test]
fn any_single_store_can_be_made_anew_also_when_it_is_damaged() {
    let test = with_history();
    let before = answers(&test);
    fs::write(test.path().join("state.bin"), b"rubbish").unwrap();
    fs::write(test.path().join("index/meta.json"), b"rubbish").unwrap();
    for what in [
        RebuildOptions { index: true, ..Default::default() },
        RebuildOptions { catalog: true, ..Default::default() },
        RebuildOptions { state: true, ..Default::default() },
        RebuildOptions { mail: true, ..Default::default() },
    ] {
        test.open().rebuild(what, &Silent).unwrap();
        assert_eq!(answers(&test), before, "{what:?}");
    }
}

#[test]
fn nothing_is_removed_while_another_process_writes_or_in_a_dry_run() {
    let test = with_history();
    let before = test.files(&["vault", "mail", "index", "state.bin"]);
    let writer = test.writer();
    let error = test.open().rebuild(RebuildOptions::all(), &Silent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    drop(writer);
    let (_, report) = test.open().rebuild(RebuildOptions { dry_run: true, ..RebuildOptions::all() }, &Silent).unwrap();
    assert!(report.dry_run && report.items > 0);
    assert_eq!(test.files(&["vault", "mail", "index", "state.bin"]), before);
    assert_eq!(test.open().rebuild(RebuildOptions::default(), &Silent).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn making_one_store_anew_does_not_forget_the_entries_that_an_interrupted_run_left_out() {
    let test = TestArchive::new(200);
    drop(test.writer());
    let state = test.path().join("state.bin");
    let old = fs::read(&state).unwrap();
    test.import();
    fs::write(&state, old).unwrap();
    let mut entries = Vec::new();
    names(&test.path().join("mail"), &mut entries);
    let victim = entries.iter().find(|name| name.ends_with(|c: char| c.is_ascii_digit())).unwrap();
    fs::remove_file(victim).unwrap();
    test.open().rebuild(RebuildOptions { index: true, ..Default::default() }, &Silent).unwrap();
    assert!(Path::new(victim).exists());
    assert_eq!(test.open().verify(&VerifyOptions::default(), &[], &Silent).unwrap().findings, []);
}
