//! `erasure`: requests of people for the erasure of what is kept about them.

use super::{
    global::{DryRun, Reason},
    value,
};
use clap::{Args, Subcommand};
use custodia::model::{MailboxName, PhoneNumber};

/// Requests for the erasure of what is kept about a person
#[derive(Debug, Subcommand)]
pub enum Erasure {
    /// Find what a person takes part in, plan what is free, remember what is blocked
    Request(Request),
    /// List the requests, with what became free of them
    List,
    /// Show one request, and the data of the person for a request for access
    Show(Show),
    /// Plan what became free of a request
    Plan(Plan),
    /// Close a request of which nothing is left
    Complete(Complete),
}

/// `erasure request`.
#[derive(Debug, Args)]
#[command(after_help = "\
The person is found as sender, recipient or member of the conversation. Messages that only name them
are counted, not planned: look at them with custodia search. The number, name or address is not
written anywhere; --subject-ref is how you know the request.

Example:
  custodia erasure request --number +447700900123 --subject-ref DSR-2026-17 --reason \"GDPR art. 17\"")]
pub struct Request {
    #[command(flatten)]
    pub who: Who,
    /// How the request is known outside of the archive; no name
    #[arg(long, value_name = "T", value_parser = value::name)]
    pub subject_ref: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// Who is looked for.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Who {
    /// Their phone number, with its country code
    #[arg(long, value_name = "N", value_parser = value::number)]
    pub number: Option<PhoneNumber>,
    /// Their name, as the messages have it
    #[arg(long, value_name = "T", value_parser = value::name)]
    pub name: Option<String>,
    /// Their e-mail address; a user's also stands for their numbers, also mapped ones
    #[arg(long, value_name = "A", value_parser = value::mailbox)]
    pub email: Option<MailboxName>,
}

/// `erasure show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The request's id, or six or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// The ids of the messages, one a line, and nothing else
    #[arg(long)]
    pub ids: bool,
}

/// `erasure plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    pub request: String,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `erasure complete`.
#[derive(Debug, Args)]
#[command(after_help = "\
Refused while something of the request is blocked (exit code 4) or not purged yet.")]
pub struct Complete {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    pub request: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}
