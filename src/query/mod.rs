//! The query language: KQL as far as content search in mail uses it, read, closed, explained and evaluated.
//!
//! `parse` → [`Node`] (with warnings) → [`resolve`] (clock and directory are arguments) → [`Expr`] → [`hits`] on an
//! item, or the index's compiler. `words` holds the analyser that stored text, queries and the index share.
//!
//! Contract: pure; no clock, no disk; bad queries are errors with a place, never guesses. `hits` **is** the meaning of
//! the language: the index must agree with it. Not here yet: NEAR, keyword lists, `tag: label: hold: case:`.

mod ast;
mod date;
mod error;
mod eval;
mod explain;
mod expr;
mod facts;
mod lexer;
mod parser;
mod property;
mod resolve;
mod script;
mod snippet;
mod token;
mod value;
pub mod words;

#[cfg(test)]
mod tests;

pub use ast::{Compare, Node};
pub use date::{DateSpan, Named};
pub use error::{QueryError, Warning, WarningCode};
pub use eval::{Item, covers, hits};
pub use explain::{conditions, describe, explain};
pub use expr::{Expr, Leaf, Role, TextField, bind_mailbox, mailbox_matches, mentions_mailbox, restrictions_used};
pub use facts::{Facts, Sequence};
pub use parser::{Parsed, TREE_DEPTH, parse};
pub use property::{Flag, PROPERTIES, Property, PropertyKind};
pub use resolve::{Context, resolve};
pub use snippet::{Snippet, snippet};
pub use words::ANALYSER_VERSION;

/// Version of the meaning of a closed expression. Stored with every hold.
pub const LANGUAGE_VERSION: u32 = 1;
