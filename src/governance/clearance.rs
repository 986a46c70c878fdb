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
//! let key = ItemClearance { id: MessageId([0; 16]), mailbox, digest: Digest([0; 32]), seq: Seq(1), hides_only: false };
//! ```
//!
//! ```compile_fail,E0624
//! use custodia::{governance::{ItemClearance, Rules, Subject}, model::{Digest, Seq}};
//! fn make(item: &Subject<'_>, rules: &Rules<'_>) {
//!     let _ = ItemClearance::decide(item, Digest([0; 32]), rules, Seq(1));
//! }
//! ```

use super::{Blocker, BlockerKind, Decision, Rules, Subject, decide, due};
use crate::model::{Digest, Instant, MailboxName, MessageId, Seq};

/// The right to unlink one mailbox entry. Made by a decision under both locks, good for the journal as it stood then.
#[derive(Debug)]
#[must_use]
pub struct ItemClearance {
    id: MessageId,
    mailbox: MailboxName,
    digest: Digest,
    seq: Seq,
    /// A retention rule keeps the item: its entry may be moved out of sight, and not unlinked.
    hides_only: bool,
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
        rules: &Rules<'_>,
        governance_seq: Seq,
    ) -> Result<Self, Decision> {
        match decide(item, rules) {
            Decision::Dispose => {
                Ok(Self { id: item.id, mailbox: item.mailbox.clone(), digest, seq: governance_seq, hides_only: false })
            }
            kept @ Decision::Keep(_) => Err(kept),
        }
    }

    /// The same for a retention plan: the item must also be due. One that is due and still kept by a retention rule, and by
    /// nothing else, may be hidden, if that is all that is asked for.
    ///
    /// # Errors
    /// The decision, when something blocks, or the item is not due any more.
    pub(crate) fn decide_due(
        item: &Subject<'_>,
        digest: Digest,
        hiding: bool,
        rules: &Rules<'_>,
        governance_seq: Seq,
    ) -> Result<Self, Decision> {
        let Some(due) = due(item, rules) else {
            return match decide(item, rules) {
                Decision::Dispose => Err(Decision::Keep(vec![not_due(rules.now)])),
                kept @ Decision::Keep(_) => Err(kept),
            };
        };
        match Self::decide(item, digest, rules, governance_seq) {
            Err(Decision::Keep(blockers))
                if hiding && due.hide_only && blockers.iter().all(|by| by.kind == BlockerKind::Retention) =>
            {
                let (id, mailbox) = (item.id, item.mailbox.clone());
                Ok(Self { id, mailbox, digest, seq: governance_seq, hides_only: true })
            }
            decided => decided,
        }
    }

    /// Whether it opens no more than the move to the recoverable items.
    #[must_use]
    pub fn hides_only(&self) -> bool {
        self.hides_only
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

/// What keeps an item in a retention plan that no rule calls due any more.
fn not_due(now: Instant) -> Blocker {
    Blocker {
        kind: BlockerKind::NotDue,
        id: "not_due".to_owned(),
        name: "no retention rule".to_owned(),
        case: None,
        placed_at: now,
        placed_by: String::new(),
        reason: "no retention rule says that it is due now".to_owned(),
        because: Vec::new(),
        until: None,
        ends_when: "a retention rule says that it is due; a deletion by request is another plan".to_owned(),
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
