//! Kills within a backup and a restore: what was finished before is as it was, and the next run completes it.

use crate::{
    child::{self, Fate},
    stage::{ONE_BATCH, Stage, feed, scratch},
};
use custodia::{
    Archive, ErrorKind,
    archive::{ApplyOptions, Backup, RestoreRequest, Selection, VerifyOptions},
    clock::SystemClock,
    model::{Code, Seq},
    progress::Silent,
};
use std::{path::Path, sync::Arc};

/// Every point that a backup passes, in this order, and how often it was passed before the kill.
const POINTS: [(&str, u64); 6] = [
    ("backup.file", 1),
    ("backup.file", 20),
    ("backup.batch", 1),
    ("backup.lines", 1),
    ("backup.copied", 1),
    ("backup.stated", 1),
];

/// The last line of the backup; 0: there is none. It verifies, but for what is about to be removed.
fn as_of(dir: &Path, when: &str) -> Seq {
    match Backup::open(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => Seq(0),
        Err(e) => panic!("{when}: {e:?}"),
        Ok(backup) => {
            let report = backup.verify(&Silent).unwrap();
            assert_eq!(report.damaged, 0, "{when}: {report:?}");
            assert!(report.findings.iter().all(|finding| finding.code == Code::VaultForeign), "{when}: {report:?}");
            report.as_of
        }
    }
}

#[test]
fn a_kill_at_any_point_of_a_backup_leaves_the_one_of_before() {
    let stage = Stage::imported(&feed(ONE_BATCH));
    for (point, nth) in POINTS {
        let when = format!("{point} {nth}");
        let stage = stage.copy();
        let folder = scratch();
        let dir = folder.path().join("backup");
        child::killed(child::backup(&stage.path(), &dir, Fate::Killed(point, nth)), &when);
        assert_eq!(as_of(&dir, &when) > Seq(0), point == "backup.stated", "{when}");
        let first = stage.open().backup(&dir, false, &Silent).unwrap();
        assert_eq!((first.missing, first.as_of), (0, as_of(&dir, &when)), "{when}");
        // With something to add and something to remove.
        let mut writer = stage.writer();
        let plan = writer.archive_mut().plan_deletion(&Selection::Query("kind:call".into()), &[], "x", false).unwrap();
        writer.apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
        drop(writer);
        stage.import(&feed(200).path);
        child::killed(child::backup(&stage.path(), &dir, Fate::Killed(point, nth)), &when);
        assert_eq!(as_of(&dir, &when) > first.as_of, point == "backup.stated", "{when}");
        let last = stage.open().backup(&dir, false, &Silent).unwrap();
        assert_eq!((last.missing, last.as_of), (0, as_of(&dir, &when)), "{when}");
        let report = Backup::open(&dir).unwrap().verify(&Silent).unwrap();
        assert_eq!((report.findings, report.unfinished), (vec![], false), "{when}");
    }
}

#[test]
fn a_kill_at_any_point_of_a_restore_leaves_no_archive_or_a_whole_one() {
    let stage = Stage::imported(&feed(ONE_BATCH));
    let folder = scratch();
    let dir = folder.path().join("backup");
    let made = stage.open().backup(&dir, false, &Silent).unwrap();
    for (point, nth) in [("backup.file", 20), ("restore.copied", 1), ("restore.recorded", 1), ("index", 1)] {
        let to = folder.path().join("restored");
        child::killed(child::restore(&dir, &to, Fate::Killed(point, nth)), point);
        let request = RestoreRequest { to: to.clone(), ..RestoreRequest::default() };
        let clock = Arc::new(SystemClock);
        let again = Backup::open(&dir).unwrap().restore(&request, crate::common::actor(), clock.clone(), &Silent);
        assert_eq!(again.unwrap_err().kind(), ErrorKind::CannotCreate, "{point}");
        if point == "index" {
            drop(custodia::ArchiveWriter::open(crate::common::open(&to), &Silent).unwrap());
            let report = crate::common::open(&to).verify(&VerifyOptions::default(), &[], &Silent).unwrap();
            assert_eq!((report.damaged, report.findings), (0, vec![]));
            assert!(crate::common::open(&to).as_of() > made.as_of);
        } else {
            let opened = Archive::open(&to, crate::common::actor(), clock);
            assert_eq!(opened.unwrap_err().kind(), ErrorKind::NoArchive, "{point}");
        }
        std::fs::remove_dir_all(&to).unwrap();
    }
}
