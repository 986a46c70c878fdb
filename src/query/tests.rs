//! The language as a whole: the worked examples of the specification, what is refused and where, what is warned of.

use super::*;
use crate::model::{
    Attachment, Conversation, Digest, Identity, Instant, MailboxName, Message, MessageKind, Participant, PhoneNumber,
    SourceKind,
};
use proptest::prelude::*;

fn message(subject: &str, body: &str, from: &str, sent: &str) -> Message {
    Message {
        identity: Identity { source: SourceKind::Telemessage, account: None, native: "1".into() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Instant::parse_rfc3339(sent),
        sender: Participant {
            name: None,
            number: PhoneNumber::parse(from),
            email: from.contains('@').then(|| from.to_owned()),
        },
        recipients: vec![],
        carbon: Default::default(),
        conversation: Conversation::default(),
        subject: subject.into(),
        body: body.into(),
        attachments: vec![],
        encrypted: false,
        journaled: false,
        media_removed: vec![],
        source_words: vec![],
        details: None,
        findings: vec![],
    }
}

fn attachment(name: &str) -> Attachment {
    Attachment { name: name.into(), media_type: "application/pdf".into(), size: 3, sha256: Digest::of(b"x") }
}

/// The corpus of the worked examples; all four are WhatsApp items here.
fn corpus() -> Vec<(char, Message)> {
    let mut b = message("budget", "Q1 plan", "bob@x.example", "2021-07-02T00:00:00Z");
    b.attachments.push(attachment("annual-report.pdf"));
    let subject = "WhatsApp message from 447700900101 to 447700900102";
    let body = "the acquisition was funded by new debt";
    let mut c = message(subject, body, "+44 7700 900101", "2021-06-30T12:00:00Z");
    c.recipients = vec![Participant {
        name: Some("Łucja Nowak".into()),
        number: PhoneNumber::parse("447700900102"),
        email: Some("lucja@north.example".into()),
    }];
    let mut d = message("", "cat and dog", "", "2021-08-01T00:00:00Z");
    d.kind = MessageKind::Call;
    vec![
        ('A', message("Quarterly Financials 2018", "", "ann@x.example", "2021-07-01T23:30:00Z")),
        ('B', b),
        ('C', c),
        ('D', d),
    ]
}

fn closed(query: &str) -> Expr {
    let now = Instant::parse_rfc3339("2021-07-02T10:00:00Z").unwrap();
    let parsed = parse(query).unwrap_or_else(|error| panic!("{query}: {error}\n{}", error.caret(query)));
    resolve(&parsed.expr, &Context::at(now)).unwrap_or_else(|error| panic!("{query}: {error}")).expr
}

fn found(query: &str) -> String {
    let expr = closed(query);
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let edited = Marks { is_edited: true, ..Marks::default() };
    let hit = |message: &Message| {
        let facts = Facts::of(message, 1_000);
        hits(&expr, &Item { facts: &facts, mailbox: &mailbox, marks: &edited })
    };
    corpus().iter().filter(|(_, message)| hit(message)).map(|(name, _)| *name).collect()
}

fn refused(query: &str) -> (String, std::ops::Range<usize>) {
    let error = parse(query).expect_err(query);
    (error.message, error.span)
}

fn warned(query: &str) -> Vec<WarningCode> {
    parse(query).unwrap().warnings.into_iter().map(|warning| warning.code).collect()
}

#[test]
fn the_worked_examples_find_what_the_specification_says() {
    for (query, expected) in [
        ("subject:\"Quarterly Financials\"", "A"),
        ("subject:budget Q1", "B"),
        ("subject:\"budget Q1\"", ""),
        ("sent:2021-07-01", "A"),
        ("sent<=2021-07-01", "AC"),
        ("sent>2021-07-01", "BD"),
        ("sent>=2021-07-01", "ABD"),
        ("sent<2021-07-01", "C"),
        ("sent<>2021-07-01", "BCD"),
        ("sent:2021-06-30..2021-07-01", "AC"),
        ("received:6/30/2021..7/1/2021", "AC"),
        ("date:yesterday", "A"),
        ("from:ann from:bob", "AB"),
        ("from:ann AND from:bob", ""),
        ("from:ann subject:budget", ""),
        ("cat and dog", "D"),
        ("cat AND dog", "D"),
        ("cat dog OR budget", "D"),
        ("cat AND dog OR budget", "BD"),
        ("itemclass:ipm.externaldata.whatsapp*", "ABCD"),
        ("itemclass:IPM.ExternalData.WhatsApp.Call", "D"),
        ("attachmentnames:annual*", "B"),
        ("attachmentnames:\"annual rep*\"", "B"),
        ("hasattachment:true", "B"),
        ("hasattachment<>true", "ACD"),
        ("to: bob", ""),
        ("subject:\"\"", ""),
        ("", "ABCD"),
        ("   ", "ABCD"),
        ("kind:externaldata", "ABCD"),
        ("NOT kind:externaldata", ""),
        ("kind:call", "D"),
        ("kind:email", ""),
        ("budget -plan", ""),
        ("budget NOT financials", "B"),
        ("NOT cat", "ABC"),
        ("-from:bob", "ACD"),
        ("+budget", "B"),
        ("-(cat OR budget)", "AC"),
        ("\"funded by new*\"", "C"),
        ("\"funded new*\"", ""),
        ("acqui*", "C"),
        ("participants:447700900102", "C"),
        ("to:\"+44 7700 900102\"", "C"),
        ("recipients:lucja", "C"),
        ("from:lucja", ""),
        ("participants:north.example", "C"),
        ("to:LUCJA@north.example", "C"),
        ("to:44770*", "C"),
        ("+44 7700 900102", "C"),
        ("447700900102", "C"),
        ("łucja", "C"),
        ("annual-report.pdf", "B"),
        ("report", "B"),
        ("body:budget", ""),
        ("size:1000", "ABCD"),
        ("size>1000", ""),
        ("size:1..2000 -size<1000", "ABCD"),
        ("mailbox:ann@x.example cat", "D"),
        ("mailbox:bob*", ""),
        ("isdeleted:true", ""),
        ("isedited:true", "ABCD"),
        ("\u{201c}cat and\u{201d}", "D"),
        ("cat & dog", "D"),
        ("(cat) (dog)", "D"),
        ("subjecttitle:budget", "B"),
        ("SUBJECT=Budget", "B"),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_place() {
    for (query, place) in [
        ("*port", "*"),
        ("an*al", "*"),
        ("an*", "an*"),
        ("cat an*", "an*"),
        ("*", "*"),
        ("\"cat *dog\"", "*"),
        ("\"open", "\""),
        ("(cat", "("),
        ("cat)", ")"),
        ("()", ")"),
        ("cat OR", ""),
        ("AND cat", "AND"),
        ("cat AND OR dog", "OR"),
        ("cat AND (OR dog)", "OR"),
        ("subjct:x", "subjct"),
        ("sent:soon", "soon"),
        ("sent:2021-07-02..2021-07-01", "2021-07-02..2021-07-01"),
        ("sent>=2021-01-01..2021-02-01", "2021-01-01..2021-02-01"),
        ("size:1MB", "1MB"),
        ("size:9..1", "9..1"),
        ("subject>x", "x"),
        ("kind:letter", "letter"),
        ("hasattachment:perhaps", "perhaps"),
        ("subject:(a OR b)", "("),
        ("from:+44(7700)900101", "("),
        ("from:", "from:"),
        ("wire from:", "from:"),
        ("wire from: ", "from:"),
        ("(wire OR sent>=)", "sent>="),
        ("(mailbox: )", "mailbox:"),
        ("subject:\"a\"b", "b"),
        ("a + b", "+"),
        ("&", "&"),
        ("合同 is_deleted:true", "is_deleted"),
        ("has-attachment:true", "has-attachment"),
        ("WORDS(a, \"b)", "\""),
        ("a NEAR(n=b) c", "(n=b)"),
        ("sent:2026-03-04T09:00+01:00[Europe/Warsaw]", "2026-03-04T09:00+01:00[Europe/Warsaw]"),
    ] {
        let (message, span) = refused(query);
        assert_eq!(query.get(span.clone()), Some(place), "{query}: {message} {span:?}");
    }
    assert!(parse("wire from:").unwrap_err().hint.unwrap().contains("from:value"));
    let nearest = parse("subjct:x").unwrap_err();
    assert!(nearest.hint.unwrap().contains("did you mean subject?"));
    assert_eq!(nearest.span, 0..6);
    assert!(refused(&"a".repeat(10_001)).0.contains("10000"));
    assert!(refused(&format!("{}a{}", "(".repeat(101), ")".repeat(101))).0.contains("nested"));
}

#[test]
fn text_that_only_looks_like_a_restriction_is_text() {
    for query in
        ["http://x.example/a", "10:30", "see https://x.example", "a-b", "Re: budget", "x :y", "budget:", "(re:)"]
    {
        assert!(parse(query).is_ok(), "{query}: {:?}", parse(query));
    }
    assert_eq!(describe(&closed("http://x.example")), "\"http x example\"");
}

#[test]
fn what_is_odd_is_warned_of() {
    use WarningCode as W;
    for (query, expected) in [
        ("cat and dog", vec![W::LowercaseOperator]),
        ("and", vec![]),
        ("\u{201c}cat\u{201d}", vec![W::SmartQuotes]),
        ("from:ann from:bob", vec![W::SamePropertyOr]),
        ("from:ann senderauthor:bob", vec![W::SamePropertyOr]),
        ("from:ann -from:bob", vec![]),
        ("from:ann OR from:bob", vec![]),
        ("cat AND dog OR bird", vec![W::MixedOperators]),
        ("cat dog OR bird", vec![W::MixedOperators]),
        ("(cat AND dog) OR bird", vec![]),
        ("sent:4/13/2016", vec![W::AmericanDate]),
        ("to: bob", vec![W::SpaceAfterOperator]),
        ("sent > 2021-01-01", vec![W::SpaceAfterOperator]),
        ("cat - dog", vec![W::SpaceAfterOperator]),
        ("sent >2021-01-01", vec![W::SpaceAfterOperator]),
        ("\u{200e}cat", vec![W::MarksIgnored]),
        ("cat & dog", vec![W::SpecialCharacters]),
        ("cat.*", vec![W::StarIgnored]),
        ("kind:meetings", vec![W::NeverMatches]),
        ("subject:\"\"", vec![W::NeverMatches]),
    ] {
        assert_eq!(warned(query), expected, "{query}");
    }
}

#[test]
fn marks_may_touch_what_stands_before_them() {
    for (touching, apart) in [
        ("kind:chat(c:c)(sent>=2026-01-01)", "kind:chat (c:c) (sent>=2026-01-01)"),
        ("subject:\"a b\"(C:S)from:ann(c:c)(-kind:call)", "subject:\"a b\" (c:s) from:ann (c:c) (-kind:call)"),
        ("a(c:s)\"b\"(c:s)contr*", "a (c:s) \"b\" (c:s) contr*"),
    ] {
        assert_eq!(closed(touching), closed(apart), "{touching}");
    }
}

#[test]
fn what_stands_in_parentheses_behind_an_operator_is_read_whole() {
    assert_eq!(closed("(WORDS(\"a ) b\", c) OR d)"), closed("(\"a b\" OR c OR d)"));
    assert_eq!(closed("a NEAR( n = 5 ) b"), closed("a NEAR(5) b"));
}

#[test]
fn the_offers_of_a_long_query_stay_small() {
    for (piece, code) in [("a or ", WarningCode::LowercaseOperator), ("to: ", WarningCode::SpaceAfterOperator)] {
        let warnings = parse(&format!("{}a", piece.repeat(1_900))).unwrap().warnings;
        assert_eq!(warnings.iter().filter(|warning| warning.code == code).count(), 1_900, "every place is told");
        let offered: usize = warnings.iter().filter_map(|warning| warning.instead.as_ref()).map(String::len).sum();
        assert!((1..=20 * 10_000).contains(&offered), "{offered} bytes");
    }
}

/// As a hold was stored before there were `Cc` lines, extracted texts and proximity.
#[test]
fn a_stored_hold_keeps_its_meaning() {
    let stored = r#"{"Or":[{"Leaf":{"Person":{"role":"To","id":"447700900103","prefix":false}}},
        {"Not":{"Leaf":{"Words":{"field":"Any","tokens":["cat"],"prefix":false}}}},
        {"Leaf":{"Words":{"field":"To","tokens":["bea"],"prefix":false}}}]}"#;
    let Expr::Or(parts) = serde_json::from_str(stored).unwrap() else { panic!("an OR") };
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let party = |name: &str, number| Participant {
        name: Some(name.into()),
        number: PhoneNumber::parse(number),
        ..Participant::default()
    };
    let mut copied = message("hello", "cat", "ann@x.example", "2021-07-01T00:00:00Z");
    copied.recipients = vec![party("Cyd", "447700900102"), party("Bea", "447700900103")];
    for (cc, bcc) in [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1)] {
        copied.carbon = crate::model::Carbon { cc, bcc };
        let facts = Facts::of(&copied, 10);
        let item = Item { facts: &facts, mailbox: &mailbox, marks: &Marks::NONE };
        assert_eq!(parts.iter().map(|part| covers(part, &item)).collect::<Vec<_>>(), [true, false, true]);
    }
}

#[test]
fn what_an_extractor_reads_neither_frees_nor_changes_what_a_hold_covers() {
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let mut message = message("hello", "", "ann@x.example", "2021-07-01T00:00:00Z");
    message.attachments = vec![attachment("x.pdf")];
    let unread = Facts::of(&message, 10);
    let read = Facts::of(&message, 10).with_contents([Attached { text: "cat 447700900101 dog", unread: None }]);
    for query in ["cat", "NOT cat", "cat NEAR dog", "NOT (cat NEAR(2) dog)", "447700900101", "NOT 447700900101"] {
        for facts in [&unread, &read] {
            assert!(covers(&closed(query), &Item { facts, mailbox: &mailbox, marks: &Marks::NONE }), "{query}");
        }
    }
    let searched = |facts| hits(&closed("cat NEAR(1) dog"), &Item { facts, mailbox: &mailbox, marks: &Marks::NONE });
    assert!(searched(&read) && !searched(&unread));
}

#[test]
fn more_numbers_than_are_taken_are_searched_in_part_said_so_and_held() {
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let table = super::number::table_of_digits();
    let text = format!("{table}, 447700900101");
    let plain = message("", &text, "ann@x.example", "2021-07-01T00:00:00Z");
    let mut with_table = message("", "", "ann@x.example", "2021-07-01T00:00:00Z");
    with_table.attachments = vec![attachment("x.txt")];
    let read = Facts::of(&with_table, 10).with_contents([Attached { text: &text, unread: None }]);
    let expr = Expr::Leaf(Leaf::Written { digits: "447700900101".into(), prefix: false });
    for facts in [Facts::of(&plain, 10), read] {
        assert_eq!(facts.unread, ["too_large"]);
        let item = Item { facts: &facts, mailbox: &mailbox, marks: &Marks::NONE };
        assert!(!hits(&expr, &item) && may_hit(&expr, &item) && covers(&expr, &item));
        assert!(covers(&expr.clone().negated(), &item));
    }
}

#[test]
fn a_hold_covers_what_is_not_certainly_outside() {
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let covered = |query: &str, message: &Message| {
        let facts = Facts::of(message, 10);
        covers(&closed(query), &Item { facts: &facts, mailbox: &mailbox, marks: &Marks::NONE })
    };
    let plain = message("hello", "cat", "ann@x.example", "2021-07-01T00:00:00Z");
    assert!(covered("cat sent:2021-07-01", &plain));
    assert!(!covered("dog", &plain) && !covered("sent:2020-01-01", &plain) && !covered("NOT cat", &plain));

    let undated = Message { sent: None, ..plain.clone() };
    assert!(covered("sent:2020-01-01", &undated) && covered("NOT sent:2020-01-01", &undated));
    assert!(!covered("sent:2020-01-01 dog", &undated));

    let encrypted = Message { encrypted: true, ..plain.clone() };
    assert!(covered("dog", &encrypted) && covered("body:dog", &encrypted) && covered("NOT dog", &encrypted));
    assert!(!covered("subject:dog", &encrypted));

    let with_picture = Message { attachments: vec![attachment("x.pdf")], ..plain.clone() };
    assert!(covered("dog", &with_picture) && !covered("dog sent:2020-01-01", &with_picture));

    let anonymous = Message { sender: Participant::default(), ..plain };
    assert!(covered("from:bob", &anonymous) && covered("from:bob@x.example", &anonymous));
}

#[test]
fn the_deepest_query_survives_storage_in_a_hold() {
    let mut query = String::from("from:\"447700900101\"");
    for level in 0..TREE_DEPTH {
        let operator = if level % 2 == 0 { "AND" } else { "OR" };
        query = format!("(x {operator} {query})");
    }
    let expr = closed(&query);
    let json = serde_json::to_string(&expr).unwrap();
    assert_eq!(serde_json::from_str::<Expr>(&json).unwrap(), expr);
    let bytes = bincode::serialize(&expr).unwrap();
    assert_eq!(bincode::deserialize::<Expr>(&bytes).unwrap(), expr);
    assert!(refused(&format!("(x AND (y OR {query}))")).0.contains("levels"));
}

#[test]
fn every_condition_survives_storage_in_a_hold() {
    let query = "a \"b cat*\" from:x to:447700900101 sent>2020-01-01 size<5 kind:call itemclass:ipm* hasattachment:true \
                 isdeleted:false isedited:true mailbox:ann* -(x OR y) NOT participants:44770*";
    let expr = closed(query);
    assert_eq!(serde_json::from_str::<Expr>(&serde_json::to_string(&expr).unwrap()).unwrap(), expr);
    assert_eq!(bincode::deserialize::<Expr>(&bincode::serialize(&expr).unwrap()).unwrap(), expr);
    let used = restrictions_used(&expr);
    assert!(["any", "isdeleted", "isedited", "mailbox", "sent"].iter().all(|name| used.contains(name)), "{used:?}");
    assert_eq!(conditions(&expr).len(), 14);
}

#[test]
fn an_explanation_is_a_tree_of_folded_terms() {
    let tree = explain(&closed("Zażółć OR \"Annual Rep*\" -kind:call"));
    assert_eq!(tree, "AND\n  OR\n    zazolc\n    \"annual rep*\"\n  NOT\n    kind:call\n");
}

#[test]
fn a_phrase_never_crosses_from_one_value_into_the_next() {
    let mut message = message("alpha beta", "gamma", "ann@x.example", "2021-07-01T00:00:00Z");
    message.attachments = vec![attachment("one two"), attachment("three four")];
    let facts = Facts::of(&message, 1);
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let item = Item { facts: &facts, mailbox: &mailbox, marks: &Marks::NONE };
    assert!(hits(&closed("\"one two\""), &item));
    assert!(!hits(&closed("\"two three\""), &item) && !hits(&closed("\"beta gamma\""), &item));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reading_never_panics(text in "\\PC{0,60}") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
            prop_assert!(error.caret(&text).ends_with('^'));
        }
    }

    #[test]
    fn reading_near_misses_never_panics(
        parts in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "\"", "*", "-", "+", " ", "AND", "OR", "NOT", "cat", "an", "合", "😀", "from:", "sent>=", "..",
            "2021-07-01", "size:", "4", "\u{200e}", "\u{201c}", ":", "<>", "to:ann", "NEAR", "+44", "7700", "900101",
        ]), 0..14)
    ) {
        let text = parts.concat();
        match parse(&text) {
            Err(error) => {
                prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
                prop_assert!(error.caret(&text).ends_with('^'));
            }
            Ok(parsed) => {
                for warning in &parsed.warnings {
                    let [from, to] = warning.span;
                    prop_assert!(text.get(from..to).is_some(), "{:?}", warning);
                }
                let expr = closed(&text);
                prop_assert_eq!(explain(&expr), explain(&closed(&text)));
                prop_assert_eq!(serde_json::from_str::<Expr>(&serde_json::to_string(&expr).unwrap()).unwrap(), expr);
            }
        }
    }
}

#[test]
fn a_medium_that_the_source_does_not_have_is_not_read_either() {
    use crate::model::details::{Details, Media, MediaState};
    let unread = |state| {
        let media = vec![Media { kind: "image".into(), state, ..Media::default() }];
        let mut message = message("", "look", "ann@x.example", "2021-07-01T00:00:00Z");
        message.details = Some(Box::new(Details { media, ..Details::default() }));
        Facts::of(&message, 1).with_contents([]).unread
    };
    assert_eq!(unread(MediaState::Omitted), [NOT_IN_SOURCE]);
    assert_eq!(unread(MediaState::Missing), [NOT_IN_SOURCE]);
    assert!(unread(MediaState::Attached).is_empty());
}
