//! What the readers of phone data share: what they are told, what they yield, where the bytes of a medium are.
//!
//! Contract: a reader yields messages in the order of its source, one in memory at a time, and never writes beside the
//! evidence: copies go to the spool. It says what the source says; the mapping to mailboxes, the owner's name and the
//! rendering to e-mail are not its business. What it leaves out or cannot read is yielded too, with its place.

pub mod asked;
pub mod bounds;
pub mod media_type;
pub mod render;

use self::asked::Said;
use crate::model::Zone;
use crate::{
    Error, Result,
    fs::{
        evidence::EvidenceFile,
        spool::{Spool, SpoolFile},
    },
    model::{Conversation, Digest, Finding, MailboxName, Message, Participant, PhoneNumber, Place},
};
use std::{
    io::{self, Read, Write},
    path::PathBuf,
    sync::Arc,
};

/// The order of day, month and year in a text export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// 31/12/2026.
    Dmy,
    /// 12/31/2026.
    Mdy,
    /// 2026/12/31.
    Ymd,
}

/// What the person who imports says about a phone's data.
#[derive(Clone, Debug)]
pub struct PhoneOptions {
    /// The mailbox of the phone's owner. Part of every identity, never of the archived bytes.
    pub owner: MailboxName,
    /// The name under which the owner appears in a text export.
    pub me: Option<String>,
    /// The zone of the phone that wrote a text export.
    pub source_tz: Option<Zone>,
    /// The order of dates in a text export, where the person says it.
    pub date_order: Option<DateOrder>,
    /// If not empty, only conversations of these names (or numbers, or ids) are read; see [`asked`].
    pub only_chats: Vec<String>,
    /// Conversations of these names (or numbers, or ids) are left out.
    pub exclude_chats: Vec<String>,
    /// The key of an encrypted backup: a file.
    pub key_file: Option<PathBuf>,
    /// Where private copies go.
    pub spool: Spool,
}

impl PhoneOptions {
    /// Whether a conversation is wanted. `number`: of its other party, where the source knows it.
    #[must_use]
    pub fn wants(&self, conversation: &Conversation, number: Option<&PhoneNumber>) -> bool {
        let is = |said: &String| Said::new(said).means(conversation, number);
        (self.only_chats.is_empty() || self.only_chats.iter().any(is)) && !self.exclude_chats.iter().any(is)
    }
}

/// What reading a phone's data meets, in order.
#[derive(Debug)]
pub enum PhoneRead {
    /// A file of the source: what follows comes from it.
    Opened {
        /// Its path as given, or below the folder that was given.
        file: String,
        /// Where it really is: what `digest` is of. An encrypted backup is the encrypted file, a file of a Finder backup has
        /// the name that it has there.
        path: PathBuf,
        /// SHA-256 of the whole file.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A message.
    Item(Box<PhoneItem>),
    /// A message that was there and cannot be imported.
    NotReadable {
        /// Why, and where.
        finding: Finding,
        /// What names it in the source.
        item: String,
    },
    /// Anything else worth a word.
    Noticed(Finding),
    /// Messages of a conversation that the person wanted left out. Counted, never their content.
    LeftOut {
        /// How many.
        messages: u64,
    },
}

/// Who is told what is read. An error stops the reading and comes back from it.
pub type Visit<'a> = &'a mut dyn FnMut(PhoneRead) -> Result<()>;

/// One message of a phone.
#[derive(Debug)]
pub struct PhoneItem {
    /// Where it was: file, entry of a zip or table, line or row.
    pub place: Place,
    /// What it says. `identity.account` is the owner's mailbox; `subject` is left empty (the renderer makes it);
    /// `details` is set; findings have their places.
    pub message: Message,
    /// The bytes of `message.attachments`, one for each, in the same order.
    pub blobs: Vec<Blob>,
    /// Parties of the conversation as the source knows them (members of a group), beside sender and recipients. They decide
    /// which mailboxes get the message; they are not in its bytes, since nobody says who was a member at that moment.
    pub members: Arc<[Participant]>,
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug)]
pub enum Blob {
    /// In memory: small ones, such as contact cards.
    Memory(Arc<[u8]>),
    /// In a private copy.
    Spooled(SpoolFile),
    /// In a file of the evidence that is read again when it is rendered.
    Evidence(PathBuf),
}

impl Blob {
    /// Bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::Memory(Arc::from(bytes))
    }

    /// Size and SHA-256, by reading it to its end.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn measure(&self) -> Result<(u64, Digest)> {
        match self {
            Self::Memory(bytes) => Ok((bytes.len() as u64, Digest::of(bytes))),
            Self::Spooled(file) => Ok((file.size(), file.digest())),
            Self::Evidence(path) => {
                let mut file = EvidenceFile::open(path)?;
                let digest = file.digest()?;
                Ok((file.size(), digest))
            }
        }
    }

    /// Its bytes as a stream.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(io::Cursor::new(Arc::clone(bytes))),
            Self::Spooled(file) => file.open()?,
            Self::Evidence(path) => Box::new(EvidenceFile::open(path)?),
        })
    }

    /// Writes its bytes to `out`; returns how many.
    ///
    /// # Errors
    /// It cannot be read, or `out` cannot be written.
    pub fn copy_to(&self, out: &mut dyn Write) -> Result<u64> {
        let mut from = self.open()?;
        io::copy(&mut from, out).map_err(|e| Error::new(crate::ErrorKind::Io, "cannot copy a medium").with_source(e))
    }
}
