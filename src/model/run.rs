//! Runs of import and their balance: every message that was read is imported, revised, already there, or a row that
//! says why it is not imported.

use super::{Code, Instant, RunId, Seq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Items after fan-out to mailboxes, in the words of Purview's connector log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items {
    /// Available for import: one per message and mapped mailbox; an unmapped message counts as one that failed.
    pub available: u64,
    /// Newly delivered.
    pub imported: u64,
    /// Delivered without an attachment that was too large.
    pub partial: u64,
    /// Already in the mailbox.
    pub skipped: u64,
    /// Not delivered.
    pub failed: u64,
}

impl Items {
    /// `available = imported + partial + skipped + failed`.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.available == self.imported + self.partial + self.skipped + self.failed
    }
}

/// What a run did with what it read. Counts messages; `items` counts mailbox items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Messages found in the sources.
    pub read: u64,
    /// Newly archived.
    pub imported: u64,
    /// Archived as another version of a message that is here.
    pub revised: u64,
    /// Here already.
    pub already: u64,
    /// Not archived; each is a row of `run issues`.
    pub not_imported: u64,
    /// After fan-out to mailboxes.
    pub items: Items,
    /// Rows of the run by code, remarks included.
    pub by_code: BTreeMap<Code, u64>,
    /// Mailboxes that items were delivered to.
    pub mailboxes: u64,
    /// Attachments in newly archived messages.
    pub attachments: u64,
    /// Messages of conversations that were left out on request; not in `read`.
    #[serde(default)]
    pub left_out: u64,
}

impl Balance {
    /// `read = imported + revised + already + not_imported`, and the items likewise.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.read == self.imported + self.revised + self.already + self.not_imported && self.items.balanced()
    }

    /// Whether everything that was read, and everything that should have been there, is in the archive.
    #[must_use]
    pub fn complete(&self) -> bool {
        let nothing_understood = self.read == 0 && !self.by_code.is_empty();
        self.not_imported == 0
            && !nothing_understood
            && self.by_code.keys().all(|code| code.severity() < super::Severity::Loss)
    }
}

/// One run, as `run list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// When it began.
    pub started: Instant,
    /// When it ended; `None`: interrupted, or still running.
    pub finished: Option<Instant>,
    /// What was imported, as the user named it.
    pub sources: Vec<String>,
    /// Who.
    pub actor: String,
    /// The journal line that began it.
    pub first_seq: Seq,
    /// The journal line that ended it, if it ended.
    pub last_seq: Option<Seq>,
    /// The ordinal of the first message that it could archive.
    pub first_ordinal: u32,
    /// The first ordinal behind what it archived.
    pub next_ordinal: u32,
    /// Its balance; of an interrupted run, what was committed.
    pub balance: Balance,
}
