//! Calls that were planned: `ZWAUPCOMINGCALLEVENT`.
//!
//! Contract: a planned call is an event of its conversation, linked to the message that announced it. When it was planned the
//! source does not say; when it is to be is in the event.

use super::{
    chats::of_address,
    ids::Yielded,
    message::empty,
    metadata::is_stanza,
    names,
    people::{People, Said},
};
use crate::{
    Result,
    model::{
        Code, Details, Finding, Instant, Message, MessageKind, Place,
        details::{Quote, SystemEvent},
    },
    source::sqlite::{Database, Order},
};
use std::collections::HashSet;

/// The table.
const TABLE: &str = "ZWAUPCOMINGCALLEVENT";
const COLUMNS: &[&str] =
    &["ZCHATJIDSTRING", "ZCREATORJIDSTRING", "ZMESSAGESTANZAID", "ZTITLE", "ZUNIXTIMEMS", "ZCALLTYPE", "ZSTATUS"];

/// Every planned call.
///
/// # Errors
/// Those of `visit`; the spool cannot be read.
pub fn each(
    database: &Database,
    account: &str,
    people: &People,
    yielded: &Yielded,
    visit: &mut dyn FnMut(Message, Place) -> Result<()>,
) -> Result<()> {
    let mut seen = HashSet::new();
    database.select(TABLE, COLUMNS, Order::Id, &mut |row| {
        let address = row.words(0).unwrap_or_default();
        let chat = of_address(&address, people.title(&address), people);
        let stanza = row.words(2).filter(|stanza| is_stanza(stanza));
        let name = match &stanza {
            Some(stanza) if seen.insert(stanza.clone()) => stanza.clone(),
            _ => format!("{}:{}", chat.conversation.id, row.id()),
        };
        let mut message = empty(format!("planned-call:{name}"), account, &chat);
        let place = Place { line: row.line(), ..Place::entry(database.name(), TABLE) };
        message.kind = MessageKind::System;
        message.sender = row.text(1).map(|by| people.participant(&by, Said::default())).unwrap_or_default();
        message.recipients = chat.partner.clone().into_iter().filter(|partner| *partner != message.sender).collect();
        let start = row.int(4).and_then(|millis| Instant(millis).plausible());
        let title = row.words(3);
        let mut body = "A call was planned".to_owned();
        for part in [title.clone(), start.map(|start| start.to_string())].into_iter().flatten() {
            body = format!("{body}: {part}");
        }
        message.body = body;
        let detail = "the source says when the call is to be, not when it was planned";
        message.findings.push(Finding::new(Code::DateMissing, place.clone(), detail));
        let event = SystemEvent {
            what: "call_planned".to_owned(),
            by: (!message.sender.is_unknown()).then(|| message.sender.clone()),
            new: start.map(|start| start.to_string()),
            ..SystemEvent::default()
        };
        let quote = stanza.map(|stanza| {
            let native = yielded.likely(&stanza, None, &chat.address, false);
            Quote { message: yielded.get(&native), native: Some(native), ..Quote::default() }
        });
        let value = |at| row.words(at).map(|value| names::bounded(&value));
        let raw = COLUMNS.iter().enumerate().filter_map(|(at, name)| Some(((*name).to_owned(), value(at)?)));
        let details = Details { event: Some(event), quote, raw: raw.collect(), ..Details::default() };
        message.details = Some(Box::new(details));
        visit(message, place)
    })
}
