//! Which rules are about an item, which of them win, what they beat, and when.

use crate::{
    Result,
    archive::Archive,
    governance::{Applied, Blocker, BlockerKind, Labelled, Level, Rule, Rules, Verdict, decide},
    index::HitRecord,
    model::{Instant, MailboxName, MessageId, Period, PeriodStart, Right, period::NEVER},
    query::Facts,
};
use serde::Serialize;

/// A rule and what it says of one item.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// `minimum`, `policy`, `label`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why it is about the item.
    pub because: String,
    /// Whether it is a locked policy.
    pub locked: bool,
    /// What it counts from.
    pub from: PeriodStart,
    /// When that was.
    pub start: Option<Instant>,
    /// How long it keeps.
    pub keep: Option<Period>,
    /// Until when that is; `None` beside a period: the start is not known, so it is kept.
    pub keep_until: Option<Instant>,
    /// What comes of that.
    pub keep_outcome: Option<String>,
    /// After how long it deletes.
    pub delete_after: Option<Period>,
    /// From when the item is due by it.
    pub delete_at: Option<Instant>,
    /// What comes of that.
    pub delete_outcome: Option<String>,
}

/// What all rules together say of one item.
#[derive(Clone, Debug, Serialize)]
pub struct ItemRetention {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// Whether it is among the recoverable items.
    pub recoverable: bool,
    /// Its label.
    pub label: Option<String>,
    /// Policies that are about it.
    pub policies: Vec<String>,
    /// Until when it is kept; `None`: nothing keeps it, or `kept_for_ever`.
    pub keep_until: Option<Instant>,
    /// A date that a rule counts from is not known, so that the item is kept for ever.
    pub kept_for_ever: bool,
    /// The rule that keeps it longest.
    pub kept_by: Option<String>,
    /// From when it is due; until it goes it may be hidden.
    pub delete_at: Option<Instant>,
    /// The rule by which it is due.
    pub due_by: Option<String>,
    /// When it goes, but for holds.
    pub gone_at: Option<Instant>,
    /// `kept`, `free`, `hidden until …`, `due`, as a word: `kept`, `free`, `hides`, `due`.
    pub standing: &'static str,
    /// Each rule.
    pub rules: Vec<RuleRow>,
    /// Holds that keep it as well.
    pub holds: Vec<Blocker>,
}

/// Which rules are about a message's items.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionExplanation {
    /// The message.
    pub id: MessageId,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// When it was archived.
    pub imported: Option<Instant>,
    /// Each of its items.
    pub items: Vec<ItemRetention>,
}

/// The retention of a message in short: of its items the label, every policy, the last date, the first date.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionField {
    /// The label that one of its items has.
    pub label: Option<String>,
    /// The policies of its mailboxes.
    pub policies: Vec<String>,
    /// Until when one of its items is kept.
    pub keep_until: Option<Instant>,
    /// One of its items is kept for ever, because its date is not known.
    pub kept_for_ever: bool,
    /// From when the first of its items is due.
    pub delete_at: Option<Instant>,
}

impl Archive {
    /// Which rules are about a message's items, and which win.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind), [`ErrorKind::Ambiguous`](crate::ErrorKind).
    pub fn explain_retention(&self, id: &str) -> Result<RetentionExplanation> {
        self.may_read(Right::SeeHolds, "retention.explain", id)?;
        let record = self.find_message(id)?;
        let facts = self.facts_of(&record).ok();
        let rules = self.rules();
        let mailboxes = self.state.mailboxes_of(record.ordinal.0);
        let items = mailboxes.map(|mailbox| self.item_retention(&record, mailbox, facts.as_ref(), &rules)).collect();
        let imported = self.state.imported_at(record.ordinal.0);
        Ok(RetentionExplanation { id: record.id, sent: record.sent, imported, items })
    }

    /// The same in short; `None` where no rule is about any item.
    pub(in crate::archive) fn retention_field(
        &self,
        record: &HitRecord,
        facts: Option<&Facts>,
    ) -> Option<RetentionField> {
        let rules = self.rules();
        let mut field = RetentionField {
            label: None,
            policies: Vec::new(),
            keep_until: None,
            kept_for_ever: false,
            delete_at: None,
        };
        let mut any = false;
        for mailbox in self.state.mailboxes_of(record.ordinal.0) {
            let item = self.item_retention(record, mailbox, facts, &rules);
            any |= !item.rules.is_empty();
            field.label = field.label.or(item.label);
            field.policies.extend(item.policies);
            field.keep_until = field.keep_until.max(item.keep_until);
            field.kept_for_ever |= item.kept_for_ever;
            field.delete_at = [field.delete_at, item.delete_at].into_iter().flatten().min();
        }
        field.policies.sort();
        field.policies.dedup();
        if field.kept_for_ever {
            field.keep_until = None;
        }
        any.then_some(field)
    }

    fn item_retention(
        &self,
        record: &HitRecord,
        mailbox: &MailboxName,
        facts: Option<&Facts>,
        rules: &Rules<'_>,
    ) -> ItemRetention {
        let subject = self.subject(record, mailbox, facts);
        let verdict = rules.retention.verdict(&subject.life());
        let blockers = decide(&subject, rules).into_blockers();
        let name = |applied: Applied<'_>| applied.rule.name().to_owned();
        let named = |of: fn(&Rule<'_>) -> bool| {
            verdict.applied.iter().filter(|one| of(&one.rule)).map(|one| name(*one)).collect::<Vec<_>>()
        };
        let labels = named(|rule| matches!(rule, Rule::Label(_, Labelled::Manually(_) | Labelled::Automatically)));
        let kept = verdict.keep_until().is_some_and(|until| rules.now < until);
        let due = verdict.delete_at().is_some_and(|at| at <= rules.now);
        let boxes = self.state.boxes.get(mailbox);
        ItemRetention {
            mailbox: mailbox.clone(),
            recoverable: boxes.is_some_and(|boxes| boxes.recoverable.contains(record.ordinal.0)),
            label: labels.into_iter().next(),
            policies: named(|rule| matches!(rule, Rule::Policy(_))),
            keep_until: verdict.keep_until().filter(|until| *until < NEVER),
            kept_for_ever: verdict.keep_until() == Some(NEVER),
            kept_by: verdict.kept_by.map(name),
            delete_at: verdict.delete_at().filter(|at| *at < NEVER),
            due_by: verdict.due_by.map(name),
            gone_at: verdict.gone_at().filter(|at| *at < NEVER),
            standing: match (kept, due) {
                (true, true) => "hides",
                (true, false) => "kept",
                (false, true) => "due",
                (false, false) => "free",
            },
            rules: verdict.applied.iter().map(|one| row(one, &verdict)).collect(),
            holds: blockers.into_iter().filter(|by| by.kind != BlockerKind::Retention).collect(),
        }
    }
}

fn row(one: &Applied<'_>, verdict: &Verdict<'_>) -> RuleRow {
    let terms = one.rule.terms();
    RuleRow {
        kind: match one.rule {
            Rule::Floor(_) => "minimum",
            Rule::Policy(_) => "policy",
            Rule::Label(..) => "label",
        },
        id: one.rule.id().to_owned(),
        name: one.rule.name().to_owned(),
        because: because(one),
        locked: matches!(one.rule, Rule::Policy(policy) if policy.locked.is_some()),
        from: terms.from,
        start: one.start,
        keep: terms.keep,
        keep_until: one.keep_until.filter(|until| *until < NEVER),
        keep_outcome: terms.keep.map(|_| keep_outcome(one, verdict)),
        delete_after: terms.delete(),
        delete_at: one.delete_at.filter(|at| *at < NEVER),
        delete_outcome: terms.delete().map(|_| delete_outcome(one, verdict)),
    }
}

fn because(one: &Applied<'_>) -> String {
    match one.rule {
        Rule::Floor(_) => "it is in this archive".to_owned(),
        Rule::Policy(policy) if policy.scope.all => "the policy is for all mailboxes".to_owned(),
        Rule::Policy(policy) => {
            let groups: Vec<&str> = policy.scope.groups.keys().map(String::as_str).collect();
            match policy.scope.mailboxes.is_empty() {
                true => format!("its mailbox is one of {}", groups.join(", ")),
                false => "the policy names its mailbox".to_owned(),
            }
        }
        Rule::Label(_, Labelled::Manually(used)) => {
            format!("{} put it on {}: {}", used.applied.by, used.applied.at, used.applied.reason)
        }
        Rule::Label(label, how) => {
            let query = label.auto.as_ref().map_or("", |rule| rule.query.as_str());
            match how {
                Labelled::Perhaps => format!("it may match {query}, which asks for what is not known of it"),
                _ => format!("it matches {query}"),
            }
        }
    }
}

fn keep_outcome(one: &Applied<'_>, verdict: &Verdict<'_>) -> String {
    let others = || verdict.applied.iter().filter(|other| other.rule != one.rule && other.keep_until.is_some());
    match verdict.kept_by {
        Some(winner) if winner.rule == one.rule => {
            let beaten: Vec<&str> = others().map(|other| other.rule.name()).collect();
            match beaten.is_empty() {
                true => "wins: it alone keeps".to_owned(),
                false => format!("wins over {}: the longest retention wins", beaten.join(", ")),
            }
        }
        Some(winner) if winner.keep_until == one.keep_until => format!("ends with {}", winner.rule.name()),
        Some(winner) => format!("{} keeps longer", winner.rule.name()),
        None => String::new(),
    }
}

fn delete_outcome(one: &Applied<'_>, verdict: &Verdict<'_>) -> String {
    let Some(winner) = verdict.due_by else {
        return match one.delete_at {
            None => "no date: what it counts from is not known".to_owned(),
            Some(_) => "no date: a rule that goes before it has none".to_owned(),
        };
    };
    if winner.rule == one.rule {
        let others = verdict.applied.iter().filter(|other| other.rule != one.rule);
        let beaten: Vec<&str> =
            others.filter(|other| other.rule.terms().delete().is_some()).map(|other| other.rule.name()).collect();
        let why = match one.rule.level() {
            Level::Label => "a label goes before every policy",
            Level::Named => {
                "a policy that names the mailbox goes before one for all, and the shortest wins among equals"
            }
            Level::All | Level::Floor => "the shortest wins among equals",
        };
        return match beaten.is_empty() {
            true => "wins: it alone deletes".to_owned(),
            false => format!("wins over {}: {why}", beaten.join(", ")),
        };
    }
    let (name, own, its) = (winner.rule.name(), one.rule.level(), winner.rule.level());
    match own.cmp(&its) {
        std::cmp::Ordering::Less if its == Level::Label => format!("{name} goes before it: it is a label"),
        std::cmp::Ordering::Less => format!("{name} goes before it: it names the mailbox"),
        std::cmp::Ordering::Equal if own == Level::Label => {
            format!("{name} is later, and which label it has is not known")
        }
        std::cmp::Ordering::Equal => format!("{name} is shorter"),
        std::cmp::Ordering::Greater => format!("{name} is later, and whether it has this label is not known"),
    }
}
