//! `init` and `demo`.

use super::{global::DryRun, value};
use clap::Args;
use std::path::PathBuf;

/// Create an archive.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia init ./archive --name \"Northgate Advisers\" --tz Europe/London
  custodia -A ./archive user import users.csv      the people whose mailboxes exist")]
pub struct Init {
    /// Where; created if it does not exist
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// What people call it; the folder's name if not given
    #[arg(long, value_name = "TEXT", value_parser = value::name)]
    pub name: Option<String>,
    /// Keep everything at least so long from its own date (7y, 18m, 90d, 2w); can only be extended
    #[arg(long, value_name = "PERIOD", value_parser = value::period)]
    pub minimum_retention: Option<custodia::model::Period>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Create a synthetic archive to try things on.
#[derive(Debug, Args)]
#[command(after_help = "\
Everything in it is invented. The same seed makes the same messages.

Examples:
  custodia demo ./demo
  custodia demo ./small --messages 500 --seed 7")]
pub struct Demo {
    /// Where; must not hold anything yet
    #[arg(value_name = "DIR", default_value = "demo")]
    pub dir: PathBuf,
    /// How many messages
    #[arg(long, value_name = "N", default_value_t = 12_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub messages: u64,
    /// What the random choices are made from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub dry_run: DryRun,
}
