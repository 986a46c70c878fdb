//! Every command's help, word for word.

use crate::harness::Place;
use snapbox::{Data, assert_data_eq};
use std::path::PathBuf;

const COMMANDS: &[&str] = &[
    "",
    "init",
    "demo",
    "user",
    "user add",
    "user import",
    "user list",
    "user show",
    "user edit",
    "user disable",
    "map",
    "map template",
    "map import",
    "map list",
    "map check",
    "map resolve",
    "map remove",
    "detect",
    "import",
    "run",
    "run list",
    "run show",
    "run issues",
    "search",
    "show",
    "chat",
    "chat list",
    "chat show",
    "chat participants",
    "tag",
    "tag add",
    "tag remove",
    "tag list",
    "stats",
    "case",
    "case create",
    "case list",
    "case show",
    "case edit",
    "case note",
    "case close",
    "case reopen",
    "case search",
    "case search save",
    "case search list",
    "case search run",
    "case search diff",
    "case search remove",
    "case report",
    "custodian",
    "custodian add",
    "custodian remove",
    "custodian list",
    "custodian show",
    "hold",
    "hold place",
    "hold litigation",
    "hold preview",
    "hold list",
    "hold show",
    "hold edit",
    "hold explain",
    "hold coverage",
    "hold release",
    "hold end-delay",
    "retention",
    "retention minimum",
    "retention policy",
    "retention policy add",
    "retention policy list",
    "retention policy show",
    "retention policy edit",
    "retention policy lock",
    "retention policy remove",
    "retention label",
    "retention label add",
    "retention label apply",
    "retention label clear",
    "retention label list",
    "retention label show",
    "retention explain",
    "retention preview",
    "retention coverage",
    "retention run",
    "delete",
    "delete plan",
    "delete show",
    "delete apply",
    "delete list",
    "delete cancel",
    "delete undo",
    "delete expire",
    "delete certificate",
    "erasure",
    "erasure request",
    "erasure list",
    "erasure show",
    "erasure plan",
    "erasure complete",
    "approve",
    "audit",
    "audit list",
    "audit show",
    "audit item",
    "audit verify",
    "audit export",
    "audit anchor",
    "audit confirm-older",
    "verify",
    "rebuild",
    "doctor",
    "export",
    "backup",
    "backup create",
    "backup verify",
    "backup restore",
    "completions",
    "man",
    "version",
];

#[test]
fn every_command_has_the_help_that_is_written_down() {
    let place = Place::new();
    for command in COMMANDS {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        args.push("--help");
        let ran = place.run(&args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}");
        assert!(ran.out.lines().all(|line| line.chars().count() <= 130), "{command}");
        let name = if command.is_empty() { "custodia".to_owned() } else { command.replace(' ', "-") };
        let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/help/{name}.txt"));
        assert_data_eq!(ran.out, Data::read_from(&golden, None).raw());
    }
}

#[test]
fn the_list_of_help_texts_is_complete() {
    // The manual has a page for every command there is.
    let place = Place::new();
    assert_eq!(place.run(&["man", "--dir", "pages"]).code, 0);
    let mut pages: Vec<String> = std::fs::read_dir(place.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut listed: Vec<String> =
        COMMANDS.iter().map(|command| format!("custodia {command}").trim_end().replace(' ', "-") + ".1").collect();
    pages.sort();
    listed.sort();
    assert_eq!(pages, listed);
}

#[test]
fn short_help_and_long_help_are_one() {
    let place = Place::new();
    assert_eq!(place.run(&["-h"]).out, place.run(&["--help"]).out);
    assert_eq!(place.run(&["hold", "place", "-h"]).out, place.run(&["holds", "place", "--help"]).out);
}

#[test]
fn help_is_coloured_only_where_it_is_wanted() {
    let place = Place::new();
    assert!(!place.run(&["--help"]).out.contains('\u{1b}'));
    assert!(place.run(&["--color=always", "--help"]).out.contains('\u{1b}'));
}
