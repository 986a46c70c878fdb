//! `search`.

use super::value;
use clap::{Args, ValueEnum};
use custodia::model::MailboxName;

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Oldest first
    #[value(name = "date")]
    Oldest,
    /// Newest first
    #[value(name = "-date")]
    Newest,
    /// Best first
    Relevance,
}

/// Find messages.
#[derive(Debug, Args)]
#[command(after_help = "\
Words are joined by AND; AND, OR, NOT in capitals; \"a phrase\"; pre*; (…); and the properties
from to participants subject sent received kind hasattachment attachmentnames mailbox size
itemclass isdeleted isedited. Exit code 1 if nothing is found.

Examples:
  custodia search 'wire AND transfer sent>=2026-01-01'
  custodia search 'from:ana.ruiz@northgate.example \"wire transfer\"' --count
  custodia search 'kind:deletion' --ids | xargs custodia show")]
pub struct Search {
    /// The query (KQL); several words are joined by spaces
    #[arg(value_name = "KQL", required = true)]
    pub query: Vec<String>,
    /// Only in this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// In which order
    #[arg(long, value_enum, default_value = "-date", allow_hyphen_values = true)]
    pub sort: Sort,
    /// How many hits to print [default: 50]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How many hits to pass over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// Print the number of messages only
    #[arg(long, conflicts_with_all = ["ids", "explain"])]
    pub count: bool,
    /// Print the ids only, one a line, all of them unless --limit is given
    #[arg(long, conflicts_with = "explain")]
    pub ids: bool,
    /// Print how the query is understood
    #[arg(long)]
    pub explain: bool,
}

impl Search {
    /// The query as one text.
    pub fn text(&self) -> String {
        self.query.join(" ")
    }
}
