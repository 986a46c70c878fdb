//! What is known of messages outside of the index, as bitmaps over ordinals.

use crate::model::{HoldId, LabelId};
use roaring::RoaringBitmap;
use std::{borrow::Cow, collections::BTreeMap};

/// What changes about messages after they were indexed. Hold and folder are of one mailbox; the rest is of the messages.
#[derive(Clone, Debug, Default)]
pub struct Env<'a> {
    /// A later notice says that it was deleted.
    pub deleted: Cow<'a, RoaringBitmap>,
    /// A later notice says that it was edited.
    pub edited: Cow<'a, RoaringBitmap>,
    /// It is among the recoverable items of the mailbox.
    pub recoverable: Cow<'a, RoaringBitmap>,
    /// By tag, folded.
    pub tags: BTreeMap<String, Cow<'a, RoaringBitmap>>,
    /// By hold: what it covers in the mailbox.
    pub holds: BTreeMap<HoldId, RoaringBitmap>,
    /// By retention label: the items of the mailbox that have it.
    pub labels: BTreeMap<LabelId, RoaringBitmap>,
}
