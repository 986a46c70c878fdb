//! A party to a conversation: number, name, address, each of which may be unknown.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A phone number in international form: digits only, country code first, no `+`.
///
/// Digits as the source gives them; a national form (`07700…`) is turned into this one by `mapping`, which knows the
/// default region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The fewest digits that are taken for a phone number.
    pub const MIN_DIGITS: usize = 7;
    /// The most digits of an E.164 number (ITU-T E.164 section 6.1).
    pub const MAX_DIGITS: usize = 15;

    /// Reads a number in international form: an optional `+` or `00`, then digits with spaces, dashes, dots, slashes
    /// or parentheses between them. `None` unless 7 to 15 digits remain.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::new();
        for (at, c) in text.trim().char_indices() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if at == 0 || digits.is_empty() => {}
                ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2015}' => {}
                // Bidi marks that address books and exports put around numbers.
                '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
                _ => return None,
            }
        }
        let digits = digits.strip_prefix("00").unwrap_or(&digits);
        (Self::MIN_DIGITS..=Self::MAX_DIGITS).contains(&digits.len()).then(|| Self(digits.to_owned()))
    }

    /// The digits alone: `447700900101`.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    /// E.164 with its plus sign: `+447700900101`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// A party as one message names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Participant {
    /// The display name, without the number that some feeds append to it.
    pub name: Option<String>,
    /// The phone number.
    pub number: Option<PhoneNumber>,
    /// The e-mail address as the source gives it (the original's `User's Email address`).
    pub email: Option<String>,
}

impl Participant {
    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.name.is_none() && self.number.is_none() && self.email.is_none()
    }

    /// What a person reads: name, else number, else address, else `unknown`.
    #[must_use]
    pub fn label(&self) -> String {
        self.name
            .clone()
            .or_else(|| self.number.as_ref().map(ToString::to_string))
            .or_else(|| self.email.clone())
            .unwrap_or_else(|| "unknown".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::PhoneNumber;

    #[test]
    fn every_spelling_of_a_number_is_one_number() {
        for text in [
            "447700900101",
            "+44 7700 900101",
            "0044-7700-900-101",
            "+44 (7700) 900.101",
            "\u{202a}+447700900101\u{202c}",
        ] {
            assert_eq!(PhoneNumber::parse(text).map(|n| n.to_string()), Some("+447700900101".into()), "{text}");
        }
        for text in ["", "12345", "4.477E+11", "44x7700900101", "1234567890123456", "UNKNOWN", "44+7700900101"] {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
    }
}
