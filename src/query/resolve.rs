//! Closing a query: relative dates become absolute, people become their numbers, addresses and names, names of holds, cases,
//! tags and runs become what they stand for.
//!
//! Contract: pure; the same node and context give the same expression. Microsoft expands a recipient that is in the
//! directory to address OR alias OR display name; here it is address OR every listed or mapped number OR display name.
//! A `*` defeats the expansion. The name of a hold, case or run that is not there is an error, never an empty answer.

use super::{
    ast::{Compare, Node},
    error::{QueryError, Warning, WarningCode},
    expr::Expr,
    leaf::{Leaf, Role, TextField},
    names,
    value::number_prefix,
    words,
};
use crate::model::{HoldId, Instant, MailboxName, MappingRow, PhoneNumber, RunId, User};
use chrono::Weekday;
use std::collections::BTreeSet;

/// What a query depends on besides its text.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: Instant,
    /// The day that weeks begin on.
    pub week_start: Weekday,
    /// The user directory.
    pub users: &'a [User],
    /// The custom mapping.
    pub mapping: &'a [MappingRow],
    /// Every mailbox that there is.
    pub mailboxes: &'a [MailboxName],
    /// The holds that bind: active ones, and released ones in their delay.
    pub holds: &'a [(HoldId, String)],
    /// The cases.
    pub cases: &'a [CaseScope],
    /// The tags, as they were first written.
    pub tags: &'a [String],
    /// The runs, oldest first.
    pub runs: &'a [RunSpan],
    /// The retention policies and labels in force.
    pub retention: &'a [RetentionName],
}

/// What a case is about.
#[derive(Clone, Debug)]
pub struct CaseScope {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The mailboxes of its custodians.
    pub custodians: Vec<MailboxName>,
    /// Its holds that bind.
    pub holds: Vec<HoldId>,
}

/// A retention policy or label.
#[derive(Clone, Debug)]
pub struct RetentionName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about: mailboxes, or the items that have the label.
    pub expr: Expr,
}

/// What a run archived.
#[derive(Clone, Debug)]
pub struct RunSpan {
    /// Its id.
    pub id: RunId,
    /// The first ordinal that it could give.
    pub from: u32,
    /// The first behind those that it gave.
    pub until: u32,
}

impl Context<'_> {
    /// An archive in which nothing has a name yet.
    #[must_use]
    pub const fn at(now: Instant) -> Self {
        Self {
            now,
            week_start: Weekday::Mon,
            users: &[],
            mapping: &[],
            mailboxes: &[],
            holds: &[],
            cases: &[],
            tags: &[],
            runs: &[],
            retention: &[],
        }
    }
}

/// A closed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What it says.
    pub expr: Expr,
    /// What is to be known of how it was closed.
    pub warnings: Vec<Warning>,
    /// Properties that were looked up and whose answer may change later.
    pub named: Vec<&'static str>,
}

/// Closes a parsed query.
///
/// # Errors
/// There is no hold, case, run or folder of that name.
pub fn resolve(node: &Node, context: &Context<'_>) -> Result<Resolved, QueryError> {
    let mut closing = Closing { context, warnings: Vec::new(), named: Vec::new() };
    let expr = closing.node(node)?;
    closing.warnings.dedup();
    Ok(Resolved { expr, warnings: closing.warnings, named: closing.named })
}

struct Closing<'a> {
    context: &'a Context<'a>,
    warnings: Vec<Warning>,
    named: Vec<&'static str>,
}

impl Closing<'_> {
    fn node(&mut self, node: &Node) -> Result<Expr, QueryError> {
        let context = self.context;
        Ok(match node {
            Node::All => Expr::All,
            Node::Nothing => Expr::Nothing,
            Node::And(parts) => Expr::and(parts.iter().map(|part| self.node(part)).collect::<Result<_, _>>()?),
            Node::Or(parts) => Expr::or(parts.iter().map(|part| self.node(part)).collect::<Result<_, _>>()?),
            Node::Not(inner) => self.node(inner)?.negated(),
            Node::Leaf(leaf) => Expr::Leaf(leaf.clone()),
            Node::Text { field, text, star } => free_text(*field, text, *star),
            Node::Person { role, text, star } => person(*role, text, *star, context),
            Node::Conversation { text, star } => conversation(text, *star),
            Node::Time { compare, from, to, telling, span } => {
                let (first, last) = (from.at(context.now, context.week_start), to.at(context.now, context.week_start));
                if *telling {
                    let message = format!("in UTC: from {} until before {}", first.0, last.1);
                    self.warnings.push(Warning::new(WarningCode::UtcBounds, span, message));
                }
                let (from, until) = match compare {
                    Compare::Within => (Some(first.0), Some(last.1)),
                    Compare::Less => (None, Some(first.0)),
                    Compare::LessOrEqual => (None, Some(last.1)),
                    Compare::Greater => (Some(last.1), None),
                    Compare::GreaterOrEqual => (Some(first.0), None),
                };
                Expr::Leaf(Leaf::Time { from, until })
            }
            Node::Mailbox { text, star } => mailbox(text, *star, context),
            Node::Folder { text, span } => names::folder(text, span, context)?,
            Node::Named { name, text, star, span } => {
                self.named.push(name.property());
                let (expr, warning) = names::close(*name, text, *star, span, context)?;
                self.warnings.extend(warning);
                expr
            }
        })
    }
}

/// Words of the name, or the id, of a conversation.
fn conversation(text: &str, star: bool) -> Expr {
    let id = text.trim().to_lowercase();
    let words = words_leaf(TextField::Conversation, text, star);
    Expr::or(vec![words, Expr::Leaf(Leaf::Conversation { id, prefix: star })])
}

fn words_leaf(field: TextField, text: &str, star: bool) -> Expr {
    let wanted = words::wanted(text, star);
    if wanted.tokens.is_empty() {
        return Expr::Nothing;
    }
    Expr::Leaf(Leaf::Words { field, tokens: wanted.tokens, prefix: wanted.prefix })
}

fn id_leaf(role: Role, id: impl Into<String>, prefix: bool) -> Expr {
    Expr::Leaf(Leaf::Person { role, id: id.into(), prefix })
}

/// Words; a text that is wholly a phone number also means the party with that number, and the number in any spelling.
fn free_text(field: TextField, text: &str, star: bool) -> Expr {
    let plain = words_leaf(field, text, star);
    match PhoneNumber::parse(text).filter(|_| field == TextField::Any && !star) {
        Some(number) => {
            let written = Leaf::Written { digits: number.digits().to_owned(), prefix: false };
            Expr::or(vec![plain, id_leaf(Role::Any, number.digits(), false), Expr::Leaf(written)])
        }
        None => plain,
    }
}

fn person(role: Role, text: &str, star: bool, context: &Context<'_>) -> Expr {
    if star {
        return match number_prefix(text) {
            Some(digits) => id_leaf(role, digits, true),
            None => words_leaf(role.field(), text, true),
        };
    }
    let address = text.trim().to_lowercase();
    let number = PhoneNumber::parse(text);
    let mut parts = vec![match &number {
        Some(number) => id_leaf(role, number.digits(), false),
        None if address.contains('@') => id_leaf(role, address.as_str(), false),
        None => words_leaf(role.field(), text, false),
    }];
    for mailbox in meant(&address, number.as_ref(), context) {
        parts.push(id_leaf(role, mailbox.as_str(), false));
        let user = context.users.iter().find(|user| user.email == *mailbox);
        let listed = user.into_iter().flat_map(|user| &user.numbers);
        let mapped = context.mapping.iter().filter(|row| row.mailbox == *mailbox).map(|row| &row.number);
        let numbers: BTreeSet<&PhoneNumber> = listed.chain(mapped).collect();
        parts.extend(numbers.into_iter().map(|number| id_leaf(role, number.digits(), false)));
        if let Some(name) = user.and_then(|user| user.name.as_deref()) {
            parts.push(words_leaf(role.field(), name, false));
        }
    }
    let mut seen = Vec::with_capacity(parts.len());
    for part in parts {
        if !seen.contains(&part) {
            seen.push(part);
        }
    }
    Expr::or(seen)
}

/// The mailboxes whose address, number or full display name the value is.
fn meant<'a>(address: &str, number: Option<&PhoneNumber>, context: &Context<'a>) -> BTreeSet<&'a MailboxName> {
    let name = words::folded(address);
    let is_user = |user: &&User| {
        user.email.as_str() == address
            || number.is_some_and(|number| user.numbers.contains(number))
            || user.name.as_deref().is_some_and(|own| !name.is_empty() && words::folded(own) == name)
    };
    let is_row = |row: &&MappingRow| row.mailbox.as_str() == address || number == Some(&row.number);
    let users = context.users.iter().filter(is_user).map(|user| &user.email);
    users.chain(context.mapping.iter().filter(is_row).map(|row| &row.mailbox)).collect()
}

/// A mailbox value that is a user's display name means that user's mailbox.
fn mailbox(text: &str, star: bool, context: &Context<'_>) -> Expr {
    let leaf = |value: &str| Expr::Leaf(Leaf::Mailbox { value: value.to_owned(), prefix: star });
    let name = words::folded(text);
    let named = context
        .users
        .iter()
        .filter(|user| !star && !name.is_empty() && user.name.as_deref().is_some_and(|own| words::folded(own) == name));
    Expr::or(std::iter::once(leaf(text)).chain(named.map(|user| leaf(user.email.as_str()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::UserStatus, query::parse};

    fn closed(query: &str) -> String {
        let number = |text| PhoneNumber::parse(text).unwrap();
        let email = MailboxName::parse("ann@x.example").unwrap();
        let users = [User {
            email: email.clone(),
            name: Some("Ann Łęcka".into()),
            numbers: vec![number("447700900101")],
            groups: Default::default(),
            status: UserStatus::Active,
        }];
        let mapping = [MappingRow { number: number("447700900102"), mailbox: email, from: None, until: None }];
        let now = Instant::parse_rfc3339("2024-03-06T15:00:00Z").unwrap();
        let context = Context { users: &users, mapping: &mapping, ..Context::at(now) };
        crate::query::describe(&resolve(&parse(query).unwrap().expr, &context).unwrap().expr)
    }

    #[test]
    fn a_person_of_the_directory_is_every_way_to_name_them() {
        let everything = "from:ann@x.example OR from:447700900101 OR from:447700900102 OR from:\"ann lecka\"";
        assert_eq!(closed("from:Ann@X.example"), everything);
        let by_number = closed("from:\"+44 7700 900102\"");
        assert!(by_number.starts_with("from:447700900102 OR from:ann@x.example"), "{by_number}");
        assert!(closed("to:\"ANN LECKA\"").contains("to:447700900102"));
        assert_eq!(closed("from:ann"), "from:ann");
        assert_eq!(closed("from:\"ann@x.exa*\""), "from:\"ann x exa*\"");
        assert_eq!(closed("from:44770*"), "from:44770*");
        assert_eq!(closed("from:bob@y.example"), "from:bob@y.example");
    }

    #[test]
    fn relative_dates_become_absolute() {
        assert_eq!(closed("sent:today"), "sent:2024-03-06T00:00:00Z..2024-03-07T00:00:00Z");
        assert_eq!(closed("sent<\"last month\""), "sent<2024-02-01T00:00:00Z");
        assert_eq!(closed("sent>yesterday"), "sent>=2024-03-06T00:00:00Z");
        assert_eq!(closed("date<>today"), "NOT sent:2024-03-06T00:00:00Z..2024-03-07T00:00:00Z");
        assert_eq!(closed("sent:2021-06-30..2021-07-01"), "sent:2021-06-30T00:00:00Z..2021-07-02T00:00:00Z");
    }

    #[test]
    fn a_number_in_free_text_also_means_its_party() {
        let number = "participants:447700900101 OR written:447700900101";
        assert_eq!(closed("447700900101"), format!("447700900101 OR {number}"));
        assert_eq!(closed("+44 7700 900101"), format!("(44 AND 7700 AND 900101) OR {number}"));
        assert_eq!(closed("+44 7700 900101 lunch"), format!("((44 AND 7700 AND 900101) OR {number}) AND lunch"));
        assert_eq!(closed("\"+44 7700 900101\""), format!("\"44 7700 900101\" OR {number}"));
    }

    #[test]
    fn a_mailbox_is_named_by_address_or_display_name() {
        assert_eq!(closed("mailbox:Ann@x.example"), "mailbox:ann@x.example");
        assert_eq!(closed("mailbox:\"ann lecka\""), "mailbox:\"ann lecka\" OR mailbox:ann@x.example");
    }
}
