//! `user`: the directory of valid mailboxes.

use super::{global::DryRun, value};
use clap::{Args, Subcommand};
use custodia::model::{MailboxName, PhoneNumber};
use std::path::PathBuf;

/// The directory of valid mailboxes.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add one user
    Add(Add),
    /// Add or update users from a CSV file
    Import(Import),
    /// List the users with their counts
    List,
    /// Show one user
    Show(Show),
    /// Change a user's name or numbers
    Edit(Edit),
    /// Take no new items for a user; mailbox, items and holds stay
    Disable(Disable),
}

/// `user add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia user add ana.ruiz@northgate.example --name \"Ana Ruiz\" --number +447700900123")]
pub struct Add {
    /// The mailbox's address
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub email: MailboxName,
    /// Display name
    #[arg(long, value_name = "N", value_parser = value::name)]
    pub name: Option<String>,
    /// A phone number of this user; may be repeated
    #[arg(long = "number", value_name = "+E164", value_parser = value::number)]
    pub numbers: Vec<PhoneNumber>,
    /// A group that the user is in, for retention policies; may be repeated
    #[arg(long = "group", value_name = "G", value_parser = value::query_name)]
    pub groups: Vec<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `user import`.
#[derive(Debug, Args)]
#[command(after_help = "\
The columns are email,name,number and any number of further columns named number or group. A file
without a column of groups leaves them as they are. Rows that cannot be taken are listed with their
line; the others are taken (exit code 3). A number that cannot be taken, because it is none or
another user's, is listed too; its user is taken without it.

Example:
  custodia user import users.csv --dry-run")]
pub struct Import {
    /// The file
    #[arg(value_name = "CSV")]
    pub csv: PathBuf,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `user show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The mailbox's address
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub email: MailboxName,
}

/// `user edit`.
#[derive(Debug, Args)]
#[command(override_usage = "custodia user edit <EMAIL> [OPTIONS]")]
#[command(after_help = "\
No edit of a user frees a held item. A retention policy that names a group keeps the mailboxes that
the group had when it was named.

Example:
  custodia user edit s.patel@northgate.example --number +447700900126")]
pub struct Edit {
    /// The mailbox's address
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub email: MailboxName,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// What `user edit` changes; at least one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Change {
    /// Display name
    #[arg(long, value_name = "N", value_parser = value::name)]
    pub name: Option<String>,
    /// Add a phone number; may be repeated
    #[arg(long = "number", value_name = "+E164", value_parser = value::number)]
    pub numbers: Vec<PhoneNumber>,
    /// Take a phone number away; may be repeated
    #[arg(long = "remove-number", value_name = "+E164", value_parser = value::number)]
    pub remove_numbers: Vec<PhoneNumber>,
    /// Put the user into a group; may be repeated
    #[arg(long = "group", value_name = "G", value_parser = value::query_name)]
    pub groups: Vec<String>,
    /// Take the user out of a group; may be repeated
    #[arg(long = "remove-group", value_name = "G", value_parser = value::query_name)]
    pub remove_groups: Vec<String>,
    /// Take new items again
    #[arg(long)]
    pub enable: bool,
}

/// `user disable`.
#[derive(Debug, Args)]
pub struct Disable {
    /// The mailbox's address
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub email: MailboxName,
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}
