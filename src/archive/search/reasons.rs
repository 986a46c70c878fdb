//! What there is instead of what a condition asks for that no message meets.
//!
//! Contract: exact counts of messages among the mailboxes that are searched. Bounded: [`REASONS`] conditions, and for each
//! [`LISTED`] values; how many more there are is said.

use super::{Asked, nothing::PartCount};
use crate::{
    Result,
    archive::Archive,
    model::{MailboxName, MessageKind, SourceKind},
    query::{self, Expr, Gap, Leaf, Near},
};
use serde::Serialize;

/// Conditions that are looked into: each takes a few searches.
const REASONS: usize = 10;
/// Values that are listed beside one that no message has.
const LISTED: usize = 8;

/// Why a condition finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The condition.
    pub part: String,
    /// What there is.
    #[serde(flatten)]
    pub found: Found,
}

/// What there is instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Found {
    /// There are messages, but none matches.
    NoMatch,
    /// There are no messages in the mailboxes that were searched.
    NoMessages,
    /// What was to stand near each other.
    Near {
        /// Each by itself.
        operands: Vec<PartCount>,
        /// Messages that have all of them.
        together: u64,
        /// Where an order was asked for: messages in which they stand that near in another one.
        in_another_order: u64,
    },
    /// The values that messages have.
    Values {
        /// The commonest.
        values: Vec<PartCount>,
        /// How many more there are.
        more: u64,
    },
    /// The sizes that messages have, in bytes.
    Sizes {
        /// The smallest.
        smallest: u64,
        /// The largest.
        largest: u64,
    },
    /// A run of import that archived none of these messages.
    Run {
        /// Its id.
        run: String,
    },
    /// A folder in which nothing is.
    Folder {
        /// Its name.
        folder: &'static str,
    },
}

impl Archive {
    /// Looks into the conditions of a part that finds nothing.
    pub(super) fn reasons(&self, part: &Expr, asked: &Asked, reasons: &mut Vec<Reason>) -> Result<()> {
        let mut leaves: Vec<&Leaf> = Vec::new();
        part.leaves(&mut |leaf, positive| {
            if positive && !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        });
        for leaf in leaves {
            if reasons.len() >= REASONS {
                break;
            }
            if let Some(found) = self.reason(leaf, asked)? {
                let part = query::describe(&Expr::Leaf(leaf.clone()));
                // Two conditions on one property would list the same values twice.
                if !reasons.iter().any(|known| known.part == part || known.found == found) {
                    reasons.push(Reason { part, found });
                }
            }
        }
        Ok(())
    }

    fn reason(&self, leaf: &Leaf, asked: &Asked) -> Result<Option<Found>> {
        Ok(match leaf {
            Leaf::Near(near) => Some(self.apart(near, asked)?),
            Leaf::Size { .. } => self.sizes_there(asked)?,
            Leaf::Source(_) => {
                let all = SourceKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), Leaf::Source(kind)));
                Some(self.values(all, asked)?)
            }
            Leaf::Kind(_) => {
                let all = MessageKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), Leaf::Kind(kind)));
                Some(self.values(all, asked)?)
            }
            Leaf::Lang(_) => {
                let all = query::languages_known().map(|code| (code.to_owned(), Leaf::Lang(code.to_owned())));
                Some(self.values(all, asked)?)
            }
            Leaf::Mailbox { value, .. } => Some(self.mailboxes_there(value, asked)),
            Leaf::Ordinals { from, until } => {
                let is = |run: &&crate::model::Run| (run.first_ordinal, run.next_ordinal) == (*from, *until);
                let run = self.state.runs.values().filter(is).max_by_key(|run| run.first_seq);
                run.map(|run| Found::Run { run: run.id.to_string() })
            }
            Leaf::Recoverable(true) => Some(Found::Folder { folder: "Deletions" }),
            Leaf::Recoverable(false) => Some(Found::Folder { folder: "WhatsApp Archiver" }),
            _ => None,
        })
    }

    /// Each operand by itself, all of them, and all of them that near in any order.
    fn apart(&self, near: &Near, asked: &Asked) -> Result<Found> {
        let alone = |operand: &Vec<query::Row>| {
            Expr::Leaf(Leaf::Near(Near { operands: vec![operand.clone()], gaps: Vec::new() }))
        };
        let each: Vec<Expr> = near.operands.iter().map(alone).collect();
        let mut operands = Vec::with_capacity(each.len());
        for expr in &each {
            operands.push(PartCount { part: query::describe(expr), messages: self.count(expr, asked)? });
        }
        let gaps = near.gaps.iter().map(|gap| Gap { ordered: false, ..*gap }).collect();
        let any_order = Expr::Leaf(Leaf::Near(Near { operands: near.operands.clone(), gaps }));
        let ordered = near.gaps.iter().any(|gap| gap.ordered);
        let in_another_order = if ordered { self.count(&any_order, asked)? } else { 0 };
        Ok(Found::Near { operands, together: self.count(&Expr::and(each), asked)?, in_another_order })
    }

    fn sizes_there(&self, asked: &Asked) -> Result<Option<Found>> {
        let visible = self.visible(&asked.mailboxes);
        let mut sizes: Option<(u64, u64)> = None;
        let mut take = |ordinal: u32, size: u64| {
            if visible.contains(ordinal) {
                let (smallest, largest) = sizes.unwrap_or((size, size));
                sizes = Some((smallest.min(size), largest.max(size)));
            }
        };
        if let Some(index) = &self.index {
            index.columns()?.iter().for_each(|row| take(row.ordinal.0, row.size));
        }
        self.tail.iter().for_each(|(_, message)| take(message.ordinal.0, message.size));
        Ok(sizes.map(|(smallest, largest)| Found::Sizes { smallest, largest }))
    }

    fn values(&self, all: impl Iterator<Item = (String, Leaf)>, asked: &Asked) -> Result<Found> {
        let mut values = Vec::new();
        for (part, leaf) in all {
            let messages = self.count(&Expr::Leaf(leaf), asked)?;
            if messages > 0 {
                values.push(PartCount { part, messages });
            }
        }
        Ok(commonest(values))
    }

    /// The mailboxes whose address has the value in it, else all.
    fn mailboxes_there(&self, value: &str, asked: &Asked) -> Found {
        let messages = |mailbox: &MailboxName| self.state.boxes.get(mailbox).map_or(0, |boxes| boxes.present().len());
        let row = |mailbox: &MailboxName| PartCount { part: mailbox.to_string(), messages: messages(mailbox) };
        let like: Vec<PartCount> =
            asked.mailboxes.iter().filter(|mailbox| mailbox.as_str().contains(value)).map(row).collect();
        commonest(if like.is_empty() { asked.mailboxes.iter().map(row).collect() } else { like })
    }
}

fn commonest(mut values: Vec<PartCount>) -> Found {
    values.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.part.cmp(&b.part)));
    let more = values.len().saturating_sub(LISTED) as u64;
    values.truncate(LISTED);
    Found::Values { values, more }
}
