//! The reading stage: sources are read and understood, and everything about a message that needs no decision is worked
//! out here, beside the stage that waits for the disk.

use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Finding, Message, Place},
    source::{self, Read},
};
use std::{
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
};

/// Messages that may wait between reading and deciding.
pub(super) const READ_AHEAD: usize = 512;
/// Bytes of e-mails that may wait between reading and deciding; one larger e-mail may.
const READ_AHEAD_BYTES: u64 = 32 * 1024 * 1024;

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
    /// The source cannot be read on.
    Failed(Error),
}

/// A message that was read, with its digests.
pub(in crate::archive) struct Incoming {
    pub(in crate::archive) place: Place,
    pub(in crate::archive) bytes: Vec<u8>,
    pub(in crate::archive) message: Box<Message>,
    pub(in crate::archive) digest: Digest,
    pub(in crate::archive) identity_key: Digest,
    pub(in crate::archive) source_digest: Digest,
}

impl Incoming {
    fn new(place: Place, bytes: Vec<u8>, message: Box<Message>) -> Self {
        let (digest, identity_key) = (Digest::of(&bytes), message.identity.key());
        let source_digest = message.source_digest();
        Self { place, bytes, message, digest, identity_key, source_digest }
    }
}

impl From<Read> for ToDecide {
    fn from(read: Read) -> Self {
        match read {
            Read::Opened { file, digest, size } => Self::Opened { file, digest, size },
            Read::Noticed(finding) => Self::Noticed(finding),
            Read::NotReadable { finding, item } => Self::NotReadable { finding, item },
            Read::Item { place, bytes, message } => Self::Message(Box::new(Incoming::new(place, bytes, message))),
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

pub(super) fn read_stage(paths: &[PathBuf], to_decide: &SyncSender<ToDecide>, budget: &Budget) {
    for path in paths {
        if let Err(error) = source::read(path, &mut |read| pass_on(read, to_decide, budget)) {
            // Nobody listens any more when the decider has failed.
            let _ = to_decide.send(ToDecide::Failed(error));
            return;
        }
    }
}

fn pass_on(read: Read, to_decide: &SyncSender<ToDecide>, budget: &Budget) -> Result<()> {
    if let Read::Item { bytes, .. } = &read {
        budget.take(bytes.len() as u64);
    }
    to_decide.send(read.into()).map_err(|_| Error::new(ErrorKind::Interrupted, "the import was stopped"))
}
