//! `detect` and `import`.

use super::{
    global::DryRun,
    time::{TimeArg, time},
    value::{self, SizeLimit, Switch},
};
use clap::{Args, ValueEnum};
use custodia::model::MailboxName;
use custodia::model::Zone;
use std::path::PathBuf;

const PHONE: &str = "A phone's data";

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
    /// WhatsApp's "Export chat": txt, zip, folder
    ChatExport,
    /// An Android phone: msgstore.db, an encrypted backup of it, or a folder with it
    Android,
    /// An iPhone or Mac: ChatStorage.sqlite, a folder with it, or a Finder backup
    Ios,
}

/// The order of day, month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DateOrder {
    /// 31/12/2026
    Dmy,
    /// 12/31/2026
    Mdy,
    /// 2026/12/31
    Ymd,
}

/// Import files into the archive.
#[derive(Debug, Args)]
#[command(after_help = "\
The same source twice changes nothing. What is not imported is listed with its place and what to
do (exit code 3): custodia run issues RUN

Examples:
  custodia import ~/feed --dry-run
  custodia import 202603040000-TeleMessage_1_0215.zip --report not-imported.csv
  custodia import 'WhatsApp Chat - Ann Lee.zip' --owner bo@firm.example --source-tz Europe/London
  custodia import ~/pulled/msgstore.db.crypt15 --owner bo@firm.example --key-file ~/pulled/key")]
pub struct Import {
    /// Files or folders
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// What they are
    #[arg(long, value_enum, default_value_t)]
    pub kind: Kind,
    /// A phone's data: the mailbox of its owner
    #[arg(long, value_name = "EMAIL", value_parser = value::mailbox, help_heading = PHONE)]
    pub owner: Option<MailboxName>,
    /// An exported chat: the owner's name in it; - if the owner wrote nothing
    #[arg(long, value_name = "NAME", value_parser = value::text, help_heading = PHONE)]
    pub me: Option<String>,
    /// An exported chat: the time zone of the phone that wrote it
    #[arg(long, value_name = "IANA", value_parser = value::zone, help_heading = PHONE)]
    pub source_tz: Option<Zone>,
    /// An exported chat: the order of its dates, where the text does not show it
    #[arg(long, value_enum, value_name = "dmy|mdy|ymd", hide_possible_values = true, help_heading = PHONE)]
    pub date_order: Option<DateOrder>,
    /// Only the chat of this name; can be repeated
    #[arg(long, value_name = "NAME", value_parser = value::text, help_heading = PHONE)]
    pub only_chat: Vec<String>,
    /// Not the chat of this name; can be repeated. What is left out is counted
    #[arg(long, value_name = "NAME", value_parser = value::text, help_heading = PHONE)]
    pub exclude_chat: Vec<String>,
    /// An encrypted backup: the phone's key file, or a file with the 64 digits of the backup
    #[arg(long, value_name = "FILE", help_heading = PHONE)]
    pub key_file: Option<PathBuf>,
    /// A CSV name,email: whose mailboxes names of the phone's address book are, for this import only
    #[arg(long, value_name = "CSV", help_heading = PHONE)]
    pub names: Option<PathBuf>,
    /// Keep the source files too, in the archive's folder sources, by their digest
    #[arg(long, help_heading = PHONE)]
    pub keep_source: bool,
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
