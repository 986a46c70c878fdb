//! What can be typed: one file for each managed thing or daily act.
//!
//! Contract: definitions and value parsing only. Nothing here opens a file or an archive; a value that cannot be right
//! whatever the archive holds is refused here, by clap, with exit code 2.

pub mod approve;
pub mod audit;
pub mod backup;
pub mod case;
pub mod chat;
pub mod check;
pub mod custodian;
pub mod delete;
pub mod erasure;
pub mod export;
pub mod global;
pub mod hold;
pub mod import;
pub mod items;
pub mod map;
pub mod retention;
pub mod run;
pub mod search;
pub mod setup;
pub mod show;
pub mod tag;
pub mod time;
pub mod tool;
pub mod user;
pub mod value;
