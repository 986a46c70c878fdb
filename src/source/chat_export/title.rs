//! The title of a chat: from the name that the phone gave to the export, or from what the app wrote in it.

use super::{chat::same, gather::Candidate, system};
use std::collections::BTreeMap;

/// What is known of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Title {
    /// The export says it.
    Known(String),
    /// It does not; the name of its file.
    Unknown(String),
}

impl Title {
    /// The title, if the export says it.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(title) => Some(title),
            Self::Unknown(_) => None,
        }
    }

    /// The title or what stands for it.
    pub fn text(&self) -> &str {
        match self {
            Self::Known(title) | Self::Unknown(title) => title,
        }
    }
}

/// Names of files that say nothing.
const EMPTY_NAMES: &[&str] = &["_chat", "chat", "_chat_", "whatsapp chat", "whatsapp", ""];

/// The title of a text: its own name, the name of what holds it, a line of the app that names the group, a file name that is the
/// name of an author.
pub fn of(candidate: &Candidate, people: &BTreeMap<String, u64>, subject: Option<&str>) -> Title {
    let stem = without_copy(&candidate.stem);
    let outer = candidate.outer.as_deref().map(without_copy);
    if let Some(title) = system::title(stem).or_else(|| outer.and_then(system::title)) {
        return Title::Known(title);
    }
    if let Some(title) = subject {
        return Title::Known(title.to_owned());
    }
    if let Some(author) =
        people.keys().find(|author| [Some(stem), outer].into_iter().flatten().any(|n| same(author, n)))
    {
        return Title::Known(author.clone());
    }
    let says = |name: &&str| !EMPTY_NAMES.contains(&name.to_lowercase().as_str());
    Title::Unknown(Some(stem).filter(says).or(outer.filter(says)).unwrap_or(stem).to_owned())
}

/// Without ` (1)`, which a browser or a phone adds to the name of a second copy.
pub fn without_copy(name: &str) -> &str {
    let bare = || {
        let (before, number) = name.strip_suffix(')')?.rsplit_once('(')?;
        let counted = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        counted.then(|| before.trim_end()).filter(|before| !before.is_empty())
    };
    bare().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::without_copy;

    #[test]
    fn a_second_copy_has_the_title_of_the_first() {
        assert_eq!(without_copy("WhatsApp Chat - Ann (1)"), "WhatsApp Chat - Ann");
        assert_eq!(without_copy("WhatsApp Chat with Ann(2)"), "WhatsApp Chat with Ann");
        assert_eq!(without_copy("Team (Berlin)"), "Team (Berlin)");
        assert_eq!(without_copy("(1)"), "(1)");
    }
}
