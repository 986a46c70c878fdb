//! What scripts rely on: JSON documents with the contract's fields, and exit codes.

use crate::fixture::{Archive, CUSTODIAN, MESSAGES};
use crate::harness::Place;
use serde_json::Value;

/// Whether a document has every one of these fields; `a.b` is a field of an object.
fn assert_fields(document: &Value, schema: &str, fields: &[&str]) {
    assert_eq!(document["schema"], schema);
    for field in fields {
        let pointer = format!("/{}", field.replace('.', "/"));
        assert!(document.pointer(&pointer).is_some(), "{schema} has no {field}: {document}");
    }
}

#[test]
fn init_makes_an_archive_once() {
    let place = Place::new();
    let ran = place.run(&["init", "a", "--name", "Firm", "--tz", "Europe/London", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("{\"schema\":\"custodia.init/1\","));
    assert_fields(&ran.document(), "custodia.init/1", &["archive.id", "archive.name", "archive.path"]);
    assert_eq!(ran.document()["archive"]["format"], 1);
    let again = place.run(&["init", "a", "--json"]);
    assert_eq!((again.code, again.error()["code"].as_str()), (73, Some("exists")));
    std::fs::create_dir(place.path().join("full")).unwrap();
    std::fs::write(place.path().join("full/x"), "x").unwrap();
    assert_eq!(place.run(&["init", "full"]).code, 73);
    assert_eq!(place.run(&["init", "b", "-n"]).code, 0);
    assert!(!place.path().join("b").exists());
}

#[test]
fn the_demo_is_repeated_only_into_a_new_folder() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("demo")).unwrap();
    std::fs::write(place.path().join("demo/x"), "x").unwrap();
    assert_eq!(place.run(&["demo"]).code, 73);
}

#[test]
fn an_import_balances_and_a_second_one_changes_nothing() {
    let archive = Archive::copied();
    let runs = archive.json(&["run", "list"]).document();
    let [first, second] = [0, 1].map(|at| runs["runs"][at]["balance"].clone());
    assert_eq!(first["read"], MESSAGES);
    assert_eq!(second["already"], first["imported"]);
    assert_eq!((&second["imported"], &second["not_imported"]), (&Value::from(0), &first["not_imported"]));
    let ran = archive.json(&["import", &archive.feed()]);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.last().unwrap();
    assert_fields(
        summary,
        "custodia.import/1",
        &[
            "run",
            "read",
            "imported",
            "revised",
            "already",
            "not_imported",
            "items.available",
            "items.imported",
            "items.partial",
            "items.skipped",
            "items.failed",
            "by_code",
            "mailboxes",
            "attachments",
        ],
    );
    assert_eq!(
        (summary["type"].as_str(), summary["balanced"].as_bool(), summary["dry_run"].as_bool()),
        (Some("summary"), Some(true), Some(false))
    );
    assert_eq!((ran.code, summary["exit"].as_i64()), (3, Some(3)));
    let items: Vec<&Value> = lines.iter().filter(|line| line["type"] == "item").collect();
    assert!(!items.is_empty());
    for item in items {
        assert!(matches!(item["result"].as_str(), Some("not_imported" | "remark")));
        assert!(item["code"].is_string() && item["source"]["file"].is_string() && item["fix"].is_string(), "{item}");
    }
}

#[test]
fn what_was_not_imported_is_written_to_a_report() {
    let archive = Archive::copied();
    archive.run(&["import", &archive.feed(), "--report", "lost.csv"]);
    archive.run(&["import", &archive.feed(), "--report", "lost.json"]);
    let csv = std::fs::read_to_string(archive.place().path().join("lost.csv")).unwrap();
    assert!(csv.starts_with("Item id,Source User ID,"));
    assert!(csv.contains(",'+4477"), "numbers are guarded: {csv}");
    let rows: Value =
        serde_json::from_slice(&std::fs::read(archive.place().path().join("lost.json")).unwrap()).unwrap();
    assert_eq!(rows.as_array().unwrap().len() + 1, csv.lines().count());
}

#[test]
fn search_says_how_many_and_as_of_when() {
    let archive = Archive::copied();
    let ran = archive.json(&["search", "invoice", "--limit", "2"]);
    let report = ran.document();
    assert_eq!(ran.code, 0);
    assert_fields(
        &report,
        "custodia.search/1",
        &[
            "query",
            "total",
            "items",
            "returned",
            "as_of",
            "index.state",
            "index.behind",
            "partially_indexed",
            "warnings",
        ],
    );
    let hit = &report["hits"][0];
    for field in [
        "id",
        "sent",
        "from",
        "conversation",
        "kind",
        "is_deleted",
        "is_edited",
        "subject",
        "snippet",
        "mailboxes",
        "attachments",
        "size",
        "holds",
        "tags",
    ] {
        assert!(hit.get(field).is_some(), "a hit has no {field}: {hit}");
    }
    let total = report["total"].as_u64().unwrap();
    let count = archive.json(&["search", "invoice", "--count"]).document();
    assert_eq!((count["count"].as_u64(), count["items"].as_u64()), (Some(total), report["items"].as_u64()));
    assert_eq!(archive.run(&["search", "invoice", "--count"]).out.trim(), total.to_string());
    let ids = archive.run(&["search", "invoice", "--ids"]).out;
    assert_eq!(ids.lines().count() as u64, total);
    let none = archive.json(&["search", "zebra"]);
    assert_eq!((none.code, none.document()["total"].as_u64()), (1, Some(0)));
    let bad = archive.json(&["search", "wire AND ("]);
    assert_eq!((bad.code, bad.error()["code"].as_str()), (2, Some("bad_query")));
}

#[test]
fn show_gives_the_archived_bytes() {
    let archive = Archive::copied();
    let ids = archive.run(&["search", "hasattachment:true", "--ids", "--limit", "1"]).out;
    let id = ids.trim();
    let ran = archive.json(&["show", id]);
    let message = ran.document();
    assert_fields(
        &message,
        "custodia.message/1",
        &[
            "id",
            "digest",
            "sent",
            "from",
            "participants",
            "conversation",
            "kind",
            "body",
            "attachments",
            "mailboxes",
            "holds",
            "tags",
            "retention",
            "state",
            "related",
            "provenance",
        ],
    );
    let raw = archive.place().raw(&["-A", "demo/archive", "show", id, "--raw"]);
    let digest = message["digest"].as_str().unwrap();
    let vault = archive.path().join(format!("vault/{}/{digest}.eml", &digest[..2]));
    assert_eq!(raw, std::fs::read(vault).unwrap());
    let saved = archive.json(&["show", id, "--save-attachments", "out"]).document();
    let path = saved["saved"][0]["path"].as_str().unwrap();
    let bytes = std::fs::read(archive.place().path().join(path)).unwrap();
    assert_eq!(Some(bytes.len() as u64), message["attachments"][0]["size"].as_u64());
    assert_eq!(archive.run(&["show", "m_000000000000"]).code, 1);
    assert_eq!(archive.run(&["show", "nonsense"]).code, 2);
}

#[test]
fn users_and_mapping_answer_as_written() {
    let archive = Archive::copied();
    let users = archive.json(&["user", "list"]).document();
    assert_eq!(users["total"].as_u64(), users["users"].as_array().map(|users| users.len() as u64));
    for field in ["email", "name", "numbers", "status", "messages", "last_message"] {
        assert!(users["users"][0].get(field).is_some(), "{field}");
    }
    let rows = archive.json(&["map", "list"]).document();
    let number = rows["rows"][0]["number"].as_str().unwrap();
    assert!(number.starts_with('+'));
    let known = archive.json(&["map", "resolve", number]);
    assert_eq!((known.code, known.document()["rule"].as_str()), (0, Some("custom_mapping")));
    assert_eq!(known.document()["mailbox"], rows["rows"][0]["mailbox"]);
    let unknown = archive.json(&["map", "resolve", "+447700900999"]);
    assert_eq!((unknown.code, unknown.document()["mailbox"].is_null()), (1, true));
    std::fs::write(archive.place().path().join("m.csv"), "number,email\r\n+4477,ana.ruiz@northgate.example\r\n")
        .unwrap();
    let ran = archive.json(&["map", "import", "m.csv"]);
    assert_eq!((ran.code, ran.document()["rejected"][0]["line"].as_u64()), (3, Some(2)));
    assert_eq!(ran.document()["rejected"][0]["code"], "number_too_short");
    let twice = archive.json(&["user", "add", CUSTODIAN]);
    assert_eq!((twice.code, twice.error()["code"].as_str()), (73, Some("exists")));
}

#[test]
fn a_disabled_user_stays_disabled_until_enabled() {
    let archive = Archive::copied();
    assert_eq!(archive.json(&["user", "disable", CUSTODIAN, "--reason", "left"]).document()["status"], "disabled");
    assert_eq!(archive.json(&["user", "edit", CUSTODIAN, "--name", "A"]).document()["status"], "disabled");
    assert_eq!(archive.json(&["user", "edit", CUSTODIAN, "--enable"]).document()["status"], "active");
}

#[test]
fn a_hold_blocks_until_it_is_released() {
    let archive = Archive::copied();
    let ids = archive.run(&["search", "invoice", "--ids", "--mailbox", CUSTODIAN, "--limit", "1"]).out;
    let id = ids.trim();
    let explained = archive.json(&["hold", "explain", id]);
    assert_eq!(explained.code, 0);
    let document = explained.document();
    assert_fields(&document, "custodia.hold.explain/1", &["target", "blockers.0.because", "blockers.0.until"]);
    assert_eq!(document["deletable"], false);
    let blocker = &document["blockers"][0];
    assert_eq!(
        (blocker["kind"].as_str(), blocker["name"].as_str(), blocker["case"].as_str()),
        (Some("hold"), Some("falcon-ana"), Some("Falcon-2026"))
    );
    let plan = archive.json(&["delete", "invoice", "--mailbox", CUSTODIAN, "--reason", "r"]);
    assert_eq!(plan.code, 4);
    assert_fields(
        &plan.document(),
        "custodia.delete.plan/1",
        &["plan", "matched", "deletable", "blocked", "bytes", "blocked_by"],
    );
    let plan = plan.document()["plan"].as_str().unwrap().to_owned();
    assert_eq!(archive.run(&["delete", "apply", &plan, "--confirm", "other"]).code, 2);
    let refused = archive.json(&["delete", "apply", &plan, "--confirm", &plan]);
    assert_eq!((refused.code, refused.error()["code"].as_str()), (4, Some("held")));
    assert_eq!(archive.run(&["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "Falcon"]).code, 2);
    let released = archive.json(&["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"]);
    assert_eq!(released.code, 0, "{}", released.err);
    let blocker = archive.json(&["hold", "explain", id]).document()["blockers"][0].clone();
    assert_eq!((&blocker["kind"], &blocker["until"]), (&"delay_hold".into(), &released.document()["delay_until"]));
    let confirm = ["hold", "end-delay", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"];
    assert_eq!(archive.run(&confirm).code, 0);
    assert_eq!(archive.json(&["hold", "explain", id]).document()["deletable"], true);
    let applied = archive.json(&["delete", "apply", &plan, "--confirm", &plan]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert_eq!(applied.document()["applied"], applied.document()["matched"]);
}

#[test]
fn the_audit_trail_is_exported_and_anchored() {
    let archive = Archive::copied();
    let anchor = archive.json(&["audit", "anchor", "--out", "anchor.json"]).document();
    assert_fields(&anchor, "custodia.audit.anchor/1", &["seq", "head"]);
    assert_eq!(archive.run(&["audit", "anchor", "--out", "anchor.json"]).code, 73);
    let report = archive.json(&["audit", "verify", "--against", "anchor.json"]);
    assert_eq!((report.code, report.document()["chain"].as_str()), (0, Some("unbroken")), "{}", report.out);
    assert_fields(&report.document(), "custodia.audit.verify/1", &["events", "first_bad", "head"]);
    assert_eq!(archive.run(&["audit", "verify", "--against", &"1".repeat(64)]).code, 5);
    assert_eq!(archive.run(&["audit", "verify", "--against", "missing.json"]).code, 2);
    let csv = archive.run(&["audit", "export", "--format", "csv"]).out;
    assert!(csv.starts_with("seq,at,actor,account,action,operation,event,hash\r\n"));
    let lines = archive.run(&["audit", "export", "--format", "jsonl"]).out;
    let mut journal = std::fs::read_dir(archive.path().join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let segment = journal.find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let written = std::fs::read_to_string(segment).unwrap();
    for (exported, written) in lines.lines().zip(written.lines()) {
        let (hash, json) = written.split_once(' ').unwrap();
        let rest = exported.strip_prefix(&format!("{{\"hash\":\"{hash}\",\"operation\":\"")).unwrap();
        assert_eq!(rest.split_once("\",").unwrap().1, &json[1..]);
    }
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let holds = archive.json(&["audit", "list", "--type", "hold.*"]).out;
    assert!(holds.lines().all(|line| line.contains("\"hold.")) && !holds.is_empty());
    assert_eq!(archive.run(&["audit", "list", "--type", "no.such"]).code, 1);
    assert_eq!(archive.run(&["audit", "show", "999999"]).code, 1);
}

#[test]
fn a_dry_run_of_an_import_changes_no_byte_and_no_time() {
    use std::os::unix::fs::MetadataExt;
    let archive = Archive::copied();
    let look = || {
        let files = archive.bytes().into_iter().map(|(path, bytes)| {
            let meta = path.metadata().unwrap();
            (path.clone(), bytes, meta.mtime(), meta.mtime_nsec(), meta.ino())
        });
        let mut files: Vec<_> = files.collect();
        files.sort();
        let mut folders: Vec<_> = files.iter().flat_map(|file| file.0.ancestors()).collect();
        folders.sort();
        folders.dedup();
        let inside = folders.into_iter().filter(|folder| folder.starts_with(archive.path()));
        let times: Vec<_> = inside.map(|f| (f.to_owned(), f.metadata().unwrap().mtime_nsec())).collect();
        (files, times)
    };
    let temporary = archive.place().path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let env = [("TMPDIR", temporary.to_str().unwrap())];
    let feed = archive.feed();
    let dry = || archive.place().run_with(&env, &["-A", "demo/archive", "import", &feed, "-n", "--json"]);
    let before = look();
    let ran = dry();
    let report: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert!(report["already"].as_u64().unwrap() > 0 && report["imported"] == 0, "{report}");
    assert!(look() == before, "something changed");
    // Also where the next writer would have to repair.
    for store in ["catalog", "index"] {
        std::fs::remove_dir_all(archive.path().join(store)).unwrap();
    }
    for file in ["state.bin", "lock"] {
        std::fs::remove_file(archive.path().join(file)).unwrap();
    }
    let before = look();
    let again: Value = serde_json::from_str(dry().out.lines().last().unwrap()).unwrap();
    assert_eq!(again, report);
    assert!(look() == before, "something changed");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn a_users_file_loses_only_the_numbers_that_another_user_has() {
    let archive = Archive::copied();
    let users = archive.json(&["user", "list"]).document();
    let number = users["users"][0]["numbers"][0].as_str().unwrap().to_owned();
    let file = archive.place().path().join("more.csv");
    std::fs::write(&file, format!("email,name,number,number\nnew@northgate.example,New,{number},+447700900188\n"))
        .unwrap();
    let ran = archive.json(&["user", "import", "more.csv"]);
    let report = ran.document();
    assert_eq!((ran.code, report["added"].as_u64()), (3, Some(1)), "{report}");
    assert_eq!((report["rejected"][0]["line"].as_u64(), &report["rejected"][0]["code"]), (Some(2), &"conflict".into()));
    let user = archive.json(&["user", "show", "new@northgate.example"]).document();
    assert_eq!(user["numbers"], serde_json::json!(["+447700900188"]));
    // Two users of one file may swap their numbers.
    let swap = |a: &str, b: &str| {
        let text = format!("email,number\nx@northgate.example,{a}\ny@northgate.example,{b}\n");
        std::fs::write(&file, text).unwrap();
        archive.run(&["user", "import", "more.csv"]).code
    };
    assert_eq!((swap("+447700900191", "+447700900192"), swap("+447700900192", "+447700900191")), (0, 0));
    let swapped = archive.json(&["user", "show", "x@northgate.example"]).document();
    assert_eq!(swapped["numbers"], serde_json::json!(["+447700900192"]));
}

#[test]
fn the_period_of_a_mapping_row_is_shown_as_it_was_typed() {
    let archive = Archive::copied();
    let text = format!("number,email,from,to\n+447700900190,{CUSTODIAN},2026-01-01,2026-06-30\n");
    std::fs::write(archive.place().path().join("map.csv"), text).unwrap();
    assert_eq!(archive.run(&["map", "import", "map.csv"]).code, 0);
    for zone in ["UTC", "America/New_York", "Asia/Tokyo"] {
        let list = archive.run(&["map", "list", "--tz", zone]).out;
        let row = list.lines().find(|line| line.contains("+447700900190")).unwrap();
        assert!(row.contains("2026-01-01") && row.contains("2026-06-30"), "{zone}: {row}");
    }
}

#[test]
fn the_audit_trail_names_the_messages_that_were_viewed() {
    let archive = Archive::copied();
    let id = archive.run(&["search", "invoice", "--ids", "--limit", "1"]).out;
    archive.run(&["show", id.trim()]);
    let list = archive.run(&["audit", "list", "--type", "message.viewed"]).out;
    assert!(list.trim_end().ends_with(&id[..12]), "{list}");
}

#[test]
fn lists_of_ids_come_from_files_and_pipes() {
    let archive = Archive::copied();
    let ids = archive.run(&["search", "invoice", "--ids"]).out;
    std::fs::write(archive.place().path().join("ids.txt"), format!("# found by invoice\n{ids}\n")).unwrap();
    let plan = archive.json(&["delete", "--ids", "ids.txt", "--reason", "r", "-n"]).document();
    assert_eq!(plan["matched"], archive.json(&["search", "invoice", "--count"]).document()["items"]);
    std::fs::write(archive.place().path().join("none.txt"), "\n").unwrap();
    assert_eq!(archive.run(&["delete", "--ids", "none.txt", "--reason", "r"]).code, 2);
    assert_eq!(archive.run(&["delete", "--ids", "missing.txt", "--reason", "r"]).code, 2);
}

#[test]
fn an_archive_of_a_newer_format_or_with_a_wrong_setting_is_refused() {
    let archive = Archive::copied();
    let file = archive.path().join("archive.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("format = 1", "format = 2")).unwrap();
    assert_eq!(archive.json(&["stats"]).code, 13);
    std::fs::write(&file, format!("{text}\ncolour = \"blue\"\n")).unwrap();
    assert_eq!(archive.json(&["stats"]).code, 78);
}

#[test]
fn detect_needs_no_archive_and_knows_what_it_does_not_know() {
    let archive = Archive::copied();
    let feed = archive.place().run(&["detect", &archive.feed(), "--json"]);
    assert_eq!((feed.code, feed.document()["items"][0]["messages"].as_u64()), (0, Some(MESSAGES)));
    std::fs::write(archive.place().path().join("bank.xlsx"), "not mail").unwrap();
    let other = archive.place().run(&["detect", "bank.xlsx", "--json"]);
    assert_eq!((other.code, other.document()["items"][0]["kind"].as_str()), (1, Some("unknown")));
}

#[test]
fn verify_finds_one_changed_byte_and_rebuild_makes_the_same_answers() {
    let archive = Archive::copied();
    let clean = archive.json(&["verify"]);
    assert_eq!(clean.code, 0, "{}", clean.out);
    assert_fields(&clean.document(), "custodia.verify/1", &["level", "checks.0.name", "checks.0.objects", "findings"]);
    for field in ["ok", "changed", "missing", "unreadable", "foreign"] {
        assert!(clean.document()["checks"][0].get(field).is_some(), "{field}");
    }
    assert_eq!(archive.run(&["verify", "--level", "quick"]).code, 0);
    assert_eq!(archive.run(&["verify", "--sample", "10%"]).code, 0);
    let before = archive.run(&["search", "invoice"]).out;
    for store in ["mail", "catalog", "index"] {
        std::fs::remove_dir_all(archive.path().join(store)).unwrap();
    }
    std::fs::remove_file(archive.path().join("state.bin")).unwrap();
    let rebuilt = archive.json(&["rebuild", "--all"]);
    assert_eq!(rebuilt.code, 0, "{}", rebuilt.err);
    assert_eq!(archive.run(&["search", "invoice"]).out, before);
    let id = archive.run(&["search", "invoice", "--ids", "--limit", "1"]).out;
    let digest = archive.json(&["show", id.trim()]).document()["digest"].as_str().unwrap().to_owned();
    let file = archive.path().join(format!("vault/{}/{digest}.eml", &digest[..2]));
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, bytes).unwrap();
    let damaged = archive.json(&["verify"]);
    assert_eq!((damaged.code, damaged.document()["exit"].as_i64()), (5, Some(5)));
    let findings = damaged.document()["findings"].clone();
    assert!(findings.as_array().unwrap().iter().any(|f| f["code"] == "vault_changed"), "{findings}");
    assert_eq!(archive.run(&["show", id.trim()]).code, 5);
}

#[test]
fn an_export_checks_itself_and_never_overwrites() {
    let archive = Archive::copied();
    let foreseen = archive.json(&["export", "invoice", "--to", "out", "--reason", "r", "-n"]);
    assert_eq!((foreseen.code, archive.place().path().join("out").exists()), (0, false));
    let ran = archive.json(&["export", "invoice", "--to", "out", "--as", "eml", "--reason", "r"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_fields(
        &ran.document(),
        "custodia.export/1",
        &["id", "messages", "items", "files", "bytes", "exceptions", "path", "exit"],
    );
    let count = archive.json(&["search", "invoice", "--count"]).document();
    assert_eq!((&ran.document()["messages"], &ran.document()["items"]), (&count["count"], &count["items"]));
    let out = archive.place().path().join("out");
    let checked =
        std::process::Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&out).status();
    assert!(checked.unwrap().success());
    assert_eq!(archive.run(&["export", "invoice", "--to", "out", "--reason", "r"]).code, 73);
    assert_eq!(archive.run(&["export", "zebra", "--to", "other", "--reason", "r"]).code, 1);
    assert_eq!(archive.run(&["export", "--case", "Falcon-2026", "--to", "case", "--reason", "r"]).code, 0);
}

#[test]
fn doctor_names_what_it_looked_at() {
    let archive = Archive::copied();
    let ran = archive.json(&["doctor"]);
    assert_fields(
        &ran.document(),
        "custodia.doctor/1",
        &["checks.0.name", "checks.0.level", "checks.0.detail", "worst"],
    );
}

#[test]
fn a_writer_that_is_locked_out_says_so() {
    let archive = Archive::copied();
    let lock = std::fs::File::create(archive.path().join("lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let ran = archive.json(&["import", &archive.feed()]);
    let reads = archive.run(&["search", "invoice", "--count"]).code;
    assert_eq!((ran.code, ran.error()["code"].as_str()), (11, Some("locked")));
    assert_eq!(reads, 0);
}
