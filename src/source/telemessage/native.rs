//! Native message ids: the id of a notice names the message that it is about (reference 2.4).

use super::words::split_around;

/// What the prefix of an id says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// An original message.
    Original,
    /// `DELETE_FOR_ME-`
    DeletedForMe,
    /// `DELETE_FOR_ALL-`
    DeletedForAll,
    /// `DELETE_ALL_MESSAGES-`
    ChatCleared,
    /// `EDIT-…-<index>`
    Edited,
}

const PREFIXES: [(&str, Prefix); 4] = [
    ("delete_for_me-", Prefix::DeletedForMe),
    ("delete_for_all-", Prefix::DeletedForAll),
    ("delete_all_messages-", Prefix::ChatCleared),
    ("edit-", Prefix::Edited),
];

/// The outermost prefix, and the id of the original with all prefixes and the edit index removed.
#[must_use]
pub fn split(id: &str) -> (Prefix, &str) {
    let mut rest = id.trim();
    let mut outer = Prefix::Original;
    // A deleted edit has two prefixes; more are not read, so that no id takes long.
    for _ in 0..3 {
        let found = PREFIXES.iter().find_map(|(text, prefix)| match split_around(rest, text) {
            Some(("", tail)) => Some((*prefix, tail)),
            _ => None,
        });
        let Some((prefix, tail)) = found else { break };
        rest = if prefix == Prefix::Edited { without_index(tail) } else { tail };
        if outer == Prefix::Original {
            outer = prefix;
        }
    }
    (outer, rest)
}

/// `3EB0A1-2` → `3EB0A1`. An index is short; a longer number is part of the id.
fn without_index(id: &str) -> &str {
    match id.rsplit_once('-') {
        Some((raw, index))
            if !raw.is_empty() && (1..=6).contains(&index.len()) && index.bytes().all(|b| b.is_ascii_digit()) =>
        {
            raw
        }
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_notice_names_its_original() {
        for (id, prefix, raw) in [
            ("3EB0A1", Prefix::Original, "3EB0A1"),
            ("1772615561000_447700900101_0", Prefix::Original, "1772615561000_447700900101_0"),
            ("DELETE_FOR_ME-3EB0A1", Prefix::DeletedForMe, "3EB0A1"),
            ("DELETE_FOR_ALL-1772615561000_447700900101", Prefix::DeletedForAll, "1772615561000_447700900101"),
            ("delete_all_messages-3EB0A1", Prefix::ChatCleared, "3EB0A1"),
            ("EDIT-3EB0A1-2", Prefix::Edited, "3EB0A1"),
            ("EDIT-a-b-c-12", Prefix::Edited, "a-b-c"),
            ("EDIT-3EB0A1", Prefix::Edited, "3EB0A1"),
            ("DELETE_FOR_ALL-EDIT-3EB0A1-1", Prefix::DeletedForAll, "3EB0A1"),
            ("EDIT-1", Prefix::Edited, "1"),
        ] {
            assert_eq!(split(id), (prefix, raw), "{id}");
        }
    }
}
