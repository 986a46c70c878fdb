//! One file against the rules.

use super::paths::{Names, names};
use super::rules::{self, At, Reserved};
use std::fmt;

/// Which rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Syntax,
    Header,
    Length,
    UnknownModule,
    Floor,
    RootName,
    Program,
    Reserved,
    Printing,
    Unfinished,
    Unlink,
    Allowance,
    LooseTests,
}

/// One breach.
#[derive(Debug)]
pub struct Breach {
    pub rule: Rule,
    path: String,
    what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}: {:?}: {}", self.path, self.rule, self.what)
    }
}

/// Checks one file; `path` is relative to `src/`.
pub fn check(path: &str, source: &str) -> Vec<Breach> {
    let mut checker = Checker { path, breaches: Vec::new() };
    let lines = source.lines().count();
    if lines > rules::FILE_LINES {
        checker.breach(Rule::Length, format!("{lines} lines, {} at most", rules::FILE_LINES));
    }
    let begins = source.lines().next().unwrap_or("");
    // The program's main file begins like every other; nothing is exempt.
    if !begins.starts_with("//!") {
        checker.breach(Rule::Header, "does not begin with //! (what it is for, contract, limits)".to_owned());
    }
    match syn::parse_file(source) {
        Err(error) => checker.breach(Rule::Syntax, error.to_string()),
        Ok(_) if rules::is_test_file(path) => {}
        Ok(file) => checker.file(&names(&file)),
    }
    checker.breaches
}

struct Checker<'a> {
    path: &'a str,
    breaches: Vec<Breach>,
}

impl Checker<'_> {
    fn breach(&mut self, rule: Rule, what: String) {
        let known = self.breaches.iter().any(|breach| breach.rule == rule && breach.what == what);
        if !known {
            self.breaches.push(Breach { rule, path: self.path.to_owned(), what });
        }
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    fn file(&mut self, names: &Names) {
        for (inside, path) in &names.paths {
            self.floor(inside, path);
            rules::RESERVED.iter().for_each(|reserved| self.reserved(reserved, path));
            let last = path.last().map_or("", String::as_str);
            self.unlink(last);
        }
        names.methods.iter().for_each(|method| self.unlink(method));
        for name in &names.macros {
            if rules::PRINTING.contains(&name.as_str()) && !self.is_in(&["bin/"]) {
                self.breach(Rule::Printing, format!("{name}!: the library never prints"));
            }
            if rules::UNFINISHED.contains(&name.as_str()) {
                self.breach(Rule::Unfinished, format!("{name}!: no stubs, no traces of debugging"));
            }
        }
        for text in &names.allowances {
            let kept = rules::KEPT_LINTS.iter().any(|lint| text.contains(lint));
            let not_safe = text.contains(rules::UNSAFE_LINT) && !self.is_in(&["fs/"]);
            if kept || not_safe {
                self.breach(Rule::Allowance, format!("allow({text}) outside tests"));
            }
        }
        for module in &names.loose_tests {
            self.breach(Rule::LooseTests, format!("mod {module} without #[cfg(test)]"));
        }
    }

    /// The module that a file belongs to: its path, without `mod` and the extension.
    fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
            parts.pop();
        }
        parts
    }

    fn floor(&mut self, inside: &[String], path: &[String]) {
        let written = path.join("::");
        let module = self.module();
        let Some(own) = module.first().cloned() else { return };
        if own == "bin" {
            let hidden = path.get(1).is_some_and(|name| rules::HIDDEN_FROM_PROGRAM.contains(&name.as_str()));
            if path.first().is_some_and(|first| first == "custodia") && hidden {
                self.breach(Rule::Program, format!("{written}: the program sees the public API only"));
            }
            return;
        }
        let Some(floor) = rules::floor(&own) else {
            self.breach(Rule::UnknownModule, format!("{own} is on no floor; see tests/architecture/rules.rs"));
            return;
        };
        let target = match resolve(&module, inside, path) {
            Some(absolute) => absolute,
            None => return,
        };
        let Some(name) = target.first() else { return };
        match rules::floor(name) {
            None if rules::ROOT_NAMES.contains(&name.as_str()) => {}
            None => self.breach(Rule::RootName, format!("{written}: name the module, not the crate's root")),
            Some(other) if *name == own || other < floor || (other == 0 && floor == 0) => {}
            Some(other) => {
                self.breach(Rule::Floor, format!("{written}: {own} (floor {floor}) reaches {name} (floor {other})"));
            }
        }
    }

    fn reserved(&mut self, reserved: &Reserved, path: &[String]) {
        let equal = |window: &[String]| window.iter().zip(reserved.segments).all(|(a, b)| a == b);
        let length = reserved.segments.len();
        let found = match reserved.at {
            At::Start => path.len() >= length && equal(path),
            At::End => path.len() >= length && path.windows(length).last().is_some_and(equal),
        };
        if found && !self.is_in(reserved.only_in) {
            let (name, places) = (path.join("::"), reserved.only_in.join(", "));
            let places = if places.is_empty() { "nowhere".to_owned() } else { format!("only in {places}") };
            self.breach(Rule::Reserved, format!("{name}: {places} ({})", reserved.why));
        }
    }

    fn unlink(&mut self, name: &str) {
        if rules::UNLINKS.contains(&name) && !self.is_in(rules::UNLINKS_IN) {
            self.breach(Rule::Unlink, format!("{name}: only behind a clearance, in {}", rules::UNLINKS_IN.join(", ")));
        }
        if rules::REMOVES_DERIVED.contains(&name) && !self.is_in(rules::REMOVES_DERIVED_IN) {
            self.breach(
                Rule::Unlink,
                format!("{name}: derived state only, in {}", rules::REMOVES_DERIVED_IN.join(", ")),
            );
        }
    }
}

/// The path from the crate's root, if the path leads there: `crate::…`, `self::…`, `super::…`.
fn resolve(module: &[String], inside: &[String], path: &[String]) -> Option<Vec<String>> {
    let first = path.first()?.as_str();
    match first {
        "crate" => Some(path[1..].to_vec()),
        "self" | "super" => {
            let mut here: Vec<String> = [module, inside].concat();
            let mut rest = path;
            while let Some((step, after)) = rest.split_first() {
                match step.as_str() {
                    "self" => {}
                    "super" => _ = here.pop(),
                    _ => break,
                }
                rest = after;
            }
            Some([here, rest.to_vec()].concat())
        }
        _ => None,
    }
}
