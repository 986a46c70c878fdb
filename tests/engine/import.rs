//! Import: counts, byte identity, repetition.

use crate::common::TestArchive;
use custodia::archive::SearchOptions;

const MESSAGES: u64 = 1_500;

#[test]
fn a_feed_is_imported_with_exactly_the_counts_that_are_in_it() {
    let (test, report) = TestArchive::imported(MESSAGES);
    let truth = &test.truth;
    assert!(report.balanced, "{report:?}");
    assert_eq!(report.balance.read, MESSAGES);
    assert_eq!(report.balance.imported, truth.archived.messages);
    assert_eq!(report.balance.not_imported, truth.unmapped);
    assert_eq!(report.balance.items.imported, truth.total_items());
    assert_eq!(report.balance.attachments, truth.archived.attachments);
    let mut archive = test.open();
    let all = archive.search("", &SearchOptions::default()).unwrap();
    assert_eq!((all.total, all.items), (truth.archived.messages, truth.total_items()));
    let wire = archive.search("body:wire", &SearchOptions::default()).unwrap();
    assert_eq!(wire.total, truth.archived.words["wire"]);
    let count = |query: &str| test.open().search(query, &SearchOptions::default()).unwrap().total;
    assert_eq!(count("kind:deletion"), truth.archived.deletions);
    assert_eq!(count("kind:edit"), truth.archived.edits);
    assert_eq!(count("kind:call"), truth.archived.calls + truth.archived.aggregated_calls);
    assert_eq!(count("isdeleted:true"), truth.archived.deleted_originals);
    assert_eq!(count("isedited:true"), truth.archived.edited_originals);
    for user in archive.users().unwrap() {
        assert_eq!(
            user.messages,
            truth.items.get(user.user.email.as_str()).copied().unwrap_or(0),
            "{}",
            user.user.email
        );
    }
}

#[test]
fn importing_the_same_feed_again_changes_nothing() {
    let (test, first) = TestArchive::imported(600);
    let before = test.files(&["vault", "mail", "index"]);
    let second = test.import();
    assert_eq!(second.balance.already, first.balance.imported);
    assert_eq!(second.balance.not_imported, first.balance.not_imported);
    assert_eq!((second.balance.imported, second.balance.revised), (0, 0));
    assert!(second.balanced);
    assert_eq!(test.files(&["vault", "mail", "index"]), before);
}

#[test]
fn an_archive_that_cannot_be_written_is_read_and_says_that_it_was_not_recorded() {
    use std::os::unix::fs::PermissionsExt as _;
    let (test, _) = TestArchive::imported(60);
    // The superuser writes through permissions, and then reads as ever.
    for lock in ["index/.tantivy-meta.lock", "journal/append.lock"] {
        let path = test.path().join(lock);
        let _ = std::fs::remove_file(&path);
        std::fs::set_permissions(path.parent().unwrap(), std::fs::Permissions::from_mode(0o500)).unwrap();
    }
    let root = std::fs::write(test.path().join("index/probe"), b"").is_ok();
    let found = test.open().search("", &SearchOptions::default()).unwrap();
    assert_eq!(found.total, test.truth.archived.messages);
    assert!(root || found.warnings.iter().any(|w| w.starts_with("not_audited")), "{:?}", found.warnings);
    for folder in ["index", "journal"] {
        std::fs::set_permissions(test.path().join(folder), std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}
