//! The TeleMessage feed of the WhatsApp Archiver: what one e-mail of it means.
//!
//! Contract: [`understand`] is a pure function of the bytes, so that a message is understood the same way when it is imported
//! and when the index is rebuilt from the vault. It never changes a byte, never panics, and refuses only what is
//! no e-mail at all; everything else that is odd is a finding in the message. Facts and their sources: the vendor's
//! documents and public consumers of the feed; the fixtures in `fixtures/mails` show every variant.
//!
//! Limits: [`limits`] for MIME and participants. Reactions and reply links are not in the feed.

mod body;
mod conversation;
mod headers;
mod native;
mod participants;
mod subject;
mod words;

pub mod feed;
pub mod manifest;

use crate::{
    eml::{Email, MailDate},
    model::{
        Call, CallMedia, Carbon, Code, Deletion, DeletionScope, Edit, Finding, Identity, Instant, Message, MessageKind,
        Participant, Place, ReadState, SourceKind, limits,
    },
};
use headers::Words;
use native::Prefix;
use std::borrow::Cow;
use subject::{Form, Notice, Subject};

/// Journals in journals that are opened.
const WRAPPINGS: usize = 3;

/// Understands one e-mail of the feed. The places of its findings are empty: the caller knows where it was.
///
/// # Errors
/// A finding `not_an_email` if the bytes do not begin with a header field.
pub fn understand(bytes: &[u8]) -> Result<Message, Finding> {
    let not_an_email = || Finding::new(Code::NotAnEmail, Place::default(), format!("{} bytes", bytes.len()));
    let outer = Email::parse(bytes).map_err(|_| not_an_email())?;
    let (inner, wrapped) = open_journal(&outer);
    let Some(inner) = inner else {
        let mut message = read(&outer, bytes, None);
        if wrapped {
            message.findings.insert(0, Finding::new(Code::JournalInnerMissing, Place::default(), ""));
        }
        return Ok(message);
    };
    let mail = Email::parse(&inner).map_err(|_| not_an_email())?;
    let mut message = read(&mail, bytes, outer.defect());
    message.journaled = true;
    Ok(message)
}

/// The exact bytes of the attachment at `index` of [`Message::attachments`].
#[must_use]
pub fn attachment(bytes: &[u8], index: usize) -> Option<Vec<u8>> {
    let outer = Email::parse(bytes).ok()?;
    match open_journal(&outer).0 {
        Some(inner) => Email::parse(&inner).ok()?.attachment(index),
        None => outer.attachment(index),
    }
}

/// Gives the exact bytes of each of these attachments to `visit`; the e-mail is read once.
pub fn attachments(bytes: &[u8], wanted: &[usize], visit: &mut dyn FnMut(usize, &[u8])) {
    let Ok(outer) = Email::parse(bytes) else { return };
    let mut each = |mail: &Email<'_>| {
        for index in wanted {
            if let Some(part) = mail.attachment(*index) {
                visit(*index, &part);
            }
        }
    };
    match open_journal(&outer).0 {
        Some(inner) => Email::parse(&inner).iter().for_each(each),
        None => each(&outer),
    }
}

/// The wrapped item of a journal mail, if it is one, and whether it should be one.
fn open_journal<'a>(outer: &Email<'a>) -> (Option<Cow<'a, [u8]>>, bool) {
    let report = outer.header("x-ms-journal-report").is_some();
    if is_item(outer) && !report {
        return (None, false);
    }
    let mut candidates: Vec<Cow<'a, [u8]>> = outer.wrapped().collect();
    let wrapped = report || !candidates.is_empty();
    for _ in 0..WRAPPINGS {
        let mut deeper = Vec::new();
        for candidate in candidates {
            match Email::parse(&candidate) {
                Ok(mail) if is_item(&mail) => return (Some(candidate.clone()), true),
                Ok(mail) => deeper.extend(mail.wrapped().map(|inner| Cow::Owned(inner.into_owned()))),
                Err(_) => {}
            }
        }
        candidates = deeper;
    }
    (None, wrapped)
}

/// Whether the e-mail itself is an item of the feed.
fn is_item(mail: &Email<'_>) -> bool {
    mail.has_header_prefix(headers::PREFIX) || subject::read(&mail.subject()).is_known()
}

/// Reads an item. `whole` is the file that it came in; `outer` is what is wrong with the mail around it.
fn read(mail: &Email<'_>, whole: &[u8], outer: Option<crate::eml::mime::Defect>) -> Message {
    let mut findings = Vec::new();
    let mut note = |code, detail: &str| findings.push(Finding::new(code, Place::default(), detail));
    let words = Words::read(mail);
    let subject_text = mail.subject();
    let subject = subject::read(&subject_text);
    let native = words.native_id(mail, whole, &mut note);
    let prefix = words.archive_id.as_deref().map_or(Prefix::Original, |id| native::split(id).0);
    if !subject.is_known() {
        note(Code::SubjectUnknown, "");
    }
    let sent = sent(mail, &mut note);
    if let Some(defect) = mail.defect().or(outer) {
        note(Code::Truncated, defect.as_str());
    }
    if words.encrypted {
        note(Code::Encrypted, words.key_id.as_deref().unwrap_or_default());
    }
    let (sender, recipients, carbon) = parties(mail, &subject, &mut note);
    let body = if words.encrypted { String::new() } else { mail.body() };
    let own = native.clone();
    let conversation = conversation::conversation(words.clues.clone(), &subject, &sender, &recipients, &own);
    let kind = kind(&subject, prefix, &words);
    let target = words.archive_id.as_deref().map(|id| native::split(id).1.to_owned());
    Message {
        call: (kind == MessageKind::Call).then(|| call(&subject, &words, &body)),
        deletion: (kind == MessageKind::Deletion).then(|| deletion(&subject, prefix, target.clone(), &body)),
        edit: (kind == MessageKind::Edit).then(|| edit(&subject, prefix, target, &body)),
        media_removed: body::media_removed(&body),
        identity: Identity { source: SourceKind::Telemessage, account: words.account.clone(), native },
        kind,
        sent,
        sender,
        recipients,
        carbon,
        conversation,
        subject: subject_text,
        attachments: mail.attachments(),
        body,
        encrypted: words.encrypted,
        journaled: false,
        source_words: words.said,
        details: None,
        findings,
    }
}

fn sent(mail: &Email<'_>, note: &mut dyn FnMut(Code, &str)) -> Option<Instant> {
    match mail.date() {
        MailDate::At(instant) => Some(instant),
        MailDate::Absurd(text) => {
            note(Code::DateAbsurd, &text);
            None
        }
        MailDate::Missing => {
            note(Code::DateMissing, "");
            None
        }
    }
}

/// Sender and recipients from the address fields; numbers that only the subject has are taken from there.
fn parties(
    mail: &Email<'_>,
    subject: &Subject,
    note: &mut dyn FnMut(Code, &str),
) -> (Participant, Vec<Participant>, Carbon) {
    let mut whole = true;
    let mut read = |field: &str| {
        let (parties, all) = mail.parties(field);
        whole &= all;
        parties.iter().map(participants::participant).collect::<Vec<_>>()
    };
    let mut first = |field: &str| read(field).into_iter().find(|p| !p.is_unknown());
    let mut sender = first("from").or_else(|| first("sender")).unwrap_or_default();
    let mut recipients: Vec<Participant> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    // Who stands in two lines stands in the first of them.
    let mut behind = [0; 3];
    for (field, behind) in ["to", "cc", "bcc"].into_iter().zip(&mut behind) {
        for party in read(field) {
            if seen.insert(party.clone()) {
                recipients.push(party);
            }
        }
        recipients.truncate(limits::PARTICIPANTS + 1);
        *behind = recipients.len().min(limits::PARTICIPANTS);
    }
    let [to, cc, bcc] = behind;
    let carbon = Carbon { cc: cc.saturating_sub(to), bcc: bcc.saturating_sub(cc) };
    if !whole || recipients.len() > limits::PARTICIPANTS {
        recipients.truncate(limits::PARTICIPANTS);
        note(Code::Truncated, "more participants than are looked up");
    }
    complete(&mut sender, &participants::party(&subject.from));
    if let subject::Target::Party(to) = &subject.to {
        let to = participants::party(to);
        match recipients.as_mut_slice() {
            [] if !to.is_unknown() => recipients.push(to),
            [only] => complete(only, &to),
            _ => {}
        }
    }
    (sender, recipients, carbon)
}

/// Adds what the subject knows and the address field does not.
fn complete(party: &mut Participant, said: &Participant) {
    if party.is_unknown() {
        *party = said.clone();
    } else if party.number.is_none() {
        party.number.clone_from(&said.number);
    }
}

fn kind(subject: &Subject, prefix: Prefix, words: &Words) -> MessageKind {
    match (subject.notice, prefix, subject.form) {
        (Some(Notice::Deleted(..)), ..) => MessageKind::Deletion,
        (Some(Notice::Edited(_)), ..) => MessageKind::Edit,
        (_, Prefix::DeletedForMe | Prefix::DeletedForAll | Prefix::ChatCleared, _) => MessageKind::Deletion,
        (_, Prefix::Edited, _) => MessageKind::Edit,
        (_, _, Form::Call(..) | Form::CallList) => MessageKind::Call,
        (_, _, Form::Message) => MessageKind::Chat,
        (_, _, Form::Unknown) => match words.message_type().as_deref() {
            Some("voice-call" | "video-call" | "call-log") => MessageKind::Call,
            Some("event") => MessageKind::System,
            _ => MessageKind::Chat,
        },
    }
}

fn call(subject: &Subject, words: &Words, body: &str) -> Call {
    let (media, answered) = match subject.form {
        Form::Call(media, answered) => (media, answered),
        _ => match words.message_type().as_deref() {
            Some("voice-call") => (CallMedia::Voice, None),
            Some("video-call") => (CallMedia::Video, None),
            _ => (CallMedia::Unknown, None),
        },
    };
    let aggregated = subject.form == Form::CallList;
    Call { media, answered, aggregated, legs: if aggregated { body::call_legs(body) } else { Vec::new() } }
}

fn deletion(subject: &Subject, prefix: Prefix, target: Option<String>, body: &str) -> Deletion {
    let (said, read) = match subject.notice {
        Some(Notice::Deleted(scope, read)) => (scope, read),
        _ => (DeletionScope::Unknown, ReadState::Unknown),
    };
    let scope = match prefix {
        Prefix::ChatCleared => DeletionScope::WholeChat,
        Prefix::DeletedForMe if said == DeletionScope::Unknown => DeletionScope::ForMe,
        Prefix::DeletedForAll if said == DeletionScope::Unknown => DeletionScope::ForAll,
        _ => said,
    };
    // An id without a prefix is the notice's own, not the original's.
    let target = body::deletion_target(body).or(target.filter(|_| prefix != Prefix::Original));
    Deletion { scope, read, target, files: body::files(body) }
}

fn edit(subject: &Subject, prefix: Prefix, target: Option<String>, body: &str) -> Edit {
    let read = match subject.notice {
        Some(Notice::Edited(read)) => read,
        _ => ReadState::Unknown,
    };
    let text = body::edit(body);
    Edit {
        read,
        target: text.target.or(target.filter(|_| prefix != Prefix::Original)),
        edit_id: text.edit_id,
        last_edit_id: text.last_edit_id,
        previous: text.previous,
        edited: text.edited,
    }
}

#[cfg(test)]
mod fixture_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ITEM: &str = "From: \"Ann Lee 447700900101\" <ann@northgate.example>\r\nTo: \"447700900102\" <bo@client.example>\r\n\
        Subject: WhatsApp message from 447700900101 to 447700900102\r\nDate: Wed, 04 Mar 2026 09:12:41 +0000\r\n\
        X-TELEMESSAGE-ArchiveMessageID: 3EB0A1\r\nX-TELEMESSAGE-ArchiveInitiator: +447700900101\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n";

    #[test]
    fn a_journal_mail_is_understood_by_its_inner_item_whatever_is_around_it() {
        let item = understand(ITEM.as_bytes()).unwrap();
        let journal = format!(
            "From: journal@northgate.example\r\nTo: archive@northgate.example\r\nSubject: report\r\nX-MS-Journal-Report:\r\n\
             Content-Type: multipart/mixed; boundary=j\r\n\r\n--j\r\nContent-Type: text/plain\r\n\r\nSender: ann\r\n--j\r\n\
             Content-Type: message/rfc822\r\n\r\n{ITEM}\r\n--j--\r\n"
        );
        let wrapped = understand(journal.as_bytes()).unwrap();
        assert_eq!((wrapped.journaled, &wrapped.identity, &wrapped.body), (true, &item.identity, &item.body));
        assert_eq!((wrapped.source_digest(), wrapped.findings.len()), (item.source_digest(), 0));
        let cut =
            understand(journal.replace("X-TELEMESSAGE", "X-Other").replace("WhatsApp message", "Hello").as_bytes());
        assert!(cut.unwrap().findings.iter().any(|f| f.code == Code::JournalInnerMissing));
    }

    #[test]
    fn an_email_that_is_attached_to_an_item_is_an_attachment() {
        let head = ITEM.replace("Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n", "");
        let mail = format!(
            "{head}Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nsee\r\n--m\r\n\
             Content-Type: message/rfc822; name=\"old.eml\"\r\n\r\n{ITEM}\r\n--m--\r\n"
        );
        let message = understand(mail.as_bytes()).unwrap();
        assert_eq!((message.journaled, message.body.as_str()), (false, "see"));
        assert_eq!((message.attachments.len(), message.attachments[0].name.as_str()), (1, "old.eml"));
        assert_eq!(attachment(mail.as_bytes(), 0).unwrap(), ITEM.as_bytes());
    }

    #[test]
    fn identity_falls_back_and_says_so() {
        let no_id = ITEM.replace("X-TELEMESSAGE-ArchiveMessageID: 3EB0A1\r\n", "Message-ID: <m1@x.example>\r\n");
        let message = understand(no_id.as_bytes()).unwrap();
        assert_eq!((message.identity.native.as_str(), message.findings[0].code), ("m1@x.example", Code::NoNativeId));
        let nothing = no_id.replace("Message-ID: <m1@x.example>\r\n", "");
        let message = understand(nothing.as_bytes()).unwrap();
        assert_eq!(message.identity.native, crate::model::Digest::of(nothing.as_bytes()).to_hex());
    }

    #[test]
    fn more_participants_than_the_limit_are_noted() {
        let many: Vec<String> = (0..limits::PARTICIPANTS + 5).map(|n| format!("u{n}@x.example")).collect();
        let mail = ITEM.replace("\"447700900102\" <bo@client.example>", &many.join(", "));
        let message = understand(mail.as_bytes()).unwrap();
        assert_eq!(message.recipients.len(), limits::PARTICIPANTS);
        assert!(message.findings.iter().any(|f| f.code == Code::Truncated));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_damage_to_an_item_makes_it_panic(at in 0..ITEM.len(), with in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..ITEM.len()) {
            let mut bytes = ITEM.as_bytes().to_vec();
            let end = (at + with.len()).min(bytes.len());
            bytes.splice(at..end, with);
            for bytes in [&bytes[..], &bytes[..cut.min(bytes.len())]] {
                if let Ok(message) = understand(bytes) {
                    prop_assert_eq!(understand(bytes).unwrap(), message);
                }
            }
        }

        #[test]
        fn no_fields_make_it_panic(subject in "\\PC{0,60}", id in "\\PC{0,40}", from in "\\PC{0,40}", body in "\\PC{0,80}") {
            let mail = format!("From: {from}\r\nTo: {from}\r\nSubject: DELETED For All - READ {subject}\r\nX-TELEMESSAGE-ArchiveMessageID: EDIT-{id}\r\n\r\n{body}");
            let message = understand(mail.as_bytes()).unwrap();
            prop_assert_eq!(message.kind, MessageKind::Deletion);
        }
    }
}
