//! `verify`, `rebuild` and `doctor`.

use super::{global::DryRun, value};
use clap::{Args, ValueEnum};

/// How thoroughly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Presence, sizes, links and the chain
    Quick,
    /// Also every byte against its recorded digest
    #[default]
    Full,
}

/// Check the evidence; never repairs.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 5 if damage is found. \"changed\" and \"unreadable\" are different words: only the first is
evidence of change.

Examples:
  custodia verify
  custodia verify --level quick
  custodia verify --sample 10%")]
pub struct Verify {
    /// How thoroughly; full compares every byte with its recorded digest
    #[arg(long, value_enum, default_value_t)]
    pub level: Level,
    /// Hash only this share of the files, chosen at random
    #[arg(long, value_name = "P%", value_parser = value::percent)]
    pub sample: Option<f64>,
}

/// Make derived state anew from vault and journal.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is lost by it: mailboxes, catalog, index and state come from vault and journal alone.
Without a flag all of them are made anew. What a mail client changed in mailboxes (flags, moves) is
not kept.

Example:
  custodia rebuild --index")]
pub struct Rebuild {
    /// The mailboxes
    #[arg(long)]
    pub mail: bool,
    /// The catalog
    #[arg(long)]
    pub catalog: bool,
    /// The search index
    #[arg(long)]
    pub index: bool,
    /// All of them, and the state
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub dry_run: DryRun,
}

impl Rebuild {
    /// Whether everything is to be made anew.
    pub fn everything(&self) -> bool {
        self.all || !(self.mail || self.catalog || self.index)
    }
}
