//! What a hold covers: its scope as a predicate over one item.

use super::{Blocker, BlockerKind};
use crate::{
    model::{Binding, Hold, HoldKind, HoldScope, Instant, LabelUse, MailboxName, MessageId, Period, PeriodStart},
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
    /// When it was archived; `None` also where no rule asks.
    pub imported: Option<Instant>,
    /// The retention label that somebody put on it.
    pub label: Option<&'a LabelUse>,
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
    /// Somebody put a retention label on it.
    Labelled,
    /// It may match the query of a retention label, and what may match is kept.
    MayMatch {
        /// The query as it was typed.
        value: String,
    },
    /// A retention period runs.
    Kept {
        /// What it is counted from.
        from: PeriodStart,
        /// When that was.
        start: Instant,
        /// How long it is kept from then.
        keep: Period,
    },
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
            Self::Labelled => "somebody put the label on it".to_owned(),
            Self::MayMatch { value } => {
                format!("it may match {value}, which asks for what is not known of it, and what may match is kept")
            }
            Self::Kept { from, start, keep } => match from {
                PeriodStart::Sent => format!("it was sent {start}, and is kept {keep} from then"),
                PeriodStart::Imported => format!("it was archived {start}, and is kept {keep} from then"),
            },
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
        Self { hold, query: meaning(&hold.scope) }
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
            Some(Ok(_)) => because.push(Because::Query { value: scope.asked().unwrap_or_default() }),
            Some(Err(why)) => because.push(Because::CannotEvaluate { value: why.clone() }),
        }
        because
    }

    /// What blocks the item's deletion at `now` because of this hold; `None`: nothing.
    #[must_use]
    pub fn blocks(&self, item: &Subject<'_>, now: Instant) -> Option<Blocker> {
        let binding = self.hold.binding(now)?;
        let Coverage::Yes(because) = self.covers_at(item, now) else { return None };
        let own_end = self.own_end(item);
        let delay_end = match binding {
            Binding::Active => None,
            Binding::Delay(until) => Some(until),
        };
        let until = [own_end, delay_end].into_iter().flatten().min();
        Some(self.blocker(binding, because, until))
    }

    /// When a hold of so many days lets go of an item by itself; `None`: it does not, an unknown date is held.
    fn own_end(&self, item: &Subject<'_>) -> Option<Instant> {
        let (days, sent) = (self.hold.days?, item.sent?);
        Some(Instant(sent.0.saturating_add(i64::from(days) * Instant::DAY_MS)))
    }

    /// Items of a known date that were sent before this are past the days of the hold at `now`; `None`: it has no days.
    #[must_use]
    pub fn holds_from(&self, now: Instant) -> Option<Instant> {
        let days = self.hold.days?;
        Some(Instant(now.0.saturating_sub(i64::from(days) * Instant::DAY_MS).saturating_add(1)))
    }

    /// Whether it covers the item at `now`: its scope does, and the item is not past its days. Released or not.
    #[must_use]
    pub fn covers_at(&self, item: &Subject<'_>, now: Instant) -> Coverage {
        if self.own_end(item).is_some_and(|end| now >= end) {
            return Coverage::No;
        }
        match self.scope_covers(item) {
            Coverage::Yes(mut because) if self.hold.days.is_some() && item.sent.is_none() => {
                because.push(Because::DateUnknown);
                Coverage::Yes(because)
            }
            covered => covered,
        }
    }

    /// This hold as something that blocks.
    #[must_use]
    pub fn blocker(&self, binding: Binding, because: Vec<Because>, until: Option<Instant>) -> Blocker {
        let hold = self.hold;
        let (kind, ends_when) = match (binding, hold.kind) {
            (Binding::Delay(_), _) => {
                (BlockerKind::DelayHold, "the delay after the release is over, or somebody ends it".to_owned())
            }
            (Binding::Active, HoldKind::Case) => (BlockerKind::Hold, "the hold is released (no end date)".to_owned()),
            (Binding::Active, HoldKind::Litigation) => (
                BlockerKind::LitigationHold,
                match hold.days {
                    Some(days) => format!("{days} days after the item's own date, or when the hold is released"),
                    None => "the hold is released (no end date)".to_owned(),
                },
            ),
        };
        Blocker {
            kind,
            id: hold.id.0.clone(),
            name: hold.name.clone(),
            case: hold.case.clone(),
            placed_at: hold.placed_at,
            placed_by: hold.placed_by.clone(),
            reason: hold.reason.clone(),
            because,
            until,
            ends_when,
        }
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
                    because.push(Because::Query { value: scope.asked().unwrap_or_default() });
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
        // Of a conversation it is always known what belongs to it.
        let open = self.hold.scope.query.is_some() || matches!(self.query, Some(Err(_)));
        if item.partially_indexed && open {
            let encrypted = item.facts.is_some_and(|facts| facts.encrypted && !facts.has_attachment);
            because.push(if encrypted { Because::Encrypted } else { Because::PartiallyIndexed });
            return Coverage::Yes(because);
        }
        Coverage::No
    }
}

/// What a scope's query means: everything that it ever meant since it was placed. `None`: it has none.
fn meaning(scope: &HoldScope) -> Option<Result<Expr, String>> {
    let Some(closed) = &scope.closed_query else {
        let asks = scope.asked().is_some() || !scope.more_queries.is_empty();
        return asks.then(|| Err("its query was not closed when it was placed".to_owned()));
    };
    let (version, own) = (scope.language, query::LANGUAGE_VERSION);
    // There is one version so far. What an older one meant is evaluated beside what it means now once there are two.
    if version != own {
        return Some(Err(format!(
            "its query is in version {version} of the language, which this program (version {own}) does not know"
        )));
    }
    let read = |json: &String| serde_json::from_str(json).map_err(|e| format!("its stored query is damaged: {e}"));
    Some(std::iter::once(closed).chain(&scope.more_queries).map(read).collect::<Result<Vec<Expr>, _>>().map(Expr::or))
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
