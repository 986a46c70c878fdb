//! What the apps write in place of what a text cannot hold, by language: tables, and the one index over them.
//!
//! Contract: the language of a file is not asked for and not guessed; a phrase means what it means in the language that has
//! it. A language that is not here costs labels, never text: an unknown line stays as it is.

mod asian;
mod eastern;
mod germanic;
pub mod halves;
mod indic;
mod romance;
mod semitic;

use super::chars::fold;
use halves::Half;
use std::{collections::HashMap, sync::LazyLock};
use unicode_normalization::char::is_combining_mark;

/// The words of one language.
pub struct Words {
    /// Its code.
    pub language: &'static str,
    /// Names of export files; `{new}` is the title of the chat.
    pub titles: &'static [&'static str],
    /// Kind of medium, and the phrase for its absence, without angle brackets.
    pub omitted: &'static [(&'static str, &'static str)],
    /// Words beside the name of an attached file.
    pub attached: &'static [&'static str],
    /// Somebody deleted it.
    pub deleted: &'static [&'static str],
    /// I deleted it.
    pub you_deleted: &'static [&'static str],
    /// An administrator deleted it: what stands before the name.
    pub by_admin: &'static [&'static str],
    /// It was edited, without angle brackets.
    pub edited: &'static [&'static str],
    /// Calls.
    pub calls: &'static [(CallWord, &'static str)],
    /// What heads a poll.
    pub poll: &'static [&'static str],
    /// What stands before the link of a place.
    pub location: &'static [&'static str],
    /// A live location.
    pub live: &'static [&'static str],
    /// A message that did not reach this phone yet.
    pub waiting: &'static [&'static str],
    /// What happened, and the line that says it: `{by}`, `{about}`, `{old}`, `{new}` stand for names and values. A line
    /// that begins with `me:` says that the owner did it.
    pub system: &'static [(&'static str, &'static str)],
}

const NONE: Words = Words {
    language: "",
    titles: &[],
    omitted: &[],
    attached: &[],
    deleted: &[],
    you_deleted: &[],
    by_admin: &[],
    edited: &[],
    calls: &[],
    poll: &[],
    location: &[],
    live: &[],
    waiting: &[],
    system: &[],
};

/// What a phrase says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallWord {
    /// A missed voice call.
    MissedVoice,
    /// A missed video call.
    MissedVideo,
    /// A missed group voice call.
    MissedGroupVoice,
    /// A missed group video call.
    MissedGroupVideo,
    /// A voice call.
    Voice,
    /// A video call.
    Video,
    /// Behind a call: nobody took it.
    NoAnswer,
}

/// What a whole line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// A medium of this kind is not in the export.
    Omitted(&'static str),
    /// A deleted message.
    Deleted,
    /// A message that the owner deleted.
    YouDeleted,
    /// A call.
    Call(CallWord),
    /// A live location.
    Live,
    /// A message that did not reach this phone yet.
    Waiting,
}

/// The codes of the languages whose phrases are known.
pub fn languages() -> impl Iterator<Item = &'static str> {
    all().map(|words| words.language)
}

/// Every language.
pub fn all() -> impl Iterator<Item = &'static Words> {
    [germanic::WORDS, romance::WORDS, eastern::WORDS, semitic::WORDS, indic::WORDS, asian::WORDS].into_iter().flatten()
}

struct Index {
    phrases: HashMap<String, Phrase>,
    attached: HashMap<String, ()>,
    edited: HashMap<String, ()>,
    poll: HashMap<String, ()>,
    location: HashMap<String, ()>,
    halves: HashMap<&'static str, Half>,
    by_admin: Vec<String>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let set = |of: fn(&Words) -> &'static [&'static str]| all().flat_map(of).map(|text| (fold(text), ())).collect();
    let mut phrases = HashMap::new();
    for words in all() {
        phrases.extend(words.omitted.iter().map(|(kind, text)| (fold(text), Phrase::Omitted(kind))));
        phrases.extend(words.calls.iter().map(|(call, text)| (fold(text), Phrase::Call(*call))));
        for (texts, phrase) in [
            (words.deleted, Phrase::Deleted),
            (words.you_deleted, Phrase::YouDeleted),
            (words.live, Phrase::Live),
            (words.waiting, Phrase::Waiting),
        ] {
            phrases.extend(texts.iter().map(|text| (fold(text), phrase)));
        }
    }
    Index {
        phrases,
        attached: set(|w| w.attached),
        edited: set(|w| w.edited),
        poll: set(|w| w.poll),
        location: set(|w| w.location),
        halves: halves::HALVES.iter().map(|(_, word, half)| (*word, *half)).collect(),
        by_admin: all().flat_map(|w| w.by_admin).map(|text| fold(text)).collect(),
    }
});

/// What a folded line means.
pub fn phrase(folded: &str) -> Option<Phrase> {
    INDEX.phrases.get(folded).copied()
}

/// Whether a folded text stands beside attached files.
pub fn is_attached(folded: &str) -> bool {
    INDEX.attached.contains_key(folded)
}

/// Whether a folded text says that a message was edited.
pub fn is_edited(folded: &str) -> bool {
    INDEX.edited.contains_key(folded)
}

/// Whether a folded text heads a poll.
pub fn is_poll(folded: &str) -> bool {
    INDEX.poll.contains_key(folded)
}

/// Whether a folded text stands before the link of a place.
pub fn is_location(folded: &str) -> bool {
    INDEX.location.contains_key(folded)
}

/// The length of what stands before the name of the administrator who deleted a message, in the folded text.
pub fn by_admin(folded: &str) -> Option<usize> {
    INDEX.by_admin.iter().find(|before| folded.starts_with(before.as_str())).map(String::len)
}

/// The half of the day of a key.
pub fn half(key: &str) -> Option<Half> {
    INDEX.halves.get(key).copied()
}

/// Whether a key is a small word of a stamp.
pub fn is_small_word(key: &str) -> bool {
    halves::SMALL_WORDS.iter().any(|(_, word)| *word == key)
}

/// Whether a key names a calendar, and whether it is the Buddhist one.
pub fn era(key: &str) -> Option<bool> {
    halves::ERAS.iter().find(|(word, _)| *word == key).map(|(_, buddhist)| *buddhist)
}

/// A word of a stamp as the tables have it.
pub fn half_key(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '.' | '\'' | '’' | '"' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Whether a character can be part of a word of a stamp.
pub fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_words_and_no_phrase_means_two_things() {
        let mut seen: HashMap<String, (Phrase, &str)> = HashMap::new();
        let mut languages = 0;
        for words in all() {
            languages += 1;
            assert!(!words.language.is_empty() && !words.deleted.is_empty(), "{}", words.language);
            let deleted = words.deleted.iter().map(|t| (*t, Phrase::Deleted));
            let mine = words.you_deleted.iter().map(|t| (*t, Phrase::YouDeleted));
            let calls = words.calls.iter().map(|(c, t)| (*t, Phrase::Call(*c)));
            for (text, phrase) in deleted.chain(mine).chain(calls) {
                let (before, language) = *seen.entry(fold(text)).or_insert((phrase, words.language));
                assert_eq!(before, phrase, "{text}: {language} and {}", words.language);
            }
        }
        assert!(languages >= 25, "{languages}");
    }

    #[test]
    fn every_word_for_a_half_of_the_day_is_its_own_key() {
        for (language, word, half) in halves::HALVES {
            assert_eq!(half_key(word), *word, "{language}");
            assert_eq!(super::half(word), Some(*half), "{language} {word}");
        }
    }
}
