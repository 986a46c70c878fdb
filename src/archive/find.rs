//! Finding one message by its id.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    index::HitRecord,
    model::{Ordinal, id::MIN_PREFIX},
};

impl Archive {
    /// The message with this id or id prefix.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::Ambiguous`].
    pub fn find_message(&self, id: &str) -> Result<HitRecord> {
        let prefix = id.strip_prefix("m_").unwrap_or(id).to_lowercase();
        let long_enough = id.len() >= MIN_PREFIX;
        if !long_enough || prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::new(ErrorKind::Usage, format!("{id} is not the id of a message"))
                .with_hint("ids begin with m_; six or more characters of one are enough"));
        }
        let mut found: Vec<HitRecord> = match &self.index {
            Some(index) => index.by_id_prefix(&prefix, 2)?,
            None => Vec::new(),
        };
        let wanted = format!("m_{prefix}");
        let tail: Vec<Ordinal> = self
            .tail
            .iter()
            .filter(|(_, message)| message.id.to_string().starts_with(&wanted))
            .map(|(_, message)| message.ordinal)
            .take(2)
            .collect();
        found.extend(self.records(&tail)?);
        match (found.pop(), found.is_empty()) {
            (Some(record), true) => Ok(record),
            (Some(_), false) => {
                Err(Error::new(ErrorKind::Ambiguous, format!("{id} is the beginning of more than one id"))
                    .with_hint("write more of it"))
            }
            (None, _) => Err(Error::new(ErrorKind::NotFound, format!("there is no message {id}")).with_hint(
                "custodia search finds ids; a message whose last item was purged is in the audit trail only",
            )),
        }
    }
}
