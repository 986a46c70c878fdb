//! An archive that lacks what a known anchor names says so, and deletes nothing until that is confirmed.

use crate::common::{TestArchive, actor, open};
use custodia::{
    ArchiveWriter, ErrorKind,
    archive::{ApplyOptions, Backup, RestoreRequest, Selection, VerifyOptions},
    clock::{Clock, SystemClock},
    journal::Journal,
    model::{
        Digest, Event, Seq,
        event::{Disposal, ItemList},
    },
    progress::Silent,
    state::PlanItems,
};
use std::{path::Path, sync::Arc};

fn apply(path: &Path) -> Result<u64, ErrorKind> {
    let mut writer = ArchiveWriter::open(open(path), &Silent).unwrap();
    let plan = writer.archive_mut().plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap();
    let options = ApplyOptions { deletable_only: true, ..ApplyOptions::default() };
    writer.apply_plan(&plan.plan.0, options).map(|report| report.applied).map_err(|e| e.kind())
}

fn warned(path: &Path) -> bool {
    open(path).warnings().iter().any(|text| text.starts_with("archive_older: "))
}

/// An archive, its backup, and an anchor from after it.
fn with_anchor() -> (TestArchive, (Option<Seq>, Digest)) {
    let (test, _) = TestArchive::imported(200);
    test.open().backup(&test.dir.path().join("backup"), false, &Silent).unwrap();
    test.open().create_case("Falcon", "", false).unwrap();
    let anchor = test.open().anchor().unwrap();
    (test, (Some(anchor.seq), anchor.head))
}

fn restore(test: &TestArchive, anchors: &[(Option<Seq>, Digest)]) -> std::path::PathBuf {
    let request =
        RestoreRequest { to: test.dir.path().join("restored"), anchors: anchors.to_vec(), ..RestoreRequest::default() };
    let backup = Backup::open(&test.dir.path().join("backup")).unwrap();
    let report = backup.restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap();
    assert!(report.anchors.iter().all(|anchor| !anchor.found));
    request.to
}

#[test]
fn a_restored_archive_that_is_older_than_an_anchor_deletes_nothing_until_it_is_confirmed() {
    let (test, anchor) = with_anchor();
    let path = restore(&test, &[anchor]);
    assert!(warned(&path));
    assert_eq!(apply(&path).unwrap_err(), ErrorKind::OlderThanAnchor);
    // Neither a restart nor a rebuild forgets it.
    std::fs::remove_file(path.join("state.bin")).unwrap();
    assert!(warned(&path));
    assert_eq!(apply(&path).unwrap_err(), ErrorKind::OlderThanAnchor);
    assert!(open(&path).confirm_older("  ", false).is_err());
    let would = open(&path).confirm_older("disk lost", true).unwrap();
    assert_eq!((would.older_than, would.anchors, would.dry_run), (anchor.0.unwrap(), 1, true));
    assert_eq!(apply(&path).unwrap_err(), ErrorKind::OlderThanAnchor);
    open(&path).confirm_older("disk lost", false).unwrap();
    assert!(!warned(&path));
    assert!(apply(&path).unwrap() > 0);
    assert_eq!(open(&path).confirm_older("again", false).unwrap_err().kind(), ErrorKind::NotFound);
    // The same anchor is known by now.
    let mut archive = open(&path);
    assert_eq!(archive.audit_verify(Some(anchor)).unwrap().against, Some("not_found"));
    assert!(!warned(&path) && apply(&path).is_ok());
    let event = serde_json::to_string(&archive.state().anchors.values().next().unwrap().confirmed).unwrap();
    assert_ne!(event, "null");
}

#[test]
fn an_anchor_that_the_backup_has_changes_nothing() {
    let (test, _) = TestArchive::imported(200);
    let anchor = test.open().anchor().unwrap();
    test.open().backup(&test.dir.path().join("backup"), false, &Silent).unwrap();
    let request = RestoreRequest {
        to: test.dir.path().join("restored"),
        anchors: vec![(Some(anchor.seq), anchor.head)],
        ..RestoreRequest::default()
    };
    let backup = Backup::open(&test.dir.path().join("backup")).unwrap();
    let report = backup.restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap();
    assert!(report.anchors[0].found && !warned(&request.to));
    assert!(apply(&request.to).unwrap() > 0);
}

#[test]
fn comparing_with_an_anchor_later_stops_deletion_too_and_is_recorded_once() {
    let (test, anchor) = with_anchor();
    let path = restore(&test, &[]);
    assert!(!warned(&path), "nobody knows of a later line");
    let report = open(&path).audit_verify(Some(anchor)).unwrap();
    assert_eq!((report.against, report.is_sound()), (Some("not_found"), false));
    let lines = open(&path).as_of();
    open(&path).audit_verify(Some(anchor)).unwrap();
    assert_eq!(open(&path).as_of(), lines);
    assert!(warned(&path));
    assert_eq!(apply(&path).unwrap_err(), ErrorKind::OlderThanAnchor);
    open(&path).confirm_older("disk lost", false).unwrap();
    // Another line that is missed.
    let later = test.open().anchor().unwrap();
    open(&path).verify(&VerifyOptions::default(), &[(Some(later.seq), later.head)], &Silent).unwrap();
    assert_eq!(apply(&path).unwrap_err(), ErrorKind::OlderThanAnchor);
}

#[test]
fn a_bare_hash_that_may_be_mistyped_is_told_and_not_recorded() {
    let (test, _) = TestArchive::imported(200);
    let lines = test.open().as_of();
    let report = test.open().audit_verify(Some((None, Digest::of(b"mistyped")))).unwrap();
    assert_eq!(report.against, Some("not_found"));
    assert_eq!(test.open().as_of(), lines);
    assert!(apply(&test.path()).unwrap() > 0);
}

#[test]
fn however_many_anchors_are_missed_the_state_stays_small() {
    let (test, _) = TestArchive::imported(60);
    let mut archive = test.open();
    for n in 0u64..150 {
        archive.audit_verify(Some((Some(Seq(n + 1_000_000)), Digest::of(&n.to_be_bytes())))).unwrap();
    }
    assert_eq!(test.open().state().anchors.len(), 100);
    let report = test.open().confirm_older("all of them", false).unwrap();
    assert_eq!(report.anchors, 100);
    assert!(!warned(&test.path()));
}

#[test]
fn a_deletion_that_was_begun_before_the_backup_is_not_resumed_in_what_is_restored_from_it() {
    let (test, _) = TestArchive::imported(200);
    let mut archive = test.open();
    let plan = archive.plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap().plan;
    let PlanItems::Inline(items) = archive.state().plans[&plan].items.clone() else { panic!() };
    drop(archive);
    // As a crash leaves it: the intent is there and nothing was unlinked.
    let journal = Journal::at(test.path().join("journal"), test.path().join("quarantine"));
    let begun = Event::DeleteStarted { plan: plan.clone(), how: Disposal::Purged, items: ItemList::Inline(items) };
    journal.lock(Seq(0)).unwrap().append(&[begun], &actor(), SystemClock.now(), true).unwrap();
    test.open().backup(&test.dir.path().join("backup"), false, &Silent).unwrap();
    // Without an anchor nobody knows whether a hold was placed since.
    let path = restore(&test, &[]);
    drop(ArchiveWriter::open(open(&path), &Silent).unwrap());
    let state = open(&path).state().clone();
    assert!(state.purged.is_empty() && state.plans[&plan].open_items() == 0);
    let options = ApplyOptions { purge: true, ..ApplyOptions::default() };
    let applied = ArchiveWriter::open(open(&path), &Silent).unwrap().apply_plan(&plan.0, options).unwrap();
    assert!(applied.messages_purged > 0, "it is applied by somebody who decides that");
    // Where it was begun it is finished.
    drop(test.writer());
    assert!(!test.open().state().purged.is_empty());
}

/// A line as a later version of the program writes it, whose event this one does not know.
fn append_unknown(path: &Path) {
    let mut segments: Vec<_> = std::fs::read_dir(path.join("journal")).unwrap().map(|e| e.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
    segments.sort();
    let (segment, text) = (segments.last().unwrap(), std::fs::read_to_string(segments.last().unwrap()).unwrap());
    let (previous, json) = text.lines().last().unwrap().split_once(' ').unwrap();
    let mut line: serde_json::Value = serde_json::from_str(json).unwrap();
    line["seq"] = (line["seq"].as_u64().unwrap() + 1).into();
    line["event"] = serde_json::json!({"type": "hold.placed_by_a_later_version"});
    let json = line.to_string();
    let hash = Digest::of(format!("{previous} {}", Digest::of(json.as_bytes()).to_hex()).as_bytes()).to_hex();
    std::fs::write(segment, format!("{text}{hash} {json}\n")).unwrap();
}

#[test]
fn a_deletion_that_was_begun_is_not_resumed_while_the_journal_has_a_line_that_is_not_understood() {
    let (test, _) = TestArchive::imported(200);
    let mut archive = test.open();
    let plan = archive.plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap().plan;
    let PlanItems::Inline(items) = archive.state().plans[&plan].items.clone() else { panic!() };
    drop(archive);
    let journal = Journal::at(test.path().join("journal"), test.path().join("quarantine"));
    let begun = Event::DeleteStarted { plan: plan.clone(), how: Disposal::Purged, items: ItemList::Inline(items) };
    journal.lock(Seq(0)).unwrap().append(&[begun], &actor(), SystemClock.now(), true).unwrap();
    append_unknown(&test.path());
    let begun = test.open().state().plans[&plan].open_items();
    assert!(begun > 0 && test.open().state().unreadable == 1);
    drop(test.writer());
    assert_eq!(test.open().state().plans[&plan].open_items(), begun, "a hold may be in that line");
    assert!(test.open().state().purged.is_empty());
}
