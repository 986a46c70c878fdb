//! `retention`: how long items are kept, and when they are due.

use super::{
    global::{DryRun, Reason},
    items::Items,
    time::{TimeArg, time},
    value,
};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use custodia::model::{MailboxName, Period, PeriodStart, Terms, Then};

/// How long items are kept, and when they are due
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// Show, set or extend the time for which everything is kept
    Minimum(Minimum),
    /// Rules for mailboxes
    #[command(subcommand, alias = "policies")]
    Policy(Policy),
    /// Rules for items
    #[command(subcommand, alias = "labels")]
    Label(Label),
    /// Say which rules are about an item, and which win
    Explain(Explain),
    /// Show what would go or be hidden, now or at a date
    Preview(Preview),
    /// Say which policies each mailbox has, and which has none
    Coverage,
    /// Make a deletion plan over what is due now
    Run(Run),
}

/// `retention minimum`.
#[derive(Debug, Args)]
#[command(after_help = "\
Counted from each item's own date. It can be extended and never shortened. Without a period it shows
what is set.

Example:
  custodia retention minimum 7y --reason \"Record keeping rule, 2026\"")]
pub struct Minimum {
    /// How long: 7y, 18m, 90d, 2w
    #[arg(value_name = "PERIOD", value_parser = value::period, requires = "reason")]
    pub period: Option<Period>,
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text, display_order = 700)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// What happens at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum End {
    /// It stays
    Keep,
    /// It is due for deletion
    Delete,
}

/// What a period is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// The item's own date
    #[default]
    Sent,
    /// When it was archived
    Imported,
}

/// Keep for, delete after, or both.
#[derive(Debug, Args)]
pub struct How {
    /// Keep items so long: 7y, 18m, 90d, 2w
    #[arg(long, value_name = "PERIOD", value_parser = value::period, required_unless_present = "delete_after")]
    pub keep: Option<Period>,
    /// What then: keep (they stay) or delete (they are due)
    #[arg(
        long,
        value_enum,
        value_name = "END",
        requires = "keep",
        conflicts_with = "delete_after",
        hide_possible_values = true
    )]
    pub then: Option<End>,
    /// They are due after so long; hidden at first where something keeps them longer
    #[arg(long, value_name = "PERIOD", value_parser = value::period)]
    pub delete_after: Option<Period>,
    /// Counted from sent (the item's own date) or imported (when it was archived)
    #[arg(long, value_enum, value_name = "START", default_value_t, hide_possible_values = true)]
    pub from: From,
}

impl How {
    /// The same as the library has it.
    pub fn terms(&self) -> Terms {
        Terms {
            keep: self.keep,
            then: if self.then == Some(End::Delete) { Then::Delete } else { Then::Keep },
            delete_after: self.delete_after,
            from: match self.from {
                From::Sent => PeriodStart::Sent,
                From::Imported => PeriodStart::Imported,
            },
        }
    }
}

/// `retention policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Make a policy; it is in force at once
    Add(PolicyAdd),
    /// List the policies
    List(PolicyList),
    /// Show one policy with its scope
    Show(PolicyShow),
    /// Change a policy's periods or mailboxes
    Edit(PolicyEdit),
    /// Lock a policy for ever: it only gets longer and wider
    Lock(PolicyLock),
    /// Remove a policy that is not locked
    Remove(PolicyRemove),
}

/// `retention policy add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Groups are written out when the policy names them. Name and start of a policy never change.
A period counts from each item's own date: old history that was imported is past it at once.
custodia retention preview shows what that means; nothing is deleted without a plan.

Examples:
  custodia retention policy add Records --keep 7y --then delete --all-mailboxes --reason \"Rule 17\"
  custodia retention policy add Chats --delete-after 1y --group interns --reason \"Schedule 2026\"
  custodia retention policy add Board --keep 10y --mailbox ana.ruiz@northgate.example --lock \\
      --confirm Board --reason \"Schedule 2026\"")]
#[command(group(ArgGroup::new("where").required(true).multiple(true).args(["mailboxes", "groups", "all_mailboxes"])))]
pub struct PolicyAdd {
    /// A name that no other policy or label has
    #[arg(value_name = "NAME", value_parser = value::query_name)]
    pub name: String,
    #[command(flatten)]
    pub how: How,
    /// These mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// The mailboxes of this group's users, as they are now; may be repeated
    #[arg(long = "group", value_name = "G")]
    pub groups: Vec<String>,
    /// All mailboxes that there are and will be
    #[arg(long, conflicts_with_all = ["mailboxes", "groups"])]
    pub all_mailboxes: bool,
    /// But for these
    #[arg(long = "exclude", value_name = "E", num_args = 1.., value_parser = value::mailbox, requires = "all_mailboxes")]
    pub excluded: Vec<MailboxName>,
    /// Lock it at once; nothing takes that back
    #[arg(long, requires = "confirm")]
    pub lock: bool,
    /// With --lock: the policy's name once more
    #[arg(long, value_name = "NAME", requires = "lock")]
    pub confirm: Option<String>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention policy list`.
#[derive(Debug, Args)]
pub struct PolicyList {
    /// Also those that were removed
    #[arg(long)]
    pub all: bool,
}

/// `retention policy show`.
#[derive(Debug, Args)]
pub struct PolicyShow {
    /// The policy's name or id
    #[arg(value_name = "NAME")]
    pub policy: String,
}

/// `retention policy edit`.
#[derive(Debug, Args)]
#[command(after_help = "\
A locked policy is only extended. The last mailbox of a policy cannot be taken away: a policy
without mailboxes is not one for all. --group writes a group out as it is now.

Examples:
  custodia retention policy edit Records --keep 10y --reason \"Schedule 2027\"
  custodia retention policy edit Chats --group interns --reason \"new starters\"")]
#[command(override_usage = "custodia retention policy edit <NAME> [OPTIONS] --reason <TEXT>")]
pub struct PolicyEdit {
    /// The policy's name or id
    #[arg(value_name = "NAME")]
    pub policy: String,
    #[command(flatten)]
    pub change: PolicyChange,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// What an edit changes; at least one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct PolicyChange {
    /// Keep items so long
    #[arg(long, value_name = "PERIOD", value_parser = value::period)]
    pub keep: Option<Period>,
    /// They are due after so long
    #[arg(long, value_name = "PERIOD", value_parser = value::period)]
    pub delete_after: Option<Period>,
    /// Name these mailboxes too
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// Name this group too, or write out anew one that is named
    #[arg(long = "group", value_name = "G")]
    pub groups: Vec<String>,
    /// Name these mailboxes no more
    #[arg(long = "remove-mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub remove_mailboxes: Vec<MailboxName>,
    /// Name this group no more
    #[arg(long = "remove-group", value_name = "G")]
    pub remove_groups: Vec<String>,
    /// Of a policy for all mailboxes: but for these
    #[arg(long = "exclude", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub exclude: Vec<MailboxName>,
    /// Of a policy for all mailboxes: these after all
    #[arg(long = "include", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub include: Vec<MailboxName>,
}

/// `retention policy lock`.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing takes a lock back. A locked policy cannot be removed, shortened, or lose mailboxes.

Example:
  custodia retention policy lock Records --confirm Records --reason \"Order of 2026-03-01\"")]
pub struct PolicyLock {
    /// The policy's name or id
    #[arg(value_name = "NAME")]
    pub policy: String,
    /// The policy's name once more
    #[arg(long, value_name = "NAME")]
    pub confirm: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention policy remove`.
#[derive(Debug, Args)]
pub struct PolicyRemove {
    /// The policy's name or id
    #[arg(value_name = "NAME")]
    pub policy: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention label`.
#[derive(Debug, Subcommand)]
pub enum Label {
    /// Make a label
    Add(LabelAdd),
    /// Put a label on items
    Apply(LabelApply),
    /// Take the labels off that were put on items
    Clear(LabelClear),
    /// List the labels
    List,
    /// Show one label
    Show(LabelShow),
}

/// `retention label add`.
#[derive(Debug, Args)]
#[command(after_help = "\
A label never changes. With a query it puts itself on what matches, now and later, where nobody put
one on by hand; of several the oldest wins.

Examples:
  custodia retention label add Contract --keep 10y --then delete --reason \"Schedule 2026\"
  custodia retention label add Invoice --keep 7y --auto 'subject:invoice' --reason \"Schedule 2026\"")]
pub struct LabelAdd {
    /// A name that no other policy or label has
    #[arg(value_name = "NAME", value_parser = value::query_name)]
    pub name: String,
    #[command(flatten)]
    pub how: How,
    /// Put itself on what this query matches (KQL)
    #[arg(long, value_name = "KQL")]
    pub auto: Option<String>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention label apply`.
#[derive(Debug, Args)]
#[command(override_usage = "\
custodia retention label apply <NAME> <KQL> --reason <TEXT>
       custodia retention label apply <NAME> --ids <FILE> --reason <TEXT>")]
#[command(after_help = "\
An item has one label: one that it has makes room. What is kept shorter by that is counted.

Example:
  custodia retention label apply Contract 'subject:contract' --mailbox ana.ruiz@northgate.example \\
      --reason \"Review of 2026-03\"")]
pub struct LabelApply {
    /// The label's name or id
    #[arg(value_name = "NAME")]
    pub label: String,
    #[command(flatten)]
    pub what: Items,
    /// Only in these mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention label clear`.
#[derive(Debug, Args)]
#[command(override_usage = "\
custodia retention label clear <KQL> --reason <TEXT>
       custodia retention label clear --ids <FILE> --reason <TEXT>")]
pub struct LabelClear {
    #[command(flatten)]
    pub what: Items,
    /// Only in these mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `retention label show`.
#[derive(Debug, Args)]
pub struct LabelShow {
    /// The label's name or id
    #[arg(value_name = "NAME")]
    pub label: String,
}

/// `retention explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A message's id
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `retention preview`.
#[derive(Debug, Args)]
#[command(after_help = "\
As the rules stand now. Nothing is deleted.

Example:
  custodia retention preview --at 2027-01-01")]
pub struct Preview {
    /// As if it were this time; a date is its beginning
    #[arg(long, value_name = "DATE", value_parser = time)]
    pub at: Option<TimeArg>,
}

/// `retention run`.
#[derive(Debug, Args)]
#[command(after_help = "\
It makes a plan and deletes nothing; it takes no date. When the plan is applied, each item is
decided again: it must still be due, and nothing may keep it.

Example:
  custodia retention run --reason \"Quarterly disposition\"")]
pub struct Run {
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}
