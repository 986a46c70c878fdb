//! `src/docs/format.md` against the program's own types.

use crate::page::{blocks, have, page};
use custodia::{
    archive::Meta,
    journal::{Journal, ZERO_HASH, verify_chain},
    model::{
        Digest, Event, Hold, Line, RunId, Seq, SourceKind,
        event::{ItemList, ItemRef},
        limits,
    },
    query::Expr,
    source,
};
use std::process::Command;

const FORMAT: &str = "src/docs/format.md";

/// The example of every event type, with the words before it.
fn examples() -> Vec<(String, String, String)> {
    let text = page(FORMAT);
    let events = text.split("\n## ").find(|section| section.starts_with("5. Events")).unwrap();
    let mut found = Vec::new();
    for entry in events.split("\n**`").skip(1) {
        let (name, rest) = entry.split_once("`**").unwrap();
        let (words, rest) = rest.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("\n```").unwrap();
        found.push((name.to_owned(), words.to_owned(), example.to_owned()));
    }
    found
}

#[test]
fn every_event_type_has_an_example_that_the_program_writes_in_exactly_these_bytes() {
    let mut names = Vec::new();
    for (name, _, example) in examples() {
        let event: Event = serde_json::from_str(&example).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(event.type_name(), name);
        assert_eq!(serde_json::to_string(&event).unwrap(), example, "{name}");
        names.push(name);
    }
    let mut known: Vec<&str> = Event::TYPES.to_vec();
    names.sort();
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn every_field_of_an_event_is_named_beside_its_example() {
    for (name, words, example) in examples() {
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&example).unwrap();
        for field in fields.keys().filter(|field| *field != "type") {
            assert!(words.contains(&format!("`{field}`")), "{name}: {field}");
        }
    }
}

#[test]
fn what_an_example_leaves_out_is_described() {
    let archived = examples().into_iter().find(|(name, ..)| name == "message.archived").unwrap();
    for field in ["partial", "vague", "revises"] {
        assert!(archived.1.contains(&format!("`{field}`")) && !archived.2.contains(field), "{field}");
    }
}

#[test]
fn the_journal_on_the_page_is_a_journal() {
    let text = blocks(&page(FORMAT), "journal").remove(0);
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(format!("{:020}.jsonl", 1)), &text).unwrap();
    let report = verify_chain(&Journal::at(dir.path().to_owned(), dir.path().join("quarantine")), &[]).unwrap();
    assert_eq!((report.first_bad, report.events, report.tail.unfinished), (None, 4, 0));
    assert_ne!(report.head, ZERO_HASH);
    for line in text.lines() {
        let json = &line[65..];
        assert_eq!(serde_json::to_string(&serde_json::from_str::<Line>(json).unwrap()).unwrap(), json);
    }
}

#[test]
fn the_commands_on_the_page_print_the_digests_below_them() {
    if !have(&["sha256sum", "basenc"]) {
        return;
    }
    let mut checked = 0;
    for block in blocks(&page(FORMAT), "sh") {
        for (command, expected) in block.lines().zip(block.lines().skip(1)).step_by(2) {
            let out = Command::new("sh").arg("-c").arg(command).output().unwrap();
            let printed = String::from_utf8(out.stdout).unwrap();
            assert_eq!(format!("# {}", printed.split(' ').next().unwrap()), expected, "{command}");
            checked += 1;
        }
    }
    assert_eq!(checked, 7);
}

#[test]
fn the_identity_of_the_e_mail_on_the_page_is_the_one_below_it() {
    let text = page(FORMAT);
    let mail = blocks(&text, "eml").remove(0).replace('\n', "\r\n");
    let message = source::understand(SourceKind::Telemessage, mail.as_bytes()).unwrap();
    for digest in [message.identity.key(), message.source_digest()] {
        assert!(text.contains(&format!("# {digest}\n")), "{digest}");
    }
    let id = message.id().to_string();
    assert!(text.contains(&format!("# {}", &id[2..])) && examples().iter().any(|(.., e)| e.contains(&id)), "{id}");
    let archived = examples().into_iter().find(|(name, ..)| name == "message.archived").unwrap().2;
    assert!(archived.contains(&format!("\"size\":{},", mail.len())), "{}", mail.len());
    assert!(archived.contains(&Digest::of(mail.as_bytes()).to_hex()), "{}", Digest::of(mail.as_bytes()));
}

#[test]
fn archive_toml_list_items_scopes_and_made_ids_are_as_the_page_says() {
    let text = page(FORMAT);
    let toml = blocks(&text, "toml").remove(0);
    let meta: Meta = toml::from_str(&toml).unwrap();
    assert_eq!(toml::to_string_pretty(&meta).unwrap(), toml);
    let run = RunId::made(&meta.id, Seq(12));
    assert!(text.contains(&format!("names `{run}`")), "{run}");
    let item = blocks(&text, "jsonl").remove(0);
    let parsed: ItemRef = serde_json::from_str(&item).unwrap();
    assert_eq!(format!("{}\n", serde_json::to_string(&parsed).unwrap()), item);
    let list = serde_json::to_string(&ItemList::List(Digest([0; 32]))).unwrap();
    assert_eq!(list, format!("{{\"list\":\"{}\"}}", "0".repeat(64)));
    assert_eq!((limits::LINE_ITEMS, limits::JOURNAL_LINE_BYTES), (100, 65_536));
    let placed = examples().into_iter().find(|(name, ..)| name == "hold.placed").unwrap().2;
    let hold: Hold =
        serde_json::from_value(serde_json::from_str::<serde_json::Value>(&placed).unwrap()["hold"].take()).unwrap();
    let closed = hold.scope.closed_query.unwrap();
    let expr: Expr = serde_json::from_str(&closed).unwrap();
    assert_eq!(serde_json::to_string(&expr).unwrap(), closed);
    let query = custodia::query::parse(&hold.scope.query.unwrap()).unwrap().expr;
    let context = custodia::query::Context::at(hold.placed_at);
    assert_eq!(custodia::query::resolve(&query, &context).unwrap().expr, expr);
}

#[test]
fn every_form_of_a_stored_expression_is_on_the_page() {
    use custodia::{
        model::MessageKind,
        query::{Leaf, Role, TextField},
    };
    let text = page(FORMAT);
    let leaves = [
        Leaf::Words { field: TextField::AttachmentNames, tokens: vec![], prefix: false },
        Leaf::Person { role: Role::Any, id: String::new(), prefix: false },
        Leaf::Time { from: None, until: None },
        Leaf::Size { min: None, max: None },
        Leaf::Kind(MessageKind::Chat),
        Leaf::ItemClass { value: String::new(), prefix: false },
        Leaf::HasAttachment(true),
        Leaf::IsDeleted(true),
        Leaf::IsEdited(true),
        Leaf::Mailbox { value: String::new(), prefix: false },
    ];
    for leaf in leaves {
        let json = serde_json::to_value(&leaf).unwrap();
        let (name, value) = json.as_object().unwrap().iter().next().unwrap();
        let start = text.find(&format!("{{\"{name}\":")).unwrap_or_else(|| panic!("{name}"));
        for field in value.as_object().into_iter().flat_map(|fields| fields.keys()) {
            assert!(text[start..].lines().next().unwrap().contains(&format!("\"{field}\":")), "{name} {field}");
        }
    }
}
