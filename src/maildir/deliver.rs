//! Putting entries into mailboxes.

use super::{EntryName, FOLDER, Mail, RECOVERABLE};
use crate::{
    Result, fs,
    fs::durable::Linked,
    model::{MailMode, MailboxName},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Delivers many entries; knows which folders it has made.
#[derive(Debug)]
pub struct Delivery<'a> {
    mail: &'a Mail,
    made: HashMap<(MailboxName, bool), PathBuf>,
    links: bool,
}

impl Mail {
    /// Begins a series of deliveries.
    #[must_use]
    pub fn delivery(&self) -> Delivery<'_> {
        Delivery { mail: self, made: HashMap::new(), links: self.mode == MailMode::HardLink }
    }

    /// Makes the folders of a mailbox that are missing: the inbox, `WhatsApp Archiver` and, if asked for,
    /// `Recoverable Items.Deletions`. Returns the path of that folder's `new/`.
    pub(super) fn make_folder(&self, mailbox: &MailboxName, folder: &str) -> Result<PathBuf> {
        let root = self.root.join(mailbox.folder());
        let path = root.join(folder);
        for dir in ["cur", "new", "tmp"] {
            fs::durable::create_dirs(&root.join(dir))?;
            fs::durable::create_dirs(&path.join(dir))?;
        }
        // Maildir++: marks a folder as a folder, so that a delivery agent finds the mailbox above it.
        let mark = path.join("maildirfolder");
        if fs::read::stat(&mark)?.is_none() {
            fs::durable::create_read_only(&mark, b"")?;
        }
        Ok(path.join("new"))
    }
}

impl Delivery<'_> {
    /// Puts one entry into `new/` of `WhatsApp Archiver`, or of the recoverable items. An entry of this name that is
    /// there stays. Not durable: mailboxes are derived.
    ///
    /// # Errors
    /// I/O.
    pub fn deliver(
        &mut self,
        vault_file: &Path,
        mailbox: &MailboxName,
        name: &EntryName,
        recoverable: bool,
    ) -> Result<()> {
        let key = (mailbox.clone(), recoverable);
        let dir = match self.made.get(&key) {
            Some(dir) => dir,
            None => {
                let made = self.mail.make_folder(mailbox, if recoverable { RECOVERABLE } else { FOLDER })?;
                self.made.entry(key).or_insert(made)
            }
        };
        let target = dir.join(name.as_str());
        if self.links {
            match fs::durable::hard_link(vault_file, &target)? {
                Linked::Yes => return Ok(()),
                // The limit of one file, or of the file system: a copy serves readers as well.
                Linked::Impossible => {}
            }
        }
        fs::durable::clone_or_copy(vault_file, &target, self.mail.mode != MailMode::Copy)
    }
}
