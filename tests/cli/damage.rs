//! A journal that does not hold together: every answer that rests on it says so, and none begins it again.

use crate::fixture::{Archive, CUSTODIAN};
use serde_json::Value;
use std::path::PathBuf;

fn segment(archive: &Archive) -> PathBuf {
    archive.path().join("journal/00000000000000000001.jsonl")
}

/// Takes the line that placed the hold out of the journal, and the state that remembers it. Returns the line's number.
fn without_the_hold(archive: &Archive) -> usize {
    let text = std::fs::read_to_string(segment(archive)).unwrap();
    let at = text.lines().position(|line| line.contains("\"type\":\"hold.placed\"")).unwrap();
    let left: String = text.lines().enumerate().filter(|(n, _)| *n != at).map(|(_, l)| format!("{l}\n")).collect();
    std::fs::write(segment(archive), left).unwrap();
    std::fs::remove_file(archive.path().join("state.bin")).unwrap();
    at + 1
}

fn warned(document: &Value) -> bool {
    let warnings = document["warnings"].as_array().into_iter().flatten();
    warnings
        .filter_map(Value::as_str)
        .any(|text| text.starts_with("journal_damaged: ") && text.contains("custodia verify"))
}

#[test]
fn every_answer_on_a_broken_journal_is_warned_of_also_after_a_writer() {
    let archive = Archive::copied();
    let id = archive.run(&["search", "invoice", "--ids", "--limit", "1"]).out;
    let line = without_the_hold(&archive);
    let feed = archive.feed();
    let reading: &[&[&str]] = &[
        &["hold", "list"],
        &["hold", "explain", CUSTODIAN],
        &["case", "list"],
        &["user", "list"],
        &["user", "show", CUSTODIAN],
        &["map", "list"],
        &["map", "resolve", "+447700900999"],
        &["run", "list"],
        &["delete", "list"],
        &["stats"],
        &["search", "invoice"],
        &["search", "invoice", "--count"],
        &["show", id.trim()],
        &["verify"],
        &[],
    ];
    let writing: &[&[&str]] = &[
        &["user", "import", "demo/input/users.csv"],
        &["map", "import", "demo/input/mapping.csv"],
        &["user", "edit", CUSTODIAN, "--name", "Ana R."],
        &["hold", "place", "second", "--case", "Falcon-2026", "--mailbox", CUSTODIAN, "--reason", "r", "-n"],
        &["import", &feed],
    ];
    for args in [reading, writing, reading].concat() {
        let ran = archive.run(args);
        let told = ran.err.matches("journal_damaged: ").count();
        assert_eq!(told, 1, "{args:?}: {}{}", ran.out, ran.err);
        // Sequence numbers go on where the line was taken out.
        assert!(ran.err.contains(&format!("at line {}", line + 1)), "{args:?}: {}", ran.err);
        let ran = archive.json(args);
        let last: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
        assert!(warned(&last), "{args:?}: {}{}", ran.out, ran.err);
    }
    for args in [&["case", "create", "Two"][..], &["user", "add", "a@northgate.example"]] {
        let ran = archive.json(args);
        assert!(ran.code == 0 && warned(&ran.document()), "{args:?}: {}", ran.out);
    }
    let refused = archive.json(&["hold", "release", "second", "--reason", "r", "--confirm", "second"]);
    assert!(refused.code == 1 && warned(&refused.error()), "{}", refused.err);
    assert!(!archive.path().join("state.bin").exists(), "a state that rests on a broken journal is not kept");
}

#[test]
fn a_line_that_was_changed_until_it_cannot_be_read_breaks_the_chain_too() {
    let archive = Archive::copied();
    let text = std::fs::read_to_string(segment(&archive)).unwrap();
    let changed =
        text.replace("\"type\":\"hold.placed\",\"hold\":{\"id\"", "\"type\":\"hold.placed\",\"hold\":{\"ix\"");
    assert_ne!(text, changed);
    std::fs::write(segment(&archive), changed).unwrap();
    std::fs::remove_file(archive.path().join("state.bin")).unwrap();
    let document = archive.json(&["hold", "list"]).document();
    let text = document["warnings"].to_string();
    assert!(text.contains("does not hold together at line"), "{document}");
    assert!(text.contains("1 line of the journal is not understood"), "{document}");
}

#[test]
fn a_sound_archive_has_no_warnings() {
    let archive = Archive::copied();
    std::fs::remove_file(archive.path().join("state.bin")).unwrap();
    let ran = archive.json(&["hold", "list"]);
    assert_eq!((ran.err.as_str(), ran.document().get("warnings")), ("", None));
}

#[test]
fn an_emptied_journal_is_not_begun_again() {
    let empty = |archive: &Archive| std::fs::write(segment(archive), "").unwrap();
    let remove = |archive: &Archive| std::fs::remove_file(segment(archive)).unwrap();
    let remove_all = |archive: &Archive| std::fs::remove_dir_all(archive.path().join("journal")).unwrap();
    let without_stores = |archive: &Archive| {
        remove_all(archive);
        for store in ["state.bin", "watermark.json"] {
            std::fs::remove_file(archive.path().join(store)).unwrap();
        }
        std::fs::remove_dir_all(archive.path().join("index")).unwrap();
    };
    let ways: [&dyn Fn(&Archive); 4] = [&empty, &remove, &remove_all, &without_stores];
    for (n, way) in ways.iter().enumerate() {
        let archive = Archive::copied();
        way(&archive);
        let before = archive.bytes();
        for args in [
            &["case", "create", "Two"][..],
            &["user", "add", "a@northgate.example"],
            &["user", "import", "demo/input/users.csv"],
            &["map", "import", "demo/input/mapping.csv"],
            &["import", &archive.feed()],
            &["rebuild", "--all"],
        ] {
            let ran = archive.json(args);
            assert_eq!((ran.code, ran.error()["code"].as_str()), (5, Some("damaged")), "{n} {args:?}: {}", ran.err);
            assert!(ran.error()["hint"].as_str().unwrap().contains("backup"), "{}", ran.err);
        }
        let list = archive.run(&["hold", "list"]);
        assert!(list.err.contains("journal_damaged: the journal has no line"), "{n}: {}", list.err);
        assert_eq!(archive.run(&["verify"]).code, 5);
        archive.run(&["search", "invoice"]);
        let after = archive.bytes();
        let changed: Vec<_> = after.iter().filter(|file| !before.contains(file)).map(|(path, _)| path).collect();
        assert!(changed.iter().all(|path| path.ends_with("lock")), "{n}: {changed:?}");
        assert!(before.iter().all(|(path, _)| after.iter().any(|(other, _)| other == path)), "{n}");
    }
}
