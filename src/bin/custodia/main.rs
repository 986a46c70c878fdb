//! The program: it understands the command line, asks the library, prints, and answers with an exit code.
//!
//! Contract: stdout is data, stderr is talk; the library's public API is all it uses. The codes are in [`error`].

mod args;
mod cli;
mod commands;
mod error;
mod help;
mod human;
mod interrupt;
mod json;
mod locate;
mod plot;
mod printer;
mod progress;
mod sanitize;
mod shell;
mod table;
mod wrap;

use crate::args::global::{Color, Global};
use crate::cli::Cli;
use crate::commands::session::Session;
use crate::printer::Printer;
use clap::{ArgMatches, ColorChoice, FromArgMatches, ValueEnum};
use custodia::{Error, ErrorKind};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Four threads of an import make and free millions of small values for each other; the system's allocator spends a
/// seventh of the import's time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where the last panic happened. The message is told only if the panic reaches `main`: the library catches some.
static PANICKED_AT: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    // The allocator asks for huge pages, which stay half empty here: a fifth of an import's memory, and no time gained.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        *PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let (json, color) = foresee(&args);
    let code = match catch_unwind(AssertUnwindSafe(|| understand(args, json, color))) {
        Ok(code) => code,
        Err(payload) => error::tell(&bug(&*payload), &Printer::early(json, color)),
    };
    ExitCode::from(code)
}

fn understand(args: Vec<std::ffi::OsString>, json: bool, color: Color) -> u8 {
    if let Some(page) = help::topic(&args) {
        let printer = Printer::early(false, color);
        return match printer.line(page.trim_end()).and_then(|()| printer.flush()) {
            Ok(()) => error::Exit::Done as u8,
            Err(failed) => error::tell(&failed, &printer),
        };
    }
    let choice = match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let matched = help::command_for(&args).color(choice).try_get_matches_from(args);
    match matched.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, Operation::of(&matches)))) {
        Ok((cli, operation)) => perform(cli, &operation),
        Err(refused) => error::tell_clap(&refused, &Printer::early(json, color)),
    }
}

/// A command as the audit trail names it.
struct Operation {
    /// The names of the command and its sub-commands.
    name: String,
    /// It changes nothing, and its failure is no event.
    dry_run: bool,
}

impl Operation {
    fn of(mut matches: &ArgMatches) -> Self {
        let mut names = Vec::new();
        while let Some((name, inner)) = matches.subcommand() {
            names.push(name);
            matches = inner;
        }
        let dry_run = matches.try_get_one::<bool>("dry_run").ok().flatten().copied().unwrap_or_default();
        Self { name: names.join("."), dry_run }
    }
}

fn perform(cli: Cli, operation: &Operation) -> u8 {
    trace(&cli.global);
    let mut session = Session::new(cli.global);
    let done = commands::run(cli.command, &mut session);
    session.printer.tell_notes();
    match done.and_then(|exit| session.printer.flush().map(|()| exit)) {
        Ok(exit) => exit as u8,
        Err(failed) => {
            if !operation.dry_run {
                session.record_failure(&operation.name, &failed);
            }
            tracing::debug!(cause = ?std::error::Error::source(&failed), "failed");
            error::tell(&failed, &session.printer)
        }
    }
}

/// What must be known before the command line is understood: how to say that it is not.
fn foresee(args: &[std::ffi::OsString]) -> (bool, Color) {
    let words: Vec<&str> = args.iter().skip(1).map_while(|arg| arg.to_str()).take_while(|arg| *arg != "--").collect();
    let after = words.iter().zip(words.iter().skip(1)).find(|(flag, _)| **flag == "--color").map(|(_, value)| *value);
    let color = words.iter().find_map(|word| word.strip_prefix("--color=")).or(after);
    (words.contains(&"--json"), color.and_then(|word| Color::from_str(word, false).ok()).unwrap_or_default())
}

/// More detail on stderr: `-v` what is done, `-vv` how, `-vvv` everything.
fn trace(global: &Global) {
    let level = match global.verbose {
        0 => return,
        1 => "custodia=info",
        2 => "custodia=debug",
        _ => "custodia=trace,info",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // It fails only if one is set already.
    let _ = subscriber.try_init();
}

fn bug(payload: &(dyn Any + Send)) -> Error {
    let said = payload.downcast_ref::<&str>().map(ToString::to_string);
    let said = said.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned());
    let place = PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Error::new(ErrorKind::Bug, format!("custodia stopped at a state that should not exist: {said} ({place})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreseen(args: &[&str]) -> (bool, Color) {
        foresee(&args.iter().map(Into::into).collect::<Vec<_>>())
    }

    #[test]
    fn the_form_of_errors_is_known_before_the_command_line_is_understood() {
        assert_eq!(foreseen(&["custodia", "serch", "--json", "--color=never"]), (true, Color::Never));
        assert_eq!(foreseen(&["custodia", "--color", "always", "search"]), (false, Color::Always));
        assert_eq!(foreseen(&["custodia", "search", "--", "--json"]), (false, Color::Auto));
        assert_eq!(foreseen(&["--json", "x"]), (false, Color::Auto));
    }
}
