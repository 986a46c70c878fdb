//! Random questions: for each feature of the language an atom, which is asked alone or joined with others.

use super::{
    Dice,
    corpus::{Corpus, DAY, NUMBERS, WORDS},
};
use crate::{
    model::{HoldId, Instant, LabelId, MessageKind, SourceKind, id},
    query::{Expr, Gap, Leaf, Near, Role, Row, TextField},
};

type Atom = fn(&mut Dice, &Corpus) -> String;

/// Every feature, and how a condition of it is made.
pub(super) const FEATURES: &[(&str, Atom)] = &[
    ("word", |d, _| d.pick(WORDS).to_owned()),
    ("phrase", phrase),
    ("prefix", |d, _| {
        d.pick(&["abc*", "\"b abc*\"", "contr*", "zaż*", "4477*", "合*", "\"a abc*\"", "ann*", "\"x exam*\""])
            .to_owned()
    }),
    ("near", |d, _| near(d, "NEAR")),
    ("onear", |d, _| near(d, "ONEAR")),
    ("lists", |d, _| {
        let (a, b) = (d.pick(WORDS), d.pick(&["a", "b", "contract"]));
        let list = d.pick(&["ANY", "ALL", "NONE"]);
        if d.once_in(2) { format!("WORDS({b}, abc*)") } else { format!("{list}(\"{a}\" {b})") }
    }),
    ("from", |d, _| format!("from:{}", party(d))),
    ("to cc bcc", |d, _| format!("{}:{}", d.pick(&["to", "to", "cc", "bcc", "recipients"]), party(d))),
    ("participants", |d, _| format!("participants:{}", party(d))),
    ("number", |d, _| {
        format!("number:{}", d.pick(&["447700900101", "\"+44 7700 900102\"", "4477*", "1-202-555-0123"]))
    }),
    ("written number", |d, _| {
        d.pick(&["447700900101", "+44 7700 900102", "0044-7700-900102", "\"+44 7700 900101\""]).to_owned()
    }),
    ("subject body names", |d, _| {
        format!(
            "{}:{}",
            d.pick(&["subject", "body", "attachmentnames"]),
            d.pick(&["a", "b", "ab*c", "\"a b\"", "contract", "abc*", "合"]).replace("ab*c", "c")
        )
    }),
    ("conversation", |d, _| {
        format!(
            "conversation:{}",
            d.pick(&["falcon", "\"project falcon\"", "chat-1", "\"Chat-2\"", "合同", "fal*", "abc"])
        )
    }),
    ("sent", |d, _| {
        let day = |d: &mut Dice| format!("1970-01-0{}", 1 + d.below(6));
        match d.below(4) {
            0 => format!("sent:{}..1970-01-06", d.pick(&["1970-01-01", "1970-01-03"])),
            1 => format!("date{}{}", d.pick(&["<", "<=", ">", ">=", "<>", ":"]), day(d)),
            2 => format!("received:{}", d.pick(&["today", "yesterday", "\"last 2 days\"", "\"this year\""])),
            _ => format!("sent:\"{} Europe/Warsaw\"", day(d)),
        }
    }),
    ("size", |d, _| format!("size{}{}", d.pick(&["<", "<=", ">", ">=", ":", "<>"]), d.pick(&["1", "2", "3"]))),
    ("kind", |d, _| {
        format!("kind:{}", d.pick(&["chat", "call", "deletion", "edit", "system", "externaldata", "email", "im"]))
    }),
    ("item class", |d, _| {
        format!(
            "itemclass:{}",
            d.pick(&["ipm.externaldata.whatsapp*", "ipm.note", "IPM.ExternalData.WhatsApp.Call", "ipm*"])
        )
    }),
    ("unindexed", |_, _| "kind:unindexed".to_owned()),
    ("flags", |d, _| format!("{}:{}", d.pick(&["hasattachment", "isdeleted", "isedited"]), d.pick(&["true", "false"]))),
    ("lang", |d, _| format!("lang:{}", d.pick(&["pl", "english", "de"]))),
    ("source", |d, _| format!("source:{}", d.pick(&SourceKind::ALL).as_str())),
    ("id", |d, c| {
        let digits = id::hex(&d.pick(&c.messages).id().0);
        format!("id:m_{}", &digits[..d.pick(&[6, 10, 20, 32])])
    }),
    ("digest", |d, c| {
        let facts = d.pick(&c.facts);
        format!("digest:{}", &d.pick(&facts.digests)[..d.pick(&[6, 16, 64])])
    }),
    ("run", |d, _| format!("run:{}", d.pick(&["run_0001", "run_0002", "last"]))),
    ("tag", |d, _| format!("tag:{}", d.pick(&["reviewed", "HOT", "*", "rev*"]))),
    ("hold", |d, _| {
        format!("hold:{}", d.pick(&["second", "\"Falcon mail\"", "*", "hld_1x"]).replace("hld_1x", "Second"))
    }),
    ("case", |_, _| "case:falcon".to_owned()),
    ("mailbox", |d, _| format!("mailbox:{}", d.pick(&["ann@x.example", "x.example", "bob*", "\"Ann Abc\"", "carl"]))),
    ("folder", |d, _| format!("folderid:{}", d.pick(&["\"WhatsApp Archiver\"", "Deletions"]))),
    ("rows and conditions", |d, _| {
        let (a, b) = (d.pick(&["a", "b", "abc*", "contract"]), d.pick(&["c", "合", "ab"]));
        format!("{a}(c:s){b}(c:c)(size<4)(kind:chat)(kind:call;edit)")
    }),
    ("implicit operators", |d, _| {
        let (a, b) = (d.pick(&["ann", "bob", "447700900101"]), d.pick(&["bob", "合同", "x.example"]));
        format!("from:{a} from:{b} {}", d.pick(&["a OR b", "NOT c", "-abc", "+b OR a"]))
    }),
];

fn phrase(dice: &mut Dice, _: &Corpus) -> String {
    let (a, b) = (dice.pick(WORDS), dice.pick(&["a", "b", "ab", "abc", "合", "signed contract", "contract"]));
    let text = if dice.once_in(3) { b.to_owned() } else { format!("{a} {b}") };
    format!("\"{text}\"")
}

fn near(dice: &mut Dice, operator: &str) -> String {
    let operand = |dice: &mut Dice| {
        dice.pick(&[
            "a",
            "b",
            "c",
            "ab",
            "abc*",
            "\"a b\"",
            "合",
            "(a OR 合同)",
            "contract",
            "WORDS(c, abc)",
            "signed",
            "end",
            "to*",
        ])
        .replace("to*", "please")
    };
    let gap = dice.pick(&["", "(0)", "(1)", "(n=2)", "(4)"]);
    let mut text = format!("{} {operator}{gap} {}", operand(dice), operand(dice));
    if dice.once_in(4) {
        text.push_str(&format!(" NEAR(3) {}", operand(dice)));
    }
    text
}

fn party(dice: &mut Dice) -> String {
    dice.pick(&[
        "ann",
        "\"Ann Abc\"",
        "bob@y.example",
        "447700900101",
        "\"+44 7700 900102\"",
        "4477*",
        "x.example",
        "合同",
        "lucja",
        "\"ann@x.exa*\"",
    ])
    .to_owned()
}

/// An atom, alone or joined with others.
pub(super) fn question(dice: &mut Dice, corpus: &Corpus, atom: Atom) -> String {
    let mut text = atom(dice, corpus);
    if text.contains("(c:") || dice.once_in(2) {
        return text;
    }
    for _ in 0..=dice.below(2) {
        let (_, other) = FEATURES[dice.below(FEATURES.len())];
        let other = other(dice, corpus);
        if other.contains("(c:") {
            continue;
        }
        let joint = dice.pick(&[" AND ", " OR ", " OR ", " AND NOT ", " "]);
        text = format!("({text}){joint}({other})");
    }
    if dice.once_in(8) { format!("NOT ({text})") } else { text }
}

/// Any expression, also such as no query gives.
pub(super) fn expression(dice: &mut Dice, corpus: &Corpus, depth: usize) -> Expr {
    if depth == 0 || dice.once_in(3) {
        return match dice.below(12) {
            0 => Expr::All,
            1 => Expr::Nothing,
            _ => Expr::Leaf(leaf(dice, corpus)),
        };
    }
    let parts = |dice: &mut Dice| (0..dice.below(4)).map(|_| expression(dice, corpus, depth - 1)).collect::<Vec<_>>();
    match dice.below(3) {
        0 => Expr::And(parts(dice)),
        1 => Expr::Or(parts(dice)),
        _ => Expr::Not(Box::new(expression(dice, corpus, depth - 1))),
    }
}

fn row(dice: &mut Dice) -> Row {
    let token = |dice: &mut Dice| {
        let tokens = [
            "a",
            "b",
            "c",
            "ab",
            "abc",
            "合同",
            "同已",
            "合",
            "😀",
            "*\u{20e3}",
            "contract",
            "docx",
            "x",
            "e",
            "ann",
            "4477",
            "example",
        ];
        dice.pick(&tokens).to_owned()
    };
    let tokens = (0..=dice.below(3)).map(|_| token(dice)).collect();
    Row { tokens, prefix: dice.once_in(3) }
}

fn leaf(dice: &mut Dice, corpus: &Corpus) -> Leaf {
    use TextField as F;
    let fields = [
        F::Any,
        F::Any,
        F::Any,
        F::Body,
        F::Subject,
        F::AttachmentNames,
        F::From,
        F::To,
        F::Participants,
        F::ToLine,
        F::Cc,
        F::Bcc,
        F::Conversation,
    ];
    let roles = [Role::From, Role::To, Role::Any, Role::ToLine, Role::Cc, Role::Bcc];
    let yes = dice.once_in(2);
    let day = |dice: &mut Dice| dice.once_in(2).then(|| Instant(i64::try_from(dice.below(6)).unwrap() * DAY));
    let bytes = |dice: &mut Dice| dice.once_in(2).then(|| dice.below(5) as u64);
    let prefix = yes;
    match dice.below(24) {
        0..=5 => {
            let Row { tokens, prefix } = row(dice);
            Leaf::Words { field: dice.pick(&fields), tokens, prefix }
        }
        6 | 7 => {
            let id = dice.pick(&["447700900101", "ann@x.example", "4477009001", "bob"]).to_owned();
            Leaf::Person { role: dice.pick(&roles), id, prefix }
        }
        8 => Leaf::Time { from: day(dice), until: day(dice) },
        9 => Leaf::Size { min: bytes(dice), max: bytes(dice) },
        10 => Leaf::Kind(dice.pick(&MessageKind::ALL)),
        11 => {
            Leaf::ItemClass { value: dice.pick(&["ipm.externaldata.whatsapp", "ipm.note", "ipm"]).to_owned(), prefix }
        }
        12 => Leaf::HasAttachment(yes),
        13 => Leaf::IsDeleted(yes),
        14 => Leaf::IsEdited(yes),
        15 => Leaf::Mailbox { value: dice.pick(&["ann@x.example", "x.example", "bob"]).to_owned(), prefix },
        16 => {
            let operands = (0..2 + dice.below(2)).map(|_| (0..=dice.below(2)).map(|_| row(dice)).collect()).collect();
            let gap = |dice: &mut Dice| Gap { most: u32::try_from(dice.below(5)).unwrap(), ordered: dice.once_in(2) };
            let operands: Vec<Vec<Row>> = operands;
            let gaps = (1..operands.len()).map(|_| gap(dice)).collect();
            Leaf::Near(Near { operands, gaps })
        }
        17 => Leaf::Written { digits: dice.pick(NUMBERS).to_owned(), prefix },
        18 => Leaf::Conversation { id: dice.pick(&["chat-1", "chat-", "chat"]).to_owned(), prefix },
        19 => Leaf::Unindexed(yes),
        20 => Leaf::Digest(dice.pick(&dice_digests(corpus)).chars().take(6).collect()),
        21 => Leaf::Ordinals {
            from: u32::try_from(dice.below(60)).unwrap(),
            until: u32::try_from(dice.below(70)).unwrap(),
        },
        22 if yes => Leaf::Label(LabelId(dice.pick(&["hld_1", "hld_2", "hld_9"]).to_owned())),
        22 => Leaf::Hold(HoldId(dice.pick(&["hld_1", "hld_2", "hld_9"]).to_owned())),
        _ => Leaf::Tag(dice.pick(&["reviewed", "hot", "none"]).to_owned()),
    }
}

fn dice_digests(corpus: &Corpus) -> Vec<String> {
    corpus.facts.iter().flat_map(|facts| facts.digests.clone()).collect()
}
