//! `custodian`: the users whose mailboxes are put under a case.

use super::{
    global::{DryRun, Reason},
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand};
use custodia::model::MailboxName;

/// The users whose mailboxes are put under a case.
#[derive(Debug, Subcommand)]
pub enum Custodian {
    /// Make users custodians of a case
    Add(Add),
    /// Take a custodian off a case; holds stay
    Remove(Remove),
    /// List the custodians of a case
    List(List),
    /// Show the cases and holds of one mailbox
    Show(Show),
}

/// `custodian add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Role and period are facts about the matter: they limit no hold and no search. Adding a custodian
again with another role or period changes them; what is not said stays.

Example:
  custodia custodian add falcon ann@northgate.example --role witness --from 2025-01-01")]
pub struct Add {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// Whose mailboxes
    #[arg(value_name = "EMAIL", required = true, value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// What they are in the matter
    #[arg(long, value_name = "T", value_parser = value::text)]
    pub role: Option<String>,
    /// The period that the matter is about begins
    #[arg(long, value_name = "DATE", value_parser = time)]
    pub from: Option<TimeArg>,
    /// The last day of that period
    #[arg(long, value_name = "DATE", value_parser = time)]
    pub until: Option<TimeArg>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `custodian remove`.
#[derive(Debug, Args)]
#[command(after_help = "\
Holds that name the mailbox go on covering it: only releasing them ends that.

Example:
  custodia custodian remove falcon ann@northgate.example --reason \"Not involved after all\"")]
pub struct Remove {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// Whose mailbox
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub mailbox: MailboxName,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `custodian list`.
#[derive(Debug, Args)]
pub struct List {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
}

/// `custodian show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The mailbox
    #[arg(value_name = "EMAIL", value_parser = value::mailbox)]
    pub mailbox: MailboxName,
}
