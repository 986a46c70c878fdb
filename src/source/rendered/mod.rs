//! The e-mails that we make of a phone's messages: written, and understood again.
//!
//! Contract: what [`understand`] gives is the message that was rendered, but for the owner's mailbox and the findings, which
//! are not in the bytes. The fields are described one by one in the page [`rendered`](crate::docs::rendered). All but the
//! bytes of the attachments stands before the first of them, so that [`understand_head`] needs no more of a large e-mail.
//!
//! Limits: [`limits`](crate::model::limits) for MIME and parties.

mod address;
mod compose;
mod facts;
mod head;
mod literal;
mod notes;
mod subject;

pub use address::DOMAIN;
pub use compose::compose;
pub use facts::believable;
pub use head::RENDERER;
pub use notes::notes;
pub use subject::subject;

use crate::{
    eml::{Email, PartReader, render::encode},
    model::{Carbon, Code, Digest, Finding, Identity, Message, MessageKind, Participant, Place, SourceKind},
};
use facts::Facts;
use head::Head;

/// Understands one rendered e-mail. `identity.account` is `None`: it is not in the bytes. The places of its findings are
/// empty.
///
/// # Errors
/// A finding `not_an_email` if the bytes do not begin with a header field.
pub fn understand(kind: SourceKind, bytes: &[u8]) -> Result<Message, Finding> {
    let mail = parse(bytes)?;
    let mut message = read(kind, &mail, bytes);
    if mail.part_count() != Layout::of(&mail).before + message.attachments.len() {
        message.findings.push(Finding::new(Code::Truncated, Place::default(), "parts are missing"));
    }
    Ok(message)
}

/// The same from the first bytes of an e-mail with attachments; `None` if the first attachment does not begin in them, so that
/// more are needed. An e-mail without attachments must be read as a whole.
///
/// # Errors
/// As for [`understand`].
pub fn understand_head(kind: SourceKind, bytes: &[u8]) -> Result<Option<Message>, Finding> {
    let mail = parse(bytes)?;
    if mail.part_count() <= Layout::of(&mail).before {
        return Ok(None);
    }
    Ok(Some(read(kind, &mail, bytes)).filter(|message| !message.attachments.is_empty()))
}

fn parse(bytes: &[u8]) -> Result<Email<'_>, Finding> {
    let not_an_email = |_| Finding::new(Code::NotAnEmail, Place::default(), format!("{} bytes", bytes.len()));
    Email::parse(bytes).map_err(not_an_email)
}

/// The exact bytes of the attachment at `index` of [`Message::attachments`].
#[must_use]
pub fn attachment(bytes: &[u8], index: usize) -> Option<Vec<u8>> {
    let mail = Email::parse(bytes).ok()?;
    Some(mail.part(Layout::of(&mail).before.checked_add(index)?)?.into_owned())
}

/// A reader for the parts of a large e-mail that begins with these bytes, and the number of the part that is the first
/// attachment; `None` if it has no parts.
#[must_use]
pub fn attachment_reader(head: &[u8]) -> Option<(PartReader, usize)> {
    let before = Layout::of(&Email::parse(head).ok()?).before;
    Some((PartReader::of(head)?, before))
}

/// Gives the exact bytes of each of these attachments to `visit`; the e-mail is read once.
pub fn attachments(bytes: &[u8], wanted: &[usize], visit: &mut dyn FnMut(usize, &[u8])) {
    let Ok(mail) = Email::parse(bytes) else { return };
    let before = Layout::of(&mail).before;
    for index in wanted {
        if let Some(part) = before.checked_add(*index).and_then(|at| mail.part(at)) {
            visit(*index, &part);
        }
    }
}

/// Which part is what.
struct Layout {
    facts: Option<usize>,
    /// Parts before the attachments.
    before: usize,
}

impl Layout {
    fn of(mail: &Email<'_>) -> Self {
        let words = mail.header(head::PARTS).unwrap_or_default();
        let words: Vec<&str> = words.split_whitespace().collect();
        Self { facts: words.iter().position(|word| *word == "facts"), before: words.len().max(1) }
    }
}

fn read(kind: SourceKind, mail: &Email<'_>, bytes: &[u8]) -> Message {
    let mut findings = Vec::new();
    let mut note = |code, detail: &str| findings.push(Finding::new(code, Place::default(), detail));
    let mut head = Head::read(mail);
    let layout = Layout::of(mail);
    let body = mail.part(0).map(|bytes| encode::undo(&bytes)).unwrap_or_default();
    let facts = match layout.facts.map(|at| mail.part(at).and_then(|bytes| Facts::from_json(&bytes))) {
        Some(Some(facts)) => facts,
        Some(None) => {
            note(Code::Truncated, "the JSON part is damaged");
            Facts::default()
        }
        None => Facts::default(),
    };
    let native = head.native.take().unwrap_or_else(|| {
        note(Code::NoNativeId, "");
        Digest::of(bytes).to_hex()
    });
    if head.sent.is_none() {
        note(Code::DateMissing, "");
    }
    let (sender, recipients) = parties(mail);
    let details = head.restore(facts.details, &body);
    Message {
        identity: Identity { source: head.source.unwrap_or(kind), account: None, native },
        kind: head.kind.unwrap_or(MessageKind::Chat),
        call: facts.call.or(head.call),
        deletion: facts.deletion,
        edit: facts.edit,
        sent: head.sent.flatten(),
        sender: facts.sender.unwrap_or(sender),
        recipients: facts.recipients.unwrap_or(recipients),
        carbon: Carbon::default(),
        conversation: head.conversation,
        subject: mail.subject(),
        body,
        attachments: head.attachments,
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::new(details)),
        findings,
    }
}

/// Sender and recipients as far as the address fields say them.
fn parties(mail: &Email<'_>) -> (Participant, Vec<Participant>) {
    let read = |field: &str| mail.parties(field).0.iter().map(address::understood).collect::<Vec<_>>();
    let sender = read("from").into_iter().next().unwrap_or_default();
    let mut to = read("to");
    let count = mail.header(head::RECIPIENTS).and_then(|text| text.parse().ok()).unwrap_or(to.len());
    let recipients = to.split_off(to.len().saturating_sub(count));
    (sender, recipients)
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
