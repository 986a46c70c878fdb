//! WhatsApp on Android: `msgstore.db`, with its write-ahead log, the address book `wa.db` and the Media folder.
//!
//! Contract: tables and columns are discovered, never assumed; the modern, the legacy and the transitional schema are read
//! by the same rules, and a message that stands in both tables is one message. Every row of `message` (or `messages`), every
//! reaction and every call is handed over, counted as left out, or named as not readable; a call that has a row in `call_log`
//! and a message is one call. Codes stay beside their labels; codes on which tools disagree have none.
//!
//! Order: messages by `sort_id` (legacy: by row), then calls without a message by time, then reactions by row.
//!
//! Identity: `key_id`; for an edited or revoked row the id that the message had before. See [`seen`] for what is not
//! unique. Names of the address book never enter a text that identity depends on.
//!
//! Memory: about 60 bytes for each message (order, ids), all jids, conversations and members, one message. Media are read
//! as streams.
//!
//! Limits: the owner's number is not in the database; "delete for me" leaves no trace; a deleted or an earlier text is not
//! promised: where a reply kept it, it is in `details.quote` of that reply. Incremental parts of backups are not read.

mod business;
mod calls;
mod chats;
mod codes;
mod detect;
mod draft;
mod input;
mod legacy;
mod media;
mod modern;
mod party;
mod reactions;
mod seen;
mod sides;
mod system;
mod tally;
mod vcard;

pub use detect::{Found, Schema, detect};

use self::{
    chats::Chats, draft::Context, input::Input, legacy::Legacy, media::MediaFolder, modern::Modern, party::Jids,
    seen::Seen,
};
use crate::{
    Result,
    model::{Code, Finding, Place},
    source::{
        counted::counted,
        phone::{PhoneOptions, PhoneRead, Visit},
        sqlite::Database,
    },
};
use std::path::Path;

/// Reads a source.
///
/// # Errors
/// `Usage` if there is nothing of WhatsApp on Android, or if a key is needed or does not fit; I/O; those of `visit`.
pub fn read(path: &Path, options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
    let input = Input::locate(path)?.ok_or_else(|| input::not_ours(path))?;
    let key_file = options.key_file.as_deref();
    let Some(database) = input.messages.open(key_file, &options.spool, visit)? else { return Ok(()) };
    let schema = Schema::of(&database)?;
    let Some(schema) = schema else {
        tell(&database, visit)?;
        let why = "it has neither a table message nor a table messages";
        return visit(PhoneRead::Noticed(Finding::new(Code::DatabaseDamaged, Place::file(database.name()), why)));
    };
    let mut jids = Jids::read(&database)?;
    if let Some(part) = &input.contacts
        && let Some(contacts) = part.open_optional(key_file, &options.spool, visit)?
    {
        jids.name(&contacts)?;
        tell(&contacts, visit)?;
    }
    let mut chats = Chats::read(&database, &jids, options)?;
    chats.settle(&database, &jids)?;
    let mut media = MediaFolder::list(&input.base);
    for finding in media.take_skipped() {
        visit(PhoneRead::Noticed(finding))?;
    }
    let mut context = Context {
        database: &database,
        options,
        jids,
        chats,
        media,
        seen: Seen::default(),
        left_out: 0,
        without_media: 0,
    };
    tell(&database, visit)?;
    messages(&mut context, schema, visit)?;
    tell(&database, visit)?;
    if context.left_out > 0 {
        visit(PhoneRead::LeftOut { messages: context.left_out })?;
    }
    if context.without_media > 0 {
        let detail = format!(
            "{} media, and there is no Media folder",
            counted(context.without_media, "message names", "messages name")
        );
        visit(PhoneRead::Noticed(Finding::new(Code::MediaMissing, Place::file(database.name()), detail)))?;
    }
    Ok(())
}

fn messages(context: &mut Context<'_>, schema: Schema, visit: Visit<'_>) -> Result<()> {
    let database = context.database;
    let mut modern = Modern::prepare(database, schema == Schema::Transitional)?;
    if schema != Schema::Legacy {
        modern.read(context, visit)?;
    }
    let (mut calls, mut keys, mut systems, mut sides) = modern.parts();
    if schema != Schema::Modern {
        Legacy::prepare(database, &mut sides, &mut systems, &mut calls)?.read(context, visit)?;
    }
    calls.others(context, visit)?;
    reactions::read(context, &mut keys, visit)
}

/// Tells what was noticed in a database. A row of messages that cannot be read is a message that cannot.
fn tell(database: &Database, visit: Visit<'_>) -> Result<()> {
    for finding in database.take_findings() {
        let of_messages = matches!(finding.place.entry.as_deref(), Some("message" | "messages"));
        if of_messages && finding.code == Code::DatabaseDamaged {
            let item = finding.place.line.map_or_else(|| "rows".to_owned(), |row| format!("row {row}"));
            visit(PhoneRead::NotReadable { finding, item })?;
        } else {
            visit(PhoneRead::Noticed(finding))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
