//! Tables that came after 2023: events, channels, forms of businesses, names of people with a LID.

use super::fixture::{MODERN, PEOPLE, Phone, T};
use crate::model::ConversationKind;

const NEWER: &str = "
CREATE TABLE lid_display_name(lid_row_id INTEGER PRIMARY KEY NOT NULL, display_name TEXT NOT NULL, username TEXT);
CREATE TABLE newsletter(chat_row_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE message_event(message_row_id INTEGER PRIMARY KEY, is_canceled INTEGER DEFAULT 0, name TEXT NOT NULL,
  description TEXT, location_latitude REAL, location_longitude REAL, location_name TEXT, join_link TEXT, start_time DATETIME);
CREATE TABLE message_ui_elements(_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, message_row_id INTEGER NOT NULL,
  element_type INTEGER, element_content TEXT, description TEXT, footer_text TEXT, button_text TEXT);
CREATE TABLE message_group_invite(message_row_id INTEGER PRIMARY KEY, group_jid_row_id INTEGER NOT NULL, group_name TEXT,
  invite_code TEXT, expiration INTEGER);
CREATE TABLE message_quoted_media(message_row_id INTEGER PRIMARY KEY, media_caption TEXT);
CREATE TABLE message_add_on_pin_in_chat(message_add_on_row_id INTEGER PRIMARY KEY, pin_in_chat_state INTEGER);
INSERT INTO jid(_id, user, server, type, raw_string) VALUES
  (20, '90000000000003', 'lid', 18, '90000000000003@lid'), (21, '120363000000000777', 'newsletter', 21, '120363000000000777@newsletter');
INSERT INTO lid_display_name VALUES (20, 'Dora', NULL), (4, 'Not the name in the address book', NULL);
INSERT INTO chat(_id, jid_row_id) VALUES (20, 20), (21, 21);
INSERT INTO newsletter VALUES (21, 'City news');
";

#[test]
fn their_words_are_text_and_their_facts_stand_beside() {
    let row = |id: i64, chat: i64, kind: i64, text: &str| {
        format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, timestamp, message_type, text_data, sort_id)
             VALUES ({id}, {chat}, 0, 'K{id}', 0, {}, {kind}, {text}, {id});",
            T + id
        )
    };
    let sql = [
        row(2, 20, 92, "NULL"),
        row(3, 21, 0, "'news'"),
        row(4, 1, 45, "NULL"),
        row(5, 1, 24, "'join us'"),
        row(6, 1, 0, "'re: your photo'"),
        "INSERT INTO message_event(message_row_id, name, description, location_name, start_time) VALUES (2, 'Summer party', 'Bring cake', 'Garden', 1772715561000);
         INSERT INTO message_ui_elements(message_row_id, description, footer_text, button_text) VALUES (4, 'Choose a date', 'Example Ltd', 'Dates');
         INSERT INTO message_group_invite VALUES (5, 5, 'Project X', 'CODE', 1772715561000);
         INSERT INTO message_quoted(message_row_id, chat_row_id, from_me, key_id) VALUES (6, 1, 1, 'GONE');
         INSERT INTO message_quoted_media VALUES (6, 'the caption');
         INSERT INTO message_add_on(_id, chat_row_id, from_me, parent_message_row_id, message_add_on_type) VALUES (1, 1, 1, 5, 79), (2, 1, 1, 6, 79);
         INSERT INTO message_add_on_pin_in_chat VALUES (1, 1), (2, 2);"
            .to_owned(),
    ]
    .concat();
    let got = Phone::new(&[PEOPLE, MODERN, NEWER, &sql]).read();
    assert_eq!(got.codes(), []);
    let event = got.message("K2");
    assert_eq!((event.body.as_str(), event.sender.label()), ("Summer party\nBring cake", "Dora".into()));
    let details = got.details("K2");
    assert_eq!(details.raw["event_start"], "2026-03-05T12:59:21Z");
    assert_eq!(details.location.as_ref().unwrap().name, "Garden");
    let news = got.message("K3");
    assert_eq!((news.sender.label(), news.conversation.kind), ("City news".into(), ConversationKind::Broadcast));
    assert_eq!(
        (got.message("K4").body.as_str(), got.details("K4").raw["button_text"].as_str()),
        ("Choose a date", "Dates")
    );
    assert_eq!(got.details("K5").raw["invite_group"], "120363000000000001@g.us");
    assert_eq!(got.details("K5").flags, ["pinned"]);
    assert_eq!(got.details("K6").quote.as_ref().unwrap().text, "the caption");
    assert!(got.details("K6").flags.is_empty(), "a pin that was taken back is none");
}
