//! `hold`: what blocks deletion.

use super::{
    global::{DryRun, Reason},
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand};
use custodia::model::MailboxName;
use std::path::PathBuf;

/// Legal holds: what may not be deleted.
#[derive(Debug, Subcommand)]
pub enum Hold {
    /// Place a hold; it is in force at once, and covers what arrives later
    Place(Place),
    /// List the holds
    List(List),
    /// Show one hold with its scope
    Show(Show),
    /// Say whether something can be deleted, and if not, why
    Explain(Explain),
    /// Release a hold; the only way to free what it covers
    Release(Release),
}

/// `hold place`.
#[derive(Debug, Args)]
#[command(after_help = "\
Between placing and release a hold's coverage only grows. A hold with a query also covers every item
of its mailboxes with an attachment or an encrypted text, whatever its date: it could match inside.

Examples:
  custodia hold place Falcon-2026 --case falcon --custodian ana.ruiz@northgate.example \\
      --since 2025-10-01 --reason \"Claim letter 2026-03-01\"
  custodia hold place Wires --case falcon --all-custodians --query 'wire OR transfer' \\
      --reason \"Claim letter 2026-03-01\"")]
pub struct Place {
    /// A name that no other hold has
    #[arg(value_name = "NAME", value_parser = value::name)]
    pub name: String,
    /// The case it belongs to, by name or id
    #[arg(long, value_name = "C")]
    pub case: String,
    #[command(flatten)]
    pub whose: Whose,
    /// Only what this query matches (KQL)
    #[arg(long, value_name = "KQL", conflicts_with = "ids")]
    pub query: Option<String>,
    /// Only what was sent at or after this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only what was sent up to this time; a date is in it to its end
    #[arg(long, value_name = "T", value_parser = time)]
    pub until: Option<TimeArg>,
    /// Only the messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Whose mailboxes a hold covers.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// Of these users, who become custodians of the case
    #[arg(long = "custodian", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub custodians: Vec<MailboxName>,
    /// Of all custodians that the case has now
    #[arg(long)]
    pub all_custodians: bool,
    /// These mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
}

/// `hold list`.
#[derive(Debug, Args)]
pub struct List {
    /// Also those that were released
    #[arg(long)]
    pub all: bool,
}

/// `hold show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The hold's name or id
    #[arg(value_name = "HOLD")]
    pub hold: String,
}

/// `hold explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0 whether it can be deleted or not; the answer says which.

Examples:
  custodia hold explain m_7f3ac21e
  custodia hold explain ana.ruiz@northgate.example")]
pub struct Explain {
    /// A message's id, or a mailbox
    #[arg(value_name = "ID|EMAIL")]
    pub target: String,
}

/// `hold release`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia hold release Falcon-2026 --reason \"Settled 2026-09-01\" --confirm Falcon-2026")]
pub struct Release {
    /// The hold's name or id
    #[arg(value_name = "NAME")]
    pub hold: String,
    #[command(flatten)]
    pub reason: Reason,
    /// The hold's name once more
    #[arg(long, value_name = "NAME")]
    pub confirm: String,
    #[command(flatten)]
    pub dry_run: DryRun,
}
