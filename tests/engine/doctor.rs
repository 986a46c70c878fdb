//! Doctor: says what is wrong around an archive, and changes nothing.

use crate::common::TestArchive;
use custodia::archive::{DoctorLevel, DoctorReport};
use std::{fs, os::unix::fs::PermissionsExt};

fn level(report: &DoctorReport, name: &str) -> DoctorLevel {
    report.checks.iter().find(|check| check.name == name).unwrap().level
}

#[test]
fn a_new_archive_is_well_but_for_the_region_that_nobody_set() {
    let (test, _) = TestArchive::imported(60);
    fs::set_permissions(test.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let before = test.files(&["vault", "mail", "journal", "state.bin"]);
    let report = test.open().doctor();
    let bad: Vec<_> = report.checks.iter().filter(|check| check.level != DoctorLevel::Fine).collect();
    assert_eq!(bad.iter().map(|check| check.name).collect::<Vec<_>>(), ["default_region"], "{bad:?}");
    assert_eq!(report.worst, DoctorLevel::Warn);
    assert_eq!(test.files(&["vault", "mail", "journal", "state.bin"]), before);
    assert!(!test.path().join("quarantine").exists());
}

#[test]
fn open_folders_missing_stores_and_a_busy_lock_are_told() {
    let (test, _) = TestArchive::imported(60);
    fs::set_permissions(test.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(test.path().join("state.bin")).unwrap();
    let report = test.open().doctor();
    assert_eq!((level(&report, "permissions"), level(&report, "state")), (DoctorLevel::Fail, DoctorLevel::Warn));
    assert_eq!(level(&report, "folders"), DoctorLevel::Fine);
    for mode in [0o710, 0o740, 0o701] {
        fs::set_permissions(test.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(level(&test.open().doctor(), "permissions"), DoctorLevel::Fail, "{mode:o}");
    }
    fs::set_permissions(test.path(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(test.path().join("journal"), fs::Permissions::from_mode(0o755)).unwrap();
    let inside = test.open().doctor();
    assert_eq!((level(&inside, "permissions"), level(&inside, "folders")), (DoctorLevel::Fine, DoctorLevel::Warn));
    let writer = test.writer();
    let report = test.open().doctor();
    let lock = report.checks.iter().find(|check| check.name == "writer_lock").unwrap();
    assert!(lock.detail.contains("pid"), "{lock:?}");
    drop(writer);
}
