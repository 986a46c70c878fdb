//! The full-text index: the immutable facts of messages, searchable; its secret is tantivy.
//!
//! Derived state: everything in it comes from the vault and the journal, and it is thrown away when it does not fit
//! (other schema, other analyser, damage). What can change about a message (mailboxes, tags, deletion on the phone) is
//! not in it: callers combine its answers, bitmaps over ordinals, with the bitmaps of `state`.
//!
//! Contract: [`Reader::bitmap`] agrees with `query::hits` for every expression without a mailbox condition. The caller
//! makes the folder and syncs it after a commit; one process writes, any number read. Bodies are indexed, not stored.

#[cfg(test)]
mod agreement;
mod best;
mod bits;
mod collect;
mod columns;
mod compile;
mod document;
mod env;
mod error;
mod hex;
mod id_keys;
mod map;
mod near_words;
mod proximity;
mod readonly;
mod schema;
mod search;
mod truth;
mod values;
mod writer;

#[cfg(test)]
mod tests;

pub use columns::{Columns, Row};
pub use document::{Document, HitRecord};
pub use env::Env;
pub use near_words::{NearWords, TERMS_LOOKED_AT, letters_apart};
pub use schema::SCHEMA_VERSION;
pub use search::Reader;
pub use truth::may_be_unsure;
pub use writer::{Opened, Writer};
