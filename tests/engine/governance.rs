//! Holds and deletion: what is held stays, whatever happens around it.

use crate::common::{TestArchive, open};
use custodia::{
    Archive, ErrorKind,
    archive::{ApplyOptions, HoldRequest, PlanReport, SearchOptions, Selection},
    governance::Because,
    model::{Instant, MailboxName, PlanStatus},
};

const MESSAGES: u64 = 400;

fn first_id(archive: &mut Archive, query: &str) -> String {
    archive.search_ids(query, &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap()[0].to_string()
}

fn request(test: &TestArchive, name: &str) -> HoldRequest {
    HoldRequest {
        name: name.into(),
        case: "falcon".into(),
        custodians: vec![test.corpus.story().custodian.to_string()],
        reason: "Claim letter".into(),
        ..HoldRequest::default()
    }
}

fn with_case() -> TestArchive {
    let (test, _) = TestArchive::imported(MESSAGES);
    test.open().create_case("Falcon", "", false).unwrap();
    test
}

fn plan(archive: &mut Archive, query: &str) -> PlanReport {
    archive.plan_deletion(&Selection::Query(query.into()), &[], "private", false).unwrap()
}

fn count(test: &TestArchive, query: &str) -> (u64, u64) {
    let report = test.open().search(query, &SearchOptions::default()).unwrap();
    (report.total, report.items)
}

#[test]
fn a_held_item_cannot_be_deleted_and_the_archive_stays_as_it_was_but_for_the_journal() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    let held = test.open().place_hold(&request(&test, "Falcon-2026"), false).unwrap();
    assert_eq!(held.items, test.truth.items[custodian.as_str()]);
    let mut archive = test.open();
    let planned = plan(&mut archive, &format!("mailbox:{custodian}"));
    assert_eq!((planned.deletable, planned.blocked), (0, held.items));
    let mut writer = test.writer();
    let before =
        (test.files(&["vault", "mail", "index", "catalog", "archive.toml", "state.bin"]), writer.archive().as_of());
    for options in [
        ApplyOptions::default(),
        ApplyOptions { purge: true, ..ApplyOptions::default() },
        ApplyOptions { purge: true, deletable_only: true, dry_run: false },
    ] {
        let error = writer.apply_plan(&planned.plan.0, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Held);
        assert!(error.to_string().contains("Falcon-2026"), "{error}");
        assert_eq!(error.details()["blocked"], held.items);
    }
    assert_eq!(test.files(&["vault", "mail", "index", "catalog", "archive.toml", "state.bin"]), before.0);
    assert_eq!(writer.archive().as_of().0, before.1.0 + 3, "the journal grew by the three refusals and nothing else");
    drop(writer);
    let mut archive = test.open();
    let id = first_id(&mut test.open(), &format!("mailbox:{custodian}"));
    let why = archive.explain(&id).unwrap();
    assert!(!why.deletable);
    let blocker = &why.blockers[0].blocker;
    assert_eq!((blocker.name.as_str(), blocker.placed_by.as_str()), ("Falcon-2026", "j.ward"));
    assert_eq!(blocker.reason, "Claim letter");
    assert!(!blocker.because.is_empty());
}

#[test]
fn a_mailbox_is_explained_with_the_whole_scope_of_the_hold() {
    let test = with_case();
    let mut archive = test.open();
    let scope = HoldRequest { query: Some("wire".into()), since: Some(Instant(0)), ..request(&test, "Wires") };
    archive.place_hold(&scope, false).unwrap();
    let custodian = MailboxName::parse(test.corpus.story().custodian).unwrap();
    let why = archive.explain(custodian.as_str()).unwrap();
    assert_eq!(
        why.blockers[0].blocker.because,
        [
            Because::Mailbox { value: custodian },
            Because::Sent { since: Some(Instant(0)), until: None },
            Because::Query { value: "wire".into() }
        ]
    );
}

#[test]
fn a_hold_placed_between_plan_and_apply_blocks() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    let planned = plan(&mut test.open(), &format!("mailbox:{custodian} body:wire"));
    assert_eq!(planned.blocked, 0);
    let mut writer = test.writer();
    // Another process places the hold while this one has the archive open for writing.
    test.open().place_hold(&request(&test, "Late"), false).unwrap();
    let result = writer.apply_plan(&planned.plan.0, ApplyOptions::default());
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Held);
}

#[test]
fn what_is_free_goes_to_the_recoverable_items_and_then_for_good() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    let all = count(&test, "");
    let query = format!("mailbox:{custodian} body:wire");
    let going = count(&test, &query).1;
    assert!(going > 0);
    let planned = plan(&mut test.open(), &query);
    assert_eq!((planned.matched, planned.deletable), (going, going));
    let report = test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).unwrap();
    assert_eq!((report.applied, report.messages_purged), (going, 0));
    assert_eq!(count(&test, ""), all, "recoverable items are in the archive and are found");
    let recoverable = test.path().join("mail").join(&custodian).join(".Recoverable Items.Deletions/new");
    assert_eq!(std::fs::read_dir(recoverable).unwrap().count() as u64, going);

    let purged =
        test.writer().apply_plan(&planned.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    assert_eq!(purged.applied, going);
    let after = count(&test, "");
    assert_eq!(after.1, all.1 - going);
    assert_eq!(after.0, all.0 - purged.messages_purged, "messages that others still have are still there");
    assert_eq!(count(&test, &query).1, 0);
    assert_eq!(test.open().plan(&planned.plan.0).unwrap().status, PlanStatus::Applied.as_str());
    // Importing the source again brings nothing back.
    let again = test.import();
    assert_eq!((again.balance.imported, again.balance.items.imported), (0, 0));
    assert!(again.balanced);
    assert_eq!(count(&test, ""), after);
}

#[test]
fn decisions_are_the_same_without_the_index_and_after_edits_of_users_and_mapping() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    let mut hold = request(&test, "Query");
    hold.query = Some("wire OR from:\"nobody in particular\"".into());
    test.open().place_hold(&hold, false).unwrap();
    let planned = plan(&mut test.open(), &format!("mailbox:{custodian}"));
    let decisions = |archive: &Archive| {
        let report = archive.plan(&planned.plan.0).unwrap();
        (report.deletable, report.blocked, report.bytes)
    };
    let before = decisions(&test.open());
    assert!(before.0 > 0 && before.1 > 0, "{before:?}");
    std::fs::remove_dir_all(test.path().join("index")).unwrap();
    assert_eq!(decisions(&test.open()), before);
    let mut archive = test.open();
    archive.edit_user(&custodian, Some("Somebody Else".into()), &[], &[]).unwrap();
    archive.disable_user(&custodian, "left").unwrap();
    archive.import_mapping("none.csv", b"number,email\n", true, None, false).unwrap();
    assert_eq!(decisions(&test.open()), before);
}

#[test]
fn a_query_hold_counts_what_it_decides() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    for (name, query, since) in [
        ("words", Some("wire"), None),
        ("not", Some("NOT body:wire"), None),
        ("period", None, Some("2025-09-01T00:00:00Z")),
        ("both", Some("offer OR kind:call"), Some("2025-06-01T00:00:00Z")),
    ] {
        let mut hold = request(&test, name);
        hold.query = query.map(str::to_owned);
        hold.since = since.and_then(custodia::model::Instant::parse_rfc3339);
        let placed = test.open().place_hold(&hold, false).unwrap();
        let planned = plan(&mut test.open(), &format!("mailbox:{custodian}"));
        assert_eq!(planned.blocked, placed.items, "{name}: the count is made by the index, the decision by evaluation");
        assert!(planned.deletable > 0 && planned.blocked > 0, "{name}");
        test.open().release_hold(name, "next", false).unwrap();
        assert_eq!(test.open().plan(&planned.plan.0).unwrap().blocked, placed.items, "{name}: its delay");
        test.open().end_delay(name, "next", false).unwrap();
        assert_eq!(test.open().plan(&planned.plan.0).unwrap().blocked, 0);
    }
}

#[test]
fn a_hold_refuses_what_could_change_and_names_that_are_taken() {
    let test = with_case();
    let mut archive = test.open();
    let place = |archive: &mut Archive, change: &dyn Fn(&mut HoldRequest)| {
        let mut hold = request(&test, "H");
        change(&mut hold);
        archive.place_hold(&hold, false).map_err(|e| e.kind())
    };
    archive.tag("hot", &Selection::Query("wire".into()), false).unwrap();
    let mutable = [
        "isdeleted:true",
        "isedited:false",
        "NOT lang:en",
        "wire OR kind:unindexed",
        "folderid:Deletions",
        "hold:*",
        "case:*",
        "tag:hot",
        "tag:none OR wire",
        "retention:none",
        "run:last",
    ];
    for query in mutable {
        assert_eq!(place(&mut archive, &|h| h.query = Some(query.into())).unwrap_err(), ErrorKind::Usage, "{query}");
    }
    assert_eq!(place(&mut archive, &|h| h.query = Some("wire AND".into())).unwrap_err(), ErrorKind::BadQuery);
    assert_eq!(place(&mut archive, &|h| h.case = "nope".into()).unwrap_err(), ErrorKind::NotFound);
    assert_eq!(
        place(&mut archive, &|h| h.custodians = vec!["nobody@x.example".into()]).unwrap_err(),
        ErrorKind::NotFound
    );
    assert_eq!(place(&mut archive, &|h| h.custodians.clear()).unwrap_err(), ErrorKind::Usage);
    assert_eq!(place(&mut archive, &|h| h.reason = "  ".into()).unwrap_err(), ErrorKind::Usage);
    place(&mut archive, &|_| ()).unwrap();
    assert_eq!(place(&mut archive, &|h| h.name = "h".into()).unwrap_err(), ErrorKind::Exists);
}

#[test]
fn nothing_is_deleted_while_the_journal_does_not_hold_together() {
    let test = with_case();
    let planned = plan(&mut test.open(), "body:wire");
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replace("\"type\":\"delete.planned\"", "\"type\":\"delete.plannet\"")).unwrap();
    std::fs::remove_file(test.path().join("state.bin")).unwrap();
    let mut archive = test.open();
    assert!(archive.plan(&planned.plan.0).is_err());
    let another = plan(&mut archive, "body:wire");
    drop(archive);
    let error = test.writer().apply_plan(&another.plan.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let _ = open(&test.path());
}

#[test]
fn a_hold_that_is_cut_off_the_journal_is_missed_and_nothing_is_deleted_any_more() {
    let test = with_case();
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let before = std::fs::read(&journal).unwrap();
    test.open().place_hold(&request(&test, "Falcon-2026"), false).unwrap();
    std::fs::write(&journal, before).unwrap();
    let mut archive = test.open();
    assert!(archive.warnings().iter().any(|w| w.starts_with("journal_shortened")), "{:?}", archive.warnings());
    assert!(!archive.audit_verify(None).unwrap().is_sound());
    let planned = plan(&mut archive, "body:wire");
    drop(archive);
    for _ in 0..2 {
        // Also after a writer has recorded the loss and made its stores anew.
        let error = test.writer().apply_plan(&planned.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Damaged);
    }
}

#[test]
fn a_refused_deletion_leaves_nothing_but_its_event_also_when_it_opens_the_archive_itself() {
    let test = with_case();
    let custodian = test.corpus.story().custodian.to_string();
    test.open().place_hold(&request(&test, "Falcon-2026"), false).unwrap();
    let planned = plan(&mut test.open(), &format!("mailbox:{custodian}"));
    let kept = ["vault", "mail", "index", "archive.toml", "state.bin", "watermark.json"];
    let before = test.files(&kept);
    assert!(test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).is_err());
    assert_eq!(test.files(&kept), before);
}

#[test]
fn a_query_that_may_mean_something_else_is_searched_with_a_warning_and_neither_deletes_nor_holds() {
    let test = with_case();
    assert!(!test.open().search("from: ana", &SearchOptions::default()).unwrap().warnings.is_empty());
    for query in ["from: ana", "wire - draft", "sent < 2020-01-01"] {
        let deletion = test.open().plan_deletion(&Selection::Query(query.into()), &[], "x", true);
        assert_eq!(deletion.unwrap_err().kind(), ErrorKind::BadQuery, "{query}");
    }
    let hold = HoldRequest { query: Some("wire or transfer".into()), ..request(&test, "H") };
    assert_eq!(test.open().place_hold(&hold, true).unwrap_err().kind(), ErrorKind::BadQuery);
}
