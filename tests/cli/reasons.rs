//! What a search says where it finds nothing, what it records of what it shows, and the commands that it names.

use crate::fixture::Archive;
use serde_json::Value;

fn said(archive: &Archive, query: &str) -> String {
    let ran = archive.run(&["search", query]);
    assert_eq!(ran.code, 1, "{query}: {}", ran.out);
    ran.err
}

fn count(archive: &Archive, query: &str) -> u64 {
    archive.run(&["search", query, "--count"]).out.trim().parse().unwrap()
}

#[test]
fn a_word_that_is_not_in_one_field_is_not_said_to_be_nowhere() {
    let archive = Archive::copied();
    let wire = count(&archive, "wire");
    assert!(wire > 1);
    for (query, nowhere) in [
        ("subject:wire", "wire is in no subject"),
        ("attachmentnames:wire", "wire is in no attachment's name"),
        ("from:wire", "wire is in no sender's name, number or address"),
        ("attachmentnames:wire*", "wire* is in no attachment's name"),
    ] {
        let said = said(&archive, query);
        assert!(said.contains(&format!("{nowhere}; {} messages have it elsewhere", count(&archive, "wire"))), "{said}");
        assert!(!said.contains("nothing looks like it"), "{said}");
    }
    let several = said(&archive, "subject:wire;invoice");
    assert!(several.contains("wire is in no subject;") && several.contains("invoice is in no subject;"), "{several}");
    let report = archive.json(&["search", "subject:wire"]).document();
    let suggestion = &report["nothing"]["suggestions"][0];
    assert_eq!((suggestion["field"].as_str(), suggestion["elsewhere"].as_u64()), (Some("subject"), Some(wire)));
}

#[test]
fn every_zero_has_a_reason() {
    let archive = Archive::copied();
    for (query, reason) in [
        ("zzz*", "zzz* is found nowhere."),
        ("size>1MiB", "No message has size>=1048577; the smallest has "),
        ("run:last", " archived no message that is in these mailboxes."),
        ("source:ios", "No message has source:ios; there is telemessage ("),
        ("mailbox:nobody", "No message has mailbox:nobody; there is "),
        ("mailbox:ana", "No message has mailbox:ana; there is ana.ruiz@northgate.example ("),
        ("folderid:Deletions", "Nothing is in the folder Deletions."),
        ("lang:my OR lang:yi", "No message has lang:"),
        ("hasattachment:true kind:call", "together they find none."),
        ("NOT (kind:chat OR kind:call OR kind:deletion OR kind:edit OR kind:system)", "No message matches NOT ("),
        ("sent<2001-01-01", "Without the condition on time"),
        ("tag:nope", "there is no tag of this name"),
    ] {
        let ran = archive.run(&["search", query]);
        assert!(matches!(ran.code, 1 | 2) && ran.err.contains(reason), "{query}: {}", ran.err);
    }
}

#[test]
fn words_that_are_never_that_near_are_counted_alone_and_together() {
    let archive = Archive::copied();
    let said = said(&archive, "transfer ONEAR(0) wire");
    let wire = format!("wire stands in {} messages", count(&archive, "wire"));
    assert!(said.contains(&wire) && said.contains("that near, but never in that order."), "{said}");
    let together = count(&archive, "wire transfer");
    let near = &archive.json(&["search", "transfer ONEAR(0) wire"]).document()["nothing"]["reasons"][0];
    assert_eq!((near["found"].as_str(), near["together"].as_u64()), (Some("near"), Some(together)));
}

#[test]
fn a_user_of_the_directory_is_known_by_name() {
    let archive = Archive::copied();
    let sent = count(&archive, "from:grace.lindqvist@northgate.example");
    assert!(sent > 0);
    assert_eq!(count(&archive, "from:\"Grace Lindqvist\""), sent);
    let of = format!("Grace Lindqvist is a user: from:grace.lindqvist@northgate.example ({sent} messages)");
    assert!(said(&archive, "from:grace").contains(&of), "{}", said(&archive, "from:grace"));
    let all = count(&archive, "participants:grace.lindqvist@northgate.example");
    let of = format!("Grace Lindqvist is a user: participants:grace.lindqvist@northgate.example ({all} messages)");
    for query in ["grace", "lindqvist", "grace lindqvist", "\"Grace Lindqvist\"", "lindq*"] {
        let said = said(&archive, query);
        assert!(said.contains(&of) && !said.contains("nothing looks like it"), "{query}: {said}");
        assert_eq!(said.matches("is a user").count(), 1, "{said}");
    }
}

#[test]
fn the_row_of_the_whole_says_what_its_number_belongs_to() {
    let archive = Archive::copied();
    std::fs::write(archive.place().path().join("terms.txt"), "wire\ninvoice\n").unwrap();
    let primary = |args: &[&str]| {
        let report = archive.json(&[&["search"], args, &["--keywords-file", "terms.txt"]].concat()).document();
        report["conditions"][0]["condition"].as_str().unwrap().to_owned()
    };
    assert_eq!(primary(&["sent>=2025-06-01"]), "any of 2 lines, with sent>=2025-06-01");
    assert_eq!(primary(&[]), "any of 2 lines");
}

#[test]
fn what_is_shown_beside_the_hits_is_recorded_and_bounded() {
    let archive = Archive::copied();
    let report = archive.json(&["search", "invoice", "--limit", "2", "--context", "1"]).document();
    let beside: Vec<&str> = report["hits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|hit| hit["context"] == true)
        .map(|hit| hit["id"].as_str().unwrap())
        .collect();
    let viewed = archive.json(&["audit", "list", "--type", "message.viewed"]).out;
    assert!(!beside.is_empty() && beside.iter().all(|id| viewed.contains(id)), "{viewed}");
    assert_eq!(archive.run(&["search", "invoice", "--context", "1001"]).code, 2);
}

#[test]
fn commands_that_are_named_reach_the_same_archive() {
    let archive = Archive::copied();
    let ran = archive.run(&["search", "invoice", "--limit", "2", "--sort", "date"]);
    let next = ran.err.lines().find_map(|line| line.strip_prefix("The next ones: custodia ")).unwrap();
    assert_eq!(next, "-A demo/archive search invoice --sort date --limit 2 --offset 2");
    let again = archive.place().run(&next.split(' ').collect::<Vec<_>>());
    assert_eq!(again.code, 0, "{}", again.err);
    let listed = archive.run(&["chat", "list", "--tz", "Europe/Warsaw"]).err;
    assert!(listed.contains("Read one: custodia -A demo/archive --tz Europe/Warsaw chat show "), "{listed}");
}

#[test]
fn a_chat_without_a_name_is_called_by_its_parties() {
    let archive = Archive::copied();
    let list = archive.json(&["chat", "list", "--limit", "100"]).document();
    let chats: Vec<Value> = list["chats"].as_array().unwrap().clone();
    let chat = chats.iter().find(|chat| chat["name"].is_null()).unwrap();
    let (id, title) = (chat["id"].as_str().unwrap(), chat["title"].as_str().unwrap());
    let query = format!("conversation:\"{id}\"");
    let out = archive.run(&["search", &query]).out;
    let begin: String = title.chars().take(30).collect();
    assert!(out.contains(&begin) && !out.contains(id), "{out}");
    assert!(archive.run(&["search", &query, "--statistics"]).out.contains(title));
    assert!(archive.run(&["stats", "--by", "conversation"]).out.contains(title));
    let hit = archive.json(&["search", &query, "--limit", "1"]).document()["hits"][0].clone();
    assert_eq!(hit["conversation"]["id"], id);
}

#[test]
fn chats_of_one_name_are_told_apart_with_a_command_for_each() {
    let archive = Archive::copied();
    let ran = archive.run(&["chat", "show", "Deal Falcon"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(" messages, 2025-") && ran.err.contains(" members"), "{}", ran.err);
    let commands: Vec<&str> =
        ran.err.lines().filter(|line| line.contains("custodia -A demo/archive chat show ")).collect();
    assert_eq!(commands.len(), 2, "{}", ran.err);
    assert_eq!(archive.run(&["chat", "show", "Year End Close"]).code, 0);
}

#[test]
fn every_answer_says_how_far_the_index_is() {
    let archive = Archive::copied();
    for form in ["--ids", "--statistics", "--explain", "--count"] {
        let report = archive.json(&["search", "wire", form]).document();
        assert_eq!(report["index"]["state"], "current", "{form}: {report}");
    }
}

#[test]
fn what_is_everything_or_nothing_stands_in_the_tree_too() {
    let archive = Archive::copied();
    let out = archive.run(&["search", "tag:nope OR wire", "--explain"]).out;
    assert!(out.contains("OR\n") && out.contains("  nothing") && out.contains("  wire"), "{out}");
    let out = archive.run(&["search", "wire importance:medium", "--explain", "--case", "Falcon-2026"]).out;
    assert!(out.contains("  everything") && out.contains("mailbox:"), "{out}");
}

#[test]
fn bad_values_are_called_by_what_is_wrong_with_them() {
    let archive = Archive::copied();
    for (query, why) in [
        ("sent:2026-03-04[Europe/Nowhere]", "there is no time zone `Europe/Nowhere`"),
        ("sent:2026-03-29T02:30[Europe/Warsaw]", "the clocks of Europe/Warsaw went forward on 2026-03-29"),
        ("sent:\"last 99999 days\"", "must be of 1 to 36500 days"),
        ("sent:soon", "`soon` is not a date"),
        ("a NEAR() b", "NEAR() has no number"),
        ("filetype:pdf", "attachmentnames:"),
    ] {
        let ran = archive.run(&["search", query]);
        assert!(ran.code == 2 && ran.err.contains(why), "{query}: {}", ran.err);
    }
    let ran = archive.run(&["search", "wire AND (x"]);
    assert!(ran.err.contains("\n  wire AND (x\n           ^\n"), "{}", ran.err);
}
