//! `hold`: what blocks deletion.

use super::{
    global::{DryRun, Reason},
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand, ValueEnum};
use custodia::model::MailboxName;
use std::path::PathBuf;

/// Legal holds: what may not be deleted.
#[derive(Debug, Subcommand)]
pub enum Hold {
    /// Place a hold; it is in force at once, and covers what arrives later
    Place(Place),
    /// Put a whole mailbox on hold, for good or for days from each item's own date
    Litigation(Litigation),
    /// Say what a hold would cover and what not; place none
    Preview(Preview),
    /// List the holds
    List(List),
    /// Show one hold with its scope
    Show(Show),
    /// Make a hold cover more mailboxes; nothing narrows one
    Edit(Edit),
    /// Say whether something can be deleted, and if not, why
    Explain(Explain),
    /// Say how much of the archive is on hold
    Coverage(Coverage),
    /// Release a hold; what it covered stays on hold for a delay
    Release(Release),
    /// End the delay after a release before its time
    EndDelay(EndDelay),
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
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// What of the mailboxes a hold covers.
#[derive(Debug, Args)]
pub struct What {
    /// Only what this query matches (KQL)
    #[arg(long, value_name = "KQL", conflicts_with_all = ["ids", "tag"])]
    pub query: Option<String>,
    /// Only this conversation, by id or name; may be repeated. With a query both must match
    #[arg(long = "conversation", value_name = "ID", conflicts_with_all = ["ids", "tag"])]
    pub conversations: Vec<String>,
    /// Only what was sent at or after this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only what was sent up to this time; a date is in it to its end
    #[arg(long, value_name = "T", value_parser = time)]
    pub until: Option<TimeArg>,
    /// Only the messages that have this tag now; taking it off later frees nothing
    #[arg(long, value_name = "TAG", conflicts_with = "ids")]
    pub tag: Option<String>,
    /// Only the messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
}

/// `hold litigation`.
#[derive(Debug, Args)]
#[command(after_help = "\
With --days each item is held until so many days after its own date, not after the day of the hold:
a hold of 90 days protects nothing that is 91 days old. An item without a date is held. Without
--days the hold has no end. `hold preview --mailbox EMAIL --days N` counts what is too old.

Examples:
  custodia hold litigation ana.ruiz@northgate.example --reason \"Claim letter 2026-03-01\"
  custodia hold litigation ana.ruiz@northgate.example --days 2555 --reason \"Order of the court\"")]
pub struct Litigation {
    /// The mailbox
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub mailbox: MailboxName,
    /// Hold each item for so many days from its own date
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(custodia::archive::MOST_DAYS)))]
    pub days: Option<u32>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `hold preview`.
#[derive(Debug, Args)]
#[command(after_help = "\
Says what would be covered and for what reason, what the limits leave outside in the same mailboxes,
and what was not imported of these people. Writes nothing but that somebody looked.

Examples:
  custodia hold preview --case falcon --all-custodians --query 'wire OR transfer' --since 2025-10-01
  custodia hold preview --mailbox ana.ruiz@northgate.example --days 90")]
pub struct Preview {
    /// The case, by name or id; needed for all of its custodians
    #[arg(long, value_name = "C")]
    pub case: Option<String>,
    #[command(flatten)]
    pub whose: Whose,
    #[command(flatten)]
    pub what: What,
    /// As a litigation hold of so many days from each item's own date
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(custodia::archive::MOST_DAYS)))]
    #[arg(conflicts_with_all = ["custodians", "all_custodians", "query", "conversations", "since", "until", "tag", "ids"])]
    pub days: Option<u32>,
}

/// Whose mailboxes a hold covers.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// Of these users; placing the hold makes them custodians of the case
    #[arg(long = "custodian", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub custodians: Vec<MailboxName>,
    /// Of all custodians that the case has now; hold edit adds those that come later
    #[arg(long)]
    pub all_custodians: bool,
    /// These mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
}

/// `hold list`.
#[derive(Debug, Args)]
pub struct List {
    /// Also those that were released and bind nothing any more
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
Exit code 0 whether it can be deleted or not: the answer says which. 1 if there is no item of it.

Examples:
  custodia hold explain m_7f3ac21e
  custodia hold explain ana.ruiz@northgate.example
  custodia hold explain plan_77c1d002
  custodia hold explain 'sent<2024-01-01'")]
pub struct Explain {
    /// The id of a message or a deletion plan, a mailbox, or a query
    #[arg(value_name = "ID|EMAIL|PLAN|KQL")]
    pub target: String,
}

/// `hold edit`.
#[derive(Debug, Args)]
#[command(after_help = "\
A scope only widens. For another query or period place another hold: an item is free only when the
last hold lets go.

Example:
  custodia hold edit Falcon-2026 --add-custodian m.chen@northgate.example --reason \"Second claim\"")]
pub struct Edit {
    /// The hold's name or id
    #[arg(value_name = "NAME")]
    pub hold: String,
    #[command(flatten)]
    pub more: More,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Mailboxes to add to a hold.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct More {
    /// Of this user, who becomes a custodian of the case; may be repeated
    #[arg(long = "add-custodian", value_name = "E", value_parser = value::mailbox)]
    pub custodians: Vec<MailboxName>,
    /// This mailbox; may be repeated
    #[arg(long = "add-mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
}

/// `hold coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// What the rows are
    #[arg(long, value_enum, default_value = "mailbox")]
    pub by: By,
}

/// What the rows of a coverage are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Mailboxes
    Mailbox,
    /// Months that messages were sent in
    Month,
}

/// `hold end-delay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia hold end-delay Falcon-2026 --reason \"Agreed with counsel\" --confirm Falcon-2026")]
pub struct EndDelay {
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

/// `hold release`.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is deleted. What the hold covered stays on hold for the days that `delay_hold_days` in
archive.toml says (30 unless changed, 0 for none); hold end-delay ends that early.

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
