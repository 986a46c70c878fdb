//! What a journal says should be in the vault, the lists and the kept sources, as of one of its lines.
//!
//! Contract: trusts nothing but the lines, and says where they do not hold together. Limits: keeps about 90 bytes a
//! message.

use crate::{
    Error, ErrorKind, Result,
    archive::{AnchorLine, kept::KeptSources},
    journal::Journal,
    model::{Digest, Entry, Event, MessageId, Seq, Watermark},
    progress::Progress,
};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet};

/// A file of the vault, and the first message that has its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct VaultFile {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) id: MessageId,
    pub(super) seq: Seq,
    ordinal: u32,
}

/// What should be there as of a line.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The files that messages have, by digest.
    pub(super) files: Vec<VaultFile>,
    /// Messages that are not purged.
    pub(super) messages: u64,
    /// Files of which every message was purged.
    pub(super) purged: BTreeSet<Digest>,
    /// List files that lines name.
    pub(super) lists: BTreeMap<Digest, Seq>,
    /// Source files that runs kept.
    pub(super) sources: KeptSources,
    /// The archive id that the first line states.
    pub(super) archive: Option<String>,
    /// Which anchors name a line up to there.
    pub(super) found: Vec<bool>,
    /// Whether the line was met.
    pub(super) reached: bool,
    /// The first line that does not follow from the line before.
    pub(super) broken_at: Option<Seq>,
    /// Lines that are not understood.
    pub(super) unreadable: u64,
    purged_ordinals: RoaringBitmap,
}

impl Contents {
    /// Reads a journal from its first line up to `mark`.
    ///
    /// # Errors
    /// Reading failed; stopped by `progress`.
    pub(super) fn read(
        journal: &Journal,
        mark: &Watermark,
        anchors: &[AnchorLine],
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut contents = Self { found: vec![false; anchors.len()], ..Self::default() };
        progress.begin("reading the journal", Some(mark.seq.0));
        let mut reader = journal.read_after(&Watermark::START)?;
        while !contents.reached
            && let Some(entry) = reader.next_entry()?
        {
            contents.take(entry.line.seq, &entry.line.event, &entry, anchors);
            contents.reached = entry.mark() == *mark;
            if entry.line.seq.0.is_multiple_of(4_096) {
                progress.at(entry.line.seq.0, 0);
                if progress.cancelled() {
                    return Err(stopped());
                }
            }
        }
        progress.end();
        contents.broken_at = reader.tail().broken_at;
        contents.unreadable = reader.tail().unreadable;
        contents.sort();
        Ok(contents)
    }

    fn take(&mut self, seq: Seq, event: &Event, entry: &Entry, anchors: &[AnchorLine]) {
        for ((wanted, hash), found) in anchors.iter().zip(&mut self.found) {
            *found |= *hash == entry.hash && wanted.is_none_or(|wanted| wanted == seq);
        }
        if let Some(digest) = event.list() {
            self.lists.entry(digest).or_insert(seq);
        }
        self.sources.take(event, seq);
        match event {
            Event::ArchiveCreated { id, .. } if self.archive.is_none() => self.archive = Some(id.clone()),
            Event::MessageArchived { message } => self.files.push(VaultFile {
                digest: message.digest,
                size: message.size,
                id: message.id,
                seq,
                ordinal: message.ordinal.0,
            }),
            Event::MessagePurged { ordinal, .. } => {
                self.purged_ordinals.insert(ordinal.0);
            }
            _ => {}
        }
    }

    /// Leaves one entry for each file that a message still has, and the digests that none has any more.
    fn sort(&mut self) {
        let gone = std::mem::take(&mut self.purged_ordinals);
        let is_gone = |file: &&VaultFile| gone.contains(file.ordinal);
        let purged: Vec<Digest> = self.files.iter().filter(is_gone).map(|file| file.digest).collect();
        self.files.retain(|file| !gone.contains(file.ordinal));
        self.messages = self.files.len() as u64;
        self.files.sort_unstable_by_key(|file| (file.digest, file.seq));
        self.files.dedup_by_key(|file| file.digest);
        self.purged = purged.into_iter().filter(|digest| self.file(digest).is_none()).collect();
    }

    /// The file of this digest, if a message has it.
    pub(super) fn file(&self, digest: &Digest) -> Option<&VaultFile> {
        let at = self.files.binary_search_by_key(digest, |file| file.digest).ok()?;
        self.files.get(at)
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Whether every line up to there is proven and understood; else why not.
    pub(super) fn unsound(&self) -> Option<String> {
        match self.broken_at {
            Some(seq) => Some(format!("it does not hold together at line {seq}")),
            None if self.unreadable > 0 => Some(format!("{} of its lines are not understood", self.unreadable)),
            None if !self.reached => Some("its last line is not where it should be".to_owned()),
            None => None,
        }
    }
}

/// The error of a backup that was told to stop.
pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "stopped; what was finished before is as it was")
        .with_hint("run it again: what was copied so far is not copied twice")
}
