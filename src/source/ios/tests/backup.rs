//! Finder backups, single files and folders of tools.

use super::fixture::{ADA, CONTACTS, NEWER, Phone, T0, connect};
use crate::{
    ErrorKind,
    model::{Code, Digest, Instant},
    source::ios::{detect, plist::tests::binary_list},
};
use std::{fs, path::Path};

const DOMAIN: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
const BUSINESS: &str = "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared";
const FILES: &str =
    "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);";

/// Puts files of the phone into its folder as a backup: hashed names and a manifest.
fn pack(phone: &Phone, files: &[(&str, &str, &str)]) {
    phone.make("Manifest.db", FILES);
    for (domain, relative, from) in files {
        let digest = Digest::of(format!("{domain}-{relative}").as_bytes()).to_hex();
        let id = &digest[..40];
        let folder = phone.root().join(&id[..2]);
        fs::create_dir_all(&folder).unwrap();
        fs::rename(phone.root().join(from), folder.join(id)).unwrap();
        phone.insert_into(
            "Manifest.db",
            "Files",
            &[("fileID", &id), ("domain", domain), ("relativePath", relative), ("flags", &1)],
        );
    }
}

fn filled() -> Phone {
    let phone = Phone::new();
    phone.with_media("PIC", 1, &[], &[("ZMEDIALOCALPATH", &"Media/a/p.jpg"), ("ZVCARDSTRING", &"image/jpeg")]);
    phone.message("TEXT", 1, 0, &[("ZTEXT", &"from a backup")]);
    phone.file("p.jpg", b"picture");
    phone.make("ContactsV2.sqlite", CONTACTS);
    phone.insert_into(
        "ContactsV2.sqlite",
        "ZWAADDRESSBOOKCONTACT",
        &[("ZFULLNAME", &"Ada of the Book"), ("ZWHATSAPPID", &ADA)],
    );
    phone
}

const ALL: &[(&str, &str, &str)] = &[
    (DOMAIN, "ChatStorage.sqlite", "ChatStorage.sqlite"),
    (DOMAIN, "ContactsV2.sqlite", "ContactsV2.sqlite"),
    (DOMAIN, "Message/Media/a/p.jpg", "p.jpg"),
];

#[test]
fn a_backup_gives_its_databases_and_media_by_the_manifest() {
    let phone = filled();
    pack(&phone, ALL);
    let seen = phone.read();
    assert_eq!(seen.natives(), ["PIC", "TEXT"]);
    assert_eq!(seen.message("PIC").attachments[0].sha256, Digest::of(b"picture"));
    assert_eq!(seen.message("TEXT").sender.name.as_deref(), Some("Ada of the Book"));
    assert_eq!(seen.item("TEXT").place.file, format!("{DOMAIN}/ChatStorage.sqlite"));
    assert_eq!(seen.opened[0], "Manifest.db");
    let found = detect(&phone.root()).unwrap().unwrap();
    assert_eq!((found.kind, found.messages), ("ios-backup", Some(2)));
    assert_eq!(found.range, Some([Instant(1_772_615_562_000), Instant(1_772_615_563_000)]));
    // The manifest itself means its backup.
    assert_eq!(phone.try_read(&phone.root().join("Manifest.db"), |_| {}).unwrap().items.len(), 2);
}

#[test]
fn whatsapp_business_in_the_same_backup_is_read_too() {
    let phone = filled();
    let business = connect(phone.root().join("b.sqlite"));
    business.execute_batch(NEWER).unwrap();
    business
        .execute("INSERT INTO ZWAMESSAGE (Z_PK, ZSTANZAID, ZTEXT, ZFROMJID, ZMESSAGEDATE, ZMESSAGETYPE) VALUES (1, 'BIZ', 'x', ?1, ?2, 0)", (ADA, T0))
        .unwrap();
    drop(business);
    pack(&phone, &[ALL, &[(BUSINESS, "ChatStorage.sqlite", "b.sqlite")]].concat());
    let seen = phone.read();
    assert_eq!(seen.natives(), ["PIC", "TEXT", "BIZ"]);
    assert_eq!(seen.item("BIZ").place.file, format!("{BUSINESS}/ChatStorage.sqlite"));
}

#[test]
fn the_log_of_a_database_in_a_backup_is_used() {
    let phone = filled();
    let path = phone.root().join("ChatStorage.sqlite");
    let writer = connect(&path);
    writer.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    writer.execute("INSERT INTO ZWAMESSAGE (ZSTANZAID, ZCHATSESSION, ZMESSAGETYPE, ZTEXT) VALUES ('LOG', 1, 0, 'only in the log')", []).unwrap();
    for name in ["ChatStorage.sqlite", "ChatStorage.sqlite-wal"] {
        fs::copy(phone.root().join(name), phone.root().join(format!("copy-{name}"))).unwrap();
    }
    drop(writer);
    pack(
        &phone,
        &[
            (DOMAIN, "ChatStorage.sqlite", "copy-ChatStorage.sqlite"),
            (DOMAIN, "ChatStorage.sqlite-wal", "copy-ChatStorage.sqlite-wal"),
        ],
    );
    fs::remove_file(&path).unwrap();
    assert!(phone.read().natives().contains(&"LOG"));
}

#[test]
fn an_encrypted_backup_is_an_error_that_says_what_to_do() {
    for encrypted in [true, false] {
        let phone = filled();
        pack(&phone, ALL);
        if encrypted {
            phone.file("Manifest.plist", &binary_list(true));
        } else {
            phone.file("Manifest.db", b"\x9f\x03 nothing that SQLite knows");
        }
        let error = phone.try_read(&phone.root(), |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("encrypted") && error.hint().unwrap().contains("Encrypt local backup"));
        let found = detect(&phone.root()).unwrap().unwrap();
        assert_eq!(found.messages, None);
        assert!(found.needs[0].contains("without encryption"));
    }
}

#[test]
fn a_backup_without_whatsapp_says_so() {
    let phone = filled();
    fs::remove_file(phone.root().join("ChatStorage.sqlite")).unwrap();
    phone.make("Manifest.db", FILES);
    phone.insert_into(
        "Manifest.db",
        "Files",
        &[("fileID", &"00".repeat(20)), ("domain", &"HomeDomain"), ("relativePath", &"x"), ("flags", &1)],
    );
    assert!(phone.try_read(&phone.root(), |_| {}).unwrap_err().to_string().contains("no WhatsApp in it"));
    assert_eq!(detect(&phone.root()).unwrap(), None);
}

#[test]
fn a_manifest_leads_nowhere_outside_the_backup() {
    let phone = filled();
    pack(&phone, &ALL[..2]);
    fs::write(phone.root().parent().unwrap().join("secret"), b"secret").unwrap();
    for id in ["../secret", "/etc/passwd", "..%2fsecret", ""] {
        phone.insert_into(
            "Manifest.db",
            "Files",
            &[
                ("fileID", &id),
                ("domain", &DOMAIN),
                ("relativePath", &format!("Message/Media/a/p.jpg{id}")),
                ("flags", &1),
            ],
        );
    }
    phone.insert_into(
        "Manifest.db",
        "Files",
        &[("fileID", &"../secret2"), ("domain", &DOMAIN), ("relativePath", &"Message/Media/a/p.jpg"), ("flags", &1)],
    );
    let link = "ab".repeat(20);
    fs::create_dir_all(phone.root().join("ab")).unwrap();
    std::os::unix::fs::symlink("../../secret", phone.root().join("ab").join(&link)).unwrap();
    phone.insert_into(
        "Manifest.db",
        "Files",
        &[("fileID", &link), ("domain", &DOMAIN), ("relativePath", &"Message/Media/l.jpg"), ("flags", &1)],
    );
    phone.with_media_in_backup("LINK", "Media/l.jpg");
    let seen = phone.read();
    assert_eq!(seen.noticed.iter().filter(|f| f.code == Code::HostileName).count(), 1, "{:?}", seen.noticed);
    assert!(seen.items.iter().all(|item| item.message.attachments.is_empty()));
    assert_eq!((seen.codes("PIC"), seen.codes("LINK")), (vec![Code::MediaMissing], vec![Code::HostileName]));
}

#[test]
fn a_file_uses_its_siblings_and_a_tools_folder_is_looked_into() {
    let phone = filled();
    phone.file("Message/Media/a/p.jpg", b"picture");
    let by_file = phone.try_read(&phone.root().join("ChatStorage.sqlite"), |_| {}).unwrap();
    assert_eq!(by_file.message("PIC").attachments.len(), 1);
    assert_eq!(by_file.message("TEXT").sender.name.as_deref(), Some("Ada of the Book"));
    let tool = phone.root().parent().unwrap().join("tool");
    fs::create_dir(&tool).unwrap();
    fs::rename(phone.root(), tool.join(DOMAIN)).unwrap();
    let seen = phone.try_read(&tool, |_| {}).unwrap();
    assert_eq!(seen.item("PIC").place.file, format!("{DOMAIN}/ChatStorage.sqlite"));
    assert_eq!(seen.message("PIC").attachments.len(), 1);
}

#[test]
fn what_is_something_else_is_not_ours() {
    let phone = Phone::empty("CREATE TABLE message (_id INTEGER PRIMARY KEY);");
    assert_eq!(detect(&phone.root().join("ChatStorage.sqlite")).unwrap(), None);
    phone.file("notes/a.txt", b"hello");
    assert_eq!(detect(&phone.root().join("notes")).unwrap(), None);
    assert_eq!(phone.try_read(&phone.root().join("notes/a.txt"), |_| {}).unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(phone.try_read(Path::new("/nonexistent"), |_| {}).unwrap_err().kind(), ErrorKind::NotFound);
}

impl Phone {
    /// Adds a message with a medium to the database that lies in the backup.
    fn with_media_in_backup(&self, stanza: &str, path: &str) {
        let id = &Digest::of(format!("{DOMAIN}-ChatStorage.sqlite").as_bytes()).to_hex()[..40];
        let database = format!("{}/{id}", &id[..2]);
        let item = self.insert_into(&database, "ZWAMEDIAITEM", &[("ZMEDIALOCALPATH", &path)]);
        self.insert_into(
            &database,
            "ZWAMESSAGE",
            &[
                ("ZSTANZAID", &stanza),
                ("ZCHATSESSION", &1),
                ("ZMESSAGETYPE", &1),
                ("ZMEDIAITEM", &item),
                ("ZMESSAGEDATE", &T0),
            ],
        );
    }
}
