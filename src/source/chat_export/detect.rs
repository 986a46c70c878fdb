//! What an export is and what an import of it needs, without importing it.

use super::{
    chars::clean,
    chat::{self, Chat, Me},
    date_order::{self, Decision},
    gather::{Candidate, gather},
    header::Frame,
    item, load, system,
    unread::Unread,
    wall,
};
use crate::{
    Result,
    model::{ConversationKind, Finding, Place},
    source::counted::counted,
};
use serde::Serialize;
use std::path::Path;

/// One chat of an export.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundChat {
    /// The file, as given or below the folder that was given.
    pub file: String,
    /// The entry of a zip.
    pub entry: Option<String>,
    /// `ios`, `android` or `unknown`: who writes such headers.
    pub platform: &'static str,
    /// The title; what stands for it if the export does not say it.
    pub title: String,
    /// Whether the export says the title.
    pub title_known: bool,
    /// Direct or group.
    pub kind: ConversationKind,
    /// Records.
    pub records: u64,
    /// Its text cannot be read: nothing is known of its records.
    pub unread: bool,
    /// How many people wrote.
    pub authors: u64,
    /// The first and the last time, on the wall; `None` if the order of dates is open.
    pub range: Option<[String; 2]>,
    /// `dmy`, `mdy`, `ymd`; `None` if it is open.
    pub date_order: Option<&'static str>,
    /// What the order rests on, or why it is open.
    pub date_evidence: String,
    /// Who the owner is, if the text proves it.
    pub me: Option<String>,
    /// Media that are named and there.
    pub media: u64,
    /// What an import needs: `owner`, `source-tz`, `date-order`, `me`.
    pub needs: Vec<&'static str>,
    /// What the answer rests on.
    pub why: String,
}

/// An export.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoundExport {
    /// Its chats.
    pub chats: Vec<FoundChat>,
    /// Records of all.
    pub records: u64,
    /// What an import of all of it needs, each once.
    pub needs: Vec<&'static str>,
}

/// Says what an export is; `None` if `path` is none.
///
/// # Errors
/// `NotFound`, `Io`, `Permission` if it cannot be looked at.
pub fn detect(path: &Path) -> Result<Option<FoundExport>> {
    let mut source = gather(path, false)?;
    let mut chats = Vec::new();
    let mut sent = Vec::new();
    for candidate in source.candidates.clone() {
        let text = match load(&mut source, &candidate)? {
            Ok((text, _)) => text,
            Err(finding) => {
                source.unread.push(Unread::text(&candidate, finding));
                continue;
            }
        };
        let Some(store) = source.stores.get(candidate.store) else { continue };
        match chat::examine(&text, &candidate, store, None) {
            Some(chat) if has_chat_name(&candidate) || looks_like_chat(&chat) => {
                sent.extend(chat.names_texts.iter().cloned());
                chats.push((candidate.clone(), found(&candidate, &chat)));
            }
            None if text.is_empty() && has_chat_name(&candidate) => chats.push((candidate.clone(), empty(&candidate))),
            _ => {}
        }
    }
    chats.retain(|(candidate, _)| has_chat_name(candidate) || !sent.contains(&clean(&candidate.name)));
    source.forget_sent(&sent.into_iter().collect());
    let lost = source.unread.iter().filter(|unread| unread.chat).map(unread);
    let chats: Vec<FoundChat> = chats.into_iter().map(|(_, found)| found).chain(lost).collect();
    let mut needs: Vec<&'static str> = chats.iter().flat_map(|chat| chat.needs.iter().copied()).collect();
    needs.sort_unstable();
    needs.dedup();
    let records = chats.iter().map(|chat| chat.records).sum();
    Ok((!chats.is_empty()).then_some(FoundExport { chats, records, needs }))
}

/// Whether a text has a name that only an export has.
pub(super) fn has_chat_name(candidate: &Candidate) -> bool {
    is_chat_name(&candidate.stem)
}

/// Whether a name without its extension is one that only an export has.
pub(super) fn is_chat_name(stem: &str) -> bool {
    stem.starts_with("_chat") || system::title(stem).is_some()
}

/// A text by another name must look like a chat: most records have an author, and authors come again.
fn looks_like_chat(chat: &Chat) -> bool {
    let people = chat.people.len() as u64;
    let colon = chat.survey.shape.frame == Frame::Colon;
    let begins = chat.preamble.is_none();
    begins && chat.authored * 2 >= chat.records && (!colon || people > 0 && people * 2 <= chat.authored.max(2))
}

fn found(candidate: &Candidate, chat: &Chat) -> FoundChat {
    let mut needs = vec!["owner", "source-tz"];
    let date_evidence = match &chat.decision {
        Decision::Order { evidence, .. } => evidence.clone(),
        Decision::Same(_) => "every order gives the same days".to_owned(),
        Decision::Open(why) => {
            needs.push("date-order");
            why.clone()
        }
    };
    if chat.proven == Me::Unknown {
        needs.push("me");
    }
    let seconds = chat.survey.shape.stamp.seconds;
    let conversation = item::conversation(chat, &chat.proven);
    FoundChat {
        file: candidate.place.file.clone(),
        entry: candidate.place.entry.clone(),
        platform: chat.survey.shape.platform(),
        title: conversation.name.unwrap_or_default(),
        title_known: chat.title.known().is_some(),
        kind: chat.kind,
        records: chat.records,
        unread: false,
        authors: chat.people.len() as u64,
        range: chat.range.map(|(first, last)| [first, last].map(|at| wall::text(at, seconds))),
        date_order: chat.decision.order().map(date_order::word),
        date_evidence,
        me: match &chat.proven {
            Me::Named(name) => Some(name.clone()),
            Me::Nobody | Me::Unknown => None,
        },
        media: chat.used.len() as u64,
        needs,
        why: format!(
            "{} of {}",
            counted(chat.records, "line begins like a message", "lines begin like messages"),
            shape_words(chat)
        ),
    }
}

fn shape_words(chat: &Chat) -> &'static str {
    match chat.survey.shape.frame {
        Frame::Bracket => "an iPhone: [date, time] author: text",
        Frame::Dash => "an Android phone: date, time - author: text",
        Frame::Colon => "an old app: date time: author: text",
    }
}

fn empty(candidate: &Candidate) -> FoundChat {
    nameless(&candidate.place, candidate.outer.as_deref().and_then(system::title), &candidate.stem)
}

/// A chat whose text cannot be read: there is one, and that is all that is known.
fn unread(unread: &Unread) -> FoundChat {
    let Finding { code, place, detail } = &unread.finding;
    FoundChat {
        unread: true,
        needs: vec!["owner", "source-tz"],
        why: format!("the name is that of an export, and its text cannot be read ({code}: {detail})"),
        ..nameless(place, unread.title(), &unread.stem)
    }
}

/// A chat of which only names are known.
fn nameless(place: &Place, outer: Option<String>, stem: &str) -> FoundChat {
    let title = system::title(stem).or(outer);
    FoundChat {
        file: place.file.clone(),
        entry: place.entry.clone(),
        platform: "unknown",
        title_known: title.is_some(),
        title: title.unwrap_or_else(|| stem.to_owned()),
        kind: ConversationKind::Unknown,
        records: 0,
        unread: false,
        authors: 0,
        range: None,
        date_order: None,
        date_evidence: String::new(),
        me: None,
        media: 0,
        needs: Vec::new(),
        why: "the name is that of an export, and the file is empty".to_owned(),
    }
}
