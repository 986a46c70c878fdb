//! Labels: made once, put on items by hand or by their own query.
//!
//! Contract: a label's terms never change, so that nothing that has it is kept shorter than it was. Another label may take
//! its place, or none, with a reason; what is kept shorter by that is counted and said.

use super::{checked_terms, free_name, no_label, rule_name, stamp};
use crate::{
    Error, ErrorKind, Result,
    archive::{
        Archive, Selection,
        case::checked_text,
        hold::mutable,
        tag::{in_lines, shortened},
    },
    model::{AutoRule, Event, Label, LabelId, MailboxName, Period, Right, Schedule, Terms},
    query,
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;

/// A label that shall be made.
#[derive(Clone, Debug)]
pub struct LabelRequest {
    /// Its name.
    pub name: String,
    /// For how long.
    pub terms: Terms,
    /// What it puts itself on.
    pub auto: Option<String>,
    /// Why.
    pub reason: String,
}

/// A label and what has it now.
#[derive(Clone, Debug, Serialize)]
pub struct LabelRow {
    /// The label.
    #[serde(flatten)]
    pub label: Label,
    /// After how long a deletion is due by it.
    pub deletes_after: Option<Period>,
    /// Its query as it is evaluated.
    pub closed_query: Option<String>,
    /// Items that somebody put it on.
    pub by_hand: u64,
    /// Items that it put itself on.
    pub automatically: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// What putting a label on items, or taking it off, came to.
#[derive(Clone, Debug, Serialize)]
pub struct LabelReport {
    /// The label; `None` when labels were taken off.
    pub label: Option<String>,
    /// Items that were selected.
    pub matched: u64,
    /// Items that got the label, or lost one.
    pub changed: u64,
    /// Items of the selection that had it already, or had none.
    pub unchanged: u64,
    /// Items whose own label another took the place of.
    pub replaced: u64,
    /// Items that their label keeps shorter now, or not any more.
    pub shortened: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Archive {
    /// Makes a label.
    ///
    /// # Errors
    /// A name that is taken, terms that say nothing, a query that may mean something else later; the journal cannot be
    /// written.
    pub fn add_label(&mut self, request: &LabelRequest, dry_run: bool) -> Result<LabelRow> {
        self.may(Right::Retention, "retention.label.add", &request.name)?;
        let (name, reason) = (rule_name(&request.name)?, checked_text("the reason", &request.reason)?);
        checked_terms(&request.terms)?;
        let auto = request.auto.as_deref().map(|text| self.auto_rule(text)).transpose()?;
        let (now, archive, by) = (self.clock.now(), self.meta.id.clone(), self.actor.label().to_owned());
        let label = self.transact(|state, seq| {
            free_name(state, &name)?;
            let added = stamp(state, now, &by, &reason, seq);
            let label = Label { id: LabelId::made(&archive, seq), name, terms: request.terms, auto, added };
            let event = Event::LabelAdded { label: Box::new(label.clone()) };
            Ok((if dry_run { vec![] } else { vec![event] }, label))
        })?;
        self.label_row(&label, dry_run)
    }

    /// A query, closed as that of a hold is.
    fn auto_rule(&self, text: &str) -> Result<AutoRule> {
        let prepared = self.prepare_strictly(text)?;
        let refused = mutable(&prepared);
        if !refused.is_empty() {
            let message = format!("the query of a label cannot use {}: it may change later", refused.join(", "));
            return Err(Error::new(ErrorKind::Usage, message)
                .with_hint("put the label on by hand: custodia retention label apply NAME KQL --reason TEXT"));
        }
        let closed_query =
            serde_json::to_string(&prepared.expr).map_err(|e| Error::bug(format!("a query cannot be written: {e}")))?;
        Ok(AutoRule { query: text.to_owned(), closed_query, language: query::LANGUAGE_VERSION })
    }

    /// Puts a label on items by hand: a label that they have makes room for it.
    ///
    /// # Errors
    /// A bad query or id; [`ErrorKind::NotFound`] when there is no such label, or nothing matches; the journal cannot be
    /// written.
    pub fn apply_label(
        &mut self,
        name: &str,
        selection: &Selection,
        mailboxes: &[String],
        reason: &str,
        dry_run: bool,
    ) -> Result<LabelReport> {
        self.may(Right::Retention, "retention.label.apply", name)?;
        let label = self.state.label(name).ok_or_else(|| no_label(name))?.clone();
        self.relabel(Some(&label), selection, mailboxes, reason, dry_run)
    }

    /// Takes the labels off that somebody put on items.
    ///
    /// # Errors
    /// As [`Self::apply_label`].
    pub fn clear_labels(
        &mut self,
        selection: &Selection,
        mailboxes: &[String],
        reason: &str,
        dry_run: bool,
    ) -> Result<LabelReport> {
        self.may(Right::Retention, "retention.label.clear", "")?;
        self.relabel(None, selection, mailboxes, reason, dry_run)
    }

    fn relabel(
        &mut self,
        label: Option<&Label>,
        selection: &Selection,
        mailboxes: &[String],
        reason: &str,
        dry_run: bool,
    ) -> Result<LabelReport> {
        let reason = checked_text("the reason", reason)?;
        let selected = self.selected_ordinals(selection, mailboxes)?;
        let query = shortened(&selection.label());
        self.transact(|state, _| {
            let mut report = LabelReport {
                label: label.map(|label| label.name.clone()),
                matched: 0,
                changed: 0,
                unchanged: 0,
                replaced: 0,
                shortened: 0,
                dry_run,
            };
            let mut events = Vec::new();
            for (mailbox, mut items) in selected {
                items &= &state.boxes.get(&mailbox).map(crate::state::Boxes::present).unwrap_or_default();
                let changing = report.count(&state.schedule, &mailbox, items, label);
                for items in in_lines(&changing) {
                    let (query, reason, mailbox) = (query.clone(), reason.clone(), mailbox.clone());
                    events.push(match label {
                        Some(label) => Event::LabelApplied { label: label.id.clone(), query, reason, mailbox, items },
                        None => Event::LabelCleared { query, reason, mailbox, items },
                    });
                }
            }
            if report.matched == 0 {
                return Err(Error::new(ErrorKind::NotFound, "no item matches; nothing was changed")
                    .with_hint("custodia search shows what a query matches"));
            }
            Ok((if dry_run { vec![] } else { events }, report))
        })
    }

    /// Every label, in the order of their making. Recorded.
    ///
    /// # Errors
    /// What they put themselves on cannot be counted.
    pub fn labels(&self) -> Result<Vec<LabelRow>> {
        self.may_read(Right::SeeHolds, "retention.label.list", "")?;
        let mut labels: Vec<&Label> = self.state.schedule.labels.values().collect();
        labels.sort_by_key(|label| label.added.seq);
        labels.into_iter().map(|label| self.label_row(label, false)).collect()
    }

    /// One label. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; what it puts itself on cannot be counted.
    pub fn label(&self, name: &str) -> Result<LabelRow> {
        self.may_read(Right::SeeHolds, "retention.label.show", name)?;
        self.label_row(self.state.label(name).ok_or_else(|| no_label(name))?, false)
    }

    fn label_row(&self, label: &Label, dry_run: bool) -> Result<LabelRow> {
        let [by_hand, automatically] = self.labelled_items(label)?;
        let count = |items: &BTreeMap<MailboxName, RoaringBitmap>| items.values().map(RoaringBitmap::len).sum();
        let closed = label.auto.as_ref().and_then(|rule| serde_json::from_str::<query::Expr>(&rule.closed_query).ok());
        Ok(LabelRow {
            deletes_after: label.terms.delete(),
            closed_query: closed.as_ref().map(query::explain),
            by_hand: count(&by_hand),
            automatically: count(&automatically),
            label: label.clone(),
            dry_run,
        })
    }
}

impl LabelReport {
    /// Counts the items of a mailbox, and returns those that change.
    fn count(
        &mut self,
        schedule: &Schedule,
        mailbox: &MailboxName,
        items: RoaringBitmap,
        label: Option<&Label>,
    ) -> RoaringBitmap {
        let mut changing = RoaringBitmap::new();
        for other in schedule.labels.values().filter(|other| label.is_none_or(|label| label.id != other.id)) {
            let had = schedule.manual_items(mailbox, Some(&other.id)) & &items;
            let shorter = label.is_none_or(|label| !label.terms.no_shorter_than(&other.terms));
            if shorter && other.terms.keep.is_some() {
                self.shortened += had.len();
            }
            if label.is_some() {
                self.replaced += had.len();
            }
            changing |= had;
        }
        if label.is_some() {
            changing |= &items - &schedule.manual_items(mailbox, None);
        }
        self.matched += items.len();
        self.changed += changing.len();
        self.unchanged += items.len() - changing.len();
        changing
    }
}
