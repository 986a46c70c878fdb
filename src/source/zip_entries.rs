//! The entries of a zip, also of one that is damaged or hostile.
//!
//! Contract: no name is ever used as a path; nothing is unpacked beyond a limit that was counted while unpacking; every
//! entry that can still be read is found, also when the central directory is gone (a scan over the local headers) or
//! when it names two entries alike (the `zip` crate's own directory keeps one of them, so it is not used; only its decoder
//! and its checksum are). Memory: one [`WINDOW`] and the table of entries.

use crate::model::limits::{FIELD_CHARS, ZIP_ENTRIES, ZIP_RATIO};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Bytes of the file that are kept in memory at a time.
pub const WINDOW: usize = 1024 * 1024;
/// Unpacked bytes up to which the ratio is not looked at.
pub const RATIO_FREE_BYTES: u64 = 1024 * 1024;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or a device.
    Special,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name; never a path to anything here.
    pub name: String,
    /// Its unpacked size as declared.
    pub size: u64,
    /// File, folder, other.
    pub kind: EntryKind,
    encrypted: bool,
    overlaps: bool,
    method: u16,
    crc: u32,
    packed: u64,
    header_at: u64,
}

impl Entry {
    /// Whether the name would lead out of a folder or hides something: absolute, `..`, a drive, control characters.
    #[must_use]
    pub fn hostile_name(&self) -> bool {
        let name = self.name.as_str();
        let drive = name.as_bytes().get(1) == Some(&b':');
        name.starts_with(['/', '\\'])
            || drive
            || name.split(['/', '\\']).any(|part| part == "..")
            || name.contains(|c: char| c.is_control())
    }
}

/// Why an entry cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It needs a password.
    Encrypted,
    /// Its compression method is not supported.
    Method(u16),
    /// The file ends within it, or its header is not where it should be.
    Cut,
    /// Its bytes do not have its checksum, or cannot be unpacked.
    Damaged,
    /// It shares bytes with another entry.
    Overlaps,
    /// It is larger than the limit, or unpacks to too many times its packed size.
    TooLarge,
}

impl Unreadable {
    /// What a person reads.
    #[must_use]
    pub fn as_text(&self) -> String {
        match self {
            Self::Encrypted => "encrypted".to_owned(),
            Self::Method(method) => format!("compression method {method}"),
            Self::Cut => "the zip ends within it".to_owned(),
            Self::Damaged => "its bytes do not have its checksum".to_owned(),
            Self::Overlaps => "it shares bytes with another entry".to_owned(),
            Self::TooLarge => "it unpacks to more than the limit".to_owned(),
        }
    }
}

/// The table of a zip.
#[derive(Debug, Default)]
pub struct Listing {
    /// The entries, in the order of the file's directory.
    pub entries: Vec<Entry>,
    /// Names of entries that begin in the file and do not end in it.
    pub cut: Vec<String>,
    /// What is wrong with the zip as a whole.
    pub damage: Option<&'static str>,
    /// It has more than [`ZIP_ENTRIES`] entries; the rest is not listed.
    pub limited: bool,
}

/// An open zip.
#[derive(Debug)]
pub struct Zip<R> {
    file: R,
    size: u64,
    start: u64,
    window: Vec<u8>,
}

impl<R: Read + Seek> Zip<R> {
    /// A zip of `size` bytes.
    pub fn new(file: R, size: u64) -> Self {
        Self { file, size, start: 0, window: Vec::new() }
    }

    /// Lists its entries: by its central directory, or, where that is not whole, by a scan for local headers.
    ///
    /// # Errors
    /// Reading failed.
    pub fn list(&mut self) -> io::Result<Listing> {
        let mut listing = match self.directory()? {
            Ok(listing) => listing,
            Err(damage) => Listing { damage: Some(damage), ..self.scan()? },
        };
        mark_overlaps(&mut listing.entries);
        Ok(listing)
    }

    /// The unpacked bytes of an entry, at most `limit`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, Unreadable> {
        if entry.size > limit {
            return Err(Unreadable::TooLarge);
        }
        let allowed = limit.min(entry.packed.saturating_mul(ZIP_RATIO).max(RATIO_FREE_BYTES));
        let bytes = self.unpack(entry, allowed.saturating_add(1))?;
        if bytes.len() as u64 > allowed { Err(Unreadable::TooLarge) } else { Ok(bytes) }
    }

    /// The first bytes of an entry; what cannot be read is empty.
    pub fn head(&mut self, entry: &Entry, length: u64) -> Vec<u8> {
        self.unpack(entry, length).unwrap_or_default()
    }

    /// Writes the unpacked bytes of an entry, at most `limit`, to `out`; returns how many. Memory: one buffer.
    ///
    /// # Errors
    /// The outer one: `out` cannot be written. The inner one: why the entry cannot be read; what is in `out` is worthless.
    pub fn copy(&mut self, entry: &Entry, limit: u64, out: &mut dyn Write) -> io::Result<Result<u64, Unreadable>> {
        let allowed = limit.min(entry.packed.saturating_mul(ZIP_RATIO).max(RATIO_FREE_BYTES));
        let mut sink = Sink { out, failed: None };
        let copied = self.unpack_to(entry, allowed.saturating_add(1), &mut sink);
        sink.failed
            .map_or_else(|| Ok(copied.and_then(|n| if n > allowed { Err(Unreadable::TooLarge) } else { Ok(n) })), Err)
    }

    fn unpack(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, Unreadable> {
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size.min(most).min(RATIO_FREE_BYTES)).unwrap_or(0));
        self.unpack_to(entry, most, &mut bytes).map(|_| bytes)
    }

    fn unpack_to(&mut self, entry: &Entry, most: u64, out: &mut dyn Write) -> Result<u64, Unreadable> {
        if entry.encrypted {
            return Err(Unreadable::Encrypted);
        }
        if entry.overlaps {
            return Err(Unreadable::Overlaps);
        }
        if !matches!(entry.method, 0 | 8) {
            return Err(Unreadable::Method(entry.method));
        }
        let (data_at, end) = self.data(entry).map_err(|_| Unreadable::Damaged)?.ok_or(Unreadable::Cut)?;
        let header = stream_header(entry).ok_or(Unreadable::TooLarge)?;
        let length = usize::try_from(entry.packed).unwrap_or(usize::MAX);
        if length <= WINDOW {
            let data = self.at(data_at, length).map_err(|_| Unreadable::Damaged)?.ok_or(Unreadable::Cut)?;
            return inflate(header.chain(data), most, out);
        }
        self.file.seek(SeekFrom::Start(data_at)).map_err(|_| Unreadable::Damaged)?;
        inflate(header.chain((&mut self.file).take(end - data_at)), most, out)
    }

    /// Where the packed bytes of an entry begin and end; `None` if not within the file.
    fn data(&mut self, entry: &Entry) -> io::Result<Option<(u64, u64)>> {
        let Some(header) = self.at(entry.header_at, 30)?.filter(|h| h.starts_with(LOCAL)) else { return Ok(None) };
        let skip = 30 + u64::from(u16_at(header, 26)) + u64::from(u16_at(header, 28));
        let data_at = entry.header_at.saturating_add(skip);
        let end = data_at.saturating_add(entry.packed);
        Ok((end <= self.size).then_some((data_at, end)))
    }

    /// `length` bytes (at most [`WINDOW`]) at `at`; `None` if the file ends before.
    fn at(&mut self, at: u64, length: usize) -> io::Result<Option<&[u8]>> {
        let end = at.saturating_add(length as u64);
        if end > self.size || length > WINDOW {
            return Ok(None);
        }
        if at < self.start || end > self.start + self.window.len() as u64 {
            self.file.seek(SeekFrom::Start(at))?;
            self.window.clear();
            (&mut self.file).take(WINDOW as u64).read_to_end(&mut self.window)?;
            self.start = at;
        }
        let from = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        Ok(self.window.get(from..from.saturating_add(length)))
    }

    /// The central directory; the inner error says why it cannot be used.
    fn directory(&mut self) -> io::Result<Result<Listing, &'static str>> {
        let Some((mut at, mut left, count)) = self.end_record()? else {
            return Ok(Err("the central directory is missing: the file was cut off"));
        };
        let mut listing = Listing::default();
        while left >= 46 {
            if listing.entries.len() >= ZIP_ENTRIES {
                listing.limited = true;
                return Ok(Ok(listing));
            }
            let Some(fixed) = self.at(at, 46)?.filter(|f| f.starts_with(CENTRAL)) else {
                return Ok(Err("the central directory is damaged"));
            };
            let lengths = [28, 30, 32].map(|n| usize::from(u16_at(fixed, n)));
            let length = 46 + lengths.iter().sum::<usize>();
            let Some(record) = self.at(at, length)? else {
                return Ok(Err("the central directory is damaged"));
            };
            let [name, extra, _] = lengths;
            listing.entries.push(central_entry(record, name, extra));
            at += length as u64;
            left = left.saturating_sub(length as u64);
        }
        // Old tools write the count modulo 65,536.
        if (listing.entries.len() as u64) & 0xffff != count & 0xffff {
            listing.damage = Some("its end record counts other entries than it lists");
        }
        Ok(Ok(listing))
    }

    /// Start, size and number of entries of the central directory.
    fn end_record(&mut self) -> io::Result<Option<(u64, u64, u64)>> {
        let tail = usize::try_from(self.size.min(22 + 65_535)).unwrap_or(0);
        let from = self.size - tail as u64;
        let Some(bytes) = self.at(from, tail)? else { return Ok(None) };
        let whole = |at: &usize| {
            let rest = bytes.get(*at..).unwrap_or_default();
            rest.starts_with(END) && rest.len() >= 22 && 22 + usize::from(u16_at(rest, 20)) <= rest.len()
        };
        let Some(at) = (0..tail.saturating_sub(21)).rev().find(whole) else { return Ok(None) };
        let record = bytes.get(at..).unwrap_or_default();
        let (mut count, mut size, mut start) =
            (u64::from(u16_at(record, 10)), u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
        let mut end_at = from + at as u64;
        let large = count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff;
        let locator = end_at.checked_sub(20);
        if let (true, Some(locator)) = (large, locator)
            && let Some(found) = self.at(locator, 20)?.filter(|l| l.starts_with(LOCATOR64)).map(|l| u64_at(l, 8))
            && let Some(record) = self.at(found, 56)?.filter(|r| r.starts_with(END64))
        {
            (count, size, start) = (u64_at(record, 32), u64_at(record, 40), u64_at(record, 48));
            end_at = found;
        }
        // Bytes before the zip (a self-extractor) shift everything; local headers then do not begin where the table says.
        let fits = start.checked_add(size).is_some_and(|end| end <= end_at);
        Ok(fits.then_some((start, size, count)))
    }

    /// Every local header in the file, in order.
    fn scan(&mut self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let mut at = 0;
        while let Some(found) = self.find(at, &[LOCAL])? {
            at = found + 4;
            if listing.entries.len() + listing.cut.len() >= ZIP_ENTRIES {
                listing.limited = true;
                break;
            }
            let Some(fixed) = self.at(found, 30)? else { break };
            let (name, extra) = (usize::from(u16_at(fixed, 26)), usize::from(u16_at(fixed, 28)));
            let Some(header) = self.at(found, 30 + name + extra)? else { break };
            let (mut entry, streamed) = local_entry(header, name, found);
            if name == 0 || u16_at(header, 4) & 0xff > 99 {
                continue; // the signature by chance, within data
            }
            let data_at = found + (30 + name + extra) as u64;
            if streamed && entry.packed == 0 {
                match self.descriptor(data_at)? {
                    Some((crc, packed, size)) => (entry.crc, entry.packed, entry.size) = (crc, packed, size),
                    None => {
                        listing.cut.push(entry.name);
                        continue;
                    }
                }
            }
            match data_at.checked_add(entry.packed).filter(|end| *end <= self.size) {
                Some(end) => {
                    at = end;
                    listing.entries.push(entry);
                }
                None => listing.cut.push(entry.name),
            }
        }
        Ok(listing)
    }

    /// Sizes that were written behind the data that begins at `data_at`: checksum, packed, unpacked.
    fn descriptor(&mut self, data_at: u64) -> io::Result<Option<(u32, u64, u64)>> {
        let mut from = data_at;
        while let Some(found) = self.find(from, &[DESCRIPTOR, LOCAL, CENTRAL])? {
            let packed = found - data_at;
            if let Some(d) = self.at(found, 24)?.filter(|d| d.starts_with(DESCRIPTOR) && u64_at(d, 8) == packed) {
                return Ok(Some((u32_at(d, 4), packed, u64_at(d, 16))));
            }
            if let Some(d) =
                self.at(found, 16)?.filter(|d| d.starts_with(DESCRIPTOR) && u64::from(u32_at(d, 8)) == packed)
            {
                return Ok(Some((u32_at(d, 4), packed, u64::from(u32_at(d, 12)))));
            }
            // Without a signature: the twelve bytes before the next header.
            if packed >= 12
                && let Some(d) = self.at(found - 12, 12)?.filter(|d| u64::from(u32_at(d, 4)) == packed - 12)
            {
                return Ok(Some((u32_at(d, 0), packed - 12, u64::from(u32_at(d, 8)))));
            }
            from = found + 4;
        }
        Ok(None)
    }

    /// The first place at or after `from` where one of the signatures stands.
    fn find(&mut self, from: u64, signatures: &[&[u8]]) -> io::Result<Option<u64>> {
        let mut from = from;
        while from + 4 <= self.size {
            let length = usize::try_from((self.size - from).min(64 * 1024)).unwrap_or(0);
            let Some(bytes) = self.at(from, length)? else { return Ok(None) };
            if let Some(at) = bytes.windows(4).position(|w| w.starts_with(b"PK") && signatures.contains(&w)) {
                return Ok(Some(from + at as u64));
            }
            from += length.saturating_sub(3) as u64;
        }
        Ok(None)
    }
}

fn inflate(mut reader: impl Read, most: u64, out: &mut dyn Write) -> Result<u64, Unreadable> {
    let mut stream = zip::read::read_zipfile_from_stream(&mut reader).ok().flatten().ok_or(Unreadable::Damaged)?;
    io::copy(&mut (&mut stream).take(most), out).map_err(|_| Unreadable::Damaged)
}

/// Tells a failure to write from one to read.
struct Sink<'o> {
    out: &'o mut dyn Write,
    failed: Option<io::Error>,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).map_err(|e| {
            let kind = e.kind();
            self.failed = Some(e);
            kind.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A local header as the decoder wants it: sizes in front, nothing else. `None` for an entry of 4 GiB or more.
fn stream_header(entry: &Entry) -> Option<io::Cursor<Vec<u8>>> {
    let mut header = Vec::with_capacity(31);
    header.extend_from_slice(LOCAL);
    header.extend_from_slice(&[20, 0, 0, 0]);
    header.extend_from_slice(&entry.method.to_le_bytes());
    header.extend_from_slice(&[0, 0, 0x21, 0]);
    header.extend_from_slice(&entry.crc.to_le_bytes());
    header.extend_from_slice(&u32::try_from(entry.packed).ok()?.to_le_bytes());
    header.extend_from_slice(&u32::try_from(entry.size).ok()?.to_le_bytes());
    header.extend_from_slice(&[1, 0, 0, 0, b'x']);
    Some(io::Cursor::new(header))
}

fn central_entry(record: &[u8], name: usize, extra: usize) -> Entry {
    let name_bytes = record.get(46..46 + name).unwrap_or_default();
    let extra = record.get(46 + name..46 + name + extra).unwrap_or_default();
    let mut entry = Entry {
        name: text(name_bytes),
        size: u64::from(u32_at(record, 24)),
        kind: kind(name_bytes, u16_at(record, 4) >> 8, u32_at(record, 38) >> 16),
        encrypted: u16_at(record, 8) & 1 == 1,
        overlaps: false,
        method: u16_at(record, 10),
        crc: u32_at(record, 16),
        packed: u64::from(u32_at(record, 20)),
        header_at: u64::from(u32_at(record, 42)),
    };
    large_sizes(extra, &mut entry);
    entry
}

/// An entry from its local header, and whether its sizes are written behind its data.
fn local_entry(header: &[u8], name: usize, header_at: u64) -> (Entry, bool) {
    let flags = u16_at(header, 6);
    let name_bytes = header.get(30..30 + name).unwrap_or_default();
    let mut entry = Entry {
        name: text(name_bytes),
        size: u64::from(u32_at(header, 22)),
        kind: kind(name_bytes, 0, 0),
        encrypted: flags & 1 == 1,
        overlaps: false,
        method: u16_at(header, 8),
        crc: u32_at(header, 14),
        packed: u64::from(u32_at(header, 18)),
        header_at,
    };
    large_sizes(header.get(30 + name..).unwrap_or_default(), &mut entry);
    entry.header_at = header_at;
    (entry, flags & 8 == 8)
}

/// Sizes above 4 GiB stand in the extra field 0x0001, in this order, each only if the short field is full.
fn large_sizes(extra: &[u8], entry: &mut Entry) {
    const FULL: u64 = 0xffff_ffff;
    let mut rest = extra;
    while rest.len() >= 4 {
        let length = usize::from(u16_at(rest, 2));
        let value = rest.get(4..4 + length).unwrap_or_default();
        if u16_at(rest, 0) == 1 {
            let mut at = 0;
            for field in [&mut entry.size, &mut entry.packed, &mut entry.header_at] {
                if *field == FULL && at + 8 <= value.len() {
                    *field = u64_at(value, at);
                    at += 8;
                }
            }
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
}

fn kind(name: &[u8], made_by: u16, mode: u32) -> EntryKind {
    let unix = matches!(made_by, 3 | 19);
    match mode & 0o170_000 {
        0o040_000 if unix => EntryKind::Folder,
        0 | 0o100_000 => match name.last() {
            Some(b'/') => EntryKind::Folder,
            _ => EntryKind::File,
        },
        _ if unix => EntryKind::Special,
        _ => EntryKind::File,
    }
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(FIELD_CHARS).collect()
}

/// Marks every entry that reaches into the next one, and every second one at the same place. The entry that is reached into
/// stays: one wrong size must not cost the rest.
fn mark_overlaps(entries: &mut [Entry]) {
    let mut order: Vec<(u64, usize)> = entries.iter().enumerate().map(|(n, e)| (e.header_at, n)).collect();
    order.sort_unstable();
    let mut next = u64::MAX;
    for at in (0..order.len()).rev() {
        let Some((start, n)) = order.get(at).copied() else { continue };
        let second = at.checked_sub(1).and_then(|before| order.get(before)).is_some_and(|(s, _)| *s == start);
        if let Some(entry) = entries.get_mut(n) {
            entry.overlaps = second || start.saturating_add(30).saturating_add(entry.packed) > next;
        }
        if !second {
            next = start;
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
#[path = "zip_entries_tests.rs"]
mod tests;
