//! Why a hold covers an item, and how many for what reason: said truly.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{ExportRequest, ExportSelection, HoldRequest, ItemsByReason, SearchOptions, Selection},
    governance::Because,
    model::Instant,
    progress::Silent,
};

const SUSAN: &str = "susan@company.example";
const DATE: &str = "Date: Wed, 4 Mar 2026 09:12:41 +0000\r\n";

fn mail(id: &str, date: &str, body: &str) -> String {
    format!(
        "From: \"Susan Park 447700900101\" <{SUSAN}>\r\nTo: \"447700900102\" <447700900102@wa.example>\r\n{date}\
         Subject: WhatsApp message from 447700900101 to 447700900102\r\nMessage-ID: <{id}@feed.example>\r\n\
         X-TELEMESSAGE-ArchiveMessageID: {id}\r\nX-TELEMESSAGE-ArchiveInitiator: 447700900101\r\n{body}\r\n"
    )
}

fn text(body: &str) -> String {
    format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n")
}

fn with_voice_note(body: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{}--b\r\n\
         Content-Type: audio/ogg; name=note.ogg\r\nContent-Disposition: attachment; filename=note.ogg\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nT2dnUw==\r\n--b--\r\n",
        text(body)
    )
}

/// A match, a voice note without the words, a voice note with them, a message without a date, and one that has nothing.
fn archive() -> TestArchive {
    let test = TestArchive::bare();
    test.open().add_user(SUSAN, Some("Susan Park".into()), &["+44 7700 900101".into()]).unwrap();
    test.open().create_case("Falcon", "", false).unwrap();
    let dir = test.dir.path().join("mails");
    std::fs::create_dir_all(&dir).unwrap();
    for (id, mail) in [
        ("MATCH", mail("MATCH", DATE, &text("the wire is a transfer MATCHX"))),
        ("VOICE", mail("VOICE", DATE, &with_voice_note("listen VOICEX"))),
        ("BOTH", mail("BOTH", DATE, &with_voice_note("wire and transfer BOTHX"))),
        ("UNDATED", mail("UNDATED", "", &text("lunch UNDATEDX"))),
        ("NONE", mail("NONE", DATE, &text("lunch NONEX"))),
    ] {
        std::fs::write(dir.join(format!("{id}.eml")), mail).unwrap();
    }
    assert_eq!(test.import_path(&dir).0.balance.imported, 5);
    test
}

fn place(test: &TestArchive, query: Option<&str>, since: Option<&str>) -> ItemsByReason {
    let request = HoldRequest {
        name: "H".into(),
        case: "falcon".into(),
        custodians: vec![SUSAN.into()],
        query: query.map(str::to_owned),
        since: since.and_then(Instant::parse_rfc3339),
        reason: "r".into(),
        ..HoldRequest::default()
    };
    let would = test.open().place_hold(&request, true).unwrap();
    let placed = test.open().place_hold(&request, false).unwrap();
    assert_eq!((would.items, would.items_by_reason), (placed.items, placed.items_by_reason));
    assert_eq!(test.open().hold("H").unwrap().report.items_by_reason, placed.items_by_reason);
    let by = placed.items_by_reason;
    let sum = by.matching + by.with_attachment + by.undated + by.party_unknown + by.not_evaluated;
    assert_eq!(sum, placed.items);
    by
}

/// The reasons after the mailbox, of the message with this word.
fn why(archive: &mut Archive, word: &str) -> Vec<Because> {
    let ids = archive.search_ids(word, &SearchOptions::default()).unwrap();
    assert_eq!(ids.len(), 1, "{word}");
    let blockers = archive.explain(&ids[0].to_string()).unwrap().blockers;
    blockers.into_iter().flat_map(|row| row.blocker.because.into_iter().skip(1)).collect()
}

#[test]
fn an_item_that_is_held_for_its_attachment_is_not_said_to_match() {
    let test = archive();
    let query = "wire NEAR(5) transfer";
    let by = place(&test, Some(query), None);
    assert_eq!(by, ItemsByReason { matching: 2, with_attachment: 1, ..ItemsByReason::default() });
    let mut archive = test.open();
    let matches = [Because::Query { value: query.into() }];
    assert_eq!(why(&mut archive, "MATCHX"), matches);
    assert_eq!(why(&mut archive, "BOTHX"), matches);
    assert_eq!(why(&mut archive, "VOICEX"), [Because::PartiallyIndexed]);
    assert_eq!(why(&mut archive, "UNDATEDX"), []);
    assert_eq!(why(&mut archive, "NONEX"), []);
    assert_eq!(
        Because::PartiallyIndexed.sentence(),
        "it has an attachment, and a hold with a query covers every such item of its mailboxes"
    );
    let rule = serde_json::to_value(Because::PartiallyIndexed).unwrap();
    assert_eq!(rule, serde_json::json!({"rule": "has_attachment"}));
}

#[test]
fn an_item_that_is_held_for_its_unknown_date_says_so() {
    let test = archive();
    let by = place(&test, Some("sent>2030-01-01"), None);
    assert_eq!(by, ItemsByReason { with_attachment: 2, undated: 1, ..ItemsByReason::default() });
    let mut archive = test.open();
    assert_eq!(why(&mut archive, "UNDATEDX"), [Because::DateUnknown]);
    assert_eq!(why(&mut archive, "VOICEX"), [Because::PartiallyIndexed]);
    assert_eq!(why(&mut archive, "NONEX"), []);
}

#[test]
fn an_attachment_is_held_outside_the_period_of_a_hold_with_a_query_and_not_of_one_without() {
    let with = archive();
    let by = place(&with, Some("lunch"), Some("2030-01-01T00:00:00Z"));
    assert_eq!(by, ItemsByReason { with_attachment: 2, undated: 1, ..ItemsByReason::default() });
    assert_eq!(why(&mut with.open(), "VOICEX"), [Because::PartiallyIndexed]);
    let without = archive();
    let by = place(&without, None, Some("2030-01-01T00:00:00Z"));
    assert_eq!(by, ItemsByReason { undated: 1, ..ItemsByReason::default() });
}

#[test]
fn an_empty_query_is_searched_and_neither_tagged_deleted_held_nor_exported() {
    let test = archive();
    let mut archive = test.open();
    for query in ["", " \t"] {
        let all = archive.search(query, &SearchOptions::default()).unwrap().total;
        assert_eq!(all, 5, "{query:?}");
        let selection = Selection::Query(query.into());
        let hold = HoldRequest {
            name: "H".into(),
            case: "falcon".into(),
            custodians: vec![SUSAN.into()],
            query: Some(query.into()),
            reason: "r".into(),
            ..HoldRequest::default()
        };
        let export = ExportRequest {
            selection: ExportSelection::Query(query.into()),
            to: test.dir.path().join("EX"),
            mailboxes: Vec::new(),
            include_unindexed: false,
            reason: "r".into(),
            dry_run: false,
        };
        let errors = [
            archive.tag("x", &selection, false).unwrap_err(),
            archive.untag("x", Some(&selection), false).unwrap_err(),
            archive.plan_deletion(&selection, &[], "r", false).unwrap_err(),
            archive.place_hold(&hold, false).unwrap_err(),
            archive.export(&export, &Silent).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Usage, "{query:?}: {error}");
            assert!(error.to_string().starts_with("an empty query means every message"), "{error}");
            assert!(error.hint().unwrap().contains("kind:externaldata"));
        }
    }
    let all = Selection::Query("kind:externaldata".into());
    assert_eq!(archive.tag("x", &all, false).unwrap().changed, 5);
}
