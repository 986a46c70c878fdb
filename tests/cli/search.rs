//! `search` as people and scripts meet it: reports, keywords files, samples, remarks with carets, texts that mean no good.

use crate::fixture::{Archive, CUSTODIAN, scrubbed};
use crate::harness::{Place, Ran};
use serde_json::Value;
use snapbox::{Data, assert_data_eq};
use std::path::PathBuf;
use unicode_width::UnicodeWidthStr;

fn assert_golden(name: &str, ran: &Ran) {
    let text = format!("{}--- stderr\n{}--- exit {}\n", ran.out, ran.err, ran.code);
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/golden/{name}.txt"));
    assert_data_eq!(scrubbed(&text), Data::read_from(&golden, None).raw());
}

const TERMS: &str = "\u{feff}# Terms of the first round\r\nwire\r\n\r\n\"wire transfer\"\r\n=cmd OR invoice\r\n-lunch\r\nzebra or horse\r\n";

#[test]
fn what_searches_and_their_reports_say() {
    let archive = Archive::copied();
    std::fs::write(archive.place().path().join("terms.txt"), TERMS).unwrap();
    std::fs::write(archive.place().path().join("bad.txt"), "wire\nwire AND (x\n*ab\n").unwrap();
    for (name, args) in [
        ("search-page", &["search", "invoice", "--limit", "2", "--offset", "2"][..]),
        ("search-context", &["search", "invoice", "--limit", "2", "--context", "1"]),
        ("search-related", &["search", "isdeleted:true", "--with-related"]),
        ("search-sample", &["search", "the", "--sample", "3", "--seed", "7"]),
        ("search-remarks", &["search", "wire or invoice sent>=2025-06-01T00:00+02:00", "--count"]),
        ("search-statistics", &["search", "wire OR invoice sent>=2025-06-01", "--statistics"]),
        ("search-statistics-nothing", &["search", "zebra", "--statistics"]),
        ("search-keywords", &["search", "sent>=2025-06-01", "--keywords-file", "terms.txt", "--format", "table"]),
        ("search-keywords-csv", &["search", "--keywords-file", "terms.txt", "--mailbox", CUSTODIAN]),
        ("search-keywords-bad", &["search", "--keywords-file", "bad.txt"]),
        (
            "search-explain-people",
            &["search", "(from:\"Ana Ruiz\" OR Straße*) NOT wire sent:2025-07-01..2025-07-31", "--explain"],
        ),
        ("search-nothing-misspelt", &["search", "wire invioce sent>2030-01-01"]),
        ("search-nothing-phrase", &["search", "\"transfer wire\"", "--mailbox", CUSTODIAN]),
        ("search-nothing-person", &["search", "from:ana.riuz@northgate.example"]),
        ("search-nothing-pairs", &["search", "wire kind:call sent>2020-01-01"]),
        ("search-nothing-mailbox", &["search", "mailbox:ben.okafor@northgate.example wire", "--mailbox", CUSTODIAN]),
    ] {
        assert_golden(name, &archive.run(args));
    }
}

#[test]
fn a_condition_report_has_every_field_of_the_contract() {
    let archive = Archive::copied();
    let report = archive.json(&["search", "wire OR invoice", "--statistics"]).document();
    assert_eq!(report["schema"], "custodia.search.statistics/1");
    for field in [
        "/messages",
        "/items",
        "/bytes",
        "/locations/with_hits",
        "/locations/searched",
        "/conversations/with_hits",
        "/conversations/searched",
        "/conversations/top/0/messages",
        "/partially_indexed/total",
        "/partially_indexed/by_reason",
        "/top_locations/0/mailbox",
        "/by_month/0/month",
    ] {
        assert!(report.pointer(field).is_some(), "no {field}: {report}");
    }
    for row in report["conditions"].as_array().unwrap() {
        for field in ["part", "condition", "locations", "items", "messages", "bytes", "unique"] {
            assert!(row.get(field).is_some(), "no {field}: {row}");
        }
    }
    let parts: Vec<&str> =
        report["conditions"].as_array().unwrap().iter().map(|row| row["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["primary", "keyword", "keyword"]);
    let count = archive.json(&["search", "wire OR invoice", "--count"]).document();
    assert_eq!((&count["count"], &count["items"]), (&report["messages"], &report["items"]));
    assert_eq!(archive.json(&["search", "zebra", "--statistics"]).code, 1);
}

#[test]
fn a_row_of_a_keywords_file_that_is_no_query_is_named_with_its_line() {
    let archive = Archive::copied();
    let write = |text: &[u8]| std::fs::write(archive.place().path().join("terms.txt"), text).unwrap();
    let ask = || archive.json(&["search", "--keywords-file", "terms.txt"]);
    write(b"wire\n\nwire AND (\n*x\n");
    let ran = ask();
    assert_eq!((ran.code, ran.error()["code"].as_str()), (2, Some("bad_query")));
    let lines: Vec<Value> = ran.error()["details"]["lines"].as_array().unwrap().clone();
    assert_eq!(lines.iter().map(|row| row["line"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 4]);
    write(b"wire\nb\xff\n");
    assert!(ask().error()["message"].as_str().unwrap().contains("line 2"));
    write(b"# nothing\n\n");
    assert_eq!(ask().code, 2);
    write(TERMS.as_bytes());
    let report = ask().document();
    let rows: Vec<(u64, &str)> = report["conditions"].as_array().unwrap()[1..]
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["condition"].as_str().unwrap()))
        .collect();
    assert_eq!(rows[0], (2, "wire"));
    assert_eq!(rows.len(), 5);
}

#[test]
fn cells_of_the_csv_calculate_nothing_and_rows_are_those_of_the_file() {
    let archive = Archive::copied();
    std::fs::write(archive.place().path().join("terms.txt"), TERMS).unwrap();
    let csv = archive.run(&["search", "--keywords-file", "terms.txt"]).out;
    let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row[0].to_owned()).collect::<Vec<_>>(), ["2", "4", "5", "6", "7"]);
    assert!(rows.iter().all(|row| !row[1].starts_with(['=', '+', '-', '@', '\t', '\r'])), "{csv}");
    let messages: u64 = archive.run(&["search", "wire", "--count"]).out.trim().parse().unwrap();
    assert_eq!(rows[0][4].parse::<u64>().unwrap(), messages);
}

#[test]
fn remarks_come_with_their_places() {
    let archive = Archive::copied();
    let report = archive.json(&["search", "wire or invoice"]).document();
    let lint = &report["lints"][0];
    assert_eq!((lint["code"].as_str(), lint["span"].as_array().unwrap().len()), (Some("lowercase_operator"), 2));
    assert_eq!(lint["instead"], "wire OR invoice");
    assert_eq!(report["warnings"][0], lint["message"]);
    let ran = archive.run(&["search", "wire or invoice"]);
    assert!(ran.err.contains("\n  wire or invoice\n       ^^\n"), "{}", ran.err);
    assert!(ran.err.contains("did you mean: wire OR invoice"));
}

#[test]
fn a_case_limits_a_search_and_its_report() {
    let archive = Archive::copied();
    let number = |args: &[&str]| archive.run(args).out.trim().parse::<u64>().unwrap();
    let (all, of_case) =
        (number(&["search", "wire", "--count"]), number(&["search", "wire", "--count", "--case", "falcon-2026"]));
    assert!(0 < of_case && of_case < all);
    assert_eq!(number(&["search", "wire case:Falcon-2026", "--count"]), of_case);
    let report = archive.json(&["search", "wire", "--statistics", "--case", "Falcon-2026"]).document();
    assert_eq!(report["messages"].as_u64(), Some(of_case));
    assert_eq!(report["conditions"][1]["messages"].as_u64(), Some(of_case));
    assert_eq!(archive.run(&["search", "wire", "--case", "nope"]).code, 1);
}

#[test]
fn a_sample_is_the_same_with_the_same_seed_and_is_recorded() {
    let archive = Archive::copied();
    let ids = |args: &[&str]| archive.run(&[&["search", "the", "--ids"], args].concat()).out;
    let first = ids(&["--sample", "5", "--seed", "42"]);
    assert_eq!(first.lines().count(), 5);
    assert_eq!(ids(&["--sample", "5", "--seed", "42"]), first);
    assert_ne!(ids(&["--sample", "5", "--seed", "43"]), first);
    let report = archive.json(&["search", "the", "--sample", "5"]).document();
    let seed = report["sample"]["seed"].as_u64().unwrap();
    let again = archive.json(&["search", "the", "--sample", "5", "--seed", &seed.to_string()]).document();
    assert_eq!(report["hits"], again["hits"]);
    let audit = archive.json(&["audit", "list", "--type", "search.run"]).out;
    assert!(
        audit.contains(&format!("\"sample\":5,\"seed\":{seed}")) || audit.contains(&format!("\"seed\":{seed}")),
        "{audit}"
    );
    for wrong in
        [&["--sample", "0"][..], &["--seed", "1"], &["--sample", "2", "--limit", "3"], &["--sample", "2", "--count"]]
    {
        assert_eq!(archive.run(&[&["search", "the"], wrong].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn hits_and_context_are_told_apart_in_json() {
    let archive = Archive::copied();
    let report = archive.json(&["search", "invoice", "--context", "1", "--limit", "2"]).document();
    let hits = report["hits"].as_array().unwrap();
    let context = hits.iter().filter(|hit| hit["context"] == true).count();
    assert_eq!(Some(context as u64), report["context"].as_u64());
    assert_eq!(Some((hits.len() - context) as u64), report["returned"].as_u64());
    let plain = archive.json(&["search", "invoice", "--limit", "2"]).document();
    assert!(plain["hits"].as_array().unwrap().iter().all(|hit| hit.get("context").is_none()));
}

/// A chat whose names and texts try to act on a terminal, to reorder a line, to fill it, or to calculate.
fn hostile() -> String {
    let marks = "\u{301}".repeat(10_000);
    let lines = [
        ("Ana Ruiz".to_owned(), "The payment is on its way.".to_owned()),
        (
            "Zo\u{eb} \u{1f469}\u{200d}\u{1f680} \u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}".into(),
            "payment \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} sent".into(),
        ),
        ("red\u{1b}[31m name".into(), "\u{1b}[2J\u{1b}[1;1H payment \u{1b}]0;owned\u{7} \u{9b}31m".into()),
        ("invoice\u{202e}gnp.exe".into(), "payment \u{202e}tnemyap\u{202c} \u{2066}x\u{2069} pay\u{200b}pal".into()),
        ("أحمد بن محمد بن علي بن عبد الله".into(), "الدفعة payment وصلت".into()),
        ("陳林陳林陳林陳林陳林陳林陳林".into(), "付款 payment 已經".into()),
        (format!("Zalgo{marks}"), format!("payment a{marks}b")),
        ("שלום".into(), "תשלום payment".into()),
        ("नेहा".into(), "payment भुगतान".into()),
        ("A very long name that goes on and on and never seems to end at all".into(), "payment payment payment".into()),
        ("=cmd|' /C calc'!A0".into(), "payment=1".into()),
    ];
    let line = |(minute, (name, text)): (usize, &(String, String))| {
        format!("12/03/2025, 10:{:02} - {name}: {text}\n", 15 + minute)
    };
    lines.iter().enumerate().map(line).collect()
}

/// An item of a feed whose sender and group are called like this.
fn feed_item(number: u32, sender: &str, group: &str) -> String {
    [
        format!("Message-ID: <HOSTILE{number}@telemessage.example>"),
        format!("Date: Thu, 13 Mar 2025 10:0{number}:00 +0000"),
        format!("From: \"{sender}\" <447700900199@mobile.example>"),
        format!("To: \"Ana Ruiz\" <{CUSTODIAN}>"),
        "Subject: WhatsApp message".into(),
        format!("X-TELEMESSAGE-ArchiveMessageID: HOSTILE{number}"),
        format!("X-TELEMESSAGE-ArchiveInitiator: {CUSTODIAN}"),
        "X-TELEMESSAGE-THREAD_ID: TH-1".into(),
        "X-TELEMESSAGE-GroupID: 120363040000000999@g.us".into(),
        format!("X-TELEMESSAGE-GROUP_NAME: {group}"),
        "X-TELEMESSAGE-Network: WhatsApp".into(),
        "X-TELEMESSAGE-ArchiveSource: WhatsApp Cloud Archiver".into(),
        "X-TELEMESSAGE-MessageType: app-message".into(),
        "MIME-Version: 1.0".into(),
        "Content-Type: text/plain; charset=utf-8".into(),
        "Content-Transfer-Encoding: 8bit".into(),
        String::new(),
        format!("payment {number}"),
        String::new(),
    ]
    .join("\r\n")
}

#[test]
fn text_that_means_no_good_stays_in_its_column() {
    let place = Place::new();
    let run = |args: &[&str]| place.run_with(&[("CUSTODIA_ACTOR", "j.ward")], args);
    assert_eq!(run(&["init", "a"]).code, 0);
    assert_eq!(run(&["-A", "a", "user", "add", CUSTODIAN, "--name", "Ana Ruiz"]).code, 0);
    std::fs::write(place.path().join("WhatsApp Chat with Ev\u{202e}il.txt"), hostile()).unwrap();
    let import = [
        "-A",
        "a",
        "import",
        "WhatsApp Chat with Ev\u{202e}il.txt",
        "--owner",
        CUSTODIAN,
        "--me",
        "Ana Ruiz",
        "--source-tz",
        "UTC",
        "--date-order",
        "dmy",
    ];
    assert!(matches!(run(&import).code, 0 | 3));
    let (marks, feed) = ("\u{301}".repeat(10_000), place.path().join("feed"));
    std::fs::create_dir(&feed).unwrap();
    let group = "Ev\u{1b}]0;owned\u{7}il \u{202e}puorg\u{202c}";
    for (number, sender) in [(1, format!("Zalgo{marks}")), (2, "\u{202e}mih \u{1b}[31m".into()), (3, marks.clone())] {
        std::fs::write(feed.join(format!("{number}.eml")), feed_item(number, &sender, group)).unwrap();
    }
    let ran = run(&["-A", "a", "import", "feed"]);
    assert!(matches!(ran.code, 0 | 3), "{}{}", ran.out, ran.err);
    for (name, args) in [
        ("search-hostile", &["-A", "a", "search", "payment", "--sort", "date"][..]),
        ("search-hostile-context", &["-A", "a", "search", "calc OR payment", "--context", "1", "--limit", "4"]),
        ("search-hostile-statistics", &["-A", "a", "search", "payment", "--statistics"]),
        ("search-hostile-query", &["-A", "a", "search", "pay\u{202e}ment \u{1b}[31m or x", "--explain"]),
    ] {
        let ran = run(args);
        let safe = |c: char| {
            c == '\n'
                || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}' | '\u{200b}'))
        };
        assert!(ran.out.chars().all(safe) && ran.err.chars().all(safe), "{}{}", ran.out, ran.err);
        assert_golden(name, &ran);
    }
    let ran = run(&["-A", "a", "search", "payment", "--sort", "date"]);
    let heads = ran.out.lines().filter(|line| line.starts_with("m_"));
    let places: Vec<usize> = heads.filter_map(|line| line.split_once("Ev")).map(|(before, _)| before.width()).collect();
    assert!(places.len() >= 13 && places.iter().all(|place| *place == places[0]), "{places:?}\n{}", ran.out);
}
