//! Which messages, and which of their items, match an expression: index, tail and state brought together.

use super::{Archive, attribution::Stored, contents::searchable};
use crate::{
    Error, ErrorKind, Result,
    index::{self, Env},
    model::{HoldId, LabelId, MailboxName, Message, event::Archived, limits},
    query::{self, Expr, Facts, Item, Leaf, Marks, Warning, WarningCode},
    state::Boxes,
};
use roaring::RoaringBitmap;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// A query that was parsed and closed.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) expr: Expr,
    pub(super) warnings: Vec<Warning>,
    /// Properties that were looked up in the archive: what they mean may change.
    pub(super) named: Vec<&'static str>,
}

/// What matches.
#[derive(Clone, Debug, Default)]
pub(super) struct Matched {
    /// Messages of which at least one item matches.
    pub(super) messages: RoaringBitmap,
    /// The items that match, by mailbox.
    pub(super) items: BTreeMap<MailboxName, RoaringBitmap>,
}

/// What matches, counted.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// Messages of which at least one item matches.
    pub(super) messages: RoaringBitmap,
    /// How many items match.
    pub(super) items: u64,
    /// Which, where that differs from mailbox to mailbox; else all of the messages.
    by_mailbox: Option<BTreeMap<MailboxName, RoaringBitmap>>,
}

impl Matched {
    pub(super) fn item_count(&self) -> u64 {
        self.items.values().map(RoaringBitmap::len).sum()
    }
}

impl Archive {
    /// Parses a query and closes it with the clock and the user directory.
    pub(super) fn prepare(&self, text: &str) -> Result<Prepared> {
        let parsed = query::parse(text).map_err(|e| e.to_error(text))?;
        let known = self.known_names();
        let resolved = query::resolve(&parsed.expr, &known.context(self)).map_err(|e| e.to_error(text))?;
        let mut warnings = parsed.warnings;
        warnings.extend(resolved.warnings);
        warnings.sort_by_key(|warning| warning.span);
        Ok(Prepared { expr: resolved.expr, warnings, named: resolved.named })
    }

    /// What is odd about a query, as a search says it; nothing of one that cannot be understood.
    #[must_use]
    pub fn lints(&self, text: &str) -> Vec<Warning> {
        self.prepare(text).map(|prepared| prepared.warnings).unwrap_or_default()
    }

    /// Parses and closes the query of a command that writes: one that means every message must say so.
    pub(super) fn prepare_to_write(&self, text: &str) -> Result<Prepared> {
        let prepared = self.prepare(text)?;
        if prepared.expr == Expr::All {
            return Err(Error::new(ErrorKind::Usage, "an empty query means every message; nothing was changed")
                .with_hint("write 'kind:externaldata' if that is meant"));
        }
        Ok(prepared)
    }

    /// The same for what deletes, binds or hands over: a query that may mean something else than it seems is refused.
    pub(super) fn prepare_strictly(&self, text: &str) -> Result<Prepared> {
        let prepared = self.prepare_to_write(text)?;
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
        self.not_behind(complete)?;
        self.asked(expr, mailboxes, Question::Hits)
    }

    /// How many items match, and which messages. Where a message is a hit in every mailbox that has it, the items of each
    /// mailbox are counted and not listed.
    pub(super) fn answer(&self, expr: &Expr, mailboxes: &[MailboxName], complete: bool) -> Result<Answer> {
        self.not_behind(complete)?;
        if query::is_of_item(expr) {
            let matched = self.asked(expr, mailboxes, Question::Hits)?;
            return Ok(Answer {
                items: matched.item_count(),
                messages: matched.messages,
                by_mailbox: Some(matched.items),
            });
        }
        let found = self.asked_once(expr, mailboxes, Question::Hits)?;
        let boxes = || mailboxes.iter().filter_map(|mailbox| self.state.boxes.get(mailbox));
        let items =
            boxes().map(|boxes| boxes.live.intersection_len(&found) + boxes.recoverable.intersection_len(&found));
        let items = items.sum();
        let messages = match self.are_all(mailboxes) {
            true => self.state.present_of(found),
            false => boxes()
                .fold(RoaringBitmap::new(), |all, boxes| all | (&boxes.live & &found) | (&boxes.recoverable & &found)),
        };
        Ok(Answer { messages, items, by_mailbox: None })
    }

    /// Whether an item is part of an answer.
    pub(super) fn is_in(&self, answer: &Answer, mailbox: &MailboxName, ordinal: u32) -> bool {
        let has = || self.state.boxes.get(mailbox).is_some_and(|boxes| boxes.has(ordinal));
        match &answer.by_mailbox {
            Some(items) => items.get(mailbox).is_some_and(|items| items.contains(ordinal)),
            None => answer.messages.contains(ordinal) && has(),
        }
    }

    /// The messages with text that could not be read which are no hits and may be: they may be missing from an answer.
    pub(super) fn unsure_messages(
        &self,
        expr: &Expr,
        mailboxes: &[MailboxName],
        hits: &RoaringBitmap,
    ) -> Result<RoaringBitmap> {
        if !index::may_be_unsure(expr) {
            return Ok(RoaringBitmap::new());
        }
        if !self.are_all(mailboxes) || query::is_of_item(expr) {
            return Ok(self.asked(expr, mailboxes, Question::Unsure)?.messages - hits);
        }
        Ok(self.state.present_of(self.asked_once(expr, mailboxes, Question::Unsure)?) - hits)
    }

    /// Whether these are all mailboxes that have something.
    fn are_all(&self, mailboxes: &[MailboxName]) -> bool {
        self.state.boxes.keys().all(|mailbox| mailboxes.contains(mailbox))
    }

    /// The items in `mailboxes` with text that could not be read which match or may match: what is not in `hits` of them may
    /// be missing from an answer.
    pub(super) fn unsure(&self, expr: &Expr, mailboxes: &[MailboxName], hits: &Matched) -> Result<Matched> {
        let mut unsure = self.asked(expr, mailboxes, Question::Unsure)?;
        for (mailbox, items) in &mut unsure.items {
            if let Some(hits) = hits.items.get(mailbox) {
                *items -= hits;
            }
        }
        unsure.items.retain(|_, items| !items.is_empty());
        unsure.messages = RoaringBitmap::new();
        unsure.items.values().for_each(|items| unsure.messages |= items);
        // A message of which one item is a hit is found.
        unsure.messages -= &hits.messages;
        Ok(unsure)
    }

    /// Refuses to answer from an index that is behind, where the answer must not lack anything.
    fn not_behind(&self, complete: bool) -> Result<()> {
        if complete && self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        Ok(())
    }

    /// A question that does not speak of items: the answer is the same in every mailbox, so it is put to one of them.
    fn asked_once(&self, expr: &Expr, mailboxes: &[MailboxName], question: Question) -> Result<RoaringBitmap> {
        let first = mailboxes.iter().find_map(|mailbox| Some((mailbox, self.state.boxes.get(mailbox)?)));
        let Some((mailbox, boxes)) = first else { return Ok(RoaringBitmap::new()) };
        let env = self.env(expr, boxes, mailbox, (&BTreeMap::new(), &BTreeMap::new()));
        self.messages_matching(expr, mailbox, &env, question)
    }

    fn asked(&self, expr: &Expr, mailboxes: &[MailboxName], question: Question) -> Result<Matched> {
        let of_item = query::is_of_item(expr);
        let once = (!of_item).then(|| self.asked_once(expr, mailboxes, question)).transpose()?;
        let holds = self.covered_by_holds_of(expr)?;
        let labels = self.items_of_labels_in(expr)?;
        let every = !of_item && self.are_all(mailboxes);
        let mut matched = Matched::default();
        for mailbox in mailboxes {
            let Some(boxes) = self.state.boxes.get(mailbox) else { continue };
            let messages = match &once {
                Some(messages) => Cow::Borrowed(messages),
                // Each mailbox has its own answer, which is not kept: thousands of them are gigabytes.
                None => {
                    let env = self.env(expr, boxes, mailbox, (&holds, &labels));
                    let bound = query::bind_mailbox(expr, mailbox);
                    Cow::Owned(self.messages_matching(&bound, mailbox, &env, question)?)
                }
            };
            let mut items = &boxes.live & &*messages;
            if !boxes.recoverable.is_empty() {
                items |= &boxes.recoverable & &*messages;
            }
            if items.is_empty() {
                continue;
            }
            if !every {
                matched.messages |= &items;
            }
            matched.items.insert(mailbox.clone(), items);
        }
        if every {
            matched.messages = self.state.present_of(once.unwrap_or_default());
        }
        Ok(matched)
    }

    /// What the holds cover that the expression speaks of.
    fn covered_by_holds_of(&self, expr: &Expr) -> Result<BTreeMap<HoldId, Matched>> {
        let mut ids = BTreeSet::new();
        expr.leaves(&mut |leaf, _| {
            if let Leaf::Hold(id) = leaf {
                ids.insert(id.clone());
            }
        });
        let holds = ids.into_iter().filter_map(|id| self.state.holds.get(&id).map(|hold| (id, hold)));
        holds.map(|(id, hold)| Ok((id, self.covered(hold)?))).collect()
    }

    /// What is known of messages in one mailbox beside the index.
    fn env<'a>(
        &'a self,
        expr: &Expr,
        boxes: &'a Boxes,
        mailbox: &MailboxName,
        (holds, labels): (&BTreeMap<HoldId, Matched>, &BTreeMap<LabelId, Matched>),
    ) -> Env<'a> {
        let mut tags = BTreeMap::new();
        expr.leaves(&mut |leaf, _| {
            if let Leaf::Tag(tag) = leaf
                && let Some((_, messages)) = self.state.tag(tag)
            {
                tags.insert(tag.clone(), Cow::Borrowed(messages));
            }
        });
        let covered =
            |(id, matched): (&HoldId, &Matched)| (id.clone(), matched.items.get(mailbox).cloned().unwrap_or_default());
        Env {
            deleted: Cow::Borrowed(&self.state.deleted),
            edited: Cow::Borrowed(&self.state.edited),
            recoverable: Cow::Borrowed(&boxes.recoverable),
            tags,
            holds: holds.iter().map(covered).collect(),
            labels: labels
                .iter()
                .map(|(id, matched)| (id.clone(), matched.items.get(mailbox).cloned().unwrap_or_default()))
                .collect(),
        }
    }

    /// Messages that match an expression that is bound to a mailbox.
    fn messages_matching(
        &self,
        expr: &Expr,
        mailbox: &MailboxName,
        env: &Env<'_>,
        question: Question,
    ) -> Result<RoaringBitmap> {
        let mut found = match (&self.index, question) {
            (Some(index), Question::Hits) => index.bitmap(expr, env)?,
            (Some(index), Question::Unsure) => index.unsure(expr, env)?,
            (None, _) => RoaringBitmap::new(),
        };
        for (ordinal, facts) in self.tail_facts() {
            let marks = marks(*ordinal, env);
            let item = Item { facts, mailbox, marks: &marks };
            let answer = match question {
                Question::Hits => query::hits(expr, &item),
                Question::Unsure => !facts.unread.is_empty() && query::may_hit(expr, &item),
            };
            if answer {
                found.insert(*ordinal);
            } else {
                found.remove(*ordinal);
            }
        }
        Ok(found)
    }

    /// What is searchable of the messages that are not indexed yet.
    fn tail_facts(&self) -> &[(u32, Facts)] {
        self.tail.facts(|archived| {
            let message = self.understand(archived).ok()?;
            Some(searchable(&self.vault, &Stored::of(archived), &message))
        })
    }

    /// Reads a message's file and understands it again.
    pub(super) fn understand(&self, message: &Archived) -> Result<Message> {
        self.understand_message(&Stored::of(message))
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

/// What is asked of each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// Does it match?
    Hits,
    /// Has it unread text, and may it match?
    Unsure,
}

/// The marks of one message, out of the bitmaps.
fn marks(ordinal: u32, env: &Env<'_>) -> Marks {
    let tagged = env.tags.iter().filter(|(_, messages)| messages.contains(ordinal)).map(|(tag, _)| tag.clone());
    let labelled = env.labels.iter().filter(|(_, items)| items.contains(ordinal)).map(|(id, _)| id.clone());
    let held = env.holds.iter().filter(|(_, items)| items.contains(ordinal)).map(|(id, _)| id.clone());
    Marks {
        ordinal,
        is_deleted: env.deleted.contains(ordinal),
        is_edited: env.edited.contains(ordinal),
        recoverable: env.recoverable.contains(ordinal),
        tags: tagged.collect(),
        holds: held.collect(),
        labels: labelled.collect(),
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
