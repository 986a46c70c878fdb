//! `hold`: what scripts and people meet.

use crate::fixture::{Archive, CUSTODIAN};

const OTHER: &str = "ben.okafor@northgate.example";

#[test]
fn a_litigation_hold_is_placed_listed_and_shown_with_its_days() {
    let archive = Archive::copied();
    let placed = archive.json(&["hold", "litigation", OTHER, "--days", "20000", "--reason", "r"]);
    assert_eq!(placed.code, 0, "{}", placed.err);
    let document = placed.document();
    assert_eq!(document["schema"], "custodia.hold/1");
    assert_eq!(
        (&document["kind"], &document["days"], &document["case"]),
        (&"litigation".into(), &20_000.into(), &().into())
    );
    let name = format!("litigation-{OTHER}");
    assert_eq!(document["name"], name.as_str());
    let shown = archive.run(&["hold", "show", &name]).out;
    assert!(shown.contains("litigation hold, 20,000 days from each item's own date"), "{shown}");
    assert!(archive.run(&["hold", "list"]).out.contains("– (litigation)"));
    let why = archive.json(&["hold", "explain", OTHER]).document();
    assert_eq!(why["blockers"][0]["kind"], "litigation_hold");
    assert_eq!(why["blocked_items"], document["items"]);
    for days in ["0", "36526", "-1", "x"] {
        assert_eq!(archive.run(&["hold", "litigation", OTHER, "--days", days, "--reason", "r"]).code, 2, "{days}");
    }
}

#[test]
fn a_delay_is_said_everywhere_and_its_end_needs_the_name() {
    let archive = Archive::copied();
    let release = ["hold", "release", "falcon-ana", "--reason", "settled", "--confirm", "falcon-ana"];
    let ran = archive.run(&release);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("delay until 20") && ran.out.contains("free of every hold from 20"), "{}", ran.out);
    assert!(ran.err.contains(" hold end-delay falcon-ana"), "{}", ran.err);
    let list = archive.run(&["hold", "list"]).out;
    assert!(list.contains("delay until 20"), "{list}");
    assert!(archive.run(&["hold", "show", "falcon-ana"]).out.contains("delay until"));
    assert_eq!(archive.json(&["hold", "list"]).document()["holds"][0]["status"], "delay");
    let why = archive.run(&["hold", "explain", CUSTODIAN]).out;
    assert!(why.contains("delay hold  falcon-ana") && why.contains("the delay after the release is over"), "{why}");
    let end = ["hold", "end-delay", "falcon-ana", "--reason", "agreed", "--confirm"];
    assert_eq!(archive.run(&[&end[..], &["falcon"]].concat()).code, 2);
    let would = archive.run(&[&end[..], &["falcon-ana", "-n"]].concat());
    assert!(would.out.starts_with("would end the delay of falcon-ana"), "{}", would.out);
    let ended = archive.json(&[&end[..], &["falcon-ana"]].concat()).document();
    assert_eq!((&ended["schema"], &ended["delay_until"]), (&"custodia.hold.end_delay/1".into(), &().into()));
    assert_eq!(archive.json(&["hold", "list"]).document()["total"], 0);
    assert_eq!(archive.json(&["hold", "list", "--all"]).document()["holds"][0]["status"], "ended");
}

#[test]
fn a_preview_has_the_counts_of_the_hold_and_what_is_left_out() {
    let archive = Archive::copied();
    let selectors = ["--case", "Falcon-2026", "--all-custodians", "--query", "invoice", "--since", "2025-10-01"];
    let preview = archive.json(&[&["hold", "preview"][..], &selectors].concat()).document();
    assert_eq!(preview["schema"], "custodia.hold.preview/1");
    let placed = archive.json(&[&["hold", "place", "x", "--reason", "r"][..], &selectors].concat()).document();
    for count in ["messages", "items", "items_by_reason", "mailboxes"] {
        assert_eq!(preview[count], placed[count], "{count}");
    }
    let left = preview["left_out"].as_array().unwrap();
    assert!(left.iter().any(|row| row["why"] == "outside_period" && row["oldest"].is_string()), "{preview}");
    let clash = ["hold", "preview", "--mailbox", CUSTODIAN, "--days", "9", "--query", "x"];
    assert_eq!(archive.run(&clash).code, 2);
    assert_eq!(archive.run(&["hold", "preview", "--all-custodians"]).code, 2);
}

#[test]
fn a_hold_is_widened_by_tag_by_conversation_and_by_mailbox() {
    let archive = Archive::copied();
    assert_eq!(archive.run(&["tag", "add", "Hot", "invoice"]).code, 0);
    let by_tag = ["hold", "place", "hot", "--case", "Falcon-2026", "--mailbox", OTHER, "--tag", "hot", "--reason", "r"];
    let placed = archive.run(&by_tag);
    assert!(placed.out.contains("What is on the list stays covered"), "{}", placed.out);
    assert!(archive.run(&["hold", "show", "hot"]).out.contains("the tag Hot, as it was when it was placed"));
    let chats = archive.json(&["chat", "list"]).document();
    let chat = chats["chats"][0]["id"].as_str().unwrap();
    let by_chat =
        ["hold", "place", "chat", "--case", "Falcon-2026", "--mailbox", OTHER, "--conversation", chat, "--reason", "r"];
    assert_eq!(archive.run(&by_chat).code, 0);
    assert_eq!(archive.json(&["hold", "show", "chat"]).document()["conversations"][0], chat);
    let edit = ["hold", "edit", "chat", "--add-mailbox", CUSTODIAN, "--reason", "r"];
    let widened = archive.json(&edit).document();
    assert_eq!(widened["mailboxes"].as_array().unwrap().len(), 2);
    assert_eq!(archive.run(&edit).code, 2);
    assert_eq!(archive.run(&["hold", "edit", "chat", "--reason", "r"]).code, 2);
}

#[test]
fn a_plan_and_a_query_are_explained_and_a_refusal_names_every_blocker_in_text_and_json() {
    let archive = Archive::copied();
    let plan = archive.json(&["delete", "invoice", "--mailbox", CUSTODIAN, "--reason", "r"]).document();
    let id = plan["plan"].as_str().unwrap();
    let why = archive.json(&["hold", "explain", id]).document();
    assert_eq!(
        (&why["target_kind"], &why["items"], &why["blocked_items"]),
        (&"plan".into(), &plan["matched"], &plan["blocked"])
    );
    assert_eq!(why["blockers"][0]["case"], "Falcon-2026");
    let text = archive.run(&["hold", "explain", "invoice"]).out;
    assert!(text.contains("for example") && text.contains("could be deleted"), "{text}");
    let apply = ["delete", "apply", id, "--confirm", id];
    let refused = archive.json(&apply);
    assert_eq!(refused.code, 4);
    let blocker = refused.error()["details"]["blocked_by"][0].clone();
    for field in ["kind", "id", "name", "items", "placed_at", "placed_by", "reason", "until", "ends_when", "because"] {
        assert!(blocker.get(field).is_some(), "{field}: {blocker}");
    }
    let text = archive.run(&apply).err;
    for word in ["falcon-ana (hold_", "by j.ward", "invented", "no end date", "ends when the hold is released"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn disabling_a_user_says_which_holds_stay() {
    let archive = Archive::copied();
    let ran = archive.run(&["user", "disable", CUSTODIAN]);
    assert!(ran.err.contains("1 hold stays on it: falcon-ana."), "{}", ran.err);
    assert_eq!(archive.json(&["user", "disable", CUSTODIAN]).document()["holds"][0], "falcon-ana");
    assert_eq!(archive.json(&["hold", "explain", CUSTODIAN]).document()["deletable"], false);
}

#[test]
fn an_edit_of_a_user_says_which_hold_covers_more_because_of_it() {
    let archive = Archive::copied();
    let place = ["hold", "place", "named", "--case", "Falcon-2026", "--mailbox", CUSTODIAN, "--reason", "r", "--query"];
    assert_eq!(archive.run(&[&place[..], &["from:ben.okafor@northgate.example"]].concat()).code, 0);
    let edited = archive.json(&["user", "edit", OTHER, "--number", "+447700900977"]).document();
    let said = edited["warnings"][0].as_str().unwrap();
    assert!(said.starts_with("hold_widened: the hold named covers more now"), "{edited}");
    let ran = archive.run(&["map", "remove", "+447700900102"]);
    assert!(ran.code == 0 && ran.err.contains("hold_widened"), "{}", ran.err);
    let shown = archive.run(&["hold", "show", "named"]).out;
    assert!(shown.contains("or as") && shown.contains("447700900977"), "{shown}");
}

#[test]
fn a_hold_is_explained_with_its_query() {
    let archive = Archive::copied();
    let place =
        ["hold", "place", "wires", "--case", "Falcon-2026", "--mailbox", CUSTODIAN, "--query", "\"wire transfer\""];
    assert_eq!(archive.run(&[&place[..], &["--reason", "r"]].concat()).code, 0);
    let text = archive.run(&["hold", "explain", CUSTODIAN]).out;
    assert!(text.contains("query \"wire transfer\""), "{text}");
    let document = archive.json(&["hold", "explain", CUSTODIAN]).document();
    let blockers = document["blockers"].as_array().unwrap();
    let wires = blockers.iter().find(|blocker| blocker["name"] == "wires").unwrap();
    let rules = wires["because"].as_array().unwrap();
    assert!(rules.contains(&serde_json::json!({"rule": "query", "value": "\"wire transfer\""})), "{document}");
}

#[test]
fn an_explanation_of_nothing_is_no_leave_to_delete() {
    let archive = Archive::copied();
    let ran = archive.run(&["hold", "explain", "zzzunheard"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("there is no item of it") && !ran.out.contains("can be deleted"), "{}", ran.out);
    let told = archive.json(&["hold", "explain", "zzzunheard"]);
    assert_eq!((told.code, told.document()["items"].as_u64()), (1, Some(0)));
}

#[test]
fn a_command_that_a_hint_names_can_be_typed_as_it_stands() {
    let archive = Archive::copied();
    let ran = archive.json(&["hold", "show", "unheard-of"]);
    assert_eq!(ran.error()["hint"], "custodia -A demo/archive hold list --all shows them");
    let ran = archive.run(&["hold", "show", "unheard-of"]);
    assert!(ran.err.contains("hint: custodia -A demo/archive hold list --all"), "{}", ran.err);
}
