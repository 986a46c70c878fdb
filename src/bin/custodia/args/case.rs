//! `case`: the matters that holds belong to.

use super::{global::DryRun, value};
use clap::{Args, Subcommand};

/// The matters that holds belong to.
#[derive(Debug, Subcommand)]
pub enum Case {
    /// Open a case
    Create(Create),
    /// List the cases
    List,
    /// Show one case with its holds
    Show(Show),
}

/// `case create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia case create falcon --description \"Falcon v. Northgate\"")]
pub struct Create {
    /// A name that no other case has
    #[arg(value_name = "NAME", value_parser = value::name)]
    pub name: String,
    /// What it is about
    #[arg(long, value_name = "T", value_parser = value::text)]
    pub description: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
}
