//! A query as it was parsed: still with relative dates and with people as they were typed. `resolve` closes it.
//!
//! Contract: built by the parser only; a value that stands here is one that can be resolved.

use super::{
    date::DateSpan,
    leaf::{Leaf, Role, TextField},
    property::Name,
};
use std::ops::Range;

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Everything: a blank query.
    All,
    /// Nothing can match it.
    Nothing,
    /// All of these.
    And(Vec<Node>),
    /// At least one of these.
    Or(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// A condition that depends on nothing outside.
    Leaf(Leaf),
    /// Words, not yet tokens.
    Text {
        /// Where to look.
        field: TextField,
        /// As typed, without `*`.
        text: String,
        /// A `*` follows.
        star: bool,
    },
    /// A party as it was typed.
    Person {
        /// Which party.
        role: Role,
        /// As typed, without `*`.
        text: String,
        /// A `*` follows.
        star: bool,
    },
    /// A time.
    Time {
        /// How it is compared.
        compare: Compare,
        /// The value, or the lower end of a range.
        from: DateSpan,
        /// The upper end of a range; else the same value.
        to: DateSpan,
        /// It depends on more than a plain UTC value does: what it means is told.
        telling: bool,
        /// Where it stands.
        span: Range<usize>,
    },
    /// A mailbox as it was typed.
    Mailbox {
        /// As typed, without `*`.
        text: String,
        /// A `*` follows.
        star: bool,
    },
    /// A conversation as it was typed.
    Conversation {
        /// As typed, without `*`.
        text: String,
        /// A `*` follows.
        star: bool,
    },
    /// Something of the archive, by name.
    Named {
        /// What it is.
        name: Name,
        /// As typed, without `*`; empty: any.
        text: String,
        /// A `*` follows.
        star: bool,
        /// Where it stands.
        span: Range<usize>,
    },
    /// A folder as it was typed.
    Folder {
        /// An id or a name.
        text: String,
        /// Where it stands.
        span: Range<usize>,
    },
}

/// How a value with an order is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `:` or `=`, and `..`: within the value or range.
    Within,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Node {
    /// All of `parts`; flat, and without a level for a single part.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::And(inner) => inner,
            other => vec![other],
        });
        Self::only(flat.collect(), Self::And)
    }

    /// At least one of `parts`; flat, and without a level for a single part.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Or(inner) => inner,
            other => vec![other],
        });
        Self::only(flat.collect(), Self::Or)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    fn only(mut parts: Vec<Self>, many: fn(Vec<Self>) -> Self) -> Self {
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Self::All,
            (Some(one), true) => one,
            (Some(last), false) => {
                parts.push(last);
                many(parts)
            }
        }
    }

    /// Levels of AND, OR and NOT.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(inner) => 1 + inner.depth(),
            _ => 0,
        }
    }
}
