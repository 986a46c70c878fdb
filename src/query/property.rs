//! The one table of properties: name, other names, what kind of value, a line of help.
//!
//! Contract: names are compared without regard to case. What Microsoft's language has and this one has not yet is
//! named too, so that it is refused with a reason and never taken for something else.

use super::expr::{Role, TextField};

/// What values a property takes, and so which operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// Words, a phrase, a prefix.
    Text(TextField),
    /// A number, an address, a name.
    Person(Role),
    /// A day, a time, a named interval, a range.
    Time,
    /// Bytes, or a range of them.
    Size,
    /// A kind of message.
    Kind,
    /// An item class, or its beginning.
    ItemClass,
    /// `true` or `false`.
    Flag(Flag),
    /// A mailbox, or the beginning of its address.
    Mailbox,
}

/// The yes-or-no properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// At least one attachment.
    HasAttachment,
    /// A later notice says that it was deleted.
    IsDeleted,
    /// A later notice says that it was edited.
    IsEdited,
}

/// A property of the language.
#[derive(Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub kind: PropertyKind,
    /// One line for people.
    pub help: &'static str,
}

impl Property {
    /// The operators that it takes, as they are typed.
    #[must_use]
    pub fn operators(&self) -> &'static [&'static str] {
        if self.is_ordered() { &[":", "=", "<>", "<", "<=", ">", ">=", ".."] } else { &[":", "=", "<>"] }
    }

    /// Whether its values have an order, so that `<` and ranges make sense.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self.kind, PropertyKind::Time | PropertyKind::Size)
    }
}

macro_rules! properties {
    ($($name:literal [$($alias:literal),*] $kind:expr, $help:literal;)*) => {
        /// Every property.
        pub const PROPERTIES: &[Property] =
            &[$(Property { name: $name, aliases: &[$($alias),*], kind: $kind, help: $help },)*];
    };
}

properties! {
    "from" ["senderauthor"] PropertyKind::Person(Role::From), "who sent it: number, address, name, domain";
    "to" ["recipients"] PropertyKind::Person(Role::To), "who received it: number, address, name, domain";
    "participants" [] PropertyKind::Person(Role::Any), "who sent or received it";
    "subject" ["subjecttitle"] PropertyKind::Text(TextField::Subject), "words of the subject";
    "body" [] PropertyKind::Text(TextField::Body), "words of the text";
    "attachmentnames" [] PropertyKind::Text(TextField::AttachmentNames), "words of an attachment's file name";
    "sent" [] PropertyKind::Time, "when it was sent, UTC: 2026-03-04, 2026-03-01..2026-03-31, \"last month\"";
    "received" [] PropertyKind::Time, "the same instant as sent";
    "date" [] PropertyKind::Time, "the same instant as sent";
    "size" [] PropertyKind::Size, "bytes of the e-mail: size>1000000, size:1..1000";
    "kind" [] PropertyKind::Kind, "chat, call, deletion, edit, system";
    "itemclass" [] PropertyKind::ItemClass, "item class or its beginning: ipm.externaldata.whatsapp*";
    "hasattachment" [] PropertyKind::Flag(Flag::HasAttachment), "true or false";
    "mailbox" [] PropertyKind::Mailbox, "the mailbox that has it: an address or the beginning of one";
    "isdeleted" [] PropertyKind::Flag(Flag::IsDeleted), "true: a later notice says that it was deleted on the phone";
    "isedited" [] PropertyKind::Flag(Flag::IsEdited), "true: a later notice says that it was edited on the phone";
}

/// Properties of Microsoft's language, and of ours to come, that are refused by name.
const ELSEWHERE: &[&str] = &[
    "bcc",
    "case",
    "category",
    "cc",
    "compliancetag",
    "folderid",
    "hold",
    "importance",
    "isread",
    "label",
    "retention",
    "run",
    "tag",
];

/// The property of this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Property> {
    let is = |other: &&str| other.eq_ignore_ascii_case(name);
    PROPERTIES.iter().find(|property| is(&property.name) || property.aliases.iter().any(&is))
}

/// Whether the name is one that this language knows of and does not have.
#[must_use]
pub fn is_elsewhere(name: &str) -> bool {
    ELSEWHERE.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The known name that looks most like this one, if any does.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let names = PROPERTIES.iter().flat_map(|property| std::iter::once(&property.name).chain(property.aliases));
    let ranked = names.map(|other| (distance(&name, other), *other)).min();
    let near = |other: &str| if name.len().min(other.len()) < 4 { 1 } else { 2 };
    ranked.filter(|(distance, other)| *distance <= near(other)).map(|(_, name)| name)
}

/// How many letters to change, add or take away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    // Far more letters than any property has cannot be near one; this also bounds the work.
    if a.len() > 40 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(left + 1).min(above + 1);
            next.push(left);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_property_is_led_to_the_nearest() {
        for (typed, meant) in [
            ("form", Some("from")),
            ("frm", Some("from")),
            ("subjct", Some("subject")),
            ("attachmentname", Some("attachmentnames")),
            ("partcipants", Some("participants")),
            ("http", None),
        ] {
            assert_eq!(nearest(typed), meant, "{typed}");
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_by_alias() {
        assert_eq!(find("SENT").map(|property| property.name), Some("sent"));
        assert_eq!(find("SubjectTitle").map(|property| property.name), Some("subject"));
        assert_eq!(find("tag"), None);
        assert!(is_elsewhere("Hold"));
    }
}
