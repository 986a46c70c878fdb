//! The house rules as a test: floors, reserved names, caps (`src/docs/architecture.md`, section "Floors").
//!
//! [`check::check`] reads the syntax of one file and returns its breaches. It is first shown to find a deliberate
//! breach of every rule, then run over the whole of `src/`.
//!
//! Limits: it reads syntax, not types. It sees paths in `use`, expressions, types, patterns and inside macro calls; it
//! does not follow a name through a re-export. Test code (`#[cfg(test)]`, `tests.rs`, `*_tests.rs`) may use what it
//! needs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "architecture/breaches.rs"]
mod breaches;
#[path = "architecture/check.rs"]
mod check;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/rules.rs"]
mod rules;

use check::{Breach, check};
use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below `dir`, sorted.
fn rust_files(dir: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            rust_files(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
}

#[test]
fn the_house_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 10, "the walk found only {} files below {}", files.len(), root.display());
    let mut breaches: Vec<Breach> = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        breaches.extend(check(&path, &fs::read_to_string(&file).unwrap()));
    }
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} breaches of the house rules:\n{}", list.len(), list.join("\n"));
}
