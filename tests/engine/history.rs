//! An archive to which everything has happened that can: each event type at least once. It comes back as it was.

use crate::common::{TestArchive, actor, forget_when};
use custodia::{
    Archive,
    archive::{
        ApplyOptions, AuditFilter, Backup, CustodianOptions, ExportRequest, ExportSelection, HoldRequest, LabelRequest,
        PolicyEdit, PolicyRequest, RebuildOptions, RestoreRequest, SearchOptions, Selection, ShareBy, Subject,
        VerifyOptions,
    },
    clock::{FixedClock, SystemClock},
    model::{Event, Instant, PeriodStart, PhoneNumber, Terms, Then},
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
    let mut holds = serde_json::to_value((archive.holds(true).unwrap(), archive.cases().unwrap())).unwrap();
    forget_when(&mut holds);
    put(holds);
    put(serde_json::to_value((archive.users().unwrap(), &archive.state().mapping)).unwrap());
    let runs = archive.runs();
    for run in &runs {
        put(serde_json::to_value(archive.run_issues(&run.id.0).unwrap()).unwrap());
    }
    put(serde_json::to_value((&runs, archive.plans().unwrap(), archive.tags())).unwrap());
    put(serde_json::to_value((
        archive.policies(true).unwrap(),
        archive.labels().unwrap(),
        archive.minimum_retention().unwrap(),
    ))
    .unwrap());
    put(serde_json::to_value(archive.stats(None, custodia::model::Zone::UTC).unwrap()).unwrap());
    put(serde_json::to_value(archive.erasures().unwrap()).unwrap());
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
    undone(&mut writer);
    writer.archive_mut().create_case("Falcon", "", false).unwrap();
    writer.archive_mut().place_hold(&hold(test, "one"), false).unwrap();
    writer.archive_mut().place_hold(&hold(test, "two"), false).unwrap();
    writer.archive_mut().release_hold("two", "settled", false).unwrap();
    writer.archive_mut().end_delay("two", "agreed", false).unwrap();
    holds(test, writer.archive_mut());
    let planned =
        writer.archive_mut().plan_deletion(&Selection::Query("kind:externaldata".to_owned()), &[], "x", false).unwrap();
    assert!(writer.apply_plan(&planned.plan.0, ApplyOptions::default()).is_err());
}

/// A hold by list that takes several lines, one that is widened, and one that is only looked at.
fn holds(test: &TestArchive, archive: &mut Archive) {
    let ids =
        archive.search_ids("kind:externaldata", &SearchOptions { limit: 150, ..SearchOptions::default() }).unwrap();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    archive.place_hold(&HoldRequest { ids: Some(ids), ..hold(test, "listed") }, false).unwrap();
    let other = test.corpus.mailboxes().find(|mailbox| *mailbox != test.corpus.story().custodian).unwrap();
    archive.edit_hold("listed", &[], &[other.to_owned()], "more", false).unwrap();
    archive.preview_hold(&hold(test, "")).unwrap();
    archive.hold_coverage(ShareBy::Month, custodia::model::Zone::UTC).unwrap();
    archive.release_hold("listed", "settled", false).unwrap();
}

/// A plan that is cancelled, one that is undone, and a request of a person.
fn undone(writer: &mut custodia::ArchiveWriter) {
    let plan = |writer: &mut custodia::ArchiveWriter| {
        writer.archive_mut().plan_deletion(&Selection::Query("kind:deletion".into()), &[], "x", false).unwrap().plan.0
    };
    let cancelled = plan(writer);
    writer.archive_mut().cancel_plan(&cancelled, "not needed", false).unwrap();
    let applied = plan(writer);
    writer.apply_plan(&applied, ApplyOptions::default()).unwrap();
    writer.undo_plan(&applied, "a mistake", false).unwrap();
    writer.archive_mut().certificate(&applied).unwrap();
}

/// A request of a person while a hold covers some of it, and one of somebody of whom nothing is here.
fn erasures(test: &TestArchive) {
    let mut archive = test.open();
    let subject = Subject::Email(test.corpus.story().custodian.into());
    let made = archive.request_erasure(&subject, "DSR-1", "x", false).unwrap();
    assert!(made.report.restricted > 0);
    let nobody = Subject::Number(PhoneNumber::parse("+447700900990").unwrap());
    let none = archive.request_erasure(&nobody, "DSR-2", "x", false).unwrap();
    archive.complete_erasure(&none.report.request.id.0, "nothing was found", false).unwrap();
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
    let error = archive.hold("nothing").unwrap_err();
    archive.record_failure("hold.show", "not_found", &error);
    archive.audit_exported("csv", 1);
    archive.anchor().unwrap();
}

/// The archive is lost, and an older backup of it takes its place.
fn second_place(test: &TestArchive) {
    let dir = test.dir.path().join("backup");
    test.open().backup(&dir, false, &Silent).unwrap();
    let anchor = test.open().anchor().unwrap();
    let request = RestoreRequest {
        to: test.dir.path().join("restored"),
        anchors: vec![(Some(anchor.seq), anchor.head)],
        dry_run: false,
    };
    Backup::open(&dir).unwrap().restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap();
    fs::rename(test.path(), test.dir.path().join("lost")).unwrap();
    fs::rename(request.to, test.path()).unwrap();
    test.open().confirm_older("the disk was lost", false).unwrap();
    test.open().backup(&dir, false, &Silent).unwrap();
}

fn retention(test: &TestArchive) {
    let mut archive = test.open();
    let keep = |text: &str| custodia::model::Period::parse(text).unwrap();
    let terms = Terms { keep: Some(keep("1d")), then: Then::Keep, delete_after: None, from: PeriodStart::Sent };
    archive.set_minimum_retention(keep("1d"), "rule", false).unwrap();
    assert!(archive.set_minimum_retention(keep("1d"), "rule", true).is_ok());
    let policy = |name: &str, lock| PolicyRequest {
        name: name.into(),
        terms,
        mailboxes: vec![],
        groups: vec![],
        all: true,
        excluded: vec![],
        lock,
        reason: "x".into(),
    };
    archive.add_policy(&policy("Locked", true), false).unwrap();
    archive.add_policy(&policy("Open", false), false).unwrap();
    let edit = PolicyEdit { keep: Some(keep("2d")), reason: "x".into(), ..PolicyEdit::default() };
    archive.edit_policy("Open", &edit, false).unwrap();
    archive.remove_policy("Open", "x", false).unwrap();
    assert!(archive.remove_policy("Locked", "x", false).is_err());
    let label = LabelRequest { name: "Label".into(), terms, auto: Some("wire".into()), reason: "x".into() };
    archive.add_label(&label, false).unwrap();
    archive.apply_label("Label", &Selection::Query("kind:chat".into()), &[], "x", false).unwrap();
    archive.retention_preview(None).unwrap();
    archive.clear_labels(&Selection::Query("invoice".into()), &[], "x", false).unwrap();
}

fn cases(test: &TestArchive) {
    let mut archive = test.open();
    let custodian = [test.corpus.story().custodian.to_owned()];
    archive.create_case("Heron", "", false).unwrap();
    let options = CustodianOptions { role: Some("witness".into()), ..CustodianOptions::default() };
    archive.add_custodians("Heron", &custodian, &options, false).unwrap();
    archive.remove_custodian("Heron", &custodian[0], "x", false).unwrap();
    archive.edit_case("Heron", Some("Grey heron"), None, false).unwrap();
    archive.note_in_case("Grey heron", "a note", false).unwrap();
    for name in ["kept", "gone"] {
        archive.save_search("Grey heron", name, "wire", &custodian, false, false).unwrap();
        archive.run_saved_search("Grey heron", name).unwrap();
    }
    archive.remove_saved_search("Grey heron", "gone", false).unwrap();
    archive.close_case("Grey heron", "x", false).unwrap();
    archive.reopen_case("Grey heron", "x", false).unwrap();
    archive.close_case("Falcon", "x", false).unwrap_err();
    archive.approve("one", None, "agreed", false).unwrap();
    let toml = test.path().join("archive.toml");
    let open = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, format!("{open}\n[roles]\nauditor = [\"somebody\"]\n")).unwrap();
    assert!(test.open().cases().is_err());
    fs::write(&toml, open).unwrap();
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

/// What people administer is shown before and after, whichever event changed it.
fn changes_are_shown(archive: &Archive) {
    let mut lines = std::collections::BTreeMap::new();
    let note = &mut |row: custodia::archive::AuditRow| {
        lines.entry(row.action).or_insert_with(Vec::new).push(row.seq);
        Ok(())
    };
    archive.audit(&AuditFilter::default(), note).unwrap();
    for kind in [
        "hold.placed",
        "hold.listed",
        "hold.widened",
        "hold.released",
        "hold.delay_ended",
        "retention.floor_set",
        "retention.policy_added",
        "retention.policy_edited",
        "retention.policy_locked",
        "retention.policy_removed",
        "retention.label_added",
        "retention.label_applied",
        "retention.label_cleared",
        "delete.planned",
        "delete.cancelled",
        "item.disposed",
        "item.restored",
        "restore.finished",
        "erasure.requested",
        "erasure.restricted",
        "erasure.completed",
        "approval.given",
        "anchor.missing",
        "anchor.confirmed",
        "backup.created",
        "case.closed",
        "custodian.removed",
    ] {
        let changes = lines[kind].iter().take(3).map(|seq| archive.audit_change(*seq).unwrap());
        assert!(changes.flatten().any(|change| change.before != change.after), "{kind}");
    }
}

#[test]
fn an_archive_with_every_event_type_answers_after_a_rebuild_as_before() {
    let (test, _) = TestArchive::imported(400);
    directory(&test);
    deletions(&test);
    erasures(&test);
    reading(&test);
    second_place(&test);
    retention(&test);
    cases(&test);
    accidents(&test);
    test.open().rebuild(RebuildOptions { index: true, ..RebuildOptions::default() }, &Silent).unwrap();
    assert_eq!(seen(&test.open()), Event::TYPES.iter().copied().collect::<BTreeSet<_>>());
    changes_are_shown(&test.open());
    let before = answers(&test);
    for store in ["mail", "catalog", "index"] {
        fs::remove_dir_all(test.path().join(store)).unwrap();
    }
    fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(answers(&test), before);
}
