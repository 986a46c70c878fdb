//! `audit`: the hash-chained record of everything that happened.

use super::{
    global::{DryRun, Reason},
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The hash-chained record of everything that happened.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List events
    List(List),
    /// Show one event, with what it changed
    Show(Show),
    /// Show one message with its whole history
    Item(Item),
    /// Check the chain
    Verify(Verify),
    /// Write the events out
    Export(Export),
    /// Print the head of the chain, to be kept elsewhere
    Anchor(Anchor),
    /// Go on with an archive that lacks what an anchor names
    ConfirmOlder(ConfirmOlder),
}

/// `audit list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia audit list --type 'hold.*' --since 2026-03-01
  custodia audit list --object hold_2b7e4401
  custodia audit list --case falcon --until 2026-06-30")]
pub struct List {
    /// Only at or after this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only before the end of this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub until: Option<TimeArg>,
    /// Only of this actor, claimed or account
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Only of this type; `hold.*` means every type that begins so
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Only about this id, name or address
    #[arg(long, value_name = "ID")]
    pub object: Option<String>,
    /// Only about this case: itself, its custodians, holds, searches and exports
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
}

/// `audit show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The event's sequence number
    #[arg(value_name = "SEQ")]
    pub seq: u64,
}

/// The form of `audit item`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Markdown
    Md,
    /// HTML that stands alone
    Html,
    /// JSON
    Json,
}

/// `audit item`.
#[derive(Debug, Args)]
#[command(after_help = "\
From the source file to the last event: import, views, tags, holds that cover it, saved searches
and exports that have it, plans, disposal. Each line has its number, who, when and its hash. It
works for what was purged too. No message text.

Examples:
  custodia audit item m_3f9c01d2ab
  custodia audit item m_3f9c01d2ab --out history.html")]
pub struct Item {
    /// The message's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Into this file, which must not exist; .md, .html or .json says the form
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// In which form, if the file's name does not say it
    #[arg(long, value_enum)]
    pub format: Option<Form>,
}

/// `audit verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
An unbroken chain shows that no event inside it was changed. That none was cut off or that the whole
was not written anew shows only a comparison with an anchor that was kept elsewhere. Exit code 5 if
the chain is broken or the anchor is missing; then nothing is deleted any more until custodia audit
confirm-older. A backup's backup.json is an anchor too.

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
jsonl: every line as it stands in the journal, with `\"hash\":\"…\",\"operation\":\"…\",` put in front
of its first field. Without that, the SHA-256 of the JSON is the one that the chain was made of. The
operation is what Microsoft Purview calls the event; empty where it has none that means the same.

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

/// `audit confirm-older`.
#[derive(Debug, Args)]
#[command(after_help = "\
An anchor names a line that is not in the journal: the archive is an older copy, and holds that were
placed since may be missing. Nothing is deleted meanwhile. Use the newer copy if there is one; else
place again what is missing, then confirm.

Example:
  custodia audit confirm-older --confirm arc_2a97516c354b6884 --reason \"Disk lost\"")]
pub struct ConfirmOlder {
    /// The archive's id, once more
    #[arg(long, value_name = "ARCHIVE", value_parser = value::text)]
    pub confirm: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}
