//! Names of tags: what a tag may be called, and when two names are one.
//!
//! Contract: [`tag_name`] is total. A name that is accepted can be written in a query between double quotes and shown on
//! one line; two names that read the same are the same tag ([`fold_tag`]).

use super::limits;
use unicode_normalization::UnicodeNormalization;

/// A tag's name as it is kept: trimmed, composed (NFC).
///
/// # Errors
/// What is wrong with it, for people.
pub fn tag_name(text: &str) -> Result<String, String> {
    let name: String = text.trim().nfc().collect();
    if name.is_empty() {
        return Err("a tag has a name".to_owned());
    }
    if name.chars().count() > limits::TAG_CHARS {
        return Err(format!("the name of a tag has at most {} characters", limits::TAG_CHARS));
    }
    if let Some(c) = name.chars().find(|c| c.is_control() || is_unseen(*c)) {
        return Err(format!("the name of a tag has no control or invisible characters (U+{:04X})", u32::from(c)));
    }
    if let Some(c) = name.chars().find(|c| matches!(c, '"' | '“' | '”' | '*')) {
        return Err(format!("the name of a tag has no {c}: it could not be searched for"));
    }
    if name.starts_with('-') {
        return Err("the name of a tag does not begin with - (it would read as a flag)".to_owned());
    }
    Ok(name)
}

/// What two spellings of one tag have in common: composed, lower case, white space as one blank.
#[must_use]
pub fn fold_tag(name: &str) -> String {
    let composed: String = name.nfc().collect();
    composed.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that show nothing or reorder others: two names could differ in them alone.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_was_typed_but_for_the_blanks_around_it() {
        assert_eq!(tag_name("  Falcon: Wire transfers 2026 "), Ok("Falcon: Wire transfers 2026".to_owned()));
        assert_eq!(tag_name("Zoe\u{308}"), Ok("Zoë".to_owned()));
        assert_eq!(tag_name("می\u{200c}خواهم"), Ok("می\u{200c}خواهم".to_owned()));
    }

    #[test]
    fn a_name_that_cannot_be_seen_or_searched_for_is_refused() {
        let long = "x".repeat(limits::TAG_CHARS + 1);
        for wrong in ["", " \t ", "a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\u{200b}", "say \"yes\"", "wire*", "-n", &long]
        {
            assert!(tag_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn spellings_that_read_the_same_are_one_tag() {
        assert_eq!(fold_tag("Privileged  Mail"), fold_tag("PRIVILEGED mail"));
        assert_eq!(fold_tag("ZOE\u{308}"), fold_tag("zoë"));
        assert_ne!(fold_tag("wire"), fold_tag("wires"));
    }
}
