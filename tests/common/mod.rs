//! An archive in a temporary folder, filled by the seeded corpus through the real import path.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use custodia::{
    Archive, ArchiveWriter,
    archive::{CreateOptions, ImportItem, ImportOptions, ImportReport},
    clock::SystemClock,
    model::Actor,
    progress::Silent,
    synthetic::{Corpus, Truth},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Who acts in tests.
pub fn actor() -> Actor {
    Actor { claimed: "j.ward".into(), os_user: "jward".into(), host: "pc7".into(), program: "custodia test".into() }
}

/// A folder with an archive and its input.
pub struct TestArchive {
    pub dir: tempfile::TempDir,
    pub corpus: Corpus,
    pub truth: Truth,
}

impl TestArchive {
    /// An archive with users and mapping, and a feed beside it that is not imported yet.
    pub fn new(messages: u64) -> Self {
        Self::seeded(1, messages)
    }

    /// An archive without users or mapping.
    pub fn bare() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let corpus = Corpus { seed: 1, messages: 1 };
        let this = Self { dir, corpus, truth: corpus.truth() };
        Archive::create(&this.path(), CreateOptions::default(), actor(), Arc::new(SystemClock)).unwrap();
        this
    }

    /// The same with another seed.
    pub fn seeded(seed: u64, messages: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let corpus = Corpus { seed, messages };
        let mut file = std::fs::File::create(dir.path().join(corpus.feed_name())).unwrap();
        let truth = corpus.write_feed(&mut file).unwrap();
        let this = Self { dir, corpus, truth };
        let mut archive =
            Archive::create(&this.path(), CreateOptions::default(), actor(), Arc::new(SystemClock)).unwrap();
        let users = archive.import_users(corpus.users_csv().as_bytes(), false).unwrap();
        assert!(users.rejected.is_empty(), "{users:?}");
        let map = archive.import_mapping("mapping.csv", corpus.mapping_csv().as_bytes(), false, None, false).unwrap();
        assert!(map.rejected.is_empty(), "{map:?}");
        this
    }

    /// An archive with the feed imported.
    pub fn imported(messages: u64) -> (Self, ImportReport) {
        let this = Self::new(messages);
        let report = this.import();
        (this, report)
    }

    /// The archive's folder.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("archive")
    }

    /// The feed zip.
    pub fn feed(&self) -> PathBuf {
        self.dir.path().join(self.corpus.feed_name())
    }

    pub fn open(&self) -> Archive {
        open(&self.path())
    }

    pub fn writer(&self) -> ArchiveWriter {
        ArchiveWriter::open(self.open(), &Silent).unwrap()
    }

    /// Imports the feed.
    pub fn import(&self) -> ImportReport {
        self.import_path(&self.feed()).0
    }

    /// Imports anything; returns the report and its rows.
    pub fn import_path(&self, path: &Path) -> (ImportReport, Vec<ImportItem>) {
        let mut rows = Vec::new();
        let mut writer = self.writer();
        let report = writer
            .import(&[path.to_owned()], &ImportOptions::default(), &Silent, &mut |item| rows.push(item.clone()))
            .unwrap();
        (report, rows)
    }

    /// Every file of the archive below these folders, with its digest, sorted.
    pub fn files(&self, below: &[&str]) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for top in below {
            walk(&self.path().join(top), &mut files);
        }
        files.sort();
        files
    }
}

/// Opens an archive as the test's actor.
pub fn open(path: &Path) -> Archive {
    Archive::open(path, actor(), Arc::new(SystemClock)).unwrap()
}

/// Takes out of an answer when it was counted, which is never the same.
pub fn forget_when(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|name, _| !["computed_at", "as_of"].contains(&name.as_str()));
            fields.values_mut().for_each(forget_when);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(forget_when),
        _ => {}
    }
}

fn walk(path: &Path, files: &mut Vec<(String, String)>) {
    let meta = path.symlink_metadata().unwrap();
    if meta.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), files);
        }
    } else {
        let bytes = std::fs::read(path).unwrap();
        files.push((path.display().to_string(), custodia::model::Digest::of(&bytes).to_hex()));
    }
}
