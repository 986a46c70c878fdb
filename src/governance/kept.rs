//! A retention rule as something that blocks.

use super::{
    Because, Blocker, BlockerKind,
    retention::{Applied, Labelled, Life, Retention, Rule},
};
use crate::model::{Change, Instant, MailboxName, PeriodStart, period::NEVER};

impl<'a> Retention<'a> {
    /// Every rule that keeps the item at `now`.
    #[must_use]
    pub fn blockers(&self, life: &Life<'a>, now: Instant) -> Vec<Blocker> {
        let verdict = self.verdict(life);
        let keeping = verdict.applied.iter().filter(|one| one.keep_until.is_some_and(|until| now < until));
        keeping.map(blocker).collect()
    }
}

/// A rule that keeps items of a mailbox, each until its own date.
#[must_use]
pub fn keeps_in_mailbox(rule: Rule<'_>, mailbox: &MailboxName) -> Blocker {
    let applied = Applied { rule, start: None, keep_until: None, delete_at: None };
    let because = vec![Because::Mailbox { value: mailbox.clone() }];
    let ends_when = format!("each item's own period is over; {}", ends(&rule));
    Blocker { because, until: None, ends_when, ..blocker(&applied) }
}

fn blocker(applied: &Applied<'_>) -> Blocker {
    let Change { at, by, reason, .. } = placed(applied);
    let until = applied.keep_until.filter(|until| *until < NEVER);
    Blocker {
        kind: BlockerKind::Retention,
        id: applied.rule.id().to_owned(),
        name: applied.rule.name().to_owned(),
        case: None,
        placed_at: *at,
        placed_by: by.clone(),
        reason: reason.clone(),
        because: because(applied),
        until,
        ends_when: ends_when(applied, until.is_some()),
    }
}

/// Who is to be asked about the rule: who put the label on this item, else who last set the rule.
fn placed<'a>(applied: &Applied<'a>) -> &'a Change {
    match applied.rule {
        Rule::Floor(floor) => &floor.set,
        Rule::Policy(policy) => policy.edited.as_ref().unwrap_or(&policy.added),
        Rule::Label(_, Labelled::Manually(used)) => &used.applied,
        Rule::Label(label, _) => &label.added,
    }
}

fn because(applied: &Applied<'_>) -> Vec<Because> {
    let mut because = Vec::new();
    match applied.rule {
        Rule::Label(_, Labelled::Manually(_)) => because.push(Because::Labelled),
        Rule::Label(label, how) => {
            let value = label.auto.as_ref().map(|rule| rule.query.clone()).unwrap_or_default();
            because.push(match how {
                Labelled::Perhaps => Because::MayMatch { value },
                _ => Because::Query { value },
            });
        }
        Rule::Floor(_) | Rule::Policy(_) => {}
    }
    let terms = applied.rule.terms();
    match (applied.start, terms.keep) {
        (Some(start), Some(keep)) => because.push(Because::Kept { from: terms.from, start, keep }),
        _ => because.push(Because::DateUnknown),
    }
    because
}

/// What ends a rule before that.
fn ends(rule: &Rule<'_>) -> &'static str {
    match rule {
        Rule::Floor(_) => "nothing shortens the minimum retention of an archive",
        Rule::Policy(policy) if policy.locked.is_some() => "the policy is locked and cannot be shortened or removed",
        Rule::Policy(_) => "or the policy is shortened or removed, with a reason",
        Rule::Label(_, Labelled::Manually(_)) => "or another label takes its place, with a reason",
        Rule::Label(..) => "or somebody puts another label on it, with a reason",
    }
}

fn ends_when(applied: &Applied<'_>, by_itself: bool) -> String {
    let rule = ends(&applied.rule);
    match (by_itself, applied.rule.terms().from) {
        (true, _) => format!("its period is over; {rule}"),
        (false, PeriodStart::Sent) => format!("never by itself: its date is unknown; {rule}"),
        (false, PeriodStart::Imported) => {
            format!("never by itself: when it was archived is unknown; {rule}")
        }
    }
}
