//! Random messages in three overlapping mailboxes, with tags, holds, runs and what became of them.

use super::{Dice, Env};
use crate::{
    index::tests::{attachment, message},
    model::{
        Carbon, Conversation, Details, Digest, HoldId, Instant, LabelId, MailboxName, Message, MessageKind,
        Participant, PhoneNumber, RunId, SourceKind, User, UserStatus, details::Quote,
    },
    query::{Attached, CaseScope, Facts, Marks, RunSpan},
};
use roaring::RoaringBitmap;
use std::{borrow::Cow, collections::BTreeMap};

pub(super) const DAY: i64 = 86_400_000;
/// Messages of a corpus.
pub(super) const MESSAGES: usize = 60;
/// The first message of the second run.
const SECOND_RUN: u32 = 25;

/// Words that texts are made of; few, so that queries meet them.
pub(super) const WORDS: &[&str] = &[
    "a",
    "b",
    "c",
    "ab",
    "abc",
    "abcd",
    "A",
    "合同已",
    "合",
    "同",
    "😀",
    "👨‍👩‍👧",
    "*️⃣",
    "contract.docx",
    "x_y",
    "é",
    "e\u{301}",
    "aab",
    "Zażółć",
    "zazolc",
    "مُحَمَّد",
    "محمد",
    "שלום",
    "नमस्ते",
    "ซื้อขาย",
    "계약서",
    "東京タワー",
    "Straße",
    "İstanbul",
    "+44 7700 900101",
    "447700900102",
    "(0044) 7700-900102",
    "x.example",
];
const SENTENCES: &[&str] = &[
    "Proszę przesłać podpisaną umowę jeszcze dzisiaj wieczorem",
    "Please send me the signed contract before the end of the day",
    "Bitte schicken Sie mir den unterschriebenen Vertrag noch heute",
];
pub(super) const NUMBERS: &[&str] = &["447700900101", "447700900102", "12025550123"];
const NAMES: &[&str] = &["Ann Abc", "Bob", "合同", "Łucja Nowak"];
const ADDRESSES: &[&str] = &["Ann@x.example", "bob@y.example"];

pub(super) struct Corpus {
    pub messages: Vec<Message>,
    pub facts: Vec<Facts>,
    pub mailboxes: Vec<MailboxName>,
    /// What each mailbox has.
    pub items: Vec<RoaringBitmap>,
    recoverable: Vec<RoaringBitmap>,
    holds: Vec<BTreeMap<HoldId, RoaringBitmap>>,
    tags: BTreeMap<String, RoaringBitmap>,
    deleted: RoaringBitmap,
    edited: RoaringBitmap,
    /// One segment in the end.
    pub merged: bool,
}

/// What a query's names stand for.
pub(super) struct Names {
    pub holds: Vec<(HoldId, String)>,
    pub cases: Vec<CaseScope>,
    pub tags: Vec<String>,
    pub runs: Vec<RunSpan>,
    pub users: Vec<User>,
}

impl Corpus {
    pub(super) fn random(dice: &mut Dice, merged: bool) -> Self {
        let messages: Vec<Message> = (0..MESSAGES).map(|number| random_message(dice, number)).collect();
        let facts = messages.iter().enumerate().map(|(at, message)| random_facts(dice, at, message)).collect();
        let mailboxes: Vec<MailboxName> =
            ["ann@x.example", "bob@y.example", "carl@x.example"].iter().filter_map(|m| MailboxName::parse(m)).collect();
        let everything = 0..u32::try_from(MESSAGES).unwrap();
        let mut some = |n: usize| everything.clone().filter(|_| dice.below(10) < n).collect::<RoaringBitmap>();
        let items: Vec<_> = mailboxes.iter().map(|_| some(6)).collect();
        let recoverable = items.iter().map(|items| items & some(3)).collect();
        let hold = |id: &str, items: RoaringBitmap| (HoldId(id.to_owned()), items);
        let holds = items
            .iter()
            .map(|items| [hold("hld_1", items & some(3)), hold("hld_2", items & some(5))].into_iter().collect())
            .collect();
        let tags = [("reviewed".to_owned(), some(4)), ("hot".to_owned(), some(2))].into_iter().collect();
        let (deleted, edited) = (some(3), some(2));
        Self { messages, facts, mailboxes, items, recoverable, holds, tags, deleted, edited, merged }
    }

    pub(super) fn present(&self) -> RoaringBitmap {
        self.items.iter().fold(RoaringBitmap::new(), |all, one| all | one)
    }

    pub(super) fn env(&self, mailbox: usize) -> Env<'_> {
        Env {
            deleted: Cow::Borrowed(&self.deleted),
            edited: Cow::Borrowed(&self.edited),
            recoverable: Cow::Borrowed(&self.recoverable[mailbox]),
            tags: self.tags.iter().map(|(tag, messages)| (tag.clone(), Cow::Borrowed(messages))).collect(),
            holds: self.holds[mailbox].clone(),
            labels: self.labels(mailbox),
        }
    }

    /// Items have labels where they have holds, under the same ids.
    fn labels(&self, mailbox: usize) -> BTreeMap<LabelId, RoaringBitmap> {
        self.holds[mailbox].iter().map(|(id, items)| (LabelId(id.0.clone()), items.clone())).collect()
    }

    pub(super) fn marks(&self, mailbox: usize, ordinal: u32) -> Marks {
        let tags = self.tags.iter().filter(|(_, messages)| messages.contains(ordinal)).map(|(tag, _)| tag.clone());
        let holds = self.holds[mailbox].iter().filter(|(_, items)| items.contains(ordinal)).map(|(id, _)| id.clone());
        Marks {
            ordinal,
            is_deleted: self.deleted.contains(ordinal),
            is_edited: self.edited.contains(ordinal),
            recoverable: self.recoverable[mailbox].contains(ordinal),
            tags: tags.collect(),
            holds: holds.collect(),
            labels: self
                .labels(mailbox)
                .into_iter()
                .filter(|(_, items)| items.contains(ordinal))
                .map(|(id, _)| id)
                .collect(),
        }
    }

    pub(super) fn names(&self) -> Names {
        let hold = |id: &str, name: &str| (HoldId(id.to_owned()), name.to_owned());
        let run = |id: &str, from, until| RunSpan { id: RunId(id.to_owned()), from, until };
        let case = CaseScope {
            id: "cas_1".into(),
            name: "Falcon".into(),
            custodians: vec![self.mailboxes[2].clone()],
            holds: vec![HoldId("hld_1".into())],
        };
        let user = User {
            email: self.mailboxes[0].clone(),
            name: Some("Ann Abc".into()),
            numbers: PhoneNumber::parse(NUMBERS[0]).into_iter().collect(),
            groups: Default::default(),
            status: UserStatus::Active,
        };
        Names {
            holds: vec![hold("hld_1", "Falcon mail"), hold("hld_2", "Second")],
            cases: vec![case],
            tags: vec!["Reviewed".into(), "hot".into()],
            runs: vec![run("run_0001", 0, SECOND_RUN), run("run_0002", SECOND_RUN, 60)],
            users: vec![user],
        }
    }
}

fn words(dice: &mut Dice, most: usize) -> String {
    let count = dice.below(most);
    (0..count).map(|_| dice.pick(WORDS)).collect::<Vec<_>>().join(" ")
}

fn participant(dice: &mut Dice) -> Participant {
    Participant {
        name: (!dice.once_in(3)).then(|| dice.pick(NAMES).to_owned()),
        number: (!dice.once_in(3)).then(|| dice.pick(NUMBERS)).and_then(PhoneNumber::parse),
        email: dice.once_in(2).then(|| dice.pick(ADDRESSES).to_owned()),
    }
}

fn random_message(dice: &mut Dice, number: usize) -> Message {
    let mut body = words(dice, 9);
    if dice.once_in(3) {
        body = dice.pick(SENTENCES).to_owned();
    }
    let chat = dice.below(4);
    let name = dice.pick(&[None, Some("Project Falcon"), Some("合同 team"), Some("abc")]);
    let recipients: Vec<Participant> = (0..dice.below(4)).map(|_| participant(dice)).collect();
    let carbon = if recipients.len() == 3 { Carbon { cc: 1, bcc: dice.below(2) } } else { Carbon::default() };
    let mut message = Message {
        sender: participant(dice),
        recipients,
        carbon,
        sent: (!dice.once_in(5)).then(|| Instant(i64::try_from(dice.below(6)).unwrap() * DAY)),
        kind: dice.pick(&MessageKind::ALL),
        encrypted: dice.once_in(10),
        attachments: (0..dice.below(4).saturating_sub(1)).map(|_| attachment(words(dice, 3))).collect(),
        conversation: Conversation {
            id: format!("Chat-{chat}"),
            name: name.map(str::to_owned),
            ..Conversation::default()
        },
        ..message(u32::try_from(number).unwrap(), &words(dice, 4), &body)
    };
    for (at, attachment) in message.attachments.iter_mut().enumerate() {
        attachment.sha256 = Digest::of(format!("file {}", number % 7 + at).as_bytes());
    }
    message.identity.source = dice.pick(&SourceKind::ALL);
    if dice.once_in(4) {
        // A second text beside the first: what a reply quotes.
        let quote = Quote { text: words(dice, 4), ..Quote::default() };
        message.details = Some(Box::new(Details { quote: Some(quote), ..Details::default() }));
    }
    message
}

fn random_facts(dice: &mut Dice, at: usize, message: &Message) -> Facts {
    let size = dice.below(5) as u64;
    let texts: Vec<(String, bool)> = message.attachments.iter().map(|_| (words(dice, 6), dice.once_in(2))).collect();
    let contents = texts.iter().map(|(text, read)| Attached { text, unread: (!read).then_some("image") });
    let ordinal = u32::try_from(at).unwrap();
    let mut facts = crate::index::tests::facts(ordinal, message, size).with_contents(contents);
    // Ordinary mail, which no source brings: the language knows it.
    if dice.once_in(6) {
        (facts.kind, facts.source) = (None, None);
    }
    facts
}
