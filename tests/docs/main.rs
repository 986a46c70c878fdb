//! The documentation holds: examples parse, digests can be recomputed, the script in README verifies a real archive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod certificate;
mod disk;
mod format;
mod page;
mod readme;
