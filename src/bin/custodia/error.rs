//! From an error to what a person, a script and a shell get: one table.

use crate::printer::Printer;
use clap::error::{ContextKind, ContextValue, ErrorKind as ClapKind};
use custodia::{Error, ErrorKind};
use serde_json::{Value, json};

/// What a command that ran says with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; a search found something.
    Done = 0,
    /// Ran correctly, the answer is empty or negative.
    Empty = 1,
    /// Finished, but some things were not imported or exported.
    Partial = 3,
    /// Refused by a hold or a retention rule; nothing changed.
    Refused = 4,
    /// Damage was found.
    Damage = 5,
}

/// How one kind of error is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The exit code.
    pub exit: u8,
    /// The word in JSON.
    pub code: &'static str,
    /// What to do, where the error does not say it itself; may be empty.
    pub hint: &'static str,
}

/// The table: exit code, JSON code and default hint of every kind of error.
pub fn answer(kind: ErrorKind) -> Answer {
    let (exit, code, hint) = match kind {
        ErrorKind::Usage => (2, "usage", "see custodia --help"),
        ErrorKind::BadQuery => (2, "bad_query", "see custodia search --help; quote what is meant as text"),
        ErrorKind::Ambiguous => (2, "ambiguous", "give more characters of the id"),
        ErrorKind::NotFound => (1, "not_found", "the matching list command shows what there is"),
        ErrorKind::Held => (4, "held", "custodia hold explain says what blocks it"),
        ErrorKind::ClockSuspect => (4, "clock_suspect", "set the clock of this machine; nothing was changed"),
        ErrorKind::OlderThanAnchor => (4, "older_than_anchor", "custodia audit confirm-older says what to do"),
        ErrorKind::Damaged => (5, "damaged", "custodia verify names every damaged object"),
        ErrorKind::NotAllowed => (77, "not_allowed", "[roles] in archive.toml says who has which role"),
        ErrorKind::NoArchive => (10, "no_archive", "custodia init makes one"),
        ErrorKind::Locked => (11, "locked", "wait until the other process has finished, then try again"),
        ErrorKind::Behind => (11, "behind", "wait until the import has finished, then try again"),
        ErrorKind::FormatNewer => (13, "format_newer", "use the version of custodia that wrote it, or a newer one"),
        ErrorKind::Exists => (73, "exists", "choose another name"),
        ErrorKind::CannotCreate => (73, "cannot_create", "check that the folder can be written and is not in use"),
        ErrorKind::Io => (74, "io", "check the disk (custodia doctor)"),
        ErrorKind::Poisoned => (74, "poisoned", "check the disk (custodia doctor), then run the command again"),
        ErrorKind::Permission => (77, "permission", "run it as the account that owns the archive (custodia doctor)"),
        ErrorKind::Config => (78, "config", "correct the named file"),
        ErrorKind::Interrupted => (130, "interrupted", "run the command again; it goes on where it stopped"),
        ErrorKind::Bug => (70, "bug", "this is a bug in custodia; please report it with this message"),
        _ => (70, "unknown", "this is a bug in custodia; please report it with this message"),
    };
    Answer { exit, code, hint }
}

/// The error as a JSON document.
pub fn document(error: &Error) -> Value {
    let answer = answer(error.kind());
    json!({
        "schema": "custodia.error/1",
        "code": answer.code,
        "exit": answer.exit,
        "message": error.to_string(),
        "hint": hint(error),
        "details": error.details(),
    })
}

fn hint(error: &Error) -> &str {
    error.hint().unwrap_or(answer(error.kind()).hint)
}

/// Tells the error on stderr; returns the exit code.
pub fn tell(error: &Error, printer: &Printer) -> u8 {
    if printer.json() {
        let mut document = document(error);
        crate::json::set(&mut document, "hint", printer.addressed(hint(error)));
        printer.complain(&crate::json::text(&printer.with_notes(document)));
    } else {
        printer.error(&error.to_string(), hint(error));
    }
    answer(error.kind()).exit
}

/// Tells what clap says: help and version on stdout, usage errors on stderr (one JSON line under `--json`).
pub fn tell_clap(error: &clap::Error, printer: &Printer) -> u8 {
    if matches!(error.kind(), ClapKind::DisplayHelp | ClapKind::DisplayVersion) {
        return match error.print() {
            // Nobody is left to read it.
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                tell(&Error::new(ErrorKind::Io, format!("cannot write the answer: {e}")), printer)
            }
            _ => 0,
        };
    }
    if printer.json() {
        printer.complain(&crate::json::text(&document(&usage(error))));
    } else if error.kind() == ClapKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
    } else {
        // Not in clap's own words and colours: it repeats values as they are.
        let text = error.render().to_string();
        let text = text.trim_end();
        printer.error(text.strip_prefix("error: ").unwrap_or(text), "");
    }
    answer(ErrorKind::Usage).exit
}

/// A usage error of clap as an error of ours.
fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let first: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = first.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let message = match error.kind() {
        ClapKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        _ => message,
    };
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Value::from(text.clone()),
        Some(ContextValue::Strings(texts)) => Value::from(texts.clone()),
        _ => Value::Null,
    };
    let hint = match context(ContextKind::SuggestedSubcommand) {
        // The nearest comes last.
        Value::Array(names) => names.last().and_then(Value::as_str).map(|name| format!("did you mean {name}?")),
        _ => None,
    };
    let hint = hint.unwrap_or_else(|| "see --help of the command".to_owned());
    let (argument, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let details = if argument.is_null() { Value::Null } else { json!({"argument": argument, "value": value}) };
    Error::new(ErrorKind::Usage, message).with_hint(hint).with_details(details)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ALL: [ErrorKind; 21] = [
        ErrorKind::Usage,
        ErrorKind::BadQuery,
        ErrorKind::NotFound,
        ErrorKind::Ambiguous,
        ErrorKind::Exists,
        ErrorKind::Held,
        ErrorKind::NotAllowed,
        ErrorKind::NoArchive,
        ErrorKind::Locked,
        ErrorKind::FormatNewer,
        ErrorKind::CannotCreate,
        ErrorKind::Io,
        ErrorKind::Permission,
        ErrorKind::Config,
        ErrorKind::Damaged,
        ErrorKind::Behind,
        ErrorKind::Interrupted,
        ErrorKind::ClockSuspect,
        ErrorKind::OlderThanAnchor,
        ErrorKind::Poisoned,
        ErrorKind::Bug,
    ];

    #[test]
    fn every_kind_has_a_code_of_its_own_an_exit_code_of_the_contract_and_a_hint() {
        let contract = [1, 2, 4, 5, 10, 11, 13, 70, 73, 74, 77, 78, 130];
        let mut codes = BTreeSet::new();
        for kind in ALL {
            let answer = answer(kind);
            assert!(contract.contains(&answer.exit), "{kind:?}");
            assert!(codes.insert(answer.code), "{kind:?}");
            assert!(!answer.hint.is_empty(), "{kind:?}");
            assert_ne!(answer.code, "unknown", "{kind:?}");
        }
    }

    #[test]
    fn an_error_document_has_every_field_of_the_contract() {
        let error = Error::new(ErrorKind::Held, "2 items are held").with_details(json!({"items": 2}));
        assert_eq!(
            document(&error),
            json!({"schema": "custodia.error/1", "code": "held", "exit": 4, "message": "2 items are held",
                "hint": "custodia hold explain says what blocks it", "details": {"items": 2}})
        );
    }
}
