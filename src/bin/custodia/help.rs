//! The help of the program itself: commands in groups, in the order of the work.
//!
//! clap lists sub-commands in one row. The list here is generated from the same definitions, so that a command cannot
//! be missing from it (a test sees to that).

use crate::args::{
    search::Search,
    show::{Show, Stats},
};
use crate::cli::{Cli, Frame};
use clap::{Arg, ArgAction, Args, Command, CommandFactory, builder::styling::Style};
use std::ffi::OsString;
use std::fmt::Write as _;

/// Columns where the terminal does not say; also the widest that help gets.
const WIDTH: usize = 100;

const GROUPS: &[(&str, &[&str])] = &[
    ("Set up", &["init", "demo", "user", "map"]),
    ("Bring in", &["detect", "import", "run"]),
    ("Find, read", &["search", "show", "chat", "tag", "stats"]),
    ("Investigate", &["case", "custodian"]),
    ("Preserve", &["hold", "retention", "delete", "erasure", "approve"]),
    ("Prove", &["audit", "verify", "rebuild", "doctor"]),
    ("Hand over", &["export", "backup"]),
    ("Tool", &["completions", "man", "version"]),
];

const AFTER: &str = "\
Quick start:
  custodia demo ./demo                             try it on invented data
  custodia init ./archive                          make an archive
  custodia -A ./archive user import users.csv      the people whose mailboxes exist
  custodia -A ./archive import ~/feed              bring messages in
  custodia -A ./archive search 'wire transfer'     find them; custodia help kql is the language

Exit codes: 0 done, 1 nothing found, 2 usage, 3 not all imported or exported, 4 refused by a hold
or a retention rule, 5 damage found, 10 no archive, 11 locked, 13 newer format, 70 bug,
73 cannot create, 74 I/O, 77 permission, 78 configuration, 130 interrupted.";

/// The query language on one screen. Its examples are run by a test.
const KQL: &str = include_str!("kql.txt");

/// The page of `custodia help kql`, which is no command.
pub fn topic(args: &[OsString]) -> Option<&'static str> {
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let (first, rest) = words.split_first()?;
    (*first == "help" && rest.first().is_some_and(|word| word.eq_ignore_ascii_case("kql"))).then_some(KQL)
}

/// The command tree with its help.
pub fn command() -> Command {
    let command = Cli::command();
    let list = groups(&command, width());
    let heading = Style::new().bold().underline();
    one_help(command)
        .help_template(format!(
            "{{about}}

{{usage-heading}} {{usage}}

{list}{heading}Global options:{heading:#}
{{options}}{{after-help}}"
        ))
        .after_help(AFTER)
}

/// As much of the command tree as this command line needs. To define a hundred commands takes as long as to answer one
/// search, so what is asked in rows by scripts and by people at work is defined alone.
pub fn command_for(args: &[OsString]) -> Command {
    let frame = Frame::command();
    let (name, define): (_, fn(Command) -> Command) = match first_word(&frame, args) {
        Some("search") => ("search", Search::augment_args),
        Some("show") => ("show", Show::augment_args),
        Some("stats") => ("stats", Stats::augment_args),
        _ => return command(),
    };
    one_help(frame.subcommand(define(Command::new(name))))
}

/// The command on a line that is preceded by global options only. `None`: that is not plain.
fn first_word<'a>(frame: &Command, args: &'a [OsString]) -> Option<&'a str> {
    let mut words = args.iter().skip(1).map(|arg| arg.to_str());
    loop {
        let word = words.next()??;
        let Some(option) = word.strip_prefix('-') else { return Some(word) };
        let (name, value) = match option.split_once('=') {
            Some((name, _)) => (name, true),
            None => (option, false),
        };
        let names = |arg: &&Arg| match name.strip_prefix('-') {
            Some(long) => arg.get_long() == Some(long),
            None => arg.get_short().is_some_and(|short| name.strip_prefix(short) == Some("")),
        };
        if frame.get_arguments().find(names)?.get_action().takes_values() && !value {
            words.next();
        }
    }
}

/// One help for `-h` and `--help`, the compact one; and `help` as a command only at the root.
fn one_help(command: Command) -> Command {
    let subs: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let flag = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print help");
    let mut command = command.disable_help_flag(true).arg(flag.help_heading("Global options").display_order(998));
    for name in subs {
        command = command.mut_subcommand(name, |sub| one_help(sub).disable_help_subcommand(true));
    }
    command
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, WIDTH))
}

fn groups(command: &Command, width: usize) -> String {
    let names = GROUPS.iter().flat_map(|(_, names)| names.iter());
    let column = names.map(|name| name.len()).max().unwrap_or(0) + 4;
    let heading = Style::new().bold().underline();
    let literal = Style::new().bold();
    let mut out = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(out, "{heading}{title}:{heading:#}");
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let lines = wrap(&about.unwrap_or_default(), width.saturating_sub(column).max(20));
            let pad = column - 2 - name.len();
            let _ =
                writeln!(out, "  {literal}{name}{literal:#}{:pad$}{}", "", lines.join(&format!("\n{:column$}", "")));
        }
        out.push('\n');
    }
    out
}

/// Breaks a text of our own at blanks.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    #[test]
    fn every_command_is_in_one_group_and_every_group_has_only_commands() {
        let command = Cli::command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut there: Vec<&str> =
            command.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name).collect();
        grouped.sort_unstable();
        there.sort_unstable();
        assert_eq!(grouped, there);
    }

    #[test]
    fn a_command_that_is_defined_alone_is_the_same_command() {
        let parsed = |line: &str, tree: Command| {
            let words: Vec<&str> = line.split_whitespace().collect();
            match tree.try_get_matches_from(&words) {
                Ok(matches) => format!("{:?}", Cli::from_arg_matches(&matches).unwrap()),
                Err(refused) => refused.to_string(),
            }
        };
        for line in [
            "custodia search wire --limit 3 --json",
            "custodia -A x search -h",
            "custodia --tz=Europe/Berlin -q search --help",
            "custodia search wire --no-such-flag",
            "custodia search --limit",
            "custodia show m_12 --raw -A x",
            "custodia -v --color never show",
            "custodia --actor search stats --help",
            "custodia stats extra words",
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(Into::into).collect();
            let alone = command_for(&words);
            assert_eq!(alone.get_subcommands().count(), 1, "{line}");
            assert_eq!(parsed(line, alone), parsed(line, command()), "{line}");
        }
    }

    #[test]
    fn a_line_that_is_not_plain_gets_the_whole_tree() {
        for line in [
            "custodia",
            "custodia -h search",
            "custodia help search",
            "custodia --no-such search",
            "custodia -A search",
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(Into::into).collect();
            assert!(command_for(&words).get_subcommands().count() > 20, "{line}");
        }
    }

    #[test]
    fn the_definitions_hold_together() {
        command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does_and_its_examples_fit_a_terminal() {
        fn look(command: &Command, path: &str) {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.lines().all(|line| line.chars().count() <= 100), "{path}");
            for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
                let path = format!("{path} {}", sub.get_name());
                let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
                assert!(!about.is_empty() && !about.starts_with('`') && !about.ends_with('.'), "{path}: {about}");
                look(sub, &path);
            }
        }
        look(&command(), "custodia");
    }

    #[test]
    fn long_descriptions_are_broken_under_themselves() {
        let narrow = groups(&Cli::command(), 40);
        assert!(narrow.lines().all(|line| anstrip(line).chars().count() <= 44), "{narrow}");
    }

    fn anstrip(line: &str) -> String {
        let mut out = String::new();
        let mut escape = false;
        for c in line.chars() {
            match c {
                '\u{1b}' => escape = true,
                'm' if escape => escape = false,
                c if !escape => out.push(c),
                _ => {}
            }
        }
        out
    }
}
