//! `chat`: conversations, read as conversations.

use super::{
    time::{TimeArg, time},
    value,
};
use clap::{Args, Subcommand, ValueEnum};
use custodia::model::MailboxName;

/// Read conversations as conversations.
#[derive(Debug, Subcommand)]
pub enum Chat {
    /// List the conversations
    List(List),
    /// Read a page of a conversation
    Show(Show),
    /// Say who is in a conversation
    Participants(Participants),
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// The newest message first
    Last,
    /// The oldest message first
    First,
    /// The most messages first
    Messages,
    /// By name
    Name,
}

/// `chat list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only messages of this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// In which order
    #[arg(long, value_enum, default_value = "last")]
    pub sort: Sort,
    /// How many to list
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// `chat show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --around: the page of the first hit, the beginning of a period that has one, else the end.
Hits have a bar at the left margin; exit code 1 if --hits finds none. Days and times are those of
the display zone (--tz). The page is recorded in the audit trail.

Examples:
  custodia chat show 'Year End Close'
  custodia chat show 'Year End Close' --hits 'wire OR invoice'
  custodia chat show group:1203630 --around 2026-01-15T09:00Z --before 5 --after 50")]
pub struct Show {
    /// The chat: its id, six or more characters of it, or its exact name
    #[arg(value_name = "CHAT")]
    pub chat: String,
    /// Around a message (its id), or the first one at or after a time
    #[arg(long, value_name = "ID|TIME")]
    pub around: Option<String>,
    /// How many messages before it
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(0..=500))]
    pub before: u16,
    /// How many messages after it
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(0..=500))]
    pub after: u16,
    /// Only from this time on
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only until this time; a day is included
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<TimeArg>,
    /// Mark what this query finds (KQL)
    #[arg(long, value_name = "KQL")]
    pub hits: Option<String>,
}

/// `chat participants`.
#[derive(Debug, Args)]
pub struct Participants {
    /// The chat: its id, six or more characters of it, or its exact name
    #[arg(value_name = "CHAT")]
    pub chat: String,
}
