//! What can be given: a folder, a database, a backup with its key; and what detection says of it.

use super::{
    super::*,
    fixture::{LEGACY, MODERN, PEOPLE, Phone, T, many},
};
use crate::{
    ErrorKind,
    model::Instant,
    source::crypt::{self, Generation},
};
use rusqlite::Connection;

#[test]
fn a_database_is_read_with_what_lies_beside_it() {
    let phone = Phone::new(&[PEOPLE, MODERN, &many(10, 1)]);
    let got = phone.read_path(&phone.path("msgstore.db"));
    assert_eq!((got.items.len(), got.opened), (10, vec!["msgstore.db".to_owned(), "wa.db".to_owned()]));
    let names: Vec<_> = std::fs::read_dir(phone.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is written beside the evidence: {names:?}");
    assert_eq!(std::fs::read_dir(phone.options.spool.path()).unwrap().count(), 0, "nothing stays in the spool");
}

#[test]
fn the_layout_of_a_phone_is_understood() {
    let phone = Phone::empty();
    for folder in ["data/data/com.whatsapp/databases", "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images"] {
        std::fs::create_dir_all(phone.path(folder)).unwrap();
    }
    phone.make("data/data/com.whatsapp/databases/msgstore.db", &[PEOPLE, MODERN, &many(3, 1)].concat());
    let got = phone.read();
    assert_eq!((got.items.len(), got.opened), (3, vec!["data/data/com.whatsapp/databases/msgstore.db".to_owned()]));
    let found = detect(&phone.path("")).unwrap().unwrap();
    assert_eq!((found.media.len(), found.contacts), (1, false));
}

#[test]
fn messages_that_stand_only_in_the_log_are_read() {
    let phone = Phone::empty();
    let live = Connection::open(phone.dir.path().join("live.db")).unwrap();
    live.execute_batch(&[PEOPLE, MODERN, &many(5, 1)].concat()).unwrap();
    live.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    live.execute_batch(
        "UPDATE message SET text_data = 'in the log' WHERE _id = 1002; DELETE FROM message WHERE _id = 1004;",
    )
    .unwrap();
    for end in ["", "-wal"] {
        std::fs::copy(phone.dir.path().join(format!("live.db{end}")), phone.path(&format!("msgstore.db{end}")))
            .unwrap();
    }
    let got = phone.read();
    assert_eq!(got.opened, ["msgstore.db", "msgstore.db-wal"]);
    assert_eq!(got.items.len(), 4);
    assert!(got.items.iter().any(|item| item.message.body == "in the log"));
    assert!(detect(&phone.path("")).unwrap().unwrap().log);
    assert_eq!(std::fs::read_dir(phone.options.spool.path()).unwrap().count(), 0, "the log is gone from the spool too");
    assert_eq!(std::fs::read_dir(phone.path("")).unwrap().count(), 2);
}

#[test]
fn an_encrypted_backup_is_read_with_its_key_and_asked_for_without() {
    let mut phone = Phone::new(&[PEOPLE, MODERN, &many(10, 1)]);
    let plain = std::fs::read(phone.path("msgstore.db")).unwrap();
    std::fs::remove_file(phone.path("msgstore.db")).unwrap();
    phone.file("msgstore.db.crypt15", &crypt::tests::crypt15(&plain, &[0x5a; 32]));
    let found = detect(&phone.path("")).unwrap().unwrap();
    assert_eq!((found.encrypted, found.messages), (Some(Generation::Crypt15), None));

    let error = read(&phone.path(""), &phone.options, &mut |_| Ok(())).unwrap_err();
    assert_eq!((error.kind(), error.hint().unwrap().contains("--key-file")), (ErrorKind::Usage, true));
    let key = phone.dir.path().join("key");
    std::fs::write(&key, "5A".repeat(32)).unwrap();
    phone.options.key_file = Some(key.clone());
    let got = phone.read();
    assert_eq!((got.items.len(), got.opened), (10, vec!["msgstore.db.crypt15".to_owned(), "wa.db".to_owned()]));
    assert_eq!(std::fs::read_dir(phone.options.spool.path()).unwrap().count(), 0);

    std::fs::write(&key, "5B".repeat(32)).unwrap();
    let error = read(&phone.path(""), &phone.options, &mut |_| Ok(())).unwrap_err();
    assert!(error.kind() == ErrorKind::Usage && error.to_string().contains("does not fit"), "{error}");
    assert_eq!(std::fs::read_dir(phone.options.spool.path()).unwrap().count(), 0);
}

#[test]
fn detection_says_schema_numbers_and_times() {
    let modern = detect(&Phone::new(&[PEOPLE, MODERN, &many(10, 1)]).path("")).unwrap().unwrap();
    assert_eq!((modern.schema, modern.messages, modern.chats), (Some(Schema::Modern), Some(10), Some(5)));
    assert_eq!(modern.times, Some((Instant(T + 1000 * 60_000), Instant(T + 1009 * 60_000))));
    assert!(modern.contacts && !modern.log);
    let legacy = detect(&Phone::new(&[LEGACY]).path("msgstore.db")).unwrap().unwrap();
    assert_eq!((legacy.schema, legacy.messages, legacy.times), (Some(Schema::Legacy), Some(0), None));
}

#[test]
fn detection_counts_what_an_import_yields() {
    let sql = format!(
        "INSERT INTO message(_id, chat_row_id, from_me, key_id, timestamp, message_type, sort_id) VALUES
         (2000, 1, 0, 'call:C1', {T}, 90, 9000), (2001, 1, 0, 'N2', {T}, 0, 9001);
         INSERT INTO call_log(_id, jid_row_id, from_me, call_id, timestamp, duration) VALUES
         (1, 1, 0, 'call:C1', {T}, 0), (2, 1, 0, 'C2', {T}, 5), (3, 1, 1, 'C3', {T}, 5), (4, 1, 1, 'C4', {T}, 5);
         INSERT INTO message_call_log VALUES (2001, 2), (7777, 3);
         INSERT INTO message_add_on(_id, chat_row_id, from_me, sender_jid_row_id, parent_message_row_id, timestamp,
           message_add_on_type) VALUES (1, 1, 0, 1, 2001, {T}, 56), (2, 1, 0, 1, 2001, {T}, 67);
         INSERT INTO message_add_on_reaction VALUES (1, 'x', {T});"
    );
    let phone = Phone::new(&[PEOPLE, MODERN, &many(10, 1), &sql]);
    let found = detect(&phone.path("")).unwrap().unwrap();
    assert_eq!((found.messages, found.reactions), (Some(10 + 2 + 2), 1));
    assert_eq!(phone.read().items.len() as u64, found.messages.unwrap() + found.reactions);
    assert!(found.why.contains("1 reaction, which is a record of its own"), "{}", found.why);
}

#[test]
fn what_is_none_of_ours_is_not_taken() {
    let phone = Phone::empty();
    assert_eq!(detect(&phone.path("")).unwrap(), None);
    phone.make("other.db", "CREATE TABLE message(id, text);");
    phone.file("msgstore.txt", b"hello");
    for name in ["other.db", "msgstore.txt"] {
        assert_eq!(detect(&phone.path(name)).unwrap(), None, "{name}");
    }
    let error = read(&phone.path(""), &phone.options, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(detect(&phone.path("nothing")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_path_with_signs_that_mean_something_elsewhere_is_a_path() {
    let phone = Phone::empty();
    let folder = phone.path("a b?mode=rwc#c%41'ü");
    std::fs::create_dir(&folder).unwrap();
    let sql = [PEOPLE, MODERN, &many(3, 1)].concat();
    Connection::open(folder.join("msgstore.db")).unwrap().execute_batch(&sql).unwrap();
    assert_eq!(detect(&folder).unwrap().unwrap().messages, Some(3));
    assert_eq!(phone.read_path(&folder).items.len(), 3);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}
