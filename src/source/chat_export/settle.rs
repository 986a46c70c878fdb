//! What the person has to say before an export can be read, and what they said of a chat.

use super::{
    chat::{Chat, Me},
    date_order::Decision,
    gather::Candidate,
    item,
    unread::Unread,
};
use crate::{
    Error, ErrorKind, Result,
    source::{
        counted::counted,
        phone::{
            PhoneOptions,
            asked::{self, Asked},
        },
    },
};
use std::collections::BTreeSet;

/// Authors that an error names.
const AUTHORS_NAMED: usize = 20;
/// Files of which an error names the authors.
const FILES_NAMED: usize = 10;

/// Whether a chat is wanted, and who the owner is in it.
pub fn wanted(chat: &Chat, options: &PhoneOptions) -> (bool, Me) {
    let said = item::me_said(chat, options.me.as_deref());
    // Who wrote elsewhere in this source and not here is nobody here.
    let me = match (said, &options.me, &chat.proven) {
        (Some(me), _, _) => me,
        (None, Some(_), Me::Unknown) => Me::Nobody,
        (None, _, proven) => proven.clone(),
    };
    (options.wants(&item::conversation(chat, &me), None), me)
}

/// Refuses what the person has to say first, all of it in one error.
pub fn settle(chats: &[(Candidate, Chat)], unread: &[Unread], options: &PhoneOptions) -> Result<()> {
    let mut problems = Vec::new();
    let mut flags = BTreeSet::new();
    let mut asked = Asked::new(options);
    for (_, chat) in chats {
        asked.meet(&item::conversation(chat, &wanted(chat, options).1), None);
    }
    for conversation in unread.iter().filter(|unread| unread.chat).filter_map(Unread::conversation) {
        asked.meet(&conversation, None);
    }
    let wanted: Vec<_> = chats.iter().filter(|(_, chat)| wanted(chat, options).0).collect();
    for (candidate, chat) in &wanted {
        if let Decision::Open(why) = &chat.decision {
            problems.push(format!("{}: day and month cannot be told apart: {why}", candidate.place));
            flags.insert("--date-order dmy|mdy|ymd");
        } else if chat.range.is_none() {
            problems.push(format!("{}: no date exists in that order", candidate.place));
            flags.insert("--date-order dmy|mdy|ymd");
        }
    }
    if options.source_tz.is_none() && !wanted.is_empty() {
        problems.push("its times have no zone: say in which one the phone was".to_owned());
        flags.insert("--source-tz ZONE, e.g. Europe/Berlin");
    }
    let unknown: Vec<_> = wanted.iter().filter(|(_, chat)| chat.proven == Me::Unknown).copied().collect();
    match &options.me {
        None if !unknown.is_empty() => {
            let whose = "the text does not say who the owner of the phone is";
            problems.extend(each(&unknown).map(|(place, authors)| format!("{place}: {whose}; authors: {authors}")));
            flags.insert("--me NAME (or --me - if the owner wrote nothing)");
        }
        Some(me) if me != item::NOBODY && !wanted.is_empty() && !wanted.iter().any(|(_, c)| item::is_author(c, me)) => {
            let proven = wanted.iter().all(|(_, chat)| chat.proven == Me::Nobody);
            if !proven {
                let nobody = format!("nobody called {me} wrote in it");
                problems.extend(each(&wanted).map(|(place, authors)| format!("{place}: {nobody}; authors: {authors}")));
                flags.insert("--me NAME (or --me - if the owner wrote nothing)");
            }
        }
        _ => {}
    }
    let add = flags.into_iter().collect::<Vec<_>>().join("; ");
    let mut hints: Vec<String> =
        Some(add).filter(|add| !add.is_empty()).map(|add| format!("add {add}")).into_iter().collect();
    if let Some(problem) = asked.problem() {
        problems.push(problem);
        hints.push(asked::HINT.to_owned());
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, problems.join("\n")).with_hint(hints.join("\n")))
}

/// Each file with its own authors, as far as an error names them.
fn each(chats: &[&(Candidate, Chat)]) -> impl Iterator<Item = (String, String)> {
    let more = chats.len().saturating_sub(FILES_NAMED);
    let rest = chats.get(FILES_NAMED..).unwrap_or_default();
    let first = chats.iter().take(FILES_NAMED).map(|(candidate, chat)| (candidate.place.to_string(), names([chat])));
    let last =
        (more > 0).then(|| (counted(more as u64, "more file", "more files"), names(rest.iter().map(|(_, c)| c))));
    first.chain(last).collect::<Vec<_>>().into_iter()
}

fn names<'c>(chats: impl IntoIterator<Item = &'c Chat>) -> String {
    let names: BTreeSet<&str> = chats.into_iter().flat_map(|chat| chat.people.keys().map(String::as_str)).collect();
    let more = names.len().saturating_sub(AUTHORS_NAMED);
    let mut list = names.into_iter().take(AUTHORS_NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}
