//! One message of a conversation as people read it: with what it replies to, and what came of it later.

use super::super::Archive;
use crate::{
    Result,
    index::HitRecord,
    model::{
        Attachment, Call, Deletion, DeletionScope, Details, Edit, Instant, Message, MessageId, MessageKind,
        Participant,
        details::{CallFacts, SystemEvent},
    },
    query::{self, Expr},
    source,
};
use serde::Serialize;

/// What a message replies to, as the reply kept it.
#[derive(Clone, Debug, Serialize)]
pub struct ChatReply {
    /// The message, if its source has it.
    pub id: Option<MessageId>,
    /// Who had said it.
    pub from: Option<Participant>,
    /// Its text.
    pub text: String,
    /// What was looked for in it: byte ranges.
    pub marks: Vec<[usize; 2]>,
}

/// A reaction. An empty emoji takes an earlier one back.
#[derive(Clone, Debug, Serialize)]
pub struct ChatReaction {
    /// The message that is the reaction.
    pub id: MessageId,
    /// When.
    pub sent: Option<Instant>,
    /// Whose.
    pub from: Participant,
    /// The emoji.
    pub emoji: String,
}

/// An edit that came later, or before the message was captured.
#[derive(Clone, Debug, Serialize)]
pub struct ChatEdit {
    /// The notice; none if the edit came before the capture.
    pub id: Option<MessageId>,
    /// When.
    pub at: Option<Instant>,
    /// The text before, as far as it is known.
    pub before: Option<String>,
    /// The text after; none if it is the message's own.
    pub after: Option<String>,
}

/// A deletion that came later, or before the message was captured.
#[derive(Clone, Debug, Serialize)]
pub struct ChatDeletion {
    /// The notice; none if the deletion came before the capture.
    pub id: Option<MessageId>,
    /// When.
    pub at: Option<Instant>,
    /// By whom, if that is known.
    pub by: Option<Participant>,
    /// For whom.
    pub scope: DeletionScope,
}

/// The same event as another account captured it.
#[derive(Clone, Debug, Serialize)]
pub struct ChatCopy {
    /// The message.
    pub id: MessageId,
    /// The account.
    pub account: Option<String>,
}

/// One message of a page.
#[derive(Clone, Debug, Serialize)]
pub struct ChatMessage {
    /// Its id.
    pub id: MessageId,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Who sent it.
    pub from: Participant,
    /// Chat, call, …
    pub kind: MessageKind,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The body is ciphertext.
    pub encrypted: bool,
    /// What it replies to.
    pub reply: Option<ChatReply>,
    /// Reactions to it, oldest first.
    pub reactions: Vec<ChatReaction>,
    /// Its edits, oldest first.
    pub edits: Vec<ChatEdit>,
    /// Its deletions, oldest first.
    pub deletions: Vec<ChatDeletion>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// The call, if it is one.
    pub call: Option<Call>,
    /// What a phone says of the call.
    pub call_facts: Option<CallFacts>,
    /// The system event, if it is one.
    pub event: Option<SystemEvent>,
    /// The deletion, if it is the notice of one.
    pub deletion: Option<Deletion>,
    /// The edit, if it is the notice of one.
    pub edit: Option<Edit>,
    /// The emoji, if it is a reaction to another message.
    pub reaction: Option<String>,
    /// What else it holds, in words: a place, the options of a poll, media that are not attached.
    pub notes: Option<String>,
    /// Deleted later, by a notice that is here. A deletion before the capture is in `deletions` only.
    pub is_deleted: bool,
    /// Edited later, by a notice that is here, or before it was captured.
    pub is_edited: bool,
    /// The message of this page under which it is shown: its target for a reaction, the first copy for a copy.
    pub shown_under: Option<MessageId>,
    /// The message that a notice or a reaction is about, if it is archived.
    pub about: Option<MessageId>,
    /// The same event captured by other accounts in the same words, as far as they are on this page.
    pub copies: Vec<ChatCopy>,
    /// The query matches it.
    pub hit: bool,
    /// What was looked for in the body: byte ranges.
    pub marks: Vec<[usize; 2]>,
    /// Tags.
    pub tags: Vec<String>,
    /// Why its text is not here: the file is damaged.
    pub unreadable: Option<String>,
}

impl Archive {
    /// One message with what came of it; `hit`: it is one of this query, which marks what was looked for.
    pub(super) fn chat_message(&self, record: &HitRecord, hit: Option<&Expr>) -> Result<ChatMessage> {
        let ordinal = record.ordinal.0;
        let (message, unreadable) = match self.message_of(record) {
            Ok(message) => (Some(message), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let details = message.as_ref().and_then(|message| message.details.as_deref());
        let mut edits = details.map(edits_before).unwrap_or_default();
        let mut deletions = details.map(deletions_before).unwrap_or_default();
        let (mut reactions, mut about) = (Vec::new(), None);
        for other in self.story_of(record)? {
            let what = self.message_of(&other).ok();
            let is_about = other.story.as_ref() != Some(&other.native);
            match what {
                Some(Message { deletion: Some(deletion), sender, .. }) => deletions.push(ChatDeletion {
                    id: Some(other.id),
                    at: other.sent,
                    by: Some(sender).filter(|by| !by.is_unknown()),
                    scope: deletion.scope,
                }),
                Some(Message { edit: Some(edit), .. }) => edits.push(ChatEdit {
                    id: Some(other.id),
                    at: other.sent,
                    before: edit.previous,
                    after: edit.edited,
                }),
                Some(Message { details: Some(details), sender, .. }) if details.reaction.is_some() => {
                    let emoji = details.reaction.map(|reaction| reaction.emoji).unwrap_or_default();
                    reactions.push(ChatReaction { id: other.id, sent: other.sent, from: sender, emoji });
                }
                _ if !is_about => about = Some(other.id),
                _ => {}
            }
        }
        let is_about = record.story.as_ref() != Some(&record.native);
        if is_about {
            // What others are to its target is shown with the target.
            (reactions, edits, deletions) = (Vec::new(), Vec::new(), Vec::new());
        }
        let mut shown = ChatMessage {
            id: record.id,
            sent: record.sent,
            from: record.sender.clone(),
            kind: record.kind,
            subject: record.subject.clone(),
            body: String::new(),
            encrypted: record.encrypted,
            reply: None,
            reactions,
            is_deleted: self.state.deleted.contains(ordinal),
            is_edited: self.state.edited.contains(ordinal),
            edits,
            deletions,
            attachments: record.attachments.clone(),
            call: None,
            call_facts: None,
            event: None,
            deletion: None,
            edit: None,
            reaction: None,
            notes: None,
            shown_under: None,
            about: about.filter(|_| is_about),
            copies: Vec::new(),
            hit: hit.is_some(),
            marks: Vec::new(),
            tags: self.tags_of(record.ordinal),
            unreadable,
        };
        if let Some(message) = message {
            fill(&mut shown, message, hit);
        }
        Ok(shown)
    }

    /// The other messages of this account about the same native message, oldest first: notices, reactions, the original.
    fn story_of(&self, record: &HitRecord) -> Result<Vec<HitRecord>> {
        let Some(story) = &record.story else { return Ok(Vec::new()) };
        let mut records = match &self.index {
            Some(index) => index.by_story(story)?,
            None => Vec::new(),
        };
        let tail: Vec<_> =
            self.tail.iter().filter(|(_, m)| m.story.as_ref() == Some(story)).map(|(_, m)| m.ordinal).collect();
        records.retain(|other| self.tail.get(other.ordinal.0).is_none());
        records.extend(self.records(&tail)?);
        records.retain(|other| {
            other.ordinal != record.ordinal
                && other.account == record.account
                && other.conversation.id == record.conversation.id
                && self.state.mailboxes_of(other.ordinal.0).next().is_some()
        });
        records.sort_by_key(|other| (other.sent.is_none(), other.sent, other.ordinal));
        Ok(records)
    }
}

fn fill(shown: &mut ChatMessage, message: Message, hit: Option<&Expr>) {
    shown.notes = notes(&message);
    shown.from = message.sender;
    shown.sent = message.sent;
    if let Some(expr) = hit {
        shown.marks = query::marks(expr, &message.body);
    }
    shown.body = message.body;
    shown.attachments = message.attachments;
    (shown.call, shown.deletion, shown.edit) = (message.call, message.deletion, message.edit);
    let Some(details) = message.details.map(|details| *details) else { return };
    shown.reply = details.quote.map(|quote| ChatReply {
        id: quote.message,
        from: quote.sender,
        marks: hit.map(|expr| query::marks(expr, &quote.text)).unwrap_or_default(),
        text: quote.text,
    });
    (shown.call_facts, shown.event) = (details.call, details.event);
    shown.reaction = details.reaction.map(|reaction| reaction.emoji);
}

/// What a phone's message holds beside text, reply, call and what came of it: those have places of their own.
fn notes(message: &Message) -> Option<String> {
    let details = message.details.as_deref()?;
    let rest =
        Details { quote: None, call: None, edited: None, revoked: None, receipts: Vec::new(), ..details.clone() };
    source::rendered::notes(&Message { details: Some(Box::new(rest)), edit: None, deletion: None, ..message.clone() })
}

fn edits_before(details: &Details) -> Vec<ChatEdit> {
    let edit = details.edited.as_ref();
    edit.map(|edit| ChatEdit { id: None, at: edit.at, before: edit.previous.clone(), after: None })
        .into_iter()
        .collect()
}

fn deletions_before(details: &Details) -> Vec<ChatDeletion> {
    let revoked = details.revoked.as_ref();
    let deletion = revoked.map(|revoked| ChatDeletion {
        id: None,
        at: revoked.at,
        by: revoked.by_admin.clone(),
        scope: DeletionScope::ForAll,
    });
    deletion.into_iter().collect()
}
