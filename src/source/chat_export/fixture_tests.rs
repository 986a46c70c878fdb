//! Every export of `fixtures/chat-export` means what its `expected.json` says.
//!
//! With `CUSTODIA_WRITE_EXPECTED=1` the answers are written into the files instead: read the difference before it is committed.

use super::{date_order, detect, read};
use crate::{
    ErrorKind,
    fs::spool::Spool,
    model::{MailboxName, Participant, details::MediaState},
    source::phone::{DateOrder, PhoneItem, PhoneOptions, PhoneRead},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn cases() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/chat-export");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    cases
}

fn options(said: &Value, spool: &Path) -> PhoneOptions {
    let text = |key: &str| said.get(key).and_then(Value::as_str);
    PhoneOptions {
        owner: MailboxName::parse("owner@archive.example").unwrap(),
        me: text("me").map(str::to_owned),
        source_tz: text("source_tz").map(|zone| zone.parse().unwrap()),
        date_order: text("date_order").map(|word| {
            let all = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];
            all.into_iter().find(|order| date_order::word(*order) == word).unwrap()
        }),
        only_chats: Vec::new(),
        exclude_chats: Vec::new(),
        key_file: None,
        spool: Spool::create(spool).unwrap(),
    }
}

fn party(party: &Participant) -> Value {
    match &party.number {
        Some(number) => json!(number.to_string()),
        None => json!(party.name),
    }
}

/// What a record says, without what is empty.
fn told(item: &PhoneItem) -> Value {
    let message = &item.message;
    let details = message.details.as_ref().unwrap();
    let mut flags: Vec<String> = details.flags.clone();
    flags.extend(details.edited.iter().map(|_| "edited".to_owned()));
    flags.extend(details.raw.get("placeholder").cloned());
    flags.extend(details.wall.iter().map(|w| w.daylight.clone()).filter(|d| !d.is_empty()));
    if let Some(admin) = details.revoked.as_ref().and_then(|r| r.by_admin.as_ref()) {
        flags.push(format!("by admin {}", admin.label()));
    }
    if let Some(call) = &details.call {
        let seconds = call.seconds.map(|s| format!(" {s} s")).unwrap_or_default();
        let media = message.call.as_ref().map(|c| json!(c.media)).unwrap_or_default();
        flags.push(format!("{} {}{seconds}", media.as_str().unwrap_or_default(), call.result));
    }
    if let Some(place) = &details.location {
        let numbers = place.latitude.iter().zip(&place.longitude).map(|(a, b)| format!("{a},{b}"));
        flags.extend(numbers.chain([place.name.clone()]).filter(|t| !t.is_empty()));
        flags.extend(place.live.then(|| "live".to_owned()));
    }
    for option in details.poll.iter().flat_map(|poll| &poll.options) {
        flags.push(format!("{}: {}", option.name, option.votes.map_or("?".to_owned(), |n| n.to_string())));
    }
    let state = |state: MediaState| json!(state);
    let media: Vec<Value> = details.media.iter().map(|m| json!([m.kind, state(m.state), m.name])).collect();
    let mut record = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.is_null() || value == json!("") || value == json!([]) || value == json!(false);
        if !empty {
            record.insert(key.to_owned(), value);
        }
    };
    put("line", json!(item.place.line));
    put("kind", json!(message.kind));
    put("author", party(&message.sender));
    put("me", json!(details.from_me.unwrap_or_default()));
    put("to", message.recipients.iter().map(party).collect());
    put("wall", json!(details.wall.as_ref().map(|w| &w.shown)));
    put("sent", json!(message.sent.map(|at| at.to_seconds_text())));
    put("body", json!(message.body));
    put("media", json!(media));
    put("flags", json!(flags));
    put("event", json!(details.event.as_ref().map(|e| &e.what)));
    put("findings", message.findings.iter().map(|f| json!(f.code)).collect());
    Value::Object(record)
}

/// What reading a case gives.
fn answer(case: &Path, expected: &Value) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let options = options(expected.get("options").unwrap_or(&Value::Null), dir.path());
    let path = case.join(expected["file"].as_str().unwrap());
    let (mut records, mut notices) = (Vec::new(), Vec::new());
    let mut conversation = Value::Null;
    let result = read(&path, &options, &mut |read| {
        match read {
            PhoneRead::Item(item) => {
                let found = &item.message.conversation;
                conversation = json!([found.kind, found.id]);
                records.push(told(&item));
                assert_eq!(item.blobs.len(), item.message.attachments.len());
            }
            PhoneRead::Noticed(finding) | PhoneRead::NotReadable { finding, .. } => {
                notices.push(json!([finding.code, finding.detail]));
            }
            PhoneRead::Opened { .. } | PhoneRead::LeftOut { .. } => {}
        }
        Ok(())
    });
    let error = result.err().map(|e| {
        assert_eq!(e.kind(), ErrorKind::Usage, "{e:?}");
        e.hint().unwrap_or_default().to_owned()
    });
    json!({ "conversation": conversation, "error": error, "notices": notices, "records": records })
}

/// One line a field, one line a record.
fn pretty(fields: &Map<String, Value>) -> String {
    let field = |(key, value): (&String, &Value)| match value.as_array() {
        Some(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let lines: Vec<String> = items.iter().map(|item| format!("    {item}")).collect();
            format!("  {}: [\n{}\n  ]", json!(key), lines.join(",\n"))
        }
        _ => format!("  {}: {value}", json!(key)),
    };
    format!("{{\n{}\n}}\n", fields.iter().map(field).collect::<Vec<_>>().join(",\n"))
}

#[test]
fn every_fixture_means_what_is_written_beside_it() {
    let write = std::env::var_os("CUSTODIA_WRITE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let file = case.join("expected.json");
        let mut expected: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let found = answer(&case, &expected);
        let fields = expected.as_object_mut().unwrap();
        for (key, value) in found.as_object().unwrap() {
            if write {
                fields.insert(key.clone(), value.clone());
            } else if let (Some(e), Some(v)) = (fields.get(key).and_then(Value::as_array), value.as_array()) {
                for n in 0..e.len().max(v.len()) {
                    if e.get(n) != v.get(n) {
                        let text = |v: Option<&Value>| v.map(ToString::to_string).unwrap_or_default();
                        wrong.push(format!(
                            "{}: {key} {n}\n  wanted {}\n  got    {}",
                            case.display(),
                            text(e.get(n)),
                            text(v.get(n))
                        ));
                    }
                }
            } else if fields.get(key) != Some(value) {
                wrong.push(format!("{}: {key}: wanted {:?}, got {value}", case.display(), fields.get(key)));
            }
        }
        if write {
            fs::write(&file, pretty(fields)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_fixtures_cover_the_locales_and_every_export_is_detected() {
    let mut locales = BTreeSet::new();
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut parts = name.split('-');
        assert!(matches!(parts.next(), Some("android" | "ios" | "old")), "{name}");
        locales.extend(parts.next().map(str::to_owned));
        let expected: Value = serde_json::from_slice(&fs::read(case.join("expected.json")).unwrap()).unwrap();
        let found = detect(&case.join(expected["file"].as_str().unwrap())).unwrap().unwrap();
        let records = expected["records"].as_array().unwrap().len() as u64;
        let refused = !expected["error"].is_null();
        assert!(refused || found.records == records, "{name}: {} of {records}", found.records);
        let said = |key: &str| expected["options"].get(key).is_some();
        let missing = |need: &str| !said(&need.replace('-', "_")) && need != "owner";
        assert_eq!(found.needs.iter().any(|need| missing(need)), refused, "{name} needs {:?}", found.needs);
        assert!(found.chats[0].why.contains("begin like"));
    }
    assert!(locales.len() >= 25, "{locales:?}");
}
