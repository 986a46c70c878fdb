//! `delete` beyond plan and apply, `erasure`, and `show` of what is gone.

use crate::fixture::{Archive, CUSTODIAN};
use serde_json::Value;

/// Somebody who is not on hold.
fn free_mailbox(archive: &Archive) -> String {
    let users = archive.json(&["user", "list"]).document();
    let has = |user: &&Value| user["email"] != CUSTODIAN && user["messages"].as_u64() > Some(3);
    users["users"].as_array().unwrap().iter().find(has).unwrap()["email"].as_str().unwrap().to_owned()
}

fn planned(archive: &Archive, query: &str, mailbox: &str) -> Value {
    let plan = archive.json(&["delete", query, "--mailbox", mailbox, "--reason", "private"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    plan.document()
}

fn applied(archive: &Archive, plan: &str, more: &[&str]) -> Value {
    let ran = archive.json(&[&["delete", "apply", plan, "--confirm", plan], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.document()
}

#[test]
fn what_was_deleted_is_brought_back_once() {
    let archive = Archive::copied();
    let plan = planned(&archive, "kind:chat", &free_mailbox(&archive));
    let id = plan["plan"].as_str().unwrap();
    let done = applied(&archive, id, &[]);
    assert_eq!((&done["recoverable"], &done["applied"]), (&plan["matched"], &plan["matched"]));
    assert!(done["recoverable_until"].as_str().unwrap().ends_with('Z'));
    let text = archive.run(&["delete", "show", id]);
    assert!(text.err.contains("delete undo"), "{}", text.err);
    let before = archive.trail();
    let dry = archive.run(&["delete", "undo", id, "-n"]);
    assert!(
        dry.out.starts_with("would bring back: ") && dry.out.ends_with("Dry run: nothing was changed.\n"),
        "{}",
        dry.out
    );
    assert_eq!(archive.trail(), before);
    let undone = archive.json(&["delete", "undo", id, "--reason", "a mistake"]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    let document = undone.document();
    assert_eq!(document["schema"], "custodia.delete.undo/1");
    assert_eq!((&document["restored"], document["status"].as_str()), (&plan["matched"], Some("undone")));
    assert_eq!(archive.run(&["delete", "undo", id]).code, 2);
    assert!(archive.json(&["audit", "list", "--type", "item.restored"]).out.contains("item.restored"));
    assert_eq!(archive.run(&["verify", "--level", "quick"]).code, 0);
}

#[test]
fn a_plan_is_cancelled_and_then_cannot_be_applied() {
    let archive = Archive::copied();
    let plan = planned(&archive, "kind:chat", &free_mailbox(&archive));
    let id = plan["plan"].as_str().unwrap();
    assert!(archive.run(&["delete", "cancel", id, "-n"]).out.ends_with("Dry run: nothing was changed.\n"));
    assert_eq!(archive.json(&["delete", "cancel", id]).document()["status"], "cancelled");
    assert_eq!(archive.run(&["delete", "apply", id, "--confirm", id]).code, 2);
    assert_eq!(archive.run(&["delete", "cancel", id]).code, 2);
    assert!(archive.run(&["delete", "list"]).out.contains("cancelled"));
}

#[test]
fn a_plan_shows_each_blocked_item_with_what_blocks_it() {
    let archive = Archive::copied();
    let plan = archive.json(&["delete", "invoice", "--mailbox", CUSTODIAN, "--reason", "r"]).document();
    let id = plan["plan"].as_str().unwrap();
    let shown = archive.json(&["delete", "show", id, "--blocked"]).document();
    let items = shown["blocked_items"].as_array().unwrap();
    assert_eq!(items.len() as u64, plan["blocked"].as_u64().unwrap());
    let blocker = &items[0]["blockers"][0];
    assert_eq!((blocker["name"].as_str(), blocker["case"].as_str()), (Some("falcon-ana"), Some("Falcon-2026")));
    assert!(blocker["ends_when"].as_str().unwrap().contains("released"));
    let text = archive.run(&["delete", "show", id, "--blocked"]).out;
    assert!(text.contains("BLOCKED BY") && text.contains("hold falcon-ana"), "{text}");
}

#[test]
fn what_is_recoverable_is_listed_and_expires_only_after_its_time_and_by_its_name() {
    let archive = Archive::copied();
    assert_eq!(archive.run(&["delete", "expire"]).err.trim(), "Nothing is in Recoverable Items.");
    let plan = planned(&archive, "kind:chat", &free_mailbox(&archive));
    let id = plan["plan"].as_str().unwrap();
    applied(&archive, id, &[]);
    let listed = archive.json(&["delete", "expire"]).document();
    assert_eq!((listed["schema"].as_str(), &listed["expired"]), (Some("custodia.delete.expire/1"), &Value::from(0)));
    assert_eq!((&listed["plans"][0]["items"], &listed["plans"][0]["over"]), (&plan["matched"], &Value::from(false)));
    assert_eq!(archive.run(&["delete", "expire", "--confirm", "yes"]).code, 2);
    assert_eq!(archive.json(&["delete", "expire", id, "--confirm", id]).document()["purged"], 0, "nothing goes early");
    let toml = archive.path().join("archive.toml");
    let days = "deleted_item_retention_days = 14";
    let text = std::fs::read_to_string(&toml).unwrap();
    assert!(text.contains(days), "{text}");
    std::fs::write(&toml, text.replace(days, "deleted_item_retention_days = 0")).unwrap();
    assert_eq!(archive.run(&["delete", "undo", id]).code, 2, "its time is over");
    let dry = archive.run(&["delete", "expire", id, "--confirm", id, "-n"]).out;
    assert!(dry.contains("would be purged for good") && dry.ends_with("Dry run: nothing was changed.\n"), "{dry}");
    let purged = archive.json(&["delete", "expire", id, "--confirm", id]).document();
    assert_eq!((&purged["purged"], &purged["dry_run"]), (&plan["matched"], &Value::from(false)));
    assert_eq!(archive.run(&["verify", "--level", "quick"]).code, 0);
}

#[test]
fn a_purged_message_is_shown_as_purged_and_certified() {
    let archive = Archive::copied();
    let mailbox = free_mailbox(&archive);
    let ids = archive.run(&["search", "kind:chat", "--mailbox", &mailbox, "--ids"]).out;
    let mut gone = None;
    for id in ids.lines() {
        std::fs::write(archive.place().path().join("ids.txt"), id).unwrap();
        let plan = archive.json(&["delete", "--ids", "ids.txt", "--reason", "asked to"]).document();
        if plan["blocked"] == 0 {
            gone = Some((id.to_owned(), plan["plan"].as_str().unwrap().to_owned()));
            break;
        }
    }
    let (id, plan) = gone.unwrap();
    let done = applied(&archive, &plan, &["--purge"]);
    assert_eq!((done["messages_purged"].as_u64(), done["links_elsewhere"].as_u64()), (Some(1), Some(0)));

    let shown = archive.json(&["show", &id]);
    assert_eq!((shown.code, shown.document()["schema"].as_str()), (1, Some("custodia.tombstone/1")), "{}", shown.err);
    let tombstone = shown.document();
    assert_eq!((tombstone["state"].as_str(), tombstone["reason"].as_str()), (Some("purged"), Some("asked to")));
    assert_eq!(tombstone["plan"], plan.as_str());
    let text = archive.run(&["show", &id[..12]]);
    assert!(text.code == 1 && text.out.contains("purged: nothing of it is left"), "{}", text.out);
    assert_eq!(archive.run(&["show", &id, "--raw"]).code, 1);
    assert_eq!(archive.json(&["show", "m_ffffffffffff"]).error()["code"], "not_found");

    let written = archive.json(&["delete", "certificate", &plan, "--out", "c.json"]);
    assert_eq!(written.document()["schema"], "custodia.certificate.written/1", "{}", written.err);
    assert_eq!(archive.run(&["delete", "certificate", &plan, "--out", "c.json"]).code, 73, "never over a file");
    let sound = archive.json(&["delete", "certificate", "--verify", "c.json"]);
    assert_eq!((sound.code, sound.document()["sound"].as_bool()), (0, Some(true)), "{}", sound.out);
    let file = archive.place().path().join("c.json");
    let forged = std::fs::read_to_string(&file).unwrap().replacen("asked to", "not asked", 1);
    std::fs::write(&file, forged).unwrap();
    let forged = archive.run(&["delete", "certificate", "--verify", "c.json"]);
    assert!(forged.code == 5 && forged.out.starts_with("NOT SOUND"), "{}", forged.out);
    let text = archive.run(&["delete", "certificate", &id]).out;
    assert!(text.starts_with("# Certificate of disposition") && text.contains("reason: asked to"), "{text}");
    let document = archive.json(&["delete", "certificate", &id]).document();
    assert_eq!((&document["schema"], &document["messages_purged"]), (&"custodia.certificate/1".into(), &1.into()));
}

#[test]
fn a_person_is_erased_as_far_as_nothing_is_held() {
    let archive = Archive::copied();
    let dry = archive.run(&["erasure", "request", "--email", CUSTODIAN, "--subject-ref", "R1", "--reason", "r", "-n"]);
    assert!(dry.out.ends_with("Dry run: nothing was changed.\n") && dry.out.contains("would be free"), "{}", dry.out);
    assert!(archive.run(&["erasure", "list"]).err.contains("No requests"));
    let made = archive.json(&["erasure", "request", "--email", CUSTODIAN, "--subject-ref", "R1", "--reason", "r"]);
    let document = made.document();
    assert_eq!(document["schema"], "custodia.erasure/1");
    assert!(document["restricted"].as_u64() > Some(0) && document["blocked_by"][0]["name"] == "falcon-ana");
    assert!(document["parties"].as_array().unwrap().iter().any(|party| party["email"] == CUSTODIAN));
    let (id, plan) = (document["id"].as_str().unwrap(), document["plan"]["plan"].as_str().expect("something is free"));
    assert_eq!(made.code, 0);
    let refused = archive.json(&["erasure", "complete", id, "--reason", "r"]);
    assert_eq!((refused.code, refused.error()["code"].as_str()), (4, Some("held")), "{}", refused.out);
    assert!(refused.error()["details"]["blocked"].as_u64() > Some(0));
    applied(&archive, plan, &["--purge"]);
    let ids = archive.run(&["erasure", "show", id, "--ids"]).out;
    let data = archive.json(&["erasure", "show", id]).document();
    assert_eq!(ids.lines().count() as u64, data["messages"].as_u64().unwrap());
    assert_eq!(data["present"], data["restricted"]);
    assert_eq!(archive.run(&["hold", "release", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"]).code, 0);
    // What it held is held for its delay.
    assert_eq!(archive.run(&["erasure", "complete", id, "--reason", "r"]).code, 4);
    let end = archive.run(&["hold", "end-delay", "falcon-ana", "--reason", "r", "--confirm", "falcon-ana"]);
    assert_eq!(end.code, 0, "{}", end.err);
    let list = archive.json(&["erasure", "list"]).document();
    assert_eq!((list["schema"].as_str(), list["total"].as_u64()), (Some("custodia.erasure.list/1"), Some(1)));
    assert_eq!(archive.run(&["erasure", "complete", id, "--reason", "r"]).code, 2, "something is left");
    if list["requests"][0]["free"].as_u64() > Some(0) {
        assert!(archive.run(&["erasure", "list"]).err.contains(&format!(" erasure plan {id}")));
        let again = archive.json(&["erasure", "plan", id]).document();
        applied(&archive, again["plan"]["plan"].as_str().unwrap(), &["--purge"]);
        assert_eq!(
            archive.json(&["erasure", "complete", id, "--reason", "answered"]).document()["status"],
            "completed"
        );
    }
    let nobody = ["erasure", "request", "--number", "+447700900990", "--subject-ref", "R2", "--reason", "r"];
    assert_eq!(archive.run(&nobody).code, 1);
    assert_eq!(
        archive.run(&["erasure", "request", "--number", "07700900123", "--subject-ref", "R", "--reason", "r"]).code,
        2
    );
    assert_eq!(archive.run(&["erasure", "request", "--subject-ref", "R", "--reason", "r"]).code, 2);
}
