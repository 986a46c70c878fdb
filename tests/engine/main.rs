//! What the engine does, through the public API, on archives made by the seeded corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod access;
mod audit;
mod backup;
mod case;
mod certificate;
mod chat;
mod deletion;
mod doctor;
mod erasure;
mod export;
mod governance;
mod history;
mod hold_growth;
mod hold_reasons;
mod holds;
mod import;
mod older;
mod phone;
mod readers;
mod rebuild;
mod rendered;
mod retention;
mod search;
mod source;
mod tag;
mod tail;
mod verify;
