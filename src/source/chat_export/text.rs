//! The bytes of a text as text: UTF-8, with or without a byte order mark; UTF-16 where a mark says so.

use crate::{Result, fs::evidence::EvidenceFile};

/// Bytes at the start of a file by which a text is told from anything else.
const HEAD_BYTES: u64 = 4096;

/// The bytes of a file that may be a text, at most `limit`; `None` if there are more. A file that begins like no text is empty
/// but for a zero byte: it need not be read to know that it is none.
///
/// # Errors
/// `Io`, `Permission`.
pub fn read(file: &mut EvidenceFile, limit: u64) -> Result<Option<Vec<u8>>> {
    let head = file.head(HEAD_BYTES)?;
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if head.contains(&0) && !wide {
        return Ok(Some(vec![0]));
    }
    file.read_all(limit)
}

/// Text, and whether some bytes were not what they should be.
pub fn decode(bytes: Vec<u8>) -> (String, bool) {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(e) => (String::from_utf8_lossy(e.as_bytes()).into_owned(), true),
        },
    }
}

fn utf16(bytes: &[u8], of: fn([u8; 2]) -> u16) -> (String, bool) {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(of);
    let mut damaged = bytes.len() % 2 == 1;
    let decoded = char::decode_utf16(units).map(|unit| {
        unit.unwrap_or_else(|_| {
            damaged = true;
            char::REPLACEMENT_CHARACTER
        })
    });
    let text = decoded.collect();
    (text, damaged)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn what_is_not_utf8_is_read_and_said() {
        assert_eq!(decode(b"a\xffb".to_vec()), ("a\u{fffd}b".into(), true));
        assert_eq!(decode(b"\xff\xfea\0\xe4\0".to_vec()), ("aä".into(), false));
        assert_eq!(decode(b"\xfe\xff\0a\0".to_vec()), ("a".into(), true));
    }
}
