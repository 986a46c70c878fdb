//! What is due: shown for any date, planned for now.
//!
//! Contract: dates come out of the index only to leave out what cannot be due; whether an item is due, and whether it may
//! go, is the decision's alone. A run takes no date, makes a plan, and deletes nothing.

use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, PlanReport, case::checked_text, matching::behind},
    governance::{Due, Life, Rules, due},
    model::{
        Event, Instant, MailboxName, Ordinal, PlanBasis, Right,
        event::{BlockedBy, Disposal, ItemRef},
        limits,
    },
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;

/// Changes that are named one by one; more are counted.
const LISTED_CHANGES: usize = 20;

/// Items of one mailbox that one rule makes due.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DueRow {
    /// The id of the rule.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// The mailbox.
    pub mailbox: String,
    /// Items that are due.
    pub items: u64,
    /// Of these: nothing keeps them, they go.
    pub goes: u64,
    /// Of these: another rule keeps them still, they are only hidden until it ends.
    pub hides: u64,
    /// Of these: a hold keeps them, they stay where they are.
    pub blocked: u64,
    /// Bytes of the messages of those that go or are hidden.
    pub bytes: u64,
    /// When the oldest of them was sent.
    pub oldest: Option<Instant>,
    /// When the newest of them was sent.
    pub newest: Option<Instant>,
}

/// Something that happened since the last retention run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeSince {
    /// `policy added`, `label added`, `import`, …
    pub what: &'static str,
    /// The name of the rule, or the id of the run of import.
    pub name: String,
    /// When.
    pub at: Instant,
}

/// What is due at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionPreview {
    /// The moment.
    pub at: Instant,
    /// Items that are due and not hidden yet.
    pub items: u64,
    /// Of these: they go.
    pub goes: u64,
    /// Of these: they are only hidden.
    pub hides: u64,
    /// Of these: blocked.
    pub blocked: u64,
    /// By what.
    pub blocked_by: Vec<BlockedBy>,
    /// Items that are hidden already and whose time has come: they go with the recoverable items.
    pub recoverable: u64,
    /// By rule and mailbox.
    pub rows: Vec<DueRow>,
    /// When the last retention run was made; `None`: none was.
    pub last_run: Option<Instant>,
    /// What changed since.
    pub since: Vec<ChangeSince>,
    /// Changes that are not listed.
    pub more_changes: u64,
    /// Of the due items: archived since the last run.
    pub newly_archived: u64,
}

/// A plan over what is due.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionRun {
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanReport,
    /// What it is made of.
    pub due: RetentionPreview,
}

/// The rules of one mailbox.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageRow {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// Its items.
    pub items: u64,
    /// The policies that name it.
    pub named: Vec<String>,
    /// The policies for all mailboxes.
    pub all: Vec<String>,
    /// Items with a label that somebody put on.
    pub labelled: u64,
    /// Whether any policy is about it.
    pub covered: bool,
}

impl Archive {
    /// What would go or be hidden at a moment, if nothing changes until then. Recorded as a read.
    ///
    /// # Errors
    /// The index cannot be read, or is too far behind.
    pub fn retention_preview(&mut self, at: Option<Instant>) -> Result<RetentionPreview> {
        self.may(Right::Retention, "retention.preview", "")?;
        let preview = self.scan(&self.rules_at(at.unwrap_or(self.clock.now())), &mut |_| ())?;
        let RetentionPreview { at, items, blocked, .. } = preview;
        self.record_read(Event::RetentionPreviewed { at, items, blocked });
        Ok(preview)
    }

    /// Makes a deletion plan over what is due now. Nothing is deleted.
    ///
    /// # Errors
    /// [`ErrorKind::ClockSuspect`], [`ErrorKind::Damaged`]; [`ErrorKind::NotFound`] when nothing is due; the journal
    /// cannot be written.
    pub fn retention_run(&mut self, reason: &str, dry_run: bool) -> Result<RetentionRun> {
        self.may(Right::Retention, "retention.run", "")?;
        let reason = checked_text("the reason", reason)?;
        // A rule that another process made since is in force.
        self.record(Vec::new())?;
        self.may_dispose()?;
        let mut items = Vec::new();
        let due = self.scan(&self.rules(), &mut |item| items.push(item))?;
        if items.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "nothing is due; there is nothing to plan")
                .with_hint("custodia retention preview --at DATE shows what will be"));
        }
        let plan = self.plan_items(items, "due by retention", &reason, PlanBasis::Retention, dry_run)?;
        Ok(RetentionRun { plan, due })
    }

    /// Which policies each mailbox has. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotAllowed`].
    pub fn retention_coverage(&self) -> Result<Vec<CoverageRow>> {
        self.may_read(Right::SeeHolds, "retention.coverage", "")?;
        let rules = self.rules();
        let row = |mailbox: &MailboxName| {
            let (mut named, mut all) = (Vec::new(), Vec::new());
            for policy in rules.retention.policies(mailbox) {
                (if policy.scope.all { &mut all } else { &mut named }).push(policy.name.clone());
            }
            CoverageRow {
                mailbox: mailbox.clone(),
                items: self.state.boxes.get(mailbox).map_or(0, |boxes| boxes.present().len()),
                covered: !named.is_empty() || !all.is_empty(),
                labelled: self.state.schedule.manual_items(mailbox, None).len(),
                named,
                all,
            }
        };
        Ok(self.every_mailbox().into_iter().map(row).collect())
    }

    /// Goes through every item that may be due; hands over those that are and still lie in their mailbox.
    fn scan(&self, rules: &Rules<'_>, each: &mut dyn FnMut(ItemRef)) -> Result<RetentionPreview> {
        let last_run = self.last_retention_run();
        let (since, more_changes) = self.changes_since(last_run);
        let mut seen = Seen { last_run, ..Seen::default() };
        let candidates = self.candidates(rules)?;
        let mut ordinals = RoaringBitmap::new();
        candidates.values().for_each(|items| ordinals |= items);
        for chunk in ordinals.iter().map(Ordinal).collect::<Vec<_>>().chunks(limits::BATCH_MESSAGES) {
            for record in self.records(chunk)? {
                let mut facts = None;
                let mut read = false;
                for (mailbox, _) in candidates.iter().filter(|(_, items)| items.contains(record.ordinal.0)) {
                    // The words of a message are read when a label's query, or a hold on what is due, asks for them.
                    if rules.retention.needs_facts() && !read {
                        (facts, read) = (self.facts_of(&record).ok(), true);
                    }
                    let Some(due) = due(&self.subject(&record, mailbox, facts.as_ref()), rules) else { continue };
                    let item = ItemRef { ordinal: record.ordinal, id: record.id, mailbox: mailbox.clone() };
                    if !self.state.boxes.get(mailbox).is_some_and(|boxes| boxes.live.contains(record.ordinal.0)) {
                        seen.recoverable += u64::from(!due.hide_only);
                        continue;
                    }
                    if rules.needs_facts() && !read {
                        (facts, read) = (self.facts_of(&record).ok(), true);
                    }
                    let subject = self.subject(&record, mailbox, facts.as_ref());
                    let basis = PlanBasis::Retention;
                    let blockers = match self.may_go(&record, &subject, &basis, Disposal::Recoverable, rules) {
                        Ok(_) => Vec::new(),
                        Err(kept) => kept.into_blockers(),
                    };
                    let blocking = blockers.into_iter().map(|by| (by.kind.as_str(), by.name)).collect();
                    seen.note(&due, mailbox, record.size, record.sent, subject.imported, blocking);
                    each(item);
                }
            }
        }
        Ok(seen.preview(rules.now, since, more_changes))
    }

    /// The items that may be due for their dates, by mailbox.
    fn candidates(&self, rules: &Rules<'_>) -> Result<BTreeMap<MailboxName, RoaringBitmap>> {
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        let dates = self.dates()?;
        let mut candidates = BTreeMap::new();
        for (mailbox, boxes) in &self.state.boxes {
            let may_be_due = |ordinal: &u32| {
                let sent = dates.get(*ordinal as usize).copied().flatten();
                let imported = self.state.imported_at(*ordinal);
                rules.retention.may_be_due(&Life { mailbox, sent, imported, label: None, facts: None }, rules.now)
            };
            let items: RoaringBitmap = boxes.present().iter().filter(may_be_due).collect();
            if !items.is_empty() {
                candidates.insert(mailbox.clone(), items);
            }
        }
        Ok(candidates)
    }

    fn last_retention_run(&self) -> Option<Instant> {
        let plans = self.state.plans.values().map(|plan| &plan.plan);
        plans.filter(|plan| plan.basis == PlanBasis::Retention).map(|plan| plan.created).max()
    }

    /// What changed what is due since a moment, newest first: rules, and what was imported.
    fn changes_since(&self, last: Option<Instant>) -> (Vec<ChangeSince>, u64) {
        let schedule = &self.state.schedule;
        let mut changes = Vec::new();
        let mut note = |what, name: &str, at: Option<Instant>| {
            if let Some(at) = at.filter(|at| last.is_none_or(|last| *at > last)) {
                changes.push(ChangeSince { what, name: name.to_owned(), at });
            }
        };
        for policy in schedule.policies.values() {
            note("policy added", &policy.name, Some(policy.added.at));
            note("policy edited", &policy.name, policy.edited.as_ref().map(|change| change.at));
            note("policy removed", &policy.name, policy.removed.as_ref().map(|change| change.at));
        }
        for label in schedule.labels.values() {
            note("label added", &label.name, Some(label.added.at));
        }
        for used in &schedule.uses {
            let name = schedule.labels.get(&used.label).map_or("", |label| label.name.as_str());
            note("label applied", name, Some(used.applied.at));
        }
        for run in self.state.runs.values().filter(|run| run.balance.items.imported > 0) {
            note("import", &run.id.0, Some(run.finished.unwrap_or(run.started)));
        }
        changes.sort_by(|a, b| (b.at, &a.name).cmp(&(a.at, &b.name)));
        let more = changes.len().saturating_sub(LISTED_CHANGES) as u64;
        changes.truncate(LISTED_CHANGES);
        (changes, more)
    }
}

/// What is counted while the items go by.
#[derive(Default)]
struct Seen {
    rows: BTreeMap<(String, MailboxName), DueRow>,
    blocked_by: BTreeMap<(&'static str, String), u64>,
    recoverable: u64,
    last_run: Option<Instant>,
    newly_archived: u64,
}

impl Seen {
    fn note(
        &mut self,
        due: &Due,
        mailbox: &MailboxName,
        size: u64,
        sent: Option<Instant>,
        imported: Option<Instant>,
        blocking: Vec<(&'static str, String)>,
    ) {
        let row = self.rows.entry((due.rule.clone(), mailbox.clone())).or_insert_with(|| DueRow {
            rule: due.rule.clone(),
            name: due.name.clone(),
            mailbox: mailbox.to_string(),
            ..DueRow::default()
        });
        row.items += 1;
        let kind = match (blocking.is_empty(), due.hide_only) {
            (false, _) => &mut row.blocked,
            (true, true) => &mut row.hides,
            (true, false) => &mut row.goes,
        };
        *kind += 1;
        if blocking.is_empty() {
            row.bytes += size;
        }
        row.oldest = [row.oldest, sent].into_iter().flatten().min();
        row.newest = [row.newest, sent].into_iter().flatten().max();
        for by in blocking {
            *self.blocked_by.entry(by).or_default() += 1;
        }
        self.newly_archived += u64::from(self.last_run.is_none_or(|last| imported.is_none_or(|at| at > last)));
    }

    fn preview(self, at: Instant, since: Vec<ChangeSince>, more_changes: u64) -> RetentionPreview {
        let rows: Vec<DueRow> = self.rows.into_values().collect();
        let sum = |of: fn(&DueRow) -> u64| rows.iter().map(of).sum();
        RetentionPreview {
            at,
            items: sum(|row| row.items),
            goes: sum(|row| row.goes),
            hides: sum(|row| row.hides),
            blocked: sum(|row| row.blocked),
            blocked_by: self
                .blocked_by
                .into_iter()
                .map(|((kind, name), items)| BlockedBy { kind: kind.to_owned(), name, items })
                .collect(),
            recoverable: self.recoverable,
            rows,
            last_run: self.last_run,
            since,
            more_changes,
            newly_archived: self.newly_archived,
        }
    }
}
