//! The items of one mailbox, as bitmaps over ordinals.

use crate::model::event::Basis;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which messages a mailbox has and had. The first three sets are disjoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Boxes {
    /// In `WhatsApp Archiver`.
    pub live: RoaringBitmap,
    /// In `Recoverable Items.Deletions`.
    pub recoverable: RoaringBitmap,
    /// Disposed of for good. Importing the source again does not bring them back.
    pub disposed: RoaringBitmap,
    /// Of a phone's messages: on what it rests that the mailbox got them.
    pub bases: BTreeMap<Basis, RoaringBitmap>,
}

impl Boxes {
    /// Whether the mailbox has the message, live or recoverable.
    #[must_use]
    pub fn has(&self, ordinal: u32) -> bool {
        self.live.contains(ordinal) || self.recoverable.contains(ordinal)
    }

    /// Whether the mailbox has or had the message.
    #[must_use]
    pub fn knows(&self, ordinal: u32) -> bool {
        self.has(ordinal) || self.disposed.contains(ordinal)
    }

    /// On what it rests that the mailbox got a phone's message; `None` for a feed's.
    #[must_use]
    pub fn basis(&self, ordinal: u32) -> Option<Basis> {
        self.bases.iter().find(|(_, messages)| messages.contains(ordinal)).map(|(basis, _)| *basis)
    }

    /// Everything it has, live and recoverable.
    #[must_use]
    pub fn present(&self) -> RoaringBitmap {
        &self.live | &self.recoverable
    }
}
