//! What the person has to say before an export can be read, and what they said of a chat.

use super::{
    chat::{Chat, Me},
    date_order::Decision,
    gather::Candidate,
    item,
};
use crate::{
    Error, ErrorKind, Result,
    source::phone::{
        PhoneOptions,
        asked::{self, Asked},
    },
};
use std::collections::BTreeSet;

/// Authors that an error names.
const AUTHORS_NAMED: usize = 20;

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
pub fn settle(chats: &[(Candidate, Chat)], options: &PhoneOptions) -> Result<()> {
    let mut problems = Vec::new();
    let mut flags = BTreeSet::new();
    let mut asked = Asked::new(options);
    for (_, chat) in chats {
        asked.meet(&item::conversation(chat, &wanted(chat, options).1), None);
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
    let unknown: Vec<_> = wanted.iter().filter(|(_, chat)| chat.proven == Me::Unknown).collect();
    let authors = || {
        let names: BTreeSet<&str> =
            wanted.iter().flat_map(|(_, chat)| chat.people.keys().map(String::as_str)).collect();
        let more = names.len().saturating_sub(AUTHORS_NAMED);
        let mut list = names.into_iter().take(AUTHORS_NAMED).collect::<Vec<_>>().join(", ");
        if more > 0 {
            list.push_str(&format!(" and {more} more"));
        }
        list
    };
    match &options.me {
        None if !unknown.is_empty() => {
            let place = unknown.first().map(|(candidate, _)| candidate.place.to_string()).unwrap_or_default();
            problems
                .push(format!("{place}: the text does not say who the owner of the phone is; authors: {}", authors()));
            flags.insert("--me NAME (or --me - if the owner wrote nothing)");
        }
        Some(me) if me != item::NOBODY && !wanted.is_empty() && !wanted.iter().any(|(_, c)| item::is_author(c, me)) => {
            let proven = wanted.iter().all(|(_, chat)| chat.proven == Me::Nobody);
            if !proven {
                problems.push(format!("nobody called {me} wrote in it; authors: {}", authors()));
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
