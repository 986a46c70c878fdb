//! The closed expression: a query in which nothing depends on the clock or the user directory any more.
//!
//! This is what holds store (JSON), what `eval` decides on and what the index compiles. Contract: its serde form is
//! kept for as long as holds live; variants are added, never renamed or given another meaning (that would be a new
//! [`LANGUAGE_VERSION`](super::LANGUAGE_VERSION)).

use crate::model::{Instant, MailboxName, MessageKind};
use serde::{Deserialize, Serialize};

/// An expression over items.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expr {
    /// Every item.
    All,
    /// No item.
    Nothing,
    /// Items that match all of these.
    And(Vec<Expr>),
    /// Items that match at least one of these.
    Or(Vec<Expr>),
    /// Items that do not match this.
    Not(Box<Expr>),
    /// One condition.
    Leaf(Leaf),
}

/// One condition on an item. What is empty or unknown never matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Leaf {
    /// These tokens stand in a row in one value of the field (one name, one address, one file name, the body …).
    Words {
        /// Where to look.
        field: TextField,
        /// Folded tokens, never empty.
        tokens: Vec<String>,
        /// The last token is only the beginning of one.
        prefix: bool,
    },
    /// A party has exactly this number or address.
    Person {
        /// Which party.
        role: Role,
        /// Digits of a number, or an address in lower case.
        id: String,
        /// `id` is only the beginning.
        prefix: bool,
    },
    /// It was sent in `[from, until)`.
    Time {
        /// First instant; `None`: no beginning.
        from: Option<Instant>,
        /// First instant behind; `None`: no end.
        until: Option<Instant>,
    },
    /// The size of the e-mail in bytes, both ends included.
    Size {
        /// Smallest.
        min: Option<u64>,
        /// Largest.
        max: Option<u64>,
    },
    /// It is of this kind.
    Kind(MessageKind),
    /// Its item class, in lower case.
    ItemClass {
        /// The class.
        value: String,
        /// `value` is only the beginning.
        prefix: bool,
    },
    /// It has, or has not, an attachment.
    HasAttachment(bool),
    /// A later notice says, or none says, that it was deleted.
    IsDeleted(bool),
    /// A later notice says, or none says, that it was edited.
    IsEdited(bool),
    /// The mailbox that the item is in.
    Mailbox {
        /// An address, or the part before or behind its `@`; lower case.
        value: String,
        /// `value` is only the beginning of an address.
        prefix: bool,
    },
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TextField {
    /// Subject, body, attachment names, names and numbers and addresses of the parties.
    Any,
    /// The subject.
    Subject,
    /// The text.
    Body,
    /// File names.
    AttachmentNames,
    /// The sender.
    From,
    /// The recipients.
    To,
    /// Sender and recipients.
    Participants,
}

/// Which party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The sender.
    From,
    /// A recipient.
    To,
    /// Either.
    Any,
}

impl Role {
    /// The text field with the names of this role.
    #[must_use]
    pub fn field(self) -> TextField {
        match self {
            Self::From => TextField::From,
            Self::To => TextField::To,
            Self::Any => TextField::Participants,
        }
    }

    /// The property of this role.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.field().as_str()
    }
}

impl TextField {
    /// The property of this field; `any` for free text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Subject => "subject",
            Self::Body => "body",
            Self::AttachmentNames => "attachmentnames",
            Self::From => "from",
            Self::To => "to",
            Self::Participants => "participants",
        }
    }
}

impl Leaf {
    /// The property that this condition is about.
    #[must_use]
    pub fn property(&self) -> &'static str {
        match self {
            Self::Words { field, .. } => field.as_str(),
            Self::Person { role, .. } => role.as_str(),
            Self::Time { .. } => "sent",
            Self::Size { .. } => "size",
            Self::Kind(_) => "kind",
            Self::ItemClass { .. } => "itemclass",
            Self::HasAttachment(_) => "hasattachment",
            Self::IsDeleted(_) => "isdeleted",
            Self::IsEdited(_) => "isedited",
            Self::Mailbox { .. } => "mailbox",
        }
    }
}

impl Expr {
    /// All of `parts`, without needless levels.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All => {}
                Self::Nothing => return Self::Nothing,
                Self::And(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        Self::only(out, Self::All, Self::And)
    }

    /// At least one of `parts`, without needless levels.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Nothing => {}
                Self::All => return Self::All,
                Self::Or(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        Self::only(out, Self::Nothing, Self::Or)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::All => Self::Nothing,
            Self::Nothing => Self::All,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    fn only(mut parts: Vec<Self>, none: Self, many: fn(Vec<Self>) -> Self) -> Self {
        match (parts.pop(), parts.is_empty()) {
            (None, _) => none,
            (Some(one), true) => one,
            (Some(last), false) => {
                parts.push(last);
                many(parts)
            }
        }
    }

    /// The same expression with `change` applied to every condition.
    #[must_use]
    pub fn map(&self, change: &dyn Fn(&Leaf) -> Self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Nothing => Self::Nothing,
            Self::And(parts) => Self::and(parts.iter().map(|part| part.map(change)).collect()),
            Self::Or(parts) => Self::or(parts.iter().map(|part| part.map(change)).collect()),
            Self::Not(inner) => inner.map(change).negated(),
            Self::Leaf(leaf) => change(leaf),
        }
    }

    /// Calls `visit` with every condition and whether it stands under an even number of NOTs.
    pub fn leaves<'a>(&'a self, visit: &mut dyn FnMut(&'a Leaf, bool)) {
        self.visit(true, visit);
    }

    fn visit<'a>(&'a self, positive: bool, visit: &mut dyn FnMut(&'a Leaf, bool)) {
        match self {
            Self::All | Self::Nothing => {}
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(positive, visit)),
            Self::Not(inner) => inner.visit(!positive, visit),
            Self::Leaf(leaf) => visit(leaf, positive),
        }
    }
}

/// Whether an address is what a `mailbox:` value means.
#[must_use]
pub fn mailbox_matches(mailbox: &MailboxName, value: &str, prefix: bool) -> bool {
    let address = mailbox.as_str();
    if prefix {
        return address.starts_with(value);
    }
    address == value || address.rsplit_once('@').is_some_and(|(local, domain)| value == local || value == domain)
}

/// The expression as it is for items of one mailbox: without any condition on the mailbox.
#[must_use]
pub fn bind_mailbox(expr: &Expr, mailbox: &MailboxName) -> Expr {
    expr.map(&|leaf| match leaf {
        Leaf::Mailbox { value, prefix } if mailbox_matches(mailbox, value, *prefix) => Expr::All,
        Leaf::Mailbox { .. } => Expr::Nothing,
        other => Expr::Leaf(other.clone()),
    })
}

/// Whether the answer depends on the mailbox of the item.
#[must_use]
pub fn mentions_mailbox(expr: &Expr) -> bool {
    restrictions_used(expr).contains(&"mailbox")
}

/// The properties that the expression has conditions on, sorted, each once; `any` stands for free text.
#[must_use]
pub fn restrictions_used(expr: &Expr) -> Vec<&'static str> {
    let mut used = Vec::new();
    expr.leaves(&mut |leaf, _| used.push(leaf.property()));
    used.sort_unstable();
    used.dedup();
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(value: &str, prefix: bool) -> Expr {
        Expr::Leaf(Leaf::Mailbox { value: value.into(), prefix })
    }

    #[test]
    fn binding_a_mailbox_leaves_no_condition_on_it() {
        let ann = MailboxName::parse("ann@x.example").unwrap();
        let chat = Expr::Leaf(Leaf::Kind(MessageKind::Chat));
        let expr = Expr::And(vec![mailbox("ann@x.example", false), chat.clone()]);
        assert!(mentions_mailbox(&expr));
        assert_eq!(bind_mailbox(&expr, &ann), chat);
        assert_eq!(bind_mailbox(&mailbox("bob", false), &ann), Expr::Nothing);
        assert_eq!(bind_mailbox(&mailbox("ann", false), &ann), Expr::All);
        assert_eq!(bind_mailbox(&mailbox("x.example", false), &ann), Expr::All);
        assert_eq!(bind_mailbox(&mailbox("an", false), &ann), Expr::Nothing);
        assert_eq!(bind_mailbox(&mailbox("ann@", true).negated(), &ann), Expr::Nothing);
    }

    #[test]
    fn needless_levels_go() {
        let chat = || Expr::Leaf(Leaf::Kind(MessageKind::Chat));
        assert_eq!(Expr::and(vec![Expr::All, Expr::and(vec![chat()])]), chat());
        assert_eq!(Expr::and(vec![chat(), Expr::Nothing]), Expr::Nothing);
        assert_eq!(Expr::or(vec![]), Expr::Nothing);
        assert_eq!(Expr::and(vec![]), Expr::All);
        assert_eq!(chat().negated().negated(), chat());
    }
}
