//! Anchors that name lines which the journal does not have, and the last backup.
//!
//! Contract: an anchor that was missed once stays known. While one is not confirmed, lines that were once written are
//! missing here, a hold may be among them, and nothing is deleted.

use super::State;
use crate::model::{Digest, Entry, Event, Instant, Seq};
use serde::{Deserialize, Serialize};

/// An anchor whose line is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingAnchor {
    /// The line that it names.
    pub seq: Seq,
    /// The line that recorded that it is missing.
    pub noticed: Seq,
    /// The line that confirmed that the archive goes on without it.
    pub confirmed: Option<Seq>,
}

/// The last backup that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// When.
    pub at: Instant,
    /// The last line that it has.
    pub as_of: Seq,
    /// Its folder.
    pub dir: String,
    /// Files that it lacks.
    pub missing: u64,
}

impl State {
    /// The anchors whose lines are missed and not confirmed, with their hashes.
    pub fn missed_anchors(&self) -> impl Iterator<Item = (&Digest, &MissingAnchor)> {
        self.anchors.iter().filter(|(_, anchor)| anchor.confirmed.is_none())
    }

    /// The furthest line that an anchor names and the journal lacks, unless that is confirmed.
    #[must_use]
    pub fn older_than(&self) -> Option<Seq> {
        self.missed_anchors().map(|(_, anchor)| anchor.seq).max()
    }

    pub(super) fn anchored(&mut self, entry: &Entry) {
        let line = entry.line.seq;
        match &entry.line.event {
            Event::AnchorMissing { seq, hash } => {
                let missing = MissingAnchor { seq: *seq, noticed: line, confirmed: None };
                self.anchors.entry(*hash).or_insert(missing);
                self.governance_seq = line;
            }
            Event::AnchorConfirmed { hashes, .. } => {
                for hash in hashes {
                    if let Some(anchor) = self.anchors.get_mut(hash) {
                        anchor.confirmed.get_or_insert(line);
                    }
                }
                self.governance_seq = line;
            }
            Event::BackupCreated { dir, as_of, missing, .. } => {
                let (at, dir) = (entry.line.at, dir.clone());
                self.last_backup = Some(LastBackup { at, as_of: *as_of, dir, missing: *missing });
            }
            _ => {}
        }
    }
}
