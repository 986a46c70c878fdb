//! Reading what is in the mailboxes.

use super::{EntryName, FOLDER, Mail, RECOVERABLE};
use crate::{
    Result, fs,
    model::{Digest, MailboxName, MessageId},
};
use std::path::PathBuf;

/// One entry of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its path relative to the archive.
    pub path: String,
    /// Its inode: the vault file's, if it is a hard link.
    pub inode: u64,
    /// The message, if the name is one of ours.
    pub message: Option<MessageId>,
    /// Whether it lies among the recoverable items.
    pub recoverable: bool,
}

impl Mail {
    /// Every file in `cur/` and `new/` of every folder of a mailbox, wherever a client may have moved it.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn scan(&self, mailbox: &MailboxName) -> Result<Vec<Found>> {
        let root = self.root.join(mailbox.folder());
        let mut found = Vec::new();
        let mut folders = vec![String::new()];
        folders
            .extend(fs::dir::list(&root)?.into_iter().filter(|e| e.is_dir && e.name.starts_with('.')).map(|e| e.name));
        for folder in folders {
            for sub in ["new", "cur"] {
                for entry in fs::dir::list(&root.join(&folder).join(sub))?.into_iter().filter(|e| e.is_file) {
                    let middle = if folder.is_empty() { String::new() } else { format!("{folder}/") };
                    found.push(Found {
                        path: format!("mail/{}/{middle}{sub}/{}", mailbox.folder(), entry.name),
                        inode: entry.inode,
                        message: EntryName::message_of(&entry.name),
                        recoverable: folder == RECOVERABLE,
                    });
                }
            }
        }
        Ok(found)
    }

    /// The digest of one entry that [`Self::scan`] found.
    ///
    /// # Errors
    /// I/O.
    pub fn digest(&self, found: &Found) -> Result<Digest> {
        let relative = found.path.strip_prefix("mail/").unwrap_or(&found.path);
        Ok(Digest::of(&fs::read::bytes(&self.root.join(relative))?))
    }

    /// Where the entry of a message is, looked up by name in `new/` and by base name in `cur/`.
    pub(super) fn find(&self, mailbox: &MailboxName, name: &EntryName, recoverable: bool) -> Result<Option<PathBuf>> {
        let folder = self.folder(mailbox, if recoverable { RECOVERABLE } else { FOLDER });
        let fresh = folder.join("new").join(name.as_str());
        if fs::read::stat(&fresh)?.is_some() {
            return Ok(Some(fresh));
        }
        let cur = folder.join("cur");
        let seen = fs::dir::list(&cur)?.into_iter().find(|e| {
            e.name.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ';', '!']))
        });
        Ok(seen.map(|entry| cur.join(entry.name)))
    }
}
