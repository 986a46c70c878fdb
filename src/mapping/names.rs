//! Names of an address book, for one import: `name,email`.
//!
//! A text export knows its authors only by the names in somebody's address book. Who imports it may say whose mailboxes
//! they are, for this import only: the same name in somebody else's phone is somebody else. Contract: as for the custom
//! mapping, a bad row costs only itself, and a name that would mean two mailboxes means none.

use super::{
    csv::Rejected,
    table::{Table, cell},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Code, MailboxName},
};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization as _;

const NAME: &[&str] = &["name", "display name", "contact", "author"];
const EMAIL: &[&str] = &["email", "e-mail", "mailbox", "microsoft 365 user mailbox"];

/// A file of names, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    mailboxes: BTreeMap<String, MailboxName>,
    /// The rows that cannot be taken.
    pub rejected: Vec<Rejected>,
}

impl Names {
    /// The mailbox of a name. Case and the white space around and in it do not matter.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> Option<&MailboxName> {
        self.mailboxes.get(&folded(name))
    }

    /// Every mailbox that a name stands for.
    pub fn mailboxes(&self) -> impl Iterator<Item = &MailboxName> {
        self.mailboxes.values()
    }
}

/// An empty file of names with its header and an invented example.
#[must_use]
pub fn names_template() -> String {
    "name,email\nSusan Example,susan@company.example\n".to_owned()
}

/// Reads a file of names.
///
/// # Errors
/// `Config` if it is not UTF-8 text, or its header is not known; the hint shows the form.
pub fn read_names(bytes: &[u8]) -> Result<Names> {
    let table = Table::read(bytes, "file of names", &names_template())?;
    let (Some(name), Some(email)) = (table.column(NAME), table.column(EMAIL)) else {
        let header = table.header.join(", ");
        return Err(Error::new(ErrorKind::Config, format!("the header of the file of names is not known: {header}"))
            .with_hint(format!("its first line must be name,email, for example:\n{}", names_template())));
    };
    let mut names = Names::default();
    let mut doubtful = BTreeSet::new();
    for (line, cells) in &table.rows {
        let (name, email) = (cell(cells, name), cell(cells, email));
        if name.is_empty() || email.is_empty() {
            names.rejected.push(Rejected::new(*line, Code::ColumnMissing, format!("{name},{email}")));
            continue;
        }
        let Some(mailbox) = MailboxName::parse(email) else {
            names.rejected.push(Rejected::new(*line, Code::BadEmail, email));
            continue;
        };
        let key = folded(name);
        match names.mailboxes.get(&key) {
            Some(other) if *other != mailbox => {
                names.rejected.push(Rejected::new(*line, Code::Conflict, format!("{name},{email}")));
                doubtful.insert(key);
            }
            _ => drop(names.mailboxes.insert(key, mailbox)),
        }
    }
    names.mailboxes.retain(|name, _| !doubtful.contains(name));
    Ok(names)
}

/// One form for comparing names: compatible characters are one, marks of direction dropped, white space collapsed, lower case.
#[must_use]
pub fn folded(name: &str) -> String {
    let shown = |c: &char| !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let text: String = name.nfkc().filter(shown).collect();
    // Normalised again: a letter and its accent may come apart in lower case.
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_spaced_and_a_doubtful_one_is_nobody() {
        let file = "name,email\nAnn  Lee,ann@x.example\n\"Lee, Bo\",bo@x.example\nKim,kim@x.example\nkim,other@x.example\n\
                    ,x@x.example\nNo Mail,none\n";
        let names = read_names(file.as_bytes()).unwrap();
        let found = |name: &str| names.mailbox(name).map(ToString::to_string);
        assert_eq!(found("\u{200e}ann lee"), Some("ann@x.example".into()));
        assert_eq!(found("Ａnn\u{a0}Lee"), Some("ann@x.example".into()));
        assert_eq!(found("Lee, Bo"), Some("bo@x.example".into()));
        assert_eq!((found("Kim"), found("Nobody")), (None, None));
        let rejected: Vec<_> = names.rejected.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(rejected, [(5, Code::Conflict), (6, Code::ColumnMissing), (7, Code::BadEmail)]);
        assert!(read_names(b"a,b\n1,2\n").is_err());
    }
}
