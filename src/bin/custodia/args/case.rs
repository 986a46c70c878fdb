//! `case`: the matters that holds belong to, with their notes and saved searches.

use super::{
    global::{DryRun, Reason},
    value,
};
use clap::{Args, Subcommand};
use custodia::model::MailboxName;
use std::path::PathBuf;

/// The matters that holds belong to.
#[derive(Debug, Subcommand)]
pub enum Case {
    /// Open a case
    Create(Create),
    /// List the cases
    List,
    /// Show one case with its custodians, holds, searches and notes
    Show(Show),
    /// Give a case another name or description
    Edit(Edit),
    /// Put a note into a case
    Note(Note),
    /// Close a case; refused while it has active holds
    Close(Close),
    /// Open a closed case again
    Reopen(Close),
    /// Keep searches in a case, run them, and see what changed
    #[command(subcommand, alias = "searches")]
    Search(CaseSearch),
    /// Write everything about a case into one document
    Report(Report),
}

/// `case create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia case create falcon --description \"Falcon v. Northgate\"")]
pub struct Create {
    /// A name that no other case has
    #[arg(value_name = "NAME", value_parser = value::name)]
    pub name: String,
    /// What it is about
    #[arg(long, value_name = "T", value_parser = value::text)]
    pub description: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
}

/// `case edit`.
#[derive(Debug, Args)]
#[command(after_help = "\
A case keeps its id whatever it is called, and what was recorded about it stays as it was.

Example:
  custodia case edit falcon --name \"Falcon 2026\" --description \"Falcon v. Northgate, second claim\"")]
pub struct Edit {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// Its new name
    #[arg(long, value_name = "NAME", value_parser = value::name, required_unless_present = "description")]
    pub name: Option<String>,
    /// What it is about
    #[arg(long, value_name = "T", value_parser = value::text)]
    pub description: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case note`.
#[derive(Debug, Args)]
#[command(after_help = "\
Notes are never changed or taken out. A closed case takes them too.

Example:
  custodia case note falcon \"Counsel asked for the calls of March as well\"")]
pub struct Note {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// The note, one line
    #[arg(value_name = "TEXT", value_parser = value::text)]
    pub text: String,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case close` and `case reopen`.
#[derive(Debug, Args)]
#[command(after_help = "\
A case with active holds is not closed (exit code 4): closing never frees anything. Release its
holds first. A closed case takes no hold, no custodian and no saved search until it is opened again.

Examples:
  custodia case close falcon --reason \"Settled on 3 March\"
  custodia case reopen falcon --reason \"Appeal\"")]
pub struct Close {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    #[command(flatten)]
    pub reason: Reason,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case report`.
#[derive(Debug, Args)]
#[command(after_help = "\
The facts of the case, its custodians, its holds with counts and history, its searches with their
runs, its notes and exports, and every event about it with its journal line and hash. No message
text. HTML stands alone: no script, nothing is loaded.

Example:
  custodia case report falcon --out falcon.html")]
pub struct Report {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// Into this file, which must not exist; .md or .html says the form
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `case search`.
#[derive(Debug, Subcommand)]
pub enum CaseSearch {
    /// Save a search in a case
    Save(SaveSearch),
    /// List the saved searches of a case with their last run
    List(Show),
    /// Run a saved search and keep what it found
    Run(NamedSearch),
    /// Show what came and what went since, and because of what
    Diff(DiffSearch),
    /// Take a saved search out of a case
    Remove(RemoveSearch),
}

/// `case search save`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  custodia case search save falcon wires 'wire AND transfer' --mailbox ann@northgate.example")]
pub struct SaveSearch {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// A name that no other search of the case has
    #[arg(value_name = "NAME", value_parser = value::name)]
    pub name: String,
    /// The query (KQL)
    #[arg(value_name = "KQL")]
    pub query: String,
    /// Only items of these mailboxes
    #[arg(long = "mailbox", value_name = "E", num_args = 1.., value_parser = value::mailbox)]
    pub mailboxes: Vec<MailboxName>,
    /// Give the search of this name this query; its runs are kept
    #[arg(long)]
    pub replace: bool,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case search run`.
#[derive(Debug, Args)]
pub struct NamedSearch {
    /// The case's name or id
    #[arg(value_name = "CASE")]
    pub case: String,
    /// The search's name
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// `case search remove`.
#[derive(Debug, Args)]
pub struct RemoveSearch {
    #[command(flatten)]
    pub search: NamedSearch,
    #[command(flatten)]
    pub dry_run: DryRun,
}

/// `case search diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Between its last two runs; where it was run once, or with --now, between its last run and now.
Each message that came or went has its cause: the import run, the deletion plan, a tag, an edited
query.

Example:
  custodia case search diff falcon wires --now")]
pub struct DiffSearch {
    #[command(flatten)]
    pub search: NamedSearch,
    /// Between the last run and now
    #[arg(long)]
    pub now: bool,
}
