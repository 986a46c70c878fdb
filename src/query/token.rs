//! What the lexer hands to the parser.

use super::{leaf::Gap, property::Property};
use std::ops::Range;

/// One token of the query language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What.
    pub kind: TokenKind,
    /// Where, in bytes of the query.
    pub span: Range<usize>,
}

/// The kinds of token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `AND`.
    And,
    /// `OR`.
    Or,
    /// `NOT`.
    Not,
    /// `-` that touches its operand.
    Minus,
    /// `+` that touches its operand.
    Plus,
    /// `NEAR`, `ONEAR`, with or without a number.
    Near(Gap),
    /// `ANY(`, `ALL(`, `NONE(`: the parenthesis follows.
    Each(Each),
    /// `WORDS(…)`: any of these words and phrases.
    Words(Vec<Text>),
    /// `XRANK(…)`: ranking, which changes no answer.
    Rank,
    /// `(c:s)`: another row of keywords begins.
    RowMark,
    /// `(c:c)`: conditions follow.
    ConditionMark,
    /// A free word.
    Word(Text),
    /// A free phrase in quotes.
    Phrase(Text),
    /// `name op value`.
    Restriction {
        /// The property.
        property: &'static Property,
        /// The operator.
        op: Op,
        /// The value.
        value: Text,
        /// The value stood in quotes.
        quoted: bool,
    },
}

/// How the operands of a list are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// At least one.
    Any,
    /// All.
    All,
    /// Not one.
    None,
}

/// A text and whether a `*` follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text without its `*`.
    pub text: String,
    /// A `*` followed.
    pub star: bool,
    /// Where, without quotes.
    pub span: Range<usize>,
}

/// An operator between a property and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `:` or `=`.
    Is,
    /// `<>`.
    IsNot,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Op {
    /// As it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Is => ":",
            Self::IsNot => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
