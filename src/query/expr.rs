//! The closed expression: a query in which nothing depends on the clock or the user directory any more.
//!
//! This is what holds store (JSON), what `eval` decides on and what the index compiles. Contract: its serde form is
//! kept for as long as holds live; variants are added, never renamed or given another meaning (that would be a new
//! [`LANGUAGE_VERSION`](super::LANGUAGE_VERSION)).

use super::leaf::Leaf;
use crate::model::MailboxName;
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

/// Whether the expression asks for the state of an item in its mailbox (hold, recoverable).
#[must_use]
pub fn is_of_item(expr: &Expr) -> bool {
    let mut found = false;
    expr.leaves(&mut |leaf, _| found |= leaf.is_of_item());
    found
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
    use crate::model::MessageKind;

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
