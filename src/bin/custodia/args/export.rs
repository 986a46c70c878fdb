//! `export`.

use super::{
    global::{DryRun, Reason},
    value,
};
use clap::{Args, ValueEnum};
use custodia::model::MailboxName;
use std::path::PathBuf;

/// In which form messages are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One file a message, the archived bytes
    Eml,
}

/// Hand messages over in a package that proves itself.
#[derive(Debug, Args)]
#[command(after_help = "\
The package can be checked without Custodia: sha256sum -c SHA256SUMS. Exit code 3 if some messages
could not be exported; they are listed in it.

Examples:
  custodia export 'wire AND transfer' --to ./EX-0001 --reason \"Production 1\"
  custodia export --case falcon --to ./EX-0002 --reason \"Production 2\"")]
pub struct Export {
    #[command(flatten)]
    pub what: What,
    /// The folder to make; must not exist yet, or be empty
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Only in this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// Also what cannot be searched in full
    #[arg(long)]
    pub include_unindexed: bool,
    /// In which form; may be repeated
    #[arg(long = "as", value_enum, value_name = "FORM", default_value = "eml")]
    pub forms: Vec<Form>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Which messages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// What this query matches (KQL)
    #[arg(value_name = "KQL")]
    pub query: Option<String>,
    /// The messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    /// What the holds of this case cover
    #[arg(long, value_name = "C")]
    pub case: Option<String>,
}
