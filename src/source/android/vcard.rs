//! Contact cards: they become attachments; their names are told beside.

use super::draft::Draft;
use crate::{
    model::{
        Digest,
        details::{Media, MediaState},
    },
    source::phone::Blob,
};

/// Cards of one message that are attached.
const CARDS: usize = 1_000;
/// Characters of a name that a file is called by.
const NAME_CHARS: usize = 80;

/// Attaches a card.
pub fn attach(draft: &mut Draft, card: &str) {
    if draft.details.contacts.len() >= CARDS {
        return;
    }
    let name = name(card).unwrap_or_else(|| format!("contact {}", draft.details.contacts.len() + 1));
    let safe: String =
        name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let file = format!("{}.vcf", safe.chars().take(NAME_CHARS).collect::<String>());
    let bytes = card.as_bytes();
    let (size, sha256) = (bytes.len() as u64, Digest::of(bytes));
    draft.attach(&file, "text/vcard", size, sha256, Blob::of(bytes));
    draft.details.contacts.push(name);
    draft.details.media.push(Media {
        kind: "contact".to_owned(),
        name: file,
        state: MediaState::Attached,
        mime: "text/vcard".to_owned(),
        size: Some(size),
        ..Media::default()
    });
}

/// The cards in a text, or in a serialised list of texts.
pub fn cards(text: &str) -> Vec<String> {
    let mut cards = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("BEGIN:VCARD") {
        let from = rest.get(start..).unwrap_or_default();
        let Some(end) = from.find("END:VCARD").map(|end| end + "END:VCARD".len()) else { break };
        let (card, behind) = from.split_at_checked(end).unwrap_or((from, ""));
        cards.push(card.to_owned());
        rest = behind;
        if cards.len() >= CARDS {
            break;
        }
    }
    cards
}

/// The formatted name, else the parts of the name.
fn name(card: &str) -> Option<String> {
    let value = |property: &str| {
        card.lines().find_map(|line| {
            let (head, value) = line.split_once(':')?;
            let named = head.split(';').next()?.trim().eq_ignore_ascii_case(property);
            let value = value.trim().replace("\\,", ",").replace("\\;", ";");
            (named && !value.is_empty()).then_some(value)
        })
    };
    value("FN").or_else(|| {
        let parts = value("N")?;
        let words: Vec<_> = parts.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    })
}
