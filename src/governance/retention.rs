//! Retention: until when an item is kept, and from when it is due. Pure: item, schedule and clock are arguments.
//!
//! Contract: *keep until* and *delete at* are worked out by themselves. Retention wins over deletion, and of several the
//! longest. For the date of deletion alone a label goes before a policy that names the mailbox, that before a policy for
//! all mailboxes, and among equals the shortest wins. An item goes at the later of the two dates; from *delete at* until
//! then it may only be hidden. **Fail closed**: an unknown date is kept and never due; a label whose query may match keeps
//! as if it did, and the item is due only when it would be due with and without it.

use super::Subject;
use crate::{
    model::{
        Floor, Instant, Label, LabelUse, MailboxName, PeriodStart, Policy, Schedule, Terms,
        period::{NEVER, Period},
    },
    query::{self, Expr, Facts, Item, Marks},
};
use std::collections::{BTreeSet, HashMap};

/// What of an item a period is counted from, and what decides which rules are about it.
#[derive(Clone, Copy, Debug)]
pub struct Life<'a> {
    /// The mailbox.
    pub mailbox: &'a MailboxName,
    /// When the message was sent.
    pub sent: Option<Instant>,
    /// When it was archived.
    pub imported: Option<Instant>,
    /// The label that somebody put on it.
    pub label: Option<&'a LabelUse>,
    /// The message's words; `None` if its file cannot be read, or no rule asks for them.
    pub facts: Option<&'a Facts>,
}

impl<'a> Subject<'a> {
    /// What retention needs of the item.
    #[must_use]
    pub fn life(&self) -> Life<'a> {
        let Self { mailbox, sent, imported, label, facts, .. } = *self;
        Life { mailbox, sent, imported, label, facts }
    }
}

/// How an item came by a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelled<'a> {
    /// Somebody put it on.
    Manually(&'a LabelUse),
    /// It matches the label's query.
    Automatically,
    /// It may match the label's query; what that asks for is not known of it.
    Perhaps,
}

/// A rule that is about an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule<'a> {
    /// The floor of the archive.
    Floor(&'a Floor),
    /// A policy of its mailbox.
    Policy(&'a Policy),
    /// A label of its own.
    Label(&'a Label, Labelled<'a>),
}

/// For the date of deletion: the explicit goes before the implicit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The floor deletes nothing.
    Floor,
    /// A policy for all mailboxes.
    All,
    /// A policy that names the mailbox or a group that it is in.
    Named,
    /// A label.
    Label,
}

impl<'a> Rule<'a> {
    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> Terms {
        match self {
            Self::Floor(floor) => Terms {
                keep: Some(floor.keep),
                then: crate::model::Then::Keep,
                delete_after: None,
                from: PeriodStart::Sent,
            },
            Self::Policy(policy) => policy.terms,
            Self::Label(label, _) => label.terms,
        }
    }

    /// Where it stands for the date of deletion.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Self::Floor(_) => Level::Floor,
            Self::Policy(policy) if policy.scope.all => Level::All,
            Self::Policy(_) => Level::Named,
            Self::Label(..) => Level::Label,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::Floor(_) => FLOOR_NAME,
            Self::Policy(policy) => &policy.name,
            Self::Label(label, _) => &label.name,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &'a str {
        match self {
            Self::Floor(_) => FLOOR_ID,
            Self::Policy(policy) => &policy.id.0,
            Self::Label(label, _) => &label.id.0,
        }
    }
}

/// How the floor is called where a rule is named.
pub const FLOOR_NAME: &str = "minimum retention of the archive";
/// How the floor is called where a rule has an id.
pub const FLOOR_ID: &str = "minimum_retention";

/// A rule and what it says of one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Applied<'a> {
    /// The rule.
    pub rule: Rule<'a>,
    /// What it counts from; `None`: that is not known of the item.
    pub start: Option<Instant>,
    /// Until when it keeps the item: [`NEVER`] where the start is not known; `None`: it keeps nothing.
    pub keep_until: Option<Instant>,
    /// From when the item is due by it; `None`: never, or the start is not known.
    pub delete_at: Option<Instant>,
}

impl<'a> Applied<'a> {
    fn to(rule: Rule<'a>, life: &Life<'_>) -> Self {
        let terms = rule.terms();
        let start = match terms.from {
            PeriodStart::Sent => life.sent,
            PeriodStart::Imported => life.imported,
        };
        let end = |period: Period| start.map(|start| period.end_from(start));
        Self {
            rule,
            start,
            keep_until: terms.keep.map(|keep| end(keep).unwrap_or(NEVER)),
            delete_at: terms.delete().and_then(end),
        }
    }
}

/// What all rules together say of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// Every rule that is about it: floor, policies, labels.
    pub applied: Vec<Applied<'a>>,
    /// The rule that keeps it longest.
    pub kept_by: Option<Applied<'a>>,
    /// The rule by which it is due, and when; `None`: never.
    pub due_by: Option<Applied<'a>>,
}

impl Verdict<'_> {
    /// Until when the item is kept; `None`: nothing keeps it.
    #[must_use]
    pub fn keep_until(&self) -> Option<Instant> {
        self.kept_by.and_then(|applied| applied.keep_until)
    }

    /// From when it is due, hidden at first where it is still kept.
    #[must_use]
    pub fn delete_at(&self) -> Option<Instant> {
        self.due_by.and_then(|applied| applied.delete_at)
    }

    /// When it goes for good.
    #[must_use]
    pub fn gone_at(&self) -> Option<Instant> {
        self.delete_at().map(|at| self.keep_until().map_or(at, |kept| kept.max(at)))
    }
}

/// An item whose date of deletion has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Since when.
    pub at: Instant,
    /// The id of the rule by which it is due.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// It is still kept by another rule: it may be hidden, and not yet go.
    pub hide_only: bool,
}

/// A label that puts itself on items.
#[derive(Clone, Debug)]
struct Auto<'a> {
    label: &'a Label,
    /// `None`: its query cannot be read, so that it may match anything.
    query: Option<Expr>,
}

/// The retention schedule, ready to be asked many times. What is the same for a whole mailbox is looked up once for it.
#[derive(Clone, Debug)]
pub struct Retention<'a> {
    schedule: &'a Schedule,
    /// Of the mailboxes that some policy names or excepts.
    named: HashMap<&'a MailboxName, Vec<&'a Policy>>,
    /// Of every other mailbox.
    all: Vec<&'a Policy>,
    /// Oldest first.
    auto: Vec<Auto<'a>>,
}

impl<'a> Retention<'a> {
    /// Prepares a schedule.
    #[must_use]
    pub fn new(schedule: &'a Schedule) -> Self {
        let active: Vec<&Policy> = schedule.active_policies().collect();
        let covering = |mailbox| active.iter().copied().filter(|policy| policy.scope.covers(mailbox)).collect();
        let named: BTreeSet<&MailboxName> = active.iter().flat_map(|policy| policy.scope.named()).collect();
        let mut auto: Vec<Auto<'_>> = schedule.labels.values().filter_map(Auto::of).collect();
        auto.sort_by_key(|auto| auto.label.added.seq);
        Self {
            schedule,
            named: named.into_iter().map(|mailbox| (mailbox, covering(mailbox))).collect(),
            all: active.iter().copied().filter(|policy| policy.scope.all).collect(),
            auto,
        }
    }

    /// Whether it asks for the words of a message.
    #[must_use]
    pub fn needs_facts(&self) -> bool {
        !self.auto.is_empty()
    }

    /// The policies of a mailbox.
    #[must_use]
    pub fn policies(&self, mailbox: &MailboxName) -> &[&'a Policy] {
        self.named.get(mailbox).unwrap_or(&self.all)
    }

    /// Whether an item could be due at `now` by some rule, for its dates alone. A quick look, before its label is asked for.
    #[must_use]
    pub fn may_be_due(&self, life: &Life<'_>, now: Instant) -> bool {
        let ended = |terms: &Terms| {
            let start = match terms.from {
                PeriodStart::Sent => life.sent,
                PeriodStart::Imported => life.imported,
            };
            start.zip(terms.delete()).is_some_and(|(start, delete)| delete.end_from(start) <= now)
        };
        self.policies(life.mailbox).iter().any(|policy| ended(&policy.terms))
            || self.schedule.labels.values().any(|label| ended(&label.terms))
    }

    /// What all rules together say of an item.
    #[must_use]
    pub fn verdict(&self, life: &Life<'a>) -> Verdict<'a> {
        let apply = |rule| Applied::to(rule, life);
        let policies: Vec<Applied<'_>> =
            self.policies(life.mailbox).iter().map(|policy| apply(Rule::Policy(policy))).collect();
        let labels: Vec<Applied<'_>> =
            self.labels(life).into_iter().map(|(label, how)| apply(Rule::Label(label, how))).collect();
        let due_by = delete_by(&labels, delete_by_policy(&policies));
        let floor = self.schedule.floor.iter().map(|floor| apply(Rule::Floor(floor)));
        let applied: Vec<Applied<'_>> = floor.chain(policies).chain(labels).collect();
        // The first of those that keep equally long, in the order of their ids: never one by chance.
        let mut kept_by: Option<Applied<'_>> = None;
        for one in applied.iter().filter(|one| one.keep_until.is_some()) {
            if kept_by.is_none_or(|longest| one.keep_until > longest.keep_until) {
                kept_by = Some(*one);
            }
        }
        Verdict { applied, kept_by, due_by }
    }

    /// Whether an item is due at `now`.
    #[must_use]
    pub fn due(&self, life: &Life<'a>, now: Instant) -> Option<Due> {
        let verdict = self.verdict(life);
        let by = verdict.due_by?;
        let at = by.delete_at.filter(|at| *at <= now)?;
        Some(Due {
            at,
            rule: by.rule.id().to_owned(),
            name: by.rule.name().to_owned(),
            hide_only: verdict.keep_until().is_some_and(|kept| now < kept),
        })
    }

    /// The labels that an item has or may have. By hand goes before automatically; the oldest query that matches wins, and
    /// those before it that may match stand beside it.
    fn labels(&self, life: &Life<'a>) -> Vec<(&'a Label, Labelled<'a>)> {
        if let Some(used) = life.label {
            let label = self.schedule.labels.get(&used.label);
            return label.map(|label| (label, Labelled::Manually(used))).into_iter().collect();
        }
        let mut labels = Vec::new();
        for auto in &self.auto {
            match auto.matches(life) {
                Some(true) => {
                    labels.push((auto.label, Labelled::Automatically));
                    break;
                }
                None => labels.push((auto.label, Labelled::Perhaps)),
                Some(false) => {}
            }
        }
        labels
    }
}

impl<'a> Auto<'a> {
    fn of(label: &'a Label) -> Option<Self> {
        let rule = label.auto.as_ref()?;
        let known = rule.language <= query::LANGUAGE_VERSION;
        let query = serde_json::from_str(&rule.closed_query).ok().filter(|_| known);
        Some(Self { label, query })
    }

    /// Whether the item matches; `None`: for all that is known it may.
    fn matches(&self, life: &Life<'_>) -> Option<bool> {
        let (query, facts) = (self.query.as_ref()?, life.facts?);
        let item = Item { facts, mailbox: life.mailbox, marks: &Marks::NONE };
        match query::certainly(query, &item) {
            true => Some(true),
            false if query::covers(query, &item) => None,
            false => Some(false),
        }
    }
}

/// The rule that sets the date of deletion where no label does. A rule whose date is not known leaves no date at all.
fn delete_by_policy<'a>(policies: &[Applied<'a>]) -> Option<Applied<'a>> {
    for level in [Level::Named, Level::All] {
        let deleting: Vec<&Applied<'_>> =
            policies.iter().filter(|one| one.rule.level() == level && one.rule.terms().delete().is_some()).collect();
        if !deleting.is_empty() {
            let known = deleting.iter().all(|one| one.delete_at.is_some());
            return deleting.into_iter().min_by_key(|one| one.delete_at).copied().filter(|_| known);
        }
    }
    None
}

/// The rule that sets the date of deletion: of every label that the item may have, and of none where it may have none, the
/// latest, and none at all if one of these leaves none.
fn delete_by<'a>(labels: &[Applied<'a>], by_policy: Option<Applied<'a>>) -> Option<Applied<'a>> {
    let certain = labels.iter().any(|one| !matches!(one.rule, Rule::Label(_, Labelled::Perhaps)));
    let by_label = labels.iter().map(|one| if one.rule.terms().delete().is_some() { Some(*one) } else { by_policy });
    let mut latest: Option<Applied<'_>> = None;
    for outcome in by_label.chain((!certain).then_some(by_policy)) {
        let at = outcome?.delete_at?;
        if latest.is_none_or(|latest| latest.delete_at < Some(at)) {
            latest = outcome;
        }
    }
    latest
}
