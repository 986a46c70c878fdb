//! What the catalog promises its caller.

use super::*;
use crate::model::{Identity, MessageId, MessageKind, RunId, Seq, SourceKind};

fn archived(ordinal: u32, native: &str, account: Option<&str>, kind: MessageKind) -> Archived {
    let identity =
        Identity { source: SourceKind::Telemessage, account: account.map(Into::into), native: native.into() };
    let source_digest = Digest::of(native.as_bytes());
    Archived {
        ordinal: Ordinal(ordinal),
        id: MessageId::derive(&identity.key(), &source_digest),
        digest: Digest::of(b"file"),
        size: 4,
        source_digest,
        kind,
        sent: None,
        story: Some(native.trim_start_matches("DELETE_FOR_ALL-").to_owned()),
        identity,
        partial: None,
        vague: false,
        revises: None,
        mailboxes: vec![],
        attributed: vec![],
        edited: false,
        run: RunId("run_1".into()),
        source: 0,
        entry: String::new(),
    }
}

fn mark(seq: u64) -> Watermark {
    Watermark { seq: Seq(seq), ..Watermark::START }
}

#[test]
fn a_committed_row_is_found_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let original = archived(0, "ABC", Some("447700900101"), MessageKind::Chat);
    {
        let (mut catalog, none) = Catalog::open(dir.path()).unwrap();
        assert_eq!(none, None);
        catalog.add(&original).unwrap();
        catalog.add(&archived(1, "DELETE_FOR_ALL-ABC", Some("447700900101"), MessageKind::Deletion)).unwrap();
        catalog.seal();
        catalog.commit(&mark(7)).unwrap();
        catalog.flush().unwrap();
    }
    let (catalog, found) = Catalog::open(dir.path()).unwrap();
    assert_eq!(found, Some(mark(7)));
    let versions = catalog.versions(&original.identity.key()).unwrap();
    assert_eq!(versions.len(), 1);
    assert!(versions[0].says(&original.source_digest) && !versions[0].says(&Digest::of(b"other")));
    let story = catalog.story("ABC").unwrap();
    assert_eq!(story.iter().map(|row| (row.ordinal.0, row.is_notice())).collect::<Vec<_>>(), [(0, false), (1, true)]);
    assert!(story[0].same_account(Some("447700900101")) && story[0].same_account(None));
    assert!(!story[0].same_account(Some("447700900102")));
    assert_eq!(catalog.check(2).unwrap(), CatalogCheck { known: 2, foreign: 0 });
}

#[test]
fn a_catalog_without_its_sentinel_or_full_of_rubbish_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (mut catalog, _) = Catalog::open(dir.path()).unwrap();
        catalog.add(&archived(0, "ABC", None, MessageKind::Chat)).unwrap();
        catalog.seal();
        catalog.commit(&mark(3)).unwrap();
        catalog.flush().unwrap();
    }
    std::fs::write(dir.path().join("db"), b"rubbish").unwrap();
    std::fs::write(dir.path().join("snap.0000000000000001.generating"), b"half").unwrap();
    let (catalog, found) = Catalog::open(dir.path()).unwrap();
    assert_eq!(found, None);
    assert!(catalog.story("ABC").unwrap().is_empty());
}
