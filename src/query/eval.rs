//! The meaning of the language: does an expression match an item?
//!
//! Two questions are asked. [`hits`], for search and deletion: what is empty or unknown does not match, and NOT of it
//! does. [`covers`], for holds: what is unknown may match, and whatever is not certainly outside is covered, under NOT
//! too (Kleene's three values). Contract: pure, linear in the text of the item for each condition.

use super::{
    expr::{Expr, Leaf, Role, TextField, mailbox_matches},
    facts::{Facts, Sequence},
};
use crate::model::MailboxName;

/// One message in one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What the message says.
    pub facts: &'a Facts,
    /// The mailbox that the item is in.
    pub mailbox: &'a MailboxName,
    /// A later notice says that it was deleted on the phone.
    pub is_deleted: bool,
    /// A later notice says that it was edited on the phone.
    pub is_edited: bool,
}

/// Whether the item matches.
#[must_use]
pub fn hits(expr: &Expr, item: &Item<'_>) -> bool {
    match expr {
        Expr::All => true,
        Expr::Nothing => false,
        Expr::And(parts) => parts.iter().all(|part| hits(part, item)),
        Expr::Or(parts) => parts.iter().any(|part| hits(part, item)),
        Expr::Not(inner) => !hits(inner, item),
        Expr::Leaf(leaf) => matches(leaf, item),
    }
}

/// Whether the item is not certainly outside of the expression. Unknown are: a time condition on a message without a
/// date; a condition on a party that the message does not name at all; words of the body of an encrypted message; and
/// free words on a partially searchable one, because the words may stand in its attachment.
#[must_use]
pub fn covers(expr: &Expr, item: &Item<'_>) -> bool {
    truth(expr, item) > Truth::No
}

/// In this order, AND is the least and OR the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Unknown,
    Yes,
}

fn truth(expr: &Expr, item: &Item<'_>) -> Truth {
    match expr {
        Expr::All => Truth::Yes,
        Expr::Nothing => Truth::No,
        Expr::And(parts) => parts.iter().map(|part| truth(part, item)).min().unwrap_or(Truth::Yes),
        Expr::Or(parts) => parts.iter().map(|part| truth(part, item)).max().unwrap_or(Truth::No),
        Expr::Not(inner) => match truth(inner, item) {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        },
        Expr::Leaf(leaf) if matches(leaf, item) => Truth::Yes,
        Expr::Leaf(leaf) if may_match(leaf, item.facts) => Truth::Unknown,
        Expr::Leaf(_) => Truth::No,
    }
}

/// Whether the item may match, for all that is known.
fn may_match(leaf: &Leaf, facts: &Facts) -> bool {
    let nobody = |role: Role| match role {
        Role::From => facts.from.is_empty(),
        Role::To => facts.to.is_empty(),
        Role::Any => facts.from.is_empty() || facts.to.is_empty(),
    };
    match leaf {
        Leaf::Time { .. } => facts.sent.is_none(),
        Leaf::Person { role, .. } => nobody(*role),
        Leaf::Words { field, .. } => match field {
            TextField::Any => facts.partial || facts.encrypted,
            TextField::Body => facts.encrypted,
            TextField::From => nobody(Role::From),
            TextField::To => nobody(Role::To),
            TextField::Participants => nobody(Role::Any),
            TextField::Subject | TextField::AttachmentNames => false,
        },
        _ => false,
    }
}

fn matches(leaf: &Leaf, item: &Item<'_>) -> bool {
    let facts = item.facts;
    match leaf {
        Leaf::Words { field, tokens, prefix } => {
            let found = |value: &Sequence| contains(value, tokens, *prefix);
            let any = |values: &[Sequence]| values.iter().any(found);
            match field {
                TextField::Subject => found(&facts.subject),
                TextField::Body => any(&facts.body),
                TextField::AttachmentNames => any(&facts.attachments),
                TextField::From => any(&facts.from),
                TextField::To => any(&facts.to),
                TextField::Participants => any(&facts.from) || any(&facts.to),
                TextField::Any => {
                    found(&facts.subject)
                        || any(&facts.body)
                        || any(&facts.attachments)
                        || any(&facts.from)
                        || any(&facts.to)
                }
            }
        }
        Leaf::Person { role, id, prefix } => {
            let any = |ids: &[String]| ids.iter().any(|own| is(own, id, *prefix));
            match role {
                Role::From => any(&facts.from_ids),
                Role::To => any(&facts.to_ids),
                Role::Any => any(&facts.from_ids) || any(&facts.to_ids),
            }
        }
        Leaf::Time { from, until } => facts
            .sent
            .is_some_and(|sent| from.is_none_or(|from| from <= sent) && until.is_none_or(|until| sent < until)),
        Leaf::Size { min, max } => min.is_none_or(|min| min <= facts.size) && max.is_none_or(|max| facts.size <= max),
        Leaf::Kind(kind) => facts.kind == *kind,
        Leaf::ItemClass { value, prefix } => is(&facts.item_class(), value, *prefix),
        Leaf::HasAttachment(yes) => facts.has_attachment == *yes,
        Leaf::IsDeleted(yes) => item.is_deleted == *yes,
        Leaf::IsEdited(yes) => item.is_edited == *yes,
        Leaf::Mailbox { value, prefix } => mailbox_matches(item.mailbox, value, *prefix),
    }
}

fn is(own: &str, wanted: &str, prefix: bool) -> bool {
    if prefix { own.starts_with(wanted) } else { own == wanted }
}

/// Whether the tokens stand in a row in the value.
fn contains(value: &[String], tokens: &[String], prefix: bool) -> bool {
    !find(value, tokens, prefix, true).is_empty()
}

/// Where the tokens stand in a row: the index of the first token of each place. `first_only`: at most one place.
///
/// Knuth, Morris and Pratt over all but the last token: linear also for a phrase of one word repeated a thousand times.
pub(super) fn find(value: &[String], tokens: &[String], prefix: bool, first_only: bool) -> Vec<usize> {
    let mut places = Vec::new();
    let Some((last, head)) = tokens.split_last() else { return places };
    let borders = borders(head);
    let mut matched = 0;
    for (at, token) in value.iter().enumerate() {
        if matched == head.len() {
            if is(token, last, prefix) {
                places.push(at.saturating_sub(head.len()));
                if first_only {
                    return places;
                }
            }
            matched = borders.last().copied().unwrap_or(0);
        }
        while matched > 0 && head.get(matched) != Some(token) {
            matched = matched.checked_sub(1).and_then(|before| borders.get(before)).copied().unwrap_or(0);
        }
        if head.get(matched) == Some(token) {
            matched += 1;
        }
    }
    places
}

/// For each beginning of `head`, the length of its longest proper part that is both its beginning and its end.
fn borders(head: &[String]) -> Vec<usize> {
    let mut borders: Vec<usize> = Vec::with_capacity(head.len());
    let mut length = 0;
    for (at, token) in head.iter().enumerate() {
        if at > 0 {
            while length > 0 && head.get(length) != Some(token) {
                length = borders.get(length - 1).copied().unwrap_or(0);
            }
            if head.get(length) == Some(token) {
                length += 1;
            }
        }
        borders.push(length);
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_tokens_is_found_where_a_plain_search_finds_it() {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        proptest::proptest!(|(value in "[ab]( [ab]{1,2}){0,12}", tokens in "[ab]( [ab]){0,4}", prefix: bool)| {
            let (value, tokens) = (split(&value), split(&tokens));
            let expected: Vec<usize> = value
                .windows(tokens.len())
                .enumerate()
                .filter(|(_, window)| {
                    window.iter().zip(&tokens).enumerate().all(|(at, (have, want))| {
                        have == want || (prefix && at + 1 == tokens.len() && have.starts_with(want))
                    })
                })
                .map(|(at, _)| at)
                .collect();
            proptest::prop_assert_eq!(find(&value, &tokens, prefix, false), expected);
        });
    }
}
