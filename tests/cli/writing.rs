//! What commands that write say of their query, and of what they may not do.

use crate::fixture::{Archive, CUSTODIAN};
use crate::harness::Ran;

const OR_JOIN: &str = "kind:chat kind:call";

/// The commands that write over a query, on this one.
fn writing(query: &str) -> Vec<Vec<&str>> {
    let hold =
        ["hold", "place", "q", "--case", "Falcon-2026", "--mailbox", CUSTODIAN, "--reason", "r", "--query", query];
    vec![
        vec!["delete", query, "--reason", "r"],
        vec!["delete", query, "--reason", "r", "-n"],
        vec!["export", query, "--to", "EX", "--reason", "r", "-n"],
        [&hold[..], &["-n"]].concat(),
        hold.to_vec(),
        vec!["tag", "add", "x", query],
        vec!["tag", "remove", "x", query],
    ]
}

fn warns(ran: &Ran, text: &str) {
    let warning = ran.err.find("warning:").unwrap_or_else(|| panic!("{text}: {}", ran.err));
    assert!(ran.err.contains('^'), "{}", ran.err);
    if let Some(error) = ran.err.find("error:") {
        assert!(warning < error, "{}", ran.err);
    }
}

#[test]
fn every_command_that_writes_says_what_is_odd_about_its_query() {
    let archive = Archive::copied();
    let said = archive.json(&["search", OR_JOIN, "--count"]).document();
    assert_eq!(said["lints"].as_array().unwrap().len(), 1);
    for args in writing(OR_JOIN) {
        let ran = archive.run(&args);
        assert!(matches!(ran.code, 0 | 4), "{args:?}: {}", ran.err);
        warns(&ran, &args.join(" "));
        assert_eq!(ran.err.matches("warning:").count(), 1, "{args:?}: {}", ran.err);
    }
    let archive = Archive::copied();
    for args in writing(OR_JOIN) {
        let ran = archive.json(&args);
        assert!(matches!(ran.code, 0 | 4), "{args:?}: {}", ran.err);
        let document = ran.document();
        assert_eq!((&document["lints"], &document["warnings"]), (&said["lints"], &said["warnings"]), "{args:?}");
    }
}

#[test]
fn the_warning_comes_before_no_message_matches_and_before_a_refusal() {
    let archive = Archive::copied();
    for query in ["“zebra wombat”", "subject:zebra subject:wombat"] {
        for args in writing(query).into_iter().filter(|args| args[0] != "hold" && args[1] != "remove") {
            let ran = archive.run(&args);
            assert_eq!(ran.code, 1, "{args:?}: {}", ran.err);
            warns(&ran, query);
            let error = archive.json(&args).error();
            assert_eq!(error["details"]["lints"].as_array().unwrap().len(), 1, "{error}");
            assert_eq!(error["warnings"].as_array().unwrap().len(), 1, "{error}");
        }
    }
    for args in writing("from: bob").into_iter().filter(|args| args[0] != "tag") {
        let ran = archive.run(&args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        warns(&ran, "from: bob");
    }
    warns(&archive.run(&["tag", "add", "x", "invoice or wire"]), "invoice or wire");
}

#[test]
fn an_empty_query_is_refused_where_something_is_written() {
    let archive = Archive::copied();
    for query in ["", "  "] {
        for args in writing(query) {
            let ran = archive.run(&args);
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
            assert!(ran.err.contains("an empty query means every message"), "{}", ran.err);
            assert!(ran.err.contains("kind:externaldata"), "{}", ran.err);
        }
    }
    assert_eq!(archive.json(&["tag", "list"]).document()["total"], 0);
    assert_eq!(archive.json(&["hold", "list"]).document()["total"], 1);
}

#[test]
fn a_hold_says_why_it_is_larger_than_its_query() {
    let archive = Archive::copied();
    let matching = archive.json(&["search", "invoice", "--count", "--mailbox", CUSTODIAN]).document()["items"].clone();
    let partial = "invoice OR hasattachment:true OR kind:unindexed";
    let covered = archive.json(&["search", partial, "--count", "--mailbox", CUSTODIAN]).document()["items"].clone();
    let ran = archive.run(&writing("invoice")[3]);
    let more = covered.as_u64().unwrap() - matching.as_u64().unwrap();
    let text = format!(
        "{matching} items match the query, {more} more have an attachment or an encrypted text, 0 have no date"
    );
    assert!(ran.out.contains(&text), "{text}: {}", ran.out);
    let placed = archive.json(&writing("invoice")[4]).document();
    let by = placed["items_by_reason"].clone();
    assert_eq!((&by["matching"], &by["with_attachment"], &placed["items"]), (&matching, &more.into(), &covered));
    let list = archive.json(&["hold", "list"]).document();
    let row = list["holds"].as_array().unwrap().iter().find(|row| row["name"] == "q").unwrap();
    assert_eq!(row["items_by_reason"], by);
    assert!(archive.run(&["hold", "show", "q"]).out.contains(&text));
    let explained = archive.run(&["hold", "explain", CUSTODIAN]).out;
    assert!(explained.contains("and whatever has an attachment or an encrypted text"), "{explained}");
}

#[test]
fn the_audit_trail_names_tag_number_and_query() {
    let archive = Archive::copied();
    let n = archive.json(&["tag", "add", "Finance", "invoice"]).document()["changed"].clone();
    archive.run(&["tag", "remove", "finance"]);
    let list = archive.run(&["audit", "list", "--type", "tag.*"]).out;
    assert!(list.contains(&format!("Finance  added to {n} messages  invoice")), "{list}");
    assert!(list.contains(&format!("Finance  removed from {n} messages  all")), "{list}");
}

#[test]
fn a_folder_that_may_not_be_entered_is_no_question_of_whether_it_is_an_archive() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    let archive = Archive::copied();
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // Nobody keeps the superuser out, so the program runs as somebody else then, from where all may read it.
    let open = tempfile::tempdir().unwrap();
    mode(open.path(), 0o755);
    let program = open.path().join("custodia");
    let built = assert_cmd::cargo::cargo_bin("custodia");
    if std::fs::hard_link(&built, &program).is_err() {
        std::fs::copy(&built, &program).unwrap();
    }
    let root = std::process::Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    mode(&archive.path(), 0o000);
    let mut command = std::process::Command::new(&program);
    command.current_dir("/").env_clear().args(["--json", "-A"]).arg(archive.path()).args(["user", "list"]);
    if root {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    mode(&archive.path(), 0o700);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!((output.status.code(), &error["code"]), (Some(77), &"permission".into()), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("account that owns the archive"), "{error}");
}
