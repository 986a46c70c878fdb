//! Content transfer encodings, decoded to exact bytes.
//!
//! Lenient, because evidence is read as far as it can be: characters outside the alphabet are skipped, and what is cut
//! off or malformed is told by the returned flag. Streams to a callback, so that hashing an attachment takes no memory.

/// How the bytes of a part are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As they are (7bit, 8bit, binary, or unknown).
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
}

impl Encoding {
    /// From the value of Content-Transfer-Encoding.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.trim().trim_matches('"').to_ascii_lowercase().as_str() {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Plain,
        }
    }
}

/// Bytes collected before the callback is called.
const CHUNK: usize = 16 * 1024;

/// Decodes `raw` into `sink`. `true`: the encoding is complete; `false`: it was cut off.
pub fn decode_into(encoding: Encoding, raw: &[u8], sink: &mut dyn FnMut(&[u8])) -> bool {
    match encoding {
        Encoding::Plain => {
            sink(raw);
            true
        }
        Encoding::Base64 => base64(raw, sink),
        Encoding::QuotedPrintable => quoted_printable(raw, sink),
    }
}

/// Decodes `raw` to bytes.
#[must_use]
pub fn decode(encoding: Encoding, raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(if encoding == Encoding::Base64 { raw.len() / 4 * 3 } else { raw.len() });
    decode_into(encoding, raw, &mut |chunk| bytes.extend_from_slice(chunk));
    bytes
}

const SKIP: u8 = 0xff;
const PAD: u8 = 0xfe;

/// Value of a byte in base64, also of the URL-safe alphabet.
#[inline]
fn base64_value(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        b'=' => PAD,
        _ => SKIP,
    }
}

/// Whether a byte counts in base64.
pub(super) fn is_base64(byte: u8) -> bool {
    base64_value(byte) != SKIP
}

fn base64(raw: &[u8], sink: &mut dyn FnMut(&[u8])) -> bool {
    let mut out = Vec::with_capacity(CHUNK + 4);
    let (mut word, mut have, mut padded) = (0_u32, 0_u8, false);
    for byte in raw {
        match base64_value(*byte) {
            SKIP => {}
            PAD => {
                padded = have > 0 || padded;
                flush(&mut out, word, have);
                (word, have) = (0, 0);
            }
            value => {
                word = word << 6 | u32::from(value);
                have += 1;
                if have == 4 {
                    out.extend_from_slice(word.to_be_bytes().get(1..).unwrap_or_default());
                    (word, have) = (0, 0);
                    if out.len() >= CHUNK {
                        sink(&out);
                        out.clear();
                    }
                }
            }
        }
    }
    flush(&mut out, word, have);
    if !out.is_empty() {
        sink(&out);
    }
    have == 0
}

/// The bytes of an unfinished group of 2 or 3 characters.
fn flush(out: &mut Vec<u8>, word: u32, have: u8) {
    let (word, bytes) = match have {
        2 => (word << 12, 1),
        3 => (word << 6, 2),
        _ => return,
    };
    out.extend(word.to_be_bytes().iter().skip(1).take(bytes));
}

fn quoted_printable(raw: &[u8], sink: &mut dyn FnMut(&[u8])) -> bool {
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut rest = raw;
    let mut complete = true;
    while let Some(at) = rest.iter().position(|b| *b == b'=') {
        let (plain, after) = rest.split_at(at);
        sink(plain);
        let after = after.get(1..).unwrap_or_default();
        let soft = after.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')).unwrap_or(after.len());
        match after {
            [a, b, tail @ ..] if hex(*a).is_some() && hex(*b).is_some() => {
                sink(&[hex(*a).unwrap_or(0) << 4 | hex(*b).unwrap_or(0)]);
                rest = tail;
            }
            _ if after.get(soft) == Some(&b'\n') => rest = after.get(soft + 1..).unwrap_or_default(),
            // `=` at the very end of a part: its line break belongs to the boundary. Anything else stays as it is.
            _ if soft == after.len() => rest = &[],
            _ => {
                complete &= after.len() > 1;
                sink(b"=");
                rest = after;
            }
        }
    }
    sink(rest);
    complete
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_exact_also_when_it_is_cut_or_dirty() {
        for (raw, bytes, complete) in [
            ("YWJj\r\nZGVm", &b"abcdef"[..], true),
            ("YWJjZA==", b"abcd", true),
            ("YWJjZGU=", b"abcde", true),
            ("YWJj!!ZGVm", b"abcdef", true),
            ("YWJjZA", b"abcd", false),
            ("YWJjZ", b"abc", false),
            ("", b"", true),
        ] {
            let mut out = Vec::new();
            assert_eq!(
                decode_into(Encoding::Base64, raw.as_bytes(), &mut |c| out.extend_from_slice(c)),
                complete,
                "{raw}"
            );
            assert_eq!(out, bytes, "{raw}");
        }
    }

    #[test]
    fn quoted_printable_is_exact() {
        for (raw, bytes) in [
            ("a=20b=3D=\r\nc", &b"a b=c"[..]),
            ("caf=C3=A9", "café".as_bytes()),
            ("soft=  \r\nbreak", b"softbreak"),
            ("odd=ZZ=", b"odd=ZZ"),
            ("=e9\r\n", b"\xe9\r\n"),
        ] {
            assert_eq!(decode(Encoding::QuotedPrintable, raw.as_bytes()), bytes, "{raw}");
        }
    }

    #[test]
    fn plain_bytes_are_not_touched() {
        assert_eq!(decode(Encoding::named("8bit"), b"\xff=20\r"), b"\xff=20\r");
    }
}
