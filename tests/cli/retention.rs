//! `retention`: what scripts and people meet.

use crate::fixture::{Archive, CUSTODIAN};
use crate::harness::Place;

const WHY: [&str; 2] = ["--reason", "schedule 2026"];

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &WHY].concat()
}

#[test]
fn an_archive_may_begin_with_a_minimum_and_only_extends_it() {
    let place = Place::new();
    let made = place.run(&["init", "a", "--minimum-retention", "5y", "--json"]);
    assert_eq!((made.code, &made.document()["minimum_retention"]), (0, &"5y".into()));
    let run = |args: &[&str]| place.run(&[&["-A", "a"], args].concat());
    assert_eq!(run(&["retention", "minimum", "--json"]).document()["minimum"]["keep"], "5y");
    let refused = run(&with(&["retention", "minimum", "4y", "--json"]));
    assert_eq!((refused.code, &refused.error()["details"]["minimum"]), (4, &"5y".into()));
    assert_eq!(run(&["retention", "minimum", "7y"]).code, 2, "a change needs a reason");
    let would = run(&with(&["retention", "minimum", "7y", "-n"]));
    assert_eq!(would.out, "would keep everything 7y from its own date; it is 5y\nDry run: nothing was changed.\n");
    let done = run(&with(&["retention", "minimum", "7y"]));
    assert_eq!(done.out, "Everything is kept 7y from its own date from now on; it was 5y.\n");
    assert!(run(&["retention", "minimum"]).out.starts_with("Everything is kept 7y from its own date.\n"));
}

#[test]
fn a_policy_is_added_shown_changed_locked_and_then_refuses() {
    let archive = Archive::copied();
    let add = ["retention", "policy", "add", "Records", "--keep", "9y", "--then", "delete", "--all-mailboxes"];
    let would = archive.run(&[&with(&add)[..], &["-n"]].concat());
    assert!(would.out.starts_with("would add Records: keep 9y, then delete, from sent; "), "{}", would.out);
    assert!(would.out.ends_with("Dry run: nothing was changed.\n"));
    let added = archive.json(&with(&add)).document();
    assert_eq!((&added["schema"], &added["status"]), (&"custodia.retention.policy/1".into(), &"active".into()));
    assert_eq!((&added["terms"]["keep"], &added["deletes_after"]), (&"9y".into(), &"9y".into()));
    let list = archive.json(&["retention", "policies", "list"]).document();
    assert_eq!((&list["total"], &list["policies"][0]["scope"]["all"]), (&1.into(), &true.into()));
    let edit = ["retention", "policy", "edit", "records", "--keep", "10y", "--exclude", CUSTODIAN];
    assert_eq!(archive.json(&with(&edit)).document()["deletes_after"], "10y");
    let coverage = archive.json(&["retention", "coverage"]).document();
    assert_eq!(coverage["without"], serde_json::json!([CUSTODIAN]));
    let lock = |confirm| archive.run(&with(&["retention", "policy", "lock", "Records", "--confirm", confirm]));
    assert_eq!(lock("records").code, 2);
    assert_eq!(lock("Records").code, 0);
    let before = archive.json(&["retention", "policy", "show", "Records"]).document();
    for args in [
        &["retention", "policy", "remove", "Records"][..],
        &["retention", "policy", "edit", "Records", "--keep", "9y"],
        &["retention", "policy", "edit", "Records", "--exclude", "ben.okafor@northgate.example"],
    ] {
        let refused = archive.json(&with(args));
        assert_eq!((refused.code, &refused.error()["code"]), (4, &"held".into()), "{args:?}");
        assert_eq!(refused.error()["details"]["locked_by"], "j.ward");
    }
    assert_eq!(archive.json(&["retention", "policy", "show", "Records"]).document(), before);
    let shown = archive.run(&["retention", "policy", "show", "Records"]).out;
    assert!(
        shown.lines().any(|line| line.starts_with("  status") && line.ends_with("locked")) && shown.contains(CUSTODIAN),
        "{shown}"
    );
}

#[test]
fn groups_of_the_directory_are_named_by_policies() {
    let archive = Archive::copied();
    let edited = archive.json(&["user", "edit", CUSTODIAN, "--group", "Board"]).document();
    assert_eq!(edited["groups"], serde_json::json!(["Board"]));
    let add = ["retention", "policy", "add", "Board rule", "--keep", "9y", "--group", "board"];
    let added = archive.json(&with(&add)).document();
    assert_eq!(added["scope"]["groups"]["Board"], serde_json::json!([CUSTODIAN]));
    assert!(
        archive.run(&["retention", "policy", "show", "Board rule"]).out.contains("Board, as it was when it was named")
    );
    let last = ["retention", "policy", "edit", "Board rule", "--remove-group", "Board"];
    let refused = archive.run(&with(&last));
    assert_eq!(refused.code, 4);
    assert!(refused.err.contains("not one for all"), "{}", refused.err);
    let unknown = archive.run(&with(&["retention", "policy", "add", "X", "--keep", "9y", "--group", "nobody"]));
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("there are Board"), "{}", unknown.err);
}

#[test]
fn what_is_due_is_previewed_planned_and_deleted_like_any_other_plan() {
    let archive = Archive::copied();
    assert_eq!(archive.run(&["retention", "preview"]).out, "Nothing is due now.\n");
    assert_eq!(archive.run(&with(&["retention", "run"])).code, 1);
    let add = ["retention", "policy", "add", "Short", "--delete-after", "1d", "--all-mailboxes"];
    assert_eq!(archive.run(&with(&add)).code, 0);
    let preview = archive.json(&["retention", "preview"]).document();
    let number = |name: &str| preview[name].as_u64().unwrap();
    assert_eq!(number("items"), number("goes") + number("blocked"));
    assert!(number("goes") > 0 && number("blocked") > 0);
    let told = archive.run(&with(&["retention", "run", "-n"]));
    assert!(told.err.contains("this is the first since") && told.err.contains("policy added Short"), "{}", told.err);
    assert!(told.out.contains("would make a plan") && told.out.ends_with("Dry run: nothing was changed.\n"));
    let run = archive.json(&with(&["retention", "run"])).document();
    assert_eq!((&run["schema"], &run["exit"]), (&"custodia.retention.run/1".into(), &0.into()));
    assert_eq!((&run["matched"], &run["deletable"]), (&preview["items"], &preview["goes"]));
    let plan = run["plan"].as_str().unwrap();
    assert_eq!(archive.run(&["delete", "apply", plan, "--confirm", plan]).code, 4);
    let applied = archive.json(&["delete", "apply", plan, "--confirm", plan, "--deletable-only"]).document();
    assert_eq!(applied["applied"], preview["goes"]);
    let after = archive.json(&["retention", "preview"]).document();
    assert_eq!((&after["goes"], &after["recoverable"]), (&0.into(), &preview["goes"]));
    for refused in [&["retention", "run", "--at", "2030-01-01"][..], &["retention", "run"]] {
        assert_eq!(archive.run(refused).code, 2);
    }
}

#[test]
fn a_label_is_put_on_items_explained_searched_and_taken_off() {
    let archive = Archive::copied();
    let add = ["retention", "label", "add", "Contract", "--keep", "30y"];
    assert_eq!(archive.json(&with(&add)).document()["by_hand"], 0);
    let apply = ["retention", "label", "apply", "contract", "invoice", "--mailbox", CUSTODIAN];
    let would = archive.json(&[&with(&apply)[..], &["-n"]].concat()).document();
    let applied = archive.json(&with(&apply)).document();
    assert!(applied["changed"].as_u64().unwrap() > 0 && would["changed"] == applied["changed"]);
    let found = archive.json(&["search", "label:contract", "--count"]).document();
    assert_eq!(found["items"], applied["changed"]);
    let id = archive.run(&["search", "label:contract", "--ids", "--limit", "1"]).out.trim().to_owned();
    let field = &archive.json(&["show", &id]).document()["retention"];
    assert_eq!((&field["label"], &field["delete_at"]), (&"Contract".into(), &serde_json::Value::Null));
    assert!(field["keep_until"].is_string());
    let explained = archive.json(&["retention", "explain", &id]).document();
    assert_eq!(explained["schema"], "custodia.retention.explain/1");
    let item = explained["items"].as_array().unwrap().iter().find(|item| item["mailbox"] == CUSTODIAN).unwrap();
    assert_eq!(
        (&item["label"], &item["kept_by"], &item["rules"][0]["kind"]),
        (&"Contract".into(), &"Contract".into(), &"label".into())
    );
    let told = archive.run(&["retention", "explain", &id]).out;
    assert!(
        told.contains("30y") && told.contains("wins: it alone keeps") && told.contains("j.ward put it on"),
        "{told}"
    );
    let why = archive.json(&["hold", "explain", &id]).document();
    let kinds: Vec<_> = why["blockers"].as_array().unwrap().iter().map(|by| by["kind"].clone()).collect();
    assert!(kinds.contains(&"retention".into()) && kinds.contains(&"hold".into()), "{kinds:?}");
    let cleared = archive.run(&with(&["retention", "label", "clear", "invoice"]));
    assert!(cleared.out.starts_with("Labels taken off ") && cleared.err.contains("kept shorter"), "{cleared:?}");
    assert_eq!(archive.run(&["search", "label:contract"]).code, 1);
    let auto = ["retention", "label", "add", "Auto", "--keep", "30y", "--auto", "tag:x"];
    assert_eq!(archive.run(&with(&auto)).code, 2);
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let archive = Archive::copied();
    for args in [
        &["policy", "add", "X", "--all-mailboxes"][..],
        &["policy", "add", "X", "--keep", "7"],
        &["policy", "add", "X", "--keep", "7y"],
        &["policy", "add", "X", "--keep", "7y", "--then", "delete", "--delete-after", "1y", "--all-mailboxes"],
        &["policy", "add", "X", "--then", "delete", "--all-mailboxes"],
        &["policy", "add", "X", "--keep", "7y", "--all-mailboxes", "--mailbox", CUSTODIAN],
        &["policy", "add", "X", "--keep", "7y", "--mailbox", CUSTODIAN, "--exclude", CUSTODIAN],
        &["policy", "add", "X", "--keep", "7y", "--all-mailboxes", "--lock"],
        &["policy", "add", "X", "--keep", "7y", "--all-mailboxes", "--lock", "--confirm", "Y"],
        &["policy", "add", "a*", "--keep", "7y", "--all-mailboxes"],
        &["policy", "edit", "X"],
        &["label", "add", "X"],
        &["label", "apply", "X"],
    ] {
        let ran = archive.run(&with(&[&["retention"], args].concat()));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
    }
    assert_eq!(archive.run(&["retention", "policy", "add", "X", "--keep", "7y", "--all-mailboxes"]).code, 2);
}
