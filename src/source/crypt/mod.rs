//! Encrypted backups of WhatsApp on Android: `.crypt12`, `.crypt14`, `.crypt15`, with the user's key.
//!
//! Contract: the backup is copied into the spool, its authentication tag is checked over the whole copy, and only then is it
//! decrypted and inflated, into a second spool file. Nothing is used that was not authenticated, nothing else is written,
//! and the ciphertext goes again as soon as it is not needed. A key that does not fit is an error that says what the
//! file and the key look like; damage is a finding. Keys come from a file, never from a command line.
//!
//! Limits: [`DATABASE_BYTES`] of plaintext; memory is one chunk, whatever the size. Backups under a password alone cannot be
//! opened offline (the key lies with WhatsApp), nor can incremental parts, which hold no database.

mod gcm;
mod header;
mod key;

use self::{gcm::Stream, header::Header, key::Key};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        evidence::EvidenceFile,
        spool::{Spool, SpoolFile},
    },
    model::{Code, Digest, Finding, Place},
    source::sqlite::DATABASE_BYTES,
};
use flate2::{Decompress, FlushDecompress, Status};
use md5::{Digest as _, Md5};
use std::{
    io::{self, Read, Write},
    path::Path,
};

/// Bytes of the checksum that ends a whole backup.
const MD5_BYTES: u64 = 16;
/// Bytes of the authentication tag.
const TAG_BYTES: u64 = 16;
/// Bytes read at a time; a multiple of the cipher's block.
const CHUNK: usize = 256 * 1024;

/// Which generation of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `.crypt12`.
    Crypt12,
    /// `.crypt14`.
    Crypt14,
    /// `.crypt15`: end-to-end encrypted, with a key of 64 digits.
    Crypt15,
}

impl Generation {
    /// The end of its file names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crypt12 => "crypt12",
            Self::Crypt14 => "crypt14",
            Self::Crypt15 => "crypt15",
        }
    }
}

/// What decrypting gave.
#[derive(Debug)]
pub struct Decrypted {
    /// SHA-256 of the encrypted file.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The database, or why there is none.
    pub database: Result<SpoolFile, Finding>,
}

/// Which generation a file is, by its name and its first bytes; `None` if it is no encrypted backup.
///
/// # Errors
/// The file cannot be read.
pub fn generation(path: &Path) -> Result<Option<Generation>> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !name.rsplit('.').next().is_some_and(|end| end.starts_with("crypt")) {
        return Ok(None);
    }
    let head = EvidenceFile::open(path)?.head(header::HEAD_BYTES)?;
    Ok(Header::parse(&head).map(|header| header.generation))
}

/// Decrypts the backup at `path`. `name` is how findings call it.
///
/// # Errors
/// `Usage` if there is no key file, if it is none, or if it does not fit. I/O.
pub fn decrypt(path: &Path, name: &str, key_file: Option<&Path>, spool: &Spool) -> Result<Decrypted> {
    let mut evidence = EvidenceFile::open(path)?;
    let size = evidence.size();
    let head = evidence.head(header::HEAD_BYTES)?;
    let Some(header) = Header::parse(&head) else {
        let digest = evidence.digest()?;
        let why = "not an encrypted backup that is known, or its header is damaged";
        return Ok(Decrypted { digest, size, database: Err(damaged(name, why)) });
    };
    let Some(key_file) = key_file else {
        let what = format!("{name} is an encrypted backup ({}) and needs its key", header.generation.as_str());
        return Err(Error::new(ErrorKind::Usage, what).with_hint(format!("--key-file FILE: {}", header.wants())));
    };
    let key = Key::read(key_file)?;
    let keys = key.candidates(&header, name)?;
    let Some(copy) = spool.copy(&mut evidence, DATABASE_BYTES, name, ".crypt")? else {
        let digest = evidence.digest()?;
        let why = format!("{size} bytes, more than {DATABASE_BYTES}");
        let database = Err(Finding::new(Code::LimitExceeded, Place::file(name), why));
        return Ok(Decrypted { digest, size, database });
    };
    let (digest, size) = (copy.digest(), copy.size());
    let Some(first) = first_block(&copy, &header)? else {
        return Ok(Decrypted { digest, size, database: Err(damaged(name, "the file ends within its header")) });
    };
    // The plaintext is a zlib stream (or a zip): a key that does not give that is another key.
    let Some(aes) = keys.into_iter().find(|aes| looks_right(&Stream::new(aes, &header.iv).peek(first))) else {
        return Err(does_not_fit(&header, &key, name));
    };
    let database = open(&copy, &header, &aes, name, spool)?;
    Ok(Decrypted { digest, size, database })
}

fn does_not_fit(header: &Header, key: &Key, name: &str) -> Error {
    let what = format!(
        "the key does not fit: {name} is a {} backup, the key file holds {}",
        header.generation.as_str(),
        key.describe()
    );
    Error::new(ErrorKind::Usage, what).with_hint(format!("--key-file FILE: {}", header.wants()))
}

fn damaged(name: &str, why: &str) -> Finding {
    Finding::new(Code::BackupDamaged, Place::file(name), why)
}

/// Checks the tag over the whole file, then writes the plaintext.
fn open(
    copy: &SpoolFile,
    header: &Header,
    aes: &[u8; 32],
    name: &str,
    spool: &Spool,
) -> Result<Result<SpoolFile, Finding>> {
    // Parts of a backup in several files have no checksum, and some of crypt12 neither.
    let behind = if header.generation == Generation::Crypt12 { header::CRYPT12_TAIL } else { 0 };
    let checksum = if md5_fits(copy, behind)? { MD5_BYTES } else { 0 };
    let tail = TAG_BYTES + checksum + behind;
    let Some(length) = copy.size().checked_sub(header.length + tail) else {
        return Ok(Err(damaged(name, "the file ends within its header")));
    };
    let mut stream = Stream::new(aes, &header.iv);
    let mut from = copy.open()?;
    skip(&mut from, header.length, name)?;
    for_each_chunk(&mut (&mut from).take(length), name, &mut |chunk| {
        stream.authenticate(chunk);
        Ok(true)
    })?;
    let mut tag = [0; TAG_BYTES as usize];
    from.read_exact(&mut tag).map_err(|e| Error::io("read", Path::new(name), e))?;
    if !stream.tag_is(&tag) {
        let why = "its authentication tag is wrong: the file was changed, or cut, after it was written; not used";
        return Ok(Err(damaged(name, why)));
    }
    let mut from = copy.open()?;
    skip(&mut from, header.length, name)?;
    inflate(&mut from.take(length), Stream::new(aes, &header.iv), name, spool)
}

/// Decrypts and inflates.
fn inflate(from: &mut dyn Read, mut stream: Stream, name: &str, spool: &Spool) -> Result<Result<SpoolFile, Finding>> {
    let mut out = spool.writer(".db")?;
    let (mut zlib, mut plain, mut room) = (Decompress::new(true), Vec::new(), vec![0; CHUNK]);
    let (mut ended, mut why) = (false, None);
    for_each_chunk(from, name, &mut |chunk| {
        plain.clear();
        plain.extend_from_slice(chunk);
        stream.decrypt(&mut plain);
        if zlib.total_in() == 0 && plain.starts_with(b"PK\x03\x04") {
            why = Some("a zip of stickers or wallpapers, not a database");
            return Ok(false);
        }
        let mut rest = plain.as_slice();
        loop {
            let (before_in, before_out) = (zlib.total_in(), zlib.total_out());
            let Ok(status) = zlib.decompress(rest, &mut room, FlushDecompress::None) else {
                why = Some("what it decrypts to cannot be inflated");
                return Ok(false);
            };
            let (used, made) = (zlib.total_in() - before_in, zlib.total_out() - before_out);
            let made = room.get(..usize::try_from(made).unwrap_or(0)).unwrap_or_default();
            out.write_all(made).map_err(|e| Error::io("write", spool.path(), e))?;
            rest = rest.get(usize::try_from(used).unwrap_or(rest.len())..).unwrap_or_default();
            ended = status == Status::StreamEnd;
            if zlib.total_out() > DATABASE_BYTES {
                why = Some("it inflates to more than the limit");
                return Ok(false);
            }
            if ended {
                return Ok(false);
            }
            if (rest.is_empty() && made.len() < room.len()) || (used == 0 && made.is_empty()) {
                return Ok(true);
            }
        }
    })?;
    if why.is_none() && !ended {
        why = Some("what it decrypts to ends too early");
    }
    let plain = out.finish()?;
    Ok(why.map_or(Ok(plain), |why| Err(damaged(name, why))))
}

/// The first block of ciphertext; `None` if there is not that much.
fn first_block(copy: &SpoolFile, header: &Header) -> Result<Option<[u8; 16]>> {
    let mut block = [0; 16];
    let mut from = copy.open()?.take(header.length + 16);
    let read =
        io::copy(&mut (&mut from).take(header.length), &mut io::sink()).and_then(|_| from.read_exact(&mut block));
    match read {
        Ok(()) => Ok(Some(block)),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(Error::io("read", copy.path(), e)),
    }
}

/// Whether a plaintext begins as zlib (deflate, a header that is a multiple of 31) or as a zip.
fn looks_right(plain: &[u8; 16]) -> bool {
    let [cmf, flags, ..] = *plain;
    plain.starts_with(b"PK\x03\x04") || (cmf & 0x0f == 8 && (u16::from(cmf) * 256 + u16::from(flags)) % 31 == 0)
}

/// Whether the file, but for the bytes `behind`, ends with the MD5 of all before.
fn md5_fits(copy: &SpoolFile, behind: u64) -> Result<bool> {
    let Some(length) = copy.size().checked_sub(MD5_BYTES + behind) else { return Ok(false) };
    let (mut hasher, mut from, mut end) = (Md5::new(), copy.open()?, [0; MD5_BYTES as usize]);
    for_each_chunk(&mut (&mut from).take(length), "a backup", &mut |chunk| {
        hasher.update(chunk);
        Ok(true)
    })?;
    from.read_exact(&mut end).map_err(|e| Error::io("read", copy.path(), e))?;
    Ok(hasher.finalize().as_slice() == end)
}

fn skip(from: &mut dyn Read, length: u64, name: &str) -> Result<()> {
    io::copy(&mut from.take(length), &mut io::sink()).map(drop).map_err(|e| Error::io("read", Path::new(name), e))
}

/// Full chunks, then the rest, until `each` says no.
fn for_each_chunk(from: &mut dyn Read, name: &str, each: &mut dyn FnMut(&[u8]) -> Result<bool>) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let mut filled = 0;
        while let Some(room) = chunk.get_mut(filled..).filter(|room| !room.is_empty()) {
            match from.read(room) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::io("read", Path::new(name), e)),
            }
        }
        let read = chunk.get(..filled).unwrap_or_default();
        if read.is_empty() || !each(read)? || filled < CHUNK {
            return Ok(());
        }
    }
}

#[cfg(test)]
pub mod tests;
