//! `case`, `custodian`, `audit item`, `approve`, roles: what scripts and people meet.

use crate::fixture::{Archive, CUSTODIAN};
use serde_json::Value;

const CASE: &str = "Falcon-2026";

#[test]
fn closing_a_case_with_a_hold_is_exit_four_in_text_and_json_and_changes_nothing_but_the_journal() {
    let archive = Archive::copied();
    let beside = |archive: &Archive| {
        let mut files = archive.bytes();
        files.retain(|(path, _)| !path.to_string_lossy().contains("/journal/"));
        files
    };
    let before = beside(&archive);
    let ran = archive.run(&["case", "close", CASE, "--reason", "settled"]);
    assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{}", ran.err);
    for word in ["falcon-ana", "placed", "by", "hold release"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    let error = archive.json(&["case", "close", CASE, "--reason", "settled"]).error();
    assert_eq!((&error["code"], &error["exit"]), (&"held".into(), &4.into()));
    assert_eq!(error["details"]["blockers"][0]["name"], "falcon-ana");
    assert_eq!(beside(&archive), before);
    let refused = archive.json(&["audit", "list", "--type", "case.close_refused"]).out;
    assert_eq!(refused.lines().count(), 2);
    assert_eq!(archive.json(&["audit", "list", "--type", "operation.failed"]).out, "", "each refusal is one event");

    let release = ["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"];
    assert_eq!(archive.run(&release).code, 0);
    let closed = archive.json(&["case", "close", CASE, "--reason", "settled"]).document();
    assert_eq!((&closed["schema"], &closed["status"]), (&"custodia.case/1".into(), &"closed".into()));
    let add = archive.run(&["custodian", "add", CASE, CUSTODIAN]);
    assert!(add.code == 2 && add.err.contains("case reopen"), "{}", add.err);
    assert_eq!(archive.run(&["case", "reopen", CASE, "--reason", "appeal"]).code, 0);
}

#[test]
fn a_case_is_renamed_noted_searched_compared_and_reported() {
    let archive = Archive::copied();
    assert_eq!(archive.run(&["case", "edit", CASE]).code, 2);
    assert_eq!(archive.run(&["case", "edit", CASE, "--name", "Heron"]).code, 0);
    assert_eq!(archive.run(&["case", "note", "heron", "Counsel asked for the calls"]).code, 0);
    let save = ["case", "search", "save", "heron", "wires", "wire", "--mailbox", CUSTODIAN];
    assert_eq!(archive.json(&save).document()["schema"], "custodia.case.search/1");
    assert_eq!(archive.run(&save).code, 73);
    assert_eq!(archive.run(&["case", "search", "diff", "heron", "wires"]).code, 1);
    let run = archive.json(&["case", "search", "run", "heron", "wires"]).document();
    assert!(run["messages"].as_u64() > Some(0) && run["items"].as_u64() > Some(0), "{run}");
    assert_eq!(archive.run(&["case", "search", "diff", "heron", "wires"]).code, 1, "nothing changed");
    assert_eq!(archive.run(&["case", "search", "save", "heron", "wires", "invoice", "--replace"]).code, 0);
    let diff = archive.json(&["case", "search", "diff", "heron", "wires", "--now"]);
    assert_eq!((diff.code, &diff.document()["query_edited"]), (0, &true.into()));
    let text = archive.run(&["case", "search", "diff", "heron", "wires"]).out;
    assert!(text.contains("the search was edited: wire → invoice") && text.contains("\n+ "), "{text}");
    for (file, start) in [("case.md", "# Case Heron\n"), ("case.html", "<!doctype html>")] {
        assert_eq!(archive.run(&["case", "report", "heron", "--out", file]).code, 0);
        let text = std::fs::read_to_string(archive.place().path().join(file)).unwrap();
        assert!(text.starts_with(start) && text.contains("Counsel asked for the calls"), "{text}");
        assert_eq!(archive.run(&["case", "report", "heron", "--out", file]).code, 73, "nothing is overwritten");
    }
    assert_eq!(archive.run(&["case", "report", "heron", "--out", "case.pdf"]).code, 2);
    assert_eq!(archive.run(&["case", "report", "nothing", "--out", "no.md"]).code, 1);
    assert!(!archive.place().path().join("no.md").exists());
    let shown = archive.run(&["case", "show", "heron"]).out;
    assert!(shown.contains("wires") && shown.contains("Counsel asked"), "{shown}");
}

#[test]
fn custodians_come_with_role_and_period_and_leave_their_holds_behind() {
    let archive = Archive::copied();
    let period = ["--role", "witness", "--from", "2025-01-01", "--until", "2025-12-31"];
    let add = archive.json(&[&["custodian", "add", CASE, CUSTODIAN][..], &period].concat()).document();
    assert_eq!((&add["schema"], add["changed"].as_array().unwrap().len()), (&"custodia.custodian.add/1".into(), 1));
    let list = archive.run(&["custodian", "list", CASE]).out;
    assert!(list.contains("witness") && list.contains("2025-01-01 to 2025-12-31"), "{list}");
    assert_eq!(archive.run(&["custodian", "remove", CASE, CUSTODIAN]).code, 2, "a reason is asked for");
    let removed = archive.run(&["custodian", "remove", CASE, CUSTODIAN, "--reason", "not involved"]);
    assert!(removed.out.contains("1 hold of the case still covers the mailbox: falcon-ana"), "{}", removed.out);
    let shown = archive.json(&["custodian", "show", CUSTODIAN]).document();
    assert_eq!(shown["holds"][0]["name"], "falcon-ana");
    assert!(shown["cases"][0]["removed"]["reason"] == "not involved", "{shown}");
    assert_eq!(archive.run(&["custodian", "show", "nobody@nowhere.example"]).code, 1);
}

#[test]
fn a_change_is_shown_before_and_after_and_exports_have_the_names_of_purview() {
    let archive = Archive::copied();
    archive.run(&["case", "edit", CASE, "--name", "Heron"]);
    let line = archive.json(&["audit", "list", "--type", "case.edited"]).document();
    let shown = archive.json(&["audit", "show", &line["seq"].to_string()]).document();
    assert_eq!((&shown["before"]["name"], &shown["after"]["name"]), (&CASE.into(), &"Heron".into()));
    let text = archive.run(&["audit", "show", &line["seq"].to_string()]).out;
    assert!(text.contains("name: \"Falcon-2026\" → \"Heron\"") && text.contains("CaseUpdated"), "{text}");
    let csv = archive.run(&["audit", "export", "--format", "csv"]).out;
    for operation in ["CaseAdded", "HoldCreated", "SearchStarted", "CaseUpdated"] {
        assert!(csv.contains(&format!(",{operation},")), "{operation}");
    }
    let of_case = archive.json(&["audit", "list", "--case", "Heron"]).out;
    assert!(of_case.contains("\"hold.placed\"") && !of_case.contains("\"message.archived\""));
}

#[test]
fn the_history_of_a_message_is_one_document_in_three_forms() {
    let archive = Archive::copied();
    let id = archive.run(&["search", "wire", "--ids", "--limit", "1", "--mailbox", CUSTODIAN]).out;
    let id = id.trim();
    let history = archive.json(&["audit", "item", id]).document();
    assert_eq!((&history["schema"], &history["id"]), (&"custodia.audit.item/1".into(), &id.into()));
    let actions: Vec<&str> =
        history["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    for action in ["run.started", "source.opened", "message.archived", "hold.placed", "delete.refused"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    for (file, start) in [("h.md", "# History of "), ("h.html", "<!doctype html>"), ("h.json", "{\"schema\"")] {
        assert_eq!(archive.run(&["audit", "item", id, "--out", file]).code, 0);
        assert!(std::fs::read_to_string(archive.place().path().join(file)).unwrap().starts_with(start), "{file}");
    }
    assert!(archive.run(&["audit", "item", id]).out.starts_with("# History of "));
    assert_eq!(archive.run(&["audit", "item", id, "--out", "h.xyz"]).code, 2);
    assert_eq!(archive.run(&["audit", "item", "m_ffffffffff"]).code, 1);
}

fn configure(archive: &Archive, change: impl Fn(&str) -> String) {
    let path = archive.path().join("archive.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(&text)).unwrap();
}

#[test]
fn what_no_role_allows_is_exit_77_and_recorded_and_a_failure_is_recorded_too() {
    let archive = Archive::copied();
    assert_eq!(archive.run(&["hold", "show", "nothing"]).code, 1);
    assert_eq!(archive.run(&["tag", "remove", "nothing", "-n"]).code, 1);
    let failed = archive.json(&["audit", "list", "--type", "operation.failed"]).document();
    assert_eq!((&failed["event"]["operation"], &failed["event"]["code"]), (&"hold.show".into(), &"not_found".into()));
    configure(&archive, |text| format!("{text}\n[roles]\nauditor = [\"j.ward\"]\n"));
    let error = archive.json(&["search", "wire"]).error();
    assert_eq!((&error["code"], &error["exit"]), (&"not_allowed".into(), &77.into()));
    assert_eq!(error["details"]["needs"], Value::from(vec!["ediscovery-manager"]));
    let refused = archive.json(&["audit", "list", "--type", "access.refused"]).document();
    assert_eq!(refused["event"]["operation"], "search");
    assert_eq!(archive.run(&[]).code, 0, "how the archive is, everybody may ask");
}

#[test]
fn a_release_waits_for_the_second_person() {
    let archive = Archive::copied();
    configure(&archive, |text| text.replace("second_person = false", "second_person = true"));
    let release = ["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"];
    let error = archive.json(&release).error();
    assert_eq!((&error["code"], &error["details"]["blockers"][0]["kind"]), (&"held".into(), &"second_person".into()));
    let same = archive.run(&["approve", "falcon-ana", "--reason", "agreed", "--actor", "somebody.else"]);
    assert_eq!(same.code, 0, "{}", same.err);
    assert_eq!(archive.run(&release).code, 4, "another name under the same account is nobody else");
    let statement = archive.json(&["approve", "falcon-ana", "--statement", "s.txt"]).document();
    let written = std::fs::read_to_string(archive.place().path().join("s.txt")).unwrap();
    assert_eq!(statement["text"], written.as_str());
    assert_eq!(archive.run(&["approve", "falcon-ana"]).code, 2);
    assert_eq!(archive.run(&["approve", "nothing", "--reason", "r"]).code, 1);
}
