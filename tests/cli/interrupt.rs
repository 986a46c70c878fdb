//! Ctrl-C on a real process: it stops between batches, says what is complete, and goes on when it is run again.

use crate::fixture::Archive;
use crate::harness::{Place, Ran};
use custodia::synthetic::Corpus;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn start(dir: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("custodia"));
    command.current_dir(dir).env_clear().args(args).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn end(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Waits until a process catches SIGINT.
fn until_it_listens(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    loop {
        let text = std::fs::read_to_string(&status).unwrap();
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
        assert!(!text.contains("State:\tZ"), "it ended before it listened");
        if u64::from_str_radix(&caught, 16).unwrap() & 0b10 != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

/// An archive with the users of a feed of several batches, and the feed beside it.
fn with_a_feed(messages: u64) -> (Place, String) {
    let (place, corpus) = (Place::new(), Corpus { seed: 3, messages });
    let path = |name: &str| place.path().join(name);
    corpus.write_feed(&mut std::fs::File::create(path(&corpus.feed_name())).unwrap()).unwrap();
    std::fs::write(path("users.csv"), corpus.users_csv()).unwrap();
    std::fs::write(path("mapping.csv"), corpus.mapping_csv()).unwrap();
    assert_eq!(place.run(&["init", "a"]).code, 0);
    assert_eq!(place.run(&["-A", "a", "user", "import", "users.csv"]).code, 0);
    assert_eq!(place.run(&["-A", "a", "map", "import", "mapping.csv"]).code, 0);
    (place, corpus.feed_name())
}

#[test]
fn an_import_stops_between_batches_and_goes_on_when_it_is_run_again() {
    const MESSAGES: u64 = 6_000;
    let (place, feed) = with_a_feed(MESSAGES);
    let mut child = start(place.path(), &["-A", "a", "import", &feed, "--json"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !(line.contains("\"progress\"") && line.contains("\"importing\"")) {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended before its first batch");
    }
    signal(&child, Signal::INT);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let ran = end(child);
    assert_eq!((ran.code, ran.error()["code"].as_str()), (130, Some("interrupted")), "{}", ran.err);
    assert!(ran.error()["hint"].as_str().unwrap().contains("again"), "{}", ran.err);
    let summary: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((summary["interrupted"].as_bool(), summary["exit"].as_u64()), (Some(true), Some(130)));
    let read = summary["read"].as_u64().unwrap();
    assert!(read > 0 && read < MESSAGES && summary["balanced"] == true, "{summary}");

    let again = place.run(&["-A", "a", "import", &feed, "--json"]);
    let report: Value = serde_json::from_str(again.out.lines().last().unwrap()).unwrap();
    assert_eq!((report["read"].as_u64(), &report["already"]), (Some(MESSAGES), &summary["imported"]), "{report}");
    assert_eq!(place.run(&["-A", "a", "verify"]).code, 0);
}

/// Starts a command that waits for a file of the archive, lets signals come, then lets it go on.
fn interrupted(archive: &Archive, args: &[&str], by: Signal, once: bool) -> Ran {
    let file = archive.path().join("watermark.json");
    let aside = archive.place().path().join("watermark.json");
    std::fs::rename(&file, &aside).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let mut child = start(archive.place().path(), &[&["-A", "demo/archive"], args].concat());
    until_it_listens(&child);
    signal(&child, by);
    if once {
        // It can be opened when somebody reads it.
        let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK;
        let mut pipe = loop {
            match rustix::fs::open(&file, flags, 0.into()) {
                Ok(pipe) => break std::fs::File::from(pipe),
                Err(_) => assert_eq!(child.try_wait().unwrap(), None, "it never read the file"),
            }
            std::thread::yield_now();
        };
        let text = std::fs::read(&aside).unwrap();
        std::fs::rename(&aside, &file).unwrap();
        pipe.write_all(&text).unwrap();
    } else {
        // Signals that come together are one.
        while child.try_wait().unwrap().is_none() {
            signal(&child, by);
            std::thread::yield_now();
        }
        std::fs::rename(&aside, &file).unwrap();
    }
    end(child)
}

#[test]
fn verify_rebuild_and_export_stop_and_leave_a_sound_archive() {
    let archive = Archive::copied();
    for (args, by) in [
        (&["verify", "--json"][..], Signal::INT),
        (&["rebuild", "--all", "--json"], Signal::TERM),
        (&["export", "invoice", "--to", "out", "--reason", "r", "--json"], Signal::INT),
    ] {
        let ran = interrupted(&archive, args, by, true);
        assert_eq!((ran.code, ran.out.as_str()), (130, ""), "{args:?}: {}", ran.err);
        assert!(ran.error()["hint"].as_str().unwrap().contains("again"), "{args:?}: {}", ran.err);
    }
    assert_eq!(archive.run(&["verify"]).code, 0);
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let archive = Archive::copied();
    assert_eq!(interrupted(&archive, &["verify"], Signal::INT, false).code, 130);
}
