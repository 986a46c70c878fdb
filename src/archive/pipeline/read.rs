//! The reading stage: sources are read and understood, and everything about a message that needs no decision is worked
//! out here, beside the stage that waits for the disk.

use crate::{
    Error, ErrorKind, Result,
    archive::{attribution::attribute, phone::PhoneSources},
    model::{Digest, Finding, Message, Participant, Place, SourceKind},
    source::{
        self, Read,
        phone::{
            PhoneItem, PhoneOptions, PhoneRead,
            render::{Content, render},
        },
        select,
    },
};
use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
};

/// Messages that may wait between reading and deciding.
pub(super) const READ_AHEAD: usize = 256;
/// Bytes of e-mails that may wait between reading and deciding; one larger e-mail may.
const READ_AHEAD_BYTES: u64 = 24 * 1024 * 1024;

/// A byte in the spool counts as this part of a byte in memory: 1 GiB of media may wait there.
const SPOOL_SHARE: u64 = 42;

/// What the deciding stage is told.
pub(super) enum ToDecide {
    Opened {
        file: String,
        digest: Digest,
        size: u64,
    },
    Noticed(Finding),
    NotReadable {
        finding: Finding,
        item: String,
    },
    Message(Box<Incoming>),
    /// Messages that were left out on request.
    LeftOut(u64),
    /// The source cannot be read on.
    Failed(Error),
}

/// A message that was read, with its digests.
pub(in crate::archive) struct Incoming {
    pub(in crate::archive) place: Place,
    pub(in crate::archive) content: Content,
    pub(in crate::archive) message: Box<Message>,
    /// Parties of the conversation that are not in the message.
    pub(in crate::archive) members: Arc<[Participant]>,
    pub(in crate::archive) digest: Digest,
    pub(in crate::archive) identity_key: Digest,
    pub(in crate::archive) source_digest: Digest,
}

impl Incoming {
    fn new(place: Place, content: Content, message: Box<Message>, members: Arc<[Participant]>) -> Self {
        let (digest, identity_key) = (content.digest(), message.identity.key());
        let source_digest = message.source_digest();
        Self { place, content, message, members, digest, identity_key, source_digest }
    }

    /// What it takes of the budget: bytes in memory, and a share of those on disk.
    pub(super) fn held(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Spooled(file) => file.size() / SPOOL_SHARE,
        }
    }
}

/// Renders what a phone says, and names its owner where it does not.
pub(in crate::archive) fn rendered(item: &PhoneItem, options: &PhoneOptions) -> Result<Incoming> {
    let rendered = render(item, &options.spool)?;
    let message = Box::new(rendered.message);
    let mut incoming = Incoming::new(item.place.clone(), rendered.content, message, Arc::clone(&item.members));
    // Behind the digests: who the owner is is not what the source says.
    attribute(&mut incoming.message, Some(options.owner.as_str()));
    Ok(incoming)
}

impl From<Read> for ToDecide {
    fn from(read: Read) -> Self {
        match read {
            Read::Opened { file, digest, size } => Self::Opened { file, digest, size },
            Read::Noticed(finding) => Self::Noticed(finding),
            Read::NotReadable { finding, item } => Self::NotReadable { finding, item },
            Read::Item { place, bytes, message } => {
                Self::Message(Box::new(Incoming::new(place, Content::Memory(bytes), message, Arc::from([]))))
            }
        }
    }
}

/// How many bytes of e-mails wait to be decided. One e-mail always has room.
#[derive(Default)]
pub(super) struct Budget {
    used: Mutex<u64>,
    freed: Condvar,
}

impl Budget {
    fn used(&self) -> MutexGuard<'_, u64> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: u64) {
        let full = |used: &mut u64| *used > 0 && used.saturating_add(bytes) > READ_AHEAD_BYTES;
        let mut used = self.freed.wait_while(self.used(), full).unwrap_or_else(PoisonError::into_inner);
        *used += bytes;
    }

    pub(super) fn give(&self, bytes: u64) {
        let mut used = self.used();
        *used = used.saturating_sub(bytes);
        self.freed.notify_one();
    }

    pub(super) fn close(&self) {
        *self.used() = 0;
        self.freed.notify_all();
    }
}

pub(super) fn read_stage(
    paths: &[PathBuf],
    phone: Option<&PhoneSources>,
    to_decide: &SyncSender<ToDecide>,
    budget: &Budget,
) {
    for (at, path) in paths.iter().enumerate() {
        let kind = phone.and_then(|phone| phone.kinds.get(at)).copied().unwrap_or(SourceKind::Telemessage);
        let result = match phone {
            Some(phone) if kind != SourceKind::Telemessage => {
                let options = &phone.options;
                select::read_phone(kind, path, options, &mut |read| {
                    let kept = match &read {
                        PhoneRead::Opened { file, path, digest, .. } => phone.keep(path, file, digest)?,
                        _ => None,
                    };
                    pass_on(from_phone(read, options)?, to_decide, budget)?;
                    kept.map_or(Ok(()), |finding| pass_on(ToDecide::Noticed(finding), to_decide, budget))
                })
            }
            _ => source::read(path, &mut |read| pass_on(read.into(), to_decide, budget)),
        };
        if let Err(error) = result {
            // Nobody listens any more when the decider has failed.
            let _ = to_decide.send(ToDecide::Failed(error));
            return;
        }
    }
}

fn from_phone(read: PhoneRead, options: &PhoneOptions) -> Result<ToDecide> {
    Ok(match read {
        PhoneRead::Opened { file, digest, size, .. } => ToDecide::Opened { file, digest, size },
        PhoneRead::Item(item) => ToDecide::Message(Box::new(rendered(&item, options)?)),
        PhoneRead::NotReadable { finding, item } => ToDecide::NotReadable { finding, item },
        PhoneRead::Noticed(finding) => ToDecide::Noticed(finding),
        PhoneRead::LeftOut { messages } => ToDecide::LeftOut(messages),
    })
}

fn pass_on(what: ToDecide, to_decide: &SyncSender<ToDecide>, budget: &Budget) -> Result<()> {
    if let ToDecide::Message(incoming) = &what {
        budget.take(incoming.held());
    }
    to_decide.send(what).map_err(|_| Error::new(ErrorKind::Interrupted, "the import was stopped"))
}
