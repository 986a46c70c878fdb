//! Kills within a deletion: the next open for writing finishes what was begun, once, and nothing that is held is lost.

use crate::{
    child::{self, Fate},
    stage::{ONE_BATCH, Stage, feed},
};
use custodia::{
    archive::{ApplyOptions, HoldRequest, Selection},
    model::{Event, MailboxName, event::ItemList, event::ItemRef},
};
use std::collections::{BTreeMap, BTreeSet};

const CUSTODIAN: &str = "ana.ruiz@northgate.example";

/// An archive with a hold on one mailbox, and a plan over everything.
fn planned() -> (Stage, String) {
    let stage = Stage::imported(&feed(ONE_BATCH));
    hold(&stage, CUSTODIAN);
    let plan = stage
        .open()
        .plan_deletion(&Selection::Query("kind:externaldata".to_owned()), &[], "end of retention", false)
        .unwrap();
    assert!(plan.deletable > 250 && plan.blocked > 10, "{plan:?}");
    (stage, plan.plan.0)
}

fn hold(stage: &Stage, mailbox: &str) {
    let mut archive = stage.open();
    if archive.cases().unwrap().is_empty() {
        archive.create_case("Falcon", "", false).unwrap();
    }
    let request = HoldRequest {
        name: format!("hold on {mailbox}"),
        case: "Falcon".into(),
        mailboxes: vec![mailbox.into()],
        reason: "request 17".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
}

/// The items whose deletion was begun, and how often each was recorded as done.
fn begun_and_done(stage: &Stage) -> (BTreeSet<ItemRef>, BTreeMap<ItemRef, u32>) {
    let (mut begun, mut done) = (BTreeSet::new(), BTreeMap::new());
    for entry in stage.journal() {
        match entry.line.event {
            Event::DeleteStarted { items: ItemList::Inline(items), .. } => begun.extend(items),
            Event::ItemDisposed { item, .. } => *done.entry(item).or_default() += 1,
            _ => {}
        }
    }
    (begun, done)
}

fn items_of(stage: &Stage, mailbox: &str) -> u64 {
    let archive = stage.open();
    archive.state().boxes.get(&MailboxName::parse(mailbox).unwrap()).map_or(0, |boxes| boxes.present().len())
}

fn check_resumed(stage: &Stage, when: &str) {
    drop(stage.writer());
    let (begun, done) = begun_and_done(stage);
    assert!(!begun.is_empty() && done.values().all(|times| *times == 1), "{when}");
    assert!(done.keys().eq(begun.iter()), "{when}: {} begun, {} done", begun.len(), done.len());
    assert!(stage.open().state().plans.values().all(|plan| plan.open_items() == 0), "{when}");
    stage.check_verifies(when);
}

/// Kills the application of the plan, opens again, and applies the plan again.
fn killed_at(point: &str, nth: u64, purge: bool) {
    let when = format!("purge {purge}, killed at {point}, {nth}");
    let (stage, plan) = planned();
    let held = items_of(&stage, CUSTODIAN);
    child::killed(child::apply(&stage.path(), &plan, purge, Fate::Killed(point, nth)), &when);
    check_resumed(&stage, &when);
    let (begun, _) = begun_and_done(&stage);
    assert_eq!(begun.len() as u64, nth * 100, "{when}: only what was begun goes");
    let options = ApplyOptions { deletable_only: true, purge, dry_run: false };
    let report = stage.writer().apply_plan(&plan, options).unwrap();
    assert_eq!(report.plan.disposed, report.plan.matched - report.plan.blocked, "{when}");
    assert_eq!((report.plan.blocked, items_of(&stage, CUSTODIAN)), (held, held), "{when}");
    stage.check_verifies(&when);
    assert!(begun_and_done(&stage).1.values().all(|times| *times == 1), "{when}");
}

#[test]
fn a_kill_behind_the_intent_is_made_good() {
    killed_at("delete.intent", 1, false);
    killed_at("delete.intent", 2, true);
}

#[test]
fn a_kill_behind_the_mailbox_entries_is_made_good() {
    killed_at("delete.unlinked", 2, false);
    killed_at("delete.unlinked", 1, true);
}

#[test]
fn a_kill_behind_the_vault_files_is_made_good() {
    killed_at("delete.purged", 1, true);
    killed_at("delete.purged", 2, true);
}

#[test]
fn a_kill_while_a_deletion_is_resumed_is_made_good() {
    for point in ["delete.intent", "delete.unlinked", "delete.purged"] {
        let (stage, plan) = planned();
        child::killed(child::apply(&stage.path(), &plan, true, Fate::Killed("delete.intent", 1)), point);
        child::killed(child::recover(&stage.path(), Fate::Killed(point, 1)), point);
        check_resumed(&stage, point);
    }
}

#[test]
fn a_deletion_is_resumed_although_the_index_and_the_state_are_gone() {
    for point in ["delete.intent", "delete.unlinked", "delete.purged"] {
        let (stage, plan) = planned();
        child::killed(child::apply(&stage.path(), &plan, true, Fate::Killed(point, 1)), point);
        std::fs::remove_dir_all(stage.path().join("index")).unwrap();
        std::fs::remove_file(stage.path().join("state.bin")).unwrap();
        check_resumed(&stage, point);
    }
}

#[test]
fn a_hold_that_is_placed_before_a_deletion_is_resumed_is_respected() {
    for (point, purge) in [("delete.intent", true), ("delete.unlinked", true), ("delete.unlinked", false)] {
        let when = format!("purge {purge}, killed at {point}");
        let (stage, plan) = planned();
        child::killed(child::apply(&stage.path(), &plan, purge, Fate::Killed(point, 1)), &when);
        let (begun, _) = begun_and_done(&stage);
        let mailbox = begun.first().unwrap().mailbox.clone();
        let before = items_of(&stage, mailbox.as_str());
        hold(&stage, mailbox.as_str());
        drop(stage.writer());
        assert_eq!(items_of(&stage, mailbox.as_str()), before, "{when}: nothing held is lost");
        let (_, done) = begun_and_done(&stage);
        assert!(done.keys().all(|item| item.mailbox != mailbox) && done.values().all(|times| *times == 1), "{when}");
        assert!(stage.open().state().plans.values().all(|plan| plan.open_items() == 0), "{when}");
        stage.check_verifies(&when);
    }
}

/// An archive with a hold on one mailbox, and the plan applied: everything that is free is recoverable.
fn recoverable() -> (Stage, String) {
    let (stage, plan) = planned();
    let options = ApplyOptions { deletable_only: true, ..ApplyOptions::default() };
    stage.writer().apply_plan(&plan, options).unwrap();
    (stage, plan)
}

fn sets(stage: &Stage) -> (u64, u64, u64) {
    let archive = stage.open();
    let sum = |of: fn(&custodia::state::Boxes) -> u64| archive.state().boxes.values().map(of).sum();
    (sum(|boxes| boxes.live.len()), sum(|boxes| boxes.recoverable.len()), sum(|boxes| boxes.disposed.len()))
}

#[test]
fn a_kill_within_an_undo_is_made_good_and_the_rest_can_still_be_undone() {
    for (point, nth) in [("restore.intent", 1), ("restore.moved", 2), ("restore.recorded", 1)] {
        let when = format!("killed at {point}, {nth}");
        let (stage, plan) = recoverable();
        let before = sets(&stage);
        child::killed(child::undo(&stage.path(), &plan, Fate::Killed(point, nth)), &when);
        drop(stage.writer());
        let after = sets(&stage);
        assert_eq!(after.1, before.1 - nth * 100, "{when}: what was begun is back, and no more");
        assert_eq!(after.0 + after.1, before.0 + before.1, "{when}");
        assert!(stage.open().state().plans.values().all(|plan| plan.restoring_items() == 0), "{when}");
        stage.check_verifies(&when);
        let undone = stage.writer().undo_plan(&plan, "", false).unwrap();
        assert_eq!((undone.restored, sets(&stage)), (after.1, (before.0 + before.1, 0, 0)), "{when}");
        stage.check_verifies(&when);
    }
}

#[test]
fn a_kill_while_items_expire_is_made_good() {
    for point in ["delete.intent", "delete.unlinked", "delete.purged", "delete.recorded", "delete.committed"] {
        let (stage, plan) = recoverable();
        let before = sets(&stage);
        child::killed(child::expire(&stage.path(), &plan, Fate::Killed(point, 1)), point);
        // Not by a clock that stands before the kill: what was begun waits for one that is right.
        drop(custodia::ArchiveWriter::open(child::a_month_later(&stage.path()), &custodia::progress::Silent).unwrap());
        let after = sets(&stage);
        assert_eq!(after.0, before.0, "{point}: what is held is as it was");
        assert!(after.2 >= 100 && after.1 + after.2 == before.1, "{point}: {after:?}");
        stage.check_verifies(point);
        let late = child::a_month_later(&stage.path());
        custodia::ArchiveWriter::open(late, &custodia::progress::Silent).unwrap().expire(None).unwrap();
        assert_eq!(sets(&stage), (before.0, 0, before.1), "{point}");
        stage.check_verifies(point);
    }
}

#[test]
fn a_purge_that_is_killed_before_the_index_is_merged_leaves_no_deleted_document_after_the_next_open() {
    for point in ["delete.recorded", "delete.committed", "delete.merged"] {
        let (stage, plan) = planned();
        child::killed(child::apply(&stage.path(), &plan, true, Fate::Killed(point, 1)), point);
        drop(stage.writer());
        let deleted = |stage: &Stage| {
            let names = std::fs::read_dir(stage.path().join("index")).unwrap().map(|e| e.unwrap().file_name());
            names.filter(|name| name.to_string_lossy().ends_with(".del")).count()
        };
        assert_eq!(deleted(&stage), 0, "{point}: a segment still has documents that are only marked as deleted");
        stage.check_verifies(point);
    }
}
