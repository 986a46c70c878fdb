//! What the engine does, through the public API, on archives made by the seeded corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod chat;
mod doctor;
mod export;
mod governance;
mod history;
mod hold_reasons;
mod import;
mod phone;
mod readers;
mod rebuild;
mod rendered;
mod search;
mod source;
mod tag;
mod tail;
mod verify;
