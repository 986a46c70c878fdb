//! The user's key: a file from the phone, or 64 digits in a file.

use super::{Generation, does_not_fit, header::Header};
use crate::{Error, ErrorKind, Result, fs::evidence::EvidenceFile};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::path::Path;

/// Bytes of the largest key file that is read.
const KEY_BYTES: u64 = 4096;
/// Bytes before the array in a file that Java wrote.
const JAVA_HEADER: usize = 27;
/// Bytes of the file `key`: a Java array of 131 bytes.
const FILE_158: usize = 158;
/// Bytes of `encrypted_backup.key`: a Java array of 32 bytes.
const FILE_59: usize = 59;

/// What a key file is, for who gave another.
const WANTED: &str = "--key-file FILE: `key` (158 bytes), encrypted_backup.key (59 bytes), or 64 hex digits";

/// A key.
pub enum Key {
    /// The file `key`: for crypt12 and crypt14.
    Phone {
        /// As in the header of what it opens.
        salt: [u8; 32],
        /// The AES key itself.
        aes: [u8; 32],
    },
    /// The root key of crypt15.
    Root([u8; 32]),
}

impl Key {
    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self> {
        // The person named it: what is wrong with it is theirs to mend, and no fault of the source.
        let unreadable = |e: Error| {
            Error::new(ErrorKind::Usage, format!("the file of --key-file cannot be read: {e}")).with_hint(WANTED)
        };
        let mut file = EvidenceFile::open(path).map_err(unreadable)?;
        let size = file.size();
        let bytes = file.read_all(KEY_BYTES).map_err(unreadable)?.unwrap_or_default();
        Self::parse(&bytes).ok_or_else(|| {
            let what = format!("{} is no key of an encrypted backup: it has {size} bytes", path.display());
            Error::new(ErrorKind::Usage, what).with_hint(WANTED)
        })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let array = bytes.get(JAVA_HEADER..).filter(|_| bytes.starts_with(&[0xac, 0xed]));
        match (bytes.len(), array) {
            (FILE_158, Some(array)) => Some(Self::Phone {
                salt: array.get(3..35)?.try_into().ok()?,
                aes: array.get(99..131)?.try_into().ok()?,
            }),
            (FILE_59, Some(array)) => Some(Self::Root(array.try_into().ok()?)),
            // WhatsApp shows the digits in groups of four.
            _ => digits(std::str::from_utf8(bytes).ok()?).map(Self::Root),
        }
    }

    /// What it looks like, in words; nothing of the key itself.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Phone { .. } => "a key of 158 bytes (for crypt12 and crypt14)",
            Self::Root(_) => "a key of 32 bytes (for crypt15)",
        }
    }

    /// The AES keys to try.
    pub fn candidates(&self, header: &Header, name: &str) -> Result<Vec<[u8; 32]>> {
        match (self, header.generation) {
            (Self::Phone { .. }, Generation::Crypt15) => Err(does_not_fit(header, self, name)),
            (Self::Phone { salt, .. }, _) if header.salt.is_some_and(|of_file| of_file != *salt) => {
                Err(does_not_fit(header, self, name))
            }
            (Self::Phone { aes, .. }, _) => Ok(vec![*aes]),
            (Self::Root(root), Generation::Crypt15) => Ok(vec![derive(root)?]),
            // 64 digits may also be the last 32 bytes of the file `key`.
            (Self::Root(root), _) => Ok(vec![*root, derive(root)?]),
        }
    }
}

/// The AES key of a root key.
pub fn derive(root: &[u8; 32]) -> Result<[u8; 32]> {
    let inner = hmac(&[0; 32], &[root])?;
    hmac(&inner, &[b"backup encryption", &[1]])
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::bug("an HMAC key of 32 bytes was refused"))?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

fn digits(text: &str) -> Option<[u8; 32]> {
    let text = text.trim_start_matches('\u{feff}');
    let mut nibbles = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_digit(16));
    let mut key = [0; 32];
    for byte in &mut key {
        *byte = u8::try_from(nibbles.next()?? * 16 + nibbles.next()??).ok()?;
    }
    nibbles.next().is_none().then_some(key)
}
