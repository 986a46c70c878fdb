//! One message: what it says, where it is, what covers it, what came of it, where it came from.

use super::{Archive, RetentionField, attribution::Stored, contents::with_texts};
use crate::{
    Error, ErrorKind, Result,
    governance::{Blocker, BlockerKind, decide},
    index::HitRecord,
    model::{
        Attachment, Call, Conversation, Deletion, Details, Digest, Edit, Event, Instant, MailboxName, MessageId,
        MessageKind, Participant, Right, RunId, Seq, SourceKind, event::Attribution,
    },
    source,
};
use serde::Serialize;

/// One message.
#[derive(Clone, Debug, Serialize)]
pub struct ShowReport {
    /// Its id.
    pub id: MessageId,
    /// The digest of its file.
    pub digest: Digest,
    /// The size of its file in bytes.
    pub size: u64,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Who sent it.
    pub from: Participant,
    /// Everybody, the sender first.
    pub participants: Vec<Participant>,
    /// Where it was said.
    pub conversation: Conversation,
    /// Chat, call, …
    pub kind: MessageKind,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The call, if it is one.
    pub call: Option<Call>,
    /// The deletion, if it is the notice of one.
    pub deletion: Option<Deletion>,
    /// The edit, if it is the notice of one.
    pub edit: Option<Edit>,
    /// The body is ciphertext.
    pub encrypted: bool,
    /// Deleted later, by a notice that is here.
    pub is_deleted: bool,
    /// Edited later, by a notice that is here.
    pub is_edited: bool,
    /// Why it is only partially searchable.
    pub partially_indexed: Option<String>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// The mailboxes that have it.
    pub mailboxes: Vec<MailboxName>,
    /// The holds that cover one of its items.
    pub holds: Vec<Blocker>,
    /// Tags.
    pub tags: Vec<String>,
    /// Retention that is about it.
    pub retention: Option<RetentionField>,
    /// `present`, or `recoverable` when every item of it is among the recoverable items.
    pub state: &'static str,
    /// Original, edits, deletion, other versions, and the same event captured by another account.
    pub related: Vec<Related>,
    /// Where it came from.
    pub provenance: Provenance,
    /// What was noticed when it was read.
    pub findings: Vec<String>,
    /// Opaque words of the source.
    pub source_words: Vec<(String, String)>,
    /// What a phone's own data says beyond that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// The same in words: the quote, the options of a poll, a place, what became of media.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// For a phone's data: on what it rests that each mailbox has it; by which number or name, where it got it when it
    /// was archived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributed: Vec<Attribution>,
    /// Remarks about the archive.
    pub warnings: Vec<String>,
}

/// Another message of the same story.
#[derive(Clone, Debug, Serialize)]
pub struct Related {
    /// The message.
    pub id: MessageId,
    /// `original`, `deletion`, `edit`, `version`, `reaction`, `receipts`, `same_event`; `quote`: the text as a reply kept it.
    pub relation: &'static str,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Where a message came from.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// The kind of source.
    pub source: &'static str,
    /// The capturing account.
    pub account: Option<String>,
    /// The native id.
    pub native_id: String,
    /// The run.
    pub run: RunId,
    /// The file, as it was named.
    pub file: String,
    /// SHA-256 of the file.
    pub file_digest: Option<Digest>,
    /// The entry in it.
    pub entry: String,
    /// When it was archived.
    pub archived_at: Instant,
    /// The journal line.
    pub seq: Seq,
    /// That line's hash.
    pub line_hash: Digest,
    /// By whom.
    pub actor: String,
}

impl Archive {
    /// Shows a message, and records that.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::Ambiguous`]; [`ErrorKind::Damaged`] when its file was changed.
    pub fn show(&mut self, id: &str) -> Result<ShowReport> {
        self.may(Right::Search, "message.read", id)?;
        let record = self.find_message(id)?;
        let mut report = self.show_record(&record)?;
        self.record_read(Event::MessageViewed { ids: vec![record.id] });
        report.warnings.extend(self.warnings.iter().cloned());
        Ok(report)
    }

    fn show_record(&self, record: &HitRecord) -> Result<ShowReport> {
        let stored = Stored::of_record(record);
        let (message, facts) = self.understand_stored(&stored)?;
        let ordinal = record.ordinal.0;
        let mailboxes: Vec<MailboxName> = self.state.mailboxes_of(ordinal).cloned().collect();
        let mut holds: Vec<Blocker> = Vec::new();
        let rules = self.rules();
        for mailbox in &mailboxes {
            for blocker in decide(&self.subject(record, mailbox, Some(&facts)), &rules).blockers() {
                let retains = blocker.kind == BlockerKind::Retention;
                if !retains && !holds.iter().any(|known| known.id == blocker.id) {
                    holds.push(blocker.clone());
                }
            }
        }
        let retention = self.retention_field(record, Some(&facts));
        let unread = with_texts(&self.vault, &stored, &message, facts).unread;
        let notes = message.details.is_some().then(|| source::rendered::notes(&message)).flatten();
        let live = mailboxes.iter().any(|m| self.state.boxes.get(m).is_some_and(|b| b.live.contains(ordinal)));
        Ok(ShowReport {
            id: record.id,
            digest: record.digest,
            size: record.size,
            sent: message.sent,
            participants: message.participants().cloned().collect(),
            from: message.sender.clone(),
            partially_indexed: (!unread.is_empty()).then(|| unread.join(", ")),
            conversation: message.conversation,
            kind: message.kind,
            subject: message.subject,
            body: message.body,
            call: message.call,
            deletion: message.deletion,
            edit: message.edit,
            encrypted: message.encrypted,
            is_deleted: self.state.deleted.contains(ordinal),
            is_edited: self.state.edited.contains(ordinal),
            attachments: message.attachments,
            state: match (mailboxes.is_empty(), live) {
                (true, _) => "disposed",
                (false, true) => "present",
                (false, false) => "recoverable",
            },
            mailboxes,
            holds,
            tags: self.tags_of(record.ordinal),
            retention,
            related: self.related(record)?,
            provenance: self.provenance(record)?,
            findings: message.findings.iter().map(|f| format!("{}: {}", f.code, f.detail)).collect(),
            source_words: message.source_words,
            notes,
            details: message.details,
            attributed: self.attributions(record)?,
            warnings: Vec::new(),
        })
    }

    /// Why each mailbox has a phone's message.
    fn attributions(&self, record: &HitRecord) -> Result<Vec<Attribution>> {
        if record.source == SourceKind::Telemessage {
            return Ok(Vec::new());
        }
        let said = self.event_of(record)?.map(|(_, archived)| archived.attributed).unwrap_or_default();
        let attribution = |mailbox: &MailboxName| {
            let basis = self.state.boxes.get(mailbox)?.basis(record.ordinal.0)?;
            let known = said.iter().find(|attribution| attribution.mailbox == *mailbox);
            let by = known.map(|attribution| attribution.by.clone()).unwrap_or_default();
            Some(Attribution { mailbox: mailbox.clone(), basis, by })
        };
        Ok(self.state.mailboxes_of(record.ordinal.0).filter_map(attribution).collect())
    }

    /// Messages of the same story, oldest first.
    fn related(&self, record: &HitRecord) -> Result<Vec<Related>> {
        let Some(story) = &record.story else { return Ok(Vec::new()) };
        let mut records = match &self.index {
            Some(index) => index.by_story(story)?,
            None => Vec::new(),
        };
        let tail: Vec<_> =
            self.tail.iter().filter(|(_, m)| m.story.as_ref() == Some(story)).map(|(_, m)| m.ordinal).collect();
        records.extend(self.records(&tail)?);
        records.retain(|other| other.ordinal != record.ordinal && !self.state.purged.contains(other.ordinal.0));
        records.sort_by_key(|other| (other.sent, other.ordinal));
        let describe = |other: HitRecord| {
            let message = self.message_of(&other).ok();
            let told = message.as_ref().and_then(|message| message.details.as_ref()?.receipts_for.as_ref()).is_some();
            let relation = if told { "receipts" } else { relation(record, &other) };
            let body = message.map(|message| message.body).unwrap_or_default();
            Related { id: other.id, relation, sent: other.sent, subject: other.subject, body }
        };
        let mut related: Vec<Related> = records.into_iter().map(describe).collect();
        related.extend(self.quotes(record, story)?);
        Ok(related)
    }

    /// What replies kept of a message: of one that was deleted or edited, often all that is left of a text.
    fn quotes(&self, record: &HitRecord, story: &str) -> Result<Vec<Related>> {
        let Some(index) = &self.index else { return Ok(Vec::new()) };
        let mut quotes = Vec::new();
        for other in index.by_quoted(story)? {
            let elsewhere = other.account != record.account || other.conversation.id != record.conversation.id;
            if elsewhere || self.state.purged.contains(other.ordinal.0) {
                continue;
            }
            let kept = self.message_of(&other).ok().and_then(|message| message.details?.quote);
            if let Some(quote) = kept.filter(|quote| !quote.text.trim().is_empty()) {
                quotes.push(Related {
                    id: other.id,
                    relation: "quote",
                    sent: other.sent,
                    subject: other.subject,
                    body: quote.text,
                });
            }
        }
        Ok(quotes)
    }

    /// Where a message came from.
    pub(super) fn provenance(&self, record: &HitRecord) -> Result<Provenance> {
        let (entry, archived) = self.event_of(record)?.ok_or_else(|| {
            Error::new(ErrorKind::Damaged, format!("the journal has no line about message {}", record.id))
                .with_hint("run custodia verify")
        })?;
        let file = self.state.sources.get(&archived.run).and_then(|files| files.get(archived.source as usize));
        Ok(Provenance {
            source: archived.identity.source.as_str(),
            account: archived.identity.account,
            native_id: archived.identity.native,
            run: archived.run,
            file: file.map(|f| f.file.clone()).unwrap_or_default(),
            file_digest: file.map(|f| f.digest),
            entry: archived.entry,
            archived_at: entry.line.at,
            seq: entry.line.seq,
            line_hash: entry.hash,
            actor: entry.line.actor.label().to_owned(),
        })
    }
}

/// What another message of the same story is to this one.
fn relation(of: &HitRecord, other: &HitRecord) -> &'static str {
    let same_account = of.account == other.account || of.account.is_none() || other.account.is_none();
    match other.kind {
        _ if !same_account => "same_event",
        MessageKind::Deletion => "deletion",
        MessageKind::Edit => "edit",
        MessageKind::System if other.story.as_ref() != Some(&other.native) => "reaction",
        _ if of.native == other.native => "version",
        _ => "original",
    }
}
