//! `map`: the custom mapping from phone numbers to mailboxes.

use super::{
    global::DryRun,
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The custom mapping from phone numbers to mailboxes.
#[derive(Debug, Subcommand)]
pub enum Map {
    /// Print an empty mapping file
    Template,
    /// Read a mapping file
    Import(Import),
    /// List the rows
    List,
    /// Look for rows and users that cannot work
    Check,
    /// Say which mailbox a number means, and by which rule
    Resolve(Resolve),
    /// Remove all rows of a number
    Remove(Remove),
}

/// What becomes of the rows that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Keep them; rows of the file are added
    #[default]
    Merge,
    /// Remove them first
    Replace,
}

/// `map import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Headers: `External User ID,Microsoft 365 User Mailbox` or `number,email`; optionally `from,to`,
because numbers move between people. Rows that cannot be taken are listed with their line; the
others are taken (exit code 3).

Example:
  custodia map import mapping.csv --default-region GB --dry-run")]
pub struct Import {
    /// The file
    #[arg(value_name = "CSV")]
    pub csv: PathBuf,
    /// Add to the rows that are there, or replace them
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,
    /// Whose numbers those without a country code are, such as GB
    #[arg(long, value_name = "REGION", value_parser = value::region)]
    pub default_region: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `map resolve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia map resolve +447700900123 --at 2025-10-01")]
pub struct Resolve {
    /// The number
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// At this time; now if not given
    #[arg(long, value_name = "DATE", value_parser = time)]
    pub at: Option<TimeArg>,
}

/// `map remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The number
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub dry_run: DryRun,
}
