//! `backup`: the evidence in a second place.

use super::global::DryRun;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Keep the archive in a second place, and bring it back.
#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Make a backup, or bring it up to date
    Create(Create),
    /// Check a backup; works without its archive
    Verify(Verify),
    /// Make an archive out of a backup
    Restore(Restore),
}

/// `backup create`.
#[derive(Debug, Args)]
#[command(after_help = "\
It has the messages, the journal, kept sources and the settings. Mailboxes, index, catalog and
state are made anew by restore; quarantine/ is not in it. Only what is missing is copied, and what
was purged in the archive is removed from the backup. It works while an import runs; stopped, it
goes on where it was. Exit code 5 if the archive lacks a file, or if the backup is ahead of it or
differs from it: then nothing is changed.

Examples:
  custodia backup create /mnt/backup/northgate
  custodia backup create /mnt/backup/northgate --dry-run")]
pub struct Create {
    /// The backup's folder: new, empty, or with the backup of this archive
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `backup verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
The chain of the journal, and every file against its digest. Exit code 5 if damage is found.

Example:
  custodia backup verify /mnt/backup/northgate")]
pub struct Verify {
    /// The backup's folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// `backup restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Everything is checked on its way. The archive is as it was when the backup was made: what was
recorded later is not in it. With an anchor that it lacks it is restored all the same, says so in
every answer, and deletes nothing until custodia audit confirm-older.

Examples:
  custodia backup restore /mnt/backup/northgate --to ./archive
  custodia backup restore /mnt/backup/northgate --to ./archive --anchor anchor.json")]
pub struct Restore {
    /// The backup's folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The folder to make; must not exist yet, or be empty
    #[arg(long, value_name = "NEWDIR")]
    pub to: PathBuf,
    /// An anchor that was kept elsewhere, which the backup should have; may be repeated
    #[arg(long = "anchor", value_name = "FILE")]
    pub anchors: Vec<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}
