//! Small readers that subject and body share: separators in all their spellings, words without case.

/// What UTF-8 dashes turn into when somebody reads them in another charset; vendor documents contain them.
const MOJIBAKE: &[&str] = &[
    "\u{e2}\u{20ac}\u{201c}",
    "\u{e2}\u{20ac}\u{201d}",
    "\u{e2}\u{20ac}\u{2013}",
    "\u{e2}\u{20ac}\u{2014}",
    "\u{e2}\u{20ac}\"",
    "\u{e2}\u{20ac}\u{90}",
    "\u{e2}\u{80}\u{93}",
    "\u{e2}\u{80}\u{94}",
    "\u{c3}\u{a2}\u{e2}\u{201a}\u{ac}\u{e2}\u{20ac}\u{153}",
    "\u{c3}\u{a2}\u{e2}\u{201a}\u{ac}\u{e2}\u{20ac}\u{9d}",
];

/// Whether `c` is a mark that steers the direction of text and is never seen.
pub fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` without bidi marks.
pub fn without_bidi(text: &str) -> String {
    text.chars().filter(|c| !is_bidi(*c)).collect()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || is_bidi(c)
        || matches!(c, '-' | ':' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
        // A dash in a charset that the header does not name.
        || matches!(c, '\u{fffd}' | '\u{96}' | '\u{97}')
}

/// `text` without the run of spaces, hyphens, dashes and mangled dashes at its start.
pub fn skip_separators(text: &str) -> &str {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches(is_separator);
        let trimmed = MOJIBAKE.iter().find_map(|m| trimmed.strip_prefix(m)).unwrap_or(trimmed);
        if trimmed.len() == rest.len() {
            return rest;
        }
        rest = trimmed;
    }
}

/// What follows `word` (ASCII, any case) at the start of `text`; `None` unless it is there as a whole word.
pub fn eat<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))?;
    let rest = text.get(start.len()..)?;
    // A mangled dash begins with a letter.
    let ends = skip_separators(rest).len() < rest.len() || !rest.starts_with(char::is_alphanumeric);
    ends.then_some(rest)
}

/// What follows the words, with any separators between them.
pub fn eat_words<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().try_fold(text, |rest, word| eat(skip_separators(rest), word))
}

/// Where `needle` (ASCII lower case) first is in `text`, in any case: what is before it and what follows.
pub fn split_around<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let bytes = needle.as_bytes();
    let at = text.as_bytes().windows(bytes.len()).position(|w| w.eq_ignore_ascii_case(bytes))?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_skipped_in_every_spelling() {
        for separator in [" ", " - ", " – ", "–", " — ", " â€“ ", "â€“", " \u{fffd} ", "\u{2068}-\u{2069}", "--", " : "]
        {
            assert_eq!(skip_separators(&format!("{separator}READ")), "READ", "{separator:?}");
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(eat("READ – x", "read"), Some(" – x"));
        assert_eq!(eat("READâ€“x", "read"), Some("â€“x"));
        assert_eq!(eat("READY", "read"), None);
        assert_eq!(eat_words("For - All x", &["for", "all"]), Some(" x"));
        assert_eq!(split_around("Zoë TO you", " to "), Some(("Zoë", "you")));
    }
}
