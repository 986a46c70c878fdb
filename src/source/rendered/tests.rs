//! What a rendered e-mail looks like, and that it is understood again; the helpers of the property tests.

use super::*;
use crate::{
    eml::render::Part,
    model::{
        Call, CallMedia, Conversation, ConversationKind, Deletion, DeletionScope, Details, Edit, Instant, MessageId,
        PhoneNumber, ReadState, details::*,
    },
};

/// Renders a message whose attachments have these bytes.
pub(super) fn render(message: &Message, blobs: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut open = |at: usize| -> std::io::Result<Box<dyn std::io::Read>> {
        Ok(Box::new(std::io::Cursor::new(blobs[at].clone())))
    };
    compose(message).write(&mut bytes, &mut open).unwrap();
    bytes
}

pub(super) fn plain(body: &str) -> Message {
    Message {
        identity: Identity { source: SourceKind::Android, account: None, native: "3EB0A1".into() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(Instant(1_772_615_561_000)),
        sender: party("Ann Lee", "447700900101"),
        recipients: vec![party("Bo", "447700900102")],
        carbon: Default::default(),
        conversation: Conversation {
            id: "447700900102@s.whatsapp.net".into(),
            name: Some("Bo".into()),
            kind: ConversationKind::Direct,
        },
        subject: String::new(),
        body: body.into(),
        attachments: Vec::new(),
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::new(Details { from_me: Some(true), ..Details::default() })),
        findings: Vec::new(),
    }
}

fn party(name: &str, number: &str) -> Participant {
    Participant { name: (!name.is_empty()).then(|| name.into()), number: PhoneNumber::parse(number), email: None }
}

/// Renders, checks what must be true of any rendered e-mail, and gives its bytes.
pub(super) fn checked(message: &Message, blobs: &[Vec<u8>]) -> Vec<u8> {
    let bytes = render(message, blobs);
    assert_eq!(render(message, blobs), bytes, "the same input, the same bytes");
    let text = String::from_utf8(bytes.clone()).expect("ASCII");
    assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n')), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{text}");
    let understood = understand(SourceKind::Ios, &bytes).unwrap();
    assert_eq!(&understood, message, "{text}");
    assert_eq!(understood.id(), message.id());
    for (at, blob) in blobs.iter().enumerate() {
        assert_eq!(&attachment(&bytes, at).unwrap(), blob);
    }
    assert_eq!(attachment(&bytes, blobs.len()), None);
    // All but the bytes of the attachments stands before the first one.
    if message.attachments.len() == 1
        && let Some(at) = text.rfind("base64\r\n\r\n")
    {
        assert_eq!(understand_head(SourceKind::Ios, &bytes[..at + 10]).unwrap().as_ref(), Some(message));
        let begun = text.find("X-Custodia-Attachment").unwrap();
        assert_eq!(understand_head(SourceKind::Ios, &bytes[..begun + 90]).unwrap(), None);
    }
    bytes
}

pub(super) fn with_subject(mut message: Message) -> Message {
    message.subject = subject(&message);
    message
}

#[test]
fn a_plain_message_is_one_part_that_a_person_can_read() {
    let message = with_subject(plain("Hello Bo,\nsee you"));
    let text = String::from_utf8(checked(&message, &[])).unwrap();
    let id = message.id();
    assert_eq!(
        text,
        format!(
            "From: \"Ann Lee\" <447700900101@whatsapp.invalid>\r\nTo: \"Bo\" <447700900102@whatsapp.invalid>\r\n\
             X-Custodia-Recipients: 1\r\nDate: Wed, 04 Mar 2026 09:12:41 -0000\r\n\
             Subject: WhatsApp message from 447700900101 to 447700900102\r\nMessage-ID: <{id}@whatsapp.invalid>\r\n\
             References: <c_1752d1936b86833a1f97a855dffcda5e@whatsapp.invalid>\r\nX-Custodia-Renderer: 1\r\n\
             X-Custodia-Source: android\r\nX-Custodia-Native-Id: 3EB0A1\r\nX-Custodia-Kind: chat\r\n\
             X-Custodia-Conversation-Id: 447700900102@s.whatsapp.net\r\nX-Custodia-Conversation-Name: Bo\r\n\
             X-Custodia-Conversation-Kind: direct\r\nX-Custodia-Date: 2026-03-04T09:12:41Z\r\n\
             X-Custodia-From-Me: yes\r\nX-Custodia-Parts: text\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\
             Hello Bo,\r\nsee you\r\n"
        )
    );
}

#[test]
fn bodies_come_back_to_the_byte() {
    let long = "x".repeat(5_000);
    for body in [
        "",
        "\n",
        "\r\n",
        "a\r\nb\rc\0",
        " \n ",
        "ends in blank ",
        "\n\nbegins",
        "--=_m_\n",
        "\u{feff}x",
        ".",
        "From x",
        &long,
        "=?utf-8?q?fake?=",
    ] {
        checked(&with_subject(plain(body)), &[]);
    }
}

#[test]
fn the_date_has_the_offset_of_the_phone_where_it_is_known() {
    let mut message = with_subject(plain("x"));
    let wall = WallTime {
        shown: "2026-03-04T14:42".into(),
        offset_minutes: Some(330),
        precision: "minute".into(),
        ..WallTime::default()
    };
    message.details.as_mut().unwrap().wall = Some(wall);
    let text = String::from_utf8(checked(&message, &[])).unwrap();
    assert!(text.contains("Date: Wed, 04 Mar 2026 14:42:41 +0530\r\n"), "{text}");
    assert!(text.contains("X-Custodia-Wall: 2026-03-04T14:42 minute - 330 -\r\n"), "{text}");
    message.sent = None;
    let text = String::from_utf8(checked(&message, &[])).unwrap();
    assert!(!text.contains("\r\nDate:") && text.contains("X-Custodia-Date: unknown\r\n"), "{text}");
}

#[test]
fn subjects_have_the_forms_of_the_original() {
    let shape = |change: &dyn Fn(&mut Message)| {
        let mut message = plain("x");
        change(&mut message);
        checked(&with_subject(message.clone()), &[]);
        subject(&message)
    };
    let group = |m: &mut Message, name: Option<&str>| {
        m.conversation = Conversation { id: "g".into(), name: name.map(str::to_owned), kind: ConversationKind::Group };
    };
    let call = |media, answered| Some(Call { media, answered, aggregated: false, legs: Vec::new() });
    let (a, b) = ("447700900101", "447700900102");
    assert_eq!(shape(&|m| group(m, Some("Deal room"))), format!("WhatsApp message from {a} to chat group Deal room"));
    assert_eq!(shape(&|m| group(m, None)), format!("WhatsApp message from {a} to chat group"));
    assert_eq!(
        shape(&|m| (m.kind, m.call) = (MessageKind::Call, call(CallMedia::Video, Some(false)))),
        format!("WhatsApp unanswered video call from {a} to {b}")
    );
    assert_eq!(
        shape(&|m| (m.kind, m.call) = (MessageKind::Call, call(CallMedia::Voice, None))),
        format!("WhatsApp voice call from {a} to {b}")
    );
    assert_eq!(
        shape(&|m| {
            let files = Vec::new();
            let (scope, read) = (DeletionScope::ForAll, ReadState::Unknown);
            (m.kind, m.deletion) =
                (MessageKind::Deletion, Some(Deletion { scope, read, target: Some("3EB0A1".into()), files }));
        }),
        format!("DELETED For All - UNKNOWN - WhatsApp message from {a} to {b}")
    );
    assert_eq!(
        shape(&|m| {
            m.kind = MessageKind::Edit;
            m.edit = Some(Edit {
                read: ReadState::Read,
                target: None,
                edit_id: None,
                last_edit_id: None,
                previous: Some("y".into()),
                edited: None,
            });
        }),
        format!("EDIT READ - WhatsApp message from {a} to {b}")
    );
    assert_eq!(
        shape(&|m| {
            (m.kind, m.sender) = (MessageKind::System, Participant::default());
            m.details = Some(Box::default());
            group(m, Some("Deal room"));
        }),
        "WhatsApp event in chat group Deal room"
    );
    assert_eq!(
        shape(&|m| m.sender = Participant::default()),
        format!("WhatsApp message from Owner of the phone to {b}")
    );
    assert_eq!(
        shape(&|m| {
            m.details.as_mut().unwrap().from_me = Some(false);
            (m.sender, m.recipients) = (party("Bo, \r\nJr", ""), Vec::new());
        }),
        "WhatsApp message from Bo, Jr to Owner of the phone"
    );
}

#[test]
fn the_id_does_not_depend_on_names_that_may_change() {
    let message = with_subject(plain("x"));
    let mut renamed = message.clone();
    renamed.conversation.name = Some("Bobby".into());
    renamed.recipients[0].name = Some("Bobby".into());
    assert_eq!((with_subject(renamed).id(), plain("x").id()), (message.id(), message.id()));
}

#[test]
fn notes_say_in_words_what_is_no_text() {
    let mut message = plain("");
    let details = message.details.as_mut().unwrap();
    details.location = Some(Location {
        latitude: Some("51.5".into()),
        longitude: Some("-0.12".into()),
        name: "Pier\n> forged".into(),
        ..Location::default()
    });
    details.quote = Some(Quote { message: Some(MessageId([7; 16])), text: "one\ntwo".into(), ..Quote::default() });
    let text = String::from_utf8(checked(&with_subject(message), &[])).unwrap();
    for line in [
        "In-Reply-To: <m_07070707070707070707070707070707@whatsapp.invalid>",
        "X-Custodia-Parts: text notes facts",
        "In reply:",
        "> two",
        "Name: Pier > forged",
        "Coordinates: 51.5, -0.12 (geo:51.5,-0.12)",
    ] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}\n{text}");
    }
}

#[test]
fn a_text_with_the_boundary_in_it_is_encoded() {
    let message = with_subject(plain("x"));
    let boundary = format!("=_{}", message.id());
    let mut mail = compose(&message);
    mail.part(Part::Text(format!("--{boundary}--\nx")));
    let mut bytes = Vec::new();
    mail.write(&mut bytes, &mut |_| Err(std::io::Error::other("none"))).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap().matches(&boundary).count(), 4);
}

#[test]
fn every_field_of_ours_is_described_on_its_page() {
    let page = include_str!("../../docs/rendered.md");
    let names = |text: &str, end: char| -> std::collections::BTreeSet<String> {
        let after = text.split("X-Custodia-").skip(1);
        after.map(|rest| rest.split(end).next().unwrap().to_owned()).collect()
    };
    let written = names(include_str!("head.rs").split_once("const NATIVE").unwrap().1, '"');
    assert_eq!(names(page, '`'), written);
}
