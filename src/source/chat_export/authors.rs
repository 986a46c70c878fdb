//! Where the name of an author ends and the text begins.
//!
//! Contract: the first colon ends the name, unless that name never stands by itself: a name with a colon is found because
//! everything that it could begin is begun by the longer name. A line without a colon has no author.

use super::{
    chars::{app_marked, fold},
    system, words,
};
use std::collections::{HashMap, HashSet};

/// Characters of the longest name that is looked for.
const NAME_CHARS: usize = 120;
/// Colons of one line that may belong to a name.
const COLONS: usize = 4;
/// Names that are counted; beyond them, the first colon ends the name.
const NAMES: usize = 200_000;

/// The names of one text.
#[derive(Default)]
pub struct Authors<'a> {
    counts: HashMap<&'a str, u32>,
    /// Names that stand by themselves: something follows them that no longer name begins.
    proper: HashSet<&'a str>,
}

/// Ends of the names that a text could begin with: name, and what follows it.
fn candidates(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let line = text.split(['\n', '\r']).next().unwrap_or(text);
    let ends = line.match_indices(':').filter_map(move |(at, _)| {
        let (name, after) = (line.get(..at)?, line.get(at + 1..)?);
        let follows = after.is_empty() || after.starts_with(super::chars::is_space);
        let space = after.chars().next().map_or(0, char::len_utf8);
        let fits = follows && at > 0 && name.chars().take(NAME_CHARS + 1).count() <= NAME_CHARS;
        fits.then(|| (name, text.get(at + 1 + space..).unwrap_or_default()))
    });
    ends.take(COLONS)
}

/// Whether what lies between two colons cannot belong to a name: it is a word of the app.
fn is_app_word(between: &str) -> bool {
    let folded = fold(between);
    app_marked(between) || words::is_location(&folded) || words::is_poll(&folded)
}

impl<'a> Authors<'a> {
    /// Counts the names of these texts, which are asked for twice.
    pub fn of<I: Iterator<Item = &'a str>>(texts: impl Fn() -> I) -> Self {
        let mut found = Self::default();
        for text in texts() {
            for (name, _) in candidates(text) {
                if found.counts.len() < NAMES || found.counts.contains_key(name) {
                    *found.counts.entry(name).or_default() += 1;
                }
            }
        }
        for text in texts() {
            let mut names = candidates(text).peekable();
            while let Some((name, rest)) = names.next() {
                if !names.peek().is_some_and(|longer| found.extends(rest, longer.0, name)) {
                    found.proper.insert(name);
                    break;
                }
            }
        }
        found
    }

    fn extends(&self, rest: &str, longer: &str, name: &str) -> bool {
        let between = rest.get(..longer.len().saturating_sub(name.len() + 2)).unwrap_or(rest);
        self.counts.get(longer).is_some_and(|n| *n > 1) && !is_app_word(between)
    }

    /// Author and text, `None` if there is no author.
    pub fn split<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let mut names = candidates(text).peekable();
        let mut found = names.next()?;
        while !self.proper.contains(found.0) {
            match names.next() {
                Some(longer) if self.extends(found.1, longer.0, found.0) => found = longer,
                _ => break,
            }
        }
        let rare = self.counts.get(found.0).is_none_or(|n| *n < 3);
        let quotes = found.0.matches(['"', '“', '”', '„', '«', '»']).count();
        // A name of a group with a colon in it, in a line of the app: `… changed the subject to "Plan: May"`.
        let of_the_app = (rare || quotes > 0) && system::read(text).is_some_and(|event| event.starts < found.0.len())
            || rare && quotes % 2 == 1
            || rare && app_marked(text);
        (!of_the_app).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authors(texts: &[&'static str]) -> Vec<Option<&'static str>> {
        let found = Authors::of(|| texts.iter().copied());
        texts.iter().map(|text| found.split(text).map(|(name, _)| name)).collect()
    }

    #[test]
    fn a_name_with_a_colon_is_found_where_it_never_stands_without() {
        assert_eq!(
            authors(&["Ann: Work: hi", "Ann: Work: well: no", "Bob: x"]),
            [Some("Ann: Work"), Some("Ann: Work"), Some("Bob")]
        );
        assert_eq!(authors(&["Bob: Note: a", "Bob: Note: b", "Bob: c"]), [Some("Bob"); 3]);
        assert_eq!(authors(&["A: Team: 1", "A: Team: 2", "A: Club: 3", "A: Club: 4"]).first(), Some(&Some("A: Team")));
        assert_eq!(authors(&["Bob: location: https://x", "Bob: location: https://y"]), [Some("Bob"); 2]);
    }

    #[test]
    fn a_line_of_the_app_has_no_author_even_with_a_colon() {
        let texts =
            ["Bob changed the subject from \"A\" to \"Plan: May\"", "Bob created group \"X: Y\"", "Bob: hi", "Bob: ho"];
        assert_eq!(authors(&texts), [None, None, Some("Bob"), Some("Bob")]);
        assert_eq!(authors(&["You were added"]), [None]);
    }

    #[test]
    fn an_empty_text_has_an_author_too() {
        let found = Authors::of(|| ["Bob:\nmore", "Bob:"].into_iter());
        assert_eq!(found.split("Bob:\nmore"), Some(("Bob", "\nmore")));
        assert_eq!(found.split("Bob: "), Some(("Bob", "")));
        assert_eq!(found.split("Bob:"), Some(("Bob", "")));
        assert_eq!(found.split("Bob:."), None);
    }
}
