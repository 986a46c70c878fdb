//! An archive to which everything has happened that can: each event type at least once. It comes back as it was.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive,
    archive::{
        ApplyOptions, AuditFilter, ExportRequest, ExportSelection, HoldRequest, RebuildOptions, SearchOptions,
        Selection, VerifyOptions,
    },
    clock::FixedClock,
    model::{Event, Instant},
    progress::Silent,
};
use std::{collections::BTreeSet, fs, io::Write as _, sync::Arc};

fn seen(archive: &Archive) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    archive
        .audit(&AuditFilter::default(), &mut |row| {
            types.insert(row.action);
            Ok(())
        })
        .unwrap();
    types
}

/// search, show, hold list, case list, user list, map list, run list and issues, plans, stats: in one text.
fn answers(test: &TestArchive) -> String {
    let mut archive = test.open();
    let mut out = Vec::new();
    let mut put = |value: serde_json::Value| out.push(value.to_string());
    for query in ["", "wire", "isdeleted:true", "kind:call", "from:ana"] {
        let found = archive.search(query, &SearchOptions::default()).unwrap();
        put(serde_json::json!([found.total, found.items, found.partially_indexed, found.hits]));
    }
    for id in archive.search_ids("kind:deletion", &SearchOptions { limit: 5, ..SearchOptions::default() }).unwrap() {
        put(serde_json::to_value(archive.show(&id.to_string()).unwrap()).unwrap());
    }
    put(serde_json::to_value((archive.holds(true).unwrap(), archive.cases().unwrap())).unwrap());
    put(serde_json::to_value((archive.users().unwrap(), &archive.state().mapping)).unwrap());
    let runs = archive.runs();
    for run in &runs {
        put(serde_json::to_value(archive.run_issues(&run.id.0).unwrap()).unwrap());
    }
    put(serde_json::to_value((&runs, archive.plans().unwrap(), archive.tags())).unwrap());
    put(serde_json::to_value(archive.stats(None, custodia::model::Zone::UTC).unwrap()).unwrap());
    out.join("\n")
}

fn hold(test: &TestArchive, name: &str) -> HoldRequest {
    let custodians = vec![test.corpus.story().custodian.into()];
    HoldRequest { name: name.into(), case: "Falcon".into(), custodians, reason: "x".into(), ..HoldRequest::default() }
}

fn deletions(test: &TestArchive) {
    let mut writer = test.writer();
    let mut plan = |query: &str, purge: bool| {
        let planned = writer.archive_mut().plan_deletion(&Selection::Query(query.into()), &[], "x", false).unwrap();
        writer.apply_plan(&planned.plan.0, ApplyOptions { purge, ..ApplyOptions::default() }).map(|r| r.messages_purged)
    };
    assert!(plan("kind:call", true).unwrap() > 0);
    plan("kind:edit", false).unwrap();
    writer.archive_mut().create_case("Falcon", "", false).unwrap();
    writer.archive_mut().place_hold(&hold(test, "one"), false).unwrap();
    writer.archive_mut().place_hold(&hold(test, "two"), false).unwrap();
    writer.archive_mut().release_hold("two", "settled", false).unwrap();
    let planned =
        writer.archive_mut().plan_deletion(&Selection::Query("kind:externaldata".to_owned()), &[], "x", false).unwrap();
    assert!(writer.apply_plan(&planned.plan.0, ApplyOptions::default()).is_err());
}

fn directory(test: &TestArchive) {
    let mut archive = test.open();
    let first = test.corpus.mailboxes().next().unwrap();
    archive.edit_user(first, Some("Another Name".into()), &[], &[]).unwrap();
    archive.add_user("gone@northgate.example", None, &[]).unwrap();
    archive.disable_user("gone@northgate.example", "left").unwrap();
    archive.add_user("late@northgate.example", None, &[]).unwrap();
    let row = format!("number,email\n{},late@northgate.example\n447700900998,{first}\n", test.corpus.unmapped_number());
    assert_eq!(archive.import_mapping("late.csv", row.as_bytes(), false, None, false).unwrap().added, 2);
    archive.remove_mapping("447700900998", false).unwrap();
    drop(archive);
    assert!(test.import().balance.items.imported > 0, "the mended mapping delivers");
}

fn reading(test: &TestArchive) {
    let mut archive = test.open();
    let id = archive.search_ids("wire", &SearchOptions::default()).unwrap()[0];
    archive.show(&id.to_string()).unwrap();
    archive.tag("Wires", &Selection::Query("wire".into()), false).unwrap();
    archive.untag("wires", Some(&Selection::Ids(vec![id.to_string()])), false).unwrap();
    let request = ExportRequest {
        selection: ExportSelection::Query("wire".into()),
        to: test.dir.path().join("package"),
        mailboxes: vec![],
        include_unindexed: false,
        reason: "x".into(),
        dry_run: false,
    };
    archive.export(&request, &Silent).unwrap();
    archive.verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    archive.audit_exported("csv", 1);
    archive.anchor().unwrap();
}

fn accidents(test: &TestArchive) {
    let past = Arc::new(FixedClock(Instant(1_700_000_000_000)));
    Archive::open(&test.path(), actor(), past).unwrap().create_case("Back in time", "", false).unwrap();
    let segment = test.path().join("journal/00000000000000000001.jsonl");
    fs::OpenOptions::new().append(true).open(segment).unwrap().write_all(b"0123 torn").unwrap();
    test.open().create_case("After the torn line", "", false).unwrap();
    let mark = fs::read_to_string(test.path().join("watermark.json")).unwrap();
    fs::write(test.path().join("watermark.json"), mark.replacen("\"seq\":", "\"seq\":9", 1)).unwrap();
    drop(test.writer());
}

#[test]
fn an_archive_with_every_event_type_answers_after_a_rebuild_as_before() {
    let (test, _) = TestArchive::imported(400);
    directory(&test);
    deletions(&test);
    reading(&test);
    accidents(&test);
    test.open().rebuild(RebuildOptions { index: true, ..RebuildOptions::default() }, &Silent).unwrap();
    assert_eq!(seen(&test.open()), Event::TYPES.iter().copied().collect::<BTreeSet<_>>());
    let before = answers(&test);
    for store in ["mail", "catalog", "index"] {
        fs::remove_dir_all(test.path().join(store)).unwrap();
    }
    fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(answers(&test), before);
}
