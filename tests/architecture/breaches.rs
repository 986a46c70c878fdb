//! A deliberate breach of every rule: the checker is seen to fail before it is believed.

use super::check::{Rule, check};

/// The rules that a snippet breaks, each once.
fn broken(path: &str, code: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = check(path, &format!("//! A header.\n{code}\n")).into_iter().map(|b| b.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn a_module_that_imports_from_its_own_floor_or_above_is_found_however_it_is_written() {
    for code in [
        "use crate::index::Search;",
        "use crate::{model::Seq, index};",
        "use crate::index::{self as other, *};",
        "fn f() { crate::index::open(); }",
        "struct S(crate::index::Search);",
        "use super::super::index::Search;",
        "use super::super::super::index;",
        "mod inner { use super::super::super::index::Search; }",
        "fn f() { let _ = format!(\"{}\", crate::index::LIMIT); }",
        "impl crate::index::Store for S {}",
        "macro_rules! m { () => { $crate::index::open() }; }",
    ] {
        let path = if code.contains("super::super::super::index;") { "vault/deep/read.rs" } else { "vault/read.rs" };
        assert_eq!(broken(path, code), [Rule::Floor], "{code}");
    }
    assert_eq!(broken("vault/mod.rs", "use super::index::Search;"), [Rule::Floor]);
    assert_eq!(broken("eml/parse.rs", "use crate::archive::Archive;"), [Rule::Floor]);
    assert_eq!(broken("model/id.rs", "use crate::fs::read;"), [Rule::Floor]);
    assert_eq!(broken("synthetic/feed.rs", "use crate::source::telemessage;"), [Rule::Floor]);
}

#[test]
fn lower_floors_own_rooms_and_the_error_are_open_to_everybody() {
    for (path, code) in [
        ("vault/read.rs", "use crate::{fs::durable, model::Digest, vault::path, Error, Result}; use super::path::of;"),
        ("vault/deep/read.rs", "use super::super::path; use self::inner::x; use crate::governance::VaultClearance;"),
        ("model/id.rs", "use crate::error::Error; use super::Instant;"),
        ("archive/import.rs", "use crate::{vault, index, source, eml}; fn f() { crate::state::apply(); }"),
        ("lib.rs", "pub mod archive; pub use archive::Archive;"),
        ("vault/read.rs", "#[cfg(test)] mod tests { use crate::index::X; use std::fs; fn f() { x.unlink(); } }"),
        ("vault/read.rs", "fn f() { let text = format!(\"crate::index::X println!(\"); }"),
    ] {
        assert_eq!(broken(path, code), [], "{path}: {code}");
    }
}

#[test]
fn a_module_on_no_floor_and_a_detour_over_the_root_are_found() {
    assert_eq!(broken("helpers/mod.rs", "use std::fmt;"), [Rule::UnknownModule]);
    assert_eq!(broken("eml/parse.rs", "use crate::Archive;"), [Rule::RootName]);
    assert_eq!(broken("eml/parse.rs", "use crate::*;"), [Rule::RootName]);
}

#[test]
fn the_program_sees_the_public_api_only() {
    assert_eq!(broken("bin/custodia/main.rs", "use custodia::vault::Vault;"), [Rule::Program]);
    assert_eq!(broken("bin/custodia/main.rs", "use custodia::{Archive, index};"), [Rule::Program]);
    assert_eq!(broken("bin/custodia/main.rs", "use custodia::{Archive, model::MessageId}; use crate::cli;"), []);
}

#[test]
fn every_reserved_name_is_found_outside_its_room_and_allowed_in_it() {
    for (code, room) in [
        ("use sled::Db;", "catalog/open.rs"),
        ("fn f() { sled::open(\"x\"); }", "catalog/open.rs"),
        ("use tantivy::{schema::Schema, Index};", "index/schema.rs"),
        ("use mail_parser::MessageParser;", "eml/parse.rs"),
        ("type B = mail_builder::MessageBuilder<'static>;", "eml/render.rs"),
        ("use memmap2::Mmap;", "fs/map.rs"),
        ("use std::fs;", "fs/durable.rs"),
        ("use std::{fs::File, io::Read};", "bin/custodia/commands/export.rs"),
        ("fn f() { let _ = std::fs::read(\"x\"); }", "fs/durable.rs"),
        ("fn f() { log!(std::fs::read(\"x\")); }", "fs/durable.rs"),
        ("use rustix::fs::flock;", "fs/lock.rs"),
        ("fn f() { OpenOptions::new(); }", "fs/durable.rs"),
        ("fn f() { std::time::SystemTime::now(); }", "clock.rs"),
        ("fn f() { chrono::Utc::now(); }", "clock.rs"),
        ("fn f() { Local::now(); }", "clock.rs"),
        ("fn f() { std::process::exit(1); }", "bin/custodia/main.rs"),
        ("fn f() { std::env::var(\"HOME\"); }", "bin/custodia/main.rs"),
        ("fn f() { std::io::stdout(); }", "bin/custodia/printer.rs"),
        ("use clap::Parser;", "bin/custodia/cli.rs"),
    ] {
        assert_eq!(broken("state/apply.rs", code), [Rule::Reserved], "{code}");
        assert_eq!(broken(room, code), [], "{code} in {room}");
    }
    assert_eq!(broken("bin/custodia/main.rs", "use std::net::TcpListener;"), [Rule::Reserved]);
}

#[test]
fn the_library_that_prints_is_found() {
    for code in ["fn f() { println!(\"x\"); }", "fn f() { eprint!(\"x\"); }", "fn f() { wrap!({ eprintln!(\"x\") }); }"]
    {
        assert_eq!(broken("archive/open.rs", code), [Rule::Printing], "{code}");
        assert_eq!(broken("bin/custodia/printer.rs", code), []);
    }
}

#[test]
fn stubs_and_traces_of_debugging_are_found_everywhere() {
    for code in ["fn f() { todo!() }", "fn f() { unimplemented!(\"later\") }", "fn f() { let x = dbg!(1); }"] {
        assert_eq!(broken("archive/open.rs", code), [Rule::Unfinished], "{code}");
        assert_eq!(broken("bin/custodia/main.rs", code), [Rule::Unfinished], "{code}");
    }
}

#[test]
fn an_unlink_without_a_clearance_is_found() {
    for code in [
        "fn f() { crate::fs::durable::unlink(path); }",
        "use crate::fs::durable::unlink;",
        "fn f() { durable::remove_file(path); }",
        "fn f() { dir.unlinkat(name); }",
    ] {
        assert_eq!(broken("archive/dispose.rs", code), [Rule::Unlink], "{code}");
        assert_eq!(broken("vault/write.rs", code), [Rule::Unlink], "{code}");
        assert_eq!(broken("vault/purge.rs", code), [], "{code}");
    }
    let derived = "fn f() { crate::fs::durable::remove_derived(path); }";
    assert_eq!(broken("vault/write.rs", derived), [Rule::Unlink]);
    assert_eq!(broken("journal/append.rs", derived), [Rule::Unlink]);
    assert_eq!(broken("catalog/open.rs", derived), []);
}

#[test]
fn a_lint_that_is_switched_off_outside_tests_is_found() {
    for code in [
        "#[allow(clippy::unwrap_used)] fn f() {}",
        "#![allow(clippy::indexing_slicing)]",
        "#[expect(clippy::expect_used, reason = \"never fails\")] fn f() {}",
        "fn f() { #[allow(clippy::unwrap_used)] let x = y.unwrap(); }",
        "#[allow(unsafe_code)] fn f() {}",
    ] {
        assert_eq!(broken("index/open.rs", code), [Rule::Allowance], "{code}");
    }
    assert_eq!(broken("index/open.rs", "#[cfg(test)] mod t { #![allow(clippy::unwrap_used)] }"), []);
    assert_eq!(broken("index/open.rs", "#![cfg_attr(test, allow(clippy::unwrap_used))]"), []);
    assert_eq!(broken("fs/map.rs", "#[allow(unsafe_code)] fn f() {}"), []);
}

#[test]
fn a_file_without_header_too_long_or_not_rust_is_found() {
    let rules = |source: &str| check("fs/lock.rs", source).into_iter().map(|breach| breach.rule).collect::<Vec<_>>();
    assert_eq!(rules("use std::fmt;\n"), [Rule::Header]);
    assert_eq!(rules("// A remark.\n//! A header too late.\n"), [Rule::Header]);
    assert_eq!(rules(&format!("//! Long.\n{}", "\n".repeat(500))), [Rule::Length]);
    assert_eq!(rules(&format!("//! Long enough.\n{}", "\n".repeat(499))), []);
    assert_eq!(rules("//! A header.\nfn f( {\n"), [Rule::Syntax]);
}

#[test]
fn test_files_are_exempt_only_where_they_are_compiled_for_tests() {
    assert_eq!(broken("vault/tests.rs", "use crate::index::X; use std::fs; fn f() { println!(); }"), []);
    assert_eq!(broken("query/words_tests.rs", "use tantivy::Index;"), []);
    assert_eq!(broken("vault/mod.rs", "mod tests;"), [Rule::LooseTests]);
    assert_eq!(broken("vault/mod.rs", "#[cfg(not(test))] mod words_tests;"), [Rule::LooseTests]);
    assert_eq!(broken("vault/mod.rs", "#[cfg(test)] mod tests; #[cfg(test)] mod words_tests;"), []);
    assert_eq!(broken("vault/mod.rs", "#[cfg(any(test, unix))] use crate::index::X;"), [Rule::Floor]);
}
