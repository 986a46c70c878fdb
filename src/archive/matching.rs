//! Which messages, and which of their items, match an expression: index, tail and state brought together.

use super::{Archive, attribution::Stored};
use crate::{
    Error, ErrorKind, Result,
    index::Env,
    model::{MailboxName, Message, event::Archived, limits},
    query::{self, Context, Expr, Facts, Item, Warning, WarningCode},
};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// A query that was parsed and closed.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) expr: Expr,
    pub(super) warnings: Vec<Warning>,
}

/// What matches.
#[derive(Clone, Debug, Default)]
pub(super) struct Matched {
    /// Messages of which at least one item matches.
    pub(super) messages: RoaringBitmap,
    /// The items that match, by mailbox.
    pub(super) items: BTreeMap<MailboxName, RoaringBitmap>,
}

impl Matched {
    pub(super) fn item_count(&self) -> u64 {
        self.items.values().map(RoaringBitmap::len).sum()
    }
}

impl Archive {
    /// Parses a query and closes it with the clock and the user directory.
    pub(super) fn prepare(&self, text: &str) -> Result<Prepared> {
        let parsed = query::parse(text).map_err(|e| bad_query(text, &e))?;
        let users: Vec<_> = self.state.users.values().cloned().collect();
        let context = Context { now: self.clock.now(), users: &users, mapping: &self.state.mapping };
        let expr = query::resolve(&parsed.expr, &context);
        Ok(Prepared { expr, warnings: parsed.warnings })
    }

    /// The same for what deletes, binds or hands over: a query that may mean something else than it seems is refused.
    pub(super) fn prepare_strictly(&self, text: &str) -> Result<Prepared> {
        let prepared = self.prepare(text)?;
        let doubtful = |w: &&Warning| {
            matches!(
                w.code,
                WarningCode::SpaceAfterOperator | WarningCode::LowercaseOperator | WarningCode::StarIgnored
            )
        };
        match prepared.warnings.iter().find(doubtful) {
            None => Ok(prepared),
            Some(warning) => Err(Error::new(ErrorKind::BadQuery, format!("{}\n{text}", warning.message)).with_hint(
                "a search would only warn; what is deleted, held or exported must be written without doubt",
            )),
        }
    }

    /// The items in `mailboxes` that match, as of [`Self::as_of`]. `complete` refuses to answer behind.
    pub(super) fn matching(&self, expr: &Expr, mailboxes: &[MailboxName], complete: bool) -> Result<Matched> {
        if complete && self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let mut answers: Vec<(Expr, RoaringBitmap)> = Vec::new();
        let mut matched = Matched::default();
        for mailbox in mailboxes {
            let Some(boxes) = self.state.boxes.get(mailbox) else { continue };
            // Queries that do not speak of mailboxes are bound to one expression, and answered once.
            let bound = query::bind_mailbox(expr, mailbox);
            let at = match answers.iter().position(|(known, _)| *known == bound) {
                Some(at) => at,
                None => {
                    let bitmap = self.messages_matching(&bound)?;
                    answers.push((bound, bitmap));
                    answers.len() - 1
                }
            };
            let Some((_, messages)) = answers.get(at) else { continue };
            let items = boxes.present() & messages;
            if !items.is_empty() {
                matched.messages |= &items;
                matched.items.insert(mailbox.clone(), items);
            }
        }
        Ok(matched)
    }

    /// Messages that match an expression that does not speak of mailboxes.
    fn messages_matching(&self, expr: &Expr) -> Result<RoaringBitmap> {
        let env = Env { deleted: &self.state.deleted, edited: &self.state.edited };
        let mut found = match &self.index {
            Some(index) => index.bitmap(expr, &env)?,
            None => RoaringBitmap::new(),
        };
        // No mailbox leaf is left; any name does.
        let nobody =
            MailboxName::parse("nobody@archive.invalid").ok_or_else(|| Error::bug("a constant address is not one"))?;
        for (_, message) in self.tail.iter() {
            let ordinal = message.ordinal.0;
            let Ok((_, facts)) = self.understand(message) else { continue };
            let item = Item {
                facts: &facts,
                mailbox: &nobody,
                is_deleted: self.state.deleted.contains(ordinal),
                is_edited: self.state.edited.contains(ordinal),
            };
            if query::hits(expr, &item) {
                found.insert(ordinal);
            } else {
                found.remove(ordinal);
            }
        }
        Ok(found)
    }

    /// Reads a message's file and understands it again.
    pub(super) fn understand(&self, message: &Archived) -> Result<(Message, Facts)> {
        self.understand_stored(&Stored::of(message))
    }

    /// The mailboxes that a selection names; all that have items if it names none.
    pub(super) fn select_mailboxes(&self, selected: &[String]) -> Result<Vec<MailboxName>> {
        if selected.is_empty() {
            return Ok(self.state.boxes.keys().cloned().collect());
        }
        selected.iter().map(|name| self.mailbox(name)).collect()
    }

    /// A mailbox of the directory, or one that has items.
    pub(super) fn mailbox(&self, name: &str) -> Result<MailboxName> {
        let known = |m: &MailboxName| self.state.users.contains_key(m) || self.state.boxes.contains_key(m);
        MailboxName::parse(name).filter(known).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no mailbox {name}"))
                .with_hint("custodia user list shows them")
        })
    }
}

fn bad_query(text: &str, error: &query::QueryError) -> Error {
    let mut message = error.message.clone();
    message.push('\n');
    message.push_str(&error.caret(text));
    let details =
        serde_json::json!({"query": text, "span": [error.span.start, error.span.end], "message": error.message});
    let result = Error::new(ErrorKind::BadQuery, message).with_details(details);
    match &error.hint {
        Some(hint) => result.with_hint(hint.clone()),
        None => result,
    }
}

/// The answer would not be about everything that is archived.
pub(super) fn behind(messages: u64) -> Error {
    Error::new(
        ErrorKind::Behind,
        format!(
            "{messages} archived messages are not indexed yet, more than {} that can be read directly",
            limits::TAIL_EVAL_MESSAGES
        ),
    )
    .with_hint("wait for the import to finish, or run custodia rebuild --index")
    .with_details(serde_json::json!({ "behind": messages }))
}
