//! Syncs that fail: the n-th, for every n. The writer stops and says so; opening again recovers.

use crate::{
    child::alone,
    stage::{Feed, ONE_BATCH, Stage, feed},
};
use custodia::{
    ArchiveWriter, Error, ErrorKind,
    archive::{ApplyOptions, HoldRequest, ImportOptions, Selection},
    fs::fault,
    progress::Silent,
};

/// Far more syncs than any of these tests makes.
const NEVER: u64 = 1_000_000;

/// Runs `attempt` with the n-th sync failing, for every n until it succeeds. Returns how many failed.
fn every_sync(mut attempt: impl FnMut(u64) -> Result<(), Error>, mut check: impl FnMut(u64)) -> u64 {
    for n in 1..200 {
        fault::fail_sync_at(n);
        let result = attempt(n);
        fault::fail_sync_at(NEVER);
        match result {
            Ok(()) => return n - 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Poisoned, "sync {n}: {error}"),
        }
        check(n);
    }
    panic!("200 syncs were not enough");
}

fn import(stage: &Stage, feed: &Feed) -> Result<(), Error> {
    let mut writer = ArchiveWriter::open(stage.open(), &Silent)?;
    let paths = [feed.path.clone()];
    let result = writer.import(&paths, &ImportOptions::default(), &Silent, &mut |_| {});
    if result.is_err() {
        let again = writer.import(&paths, &ImportOptions::default(), &Silent, &mut |_| {}).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Poisoned, "a writer whose sync failed goes on: {again}");
    }
    result.map(|_| ())
}

#[test]
fn whichever_sync_of_an_import_fails_the_next_import_completes_it() {
    alone("poison::whichever_sync_of_an_import_fails_the_next_import_completes_it", || {
        let feed = feed(ONE_BATCH);
        let stage = std::cell::RefCell::new(Stage::empty(&feed.corpus));
        let failed = every_sync(
            |_| import(&stage.borrow(), &feed),
            |n| {
                let when = format!("sync {n} failed");
                stage.borrow().check_committed(&when);
                stage.borrow().check_completes(&feed, &when);
                stage.replace(Stage::empty(&feed.corpus));
            },
        );
        assert!(failed >= 8, "only {failed} syncs");
        stage.borrow().check_verifies("no sync failed");
    });
}

#[test]
fn whichever_sync_of_a_deletion_fails_the_next_open_finishes_it() {
    alone("poison::whichever_sync_of_a_deletion_fails_the_next_open_finishes_it", || {
        let feed = feed(ONE_BATCH);
        let template = Stage::imported(&feed);
        let all = Selection::Query("kind:chat wire".into());
        let plan = template.open().plan_deletion(&all, &[], "end of retention", false).unwrap().plan.0;
        for purge in [false, true] {
            let stage = std::cell::RefCell::new(template.copy());
            let options = ApplyOptions { purge, ..ApplyOptions::default() };
            let apply = |_| ArchiveWriter::open(stage.borrow().open(), &Silent)?.apply_plan(&plan, options).map(|_| ());
            let failed = every_sync(apply, |n| {
                let when = format!("purge {purge}, sync {n} failed");
                drop(stage.borrow().writer());
                stage.borrow().check_verifies(&when);
                match stage.borrow().writer().apply_plan(&plan, options) {
                    Ok(report) => assert_eq!(report.plan.disposed, report.plan.matched, "{when}"),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Usage, "{when}: {error}"),
                }
                let now = stage.borrow().open().plan(&plan).unwrap();
                assert_eq!((now.disposed, now.status), (now.matched, "applied"), "{when}");
                stage.borrow().check_verifies(&when);
                stage.replace(template.copy());
            });
            assert!(failed >= 4, "only {failed} syncs");
        }
    });
}

#[test]
fn a_hold_whose_sync_fails_is_not_acknowledged_and_can_be_placed_again() {
    alone("poison::a_hold_whose_sync_fails_is_not_acknowledged_and_can_be_placed_again", || {
        let stage = Stage::imported(&feed(ONE_BATCH));
        stage.open().create_case("Falcon", "", false).unwrap();
        let request = HoldRequest {
            name: "falcon-ana".into(),
            case: "Falcon".into(),
            mailboxes: vec!["ana.ruiz@northgate.example".into()],
            reason: "request 17".into(),
            ..HoldRequest::default()
        };
        fault::fail_sync_at(1);
        assert_eq!(stage.open().place_hold(&request, false).unwrap_err().kind(), ErrorKind::Poisoned);
        fault::fail_sync_at(NEVER);
        // The line may have reached the disk: then the hold is there, which is the safe side.
        match stage.open().place_hold(&request, false) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::Exists),
        }
        assert!(stage.open().hold("falcon-ana").unwrap().report.items > 0);
        stage.check_verifies("a hold");
    });
}
