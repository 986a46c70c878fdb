//! What the engine does, through the public API, on archives made by the seeded corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod doctor;
mod export;
mod governance;
mod history;
mod import;
mod phone;
mod readers;
mod rebuild;
mod rendered;
mod source;
mod verify;
