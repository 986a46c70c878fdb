//! One Maildir++ tree per mailbox, with the folder `WhatsApp Archiver`, which mutt, notmuch, mu, Dovecot and Python's
//! `mailbox` read.
//!
//! Contract: derived. Entries are hard links into the vault (or clones, or copies, by setting and where links are
//! impossible). A mail client may move an entry from `new/` to `cur/`, rename it, set flags or delete it: entries are
//! recognised by inode, then by the base of their name. Only [`purge`](self) unlinks, behind an `ItemClearance`.

mod deliver;
mod name;
mod purge;
mod scan;
mod sweep;

pub use name::{EntryName, FOLDER, RECOVERABLE};
pub use purge::{Entry, Gone};
pub use scan::Found;
pub use sweep::{Sweep, Wanted};

use crate::model::{MailMode, MailboxName};
use std::path::PathBuf;

/// The mailboxes of one archive.
#[derive(Clone, Debug)]
pub struct Mail {
    root: PathBuf,
    mode: MailMode,
}

impl Mail {
    /// The mailboxes below `root`.
    #[must_use]
    pub fn at(root: PathBuf, mode: MailMode) -> Self {
        Self { root, mode }
    }

    fn folder(&self, mailbox: &MailboxName, folder: &str) -> PathBuf {
        self.root.join(mailbox.folder()).join(folder)
    }
}
