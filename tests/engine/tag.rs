//! Tags: on whom, by whom, exactly; also while another process imports.

use crate::common::{TestArchive, open};
use custodia::{
    ErrorKind,
    archive::{ApplyOptions, AuditFilter, RebuildOptions, SearchOptions, Selection},
    model::limits,
    progress::Silent,
};

fn query(text: &str) -> Selection {
    Selection::Query(text.to_owned())
}

/// How many lines of the journal speak of tags.
fn lines(test: &TestArchive) -> usize {
    let mut lines = 0;
    let filter = AuditFilter { kind: Some("tag.*".to_owned()), ..AuditFilter::default() };
    test.open()
        .audit(&filter, &mut |_| {
            lines += 1;
            Ok(())
        })
        .unwrap();
    lines
}

#[test]
fn a_tag_is_put_on_what_a_query_finds_and_only_new_messages_are_recorded() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let calls = archive.search("kind:call", &SearchOptions::default()).unwrap().total;
    let either = archive.search("kind:call OR kind:edit", &SearchOptions::default()).unwrap().total;
    let first = archive.tag(" Review ", &query("kind:call"), false).unwrap();
    assert_eq!((first.tag.as_str(), first.matched, first.changed, first.messages), ("Review", calls, calls, calls));
    let again = archive.tag("REVIEW", &query("kind:call"), false).unwrap();
    assert_eq!((again.tag.as_str(), again.changed, again.unchanged), ("Review", 0, calls));
    let more = archive.tag("review", &query("kind:call OR kind:edit"), false).unwrap();
    assert_eq!((more.changed, more.unchanged, more.messages), (either - calls, calls, either));
    assert_eq!(lines(&test), 2, "nothing new, nothing recorded");
    let rows = test.open().tags();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].tag.as_str(), rows[0].messages), ("Review", either));
    assert_eq!(rows[0].changed_by.as_deref(), Some("j.ward"));
    assert!(rows[0].changed.is_some());
    // Hits and messages name their tags.
    let hits = archive.search("kind:edit", &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap().hits;
    assert_eq!(hits[0].tags, ["Review"]);
    assert_eq!(archive.show(&hits[0].id.to_string()).unwrap().tags, ["Review"]);
    let other = archive.search("kind:chat", &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap().hits;
    assert!(other[0].tags.is_empty());
}

#[test]
fn a_tag_is_taken_off_some_or_all_and_then_it_is_gone() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    archive.tag("Review", &query("kind:call OR kind:edit"), false).unwrap();
    let edits = archive.search("kind:edit", &SearchOptions::default()).unwrap().total;
    let some = archive.untag("review", Some(&query("kind:call OR kind:system")), false).unwrap();
    assert_eq!((some.matched, some.messages), (some.changed + some.unchanged, edits));
    assert_eq!(archive.untag("REVIEW", None, false).unwrap().changed, edits);
    assert!(archive.tags().is_empty());
    assert_eq!(archive.untag("Review", None, false).unwrap_err().kind(), ErrorKind::NotFound);
    // The next first spelling is a first spelling again.
    assert_eq!(archive.tag("review", &query("kind:edit"), false).unwrap().tag, "review");
}

#[test]
fn ids_name_messages_and_a_wrong_one_changes_nothing() {
    let (test, _) = TestArchive::imported(100);
    let mut archive = test.open();
    let ids = archive.search_ids("kind:chat", &SearchOptions { limit: 3, ..SearchOptions::default() }).unwrap();
    let mut ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.push(ids[0].clone());
    let report = archive.tag("x", &Selection::Ids(ids.clone()), false).unwrap();
    assert_eq!((report.matched, report.changed), (3, 3), "an id that is listed twice is one message");
    ids.push("m_0000000000000000".to_owned());
    assert_eq!(archive.tag("y", &Selection::Ids(ids), false).unwrap_err().kind(), ErrorKind::NotFound);
    for (name, selection, kind) in [
        ("", query("kind:chat"), ErrorKind::Usage),
        ("a\u{202e}b", query("kind:chat"), ErrorKind::Usage),
        ("x", query("zebra AND wombat"), ErrorKind::NotFound),
        ("x", query("wire AND ("), ErrorKind::BadQuery),
    ] {
        assert_eq!(archive.tag(name, &selection, false).unwrap_err().kind(), kind, "{name:?}");
    }
    assert_eq!(lines(&test), 1);
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let (test, _) = TestArchive::imported(100);
    let mut archive = test.open();
    let before = test.files(&["journal", "state.bin"]);
    let would = archive.tag("x", &query("kind:externaldata"), true).unwrap();
    assert!(would.dry_run && would.changed == would.matched && would.messages == would.matched);
    assert_eq!(archive.untag("x", None, true).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(test.files(&["journal", "state.bin"]), before);
    let done = archive.tag("x", &query("kind:externaldata"), false).unwrap();
    assert_eq!(done.changed, would.changed);
    assert_eq!(archive.untag("x", None, true).unwrap().changed, done.changed);
    assert_eq!(archive.tags()[0].messages, done.changed);
}

#[test]
fn more_messages_than_fit_a_line_are_one_batch_of_lines() {
    let (test, _) = TestArchive::imported(limits::LINE_ORDINALS as u64 + 500);
    let all = test.open().tag("all", &query("kind:externaldata"), false).unwrap();
    assert!(all.changed > limits::LINE_ORDINALS as u64);
    assert_eq!(lines(&test), 2);
    assert_eq!(test.open().tags()[0].messages, all.changed);
}

#[test]
fn a_tag_is_put_while_another_process_holds_the_writers_lock() {
    let (test, _) = TestArchive::imported(100);
    let writer = test.writer();
    assert!(open(&test.path()).tag("x", &query("kind:chat"), false).unwrap().changed > 0);
    drop(writer);
}

#[test]
fn a_purged_message_counts_no_more_and_a_rebuild_brings_the_tags_back() {
    let (test, _) = TestArchive::imported(300);
    let mut writer = test.writer();
    let tagged = writer.archive_mut().tag("Review", &query("kind:call OR kind:edit"), false).unwrap().messages;
    writer.archive_mut().tag("Calls", &query("kind:call"), false).unwrap();
    let plan = writer.archive_mut().plan_deletion(&query("kind:call"), &[], "x", false).unwrap();
    let purged = writer.apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    assert!(purged.messages_purged > 0);
    drop(writer);
    let rows = test.open().tags();
    assert_eq!(rows.iter().map(|row| row.tag.as_str()).collect::<Vec<_>>(), ["Review"], "no call is left");
    assert_eq!(rows[0].messages, tagged - purged.messages_purged);
    std::fs::remove_file(test.path().join("state.bin")).unwrap();
    test.open().rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(test.open().tags(), rows);
}
