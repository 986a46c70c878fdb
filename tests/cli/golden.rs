//! What people see: the human output of the main commands on the synthetic archive, word for word.
//!
//! `SNAPSHOTS=overwrite cargo test --test cli golden` writes the files in `golden/` anew.

use crate::fixture::{Archive, CUSTODIAN, scrubbed};
use crate::harness::Ran;
use snapbox::{Data, assert_data_eq};
use std::path::PathBuf;

pub fn assert_golden(name: &str, ran: &Ran) {
    let text = format!("{}--- stderr\n{}--- exit {}\n", ran.out, ran.err, ran.code);
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/golden/{name}.txt"));
    assert_data_eq!(scrubbed(&text), Data::read_from(&golden, None).raw());
}

#[test]
fn what_reading_commands_say() {
    let archive = Archive::copied();
    let first = archive.run(&["search", "\"wire transfer\"", "--ids", "--limit", "1", "--mailbox", CUSTODIAN]).out;
    let first = first.trim();
    for (name, args) in [
        ("search", &["search", "\"wire transfer\"", "--limit", "3"][..]),
        (
            "search-oldest-in-a-mailbox",
            &["search", "invoice", "--sort", "date", "--limit", "2", "--mailbox", CUSTODIAN],
        ),
        ("search-nothing", &["search", "wire AND zebra"]),
        ("search-count", &["search", "invoice", "--count"]),
        ("search-explain", &["search", "Straße or wire* sent>=2025-06-01", "--explain"]),
        ("search-bad-query", &["search", "wire AND (transfer"]),
        ("show", &["show", first]),
        ("show-history", &["show", first, "--history"]),
        ("stats", &["stats", "--by", "kind"]),
        ("user-list", &["user", "list"]),
        ("user-show", &["user", "show", CUSTODIAN]),
        ("map-list", &["map", "list"]),
        ("map-check", &["map", "check"]),
        ("case-list", &["case", "list"]),
        ("case-show", &["case", "show", "Falcon-2026"]),
        ("hold-list", &["hold", "list"]),
        ("hold-show", &["hold", "show", "falcon-ana"]),
        ("hold-explain", &["hold", "explain", first]),
        ("hold-explain-mailbox", &["hold", "explain", CUSTODIAN]),
        ("hold-explain-query", &["hold", "explain", "invoice"]),
        ("hold-coverage", &["hold", "coverage"]),
        ("hold-coverage-month", &["hold", "coverage", "--by", "month"]),
        (
            "hold-preview",
            &[
                "hold",
                "preview",
                "--case",
                "Falcon-2026",
                "--all-custodians",
                "--query",
                "wire",
                "--since",
                "2026-01-01",
            ],
        ),
        ("hold-preview-litigation", &["hold", "preview", "--mailbox", CUSTODIAN, "--days", "20000"]),
        ("delete-list", &["delete", "list"]),
        ("run-list", &["run", "list"]),
        ("verify-quick", &["verify", "--level", "quick"]),
        ("status", &[]),
    ] {
        assert_golden(name, &archive.run(args));
    }
}

#[test]
fn what_dry_runs_say() {
    let archive = Archive::copied();
    let feed = archive.feed();
    let held = archive.run(&["search", "mailbox:ana.ruiz@northgate.example", "--count"]).out;
    assert_ne!(held.trim(), "0");
    for (name, args) in [
        ("dry-import", &["import", &feed, "-n"][..]),
        ("dry-user-add", &["user", "add", "new@northgate.example", "--number", "+447700900188", "-n"]),
        ("dry-user-edit", &["user", "edit", CUSTODIAN, "--name", "Ana R.", "-n"]),
        ("dry-user-disable", &["user", "disable", CUSTODIAN, "-n"]),
        ("dry-user-import", &["user", "import", "demo/input/users.csv", "-n"]),
        ("dry-map-import", &["map", "import", "demo/input/mapping.csv", "-n"]),
        ("dry-case-create", &["case", "create", "other", "-n"]),
        (
            "dry-hold-place",
            &["hold", "place", "h2", "--case", "Falcon-2026", "--all-custodians", "--reason", "r", "-n"],
        ),
        ("dry-hold-release", &["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana", "-n"]),
        ("dry-hold-litigation", &["hold", "litigation", CUSTODIAN, "--days", "20000", "--reason", "r", "-n"]),
        (
            "dry-hold-edit",
            &["hold", "edit", "falcon-ana", "--add-custodian", "ben.okafor@northgate.example", "--reason", "r", "-n"],
        ),
        ("dry-delete", &["delete", "invoice", "--reason", "r", "-n"]),
    ] {
        // That the trail was listed is in the trail.
        let listed = || {
            let rows = archive.json(&["audit", "list"]).out;
            rows.lines().filter(|row| !row.contains("\"record.viewed\"")).map(str::to_owned).collect::<Vec<_>>()
        };
        let before = listed();
        let ran = archive.run(args);
        assert!(ran.out.ends_with("Dry run: nothing was changed.\n"), "{args:?}: {}", ran.out);
        assert_eq!(listed(), before, "{args:?} wrote something");
        assert_golden(name, &ran);
    }
}
