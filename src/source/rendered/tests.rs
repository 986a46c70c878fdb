use super::*;
use crate::{
    eml::render::Part,
    model::{
        Attachment, Call, CallMedia, Conversation, ConversationKind, Deletion, DeletionScope, Details, Edit, Instant,
        MessageId, PhoneNumber, ReadState, details::*, message::CallLeg,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Renders a message whose attachments have these bytes.
fn render(message: &Message, blobs: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut open = |at: usize| -> std::io::Result<Box<dyn std::io::Read>> {
        Ok(Box::new(std::io::Cursor::new(blobs[at].clone())))
    };
    compose(message).write(&mut bytes, &mut open).unwrap();
    bytes
}

fn plain(body: &str) -> Message {
    Message {
        identity: Identity { source: SourceKind::Android, account: None, native: "3EB0A1".into() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(Instant(1_772_615_561_000)),
        sender: party("Ann Lee", "447700900101"),
        recipients: vec![party("Bo", "447700900102")],
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
fn checked(message: &Message, blobs: &[Vec<u8>]) -> Vec<u8> {
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
        assert_eq!(&understand_head(SourceKind::Ios, &bytes[..at + 10]).unwrap(), message);
    }
    bytes
}

fn with_subject(mut message: Message) -> Message {
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

fn nasty() -> BoxedStrategy<String> {
    let words = select(vec![
        "Ann",
        " ",
        "  ",
        ",",
        "\"",
        "\\",
        "<a@b.example>",
        "(c)",
        ":",
        ";",
        "@",
        "=?utf-8?q?fake?=",
        "=?",
        "?=",
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\t",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202f}",
        "\u{200e}",
        "\u{202e}",
        "مرحبا",
        "שלום",
        "👩‍👩‍👧‍👦",
        "é",
        "你好",
        "--=_m_",
        "-",
        "'",
        "%",
        "=",
        "=20",
        "447700900103",
        "\u{feff}",
        "x@y.example",
        ".",
        "From ",
    ]);
    prop_oneof![
        3 => vec(words, 0..8).prop_map(|words| words.concat()),
        2 => "\\PC{0,40}",
        1 => "[a-z]{300}",
        1 => "[a-zé]{300}",
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![4 => nasty(), 1 => select(vec!["x".repeat(5_000), "é".repeat(5_000), "\n\n".into(), String::new()])]
        .boxed()
}

fn anybody() -> BoxedStrategy<Participant> {
    let email = prop_oneof![Just("ann@x.example".to_owned()), Just("owner@whatsapp.invalid".to_owned()), nasty()];
    (option::of(nasty()), option::of("[1-9][0-9]{6,14}"), option::weighted(0.2, email))
        .prop_map(|(name, number, email)| Participant {
            name,
            number: number.and_then(|n| PhoneNumber::parse(&n)),
            email,
        })
        .boxed()
}

fn instant() -> BoxedStrategy<Instant> {
    (Instant::EARLIEST_PLAUSIBLE.0..Instant::LATEST_PLAUSIBLE.0).prop_map(Instant).boxed()
}

fn message_id() -> BoxedStrategy<MessageId> {
    any::<[u8; 16]>().prop_map(MessageId).boxed()
}

fn reply() -> BoxedStrategy<(Option<Quote>, Option<Reaction>)> {
    let quote = (option::of(nasty()), option::of(message_id()), option::of(anybody()), text())
        .prop_map(|(native, message, sender, text)| Quote { native, message, sender, text });
    let reaction = (nasty(), nasty(), option::of(message_id())).prop_map(|(emoji, target, message)| Reaction {
        emoji,
        target,
        message,
    });
    (option::weighted(0.3, quote), option::weighted(0.2, reaction)).boxed()
}

fn wall() -> BoxedStrategy<WallTime> {
    let zone = prop_oneof![Just("Europe/London".to_owned()), nasty()];
    (prop_oneof![Just("2026-03-04T09:12".to_owned()), nasty()], zone, option::of(-2_000..2_000_i32), nasty(), nasty())
        .prop_map(|(shown, zone, offset_minutes, precision, daylight)| WallTime {
            shown,
            zone,
            offset_minutes,
            precision,
            daylight,
        })
        .boxed()
}

fn content() -> BoxedStrategy<Details> {
    let location = (option::of(nasty()), option::of(nasty()), nasty(), nasty(), nasty(), any::<bool>()).prop_map(
        |(latitude, longitude, name, address, url, live)| Location { latitude, longitude, name, address, url, live },
    );
    let choice = (nasty(), option::of(any::<u64>()), vec(anybody(), 0..2))
        .prop_map(|(name, votes, voters)| PollOption { name, votes, voters });
    let event = (nasty(), option::of(anybody()), vec(anybody(), 0..2), option::of(nasty()), option::of(nasty()))
        .prop_map(|(what, by, about, old, new)| SystemEvent { what, by, about, old, new });
    let parties =
        vec((anybody(), nasty(), nasty()).prop_map(|(party, result, code)| CallParty { party, result, code }), 0..2);
    let call = (nasty(), option::of(any::<u64>()), any::<bool>(), parties)
        .prop_map(|(result, seconds, group, parties)| CallFacts { result, seconds, group, parties });
    let few = 0.2;
    (
        option::weighted(few, location),
        option::weighted(few, vec(choice, 0..3).prop_map(|options| Poll { options })),
        option::weighted(few, event),
        option::weighted(few, call),
        vec(nasty(), 0..2),
    )
        .prop_map(|(location, poll, event, call, contacts)| Details {
            location,
            poll,
            event,
            call,
            contacts,
            ..Details::default()
        })
        .boxed()
}

fn later() -> BoxedStrategy<Details> {
    let state = select(vec![MediaState::Attached, MediaState::Omitted, MediaState::Missing, MediaState::ViewOnce]);
    let media =
        (nasty(), nasty(), state, nasty(), option::of(any::<u64>()), nasty(), option::of(any::<u64>())).prop_map(
            |(kind, name, state, mime, size, sha256, seconds)| Media { kind, name, state, mime, size, sha256, seconds },
        );
    let receipt = (anybody(), option::of(instant()), option::of(instant()), option::of(instant()))
        .prop_map(|(party, delivered, read, played)| Receipt { party, delivered, read, played });
    let edited = (option::of(instant()), option::of(text())).prop_map(|(at, previous)| Edited { at, previous });
    let revoked = (option::of(instant()), option::of(anybody())).prop_map(|(at, by_admin)| Revoked { at, by_admin });
    (option::weighted(0.2, edited), option::weighted(0.2, revoked), vec(media, 0..3), vec(receipt, 0..2))
        .prop_map(|(edited, revoked, media, receipts)| Details {
            edited,
            revoked,
            media,
            receipts,
            ..Details::default()
        })
        .boxed()
}

fn details() -> BoxedStrategy<Details> {
    let flag = prop_oneof![Just("forwarded".to_owned()), nasty()];
    let raw = proptest::collection::btree_map(prop_oneof![Just("message_type".to_owned()), nasty()], nasty(), 0..3);
    let verbatim = option::of((nasty(), any::<bool>()));
    let simple = (option::of(any::<bool>()), option::of(wall()), vec(flag, 0..3), raw, verbatim);
    (reply(), content(), later(), simple)
        .prop_map(|((quote, reaction), content, later, (from_me, wall, flags, raw, verbatim))| Details {
            from_me,
            wall,
            quote,
            reaction,
            flags,
            raw,
            // Completed with the body, where it is asked for.
            verbatim: verbatim.map(|(record, whole)| if whole { format!("{record}\u{1}body") } else { record }),
            edited: later.edited,
            revoked: later.revoked,
            media: later.media,
            receipts: later.receipts,
            ..content
        })
        .boxed()
}

fn notices() -> BoxedStrategy<(Option<Call>, Option<Deletion>, Option<Edit>)> {
    let media = select(vec![CallMedia::Voice, CallMedia::Video, CallMedia::Unknown]);
    let leg = (nasty(), option::of(instant()), option::of(any::<u32>()), option::of(any::<bool>()))
        .prop_map(|(number, at, seconds, outgoing)| CallLeg { number, at, seconds, outgoing });
    let call = (media, option::of(any::<bool>()), any::<bool>(), vec(leg, 0..2))
        .prop_map(|(media, answered, aggregated, legs)| Call { media, answered, aggregated, legs });
    let scope =
        select(vec![DeletionScope::ForMe, DeletionScope::ForAll, DeletionScope::WholeChat, DeletionScope::Unknown]);
    let read = || select(vec![ReadState::Read, ReadState::Unread, ReadState::Unknown]);
    let deletion = (scope, read(), option::of(nasty()), vec(nasty(), 0..2))
        .prop_map(|(scope, read, target, files)| Deletion { scope, read, target, files });
    let edit =
        (read(), option::of(nasty()), option::of(nasty()), option::of(nasty()), option::of(text()), option::of(text()))
            .prop_map(|(read, target, edit_id, last_edit_id, previous, edited)| Edit {
                read,
                target,
                edit_id,
                last_edit_id,
                previous,
                edited,
            });
    (option::weighted(0.3, call), option::weighted(0.2, deletion), option::weighted(0.2, edit)).boxed()
}

fn attachments() -> BoxedStrategy<Vec<(Attachment, Vec<u8>)>> {
    let types = select(vec![
        "image/jpeg",
        "text/plain",
        "text/vcard",
        "message/rfc822",
        "multipart/mixed",
        "Text/X; charset=y",
        "",
        "application/json",
    ]);
    let mail = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx".to_vec();
    let bytes = prop_oneof![vec(any::<u8>(), 0..200), Just(mail)];
    let name = prop_oneof![Just("custodia.json".to_owned()), Just("IMG-20260304-WA0001.jpg".to_owned()), nasty()];
    let one = (name, types, bytes).prop_map(|(name, media_type, bytes)| {
        let (size, sha256) = (bytes.len() as u64, Digest::of(&bytes));
        (Attachment { name, media_type: media_type.to_owned(), size, sha256 }, bytes)
    });
    prop_oneof![2 => Just(Vec::new()), 1 => vec(one, 0..4)].boxed()
}

fn anything() -> BoxedStrategy<(Message, Vec<Vec<u8>>)> {
    let sources = select(vec![SourceKind::ChatExport, SourceKind::Android, SourceKind::Ios]);
    let kinds = select(MessageKind::ALL.to_vec());
    let chats = select(vec![
        ConversationKind::Direct,
        ConversationKind::Group,
        ConversationKind::Community,
        ConversationKind::Broadcast,
        ConversationKind::Unknown,
    ]);
    let chat = (nasty(), option::of(nasty()), chats).prop_map(|(id, name, kind)| Conversation { id, name, kind });
    let parties = (anybody(), vec(prop_oneof![4 => anybody(), 1 => Just(Participant::default())], 0..4));
    (sources, nasty(), kinds, option::of(instant()), parties, chat, text(), (attachments(), details(), notices()))
        .prop_map(
            |(
                source,
                native,
                kind,
                sent,
                (sender, recipients),
                conversation,
                body,
                (attached, mut details, notices),
            )| {
                if let Some(record) = details.verbatim.as_ref().and_then(|v| v.strip_suffix("\u{1}body")) {
                    details.verbatim = Some(format!("{record}{body}"));
                }
                let (attachments, blobs) = attached.into_iter().unzip();
                let (call, deletion, edit) = notices;
                let message = Message {
                    identity: Identity { source, account: None, native },
                    kind,
                    call,
                    deletion,
                    edit,
                    sent,
                    sender,
                    recipients,
                    conversation,
                    body,
                    attachments,
                    details: Some(Box::new(details)),
                    ..plain("")
                };
                (with_subject(message), blobs)
            },
        )
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn any_message_comes_back_from_its_rendered_bytes((message, blobs) in anything()) {
        checked(&message, &blobs);
    }

    #[test]
    fn no_damage_to_a_rendered_message_makes_it_panic((message, blobs) in anything(), at in any::<prop::sample::Index>(), with in vec(any::<u8>(), 0..30)) {
        let mut bytes = render(&message, &blobs);
        let at = at.index(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        for bytes in [&bytes[..], &bytes[..at]] {
            let _ = (understand(SourceKind::Ios, bytes), understand_head(SourceKind::Ios, bytes), attachment(bytes, 0));
        }
    }
}
