//! Requests for erasure: what is free is planned, what is blocked is remembered and proposed again.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{ApplyOptions, ErasureMade, HoldRequest, Selection, Subject},
    model::{MailboxName, PhoneNumber, PlanBasis},
};

fn subject(test: &TestArchive) -> Subject {
    Subject::Email(test.corpus.story().custodian.to_owned())
}

fn request(archive: &mut Archive, subject: &Subject, dry_run: bool) -> ErasureMade {
    archive.request_erasure(subject, "DSR-1", "art. 17", dry_run).unwrap()
}

/// A hold on another mailbox than the subject's.
fn hold(test: &TestArchive) -> MailboxName {
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    let custodian = test.corpus.story().custodian.to_string();
    let mailboxes = vec![custodian.clone()];
    let request = HoldRequest {
        name: "F".into(),
        case: "Falcon".into(),
        mailboxes,
        reason: "claim".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
    MailboxName::parse(&custodian).unwrap()
}

#[test]
fn what_is_free_is_planned_and_what_is_blocked_is_remembered_until_its_hold_ends() {
    let (test, _) = TestArchive::imported(300);
    let held = hold(&test);
    let made = request(&mut test.open(), &subject(&test), false);
    let plan = made.plan.unwrap();
    let report = &made.report;
    assert!(report.restricted > 0 && plan.matched > 0, "{report:?}");
    assert_eq!(report.restricted + report.planned, report.request.matched);
    assert_eq!((report.free, plan.blocked), (0, 0));
    assert_eq!(plan.basis, PlanBasis::Erasure(report.request.id.to_string()));
    assert_eq!(report.blocked_by[0].name, "F");
    let id = report.request.id.0.clone();
    let refused = test.open().plan_erasure(&id, false).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Held);
    assert!(refused.to_string().contains('F') && refused.details()["blocked"].as_u64() == Some(report.restricted));
    let options = ApplyOptions { purge: true, ..ApplyOptions::default() };
    test.writer().apply_plan(&plan.plan.0, options).unwrap();
    let now = test.open().erasure(&id).unwrap();
    assert_eq!((now.gone, now.present, now.restricted), (plan.matched, report.restricted, report.restricted));
    assert_eq!(test.open().complete_erasure(&id, "done", false).unwrap_err().kind(), ErrorKind::Held);
    assert!(test.open().state().boxes[&held].live.len() >= report.restricted, "nothing held went");

    test.open().release_hold("F", "settled", false).unwrap();
    let delayed = test.open().erasure(&id).unwrap();
    assert_eq!((delayed.free, delayed.restricted), (0, report.restricted), "the hold goes on for its delay");
    test.open().end_delay("F", "agreed", false).unwrap();
    let free = test.open().erasure(&id).unwrap();
    assert_eq!((free.free, free.restricted), (report.restricted, 0), "it became free");
    let doctor = test.open().doctor();
    assert!(
        doctor.checks.iter().any(|c| c.name == "erasures" && c.detail.contains("items of open requests are free")),
        "{doctor:?}"
    );
    let again = test.open().plan_erasure(&id, false).unwrap().plan.unwrap();
    assert_eq!(test.open().plan_erasure(&id, false).unwrap_err().kind(), ErrorKind::Usage, "it is planned");
    test.writer().apply_plan(&again.plan.0, options).unwrap();
    assert_eq!(test.open().complete_erasure(&id, "answered", false).unwrap().status, "completed");
    assert_eq!(test.open().complete_erasure(&id, "answered", false).unwrap_err().kind(), ErrorKind::Usage);
    let none = request(&mut test.open(), &subject(&test), false);
    assert_eq!((none.report.request.matched, none.plan.is_some()), (0, false), "nothing of the person is left");
}

#[test]
fn a_hold_that_is_placed_after_the_plan_of_a_request_blocks_it() {
    let (test, _) = TestArchive::imported(300);
    let made = request(&mut test.open(), &subject(&test), false);
    let plan = made.plan.unwrap();
    let mut writer = test.writer();
    hold(&test);
    let error = writer.apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    drop(writer);
    let report = test.open().erasure(&made.report.request.id.0).unwrap();
    assert!(report.restricted > 0 && report.gone == 0, "{report:?}");
}

#[test]
fn a_dry_run_of_a_request_counts_and_writes_nothing() {
    let (test, _) = TestArchive::imported(300);
    let before = test.open().as_of();
    let dry = request(&mut test.open(), &subject(&test), true);
    assert_eq!(test.open().as_of(), before);
    assert!(test.open().erasures().unwrap().is_empty());
    let real = request(&mut test.open(), &subject(&test), false);
    assert_eq!(dry.report.request.matched, real.report.request.matched);
    assert_eq!(dry.report.free, real.report.planned);
}

#[test]
fn a_cancelled_plan_of_a_request_leaves_its_items_free() {
    let (test, _) = TestArchive::imported(300);
    let made = request(&mut test.open(), &subject(&test), false);
    let (id, plan) = (made.report.request.id.0, made.plan.unwrap());
    test.open().cancel_plan(&plan.plan.0, "", false).unwrap();
    assert_eq!(test.open().erasure(&id).unwrap().free, plan.matched);
    assert_eq!(test.open().plan_erasure(&id, false).unwrap().plan.unwrap().matched, plan.matched);
}

#[test]
fn a_person_is_found_by_number_by_name_and_by_address_and_is_not_written_down() {
    let (test, _) = TestArchive::imported(300);
    let archive = test.open();
    let custodian = MailboxName::parse(test.corpus.story().custodian).unwrap();
    let user = archive.state().users[&custodian].clone();
    let number = user.numbers.first().cloned().unwrap();
    drop(archive);
    let by = |subject: Subject| request(&mut test.open(), &subject, true);
    let by_number = by(Subject::Number(number));
    let by_name = by(Subject::Name(user.name.clone().unwrap()));
    let by_email = by(Subject::Email(custodian.to_string()));
    assert!(by_number.report.request.matched > 0 && by_name.report.request.matched > 0);
    assert!(by_email.report.request.matched >= by_number.report.request.matched, "an address stands for the numbers");
    assert!(!by_name.parties.is_empty() && by_name.parties.iter().all(|row| row.party.name.is_some()));
    let nobody = by(Subject::Number(PhoneNumber::parse("+447700900990").unwrap()));
    assert_eq!((nobody.report.request.matched, nobody.parties.len()), (0, 0));
    assert!(test.open().request_erasure(&Subject::Name("…".into()), "r", "x", true).is_err());
}

#[test]
fn a_number_that_is_asked_for_never_comes_into_the_journal() {
    let (test, _) = TestArchive::imported(300);
    let stranger = test.corpus.unmapped_number();
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let count = |text: &str| text.matches(stranger.trim_start_matches('+')).count();
    let before = count(&std::fs::read_to_string(&journal).unwrap());
    request(
        &mut test.open(),
        &Subject::Number(PhoneNumber::parse(&format!("+{}", stranger.trim_start_matches('+'))).unwrap()),
        false,
    );
    assert_eq!(count(&std::fs::read_to_string(&journal).unwrap()), before);
}

#[test]
fn a_persons_data_is_given_for_a_request_for_access() {
    let (test, _) = TestArchive::imported(300);
    let made = request(&mut test.open(), &subject(&test), false);
    let data = test.open().erasure_data(&made.report.request.id.0).unwrap();
    assert_eq!(data.mailboxes.values().sum::<u64>(), made.report.request.matched);
    assert_eq!((data.ids.len() as u64, data.conversations.values().sum::<u64>()), (data.messages, data.messages));
    assert!(data.first <= data.last && data.first.is_some());
    let ids: Vec<String> = data.ids.iter().map(ToString::to_string).collect();
    let plan = test.open().plan_deletion(&Selection::Ids(ids), &[], "x", true).unwrap();
    assert_eq!(plan.matched, made.report.request.matched, "every item of these messages is the person's");
}

#[test]
fn the_address_of_a_user_stands_for_the_numbers_that_were_mapped_to_them() {
    let (test, _) = TestArchive::imported(300);
    for mailbox in test.corpus.mailboxes() {
        let items = test.truth.items.get(mailbox).copied().unwrap_or(0);
        let made = request(&mut test.open(), &Subject::Email(mailbox.to_string()), true);
        let own = test.open().plan_deletion(&Selection::Query(format!("mailbox:{mailbox}")), &[], "x", true);
        assert_eq!(own.map_or(0, |plan| plan.matched), items);
        assert!(made.report.request.matched >= items, "{mailbox}: {} of {items}", made.report.request.matched);
    }
}
