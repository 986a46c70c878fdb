//! The one table of properties: name, other names, what kind of value, a line of help.
//!
//! Contract: names are compared without regard to case. Every e-mail property of Microsoft's language is here; what no
//! message of this archive has (read marks, importance) has its one meaning and a warning.

use super::leaf::{Role, TextField};

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
    /// A phone number, or its beginning.
    Number,
    /// A conversation: words of its name, its id, the beginning of its id.
    Conversation,
    /// A language.
    Lang,
    /// A kind of source.
    Source,
    /// The beginning of an id.
    Id,
    /// The beginning of a SHA-256.
    Digest,
    /// The name of something of this archive.
    Named(Name),
    /// A folder of a mailbox.
    Folder,
    /// `high`, `medium`, `low`: no message here has one, so all are `medium`.
    Importance,
}

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A hold.
    Hold,
    /// A case.
    Case,
    /// A tag.
    Tag,
    /// A run of import.
    Run,
    /// A retention label or policy.
    Retention,
}

impl Name {
    /// The word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Case => "case",
            Self::Tag => "tag",
            Self::Run => "run",
            Self::Retention => "retention policy or label",
        }
    }
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
    /// It was read in the mailbox: the archive keeps no such mark.
    IsRead,
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
    "to" [] PropertyKind::Person(Role::ToLine), "who received it, copies aside";
    "cc" [] PropertyKind::Person(Role::Cc), "who received a copy";
    "bcc" [] PropertyKind::Person(Role::Bcc), "who received a blind copy";
    "recipients" [] PropertyKind::Person(Role::To), "who received it, copies too";
    "participants" [] PropertyKind::Person(Role::Any), "who sent or received it";
    "number" [] PropertyKind::Number, "a phone number of sender or recipients, in any spelling";
    "subject" ["subjecttitle"] PropertyKind::Text(TextField::Subject), "words of the subject";
    "body" [] PropertyKind::Text(TextField::Body), "words of the text";
    "attachmentnames" [] PropertyKind::Text(TextField::AttachmentNames), "words of an attachment's file name";
    "conversation" [] PropertyKind::Conversation, "words of the chat's name, or its id";
    "sent" [] PropertyKind::Time, "when it was sent, UTC: 2026-03-04, 2026-03-01..2026-03-31, \"last month\"";
    "received" [] PropertyKind::Time, "the same instant as sent";
    "date" [] PropertyKind::Time, "the same instant as sent";
    "size" [] PropertyKind::Size, "bytes of the e-mail: size>1000000, size:1..1000, size>10MiB";
    "kind" [] PropertyKind::Kind, "chat, call, deletion, edit, system; unindexed; externaldata or im for all of them";
    "itemclass" [] PropertyKind::ItemClass, "item class or its beginning: ipm.externaldata.whatsapp*";
    "hasattachment" [] PropertyKind::Flag(Flag::HasAttachment), "true or false";
    "isdeleted" [] PropertyKind::Flag(Flag::IsDeleted), "true: a later notice says that it was deleted on the phone";
    "isedited" [] PropertyKind::Flag(Flag::IsEdited), "true: a later notice says that it was edited on the phone";
    "isread" [] PropertyKind::Flag(Flag::IsRead), "the archive keeps no read marks: all is false";
    "importance" [] PropertyKind::Importance, "messages have none: all is medium";
    "lang" ["language"] PropertyKind::Lang, "language of the text, where it can be told: pl, en, arabic";
    "mailbox" [] PropertyKind::Mailbox, "the mailbox that has it: an address, its domain, a user's name";
    "folderid" [] PropertyKind::Folder, "a folder: its id, or \"WhatsApp Archiver\", \"Deletions\"";
    "hold" [] PropertyKind::Named(Name::Hold), "covered by the hold of this name; hold:* by any";
    "case" [] PropertyKind::Named(Name::Case), "in the mailbox of a custodian of this case, or covered by a hold of it";
    "tag" ["category"] PropertyKind::Named(Name::Tag), "tagged so; tag:* at all";
    "retention" ["compliancetag", "label"] PropertyKind::Named(Name::Retention), "under this retention policy or label; retention:* under any";
    "run" [] PropertyKind::Named(Name::Run), "archived by this run of import; run:last";
    "source" [] PropertyKind::Source, "telemessage, chat-export, android, ios";
    "id" [] PropertyKind::Id, "its id, or six or more characters of it";
    "digest" [] PropertyKind::Digest, "SHA-256 of its file or of an attachment, or six or more digits of it";
}

/// The property of this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Property> {
    let is = |other: &&str| other.eq_ignore_ascii_case(name);
    PROPERTIES.iter().find(|property| is(&property.name) || property.aliases.iter().any(&is))
}

/// The known name that looks most like this one, if any does.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
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
        assert_eq!(find("label"), find("retention"));
        assert_eq!(find("xyz"), None);
    }
}
