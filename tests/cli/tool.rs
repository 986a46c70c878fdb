//! `version`, `completions`, `man`: they need no archive.

use crate::harness::Place;
use serde_json::json;

#[test]
fn version_names_the_archive_formats() {
    let place = Place::new();
    let ran = place.run(&["version", "--json"]);
    assert_eq!(
        ran.document(),
        json!({"schema": "custodia.version/1", "version": env!("CARGO_PKG_VERSION"),
            "archive_formats": {"read": [1], "write": 1}})
    );
    assert_eq!(place.run(&["--version"]).out, format!("custodia {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = place.run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        assert!(ran.out.contains("explain"), "{shell}");
    }
}

#[test]
fn a_manual_page_is_printed_by_the_name_of_its_command() {
    let place = Place::new();
    assert!(place.run(&["man"]).out.contains(".TH custodia 1"));
    assert!(place.run(&["man", "hold", "place"]).out.contains(".TH custodia-hold-place 1"));
    let ran = place.run(&["man", "hodl"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
}
