//! `state.bin`: magic, SHA-256 of the rest, bincode. Anything off with it means: build the state from the journal.

use super::State;
use crate::{Error, Result, fs, model::Digest};
use std::path::Path;

/// What the file begins with; the digit is the version of the layout.
const MAGIC: &[u8; 8] = b"CUSTST06";

impl State {
    /// Writes the snapshot by rename. Durable. A state that was replayed past a break of the chain is not kept: whoever
    /// opens the archive next must meet the break again, and not a state that looks sound.
    ///
    /// # Errors
    /// Writing failed; the old snapshot is untouched.
    pub fn save(&self, path: &Path) -> Result<()> {
        if self.chain_broken.is_some() {
            return Ok(());
        }
        let body = bincode::serialize(self).map_err(|e| Error::bug(format!("the state cannot be written: {e}")))?;
        let mut bytes = Vec::with_capacity(body.len() + 40);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&Digest::of(&body).0);
        bytes.extend_from_slice(&body);
        fs::durable::replace(path, &bytes)
    }

    /// Reads the snapshot. `None` if there is none, or it is damaged, or from another version.
    ///
    /// # Errors
    /// The file is there and cannot be read (permission).
    pub fn load(path: &Path) -> Result<Option<Self>> {
        if fs::read::stat(path)?.is_none() {
            return Ok(None);
        }
        let bytes = fs::read::mapped(path)?;
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Ok(None) };
        let Some((sum, body)) = rest.split_at_checked(32) else { return Ok(None) };
        if Digest::of(body).0 != *sum {
            return Ok(None);
        }
        Ok(bincode::deserialize(body).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MailboxName, User, UserStatus};

    #[test]
    fn a_snapshot_comes_back_and_a_damaged_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.bin");
        assert_eq!(State::load(&path).unwrap(), None);
        let mut state = State { messages: 7, ..State::default() };
        let email = MailboxName::parse("ann@x.example").unwrap();
        state.boxes.entry(email.clone()).or_default().live.extend([1, 5, 70_000]);
        state.users.insert(
            email.clone(),
            User { email, name: None, numbers: vec![], groups: Default::default(), status: UserStatus::Active },
        );
        state.save(&path).unwrap();
        assert_eq!(State::load(&path).unwrap(), Some(state));
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(State::load(&path).unwrap(), None);
        std::fs::write(&path, b"CUST").unwrap();
        assert_eq!(State::load(&path).unwrap(), None);
        State { chain_broken: Some(crate::model::Seq(3)), ..State::default() }.save(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"CUST");
    }
}
