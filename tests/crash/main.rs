//! What survives a crash: kills at every stage of a batch and at random moments, failing syncs, damaged derived state,
//! and several processes at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod backup;
mod child;
mod concurrency;
mod deletion;
mod derived;
mod kill;
mod picture;
mod poison;
mod stage;
mod trace;
