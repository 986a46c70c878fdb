//! Makes databases of an iPhone that never was, from the published schemas, and reads them.

use super::super::protobuf::tests::bytes;
use crate::{
    Error,
    fs::spool::Spool,
    model::{Code, Details, Finding, MailboxName, Message},
    source::phone::{PhoneItem, PhoneOptions, PhoneRead},
};
use base64::Engine as _;
use rusqlite::{Connection, ToSql, params_from_iter, types::Value};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A schema of 2024 and later, reduced to the columns that matter.
pub const NEWER: &str = "
CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB);
CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZARCHIVED INTEGER, ZREMOVED INTEGER,
  ZSESSIONTYPE INTEGER, ZGROUPINFO INTEGER, ZLASTMESSAGEDATE TIMESTAMP, ZCONTACTIDENTIFIER VARCHAR, ZCONTACTJID VARCHAR,
  ZLASTMESSAGETEXT VARCHAR, ZPARTNERNAME VARCHAR);
CREATE TABLE ZWAGROUPINFO (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION INTEGER, ZCREATIONDATE TIMESTAMP, ZCREATORJID VARCHAR,
  ZOWNERJID VARCHAR);
CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZISACTIVE INTEGER, ZISADMIN INTEGER, ZCHATSESSION INTEGER,
  ZCONTACTIDENTIFIER VARCHAR, ZCONTACTNAME VARCHAR, ZFIRSTNAME VARCHAR, ZMEMBERJID VARCHAR);
CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZFILESIZE INTEGER, ZMOVIEDURATION INTEGER, ZMESSAGE INTEGER,
  ZASPECTRATIO FLOAT, ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZMEDIALOCALPATH VARCHAR, ZMEDIAURL VARCHAR, ZTITLE VARCHAR,
  ZVCARDNAME VARCHAR, ZVCARDSTRING VARCHAR, ZXMPPTHUMBPATH VARCHAR, ZMEDIAKEY BLOB, ZMETADATA BLOB);
CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZFLAGS INTEGER, ZGROUPEVENTTYPE INTEGER,
  ZISFROMME INTEGER, ZMESSAGEERRORSTATUS INTEGER, ZMESSAGESTATUS INTEGER, ZMESSAGETYPE INTEGER, ZSORT INTEGER,
  ZSTARRED INTEGER, ZCHATSESSION INTEGER, ZGROUPMEMBER INTEGER, ZMEDIAITEM INTEGER, ZMESSAGEINFO INTEGER,
  ZPARENTMESSAGE INTEGER, ZMESSAGEDATE TIMESTAMP, ZSENTDATE TIMESTAMP, ZFROMJID VARCHAR, ZPUSHNAME VARCHAR,
  ZSTANZAID VARCHAR, ZTEXT VARCHAR, ZTOJID VARCHAR);
CREATE TABLE ZWAMESSAGEDATAITEM (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZCONTENT1 VARCHAR, ZCONTENT2 VARCHAR,
  ZMATCHEDTEXT VARCHAR, ZSUMMARY VARCHAR, ZTITLE VARCHAR);
CREATE TABLE ZWAMESSAGEINFO (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZRECEIPTINFO BLOB);
CREATE TABLE ZWAPROFILEPUSHNAME (Z_PK INTEGER PRIMARY KEY, ZJID VARCHAR, ZPUSHNAME VARCHAR);
CREATE INDEX ZWAMEDIAITEM_ZMESSAGE_INDEX ON ZWAMEDIAITEM (ZMESSAGE);
CREATE INDEX ZWAMESSAGEINFO_ZMESSAGE_INDEX ON ZWAMESSAGEINFO (ZMESSAGE);
CREATE INDEX ZWAMESSAGEDATAITEM_ZMESSAGE_INDEX ON ZWAMESSAGEDATAITEM (ZMESSAGE);
CREATE INDEX ZWAGROUPMEMBER_ZCHATSESSION_INDEX ON ZWAGROUPMEMBER (ZCHATSESSION);
CREATE INDEX Z_WAMessage_compoundIndex ON ZWAMESSAGE (ZCHATSESSION COLLATE BINARY ASC, ZSORT COLLATE BINARY ASC);
CREATE INDEX Z_WAMessage_byStanzaIDIndex ON ZWAMESSAGE (ZSTANZAID COLLATE BINARY ASC);";

/// A schema of about 2016: no message info, no parent, no title, no flags.
pub const OLDER: &str = "
CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZSESSIONTYPE INTEGER, ZGROUPINFO INTEGER, ZCONTACTJID VARCHAR,
  ZPARTNERNAME VARCHAR);
CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION INTEGER, ZCONTACTNAME VARCHAR, ZMEMBERJID VARCHAR);
CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZFILESIZE INTEGER, ZMOVIEDURATION INTEGER, ZMESSAGE INTEGER,
  ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZMEDIALOCALPATH VARCHAR, ZVCARDNAME VARCHAR, ZVCARDSTRING VARCHAR);
CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZGROUPEVENTTYPE INTEGER, ZISFROMME INTEGER, ZMESSAGESTATUS INTEGER,
  ZMESSAGETYPE INTEGER, ZCHATSESSION INTEGER, ZGROUPMEMBER INTEGER, ZMESSAGEDATE TIMESTAMP, ZFROMJID VARCHAR,
  ZSTANZAID VARCHAR, ZTEXT VARCHAR, ZTOJID VARCHAR);";

/// The call history.
pub const CALLS: &str = "
CREATE TABLE ZWAAGGREGATECALLEVENT (Z_PK INTEGER PRIMARY KEY, ZINCOMING INTEGER, ZMISSED INTEGER, ZMISSEDREASON INTEGER,
  ZVIDEO INTEGER, ZFIRSTDATE TIMESTAMP, ZLINKTOKEN VARCHAR);
CREATE TABLE ZWACDCALLEVENT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZBYTESRECEIVED INTEGER, ZBYTESSENT INTEGER,
  ZOUTCOME INTEGER, Z1CALLEVENTS INTEGER, Z_FOK_1CALLEVENTS INTEGER, ZDATE TIMESTAMP, ZDURATION FLOAT,
  ZCALLIDSTRING VARCHAR, ZGROUPCALLCREATORUSERJIDSTRING VARCHAR, ZGROUPJIDSTRING VARCHAR);
CREATE TABLE ZWACDCALLEVENTPARTICIPANT (Z_PK INTEGER PRIMARY KEY, ZOUTCOME INTEGER, Z1PARTICIPANTS INTEGER,
  Z_FOK_1PARTICIPANTS INTEGER, ZJIDSTRING VARCHAR);
CREATE TABLE ZWAJOINABLECALLEVENT (Z_PK INTEGER PRIMARY KEY, ZCURRENTOUTCOME INTEGER, ZVIDEO INTEGER, ZDATE TIMESTAMP,
  ZDURATION FLOAT, ZCALLCREATORJIDSTRING VARCHAR, ZCALLIDSTRING VARCHAR, ZGROUPJIDSTRING VARCHAR);
CREATE TABLE ZWAJOINABLECALLEVENTPARTICIPANT (Z_PK INTEGER PRIMARY KEY, ZJOINED INTEGER, Z4PARTICIPANTS INTEGER,
  ZJIDSTRING VARCHAR);
CREATE TABLE ZWAUPCOMINGCALLEVENT (Z_PK INTEGER PRIMARY KEY, ZCALLTYPE INTEGER, ZSTATUS INTEGER, ZUNIXTIMEMS INTEGER,
  ZCHATJIDSTRING VARCHAR, ZCREATORJIDSTRING VARCHAR, ZMESSAGESTANZAID VARCHAR, ZTITLE VARCHAR);";

/// The address book.
pub const CONTACTS: &str = "
CREATE TABLE ZWAADDRESSBOOKCONTACT (Z_PK INTEGER PRIMARY KEY, ZFULLNAME VARCHAR, ZGIVENNAME VARCHAR, ZLID VARCHAR,
  ZPHONENUMBER VARCHAR, ZWHATSAPPID VARCHAR);";

/// Numbers of `@lid` addresses.
pub const LIDS: &str = "CREATE TABLE ZWAZACCOUNT (Z_PK INTEGER PRIMARY KEY, ZIDENTIFIER VARCHAR, ZPHONENUMBER VARCHAR, ZCREATEDAT TIMESTAMP);";

pub const OWNER: &str = "447700900100@s.whatsapp.net";
pub const ADA: &str = "447700900101@s.whatsapp.net";
pub const BO: &str = "447700900102@s.whatsapp.net";
pub const CY: &str = "447700900103@s.whatsapp.net";
/// Bo, by an id that `LID.sqlite` maps.
pub const BO_LID: &str = "99000000000002@lid";
/// Somebody whose number nothing says.
pub const DEE_LID: &str = "99000000000004@lid";
pub const GROUP: &str = "120363000000000001@g.us";
/// 2026-03-04T09:12:41Z.
pub const T0: f64 = 794_308_361.0;

/// Cells of a row.
pub type Cells<'a> = &'a [(&'a str, &'a dyn ToSql)];

/// Files of a phone in a temporary folder.
pub struct Phone {
    dir: TempDir,
}

impl Phone {
    /// A phone with sessions for Ada (1), the group (2), and nothing else.
    pub fn new() -> Self {
        let phone = Self { dir: tempfile::tempdir().unwrap() };
        phone.make("ChatStorage.sqlite", NEWER);
        phone.session(1, ADA, "Ada Example");
        phone.session(2, GROUP, "Project Alpha");
        for (row, member, name) in [(1, ADA, "Ada E."), (2, BO_LID, ""), (3, DEE_LID, "Dee")] {
            phone.insert(
                "ZWAGROUPMEMBER",
                &[("Z_PK", &row), ("ZCHATSESSION", &2), ("ZMEMBERJID", &member), ("ZCONTACTNAME", &name)],
            );
        }
        phone
    }

    /// A phone with a database of this schema and no rows.
    pub fn empty(schema: &str) -> Self {
        let phone = Self { dir: tempfile::tempdir().unwrap() };
        phone.make("ChatStorage.sqlite", schema);
        phone
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("phone")
    }

    /// Makes a database.
    pub fn make(&self, name: &str, schema: &str) {
        fs::create_dir_all(self.root()).unwrap();
        connect(self.root().join(name)).execute_batch(schema).unwrap();
    }

    /// Adds a row to a table of the database of messages.
    pub fn insert(&self, table: &str, cells: Cells<'_>) -> i64 {
        insert(&self.root().join("ChatStorage.sqlite"), table, cells)
    }

    /// Adds a row to a table of another database.
    pub fn insert_into(&self, database: &str, table: &str, cells: Cells<'_>) -> i64 {
        insert(&self.root().join(database), table, cells)
    }

    pub fn session(&self, row: i64, address: &str, name: &str) {
        self.insert("ZWACHATSESSION", &[("Z_PK", &row), ("ZCONTACTJID", &address), ("ZPARTNERNAME", &name)]);
    }

    /// Adds a message: its stanza id, session, type, and other cells. Gives its row.
    pub fn message(&self, stanza: &str, session: i64, message_type: i64, cells: Cells<'_>) -> i64 {
        let connection = connect(self.root().join("ChatStorage.sqlite"));
        let row: i64 =
            connection.query_row("SELECT coalesce(max(Z_PK), 0) + 1 FROM ZWAMESSAGE", [], |row| row.get(0)).unwrap();
        let stanza = (!stanza.is_empty()).then_some(stanza);
        let date = T0 + row as f64;
        let mut all: Vec<(&str, &dyn ToSql)> =
            vec![("Z_PK", &row), ("ZSTANZAID", &stanza), ("ZCHATSESSION", &session), ("ZMESSAGETYPE", &message_type)];
        for (name, value) in [("ZMESSAGEDATE", &date as &dyn ToSql), ("ZISFROMME", &0)] {
            if !cells.iter().any(|(cell, _)| *cell == name) {
                all.push((name, value));
            }
        }
        all.extend(cells);
        insert(&self.root().join("ChatStorage.sqlite"), "ZWAMESSAGE", &all)
    }

    /// Adds a message with a medium.
    pub fn with_media(&self, stanza: &str, message_type: i64, cells: Cells<'_>, media: Cells<'_>) -> i64 {
        let item = self.insert("ZWAMEDIAITEM", media);
        let mut all: Vec<(&str, &dyn ToSql)> = vec![("ZMEDIAITEM", &item)];
        all.extend(cells);
        self.message(stanza, 1, message_type, &all)
    }

    /// Writes a file below the folder.
    pub fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self) -> Seen {
        self.read_with(|_| {})
    }

    pub fn read_with(&self, change: impl FnOnce(&mut PhoneOptions)) -> Seen {
        self.try_read(&self.root(), change).unwrap()
    }

    pub fn spool(&self) -> Spool {
        Spool::create(&self.dir.path().join("spool")).unwrap()
    }

    pub fn try_read(&self, path: &Path, change: impl FnOnce(&mut PhoneOptions)) -> Result<Seen, Error> {
        let mut options = PhoneOptions {
            owner: MailboxName::parse("owner@corp.example").unwrap(),
            me: None,
            source_tz: None,
            date_order: None,
            only_chats: Vec::new(),
            exclude_chats: Vec::new(),
            key_file: None,
            spool: self.spool(),
        };
        change(&mut options);
        let mut seen = Seen::default();
        crate::source::select::read_phone(crate::model::SourceKind::Ios, path, &options, &mut |read| {
            match read {
                PhoneRead::Opened { file, path, digest, size } => {
                    let bytes = std::fs::read(&path).unwrap();
                    let is = (crate::model::Digest::of(&bytes), bytes.len() as u64);
                    assert_eq!(is, (digest, size), "{file} is at {path:?}");
                    let spool = options.spool.path();
                    assert!(!path.starts_with(spool), "{file} is a copy");
                    seen.opened.push(file);
                }
                PhoneRead::Item(item) => seen.items.push(*item),
                PhoneRead::NotReadable { finding, item } => seen.not_readable.push((finding, item)),
                PhoneRead::Noticed(finding) => seen.noticed.push(finding),
                PhoneRead::LeftOut { messages } => seen.left_out += messages,
            }
            Ok(())
        })?;
        Ok(seen)
    }
}

/// Opens a database for writing, without waiting for the disk.
pub fn connect(path: impl AsRef<Path>) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF;").unwrap();
    connection
}

fn insert(path: &Path, table: &str, cells: Cells<'_>) -> i64 {
    let columns: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; cells.len()].join(",");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(","));
    let connection = connect(path);
    connection.execute(&sql, params_from_iter(cells.iter().map(|(_, value)| value))).unwrap();
    connection.last_insert_rowid()
}

/// What reading met.
#[derive(Debug, Default)]
pub struct Seen {
    pub opened: Vec<String>,
    pub items: Vec<PhoneItem>,
    pub not_readable: Vec<(Finding, String)>,
    pub noticed: Vec<Finding>,
    pub left_out: u64,
}

impl Seen {
    pub fn item(&self, native: &str) -> &PhoneItem {
        self.items.iter().find(|item| item.message.identity.native == native).unwrap_or_else(|| {
            let all: Vec<_> = self.items.iter().map(|item| item.message.identity.native.as_str()).collect();
            panic!("no {native} in {all:?}")
        })
    }

    pub fn message(&self, native: &str) -> &Message {
        &self.item(native).message
    }

    pub fn details(&self, native: &str) -> &Details {
        self.message(native).details.as_ref().unwrap()
    }

    pub fn natives(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.message.identity.native.as_str()).collect()
    }

    /// Codes of the findings of one message.
    pub fn codes(&self, native: &str) -> Vec<Code> {
        self.message(native).findings.iter().map(|finding| finding.code).collect()
    }
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// `ZMETADATA` of a reply to a text.
pub fn reply(stanza: &str, sender: &str) -> Vec<u8> {
    [bytes(5, stanza), bytes(6, sender), bytes(19, bytes(1, "question"))].concat()
}

/// A cell of any type, for random rows.
pub fn any_cell() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    prop_oneof![
        Just(Value::Null),
        (-3_i64..80).prop_map(Value::Integer),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Real),
        "[a-z0-9@.:/=_-]{0,30}".prop_map(Value::Text),
        proptest::sample::select(vec![ADA, BO_LID, GROUP, "../../etc/passwd", "status@broadcast"])
            .prop_map(|text| Value::Text(text.to_owned())),
        proptest::collection::vec(any::<u8>(), 0..60).prop_map(Value::Blob),
    ]
}
