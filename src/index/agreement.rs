//! The index and `query::hits` must agree: random corpora, random expressions, thousands of pairs.

use super::{
    Env,
    tests::{DAY, attachment, indexed, message},
};
use crate::{
    model::{Instant, MailboxName, Message, MessageKind, Participant, PhoneNumber},
    query::{self, Expr, Facts, Item, Leaf, Role, TextField},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use roaring::RoaringBitmap;

fn words(most: usize) -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "ab",
        "abc",
        "A",
        "合同已",
        "合",
        "同",
        "😀",
        "*️⃣",
        "contract.docx",
        "x_y",
        "é",
        "aab",
    ]);
    prop::collection::vec(word, 0..most).prop_map(|words| words.join(" "))
}

fn participant() -> impl Strategy<Value = Participant> {
    let name = prop::option::of(prop::sample::select(vec!["Ann Abc", "Bob", "合同"]));
    let number = prop::option::of(prop::sample::select(vec!["447700900101", "447700900102", "12025550123"]));
    let email = prop::option::of(prop::sample::select(vec!["Ann@x.example", "bob@y.example"]));
    (name, number, email).prop_map(|(name, number, email)| Participant {
        name: name.map(str::to_owned),
        number: number.and_then(PhoneNumber::parse),
        email: email.map(str::to_owned),
    })
}

fn random_message() -> impl Strategy<Value = (Message, u64)> {
    let texts = (words(4), words(7), prop::collection::vec(words(3), 0..3));
    let people = (participant(), prop::collection::vec(participant(), 0..3));
    let kind = prop::sample::select(MessageKind::ALL.to_vec());
    let rest = (prop::option::weighted(0.8, 0i64..6), kind, prop::bool::weighted(0.1), 0u64..5);
    (texts, people, rest).prop_map(|((subject, body, names), (sender, recipients), (day, kind, encrypted, size))| {
        let attachments = names.into_iter().map(attachment).collect();
        let sent = day.map(|day| Instant(day * DAY));
        let message = Message { sender, recipients, attachments, sent, kind, encrypted, ..message(0, &subject, &body) };
        (message, size)
    })
}

fn random_leaf() -> impl Strategy<Value = Leaf> {
    let field = prop::sample::select(vec![
        TextField::Any,
        TextField::Any,
        TextField::Body,
        TextField::Subject,
        TextField::AttachmentNames,
        TextField::From,
        TextField::To,
        TextField::Participants,
    ]);
    let token = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "ab",
        "abc",
        "合同",
        "同已",
        "已",
        "合",
        "😀",
        "*\u{20e3}",
        "contract",
        "docx",
        "x",
        "y",
        "e",
        "ann",
        "bob",
        "447700900101",
        "4477",
        "example",
    ]);
    let tokens = prop::collection::vec(token.prop_map(str::to_owned), 1..4);
    let words = (field, tokens, any::<bool>());
    let role = prop::sample::select(vec![Role::From, Role::To, Role::Any]);
    let id = prop::sample::select(vec!["447700900101", "ann@x.example", "4477009001", "bob"]);
    let kind = prop::sample::select(MessageKind::ALL.to_vec());
    let class = prop::sample::select(vec!["ipm.externaldata.whatsapp.call", "ipm.externaldata.whatsapp", "ipm.note"]);
    let day = || prop::option::of(0i64..6);
    prop_oneof![
        6 => words.prop_map(|(field, tokens, prefix)| Leaf::Words { field, tokens, prefix }),
        2 => (role, id, any::<bool>()).prop_map(|(role, id, prefix)| Leaf::Person { role, id: id.into(), prefix }),
        1 => (day(), day()).prop_map(|(from, until)| Leaf::Time {
            from: from.map(|day| Instant(day * DAY)),
            until: until.map(|day| Instant(day * DAY)),
        }),
        1 => (prop::option::of(0u64..5), prop::option::of(0u64..5)).prop_map(|(min, max)| Leaf::Size { min, max }),
        1 => kind.prop_map(Leaf::Kind),
        1 => (class, any::<bool>()).prop_map(|(value, prefix)| Leaf::ItemClass { value: value.into(), prefix }),
        1 => any::<bool>().prop_map(Leaf::HasAttachment),
        1 => any::<bool>().prop_map(Leaf::IsDeleted),
        1 => any::<bool>().prop_map(Leaf::IsEdited),
    ]
}

fn random_expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![20 => random_leaf().prop_map(Expr::Leaf), 1 => Just(Expr::All), 1 => Just(Expr::Nothing)];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn random_query() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "ab",
        "abc*",
        "合",
        "合同",
        "合同已",
        "😀",
        "\"a b\"",
        "\"b abc*\"",
        "contract.docx",
        "x_y",
        "É",
        "from:ann",
        "to:bob",
        "participants:447700900101",
        "from:ann@x.example",
        "to:4477*",
        "subject:a",
        "body:b",
        "attachmentnames:contract*",
        "sent>=1970-01-03",
        "sent:1970-01-02..1970-01-04",
        "size<3",
        "kind:call",
        "hasattachment:true",
        "isdeleted:true",
        "isedited:false",
        "447700900101",
        "+44 7700 900101",
        "y.example",
    ]);
    let joint = prop::sample::select(vec![" ", " AND ", " OR ", " NOT ", " -", " AND NOT ", " OR -"]);
    (part.clone(), prop::collection::vec((joint, part), 0..4)).prop_map(|(first, rest)| {
        rest.into_iter().fold(first.to_owned(), |query, (joint, part)| format!("{query}{joint}{part}"))
    })
}

#[test]
fn the_index_answers_what_the_language_means() {
    let mut runner = TestRunner::deterministic();
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let context = query::Context { now: Instant(3 * DAY), users: &[], mapping: &[] };
    let (mut pairs, mut mixed) = (0u32, 0u32);
    for _ in 0..12 {
        let corpus = prop::collection::vec(random_message(), 14).new_tree(&mut runner).unwrap().current();
        let facts: Vec<Facts> = corpus.iter().map(|(message, size)| Facts::of(message, *size)).collect();
        let dir = tempfile::tempdir().unwrap();
        let reader = indexed(dir.path(), &corpus);
        assert_eq!(reader.doc_count(), 14);
        let deleted: RoaringBitmap = [1, 4, 7, 500].into_iter().collect();
        let edited: RoaringBitmap = [0, 4, 9].into_iter().collect();
        for round in 0..300 {
            let (expr, text) = if round % 3 == 0 {
                let text = random_query().new_tree(&mut runner).unwrap().current();
                (query::resolve(&query::parse(&text).unwrap().expr, &context), text)
            } else {
                let expr = random_expr().new_tree(&mut runner).unwrap().current();
                let text = query::describe(&expr);
                (expr, text)
            };
            let got = reader.bitmap(&expr, &Env { deleted: &deleted, edited: &edited }).unwrap();
            let hit = |(ordinal, facts): (u32, &Facts)| {
                let (is_deleted, is_edited) = (deleted.contains(ordinal), edited.contains(ordinal));
                query::hits(&expr, &Item { facts, mailbox: &mailbox, is_deleted, is_edited }).then_some(ordinal)
            };
            let expected: RoaringBitmap = (0..).zip(&facts).filter_map(hit).collect();
            assert_eq!(got, expected, "{text}\n{expr:?}");
            pairs += 14;
            mixed += u32::from(!got.is_empty() && got.len() < 14);
        }
    }
    assert!(pairs > 10_000 && mixed > 1_200, "too few telling answers: {mixed} of {} questions", pairs / 14);
}
