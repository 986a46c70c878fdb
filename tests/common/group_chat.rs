//! A group chat on an Android phone, with everything in it that a chat can have, and people who mean no good.

use std::path::Path;

/// 2026-03-03T22:58:00Z: in Warsaw the day changes two minutes later.
const BEGIN: i64 = 1_772_578_680_000;

/// The id of the chat.
pub const CHAT: &str = "120363000000000001@g.us";

const TABLES: &str = "
CREATE TABLE jid(_id INTEGER PRIMARY KEY, user TEXT, server TEXT, type INTEGER, raw_string TEXT);
CREATE TABLE chat(_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT, group_type INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message(_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT, sender_jid_row_id INTEGER,
  status INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT, sort_id INTEGER);
CREATE TABLE message_media(message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, file_path TEXT, file_size INTEGER,
  mime_type TEXT, media_name TEXT, file_hash TEXT, media_duration INTEGER, media_caption TEXT, page_count INTEGER);
CREATE TABLE message_quoted(message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, parent_message_chat_row_id INTEGER,
  from_me INTEGER, sender_jid_row_id INTEGER, key_id TEXT, timestamp INTEGER, message_type INTEGER, text_data TEXT);
CREATE TABLE message_revoked(message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT, revoke_timestamp INTEGER,
  admin_jid_row_id INTEGER);
CREATE TABLE message_edit_info(message_row_id INTEGER PRIMARY KEY, original_key_id TEXT, edited_timestamp INTEGER,
  sender_timestamp INTEGER);
CREATE TABLE message_add_on(_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,
  sender_jid_row_id INTEGER, parent_message_row_id INTEGER, timestamp INTEGER, status INTEGER, message_add_on_type INTEGER);
CREATE TABLE message_add_on_reaction(message_add_on_row_id INTEGER PRIMARY KEY, reaction TEXT, sender_timestamp INTEGER);
CREATE TABLE message_system(message_row_id INTEGER PRIMARY KEY, action_type INTEGER NOT NULL);
CREATE TABLE message_system_chat_participant(message_row_id INTEGER, user_jid_row_id INTEGER);
CREATE TABLE call_log(_id INTEGER PRIMARY KEY, jid_row_id INTEGER, from_me INTEGER, call_id TEXT, timestamp INTEGER,
  video_call INTEGER, duration INTEGER, call_result INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0, call_type INTEGER);
CREATE TABLE message_call_log(message_row_id INTEGER PRIMARY KEY, call_log_row_id INTEGER);
INSERT INTO jid VALUES (1, '447700900101', 's.whatsapp.net', 0, '447700900101@s.whatsapp.net'),
  (2, '447700900102', 's.whatsapp.net', 0, '447700900102@s.whatsapp.net'),
  (3, '447700900103', 's.whatsapp.net', 0, '447700900103@s.whatsapp.net'),
  (4, '447700900104', 's.whatsapp.net', 0, '447700900104@s.whatsapp.net'),
  (5, '447700900105', 's.whatsapp.net', 0, '447700900105@s.whatsapp.net'),
  (6, '447700900106', 's.whatsapp.net', 0, '447700900106@s.whatsapp.net'),
  (9, '120363000000000001', 'g.us', 1, '120363000000000001@g.us');
";

/// Two people of one name, names of three scripts, one that would act on a terminal, and one without a name.
const BOOK: &[(&str, Option<&str>)] = &[
    ("447700900101", Some("Ada Example")),
    ("447700900102", Some("Ada Example")),
    ("447700900103", Some("أحمد")),
    ("447700900104", Some("陳林")),
    ("447700900105", Some("\u{1b}[31mRed\u{202e}")),
    ("447700900106", None),
];

/// Makes the phone's folder: `msgstore.db`, `wa.db`, one document. `times`: how often one more line is said at the end.
pub fn write(folder: &Path, times: usize) {
    std::fs::create_dir_all(folder.join("Media")).unwrap();
    std::fs::write(folder.join("Media/offer.pdf"), b"%PDF-1.4 invented").unwrap();
    let book = rusqlite::Connection::open(folder.join("wa.db")).unwrap();
    book.execute_batch("CREATE TABLE wa_contacts(_id INTEGER PRIMARY KEY, jid TEXT, display_name TEXT, wa_name TEXT, nickname TEXT, number TEXT, status TEXT)").unwrap();
    for (number, name) in BOOK.iter().filter_map(|(number, name)| Some((number, (*name)?))) {
        let jid = format!("{number}@s.whatsapp.net");
        book.execute("INSERT INTO wa_contacts(jid, display_name) VALUES (?1, ?2)", (jid, name)).unwrap();
    }
    let store = rusqlite::Connection::open(folder.join("msgstore.db")).unwrap();
    store.execute_batch(TABLES).unwrap();
    store.execute("INSERT INTO chat VALUES (1, 9, ?1, 0)", ["Deal \u{202e}room ⚠"]).unwrap();
    for (id, (sender, kind, text)) in (2i64..).zip(lines()) {
        say(&store, id, sender, kind, text.as_deref(), BEGIN + (id - 2) * 60_000);
    }
    say(&store, 90, 4, 0, Some("sent at no time"), 0);
    store.execute_batch(BESIDE).unwrap();
    for id in 0..i64::try_from(times).unwrap() {
        say(&store, 1000 + id, 6, 0, Some(&format!("line {id}")), BEGIN + 86_400_000 + id * 1000);
    }
}

/// Sender (0: the owner), type, text; the first has row 2, each a minute after the one before.
fn lines() -> Vec<(i64, i64, Option<String>)> {
    let text = |text: &str| Some(text.to_owned());
    vec![
        (0, 7, None),
        (1, 0, text("please send the wire transfer\ntoday")),
        (2, 0, text("\u{1b}[2J\u{1b}]0;owned\u{7}wire it\rUNPAID")),
        (3, 0, text("شكرا، wire غدا")),
        (4, 0, text("這份合同 👩\u{200d}👩\u{200d}👧 wire 明天")),
        (5, 0, Some(format!("z{} wire \u{202e}evil\u{202c}", "\u{301}".repeat(10_000)))),
        (0, 0, text("no, by letter")),
        (1, 0, text("the new text")),
        (2, 15, None),
        (1, 90, None),
        (6, 9, text("as agreed")),
        (3, 1, text("a photo")),
    ]
}

/// What belongs to the lines: replies (8, 12), an edit (9), a deletion (10), a call (11), media (12, 13), reactions to 3.
const BESIDE: &str = "
INSERT INTO message_system VALUES (2, 11);
INSERT INTO message_quoted(message_row_id, chat_row_id, from_me, sender_jid_row_id, key_id, message_type, text_data)
  VALUES (8, 1, 0, 1, 'K3', 0, 'please send the wire transfer' || char(10) || 'today'), (12, 1, 0, 3, 'K5', 0, 'شكرا، wire غدا');
INSERT INTO message_edit_info VALUES (9, 'K9', 1772579400000, 1772579400000);
INSERT INTO message_revoked VALUES (10, 'K10', 1772579500000, NULL);
INSERT INTO call_log VALUES (1, 1, 0, 'C1', 1772579220000, 0, 62, 5, 0, 0);
INSERT INTO message_call_log VALUES (11, 1);
INSERT INTO message_media(message_row_id, file_path, file_size, mime_type, media_name) VALUES
  (12, 'Media/offer.pdf', 17, 'application/pdf', 'Offer\u{202e}fdp.exe.pdf'), (13, 'Media/gone.jpg', 9, 'image/jpeg', NULL);
INSERT INTO message_add_on VALUES (1, 1, 0, 'R1', 2, 3, 1772579000000, 0, 56), (2, 1, 0, 'R2', 4, 3, 1772579001000, 0, 56),
  (3, 1, 1, 'R3', NULL, 3, 1772579002000, 0, 56);
INSERT INTO message_add_on_reaction VALUES (1, '👍', 1772579000000), (2, '❤️', 1772579001000), (3, '', 1772579002000);
";

fn say(store: &rusqlite::Connection, id: i64, sender: i64, kind: i64, text: Option<&str>, at: i64) {
    let sql = "INSERT INTO message VALUES (?1, 1, ?2, ?3, ?4, 13, ?5, ?6, ?7, ?1)";
    store.execute(sql, (id, i64::from(sender == 0), format!("K{id}"), sender, at, kind, text)).unwrap();
}
