//! README: its script verifies a real journal, and names the first bad line of a damaged one.

use crate::{
    common::TestArchive,
    page::{blocks, have, page},
};
use custodia::journal::{Journal, verify_chain};
use std::{path::Path, process::Command};

/// Runs README's script on an archive: exit code, stdout and stderr.
fn verify(script: &Path, archive: &Path) -> (i32, String) {
    let out = Command::new("python3").arg(script).arg(archive).output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn the_script_is_ten_lines_at_most() {
    let scripts = blocks(&page("README.md"), "python");
    assert_eq!(scripts.len(), 1);
    assert!(scripts[0].lines().count() <= 10);
}

#[test]
fn the_script_verifies_an_archive_and_names_the_first_bad_line() {
    if !have(&["python3"]) {
        return;
    }
    let (test, _) = TestArchive::imported(300);
    let script = test.dir.path().join("verify.py");
    std::fs::write(&script, blocks(&page("README.md"), "python").remove(0)).unwrap();
    let mut archive = test.open();
    let anchor = archive.anchor().unwrap();
    let journal = test.path().join("journal").join(format!("{:020}.jsonl", 1));
    let sound = std::fs::read_to_string(&journal).unwrap();

    let (code, said) = verify(&script, &test.path());
    assert_eq!(code, 0, "{said}");
    let last = sound.lines().last().unwrap();
    assert!(said.starts_with(&format!("{} lines, unbroken", anchor.seq.0 + 1)) && said.contains(&last[..64]), "{said}");

    let lines: Vec<&str> = sound.lines().collect();
    let write = |lines: &[&str]| std::fs::write(&journal, format!("{}\n", lines.join("\n"))).unwrap();
    let edited = lines[41].replace("pc7", "pc8");
    let damages: [(&str, Vec<&str>, usize); 4] = [
        ("edited", [&lines[..41], &[edited.as_str()], &lines[42..]].concat(), 42),
        ("dropped", [&lines[..41], &lines[42..]].concat(), 42),
        ("swapped", [&lines[..41], &[lines[42], lines[41]], &lines[43..]].concat(), 42),
        ("added", [&lines[..41], &[lines[40]], &lines[41..]].concat(), 42),
    ];
    for (what, damaged, first_bad) in damages {
        write(&damaged);
        let (code, said) = verify(&script, &test.path());
        assert_eq!(code, 1, "{what}: {said}");
        assert!(said.contains(&format!("line {first_bad}:")), "{what}: {said}");
        let report =
            verify_chain(&Journal::at(test.path().join("journal"), test.path().join("quarantine")), &[]).unwrap();
        assert_eq!(report.first_bad.map(|bad| bad.line), Some(first_bad as u64), "{what}");
    }
    std::fs::write(&journal, sound.trim_end()).unwrap();
    assert_eq!(verify(&script, &test.path()).0, 1, "a line that was cut off");
    std::fs::remove_file(&journal).unwrap();
    assert_eq!(verify(&script, &test.path()).0, 1, "no journal at all");
}
