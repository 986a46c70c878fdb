//! `search`.

use super::value;
use clap::{Args, ValueEnum};
use custodia::archive::LARGEST_SEED;
use custodia::model::MailboxName;
use std::path::PathBuf;

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

/// How to print the rows of a keywords file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

/// Find messages.
#[derive(Debug, Args)]
#[command(after_help = "\
Words are joined by AND; AND, OR, NOT in capitals; \"a phrase\"; pre*; (…); and the properties
from to participants subject sent received kind hasattachment attachmentnames mailbox size
itemclass isdeleted isedited. The whole language: custodia help kql.
Exit code 1 if nothing is found.
With --json, marks are byte offsets of UTF-8 text: first byte, first behind.

Examples:
  custodia search 'wire AND transfer sent>=2026-01-01'
  custodia search 'from:ana.ruiz@northgate.example \"wire transfer\"' --count
  custodia search 'kind:deletion' --ids | xargs custodia show
  custodia search 'wire OR invoice OR \"off channel\"' --statistics
  custodia search 'sent>=2026-01-01' --keywords-file terms.txt > report.csv
  custodia search 'invoice' --sample 50 --seed 20260308")]
pub struct Search {
    /// The query (KQL); several words are joined by spaces
    #[arg(value_name = "KQL", required_unless_present = "keywords_file")]
    pub query: Vec<String>,
    /// Only in this mailbox; may be repeated
    #[arg(long = "mailbox", value_name = "E", value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// Only what this case is about: mailboxes of its custodians, what its holds cover
    #[arg(long, value_name = "C")]
    pub case: Option<String>,
    /// In which order
    #[arg(long, value_enum, default_value = "-date", allow_hyphen_values = true)]
    pub sort: Sort,
    /// How many hits to print [default: 50]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How many hits to pass over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// Print the N messages before and after each hit in its conversation too
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with_all = ["count", "ids"])]
    pub context: usize,
    /// Print the original, the edits and the deletion of each hit too
    #[arg(long, conflicts_with_all = ["count", "ids"])]
    pub with_related: bool,
    /// Print the number of messages only
    #[arg(long, conflicts_with_all = ["ids", "explain", "statistics", "keywords_file", "sample"])]
    pub count: bool,
    /// Print the ids only, one a line, all of them unless --limit is given
    #[arg(long, conflicts_with_all = ["explain", "statistics", "keywords_file"])]
    pub ids: bool,
    /// Print a random sample of N hits, in the order of dates
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["limit", "offset", "sort", "statistics", "keywords_file", "explain"])]
    pub sample: Option<u64>,
    /// Draw that sample with this number, so that it can be drawn again; without it one is drawn and printed
    #[arg(long, value_name = "S", requires = "sample", value_parser = clap::value_parser!(u64).range(..=LARGEST_SEED))]
    pub seed: Option<u64>,
    /// Print a condition report: messages, items, bytes, mailboxes, conversations, months; and what each keyword finds
    #[arg(long, conflicts_with = "explain")]
    pub statistics: bool,
    /// Print one row of counts for each line of this file: one query a line, limited by KQL; - reads from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub keywords_file: Option<PathBuf>,
    /// How to print these rows [default: table on a terminal, else csv]
    #[arg(long, value_enum, requires = "keywords_file", conflicts_with = "statistics")]
    pub format: Option<Format>,
    /// Print how the query is understood, and what each part of it matches
    #[arg(long)]
    pub explain: bool,
}

impl Search {
    /// The query as one text.
    pub fn text(&self) -> String {
        self.query.join(" ")
    }

    /// The mailboxes as the library takes them.
    pub fn mailbox_names(&self) -> Vec<String> {
        self.mailboxes.iter().map(ToString::to_string).collect()
    }
}
