//! What a decision says of itself, and what its keys open.

use super::*;
use crate::model::{
    AutoRule, Change, Digest, Floor, Label, LabelId, LabelUse, Period, PeriodStart, Policy, PolicyId, PolicyScope,
    Terms, Then,
};

fn made(facts: Option<usize>) -> Made {
    Made { id: MessageId([1; 16]), mailbox: mailbox(0), sent: Some(at(TIMES[1])), facts }
}

fn change(by: &str) -> Change {
    Change { at: at(TIMES[0]), by: by.into(), reason: "schedule".into(), seq: Seq(1) }
}

fn five_years(from: PeriodStart) -> Terms {
    Terms { keep: Period::parse("5y"), then: Then::Keep, delete_after: None, from }
}

fn policy(id: &str, locked: bool, edited: bool) -> Policy {
    Policy {
        id: PolicyId(id.into()),
        name: format!("policy {id}"),
        terms: five_years(PeriodStart::Sent),
        scope: PolicyScope { all: true, ..PolicyScope::default() },
        added: change("a.maker"),
        edited: edited.then(|| change("an.editor")),
        locked: locked.then(|| change("a.locker")),
        removed: None,
    }
}

fn label(id: &str, auto: Option<&str>) -> Label {
    let auto = auto.map(|query| AutoRule {
        query: query.into(),
        closed_query: closed(query),
        language: query::LANGUAGE_VERSION,
    });
    let (id, name, terms) = (LabelId(id.into()), format!("label {id}"), five_years(PeriodStart::Imported));
    Label { id, name, terms, auto, added: change("a.maker") }
}

fn labelled(label: Label) -> Schedule {
    Schedule { labels: [(label.id.clone(), label)].into(), ..Schedule::default() }
}

#[test]
fn a_key_opens_what_was_decided_and_only_while_governance_is_as_it_was() {
    let (item, digest) = (made(Some(1)), Digest([7; 32]));
    let rules = Rules::new(Instant(0), [].iter(), &NO_RULES);
    let key = ItemClearance::decide(&item.subject(), digest, &rules, Seq(4)).unwrap();
    assert_eq!((key.id(), key.mailbox(), key.digest()), (item.id, &item.mailbox, digest));
    assert_eq!([3, 4, 5].map(|seq| key.is_current(Seq(seq))), [false, true, false]);
    assert!(!key.hides_only());
    let file = VaultClearance::when_none_left(digest, 0, Seq(4)).unwrap();
    assert_eq!(file.digest(), digest);
    assert_eq!([3, 4, 5].map(|seq| file.is_current(Seq(seq))), [false, true, false]);
    assert!(VaultClearance::when_none_left(digest, 1, Seq(4)).is_none(), "an item is left");
}

#[test]
fn words_are_read_only_where_a_hold_or_a_label_asks_for_them() {
    let asks = HoldScope { query: Some("wire".into()), closed_query: Some(closed("wire")), ..on(&[0]) };
    let automatic = labelled(label("l", Some("wire")));
    let by_hand = labelled(label("l", None));
    for (held, schedule, needed) in [
        (hold(1, on(&[0])), &*NO_RULES, false),
        (hold(1, asks), &*NO_RULES, true),
        (hold(1, on(&[0])), &automatic, true),
        (hold(1, on(&[0])), &by_hand, false),
    ] {
        assert_eq!(Rules::new(Instant(0), [held].iter(), schedule).needs_facts(), needed);
    }
}

#[test]
fn a_kind_of_blocker_is_the_same_word_on_a_terminal_and_in_json() {
    use BlockerKind::{DelayHold, Hold, LitigationHold, NotDue, Retention};
    for (kind, word) in [
        (Hold, "hold"),
        (LitigationHold, "litigation_hold"),
        (DelayHold, "delay_hold"),
        (Retention, "retention"),
        (NotDue, "not_due"),
    ] {
        assert_eq!((kind.as_str(), serde_json::to_value(kind).unwrap()), (word, word.into()));
    }
}

#[test]
fn a_retention_rule_says_who_set_it_why_it_keeps_until_when_and_what_would_end_it() {
    let floor = Floor { keep: Period::parse("5y").unwrap(), set: change("a.founder") };
    let policies = [policy("a", false, false), policy("b", true, true)];
    let schedule = Schedule {
        floor: Some(floor),
        policies: policies.map(|policy| (policy.id.clone(), policy)).into(),
        ..labelled(label("l", None))
    };
    let used = LabelUse { label: LabelId("l".into()), applied: change("a.labeller") };
    let (item, now) = (made(Some(0)), at("2026-04-01T00:00:00Z"));
    let imported = Some(at("2026-03-10T00:00:00Z"));
    let subject = Subject { label: Some(&used), imported, ..item.subject() };
    let decision = decide(&subject, &Rules::new(now, [].iter(), &schedule));
    let told: Vec<_> = decision
        .blockers()
        .iter()
        .map(|by| {
            assert_eq!((by.kind, by.reason.as_str()), (BlockerKind::Retention, "schedule"));
            (by.id.as_str(), by.name.as_str(), by.placed_by.as_str(), by.until, by.because.as_slice(), &*by.ends_when)
        })
        .collect();
    let keep = Period::parse("5y").unwrap();
    let (sent, archived) = (at("2031-03-04T09:12:41Z"), at("2031-03-10T00:00:00Z"));
    let by_date = [Because::Kept { from: PeriodStart::Sent, start: at(TIMES[1]), keep }];
    let by_hand =
        [Because::Labelled, Because::Kept { from: PeriodStart::Imported, start: at("2026-03-10T00:00:00Z"), keep }];
    assert_eq!(
        told,
        [
            (
                FLOOR_ID,
                FLOOR_NAME,
                "a.founder",
                Some(sent),
                &by_date[..],
                "its period is over; nothing shortens the minimum retention of an archive"
            ),
            (
                "a",
                "policy a",
                "a.maker",
                Some(sent),
                &by_date[..],
                "its period is over; or the policy is shortened or removed, with a reason"
            ),
            (
                "b",
                "policy b",
                "an.editor",
                Some(sent),
                &by_date[..],
                "its period is over; the policy is locked and cannot be shortened or removed"
            ),
            (
                "l",
                "label l",
                "a.labeller",
                Some(archived),
                &by_hand[..],
                "its period is over; or another label takes its place, with a reason"
            ),
        ]
    );
}

#[test]
fn a_retention_rule_of_an_unknown_date_says_that_it_never_ends_by_itself() {
    let automatic = labelled(label("l", Some("wire")));
    let item = made(Some(0));
    let decision = decide(&item.subject(), &Rules::new(at(TIMES[1]), [].iter(), &automatic));
    let [by] = decision.blockers() else { panic!("{decision:?}") };
    assert_eq!((by.until, by.placed_by.as_str()), (None, "a.maker"));
    assert_eq!(by.because, [Because::Query { value: "wire".into() }, Because::DateUnknown]);
    let ends = "never by itself: when it was archived is unknown; or somebody puts another label on it, with a reason";
    assert_eq!(by.ends_when, ends);
    let kept = policy("a", false, false);
    let whole = keeps_in_mailbox(Rule::Policy(&kept), &mailbox(0));
    assert_eq!((whole.until, &whole.because[..]), (None, &[Because::Mailbox { value: mailbox(0) }][..]));
    assert!(whole.ends_when.starts_with("each item's own period is over; or the policy is shortened"));
    assert_eq!((whole.kind, whole.id.as_str()), (BlockerKind::Retention, "a"));
}

#[test]
fn of_a_mailbox_a_hold_tells_its_list_its_period_and_its_query() {
    let whole = Because::Mailbox { value: mailbox(0) };
    let (since, until) = (Some(at(TIMES[0])), Some(at(TIMES[1])));
    let asking =
        |closed_query: String| HoldScope { query: Some("wire".into()), closed_query: Some(closed_query), ..on(&[0]) };
    let damaged = hold(1, asking("{".into()));
    let told = ActiveHold::new(&damaged);
    assert!(told.expr().is_none() && told.needs_facts());
    assert!(matches!(&told.rules(&mailbox(0))[..], [_, Because::CannotEvaluate { .. }]));
    for (scope, more) in [
        (on(&[0]), vec![]),
        (HoldScope { ids: Some([].into()), ..on(&[0]) }, vec![Because::Listed]),
        (HoldScope { since, ..on(&[0]) }, vec![Because::Sent { since, until: None }]),
        (HoldScope { until, ..on(&[0]) }, vec![Because::Sent { since: None, until }]),
        (HoldScope { since, until, ..on(&[0]) }, vec![Because::Sent { since, until }]),
        (asking(closed("wire")), vec![Because::Query { value: "wire".into() }]),
    ] {
        let one = hold(1, scope);
        let active = ActiveHold::new(&one);
        let expected: Vec<Because> = std::iter::once(whole.clone()).chain(more).collect();
        assert_eq!(active.rules(&mailbox(0)), expected);
        assert_eq!((active.expr().is_some(), active.needs_facts()), [one.scope.query.is_some(); 2].into());
    }
}

#[test]
fn a_reason_is_a_sentence_that_names_what_it_is_about() {
    let why = |value: &str| Because::CannotEvaluate { value: value.into() };
    assert_eq!(why("damaged").sentence(), "the hold cannot be evaluated on it (damaged), so it holds");
    assert_eq!(Because::Query { value: "wire".into() }.sentence(), "it matches wire");
    assert_eq!(Because::Mailbox { value: mailbox(0) }.sentence(), "it is in the mailbox ann@x.example");
}

#[test]
fn a_query_about_the_date_holds_what_has_none_and_nothing_that_is_certain_not_to_match() {
    let asking =
        |text: &str| hold(1, HoldScope { query: Some(text.into()), closed_query: Some(closed(text)), ..on(&[0]) });
    let undated = Made { sent: None, ..made(Some(1)) };
    let decision = undated.decided(&[asking("sent>=2026-03-04")], at(TIMES[1]));
    let [by] = decision.blockers() else { panic!("{decision:?}") };
    assert_eq!(by.because, [Because::Mailbox { value: mailbox(0) }, Because::DateUnknown]);
    assert_eq!(undated.decided(&[asking("wire")], at(TIMES[1])), Decision::Dispose);
    assert_eq!(undated.decided(&[asking("wire AND sent>=2026-03-04")], at(TIMES[1])), Decision::Dispose);
}

#[test]
fn a_hold_on_a_period_holds_what_was_sent_in_it_and_with_a_query_each_attachment_outside_too() {
    let period =
        |since: Option<&str>, until: Option<&str>| HoldScope { since: since.map(at), until: until.map(at), ..on(&[0]) };
    for (scope, held) in [
        (period(Some(TIMES[1]), None), [false, true, true]),
        (period(None, Some(TIMES[1])), [true, false, false]),
        (period(Some(TIMES[1]), Some(TIMES[2])), [false, true, false]),
    ] {
        let got = [TIMES[0], TIMES[1], TIMES[2]].map(|sent| {
            let item = Made { sent: Some(at(sent)), ..made(Some(1)) };
            item.is_kept(&[hold(1, scope.clone())], at(TIMES[4]))
        });
        assert_eq!(got, held, "{scope:?}");
        let attached = Made { sent: Some(at(TIMES[3])), ..made(Some(2)) };
        let asking = HoldScope { query: Some("wire".into()), closed_query: Some(closed("wire")), ..scope };
        let decision = attached.decided(&[hold(1, asking)], at(TIMES[4]));
        assert!(decision.blockers()[0].because.contains(&Because::PartiallyIndexed), "{decision:?}");
    }
}
