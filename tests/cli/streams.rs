//! What becomes of an answer that nobody can take: a full device is an error, a reader that left is none.

use crate::fixture::{Archive, CUSTODIAN};
use std::process::Stdio;

#[test]
fn an_answer_that_does_not_fit_on_the_device_is_an_error() {
    let archive = Archive::copied();
    let id = archive.run(&["search", "invoice", "--ids", "--limit", "1"]).out;
    for args in [
        &["search", "invoice"][..],
        &["search", "invoice", "--count"],
        &["search", "invoice", "--ids"],
        &["show", id.trim()],
        &["user", "list"],
        &["map", "list"],
        &["run", "list"],
        &["hold", "list"],
        &["hold", "explain", CUSTODIAN],
        &["audit", "list"],
        &["audit", "anchor"],
        &["audit", "export", "--format", "jsonl"],
        &["stats"],
        &["verify", "--level", "quick"],
        &["doctor"],
        &["version"],
        &[],
    ] {
        for form in [None, Some("--json")] {
            let args: Vec<&str> = args.iter().copied().chain(form).collect();
            let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
            let ran = archive.run_to(&args, full.into());
            assert_eq!(ran.code, 74, "{args:?}: {}", ran.err);
            if form.is_some() {
                assert_eq!(ran.error()["code"], "io", "{args:?}");
            } else {
                assert!(ran.err.contains("cannot write the answer"), "{args:?}: {}", ran.err);
            }
        }
    }
    for args in [&["--help"][..], &["hold", "place", "--help"], &["--version"], &["man"], &["completions", "bash"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(archive.run_to(args, full.into()).code, 74, "{args:?}");
    }
}

#[test]
fn a_reader_that_left_is_no_error() {
    let archive = Archive::copied();
    for args in [
        &["search", "invoice"][..],
        &["user", "list"],
        &["audit", "export", "--format", "jsonl"],
        &["audit", "list"],
        &["--help"],
    ] {
        for form in [None, Some("--json")] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let args: Vec<&str> = args.iter().copied().chain(form).collect();
            let ran = archive.run_to(&args, Stdio::from(writer));
            assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
            assert!(!ran.err.contains("error"), "{args:?}: {}", ran.err);
        }
    }
}
