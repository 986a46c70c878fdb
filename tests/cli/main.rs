//! The program as scripts and people meet it: help texts, exit codes, streams, error documents.
//!
//! The golden help texts in `help/` are the contract's flags in writing; `SNAPSHOTS=overwrite cargo test --test cli`
//! writes them anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod backup;
mod case;
mod chat;
mod contract;
mod damage;
mod deletion;
mod fixture;
mod golden;
mod harness;
mod help;
mod hold;
mod interrupt;
mod kql;
mod reading;
mod reasons;
mod retention;
mod search;
mod streams;
mod tag;
mod tool;
mod usage;
mod writing;
