//! The two keys to deletion. Their fields are private and their makers are here: no other code can construct one.
//!
//! A caller can name the keys and read them,
//!
//! ```
//! use custodia::governance::{ItemClearance, VaultClearance};
//! fn which(item: &ItemClearance, file: &VaultClearance) -> (String, String) {
//!     (item.mailbox().to_string(), file.digest().to_string())
//! }
//! ```
//!
//! and make neither, not from its fields,
//!
//! ```compile_fail,E0451
//! use custodia::{governance::VaultClearance, model::{Digest, Seq}};
//! let key = VaultClearance { digest: Digest([0; 32]), seq: Seq(1) };
//! ```
//!
//! nor through what makes them inside:
//!
//! ```compile_fail,E0624
//! use custodia::{governance::VaultClearance, model::{Digest, Seq}};
//! let key = VaultClearance::when_none_left(Digest([0; 32]), 0, Seq(1));
//! ```
//!
//! ```compile_fail,E0451
//! use custodia::{governance::ItemClearance, model::{Digest, MailboxName, MessageId, Seq}};
//! let mailbox = MailboxName::parse("ann@x.example").unwrap();
//! let key = ItemClearance { id: MessageId([0; 16]), mailbox, digest: Digest([0; 32]), seq: Seq(1) };
//! ```
//!
//! ```compile_fail,E0624
//! use custodia::{governance::{ItemClearance, Subject}, model::{Digest, Seq}};
//! fn make(item: &Subject<'_>) {
//!     let _ = ItemClearance::decide(item, Digest([0; 32]), &[], Seq(1));
//! }
//! ```

use super::{ActiveHold, Decision, Subject, decide};
use crate::model::{Digest, MailboxName, MessageId, Seq};

/// The right to unlink one mailbox entry. Made by a decision under both locks, good for the journal as it stood then.
#[derive(Debug)]
#[must_use]
pub struct ItemClearance {
    id: MessageId,
    mailbox: MailboxName,
    digest: Digest,
    seq: Seq,
}

impl ItemClearance {
    /// Decides the item and, if nothing blocks, makes the key. `governance_seq` is the sequence number of the last
    /// governance event that the decision knows.
    ///
    /// # Errors
    /// The decision, when something blocks.
    pub(crate) fn decide(
        item: &Subject<'_>,
        digest: Digest,
        holds: &[ActiveHold<'_>],
        governance_seq: Seq,
    ) -> Result<Self, Decision> {
        match decide(item, holds) {
            Decision::Dispose => Ok(Self { id: item.id, mailbox: item.mailbox.clone(), digest, seq: governance_seq }),
            kept @ Decision::Keep(_) => Err(kept),
        }
    }

    /// The message.
    #[must_use]
    pub fn id(&self) -> MessageId {
        self.id
    }

    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The digest of the message's file.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether governance is still as it was when the key was made. A key that is not current opens nothing.
    #[must_use]
    pub fn is_current(&self, governance_seq: Seq) -> bool {
        self.seq == governance_seq
    }
}

/// The right to unlink one vault file: every item of every message with this digest is disposed.
#[derive(Debug)]
#[must_use]
pub struct VaultClearance {
    digest: Digest,
    seq: Seq,
}

impl VaultClearance {
    /// Makes the key if no item is left. `items_left` counts the items, in any mailbox, live or recoverable, of every
    /// message with this digest.
    pub(crate) fn when_none_left(digest: Digest, items_left: u64, governance_seq: Seq) -> Option<Self> {
        (items_left == 0).then_some(Self { digest, seq: governance_seq })
    }

    /// The file.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether governance is still as it was when the key was made.
    #[must_use]
    pub fn is_current(&self, governance_seq: Seq) -> bool {
        self.seq == governance_seq
    }
}
