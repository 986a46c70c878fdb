//! The seeded generator of feeds that the demo, the tests and the benches share.
//!
//! Contract: everything is invented (numbers kept for fiction, domains under `.example`, every e-mail carries
//! `X-Synthetic: yes`); the same seed and size give the same bytes on every machine: no clock, no randomness of the
//! operating system. While it writes it counts what an archive must answer afterwards ([`Truth`]).
//!
//! In a corpus: a firm of eight users and eight counterparties in fourteen conversations (direct, groups — two of one
//! name —, a broadcast), seven languages, about 2.5 % messages with files, 1 % calls, 1 % deletions (a quarter of them
//! before their original), 0.8 % edits; from 40 messages on three encrypted messages, one date in the year 57300, one
//! journal mail and one message whose media was gone before capture. One number that looks internal is mapped nowhere.
//!
//! Limits: realistic in form and in rates, not in meaning. Hand-written fixtures cover the variants of the format that
//! this generator does not make.

mod cast;
mod chatter;
mod draft;
mod feed;
mod mail;
mod media;
mod prng;
mod truth;
mod when;

pub use truth::{Counts, Truth};

use crate::model::Instant;

/// A corpus: `messages` messages that follow from `seed`.
///
/// ```
/// use custodia::synthetic::Corpus;
/// let corpus = Corpus { seed: 1, messages: 200 };
/// let mut zip = std::io::Cursor::new(Vec::new());
/// let truth = corpus.write_feed(&mut zip)?;
/// assert_eq!(truth.feed.messages, 200);
/// assert_eq!(truth.archived.messages + truth.unmapped, 200);
/// # Ok::<(), custodia::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corpus {
    /// Decides everything but the size.
    pub seed: u64,
    /// How many e-mails the feed has.
    pub messages: u64,
}

/// What the demo tells: facts that hold in every corpus with at least one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Story {
    /// The name of the firm, for the archive.
    pub firm: &'static str,
    /// A query that finds at least one message of the custodian.
    pub query: &'static str,
    /// The name of the case.
    pub case: &'static str,
    /// The mailbox that is held.
    pub custodian: &'static str,
    /// The custodian's name.
    pub custodian_name: &'static str,
    /// The name of the hold.
    pub hold: &'static str,
    /// Why it is placed.
    pub reason: &'static str,
    /// A word that a part of all chat messages contain, for a deletion that goes beyond the hold.
    pub common_word: &'static str,
    /// The number that looks internal and is mapped nowhere, as digits.
    pub unmapped_number: &'static str,
    /// No message with a believable date was sent before this.
    pub begin: Instant,
    /// Nor at or after this.
    pub end: Instant,
}

impl Corpus {
    /// How many conversations the cast has.
    pub const CONVERSATIONS: usize = cast::CHATS.len();

    /// The user directory: columns `email,name,number,number2`; numbers only where the directory itself lists them.
    #[must_use]
    pub fn users_csv(&self) -> String {
        let mut csv = "email,name,number,number2\r\n".to_owned();
        for (email, name, numbers) in cast::USERS {
            let mut numbers = numbers.iter().copied().map(|number| format!("+{number}"));
            let (first, second) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
            csv.push_str(&format!("{email},{name},{first},{second}\r\n"));
        }
        csv
    }

    /// The mailboxes of the user directory.
    pub fn mailboxes(&self) -> impl Iterator<Item = &'static str> + use<> {
        cast::USERS.iter().map(|(email, ..)| *email)
    }

    /// The custom mapping, with the header that the original documents.
    #[must_use]
    pub fn mapping_csv(&self) -> String {
        let mut csv = "External User ID,Microsoft 365 User Mailbox\r\n".to_owned();
        for (number, mailbox) in cast::MAPPING {
            csv.push_str(&format!("{number},{mailbox}\r\n"));
        }
        csv
    }

    /// The number that looks internal and is mapped nowhere, as digits. With one more row in the mapping,
    /// `unmapped_number()` to any mailbox, every message of the feed is archived.
    #[must_use]
    pub fn unmapped_number(&self) -> &'static str {
        cast::STRAY.number
    }

    /// The facts that the demo tells.
    #[must_use]
    pub fn story(&self) -> Story {
        Story {
            firm: "Northgate Advisers",
            query: "\"wire transfer\"",
            case: "Falcon-2026",
            custodian: "ana.ruiz@northgate.example",
            custodian_name: "Ana Ruiz",
            hold: "falcon-ana",
            reason: "Regulator's request 2026-17 (invented)",
            common_word: "invoice",
            unmapped_number: self.unmapped_number(),
            begin: Instant(when::BEGIN),
            end: Instant(when::BEGIN.saturating_add_unsigned(when::SPAN)),
        }
    }
}

#[cfg(test)]
mod tests;
