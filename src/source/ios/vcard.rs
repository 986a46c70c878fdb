//! Contact cards of a message of type 4: several in one column, with separators of WhatsApp's own.
//!
//! Contract: pure. Every byte of every card is kept; names for files are made from what the source calls the cards.

use super::names;

/// Between two cards.
const CARDS: &str = "_$!<VCard-Separator>!$_";
/// Between two names.
const NAMES: &str = "_$!<Name-Separator>!$_";
/// Cards that become attachments of their own; what is beyond stays together in the last one, which a `.vcf` may.
const CARDS_SPLIT: usize = 500;
/// Characters of a file name without its extension.
const FILE_NAME_CHARS: usize = 80;

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whose it is, as far as it is said.
    pub name: Option<String>,
    /// A file name for it.
    pub file_name: String,
    /// The card.
    pub text: String,
}

/// The cards in `strings` (`ZVCARDSTRING`), named by `names` (`ZVCARDNAME`).
#[must_use]
pub fn split(strings: &str, names: Option<&str>) -> Vec<Card> {
    let mut texts: Vec<String> = strings.splitn(CARDS_SPLIT, CARDS).map(|text| text.replace(CARDS, "\r\n")).collect();
    texts.retain(|text| !text.trim().is_empty());
    let mut titles: Vec<&str> = names.map(|names| names.split(NAMES).collect()).unwrap_or_default();
    // A list of contacts has one name more: its own, at the front.
    if titles.len() > texts.len() && !texts.is_empty() {
        titles.drain(..titles.len() - texts.len());
    }
    let mut cards: Vec<Card> = Vec::with_capacity(texts.len());
    for (at, text) in texts.into_iter().enumerate() {
        let title = titles.get(at).and_then(|title| names::clean(title));
        let name = full_name(&text).or(title);
        let file_name = file_name(name.as_deref(), &cards);
        cards.push(Card { name, file_name, text });
    }
    cards
}

/// The `FN` of the first card in `text`.
fn full_name(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        let field = field.split(';').next()?.rsplit('.').next()?;
        field.eq_ignore_ascii_case("FN").then(|| names::clean(&value.replace('\\', "")))?
    })
}

fn file_name(name: Option<&str>, before: &[Card]) -> String {
    let stem = names::file_name(name.unwrap_or("contact")).chars().take(FILE_NAME_CHARS).collect::<String>();
    let stem = if stem.is_empty() { "contact".to_owned() } else { stem };
    let taken = |file: &str| before.iter().any(|card| card.file_name == file);
    let mut file = format!("{stem}.vcf");
    let mut n = before.len() + 1;
    while taken(&file) {
        file = format!("{stem} {n}.vcf");
        n += 1;
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card(name: &str) -> String {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD")
    }

    #[test]
    fn several_cards_in_one_column_become_several_files() {
        let text = [card("Ada Example"), card("Ada Example"), card("Bo / Example")].join(CARDS);
        let names = ["3 contacts", "Ada", "Ada", "Bo"].join(NAMES);
        let cards = split(&text, Some(&names));
        let files: Vec<_> = cards.iter().map(|card| card.file_name.as_str()).collect();
        assert_eq!(files, ["Ada Example.vcf", "Ada Example 2.vcf", "Bo _ Example.vcf"]);
        assert_eq!(cards[0].text, card("Ada Example"));
    }

    #[test]
    fn a_card_without_a_name_takes_the_one_beside_it() {
        let cards = split("BEGIN:VCARD\nitem1.TEL:+1\nEND:VCARD", Some("Ada"));
        assert_eq!((cards[0].name.as_deref(), cards[0].file_name.as_str()), (Some("Ada"), "Ada.vcf"));
        assert_eq!(split("BEGIN:VCARD\nEND:VCARD", None)[0].file_name, "contact.vcf");
        assert!(split("", Some("Ada")).is_empty());
    }

    #[test]
    fn more_cards_than_are_split_stay_together() {
        let text = vec![card("A"); CARDS_SPLIT + 20].join(CARDS);
        let cards = split(&text, None);
        assert_eq!(cards.len(), CARDS_SPLIT);
        assert_eq!(cards.iter().map(|card| card.text.matches("BEGIN:VCARD").count()).sum::<usize>(), CARDS_SPLIT + 20);
    }

    proptest! {
        #[test]
        fn any_text_is_split_and_file_names_are_only_names(text in ".{0,300}", names in ".{0,80}") {
            for card in split(&text, Some(&names)) {
                prop_assert!(!card.file_name.contains(['/', '\\', '\0', '\n']));
            }
        }
    }
}
