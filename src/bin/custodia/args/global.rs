//! The flags that every command takes, and the two that every command of its kind takes.

use super::value;
use clap::{ArgAction, Args, ValueEnum};
use custodia::model::Zone;
use std::path::PathBuf;

const HEADING: &str = "Global options";

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Flags that work before and after the name of any command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The archive; else the folder above that has an archive.toml
    #[arg(short = 'A', long, value_name = "DIR", env = "CUSTODIA_ARCHIVE", hide_env = true)]
    #[arg(global = true, help_heading = HEADING, display_order = 900)]
    pub archive: Option<PathBuf>,

    /// Machine output on stdout, errors as one JSON line on stderr
    #[arg(long, global = true, help_heading = HEADING, display_order = 901)]
    pub json: bool,

    /// Only results
    #[arg(short, long, global = true, help_heading = HEADING, display_order = 902, conflicts_with = "verbose")]
    pub quiet: bool,

    /// More detail on stderr; twice for more
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = HEADING, display_order = 903)]
    pub verbose: u8,

    /// auto, always or never; NO_COLOR is honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, hide_possible_values = true, global = true, help_heading = HEADING)]
    #[arg(display_order = 904)]
    pub color: Color,

    /// No progress bars
    #[arg(long, global = true, help_heading = HEADING, display_order = 905)]
    pub no_progress: bool,

    /// Display zone, also of dates in flags; queries and stored times are UTC
    #[arg(long, value_name = "IANA", value_parser = value::zone, global = true, help_heading = HEADING)]
    #[arg(display_order = 906)]
    pub tz: Option<Zone>,

    /// Who you say you are; the account and the host are recorded beside it
    #[arg(long, value_name = "WHO", env = "CUSTODIA_ACTOR", hide_env = true, value_parser = value::text)]
    #[arg(global = true, help_heading = HEADING, display_order = 907)]
    pub actor: Option<String>,
}

/// On every command that writes.
#[derive(Clone, Copy, Debug, Args)]
pub struct DryRun {
    /// Say what would be done, change nothing
    #[arg(short = 'n', long, display_order = 800)]
    pub dry_run: bool,
}

/// On the commands that nobody may run without saying why.
#[derive(Clone, Debug, Args)]
pub struct Reason {
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text, display_order = 700)]
    pub reason: String,
}
