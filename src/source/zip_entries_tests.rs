//! Damaged and hostile zips, made by hand from good ones.

use super::*;
use proptest::prelude::*;
use std::io::Cursor;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip of these entries; `streamed` writes sizes behind the data, as Java does.
fn make(entries: &[(&str, &[u8])], method: CompressionMethod, streamed: bool) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    if streamed {
        let mut zip = ZipWriter::new_stream(Vec::new());
        for (name, bytes) in entries {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        return zip.finish().unwrap().into_inner();
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> (Zip<Cursor<&[u8]>>, Listing) {
    let mut zip = Zip::new(Cursor::new(bytes), bytes.len() as u64);
    let listing = zip.list().unwrap();
    (zip, listing)
}

fn read_all(bytes: &[u8]) -> Vec<(String, Result<Vec<u8>, Unreadable>)> {
    let (mut zip, listing) = open(bytes);
    listing.entries.iter().map(|e| (e.name.clone(), zip.read(e, 1 << 20))).collect()
}

const THREE: [(&str, &[u8]); 3] =
    [("a.eml", b"first first first"), ("b.eml", b"second PK second"), ("c.eml", b"third third")];

#[test]
fn a_good_zip_is_read_whatever_wrote_it() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for streamed in [false, true] {
            let bytes = make(&THREE, method, streamed);
            let expected: Vec<_> = THREE.iter().map(|(n, b)| ((*n).to_owned(), Ok(b.to_vec()))).collect();
            assert_eq!(read_all(&bytes), expected, "{method:?} {streamed}");
            assert_eq!(open(&bytes).1.damage, None);
        }
    }
}

#[test]
fn a_zip_cut_anywhere_gives_every_entry_that_is_whole() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for streamed in [false, true] {
            let bytes = make(&THREE, method, streamed);
            let central = bytes.windows(4).position(|w| w == CENTRAL).unwrap();
            let headers: Vec<usize> =
                bytes.windows(4).enumerate().filter(|(_, w)| *w == LOCAL).map(|(n, _)| n).collect();
            for cut in 1..bytes.len() {
                let (mut zip, listing) = open(&bytes[..cut]);
                assert!(listing.damage.is_some());
                let whole = headers.iter().skip(1).chain([&central]).filter(|end| **end <= cut).count();
                let read = listing.entries.iter().filter(|e| zip.read(e, 1 << 20).is_ok()).count();
                assert!(read >= whole, "{method:?} {streamed} cut at {cut}: {read} of {whole}");
                assert!(listing.entries.len() + listing.cut.len() <= 3);
            }
        }
    }
}

#[test]
fn a_flipped_bit_is_found_by_the_checksum_and_costs_one_entry() {
    let mut bytes = make(&THREE, CompressionMethod::Stored, false);
    let at = bytes.windows(6).position(|w| w == b"second").unwrap();
    bytes[at] ^= 1;
    let read = read_all(&bytes);
    assert_eq!(read[1].1, Err(Unreadable::Damaged));
    assert!(read[0].1.is_ok() && read[2].1.is_ok());
}

#[test]
fn two_entries_of_one_name_are_two_entries() {
    let bytes = make(&THREE, CompressionMethod::Stored, false);
    let twice: Vec<u8> = String::from_utf8_lossy(&bytes)
        .contains("b.eml")
        .then(|| {
            let mut copy = bytes.clone();
            for at in 0..copy.len() - 5 {
                if &copy[at..at + 5] == b"b.eml" {
                    copy[at] = b'a';
                }
            }
            copy
        })
        .unwrap();
    let names: Vec<_> = read_all(&twice).into_iter().map(|(n, r)| (n, r.is_ok())).collect();
    assert_eq!(names, [("a.eml".into(), true), ("a.eml".into(), true), ("c.eml".into(), true)]);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![0_u8; 8 << 20];
    let bytes = make(&[("bomb.eml", &zeros), ("good.eml", b"good")], CompressionMethod::Deflated, false);
    let (mut zip, listing) = open(&bytes);
    assert_eq!(zip.read(&listing.entries[0], 64 << 20), Err(Unreadable::TooLarge));
    assert_eq!(zip.read(&listing.entries[0], 1 << 20), Err(Unreadable::TooLarge));
    assert_eq!(zip.read(&listing.entries[1], 1 << 20).unwrap(), b"good");
    // A lying size does not help it.
    let mut lying = bytes.clone();
    let at = lying.windows(4).position(|w| w == CENTRAL).unwrap();
    lying[at + 24..at + 28].copy_from_slice(&100_u32.to_le_bytes());
    let (mut zip, listing) = open(&lying);
    assert_eq!(zip.read(&listing.entries[0], 64 << 20), Err(Unreadable::TooLarge));
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut bytes = make(&THREE, CompressionMethod::Stored, false);
    let central: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| *w == CENTRAL).map(|(n, _)| n).collect();
    bytes[central[1] + 42..central[1] + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert_eq!(read_all(&bytes)[1].1, Err(Unreadable::Overlaps));
}

#[test]
fn hostile_names_are_told_apart() {
    let hostile = |name: &str| make(&[(name, b"x")], CompressionMethod::Stored, false);
    for name in ["../../etc/x.eml", "/abs.eml", "a/../../b.eml", "C:\\x.eml", "\\\\host\\x.eml", "a\u{1b}[31m.eml"] {
        let listing = open(&hostile(name)).1;
        assert!(listing.entries[0].hostile_name(), "{name:?}");
    }
    assert!(!open(&hostile("day..1/a.eml")).1.entries[0].hostile_name());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..400, streamed: bool) {
        let _ = read_all(&bytes);
        let mut good = make(&THREE, CompressionMethod::Deflated, streamed);
        let at = at.min(good.len());
        let end = (at + bytes.len() / 20).min(good.len());
        good.splice(at..end, bytes.iter().copied().take(bytes.len() / 20));
        let _ = read_all(&good);
    }
}

#[test]
fn an_entry_is_copied_as_it_is_read_and_a_full_disk_is_no_damage() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bomb = vec![0; 3 << 20];
    let bytes = make(&[("a", b"first"), ("b", &bomb)], CompressionMethod::Deflated, false);
    let (mut zip, listing) = open(&bytes);
    let mut out = Vec::new();
    assert_eq!(zip.copy(&listing.entries[0], 5, &mut out).unwrap(), Ok(5));
    assert_eq!(out, b"first");
    assert_eq!(zip.copy(&listing.entries[0], 4, &mut Vec::new()).unwrap(), Err(Unreadable::TooLarge));
    assert_eq!(zip.copy(&listing.entries[1], u64::MAX, &mut Vec::new()).unwrap(), Err(Unreadable::TooLarge));
    assert_eq!(zip.copy(&listing.entries[0], 5, &mut Full).unwrap_err().kind(), std::io::ErrorKind::StorageFull);
}
