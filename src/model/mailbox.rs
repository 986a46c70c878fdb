//! The name of a mailbox, and the folder that it lives in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest mailbox address that is accepted, in bytes (RFC 5321 section 4.5.3.1.3 allows 254 for a path).
pub const MAX_ADDRESS_BYTES: usize = 254;

/// An e-mail address that names a mailbox of this archive. Lower case, trimmed: `Ann@X.example` and `ann@x.example`
/// are one mailbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxName(String);

impl MailboxName {
    /// Reads an address. `None` unless it has the form `local@domain` without white space or control characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let bad =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '/' | '\\');
        let fits = text.len() <= MAX_ADDRESS_BYTES && !local.is_empty() && !domain.is_empty();
        let domain_ok = !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        (fits && domain_ok && !local.contains('@') && !text.contains(bad)).then_some(Self(text))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the mailbox's folder below `mail/`: the address with everything outside `[a-z0-9._@+-]` as `%XX`,
    /// no leading dot.
    #[must_use]
    pub fn folder(&self) -> String {
        let mut folder = String::with_capacity(self.0.len());
        for (at, byte) in self.0.bytes().enumerate() {
            let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._@+-".contains(&byte);
            if plain && !(at == 0 && byte == b'.') {
                folder.push(char::from(byte));
            } else {
                folder.push_str(&format!("%{byte:02X}"));
            }
        }
        folder
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::MailboxName;

    #[test]
    fn an_address_is_one_mailbox_whatever_its_case() {
        assert_eq!(MailboxName::parse(" Ann@X.example "), MailboxName::parse("ann@x.EXAMPLE"));
    }

    #[test]
    fn hostile_addresses_are_no_mailboxes_or_stay_in_their_folder() {
        for bad in
            ["", "ann", "@x", "a@", "a b@x.example", "../../etc@x/y", "a@x..y", "a@.x", "a\u{0}@x.example", "a@b@c"]
        {
            assert_eq!(MailboxName::parse(bad), None, "{bad:?}");
        }
        let dotted = MailboxName::parse("..hidden@x.example").unwrap();
        assert_eq!(dotted.folder(), "%2E.hidden@x.example");
        assert_eq!(MailboxName::parse("zoë@x.example").unwrap().folder(), "zo%C3%AB@x.example");
    }
}
