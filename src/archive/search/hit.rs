//! One hit: what the index knows of a message, where it matches, and what covers it.

use super::{Asked, SearchOptions};
use crate::{
    Result,
    archive::{Archive, attribution::Stored, chat, contents::contents, matching::Answer},
    governance::{ActiveHold, Rules},
    index::HitRecord,
    model::{Attachment, Conversation, Instant, MailboxName, Message, MessageId, MessageKind, Ordinal, Participant},
    query::{self, Expr, Facts, Snippet},
};
use serde::Serialize;
use std::collections::HashMap;

/// Characters of a snippet.
const SNIPPET_CHARS: usize = 160;

/// One hit, or a message that stands beside one.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// The message.
    pub id: MessageId,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Who sent it.
    pub from: Participant,
    /// Where.
    pub conversation: Conversation,
    /// What stands for the conversation where people read: its name, else the parties of this message.
    #[serde(skip)]
    pub title: String,
    /// Chat, call, …
    pub kind: MessageKind,
    /// Deleted later, by a notice that is here.
    pub is_deleted: bool,
    /// Edited later, by a notice that is here.
    pub is_edited: bool,
    /// The subject.
    pub subject: String,
    /// Where it matches.
    pub snippet: Snippet,
    /// The mailboxes whose items match; of a message that is no hit, those that were searched and have it.
    pub mailboxes: Vec<MailboxName>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Size of its file in bytes.
    pub size: u64,
    /// Names of the holds that cover one of its items.
    pub holds: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// It stands here for the context of a hit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub context: bool,
    /// It stands here for the context, but matches too: it is a hit of another page.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub matches: bool,
    /// What it is to the hit that brought it: `original`, `edit`, `deletion`, `version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<&'static str>,
    /// The hit that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_to: Option<MessageId>,
    /// With context: which stretch of a conversation it stands in, from 1. Between two stretches something is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<usize>,
}

/// Why a message stands in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is a hit of this page.
    Hit,
    /// It stands before or behind one.
    Context,
    /// It is about the same message as this hit.
    Related(&'static str, MessageId),
}

/// A message in its place in an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) ordinal: Ordinal,
    pub(super) place: Place,
    /// With context: which stretch it stands in.
    pub(super) stretch: Option<usize>,
}

impl Archive {
    /// The hits of a page, and what was asked for beside them, in reading order. No message stands twice.
    pub(super) fn rows(
        &self,
        page: &[Ordinal],
        asked: &Asked,
        found: &Answer,
        options: &SearchOptions,
    ) -> Result<Vec<Hit>> {
        let visible = self.visible(&asked.mailboxes);
        let placed = |ordinal: &Ordinal| Placed { ordinal: *ordinal, place: Place::Hit, stretch: None };
        let mut places: Vec<Placed> = page.iter().map(placed).collect();
        if options.context > 0 {
            places = self.with_context(page, options.context, &visible)?;
        }
        if options.related {
            places = self.with_related(places, &visible)?;
        }
        let rules = self.rules();
        let rules = options.snippets.then_some(&rules);
        places.into_iter().map(|placed| self.hit(placed, asked, found, rules)).collect()
    }

    /// One row. `rules`: those that are in force, if the row shall say which cover it and where it matches.
    fn hit(&self, placed: Placed, asked: &Asked, found: &Answer, rules: Option<&Rules<'_>>) -> Result<Hit> {
        let Placed { ordinal, place, stretch } = placed;
        let record = self.record_of(ordinal)?;
        let matches = found.messages.contains(ordinal.0);
        let holding = |mailbox: &&MailboxName| match matches {
            true => self.is_in(found, mailbox, ordinal.0),
            false => self.state.boxes.get(*mailbox).is_some_and(|boxes| boxes.has(ordinal.0)),
        };
        let mailboxes: Vec<MailboxName> = asked.mailboxes.iter().filter(holding).cloned().collect();
        let (snippet, holds) = match rules {
            None => (Snippet::default(), Vec::new()),
            Some(rules) => {
                let message = self.message_of(&record).ok();
                // What is searchable of a message takes longer to tell than its text, and few holds ask for it.
                let ask = rules.needs_facts();
                let facts = message.as_ref().filter(|_| ask);
                let facts = facts.map(|m| Facts::of(m, record.size).with_file(&record.id, &record.digest));
                let expr = if matches { &asked.expr } else { &Expr::All };
                let snippet = message.map(|message| self.shown(expr, &record, &message)).unwrap_or_default();
                (snippet, self.holds_among(rules, &record, facts.as_ref()))
            }
        };
        let (related, related_to) = match place {
            Place::Related(relation, of) => (Some(relation), Some(of)),
            _ => (None, None),
        };
        let parties = std::iter::once(&record.sender).chain(&record.recipients);
        Ok(Hit {
            title: chat::title(&record.conversation, parties),
            id: record.id,
            sent: record.sent,
            from: record.sender,
            conversation: record.conversation,
            kind: record.kind,
            is_deleted: self.state.deleted.contains(ordinal.0),
            is_edited: self.state.edited.contains(ordinal.0),
            subject: record.subject,
            snippet,
            mailboxes,
            attachments: record.attachments,
            size: record.size,
            holds,
            tags: self.tags_of(ordinal),
            context: place == Place::Context,
            matches: place != Place::Hit && matches,
            related,
            related_to,
            stretch,
        })
    }

    /// The names of those of the holds that cover one of a message's items.
    fn holds_among(&self, rules: &Rules<'_>, record: &HitRecord, facts: Option<&Facts>) -> Vec<String> {
        let covers = |active: &&ActiveHold<'_>| {
            let mut mailboxes = self.state.mailboxes_of(record.ordinal.0);
            mailboxes.any(|mailbox| active.blocks(&self.subject(record, mailbox, facts), rules.now).is_some())
        };
        rules.holds.iter().filter(covers).map(|active| active.hold.name.clone()).collect()
    }

    /// What is known of a message without reading its file, from the index or the tail.
    pub(in crate::archive) fn record_of(&self, ordinal: Ordinal) -> Result<HitRecord> {
        self.records(&[ordinal])?
            .pop()
            .ok_or_else(|| crate::Error::bug(format!("message {} is neither indexed nor in the tail", ordinal.0)))
    }

    /// The same for many, in the order asked for.
    pub(in crate::archive) fn records(&self, ordinals: &[Ordinal]) -> Result<Vec<HitRecord>> {
        let indexed: Vec<Ordinal> = ordinals.iter().copied().filter(|o| self.tail.get(o.0).is_none()).collect();
        let mut found = match &self.index {
            Some(index) => index.records(&indexed)?.into_iter().map(|r| (r.ordinal, r)).collect(),
            None => HashMap::new(),
        };
        ordinals
            .iter()
            .filter_map(|ordinal| match self.tail.get(ordinal.0) {
                Some((seq, message)) => Some(self.understand(message).map(|m| HitRecord::of(&m, message, *seq))),
                None => found.remove(ordinal).map(Ok),
            })
            .collect()
    }

    /// The part of a message that shows why it was found: of its text, else of its subject or a file name, else of the text of
    /// an attachment; else how it begins.
    fn shown(&self, expr: &Expr, record: &HitRecord, message: &Message) -> Snippet {
        let text = query::snippet(expr, &readable(message), SNIPPET_CHARS);
        if !text.marks.is_empty() || !query::looks_for_words(expr) {
            return text;
        }
        let marked = |text: &str| Some(query::snippet(expr, text, SNIPPET_CHARS)).filter(|s| !s.marks.is_empty());
        let names = message.attachments.iter().map(|attachment| attachment.name.as_str());
        let other = std::iter::once(message.subject.as_str()).chain(names).find_map(marked);
        let inside = || {
            let contents = contents(&self.vault, &Stored::of_record(record), message);
            contents.iter().find_map(|content| {
                let name = message.attachments.get(content.attachment)?.name.clone();
                marked(&content.text).map(|snippet| Snippet { attachment: Some(name), ..snippet })
            })
        };
        let has_files = !message.attachments.is_empty();
        other.or_else(|| if has_files { inside() } else { None }).unwrap_or(text)
    }

    /// Reads and understands the message of a record.
    pub(in crate::archive) fn message_of(&self, record: &HitRecord) -> Result<Message> {
        self.understand_message(&Stored::of_record(record))
    }

    /// What a decision on a hold asks of the message of a record.
    pub(in crate::archive) fn facts_of(&self, record: &HitRecord) -> Result<Facts> {
        self.understand_stored(&Stored::of_record(record)).map(|(_, facts)| facts)
    }
}

/// The text that a snippet is cut from.
fn readable(message: &Message) -> String {
    match (&message.body, message.attachments.first()) {
        (body, _) if message.encrypted && body.is_empty() => "[encrypted]".to_owned(),
        (body, Some(first)) if body.trim().is_empty() => format!("[{}]", first.name),
        (body, _) => {
            let beside = message.details.iter().flat_map(|details| details.texts());
            std::iter::once(body.as_str()).chain(beside).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
    }
}
