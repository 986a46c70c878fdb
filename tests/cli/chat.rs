//! `chat`: read by people and by programs, with a chat that means no good.

#[path = "../common/group_chat.rs"]
mod group_chat;

use crate::golden::assert_golden;
use crate::harness::{Place, Ran};
use group_chat::CHAT;
use serde_json::Value;
use std::sync::OnceLock;
use unicode_width::UnicodeWidthStr;

const OWNER: &str = "bo@firm.example";

/// An archive with the chat, and thirty lines more at its end.
fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let place = Place::new();
        group_chat::write(&place.path().join("phone"), 30);
        for args in [
            &["init", "a"][..],
            &["-A", "a", "user", "add", OWNER, "--name", "Bo Lee"],
            &["-A", "a", "user", "add", "carla@firm.example", "--number", "+447700900106"],
            &["-A", "a", "import", "phone", "--owner", OWNER],
        ] {
            let ran = place.run(args);
            assert!([0, 3].contains(&ran.code), "{args:?}: {} {}", ran.out, ran.err);
        }
        place
    })
}

fn run(args: &[&str]) -> Ran {
    place().run(&[&["-A", "a"], args].concat())
}

fn page(args: &[&str]) -> Value {
    let ran = run(&[&["chat", "show", CHAT, "--json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.document()
}

fn ids(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_chat_reads_as_it_was_said_and_is_harmless() {
    for (name, args) in [
        ("chat-list", &["chat", "list"][..]),
        ("chat-show", &["chat", "show", CHAT, "--until", "2026-03-04"]),
        ("chat-show-last-page", &["chat", "show", CHAT, "--before", "2", "--after", "2"]),
        (
            "chat-show-hits",
            &["chat", "show", CHAT, "--hits", "wire", "--tz", "Europe/Warsaw", "--before", "1", "--after", "3"],
        ),
        ("chat-participants", &["chat", "participants", CHAT]),
    ] {
        let ran = run(args);
        for text in [&ran.out, &ran.err] {
            assert!(
                !text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)),
                "{name}"
            );
        }
        assert_golden(name, &ran);
    }
}

#[test]
fn the_text_of_every_message_stands_in_one_column() {
    let ran = run(&["chat", "show", CHAT, "--hits", "wire", "--until", "2026-03-04", "--before", "20"]);
    let text = ran.out.lines().filter(|line| line.starts_with("  ") || line.starts_with('▌'));
    for line in text {
        let head: String = line.chars().take(12).collect();
        assert_eq!(head.width(), 12, "{line}");
        assert!(head.trim_start_matches('▌').trim().is_empty() || head.contains(':') || line.contains('—'), "{line}");
    }
}

#[test]
fn a_hit_has_a_bar_and_its_words_are_painted_only_where_there_is_colour() {
    let plain = run(&["chat", "show", CHAT, "--hits", "letter", "--before", "1", "--after", "1"]);
    let bars: Vec<&str> = plain.out.lines().filter(|line| line.starts_with('▌')).collect();
    assert_eq!(bars.len(), 3, "head, quote, text: {bars:?}");
    assert!(bars.last().unwrap().ends_with("no, by «letter»"), "{bars:?}");
    let painted =
        run(&["chat", "show", CHAT, "--hits", "letter", "--before", "1", "--after", "1", "--color", "always"]);
    assert!(painted.out.contains("\u{1b}[7mletter\u{1b}[0m"), "{}", painted.out);
    assert!(painted.out.contains('▌'));
}

#[test]
fn the_page_of_a_chat_is_a_document_with_offsets() {
    let page = page(&["--hits", "wire AND transfer", "--before", "0", "--after", "0"]);
    assert_eq!((&page["schema"], &page["id"]), (&"custodia.chat/1".into(), &CHAT.into()));
    let message = &page["messages"][0];
    for field in [
        "id",
        "sent",
        "from",
        "kind",
        "body",
        "reply",
        "reactions",
        "attachments",
        "is_deleted",
        "is_edited",
        "hit",
        "marks",
    ] {
        assert!(message.get(field).is_some(), "{field}");
    }
    let body = message["body"].as_str().unwrap();
    let marked: Vec<&str> = message["marks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| &body[mark[0].as_u64().unwrap() as usize..mark[1].as_u64().unwrap() as usize])
        .collect();
    assert_eq!(marked, ["wire", "transfer"]);
    let emoji: Vec<&str> =
        message["reactions"].as_array().unwrap().iter().map(|r| r["emoji"].as_str().unwrap()).collect();
    assert_eq!(emoji, ["👍", "❤️", ""]);
    // The reply quotes it, and is a hit by its quote.
    assert_eq!(page["hits"]["total"], 2, "the message and the reply that quotes it");
    assert_eq!(page["hits"]["current"], 1);
    let next = page["hits"]["next"].as_str().unwrap().to_owned();
    let reply = self::page(&["--hits", "wire AND transfer", "--around", &next, "--before", "0", "--after", "0"]);
    assert_eq!(reply["messages"][0]["body"], "no, by letter");
    assert_eq!(reply["messages"][0]["reply"]["from"]["number"], "+447700900101");
    assert_eq!(reply["hits"]["current"], 2);
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let all = page(&["--before", "500", "--after", "500", "--around", "2020-01-01"]);
    let total = all["total"].as_u64().unwrap();
    assert_eq!((all["before"].as_u64(), all["after"].as_u64()), (Some(0), Some(0)));
    assert_eq!(ids(&all).len() as u64, total);
    // By the commands that the foot names, from the last page to the first.
    let mut walked: Vec<String> = Vec::new();
    let mut args: Vec<String> = ["chat", "show", CHAT, "--before", "5", "--after", "5"].map(str::to_owned).to_vec();
    loop {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let document = run(&[words.as_slice(), &["--json"]].concat()).document();
        let here: Vec<String> = ids(&document).into_iter().filter(|id| !walked.contains(id)).collect();
        walked.splice(0..0, here);
        let foot = run(&words).err;
        let Some(command) = foot.lines().find_map(|line| line.strip_prefix("before: custodia -A a ")) else { break };
        args = command.split(' ').map(str::to_owned).collect();
    }
    assert_eq!(walked, ids(&all));
}

#[test]
fn a_chat_is_named_by_its_id_its_beginning_or_its_name() {
    for name in [CHAT, "120363", "Deal \u{202e}room ⚠", "DEAL \u{202e}ROOM ⚠"] {
        assert_eq!(run(&["chat", "participants", name]).code, 0, "{name}");
    }
    for (args, code) in [
        (&["chat", "show", "12036"][..], 1),
        (&["chat", "show", "nobody"], 1),
        (&["chat", "show", CHAT, "--around", "m_000000000000"], 1),
        (&["chat", "show", CHAT, "--around", "yesterday"], 2),
        (&["chat", "show", CHAT, "--hits", "wire AND ("], 2),
        (&["chat", "show", CHAT, "--hits", "zebra"], 1),
        (&["chat", "show", CHAT, "--since", "2020-01-01", "--until", "2020-01-02"], 1),
        (&["chat", "show", CHAT, "--since", "2026-01-02", "--until", "2026-01-01"], 2),
        (&["chat", "show", CHAT, "--before", "501"], 2),
    ] {
        assert_eq!(run(args).code, code, "{args:?}");
    }
}

#[test]
fn show_gives_a_message_its_context_and_tells_them_apart() {
    let id = run(&["search", "letter", "--ids"]).out;
    let shown = run(&["show", id.trim(), "--context", "2"]);
    let bars = shown.out.lines().filter(|line| line.starts_with('▌')).count();
    assert!(bars >= 2 && shown.out.contains("… 7 messages before"), "{}", shown.out);
    let document = run(&["show", id.trim(), "--context", "2", "--json"]).document();
    let context = &document["context"];
    assert_eq!((context["before"].as_array().unwrap().len(), context["after"].as_array().unwrap().len()), (2, 2));
    assert!(context["before"].as_array().unwrap().iter().all(|m| m["id"] != document["id"]));
}

#[test]
fn a_page_that_was_read_is_one_event_with_every_message_on_it() {
    let page = page(&["--around", "2026-03-04T23:00Z", "--before", "3", "--after", "3"]);
    let list = run(&["audit", "list", "--type", "message.viewed", "--json"]).out;
    let mut page = ids(&page);
    page.sort();
    let viewed = list.lines().any(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        serde_json::from_value::<Vec<String>>(event["event"]["ids"].clone()).is_ok_and(|ids| ids == page)
    });
    assert!(viewed, "{list}");
}
