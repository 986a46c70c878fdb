//! Usage errors and the search for the archive: exit codes, streams, documents.

use crate::harness::Place;

#[test]
fn a_usage_error_is_two_and_says_nothing_on_stdout() {
    let place = Place::new();
    for (args, named) in [
        (&["serch", "x"][..], "search"),
        (&["search"], "<KQL>"),
        (&["hold", "place", "F", "--case", "c", "--mailbox", "a@x.example"], "--reason"),
        (&["hold", "release", "F", "--reason", "r"], "--confirm"),
        (&["delete", "wire"], "--reason"),
        (&["delete", "apply", "plan_1"], "--confirm"),
        (&["export", "wire", "--reason", "r"], "--to"),
        (&["search", "x", "--tz", "Mars/Olympus"], "Europe/London"),
        (&["import", "x", "--max-item-size", "huge"], "10MiB"),
        (&["import", "x", "--since", "04/03/2026"], "2026-03-04"),
        (&["user", "add", "ann"], "name@domain"),
        (&["user", "add", "ann@x.example", "--number", "07700900123"], "country code"),
        (&["hold", "place", "F", "--case", "c", "--mailbox", "a@x.example", "--reason", " "], "blank"),
    ] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.contains(named), "{args:?} does not name {named}: {}", ran.err);
    }
}

#[test]
fn a_usage_error_under_json_is_one_error_document() {
    let place = Place::new();
    for args in
        [&["--json", "serch"][..], &["search", "--json"], &["hold", "--json"], &["verify", "--sample", "0", "--json"]]
    {
        let ran = place.run(args);
        let error = ran.error();
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert_eq!(error["schema"], "custodia.error/1");
        assert_eq!((error["code"].as_str(), error["exit"].as_i64()), (Some("usage"), Some(2)), "{args:?}");
        assert!(error["message"].is_string() && error["hint"].is_string() && error.get("details").is_some());
    }
}

#[test]
fn no_archive_is_ten_and_names_the_three_ways() {
    let place = Place::new();
    let ran = place.run(&["search", "wire"]);
    assert_eq!((ran.code, ran.out.as_str()), (10, ""));
    for way in ["-A", "CUSTODIA_ARCHIVE", "folder"] {
        assert!(ran.err.contains(way), "{way}: {}", ran.err);
    }
    assert_eq!(place.run(&["-A", "nowhere", "stats"]).code, 10);
    assert_eq!(place.run_with(&[("CUSTODIA_ARCHIVE", "nowhere")], &["stats"]).code, 10);
    let error = place.run(&["--json", "stats"]).error();
    assert_eq!((error["code"].as_str(), error["exit"].as_i64()), (Some("no_archive"), Some(10)));
}

#[test]
fn what_a_stranger_named_cannot_act_on_the_terminal() {
    let place = Place::new();
    let ran = place.run(&["-A", "x\u{1b}[2Jy\u{202e}z", "stats"]);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{:?}", ran.err);
    assert!(ran.err.contains("\\x1b[2J") && ran.err.contains("<U+202E>"), "{}", ran.err);
}

#[test]
fn a_value_that_is_refused_cannot_act_on_the_terminal_either() {
    let place = Place::new();
    let ran = place.run(&["user", "add", "a\u{1b}[2J\u{202e}"]);
    assert_eq!(ran.code, 2);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{:?}", ran.err);
}
