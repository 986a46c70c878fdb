//! Reading our own pages, and the outside tools that they name.

use std::{path::Path, process::Command};

/// The text of a page of this repository.
pub fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The contents of the code blocks in this language, in order.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let (mut found, mut open): (Vec<String>, Option<(bool, String)>) = (Vec::new(), None);
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some((wanted, text))) => {
                if *wanted {
                    found.push(std::mem::take(text));
                }
                open = None;
            }
            (Some(opening), None) => open = Some((opening == language, String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block is not closed");
    found
}

/// Whether the tools are here. With `CUSTODIA_REQUIRE_TOOLS=1` a missing one fails the test.
pub fn have(tools: &[&str]) -> bool {
    for tool in tools {
        let there = Command::new(tool).arg("--version").output().is_ok_and(|out| out.status.success());
        if !there {
            assert!(std::env::var("CUSTODIA_REQUIRE_TOOLS").is_err(), "{tool} is missing");
            eprintln!("skipped: {tool} is missing");
            return false;
        }
    }
    true
}
