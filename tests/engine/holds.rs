//! Holds of every kind: what they cover, how they are widened and how they end.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive, ErrorKind,
    archive::{ApplyOptions, AuditFilter, HoldRequest, RebuildOptions, SearchOptions, Selection, ShareBy, Target},
    clock::{Clock, FixedClock, SystemClock},
    governance::BlockerKind,
    model::{HoldKind, Instant, MailboxName},
    progress::Silent,
};
use std::sync::Arc;

const DAY: i64 = 24 * 3600 * 1000;
const ALL: &str = "kind:externaldata";

fn archive() -> TestArchive {
    let (test, _) = TestArchive::imported(200);
    test.open().create_case("Falcon", "", false).unwrap();
    test
}

fn ann(test: &TestArchive) -> String {
    test.corpus.story().custodian.to_owned()
}

fn asked(test: &TestArchive, name: &str) -> HoldRequest {
    HoldRequest {
        name: name.into(),
        case: "Falcon".into(),
        custodians: vec![ann(test)],
        reason: "Claim letter".into(),
        ..HoldRequest::default()
    }
}

fn litigation(test: &TestArchive, days: Option<u32>) -> HoldRequest {
    HoldRequest {
        kind: HoldKind::Litigation,
        mailboxes: vec![ann(test)],
        days,
        reason: "Order of the court".into(),
        ..HoldRequest::default()
    }
}

/// The archive as it is so many days from now.
fn in_days(test: &TestArchive, days: i64) -> Archive {
    let clock = FixedClock(Instant(SystemClock.now().0 + days * DAY));
    Archive::open(&test.path(), actor(), Arc::new(clock)).unwrap()
}

/// Items of the mailbox that are blocked, and all: by decision, not by the index.
fn blocked(archive: &mut Archive, mailbox: &str) -> (u64, u64) {
    let plan = archive.plan_deletion(&Selection::Query(format!("mailbox:{mailbox}")), &[], "x", true).unwrap();
    (plan.blocked, plan.matched)
}

fn ids(archive: &mut Archive, query: &str, limit: usize) -> Vec<String> {
    let options = SearchOptions { limit, ..SearchOptions::default() };
    archive.search_ids(query, &options).unwrap().iter().map(ToString::to_string).collect()
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
fn a_litigation_hold_of_days_holds_what_is_young_enough_today_and_lets_go_of_it_as_it_ages() {
    let test = archive();
    let mut archive = test.open();
    let all = archive.search(ALL, &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap().total;
    let middle = ids(&mut archive, ALL, all as usize)[all as usize / 2].clone();
    let sent = archive.find_message(&middle).unwrap().sent.unwrap();
    let days = u32::try_from((SystemClock.now().0 - sent.0) / DAY + 1).unwrap();
    let preview = archive.preview_hold(&litigation(&test, Some(days))).unwrap();
    let placed = archive.place_hold(&litigation(&test, Some(days)), false).unwrap();
    assert_eq!(placed.name, format!("litigation-{}", ann(&test)));
    assert_eq!((placed.kind, placed.case.as_deref(), placed.days), ("litigation", None, Some(days)));
    let (held, items) = blocked(&mut archive, &ann(&test));
    assert!(0 < held && held < items, "{held} of {items}");
    assert_eq!((placed.items, preview.report.items), (held, held));
    let [old] = preview.left_out.as_slice() else { panic!("{:?}", preview.left_out) };
    assert_eq!((old.why, old.items), ("older_than_days", items - held));
    assert!(old.newest.unwrap().0 <= SystemClock.now().0 - i64::from(days) * DAY && old.oldest <= old.newest);
    assert_eq!(archive.hold(&placed.name).unwrap().report.items, held);
    assert_eq!(count(&mut archive, "hold:*").1, held);
    let mut later = in_days(&test, i64::from(days) + 1);
    assert_eq!(blocked(&mut later, &ann(&test)).0, later.hold(&placed.name).unwrap().report.items_by_reason.undated);
}

#[test]
fn a_litigation_hold_without_days_holds_the_whole_mailbox_and_takes_no_narrower_scope() {
    let test = archive();
    let mut archive = test.open();
    archive.place_hold(&litigation(&test, None), false).unwrap();
    let (held, items) = blocked(&mut archive, &ann(&test));
    assert_eq!(held, items);
    let blocker = archive.explain(&ann(&test)).unwrap().blockers[0].blocker.clone();
    assert_eq!((blocker.kind, blocker.until), (BlockerKind::LitigationHold, None));
    let again = archive.place_hold(&litigation(&test, Some(90)), false).unwrap();
    assert!(again.name.ends_with("-2"), "several may overlap: {}", again.name);
    for wrong in [
        HoldRequest { query: Some("wire".into()), ..litigation(&test, None) },
        HoldRequest { days: Some(0), ..litigation(&test, None) },
        HoldRequest { days: Some(90), ..asked(&test, "H") },
        HoldRequest { mailboxes: vec![], ..litigation(&test, None) },
    ] {
        assert_eq!(archive.place_hold(&wrong, false).unwrap_err().kind(), ErrorKind::Usage, "{wrong:?}");
    }
}

fn count(archive: &mut Archive, query: &str) -> (u64, u64) {
    let report = archive.search(query, &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap();
    (report.total, report.items)
}

#[test]
fn a_hold_by_tag_keeps_the_messages_that_had_it_whatever_becomes_of_the_tag() {
    let test = archive();
    let mut archive = test.open();
    archive.tag("Hot", &Selection::Query("wire".into()), false).unwrap();
    let tagged = count(&mut archive, &format!("tag:hot mailbox:{}", ann(&test))).1;
    let request = HoldRequest { tag: Some("HOT".into()), ..asked(&test, "tagged") };
    let placed = archive.place_hold(&request, false).unwrap();
    assert!(placed.items > 0);
    assert_eq!((placed.items, blocked(&mut archive, &ann(&test)).0), (tagged, tagged));
    archive.untag("hot", None, false).unwrap();
    archive.tag("hot", &Selection::Query("NOT wire".into()), false).unwrap();
    assert_eq!(blocked(&mut archive, &ann(&test)).0, tagged);
    let row = archive.hold("tagged").unwrap();
    assert_eq!((row.tag.as_deref(), row.report.items), (Some("Hot"), tagged));
    let both = HoldRequest { ids: Some(vec!["m_00".into()]), ..HoldRequest { name: "b".into(), ..request.clone() } };
    assert_eq!(archive.place_hold(&both, false).unwrap_err().kind(), ErrorKind::Usage);
    let none = HoldRequest { name: "n".into(), tag: Some("cold".into()), ..request };
    assert_eq!(archive.place_hold(&none, false).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_hold_on_conversations_holds_them_and_with_a_query_both_must_match() {
    let test = archive();
    let mut archive = test.open();
    let id = ids(&mut archive, &format!("mailbox:{}", ann(&test)), 1).remove(0);
    let chat = archive.find_message(&id).unwrap().conversation.id;
    let found = count(&mut archive, &format!("conversation:\"{chat}\" mailbox:{}", ann(&test))).1;
    let request = HoldRequest { conversations: vec![chat.clone()], ..asked(&test, "chat") };
    let placed = archive.place_hold(&request, false).unwrap();
    let (held, items) = blocked(&mut archive, &ann(&test));
    assert_eq!((placed.items, held), (found, found));
    assert!(0 < held && held < items);
    assert_eq!(archive.hold("chat").unwrap().conversations, [chat]);
    let none = HoldRequest { name: "n".into(), conversations: vec!["no such chat".into()], ..request.clone() };
    assert_eq!(archive.place_hold(&none, false).unwrap_err().kind(), ErrorKind::NotFound);
    let both = HoldRequest { name: "both".into(), query: Some("nosuchword".into()), ..request };
    let narrower = archive.place_hold(&both, false).unwrap();
    assert_eq!(narrower.items, narrower.items_by_reason.with_attachment + narrower.items_by_reason.undated);
}

#[test]
fn a_hold_by_a_long_list_is_the_same_after_everything_derived_is_gone() {
    let test = archive();
    let mut archive = test.open();
    let listed = ids(&mut archive, ALL, 150);
    let request = HoldRequest { ids: Some(listed.clone()), ..asked(&test, "listed") };
    let placed = archive.place_hold(&request, false).unwrap();
    assert_eq!(events(&archive, "hold.listed").len(), 1);
    let before = (blocked(&mut archive, &ann(&test)), archive.state().holds.clone());
    assert_eq!(placed.items, before.0.0);
    assert_eq!(archive.hold("listed").unwrap().listed, Some(150));
    archive.disable_user(&ann(&test), "left").unwrap();
    drop(archive);
    for store in ["mail", "catalog", "index"] {
        std::fs::remove_dir_all(test.path().join(store)).unwrap();
    }
    std::fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    let mut archive = test.open();
    assert_eq!((blocked(&mut archive, &ann(&test)), archive.state().holds.clone()), before);
    assert_eq!(archive.holds_on(&MailboxName::parse(&ann(&test)).unwrap()), ["listed"]);
    let wrong = HoldRequest { name: "x".into(), ids: Some(vec!["m_0123456789".into()]), ..request };
    assert_eq!(archive.place_hold(&wrong, false).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_name_that_stands_for_more_widens_the_hold_and_for_less_frees_nothing() {
    let test = archive();
    let other = "late.comer@northgate.example";
    let number = "+447700900990";
    let mut archive = in_days(&test, 1);
    archive.add_user(other, Some("Late Comer".into()), &[]).unwrap();
    let query = format!("from:{other} sent<today");
    archive.place_hold(&HoldRequest { query: Some(query), ..asked(&test, "named") }, false).unwrap();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "words") }, false).unwrap();
    let scope = |archive: &Archive, name: &str| archive.state().hold(name).unwrap().scope.clone();
    let first = scope(&archive, "named").closed_query.unwrap();
    drop(archive);
    let mut archive = in_days(&test, 12);
    let governed = archive.state().governance_seq;
    archive.edit_user(other, None, &[number.into()], &[]).unwrap();
    assert!(archive.state().governance_seq > governed, "keys made before are good for nothing");
    let widened = scope(&archive, "named");
    assert_eq!(widened.closed_query.as_ref(), Some(&first));
    let [second] = widened.more_queries.as_slice() else { panic!("{widened:?}") };
    assert!(second.contains("447700900990") && !first.contains("447700900990"));
    let day = |json: &str| json[json.find("\"until\"").unwrap()..].chars().take(32).collect::<String>();
    assert_eq!(day(second), day(&first), "today is the day of the placing");
    archive.edit_user(other, None, &[], &[number.into()]).unwrap();
    let row = format!("number,email\n{},{other}\n", "447700900991");
    archive.import_mapping("m.csv", row.as_bytes(), false, None, false).unwrap();
    archive.remove_mapping("447700900991", false).unwrap();
    let scope_now = scope(&archive, "named");
    assert_eq!(scope_now.more_queries.len(), 2, "what was meant before is not written again");
    assert_eq!(archive.hold("named").unwrap().more_queries.len(), 2);
    assert_eq!(scope(&archive, "words").more_queries, Vec::<String>::new());
    assert_eq!(events(&archive, "hold.widened").len(), 2);
    archive.release_hold("named", "settled", false).unwrap();
    archive.edit_user(other, Some("Another Name".into()), &[], &[]).unwrap();
    assert_eq!(scope(&archive, "named").more_queries.len(), 2, "a released hold stays as it was");
}

#[test]
fn what_a_new_number_sent_is_held_from_the_moment_that_it_is_listed() {
    let test = archive();
    let mut archive = test.open();
    let sender = archive
        .search("NOT hasattachment:true kind:chat", &SearchOptions { limit: 200, ..SearchOptions::default() })
        .unwrap()
        .hits
        .into_iter()
        .find(|hit| hit.from.number.is_some() && hit.mailboxes.iter().any(|m| m.as_str() == ann(&test)))
        .unwrap();
    let (number, id) = (sender.from.number.unwrap().to_string(), sender.id.to_string());
    archive.add_user("new.comer@northgate.example", None, &[]).unwrap();
    let query = Some("from:new.comer@northgate.example".into());
    archive.place_hold(&HoldRequest { query, ..asked(&test, "named") }, false).unwrap();
    assert!(archive.explain(&id).unwrap().deletable);
    let csv = format!("number,email,from,to\n{number},new.comer@northgate.example,2030-01-01,\n");
    let map = archive.import_mapping("m.csv", csv.as_bytes(), false, None, false).unwrap();
    assert_eq!(map.added, 1, "{map:?}");
    let why = archive.explain(&id).unwrap();
    assert_eq!(why.blockers.len(), 1, "{why:?}");
    archive.remove_mapping(&number, false).unwrap();
    assert!(!archive.explain(&id).unwrap().deletable);
}

#[test]
fn an_edit_widens_and_says_what_is_covered_already() {
    let test = archive();
    let mut archive = test.open();
    let others: Vec<&str> = test.corpus.mailboxes().filter(|mailbox| *mailbox != ann(&test)).take(2).collect();
    let before = archive.place_hold(&asked(&test, "H"), false).unwrap();
    let would = archive.edit_hold("H", &[], &[others[0].into()], "more", true).unwrap();
    assert_eq!(archive.hold("H").unwrap().report.items, before.items);
    let after = archive.edit_hold("h", &[others[1].into()], &[others[0].into()], "more", false).unwrap();
    assert!(after.items >= would.items && would.items > before.items);
    assert_eq!(blocked(&mut archive, others[0]).0, blocked(&mut archive, others[0]).1);
    let case = archive.case("Falcon").unwrap().case;
    let is_custodian = |mailbox: &str| case.custodians.iter().any(|c| c.as_str() == mailbox);
    assert!(is_custodian(others[1]) && !is_custodian(others[0]));
    let again = archive.edit_hold("H", &[], &[others[0].into()], "more", false);
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Usage);
    archive.place_hold(&litigation(&test, None), false).unwrap();
    let name = format!("litigation-{}", ann(&test));
    assert_eq!(archive.edit_hold(&name, &[others[0].into()], &[], "x", false).unwrap_err().kind(), ErrorKind::Usage);
    archive.edit_hold(&name, &[], &[others[0].into()], "x", false).unwrap();
    archive.release_hold("H", "settled", false).unwrap();
    assert_eq!(archive.edit_hold("H", &[], &[others[0].into()], "x", false).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_custodian_who_comes_later_is_named_as_not_held_by_a_hold_on_all_custodians() {
    let test = archive();
    let mut archive = test.open();
    let other = test.corpus.mailboxes().find(|mailbox| *mailbox != ann(&test)).unwrap();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "first") }, false).unwrap();
    let all = HoldRequest { custodians: vec![], all_custodians: true, ..asked(&test, "all") };
    assert_eq!(archive.place_hold(&all, false).unwrap().mailboxes.len(), 1);
    archive.place_hold(&HoldRequest { custodians: vec![other.into()], ..asked(&test, "second") }, false).unwrap();
    archive.release_hold("second", "settled", false).unwrap();
    let row = archive.hold("all").unwrap();
    assert_eq!(row.report.mailboxes.len(), 1);
    assert_eq!(row.custodians_not_held.iter().map(|m| m.as_str()).collect::<Vec<_>>(), [other]);
    archive.edit_hold("all", &[other.into()], &[], "joined", false).unwrap();
    assert_eq!(archive.hold("all").unwrap().custodians_not_held, []);
}

#[test]
fn a_released_hold_holds_on_for_its_delay_and_then_nothing() {
    let test = archive();
    let mut archive = test.open();
    let held = archive.place_hold(&asked(&test, "H"), false).unwrap();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "other") }, false).unwrap();
    let others = archive.hold("other").unwrap().report.items;
    let would = archive.release_hold("H", "settled", true).unwrap();
    assert!(archive.hold("H").unwrap().released_at.is_none());
    let released = archive.release_hold("H", "settled", false).unwrap();
    assert_eq!(would.would_become_deletable, released.would_become_deletable);
    assert_eq!(released.report.items, held.items);
    assert_eq!((released.would_become_deletable, released.still_blocked), (held.items - others, others));
    let until = released.delay_until.unwrap();
    assert!((until.0 - SystemClock.now().0 - 30 * DAY).abs() < DAY);
    assert_eq!(released.deletable_from, until);
    let row = archive.hold("H").unwrap();
    assert_eq!((row.status, row.delay_until, row.release_reason.as_deref()), ("delay", Some(until), Some("settled")));
    assert_eq!(archive.holds(false).unwrap().len(), 2, "it binds, so it is listed");
    // In every place that tells what is on hold.
    assert_eq!(blocked(&mut archive, &ann(&test)).0, held.items);
    assert_eq!(count(&mut archive, "hold:H").1, held.items);
    assert_eq!(count(&mut archive, "hold:*").1, held.items);
    assert_eq!(archive.stats(None, custodia::model::Zone::UTC).unwrap().holds, 2);
    let hit = archive.search("", &SearchOptions { mailboxes: vec![ann(&test)], ..SearchOptions::default() }).unwrap();
    assert!(hit.hits.iter().all(|hit| hit.holds.contains(&"H".to_owned())));
    let shown = archive.show(&hit.hits[0].id.to_string()).unwrap();
    assert!(shown.holds.iter().any(|blocker| blocker.kind == BlockerKind::DelayHold && blocker.until == Some(until)));
    assert_eq!(archive.release_hold("H", "again", false).unwrap_err().kind(), ErrorKind::Usage);
    let mut later = in_days(&test, 31);
    assert_eq!((later.hold("H").unwrap().status, later.holds(false).unwrap().len()), ("ended", 1));
    assert_eq!(blocked(&mut later, &ann(&test)).0, others);
    assert_eq!(later.end_delay("H", "too late", false).unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(archive.end_delay("other", "active", false).unwrap_err().kind(), ErrorKind::Usage);
    let ended = archive.end_delay("H", "agreed", false).unwrap();
    assert_eq!((ended.would_become_deletable, ended.still_blocked), (held.items - others, others));
    let row = archive.hold("H").unwrap();
    assert_eq!((row.status, row.delay_end_reason.as_deref()), ("ended", Some("agreed")));
    assert_eq!(blocked(&mut archive, &ann(&test)).0, others);
    assert_eq!(archive.end_delay("H", "twice", false).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn an_archive_may_have_no_delay() {
    let test = archive();
    let path = test.path().join("archive.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("delay_hold_days = 30"));
    std::fs::write(&path, text.replace("delay_hold_days = 30", "delay_hold_days = 0")).unwrap();
    let mut archive = test.open();
    archive.place_hold(&asked(&test, "H"), false).unwrap();
    let released = archive.release_hold("H", "settled", false).unwrap();
    assert_eq!(released.delay_until, None);
    assert!(released.deletable_from.0 <= SystemClock.now().0 + DAY);
    assert_eq!((archive.hold("H").unwrap().status, blocked(&mut archive, &ann(&test)).0), ("released", 0));
}

#[test]
fn a_preview_counts_what_the_hold_would_and_what_each_limit_leaves_out_and_writes_its_event_alone() {
    let test = archive();
    let mut archive = test.open();
    let all = blocked(&mut archive, &ann(&test)).1;
    let request = HoldRequest {
        query: Some("wire".into()),
        since: Instant::parse_rfc3339("2025-10-01T00:00:00Z"),
        ..asked(&test, "")
    };
    let kept = ["vault", "mail", "index", "catalog", "archive.toml", "watermark.json"];
    let before = test.files(&kept);
    let preview = archive.preview_hold(&request).unwrap();
    assert_eq!(test.files(&kept), before);
    assert_eq!(events(&archive, "hold.previewed").len(), 1);
    assert!(archive.state().holds.is_empty());
    let out: u64 = preview.left_out.iter().map(|row| row.items).sum();
    assert_eq!(preview.report.items + out, all);
    let why: Vec<&str> = preview.left_out.iter().map(|row| row.why).collect();
    assert_eq!(why, ["not_matching", "outside_period"]);
    assert!(preview.left_out[1].newest < request.since && preview.bytes > 0);
    let placed = archive.place_hold(&HoldRequest { name: "H".into(), ..request.clone() }, false).unwrap();
    assert_eq!((placed.items, placed.items_by_reason), (preview.report.items, preview.report.items_by_reason));
    let listed = HoldRequest { ids: Some(ids(&mut archive, ALL, 5)), ..asked(&test, "") };
    let preview = archive.preview_hold(&listed).unwrap();
    assert_eq!(preview.left_out.iter().map(|row| row.why).collect::<Vec<_>>(), ["not_listed"]);
    let nobody = HoldRequest { custodians: vec![], all_custodians: true, case: String::new(), ..request };
    assert_eq!(archive.preview_hold(&nobody).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_preview_names_the_runs_that_left_out_messages_of_these_people_until_they_are_imported_again() {
    let test = archive();
    let mut archive = test.open();
    assert_eq!(naming(&mut archive, &test), 0);
    let row = format!("number,email\n{},{}\n", test.corpus.unmapped_number(), ann(&test));
    archive.import_mapping("late.csv", row.as_bytes(), false, None, false).unwrap();
    assert!(naming(&mut archive, &test) > 0, "the number is a custodian's now, and its messages are not here");
    drop(archive);
    test.import();
    assert_eq!(naming(&mut test.open(), &test), 0);
}

fn naming(archive: &mut Archive, test: &TestArchive) -> u64 {
    let preview = archive.preview_hold(&asked(test, "")).unwrap();
    preview.not_imported.iter().map(|run| run.naming_them).sum()
}

#[test]
fn a_hold_that_covers_nothing_yet_blocks_nothing_of_a_mailbox_and_is_named() {
    let test = archive();
    let mut archive = test.open();
    let hers = ids(&mut archive, &format!("mailbox:{}", ann(&test)), 1000);
    let mut others = ids(&mut archive, ALL, 1000);
    others.retain(|id| !hers.contains(id));
    assert!(!others.is_empty(), "somebody has a message that is not hers");
    archive.place_hold(&HoldRequest { ids: Some(others), ..asked(&test, "later") }, false).unwrap();
    let why = archive.explain(&ann(&test)).unwrap();
    assert_eq!((why.deletable, why.blocked_items), (true, 0));
    assert_eq!((why.blockers.len(), why.blockers[0].items), (1, 0));
    archive.place_hold(&asked(&test, "now"), false).unwrap();
    let why = archive.explain(&ann(&test)).unwrap();
    assert_eq!((why.deletable, why.blocked_items, why.blockers.len()), (false, why.items, 2));
}

#[test]
fn coverage_adds_up_by_mailbox_and_by_month() {
    let test = archive();
    let mut archive = test.open();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "wires") }, false).unwrap();
    archive.place_hold(&asked(&test, "all"), false).unwrap();
    archive.release_hold("all", "settled", false).unwrap();
    let by_mailbox = archive.hold_coverage(ShareBy::Mailbox, custodia::model::Zone::UTC).unwrap();
    let by_month = archive.hold_coverage(ShareBy::Month, custodia::model::Zone::UTC).unwrap();
    assert_eq!(by_mailbox.total, by_month.total);
    let stats = archive.stats(None, custodia::model::Zone::UTC).unwrap();
    let total = &by_mailbox.total;
    assert_eq!((total.messages, total.items, total.held_messages), (stats.messages, stats.items, stats.held));
    for rows in [&by_mailbox.rows, &by_month.rows] {
        let sum = |of: fn(&custodia::archive::HoldShare) -> u64| rows.iter().map(of).sum::<u64>();
        assert_eq!((sum(|row| row.items), sum(|row| row.held_items)), (total.items, total.held_items));
    }
    let mine = by_mailbox.rows.iter().find(|row| row.key == ann(&test)).unwrap();
    assert_eq!((mine.held_items, mine.share, mine.holds.len()), (mine.items, 1.0, 2));
    let others = by_mailbox.rows.iter().filter(|row| row.key != ann(&test));
    assert!(others.into_iter().all(|row| row.held_items == 0 && row.holds.is_empty()));
    assert_eq!(events(&archive, "hold.viewed").len(), 2);
}

#[test]
fn a_query_and_a_plan_are_explained_with_totals_and_examples_of_every_blocker() {
    let test = archive();
    let mut archive = test.open();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "wires") }, false).unwrap();
    archive.place_hold(&litigation(&test, Some(36_525)), false).unwrap();
    let query = "(from:ana OR wire) AND sent>=2020-01-01".to_owned();
    let why = archive.explain(&query).unwrap();
    let plan = archive.plan_deletion(&Selection::Query(query.clone()), &[], "x", false).unwrap();
    assert_eq!(why.target, Target::Query(query));
    assert_eq!((why.items, why.blocked_items, why.deletable), (plan.matched, plan.blocked, false));
    assert_eq!(why.blockers.len(), 2);
    for row in &why.blockers {
        assert!(row.items > 0 && row.mailboxes == 1 && !row.examples.is_empty() && !row.blocker.because.is_empty());
        assert_eq!(row.blocker.until.is_some(), row.blocker.kind == BlockerKind::LitigationHold);
    }
    let of_plan = archive.explain(&plan.plan.0).unwrap();
    assert_eq!(of_plan.target, Target::Plan(plan.plan.clone()));
    assert_eq!((of_plan.items, of_plan.blockers), (why.items, why.blockers));
    let message = archive.explain(&plan.blockers[0].examples[0].to_string()).unwrap();
    assert_eq!(message.target_kind, "message");
    assert!(!message.by_mailbox.is_empty());
    assert_eq!(archive.explain("wire AND").unwrap_err().kind(), ErrorKind::BadQuery);
    assert_eq!(archive.explain("plan_00000000").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(archive.explain("nobody@x.example").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(archive.explain("m_0123456789").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(archive.explain("nosuchword").unwrap().deletable);
}

#[test]
fn a_refusal_answers_what_which_who_when_why_until_when_and_what_would_end_it_for_every_blocker() {
    let test = archive();
    let mut archive = test.open();
    archive.place_hold(&asked(&test, "H"), false).unwrap();
    archive.place_hold(&HoldRequest { query: Some("wire".into()), ..asked(&test, "gone") }, false).unwrap();
    let until = archive.release_hold("gone", "settled", false).unwrap().delay_until;
    let query = Selection::Query(format!("mailbox:{} wire", ann(&test)));
    let plan = archive.plan_deletion(&query, &[], "x", false).unwrap();
    drop(archive);
    let error = test.writer().apply_plan(&plan.plan.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let rows = error.details()["blocked_by"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 2, "{rows:?}");
    for (row, kind, name) in [(&rows[0], "hold", "H"), (&rows[1], "delay_hold", "gone")] {
        assert_eq!((row["kind"].as_str(), row["name"].as_str()), (Some(kind), Some(name)));
        assert_eq!((row["placed_by"].as_str(), row["reason"].as_str()), (Some("j.ward"), Some("Claim letter")));
        assert!(row["placed_at"].is_string() && row["id"].is_string() && row["ends_when"].is_string());
        assert!(row["items"].as_u64().unwrap() > 0 && row["examples"][0].is_string());
    }
    assert_eq!(rows[0]["until"], serde_json::Value::Null);
    assert_eq!(rows[1]["until"].as_str().and_then(Instant::parse_rfc3339), until);
    let text = error.to_string();
    for word in ["H (hold_", "j.ward", "Claim letter", "no end date", "until 20", "the hold is released", "is over"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(error.hint().unwrap().contains(&plan.plan.0));
}
