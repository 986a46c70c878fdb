//! The one thing that is asked of a backup's `Manifest.plist`: whether it is encrypted.
//!
//! Contract: pure; XML and binary property lists; any bytes, bounded time. What is not understood is `None`.

/// The key.
const KEY: &str = "IsEncrypted";
/// Entries of the top dictionary that are looked at; real ones have a dozen.
const ENTRIES: usize = 10_000;
/// The trailer of a binary property list.
const TRAILER: usize = 32;

/// Whether the property list says that the backup is encrypted.
#[must_use]
pub fn is_encrypted(bytes: &[u8]) -> Option<bool> {
    if bytes.starts_with(b"bplist0") { binary(bytes) } else { xml(&String::from_utf8_lossy(bytes)) }
}

fn xml(text: &str) -> Option<bool> {
    let after = text.split_once("<key>IsEncrypted</key>")?.1.trim_start();
    match after {
        _ if after.starts_with("<true") => Some(true),
        _ if after.starts_with("<false") => Some(false),
        _ => None,
    }
}

/// The layout: header, objects, table of their offsets, trailer. The top object is a dictionary: references to its keys,
/// then as many to its values.
fn binary(bytes: &[u8]) -> Option<bool> {
    let trailer = bytes.get(bytes.len().checked_sub(TRAILER)?..)?;
    let offset_size = usize::from(*trailer.get(6)?);
    let ref_size = usize::from(*trailer.get(7)?);
    let top = number(trailer.get(16..24)?)?;
    let table = number(trailer.get(24..32)?)?;
    let object = |index: usize| -> Option<&[u8]> {
        let at = table.checked_add(index.checked_mul(offset_size)?)?;
        bytes.get(number(bytes.get(at..at.checked_add(offset_size)?)?)?..)
    };
    let (count, refs) = sized(object(top)?, 0xd0)?;
    let reference = |index: usize| -> Option<usize> {
        let at = index.checked_mul(ref_size)?;
        number(refs.get(at..at.checked_add(ref_size)?)?)
    };
    for index in 0..count.min(ENTRIES) {
        let (length, text) = sized(object(reference(index)?)?, 0x50)?;
        if text.get(..length)? == KEY.as_bytes() {
            return match object(reference(index.checked_add(count)?)?)?.first()? {
                0x09 => Some(true),
                0x08 => Some(false),
                _ => None,
            };
        }
    }
    None
}

/// The count of an object of this type, and what comes after it. Above 14 it is an integer object of its own.
fn sized(object: &[u8], kind: u8) -> Option<(usize, &[u8])> {
    let (marker, rest) = object.split_first()?;
    if marker & 0xf0 != kind {
        return None;
    }
    if marker & 0x0f != 0x0f {
        return Some((usize::from(marker & 0x0f), rest));
    }
    let (marker, rest) = rest.split_first()?;
    let size = (marker & 0xf0 == 0x10).then_some(1_usize << (marker & 0x0f).min(3))?;
    let (count, rest) = rest.split_at_checked(size)?;
    Some((number(count)?, rest))
}

/// A big-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> Option<usize> {
    (1..=8).contains(&bytes.len()).then_some(())?;
    usize::try_from(bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b))).ok()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A binary property list with one other key and ours.
    pub fn binary_list(encrypted: bool) -> Vec<u8> {
        let objects: [&[u8]; 5] =
            [&[0xd2, 1, 2, 3, 4], b"\x57Version", b"\x5bIsEncrypted", b"\x10\x0a", &[if encrypted { 9 } else { 8 }]];
        let mut out = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in objects {
            offsets.push(out.len() as u8);
            out.extend_from_slice(object);
        }
        let table = out.len() as u64;
        out.extend_from_slice(&offsets);
        out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 1, 1]);
        for n in [objects.len() as u64, 0, table] {
            out.extend_from_slice(&n.to_be_bytes());
        }
        out
    }

    #[test]
    fn both_kinds_of_property_lists_say_whether_they_are_encrypted() {
        for encrypted in [true, false] {
            assert_eq!(is_encrypted(&binary_list(encrypted)), Some(encrypted));
            let xml = format!("<plist><dict>\n\t<key>IsEncrypted</key>\n\t<{encrypted}/>\n</dict></plist>");
            assert_eq!(is_encrypted(xml.as_bytes()), Some(encrypted));
        }
        assert_eq!(is_encrypted(b"<plist><dict/></plist>"), None);
        assert_eq!(is_encrypted(b"bplist00"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..80, to in any::<u8>()) {
            let _ = is_encrypted(&bytes);
            bytes.splice(0..0, *b"bplist00");
            let _ = is_encrypted(&bytes);
            let mut list = binary_list(true);
            if let Some(byte) = list.get_mut(at) {
                *byte = to;
            }
            let _ = is_encrypted(&list);
        }
    }
}
