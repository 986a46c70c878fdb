//! WhatsApp addresses: `447700900101@s.whatsapp.net`, `…@g.us`, `…@lid`.
//!
//! Contract: pure. The address itself is what the source says; a number is read only from an address that is made of one.
//! The digits of an `@lid` are not a number, whatever they look like.

use crate::model::{ConversationKind, PhoneNumber};

/// Bytes of the longest address that is one; real ones have fewer than 50.
const ADDRESS_BYTES: usize = 256;

/// What an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JidKind {
    /// A person, by number.
    Person,
    /// A person, by an id that hides the number.
    Lid,
    /// A group or community.
    Group,
    /// A broadcast list, the status feed, a channel.
    Broadcast,
    /// Anything else.
    Other,
}

/// An address in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jid<'a> {
    user: &'a str,
    server: &'a str,
}

impl<'a> Jid<'a> {
    /// Reads an address; `None` if it has no `@`, nothing before it, or what no address has.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (user, server) = text.trim().split_once('@')?;
        let is_clean =
            text.len() <= ADDRESS_BYTES && !text.trim().contains(|c: char| c.is_whitespace() || c.is_control());
        (!user.is_empty() && !server.is_empty() && is_clean).then_some(Self { user, server })
    }

    /// What it names.
    #[must_use]
    pub fn kind(&self) -> JidKind {
        match self.server {
            "s.whatsapp.net" | "c.us" => JidKind::Person,
            "lid" | "hosted.lid" => JidKind::Lid,
            "g.us" => JidKind::Group,
            "broadcast" | "newsletter" | "status" => JidKind::Broadcast,
            _ => JidKind::Other,
        }
    }

    /// Whether it names one person.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(self.kind(), JidKind::Person | JidKind::Lid)
    }

    /// The number that it is made of.
    #[must_use]
    pub fn number(&self) -> Option<PhoneNumber> {
        (self.kind() == JidKind::Person).then(|| PhoneNumber::parse(self.bare_user())).flatten()
    }

    /// The same address for every device of its user: `447700900101.0:12@s.whatsapp.net` is `447700900101@…`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.bare_user(), self.server).to_lowercase()
    }

    fn bare_user(&self) -> &'a str {
        let user = self.user.split(':').next().unwrap_or(self.user);
        user.split('.').next().unwrap_or(user)
    }
}

/// The key of an address under which people are kept; an address without a server (as some address books write it) is a
/// number.
#[must_use]
pub fn key(text: &str) -> Option<String> {
    let text = text.trim();
    match Jid::parse(text) {
        Some(jid) => jid.is_person().then(|| jid.key()),
        None => PhoneNumber::parse(text).map(|number| number_key(&number)),
    }
}

/// The key of a number.
#[must_use]
pub fn number_key(number: &PhoneNumber) -> String {
    format!("{}@s.whatsapp.net", number.digits())
}

/// What kind of conversation has this address.
#[must_use]
pub fn conversation_kind(text: &str) -> ConversationKind {
    match Jid::parse(text).map(|jid| jid.kind()) {
        Some(JidKind::Person | JidKind::Lid) => ConversationKind::Direct,
        Some(JidKind::Group) => ConversationKind::Group,
        Some(JidKind::Broadcast) => ConversationKind::Broadcast,
        Some(JidKind::Other) | None => ConversationKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_made_of_a_number_has_one() {
        let number = |text| Jid::parse(text).and_then(|jid| jid.number()).map(|n| n.digits().to_owned());
        assert_eq!(number("447700900101@s.whatsapp.net").as_deref(), Some("447700900101"));
        assert_eq!(number("447700900101.0:12@s.whatsapp.net").as_deref(), Some("447700900101"));
        for text in
            ["447700900101@lid", "447700900101-1400000000@g.us", "0@s.whatsapp.net", "status@broadcast", "447700900101"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn devices_of_one_user_and_bare_numbers_have_one_key() {
        for text in ["447700900101@s.whatsapp.net", " 447700900101:3@S.WHATSAPP.NET", "+44 7700 900101", "447700900101"]
        {
            assert_eq!(
                key(&text.replace("S.WHATSAPP.NET", "s.whatsapp.net")).as_deref(),
                Some("447700900101@s.whatsapp.net")
            );
        }
        assert_eq!(key("1234@g.us"), None);
        assert_eq!(key("Anna"), None);
    }

    #[test]
    fn conversations_are_told_apart_by_their_address() {
        assert_eq!(conversation_kind("1@lid"), ConversationKind::Direct);
        assert_eq!(conversation_kind("1-2@g.us"), ConversationKind::Group);
        assert_eq!(conversation_kind("status@broadcast"), ConversationKind::Broadcast);
        assert_eq!(conversation_kind("1@newsletter"), ConversationKind::Broadcast);
        assert_eq!(conversation_kind("x"), ConversationKind::Unknown);
    }
}
