//! The worked examples of the specification, as they are written there: four messages, of which three are ordinary mail. The
//! meaning (`eval`) and the index are both held to them.

use super::{Context, Facts, Item, Marks, hits, parse, resolve};
use crate::model::{
    Attachment, Conversation, Digest, Identity, Instant, MailboxName, Message, Participant, PhoneNumber, SourceKind,
};

/// A query, and the messages that it finds; `None`: it is an error.
pub(crate) const TABLE: &[(&str, Option<&str>)] = &[
    ("subject:\"Quarterly Financials\"", Some("A")),
    ("subject:budget Q1", Some("B")),
    ("subject:\"budget Q1\"", Some("")),
    ("sent:2021-07-01", Some("A")),
    ("sent<=2021-07-01", Some("AC")),
    ("sent:2021-06-30..2021-07-01", Some("AC")),
    ("from:ann from:bob", Some("AB")),
    ("from:ann subject:budget", Some("")),
    ("cat and dog", Some("D")),
    ("cat AND dog", Some("D")),
    ("acquisition NEAR(3) debt", Some("")),
    ("acquisition NEAR(4) debt", Some("C")),
    ("debt ONEAR(8) acquisition", Some("")),
    ("cat dog OR budget", Some("D")),
    ("cat AND dog OR budget", Some("BD")),
    ("NOT kind:externaldata", Some("ABD")),
    ("itemclass:ipm.externaldata.whatsapp*", Some("C")),
    ("attachmentnames:annual*", Some("B")),
    ("hasattachment:true", Some("B")),
    ("*port", None),
    ("an*al", None),
    ("an*", None),
    ("to: bob", Some("")),
    ("subject:\"\"", Some("")),
    ("", Some("ABCD")),
    ("phone* OR smartphone*(c:c)(sent=2019-12-01..2020-11-30)(kind=\"email\")(kind=\"meetings\")", Some("")),
    // What the same rules say of the same messages beyond the table.
    ("acquisition NEAR debt", Some("C")),
    ("acquisition ONEAR(n=4) debt", Some("C")),
    ("debt NEAR(4) acquisition", Some("C")),
    ("\"the acquisition\" NEAR(2) \"by new\"", Some("C")),
    ("(merger OR acquisition) NEAR(4) debt", Some("C")),
    ("WORDS(debt, cat) ONEAR dog", Some("D")),
    ("WORDS(budget, \"cat and\", fund*)", Some("BCD")),
    ("ANY(cat budget)", Some("BD")),
    ("ALL(cat dog)", Some("D")),
    ("NONE(cat budget)", Some("AC")),
    ("cat XRANK(cb=100) budget", Some("D")),
    ("cat(c:s)budget(c:s)nothing", Some("BD")),
    ("cat OR budget(c:c)(kind:email)(-subject:budget)", Some("D")),
    ("(c:c)(subject:budget)(sent<2021-08-01)(subject:quarterly)", Some("AB")),
    ("(c:c)(from:ann;bob)", Some("AB")),
    ("debt(c:c)(from:ann)(kind:externaldata)", Some("")),
    ("sent>2021-07-01", Some("BD")),
    ("sent>=2021-07-01", Some("ABD")),
    ("sent<2021-07-01", Some("C")),
    ("sent:2021-07-02[America/New_York]", Some("")),
    ("sent:2021-07-01[America/New_York]", Some("AB")),
    ("sent:\"2021-07-02 01:30 Europe/Warsaw\"", Some("A")),
    ("sent:2021-07-02+00:30", Some("AB")),
    ("kind:email", Some("ABD")),
    ("kind:im", Some("C")),
    ("number:\"+44 (7700) 900-102\"", Some("C")),
    ("to:447700900102", Some("C")),
    ("cc:447700900102", Some("")),
    ("recipients:447700900102", Some("C")),
    ("source:telemessage", Some("ABCD")),
    ("kind:unindexed", Some("B")),
    ("conversation:falcon", Some("C")),
    ("importance:medium AND isread:false cat", Some("D")),
    ("importance:high", Some("")),
    ("size:1000 AND size<1KiB", Some("ABCD")),
    ("debt NEAR(5) kind:im", None),
    ("NEAR debt", None),
    ("debt NEAR(many) cat", None),
    ("debt NEAR(2000) cat", None),
    ("cat(c:c)", None),
    ("(c:s)cat", None),
    ("hold:unknown", None),
    ("tag:unknown", Some("")),
    ("id:xyz123", None),
    ("lang:klingon", None),
];

/// The four messages.
pub(crate) fn corpus() -> Vec<(char, Message, Facts)> {
    let message = |subject: &str, body: &str, from: &str, sent: &str| Message {
        sent: Instant::parse_rfc3339(sent),
        sender: Participant {
            name: None,
            number: PhoneNumber::parse(from),
            email: from.contains('@').then(|| from.to_owned()),
        },
        subject: subject.into(),
        body: body.into(),
        ..Message::empty(
            Identity { source: SourceKind::Telemessage, account: None, native: subject.into() },
            Conversation::default(),
        )
    };
    let a = message("Quarterly Financials 2018", "", "ann@x.example", "2021-07-01T23:30:00Z");
    let mut b = message("budget", "Q1 plan", "bob@x.example", "2021-07-02T00:00:00Z");
    b.attachments.push(Attachment {
        name: "annual-report.pdf".into(),
        media_type: "application/pdf".into(),
        size: 3,
        sha256: Digest::of(b"x"),
    });
    let subject = "WhatsApp message from 447700900101 to 447700900102";
    let body = "the acquisition was funded by new debt";
    let mut c = message(subject, body, "447700900101", "2021-06-30T12:00:00Z");
    c.recipients = vec![Participant { number: PhoneNumber::parse("447700900102"), ..Participant::default() }];
    c.conversation = Conversation { id: "c".into(), name: Some("Project Falcon".into()), ..Conversation::default() };
    let d = message("", "cat and dog", "", "2021-08-01T00:00:00Z");
    let facts = |(name, message): (char, Message)| {
        let mut facts = Facts::of(&message, 1_000).with_file(&message.id(), &Digest::of(&[name as u8]));
        if name != 'C' {
            facts.kind = None;
        }
        (name, message, facts)
    };
    [('A', a), ('B', b), ('C', c), ('D', d)].into_iter().map(facts).collect()
}

/// The closed expression of a query of the table; `None`: an error.
pub(crate) fn closed(query: &str) -> Option<super::Expr> {
    let now = Instant::parse_rfc3339("2021-07-02T10:00:00Z").unwrap();
    let parsed = parse(query).ok()?;
    resolve(&parsed.expr, &Context::at(now)).ok().map(|resolved| resolved.expr)
}

#[test]
fn the_worked_examples_find_what_the_specification_says() {
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    for (query, expected) in TABLE {
        let found = closed(query).map(|expr| {
            let hit = |facts: &Facts| hits(&expr, &Item { facts, mailbox: &mailbox, marks: &Marks::NONE });
            corpus().iter().filter(|(.., facts)| hit(facts)).map(|(name, ..)| *name).collect::<String>()
        });
        assert_eq!(found.as_deref(), *expected, "{query}");
    }
}
