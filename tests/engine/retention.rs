//! Retention through the engine: what is kept, what is due, what a plan by retention may do, and what survives.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive, ArchiveWriter, ErrorKind,
    archive::{
        ApplyOptions, AuditFilter, CreateOptions, HoldRequest, LabelRequest, PolicyEdit, PolicyRequest, RebuildOptions,
        SearchOptions, Selection,
    },
    clock::{Clock, FixedClock, SystemClock},
    governance::BlockerKind,
    model::{Instant, Period, PeriodStart, PlanBasis, Terms, Then},
    progress::Silent,
};
use std::sync::Arc;

const YEAR_MS: i64 = 366 * 24 * 3600 * 1000;

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

fn keep(text: &str, then: Then) -> Terms {
    Terms { keep: Some(period(text)), then, delete_after: None, from: PeriodStart::Sent }
}

fn delete_after(text: &str) -> Terms {
    Terms { keep: None, then: Then::Keep, delete_after: Some(period(text)), from: PeriodStart::Sent }
}

fn policy(name: &str, terms: Terms) -> PolicyRequest {
    PolicyRequest {
        name: name.into(),
        terms,
        mailboxes: vec![],
        groups: vec![],
        all: true,
        excluded: vec![],
        lock: false,
        reason: "schedule 2026".into(),
    }
}

fn named(name: &str, terms: Terms, mailboxes: &[&str]) -> PolicyRequest {
    let mailboxes = mailboxes.iter().map(|m| (*m).to_owned()).collect();
    PolicyRequest { mailboxes, all: false, ..policy(name, terms) }
}

fn label(name: &str, terms: Terms, auto: Option<&str>) -> LabelRequest {
    LabelRequest { name: name.into(), terms, auto: auto.map(str::to_owned), reason: "schedule 2026".into() }
}

fn edit(change: impl Fn(&mut PolicyEdit)) -> PolicyEdit {
    let mut edit = PolicyEdit { reason: "schedule 2027".into(), ..PolicyEdit::default() };
    change(&mut edit);
    edit
}

fn all() -> Selection {
    Selection::Query("kind:externaldata".into())
}

/// The archive as it will be opened so many years from now.
fn in_years(test: &TestArchive, years: i64) -> Archive {
    let now = SystemClock.now().0 + years * YEAR_MS;
    Archive::open(&test.path(), actor(), Arc::new(FixedClock(Instant(now)))).unwrap()
}

fn writer_in_years(test: &TestArchive, years: i64) -> ArchiveWriter {
    ArchiveWriter::open(in_years(test, years), &Silent).unwrap()
}

fn events(archive: &Archive, kind: &str) -> usize {
    let mut found = 0;
    let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            // That the trail itself was read is in it too.
            found += usize::from(kind != "*" || row.action != "record.viewed");
            Ok(())
        })
        .unwrap();
    found
}

fn items(archive: &Archive) -> u64 {
    archive.state().boxes.values().map(|boxes| boxes.present().len()).sum()
}

#[test]
fn a_floor_of_the_archive_keeps_everything_and_is_only_extended() {
    let dir = tempfile::tempdir().unwrap();
    let options = CreateOptions { minimum_retention: Some(period("5y")), ..CreateOptions::default() };
    let path = dir.path().join("a");
    let mut archive = Archive::create(&path, options, actor(), Arc::new(SystemClock)).unwrap();
    assert_eq!(archive.minimum_retention().unwrap().minimum.unwrap().keep, period("5y"));
    let before = events(&archive, "*");
    let error = archive.set_minimum_retention(period("4y"), "less", false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    assert_eq!((events(&archive, "*"), events(&archive, "retention.refused")), (before + 1, 1));
    let report = archive.set_minimum_retention(period("7y"), "more", false).unwrap();
    assert_eq!((report.before, report.minimum.unwrap().keep), (Some(period("5y")), period("7y")));
    drop(archive);
    let reopened = Archive::open(&path, actor(), Arc::new(SystemClock)).unwrap();
    assert_eq!(reopened.minimum_retention().unwrap().minimum.unwrap().keep, period("7y"));
}

#[test]
fn what_a_floor_keeps_is_refused_with_who_why_and_until_when() {
    let (test, _) = TestArchive::imported(100);
    test.open().set_minimum_retention(period("30y"), "rule 4511", false).unwrap();
    let mut archive = test.open();
    let plan = archive.plan_deletion(&all(), &[], "x", false).unwrap();
    assert_eq!((plan.deletable, plan.blocked), (0, items(&archive)));
    assert_eq!((plan.blocked_by[0].kind.as_str(), plan.blocked_by[0].items), ("retention", plan.blocked));
    let id = archive.search_ids("kind:chat", &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap()[0];
    let explained = archive.explain(&id.to_string()).unwrap();
    let by = &explained.blockers[0];
    assert_eq!(
        (by.blocker.kind, by.blocker.placed_by.as_str(), by.blocker.reason.as_str()),
        (BlockerKind::Retention, "j.ward", "rule 4511")
    );
    assert!(!explained.deletable && by.blocker.until.is_some());
    let mailbox = test.corpus.story().custodian.to_string();
    let explained = archive.explain(&mailbox).unwrap();
    assert!(!explained.deletable);
    assert_eq!(explained.blocked_items, explained.items);
    assert!(archive.show(&id.to_string()).unwrap().holds.is_empty(), "retention is no hold");
    assert!(archive.show(&id.to_string()).unwrap().retention.unwrap().keep_until.is_some());
    drop(archive);
    let kept = ["vault", "mail", "index", "archive.toml"];
    let before = test.files(&kept);
    let refused = test.writer().apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Held);
    assert_eq!(test.files(&kept), before);
}

#[test]
fn a_run_plans_what_is_due_and_the_plan_deletes_it_as_any_other() {
    let (test, _) = TestArchive::imported(200);
    let custodian = test.corpus.story().custodian.to_string();
    test.open().add_policy(&policy("Short", delete_after("1y")), false).unwrap();
    test.open().create_case("Falcon", "", false).unwrap();
    let hold = HoldRequest {
        name: "Falcon-2026".into(),
        case: "Falcon".into(),
        custodians: vec![custodian.clone()],
        reason: "claim".into(),
        ..HoldRequest::default()
    };
    test.open().place_hold(&hold, false).unwrap();
    // Nothing before its time. Looking is recorded.
    let early = test.open().retention_preview(Some(Instant(0))).unwrap();
    assert_eq!((early.items, early.rows.len()), (0, 0));
    assert_eq!(events(&test.open(), "retention.previewed"), 1);
    let mut archive = in_years(&test, 5);
    let undated = archive.state().vague.len();
    let preview = archive.retention_preview(None).unwrap();
    let held = preview.rows.iter().find(|row| row.mailbox == custodian).unwrap().items;
    assert_eq!((preview.blocked, preview.hides, preview.goes), (held, 0, preview.items - held));
    assert!(preview.items + undated >= items(&archive) && preview.items > held);
    assert!(preview.since.iter().any(|change| change.what == "import"), "{:?}", preview.since);
    assert!(preview.since.iter().any(|change| change.what == "policy added" && change.name == "Short"));
    assert_eq!((preview.last_run, preview.newly_archived), (None, preview.items));
    let before = events(&archive, "*");
    let would = archive.retention_run("quarterly", true).unwrap();
    assert_eq!((would.plan.matched, events(&archive, "*")), (preview.items, before));
    let run = archive.retention_run("quarterly", false).unwrap();
    assert_eq!((run.plan.matched, run.plan.deletable, run.plan.blocked), (preview.items, preview.goes, held));
    assert_eq!(archive.state().plan(&run.plan.plan.0).unwrap().plan.basis, PlanBasis::Retention);
    assert_eq!(archive.retention_preview(None).unwrap().since, [], "nothing changed since this run");
    drop(archive);
    let mut writer = writer_in_years(&test, 5);
    let id = run.plan.plan.0.clone();
    assert_eq!(writer.apply_plan(&id, ApplyOptions::default()).unwrap_err().kind(), ErrorKind::Held);
    let applied = writer.apply_plan(&id, ApplyOptions { deletable_only: true, ..ApplyOptions::default() }).unwrap();
    assert_eq!(applied.applied, preview.goes);
    drop(writer);
    let after = in_years(&test, 5).retention_preview(None).unwrap();
    assert_eq!((after.items, after.goes, after.blocked, after.recoverable), (held, 0, held, preview.goes));
}

#[test]
fn a_plan_by_retention_does_nothing_that_is_not_due_any_more() {
    let (test, _) = TestArchive::imported(100);
    test.open().add_policy(&policy("Short", delete_after("1y")), false).unwrap();
    let run = in_years(&test, 5).retention_run("quarterly", false).unwrap();
    in_years(&test, 5).edit_policy("short", &edit(|e| e.delete_after = Some(period("90y"))), false).unwrap();
    let shown = in_years(&test, 5).plan(&run.plan.plan.0).unwrap();
    assert_eq!((shown.deletable, shown.blocked_by[0].kind.as_str()), (0, "not_due"));
    let options = ApplyOptions { purge: true, deletable_only: true, ..ApplyOptions::default() };
    let error = writer_in_years(&test, 5).apply_plan(&run.plan.plan.0, options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    // On request it may go: no rule keeps it.
    let plan = in_years(&test, 5).plan_deletion(&all(), &[], "x", false).unwrap();
    assert!(plan.blocked == 0 && plan.deletable > 0);
}

#[test]
fn what_is_still_kept_is_hidden_at_its_date_of_deletion_and_never_purged_before() {
    let (test, _) = TestArchive::imported(100);
    test.open().add_policy(&policy("Hide", delete_after("1y")), false).unwrap();
    test.open().add_policy(&policy("Keep", keep("30y", Then::Keep)), false).unwrap();
    let preview = in_years(&test, 5).retention_preview(None).unwrap();
    assert_eq!((preview.hides, preview.goes, preview.blocked), (preview.items, 0, 0));
    let run = in_years(&test, 5).retention_run("quarterly", false).unwrap();
    assert_eq!(run.plan.deletable, preview.items);
    let mut writer = writer_in_years(&test, 5);
    let purge = ApplyOptions { purge: true, ..ApplyOptions::default() };
    let error = writer.apply_plan(&run.plan.plan.0, purge).unwrap_err();
    assert_eq!((error.kind(), error.details()["blocked_by"][0]["name"].as_str()), (ErrorKind::Held, Some("Keep")));
    assert_eq!(writer.apply_plan(&run.plan.plan.0, ApplyOptions::default()).unwrap().applied, preview.items);
    assert_eq!(writer.apply_plan(&run.plan.plan.0, purge).unwrap_err().kind(), ErrorKind::Held, "hidden is not free");
    // A request hides nothing that is kept.
    let plan = writer.archive_mut().plan_deletion(&all(), &[], "x", false).unwrap();
    assert_eq!(plan.deletable, 0);
    drop(writer);
    let later = in_years(&test, 9).retention_preview(None).unwrap();
    assert_eq!((later.items, later.recoverable), (0, 0), "hidden already, and still kept");
}

#[test]
fn a_purge_counts_what_may_only_be_hidden_among_what_it_keeps() {
    let (test, _) = TestArchive::imported(100);
    test.open().add_policy(&policy("Hide", delete_after("1y")), false).unwrap();
    let first = test.corpus.mailboxes().next().unwrap();
    test.open().add_policy(&named("Keep", keep("30y", Then::Keep), &[first]), false).unwrap();
    let preview = in_years(&test, 5).retention_preview(None).unwrap();
    assert!(preview.hides > 0 && preview.goes > 0 && preview.blocked == 0);
    let plan = in_years(&test, 5).retention_run("quarterly", false).unwrap().plan.plan;
    let mut writer = writer_in_years(&test, 5);
    let options = ApplyOptions { purge: true, deletable_only: true, dry_run: true };
    let would = writer.apply_plan(&plan.0, options).unwrap();
    assert_eq!((would.going, would.kept, would.applied), (preview.goes, preview.hides, 0));
    let did = writer.apply_plan(&plan.0, ApplyOptions { dry_run: false, ..options }).unwrap();
    assert_eq!((did.applied, did.kept), (preview.goes, preview.hides));
}

#[test]
fn a_run_refuses_a_clock_that_may_be_wrong() {
    let (test, _) = TestArchive::imported(50);
    test.open().add_policy(&policy("Short", delete_after("1y")), false).unwrap();
    for years in [30, -3] {
        let before = test.files(&["journal"]);
        let error = in_years(&test, years).retention_run("quarterly", false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClockSuspect, "{years}");
        assert_eq!(test.files(&["journal"]), before);
    }
    let error = test.open().retention_run("  ", false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let (other, _) = TestArchive::imported(50);
    assert_eq!(other.open().retention_run("nothing", false).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_locked_policy_only_gets_longer_and_wider() {
    let test = TestArchive::new(50);
    let mut mailboxes = test.corpus.mailboxes();
    let (first, second) = (mailboxes.next().unwrap(), mailboxes.next().unwrap());
    let mut archive = test.open();
    let request = PolicyRequest { lock: true, ..named("Board", keep("5y", Then::Delete), &[first]) };
    assert_eq!(archive.add_policy(&request, false).unwrap().status, "locked");
    type Change<'a> = &'a dyn Fn(&mut PolicyEdit);
    let refused: [Change<'_>; 3] = [
        &|e| e.keep = Some(period("4y")),
        &|e| {
            e.add_mailboxes = vec![second.to_owned()];
            e.remove_mailboxes = vec![first.to_owned()];
        },
        &|e| {
            e.keep = Some(period("59m"));
            e.add_mailboxes = vec![second.to_owned()];
        },
    ];
    for change in refused {
        let before = archive.state().schedule.clone();
        let error = archive.edit_policy("Board", &edit(change), false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Held);
        assert_eq!(error.details()["locked_by"], "j.ward");
        assert_eq!(archive.state().schedule, before);
    }
    assert_eq!(archive.remove_policy("board", "no need", false).unwrap_err().kind(), ErrorKind::Held);
    assert_eq!(events(&archive, "retention.refused"), 4);
    assert_eq!(archive.lock_policy("board", "again", false).unwrap_err().kind(), ErrorKind::Usage);
    let wider = edit(|e| {
        e.keep = Some(period("6y"));
        e.add_mailboxes = vec![second.to_owned()];
    });
    let row = archive.edit_policy("BOARD", &wider, false).unwrap();
    assert_eq!(
        (row.policy.terms.keep, row.deletes_after, row.covers.len()),
        (Some(period("6y")), Some(period("6y")), 2)
    );
    // An open one may be shortened and removed, and its name is not given again.
    archive.add_policy(&policy("Open", keep("5y", Then::Keep)), false).unwrap();
    archive.edit_policy("Open", &edit(|e| e.keep = Some(period("1y"))), false).unwrap();
    archive.remove_policy("Open", "replaced", false).unwrap();
    assert_eq!(
        archive.add_policy(&policy("open", keep("1y", Then::Keep)), false).unwrap_err().kind(),
        ErrorKind::Exists
    );
    assert_eq!((archive.policies(false).unwrap().len(), archive.policies(true).unwrap().len()), (1, 2));
}

#[test]
fn the_last_mailbox_of_a_policy_is_never_taken_away() {
    let test = TestArchive::new(10);
    let first = test.corpus.mailboxes().next().unwrap();
    let mut archive = test.open();
    archive.add_policy(&named("One", keep("5y", Then::Keep), &[first]), false).unwrap();
    let last = edit(|e| e.remove_mailboxes = vec![first.to_owned()]);
    let error = archive.edit_policy("One", &last, false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let row = archive.policy("One").unwrap();
    assert_eq!((row.policy.scope.all, row.covers.len()), (false, 1));
    let wrong = edit(|e| e.exclude = vec![first.to_owned()]);
    assert_eq!(archive.edit_policy("One", &wrong, false).unwrap_err().kind(), ErrorKind::Usage);
    for request in [
        named("None", keep("5y", Then::Keep), &[]),
        PolicyRequest { excluded: vec![first.to_owned()], ..named("Both", keep("5y", Then::Keep), &[first]) },
        policy("Nothing", Terms { keep: None, then: Then::Keep, delete_after: None, from: PeriodStart::Sent }),
        policy("Twice", Terms { delete_after: Some(period("1y")), ..keep("5y", Then::Delete) }),
        named("Nobody", keep("5y", Then::Keep), &["nobody@northgate.example"]),
    ] {
        let kind = archive.add_policy(&request, false).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::Usage | ErrorKind::NotFound), "{}", request.name);
    }
}

#[test]
fn a_group_is_written_out_when_it_is_named() {
    let test = TestArchive::new(10);
    let mut archive = test.open();
    archive.add_user_in("a@northgate.example", None, &[], &["Board".into()]).unwrap();
    archive.add_user_in("b@northgate.example", None, &[], &["Staff".into()]).unwrap();
    let request = PolicyRequest { groups: vec!["board".into()], ..named("P", keep("5y", Then::Keep), &[]) };
    let covers =
        |archive: &Archive| archive.policy("P").unwrap().covers.iter().map(ToString::to_string).collect::<Vec<_>>();
    archive.add_policy(&request, false).unwrap();
    archive.add_user_in("c@northgate.example", None, &[], &["BOARD".into()]).unwrap();
    assert_eq!(covers(&archive), ["a@northgate.example"]);
    archive.edit_policy("P", &edit(|e| e.add_groups = vec!["Board".into()]), false).unwrap();
    assert_eq!(covers(&archive), ["a@northgate.example", "c@northgate.example"]);
    // Who leaves the group stays with the policy; a file without groups says nothing about them.
    archive.import_users(b"email,name\na@northgate.example,Ann\n", false).unwrap();
    assert_eq!(archive.state().users.values().filter(|user| user.groups.contains("Board")).count(), 1);
    archive.import_users(b"email,group\na@northgate.example,Staff\n", false).unwrap();
    assert_eq!(covers(&archive), ["a@northgate.example", "c@northgate.example"]);
    let unknown = PolicyRequest { groups: vec!["Nobody".into()], ..named("Q", keep("5y", Then::Keep), &[]) };
    assert_eq!(archive.add_policy(&unknown, false).unwrap_err().kind(), ErrorKind::Usage);
    let without: Vec<_> = archive.retention_coverage().unwrap().into_iter().filter(|row| !row.covered).collect();
    assert!(without.iter().any(|row| row.mailbox.as_str() == "b@northgate.example"));
    assert!(without.iter().all(|row| row.mailbox.as_str() != "c@northgate.example"));
}

#[test]
fn labels_are_of_items_one_each_and_searches_find_them() {
    let (test, _) = TestArchive::imported(300);
    let custodian = test.corpus.story().custodian.to_string();
    let mut archive = test.open();
    let count = |archive: &mut Archive, query: &str| {
        let found = archive.search(query, &SearchOptions::default()).unwrap();
        (found.total, found.items)
    };
    archive.add_label(&label("Long", keep("10y", Then::Keep), None), false).unwrap();
    archive.add_label(&label("Short one", keep("2y", Then::Delete), None), false).unwrap();
    let query = Selection::Query("kind:chat".into());
    let chats = count(&mut archive, "kind:chat");
    let own = count(&mut archive, &format!("kind:chat mailbox:{custodian}")).1;
    let only = std::slice::from_ref(&custodian);
    let report = archive.apply_label("long", &query, only, "review", false).unwrap();
    assert_eq!((report.matched, report.changed, report.replaced), (own, own, 0));
    assert_eq!(count(&mut archive, "label:long").1, own);
    assert_eq!(count(&mut archive, "retention:* AND NOT label:LONG").1, 0);
    let report = archive.apply_label("Short one", &query, &[], "review", false).unwrap();
    assert_eq!((report.matched, report.changed, report.replaced, report.shortened), (chats.1, chats.1, own, own));
    assert_eq!((count(&mut archive, "label:long").1, count(&mut archive, "label:\"short one\"")), (0, chats));
    let again = archive.apply_label("Short one", &query, &[], "review", false).unwrap();
    assert_eq!((again.changed, again.unchanged), (0, chats.1));
    assert_eq!(events(&archive, "retention.label_applied"), 1 + archive.state().schedule.labelled.len());
    let cleared = archive.clear_labels(&query, only, "mistake", false).unwrap();
    assert_eq!((cleared.changed, cleared.shortened), (own, own));
    assert_eq!(count(&mut archive, "label:\"short one\"").1, chats.1 - own);
    let none = Selection::Query("zebra AND wombat".into());
    assert_eq!(archive.apply_label("Long", &none, &[], "x", false).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(archive.apply_label("None", &query, &[], "x", false).unwrap_err().kind(), ErrorKind::NotFound);
    archive.add_policy(&named("Box", keep("1y", Then::Keep), &[&custodian]), false).unwrap();
    assert_eq!(count(&mut archive, "retention:box"), count(&mut archive, &format!("mailbox:{custodian}")));
    // The label is explained with who put it on, and why.
    let id = archive.search_ids("label:\"short one\"", &SearchOptions::default()).unwrap()[0];
    let explained = archive.explain_retention(&id.to_string()).unwrap();
    let item = explained.items.iter().find(|item| item.label.is_some()).unwrap();
    assert!(item.rules.iter().any(|rule| rule.kind == "label" && rule.because.contains("j.ward")));
}

#[test]
fn a_label_by_query_is_on_what_matches_now_and_later_and_agrees_with_the_decision() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    for (name, query) in [("First", "subject:invoice OR body:wire"), ("Second", "body:wire OR kind:call")] {
        archive.add_label(&label(name, keep("10y", Then::Keep), Some(query)), false).unwrap();
    }
    archive.add_label(&label("Hand", keep("1y", Then::Keep), None), false).unwrap();
    let edits = Selection::Query("kind:edit".into());
    archive.apply_label("Hand", &edits, &[], "review", false).unwrap();
    for name in ["First", "Second", "Hand"] {
        let found = archive.search(&format!("label:{name}"), &SearchOptions::default()).unwrap();
        let mut decided = 0;
        let all = archive.search_ids("", &SearchOptions { limit: 10_000, ..SearchOptions::default() }).unwrap();
        for id in all {
            let explained = archive.explain_retention(&id.to_string()).unwrap();
            decided += explained.items.iter().filter(|item| item.label.as_deref() == Some(name)).count() as u64;
        }
        assert_eq!(found.items, decided, "{name}");
        assert!(decided > 0, "{name}");
    }
    for query in ["hold:x", "tag:x", "isdeleted:true", "label:First", "from: ana"] {
        let error = archive.add_label(&label("Bad", keep("1y", Then::Keep), Some(query)), false).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Usage | ErrorKind::BadQuery), "{query}");
    }
}

#[test]
fn a_preview_says_what_deciding_each_item_says() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let first = test.corpus.mailboxes().next().unwrap();
    archive.set_minimum_retention(period("2y"), "rule", false).unwrap();
    archive.add_policy(&policy("All", delete_after("3y")), false).unwrap();
    archive.add_policy(&named("Box", keep("1y", Then::Delete), &[first]), false).unwrap();
    archive.add_label(&label("Wires", keep("4y", Then::Delete), Some("body:wire")), false).unwrap();
    let all = SearchOptions { limit: 10_000, ..SearchOptions::default() };
    let ids: Vec<String> = archive.search_ids("", &all).unwrap().iter().map(ToString::to_string).collect();
    drop(archive);
    for years in 0..6 {
        let mut archive = in_years(&test, years);
        let (mut goes, mut hides) = (0, 0);
        for id in &ids {
            for item in archive.explain_retention(id).unwrap().items {
                goes += u64::from(item.standing == "due");
                hides += u64::from(item.standing == "hides");
            }
        }
        let preview = archive.retention_preview(None).unwrap();
        assert_eq!((preview.goes, preview.hides, preview.blocked), (goes, hides, 0), "{years} years");
        assert_eq!(preview.rows.iter().map(|row| row.items).sum::<u64>(), preview.items);
    }
}

#[test]
fn a_rebuild_and_a_purge_leave_the_schedule_as_the_journal_says() {
    let (test, _) = TestArchive::imported(200);
    let mut archive = test.open();
    archive.set_minimum_retention(period("1d"), "rule", false).unwrap();
    archive.add_policy(&PolicyRequest { lock: true, ..policy("P", keep("1d", Then::Keep)) }, false).unwrap();
    archive.add_label(&label("L", keep("2d", Then::Keep), None), false).unwrap();
    archive.apply_label("L", &Selection::Query("kind:call OR kind:edit".into()), &[], "review", false).unwrap();
    let labelled = archive.search("label:L", &SearchOptions::default()).unwrap().items;
    let calls = archive.search("kind:call label:L", &SearchOptions::default()).unwrap().items;
    drop(archive);
    let mut writer = writer_in_years(&test, 3);
    let plan = writer.archive_mut().plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap();
    writer.apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    drop(writer);
    let mut archive = in_years(&test, 3);
    assert_eq!(archive.search("label:L", &SearchOptions::default()).unwrap().items, labelled - calls);
    let before = archive.state().schedule.clone();
    drop(archive);
    std::fs::remove_file(test.path().join("state.bin")).unwrap();
    in_years(&test, 3).rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(in_years(&test, 3).state().schedule, before);
}

#[test]
fn a_policy_that_is_cut_off_the_journal_is_missed_and_nothing_is_deleted_any_more() {
    let (test, _) = TestArchive::imported(50);
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let before = std::fs::read(&journal).unwrap();
    test.open().add_policy(&policy("P", keep("50y", Then::Keep)), false).unwrap();
    std::fs::write(&journal, before).unwrap();
    let mut archive = test.open();
    assert!(archive.warnings().iter().any(|w| w.starts_with("journal_shortened")), "{:?}", archive.warnings());
    let planned = archive.plan_deletion(&all(), &[], "x", false).unwrap();
    drop(archive);
    let error = test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
}

#[test]
fn a_dry_run_of_every_change_writes_nothing() {
    let (test, _) = TestArchive::imported(50);
    let mut archive = test.open();
    archive.add_policy(&policy("P", keep("5y", Then::Keep)), false).unwrap();
    archive.add_label(&label("L", keep("5y", Then::Keep), None), false).unwrap();
    let before = test.files(&["journal", "state.bin"]);
    archive.set_minimum_retention(period("5y"), "x", true).unwrap();
    archive.add_policy(&policy("Q", keep("5y", Then::Keep)), true).unwrap();
    archive.edit_policy("P", &edit(|e| e.keep = Some(period("6y"))), true).unwrap();
    archive.lock_policy("P", "x", true).unwrap();
    archive.remove_policy("P", "x", true).unwrap();
    archive.add_label(&label("M", keep("5y", Then::Keep), Some("wire")), true).unwrap();
    assert!(archive.apply_label("L", &all(), &[], "x", true).unwrap().changed > 0);
    assert_eq!(test.files(&["journal", "state.bin"]), before);
    // Looking writes that somebody looked, and no more.
    assert!(!archive.retention_coverage().unwrap().is_empty());
    let read = |kind: &str| events(&archive, kind);
    assert_eq!((read("record.viewed"), test.files(&["state.bin"])), (1, before[before.len() - 1..].to_vec()));
}
