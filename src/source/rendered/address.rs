//! Parties as mail addresses: below a domain that can never receive mail, unless the source gives an address.
//!
//! Contract: an address is made from what the source says of the party, never from a mapping; the same party has the same
//! address in every archive. [`understood`] is the way back; [`is_carried`] says whether it is exact.

use crate::{
    eml::{Mailbox, render::field::shown},
    model::{Conversation, Digest, MessageKind, Participant, PhoneNumber, id::hex, mailbox::MAX_ADDRESS_BYTES},
};

/// The domain of every address that we make (RFC 2606 section 2 reserves `.invalid`).
pub const DOMAIN: &str = "whatsapp.invalid";
/// Longest name that is written into a header field, in characters.
const LABEL_CHARS: usize = 400;

/// A party that the source does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nameless {
    /// The owner of the phone.
    Owner,
    /// WhatsApp itself, in system events.
    System,
    /// Nobody knows.
    Unknown,
}

impl Nameless {
    const ALL: [Self; 3] = [Self::Owner, Self::System, Self::Unknown];

    fn local(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::System => "system",
            Self::Unknown => "unknown",
        }
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner of the phone",
            Self::System => "WhatsApp",
            Self::Unknown => "Unknown",
        }
    }

    /// Its address.
    pub fn mailbox(self) -> Mailbox {
        Mailbox { name: Some(self.label().to_owned()), address: Some(format!("{}@{DOMAIN}", self.local())) }
    }

    /// Who the sender is where the source does not name one.
    pub fn sender(from_me: Option<bool>, kind: MessageKind) -> Self {
        match (from_me, kind) {
            (Some(true), _) => Self::Owner,
            (_, MessageKind::System) => Self::System,
            _ => Self::Unknown,
        }
    }

    /// Who a recipient is where the source does not name one.
    pub fn recipient(from_me: Option<bool>) -> Self {
        if from_me == Some(true) { Self::Unknown } else { Self::Owner }
    }
}

/// A name as it stands in a header field: one line, not too long.
pub fn label(name: &str) -> String {
    let name = shown(name);
    match name.char_indices().nth(LABEL_CHARS) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name,
    }
}

/// The first 8 bytes of a digest, as hex.
fn short(text: &str) -> String {
    hex(Digest::of(text.as_bytes()).0.get(..8).unwrap_or_default())
}

/// The address of a party that the source names.
pub fn mailbox(party: &Participant) -> Mailbox {
    let name = party.name.as_deref().map(label).filter(|name| !name.is_empty());
    let address = match (&party.email, &party.number, &party.name) {
        (Some(email), ..) if is_address(email) => email.clone(),
        (_, Some(number), _) => format!("{}@{DOMAIN}", number.digits()),
        (email, _, said) => {
            format!("n-{}@{DOMAIN}", short(said.as_deref().or(email.as_deref()).unwrap_or_default()))
        }
    };
    Mailbox { name, address: Some(address) }
}

/// The address of a conversation: where a message went to all of a group.
pub fn conversation(conversation: &Conversation) -> Mailbox {
    let name = conversation.name.as_deref().map(label).filter(|name| !name.is_empty());
    Mailbox { name, address: Some(format!("g-{}@{DOMAIN}", short(&conversation.id))) }
}

/// The party of an address that [`mailbox`] or [`Nameless::mailbox`] made.
pub fn understood(mailbox: &Mailbox) -> Participant {
    let address = mailbox.address.as_deref().unwrap_or_default();
    let name = mailbox.name.clone();
    let Some(local) = address.strip_suffix(DOMAIN).and_then(|a| a.strip_suffix('@')) else {
        return Participant { name, number: None, email: Some(address.to_owned()) };
    };
    if Nameless::ALL.iter().any(|nameless| nameless.local() == local) {
        return Participant::default();
    }
    Participant { name, number: PhoneNumber::parse(local).filter(|n| n.digits() == local), email: None }
}

/// Whether the address says all that the source says of the party.
pub fn is_carried(party: &Participant, mailbox: &Mailbox) -> bool {
    understood(mailbox) == *party
}

/// Whether a text can stand as an address in a header field, and is not one of ours.
fn is_address(text: &str) -> bool {
    let atom =
        |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b));
    let host = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.len() <= MAX_ADDRESS_BYTES
        && !text.contains("=?")
        && text.split_once('@').is_some_and(|(local, domain)| {
            local.split('.').all(atom) && domain.split('.').all(host) && !domain.eq_ignore_ascii_case(DOMAIN)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str, number: &str, email: &str) -> Participant {
        let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        Participant { name: some(name), number: PhoneNumber::parse(number), email: some(email) }
    }

    #[test]
    fn every_party_has_an_address_that_leads_back_to_it() {
        for (given, address, carried) in [
            (party("Ann", "447700900101", ""), "447700900101@whatsapp.invalid", true),
            (party("", "447700900101", ""), "447700900101@whatsapp.invalid", true),
            (party("Ann", "", ""), "n-9bad1b1d8c2ce1e4@whatsapp.invalid", true),
            (party("Ann", "", "ann@x.example"), "ann@x.example", true),
            (party("Ann", "447700900101", "ann@x.example"), "ann@x.example", false),
            (party("Ann\r\nBcc: x", "447700900101", ""), "447700900101@whatsapp.invalid", false),
            (party("Ann", "447700900101", "a b"), "447700900101@whatsapp.invalid", false),
            (party("Ann", "447700900101", "owner@whatsapp.invalid"), "447700900101@whatsapp.invalid", false),
        ] {
            let made = mailbox(&given);
            if !address.starts_with("n-") {
                assert_eq!(made.address.as_deref(), Some(address));
            }
            assert_eq!(is_carried(&given, &made), carried, "{given:?}");
        }
        assert_eq!(understood(&Nameless::Owner.mailbox()), Participant::default());
        assert_ne!(mailbox(&party("Ann", "", "")), mailbox(&party("Bo", "", "")));
    }
}
