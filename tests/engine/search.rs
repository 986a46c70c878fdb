//! Statistics against a count over all vault files; samples, context and related notices.

use crate::common::TestArchive;
use custodia::{
    Archive,
    archive::{
        AuditFilter, Hit, Keyword, SampleOptions, SearchOptions, SearchReport, StatisticsOptions, StatisticsReport,
    },
    extract::Unread,
    model::{Digest, Instant, MailboxName, Message, MessageId, SourceKind, User},
    query::{self, Attached, Context, Expr, Facts, Item, Marks},
    source,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One message, read from its vault file.
struct Stored {
    ordinal: u32,
    id: MessageId,
    size: u64,
    message: Message,
    facts: Facts,
}

/// Every message of the archive, by reading the vault; the journal only says which ordinal a file has.
fn everything(test: &TestArchive, archive: &Archive) -> Vec<Stored> {
    let mut all = Vec::new();
    let filter = AuditFilter { kind: Some("message.archived".into()), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            let event = &row.event;
            let digest = event["digest"].as_str().unwrap();
            let bytes = std::fs::read(test.path().join(format!("vault/{}/{digest}.eml", &digest[..2]))).unwrap();
            let message = source::understand(SourceKind::Telemessage, &bytes).unwrap();
            let id: MessageId = serde_json::from_value(event["id"].clone()).unwrap();
            let size = bytes.len() as u64;
            let facts = Facts::of(&message, size).with_file(&id, &Digest::of(&bytes)).with_lang(&message);
            let contents = source::contents(SourceKind::Telemessage, Some(&bytes), &message);
            let attached = |content: &source::Content| {
                content.unread.map(|unread| match unread {
                    Unread::Encrypted => "encrypted_attachment",
                    other => other.as_str(),
                })
            };
            let facts = match contents.is_empty() {
                true => facts,
                false => facts.with_contents(
                    contents.iter().map(|content| Attached { text: &content.text, unread: attached(content) }),
                ),
            };
            let ordinal = u32::try_from(event["ordinal"].as_u64().unwrap()).unwrap();
            all.push(Stored { ordinal, id, size, message, facts });
            Ok(())
        })
        .unwrap();
    all
}

fn closed(archive: &Archive, text: &str) -> Expr {
    let state = archive.state();
    let users: Vec<User> = state.users.values().cloned().collect();
    let mailboxes: Vec<MailboxName> = state.boxes.keys().cloned().collect();
    let context = Context {
        users: &users,
        mapping: &state.mapping,
        mailboxes: &mailboxes,
        ..Context::at(Instant(1_780_000_000_000))
    };
    query::resolve(&query::parse(text).unwrap().expr, &context).unwrap().expr
}

/// What one expression finds: items, and items that are in doubt.
#[derive(Default)]
struct Found {
    hits: BTreeSet<(u32, MailboxName)>,
    unsure: BTreeSet<(u32, MailboxName)>,
}

impl Found {
    fn by_looking_at_each(archive: &Archive, all: &[Stored], expr: &Expr, mailboxes: &[MailboxName]) -> Self {
        let mut found = Self::default();
        for stored in all {
            let state = archive.state();
            for mailbox in mailboxes.iter().filter(|mailbox| state.boxes[*mailbox].has(stored.ordinal)) {
                let marks = Marks {
                    ordinal: stored.ordinal,
                    is_deleted: state.deleted.contains(stored.ordinal),
                    is_edited: state.edited.contains(stored.ordinal),
                    recoverable: state.boxes[mailbox].recoverable.contains(stored.ordinal),
                    ..Marks::NONE
                };
                let item = Item { facts: &stored.facts, mailbox, marks: &marks };
                let key = (stored.ordinal, mailbox.clone());
                if query::hits(expr, &item) {
                    found.hits.insert(key);
                } else if !stored.facts.unread.is_empty() && query::may_hit(expr, &item) {
                    found.unsure.insert(key);
                }
            }
        }
        let messages = found.messages();
        found.unsure.retain(|(ordinal, _)| !messages.contains(ordinal));
        found
    }

    fn messages(&self) -> BTreeSet<u32> {
        self.hits.iter().map(|(ordinal, _)| *ordinal).collect()
    }

    fn locations(&self) -> BTreeSet<&MailboxName> {
        self.hits.iter().map(|(_, mailbox)| mailbox).collect()
    }
}

/// The numbers of a report, counted one by one.
fn counted(all: &[Stored], mailboxes: usize, whole: &Found, rows: &[Found]) -> Value {
    let stored: BTreeMap<u32, &Stored> = all.iter().map(|stored| (stored.ordinal, stored)).collect();
    let bytes = |messages: &BTreeSet<u32>| messages.iter().map(|ordinal| stored[ordinal].size).sum::<u64>();
    let messages = whole.messages();
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    let mut conversations: BTreeMap<&str, u64> = BTreeMap::new();
    for ordinal in &messages {
        let message = &stored[ordinal].message;
        *conversations.entry(&message.conversation.id).or_default() += 1;
        if let Some(sent) = message.sent {
            *months.entry(sent.to_string()[..7].to_owned()).or_default() += 1;
        }
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    let unsure: BTreeSet<u32> = whole.unsure.iter().map(|(ordinal, _)| *ordinal).collect();
    for reason in unsure.iter().flat_map(|ordinal| &stored[ordinal].facts.unread) {
        *reasons.entry(reason).or_default() += 1;
    }
    let condition = |found: &Found| {
        let own = found.messages();
        let others: Vec<BTreeSet<u32>> =
            rows.iter().filter(|other| !std::ptr::eq(*other, found)).map(Found::messages).collect();
        let unique = own.iter().filter(|message| !others.iter().any(|other| other.contains(message))).count();
        json!({"items": found.hits.len(), "messages": own.len(), "locations": found.locations().len(),
            "bytes": bytes(&own), "unique": unique})
    };
    let location = |mailbox: &&MailboxName| {
        let own: BTreeSet<u32> =
            whole.hits.iter().filter(|(_, other)| other == *mailbox).map(|(ordinal, _)| *ordinal).collect();
        (mailbox.to_string(), json!([own.len(), bytes(&own)]))
    };
    json!({
        "messages": messages.len(), "items": whole.hits.len(), "bytes": bytes(&messages),
        "locations": [whole.locations().len(), mailboxes], "conversations": conversations,
        "unsure": [unsure.len(), whole.unsure.len()], "reasons": reasons, "months": months,
        "rows": rows.iter().map(condition).collect::<Vec<_>>(),
        "top": whole.locations().iter().map(location).collect::<BTreeMap<_, _>>(),
    })
}

/// The same numbers of a report.
fn reported(report: &StatisticsReport) -> Value {
    let conversations: BTreeMap<&str, u64> =
        report.conversations.top.iter().map(|row| (row.id.as_str(), row.messages)).collect();
    assert_eq!(report.conversations.with_hits as usize, conversations.len());
    let months: BTreeMap<&str, u64> =
        report.by_month.iter().filter(|row| row.messages > 0).map(|row| (row.month.as_str(), row.messages)).collect();
    let rows = report.conditions.iter().filter(|row| row.part == "keyword").map(|row| {
        json!({"items": row.items, "messages": row.messages, "locations": row.locations, "bytes": row.bytes, "unique": row.unique})
    });
    let top: BTreeMap<String, Value> =
        report.top_locations.iter().map(|row| (row.mailbox.to_string(), json!([row.items, row.bytes]))).collect();
    assert_eq!(report.by_month.iter().map(|row| row.messages).sum::<u64>() + report.date_unknown, report.messages);
    let primary = &report.conditions[0];
    assert_eq!((primary.part, primary.messages, primary.items), ("primary", report.messages, report.items));
    json!({
        "messages": report.messages, "items": report.items, "bytes": report.bytes,
        "locations": [report.locations.with_hits, report.locations.searched], "conversations": conversations,
        "unsure": [report.partially_indexed.total, report.partially_indexed.items],
        "reasons": report.partially_indexed.by_reason, "months": months, "rows": rows.collect::<Vec<_>>(), "top": top,
    })
}

/// Queries, each with its rows of keywords; none written: the query is its only row.
const QUERIES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("invoice", &[]),
    ("\"wire transfer\"", &[]),
    ("wire transfer", &[]),
    ("transf*", &[]),
    ("\"wire trans*\"", &[]),
    ("wire OR invoice", &["wire", "invoice"]),
    ("wire OR invoice OR zebra", &["wire", "invoice", "zebra"]),
    ("wire OR invoice sent>=2025-08-01", &["wire sent>=2025-08-01", "invoice sent>=2025-08-01"]),
    ("wire AND hold OR invoice", &["wire AND hold", "invoice"]),
    ("wire(c:s)invoice(c:c)(kind:chat)", &["wire kind:chat", "invoice kind:chat"]),
    (
        "wire(c:s)wire(c:s)\"wire transfer\"(c:c)(sent>=2025-05-01)",
        &["wire sent>=2025-05-01", "wire sent>=2025-05-01", "\"wire transfer\" sent>=2025-05-01"],
    ),
    ("NOT wire", &[]),
    ("NOT (wire OR invoice OR the)", &[]),
    ("invoice NOT wire", &[]),
    ("wire NEAR(3) transfer", &[]),
    ("transfer ONEAR(9) the", &[]),
    ("the NEAR(2) invoice", &[]),
    ("from:ana.ruiz@northgate.example", &[]),
    ("from:\"Ana Ruiz\" OR to:\"Ana Ruiz\"", &["from:\"Ana Ruiz\"", "to:\"Ana Ruiz\""]),
    ("participants:447700900102", &[]),
    ("from:4477009001*", &[]),
    ("participants:northgate.example", &[]),
    ("mailbox:ana.ruiz@northgate.example", &[]),
    ("mailbox:ana.ruiz@northgate.example wire", &[]),
    ("NOT mailbox:ana.ruiz@northgate.example", &[]),
    ("mailbox:ana.ruiz@northgate.example OR invoice", &["mailbox:ana.ruiz@northgate.example", "invoice"]),
    ("kind:call", &[]),
    ("kind:deletion", &[]),
    ("kind:edit OR kind:deletion OR kind:call", &["kind:edit", "kind:deletion", "kind:call"]),
    ("kind:externaldata", &[]),
    ("itemclass:ipm.externaldata.whatsapp*", &[]),
    ("isdeleted:true", &[]),
    ("isedited:true OR isdeleted:true", &["isedited:true", "isdeleted:true"]),
    ("hasattachment:true", &[]),
    ("hasattachment:false wire", &[]),
    ("attachmentnames:pdf", &[]),
    ("kind:unindexed", &[]),
    ("kind:unindexed wire", &[]),
    ("NOT kind:unindexed transfer", &[]),
    ("size>2000", &[]),
    ("size:500..1500 invoice", &[]),
    ("sent:2025-07-01..2025-12-31", &[]),
    ("sent<2025-04-01 OR sent>=2026-01-01", &["sent<2025-04-01", "sent>=2026-01-01"]),
    ("sent=2025-03-01", &[]),
    ("subject:whatsapp", &[]),
    ("conversation:falcon", &[]),
    ("الشحنة", &[]),
    ("合同 OR चालान OR straße", &["合同", "चालान", "straße"]),
    ("zebra", &[]),
    ("", &[]),
];

#[test]
fn statistics_equal_a_count_over_all_vault_files() {
    assert!(QUERIES.len() >= 50);
    let (test, _) = TestArchive::imported(500);
    let mut archive = test.open();
    let all = everything(&test, &archive);
    let mailboxes: Vec<MailboxName> = archive.state().boxes.keys().cloned().collect();
    let (mut some, mut doubtful) = (0, 0);
    for (query, rows) in QUERIES {
        for selected in [&mailboxes[..], &mailboxes[1..3]] {
            let look = |text: &str| Found::by_looking_at_each(&archive, &all, &closed(&archive, text), selected);
            let whole = look(query);
            let one = [*query];
            let rows: Vec<Found> = match (*rows, *query) {
                (_, "") => Vec::new(),
                ([], _) => one.iter().map(|row| look(row)).collect(),
                (rows, _) => rows.iter().map(|row| look(row)).collect(),
            };
            let names = selected.iter().map(ToString::to_string).collect();
            let options = StatisticsOptions { mailboxes: names, ..StatisticsOptions::default() };
            let report = archive.statistics(query, &options).unwrap();
            let expected = counted(&all, selected.len(), &whole, &rows);
            assert_eq!(reported(&report), expected, "{query} in {} mailboxes", selected.len());
            some += usize::from(!whole.hits.is_empty() && whole.messages().len() < all.len());
            doubtful += usize::from(!whole.unsure.is_empty());
            // The other ways to ask say the same.
            let options = SearchOptions { mailboxes: options.mailboxes, limit: 0, ..SearchOptions::default() };
            let search = archive.search(query, &options).unwrap();
            assert_eq!((search.total, search.items), (report.messages, report.items), "{query}");
            assert_eq!(search.partially_indexed, report.partially_indexed.total, "{query}");
        }
    }
    assert!(some >= 60 && doubtful >= 20, "too few answers say something: {some}, {doubtful}");
}

#[test]
fn what_is_not_indexed_yet_is_counted_sampled_and_read_the_same() {
    let (test, _) = TestArchive::imported(120);
    let queries = ["wire OR invoice", "NOT wire", "kind:unindexed", "from:\"Ana Ruiz\"", "zebra", ""];
    let searches = [
        ("the", SearchOptions { sample: Some(SampleOptions { size: 7, seed: Some(7) }), ..SearchOptions::default() }),
        ("the", SearchOptions { context: 2, limit: 10, ..SearchOptions::default() }),
        ("isdeleted:true OR kind:deletion", SearchOptions { related: true, ..SearchOptions::default() }),
        ("the", SearchOptions { offset: 3, limit: 4, ..SearchOptions::default() }),
    ];
    let ask = |archive: &mut Archive| -> Vec<Value> {
        let mut answers = Vec::new();
        for query in queries {
            let report = archive.statistics(query, &StatisticsOptions::default()).unwrap();
            answers.push(serde_json::to_value(&report).unwrap());
        }
        for (query, options) in &searches {
            answers.push(serde_json::to_value(archive.search(query, options).unwrap()).unwrap());
        }
        answers.iter_mut().for_each(|answer| answer["as_of"] = Value::Null);
        answers
    };
    let with = ask(&mut test.open());
    std::fs::rename(test.path().join("index"), test.path().join("no-index")).unwrap();
    let mut archive = test.open();
    assert_eq!(archive.index_state().state, "current");
    for (without, with) in ask(&mut archive).iter().zip(&with) {
        assert_eq!(without, with);
    }
    assert!(with[0]["messages"].as_u64() > Some(0) && with[6]["returned"] == 7);
}

#[test]
fn rows_of_a_file_are_limited_by_the_query_and_say_what_only_they_find() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let all = everything(&test, &archive);
    let mailboxes: Vec<MailboxName> = archive.state().boxes.keys().cloned().collect();
    let keywords =
        Keyword::read("wire\n# note\n\"wire transfer\"\ninvoice\nwire NOT transfer\nzebra\n".as_bytes()).unwrap();
    let look =
        |archive: &Archive, text: &str| Found::by_looking_at_each(archive, &all, &closed(archive, text), &mailboxes);
    for within in ["", "sent>=2025-08-01"] {
        let rows: Vec<Found> = keywords.iter().map(|row| look(&archive, &format!("({}) {within}", row.text))).collect();
        let together: Vec<String> = keywords.iter().map(|row| format!("({})", row.text)).collect();
        let whole = look(&archive, &format!("({}) {within}", together.join(" OR ")));
        let options = StatisticsOptions { keywords: Some(keywords.clone()), ..StatisticsOptions::default() };
        let report = archive.statistics(within, &options).unwrap();
        assert_eq!(reported(&report), counted(&all, mailboxes.len(), &whole, &rows), "within {within:?}");
        let lines: Vec<Option<usize>> = report.conditions.iter().skip(1).map(|row| row.line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 6].map(Some));
    }
    let mut searches = Vec::new();
    let filter = AuditFilter { kind: Some("search.run".into()), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            searches.push(row.event["query"].as_str().unwrap().to_owned());
            Ok(())
        })
        .unwrap();
    assert_eq!(searches.len(), 2 * (1 + keywords.len()), "the whole and each row are recorded");
    assert_eq!(searches[7], "(wire) AND (sent>=2025-08-01)");
}

fn ids(report: &SearchReport) -> Vec<MessageId> {
    report.hits.iter().map(|hit| hit.id).collect()
}

#[test]
fn a_sample_can_be_drawn_again_and_a_larger_one_contains_the_smaller() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let mut sample = |size, seed| {
        let options = SearchOptions { sample: Some(SampleOptions { size, seed }), ..SearchOptions::default() };
        archive.search("the", &options).unwrap()
    };
    let first = sample(10, Some(7));
    assert_eq!((first.returned, first.hits.len()), (10, 10));
    assert_eq!(ids(&first), ids(&sample(10, Some(7))));
    assert_ne!(ids(&first), ids(&sample(10, Some(8))));
    let larger: BTreeSet<MessageId> = ids(&sample(20, Some(7))).into_iter().collect();
    assert!(larger.len() == 20 && ids(&first).iter().all(|id| larger.contains(id)));
    let dates: Vec<Option<Instant>> = first.hits.iter().map(|hit| hit.sent).collect();
    assert!(dates.is_sorted());
    let all = sample(u64::MAX, Some(1));
    assert_eq!(all.returned as u64, all.total);
    // The documented rule, done by hand.
    let rank =
        |id: &MessageId| Digest::of(&[b"custodia sample 1\0".as_slice(), &7u64.to_be_bytes(), &id.0[..8]].concat());
    let mut by_hand = ids(&all);
    by_hand.sort_by_key(rank);
    let by_hand: BTreeSet<MessageId> = by_hand.into_iter().take(10).collect();
    assert_eq!(ids(&first).into_iter().collect::<BTreeSet<_>>(), by_hand);
    let drawn = sample(5, None);
    assert!(drawn.total > 20);
    let seed = drawn.sample.unwrap().seed;
    assert_eq!(ids(&sample(5, Some(seed))), ids(&drawn));
    let mut last = Value::Null;
    let filter = AuditFilter { kind: Some("search.run".into()), last: Some(1), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            last = row.event;
            Ok(())
        })
        .unwrap();
    assert_eq!((last["sample"].as_u64(), last["seed"].as_u64()), (Some(5), Some(seed)));
}

#[test]
fn context_is_what_was_said_before_and_after_and_no_message_stands_twice() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let all = everything(&test, &archive);
    for (around, limit) in [(1, 5), (3, 50)] {
        let options = SearchOptions { context: around, limit, ..SearchOptions::default() };
        let report = archive.search("invoice", &options).unwrap();
        let plain = archive.search("invoice", &SearchOptions { limit, ..SearchOptions::default() }).unwrap();
        assert_eq!((report.returned, report.total), (plain.hits.len(), plain.total));
        let told: BTreeSet<MessageId> = ids(&report).into_iter().collect();
        assert_eq!(told.len(), report.hits.len(), "a message stands twice");
        let hits: BTreeSet<MessageId> = ids(&plain).into_iter().collect();
        let marked: BTreeSet<MessageId> = report.hits.iter().filter(|hit| !hit.context).map(|hit| hit.id).collect();
        assert_eq!(marked, hits);
        // By hand: the neighbours of each hit in its conversation, by date.
        let mut expected = BTreeSet::new();
        for hit in &plain.hits {
            let mut chat: Vec<&Stored> =
                all.iter().filter(|stored| stored.message.conversation.id == hit.conversation.id).collect();
            chat.sort_by_key(|stored| (stored.message.sent.is_none(), stored.message.sent, stored.ordinal));
            let place = chat.iter().position(|stored| stored.id == hit.id).unwrap();
            let from = place.saturating_sub(around);
            expected.extend(chat.iter().skip(from).take(place + around + 1 - from).map(|stored| stored.id));
        }
        assert_eq!(told, expected);
        assert_eq!(report.context, expected.len() - hits.len());
        let stretches = |hit: &Hit| hit.stretch.unwrap();
        assert!(report.hits.iter().map(stretches).collect::<Vec<_>>().is_sorted());
        for pair in report.hits.windows(2).filter(|pair| pair[0].stretch == pair[1].stretch) {
            assert_eq!(pair[0].conversation.id, pair[1].conversation.id);
            assert!((pair[0].sent.is_none(), pair[0].sent) <= (pair[1].sent.is_none(), pair[1].sent));
        }
    }
}

#[test]
fn context_shows_nothing_of_a_mailbox_that_is_not_searched() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let mailbox = archive.state().boxes.keys().next().unwrap().clone();
    let options =
        SearchOptions { context: 20, related: true, mailboxes: vec![mailbox.to_string()], ..SearchOptions::default() };
    let report = archive.search("the", &options).unwrap();
    assert!(report.context > 0);
    assert!(report.hits.iter().all(|hit| hit.mailboxes == [mailbox.clone()]));
}

#[test]
fn a_hit_brings_its_notices_and_a_notice_its_original() {
    let (test, _) = TestArchive::imported(600);
    let mut archive = test.open();
    for (query, brings, kind) in [
        ("isdeleted:true", "deletion", "deletion"),
        ("isedited:true", "edit", "edit"),
        ("kind:deletion", "original", "chat"),
    ] {
        let options = SearchOptions { related: true, limit: 1_000, ..SearchOptions::default() };
        let report = archive.search(query, &options).unwrap();
        assert!(report.total > 0 && report.related as u64 >= report.total, "{query}: {}", report.related);
        assert_eq!(report.returned as u64, report.total, "related messages are no hits");
        for hit in report.hits.iter().filter(|hit| hit.related == Some(brings)) {
            assert_eq!(hit.kind.as_str(), kind);
            assert!(report.hits.iter().any(|other| Some(other.id) == hit.related_to && other.related.is_none()));
        }
        let told: BTreeSet<MessageId> = ids(&report).into_iter().collect();
        assert_eq!(told.len(), report.hits.len());
    }
}

#[test]
fn a_search_without_hits_says_which_part_is_the_reason() {
    let (test, _) = TestArchive::imported(300);
    let mut archive = test.open();
    let mut ask = |query: &str, mailboxes: &[&str]| {
        let mailboxes = mailboxes.iter().map(|name| (*name).to_owned()).collect();
        let report = archive.search(query, &SearchOptions { mailboxes, ..SearchOptions::default() }).unwrap();
        assert_eq!(report.total, 0, "{query}");
        let total = |query: &str| test.open().search(query, &SearchOptions::default()).unwrap().total;
        (report.parts, report.nothing.unwrap(), total("wire"))
    };
    let (parts, _, wire) = ask("wire zebra", &[]);
    assert_eq!(parts.iter().map(|part| part.messages).collect::<Vec<_>>(), [wire, 0]);
    let (_, nothing, wire) = ask("wrie", &[]);
    let instead = &nothing.suggestions[0].instead;
    assert_eq!((instead[0].word.as_str(), instead[0].messages), ("wire", wire));
    let (_, nothing, _) = ask("\"transfer wire\"", &[]);
    assert!(nothing.scattered[0].messages > 0 && nothing.suggestions.is_empty());
    let (_, nothing, wire) = ask("wire sent>2030-01-01", &[]);
    let times = nothing.other_times.unwrap();
    assert!(times.messages == wire && times.first < times.last);
    let (_, nothing, _) = ask("from:ana.riuz@northgate.example", &[]);
    assert_eq!(nothing.suggestions[0].instead[0].word, "ana.ruiz@northgate.example");
    let (_, nothing, _) = ask("wire kind:call sent>2020-01-01", &[]);
    assert_eq!(nothing.empty_pairs.len(), 1);
    let (_, nothing, _) = ask("mailbox:ana.ruiz@northgate.example", &["omar.haddad@northgate.example"]);
    assert!(nothing.other_mailboxes > Some(0));
}
