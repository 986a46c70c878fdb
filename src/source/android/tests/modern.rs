//! The modern schema: what each kind of row becomes.

use super::super::*;
use super::fixture::{MODERN, PEOPLE, Phone, T, many};
use crate::model::{
    CallMedia, Code, ConversationKind, DeletionScope, Digest, Instant, MessageKind, SourceKind, details::MediaState,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

fn insert(id: i64, chat: i64, from_me: u8, sender: i64, kind: i64, text: &str) -> String {
    format!(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, status, timestamp, message_type, text_data, sort_id)
         VALUES ({id}, {chat}, {from_me}, 'K{id}', {sender}, 13, {}, {kind}, {text}, {id});",
        T + id * 1000
    )
}

fn phone(sql: &str) -> Phone {
    Phone::new(&[PEOPLE, MODERN, sql])
}

#[test]
fn texts_have_parties_times_and_conversations() {
    let sql = [
        insert(2, 1, 0, 0, 0, "'hello'"),
        insert(3, 1, 1, 0, 0, "x'68c3a9'"),
        insert(4, 2, 0, 1, 0, "'in a group'"),
        insert(5, 2, 1, 0, 0, "'mine'"),
        insert(6, 3, 0, 0, 0, "'from a LID that is known'"),
        insert(7, 2, 0, 3, 0, "'the same one'"),
        insert(8, 2, 0, 4, 0, "'from a LID that nobody knows'"),
        "INSERT INTO receipt_user(message_row_id, receipt_user_jid_row_id, receipt_timestamp, read_timestamp)
         VALUES (5, 1, 1772615600000, 1772615700000), (5, 3, 1772615600000, NULL), (3, 1, 1772615600000, 0);"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    assert_eq!(got.opened, ["msgstore.db", "wa.db"]);
    assert_eq!(got.natives(), ["K2", "K3", "K4", "K5", "K6", "K7", "K8"]);
    assert_eq!((got.codes(), got.noticed.len()), (vec![], 1), "only the placeholder row: {:?}", got.noticed);

    let direct = got.message("K2");
    assert_eq!(
        (direct.identity.source, direct.identity.account.as_deref()),
        (SourceKind::Android, Some("olga@corp.example"))
    );
    assert_eq!(direct.sent, Some(Instant(T + 2000)));
    assert_eq!(direct.sender.name.as_deref(), Some("Ada Example"));
    assert_eq!(direct.sender.number.as_ref().unwrap().digits(), "447700900101");
    assert!(direct.recipients.is_empty(), "the owner is not named by the source");
    assert_eq!(direct.conversation.id, "447700900101@s.whatsapp.net");
    assert_eq!(
        (direct.conversation.name.as_deref(), direct.conversation.kind),
        (Some("Ada Example"), ConversationKind::Direct)
    );
    let item = got.item("K2");
    assert_eq!(item.place.to_string(), "msgstore.db > message line 2");

    let own = got.message("K3");
    assert_eq!(own.body, "hé", "a text that is stored as bytes");
    assert!(own.sender.is_unknown() && got.details("K3").from_me == Some(true));
    assert_eq!(own.recipients[0].label(), "Ada Example");
    assert_eq!(got.details("K3").receipts[0].delivered, Some(Instant(1_772_615_600_000)));
    assert_eq!(got.details("K3").receipts[0].read, None);

    let group = got.message("K4");
    assert_eq!(
        (group.conversation.name.as_deref(), group.conversation.kind),
        (Some("Project X"), ConversationKind::Group)
    );
    assert_eq!(group.sender.label(), "Ada Example");
    assert!(group.recipients.is_empty(), "nobody says who got an incoming message");
    let members: Vec<_> = got.item("K4").members.iter().map(|member| member.label()).collect();
    assert_eq!(members, ["Ada Example", "Ben", "Cleo"], "a LID and its number are one member");
    let got_it: Vec<_> = got.message("K5").recipients.iter().map(|party| party.label()).collect();
    assert_eq!(got_it, ["Ada Example", "Ben"], "of an own message the receipts say it");

    assert_eq!(got.message("K6").conversation.id, "447700900102@s.whatsapp.net");
    assert_eq!(got.message("K6").sender, got.message("K7").sender);
    let stranger = &got.message("K8").sender;
    assert_eq!((stranger.name.as_deref(), &stranger.number), (Some("Cleo"), &None));
}

#[test]
fn order_is_that_of_sort_id_and_every_generated_message_comes_once() {
    let got = phone(&many(600, 7)).read();
    assert_eq!(got.items.len(), 600);
    let texts: Vec<_> = got.items.iter().map(|item| item.message.body.clone()).collect();
    let expected: Vec<_> = (1000..1600).map(|sort| format!("text {sort}")).collect();
    assert_eq!(texts, expected);
    let again = phone(&many(600, 7)).read();
    let ids = |got: &super::fixture::Got| got.items.iter().map(|item| item.message.id()).collect::<Vec<_>>();
    assert_eq!(ids(&got), ids(&again), "the same source gives the same ids");
}

#[test]
fn media_are_found_compared_and_missed() {
    let photo = b"a photo";
    let hash = STANDARD.encode(Digest::of(photo).0);
    let other = STANDARD.encode(Digest::of(b"another").0);
    let sql = [
        insert(2, 1, 0, 0, 1, "'a caption'"),
        insert(3, 1, 0, 0, 9, "NULL"),
        insert(4, 1, 0, 0, 3, "NULL"),
        insert(5, 1, 0, 0, 42, "NULL"),
        insert(6, 1, 0, 0, 2, "NULL"),
        insert(7, 1, 0, 0, 1, "NULL"),
        insert(8, 1, 0, 0, 1, "NULL"),
        format!(
            "INSERT INTO message_media(message_row_id, file_path, file_size, mime_type, media_name, file_hash, media_duration) VALUES
             (2, 'Media/WhatsApp Images/IMG-20260304-WA0001.jpg', 7, 'image/jpeg', NULL, '{hash}', 0),
             (3, 'Media/WhatsApp Documents/DOC-1.pdf', 3, 'application/pdf', 'Offer, final.pdf', NULL, NULL),
             (4, 'Media/WhatsApp Video/gone.mp4', 9, 'video/mp4', NULL, '{hash}', 12),
             (5, NULL, 9, 'image/jpeg', NULL, '{hash}', NULL),
             (6, '/storage/emulated/0/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Voice Notes/202610/PTT-1.opus', 5, 'audio/ogg; codecs=opus', NULL, '{other}', 3),
             (7, 'Media/../../../../etc/passwd', 9, 'image/jpeg', NULL, NULL, NULL),
             (8, 'Media/link.jpg', 9, 'image/jpeg', NULL, NULL, NULL);"
        ),
    ]
    .concat();
    let phone = phone(&sql);
    phone.file("WhatsApp/Media/WhatsApp Images/IMG-20260304-WA0001.jpg", photo);
    phone.file("WhatsApp/Media/WhatsApp Documents/DOC-1.pdf", b"%PDF");
    phone.file("WhatsApp/Media/WhatsApp Voice Notes/202610/PTT-1.opus", b"voice");
    std::os::unix::fs::symlink("/etc/passwd", phone.path("WhatsApp/Media/link.jpg")).unwrap();
    let got = phone.read();

    let image = got.message("K2");
    assert_eq!((image.body.as_str(), image.attachments[0].name.as_str()), ("a caption", "IMG-20260304-WA0001.jpg"));
    assert_eq!((image.attachments[0].size, image.attachments[0].sha256), (7, Digest::of(photo)));
    assert_eq!(image.attachments[0].media_type, "image/jpeg");
    assert!(image.findings.is_empty());
    let media = &got.details("K2").media[0];
    assert_eq!(
        (media.state, media.kind.as_str(), media.sha256.clone()),
        (MediaState::Attached, "image", Digest::of(photo).to_string())
    );

    let document = got.message("K3");
    assert_eq!(document.attachments[0].name, "Offer, final.pdf");
    assert_eq!(document.findings[0].code, Code::MediaChanged, "its size is not the one that was said");

    assert_eq!(got.details("K4").media[0].state, MediaState::Missing);
    assert_eq!(
        (got.details("K4").media[0].seconds, got.message("K4").findings[0].code),
        (Some(12), Code::MediaMissing)
    );
    assert_eq!(got.details("K5").media[0].state, MediaState::ViewOnce);
    assert_eq!(got.details("K5").flags, ["view_once"]);
    let voice = got.message("K6");
    assert_eq!((voice.attachments[0].media_type.as_str(), voice.findings[0].code), ("audio/ogg", Code::MediaChanged));
    for native in ["K7", "K8"] {
        assert!(got.message(native).attachments.is_empty(), "nothing outside the folder, no link");
        assert_eq!(got.message(native).findings[0].code, Code::MediaMissing);
    }
}

#[test]
fn without_a_media_folder_media_are_omitted_and_said_once() {
    let sql = [insert(2, 1, 0, 0, 1, "NULL"), insert(3, 1, 0, 0, 1, "NULL")].concat();
    let got = phone(&sql).read();
    assert_eq!(got.details("K2").media[0].state, MediaState::Omitted);
    assert!(got.message("K2").findings.is_empty());
    assert_eq!(got.codes(), [Code::MediaMissing]);
    assert!(got.noticed.last().unwrap().detail.starts_with("2 messages"));
}

#[test]
fn quotes_lead_to_the_message_in_the_same_source() {
    let sql = [
        insert(2, 2, 0, 1, 0, "'the first version, edited'"),
        insert(3, 2, 1, 0, 0, "'a reply'"),
        insert(4, 2, 0, 1, 0, "'a reply to the owner'"),
        insert(5, 1, 0, 0, 0, "'a reply to what is gone'"),
        "INSERT INTO message_quoted(message_row_id, chat_row_id, parent_message_chat_row_id, from_me, sender_jid_row_id, key_id, message_type, text_data) VALUES
         (3, 2, 2, 0, 1, 'K2', 0, 'the first version'), (4, 2, 2, 1, 0, 'K3', 0, 'a reply'), (5, 1, 1, 0, 0, 'K2', 0, 'old words');"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    let quote = got.details("K3").quote.clone().unwrap();
    assert_eq!((quote.native.as_deref(), quote.message), (Some("K2"), Some(got.message("K2").id())));
    assert_eq!((quote.text.as_str(), quote.sender.unwrap().label()), ("the first version", "Ada Example".into()));
    let of_owner = got.details("K4").quote.clone().unwrap();
    assert_eq!((of_owner.message, of_owner.sender), (Some(got.message("K3").id()), None));
    let gone = got.details("K5").quote.clone().unwrap();
    assert_eq!(
        (gone.native.as_deref(), gone.message),
        (Some("K2"), None),
        "the same id in another chat is another message"
    );
    assert_eq!((gone.text.as_str(), gone.sender.unwrap().label()), ("old words", "Ada Example".into()));
}

#[test]
fn edits_and_deletions_keep_the_id_that_the_message_had() {
    let sql = [
        insert(2, 1, 0, 0, 0, "'final text'"),
        insert(3, 2, 0, 1, 15, "NULL"),
        insert(4, 2, 0, 3, 64, "NULL"),
        insert(5, 1, 1, 0, 0, "'about the edited one'"),
        insert(6, 1, 0, 0, 15, "NULL"),
        "INSERT INTO message_edit_info VALUES (2, 'ORIGINAL', 1772615600000, 1772615599000);
         INSERT INTO message_revoked VALUES (3, 'GONE3', 1772615700000, NULL), (4, 'GONE4', NULL, 1);
         INSERT INTO message_quoted(message_row_id, chat_row_id, from_me, key_id, text_data) VALUES (5, 1, 0, 'ORIGINAL', 'first text');"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    assert_eq!(got.natives(), ["ORIGINAL", "revoked:GONE3", "revoked:GONE4", "K5", "revoked:K6"]);
    let edited = got.details("ORIGINAL");
    assert_eq!(edited.edited.as_ref().unwrap().at, Some(Instant(1_772_615_600_000)));
    assert_eq!((got.message("ORIGINAL").body.as_str(), edited.raw["key_id"].as_str()), ("final text", "K2"));
    assert_eq!(got.details("K5").quote.as_ref().unwrap().message, Some(got.message("ORIGINAL").id()));

    let deletion = got.message("revoked:GONE3");
    assert_eq!(deletion.kind, MessageKind::Deletion);
    let notice = deletion.deletion.as_ref().unwrap();
    assert_eq!((notice.scope, notice.target.as_deref()), (DeletionScope::ForAll, Some("GONE3")));
    assert_eq!(deletion.sender.label(), "Ada Example");
    let revoked = got.details("revoked:GONE3").revoked.clone().unwrap();
    assert_eq!((revoked.at, revoked.by_admin), (Some(Instant(1_772_615_700_000)), None));
    let by_admin = got.details("revoked:GONE4").revoked.clone().unwrap().by_admin;
    assert_eq!(by_admin.unwrap().label(), "Ada Example");
}

#[test]
fn reactions_are_messages_linked_to_what_they_are_about() {
    let sql = [
        insert(2, 2, 1, 0, 0, "'good news'"),
        insert(3, 1, 1, 0, 0, "'direct'"),
        "INSERT INTO message_add_on(_id, chat_row_id, from_me, key_id, sender_jid_row_id, parent_message_row_id, timestamp, message_add_on_type) VALUES
         (1, 2, 0, 'R1', 3, 2, 1772615700000, 56), (2, 1, 0, 'R2', -1, 3, 1772615700000, 56),
         (3, 1, 1, 'R3', -1, 3, 1772615800000, 56), (4, 1, 0, 'R4', -1, 99, 1772615800000, 56), (5, 1, 0, 'P1', -1, 3, 1, 79);
         INSERT INTO message_add_on_reaction VALUES (1, '👍', 1772615600000), (2, '❤️', 1772615600000), (3, '', 1772615600000), (4, '🎉', 1772615600000);"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    assert_eq!(
        got.natives()[2..],
        [
            "reaction:K2:+447700900102:1772615600000",
            "reaction:K3:+447700900101:1772615600000",
            "reaction:K3:me:1772615600000",
            "reaction:row:99:+447700900101:1772615600000"
        ]
    );
    let first = got.message(got.natives()[2]);
    assert_eq!(
        (first.kind, first.body.as_str(), first.sender.label()),
        (MessageKind::System, "Reacted 👍", "Ben".into())
    );
    let reaction = got.details(got.natives()[2]).reaction.clone().unwrap();
    assert_eq!((reaction.target.as_str(), reaction.message), ("K2", Some(got.message("K2").id())));
    assert_eq!(got.message(got.natives()[3]).sender.label(), "Ada Example");
    assert_eq!(got.message(got.natives()[4]).body, "Took the reaction back");
    assert_eq!(got.details("K3").flags, ["pinned"]);
}

#[test]
fn polls_have_options_votes_and_voters() {
    let sql = [
        insert(2, 2, 0, 1, 66, "'Lunch?'"),
        "INSERT INTO message_poll VALUES (2, 1);
         INSERT INTO message_poll_option(_id, message_row_id, option_name, vote_total) VALUES (10, 2, 'Soup', 2), (11, 2, 'Salad', 1);
         INSERT INTO message_add_on(_id, chat_row_id, from_me, sender_jid_row_id, parent_message_row_id, message_add_on_type) VALUES
         (1, 2, 0, 3, 2, 67), (2, 2, 1, -1, 2, 67), (3, 2, 0, 1, 2, 67);
         INSERT INTO message_add_on_poll_vote_selected_option(message_add_on_row_id, message_poll_option_id) VALUES (1, 10), (2, 10), (3, 11), (3, 999);"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    assert_eq!(got.natives(), ["K2"], "votes stay in the poll");
    let poll = got.details("K2").poll.clone().unwrap();
    let shown: Vec<_> = poll
        .options
        .iter()
        .map(|o| (o.name.as_str(), o.votes, o.voters.iter().map(|v| v.label()).collect::<Vec<_>>().join(",")))
        .collect();
    assert_eq!(shown, [("Soup", Some(2), "Ben".to_owned()), ("Salad", Some(1), "Ada Example".to_owned())]);
    assert_eq!((got.message("K2").body.as_str(), got.details("K2").raw["own_votes"].as_str()), ("Lunch?", "Soup"));
}

#[test]
fn places_cards_and_flags() {
    let sql = [
        insert(2, 1, 0, 0, 5, "NULL"),
        insert(3, 1, 0, 0, 4, "'Eve'"),
        insert(4, 1, 0, 0, 0, "'@447700900102 look'"),
        insert(5, 1, 0, 0, 11, "NULL"),
        insert(6, 1, 0, 0, 777, "'a type of the future'"),
        "INSERT INTO message_location(message_row_id, latitude, longitude, place_name, place_address, url) VALUES
         (2, 51.5, -0.125, 'Office', '1 Example Street', 'https://maps.example/1');
         INSERT INTO message_vcard(message_row_id, vcard) VALUES (3, 'BEGIN:VCARD\nVERSION:3.0\nN:Example;Eve;;;\nFN:Eve/Example\nEND:VCARD');
         INSERT INTO message_forwarded VALUES (4, 7); INSERT INTO message_ephemeral VALUES (4, 604800, 1773220361000);
         INSERT INTO message_mentions(message_row_id, jid_row_id) VALUES (4, 3), (4, 4);
         UPDATE message SET starred = 1 WHERE _id = 4;"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    let place = got.details("K2").location.clone().unwrap();
    assert_eq!((place.latitude.as_deref(), place.longitude.as_deref()), (Some("51.5"), Some("-0.125")));
    assert_eq!((place.name.as_str(), place.live), ("Office", false));
    let card = got.message("K3");
    assert_eq!(
        (card.attachments[0].name.as_str(), card.attachments[0].media_type.as_str()),
        ("Eve_Example.vcf", "text/vcard")
    );
    assert_eq!(got.details("K3").contacts, ["Eve/Example"]);
    let details = got.details("K4");
    assert_eq!(details.flags, ["starred", "frequently_forwarded", "ephemeral"]);
    assert_eq!(details.raw["mentions"], "+447700900102 90000000000002@lid");
    assert_eq!(got.details("K5").flags, ["waiting"]);
    assert_eq!(
        (got.message("K6").body.as_str(), got.details("K6").raw["message_type"].as_str()),
        ("a type of the future", "777")
    );
}

#[test]
fn group_events_have_words_where_tools_agree_and_their_code_always() {
    let sql = [
        insert(2, 2, 0, 1, 7, "'New name'"),
        insert(3, 2, 1, 0, 7, "NULL"),
        insert(4, 2, 0, 1, 7, "NULL"),
        insert(5, 1, 0, 0, 7, "NULL"),
        "INSERT INTO message_system VALUES (2, 1), (3, 12), (4, 999), (5, 28);
         INSERT INTO message_system_value_change VALUES (2, 'Old name');
         INSERT INTO message_system_chat_participant VALUES (3, 3), (3, 4);
         INSERT INTO message_system_number_change VALUES (5, 1, 10);"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    let lines: Vec<_> = got.items.iter().map(|item| item.message.body.as_str()).collect();
    assert_eq!(
        lines,
        [
            "+447700900101 changed the subject from \"Old name\" to \"New name\"",
            "You added +447700900102, 90000000000002@lid",
            "System event 999",
            "+447700900101 changed their number to +447700900199"
        ]
    );
    assert!(got.items.iter().all(|item| item.message.kind == MessageKind::System));
    let event = got.details("K3").event.clone().unwrap();
    assert_eq!((event.what.as_str(), event.by), ("member_added", None));
    assert_eq!(event.about.iter().map(|p| p.label()).collect::<Vec<_>>(), ["Ben", "Cleo"]);
    let unknown = got.details("K4").event.clone().unwrap();
    assert_eq!((unknown.what.as_str(), unknown.by.unwrap().label()), ("", "Ada Example".into()));
    assert_eq!(got.details("K4").raw["action_type"], "999");
}

#[test]
fn a_call_is_counted_once_wherever_it_stands() {
    let sql = [
        insert(2, 1, 0, 0, 90, "NULL"),
        insert(3, 1, 0, 0, 10, "NULL"),
        insert(4, 2, 0, 1, 10, "NULL"),
        "UPDATE message SET key_id = 'call:AAA' WHERE _id = 3;
         INSERT INTO message_call_log VALUES (2, 1);
         INSERT INTO missed_call_logs(message_row_id, timestamp, video_call, group_jid_row_id) VALUES (4, 1, 1, 5);
         INSERT INTO call_log(_id, jid_row_id, from_me, call_id, timestamp, video_call, duration, call_result, group_jid_row_id, call_type) VALUES
         (1, 1, 0, 'LINKED', 1772615000000, 1, 62, 5, 0, 0), (2, 1, 0, 'AAA', 1772615000000, 0, 0, 2, 0, 0),
         (3, 3, 1, 'ALONE', 1772615200000, 0, 0, 7, 0, 0), (4, 1, 0, 'GROUP', 1772615100000, 1, 125, 5, 5, 0),
         (5, 9, 0, NULL, 1772615300000, 0, 0, 2, 0, 0);
         INSERT INTO call_log_participant_v2(call_log_row_id, jid_row_id, call_result) VALUES (4, 1, 0), (4, 3, 2), (4, 4, 5);"
            .to_owned(),
    ]
    .concat();
    let got = phone(&sql).read();
    assert_eq!(got.natives(), ["K2", "call:AAA", "K4", "GROUP", "ALONE", "call:1772615300000:+447700900101"]);
    assert!(got.items.iter().all(|item| item.message.kind == MessageKind::Call));
    let call = |native: &str| {
        let (message, facts) = (got.message(native), got.details(native).call.clone().unwrap());
        let call = message.call.clone().unwrap();
        (call.media, call.answered, facts.result, facts.seconds)
    };
    assert_eq!(call("K2"), (CallMedia::Video, Some(true), "answered".into(), Some(62)));
    assert_eq!(call("call:AAA"), (CallMedia::Voice, Some(false), "missed".into(), None));
    assert_eq!(call("K4"), (CallMedia::Video, Some(false), "missed".into(), None));
    assert_eq!(call("ALONE"), (CallMedia::Voice, Some(false), String::new(), None), "tools disagree on 7");
    assert_eq!(got.details("ALONE").raw["call_result"], "7");
    assert_eq!(got.message("K2").body, "Video call, answered, 62 seconds");
    let group = got.details("GROUP").call.clone().unwrap();
    let parties: Vec<_> = group.parties.iter().map(|p| (p.party.label(), p.result.as_str(), p.code.as_str())).collect();
    assert_eq!(
        parties,
        [("Ada Example".into(), "joined", "0"), ("Ben".into(), "not_joined", "2"), ("Cleo".into(), "", "5")]
    );
    assert!(group.group && got.message("GROUP").conversation.id == "120363000000000001@g.us");
    assert_eq!(got.message("GROUP").sender.label(), "Ada Example");
    assert_eq!(got.message("ALONE").recipients[0].label(), "Ben");
}

#[test]
fn an_id_that_is_not_unique_is_made_so_and_copies_of_a_broadcast_do_not_depend_on_each_other() {
    let sql = "
        INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, broadcast, timestamp, message_type, text_data, sort_id) VALUES
        (2, 1, 0, 'OLD-1', 0, 0, 1772615600000, 0, 'one', 2), (3, 5, 0, 'OLD-1', 0, 0, 1772615600000, 0, 'other chat', 3),
        (4, 2, 0, 'OLD-1', 1, 0, 1772615600000, 0, 'group', 4), (5, 2, 0, 'OLD-1', 3, 0, 1772615600000, 0, 'other sender', 5),
        (6, 1, 1, 'BC', 0, 1, 1772615600000, 0, 'to all', 6), (7, 5, 1, 'BC', 0, 1, 1772615600000, 0, 'to all', 7);";
    let got = phone(sql).read();
    assert_eq!(
        got.natives(),
        [
            "OLD-1",
            "OLD-1@447700900106@s.whatsapp.net",
            "OLD-1@120363000000000001@g.us",
            "OLD-1@120363000000000001@g.us#5",
            "BC@447700900101@s.whatsapp.net",
            "BC@447700900106@s.whatsapp.net"
        ]
    );
    assert_eq!(got.details("BC@447700900101@s.whatsapp.net").raw["key_id"], "BC");
    let counter = insert(2, 1, 0, 0, 0, "'old'").replace("'K2'", "'1400000000-3'");
    let alone = phone(&counter).read();
    assert_eq!(alone.natives(), ["1400000000-3@447700900101@s.whatsapp.net"], "also where nothing else has it");
}

#[test]
fn what_is_not_wanted_is_counted_and_never_shown() {
    let sql = [
        insert(2, 1, 0, 0, 0, "'work'"),
        insert(3, 5, 0, 0, 0, "'private'"),
        insert(4, 2, 0, 1, 0, "'group'"),
        "INSERT INTO call_log(jid_row_id, from_me, call_id, timestamp) VALUES (6, 0, 'C', 1772615600000);
         INSERT INTO message_add_on(_id, chat_row_id, from_me, sender_jid_row_id, parent_message_row_id, message_add_on_type) VALUES (1, 5, 1, -1, 3, 56);"
            .to_owned(),
    ]
    .concat();
    let mut phone = phone(&sql);
    for said in ["447700900106@s.whatsapp.net", "+447700900106"] {
        phone.options.exclude_chats = vec![said.into()];
        let got = phone.read();
        assert_eq!((got.natives(), got.left_out), (vec!["K2", "K4"], 3), "{said}");
    }
    phone.options.exclude_chats.clear();
    for said in ["Project X", "120363000000000001@g.us"] {
        phone.options.only_chats = vec![said.into()];
        assert_eq!(phone.read().natives(), ["K4"]);
    }
    phone.options.only_chats = vec!["+447700900101".into()];
    assert_eq!(phone.read().natives(), ["K2"]);
}

#[test]
fn a_name_that_no_conversation_has_is_refused_before_anything_is_read() {
    let call =
        "INSERT INTO call_log(jid_row_id, from_me, call_id, timestamp) VALUES (10, 0, 'C', 1772615600000);".to_owned();
    let mut phone = phone(&[insert(2, 1, 0, 0, 0, "'private'"), insert(3, 77, 0, 0, 0, "'x'"), call].concat());
    phone.options.exclude_chats = vec!["Ada. Example".into(), "Project X".into()];
    let mut visited = 0;
    let error = read(&phone.path(""), &phone.options, &mut |read| {
        visited += u32::from(!matches!(read, PhoneRead::Opened { .. } | PhoneRead::Noticed(_)));
        Ok(())
    });
    let error = error.unwrap_err();
    assert_eq!((error.kind(), visited), (crate::ErrorKind::Usage, 0));
    let text = error.to_string();
    assert!(text.contains("called \"Ada. Example\"; there are:") && text.contains("Ada Example, "), "{text}");
    for said in ["\u{200e}ADA  example", "0044 7700-900101", "chat:77", "+44 7700 900199"] {
        phone.options.exclude_chats = vec![said.into()];
        assert_eq!(phone.read().left_out, 1, "{said}");
    }
}
