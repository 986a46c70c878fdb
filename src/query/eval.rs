//! The meaning of the language: does an expression match an item?
//!
//! Three questions are asked. [`hits`], for search and deletion: what is empty or unknown does not match, and NOT of it
//! does. [`covers`], for holds: what is unknown may match, and whatever is not certainly outside is covered, under NOT
//! too (Kleene's three values). [`may_hit`], for what a search says beside its hits: the same, where only text that
//! could not be read is unknown. Contract: pure, linear in the text of the item for each condition.

use super::{
    expr::{Expr, mailbox_matches},
    facts::{Facts, Parties, Sequence},
    leaf::{Leaf, Role, TextField},
    near, row,
};
use crate::model::{HoldId, LabelId, MailboxName};
use std::collections::BTreeSet;

/// One message in one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What the message says.
    pub facts: &'a Facts,
    /// The mailbox that the item is in.
    pub mailbox: &'a MailboxName,
    /// What came of it.
    pub marks: &'a Marks,
}

/// What is known of an item beside what its message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The position of the message.
    pub ordinal: u32,
    /// A later notice says that it was deleted on the phone.
    pub is_deleted: bool,
    /// A later notice says that it was edited on the phone.
    pub is_edited: bool,
    /// It is among the recoverable items of its mailbox.
    pub recoverable: bool,
    /// Its tags, folded.
    pub tags: BTreeSet<String>,
    /// The holds that cover it in its mailbox.
    pub holds: BTreeSet<HoldId>,
    /// The retention label that it has in its mailbox.
    pub labels: BTreeSet<LabelId>,
}

impl Marks {
    /// Nothing is known.
    pub const NONE: Self = Self {
        ordinal: 0,
        is_deleted: false,
        is_edited: false,
        recoverable: false,
        tags: BTreeSet::new(),
        holds: BTreeSet::new(),
        labels: BTreeSet::new(),
    };
}

/// Whether the item matches.
#[must_use]
pub fn hits(expr: &Expr, item: &Item<'_>) -> bool {
    match expr {
        Expr::All => true,
        Expr::Nothing => false,
        Expr::And(parts) => parts.iter().all(|part| hits(part, item)),
        Expr::Or(parts) => parts.iter().any(|part| hits(part, item)),
        Expr::Not(inner) => !hits(inner, item),
        Expr::Leaf(leaf) => matches(leaf, item, Reading::Everything),
    }
}

/// Whether the item is not certainly outside of the expression. Unknown are: a time condition on a message without a
/// date; a condition on a party that the message does not name at all; words of the body of an encrypted message; and
/// free words on a partially searchable one, because the words may stand in its attachment.
#[must_use]
pub fn covers(expr: &Expr, item: &Item<'_>) -> bool {
    truth(expr, item, Reading::Message) > Truth::No
}

/// Whether the item matches, whatever what is unknown of it may say: what a hold may call a match.
#[must_use]
pub fn certainly(expr: &Expr, item: &Item<'_>) -> bool {
    truth(expr, item, Reading::Message) == Truth::Yes
}

/// Whether the item could be a hit if the text of it that could not be read said the right thing.
#[must_use]
pub fn may_hit(expr: &Expr, item: &Item<'_>) -> bool {
    truth(expr, item, Reading::Everything) > Truth::No
}

/// What an answer rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The message, and what an extractor read in its attachments: a search.
    Everything,
    /// The message alone: a hold. What an extractor reads may change with the program, and must free nothing, also under NOT.
    Message,
}

/// In this order, AND is the least and OR the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Unknown,
    Yes,
}

fn truth(expr: &Expr, item: &Item<'_>, reading: Reading) -> Truth {
    match expr {
        Expr::All => Truth::Yes,
        Expr::Nothing => Truth::No,
        Expr::And(parts) => parts.iter().map(|part| truth(part, item, reading)).min().unwrap_or(Truth::Yes),
        Expr::Or(parts) => parts.iter().map(|part| truth(part, item, reading)).max().unwrap_or(Truth::No),
        Expr::Not(inner) => match truth(inner, item, reading) {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        },
        Expr::Leaf(leaf) if matches(leaf, item, reading) => Truth::Yes,
        Expr::Leaf(leaf) if is_unknown(leaf, item.facts, reading) => Truth::Unknown,
        Expr::Leaf(_) => Truth::No,
    }
}

/// Whether the item may match, for all that is known.
fn is_unknown(leaf: &Leaf, facts: &Facts, reading: Reading) -> bool {
    match reading {
        Reading::Everything => unknown_to_a_search(leaf, facts),
        Reading::Message => unknown_to_a_hold(leaf, facts),
    }
}

fn unknown_to_a_hold(leaf: &Leaf, facts: &Facts) -> bool {
    let nobody = |role: Role| match role {
        Role::From => facts.from.is_empty(),
        Role::To | Role::ToLine | Role::Cc | Role::Bcc => recipients(facts).iter().all(|parties| parties.is_empty()),
        Role::Any => facts.from.is_empty() || recipients(facts).iter().all(|parties| parties.is_empty()),
    };
    match leaf {
        Leaf::Time { .. } => facts.sent.is_none(),
        Leaf::Person { role, .. } => nobody(*role),
        Leaf::Words { field, .. } => match field {
            TextField::Any => facts.partial || facts.encrypted,
            TextField::Body => facts.encrypted,
            TextField::From => nobody(Role::From),
            TextField::To | TextField::ToLine | TextField::Cc | TextField::Bcc => nobody(Role::To),
            TextField::Participants => nobody(Role::Any),
            TextField::Subject | TextField::AttachmentNames | TextField::Conversation => false,
        },
        Leaf::Near(_) => facts.partial || facts.encrypted,
        Leaf::Written { .. } => facts.partial || facts.encrypted || facts.more_numbers,
        _ => false,
    }
}

/// Whether the condition asks for words that may stand in what could not be read.
fn unknown_to_a_search(leaf: &Leaf, facts: &Facts) -> bool {
    match leaf {
        Leaf::Words { field: TextField::Any, .. } | Leaf::Near(_) | Leaf::Written { .. } => !facts.unread.is_empty(),
        Leaf::Words { field: TextField::Body, .. } | Leaf::Lang(_) => facts.encrypted,
        _ => false,
    }
}

/// The values that proximity and free words look into, parties aside.
fn running(facts: &Facts, reading: Reading) -> impl Iterator<Item = &Sequence> {
    let contents = if reading == Reading::Everything { facts.contents.as_slice() } else { &[] };
    std::iter::once(&facts.subject).chain(&facts.body).chain(&facts.attachments).chain(contents)
}

fn recipients(facts: &Facts) -> [&Parties; 3] {
    [&facts.to, &facts.cc, &facts.bcc]
}

fn matches(leaf: &Leaf, item: &Item<'_>, reading: Reading) -> bool {
    let facts = item.facts;
    match leaf {
        Leaf::Words { field, tokens, prefix } => has_row(facts, *field, tokens, *prefix, reading),
        Leaf::Person { role, id, prefix } => {
            let any = |parties: &Parties| parties.ids.iter().any(|own| is(own, id, *prefix));
            let received = || recipients(facts).into_iter().any(any);
            match role {
                Role::From => any(&facts.from),
                Role::To => received(),
                Role::Any => any(&facts.from) || received(),
                Role::ToLine => any(&facts.to),
                Role::Cc => any(&facts.cc),
                Role::Bcc => any(&facts.bcc),
            }
        }
        Leaf::Time { from, until } => facts
            .sent
            .is_some_and(|sent| from.is_none_or(|from| from <= sent) && until.is_none_or(|until| sent < until)),
        Leaf::Size { min, max } => min.is_none_or(|min| min <= facts.size) && max.is_none_or(|max| facts.size <= max),
        Leaf::Kind(kind) => facts.kind == Some(*kind),
        Leaf::ItemClass { value, prefix } => is(&facts.item_class(), value, *prefix),
        Leaf::HasAttachment(yes) => facts.has_attachment == *yes,
        Leaf::IsDeleted(yes) => item.marks.is_deleted == *yes,
        Leaf::IsEdited(yes) => item.marks.is_edited == *yes,
        Leaf::Mailbox { value, prefix } => mailbox_matches(item.mailbox, value, *prefix),
        Leaf::Near(near) => running(facts, reading).any(|value| near::stands_in(near, value)),
        // Some of these numbers may come from an extractor.
        Leaf::Written { .. } if reading == Reading::Message && facts.partial => false,
        Leaf::Written { digits, prefix } => facts.numbers.iter().any(|own| is(own, digits, *prefix)),
        Leaf::Conversation { id, prefix } => !id.is_empty() && is(&facts.conversation_id, id, *prefix),
        Leaf::Lang(code) => facts.lang == Some(code.as_str()),
        Leaf::Source(kind) => facts.source == Some(*kind),
        Leaf::Unindexed(yes) => facts.unread.is_empty() != *yes,
        Leaf::Id(digits) => !digits.is_empty() && facts.id.starts_with(digits.as_str()),
        Leaf::Digest(digits) => !digits.is_empty() && facts.digests.iter().any(|own| own.starts_with(digits.as_str())),
        Leaf::Ordinals { from, until } => (*from..*until).contains(&item.marks.ordinal),
        Leaf::Tag(tag) => item.marks.tags.contains(tag),
        Leaf::Hold(hold) => item.marks.holds.contains(hold),
        Leaf::Label(label) => item.marks.labels.contains(label),
        Leaf::Recoverable(yes) => item.marks.recoverable == *yes,
    }
}

/// Whether the tokens stand in a row in one value of the field.
fn has_row(facts: &Facts, field: TextField, tokens: &[String], prefix: bool, reading: Reading) -> bool {
    let found = |value: &Sequence| row::contains(value, tokens, prefix);
    let any = |values: &[Sequence]| values.iter().any(found);
    let received = || recipients(facts).into_iter().any(|parties| any(&parties.values));
    match field {
        TextField::Subject => found(&facts.subject),
        TextField::Body => any(&facts.body),
        TextField::AttachmentNames => any(&facts.attachments),
        TextField::Conversation => found(&facts.conversation),
        TextField::From => any(&facts.from.values),
        TextField::To => received(),
        TextField::ToLine => any(&facts.to.values),
        TextField::Cc => any(&facts.cc.values),
        TextField::Bcc => any(&facts.bcc.values),
        TextField::Participants => any(&facts.from.values) || received(),
        TextField::Any => running(facts, reading).any(found) || any(&facts.from.values) || received(),
    }
}

fn is(own: &str, wanted: &str, prefix: bool) -> bool {
    if prefix { own.starts_with(wanted) } else { own == wanted }
}
