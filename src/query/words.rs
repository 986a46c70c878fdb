//! The analyser: how text becomes tokens. One set of rules for stored text, for queries and for the index.
//!
//! - compatibility forms are folded (NFKC), case is folded fully, and so are diacritics of Latin, Greek, Cyrillic,
//!   Arabic and Hebrew, and Latin letters that do not decompose (`ł`, `ø`, `ß` …);
//! - a word is a run of letters, digits and their marks; every other character separates (so that `contract.docx` is
//!   found by `contract`). This is UAX #29 with the joining punctuation taken away;
//! - scripts without spaces are overlapping pairs of characters, in stored text followed by the last character of
//!   the run alone, so that each single character is the beginning of some token;
//! - an emoji with its modifiers is one token;
//! - nothing is dropped for its length: a token of more than [`TOKEN_BYTES`] is cut into consecutive tokens.
//!
//! Contract: pure, linear in the text, never fails. The position of a token is its index in the result. A change of
//! any rule is a new [`ANALYSER_VERSION`], and the index is built anew.

use super::script::{drops_marks, is_emoji, is_ignorable, is_spaceless};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// Version of these rules. Kept with every index commit.
pub const ANALYSER_VERSION: u32 = 1;

/// The longest token, in bytes.
pub const TOKEN_BYTES: usize = 255;

/// The fewest characters that may stand before a `*` (one is enough in a script without spaces).
pub const PREFIX_CHARS: usize = 3;

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The folded text.
    pub text: String,
    /// Where it begins in the original text, in bytes.
    pub from: usize,
    /// Where it ends in the original text, in bytes.
    pub to: usize,
}

/// The tokens of a stored text.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for run in runs(text) {
        run.tokens(true, &mut out);
    }
    out
}

/// The tokens of a stored text without their places.
#[must_use]
pub fn plain(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return ascii(text);
    }
    tokens(text).into_iter().map(|token| token.text).collect()
}

/// The same for ASCII, where folding is lower case and every other character than letters and digits separates.
fn ascii(text: &str) -> Vec<String> {
    // Control characters are ignored inside a word elsewhere; they are rare enough to go the long way.
    if text.bytes().any(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) {
        return tokens(text).into_iter().map(|token| token.text).collect();
    }
    let mut out = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if word.len() <= TOKEN_BYTES {
            out.push(word.to_ascii_lowercase());
        } else {
            let mut pieces = Vec::new();
            runs(word).iter().for_each(|run| run.tokens(true, &mut pieces));
            out.extend(pieces.into_iter().map(|token| token.text));
        }
    }
    out
}

/// What a query looks for: these tokens in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The tokens in order; empty if the text has no letter, digit or emoji.
    pub tokens: Vec<String>,
    /// The last token is only the beginning of one.
    pub prefix: bool,
}

/// The tokens that a query text looks for. `star`: a `*` follows the text directly.
#[must_use]
pub fn wanted(text: &str, star: bool) -> Wanted {
    let mut runs = runs(text);
    let Some(last) = runs.pop() else { return Wanted::default() };
    let mut out = Vec::new();
    runs.iter().for_each(|run| run.tokens(true, &mut out));
    let prefix = match last.class {
        Class::Spaceless => {
            let single = last.clusters().len() == 1;
            // The stored run may go on: its own last character is not looked for, unless it is all there is.
            last.tokens(single, &mut out);
            single
        }
        Class::Word => {
            last.tokens(true, &mut out);
            star && last.reaches(text)
        }
        Class::Emoji => {
            last.tokens(true, &mut out);
            false
        }
    };
    Wanted { tokens: out.into_iter().map(|token| token.text).collect(), prefix }
}

/// Why a `*` behind a text means nothing, or too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StarProblem {
    /// Fewer than [`PREFIX_CHARS`] characters stand directly before it.
    TooShort,
    /// It does not follow a letter or digit directly.
    Detached,
}

/// Whether a `*` may follow `text`.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_star(text: &str) -> Result<(), StarProblem> {
    let Some(last) = runs(text).pop().filter(|run| run.reaches(text)) else { return Err(StarProblem::Detached) };
    match last.class {
        Class::Emoji => Err(StarProblem::Detached),
        Class::Spaceless => Ok(()),
        Class::Word if last.chars.len() >= PREFIX_CHARS => Ok(()),
        Class::Word => Err(StarProblem::TooShort),
    }
}

/// One folded form for comparing names: tokens with a blank between them.
#[must_use]
pub fn folded(text: &str) -> String {
    plain(text).join(" ")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Word,
    Spaceless,
    Emoji,
}

/// A folded character and the bytes of the original that it comes from.
#[derive(Clone, Copy, Debug)]
struct Folded {
    c: char,
    from: usize,
    to: usize,
}

/// Neighbouring characters of one class.
#[derive(Debug)]
struct Run {
    class: Class,
    chars: Vec<Folded>,
}

impl Run {
    fn reaches(&self, text: &str) -> bool {
        let end = self.chars.last().map_or(0, |last| last.to);
        text.get(end..).is_some_and(|rest| rest.chars().all(is_ignorable))
    }

    fn tokens(&self, with_last: bool, out: &mut Vec<Token>) {
        if self.class != Class::Spaceless {
            return push(&self.chars, out);
        }
        let clusters = self.clusters();
        for pair in clusters.windows(2) {
            push(&pair.concat(), out);
        }
        if let Some(last) = clusters.last().filter(|_| with_last) {
            push(last, out);
        }
    }

    /// Grapheme clusters of the folded text: a consonant with its vowel signs is one.
    fn clusters(&self) -> Vec<Vec<Folded>> {
        let text: String = self.chars.iter().map(|folded| folded.c).collect();
        let mut rest = self.chars.iter().copied();
        text.graphemes(true).map(|cluster| rest.by_ref().take(cluster.chars().count()).collect()).collect()
    }
}

/// Adds one token, cut where it grows beyond the limit.
fn push(chars: &[Folded], out: &mut Vec<Token>) {
    let mut token: Option<Token> = None;
    for folded in chars {
        if let Some(full) = token.take_if(|token| token.text.len() + folded.c.len_utf8() > TOKEN_BYTES) {
            out.push(full);
        }
        let token = token.get_or_insert_with(|| Token { text: String::new(), from: folded.from, to: folded.to });
        token.text.push(folded.c);
        token.to = token.to.max(folded.to);
    }
    out.extend(token);
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Runs::default();
    if text.is_ascii() {
        for (at, byte) in text.bytes().enumerate() {
            runs.add(Folded { c: char::from(byte.to_ascii_lowercase()), from: at, to: at + 1 });
        }
    } else {
        for (at, cluster) in text.grapheme_indices(true) {
            runs.add_cluster(at, cluster);
        }
    }
    runs.done
}

#[derive(Default)]
struct Runs {
    done: Vec<Run>,
    /// The last run is closed: the next character begins a new one.
    closed: bool,
    /// The last base character takes its marks with it.
    drop_marks: bool,
}

impl Runs {
    fn add_cluster(&mut self, from: usize, cluster: &str) {
        let to = from + cluster.len();
        if is_emoji(cluster) {
            let shown = |c: &char| *c == '\u{200d}' || !is_ignorable(*c);
            let chars = cluster.chars().filter(shown).map(|c| Folded { c, from, to }).collect();
            self.done.push(Run { class: Class::Emoji, chars });
            self.closed = true;
            return;
        }
        let mut folded = String::new();
        for c in cluster.nfkd() {
            if is_ignorable(c) || (is_combining_mark(c) && self.drop_marks) {
                continue;
            }
            if !is_combining_mark(c) {
                self.drop_marks = drops_marks(c);
            }
            fold_char(c, &mut folded);
        }
        for c in folded.nfc() {
            self.add(Folded { c, from, to });
        }
    }

    fn add(&mut self, folded: Folded) {
        let open = if self.closed { None } else { self.done.last_mut() };
        let class = match folded.c {
            c if is_combining_mark(c) => {
                // A mark belongs to what stands before it; on its own it is nothing.
                if let Some(run) = open {
                    run.chars.push(folded);
                }
                return;
            }
            c if !c.is_alphanumeric() => {
                self.closed = true;
                return;
            }
            c if is_spaceless(c) => Class::Spaceless,
            _ => Class::Word,
        };
        match open.filter(|run| run.class == class) {
            Some(run) => run.chars.push(folded),
            None => self.done.push(Run { class, chars: vec![folded] }),
        }
        self.closed = false;
    }
}

/// Full case folding, and the letters that carry their stroke or ligature without a decomposition.
fn fold_char(c: char, out: &mut String) {
    for lower in c.to_lowercase() {
        match lower {
            'ß' => out.push_str("ss"),
            'ς' => out.push('σ'),
            'ı' | 'ɨ' => out.push('i'),
            'ł' | 'ƚ' => out.push('l'),
            'ø' | 'ɵ' => out.push('o'),
            'đ' | 'ɖ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ŋ' => out.push('n'),
            'ŧ' => out.push('t'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            // The dot that lower-casing `İ` leaves behind.
            '\u{307}' if out.ends_with('i') => {}
            // Arabic, Persian and Devanagari digits: numbers are written in them.
            '\u{660}'..='\u{669}' => push_digit(lower, 0x660, out),
            '\u{6f0}'..='\u{6f9}' => push_digit(lower, 0x6f0, out),
            '\u{966}'..='\u{96f}' => push_digit(lower, 0x966, out),
            other => out.push(other),
        }
    }
}

fn push_digit(c: char, zero: u32, out: &mut String) {
    out.extend(char::from_digit((c as u32).saturating_sub(zero), 10));
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
