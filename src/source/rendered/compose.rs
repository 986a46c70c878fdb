//! A message of a phone as an e-mail: its fields and parts.
//!
//! Contract: depends on the message alone. What is not in the bytes: the owner's mailbox (but for the message id, which is
//! made with it), findings, places, members of the group.

use super::{
    address::{self, Nameless},
    facts::Facts,
    head, notes,
};
use crate::{
    eml::{
        Mailbox,
        render::{Mail, Part},
    },
    model::{ConversationKind, Digest, Instant, Message, MessageId, Participant, id::hex},
};
use chrono::{FixedOffset, TimeZone, Utc};

/// Recipients that are written into `To`; the JSON part has all of them.
const TO_PARTIES: usize = 1_000;
/// Minutes between UTC and any zone that there was.
const OFFSET_MINUTES: i32 = 18 * 60;

/// The e-mail of `message`, which has its subject and details and no absurd times.
#[must_use]
pub fn compose(message: &Message) -> Mail {
    let id = message.id();
    let mut mail = Mail::new(&id.to_string());
    let mut facts = Facts {
        call: message.call.clone(),
        deletion: message.deletion.clone(),
        edit: message.edit.clone(),
        details: message.details.as_deref().cloned(),
        ..Facts::default()
    };
    parties(message, &mut facts, &mut mail);
    if let Some(date) = date(message) {
        mail.words("Date", &date);
    }
    mail.text("Subject", &message.subject);
    thread(message, id, &mut mail);
    head::write(message, &mut mail);
    head::take(&mut facts, &message.body, &mut mail);
    parts(message, &facts, &mut mail);
    mail
}

fn parties(message: &Message, facts: &mut Facts, mail: &mut Mail) {
    let from_me = message.details.as_ref().and_then(|d| d.from_me);
    let from = named(&message.sender, Nameless::sender(from_me, message.kind));
    if !address::is_carried(&message.sender, &from) {
        facts.sender = Some(message.sender.clone());
    }
    mail.mailboxes("From", &[from]);
    let nameless = Nameless::recipient(from_me);
    let said: Vec<Mailbox> = message.recipients.iter().take(TO_PARTIES).map(|p| named(p, nameless)).collect();
    let carried = said.iter().zip(&message.recipients).all(|(mailbox, party)| address::is_carried(party, mailbox));
    if !carried || said.len() < message.recipients.len() {
        facts.recipients = Some(message.recipients.clone());
    }
    let count = said.len();
    let shared = matches!(
        message.conversation.kind,
        ConversationKind::Group | ConversationKind::Community | ConversationKind::Broadcast
    );
    let mut to = Vec::with_capacity(count + 1);
    if shared || (count == 0 && from_me == Some(true)) {
        to.push(address::conversation(&message.conversation));
    } else if count == 0 {
        to.push(nameless.mailbox());
    }
    to.extend(said);
    mail.mailboxes("To", &to);
    mail.words(head::RECIPIENTS, &count.to_string());
}

fn named(party: &Participant, nameless: Nameless) -> Mailbox {
    if party.is_unknown() { nameless.mailbox() } else { address::mailbox(party) }
}

/// The Date field: with the offset that the phone had, else in UTC with `-0000` (RFC 5322 section 3.3: nothing is said of the
/// local time).
fn date(message: &Message) -> Option<String> {
    let Instant(millis) = message.sent?;
    let form = "%a, %d %b %Y %H:%M:%S";
    let offset = message.details.as_ref()?.wall.as_ref().and_then(|wall| wall.offset_minutes);
    let offset = offset.filter(|m| (-OFFSET_MINUTES..=OFFSET_MINUTES).contains(m));
    match offset.and_then(|minutes| FixedOffset::east_opt(minutes * 60)) {
        Some(zone) => Some(zone.timestamp_millis_opt(millis).single()?.format(&format!("{form} %z")).to_string()),
        None => Some(Utc.timestamp_millis_opt(millis).single()?.format(&format!("{form} -0000")).to_string()),
    }
}

/// Message-ID, and what makes a mail client show a conversation as one thread.
fn thread(message: &Message, id: MessageId, mail: &mut Mail) {
    let domain = address::DOMAIN;
    mail.words("Message-ID", &format!("<{id}@{domain}>"));
    let details = message.details.as_deref();
    let quoted = details.and_then(|d| d.quote.as_ref()).and_then(|q| q.message);
    let target = quoted.or_else(|| details.and_then(|d| d.reaction.as_ref()).and_then(|r| r.message));
    let chat = hex(Digest::of(message.conversation.id.as_bytes()).0.get(..16).unwrap_or_default());
    let root = format!("<c_{chat}@{domain}>");
    match target {
        Some(target) => {
            mail.words("In-Reply-To", &format!("<{target}@{domain}>"));
            mail.words("References", &format!("{root} <{target}@{domain}>"));
        }
        None => mail.words("References", &root),
    }
}

fn parts(message: &Message, facts: &Facts, mail: &mut Mail) {
    let mut words = vec!["text"];
    mail.part(Part::Text(message.body.clone()));
    if let Some(notes) = notes::notes(message) {
        words.push("notes");
        mail.part(Part::Text(notes));
    }
    if let Some(text) = facts.to_json() {
        words.push("facts");
        mail.part(Part::Data { media_type: "application/json", name: super::facts::NAME, text });
    }
    mail.words(head::PARTS, &words.join(" "));
    for attachment in &message.attachments {
        let media_type = head::written_type(&attachment.media_type);
        mail.part(Part::Attachment { media_type, name: attachment.name.clone() });
    }
}
