//! What holds may never do, whatever they are and in whatever order they come: over items and holds that are made up at random,
//! with the clock as an argument.

mod told;

use super::*;
use crate::{
    model::{
        Binding, CaseId, Hold, HoldId, HoldKind, HoldScope, Instant, MailboxName, MessageId, Schedule, Seq, SourceKind,
    },
    query::{self, Context, Facts},
    source,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// No retention rule.
static NO_RULES: LazyLock<Schedule> = LazyLock::new(Schedule::default);
const DAY: i64 = 24 * 3600 * 1000;
const MAILBOXES: [&str; 3] = ["ann@x.example", "bob@x.example", "eve@x.example"];
const QUERIES: [&str; 5] = ["wire", "NOT wire", "from:447700900101", "sent>=2026-03-04 OR wire", "hasattachment:true"];
/// The times of items and the ends of periods: before and behind each other, and the same.
const TIMES: [&str; 5] = [
    "2024-02-29T12:00:00Z",
    "2026-03-04T09:12:41Z",
    "2026-03-29T01:30:00Z",
    "2026-10-25T01:30:00Z",
    "2038-01-19T03:14:07Z",
];

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn mailbox(n: usize) -> MailboxName {
    MailboxName::parse(MAILBOXES[n]).unwrap()
}

/// What some messages say: a match, none, and one with an attachment.
static FACTS: LazyLock<Vec<Facts>> = LazyLock::new(|| {
    let mail = |body: &str| {
        format!(
            "From: \"Ann 447700900101\" <ann@x.example>\r\nTo: 447700900102@wa.example\r\nMessage-ID: <1@feed.example>\r\n{body}"
        )
    };
    let text = |body: &str| mail(&format!("Content-Type: text/plain\r\n\r\n{body}\r\n"));
    let attached = mail(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlisten\r\n\
         --b\r\nContent-Type: audio/ogg; name=note.ogg\r\nContent-Disposition: attachment; filename=note.ogg\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nT2dnUw==\r\n--b--\r\n",
    );
    [text("the wire goes today"), text("lunch"), attached]
        .iter()
        .map(|mail| {
            let message = source::understand(SourceKind::Telemessage, mail.as_bytes()).unwrap();
            Facts::of(&message, mail.len() as u64)
        })
        .collect()
});

fn closed(query: &str) -> String {
    let parsed = query::parse(query).unwrap();
    serde_json::to_string(&query::resolve(&parsed.expr, &Context::at(Instant(0))).unwrap().expr).unwrap()
}

fn hold(n: u64, scope: HoldScope) -> Hold {
    Hold {
        id: HoldId(format!("hold_{n:08x}")),
        name: format!("H{n}"),
        kind: HoldKind::Case,
        case: Some(CaseId("case_00000001".to_owned())),
        scope,
        days: None,
        placed_at: at("2026-03-05T09:00:00Z"),
        placed_by: "j.ward".to_owned(),
        reason: "Claim letter".to_owned(),
        seq: Seq(n),
        released_at: None,
        released_by: None,
        release_reason: None,
        delay_until: None,
        delay_ended_at: None,
        delay_ended_by: None,
        delay_end_reason: None,
    }
}

fn on(mailboxes: &[usize]) -> HoldScope {
    HoldScope {
        mailboxes: mailboxes.iter().map(|n| mailbox(*n)).collect(),
        language: query::LANGUAGE_VERSION,
        ..HoldScope::default()
    }
}

/// An item: its mailbox and what its message says, its id and date.
#[derive(Clone, Debug)]
struct Made {
    id: MessageId,
    mailbox: MailboxName,
    sent: Option<Instant>,
    facts: Option<usize>,
}

impl Made {
    fn subject(&self) -> Subject<'_> {
        let facts = self.facts.map(|n| &FACTS[n]);
        Subject {
            id: self.id,
            mailbox: &self.mailbox,
            sent: self.sent,
            imported: None,
            label: None,
            partially_indexed: self.facts == Some(2),
            facts,
        }
    }

    fn decided(&self, holds: &[Hold], now: Instant) -> Decision {
        decide(&self.subject(), &Rules::new(now, holds.iter(), &NO_RULES))
    }

    fn is_kept(&self, holds: &[Hold], now: Instant) -> bool {
        self.decided(holds, now) != Decision::Dispose
    }
}

fn times() -> impl Strategy<Value = Instant> {
    // On the time, and a millisecond beside it.
    (0..TIMES.len(), -1i64..2).prop_map(|(n, off)| Instant(at(TIMES[n]).0 + off))
}

fn items() -> impl Strategy<Value = Made> {
    (0u8..4, 0..MAILBOXES.len(), prop::option::weighted(0.8, times()), prop::option::weighted(0.8, 0usize..3))
        .prop_map(|(id, n, sent, facts)| Made { id: MessageId([id; 16]), mailbox: mailbox(n), sent, facts })
}

fn scopes() -> impl Strategy<Value = HoldScope> {
    let queries = prop::option::of((0..QUERIES.len(), 0u8..10));
    let ids = prop::option::weighted(0.3, prop::collection::btree_set(0u8..4, 0..3));
    let period = (prop::option::weighted(0.3, times()), prop::option::weighted(0.3, times()));
    (prop::collection::btree_set(0..MAILBOXES.len(), 1..4), queries, ids, period).prop_map(
        |(boxes, query, ids, (since, until))| {
            let mut scope = on(&boxes.into_iter().collect::<Vec<_>>());
            (scope.since, scope.until) = (since, until);
            scope.ids = ids.map(|ids| ids.into_iter().map(|id| MessageId([id; 16])).collect());
            if let Some((n, wrong)) = query {
                scope.query = Some(QUERIES[n].to_owned());
                scope.closed_query = match wrong {
                    0 => None,
                    1 => Some("{\"Leaf\":".to_owned()),
                    _ => Some(closed(QUERIES[n])),
                };
                scope.language += u32::from(wrong == 2);
            }
            scope
        },
    )
}

fn holds() -> impl Strategy<Value = Hold> {
    let days = prop::option::weighted(0.3, prop::sample::select(vec![1u32, 90, 365, 366, 36_525]));
    let end = prop::option::weighted(0.3, (prop::option::of(times()), any::<bool>()));
    (1u64..1_000_000, scopes(), days, end).prop_map(|(n, scope, days, end)| {
        let mut made = hold(n, scope);
        if days.is_some() {
            (made.kind, made.case, made.days) = (HoldKind::Litigation, None, days);
        }
        if let Some((delay_until, ended)) = end {
            made.released_at = Some(made.placed_at);
            made.delay_until = delay_until;
            made.delay_ended_at = ended.then_some(made.placed_at);
        }
        made
    })
}

fn names(decision: &Decision) -> BTreeSet<(BlockerKind, String)> {
    decision.blockers().iter().map(|blocker| (blocker.kind, blocker.id.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn placing_a_hold_never_frees_an_item(
        item in items(), mut held in prop::collection::vec(holds(), 0..4), more in holds(), now in times(),
    ) {
        let before = item.is_kept(&held, now);
        held.push(more);
        prop_assert!(item.is_kept(&held, now) || !before);
    }

    #[test]
    fn releasing_a_hold_never_keeps_an_item_that_was_free_and_a_delay_keeps_what_the_hold_kept(
        item in items(), mut held in prop::collection::vec(holds(), 1..4), which in any::<prop::sample::Index>(),
        days in 0i64..60, now in times(), later in 0i64..100,
    ) {
        let at = which.index(held.len());
        prop_assume!(held[at].is_active());
        let then = Instant(now.0 + later * DAY);
        let (before, before_then) = (item.is_kept(&held, now), item.is_kept(&held, then));
        held[at].released_at = Some(now);
        held[at].delay_until = (days > 0).then_some(Instant(now.0 + days * DAY));
        prop_assert!(before || !item.is_kept(&held, now));
        prop_assert!(before_then || !item.is_kept(&held, then));
        if later < days {
            prop_assert_eq!(item.is_kept(&held, then), before_then, "within the delay nothing is free that was not");
        }
        held[at].delay_ended_at = Some(now);
        let without: Vec<Hold> = held.iter().filter(|other| other.id != held[at].id).cloned().collect();
        prop_assert_eq!(item.decided(&held, then), item.decided(&without, then), "an ended delay holds nothing");
    }

    #[test]
    fn the_order_of_holds_never_matters(
        item in items(), held in prop::collection::vec(holds(), 0..5), turn in 0usize..5, now in times(),
    ) {
        let mut turned = held.clone();
        turned.rotate_left(turn.min(held.len()));
        turned.reverse();
        prop_assert_eq!(names(&item.decided(&held, now)), names(&item.decided(&turned, now)));
    }

    #[test]
    fn an_item_is_free_only_when_the_last_hold_lets_go(
        item in items(), held in prop::collection::vec(holds(), 0..5), now in times(),
    ) {
        let any = held.iter().any(|one| item.is_kept(std::slice::from_ref(one), now));
        prop_assert_eq!(item.is_kept(&held, now), any);
    }

    #[test]
    fn widening_a_hold_never_frees_an_item(
        item in items(), one in holds(), extra in 0..MAILBOXES.len(), query in 0..QUERIES.len(), damaged in any::<bool>(),
        now in times(),
    ) {
        let mut wider = one.clone();
        wider.scope.mailboxes.insert(mailbox(extra));
        if wider.scope.query.is_some() {
            wider.scope.more_queries.push(if damaged { "{".to_owned() } else { closed(QUERIES[query]) });
        }
        prop_assert!(item.is_kept(&[wider], now) || !item.is_kept(&[one], now));
    }

    #[test]
    fn a_hold_that_cannot_be_evaluated_holds_all_that_its_list_and_period_do_not_exclude(
        item in items(), one in holds(), now in times(),
    ) {
        let binds = one.binding(now).is_some() && one.days.is_none();
        let scope = &one.scope;
        let wrong = scope.query.is_some()
            && (scope.language != query::LANGUAGE_VERSION
                || scope.closed_query.as_ref().is_none_or(|json| serde_json::from_str::<query::Expr>(json).is_err()));
        let unreadable = scope.query.is_some() && item.facts.is_none();
        let listed = scope.ids.as_ref().is_none_or(|ids| ids.contains(&item.id));
        let inside = item.sent.is_none_or(|sent| {
            scope.since.is_none_or(|since| sent >= since) && scope.until.is_none_or(|until| sent < until)
        });
        if binds && scope.mailboxes.contains(&item.mailbox) && listed && inside && (wrong || unreadable) {
            prop_assert!(item.is_kept(&[one], now));
        }
    }

    #[test]
    fn a_litigation_hold_lets_go_of_an_item_once_and_never_takes_it_back(
        item in items(), days in 1u32..40_000, now in times(), later in 0i64..40_000,
    ) {
        let one = [Hold { kind: HoldKind::Litigation, case: None, days: Some(days), ..hold(1, on(&[0, 1, 2])) }];
        let then = Instant(now.0.saturating_add(later * DAY));
        prop_assert!(item.is_kept(&one, now) || !item.is_kept(&one, then));
        prop_assert_eq!(item.is_kept(&one, now), item.sent.is_none_or(|sent| now.0 < sent.0 + i64::from(days) * DAY));
    }
}

/// Days are of 24 hours, whatever the clocks of a country do.
#[test]
fn the_days_of_a_litigation_hold_end_at_the_same_instant_across_summer_time_leap_days_and_2038() {
    let one = |days| Hold { kind: HoldKind::Litigation, case: None, days: Some(days), ..hold(1, on(&[0])) };
    for (sent, days, last) in [
        ("2026-03-28T12:00:00Z", 1, "2026-03-29T12:00:00Z"),
        ("2026-10-24T12:00:00Z", 1, "2026-10-25T12:00:00Z"),
        ("2024-02-28T12:00:00Z", 1, "2024-02-29T12:00:00Z"),
        ("2024-02-28T12:00:00Z", 366, "2025-02-28T12:00:00Z"),
        ("2023-02-28T12:00:00Z", 366, "2024-02-29T12:00:00Z"),
        ("2038-01-18T03:14:07Z", 1, "2038-01-19T03:14:07Z"),
        ("2038-01-19T03:14:07Z", 36_525, "2138-01-20T03:14:07Z"),
        ("2026-03-04T09:12:41.123Z", 90, "2026-06-02T09:12:41.123Z"),
    ] {
        let item = Made { id: MessageId([1; 16]), mailbox: mailbox(0), sent: Some(at(sent)), facts: Some(1) };
        let (end, held) = (at(last), [one(days)]);
        let decision = item.decided(&held, Instant(end.0 - 1));
        assert_eq!(decision.blockers()[0].until, Some(end), "{sent}");
        assert_eq!(item.decided(&held, end), Decision::Dispose, "{sent}");
        let active = ActiveHold::new(&held[0]);
        assert_eq!(
            active.holds_from(Instant(end.0 - 1)),
            Some(at(sent)),
            "counting and deciding have one border: {sent}"
        );
    }
    let undated = Made { id: MessageId([1; 16]), mailbox: mailbox(0), sent: None, facts: Some(1) };
    let kept = undated.decided(&[one(1)], at("2199-12-31T00:00:00Z"));
    assert_eq!(kept.blockers()[0].until, None);
    assert!(kept.blockers()[0].because.contains(&Because::DateUnknown));
}

#[test]
fn a_blocker_says_until_when_and_what_would_end_it() {
    let item = Made { id: MessageId([1; 16]), mailbox: mailbox(0), sent: Some(at(TIMES[1])), facts: Some(0) };
    let (now, delay) = (at("2026-04-01T00:00:00Z"), at("2026-05-01T00:00:00Z"));
    let case = hold(1, on(&[0]));
    let endless = Hold { kind: HoldKind::Litigation, case: None, ..hold(2, on(&[0])) };
    let days = Hold { days: Some(365), ..endless.clone() };
    let released = Hold { released_at: Some(now), delay_until: Some(delay), ..hold(3, on(&[0])) };
    let both = Hold { released_at: Some(now), delay_until: Some(delay), ..days.clone() };
    for (held, kind, until, ends) in [
        (case, BlockerKind::Hold, None, "the hold is released"),
        (endless, BlockerKind::LitigationHold, None, "the hold is released"),
        (days, BlockerKind::LitigationHold, Some(at("2027-03-04T09:12:41Z")), "365 days after the item's own date"),
        (released, BlockerKind::DelayHold, Some(delay), "the delay after the release is over"),
        (both, BlockerKind::DelayHold, Some(delay), "the delay after the release is over"),
    ] {
        let decision = item.decided(std::slice::from_ref(&held), now);
        let [blocker] = decision.blockers() else { panic!("{decision:?}") };
        assert_eq!((blocker.kind, blocker.until), (kind, until));
        assert!(blocker.ends_when.contains(ends), "{}", blocker.ends_when);
        assert_eq!((blocker.placed_by.as_str(), blocker.reason.as_str()), ("j.ward", "Claim letter"));
    }
}

#[test]
fn a_hold_has_one_status_at_any_moment() {
    let (now, delay) = (at("2026-04-01T00:00:00Z"), at("2026-05-01T00:00:00Z"));
    let active = hold(1, on(&[0]));
    let delayed = Hold { released_at: Some(now), delay_until: Some(delay), ..active.clone() };
    let ended = Hold { delay_ended_at: Some(now), ..delayed.clone() };
    let released = Hold { released_at: Some(now), ..active.clone() };
    assert_eq!((active.status(now), active.binding(now)), ("active", Some(Binding::Active)));
    assert_eq!((delayed.status(now), delayed.binding(now)), ("delay", Some(Binding::Delay(delay))));
    assert_eq!((delayed.status(delay), delayed.binding(delay)), ("ended", None));
    assert_eq!((ended.status(now), ended.binding(now)), ("ended", None));
    assert_eq!((released.status(now), released.binding(now)), ("released", None));
}

#[test]
fn a_hold_on_a_conversation_holds_that_and_no_attachment_beside_it() {
    let scope = HoldScope {
        conversations: vec!["other".to_owned()],
        closed_query: Some("{\"Leaf\":{\"Conversation\":{\"id\":\"other\",\"prefix\":false}}}".to_owned()),
        ..on(&[0])
    };
    assert_eq!(scope.asked().as_deref(), Some("conversation:\"other\""));
    let attached = Made { id: MessageId([1; 16]), mailbox: mailbox(0), sent: None, facts: Some(2) };
    assert!(!attached.is_kept(&[hold(1, scope.clone())], Instant(0)));
    let unreadable = Made { facts: None, ..attached.clone() };
    assert!(unreadable.is_kept(&[hold(1, scope.clone())], Instant(0)));
    let asking = HoldScope { query: Some("wire".to_owned()), ..scope };
    assert!(attached.is_kept(&[hold(1, asking)], Instant(0)), "a query holds every attachment of its mailboxes");
}
