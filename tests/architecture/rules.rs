//! The tables: which module lives on which floor, which name may appear where.

/// Modules of the library and their floors. A module imports only from lower floors; floor 0 modules may use each other.
pub const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("error", 0),
    ("clock", 0),
    ("progress", 0),
    ("fs", 1),
    ("eml", 1),
    ("extract", 1),
    ("query", 1),
    ("mapping", 1),
    ("source", 2),
    ("governance", 2),
    ("export", 2),
    ("synthetic", 2),
    ("vault", 3),
    ("maildir", 3),
    ("journal", 3),
    ("catalog", 3),
    ("index", 3),
    ("state", 3),
    ("archive", 4),
    // Pages of documentation: nobody imports them.
    ("docs", 5),
];

/// What may be named from the crate's root without its module: the error, which every floor returns.
pub const ROOT_NAMES: &[&str] = &["Error", "ErrorKind", "Result"];

/// Modules of the library that the program does not see: the stores, and what they stand on.
pub const HIDDEN_FROM_PROGRAM: &[&str] =
    &["fs", "eml", "extract", "vault", "maildir", "journal", "catalog", "index", "state"];

/// Where a reserved name is looked for in a path.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// The path begins with these segments.
    Start,
    /// The path ends with these segments.
    End,
}

/// A name that may appear only in certain files.
pub struct Reserved {
    /// Segments of a path.
    pub segments: &'static [&'static str],
    pub at: At,
    /// Prefixes of paths below `src/`; a whole file name is its own prefix.
    pub only_in: &'static [&'static str],
    /// Why.
    pub why: &'static str,
}

const fn reserved(
    segments: &'static [&'static str],
    at: At,
    only_in: &'static [&'static str],
    why: &'static str,
) -> Reserved {
    Reserved { segments, at, only_in, why }
}

const FILES: &[&str] = &["fs/", "bin/"];
const CLOCK: &[&str] = &["clock.rs"];
const PROGRAM: &[&str] = &["bin/"];

/// The reserved names of the architecture, and a few that follow from its words.
pub const RESERVED: &[Reserved] = &[
    reserved(&["sled"], At::Start, &["catalog/"], "the catalog's secret"),
    reserved(&["tantivy"], At::Start, &["index/"], "the index's secret"),
    reserved(&["mail_parser"], At::Start, &["eml/"], "e-mail is read in one place"),
    reserved(&["mail_builder"], At::Start, &["eml/"], "e-mail is written in one place"),
    reserved(&["quick_xml"], At::Start, &["extract/"], "a stranger's document is read in one place"),
    reserved(&["html5gum"], At::Start, &["extract/"], "a stranger's document is read in one place"),
    reserved(&["rusqlite"], At::Start, &["source/sqlite/"], "a stranger's database is opened in one place"),
    reserved(&["ed25519_dalek"], At::Start, &["archive/approve/"], "signatures are checked in one place"),
    reserved(&["memmap2"], At::Start, &["fs/"], "mapping a file is unsafe where another program writes it"),
    reserved(&["std", "fs"], At::Start, FILES, "files are touched in one place, so that order and syncs can be tested"),
    reserved(&["rustix", "fs"], At::Start, FILES, "files are touched in one place"),
    reserved(&["std", "os"], At::Start, FILES, "raw handles belong to the file floor"),
    reserved(&["File"], At::Start, FILES, "files are touched in one place"),
    reserved(&["OpenOptions"], At::Start, FILES, "files are touched in one place"),
    reserved(&["SystemTime", "now"], At::End, CLOCK, "the clock is an argument"),
    reserved(&["Utc", "now"], At::End, CLOCK, "the clock is an argument"),
    reserved(&["Local", "now"], At::End, CLOCK, "the clock is an argument"),
    reserved(&["process", "exit"], At::End, PROGRAM, "the library never ends its host"),
    reserved(&["process", "abort"], At::End, PROGRAM, "the library never ends its host"),
    reserved(&["std", "env"], At::Start, &["bin/", "fs/host.rs"], "the library never reads the environment"),
    reserved(&["std", "io", "stdin"], At::Start, PROGRAM, "the library never asks"),
    reserved(&["std", "io", "stdout"], At::Start, PROGRAM, "the library never prints"),
    reserved(&["std", "io", "stderr"], At::Start, PROGRAM, "the library never prints"),
    reserved(
        &["ItemClearance", "decide"],
        At::End,
        &["governance/", "archive/rules.rs"],
        "every deletion is decided in one place",
    ),
    reserved(
        &["ItemClearance", "decide_due"],
        At::End,
        &["governance/", "archive/rules.rs"],
        "every disposition by a retention rule is decided in the same place",
    ),
    reserved(
        &["VaultClearance", "when_none_left"],
        At::End,
        &["governance/", "archive/purge.rs"],
        "a file goes in one place, when its last item has gone",
    ),
    reserved(&["std", "net"], At::Start, &[], "everything happens on one machine, offline"),
    reserved(&["clap"], At::Start, PROGRAM, "an embedder compiles no command line"),
    reserved(&["indicatif"], At::Start, PROGRAM, "an embedder compiles no command line"),
    reserved(&["comfy_table"], At::Start, PROGRAM, "an embedder compiles no command line"),
    reserved(&["tracing_subscriber"], At::Start, PROGRAM, "an embedder chooses its own"),
];

/// Macros that may appear only in the program.
pub const PRINTING: &[&str] = &["println", "eprintln", "print", "eprint"];

/// Macros that may appear nowhere.
pub const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

/// Functions that unlink evidence, and the only files that may call them. Everybody in `purge.rs` takes a clearance;
/// `prune.rs` removes from a backup what the journal says was purged.
pub const UNLINKS: &[&str] = &["unlink", "unlinkat", "remove_file", "remove_dir", "remove_dir_all"];
pub const UNLINKS_IN: &[&str] = &["fs/", "vault/purge.rs", "maildir/purge.rs", "archive/backup/prune.rs"];

/// Functions that throw derived state away, and where: never in the vault or the journal, which are the truth.
pub const REMOVES_DERIVED: &[&str] = &["remove_derived"];
pub const REMOVES_DERIVED_IN: &[&str] = &["fs/", "catalog/", "index/", "state/", "maildir/", "archive/"];

/// Lints that no attribute outside tests may switch off.
pub const KEPT_LINTS: &[&str] = &["unwrap_used", "expect_used", "indexing_slicing"];
/// A lint that only the file floor may switch off.
pub const UNSAFE_LINT: &str = "unsafe_code";

/// Lines of one file.
pub const FILE_LINES: usize = 500;

/// Whether a file below `src/` holds nothing but tests.
pub fn is_test_file(path: &str) -> bool {
    path.contains("/tests/")
        || path.rsplit('/').next().is_some_and(|name| name == "tests.rs" || name.ends_with("_tests.rs"))
}

/// Whether a module of this name holds nothing but tests.
pub fn is_test_module(name: &str) -> bool {
    name == "tests" || name.ends_with("_tests")
}

/// The floor of a module, `None` if it is in no table.
pub fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}
