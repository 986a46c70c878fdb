//! Backups that the test encrypts itself, by the published layout, with the crate's own cipher.

use super::*;
use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{AeadInOut as _, consts::U16},
    aes::Aes256,
};
use flate2::{Compression, write::ZlibEncoder};
use std::{fs, path::PathBuf};

const AES: [u8; 32] = [7; 32];
const SALT: [u8; 32] = [3; 32];
const IV: [u8; 16] = [9; 16];

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(plain).unwrap();
    out.finish().unwrap()
}

fn sealed(header: Vec<u8>, key: &[u8; 32], plain: &[u8], tail: &str) -> Vec<u8> {
    let cipher = AesGcm::<Aes256, U16>::new(&(*key).into());
    let mut text = plain.to_vec();
    cipher.encrypt_in_place(&IV.into(), b"", &mut text).unwrap();
    let mut file = header;
    file.extend_from_slice(&text);
    match tail {
        "md5" | "md5--42" => {
            let sum = Md5::digest(&file);
            file.extend_from_slice(&sum);
            file.extend_from_slice(tail.trim_start_matches("md5").as_bytes());
        }
        tail => file.extend_from_slice(tail.as_bytes()),
    }
    file
}

fn with_length(mut message: Vec<u8>, features: bool) -> Vec<u8> {
    let length = u8::try_from(message.len()).unwrap();
    if features {
        message.insert(0, 1);
    }
    message.insert(0, length);
    message
}

/// A whole crypt15 backup of `plain` under the root key.
pub fn crypt15(plain: &[u8], root: &[u8; 32]) -> Vec<u8> {
    let mut message = vec![0x08, 1, 0x1a, 18, 0x0a, 16];
    message.extend_from_slice(&IV);
    message.extend_from_slice(b"\x22\x06\x0a\x042.26");
    sealed(with_length(message, true), &key::derive(root).unwrap(), &deflated(plain), "md5")
}

fn crypt14(plain: &[u8], tail: &str) -> Vec<u8> {
    let mut inner = vec![0x0a, 1, 0x30, 0x12, 1, 0x32, 0x1a, 32];
    inner.extend_from_slice(&SALT);
    inner.extend_from_slice(&[0x22, 16]);
    inner.extend_from_slice(&[4; 16]);
    inner.extend_from_slice(&[0x2a, 16]);
    inner.extend_from_slice(&IV);
    let mut message = vec![0x08, 0, 0x12, u8::try_from(inner.len()).unwrap()];
    message.extend_from_slice(&inner);
    sealed(with_length(message, tail == "md5"), &AES, &deflated(plain), tail)
}

fn crypt12(plain: &[u8], tail: &str) -> Vec<u8> {
    let mut header = vec![0, 1, 1];
    header.extend_from_slice(&SALT);
    header.extend_from_slice(&[4; 16]);
    header.extend_from_slice(&IV);
    sealed(header, &AES, &deflated(plain), tail)
}

fn key_158(salt: [u8; 32], aes: [u8; 32]) -> Vec<u8> {
    let mut file = vec![0xac, 0xed, 0, 5];
    file.resize(JAVA, 0);
    file.extend_from_slice(&[0, 1, 1]);
    file.extend_from_slice(&salt);
    file.resize(158 - 32, 0);
    file.extend_from_slice(&aes);
    file
}

fn key_59(root: [u8; 32]) -> Vec<u8> {
    let mut file = vec![0xac, 0xed, 0, 5];
    file.resize(JAVA, 0);
    file.extend_from_slice(&root);
    file
}

const JAVA: usize = 27;

struct Case {
    dir: tempfile::TempDir,
    spool: Spool,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::create(&dir.path().join("spool")).unwrap();
        Self { dir, spool }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn decrypt(&self, backup: &[u8], key: &[u8]) -> Result<Decrypted> {
        let path = self.file("msgstore.db.crypt", backup);
        decrypt(&path, "msgstore.db.crypt", Some(&self.file("key", key)), &self.spool)
    }

    fn left(&self) -> usize {
        fs::read_dir(self.spool.path()).unwrap().count()
    }
}

/// More than one chunk, not a multiple of a block, not very compressible.
fn plain() -> Vec<u8> {
    let mut state = 1_u64;
    (0..700_003)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 57) as u8
        })
        .collect()
}

#[test]
fn every_generation_opens_with_its_key_in_every_form() {
    let (case, plain, root) = (Case::new(), plain(), [0x5a; 32]);
    let hex = "5a5a ".repeat(16);
    let phone = key_158(SALT, AES);
    for (what, backup, key) in [
        ("12", crypt12(&plain, "md5--42"), phone.clone()),
        ("12, without checksum", crypt12(&plain, "--42"), phone.clone()),
        ("14", crypt14(&plain, "md5"), phone.clone()),
        ("14, a part without checksum", crypt14(&plain, ""), phone),
        ("14, digits", crypt14(&plain, "md5"), "07".repeat(32).into_bytes()),
        ("15, file", crypt15(&plain, &root), key_59(root)),
        ("15, digits", crypt15(&plain, &root), hex.into_bytes()),
    ] {
        let decrypted = case.decrypt(&backup, &key).unwrap();
        let database = decrypted.database.unwrap();
        assert!(database.read().unwrap() == plain, "{what}");
        assert_eq!((decrypted.digest, decrypted.size), (Digest::of(&backup), backup.len() as u64));
        assert_eq!(case.left(), 1, "only the plaintext is in the spool");
    }
    assert_eq!(case.left(), 0);
}

#[test]
fn a_wrong_key_is_said_with_what_file_and_key_look_like_and_leaves_nothing() {
    let case = Case::new();
    for (backup, key, expected) in [
        (crypt15(b"x", &[1; 32]), key_59([2; 32]), "is a crypt15 backup, the key file holds a key of 32 bytes"),
        (crypt15(b"x", &[1; 32]), key_158(SALT, AES), "is a crypt15 backup, the key file holds a key of 158 bytes"),
        (crypt14(b"x", "md5"), key_158([8; 32], AES), "is a crypt14 backup, the key file holds a key of 158 bytes"),
        (crypt12(b"x", "--42"), key_158(SALT, [8; 32]), "is a crypt12 backup"),
        (crypt12(b"x", "--42"), b"hunter2".to_vec(), "is no key of an encrypted backup: it has 7 bytes"),
        (crypt12(b"x", "--42"), vec![0; 158], "is no key of an encrypted backup: it has 158 bytes"),
    ] {
        let error = case.decrypt(&backup, &key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().unwrap().contains("--key-file"));
        assert_eq!(case.left(), 0);
    }
    let path = case.file("a.crypt15", &crypt15(b"x", &[1; 32]));
    // A key file that is not there, or is a folder.
    for key in [case.dir.path().join("none"), case.dir.path().to_owned()] {
        let error = decrypt(&path, "a.crypt15", Some(&key), &case.spool).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("--key-file") && error.hint().unwrap().contains("--key-file"), "{error}");
        assert!(error.to_string().contains(&key.display().to_string()), "{error}");
    }
    let error = decrypt(&path, "a.crypt15", None, &case.spool).unwrap_err();
    assert_eq!((error.kind(), case.left()), (ErrorKind::Usage, 0));
}

#[test]
fn a_backup_that_was_changed_or_cut_anywhere_is_not_used() {
    let (case, root) = (Case::new(), [0x5a; 32]);
    let whole = crypt15(&plain(), &root);
    for at in [60, 300_000, whole.len() - 33, whole.len() - 20] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let decrypted = case.decrypt(&changed, &key_59(root)).unwrap();
        assert_eq!(decrypted.database.unwrap_err().code, Code::BackupDamaged, "{at}");
        assert_eq!(case.left(), 0);
    }
    for length in [70, 1000, whole.len() - 1] {
        let decrypted = case.decrypt(&whole[..length], &key_59(root)).unwrap();
        assert!(decrypted.database.is_err(), "{length}");
    }
    for length in 0..40 {
        assert!(case.decrypt(&whole[..length], &key_59(root)).is_ok_and(|d| d.database.is_err()), "{length}");
    }
}

#[test]
fn what_authenticates_and_is_no_deflated_text_is_a_finding() {
    let case = Case::new();
    let header = crypt12(b"", "--42")[..67].to_vec();
    let cut = &deflated(&plain())[..1000];
    for plain in
        [cut, b"PK\x03\x04 stickers and so on", b"\x78\x9c\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"]
    {
        let decrypted = case.decrypt(&sealed(header.clone(), &AES, plain, "--42"), &key_158(SALT, AES)).unwrap();
        assert_eq!(decrypted.database.unwrap_err().code, Code::BackupDamaged);
        assert_eq!(case.left(), 0);
    }
}

#[test]
fn a_backup_is_known_by_name_and_header() {
    let case = Case::new();
    let found = |name: &str, bytes: &[u8]| generation(&case.file(name, bytes)).unwrap();
    assert_eq!(found("msgstore.db.crypt12", &crypt12(b"", "--42")), Some(Generation::Crypt12));
    assert_eq!(found("msgstore-2026-01-02.1.db.crypt14", &crypt14(b"", "md5")), Some(Generation::Crypt14));
    assert_eq!(found("msgstore.db.crypt15", &crypt15(b"", &[1; 32])), Some(Generation::Crypt15));
    assert_eq!(found("msgstore.db", &crypt12(b"", "--42")), None);
    assert_eq!(found("x.crypt15", b"SQLite format 3\0 and more"), None);
}

#[test]
fn any_first_bytes_are_a_header_or_none() {
    let mut state = 3_u64;
    for length in (0..260).cycle().take(20_000) {
        let head: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Small values, so that lengths and field numbers are often plausible.
                (state >> 33) as u8 % if state & 64 == 0 { 0x30 } else { 0xff }
            })
            .collect();
        if let Some(header) = Header::parse(&head) {
            assert!(header.length <= header::HEAD_BYTES);
        }
    }
}
