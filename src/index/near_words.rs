//! Words of the index that look like another: what was perhaps meant where a word is found nowhere.
//!
//! Contract: a suggestion, not an answer; deleted documents may still lend their words. Bounded: words that share the first
//! letter are looked at first, then the others, and after [`TERMS_LOOKED_AT`] it stops and says so.

use super::{error::error, search::Reader};
use crate::{Result, query::TextField};
use std::collections::HashMap;
use tantivy::schema::Field;

/// Terms that one question looks at: about a tenth of a second.
pub const TERMS_LOOKED_AT: usize = 300_000;
/// Words of more characters are not compared: nobody misspells them in one or two places and still means a word.
const LONGEST: usize = 40;
/// Names and addresses of more characters are not compared.
const NAME: usize = 320;
/// Words of at most this many characters are near in one place, longer ones in two.
const SHORT: usize = 4;

/// What looks like a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearWords {
    /// The nearest first, of those the commonest.
    pub words: Vec<String>,
    /// Not every word of the index was looked at.
    pub stopped: bool,
}

/// How often a word stands somewhere, and how far it is from the one that was asked for.
struct Near {
    distance: usize,
    documents: u64,
}

impl Reader {
    /// Words of these fields that differ from `word`, as tokens are written, in one or two letters; at most `most`.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn near_words(&self, word: &str, field: TextField, most: usize) -> Result<NearWords> {
        let wanted: Vec<char> = word.chars().collect();
        let Some(first) = wanted.first().filter(|_| (2..=LONGEST).contains(&wanted.len())) else {
            return Ok(NearWords::default());
        };
        let mut budget = TERMS_LOOKED_AT;
        let mut found = HashMap::new();
        let mut stopped = false;
        for same_letter in [true, false] {
            for field in self.text_fields(field) {
                stopped |= self.look(field, &wanted, *first, same_letter, &mut budget, &mut found)?;
            }
        }
        let mut words: Vec<(String, Near)> = found.into_iter().collect();
        words.sort_by(|(a, x), (b, y)| x.distance.cmp(&y.distance).then(y.documents.cmp(&x.documents)).then(a.cmp(b)));
        Ok(NearWords { words: words.into_iter().take(most).map(|(word, _)| word).collect(), stopped })
    }

    /// Looks at the terms of one field, those with the same first letter or the others; whether it stopped before the end.
    fn look(
        &self,
        field: Field,
        wanted: &[char],
        first: char,
        same_letter: bool,
        budget: &mut usize,
        found: &mut HashMap<String, Near>,
    ) -> Result<bool> {
        let most = if wanted.len() <= SHORT { 1 } else { 2 };
        let mut read = || -> tantivy::Result<bool> {
            for segment in self.compiler().searcher.segment_readers() {
                let index = segment.inverted_index(field)?;
                let begin = if same_letter { first.to_string() } else { String::new() };
                let mut terms = index.terms().range().ge(begin.as_bytes()).into_stream()?;
                while let Some((term, info)) = terms.next() {
                    let Ok(term) = std::str::from_utf8(term) else { continue };
                    if same_letter && !term.starts_with(first) {
                        break;
                    }
                    if !same_letter && term.starts_with(first) {
                        continue;
                    }
                    let Some(rest) = budget.checked_sub(1) else { return Ok(true) };
                    *budget = rest;
                    // Another first letter is one place already: the rest must be the same.
                    let allowed = if same_letter { most } else { 1 };
                    if let Some(distance) = distance(wanted, term, allowed).filter(|distance| *distance > 0) {
                        let near = found.entry(term.to_owned()).or_insert(Near { distance, documents: 0 });
                        near.documents += u64::from(info.doc_freq);
                    }
                }
            }
            Ok(false)
        };
        read().map_err(|cause| error("read", cause))
    }

    fn text_fields(&self, field: TextField) -> Vec<Field> {
        let fields = &self.fields;
        let received = [fields.to, fields.cc, fields.bcc];
        match field {
            TextField::Any => {
                let texts = [fields.subject, fields.body, fields.attachments, fields.contents, fields.from];
                texts.into_iter().chain(received).collect()
            }
            TextField::Subject => vec![fields.subject],
            TextField::Body => vec![fields.body],
            TextField::AttachmentNames => vec![fields.attachments],
            TextField::Conversation => vec![fields.conversation_name],
            TextField::From => vec![fields.from],
            TextField::To => received.to_vec(),
            TextField::Participants => std::iter::once(fields.from).chain(received).collect(),
            TextField::ToLine => vec![fields.to],
            TextField::Cc => vec![fields.cc],
            TextField::Bcc => vec![fields.bcc],
        }
    }
}

/// How many letters are to change, add, take away or swap with their neighbour, if they are at most `most`.
#[must_use]
pub fn letters_apart(one: &str, other: &str, most: usize) -> Option<usize> {
    // Far more letters than any name has are near nothing; this also bounds the work.
    let one: Vec<char> = one.chars().take(NAME + 1).collect();
    if one.len() > NAME || other.chars().take(NAME + 1).count() > NAME { None } else { distance(&one, other, most) }
}

fn distance(wanted: &[char], term: &str, most: usize) -> Option<usize> {
    let length = term.chars().take(NAME + most + 1).count();
    if length.abs_diff(wanted.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    let mut last = None;
    for (i, c) in term.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, w) in wanted.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&row, j) + usize::from(c != *w)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = j > 0 && last == Some(*w) && wanted.get(j - 1) == Some(&c);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        if next.iter().min().is_some_and(|least| *least > most) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
        last = Some(c);
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_changed_added_taken_away_and_swapped() {
        let of = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), b, 2);
        assert_eq!(
            [of("wire", "wire"), of("wrie", "wire"), of("wire", "wires"), of("wire", "ire")],
            [Some(0), Some(1), Some(1), Some(1)]
        );
        assert_eq!(of("transfre", "transfer"), Some(1));
        assert_eq!(of("inovice", "invoices"), Some(2));
        assert_eq!(of("żółw", "żółty"), Some(2));
        assert_eq!(of("wire", "transfer"), None);
        assert_eq!(of("ab", "abcde"), None);
    }
}
