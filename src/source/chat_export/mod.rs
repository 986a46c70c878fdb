//! The reader of WhatsApp's "Export chat": a text, a zip, a folder.
//!
//! Contract: records are yielded in the order of the file, which is not always the order of time. Everything that a record says is
//! in its message: what is not words is recognised by tables or by form, and the record stays as it stands in
//! `details.verbatim` wherever the body is not its text. What decides for the whole file (shape, order of dates, who the owner
//! is, the zone) is decided before the first message is yielded; what cannot be decided is asked for (`Usage`), all of it at once.
//!
//! Limits: [`TEXT_BYTES`] a text, which is held in memory once; media are streamed. An export has no replies, no
//! reactions, no ids; a renamed contact is another author; a text that a person pasted in the shape of the file is a record.

mod authors;
mod chars;
mod chat;
mod date_order;
mod detect;
mod gather;
mod header;
mod identity;
mod item;
mod meaning;
mod media;
mod media_store;
mod orphans;
mod phrases;
mod places;
mod records;
mod settle;
mod stamp;
mod system;
mod text;
mod title;
mod unread;
mod wall;
mod words;

pub use detect::{FoundChat, FoundExport, detect};
pub use gather::TEXT_BYTES;
pub use words::languages;

use crate::{
    Error, ErrorKind, Result,
    fs::evidence::EvidenceFile,
    model::{Code, Finding, Place, limits},
    source::{
        counted::counted,
        phone::{PhoneOptions, PhoneRead, Visit},
        zip_entries::Unreadable,
    },
};
use authors::Authors;
use chat::{Chat, Me};
use date_order::Decision;
use gather::{Candidate, Gathered, TextAt, gather};
use item::Items;
use orphans::orphans;
use records::Layout;
use settle::{settle, wanted};
use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};
use unread::Unread;

/// Records from which an export was probably cut: WhatsApp writes the newest 40,000, some of which become no record.
pub const CUT_RECORDS: u64 = 39_900;

/// Reads every chat of an export.
///
/// # Errors
/// `Usage` with what the person must say; `NotFound`, `Io`, `Permission` if the source or the spool cannot be used; what `visit`
/// returns.
pub fn read(path: &Path, options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
    let mut source = gather(path, true)?;
    let mut findings = std::mem::take(&mut source.findings);
    let chats = chats(&mut source, options, &mut findings)?;
    let said = |f: &Finding| matches!(f.code, Code::ForeignFile | Code::ZeroByte | Code::ZipDamaged);
    if chats.is_empty() && source.unread.is_empty() && !findings.iter().any(said) {
        let place = Place::file(path.display().to_string());
        findings.push(Finding::new(Code::ForeignFile, place, "no text in it is a chat export"));
    }
    settle(&chats, &source.unread, options)?;
    let mut opened = HashSet::new();
    for finding in findings {
        visit(PhoneRead::Noticed(finding))?;
    }
    source.tell_unread(options, &mut opened, visit)?;
    for (candidate, chat) in &chats {
        if opened.insert(candidate.file)
            && let Some(file) = source.files.get(candidate.file)
        {
            let (name, path) = (file.name.clone(), file.path.clone());
            visit(PhoneRead::Opened { file: name, path, digest: file.digest, size: file.size })?;
        }
        yield_chat(&mut source, candidate, chat, options, visit)?;
    }
    orphans(&source, &chats, options, visit)
}

/// The texts of a source that are chats, examined.
fn chats(source: &mut Gathered, options: &PhoneOptions, findings: &mut Vec<Finding>) -> Result<Vec<(Candidate, Chat)>> {
    let mut found = Vec::new();
    let mut other = Vec::new();
    for candidate in source.candidates.clone() {
        let (text, damaged) = match load(source, &candidate)? {
            Ok(read) => read,
            Err(finding) => {
                source.unread.push(Unread::text(&candidate, finding));
                continue;
            }
        };
        if damaged {
            findings.push(Finding::new(Code::NotUtf8, candidate.place.clone(), ""));
        }
        let Some(store) = source.stores.get(candidate.store) else { continue };
        match chat::examine(&text, &candidate, store, options.date_order) {
            Some(chat) => found.push((candidate, chat)),
            None => other.push((candidate, text.is_empty())),
        }
    }
    // A text that another chat sent around is a document, even if it is a chat.
    let sent: BTreeSet<String> = found.iter().flat_map(|(_, chat)| chat.names_texts.iter().cloned()).collect();
    source.forget_sent(&sent);
    found.retain(|(candidate, _)| detect::has_chat_name(candidate) || !sent.contains(&chars::clean(&candidate.name)));
    for (candidate, empty) in other {
        if sent.contains(&chars::clean(&candidate.name)) {
            continue;
        }
        let code = if empty { Code::ZeroByte } else { Code::ForeignFile };
        findings.push(Finding::new(code, candidate.place, if empty { "" } else { "no line begins like a message" }));
    }
    Ok(found)
}

/// The text of a candidate, and whether some of its bytes were none; else why it cannot be read.
fn load(source: &mut Gathered, candidate: &Candidate) -> Result<Result<(String, bool), Finding>> {
    let refuse = |code, detail: String| Ok(Err(Finding::new(code, candidate.place.clone(), detail)));
    let too_large = || format!("a text of more than {TEXT_BYTES} bytes");
    let named = gather::is_text_name(&candidate.name);
    let read = |path: &PathBuf| EvidenceFile::open(path).and_then(|mut file| text::read(&mut file, named, TEXT_BYTES));
    let bytes = match &candidate.at {
        TextAt::File(path) => match read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return refuse(Code::LimitExceeded, too_large()),
            Err(e) => return refuse(Code::FileUnreadable, e.to_string()),
        },
        TextAt::Entry(id) => match source.stores.get_mut(candidate.store).map(|store| store.text(*id, TEXT_BYTES)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(Unreadable::TooLarge)) => return refuse(Code::LimitExceeded, too_large()),
            Some(Err(why)) => return refuse(Code::EntryUnreadable, why.as_text()),
            None => return Err(Error::bug("a text is in a store that there is not")),
        },
    };
    Ok(Ok(text::decode(bytes)))
}

fn yield_chat(
    source: &mut Gathered,
    candidate: &Candidate,
    chat: &Chat,
    options: &PhoneOptions,
    visit: Visit<'_>,
) -> Result<()> {
    let (wanted, me) = wanted(chat, options);
    if !wanted {
        return visit(PhoneRead::LeftOut { messages: chat.records });
    }
    let Ok((text, _)) = load(source, candidate)? else { return Err(changed(candidate)) };
    for finding in notices(candidate, chat, &me) {
        visit(PhoneRead::Noticed(finding))?;
    }
    if let Some(lines) = chat.preamble {
        let finding = Finding::new(
            Code::NoRecord,
            candidate.place.clone(),
            format!("{} before the first record", counted(lines, "line", "lines")),
        );
        visit(PhoneRead::NotReadable { finding, item: candidate.name.chars().take(limits::FIELD_CHARS).collect() })?;
    }
    let Some(store) = source.stores.get_mut(candidate.store) else { return Ok(()) };
    let Some(layout) = Layout::of(&text) else { return Ok(()) };
    let authors = Authors::of(|| layout.texts());
    let mut items = Items::new(chat, me, candidate.place.clone(), &candidate.folder, options);
    let mut count = 0;
    for record in layout.records() {
        count += 1;
        visit(PhoneRead::Item(Box::new(items.item(&record, &authors, store)?)))?;
    }
    if count != chat.records {
        return Err(changed(candidate));
    }
    Ok(())
}

fn changed(candidate: &Candidate) -> Error {
    let text = format!("{} changed while it was read", candidate.place);
    Error::new(ErrorKind::Io, text).with_hint("import it again when nothing writes to it")
}

/// What is to be said of a chat as a whole.
fn notices(candidate: &Candidate, chat: &Chat, me: &Me) -> Vec<Finding> {
    let finding = |code, detail: String| Finding::new(code, candidate.place.clone(), detail);
    let mut found = Vec::new();
    if let Decision::Order { order, evidence } = &chat.decision {
        found.push(finding(Code::DateOrder, format!("{}: {evidence}", date_order::word(*order))));
    }
    if chat.records >= CUT_RECORDS {
        found.push(finding(Code::ExportCut, format!("{} records", chat.records)));
    }
    if chat.survey.foreign > 0 {
        found.push(finding(Code::HeaderShape, counted(chat.survey.foreign, "line", "lines")));
    }
    let unnamed =
        chat.title.known().is_none() && item::conversation(chat, me).name.as_deref() == Some(chat.title.text());
    if unnamed {
        found.push(finding(Code::ChatUntitled, chat.title.text().to_owned()));
    }
    found
}

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reader_tests;
#[cfg(test)]
mod unread_tests;
