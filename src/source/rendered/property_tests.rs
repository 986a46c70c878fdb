//! Any message that a reader could make comes back from its rendered bytes.

use super::{
    tests::{checked, plain, render, with_subject},
    *,
};
use crate::model::{
    Attachment, Call, CallMedia, Conversation, ConversationKind, Deletion, DeletionScope, Details, Edit, Instant,
    MessageId, PhoneNumber, ReadState, details::*, message::CallLeg,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

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
