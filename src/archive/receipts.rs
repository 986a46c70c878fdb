//! Receipts that a later copy of a phone's data has and an earlier one had not.
//!
//! A message is archived once, with the receipts that the source knew then. When it is imported again and more people have
//! read it, the news becomes a message of its own, in the story of the first. Contract: the same news twice is one message; the
//! archived message never changes. Limit: a message that comes twice within one run is not compared with itself.

use super::{
    import::Run,
    pipeline::{Incoming, rendered},
};
use crate::{
    Result,
    model::{Details, Digest, Identity, Instant, Message, MessageKind, Ordinal, Participant, details::Receipt},
    source::phone::PhoneItem,
};

impl Run<'_> {
    /// The message about receipts that the archived message `ordinal` does not have; `None` if there is nothing new.
    pub(super) fn later_receipts(&self, ordinal: Ordinal, incoming: &Incoming) -> Result<Option<Incoming>> {
        let Some(phone) = &self.phone else { return Ok(None) };
        let Some(now) = incoming.message.details.as_ref().filter(|d| !d.receipts.is_empty()) else { return Ok(None) };
        let in_this_run =
            self.recent.first().is_none_or(|(first, _)| ordinal.0 >= *first) && ordinal.0 >= self.first_ordinal;
        if now.receipts_for.is_some() || in_this_run {
            return Ok(None);
        }
        let archived = self.writer.entry_facts(ordinal, &self.recent)?;
        // A file that is damaged or gone is `verify`'s to name.
        let Ok((then, _)) = self.writer.archive.understand(&archived) else { return Ok(None) };
        let known = then.details.map(|details| details.receipts).unwrap_or_default();
        let news: Vec<Receipt> = now.receipts.iter().filter(|receipt| !known.contains(receipt)).cloned().collect();
        if news.is_empty() {
            return Ok(None);
        }
        let item = PhoneItem {
            place: incoming.place.clone(),
            message: about(&incoming.message, news),
            blobs: Vec::new(),
            members: incoming.members.clone(),
        };
        rendered(&item, phone).map(Some)
    }
}

/// The message that tells the news about another.
fn about(message: &Message, news: Vec<Receipt>) -> Message {
    let times = |receipt: &Receipt| [receipt.delivered, receipt.read, receipt.played];
    let last = news.iter().flat_map(times).flatten().max();
    let body = news.iter().flat_map(lines).collect::<Vec<_>>().join("\n");
    let digest = Digest::of(body.as_bytes()).to_hex();
    let native = format!("receipts:{}:{}", message.identity.native, digest.get(..16).unwrap_or_default());
    let details = Details {
        from_me: message.details.as_ref().and_then(|details| details.from_me),
        receipts_for: Some(message.identity.native.clone()),
        receipts: news,
        ..Details::default()
    };
    Message {
        identity: Identity { native, ..message.identity.clone() },
        kind: MessageKind::System,
        call: None,
        deletion: None,
        edit: None,
        sent: last,
        sender: Participant::default(),
        recipients: Vec::new(),
        conversation: message.conversation.clone(),
        subject: String::new(),
        body,
        attachments: Vec::new(),
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::new(details)),
        findings: Vec::new(),
    }
}

fn lines(receipt: &Receipt) -> Vec<String> {
    let who = receipt.party.label();
    let line = |what: &str, at: Option<Instant>| at.map(|at| format!("{what} {who} {}", at.to_seconds_text()));
    let all =
        [line("Delivered to", receipt.delivered), line("Read by", receipt.read), line("Played by", receipt.played)];
    all.into_iter().flatten().collect()
}
