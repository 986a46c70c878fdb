//! One message of a phone as the bytes that are archived.
//!
//! Contract: the same item gives the same bytes on any machine. The bytes of a medium are measured again while they are
//! written: what is archived is what the message says of it, or the message says something else and a finding says so.
//! Nothing of a message is lost because of a medium that cannot be read.
//!
//! Limits: [`MEMORY_BYTES`]; a larger message goes to the spool as it is written, so that two gigabytes of video take no
//! more memory than a text.

use super::{Blob, PhoneItem};
use crate::{
    Error, ErrorKind, Result,
    eml::render::Mail,
    fs::spool::{Spool, SpoolFile},
    model::{
        Attachment, Code, Digest, Finding, Message, Place,
        details::{Media, MediaState},
    },
    source::rendered,
};
use sha2::{Digest as _, Sha256};
use std::{
    cell::RefCell,
    io::{self, BufWriter, Read, Write},
    rc::Rc,
};

/// A message that is estimated to take more bytes than this is written to the spool.
pub const MEMORY_BYTES: u64 = 8 * 1024 * 1024;
/// How often the bytes of one medium may change before it is left out.
const CHANGES: usize = 1;
/// Bytes that are collected before they are written to the spool.
const BUFFER: usize = 256 * 1024;

/// A rendered message.
#[derive(Debug)]
pub struct Rendered {
    /// Its bytes.
    pub content: Content,
    /// The message as the bytes say it, with its subject, its owner's mailbox and all findings.
    pub message: Message,
}

/// The bytes of a rendered message.
#[derive(Clone, Debug)]
pub enum Content {
    /// A small one.
    Memory(Vec<u8>),
    /// A large one.
    Spooled(SpoolFile),
}

impl Content {
    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Spooled(file) => file.size(),
        }
    }

    /// Its SHA-256.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Memory(bytes) => Digest::of(bytes),
            Self::Spooled(file) => file.digest(),
        }
    }

    /// Its bytes as a stream.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read + Send + '_>> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(bytes.as_slice()),
            Self::Spooled(file) => file.open()?,
        })
    }
}

/// Renders an item.
///
/// A medium that changed while it was read is taken as it is now, one that cannot be read (or changes again) is left out and
/// named as missing; both are findings `media_changed` or `file_unreadable` in the message.
///
/// # Errors
/// The spool cannot be written.
pub fn render(item: &PhoneItem, spool: &Spool) -> Result<Rendered> {
    let mut message = item.message.clone();
    let mut blobs: Vec<(Blob, usize)> = item.blobs.iter().map(|blob| (blob.clone(), 0)).collect();
    if blobs.len() != message.attachments.len() {
        return Err(Error::bug(format!("{} attachments have {} blobs", message.attachments.len(), blobs.len())));
    }
    message.details.get_or_insert_default();
    if rendered::believable(&mut message) {
        message.findings.push(Finding::new(Code::DateAbsurd, item.place.clone(), ""));
    }
    // Every round but the last marks a blob as changed or takes one out: it ends.
    loop {
        message.subject = rendered::subject(&message);
        let mail = rendered::compose(&message);
        match attempt(&mail, &message.attachments, &blobs, spool)? {
            Ok(content) => return Ok(Rendered { content, message }),
            Err(trouble) => settle(trouble, &mut message, &mut blobs, &item.place),
        }
    }
}

/// Why a medium could not be written as it was declared.
struct Trouble {
    index: usize,
    /// `None`: other bytes came than were declared. `Some`: reading failed.
    unreadable: Option<String>,
}

/// Writes the mail once.
fn attempt(
    mail: &Mail,
    attachments: &[Attachment],
    blobs: &[(Blob, usize)],
    spool: &Spool,
) -> Result<Result<Content, Trouble>> {
    let trouble = Rc::new(RefCell::new(None));
    let mut open = |index: usize| -> io::Result<Box<dyn Read>> {
        let missing = || io::Error::other("no such attachment");
        let (blob, _) = blobs.get(index).ok_or_else(missing)?;
        let declared = attachments.get(index).ok_or_else(missing)?.clone();
        let unreadable = |error: &dyn std::fmt::Display| {
            *trouble.borrow_mut() = Some(Trouble { index, unreadable: Some(error.to_string()) });
            io::Error::other("a medium cannot be read")
        };
        let from = blob.open().map_err(|e| unreadable(&e))?;
        let seen = Seen { hasher: Sha256::new(), size: 0 };
        Ok(Box::new(Checked { from, declared, index, seen, trouble: Rc::clone(&trouble) }))
    };
    let media = attachments.iter().fold(0_u64, |sum, a| sum.saturating_add(a.size));
    let estimate = mail.estimate().saturating_add(media / 57 * 78).saturating_add(media % 57);
    let written = if estimate <= MEMORY_BYTES {
        let mut bytes = Vec::with_capacity(usize::try_from(estimate).unwrap_or_default());
        mail.write(&mut bytes, &mut open).map(|()| Ok(Content::Memory(bytes)))
    } else {
        let mut out = BufWriter::with_capacity(BUFFER, spool.writer(".eml")?);
        let whole = mail.write(&mut out, &mut open).and_then(|()| out.flush());
        // Taken apart: dropped as it is, the buffer would be written once more.
        let out = out.into_parts().0;
        whole.map(|()| out.finish().map(Content::Spooled))
    };
    match (written, trouble.take()) {
        (_, Some(trouble)) => Ok(Err(trouble)),
        (Ok(content), None) => content.map(Ok),
        (Err(e), None) => Err(Error::new(ErrorKind::Io, "cannot write a message to the spool").with_source(e)),
    }
}

/// Makes the message say what is there.
fn settle(trouble: Trouble, message: &mut Message, blobs: &mut Vec<(Blob, usize)>, place: &Place) {
    let index = trouble.index;
    let Some(attachment) = message.attachments.get_mut(index) else { return };
    let name = attachment.name.clone();
    let mut why = trouble.unreadable;
    if why.is_none()
        && let Some((blob, changes)) = blobs.get_mut(index)
    {
        *changes += 1;
        match (*changes <= CHANGES, blob.measure()) {
            (true, Ok((size, sha256))) => {
                (attachment.size, attachment.sha256) = (size, sha256);
                message.findings.push(Finding::new(Code::MediaChanged, place.clone(), name));
                return;
            }
            (_, Err(e)) => why = Some(e.to_string()),
            (false, Ok(_)) => {}
        }
    }
    let (code, detail) = match why {
        Some(why) => (Code::FileUnreadable, format!("{name}: {why}")),
        None => (Code::MediaChanged, format!("{name}: left out, it changes while it is read")),
    };
    message.findings.push(Finding::new(code, place.clone(), detail));
    let gone = message.attachments.remove(index);
    if index < blobs.len() {
        blobs.remove(index);
    }
    missing(message, &gone);
}

/// Says of the medium that the source names it and does not have it.
pub(super) fn missing(message: &mut Message, gone: &Attachment) {
    let details = message.details.get_or_insert_default();
    let attached = |media: &&mut Media| media.name == gone.name && media.state == MediaState::Attached;
    match details.media.iter_mut().find(attached) {
        Some(media) => media.state = MediaState::Missing,
        None => details.media.push(Media {
            name: gone.name.clone(),
            state: MediaState::Missing,
            mime: gone.media_type.clone(),
            ..Media::default()
        }),
    }
}

struct Seen {
    hasher: Sha256,
    size: u64,
}

/// Reads a medium and compares it with what was declared. Never gives more bytes than that.
struct Checked {
    from: Box<dyn Read + Send>,
    declared: Attachment,
    index: usize,
    seen: Seen,
    trouble: Rc<RefCell<Option<Trouble>>>,
}

impl Checked {
    fn fail(&self, unreadable: Option<String>) -> io::Error {
        *self.trouble.borrow_mut() = Some(Trouble { index: self.index, unreadable });
        io::Error::other("a medium is not what it was")
    }
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = loop {
            match self.from.read(buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.fail(Some(e.to_string()))),
                Ok(n) => break n,
            }
        };
        self.seen.hasher.update(buffer.get(..n).unwrap_or_default());
        self.seen.size = self.seen.size.saturating_add(n as u64);
        let ended = n == 0;
        let differs = self.seen.size > self.declared.size
            || (ended && self.seen.size < self.declared.size)
            || (ended && Digest(self.seen.hasher.clone().finalize().into()) != self.declared.sha256);
        if differs { Err(self.fail(None)) } else { Ok(n) }
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
