//! `run`: what was imported, when, and what was not.

use clap::{Args, Subcommand, ValueEnum};

/// The runs of import.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// List the runs
    List,
    /// Show one run with its balance
    Show(Show),
    /// List what a run did not import, with place and what to do
    Issues(Issues),
}

/// `run show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The run's id, or six or more characters of it
    #[arg(value_name = "RUN")]
    pub run: String,
}

/// How to print a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

/// `run issues`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia run issues run_3f2a91 --format csv > not-imported.csv")]
pub struct Issues {
    /// The run's id, or six or more characters of it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How to print them
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
