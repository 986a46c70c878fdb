//! A copy of a phone's data that knows less than an earlier one.
//!
//! A chat that is exported again without its media, or a database without its Media folder, says of a message what is
//! archived already, only less: that is no other version of it. Contract: only media may be missing; a message with any other
//! difference is a version. What comes with more than was known (its media, at last) is a version too.

use super::{import::Run, pipeline::Incoming};
use crate::{
    Result,
    catalog::VersionRow,
    model::{Digest, Message, Ordinal, SourceKind},
};

impl Run<'_> {
    /// The archived version that says everything that a phone's message says, and has more media; `None` if there is none.
    pub(super) fn says_less(&self, incoming: &Incoming, versions: &[VersionRow]) -> Result<Option<Ordinal>> {
        let message = &incoming.message;
        if message.identity.source == SourceKind::Telemessage || versions.is_empty() {
            return Ok(None);
        }
        let archive = &self.writer.archive;
        for version in versions {
            let pending = [Some(&self.batch), self.in_flight.as_ref()].into_iter().flatten();
            let known = match pending.flat_map(|b| &b.messages).find(|p| p.archived.ordinal == version.ordinal) {
                Some(pending) => Some((*pending.message).clone()),
                None if archive.state.purged.contains(version.ordinal.0) => None,
                None => self.committed(version.ordinal),
            };
            if known.is_some_and(|known| bare(&known) == bare(message) && has_all_media(&known, message)) {
                return Ok(Some(version.ordinal));
            }
        }
        Ok(None)
    }

    /// A message of an earlier batch or run; `None` if its file cannot be read, which is `verify`'s to name.
    fn committed(&self, ordinal: Ordinal) -> Option<Message> {
        let archived = self.writer.entry_facts(ordinal, &self.recent).ok()?;
        self.writer.archive.understand(&archived).ok()
    }
}

/// What a message says without its media.
fn bare(message: &Message) -> Digest {
    Message { attachments: Vec::new(), ..message.clone() }.source_digest()
}

fn has_all_media(known: &Message, message: &Message) -> bool {
    message.attachments.iter().all(|one| known.attachments.iter().any(|other| other.sha256 == one.sha256))
}
