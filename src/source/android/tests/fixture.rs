//! Databases that the tests make: invented people, the published tables, a seeded generator for the many.

use super::super::*;
use crate::{
    fs::spool::Spool,
    model::{Details, MailboxName, Message},
    source::phone::PhoneItem,
};
use rusqlite::Connection;
use std::path::PathBuf;
use tempfile::TempDir;

/// Who is who, in every modern fixture.
pub const PEOPLE: &str = "
CREATE TABLE jid(_id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, server TEXT NOT NULL, agent INTEGER,
  device INTEGER, type INTEGER, raw_string TEXT);
CREATE TABLE jid_map(lid_row_id INTEGER PRIMARY KEY NOT NULL, jid_row_id INTEGER NOT NULL, sort_id INTEGER);
CREATE TABLE chat(_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, hidden INTEGER, subject TEXT,
  created_timestamp INTEGER, archived INTEGER, ephemeral_expiration INTEGER, group_type INTEGER NOT NULL DEFAULT 0);
CREATE TABLE group_participant_user(_id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL,
  user_jid_row_id INTEGER NOT NULL, rank INTEGER, pending INTEGER);
INSERT INTO jid(_id, user, server, type, raw_string) VALUES
  (1, '447700900101', 's.whatsapp.net', 0, '447700900101@s.whatsapp.net'),
  (2, '447700900102', 's.whatsapp.net', 0, '447700900102@s.whatsapp.net'),
  (3, '90000000000001', 'lid', 18, '90000000000001@lid'),
  (4, '90000000000002', 'lid', 18, '90000000000002@lid'),
  (5, '120363000000000001', 'g.us', 1, '120363000000000001@g.us'),
  (6, '447700900106', 's.whatsapp.net', 0, '447700900106@s.whatsapp.net'),
  (7, '1700000000', 'broadcast', 5, '1700000000@broadcast'),
  (9, '447700900101', 's.whatsapp.net', 17, '447700900101.0:12@s.whatsapp.net'),
  (10, '447700900199', 's.whatsapp.net', 0, '447700900199@s.whatsapp.net');
INSERT INTO jid_map VALUES (3, 2, 1);
INSERT INTO chat(_id, jid_row_id, subject, group_type) VALUES
  (1, 1, NULL, 0), (2, 5, 'Project X', 0), (3, 3, NULL, 0), (4, 7, 'Suppliers', 0), (5, 6, NULL, 0);
INSERT INTO group_participant_user(group_jid_row_id, user_jid_row_id, rank) VALUES (5, 1, 2), (5, 3, 0), (5, 4, 0), (5, 2, 0);
";

/// The modern tables of messages.
pub const MODERN: &str = "
CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL,
  key_id TEXT NOT NULL, sender_jid_row_id INTEGER, status INTEGER, broadcast INTEGER, recipient_count INTEGER,
  origination_flags INTEGER, origin INTEGER, timestamp INTEGER, received_timestamp INTEGER, message_type INTEGER,
  text_data TEXT, starred INTEGER, sort_id INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX message_key_index ON message(chat_row_id, from_me, key_id, sender_jid_row_id);
CREATE TABLE message_media(message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, file_path TEXT, file_size INTEGER,
  mime_type TEXT, media_name TEXT, file_hash TEXT, media_duration INTEGER, media_caption TEXT, page_count INTEGER);
CREATE TABLE message_quoted(message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, parent_message_chat_row_id INTEGER,
  from_me INTEGER, sender_jid_row_id INTEGER, key_id TEXT, timestamp INTEGER, message_type INTEGER, text_data TEXT);
CREATE TABLE message_revoked(message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT NOT NULL, revoke_timestamp INTEGER,
  admin_jid_row_id INTEGER);
CREATE TABLE message_edit_info(message_row_id INTEGER PRIMARY KEY, original_key_id TEXT, edited_timestamp INTEGER,
  sender_timestamp INTEGER);
CREATE TABLE message_location(message_row_id INTEGER PRIMARY KEY, latitude REAL, longitude REAL, place_name TEXT,
  place_address TEXT, url TEXT, live_location_share_duration INTEGER);
CREATE TABLE message_vcard(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT);
CREATE TABLE message_add_on(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,
  sender_jid_row_id INTEGER, parent_message_row_id INTEGER, timestamp INTEGER, status INTEGER, message_add_on_type INTEGER);
CREATE TABLE message_add_on_reaction(message_add_on_row_id INTEGER PRIMARY KEY, reaction TEXT, sender_timestamp INTEGER);
CREATE TABLE message_add_on_poll_vote(message_add_on_row_id INTEGER PRIMARY KEY, sender_timestamp INTEGER);
CREATE TABLE message_add_on_poll_vote_selected_option(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_add_on_row_id INTEGER,
  message_poll_option_id INTEGER);
CREATE TABLE message_poll(message_row_id INTEGER PRIMARY KEY, selectable_options_count INTEGER);
CREATE TABLE message_poll_option(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, option_sha256_hex TEXT,
  option_name TEXT, vote_total INTEGER);
CREATE TABLE message_system(message_row_id INTEGER PRIMARY KEY, action_type INTEGER NOT NULL);
CREATE TABLE message_system_chat_participant(message_row_id INTEGER, user_jid_row_id INTEGER);
CREATE TABLE message_system_number_change(message_row_id INTEGER PRIMARY KEY, old_jid_row_id INTEGER, new_jid_row_id INTEGER);
CREATE TABLE message_system_value_change(message_row_id INTEGER PRIMARY KEY, old_data TEXT);
CREATE TABLE receipt_user(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, receipt_user_jid_row_id INTEGER,
  receipt_timestamp INTEGER, read_timestamp INTEGER, played_timestamp INTEGER);
CREATE UNIQUE INDEX receipt_user_index ON receipt_user(message_row_id, receipt_user_jid_row_id);
CREATE TABLE message_forwarded(message_row_id INTEGER PRIMARY KEY, forward_score INTEGER);
CREATE TABLE message_view_once_media(message_row_id INTEGER PRIMARY KEY, state INTEGER NOT NULL);
CREATE TABLE message_ephemeral(message_row_id INTEGER PRIMARY KEY, duration INTEGER, expire_timestamp INTEGER);
CREATE TABLE message_mentions(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, jid_row_id INTEGER);
CREATE TABLE call_log(_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER, from_me INTEGER, call_id TEXT,
  transaction_id INTEGER, timestamp INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER,
  group_jid_row_id INTEGER NOT NULL DEFAULT 0, call_type INTEGER);
CREATE TABLE call_log_participant_v2(_id INTEGER PRIMARY KEY AUTOINCREMENT, call_log_row_id INTEGER, jid_row_id INTEGER,
  call_result INTEGER);
CREATE TABLE message_call_log(message_row_id INTEGER PRIMARY KEY, call_log_row_id INTEGER);
CREATE TABLE missed_call_logs(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, timestamp INTEGER,
  video_call INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0);
INSERT INTO message(_id, chat_row_id, from_me, key_id, status, timestamp, message_type, sort_id)
  VALUES (1, -1, 0, '-1', -1, 0, -1, 1);
";

/// The legacy tables.
pub const LEGACY: &str = "
CREATE TABLE messages(_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER,
  key_id TEXT NOT NULL, status INTEGER, needs_push INTEGER, data TEXT, timestamp INTEGER, media_url TEXT,
  media_mime_type TEXT, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT, media_hash TEXT,
  media_duration INTEGER, latitude REAL, longitude REAL, thumb_image TEXT, remote_resource TEXT,
  received_timestamp INTEGER, receipt_device_timestamp INTEGER, read_device_timestamp INTEGER,
  played_device_timestamp INTEGER, raw_data BLOB, starred INTEGER, quoted_row_id INTEGER, edit_version INTEGER,
  forwarded INTEGER);
CREATE TABLE messages_quotes(_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT, key_from_me INTEGER, key_id TEXT,
  data TEXT, media_wa_type TEXT, media_caption TEXT, remote_resource TEXT);
CREATE TABLE messages_vcards(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT);
CREATE TABLE receipts(_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT, key_id TEXT, remote_resource TEXT,
  receipt_device_timestamp INTEGER, read_device_timestamp INTEGER, played_device_timestamp INTEGER);
CREATE TABLE group_participants(_id INTEGER PRIMARY KEY AUTOINCREMENT, gjid TEXT, jid TEXT, admin INTEGER);
CREATE TABLE chat_list(_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT, subject TEXT, creation INTEGER);
INSERT INTO messages(_id, key_remote_jid, key_from_me, key_id, status, timestamp, media_wa_type) VALUES (1, '-1', 0, '-1', -1, 0, '-1');
";

/// The address book.
pub const CONTACTS: &str = "
CREATE TABLE wa_contacts(_id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT, display_name TEXT, wa_name TEXT, nickname TEXT,
  number TEXT, status TEXT);
INSERT INTO wa_contacts(jid, display_name, wa_name, number) VALUES
  ('447700900101@s.whatsapp.net', 'Ada Example', 'ada', '+447700900101'),
  ('447700900102@s.whatsapp.net', NULL, 'Ben', NULL),
  ('90000000000002@lid', NULL, 'Cleo', NULL);
";

/// 2026-03-04T09:12:41Z.
pub const T: i64 = 1_772_615_561_000;

/// A folder with databases.
pub struct Phone {
    pub dir: TempDir,
    pub options: PhoneOptions,
}

impl Phone {
    /// A phone with `msgstore.db` and `wa.db`.
    pub fn new(sql: &[&str]) -> Self {
        let phone = Self::empty();
        phone.make("msgstore.db", &sql.concat());
        phone.make("wa.db", CONTACTS);
        phone
    }

    /// A phone with nothing on it.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("phone")).unwrap();
        let options = PhoneOptions {
            owner: MailboxName::parse("olga@corp.example").unwrap(),
            me: None,
            source_tz: None,
            date_order: None,
            only_chats: Vec::new(),
            exclude_chats: Vec::new(),
            key_file: None,
            spool: Spool::create(&dir.path().join("spool")).unwrap(),
        };
        Self { dir, options }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("phone").join(name)
    }

    pub fn make(&self, name: &str, sql: &str) {
        Connection::open(self.path(name)).unwrap().execute_batch(sql).unwrap();
    }

    pub fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn read(&self) -> Got {
        self.read_path(&self.path(""))
    }

    pub fn read_path(&self, path: &Path) -> Got {
        let mut got = Got::default();
        crate::source::select::read_phone(crate::model::SourceKind::Android, path, &self.options, &mut |read| {
            match read {
                PhoneRead::Opened { file, path, digest, size } => {
                    let bytes = std::fs::read(&path).unwrap();
                    let is = (crate::model::Digest::of(&bytes), bytes.len() as u64);
                    assert_eq!(is, (digest, size), "{file} is at {path:?}");
                    let spool = self.options.spool.path();
                    assert!(!path.starts_with(spool), "{file} is a copy");
                    got.opened.push(file);
                }
                PhoneRead::Item(item) => got.items.push(*item),
                PhoneRead::NotReadable { finding, item } => got.not_readable.push((item, finding)),
                PhoneRead::Noticed(finding) => got.noticed.push(finding),
                PhoneRead::LeftOut { messages } => got.left_out += messages,
            }
            Ok(())
        })
        .unwrap();
        assert!(got.items.iter().all(|item| item.blobs.len() == item.message.attachments.len()));
        got
    }
}

/// What was read.
#[derive(Default)]
pub struct Got {
    pub opened: Vec<String>,
    pub items: Vec<PhoneItem>,
    pub not_readable: Vec<(String, Finding)>,
    pub noticed: Vec<Finding>,
    pub left_out: u64,
}

impl Got {
    pub fn item(&self, native: &str) -> &PhoneItem {
        let natives: Vec<_> = self.items.iter().map(|item| item.message.identity.native.as_str()).collect();
        let found = self.items.iter().find(|item| item.message.identity.native == native);
        found.unwrap_or_else(|| panic!("no {native} in {natives:?}"))
    }

    pub fn message(&self, native: &str) -> &Message {
        &self.item(native).message
    }

    pub fn details(&self, native: &str) -> &Details {
        self.message(native).details.as_deref().unwrap()
    }

    pub fn natives(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.message.identity.native.as_str()).collect()
    }

    /// Codes beside the placeholder row.
    pub fn codes(&self) -> Vec<Code> {
        self.noticed.iter().map(|finding| finding.code).filter(|code| *code != Code::PlaceholderRow).collect()
    }
}

/// Text messages of the generator: chat, direction, sender and order from a seed.
pub fn many(count: u64, seed: u64) -> String {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut sql = String::from("BEGIN;");
    for i in 0..count {
        let (chat, from_me) = (1 + next(3), next(2));
        let sender = if chat == 2 && from_me == 0 { [1, 3, 4][next(3) as usize] } else { 0 };
        let (id, sort) = (1000 + i, 1000 + (i * 7919) % count);
        let at = T + sort as i64 * 60_000;
        sql.push_str(&format!(
            "INSERT INTO message(_id, chat_row_id, from_me, key_id, sender_jid_row_id, status, timestamp, message_type, text_data, sort_id)
             VALUES ({id}, {chat}, {from_me}, '3EB0{i:028X}', {sender}, 13, {at}, 0, 'text {sort}', {sort});"
        ));
    }
    sql + "COMMIT;"
}
