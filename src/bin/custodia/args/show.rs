//! `show` and `stats`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show messages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia show m_7f3ac21e --history
  custodia show m_7f3ac21e m_81b09e42 --context 5
  custodia show m_7f3ac21e --raw | sha256sum       the digest that the archive recorded")]
pub struct Show {
    /// Ids, or six or more characters of them
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// The archived bytes, exactly
    #[arg(long, conflicts_with_all = ["headers", "history", "provenance", "context", "save_attachments"])]
    pub raw: bool,
    /// With all header fields
    #[arg(long)]
    pub headers: bool,
    /// The original, its edits and its deletion as one story
    #[arg(long)]
    pub history: bool,
    /// Where it came from
    #[arg(long)]
    pub provenance: bool,
    /// With so many messages before and after it in its conversation
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=500))]
    pub context: Option<u16>,
    /// Write the attachments into this folder
    #[arg(long, value_name = "DIR")]
    pub save_attachments: Option<PathBuf>,
}

/// What to count by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// By the month they were sent in
    Month,
    /// By the day of the week
    Weekday,
    /// By the hour of the day
    Hour,
    /// By mailbox (items)
    Mailbox,
    /// By conversation
    Conversation,
    /// By kind
    Kind,
}

/// Count what is in the archive.
#[derive(Debug, Args)]
#[command(after_help = "\
Months, weekdays and hours are those of the display zone (--tz).

Example:
  custodia stats --by month --plot --tz Europe/London")]
pub struct Stats {
    /// What to count by
    #[arg(long, value_enum)]
    pub by: Option<By>,
    /// Draw the counts as bars; by month, unless --by says otherwise
    #[arg(long)]
    pub plot: bool,
}
