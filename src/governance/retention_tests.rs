//! Retention as a table of every worked example, and as properties.

mod latest;

use super::*;
use crate::{
    model::{
        AutoRule, Change, Conversation, Digest, Floor, Hold, HoldId, HoldKind, HoldScope, Identity, Instant, Label,
        LabelId, LabelUse, MailboxName, Message, MessageId, MessageKind, Participant, Period, PeriodStart, Policy,
        PolicyId, PolicyScope, Schedule, Seq, SourceKind, Terms, Then,
    },
    query::{self, Facts},
};
use proptest::prelude::*;

const SENT: &str = "2020-03-04T09:12:41Z";

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn after(years: u32) -> Instant {
    Period::parse(&format!("{years}y")).map_or(at(SENT), |period| period.end_from(at(SENT)))
}

fn mailbox(n: u8) -> MailboxName {
    MailboxName::parse(&format!("user{n}@x.example")).unwrap()
}

fn change(seq: u64) -> Change {
    Change { at: at("2021-01-01T00:00:00Z"), by: "j.ward".into(), reason: "matter 4711".into(), seq: Seq(seq) }
}

/// `keep 5y`, `delete 3y`, `keep 5y then delete`, `keep 7y delete 3y`, all with `from imported`.
fn terms(text: &str) -> Terms {
    let words: Vec<&str> = text.split(' ').collect();
    let value = |name: &str| words.iter().position(|w| *w == name).and_then(|i| Period::parse(words.get(i + 1)?));
    let from = if text.ends_with("from imported") { PeriodStart::Imported } else { PeriodStart::Sent };
    let then = if text.contains("then delete") { Then::Delete } else { Then::Keep };
    Terms { keep: value("keep"), then, delete_after: value("delete"), from }
}

fn policy(schedule: &mut Schedule, name: &str, scoped: bool, text: &str) {
    let seq = schedule.policies.len() as u64 + 10;
    let mailboxes = if scoped { [mailbox(1)].into() } else { Default::default() };
    let id = PolicyId(format!("pol_{name}"));
    let scope = PolicyScope { all: !scoped, mailboxes, ..PolicyScope::default() };
    let policy = Policy {
        id: id.clone(),
        name: name.into(),
        terms: terms(text),
        scope,
        added: change(seq),
        edited: None,
        locked: None,
        removed: None,
    };
    schedule.policies.insert(id, policy);
}

fn label(schedule: &mut Schedule, name: &str, text: &str, auto: Option<&str>) -> LabelId {
    let seq = schedule.labels.len() as u64 + 100;
    let id = LabelId(format!("lbl_{name}"));
    let auto = auto.map(|text| {
        let node = query::parse(text).unwrap().expr;
        let expr = query::resolve(&node, &query::Context::at(Instant(0))).unwrap().expr;
        let closed_query = serde_json::to_string(&expr).unwrap();
        AutoRule { query: text.into(), closed_query, language: query::LANGUAGE_VERSION }
    });
    let label = Label { id: id.clone(), name: name.into(), terms: terms(text), auto, added: change(seq) };
    schedule.labels.insert(id.clone(), label);
    id
}

fn used(label: &LabelId) -> LabelUse {
    LabelUse { label: label.clone(), applied: change(200) }
}

fn facts(body: &str, encrypted: bool) -> Facts {
    let message = Message {
        identity: Identity { source: SourceKind::Telemessage, account: None, native: "1".into() },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(at(SENT)),
        sender: Participant::default(),
        recipients: vec![],
        carbon: Default::default(),
        conversation: Conversation::default(),
        subject: String::new(),
        body: body.into(),
        attachments: vec![],
        encrypted,
        journaled: false,
        media_removed: vec![],
        source_words: vec![],
        details: None,
        findings: vec![],
    };
    Facts::of(&message, 1)
}

fn subject<'a>(mailbox: &'a MailboxName, label: Option<&'a LabelUse>, facts: Option<&'a Facts>) -> Subject<'a> {
    Subject {
        id: MessageId([1; 16]),
        mailbox,
        sent: Some(at(SENT)),
        imported: Some(at("2025-06-01T00:00:00Z")),
        label,
        partially_indexed: false,
        facts,
    }
}

fn hold(days: Option<u32>) -> Hold {
    Hold {
        id: HoldId("hold_1".into()),
        name: "H".into(),
        kind: HoldKind::Litigation,
        case: None,
        scope: HoldScope { mailboxes: [mailbox(1)].into(), ..HoldScope::default() },
        days,
        placed_at: Instant(0),
        placed_by: "x".into(),
        reason: "x".into(),
        seq: Seq(1),
        released_at: None,
        released_by: None,
        release_reason: None,
        delay_until: None,
        delay_ended_at: None,
        delay_ended_by: None,
        delay_end_reason: None,
    }
}

/// One worked example: the rules, and what is expected of an item at so many years after it was sent: `v`isible,
/// `h`idden, `g`one; a rule that is named must be the one that deletes.
struct Worked {
    all: &'static [&'static str],
    scoped: &'static [&'static str],
    label: Option<&'static str>,
    deletes: &'static str,
    years: &'static [(u32, char)],
}

#[test]
fn every_worked_example_of_the_reference() {
    let table = [
        // Delete after 3 y + retain 5 y then delete: visible until 3 y, hidden 3 to 5 y, gone at 5 y.
        Worked {
            all: &["delete 3y", "keep 5y then delete"],
            scoped: &[],
            label: None,
            deletes: "all0",
            years: &[(2, 'v'), (3, 'h'), (4, 'h'), (5, 'g')],
        },
        Worked {
            all: &[],
            scoped: &["delete 3y", "keep 5y then delete"],
            label: None,
            deletes: "scoped0",
            years: &[(2, 'v'), (3, 'h'), (4, 'h'), (5, 'g')],
        },
        // Delete-only 5 y, retain 3 y then delete, label retain-only 7 y: kept 7 y, then deleted (deferred).
        Worked {
            all: &["delete 5y", "keep 3y then delete"],
            scoped: &[],
            label: Some("keep 7y"),
            deletes: "all1",
            years: &[(2, 'v'), (3, 'h'), (6, 'h'), (7, 'g')],
        },
        // Org-wide delete 10 y, scoped retain 5 y then delete, label retain 3 y then delete: kept 5 y, then by the label.
        Worked {
            all: &["delete 10y"],
            scoped: &["keep 5y then delete"],
            label: Some("keep 3y then delete"),
            deletes: "label",
            years: &[(2, 'v'), (3, 'h'), (4, 'h'), (5, 'g')],
        },
        // Org-wide delete 10 y + scoped delete 5 y: 5 y.
        Worked {
            all: &["delete 10y"],
            scoped: &["delete 5y"],
            label: None,
            deletes: "scoped0",
            years: &[(4, 'v'), (5, 'g')],
        },
        Worked {
            all: &["delete 2y"],
            scoped: &["delete 5y"],
            label: None,
            deletes: "scoped0",
            years: &[(4, 'v'), (5, 'g')],
        },
        // Policies delete 5 y and 10 y + label delete 7 y: 7 y.
        Worked {
            all: &[],
            scoped: &["delete 5y", "delete 10y"],
            label: Some("delete 7y"),
            deletes: "label",
            years: &[(6, 'v'), (7, 'g')],
        },
        // Retention wins over deletion, longest retention wins, whatever names the mailbox.
        Worked {
            all: &["keep 7y"],
            scoped: &["delete 1y"],
            label: Some("keep 2y then delete"),
            deletes: "label",
            years: &[(1, 'v'), (2, 'h'), (6, 'h'), (7, 'g')],
        },
        // Shortest deletion wins among equals.
        Worked {
            all: &["delete 5y", "delete 10y"],
            scoped: &[],
            label: None,
            deletes: "all0",
            years: &[(4, 'v'), (5, 'g')],
        },
        Worked {
            all: &["keep 3y"],
            scoped: &["keep 5y"],
            label: None,
            deletes: "",
            years: &[(2, 'v'), (5, 'v'), (9, 'v')],
        },
        // One rule that both hides early and keeps longer.
        Worked {
            all: &["keep 5y delete 3y"],
            scoped: &[],
            label: None,
            deletes: "all0",
            years: &[(2, 'v'), (3, 'h'), (5, 'g')],
        },
        Worked { all: &[], scoped: &[], label: None, deletes: "", years: &[(50, 'v')] },
    ];
    for (row, worked) in table.iter().enumerate() {
        let mut schedule = Schedule::default();
        worked.all.iter().enumerate().for_each(|(i, text)| policy(&mut schedule, &format!("all{i}"), false, text));
        worked.scoped.iter().enumerate().for_each(|(i, text)| policy(&mut schedule, &format!("scoped{i}"), true, text));
        let used = worked.label.map(|text| used(&label(&mut schedule, "label", text, None)));
        let mailbox = mailbox(1);
        let item = subject(&mailbox, used.as_ref(), None);
        for (years, expected) in worked.years {
            for (now, expected) in [(after(*years), *expected), (Instant(after(*years).0 + 1), *expected)] {
                let rules = Rules::new(now, [].iter(), &schedule);
                let due = due(&item, &rules);
                let got = match &due {
                    None => 'v',
                    Some(due) if due.hide_only => 'h',
                    Some(_) => 'g',
                };
                assert_eq!(got, expected, "row {row}, {years} years");
                assert_eq!(
                    decide(&item, &rules) == Decision::Dispose,
                    rules.retention.verdict(&item.life()).keep_until().is_none_or(|at| at <= now)
                );
                if let Some(due) = due {
                    assert_eq!(due.name, worked.deletes, "row {row}");
                }
            }
            // One millisecond before a date it is not there yet.
            let before = Rules::new(Instant(after(*years).0 - 1), [].iter(), &schedule);
            if *expected == 'g' {
                assert!(due(&item, &before).is_none_or(|due| due.hide_only), "row {row}, before {years} years");
            }
        }
    }
}

#[test]
fn the_floor_keeps_everything_and_what_has_no_date_for_ever() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "short", false, "delete 1y");
    schedule.floor = Some(Floor { keep: Period::parse("5y").unwrap(), set: change(2) });
    let mailbox = mailbox(1);
    let item = subject(&mailbox, None, None);
    let rules = Rules::new(after(2), [].iter(), &schedule);
    let Decision::Keep(blockers) = decide(&item, &rules) else { panic!() };
    let [by] = blockers.as_slice() else { panic!("{blockers:?}") };
    assert_eq!((by.kind, by.id.as_str(), by.until), (BlockerKind::Retention, FLOOR_ID, Some(after(5))));
    assert_eq!((by.placed_by.as_str(), by.reason.as_str()), ("j.ward", "matter 4711"));
    assert!(due(&item, &rules).unwrap().hide_only);
    let undated = Subject { sent: None, ..item };
    let rules = Rules::new(after(500), [].iter(), &schedule);
    let Decision::Keep(blockers) = decide(&undated, &rules) else { panic!() };
    assert_eq!((blockers[0].until, &blockers[0].because[..]), (None, &[Because::DateUnknown][..]));
    assert_eq!(due(&undated, &rules), None);
    assert_eq!(decide(&item, &rules), Decision::Dispose);
}

#[test]
fn a_period_may_be_counted_from_when_an_item_was_archived() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "p", true, "keep 1y then delete from imported");
    let mailbox = mailbox(1);
    let item = subject(&mailbox, None, None);
    let at_end = Rules::new(at("2026-06-01T00:00:00Z"), [].iter(), &schedule);
    let before = Rules::new(at("2026-05-31T23:59:59Z"), [].iter(), &schedule);
    assert!(due(&item, &at_end).is_some() && due(&item, &before).is_none());
    assert!(matches!(decide(&item, &before), Decision::Keep(_)));
    let unknown = Subject { imported: None, ..item };
    assert!(due(&unknown, &at_end).is_none() && decide(&unknown, &at_end) != Decision::Dispose);
    assert!(due(&Subject { sent: None, ..item }, &at_end).is_some(), "its own date does not matter here");
}

#[test]
fn a_rule_of_unknown_date_leaves_the_others_of_its_level_no_say() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "imported", true, "delete 1y from imported");
    policy(&mut schedule, "sent", true, "delete 1y");
    policy(&mut schedule, "all", false, "delete 1y from imported");
    let mailbox = mailbox(1);
    let item = Subject { sent: None, ..subject(&mailbox, None, None) };
    assert_eq!(due(&item, &Rules::new(after(90), [].iter(), &schedule)), None);
}

#[test]
fn a_label_by_hand_beats_an_automatic_one_and_the_oldest_query_wins() {
    let mut schedule = Schedule::default();
    let first = label(&mut schedule, "first", "delete 7y", Some("invoice"));
    label(&mut schedule, "second", "delete 2y", Some("invoice OR lunch"));
    let third = label(&mut schedule, "third", "delete 9y", None);
    let mailbox = mailbox(1);
    let named = |facts: &Facts, by_hand: Option<&LabelUse>, now| {
        due(&subject(&mailbox, by_hand, Some(facts)), &Rules::new(now, [].iter(), &schedule)).map(|due| due.name)
    };
    let (invoice, lunch) = (facts("the invoice", false), facts("lunch", false));
    assert_eq!(named(&invoice, None, after(6)), None);
    assert_eq!(named(&invoice, None, after(7)).as_deref(), Some("first"));
    assert_eq!(named(&lunch, None, after(2)).as_deref(), Some("second"));
    assert_eq!(named(&invoice, Some(&used(&third)), after(8)), None);
    assert_eq!(named(&invoice, Some(&used(&third)), after(9)).as_deref(), Some("third"));
    assert_eq!(named(&lunch, Some(&used(&first)), after(7)).as_deref(), Some("first"));
    assert_eq!(named(&facts("other", false), None, after(99)), None);
}

#[test]
fn what_may_match_a_label_is_kept_by_it_and_due_only_with_and_without_it() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "p", false, "delete 1y");
    label(&mut schedule, "invoices", "keep 5y then delete", Some("body:invoice"));
    let mailbox = mailbox(1);
    let sealed = facts("", true);
    for facts in [Some(&sealed), None] {
        let item = subject(&mailbox, None, facts);
        let young = Rules::new(after(4), [].iter(), &schedule);
        let Decision::Keep(blockers) = decide(&item, &young) else { panic!() };
        assert!(blockers[0].because.contains(&Because::MayMatch { value: "body:invoice".into() }));
        assert_eq!(due(&item, &young), None, "the label would delete later");
        assert!(!due(&item, &Rules::new(after(5), [].iter(), &schedule)).unwrap().hide_only);
    }
    // A label whose query is newer than the program may match anything.
    schedule.labels.values_mut().for_each(|label| label.auto.as_mut().unwrap().language = u32::MAX);
    let plain = facts("lunch", false);
    let item = subject(&mailbox, None, Some(&plain));
    assert_ne!(decide(&item, &Rules::new(after(4), [].iter(), &schedule)), Decision::Dispose);
}

#[test]
fn a_policy_that_was_removed_or_excepts_the_mailbox_says_nothing() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "p", false, "keep 5y then delete");
    let (one, two) = (mailbox(1), mailbox(2));
    let id = PolicyId("pol_p".into());
    schedule.policies.get_mut(&id).unwrap().scope.excluded.insert(two.clone());
    let rules = Rules::new(after(1), [].iter(), &schedule);
    assert_ne!(decide(&subject(&one, None, None), &rules), Decision::Dispose);
    assert_eq!(decide(&subject(&two, None, None), &rules), Decision::Dispose);
    schedule.policies.get_mut(&id).unwrap().removed = Some(change(9));
    assert_eq!(decide(&subject(&one, None, None), &Rules::new(after(1), [].iter(), &schedule)), Decision::Dispose);
    assert_eq!(due(&subject(&one, None, None), &Rules::new(after(9), [].iter(), &schedule)), None);
}

#[test]
fn a_key_by_retention_opens_no_more_than_the_rule_says() {
    let mut schedule = Schedule::default();
    policy(&mut schedule, "delete", false, "delete 3y");
    policy(&mut schedule, "keep", false, "keep 5y");
    let mailbox = mailbox(1);
    let item = subject(&mailbox, None, None);
    let key = |now, hiding, holds: &[Hold]| {
        let rules = Rules::new(now, holds.iter(), &schedule);
        ItemClearance::decide_due(&item, Digest([0; 32]), hiding, &rules, Seq(1))
    };
    let kind = |kept: Result<ItemClearance, Decision>| {
        kept.unwrap_err().into_blockers().into_iter().map(|by| by.kind).collect::<Vec<_>>()
    };
    assert_eq!(kind(key(after(2), true, &[])), [BlockerKind::Retention], "not due, and kept");
    assert!(key(after(3), true, &[]).unwrap().hides_only());
    assert_eq!(kind(key(after(3), false, &[])), [BlockerKind::Retention], "hidden is not gone");
    assert!(!key(after(5), false, &[]).unwrap().hides_only());
    assert_eq!(kind(key(after(3), true, &[hold(None)])), [BlockerKind::LitigationHold, BlockerKind::Retention]);
    assert_eq!(kind(key(after(5), true, &[hold(None)])), [BlockerKind::LitigationHold], "a hold does not even hide");
    let nothing = Schedule::default();
    let rules = Rules::new(after(50), [].iter(), &nothing);
    assert_eq!(kind(ItemClearance::decide_due(&item, Digest([0; 32]), true, &rules, Seq(1))), [BlockerKind::NotDue]);
    assert!(ItemClearance::decide(&item, Digest([0; 32]), &rules, Seq(1)).is_ok(), "on request it may go");
}

/// A policy: for all or for the mailbox, its terms; all numbers small so that dates meet.
fn any_terms() -> impl Strategy<Value = Terms> {
    (proptest::option::of(1u32..6), proptest::option::of(1u32..6), any::<bool>(), any::<bool>()).prop_map(
        |(keep, delete, then, imported)| Terms {
            keep: keep.and_then(|n| Period::parse(&format!("{n}y"))),
            then: if then { Then::Delete } else { Then::Keep },
            delete_after: delete.and_then(|n| Period::parse(&format!("{n}y"))),
            from: if imported { PeriodStart::Imported } else { PeriodStart::Sent },
        },
    )
}

fn scheduled(policies: &[(bool, Terms)], label_terms: Option<Terms>) -> (Schedule, Option<LabelUse>) {
    let mut schedule = Schedule::default();
    for (i, (scoped, terms)) in policies.iter().enumerate() {
        policy(&mut schedule, &format!("p{i}"), *scoped, "keep 1y");
        schedule.policies.get_mut(&PolicyId(format!("pol_p{i}"))).unwrap().terms = *terms;
    }
    let used = label_terms.map(|terms| {
        let id = label(&mut schedule, "l", "keep 1y", None);
        schedule.labels.get_mut(&id).unwrap().terms = terms;
        used(&id)
    });
    (schedule, used)
}

proptest! {
    #[test]
    fn the_order_of_policies_never_matters(
        policies in proptest::collection::vec((any::<bool>(), any_terms()), 0..6), label in proptest::option::of(any_terms()), years in 0u32..13,
    ) {
        let mailbox = mailbox(1);
        let (now, mut reversed) = (after(years), policies.clone());
        reversed.reverse();
        let of = |policies: &[(bool, Terms)]| {
            let (schedule, used) = scheduled(policies, label);
            let item = subject(&mailbox, used.as_ref(), None);
            let rules = Rules::new(now, [].iter(), &schedule);
            let verdict = rules.retention.verdict(&item.life());
            (decide(&item, &rules) == Decision::Dispose, due(&item, &rules).map(|due| (due.at, due.hide_only)), verdict.keep_until(), verdict.gone_at())
        };
        prop_assert_eq!(of(&policies), of(&reversed));
    }

    #[test]
    fn another_rule_or_hold_never_frees_what_is_kept(
        policies in proptest::collection::vec((any::<bool>(), any_terms()), 0..5), more in (any::<bool>(), any_terms()), years in 0u32..13, days in proptest::option::of(0u32..4000),
    ) {
        let mailbox = mailbox(1);
        let now = after(years);
        let (schedule, _) = scheduled(&policies, None);
        let item = subject(&mailbox, None, None);
        let kept = |schedule: &Schedule, holds: &[Hold]| decide(&item, &Rules::new(now, holds.iter(), schedule)) != Decision::Dispose;
        let longer: Vec<_> = policies.iter().copied().chain([more]).collect();
        let (more_schedule, _) = scheduled(&longer, None);
        if kept(&schedule, &[]) {
            prop_assert!(kept(&more_schedule, &[]));
            prop_assert!(kept(&schedule, &[hold(days)]));
        }
        let mut floored = schedule.clone();
        floored.floor = Some(Floor { keep: Period::parse("4y").unwrap(), set: change(1) });
        prop_assert!(!kept(&schedule, &[]) || kept(&floored, &[]));
        prop_assert!(years >= 4 || kept(&floored, &[]));
    }

    #[test]
    fn once_free_and_due_an_item_stays_so_while_nothing_but_the_clock_changes(
        policies in proptest::collection::vec((any::<bool>(), any_terms()), 0..5), label in proptest::option::of(any_terms()), years in 0u32..13, later in 0u32..13,
    ) {
        let mailbox = mailbox(1);
        let (schedule, used) = scheduled(&policies, label);
        let item = subject(&mailbox, used.as_ref(), None);
        let (early, late) = (Rules::new(after(years), [].iter(), &schedule), Rules::new(after(years + later), [].iter(), &schedule));
        if decide(&item, &early) == Decision::Dispose {
            prop_assert_eq!(decide(&item, &late), Decision::Dispose);
        }
        if let Some(before) = due(&item, &early) {
            let after = due(&item, &late).unwrap();
            prop_assert_eq!((before.at, &before.rule), (after.at, &after.rule));
            prop_assert!(before.hide_only || !after.hide_only);
        }
    }

    #[test]
    fn a_quick_look_never_misses_what_is_due(
        policies in proptest::collection::vec((any::<bool>(), any_terms()), 0..5), label in proptest::option::of(any_terms()), years in 0u32..13, dated: bool,
    ) {
        let mailbox = mailbox(1);
        let (schedule, used) = scheduled(&policies, label);
        let mut item = subject(&mailbox, used.as_ref(), None);
        item.sent = item.sent.filter(|_| dated);
        let rules = Rules::new(after(years), [].iter(), &schedule);
        prop_assert!(due(&item, &rules).is_none() || rules.retention.may_be_due(&item.life(), rules.now));
        // What is not kept and due goes; nothing goes before its time.
        let verdict = rules.retention.verdict(&item.life());
        let gone = due(&item, &rules).is_some_and(|due| !due.hide_only);
        prop_assert_eq!(gone, verdict.gone_at().is_some_and(|at| at <= rules.now));
    }
}
