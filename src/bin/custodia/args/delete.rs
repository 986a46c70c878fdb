//! `delete`: plan, look, confirm.

use super::{
    global::{DryRun, Reason},
    items::Items,
    value,
};
use clap::{Args, Subcommand};
use custodia::model::MailboxName;
use std::path::PathBuf;

/// Plan a deletion, look at it, carry it out.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(override_usage = "\
custodia delete <KQL> --reason <TEXT> [--mailbox <E>]…
       custodia delete --ids <FILE> --reason <TEXT> [--mailbox <E>]…
       custodia delete <COMMAND>")]
#[command(after_help = "\
`custodia delete KQL` is short for `custodia delete plan KQL`. A plan deletes nothing. It acts on
items: a plan for one mailbox leaves the copies of the same messages in other mailboxes alone.

Examples:
  custodia delete 'sent<2024-01-01' --mailbox ana.ruiz@northgate.example --reason \"By mistake\"
  custodia delete show plan_77c1
  custodia delete apply plan_77c1d002 --confirm plan_77c1d002")]
pub struct Delete {
    #[command(subcommand)]
    command: Option<Command>,
    /// The items that match this query (KQL)
    #[arg(value_name = "KQL", required_unless_present = "ids", conflicts_with = "ids")]
    query: Option<String>,
    /// The items of the messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// Only items in this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    mailboxes: Vec<MailboxName>,
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text, required = true, display_order = 700)]
    reason: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
}

impl Delete {
    /// What is to be done: without a command's name, a plan.
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Plan(Plan {
            what: Items { query: self.query, ids: self.ids },
            mailboxes: self.mailboxes,
            // clap requires it where no command is named.
            reason: Reason { reason: self.reason.unwrap_or_default() },
            dry_run: self.dry_run,
        }))
    }
}

/// What can be done with plans.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a plan; nothing is deleted
    Plan(Plan),
    /// Show a plan with what blocks it
    Show(Show),
    /// Carry a plan out, if nothing of it is blocked
    Apply(Apply),
    /// List the plans
    List,
    /// Take a plan back of which nothing was deleted
    Cancel(Change),
    /// Bring back what a plan moved to Recoverable Items
    Undo(Change),
    /// List what is in Recoverable Items; purge what is there too long
    Expire(Expire),
    /// Certify what became of a plan or a message, or check a certificate
    Certificate(Certificate),
}

/// `delete plan`.
#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub what: Items,
    /// Only items in this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `delete show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The plan's id, or six or more characters of it
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Name every item that is blocked, with what blocks it and what would end that
    #[arg(long)]
    pub blocked: bool,
}

/// `delete cancel`, `delete undo`.
#[derive(Debug, Args)]
pub struct Change {
    /// The plan's id, or six or more characters of it
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text, display_order = 700)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `delete expire`.
#[derive(Debug, Args)]
#[command(after_help = "\
Items of an applied plan stay in Recoverable Items for deleted_item_retention_days (archive.toml;
14 unless it says otherwise). Then this purges them: each is decided again, and what is held stays.
Without --confirm nothing is changed.

Examples:
  custodia delete expire
  custodia delete expire --confirm Northgate              all plans; the archive's name
  custodia delete expire plan_77c1d002 --confirm plan_77c1d002")]
pub struct Expire {
    /// Only the items of this plan
    #[arg(value_name = "PLAN")]
    pub plan: Option<String>,
    /// Purge: the plan's id once more, or the archive's name for all plans
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `delete certificate`.
#[derive(Debug, Args)]
#[command(after_help = "\
A certificate is made from the audit trail alone and holds no text of a message. --out FILE.json has
the proof; any other name, and stdout, has the text for people (--json: the proof).

Examples:
  custodia delete certificate plan_77c1d002 --out plan_77c1d002.json
  custodia delete certificate --verify plan_77c1d002.json")]
pub struct Certificate {
    /// The id of a plan or of a message
    #[arg(value_name = "ID", required_unless_present = "verify", conflicts_with = "verify")]
    pub id: Option<String>,
    /// Write it to this new file
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub out: Option<PathBuf>,
    /// Check this certificate (JSON) against the audit trail; - for stdin
    #[arg(long, value_name = "FILE")]
    pub verify: Option<PathBuf>,
}

/// `delete apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
Every item is decided again, now. While any item is blocked nothing is deleted (exit code 4), unless
--deletable-only is given. Without --purge the items go to Recoverable Items.")]
pub struct Apply {
    /// The plan's id
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// The plan's id once more
    #[arg(long, value_name = "PLAN")]
    pub confirm: String,
    /// Delete what may be deleted, keep what is blocked
    #[arg(long)]
    pub deletable_only: bool,
    /// For good, not to Recoverable Items
    #[arg(long)]
    pub purge: bool,
    #[command(flatten)]
    pub dry_run: DryRun,
}
