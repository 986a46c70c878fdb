//! Pages for readers: how the house is built, and what lies on disk.
//!
//! Contract: every claim holds in the code. `tests/docs` parses the examples of [`mod@format`] with the program's own types,
//! recomputes its digests, and runs the script and the commands of README.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("deletion.md")]
pub mod deletion {}

#[doc = include_str!("format.md")]
pub mod format {}

#[doc = include_str!("kql.md")]
pub mod kql {}

#[doc = include_str!("mutants.md")]
pub mod mutants {}

#[doc = include_str!("rendered.md")]
pub mod rendered {}

#[doc = include_str!("retention.md")]
pub mod retention {}
#[doc = include_str!("roles.md")]
pub mod roles {}

/// README's Rust example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
