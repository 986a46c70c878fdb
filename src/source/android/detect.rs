//! What an Android source is, without importing it: nothing is copied, nothing is decrypted.

use super::{input::Input, tally};
use crate::{
    Result,
    fs::read,
    model::{Code, Finding, Instant},
    source::{
        counted::counted,
        crypt::Generation,
        sqlite::{self, Database, Order},
    },
};
use std::path::{Path, PathBuf};

/// Which generation of tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `message` and its side tables (since 2022).
    Modern,
    /// Both (2022).
    Transitional,
    /// `messages` alone.
    Legacy,
}

impl Schema {
    /// The word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Transitional => "transitional",
            Self::Legacy => "legacy",
        }
    }

    /// Looks; `None` if there is neither table.
    pub(super) fn of(database: &Database) -> Result<Option<Self>> {
        let modern = database.has("message", "key_id") && database.has("message", "chat_row_id");
        let legacy = database.has("messages", "key_remote_jid") && database.has("messages", "key_id");
        Ok(match (modern, legacy) {
            (true, true) => match (database.count("message")? > 0, database.count("messages")? > 0) {
                (true, true) => Some(Self::Transitional),
                (false, true) => Some(Self::Legacy),
                _ => Some(Self::Modern),
            },
            (true, false) => Some(Self::Modern),
            (false, true) => Some(Self::Legacy),
            (false, false) => None,
        })
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The database of messages, below the path that was given.
    pub file: String,
    /// `Some`: it is an encrypted backup and needs `--key-file`; nothing more is known then.
    pub encrypted: Option<Generation>,
    /// Its schema.
    pub schema: Option<Schema>,
    /// How many messages it has: rows, without the one that stands for nothing, and calls that no row stands for. Rows of both
    /// tables may be one message. Reactions are not among them.
    pub messages: Option<u64>,
    /// How many reactions.
    pub reactions: u64,
    /// Something of it is refused or damaged: the numbers are not all.
    pub doubtful: bool,
    /// How many conversations.
    pub chats: Option<u64>,
    /// The first and the last time in them.
    pub times: Option<(Instant, Instant)>,
    /// A log lies beside it: the import reads it too, the numbers here do not.
    pub log: bool,
    /// There is an address book.
    pub contacts: bool,
    /// A Media folder was found here.
    pub media: Vec<PathBuf>,
    /// Why it is taken for what it is, in words.
    pub why: String,
}

/// What is at `path`; `None` if it is no source of WhatsApp on Android.
///
/// # Errors
/// `NotFound`, `Permission`, `Io`.
pub fn detect(path: &Path) -> Result<Option<Found>> {
    let Some(input) = Input::locate(path)? else { return Ok(None) };
    let homes = super::media::homes(&input.base);
    let media = homes.iter().filter_map(|home| super::media::descend(home, &["Media"])).collect();
    let mut found = Found {
        file: input.messages.name.clone(),
        encrypted: input.messages.generation,
        schema: None,
        messages: None,
        reactions: 0,
        doubtful: false,
        chats: None,
        times: None,
        log: false,
        contacts: input.contacts.is_some(),
        media,
        why: String::new(),
    };
    if let Some(generation) = found.encrypted {
        found.why = format!("{} is an encrypted backup ({})", found.file, generation.as_str());
        return Ok(Some(found));
    }
    let mut log = input.messages.path.as_os_str().to_owned();
    log.push("-wal");
    found.log = read::stat(Path::new(&log))?.is_some_and(|stat| stat.is_file && stat.size > 0);
    let named = found.file.rsplit('/').next().is_some_and(|name| name.starts_with("msgstore") && name.ends_with(".db"));
    let opened = sqlite::look(&input.messages.path, &found.file)?;
    let Some(database) = opened.database else {
        let why = opened.findings.first().map(|finding| finding.detail.as_str()).unwrap_or_default();
        found.why = format!("{} has the name of a database of WhatsApp and cannot be read: {why}", found.file);
        return Ok(named.then_some(found));
    };
    found.schema = Schema::of(&database)?;
    let Some(schema) = found.schema else {
        // Everything may still stand in the log, or something else stands in place of the tables.
        let findings = database.take_findings();
        let refused = findings.iter().any(|finding| finding.code == Code::TableRefused);
        found.why = format!("{} has the name of a database of WhatsApp, and not its tables", found.file);
        found.doubt(&findings);
        return Ok((named && (found.log || refused)).then_some(found));
    };
    let tables: &[&str] = match schema {
        Schema::Modern => &["message"],
        Schema::Legacy => &["messages"],
        Schema::Transitional => &["message", "messages"],
    };
    let mut count = 0;
    for table in tables {
        count = rows(&database, table)?.max(count);
        database.numbers(table, "timestamp", &mut |ms| {
            #[allow(clippy::cast_possible_truncation)]
            if let Some(at) = Instant(ms as i64).plausible() {
                let (first, last) = found.times.unwrap_or((at, at));
                found.times = Some((first.min(at), last.max(at)));
            }
        })?;
    }
    found.messages = Some(count + tally::calls_alone(&database, tables)?);
    found.reactions = tally::reactions(&database)?;
    found.chats = Some(database.count("chat")?.max(database.count("chat_list")?));
    found.why = format!("{} has the tables of WhatsApp on Android ({} schema)", found.file, schema.as_str());
    if found.reactions > 0 {
        let reactions = counted(
            found.reactions,
            "reaction, which is a record of its own",
            "reactions, which are records of their own",
        );
        found.why.push_str(&format!("; beside the messages {reactions}"));
    }
    found.doubt(&opened.findings);
    found.doubt(&database.take_findings());
    Ok(Some(found))
}

impl Found {
    /// Says what is refused, and the first damage.
    fn doubt(&mut self, findings: &[Finding]) {
        let refused = |finding: &&Finding| {
            finding.code == Code::TableRefused && matches!(finding.place.entry.as_deref(), Some("message" | "messages"))
        };
        if let Some(Finding { place, detail, .. }) = findings.iter().find(refused) {
            let table = place.entry.as_deref().unwrap_or_default();
            self.why.push_str(&format!("; its table {table} is refused: {detail}"));
            self.doubtful = true;
        }
        if let Some(finding) = findings.iter().find(|finding| finding.code == Code::DatabaseDamaged) {
            let table = finding.place.entry.as_deref().map(|table| format!(" in {table}")).unwrap_or_default();
            self.why.push_str(&format!("; it is damaged{table}: {}", finding.detail));
            self.doubtful = true;
        }
    }
}

/// Rows that stand for a message.
fn rows(database: &Database, table: &str) -> Result<u64> {
    let Some(known) = database.table(table) else { return Ok(0) };
    let ids = database.ids(known, Order::Id)?;
    let first = ids.first().copied().unwrap_or(0);
    let placeholder = database.lookup(table, &["key_id"], "_id")?.first(first, |row| row.words(0))?;
    Ok(ids.len() as u64 - u64::from(placeholder.as_deref() == Some("-1")))
}
