//! The one place that takes an entry out of a mailbox.

use super::{EntryName, Mail, RECOVERABLE};
use crate::{
    Error, ErrorKind, Result, fs,
    governance::ItemClearance,
    model::{MailboxName, Seq},
};

impl Mail {
    /// Unlinks the entry that the clearance names, wherever a client has moved it inside its mailbox: found by name, by
    /// the inode of its vault file (`vault_inode`), or by the base of its name. Returns how many entries went.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since the clearance was made; I/O.
    pub fn purge(
        &self,
        clearance: &ItemClearance,
        name: &EntryName,
        vault_inode: Option<u64>,
        governance_seq: Seq,
    ) -> Result<u64> {
        current(clearance, governance_seq)?;
        let mut gone = 0;
        for recoverable in [false, true] {
            if let Some(path) = self.find(clearance.mailbox(), name, recoverable)? {
                gone += u64::from(fs::durable::unlink(&path)?);
            }
        }
        if gone == 0 {
            gone += self.purge_moved(clearance, vault_inode)?;
        }
        Ok(gone)
    }

    fn purge_moved(&self, clearance: &ItemClearance, vault_inode: Option<u64>) -> Result<u64> {
        let mut gone = 0;
        for found in self.scan(clearance.mailbox())? {
            let ours = found.message == Some(clearance.id());
            if ours || (vault_inode == Some(found.inode) && found.message.is_none()) {
                let relative = found.path.strip_prefix("mail/").unwrap_or(&found.path);
                gone += u64::from(fs::durable::unlink(&self.root.join(relative))?);
            }
        }
        Ok(gone)
    }

    /// Moves the entry to `Recoverable Items.Deletions`. Returns whether an entry was found and moved.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since the clearance was made; I/O.
    pub fn make_recoverable(&self, clearance: &ItemClearance, name: &EntryName, governance_seq: Seq) -> Result<bool> {
        current(clearance, governance_seq)?;
        let mailbox: &MailboxName = clearance.mailbox();
        let Some(from) = self.find(mailbox, name, false)? else { return Ok(false) };
        let target = self.make_folder(mailbox, RECOVERABLE)?.join(name.as_str());
        fs::durable::rename(&from, &target)?;
        Ok(true)
    }
}

fn current(clearance: &ItemClearance, governance_seq: Seq) -> Result<()> {
    if clearance.is_current(governance_seq) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Held, "holds changed while the deletion was decided; nothing was deleted"))
}
