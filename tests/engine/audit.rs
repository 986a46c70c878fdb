//! The audit trail: reads are in it, changes can be seen before and after, and one message has one history.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{
        ApplyOptions, AuditFilter, AuditRow, ExportRequest, ExportSelection, HoldRequest, SearchOptions, Selection,
    },
    model::Seq,
    progress::Silent,
};

fn rows(archive: &Archive, filter: &AuditFilter) -> Vec<AuditRow> {
    let mut rows = Vec::new();
    archive
        .audit(filter, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    rows
}

fn of_type(archive: &Archive, kind: &str) -> Vec<AuditRow> {
    rows(archive, &AuditFilter { kind: Some(kind.into()), ..AuditFilter::default() })
}

#[test]
fn reading_records_is_recorded_and_not_part_of_its_own_answer() {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    archive.case("falcon").unwrap();
    archive.cases().unwrap();
    archive.custodians("Falcon").unwrap();
    archive.holds(true).unwrap();
    archive.plans().unwrap();
    archive.users().unwrap();
    let seen: Vec<String> = of_type(&archive, "record.viewed")
        .into_iter()
        .map(|row| row.event["operation"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(seen, ["case.show", "case.list", "custodian.list", "hold.list", "delete.list", "user.list"]);
    let again = of_type(&archive, "record.viewed");
    assert_eq!(again.last().unwrap().event["operation"], "audit.list");
    assert_eq!(again.len(), seen.len() + 1);
}

#[test]
fn the_list_is_narrowed_by_time_type_and_case() {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    archive.create_case("Other", "", false).unwrap();
    archive.note_in_case("Falcon", "a", false).unwrap();
    let at = of_type(&archive, "case.noted")[0].at;
    let until = AuditFilter { until: Some(at), kind: Some("case.noted".into()), ..AuditFilter::default() };
    assert!(rows(&archive, &until).is_empty(), "the end is not included");
    let case = |name: &str| AuditFilter { case: Some(name.into()), kind: Some("case.*".into()), ..Default::default() };
    let kinds: Vec<&str> = rows(&archive, &case("falcon")).iter().map(|row| row.action).collect();
    assert_eq!(kinds, ["case.created", "case.noted"]);
    assert_eq!(rows(&archive, &case("Other")).len(), 1);
    let missing = archive.audit(&case("nothing"), &mut |_| Ok(())).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn a_change_is_shown_before_and_after() {
    let (test, _) = TestArchive::imported(60);
    let mut archive = test.open();
    let email = test.corpus.story().custodian.to_owned();
    archive.edit_user(&email, Some("Another Name".into()), &[], &[]).unwrap();
    archive.create_case("Falcon", "first", false).unwrap();
    archive.edit_case("Falcon", Some("Falcon 2"), None, false).unwrap();
    let change = |archive: &Archive, kind: &str| {
        let row = of_type(archive, kind).pop().unwrap();
        archive.audit_change(row.seq).unwrap()
    };
    let user = change(&archive, "user.edited").unwrap();
    assert_ne!(user.before["name"], user.after["name"]);
    assert_eq!((&user.after["name"], &user.before["email"]), (&"Another Name".into(), &email.as_str().into()));
    let case = change(&archive, "case.edited").unwrap();
    assert_eq!((&case.before["name"], &case.after["name"]), (&"Falcon".into(), &"Falcon 2".into()));
    let created = change(&archive, "case.created").unwrap();
    assert!(created.before.is_null() && !created.after.is_null());
    assert_eq!(change(&archive, "message.archived"), None);
    assert_eq!(archive.audit_change(Seq(999_999)).unwrap(), None);
}

#[test]
fn one_message_has_its_whole_history_and_keeps_it_after_it_is_purged() {
    let (test, report) = TestArchive::imported(300);
    let mut archive = test.open();
    let id = archive.search_ids("kind:call", &SearchOptions::default()).unwrap()[0];
    let other = archive.search_ids("kind:chat", &SearchOptions::default()).unwrap()[0];
    let text = id.to_string();
    archive.show(&text).unwrap();
    archive.show(&other.to_string()).unwrap();
    archive.tag("hot", &Selection::Ids(vec![text.clone()]), false).unwrap();
    archive.create_case("Falcon", "", false).unwrap();
    let mailbox = archive.show(&text).unwrap().mailboxes[0].clone();
    let place = |name: &str, query: Option<&str>| HoldRequest {
        name: name.into(),
        case: "Falcon".into(),
        mailboxes: vec![mailbox.to_string()],
        query: query.map(str::to_owned),
        reason: "x".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&place("covers", Some("kind:call")), false).unwrap();
    archive.place_hold(&place("covers not", Some("kind:chat AND zebra AND wombat")), false).unwrap();
    archive.save_search("Falcon", "calls", "kind:call", &[], false, false).unwrap();
    archive.run_saved_search("Falcon", "calls").unwrap();
    let request = ExportRequest {
        selection: ExportSelection::Ids(vec![text.clone()]),
        to: test.dir.path().join("package"),
        mailboxes: vec![],
        include_unindexed: false,
        reason: "x".into(),
        dry_run: false,
    };
    archive.export(&request, &Silent).unwrap();
    let plan = archive.plan_deletion(&Selection::Ids(vec![text.clone()]), &[], "x", false).unwrap().plan;
    drop(archive);
    let mut writer = test.writer();
    writer.apply_plan(&plan.0, ApplyOptions::default()).unwrap_err();
    let held = writer.archive().item_history(&text).unwrap();
    assert_eq!(
        (held.state, held.run.clone(), held.holds.clone()),
        ("present", report.run.unwrap(), vec!["covers".to_owned()])
    );
    let kinds = |history: &custodia::archive::ItemHistory| -> Vec<&'static str> {
        history.events.iter().map(|line| line.action).filter(|action| *action != "record.viewed").collect()
    };
    let before = [
        "run.started",
        "source.opened",
        "message.archived",
        "run.finished",
        "message.viewed",
        "tag.added",
        "message.viewed",
        "hold.placed",
        "case.search_run",
        "export.done",
        "delete.planned",
        "delete.refused",
    ];
    assert_eq!(kinds(&held), before);
    assert!(held.events.iter().all(|line| writer.archive().audit_event(line.seq).unwrap().hash == line.hash));
    assert_eq!(held.file_digest.is_some(), !held.file.is_empty());

    writer.archive_mut().release_hold("covers", "settled", false).unwrap();
    writer.archive_mut().release_hold("covers not", "settled", false).unwrap();
    writer.archive_mut().end_delay("covers", "agreed", false).unwrap();
    writer.apply_plan(&plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    let gone = writer.archive().item_history(&text[..12]).unwrap();
    assert_eq!((gone.state, gone.id, gone.digest), ("purged", id, held.digest));
    assert!(gone.items.iter().all(|(_, state)| *state == "disposed"));
    let kinds = kinds(&gone);
    for expected in ["hold.released", "delete.started", "item.disposed", "message.purged", "delete.finished"] {
        assert!(kinds.contains(&expected), "{expected}: {kinds:?}");
    }
    let page = gone.page();
    assert!(page.to_markdown().contains("message.purged") && page.to_html().contains("default-src 'none'"));
    assert_eq!(writer.archive().item_history("m_ffffffffff").unwrap_err().kind(), ErrorKind::NotFound);
}
