//! Where the files of messages that are to go lie, in any mailbox and in what was set aside.
//!
//! Contract: only looks. A file is found by the name that we gave it, by the inode of its vault file under any name, and
//! as a copy under any name, by its size and then its digest. What a client changed (a header that it added) is another
//! file and is not found; nor is anything outside of the folders that are looked into.
//!
//! Limits: a walk over all of them, once for a deletion; what is kept of it is about messages that are to go.

use super::{EntryName, FOLDER, RECOVERABLE};
use crate::{
    Result, fs,
    model::{Digest, MailboxName, MessageId},
};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Messages, by the names of their entries.
    pub ids: HashSet<MessageId>,
    /// Vault files, by their inodes.
    pub inodes: HashSet<u64>,
    /// Vault files, by their sizes: a file of such a size may be a copy.
    pub sizes: HashSet<u64>,
}

/// One file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// Relative to the archive, for people.
    pub(super) shown: String,
    /// The folder of the mailbox that it is in; `None`: it was set aside.
    pub(super) mailbox: Option<String>,
    /// Whether it lies where entries are delivered to.
    pub(super) in_place: bool,
    /// Whether it lies among the recoverable items.
    pub(super) recoverable: bool,
    inode: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Sweep {
    by_id: HashMap<MessageId, Vec<Place>>,
    by_inode: HashMap<u64, Vec<Place>>,
    by_size: HashMap<u64, Vec<Place>>,
    set_aside: HashMap<Digest, Vec<Place>>,
}

impl Sweep {
    /// Looks through the mailboxes below `mail` and the things below `quarantine`.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn look(mail: &Path, quarantine: &Path, wanted: &Wanted) -> Result<Self> {
        let mut sweep = Self::default();
        if wanted.ids.is_empty() {
            return Ok(sweep);
        }
        for (root, name) in [(mail, "mail"), (quarantine, "quarantine")] {
            fs::dir::walk(root, &mut |path, inode| {
                let below = path.strip_prefix(root).unwrap_or(path);
                sweep.take(Place::at(name, path, below, inode), wanted)
            })?;
        }
        Ok(sweep)
    }

    fn take(&mut self, place: Place, wanted: &Wanted) -> Result<()> {
        let name = place.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(id) = EntryName::message_of(&name) {
            if wanted.ids.contains(&id) {
                self.by_id.entry(id).or_default().push(place);
                return Ok(());
            }
            // Under the name of another message, which may be the one that it belongs to.
            return Ok(());
        }
        // A vault file that was set aside: half of a message, or what damage left of it.
        let digest = name.get(..64).filter(|_| place.mailbox.is_none()).and_then(Digest::from_hex);
        if let Some(digest) = digest {
            self.set_aside.entry(digest).or_default().push(place);
        } else if wanted.inodes.contains(&place.inode) {
            self.by_inode.entry(place.inode).or_default().push(place);
        } else if !wanted.sizes.is_empty()
            && let Some(stat) = fs::read::stat(&place.path)?
            && wanted.sizes.contains(&stat.size)
        {
            self.by_size.entry(stat.size).or_default().push(place);
        }
        Ok(())
    }

    /// Entries of a message, by name.
    pub(super) fn named(&self, id: &MessageId) -> impl Iterator<Item = &Place> {
        self.by_id.get(id).into_iter().flatten()
    }

    /// Files under other names that are a vault file: the same file, or a copy of it.
    pub(super) fn same(&self, inode: Option<u64>, size: u64, digest: &Digest) -> impl Iterator<Item = &Place> {
        let linked = inode.and_then(|inode| self.by_inode.get(&inode)).into_iter().flatten();
        let copies = self.by_size.get(&size).into_iter().flatten();
        let digest = *digest;
        // A file that cannot be read, or is gone by now, is not known to be a copy.
        linked.chain(
            copies.filter(move |place| fs::read::bytes(&place.path).is_ok_and(|bytes| Digest::of(&bytes) == digest)),
        )
    }

    /// Files of the quarantine that had the name of this vault file.
    pub(super) fn set_aside(&self, digest: &Digest) -> impl Iterator<Item = &Place> {
        self.set_aside.get(digest).into_iter().flatten()
    }
}

impl Place {
    fn at(root: &str, path: &Path, below: &Path, inode: u64) -> Self {
        let mut parts = below.iter().map(|part| part.to_string_lossy().into_owned());
        let first = parts.next();
        let (folder, sub) = (parts.next(), parts.next());
        let ours = [FOLDER, RECOVERABLE].map(|name| Some(name.to_owned())).contains(&folder);
        let recoverable = folder.as_deref() == Some(RECOVERABLE);
        Self {
            recoverable,
            path: path.to_owned(),
            shown: format!("{root}/{}", below.display()),
            mailbox: first.filter(|_| root == "mail"),
            in_place: ours && matches!(sub.as_deref(), Some("new" | "cur")),
            inode,
        }
    }

    /// Whether it is in this mailbox.
    pub(super) fn is_in(&self, mailbox: &MailboxName) -> bool {
        self.mailbox.as_deref() == Some(mailbox.folder().as_str())
    }
}
