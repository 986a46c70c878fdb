//! The query language: KQL as far as content search in mail uses it, read, closed, explained and evaluated.
//!
//! `parse` → [`Node`] (with warnings) → [`resolve`] (clock and directory are arguments) → [`Expr`] → [`hits`] on an
//! item, or the index's compiler. `words` holds the analyser that stored text, queries and the index share.
//!
//! Contract: pure; no clock, no disk; bad queries are errors with a place, never guesses. `hits` **is** the meaning of
//! the language: the index must agree with it.

mod ast;
mod clock_time;
mod condition;
mod date;
mod error;
mod eval;
mod explain;
mod expr;
mod facts;
mod keyword_rows;
mod lang;
mod leaf;
mod lexer;
mod names;
mod near;
mod number;
mod parser;
mod property;
mod resolve;
mod restriction;
mod row;
mod script;
mod snippet;
mod token;
mod value;
pub mod words;

#[cfg(test)]
mod languages;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod worked;

pub use ast::{Compare, Node};
pub use date::{DateSpan, Named};
pub use error::{QueryError, Warning, WarningCode};
pub use eval::{Item, Marks, certainly, covers, hits, may_hit};
pub use explain::{conditions, describe, explain};
pub use expr::{Expr, bind_mailbox, is_of_item, mailbox_matches, mentions_mailbox, restrictions_used};
pub use facts::{Attached, ENCRYPTED, Facts, MAIL_CLASS, NOT_IN_SOURCE, Parties, Sequence};
pub use keyword_rows::{KeywordRow, keyword_rows};
pub use lang::languages_known;
pub use leaf::{Gap, Leaf, Near, Role, Row, TextField};
pub use names::folder_id;
pub use near::{Place, chain};
pub use parser::{Parsed, TREE_DEPTH, parse};
pub use property::{Flag, Name, PROPERTIES, Property, PropertyKind};
pub use resolve::{CaseScope, Context, Resolved, RetentionName, RunSpan, resolve};
pub use snippet::{Snippet, looks_for_words, marks, snippet};
pub use words::{ANALYSER_VERSION, plain};

/// Version of the meaning of a closed expression. Stored with every hold.
pub const LANGUAGE_VERSION: u32 = 1;
