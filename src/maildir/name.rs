//! Names of entries and folders.

use crate::model::{Instant, MessageId};

/// The folder of archived items, as the original names it, in Maildir++ spelling.
pub const FOLDER: &str = ".WhatsApp Archiver";
/// The folder of items that were deleted and can be brought back.
pub const RECOVERABLE: &str = ".Recoverable Items.Deletions";

/// The name of a mailbox entry: `<seconds>.V<message id>.custodia,S=<bytes>`.
///
/// Unique because message ids are; the same on every rebuild; `S=` is the exact size, because Dovecot trusts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// The name of a message's entry.
    #[must_use]
    pub fn new(id: &MessageId, sent: Option<Instant>, size: u64) -> Self {
        let seconds = sent.map_or(0, |at| at.seconds().max(0));
        let id = id.to_string();
        Self(format!("{seconds}.V{}.custodia,S={size}", id.trim_start_matches("m_")))
    }

    /// The name in `new/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The message of a name that we made, whatever flags or suffixes a client has put behind it.
    #[must_use]
    pub fn message_of(name: &str) -> Option<MessageId> {
        let (_, rest) = name.split_once(".V")?;
        let (hex, tail) = rest.split_at_checked(32)?;
        tail.starts_with(".custodia").then(|| MessageId::parse(&format!("m_{hex}")))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn a_name_is_recognised_after_a_client_set_flags() {
        let id = MessageId::derive(&Digest::of(b"a"), &Digest::of(b"b"));
        let name = EntryName::new(&id, Some(Instant(1_772_615_561_000)), 1234);
        assert!(name.as_str().starts_with("1772615561.V") && name.as_str().ends_with(".custodia,S=1234"));
        assert_eq!(EntryName::message_of(&format!("{}:2,RS", name.as_str())), Some(id));
        assert_eq!(EntryName::message_of("1772615561.M1P2.host:2,S"), None);
        assert_eq!(EntryName::message_of("x.Vé"), None);
    }
}
