//! The native id of a record, which no export has: made so that exports that overlap give the same record the same id.
//!
//! Contract: conversation, author, minute on the wall, normalised body, and which of several such records within that minute it
//! is. A medium is one token whether it is attached, missing or left out, so that exports with and without media agree. Seconds
//! are not in it: Android writes none.
//!
//! Limits: an export that begins between two equal records of one author in one minute counts them anew, and the later one gets
//! the identity of the earlier. Two media without a caption are equal records, whatever their files are called: the archive then
//! keeps the second as another version of the first (both are kept, with their bytes). The name of a file cannot tell which of
//! them it is: an export without media has no names, and must give the same ids as one with them; and the numbers in the names
//! count the media of a day or of the export, not those of a minute. Only the first minute of an export that was cut is
//! concerned. A renamed contact or chat is another one; so is a text that was edited in between.

use super::{
    chars::{is_mark, is_space},
    meaning::{Kind, Meaning},
};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// What stands for a medium. No text begins with this control character.
const MEDIUM: &str = "\u{1}medium\n";

/// Counts records that are alike within a minute.
#[derive(Default)]
pub struct Identities {
    seen: HashMap<[u8; 16], u32>,
}

impl Identities {
    /// The id of the next record of this conversation, author, minute and meaning.
    pub fn next(&mut self, conversation: &str, author: &str, minute: &str, meaning: &Meaning) -> String {
        let mut hasher = Sha256::new();
        for field in [conversation, author, minute, &body(meaning)] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hasher.clone().finalize()) {
            *to = from;
        }
        let occurrence = self.seen.entry(key).or_default();
        hasher.update(occurrence.to_be_bytes());
        *occurrence += 1;
        crate::model::Digest(hasher.finalize().into()).to_hex()
    }
}

fn body(meaning: &Meaning) -> String {
    let token = match &meaning.kind {
        Kind::Omitted(_) | Kind::Attached(_) => MEDIUM,
        Kind::Deleted { .. } => return "\u{1}deleted".to_owned(),
        Kind::App(_) => "\u{1}app\n",
        _ => "",
    };
    let mut out = token.to_owned();
    let mut gap = false;
    for c in meaning.body.chars().filter(|c| !is_mark(*c)) {
        if is_space(c) || c.is_whitespace() {
            gap = out.len() > token.len();
        } else {
            if gap {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}
