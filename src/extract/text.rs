//! Plain text: which characters its bytes are.

use super::{Sink, Unread, limits::TEXT_CHARS};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Bytes of plain text that can matter: no encoding of the Web takes more than four for a character.
const TEXT_BYTES: usize = TEXT_CHARS * 4;
/// Bytes that are looked at to tell UTF-16 without a byte order mark.
const SAMPLE_BYTES: usize = 4096;

/// Reads plain text.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let head = bytes.get(..TEXT_BYTES).unwrap_or(bytes);
    push_lines(&decode(head, None), sink);
    if head.len() < bytes.len() {
        sink.note(Unread::TooLarge);
    }
}

/// Adds text whose line ends may be of any system.
pub fn push_lines(text: &str, sink: &mut Sink) {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            sink.push("\n");
        }
        sink.push(line.strip_suffix('\r').unwrap_or(line));
        if sink.is_full() {
            return;
        }
    }
}

/// Decodes text: by its byte order mark, by what it says of itself (`label`), as UTF-16 if every other byte is zero,
/// as UTF-8 if it is, else as windows-1252, in which every byte is a character.
pub fn decode<'a>(bytes: &'a [u8], label: Option<&[u8]>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    if let Some(encoding) = wide(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let named = label.and_then(Encoding::for_label).filter(|named| *named != UTF_16LE && *named != UTF_16BE);
    let encoding = match named {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if nearly_utf8(bytes) => UTF_8,
        _ => WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-8, cut off at the end perhaps.
pub fn nearly_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// UTF-16 without a mark: in its first bytes, zeros stand in the even or in the odd places only, and often.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match sample.len() {
        0..4 => None,
        length if even == 0 && odd * 4 > length => Some(UTF_16LE),
        length if odd == 0 && even * 4 > length => Some(UTF_16BE),
        _ => None,
    }
}
