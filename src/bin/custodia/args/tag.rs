//! `tag`: words that people put on messages.

use super::global::DryRun;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Put words of your own on messages.
#[derive(Debug, Subcommand)]
pub enum Tag {
    /// Put a tag on messages
    Add(Add),
    /// Take a tag off messages; off all where none are named
    Remove(Remove),
    /// List the tags
    List,
}

/// `tag add`.
#[derive(Debug, Args)]
#[command(override_usage = "\
custodia tag add <TAG> <KQL>
       custodia tag add <TAG> --ids <FILE>")]
#[command(after_help = "\
A tag changes no archived byte. Names are compared without regard to case; the first spelling is
kept. Works while an import runs.

Examples:
  custodia tag add privileged 'from:counsel@northgate.example'
  custodia search 'wire AND transfer' --ids | custodia tag add \"wires Q1\" --ids -")]
pub struct Add {
    /// The tag
    #[arg(value_name = "TAG", value_parser = tag)]
    pub tag: String,
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// On which messages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// The messages that match this query (KQL)
    #[arg(value_name = "KQL")]
    pub query: Option<String>,
    /// The messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
}

/// `tag remove`.
#[derive(Debug, Args)]
#[command(override_usage = "\
custodia tag remove <TAG> [KQL]
       custodia tag remove <TAG> --ids <FILE>")]
#[command(after_help = "\
Examples:
  custodia tag remove privileged 'sent<2025-01-01'
  custodia tag remove privileged -n                off every message: how many would it be?")]
pub struct Remove {
    /// The tag
    #[arg(value_name = "TAG")]
    pub tag: String,
    /// Only off the messages that match this query (KQL)
    #[arg(value_name = "KQL", conflicts_with = "ids")]
    pub query: Option<String>,
    /// Only off the messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

fn tag(text: &str) -> Result<String, String> {
    custodia::model::tag_name(text)
}
