//! The first bytes of an encrypted backup.

use super::Generation;

/// Bytes that hold any header: a length, a feature byte, and a protobuf of up to 255 bytes.
pub const HEAD_BYTES: u64 = 257;
/// Bytes of the header of crypt12: two versions, salt, account, nonce.
const CRYPT12_BYTES: usize = 67;
/// Bytes at the end of crypt12: `--` and the last two digits of the number.
pub const CRYPT12_TAIL: u64 = 4;
/// Messages in messages of a header.
const DEPTH: usize = 3;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which generation.
    pub generation: Generation,
    /// The nonce.
    pub iv: [u8; 16],
    /// The salt, which the key file of crypt12 and crypt14 has too.
    pub salt: Option<[u8; 32]>,
    /// Bytes before the ciphertext.
    pub length: u64,
}

impl Header {
    /// Reads it; `None` if these are not the first bytes of a backup.
    pub fn parse(head: &[u8]) -> Option<Self> {
        Self::protobuf(head).or_else(|| Self::crypt12(head))
    }

    /// What key it wants, in words.
    pub fn wants(&self) -> &'static str {
        match self.generation {
            Generation::Crypt15 => {
                "encrypted_backup.key (59 bytes) from the phone, or a file with the 64 digits of the backup's key"
            }
            _ => "the file `key` (158 bytes) from the phone's /data/data/com.whatsapp/files",
        }
    }

    fn protobuf(head: &[u8]) -> Option<Self> {
        let (length, rest) = head.split_first()?;
        // No field of a protobuf has the number 0, so this cannot be one.
        let (features, rest) = match rest.split_first()? {
            (1, rest) => (1, rest),
            _ => (0, rest),
        };
        let message = rest.get(..usize::from(*length))?;
        let length = 1 + features + u64::from(*length);
        if let Some(iv) = field(message, &[3, 1]).and_then(|iv| iv.try_into().ok()) {
            return Some(Self { generation: Generation::Crypt15, iv, salt: None, length });
        }
        let iv = field(message, &[2, 5])?.try_into().ok()?;
        let salt = field(message, &[2, 3]).and_then(|salt| salt.try_into().ok());
        Some(Self { generation: Generation::Crypt14, iv, salt, length })
    }

    fn crypt12(head: &[u8]) -> Option<Self> {
        let head = head.get(..CRYPT12_BYTES)?;
        // Cipher version 1 in two bytes, key version in one.
        if head.first() != Some(&0) || !head.get(1..3)?.iter().all(|version| (1..=9).contains(version)) {
            return None;
        }
        Some(Self {
            generation: Generation::Crypt12,
            iv: head.get(51..67)?.try_into().ok()?,
            salt: head.get(3..35)?.try_into().ok(),
            length: CRYPT12_BYTES as u64,
        })
    }
}

/// The bytes of a field of a protobuf, by its numbers from the outside in.
fn field<'a>(message: &'a [u8], path: &[u64]) -> Option<&'a [u8]> {
    let (number, inner) = path.split_first().filter(|_| path.len() <= DEPTH)?;
    let mut rest = message;
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let value = match tag & 7 {
            0 => {
                varint(&mut rest)?;
                continue;
            }
            1 => take(&mut rest, 8)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                take(&mut rest, length)?
            }
            5 => take(&mut rest, 4)?,
            _ => return None,
        };
        if tag >> 3 == *number && tag & 7 == 2 {
            return if inner.is_empty() { Some(value) } else { field(value, inner) };
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
