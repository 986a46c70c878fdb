//! Receipts that a later copy of a phone's data has and an earlier one had not.
//!
//! A message is archived once, with the receipts that the source knew then. When it is imported again and more people have
//! read it, the news becomes a message of its own, in the story of the first. Contract: the same news twice is one message, whatever the
//! address book says by then; the archived message never changes. Limit: a message that comes twice within one run is not
//! compared with itself.

use super::{
    Archive,
    import::Run,
    pipeline::{Incoming, rendered},
};
use crate::{
    Result,
    model::{Details, Digest, Identity, Instant, Message, MessageKind, Ordinal, Participant, details::Receipt},
    source::phone::PhoneItem,
};
use std::collections::HashSet;

impl Run<'_> {
    /// The message about receipts that the archived message `ordinal` does not have; `None` if there is nothing new.
    pub(super) fn later_receipts(&self, ordinal: Ordinal, incoming: &Incoming) -> Result<Option<Incoming>> {
        let Some(phone) = &self.phone else { return Ok(None) };
        let Some(now) = incoming.message.details.as_ref().filter(|d| !d.receipts.is_empty()) else { return Ok(None) };
        let archive = &self.writer.archive;
        let gone = archive.state.purged.contains(ordinal.0);
        if now.receipts_for.is_some() || ordinal.0 >= self.first_ordinal || gone {
            return Ok(None);
        }
        // A file that is damaged or gone is `verify`'s to name.
        let Ok(then) = archive.record_of(ordinal).and_then(|record| archive.message_of(&record)) else {
            return Ok(None);
        };
        let receipts = |message: Message| message.details.map(|details| details.receipts).unwrap_or_default();
        let mut known: HashSet<Key> = receipts(then).iter().map(key).collect();
        if now.receipts.iter().all(|receipt| known.contains(&key(receipt))) {
            return Ok(None);
        }
        for told in archive.told_receipts(&incoming.message.identity)? {
            known.extend(receipts(told).iter().map(key));
        }
        let news: Vec<Receipt> =
            now.receipts.iter().filter(|receipt| !known.contains(&key(receipt))).cloned().collect();
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

/// What makes a receipt: whose it is (by number, else address, else name) and its times. A renamed contact is no news.
type Key = (String, [Option<Instant>; 3]);

fn key(receipt: &Receipt) -> Key {
    let Participant { name, number, email } = &receipt.party;
    let who = number.as_ref().map(|number| number.digits().to_owned());
    let who = who.or_else(|| email.clone()).or_else(|| name.clone()).unwrap_or_default();
    (who, [receipt.delivered, receipt.read, receipt.played])
}

impl Archive {
    /// The messages that told receipts of this message before.
    fn told_receipts(&self, identity: &Identity) -> Result<Vec<Message>> {
        let Some(index) = &self.index else { return Ok(Vec::new()) };
        let records = index.by_story(&identity.native)?.into_iter().filter(|record| {
            let other = record.source != identity.source || record.account != identity.account;
            record.native != identity.native && !other && !self.state.purged.contains(record.ordinal.0)
        });
        let messages = records.filter_map(|record| self.message_of(&record).ok());
        Ok(messages.filter(|message| message.details.as_ref().is_some_and(|d| d.receipts_for.is_some())).collect())
    }
}

/// The message that tells the news about another.
fn about(message: &Message, news: Vec<Receipt>) -> Message {
    let times = |receipt: &Receipt| [receipt.delivered, receipt.read, receipt.played];
    let last = news.iter().flat_map(times).flatten().max();
    let body = news.iter().flat_map(lines).collect::<Vec<_>>().join("\n");
    let keys: Vec<String> = news.iter().map(|receipt| format!("{:?}", key(receipt))).collect();
    let digest = Digest::of(keys.join("\n").as_bytes()).to_hex();
    let native = format!("receipts:{}:{}", message.identity.native, digest.get(..16).unwrap_or_default());
    let details = Details {
        from_me: message.details.as_ref().and_then(|details| details.from_me),
        receipts_for: Some(message.identity.native.clone()),
        receipts: news,
        ..Details::default()
    };
    let identity = Identity { native, ..message.identity.clone() };
    Message {
        kind: MessageKind::System,
        sent: last,
        body,
        details: Some(Box::new(details)),
        ..Message::empty(identity, message.conversation.clone())
    }
}

fn lines(receipt: &Receipt) -> Vec<String> {
    let who = receipt.party.label();
    let line = |what: &str, at: Option<Instant>| at.map(|at| format!("{what} {who} {}", at.to_seconds_text()));
    let all =
        [line("Delivered to", receipt.delivered), line("Read by", receipt.read), line("Played by", receipt.played)];
    all.into_iter().flatten().collect()
}
