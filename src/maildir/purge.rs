//! The one place that takes an entry out of a mailbox.

use super::{EntryName, FOLDER, Mail, RECOVERABLE, sweep::Place, sweep::Sweep};
use crate::{
    Error, ErrorKind, Result, fs,
    governance::{ItemClearance, VaultClearance},
    model::{MailboxName, MessageId, Seq},
};

/// What went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Entries and files.
    pub entries: u64,
    /// Those of them that were not where they had been delivered to, relative to the archive.
    pub moved: Vec<String>,
}

impl Gone {
    fn unlink(&mut self, place: &Place) -> Result<()> {
        if fs::durable::unlink(&place.path)? {
            self.entries += 1;
            if !place.in_place {
                self.moved.push(place.shown.clone());
            }
        }
        Ok(())
    }
}

/// An entry that is to go, and what else is known of its file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The name that it was delivered under.
    pub name: &'a EntryName,
    /// The inode of its vault file.
    pub inode: Option<u64>,
    /// The size of that file in bytes.
    pub size: u64,
    /// Mailboxes that keep the message.
    pub kept_by: &'a [MailboxName],
    /// Whether the mailbox keeps another message with the same bytes: then a file that has them under a name of its own
    /// may be that one's.
    pub shared: bool,
}

impl Mail {
    /// Unlinks every file of the mailbox that is the item which the clearance names: where it was delivered, and wherever
    /// and under whatever name a client has put it. If there was none, files of it in mailboxes that do not have
    /// the message go instead, provided that everybody who keeps the message has an entry of their own.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since the clearance was made; I/O.
    pub fn purge(
        &self,
        clearance: &ItemClearance,
        entry: &Entry<'_>,
        sweep: &Sweep,
        governance_seq: Seq,
    ) -> Result<Gone> {
        current(clearance.is_current(governance_seq))?;
        if clearance.hides_only() {
            return Err(Error::new(
                ErrorKind::Held,
                "a retention rule keeps the item; it may be hidden, and not purged",
            ));
        }
        let (mailbox, id) = (clearance.mailbox(), clearance.id());
        let mut gone = Gone::default();
        for place in sweep.named(&id).filter(|place| place.is_in(mailbox)) {
            gone.unlink(place)?;
        }
        // What a client moved between the two folders, or out of `new/`, since the mailboxes were looked through.
        if gone.entries == 0 {
            for recoverable in [false, true] {
                if let Some(path) = self.find(mailbox, entry.name, recoverable)? {
                    gone.entries += u64::from(fs::durable::unlink(&path)?);
                }
            }
        }
        if !entry.shared {
            for place in sweep.same(entry.inode, entry.size, &clearance.digest()).filter(|place| place.is_in(mailbox)) {
                gone.unlink(place)?;
            }
        }
        if gone.entries == 0 && self.everybody_has_one(&id, entry, sweep)? {
            for place in sweep.named(&id).filter(|place| !entry.kept_by.iter().any(|keeper| place.is_in(keeper))) {
                gone.unlink(place)?;
            }
        }
        Ok(gone)
    }

    fn everybody_has_one(&self, id: &MessageId, entry: &Entry<'_>, sweep: &Sweep) -> Result<bool> {
        for keeper in entry.kept_by {
            let there = sweep.named(id).any(|place| place.is_in(keeper));
            if !there
                && self.find(keeper, entry.name, false)?.is_none()
                && self.find(keeper, entry.name, true)?.is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Unlinks everything that is left of a file whose last item went: in any mailbox, and of what was set aside.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since the clearance was made; I/O.
    pub fn purge_rest(
        &self,
        clearance: &VaultClearance,
        ids: &[MessageId],
        inode: Option<u64>,
        size: u64,
        sweep: &Sweep,
        governance_seq: Seq,
    ) -> Result<Gone> {
        current(clearance.is_current(governance_seq))?;
        let digest = clearance.digest();
        let mut gone = Gone::default();
        let named = ids.iter().flat_map(|id| sweep.named(id));
        for place in named.chain(sweep.same(inode, size, &digest)).chain(sweep.set_aside(&digest)) {
            gone.unlink(place)?;
        }
        Ok(gone)
    }

    /// Moves the entry to `Recoverable Items.Deletions`, from wherever in its mailbox a client has put it under its own
    /// name. Returns whether an entry was found and moved.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since the clearance was made; I/O.
    pub fn make_recoverable(
        &self,
        clearance: &ItemClearance,
        name: &EntryName,
        sweep: &Sweep,
        governance_seq: Seq,
    ) -> Result<bool> {
        current(clearance.is_current(governance_seq))?;
        let mailbox: &MailboxName = clearance.mailbox();
        let mut from = None;
        for place in sweep.named(&clearance.id()).filter(|place| place.is_in(mailbox) && !place.recoverable) {
            if fs::read::stat(&place.path)?.is_some() {
                from = Some(place.path.clone());
                break;
            }
        }
        let from = match from {
            Some(path) => Some(path),
            None => self.find(mailbox, name, false)?,
        };
        let Some(from) = from else { return Ok(false) };
        let target = self.make_folder(mailbox, RECOVERABLE)?.join(name.as_str());
        fs::durable::rename(&from, &target)?;
        Ok(true)
    }

    /// Moves the entry back out of `Recoverable Items.Deletions`. Returns whether an entry was found there and moved.
    ///
    /// # Errors
    /// I/O.
    pub fn make_live(&self, mailbox: &MailboxName, name: &EntryName) -> Result<bool> {
        let Some(from) = self.find(mailbox, name, true)? else { return Ok(false) };
        let target = self.make_folder(mailbox, FOLDER)?.join(name.as_str());
        fs::durable::rename(&from, &target)?;
        Ok(true)
    }
}

fn current(is_current: bool) -> Result<()> {
    if is_current {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Held, "holds changed while the deletion was decided; nothing was deleted"))
}
