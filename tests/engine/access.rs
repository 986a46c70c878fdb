//! Who may do what: roles, refusals that are recorded, and the second person.

use crate::common::{TestArchive, actor};
use custodia::{
    Archive, ArchiveWriter, Error, ErrorKind,
    archive::{ApplyOptions, AuditFilter, HoldRequest, SearchOptions, Selection, SignedApproval, VerifyOptions},
    clock::SystemClock,
    model::Actor,
    progress::Silent,
};
use ed25519_dalek::{Signer, SigningKey};
use std::{fs, io::Write as _, sync::Arc};

fn settings(test: &TestArchive, text: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(test.path().join("archive.toml")).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn second_person(test: &TestArchive) {
    let path = test.path().join("archive.toml");
    let text = fs::read_to_string(&path).unwrap().replace("second_person = false", "second_person = true");
    assert!(text.contains("second_person = true"), "{text}");
    fs::write(&path, text).unwrap();
}

fn as_who(test: &TestArchive, claimed: &str, os_user: &str) -> Archive {
    let who = Actor { claimed: claimed.into(), os_user: os_user.into(), ..actor() };
    Archive::open(&test.path(), who, Arc::new(SystemClock)).unwrap()
}

const ROLES: &str = "\n[roles]\ndata-connector-admin = [\"iris\"]\nediscovery-manager = [\"ward\"]\n\
    compliance-admin = [\"os:hale\"]\nauditor = [\"quill\"]\n";

/// Every operation of one right each.
fn attempts(archive: &mut Archive) -> Vec<(&'static str, Option<ErrorKind>)> {
    fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
        result.err().map(|error| error.kind())
    }
    vec![
        ("user.add", kind(archive.add_user("new@northgate.example", None, &[]))),
        ("search", kind(archive.search("wire", &SearchOptions::default()))),
        ("case.create", kind(archive.create_case("Mine", "", true))),
        ("hold.release", kind(archive.release_hold("one", "x", true))),
        ("delete.plan", kind(archive.plan_deletion(&Selection::Query("wire".into()), &[], "x", true))),
        ("audit.list", kind(archive.audit(&AuditFilter::default(), &mut |_| Ok(())))),
        ("verify", kind(archive.verify(&VerifyOptions::default(), &[], &Silent))),
        ("hold.explain", kind(archive.explain("ana.ruiz@northgate.example"))),
        ("retention.policy.list", kind(archive.policies(true))),
    ]
}

fn with_hold() -> TestArchive {
    let (test, _) = TestArchive::imported(200);
    let mut archive = test.open();
    archive.create_case("Falcon", "", false).unwrap();
    let custodians = vec![test.corpus.story().custodian.to_owned()];
    let request = HoldRequest {
        name: "one".into(),
        case: "Falcon".into(),
        custodians,
        reason: "x".into(),
        query: Some("wire".into()),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
    test
}

#[test]
fn a_role_allows_what_it_is_for_and_everything_else_is_refused_and_recorded() {
    let test = with_hold();
    settings(&test, ROLES);
    let table: [(&str, &str, &[&str]); 5] = [
        ("iris", "x", &["user.add"]),
        ("ward", "x", &["search", "case.create", "hold.release", "hold.explain", "retention.policy.list"]),
        ("somebody", "hale", &["delete.plan", "hold.explain", "retention.policy.list"]),
        ("quill", "x", &["audit.list", "verify"]),
        ("nobody", "x", &[]),
    ];
    for (claimed, os_user, allowed) in table {
        let mut archive = as_who(&test, claimed, os_user);
        for (operation, result) in attempts(&mut archive) {
            let expected = if allowed.contains(&operation) { None } else { Some(ErrorKind::NotAllowed) };
            assert_eq!(result, expected, "{claimed}/{os_user} {operation}");
        }
    }
    let mut refused = Vec::new();
    let filter = AuditFilter { kind: Some("access.refused".into()), ..AuditFilter::default() };
    let auditor = as_who(&test, "quill", "x");
    auditor
        .audit(&filter, &mut |row| {
            refused.push((row.actor, row.event["operation"].as_str().unwrap().to_owned()));
            Ok(())
        })
        .unwrap();
    assert_eq!(refused.len(), 5 * 9 - 11);
    assert!(refused.contains(&("ward".to_owned(), "delete.plan".to_owned())));
}

#[test]
fn a_misspelt_role_is_an_error_and_not_silently_nobody() {
    let test = TestArchive::bare();
    settings(&test, "\n[roles]\nediscovery_manager = [\"ward\"]\n");
    let error = Archive::open(&test.path(), actor(), Arc::new(SystemClock)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn what_fails_is_recorded_once_with_its_kind() {
    let test = with_hold();
    let archive = test.open();
    let error = archive.hold("nothing").unwrap_err();
    archive.record_failure("hold.show", "not_found", &error);
    let mut archive = test.open();
    let refused = archive.close_case("Falcon", "x", false).unwrap_err();
    archive.record_failure("case.close", "held", &refused);
    let mut seen = Vec::new();
    let filter = AuditFilter { kind: Some("operation.failed".into()), ..AuditFilter::default() };
    archive
        .audit(&filter, &mut |row| {
            seen.push(row.event);
            Ok(())
        })
        .unwrap();
    assert_eq!(seen.len(), 1, "the refusal has an event of its own: {seen:?}");
    assert_eq!((&seen[0]["operation"], &seen[0]["code"]), (&"hold.show".into(), &"not_found".into()));
}

#[test]
fn a_release_needs_somebody_elses_account_and_another_name_alone_is_not_somebody_else() {
    let test = with_hold();
    second_person(&test);
    let release = |archive: &mut Archive| archive.release_hold("one", "settled", false).map(|_| ());
    let refused = release(&mut as_who(&test, "ward", "jward")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Held);
    assert_eq!(refused.details()["blockers"][0]["kind"], "second_person");
    as_who(&test, "somebody.else", "jward").approve("one", None, "agreed", false).unwrap();
    let refused = release(&mut as_who(&test, "ward", "jward")).unwrap_err();
    assert!(refused.to_string().contains("only the account jward itself"), "{refused}");
    as_who(&test, "ward", "qhale").approve("one", None, "agreed", true).unwrap();
    assert!(release(&mut as_who(&test, "ward", "jward")).is_err(), "a dry run approves nothing");
    as_who(&test, "ward", "qhale").approve("one", None, "agreed", false).unwrap();
    assert!(release(&mut as_who(&test, "ward", "qhale")).is_ok(), "jward agreed, and qhale releases");
    // That was an agreement to the release, and not to ending the delay behind it.
    let end = |who: &str| as_who(&test, "ward", who).end_delay("one", "hurry", false).map(|_| ());
    assert_eq!(
        (end("jward").unwrap_err().kind(), end("qhale").unwrap_err().kind()),
        (ErrorKind::Held, ErrorKind::Held)
    );
    assert_eq!(as_who(&test, "x", "qhale").approve("one", None, "agreed", false).unwrap().kind, "delay");
    assert_eq!(end("qhale").unwrap_err().kind(), ErrorKind::Held);
    end("jward").unwrap();
    assert_eq!(test.open().approve("one", None, "late", false).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_plan_is_applied_only_with_an_approval_of_that_plan() {
    let test = with_hold();
    second_person(&test);
    let mut archive = test.open();
    let plan = |archive: &mut Archive| {
        archive.plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap().plan
    };
    let (first, second) = (plan(&mut archive), plan(&mut archive));
    drop(archive);
    as_who(&test, "", "qhale").approve(&first.0, None, "looked at it", false).unwrap();
    let mut writer = ArchiveWriter::open(test.open(), &Silent).unwrap();
    let error = writer.apply_plan(&second.0, ApplyOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    let applied = writer.apply_plan(&first.0, ApplyOptions { deletable_only: true, ..ApplyOptions::default() });
    assert!(applied.is_ok_and(|report| report.applied > 0));
}

#[test]
fn a_signed_approval_counts_while_its_key_is_listed_and_is_not_the_actors_own() {
    let test = with_hold();
    second_person(&test);
    let key = SigningKey::from_bytes(&[9; 32]);
    let hex: String = key.verifying_key().to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    settings(&test, &format!("\n[approvers]\n\"q.hale\" = \"{hex}\"\n"));
    let mut archive = test.open();
    let statement = archive.approval_statement("one").unwrap();
    assert!(statement.contains(&archive.meta().id), "{statement}");
    let wrong = key.sign(b"another text").to_bytes();
    let signed = |signature| Some(SignedApproval { approver: "q.hale", signature });
    assert!(archive.approve("one", signed(&wrong), "x", false).is_err());
    let right = key.sign(statement.as_bytes()).to_bytes();
    let stranger = Some(SignedApproval { approver: "stranger", signature: &right });
    assert_eq!(archive.approve("one", stranger, "x", false).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(archive.approve("one", signed(&right), "x", false).unwrap().signed);
    drop(archive);
    let path = test.path().join("archive.toml");
    let listed = fs::read_to_string(&path).unwrap();
    fs::write(&path, listed.replace("q.hale", "somebody.else")).unwrap();
    assert!(test.open().release_hold("one", "x", true).is_err(), "the key is not the listed one's any more");
    fs::write(&path, listed).unwrap();
    assert!(as_who(&test, "Q.Hale", "jward").release_hold("one", "x", true).is_err(), "nobody agrees with themselves");
    let renamed = as_who(&test, "somebody", "q.hale").release_hold("one", "x", true);
    assert!(renamed.is_err(), "nor under another name");
    test.open().release_hold("one", "x", false).unwrap();
}
