//! `audit`: the hash-chained record of everything that happened.

use super::time::{TimeArg, time};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The hash-chained record of everything that happened.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List events
    List(List),
    /// Show one event
    Show(Show),
    /// Check the chain
    Verify(Verify),
    /// Write the events out
    Export(Export),
    /// Print the head of the chain, to be kept elsewhere
    Anchor(Anchor),
}

/// `audit list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia audit list --type 'hold.*' --since 2026-03-01
  custodia audit list --object hold_2b7e4401")]
pub struct List {
    /// Only at or after this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only of this actor, claimed or account
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Only of this type; `hold.*` means every type that begins so
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Only about this id, name or address
    #[arg(long, value_name = "ID")]
    pub object: Option<String>,
}

/// `audit show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The event's sequence number
    #[arg(value_name = "SEQ")]
    pub seq: u64,
}

/// `audit verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
An unbroken chain shows that no event inside it was changed. That none was cut off or that the whole
was not written anew shows only a comparison with an anchor that was kept elsewhere. Exit code 5 if
the chain is broken.

Example:
  custodia audit verify --against anchor.json")]
pub struct Verify {
    /// An anchor file, or the hash of a line
    #[arg(long, value_name = "FILE|HASH")]
    pub against: Option<String>,
}

/// The format of `audit export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The lines as they stand in the journal, each with its hash in front
    Jsonl,
    /// For spreadsheets
    Csv,
}

/// `audit export`.
#[derive(Debug, Args)]
#[command(after_help = "\
jsonl: every line as it stands in the journal, with `\"hash\":\"…\",` put in front of its first field.
Without that, the SHA-256 of the JSON is the one that the chain was made of.

Example:
  custodia audit export --format jsonl --out audit.jsonl")]
pub struct Export {
    /// In which format
    #[arg(long, value_enum)]
    pub format: Format,
    /// Into this file; to stdout if not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `audit anchor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Keep the anchor where nobody who can write to the archive can change it: printed, mailed, notarised.

Example:
  custodia audit anchor --out anchor.json")]
pub struct Anchor {
    /// Also into this file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
