//! `detect` and `import`.

use super::{
    global::DryRun,
    time::{TimeArg, time},
    value::{self, SizeLimit, Switch},
};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Say what files are and whether they could be imported.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads only, never writes, and needs no archive.

Example:
  custodia detect ~/feed")]
pub struct Detect {
    /// Files or folders
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// What a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Look and see
    #[default]
    Auto,
    /// A TeleMessage feed: zip, folder of zips, folder of EMLs, one EML
    Telemessage,
}

/// Import files into the archive.
#[derive(Debug, Args)]
#[command(after_help = "\
The same source twice changes nothing. What is not imported is listed with its place and what to
do (exit code 3): custodia run issues RUN

Examples:
  custodia import ~/feed --dry-run
  custodia import 202603040000-TeleMessage_1_0215.zip --report not-imported.csv")]
pub struct Import {
    /// Files or folders
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// What they are
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// Only messages sent at or after this time
    #[arg(long, value_name = "T", value_parser = time)]
    pub since: Option<TimeArg>,
    /// Only messages sent up to this time; a date is in it to its end
    #[arg(long, value_name = "T", value_parser = time)]
    pub until: Option<TimeArg>,
    /// Map participants by the e-mail address in the item
    #[arg(long, value_enum, value_name = "on|off", default_value = "on", hide_possible_values = true)]
    pub automatic_mapping: Switch,
    /// Map participants by phone number
    #[arg(long, value_enum, value_name = "on|off", default_value = "on", hide_possible_values = true)]
    pub custom_mapping: Switch,
    /// Import no item larger than this, such as 10MiB; none for no limit
    #[arg(long, value_name = "SIZE", value_parser = value::size_limit)]
    pub max_item_size: Option<SizeLimit>,
    /// Also write what was not imported to this .csv or .json file
    #[arg(long, value_name = "FILE", value_parser = report)]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub dry_run: DryRun,
}

fn report(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("csv" | "json") => Ok(path),
        _ => Err("the name must end with .csv or .json".to_owned()),
    }
}
