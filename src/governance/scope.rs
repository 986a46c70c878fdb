//! What a hold covers: its scope as a predicate over one item.

use crate::{
    model::{Hold, Instant, MailboxName, MessageId},
    query::{self, Expr, Facts, Item, Leaf, Marks},
};
use serde::Serialize;

/// One item, as far as a decision needs it. What cannot be known is `None`, and is held.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The message.
    pub id: MessageId,
    /// The mailbox.
    pub mailbox: &'a MailboxName,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// Whether some of it cannot be searched as text.
    pub partially_indexed: bool,
    /// The message's words; `None` if its file cannot be read.
    pub facts: Option<&'a Facts>,
}

/// Why a hold covers an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Because {
    /// The item is in a mailbox of the hold.
    Mailbox {
        /// The mailbox.
        value: MailboxName,
    },
    /// The message certainly matches the hold's query.
    Query {
        /// The query as it was typed.
        value: String,
    },
    /// It has an attachment: a hold with a query covers all such items of its mailboxes, for what may stand in there.
    #[serde(rename = "has_attachment")]
    PartiallyIndexed,
    /// Its text is encrypted: a hold with a query covers all such items of its mailboxes.
    Encrypted,
    /// It was sent in the hold's period.
    Sent {
        /// First instant of the period.
        since: Option<Instant>,
        /// First instant after it.
        until: Option<Instant>,
    },
    /// Its date is not known, and an unknown date is held.
    DateUnknown,
    /// The query asks for a party that the message does not name, and an unknown party is held.
    PartyUnknown,
    /// It is on the hold's list.
    Listed,
    /// The hold cannot be evaluated on it, and what cannot be evaluated is held.
    CannotEvaluate {
        /// Why not.
        value: String,
    },
}

impl Because {
    /// As a person reads it after "covered because".
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Mailbox { value } => format!("it is in the mailbox {value}"),
            Self::Query { value } => format!("it matches {value}"),
            Self::PartiallyIndexed => {
                "it has an attachment, and a hold with a query covers every such item of its mailboxes".to_owned()
            }
            Self::Encrypted => {
                "its text is encrypted, and a hold with a query covers every such item of its mailboxes".to_owned()
            }
            Self::Sent { since, until } => match (since, until) {
                (Some(since), Some(until)) => format!("it was sent from {since} until before {until}"),
                (Some(since), None) => format!("it was sent at or after {since}"),
                (None, Some(until)) => format!("it was sent before {until}"),
                (None, None) => "the hold has no period".to_owned(),
            },
            Self::DateUnknown => "its date is unknown, and an unknown date is held".to_owned(),
            Self::PartyUnknown => {
                "a party is not named that the query asks for, and an unknown party is held".to_owned()
            }
            Self::Listed => "it is on the list of the hold".to_owned(),
            Self::CannotEvaluate { value } => format!("the hold cannot be evaluated on it ({value}), so it holds"),
        }
    }
}

/// Whether a hold covers an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It does not.
    No,
    /// It does, for all of these reasons together.
    Yes(Vec<Because>),
}

/// An active hold, ready to be evaluated many times.
#[derive(Clone, Debug)]
pub struct ActiveHold<'a> {
    /// The hold.
    pub hold: &'a Hold,
    query: Option<Result<Expr, String>>,
}

impl<'a> ActiveHold<'a> {
    /// Prepares a hold. A scope that cannot be read is kept as "cannot be evaluated".
    #[must_use]
    pub fn new(hold: &'a Hold) -> Self {
        let scope = &hold.scope;
        let query = match (&scope.closed_query, scope.language) {
            (None, _) if scope.query.is_none() => None,
            (None, _) => Some(Err("its query was not closed when it was placed".to_owned())),
            (Some(_), version) if version > query::LANGUAGE_VERSION => {
                Some(Err(format!("its query is in version {version} of the language, newer than this program")))
            }
            (Some(json), _) => {
                Some(serde_json::from_str(json).map_err(|e| format!("its stored query is damaged: {e}")))
            }
        };
        Self { hold, query }
    }

    /// The hold's closed query, if it has one that can be read.
    #[must_use]
    pub fn expr(&self) -> Option<&Expr> {
        self.query.as_ref().and_then(|query| query.as_ref().ok())
    }

    /// Whether evaluating it on an item needs the message's words.
    #[must_use]
    pub fn needs_facts(&self) -> bool {
        self.query.is_some()
    }

    /// What an item of `mailbox` is covered for, as far as the scope alone says it.
    #[must_use]
    pub fn rules(&self, mailbox: &MailboxName) -> Vec<Because> {
        let scope = &self.hold.scope;
        let mut because = vec![Because::Mailbox { value: mailbox.clone() }];
        if scope.ids.is_some() {
            because.push(Because::Listed);
        }
        if scope.since.is_some() || scope.until.is_some() {
            because.push(Because::Sent { since: scope.since, until: scope.until });
        }
        match &self.query {
            None => {}
            Some(Ok(_)) => because.push(Because::Query { value: scope.query.clone().unwrap_or_default() }),
            Some(Err(why)) => because.push(Because::CannotEvaluate { value: why.clone() }),
        }
        because
    }

    /// Whether this hold covers the item now: not if it was released.
    #[must_use]
    pub fn covers(&self, item: &Subject<'_>) -> Coverage {
        if self.hold.is_active() { self.scope_covers(item) } else { Coverage::No }
    }

    /// Whether the hold's scope covers the item, released or not.
    #[must_use]
    pub fn scope_covers(&self, item: &Subject<'_>) -> Coverage {
        let scope = &self.hold.scope;
        if !scope.mailboxes.contains(item.mailbox) {
            return Coverage::No;
        }
        let mut because = vec![Because::Mailbox { value: item.mailbox.clone() }];
        if let Some(ids) = &scope.ids {
            if !ids.contains(&item.id) {
                return Coverage::No;
            }
            because.push(Because::Listed);
        }
        if scope.since.is_some() || scope.until.is_some() {
            match item.sent {
                None => because.push(Because::DateUnknown),
                Some(at) if scope.since.is_some_and(|since| at < since) => return self.partial_or_no(item, because),
                Some(at) if scope.until.is_some_and(|until| at >= until) => return self.partial_or_no(item, because),
                Some(_) => because.push(Because::Sent { since: scope.since, until: scope.until }),
            }
        }
        match (&self.query, item.facts) {
            (None, _) => {}
            (Some(Err(why)), _) => because.push(Because::CannotEvaluate { value: why.clone() }),
            (Some(Ok(_)), None) => {
                because.push(Because::CannotEvaluate { value: "the message's file cannot be read".to_owned() });
            }
            (Some(Ok(expr)), Some(facts)) => {
                let seen = Item { facts, mailbox: item.mailbox, marks: &Marks::NONE };
                if query::certainly(expr, &seen) {
                    because.push(Because::Query { value: scope.query.clone().unwrap_or_default() });
                } else if !item.partially_indexed && query::covers(expr, &seen) {
                    unknown(expr, &seen, &mut because);
                } else {
                    return self.partial_or_no(item, because);
                }
            }
        }
        Coverage::Yes(because)
    }

    /// A hold with a query also holds every item of its mailboxes with an attachment or an encrypted text, outside its query
    /// and date range too.
    fn partial_or_no(&self, item: &Subject<'_>, mut because: Vec<Because>) -> Coverage {
        if item.partially_indexed && self.query.is_some() {
            let encrypted = item.facts.is_some_and(|facts| facts.encrypted && !facts.has_attachment);
            because.push(if encrypted { Because::Encrypted } else { Because::PartiallyIndexed });
            return Coverage::Yes(because);
        }
        Coverage::No
    }
}

/// Why a query that an item does not certainly match may yet match: the date or a party that it asks for is not known.
fn unknown(expr: &Expr, item: &Item<'_>, because: &mut Vec<Because>) {
    expr.leaves(&mut |leaf, _| {
        let alone = Expr::Leaf(leaf.clone());
        if !query::covers(&alone, item) || query::certainly(&alone, item) {
            return;
        }
        let reason = if matches!(leaf, Leaf::Time { .. }) { Because::DateUnknown } else { Because::PartyUnknown };
        if !because.contains(&reason) {
            because.push(reason);
        }
    });
}
