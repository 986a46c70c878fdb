//! Databases that lie, are damaged or are meant to do harm.

use super::{
    super::*,
    fixture::{MODERN, PEOPLE, Phone, T, many},
};
use std::fs;

#[test]
fn views_and_triggers_in_place_of_tables_are_named_and_not_run() {
    let endless = "CREATE VIEW message AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS _id, 1 AS chat_row_id, 0 AS from_me, 'K' AS key_id FROM n;";
    let phone = Phone::new(&[PEOPLE, endless]);
    let got = phone.read();
    assert!(got.items.is_empty());
    assert_eq!(got.codes(), [Code::TableRefused, Code::DatabaseDamaged]);
    assert_eq!(got.noticed[0].place.to_string(), "msgstore.db > message");
    assert!(detect(&phone.path("")).unwrap().unwrap().why.contains("not its tables"));

    // With the old table beside it, the view is still said to be refused.
    let both = Phone::new(&[PEOPLE, endless, super::fixture::LEGACY]);
    let found = crate::source::detect(&both.path("")).unwrap().remove(0);
    assert!(found.confidence < 1.0 && found.why.contains("its table message is refused: a view"), "{found:?}");

    let side = "DROP TABLE message_quoted; CREATE VIEW message_quoted AS SELECT 1002 AS message_row_id, 'x' AS key_id;
        CREATE TRIGGER t AFTER UPDATE ON message BEGIN DELETE FROM message; END;";
    let got = Phone::new(&[PEOPLE, MODERN, &many(20, 3), side]).read();
    assert_eq!((got.items.len(), got.codes()), (20, vec![Code::TableRefused]));
}

#[test]
fn missing_columns_and_tables_lose_nothing_else() {
    let bare = "CREATE TABLE message(_id INTEGER PRIMARY KEY, chat_row_id, key_id, message_type);
        INSERT INTO message VALUES (1, 1, 'A', 0), (2, 7, 'B', 1), (3, NULL, '', NULL);";
    let got = Phone::new(&[bare]).read();
    assert_eq!(got.natives(), ["A", "B", "row:3"]);
    let codes: Vec<_> = got.message("row:3").findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::NoNativeId, Code::DateMissing]);
    assert_eq!(got.message("A").conversation.id, "chat:1");
}

#[test]
fn absurd_times_and_types_are_findings_and_the_message_stays() {
    let sql = format!(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, timestamp, message_type, text_data, sort_id) VALUES
         (2, 1, 0, 'A', 0, 9223372036854775807, 0, 'far', 2), (3, 1, 0, 'B', 0, -5, 0, 'past', 3),
         (4, 1, 'yes', 'C', 'x', 'soon', 'text', 4.5, 'z'), (5, 1, 0, x'44', 0, '{T}', '0', x'ff00fe', 5);"
    );
    let got = Phone::new(&[PEOPLE, MODERN, &sql]).read();
    assert_eq!(got.items.len(), 4);
    for native in ["A", "B"] {
        assert_eq!(got.message(native).sent, None);
        assert_eq!(got.message(native).findings[0].code, Code::DateAbsurd);
    }
    assert_eq!((got.message("C").body.as_str(), got.message("C").findings[0].code), ("4.5", Code::DateMissing));
    assert_eq!((got.message("D").body.as_str(), got.message("D").sent.unwrap().0), ("\u{fffd}\0\u{fffd}", T));
}

#[test]
fn a_row_that_is_too_large_is_not_readable_and_the_others_are() {
    let sql = "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, text_data, sort_id) VALUES
        (2, 1, 0, 'A', 1772615561000, 0, 'small', 2), (3, 1, 0, 'B', 1772615561000, 0, zeroblob(70000000), 3), (4, 1, 0, 'C', 1772615561000, 0, 'small', 4);";
    let got = Phone::new(&[PEOPLE, MODERN, sql]).read();
    assert_eq!(got.natives(), ["A", "C"]);
    assert_eq!(got.not_readable.len(), 1);
    let (item, finding) = &got.not_readable[0];
    assert_eq!((item.as_str(), finding.code, finding.place.line), ("row 3", Code::DatabaseDamaged, Some(3)));
}

#[test]
fn damage_anywhere_never_panics_and_what_can_be_read_is() {
    let phone = Phone::new(&["PRAGMA page_size = 512;", PEOPLE, MODERN, &many(150, 5)]);
    let whole = fs::read(phone.path("msgstore.db")).unwrap();
    let (mut state, mut read_some) = (11_u64, 0);
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..40 {
        let mut bytes = whole.clone();
        for _ in 0..12 {
            let at = next(bytes.len());
            bytes[at] = next(256) as u8;
        }
        if round % 4 == 0 {
            bytes.truncate(next(whole.len()));
        }
        phone.file("msgstore.db", &bytes);
        let got = phone.read();
        assert!(got.items.len() <= 400);
        read_some += usize::from(!got.items.is_empty());
    }
    assert!(read_some > 10, "{read_some}");
}

#[test]
fn detection_says_that_a_database_is_damaged() {
    let phone = Phone::new(&[PEOPLE, MODERN, &many(2000, 5)]);
    let path = phone.path("msgstore.db");
    let mut bytes = fs::read(&path).unwrap();
    let whole = crate::source::detect(&path).unwrap().remove(0);
    assert!(whole.confidence == 1.0 && !whole.why.contains("damaged"), "{whole:?}");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40_960].fill(0xee);
    fs::write(&path, bytes).unwrap();
    let found = crate::source::detect(&path).unwrap().remove(0);
    assert!(found.confidence < 1.0 && found.why.contains("damaged"), "{found:?}");
}

#[test]
fn a_damaged_address_book_costs_only_the_names() {
    let phone = Phone::new(&[PEOPLE, MODERN, &many(5, 1)]);
    phone.file("wa.db", b"SQLite format 3\0 and then nothing");
    let got = phone.read();
    assert_eq!((got.items.len(), got.codes()), (5, vec![Code::DatabaseDamaged]));
    fs::remove_file(phone.path("wa.db")).unwrap();
    fs::create_dir(phone.path("wa.db")).unwrap();
    assert_eq!(phone.read().items.len(), 5);
}

#[test]
fn ids_of_any_length_are_bounded_and_what_refers_to_them_still_finds_them() {
    let (long, revoked) = ("K".repeat(35_000), "R".repeat(300));
    let sql = format!(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, text_data, sort_id) VALUES
         (2, 1, 0, '{long}', {T}, 0, 'long', 2), (3, 1, 0, 'B', {T}, 0, 'a reply', 3), (4, 1, 0, '{revoked}', {T}, 15, '', 4);
         INSERT INTO message_quoted(message_row_id, chat_row_id, from_me, key_id, message_type, text_data) VALUES (3, 1, 0, '{long}', 0, 'long');
         INSERT INTO message_add_on(_id, chat_row_id, from_me, parent_message_row_id, timestamp, message_add_on_type) VALUES (1, 1, 1, 2, {T}, 56);
         INSERT INTO message_add_on_reaction VALUES (1, 'x', {T});"
    );
    let got = Phone::new(&[PEOPLE, MODERN, &sql]).read();
    assert_eq!(got.items.len(), 4, "{:?}", got.natives().len());
    let hashed = |text: &str| format!("sha256:{}", crate::model::Digest::of(text.as_bytes()).to_hex());
    let original = got.message(&hashed(&long));
    assert!(original.details.as_ref().unwrap().raw["native_id"].starts_with("KKKK"));
    let quote = got.details("B").quote.as_ref().unwrap();
    assert_eq!((quote.native.as_deref(), quote.message), (Some(hashed(&long).as_str()), Some(original.id())));
    let reaction = got.items.iter().find_map(|item| item.message.details.as_ref()?.reaction.as_ref()).unwrap();
    assert_eq!((&reaction.target, reaction.message), (&hashed(&long), Some(original.id())));
    let deletion = got.message(&hashed(&format!("revoked:{revoked}"))).deletion.as_ref().unwrap();
    assert_eq!(deletion.target, Some(hashed(&revoked)));
    for item in &got.items {
        let message = &item.message;
        assert!(message.identity.native.len() <= 255 && message.story().unwrap().len() <= 255);
    }
}
