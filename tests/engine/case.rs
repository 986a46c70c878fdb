//! Cases: what is in them, what came and went in their searches, and that closing them frees nothing.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{
        ApplyOptions, AuditFilter, CustodianOptions, DiffCause, DiffReport, ExportRequest, ExportSelection,
        HoldRequest, RebuildOptions, Selection,
    },
    model::{Instant, MailboxName},
    progress::Silent,
};

const CASE: &str = "Falcon";

fn with_case(messages: u64) -> TestArchive {
    let (test, _) = TestArchive::imported(messages);
    test.open().create_case(CASE, "Falcon v. Northgate", false).unwrap();
    test
}

fn custodian(test: &TestArchive) -> String {
    test.corpus.story().custodian.to_owned()
}

fn hold(test: &TestArchive, name: &str) -> HoldRequest {
    HoldRequest {
        name: name.into(),
        case: CASE.into(),
        custodians: vec![custodian(test)],
        reason: "Claim letter".into(),
        ..HoldRequest::default()
    }
}

fn events(archive: &Archive, kind: &str) -> Vec<serde_json::Value> {
    let mut found = Vec::new();
    let filter = AuditFilter { kind: Some(kind.into()), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            found.push(row.event);
            Ok(())
        })
        .unwrap();
    found
}

#[test]
fn a_case_is_not_closed_while_it_has_an_active_hold_and_says_everything_about_each() {
    let test = with_case(100);
    let mut archive = test.open();
    archive.place_hold(&hold(&test, "one"), false).unwrap();
    let before = archive.as_of();
    let error = archive.close_case(CASE, "settled", false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let blocker = &error.details()["blockers"][0];
    assert_eq!((&blocker["kind"], &blocker["name"]), (&"hold".into(), &"one".into()));
    for field in ["id", "placed_at", "placed_by", "reason", "ends_when", "what_to_do"] {
        assert!(blocker[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {blocker}");
    }
    assert_eq!(archive.as_of().0, before.0 + 1, "the refusal and nothing else was written");
    assert_eq!(events(&archive, "case.close_refused").len(), 1);
    assert_eq!(archive.case(CASE).unwrap().status, "open");

    archive.release_hold("one", "settled", false).unwrap();
    archive.close_case("FALCON", "settled", false).unwrap();
    let closed = archive.case(CASE).unwrap();
    assert_eq!((closed.status, closed.closed.unwrap().reason.as_str()), ("closed", "settled"));
    assert_eq!(archive.close_case(CASE, "again", false).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_closed_case_takes_no_custodian_hold_or_search_until_it_is_opened_again_but_notes() {
    let test = with_case(100);
    let mut archive = test.open();
    archive.close_case(CASE, "settled", false).unwrap();
    let add = |archive: &mut Archive| {
        archive.add_custodians(CASE, &[custodian(&test)], &CustodianOptions::default(), false).map(|_| ())
    };
    let errors = [
        add(&mut archive).unwrap_err(),
        archive.place_hold(&hold(&test, "late"), false).unwrap_err(),
        archive.save_search(CASE, "s", "wire", &[], false, false).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.hint().unwrap().contains("case reopen"), "{error}");
    }
    archive.note_in_case(CASE, "the file went to the cellar", false).unwrap();
    archive.reopen_case(CASE, "appeal", false).unwrap();
    assert_eq!(archive.reopen_case(CASE, "appeal", false).unwrap_err().kind(), ErrorKind::Usage);
    add(&mut archive).unwrap();
    archive.place_hold(&hold(&test, "late"), false).unwrap();
    assert_eq!(archive.case(CASE).unwrap().notes[0].text, "the file went to the cellar");
}

#[test]
fn renaming_keeps_the_id_and_old_events_and_takes_no_name_that_another_case_has() {
    let test = with_case(60);
    let mut archive = test.open();
    let id = archive.case(CASE).unwrap().case.id;
    archive.create_case("Other", "", false).unwrap();
    assert_eq!(archive.edit_case(CASE, Some("OTHER"), None, false).unwrap_err().kind(), ErrorKind::Exists);
    assert_eq!(archive.edit_case(CASE, Some(CASE), None, false).unwrap_err().kind(), ErrorKind::Usage);
    archive.edit_case(CASE, Some("Falcon 2026"), None, true).unwrap();
    assert!(archive.case(CASE).is_ok(), "a dry run changes nothing");
    archive.edit_case(CASE, Some("Falcon 2026"), Some("second claim"), false).unwrap();
    let case = archive.case("falcon 2026").unwrap().case;
    assert_eq!((&case.id, case.description.as_str()), (&id, "second claim"));
    assert_eq!(archive.case(CASE).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(events(&archive, "case.created")[0]["case"]["name"], CASE);
    let line = events(&archive, "case.edited");
    assert_eq!(line.len(), 1);
}

#[test]
fn a_custodian_has_a_role_and_a_period_and_leaves_without_leaving_a_hold() {
    let test = with_case(100);
    let mut archive = test.open();
    let ann = custodian(&test);
    let options =
        CustodianOptions { role: Some("witness".into()), from: Some(Instant(1_000)), until: Some(Instant(2_000)) };
    let change = archive.add_custodians(CASE, std::slice::from_ref(&ann), &options, false).unwrap();
    assert_eq!((change.added.len(), change.changed.len(), change.already.len()), (1, 0, 0));
    let change = archive.add_custodians(CASE, std::slice::from_ref(&ann), &CustodianOptions::default(), false).unwrap();
    assert_eq!((change.added.len(), change.already.len()), (0, 1), "what is not said stays");
    let other = CustodianOptions { role: Some("party".into()), ..CustodianOptions::default() };
    assert_eq!(archive.add_custodians(CASE, std::slice::from_ref(&ann), &other, false).unwrap().changed.len(), 1);
    let row = &archive.custodians(CASE).unwrap()[0];
    assert_eq!((row.term.role.as_str(), row.term.from, row.term.until), ("party", options.from, options.until));
    let backwards = CustodianOptions { until: Some(Instant(1)), from: Some(Instant(1)), ..options };
    assert!(archive.add_custodians(CASE, std::slice::from_ref(&ann), &backwards, false).is_err());

    archive.place_hold(&hold(&test, "one"), false).unwrap();
    let covered = archive.hold("one").unwrap().report.items;
    let removed = archive.remove_custodian(CASE, &ann, "not involved", false).unwrap();
    assert_eq!(removed.holds.iter().map(|hold| hold.name.as_str()).collect::<Vec<_>>(), ["one"]);
    assert_eq!(archive.hold("one").unwrap().report.items, covered);
    assert!(archive.case(CASE).unwrap().case.custodians.is_empty());
    assert_eq!(archive.remove_custodian(CASE, &ann, "again", false).unwrap_err().kind(), ErrorKind::NotFound);

    archive.add_custodians(CASE, std::slice::from_ref(&ann), &CustodianOptions::default(), false).unwrap();
    let report = archive.custodian(&ann).unwrap();
    let ended: Vec<bool> = report.cases.iter().map(|row| row.term.removed.is_some()).collect();
    assert_eq!(ended, [true, false], "both times are there");
    assert_eq!((report.holds.len(), report.holds[0].status), (1, "active"));
    assert_eq!(archive.custodian("nobody@x.example").unwrap_err().kind(), ErrorKind::NotFound);
}

/// Causes, and how many messages each.
type Causes = Vec<(DiffCause, u64)>;

/// The causes of what came and of what went.
fn causes(report: &DiffReport) -> (Causes, Causes) {
    let of =
        |counts: &[custodia::archive::CauseCount]| counts.iter().map(|c| (c.because.clone(), c.messages)).collect();
    (of(&report.came_because), of(&report.went_because))
}

#[test]
fn a_saved_search_tells_what_came_by_which_import_and_what_went_by_which_plan() {
    let test = TestArchive::new(400);
    let mut archive = test.open();
    archive.create_case(CASE, "", false).unwrap();
    archive.save_search(CASE, "calls", "kind:call", &[], false, false).unwrap();
    assert_eq!(archive.diff_saved_search(CASE, "calls", false).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(archive.run_saved_search(CASE, "CALLS").unwrap().messages, 0);
    drop(archive);
    let run = test.import().run.unwrap();
    let mut archive = test.open();
    let second = archive.run_saved_search(CASE, "calls").unwrap();
    let diff = archive.diff_saved_search(CASE, "calls", false).unwrap();
    assert_eq!((diff.came, diff.went, second.messages > 0), (second.messages, 0, true));
    assert_eq!(causes(&diff), (vec![(DiffCause::ImportRun(run.0.clone()), second.messages)], vec![]));
    assert!(diff.came_messages.iter().all(|row| row.id.is_some()) && diff.not_listed == 0);
    drop(archive);

    let mut writer = test.writer();
    let plan = writer.archive_mut().plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap().plan;
    writer.apply_plan(&plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    let archive = writer.archive_mut();
    let diff = archive.diff_saved_search(CASE, "calls", true).unwrap();
    assert_eq!((diff.came, diff.went, diff.to.run), (0, second.messages, None));
    assert_eq!(causes(&diff).1, [(DiffCause::Purged(plan.0.clone()), second.messages)]);
    assert!(diff.went_messages.iter().all(|row| row.id.is_some()), "the journal names what is purged");
    // The runs that are compared do not change with the archive.
    let again = archive.diff_saved_search(CASE, "calls", false).unwrap();
    assert_eq!((again.came, again.went), (second.messages, 0));
}

#[test]
fn an_edited_query_a_tag_and_a_relative_date_are_causes_of_their_own() {
    let test = with_case(300);
    let mut archive = test.open();
    archive.save_search(CASE, "s", "wire", &[], false, false).unwrap();
    let wires = archive.run_saved_search(CASE, "s").unwrap().messages;
    assert_eq!(
        archive.save_search(CASE, "S", "zebra", &[], false, false).unwrap_err().kind(),
        ErrorKind::Exists,
        "a search is not replaced unasked"
    );
    archive.save_search(CASE, "S", "zebra AND wombat", &[], true, false).unwrap();
    let diff = archive.diff_saved_search(CASE, "s", false).unwrap();
    assert!(diff.query_edited && wires > 0);
    assert_eq!(causes(&diff), (vec![], vec![(DiffCause::QueryEdited, wires)]));

    archive.tag("hot", &Selection::Query("kind:call".into()), false).unwrap();
    archive.save_search(CASE, "tagged", "tag:hot", &[], false, false).unwrap();
    archive.run_saved_search(CASE, "tagged").unwrap();
    let more = archive.tag("hot", &Selection::Query("wire".into()), false).unwrap().changed;
    let diff = archive.diff_saved_search(CASE, "tagged", true).unwrap();
    assert_eq!(causes(&diff).0, [(DiffCause::Tag("hot".into()), more)]);
    assert_eq!(archive.remove_saved_search(CASE, "tagged", false).unwrap().runs.len(), 1);
    assert_eq!(archive.run_saved_search(CASE, "tagged").unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn everything_of_a_case_survives_a_rebuild_and_verifies() {
    let test = with_case(3_000);
    let mut archive = test.open();
    let ann = custodian(&test);
    let options = CustodianOptions { role: Some("witness".into()), ..CustodianOptions::default() };
    archive.add_custodians(CASE, std::slice::from_ref(&ann), &options, false).unwrap();
    archive.note_in_case(CASE, "a note", false).unwrap();
    archive.save_search(CASE, "a", "invoice OR call OR the", &[ann], false, false).unwrap();
    archive.run_saved_search(CASE, "a").unwrap();
    let before = archive.state().clone();
    drop(archive);
    std::fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    let after = test.open();
    assert_eq!(after.state().case_files, before.case_files);
    assert_eq!(after.state().cases, before.cases);
    let report = test.open().verify(&Default::default(), &[], &Silent).unwrap();
    assert_eq!(report.damaged, 0, "{report:?}");
}

#[test]
fn the_report_of_a_case_has_its_facts_and_every_event_about_it_and_nothing_of_another_case() {
    let test = with_case(200);
    let mut archive = test.open();
    archive.create_case("Other", "", false).unwrap();
    archive.note_in_case("Other", "not in the report", false).unwrap();
    archive.note_in_case(CASE, "<script>alert(1)</script>", false).unwrap();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..hold(&test, "one") }, false).unwrap();
    archive.release_hold("one", "settled", false).unwrap();
    archive.place_hold(&hold(&test, "two"), false).unwrap();
    archive.close_case(CASE, "x", false).unwrap_err();
    archive.save_search(CASE, "wires", "wire", &[], false, false).unwrap();
    archive.run_saved_search(CASE, "wires").unwrap();
    let request = ExportRequest {
        selection: ExportSelection::Case(CASE.into()),
        to: test.dir.path().join("package"),
        mailboxes: vec![],
        include_unindexed: false,
        reason: "x".into(),
        dry_run: false,
    };
    archive.export(&request, &Silent).unwrap();
    let dossier = archive.case_report(CASE).unwrap();
    let kinds: Vec<&str> = dossier.timeline.iter().map(|row| row.action).collect();
    assert_eq!(
        kinds,
        [
            "case.created",
            "case.noted",
            "custodian.added",
            "hold.placed",
            "hold.released",
            "hold.placed",
            "case.close_refused",
            "case.search_saved",
            "case.search_run",
            "export.done"
        ]
    );
    assert_eq!(dossier.exports.len(), 1);
    let (html, markdown) = (dossier.page().to_html(), dossier.page().to_markdown());
    for text in ["Falcon", "two", "wires", "settled", custodian(&test).as_str()] {
        assert!(html.contains(text) && markdown.contains(text), "{text}");
    }
    assert!(!html.contains("<script") && !html.contains("not in the report"));
    assert!(html.contains("default-src 'none'"));
    let name = MailboxName::parse(&custodian(&test)).unwrap();
    assert!(dossier.case.case.custodians.contains(&name));
}
