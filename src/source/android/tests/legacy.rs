//! The legacy and the transitional schema.

use super::fixture::{LEGACY, MODERN, PEOPLE, Phone, T};
use crate::model::{Code, ConversationKind, Instant, MessageKind, details::MediaState};

const GROUP: &str = "447700900101-1400000000@g.us";

fn insert(id: i64, chat: &str, from_me: u8, kind: i64, more: &[(&str, &str)]) -> String {
    let (mut names, mut values) = (String::new(), String::new());
    for (name, value) in more {
        names.push_str(&format!(", {name}"));
        values.push_str(&format!(", {value}"));
    }
    format!(
        "INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, timestamp, media_wa_type{names})
         VALUES ({id}, '{chat}', {from_me}, 'K{id}', {}, '{kind}'{values});",
        T + id * 1000
    )
}

#[test]
fn a_text_that_is_not_utf8_is_said_and_its_bytes_are_kept() {
    let ada = "447700900101@s.whatsapp.net";
    let long = format!("cast(x'{}' AS TEXT)", "ff".repeat(3000));
    let sql = [
        insert(2, ada, 0, 0, &[("data", "cast(x'6869ff21' AS TEXT)")]),
        insert(3, ada, 0, 1, &[("media_caption", "cast(x'fe' AS TEXT)")]),
        insert(4, ada, 0, 0, &[("data", &long)]),
    ]
    .concat();
    let modern = format!(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, sort_id, text_data)
         VALUES (9, 1, 0, 'M', {T}, 0, 1, cast(x'6869ff21' AS TEXT));"
    );
    let of = |phone: Phone| {
        let items = phone.read().items;
        items
            .into_iter()
            .map(|item| (item.message.body, item.message.details.unwrap().raw, item.message.findings))
            .collect::<Vec<_>>()
    };
    let found = of(Phone::new(&[LEGACY, &sql]));
    assert_eq!((found[0].0.as_str(), found[0].1["data_hex"].as_str()), ("hi\u{fffd}!", "6869ff21"));
    assert_eq!((found[0].2[0].code, found[0].2[0].place.line), (Code::NotUtf8, Some(2)));
    assert_eq!((found[1].0.as_str(), found[1].1["media_caption_hex"].as_str()), ("\u{fffd}", "fe"));
    assert_eq!(found[2].1["data_hex"].len(), 1000);
    assert_eq!(found[2].2[0].detail, "data: 3000 bytes, the first 500 are kept");
    let found = of(Phone::new(&[PEOPLE, MODERN, &modern]));
    let raw = found.iter().find_map(|(_, raw, _)| raw.get("text_data_hex"));
    assert_eq!(raw.map(String::as_str), Some("6869ff21"));
}

#[test]
fn every_kind_of_row_becomes_what_it_was() {
    let ada = "447700900101@s.whatsapp.net";
    let thumb = {
        let path = "Media/WhatsApp Images/IMG-1.jpg";
        let mut bytes = b"\xac\xed\x00\x05sr\x00\x16com.whatsapp.MediaData".to_vec();
        bytes.extend_from_slice(b"t\x00");
        bytes.push(path.len() as u8);
        bytes.extend_from_slice(path.as_bytes());
        format!("x'{}'", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
    };
    let sql = [
        insert(2, ada, 0, 0, &[("data", "'hello'"), ("status", "0"), ("media_name", "'a page'"), ("forwarded", "1")]),
        insert(3, ada, 1, 0, &[("data", "'hi'"), ("status", "13"), ("quoted_row_id", "1"), ("receipt_device_timestamp", "1772615600000"), ("read_device_timestamp", "-1")]),
        insert(4, GROUP, 0, 0, &[("data", "'in the group'"), ("remote_resource", "'447700900102@s.whatsapp.net'")]),
        insert(5, GROUP, 1, 0, &[("data", "'mine'")]),
        insert(6, ada, 0, 1, &[("media_caption", "'look'"), ("media_mime_type", "'image/jpeg'"), ("thumb_image", &thumb)]),
        insert(7, ada, 0, 9, &[("media_name", "'paper.pdf'"), ("media_mime_type", "'application/pdf'")]),
        insert(8, ada, 0, 15, &[("status", "5")]),
        insert(9, ada, 0, 0, &[("status", "5"), ("edit_version", "7")]),
        insert(10, GROUP, 0, 0, &[("status", "6"), ("media_size", "1"), ("data", "'New name'"), ("remote_resource", "'447700900102@s.whatsapp.net'")]),
        insert(11, ada, 0, 8, &[("status", "6"), ("media_caption", "'video'"), ("media_duration", "61")]),
        insert(12, ada, 0, 5, &[("latitude", "51.5"), ("longitude", "0.25"), ("media_name", "'Office'")]),
        insert(13, ada, 0, 4, &[("data", "'BEGIN:VCARD\nFN:Eve Example\nEND:VCARD'"), ("media_name", "'Eve Example'")]),
        insert(14, ada, 0, 14, &[("raw_data", "x'0074424547494e3a56434152440a464e3a410a454e443a56434152440042424547494e3a56434152440a464e3a420a454e443a5643415244'")]),
        format!(
            "INSERT INTO messages_quotes(_id, key_remote_jid, key_from_me, key_id, data, media_wa_type) VALUES (1, '{ada}', 0, 'K2', 'hello', '0');
             INSERT INTO chat_list(key_remote_jid, subject) VALUES ('{GROUP}', 'Old group'), ('{ada}', NULL);
             INSERT INTO group_participants(gjid, jid) VALUES ('{GROUP}', '447700900102@s.whatsapp.net'), ('{GROUP}', '');
             INSERT INTO receipts(key_remote_jid, key_id, remote_resource, receipt_device_timestamp) VALUES
             ('{GROUP}', 'K5', '447700900102@s.whatsapp.net', 1772615600000), ('{ada}', 'K5', 'x@s.whatsapp.net', 1772615600000);"
        ),
    ]
    .concat();
    let phone = Phone::new(&[LEGACY, &sql]);
    phone.file("Media/WhatsApp Images/IMG-1.jpg", b"jpeg");
    phone.file("Media/WhatsApp Documents/Sent/paper.pdf", b"pdf");
    let got = phone.read();
    assert_eq!(got.codes(), []);
    assert_eq!(got.items.len(), 13, "all but the placeholder");
    assert!(got.not_readable.is_empty());

    assert_eq!(got.message("K2").sender.label(), "Ada Example");
    assert_eq!(
        (got.details("K2").flags.clone(), got.details("K2").raw["link_title"].as_str()),
        (vec!["forwarded".to_owned()], "a page")
    );
    let reply = got.details("K3");
    assert_eq!(reply.quote.as_ref().unwrap().message, Some(got.message("K2").id()));
    assert_eq!((reply.receipts[0].delivered, reply.receipts[0].read), (Some(Instant(1_772_615_600_000)), None));
    let group = got.message("K4");
    assert_eq!((group.sender.label(), group.conversation.name.as_deref()), ("Ben".into(), Some("Old group")));
    assert_eq!((group.conversation.kind, group.conversation.id.as_str()), (ConversationKind::Group, GROUP));
    assert_eq!(got.item("K4").members.len(), 1, "the owner stands there without a number");
    assert_eq!(got.message("K5").recipients[0].label(), "Ben");
    assert_eq!(
        (got.message("K6").body.as_str(), got.message("K6").attachments[0].name.as_str()),
        ("look", "IMG-1.jpg")
    );
    assert_eq!(got.message("K7").attachments[0].name, "paper.pdf");
    for native in ["revoked:K8", "revoked:K9"] {
        assert_eq!(got.message(native).kind, MessageKind::Deletion);
    }
    assert_eq!(got.message("K10").body, "Somebody changed the subject to \"New name\"");
    assert_eq!(got.details("K10").event.as_ref().unwrap().by.as_ref().unwrap().label(), "Ben");
    assert_eq!(got.message("K11").body, "Video call, answered, 61 seconds");
    assert_eq!(got.details("K12").location.as_ref().unwrap().name, "Office");
    assert_eq!(
        (got.message("K13").body.as_str(), got.message("K13").attachments[0].name.as_str()),
        ("", "Eve Example.vcf")
    );
    assert_eq!(got.details("K14").contacts, ["A", "B"]);
    assert_eq!(got.details("K6").media[0].state, MediaState::Attached);
}

#[test]
fn a_message_that_stands_in_both_tables_is_one_message() {
    let modern = |id: i64, text: &str| {
        format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, timestamp, message_type, text_data, sort_id)
             VALUES ({id}, 1, 0, 'K{id}', 0, {}, 0, {text}, {id});",
            T + id * 1000
        )
    };
    let ada = "447700900101@s.whatsapp.net";
    let sql = [
        modern(2, "'both'"),
        modern(3, "NULL"),
        modern(4, "'only modern'"),
        insert(2, ada, 0, 0, &[("data", "'both'")]),
        insert(3, ada, 0, 0, &[("data", "'text was not moved'")]),
        insert(5, ada, 0, 0, &[("data", "'only legacy'")]),
        insert(
            6,
            GROUP,
            0,
            0,
            &[("data", "'only legacy, group'"), ("remote_resource", "'447700900102@s.whatsapp.net'")],
        ),
    ]
    .concat();
    let got = Phone::new(&[PEOPLE, MODERN, LEGACY, &sql]).read();
    let read: Vec<_> =
        got.items.iter().map(|item| (item.message.identity.native.as_str(), item.message.body.as_str())).collect();
    assert_eq!(
        read,
        [
            ("K2", "both"),
            ("K3", "text was not moved"),
            ("K4", "only modern"),
            ("K5", "only legacy"),
            ("K6", "only legacy, group")
        ]
    );
    assert_eq!(got.noticed.len(), 2, "a placeholder in each table: {:?}", got.noticed);
}
