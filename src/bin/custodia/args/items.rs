//! Which items something is done to.

use clap::Args;
use std::path::PathBuf;

/// A query, or a list of messages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Items {
    /// The items that match this query (KQL)
    #[arg(value_name = "KQL")]
    pub query: Option<String>,
    /// The items of the messages whose ids this file lists, one a line; - for stdin
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
}
