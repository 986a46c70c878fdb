//! Why a search finds nothing: which part, which two parts together, which word, which period, which mailboxes.
//!
//! Contract: hints, each with exact counts of messages; nothing is searched instead of what was asked for. For every zero there is
//! a remark about the query, a count of its parts, or a hint. Bounded: so many parts, words and suggestions as limits say.

use super::{
    Asked,
    reasons::{Found, Reason},
};
use crate::{
    Result,
    archive::Archive,
    model::Instant,
    query::{self, Expr, Leaf},
};
use serde::Serialize;

/// Parts of which every two are tried together: fifteen pairs.
const PAIRED_PARTS: usize = 6;

/// How many messages a part of a query matches by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartCount {
    /// The part.
    pub part: String,
    /// Messages.
    pub messages: u64,
}

/// Why there may be nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NothingFound {
    /// Parts that match by themselves, and never both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub empty_pairs: Vec<PairCount>,
    /// What is found nowhere, and what looks like it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// Phrases whose words stand in messages, but not in a row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scattered: Vec<PartCount>,
    /// What there is instead of what a part asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What matches without the condition on time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_times: Option<OtherTimes>,
    /// Messages that match in all mailboxes, where only some were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_mailboxes: Option<u64>,
    /// Messages that might match: some of their text could not be read.
    pub partially_indexed: u64,
}

/// Two parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PairCount {
    /// The parts.
    pub parts: [String; 2],
}

/// A word or person that is not where it was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The condition that finds nothing.
    pub part: String,
    /// The word of it, folded; with a `*` if it is only a beginning.
    pub word: String,
    /// The property that it was looked for in; none: anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Messages that have it somewhere else.
    pub elsewhere: u64,
    /// What looks like it.
    pub instead: Vec<NearName>,
    /// Users of the directory who are called so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<NearUser>,
    /// Users who are called so too and are not listed.
    #[serde(skip_serializing_if = "is_none_left")]
    pub more_users: u64,
    /// Not every word of the index was looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

fn is_none_left(number: &u64) -> bool {
    *number == 0
}

/// A user of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearUser {
    /// The display name.
    pub name: Option<String>,
    /// The address.
    pub email: String,
    /// The condition that means this user, whatever the messages call them.
    pub query: String,
    /// Messages that it finds.
    pub messages: u64,
}

/// A word or name that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearName {
    /// The word.
    pub word: String,
    /// Messages that have it.
    pub messages: u64,
}

/// What matches at other times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OtherTimes {
    /// Messages.
    pub messages: u64,
    /// The earliest.
    pub first: Option<Instant>,
    /// The latest.
    pub last: Option<Instant>,
}

impl Archive {
    /// Looks for the reason.
    pub(super) fn why_nothing(
        &self,
        asked: &Asked,
        selected: bool,
        partially_indexed: u64,
    ) -> Result<(Vec<PartCount>, Option<NothingFound>)> {
        let parts = query::conditions(&asked.expr);
        let mut counts = Vec::new();
        for (part, expr) in &parts {
            counts.push(PartCount { part: part.clone(), messages: self.count(expr, asked)? });
        }
        let mut nothing = NothingFound {
            empty_pairs: self.empty_pairs(&parts, &counts, asked)?,
            other_times: self.other_times(&parts, asked)?,
            partially_indexed,
            ..NothingFound::default()
        };
        if selected {
            let everywhere = self.select_mailboxes(&[])?;
            let found = self.answer(&asked.expr, &everywhere, false)?.messages.len();
            nothing.other_mailboxes = Some(found).filter(|found| *found > 0);
        }
        let empty = parts.iter().zip(&counts).filter(|(_, count)| count.messages == 0);
        for ((_, expr), _) in empty {
            self.suggest(expr, asked, &mut nothing)?;
            self.reasons(expr, asked, &mut nothing.reasons)?;
        }
        self.at_least_one(&asked.expr, asked, &mut nothing);
        if counts.len() < 2 {
            counts.clear();
        }
        Ok((counts, Some(nothing)))
    }

    /// Of a query with one part there is no count to read, so there is a sentence.
    fn at_least_one(&self, expr: &Expr, asked: &Asked, nothing: &mut NothingFound) {
        let said = !nothing.suggestions.is_empty() || !nothing.scattered.is_empty() || !nothing.reasons.is_empty();
        let found = match (self.visible(&asked.mailboxes).is_empty(), expr) {
            (true, _) => Found::NoMessages,
            // A remark about the query says why it can match nothing; several parts are counted one by one.
            (false, Expr::Nothing | Expr::And(_)) => return,
            (false, _) if said || nothing.other_times.is_some() => return,
            (false, _) => Found::NoMatch,
        };
        nothing.reasons.push(Reason { part: query::describe(expr), found });
    }

    pub(super) fn count(&self, expr: &Expr, asked: &Asked) -> Result<u64> {
        Ok(self.answer(expr, &asked.mailboxes, false)?.messages.len())
    }

    fn empty_pairs(&self, parts: &[(String, Expr)], counts: &[PartCount], asked: &Asked) -> Result<Vec<PairCount>> {
        let mut empty = Vec::new();
        let found: Vec<_> = parts.iter().zip(counts).filter(|(_, count)| count.messages > 0).collect();
        if parts.len() < 3 || found.len() > PAIRED_PARTS {
            return Ok(empty);
        }
        for (at, ((one, a), _)) in found.iter().enumerate() {
            for ((other, b), _) in found.iter().skip(at + 1) {
                if self.count(&Expr::and(vec![a.clone(), b.clone()]), asked)? == 0 {
                    empty.push(PairCount { parts: [one.clone(), other.clone()] });
                }
            }
        }
        Ok(empty)
    }

    fn other_times(&self, parts: &[(String, Expr)], asked: &Asked) -> Result<Option<OtherTimes>> {
        let (times, others): (Vec<_>, Vec<_>) = parts.iter().partition(|(_, expr)| is_time(expr));
        if times.is_empty() {
            return Ok(None);
        }
        let others = Expr::and(others.into_iter().map(|(_, expr)| expr.clone()).collect());
        let found = self.answer(&others, &asked.mailboxes, false)?.messages;
        if found.is_empty() {
            return Ok(None);
        }
        let dates: Vec<Instant> = self.dates_of(&found)?.into_iter().filter_map(|(_, sent)| sent).collect();
        let (first, last) = (dates.iter().min().copied(), dates.iter().max().copied());
        Ok(Some(OtherTimes { messages: found.len(), first, last }))
    }
}

/// Whether it is nothing but conditions on time.
fn is_time(expr: &Expr) -> bool {
    let (mut any, mut all) = (false, true);
    expr.leaves(&mut |leaf, _| {
        any = true;
        all &= matches!(leaf, Leaf::Time { .. });
    });
    any && all
}
