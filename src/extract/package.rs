//! A zip container: which entries it has, and their bytes, bounded.
//!
//! The table of contents is read by the zip crate; the entries are inflated here, with a bound that all of them
//! share, and keep what comes before any damage. A container whose table of contents is lost (cut off) is read from
//! the headers before its entries.

use super::{
    Sink, Unread,
    limits::{UNPACKED_BYTES, ZIP_ENTRIES},
    ooxml, opendocument, xlsx, xml,
};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::io::Cursor;
use zip::{CompressionMethod, ZipArchive};

/// Where office documents keep their pictures.
const PICTURES: [&str; 4] = ["word/media/", "ppt/media/", "xl/media/", "Pictures/"];
const DIRECTORY: &[u8] = b"PK\x01\x02";
const ENTRY: &[u8] = b"PK\x03\x04";
/// Bytes of a header before an entry, without its name.
const ENTRY_HEADER: usize = 30;
/// Bytes that are inflated at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads an office document; any other zip is said to be unsupported.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let Some(mut package) = Package::open(bytes, sink) else { return };
    let has = |start: &str| package.entries.iter().any(|entry| entry.name.starts_with(start));
    let foreign = package.foreign;
    let office = ["word/", "ppt/", "xl/", "content.xml"].into_iter().any(has);
    let lost = has("word/") && !has("word/document");
    if has("word/") || has("ppt/") {
        ooxml::read(&mut package, sink);
    } else if has("xl/workbook.bin") {
        sink.note(Unread::Unsupported);
    } else if has("xl/") {
        xlsx::read(&mut package, sink);
    } else if has("content.xml") {
        opendocument::read(&mut package, sink);
    } else if package.entries.iter().any(|entry| entry.encrypted) {
        sink.note(Unread::Encrypted);
    } else {
        sink.note(if package.cut { Unread::Broken } else { Unread::Unsupported });
    }
    if package.cut || lost {
        sink.note(Unread::Broken);
    }
    if office && foreign {
        sink.note(Unread::Unsupported);
    }
}

/// An opened container.
pub struct Package<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
    /// Its table of contents is lost.
    cut: bool,
    /// It has what is not read: files and objects of other programs, entries that are packed in another way.
    foreign: bool,
    /// Bytes that may still be unpacked.
    budget: usize,
}

struct Entry {
    name: String,
    start: usize,
    /// Packed bytes; `None` if only the end of the stream tells.
    packed: Option<usize>,
    deflated: bool,
    encrypted: bool,
    crc: Option<u32>,
}

impl<'a> Package<'a> {
    fn open(bytes: &'a [u8], sink: &mut Sink) -> Option<Self> {
        // Counted before the crate makes a list of them.
        if count(bytes, DIRECTORY) > ZIP_ENTRIES {
            sink.note(Unread::TooLarge);
            return None;
        }
        let (entries, cut, left) = match listed(bytes) {
            Some((entries, left)) => (entries, false, left),
            None => (found(bytes), true, false),
        };
        let foreign = left || entries.iter().any(|entry| is_embedded(&entry.name));
        Some(Self { bytes, entries, cut, foreign, budget: UNPACKED_BYTES })
    }

    /// Notes that all it shows are pictures, if no text was found in it so far.
    pub fn note_pictures(&self, sink: &mut Sink) {
        let is_picture = |entry: &Entry| PICTURES.iter().any(|folder| entry.name.starts_with(folder));
        if sink.is_blank() && self.entries.iter().any(is_picture) {
            sink.note(Unread::Image);
        }
    }

    /// The names that `wanted` chooses, in the order of the numbers in them.
    pub fn names(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names: Vec<String> =
            self.entries.iter().map(|entry| &entry.name).filter(|name| wanted(name)).cloned().collect();
        names.sort_by_cached_key(|name| numbered(name));
        names.dedup();
        names
    }

    /// The text of the entry of this name; what is missing of it is noted.
    pub fn text(&mut self, name: &str, sink: &mut Sink) -> Option<String> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        if entry.encrypted {
            sink.note(Unread::Encrypted);
            return None;
        }
        let rest = self.bytes.get(entry.start..).unwrap_or_default();
        let packed = entry.packed.and_then(|length| rest.get(..length)).unwrap_or(rest);
        let short = entry.packed.is_some_and(|length| length > rest.len());
        let (bytes, cost, unread) = match (entry.deflated, packed.get(..self.budget)) {
            (true, _) => inflate(packed, self.budget, entry.crc),
            (false, Some(kept)) if kept.len() < packed.len() => (kept.to_vec(), kept.len(), Some(Unread::TooLarge)),
            (false, _) => (packed.to_vec(), packed.len(), differs(packed, entry.crc)),
        };
        self.budget = self.budget.saturating_sub(cost);
        if let Some(unread) = unread.or(short.then_some(Unread::Broken)) {
            sink.note(unread);
        }
        Some(xml::decode_owned(bytes))
    }
}

/// A name as what stands before the number in it, and the number: `slide10.xml` comes after `slide9.xml`.
fn numbered(name: &str) -> (String, u64, String) {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = stem.get(word.len()..).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    (word.to_owned(), number, name.to_owned())
}

fn count(bytes: &[u8], signature: &[u8]) -> usize {
    bytes.windows(signature.len()).filter(|window| *window == signature).count()
}

/// A file or object of another program within the document.
fn is_embedded(name: &str) -> bool {
    let folder = |folder: &str| name.contains(folder) && !name.ends_with('/');
    folder("/embeddings/") || name.to_ascii_lowercase().contains("/afchunk")
}

/// The entries that the table of contents lists, and whether there are others that cannot be unpacked here.
fn listed(bytes: &[u8]) -> Option<(Vec<Entry>, bool)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let (mut entries, mut left) = (Vec::new(), false);
    for at in 0..archive.len() {
        let Ok(file) = archive.by_index_raw(at) else { continue };
        let deflated = file.compression() == CompressionMethod::Deflated;
        if !deflated && file.compression() != CompressionMethod::Stored {
            left = true;
            continue;
        }
        entries.push(Entry {
            name: tidy(file.name()),
            start: usize::try_from(file.data_start()).ok()?,
            packed: usize::try_from(file.compressed_size()).ok(),
            deflated,
            encrypted: file.encrypted(),
            crc: Some(file.crc32()),
        });
    }
    Some((entries, left))
}

/// The entries that are found by their headers.
fn found(bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| rest.windows(4).position(|window| window == ENTRY)) {
        let start = at + next;
        at = start + ENTRY.len();
        entries.extend(header(bytes, start));
        if entries.len() >= ZIP_ENTRIES {
            break;
        }
    }
    entries
}

fn header(bytes: &[u8], start: usize) -> Option<Entry> {
    let short = |at: usize| {
        let field = bytes.get(start + at..start + at + 2)?;
        Some(u16::from_le_bytes(field.try_into().ok()?))
    };
    let (flags, method) = (short(6)?, short(8)?);
    let long = |at: usize| Some(usize::from(short(at)?) | usize::from(short(at + 2)?) << 16);
    let (name, extra) = (usize::from(short(26)?), usize::from(short(28)?));
    let name_at = start + ENTRY_HEADER;
    let known = flags & 8 == 0;
    Some(Entry {
        name: tidy(&String::from_utf8_lossy(bytes.get(name_at..name_at + name)?)),
        start: name_at + name + extra,
        packed: if known { long(18) } else { None },
        deflated: method == 8,
        encrypted: flags & 1 == 1,
        crc: None,
    })
    .filter(|_| method == 0 || method == 8)
}

fn tidy(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_owned()
}

/// Inflates at most `limit` bytes. What comes before the damage or the limit is kept. The cost are the bytes that
/// were read or written, whichever are more: a stream can be long and hold nothing.
fn inflate(packed: &[u8], limit: usize, crc: Option<u32>) -> (Vec<u8>, usize, Option<Unread>) {
    let mut out = Vec::new();
    let mut state = Decompress::new(false);
    let unread = inflate_into(&mut state, packed, limit, &mut out);
    let cost = out.len().max(usize::try_from(state.total_in()).unwrap_or(usize::MAX));
    let unread = unread.or_else(|| differs(&out, crc));
    (out, cost, unread)
}

/// Whether bytes are not those that were packed.
fn differs(bytes: &[u8], crc: Option<u32>) -> Option<Unread> {
    let mut sum = Crc::new();
    sum.update(bytes);
    crc.filter(|crc| *crc != sum.sum()).map(|_| Unread::Broken)
}

/// Inflates at most `limit` bytes to the end of `out`; the reason if it is not all.
pub fn inflate_into(state: &mut Decompress, packed: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<Unread> {
    let end = out.len() + limit;
    loop {
        if out.len() == out.capacity() {
            // Grown by halves, so that the old and the new one together stay near the limit.
            let step = CHUNK_BYTES.max(out.len() / 2).min((end - out.len()).max(1));
            out.reserve_exact(step);
        }
        let (before, consumed) = (out.len(), state.total_in());
        let input = packed.get(usize::try_from(consumed).unwrap_or(usize::MAX)..).unwrap_or_default();
        let status = state.decompress_vec(input, out, FlushDecompress::None);
        if out.len() > end {
            out.truncate(end);
            return Some(Unread::TooLarge);
        }
        match status {
            Ok(Status::StreamEnd) => return None,
            Ok(_) if out.len() > before || state.total_in() > consumed => {}
            _ => return Some(Unread::Broken),
        }
    }
}
