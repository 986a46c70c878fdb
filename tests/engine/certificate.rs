//! Tombstones and certificates: what is left of what went, and whether it can be proven.

use crate::common::TestArchive;
use custodia::{
    ErrorKind,
    archive::{ApplyOptions, SearchOptions, Selection},
    export::certificate::{Certificate, Fate},
    model::Digest,
};

/// A change of a certificate.
type Change<'a> = &'a dyn Fn(&mut Certificate);

fn purged(test: &TestArchive, query: &str) -> (String, String) {
    let id = test.open().search_ids(query, &SearchOptions::default()).unwrap()[0].to_string();
    let planned = test.open().plan_deletion(&Selection::Ids(vec![id.clone()]), &[], "asked to", false).unwrap();
    test.writer().apply_plan(&planned.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    (id, planned.plan.0)
}

#[test]
fn a_purged_message_leaves_a_tombstone_that_says_what_became_of_it() {
    let (test, _) = TestArchive::imported(200);
    let kept = test.open().search_ids("kind:call", &SearchOptions::default()).unwrap()[0].to_string();
    assert!(test.open().tombstone(&kept).unwrap().is_none());
    let (id, plan) = purged(&test, "wire");
    let tombstone = test.open().tombstone(&id[..12]).unwrap().unwrap();
    assert_eq!((tombstone.id.to_string(), tombstone.plan.0.as_str()), (id.clone(), plan.as_str()));
    assert_eq!(
        (tombstone.reason.as_str(), tombstone.purged_by.as_str(), tombstone.state),
        ("asked to", "j.ward", "purged")
    );
    assert!(!tombstone.items.is_empty() && tombstone.size > 0 && tombstone.sent.is_some());
    assert_eq!(test.open().show(&id).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(test.open().tombstone(&kept).unwrap().is_none(), "others have none");
    assert!(test.open().tombstone("m_ffffffffffff").unwrap().is_none());
}

#[test]
fn a_certificate_is_proven_by_the_journal_and_a_changed_one_is_not() {
    let (test, _) = TestArchive::imported(200);
    let (id, plan) = purged(&test, "wire");
    let by_plan = test.open().certificate(&plan).unwrap();
    let by_id = test.open().certificate(&id).unwrap();
    assert_eq!(by_plan.items, by_id.items);
    assert_eq!((by_plan.messages_purged, by_plan.items_purged), (1, by_plan.items.len() as u64));
    assert!(by_plan.items.iter().all(|item| item.how == Fate::Purged && item.by == "j.ward"));
    assert_eq!(by_plan.plans[0].reason, "asked to");
    let text = serde_json::to_string(&by_plan).unwrap();
    let read: Certificate = serde_json::from_str(&text).unwrap();
    assert_eq!(read, by_plan);
    for certificate in [&by_plan, &by_id] {
        let check = test.open().check_certificate(certificate).unwrap();
        assert!(check.sound && check.problems.is_empty(), "{:?}", check.problems);
    }
    let changes: [(&str, Change<'_>); 8] = [
        ("who", &|c| c.items[0].by = "somebody".into()),
        ("when", &|c| c.items[0].at.0 += 1),
        ("which digest", &|c| c.messages[0].digest = Digest::of(b"other")),
        ("why", &|c| c.plans[0].reason = "another".into()),
        ("how many", &|c| c.items_purged += 1),
        ("an item taken out", &|c| drop(c.items.pop())),
        ("a line", &|c| c.proof.lines[0].digest = Digest::of(b"other")),
        ("the head", &|c| c.proof.head = Digest::of(b"other")),
    ];
    for (what, change) in changes {
        let mut forged = by_plan.clone();
        change(&mut forged);
        assert!(!test.open().check_certificate(&forged).unwrap().sound, "{what}");
    }
    let (elsewhere, _) = TestArchive::imported(200);
    assert!(!elsewhere.open().check_certificate(&by_plan).unwrap().sound, "another archive's");
}

#[test]
fn a_certificate_leads_to_an_anchor_that_was_made_at_its_time() {
    let (test, _) = TestArchive::imported(200);
    let (_, plan) = purged(&test, "wire");
    let anchor = test.open().anchor().unwrap();
    let proof = test.open().certificate(&plan).unwrap().proof;
    let at = (anchor.seq.0 - proof.chain_from.0) as usize;
    let mut hash = proof.previous;
    for digest in &proof.digests[..=at] {
        hash = Digest::of(format!("{hash} {digest}").as_bytes());
    }
    assert_eq!(hash, anchor.head);
}

#[test]
fn a_certificate_says_what_came_back_and_what_can_come_back() {
    let (test, _) = TestArchive::imported(200);
    let planned = test.open().plan_deletion(&Selection::Query("wire".into()), &[], "x", false).unwrap();
    assert_eq!(test.open().certificate(&planned.plan.0).unwrap_err().kind(), ErrorKind::NotFound, "nothing went yet");
    test.writer().apply_plan(&planned.plan.0, ApplyOptions::default()).unwrap();
    let certificate = test.open().certificate(&planned.plan.0).unwrap();
    assert_eq!((certificate.items_recoverable, certificate.messages_purged), (planned.matched, 0));
    test.writer().undo_plan(&planned.plan.0, "", false).unwrap();
    let certificate = test.open().certificate(&planned.plan.0).unwrap();
    assert_eq!((certificate.items_recoverable, certificate.items_restored), (0, planned.matched));
    assert!(test.open().check_certificate(&certificate).unwrap().sound);
    assert!(certificate.markdown().contains("brought back"));
}
