//! `backup`, and an archive that lacks what an anchor names, as scripts and people meet them.

use crate::fixture::Archive;
use crate::golden::assert_golden;
use serde_json::Value;

fn vault_file(archive: &Archive, below: &str) -> std::path::PathBuf {
    let root = archive.place().path().join(below).join("vault");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.next().unwrap().unwrap().path()
}

#[test]
fn what_people_read() {
    let archive = Archive::copied();
    let lines = archive.trail();
    assert_golden("dry-backup-create", &archive.run(&["--no-progress", "backup", "create", "second", "-n"]));
    assert_eq!(archive.trail(), lines);
    assert!(!archive.place().path().join("second").exists());
    assert_golden("backup-create", &archive.run(&["--no-progress", "backup", "create", "second"]));
    assert_golden("backup-create-again", &archive.run(&["--no-progress", "backup", "create", "second"]));
    // Neither needs the archive.
    assert_golden("backup-verify", &archive.place().run(&["--no-progress", "backup", "verify", "second"]));
    assert_golden(
        "dry-backup-restore",
        &archive.place().run(&["--no-progress", "backup", "restore", "second", "--to", "new", "-n"]),
    );
    assert!(!archive.place().path().join("new").exists());
    assert_golden(
        "backup-restore",
        &archive.place().run(&["--no-progress", "backup", "restore", "second", "--to", "new"]),
    );
    let doctor = archive.run(&["doctor"]);
    assert!(doctor.out.contains("backup: ") && doctor.out.contains("(today)"), "{}", doctor.out);
}

#[test]
fn what_scripts_read() {
    let archive = Archive::copied();
    let made = archive.json(&["backup", "create", "second"]);
    let document = made.document();
    assert_eq!((made.code, made.err.as_str(), document["exit"].as_u64()), (0, "", Some(0)));
    assert_eq!(document["schema"], "custodia.backup/1");
    let copied = document["copied"].as_u64().unwrap();
    assert!(copied > 0 && document["copied"] == document["files"] && document["missing"] == 0, "{document}");
    let again = archive.json(&["backup", "create", "second"]).document();
    assert_eq!((&again["copied"], &again["before"]), (&0.into(), &document["as_of"]));
    let verified = archive.place().run(&["--json", "backup", "verify", "second"]);
    let report = verified.document();
    assert_eq!((verified.code, &report["schema"]), (0, &"custodia.backup.verify/1".into()));
    assert_eq!(
        (&report["damaged"], &report["as_of"], &report["unfinished"]),
        (&0.into(), &again["as_of"], &false.into())
    );
    let restored = archive.place().run(&["--json", "backup", "restore", "second", "--to", "new"]);
    let report = restored.document();
    assert_eq!((restored.code, &report["schema"]), (0, &"custodia.backup.restore/1".into()));
    assert_eq!((&report["messages"], &report["anchors"]), (&document["messages"], &serde_json::json!([])));
    let holds = |dir: &str| {
        let mut document = archive.place().run(&["-A", dir, "--json", "hold", "list"]).document();
        for hold in document["holds"].as_array_mut().unwrap() {
            hold.as_object_mut().unwrap().retain(|name, _| name != "as_of" && name != "computed_at");
        }
        document["holds"].take()
    };
    assert_eq!(holds("new"), holds("demo/archive"));
    let listed = archive.place().run(&["-A", "new", "audit", "list", "--type", "backup.*"]);
    assert!(listed.out.contains("backup.restored"), "{}", listed.out);
}

#[test]
fn damage_is_five_and_named_with_its_fix() {
    let archive = Archive::copied();
    let lost = vault_file(&archive, "demo/archive");
    std::fs::remove_file(&lost).unwrap();
    let made = archive.run(&["backup", "create", "second"]);
    assert_eq!(made.code, 5, "{}", made.out);
    assert!(made.out.contains("vault_missing") && made.out.contains("fix: "), "{}", made.out);
    let verified = archive.run(&["backup", "verify", "second"]);
    assert!(verified.code == 5 && verified.out.contains("1 damaged object"), "{}", verified.out);
    let restored = archive.json(&["backup", "restore", "second", "--to", "new"]);
    assert_eq!((restored.code, &restored.document()["missing"]), (5, &1.into()));
    // Neither is anything else a backup.
    for (args, code, word) in [
        (&["backup", "verify", "demo"][..], 1, "not_found"),
        (&["backup", "restore", "nowhere", "--to", "x"], 1, "not_found"),
        (&["backup", "create", "demo"], 73, "cannot_create"),
        (&["backup", "create", "demo/archive/x"], 73, "cannot_create"),
        (&["backup", "restore", "second", "--to", "new"], 73, "cannot_create"),
        (&["backup", "restore", "second"], 2, "usage"),
    ] {
        let ran = archive.json(args);
        assert_eq!((ran.code, ran.error()["code"].as_str()), (code, Some(word)), "{args:?}: {}", ran.err);
    }
}

#[test]
fn what_a_backup_calls_itself_cannot_act_on_the_terminal() {
    let archive = Archive::copied();
    archive.run(&["backup", "create", "second"]);
    let path = archive.place().path().join("second/backup.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["name"] = "x\u{1b}[2Jy\u{202e}z".into();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, manifest.to_string()).unwrap();
    for args in [&["backup", "verify", "second"][..], &["backup", "restore", "second", "--to", "new"]] {
        let ran = archive.run(args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}'), "{:?}", ran.out);
    }
}

#[test]
fn an_archive_that_is_older_than_an_anchor_says_so_and_deletes_nothing_until_it_is_confirmed() {
    let archive = Archive::copied();
    archive.run(&["backup", "create", "second"]);
    archive.run(&["case", "create", "Later"]);
    assert_eq!(archive.run(&["audit", "anchor", "--out", "anchor.json"]).code, 0);
    let restored = archive.run(&["backup", "restore", "second", "--to", "new", "--anchor", "anchor.json"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert!(restored.out.contains("is NOT in it") && restored.err.contains("archive_older: "), "{restored:?}");
    let on = |args: &[&str]| archive.place().run(&[&["-A", "new"], args].concat());
    let list = on(&["hold", "list", "--json"]).document();
    assert!(list["warnings"].to_string().contains("archive_older: "), "{list}");
    let plan = on(&["delete", "invoice", "--reason", "r", "--json"]).document()["plan"].as_str().unwrap().to_owned();
    let apply = ["delete", "apply", &plan, "--confirm", &plan, "--deletable-only", "--json"];
    let refused = on(&apply);
    assert_eq!((refused.code, refused.error()["code"].as_str()), (4, Some("older_than_anchor")), "{}", refused.err);
    let id = list_id(&archive);
    assert!(refused.error()["hint"].as_str().unwrap().contains(&format!("--confirm {id}")), "{}", refused.err);
    assert!(on(&["doctor"]).out.contains("anchors: "));
    // The wrong word, no word, only said.
    assert_eq!(on(&["audit", "confirm-older", "--confirm", "yes", "--reason", "r"]).code, 2);
    assert_eq!(on(&["audit", "confirm-older", "--confirm", &id]).code, 2);
    let would = on(&["audit", "confirm-older", "--confirm", &id, "--reason", "disk lost", "-n"]);
    assert_golden("dry-audit-confirm-older", &would);
    assert_eq!(on(&apply).code, 4);
    let done = on(&["audit", "confirm-older", "--confirm", &id, "--reason", "disk lost", "--json"]);
    assert_eq!((done.code, &done.document()["schema"]), (0, &"custodia.audit.confirm_older/1".into()));
    assert_eq!(done.document().get("warnings"), None);
    assert_eq!(on(&apply).code, 0);
    assert_eq!(on(&["audit", "confirm-older", "--confirm", &id, "--reason", "r"]).code, 1);
    // Comparing with it later finds it missing still.
    let compared = on(&["audit", "verify", "--against", "anchor.json"]);
    assert!(compared.code == 5 && compared.out.contains("NOT in the journal"), "{}", compared.out);
}

fn list_id(archive: &Archive) -> String {
    let text = std::fs::read_to_string(archive.path().join("archive.toml")).unwrap();
    let line = text.lines().find(|line| line.starts_with("id = ")).unwrap();
    line.trim_start_matches("id = ").trim_matches('"').to_owned()
}

#[test]
fn an_anchor_is_given_as_a_file_that_names_its_line_and_its_archive() {
    let archive = Archive::copied();
    archive.run(&["backup", "create", "second"]);
    let printed = archive.run(&["audit", "anchor"]).out;
    std::fs::write(archive.place().path().join("note.txt"), &printed).unwrap();
    let hash = printed.split_whitespace().last().unwrap();
    // The line that was printed, in a file.
    let restored = archive.json(&["backup", "restore", "second", "--to", "new", "--anchor", "note.txt"]);
    assert_eq!(restored.document()["anchors"][0]["found"], false);
    let bare = archive.json(&["backup", "restore", "second", "--to", "x", "--anchor", hash]);
    assert_eq!((bare.code, bare.error()["code"].as_str()), (2, Some("usage")));
    // A backup's manifest is the anchor of its last line.
    let against = archive.run(&["audit", "verify", "--against", "second/backup.json"]);
    assert!(against.code == 0 && against.out.contains("the anchor is in the journal"), "{}", against.out);
    // Of another archive.
    let other = archive.place();
    assert_eq!(other.run(&["init", "other"]).code, 0);
    let wrong = other.run(&["-A", "other", "--json", "audit", "verify", "--against", "second/backup.json"]);
    assert_eq!((wrong.code, wrong.error()["code"].as_str()), (2, Some("usage")));
    // A bare hash may be mistyped.
    let missed = || other.run(&["-A", "other", "--json", "audit", "list", "--type", "anchor.missing"]).out;
    assert_eq!(other.run(&["-A", "other", "audit", "verify", "--against", &"a".repeat(64)]).code, 5);
    assert!(!missed().contains("anchor.missing"), "{}", missed());
}
