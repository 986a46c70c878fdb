//! The one place that unlinks a vault file.

use super::Vault;
use crate::{
    Error, ErrorKind, Result, fs,
    governance::VaultClearance,
    model::{Digest, Seq},
};

impl Vault {
    /// Unlinks the file that the clearance names. `governance_seq` is the last governance event under the locks: a
    /// clearance from before it opens nothing. Returns whether the file was there.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when governance changed since; I/O.
    pub fn purge(&self, clearance: VaultClearance, governance_seq: Seq) -> Result<bool> {
        if !clearance.is_current(governance_seq) {
            return Err(Error::new(
                ErrorKind::Held,
                "holds changed while the deletion was decided; nothing was deleted",
            ));
        }
        let digest: Digest = clearance.digest();
        fs::durable::unlink(&self.path(&digest))
    }
}
