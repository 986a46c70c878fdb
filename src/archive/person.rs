//! Finding what a person takes part in: by number, name or address.
//!
//! Contract: a message belongs to a person who sent it, received it or is a member of its conversation; who is only named in it
//! is counted. An address stands for the numbers of its user, each in the period in which it was theirs.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    model::{Instant, MailboxName, Ordinal, Participant, PhoneNumber, SubjectKey, event::ItemRef, limits},
    query::{self, Expr, Leaf, Role, TextField},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Parties that an answer names; more are counted.
const NAMED_PARTIES: usize = 100;

/// Who is looked for.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A phone number.
    Number(PhoneNumber),
    /// A name, all words of it in a row.
    Name(String),
    /// An e-mail address; that of a user also stands for the numbers that the directory and the custom mapping give them.
    Email(String),
}

impl Subject {
    pub(super) fn key(&self) -> SubjectKey {
        match self {
            Self::Number(_) => SubjectKey::Number,
            Self::Name(_) => SubjectKey::Name,
            Self::Email(_) => SubjectKey::Email,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => name.clone(),
            Self::Email(email) => email.clone(),
        }
    }
}

/// A party of the messages that were found, so that a person can see whether it is the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubjectParty {
    /// As the source names it.
    #[serde(flatten)]
    pub party: Participant,
    /// Messages that it takes part in.
    pub messages: u64,
}

/// A number of somebody, and from and until when it is theirs.
type OwnNumber = (PhoneNumber, Option<Instant>, Option<Instant>);

impl Archive {
    /// The expression for the messages that a person takes part in.
    pub(super) fn takes_part(&self, subject: &Subject) -> Result<Expr> {
        let person = |id: String| Expr::Leaf(Leaf::Person { role: Role::Any, id, prefix: false });
        Ok(match subject {
            Subject::Number(number) => person(number.digits().to_owned()),
            Subject::Name(name) => {
                let tokens = query::plain(name);
                if tokens.is_empty() {
                    return Err(Error::new(ErrorKind::Usage, "the name has no word in it"));
                }
                Expr::Leaf(Leaf::Words { field: TextField::Participants, tokens, prefix: false })
            }
            Subject::Email(email) => {
                let mut any = vec![person(email.to_lowercase())];
                any.extend(self.numbers_of(email).into_iter().map(|(number, from, until)| {
                    let person = person(number.digits().to_owned());
                    match (from, until) {
                        (None, None) => person,
                        // A number that was somebody else's before or after.
                        (from, until) => Expr::And(vec![person, Expr::Leaf(Leaf::Time { from, until })]),
                    }
                }));
                Expr::Or(any)
            }
        })
    }

    /// The numbers of the person with this address, by the user directory and the custom mapping, and from and until when.
    fn numbers_of(&self, email: &str) -> Vec<OwnNumber> {
        let Some(mailbox) = MailboxName::parse(email) else { return Vec::new() };
        let user = self.state.users.get(&mailbox);
        let own = user.into_iter().flat_map(|user| &user.numbers).map(|number| (number.clone(), None, None));
        let mapped = self.state.mapping.iter().filter(|row| row.mailbox == mailbox);
        own.chain(mapped.map(|row| (row.number.clone(), row.from, row.until))).collect()
    }

    /// Messages that name the person and that they take no part in.
    pub(super) fn mentions(&self, subject: &Subject, takes_part: Expr, mailboxes: &[MailboxName]) -> Result<u64> {
        let words = self.prepare(&format!("\"{}\"", subject.text().replace('"', " ")))?.expr;
        let expr = Expr::And(vec![words, Expr::Not(Box::new(takes_part))]);
        Ok(self.answer(&expr, mailboxes, true)?.messages.len())
    }

    /// Which parties of these messages were taken for the person.
    pub(super) fn parties(&self, subject: &Subject, items: &[ItemRef]) -> Result<(Vec<SubjectParty>, u64)> {
        let ordinals: BTreeSet<Ordinal> = items.iter().map(|item| item.ordinal).collect();
        let ordinals: Vec<Ordinal> = ordinals.into_iter().collect();
        let mut found: BTreeMap<String, SubjectParty> = BTreeMap::new();
        let wanted = query::plain(&subject.text());
        let numbers = match subject {
            Subject::Email(email) => self.numbers_of(email),
            Subject::Number(_) | Subject::Name(_) => Vec::new(),
        };
        for chunk in ordinals.chunks(limits::BATCH_MESSAGES) {
            for record in self.records(chunk)? {
                let parties = std::iter::once(&record.sender).chain(&record.recipients);
                for party in parties.filter(|party| is_subject(subject, &wanted, &numbers, party)) {
                    let new = || SubjectParty { party: party.clone(), messages: 0 };
                    found.entry(format!("{party:?}")).or_insert_with(new).messages += 1;
                }
            }
        }
        let mut rows: Vec<SubjectParty> = found.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.messages));
        let more = rows.len().saturating_sub(NAMED_PARTIES) as u64;
        rows.truncate(NAMED_PARTIES);
        Ok((rows, more))
    }
}

/// Whether a party is the person. `wanted`: the tokens of the person's name; `numbers`: those of the person's address.
fn is_subject(subject: &Subject, wanted: &[String], numbers: &[OwnNumber], party: &Participant) -> bool {
    match subject {
        Subject::Number(number) => party.number.as_ref() == Some(number),
        Subject::Name(_) => party
            .name
            .as_ref()
            .is_some_and(|name| query::plain(name).windows(wanted.len().max(1)).any(|words| words == wanted)),
        Subject::Email(email) => {
            party.email.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(email))
                || numbers.iter().any(|(number, ..)| party.number.as_ref() == Some(number))
        }
    }
}
