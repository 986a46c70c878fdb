//! Several processes at once: what others can do, and see, while one imports.

use crate::{
    child::{self, Fate},
    common,
    stage::{Stage, everything},
};
use custodia::{
    ArchiveWriter, ErrorKind,
    archive::{HoldRequest, SearchOptions, Selection},
    model::Seq,
    progress::Silent,
    synthetic::Corpus,
};
use std::{process::Child, time::Duration};

const CORPUS: Corpus = Corpus { seed: 5, messages: 5_000 };
const CUSTODIAN: &str = "ana.ruiz@northgate.example";

fn runs(import: &mut Child) -> bool {
    import.try_wait().unwrap().is_none()
}

/// Places a hold on a mailbox in a new case and adds a user, from this process.
fn govern(stage: &Stage) {
    let mut archive = stage.open();
    archive.create_case("Falcon", "", false).unwrap();
    let request = HoldRequest {
        name: "falcon-ana".into(),
        case: "Falcon".into(),
        custodians: vec![CUSTODIAN.into()],
        reason: "request 17".into(),
        ..HoldRequest::default()
    };
    assert!(archive.place_hold(&request, false).unwrap().items > 0);
    archive.add_user("new.person@northgate.example", None, &[]).unwrap();
}

/// An item of the held mailbox is blocked, for a reader and for a plan that are new.
fn check_in_force(stage: &Stage) {
    let mut archive = stage.open();
    let options = SearchOptions { mailboxes: vec![CUSTODIAN.into()], limit: 1, ..everything() };
    let id = archive.search_ids("", &options).unwrap().pop().unwrap().to_string();
    let why = archive.explain(&id).unwrap();
    assert!(!why.deletable && why.blockers.iter().any(|row| row.blocker.name == "falcon-ana"), "{why:?}");
    let plan = archive.plan_deletion(&Selection::Ids(vec![id]), &[CUSTODIAN.into()], "no more use", false).unwrap();
    assert_eq!((plan.matched, plan.deletable, plan.blocked), (1, 0, 1));
}

#[test]
fn others_search_hold_and_add_users_while_one_process_imports() {
    let stage = Stage::empty(&CORPUS);
    let feed = stage.path().with_file_name(CORPUS.feed_name());
    let truth = CORPUS.write_feed(&mut std::fs::File::create(&feed).unwrap()).unwrap();
    let mut import = child::import(&stage.path(), &feed, Fate::Slow("journal", 1_500));
    let mut archive = stage.open();
    let (mut seen, mut as_of, mut searches, mut during) = (0, Seq(0), 0, 0);
    let mut governed = false;
    while runs(&mut import) {
        archive.refresh().unwrap();
        let answer = archive.search("", &SearchOptions { limit: 3, ..SearchOptions::default() }).unwrap();
        assert!(answer.total >= seen && answer.as_of > as_of, "{} after {seen}", answer.total);
        assert_eq!(answer.index.state, "current");
        (during, searches) = (during + u64::from(answer.total > seen), searches + 1);
        (seen, as_of) = (answer.total, answer.as_of);
        if seen > 0 && !governed {
            governed = true;
            govern(&stage);
            assert!(runs(&mut import), "the hold waited for the import");
            check_in_force(&stage);
            let second = ArchiveWriter::open(stage.open(), &Silent).err().unwrap();
            assert_eq!(second.kind(), ErrorKind::Locked, "{second}");
            assert!(runs(&mut import), "the import ended too early to prove anything");
            stage.check_answers(&mut archive, "while another process imports");
            let answer = archive.search("", &everything()).unwrap();
            (seen, as_of) = (answer.total, answer.as_of);
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    child::done(import);
    assert!(governed && searches >= 3 && during >= 2, "{searches} searches, {during} saw more than before");
    archive.refresh().unwrap();
    assert_eq!((archive.index_state().state, archive.index_state().behind), ("current", 0));
    let all = archive.search("", &SearchOptions { limit: 0, ..SearchOptions::default() }).unwrap();
    assert_eq!((all.total, all.items), (truth.archived.messages, truth.total_items()));
    // What came after the hold was placed is covered as well.
    assert_eq!(archive.hold("falcon-ana").unwrap().report.items, truth.items[CUSTODIAN]);
    assert_eq!(archive.cases().unwrap().len(), 1);
    assert!(archive.users().unwrap().iter().any(|row| row.user.email.as_str() == "new.person@northgate.example"));
    assert_eq!(stage.chain().first_bad, None);
    stage.check_verifies("after the import");
    check_in_force(&stage);
}

#[test]
fn processes_that_append_at_the_same_time_do_not_lose_a_line() {
    let stage = Stage::empty(&CORPUS);
    let path = stage.path();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut archive = common::open(path);
                for n in 0..25 {
                    archive.create_case(&format!("case {thread}-{n}"), "", false).unwrap();
                }
            });
        }
    });
    assert_eq!(stage.open().cases().unwrap().len(), 100);
    let chain = stage.chain();
    assert_eq!((chain.first_bad, chain.tail.unfinished), (None, 0));
}
