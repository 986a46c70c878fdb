//! The bytes of a text as text: UTF-8, with or without a byte order mark; UTF-16 where a mark or its pattern of zero bytes says
//! so.
//!
//! Contract: a zero byte is a control character of a message, like any other; it makes no text something else. Where a text
//! ends its lines with CR alone, as an old Mac does, they are read as lines that end with LF.

use crate::{Result, fs::evidence::EvidenceFile};

/// Bytes at the start of a file by which a text is told from anything else.
const HEAD_BYTES: u64 = 4096;
/// One byte in so many may be zero in a text. In UTF-16 it is far more.
const FEW_ZEROS: usize = 8;
/// Zero bytes by which UTF-16 without a mark is told.
const PATTERN_ZEROS: usize = 8;

/// The bytes of a file that may be a text, at most `limit`; `None` if there are more. A file without the name of a text that
/// begins like none is empty but for a zero byte: it need not be read to know that it is none.
///
/// # Errors
/// `Io`, `Permission`.
pub fn read(file: &mut EvidenceFile, named: bool, limit: u64) -> Result<Option<Vec<u8>>> {
    if !named && !begins_like_text(&file.head(HEAD_BYTES)?) {
        return Ok(Some(vec![0]));
    }
    file.read_all(limit)
}

fn begins_like_text(head: &[u8]) -> bool {
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if zeros == 0 || wide(head).is_some() {
        return true;
    }
    // The head may end within a character.
    let utf8 = std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true);
    utf8 && zeros * FEW_ZEROS < head.len()
}

type Unit = fn([u8; 2]) -> u16;

/// The order of bytes in UTF-16, and how many the mark has; `None` if it is something else.
fn wide(bytes: &[u8]) -> Option<(Unit, usize)> {
    match bytes {
        [0xff, 0xfe, ..] => return Some((u16::from_le_bytes, 2)),
        [0xfe, 0xff, ..] => return Some((u16::from_be_bytes, 2)),
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(HEAD_BYTES as usize)).unwrap_or_default();
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Digits, spaces and marks of every header have a zero byte, in whatever script the rest is.
    let many = |count: usize| count >= PATTERN_ZEROS && count * 8 >= head.len();
    match (even, odd) {
        (0, odd) if many(odd) => Some((u16::from_le_bytes, 0)),
        (even, 0) if many(even) => Some((u16::from_be_bytes, 0)),
        _ => None,
    }
}

/// Text, and whether some bytes were not what they should be.
pub fn decode(bytes: Vec<u8>) -> (String, bool) {
    let (text, damaged) = match wide(&bytes) {
        Some((of, mark)) => utf16(bytes.get(mark..).unwrap_or_default(), of),
        None => match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(e) => (String::from_utf8_lossy(e.as_bytes()).into_owned(), true),
        },
    };
    (lines_of_a_mac(text), damaged)
}

fn lines_of_a_mac(text: String) -> String {
    if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n") } else { text }
}

fn utf16(bytes: &[u8], of: Unit) -> (String, bool) {
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
    use super::{begins_like_text, decode};

    #[test]
    fn what_is_not_utf8_is_read_and_said() {
        assert_eq!(decode(b"a\xffb".to_vec()), ("a\u{fffd}b".into(), true));
        assert_eq!(decode(b"\xff\xfea\0\xe4\0".to_vec()), ("aä".into(), false));
        assert_eq!(decode(b"\xfe\xff\0a\0".to_vec()), ("a".into(), true));
    }

    #[test]
    fn zero_bytes_are_characters_unless_every_second_byte_is_one() {
        let text = "25/03/22, 09:00 - Ann Lee: a\0b\0c\n";
        assert_eq!(decode(text.as_bytes().to_vec()), (text.to_owned(), false));
        let text = "25/03/22, 09:00 - Ann Lee: Привет, как дела? Всё хорошо, спасибо\n";
        let [le, be]: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
        for of in [le, be] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(of).collect();
            assert!(begins_like_text(&bytes));
            assert_eq!(decode(bytes), (text.to_owned(), false));
        }
        assert!(begins_like_text(text.as_bytes()) && begins_like_text(b"25/03/22, 09:00 - Ann: a\0b"));
        let mut database = b"SQLite format 3\0".to_vec();
        database.resize(4096, 0);
        assert!(!begins_like_text(&database) && !begins_like_text(b"\x7fELF\x02\x01\0\0\x90\xff and so on"));
    }

    #[test]
    fn lines_that_end_with_cr_alone_are_lines() {
        assert_eq!(decode(b"a\rb\r".to_vec()), ("a\nb\n".into(), false));
        assert_eq!(decode(b"a\rb\r\n".to_vec()), ("a\rb\r\n".into(), false));
    }
}
