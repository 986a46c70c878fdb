//! What is archived and not indexed yet is found by every condition as what is indexed, texts of attachments too.

use crate::common::TestArchive;
use custodia::{
    Archive,
    archive::{ApplyOptions, HoldRequest, SearchOptions, Selection},
};

/// Words, name, type and text of the attachment.
const MESSAGES: [(&str, &str, &str, &str); 6] = [
    ("Please send me the signed contract before the end of the day", "", "", ""),
    ("see the list", "sums.csv", "text/csv", "invoice;falcon;1200\r\ncall +44 7700 900177 about the zebra"),
    ("as agreed", "card.vcf", "text/vcard", "BEGIN:VCARD\r\nFN:Zebra Example\r\nEND:VCARD"),
    (
        "Proszę przesłać podpisaną umowę jeszcze dzisiaj wieczorem",
        "page.html",
        "text/html",
        "<p>falcon <b>deal</b></p>",
    ),
    ("a photo", "a.jpg", "image/jpeg", "JFIF"),
    ("zebra", "notes.txt", "text/plain", "nothing of interest"),
];

const QUERIES: [&str; 26] = [
    "zebra",
    "NOT zebra",
    "falcon deal",
    "\"invoice falcon\"",
    "fal*",
    "invoice NEAR(1) falcon",
    "falcon ONEAR invoice",
    "447700900177",
    "\"+44 7700 900177\" NOT deal",
    "body:zebra",
    "attachmentnames:sums",
    "kind:unindexed",
    "NOT kind:unindexed",
    "lang:en",
    "NOT lang:pl",
    "tag:hot",
    "NOT tag:hot zebra",
    "hold:h",
    "case:falcon NOT zebra",
    "folderid:Deletions",
    "folderid:\"WhatsApp Archiver\" falcon",
    "run:last",
    "source:telemessage hasattachment:true",
    "mailbox:ana@firm.example size>1",
    "conversation:447700900102",
    "bcc:cleo OR cc:447700900103",
];

fn archive() -> TestArchive {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.add_user("ana@firm.example", None, &["+447700900101".into()]).unwrap();
    archive.create_case("Falcon", "", false).unwrap();
    drop(archive);
    let folder = test.dir.path().join("feed");
    std::fs::create_dir(&folder).unwrap();
    for (at, (words, name, media_type, text)) in MESSAGES.into_iter().enumerate() {
        let part = match name {
            "" => String::new(),
            _ => format!(
                "--m\r\nContent-Type: {media_type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{text}\r\n"
            ),
        };
        let mail = format!(
            "From: \"Ana Ruiz 447700900101\" <ana@firm.example>\r\nTo: \"447700900102\" <447700900102@feed.example>\r\n\
             Cc: \"447700900103\" <447700900103@feed.example>\r\nBcc: Cleo Example <cleo@firm.example>\r\n\
             Subject: WhatsApp message from 447700900101 to 447700900102\r\nDate: Wed, 04 Mar 2026 09:12:4{at} +0000\r\n\
             X-TELEMESSAGE-ArchiveMessageID: 3EB0A{at}\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n{part}--m--\r\n"
        );
        std::fs::write(folder.join(format!("{at}.eml")), mail).unwrap();
    }
    assert_eq!(test.import_path(&folder).0.balance.imported, MESSAGES.len() as u64);
    let mut archive = test.open();
    archive.tag("hot", &Selection::Query("falcon".into()), false).unwrap();
    let plan = archive.plan_deletion(&Selection::Query("deal".into()), &[], "private", false).unwrap();
    drop(archive);
    assert_eq!(test.writer().apply_plan(&plan.plan.0, ApplyOptions::default()).unwrap().applied, plan.deletable);
    let hold = HoldRequest {
        name: "H".into(),
        case: "falcon".into(),
        custodians: vec!["ana@firm.example".into()],
        query: Some("contract".into()),
        reason: "Claim letter".into(),
        ..HoldRequest::default()
    };
    test.open().place_hold(&hold, false).unwrap();
    test
}

fn ask(archive: &mut Archive) -> Vec<(&'static str, u64, u64, u64, Vec<String>)> {
    let answer = |query: &'static str| {
        let report = archive.search(query, &SearchOptions::default()).unwrap();
        let hits = report.hits.iter().map(|hit| format!("{} {:?}", hit.id, hit.snippet)).collect();
        (query, report.total, report.items, report.partially_indexed, hits)
    };
    QUERIES.into_iter().map(answer).collect()
}

#[test]
fn every_condition_means_the_same_before_and_after_a_message_is_indexed() {
    let test = archive();
    let indexed = ask(&mut test.open());
    std::fs::rename(test.path().join("index"), test.path().join("no-index")).unwrap();
    let mut archive = test.open();
    assert_eq!(archive.index_state().state, "current");
    assert_eq!(ask(&mut archive), indexed);
    let some = indexed.iter().filter(|(_, total, ..)| (1..MESSAGES.len() as u64).contains(total)).count();
    assert!(some * 3 >= QUERIES.len() * 2, "too few answers tell anything: {indexed:#?}");
    assert_eq!((indexed[0].1, indexed[5].1), (3, 1), "texts of attachments are searched");
}
