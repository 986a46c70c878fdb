//! An archive that is ready for an import, beside a feed that all tests of one size share.

use crate::{common, picture::Picture};
use custodia::{
    Archive, ArchiveWriter,
    archive::{CreateOptions, ImportOptions, ImportReport, SearchOptions, VerifyOptions},
    clock::SystemClock,
    journal::{ChainReport, Journal, verify_chain},
    model::{Entry, Event, Instant, Severity, Watermark, event::Archived},
    progress::Silent,
    query::{self, Context, Facts, Item, Marks},
    source,
    synthetic::Corpus,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

/// Three batches: a first one, one in the middle, and a last one that is not full.
pub const THREE_BATCHES: u64 = 2_200;
/// One batch, for what does not depend on batches.
pub const ONE_BATCH: u64 = 300;

/// A feed, and the archive that comes of it when nothing disturbs the import.
pub struct Feed {
    pub path: PathBuf,
    pub corpus: Corpus,
    /// Messages that are archived after each batch.
    pub after_batch: Vec<usize>,
    pub picture: Picture,
}

/// The feed of this size, made once.
pub fn feed(messages: u64) -> Arc<Feed> {
    static FEEDS: OnceLock<Mutex<BTreeMap<u64, Arc<Feed>>>> = OnceLock::new();
    let feeds = FEEDS.get_or_init(Mutex::default);
    let mut feeds = feeds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    feeds.entry(messages).or_insert_with(|| Arc::new(make_feed(messages))).clone()
}

fn make_feed(messages: u64) -> Feed {
    let corpus = Corpus { seed: 1, messages };
    // The same bytes in every run: one file, put in place as a whole.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{messages}.zip"));
    let own = path.with_extension(std::process::id().to_string());
    corpus.write_feed(&mut std::fs::File::create(&own).unwrap()).unwrap();
    std::fs::rename(&own, &path).unwrap();
    let stage = Stage::empty(&corpus);
    let report = stage.import(&path);
    assert!(report.balanced, "{report:?}");
    let mut after_batch = vec![0];
    let mut archived = 0;
    for entry in stage.journal() {
        match entry.line.event {
            Event::MessageArchived { .. } => archived += 1,
            Event::Commit { .. } if after_batch.last() != Some(&archived) => after_batch.push(archived),
            _ => {}
        }
    }
    Feed { path, corpus, after_batch, picture: Picture::of(&stage) }
}

/// A folder in memory where there is one: kills and failures are the same there, and hundreds of syncs are not waited
/// for.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).unwrap()
}

/// An archive in a folder of its own.
pub struct Stage {
    dir: tempfile::TempDir,
}

impl Stage {
    /// An archive with users and mapping and no messages.
    pub fn empty(corpus: &Corpus) -> Self {
        let this = Self { dir: scratch() };
        let clock = Arc::new(SystemClock);
        let mut archive = Archive::create(&this.path(), CreateOptions::default(), common::actor(), clock).unwrap();
        archive.import_users(corpus.users_csv().as_bytes(), false).unwrap();
        archive.import_mapping("mapping.csv", corpus.mapping_csv().as_bytes(), false, None, false).unwrap();
        this
    }

    /// The same, with the feed imported.
    pub fn imported(feed: &Feed) -> Self {
        let this = Self::empty(&feed.corpus);
        this.import(&feed.path);
        this
    }

    /// A copy of this archive, hard links between its files kept.
    pub fn copy(&self) -> Self {
        let dir = scratch();
        let done = std::process::Command::new("cp").arg("-a").arg(self.path()).arg(dir.path()).status().unwrap();
        assert!(done.success());
        Self { dir }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("archive")
    }

    pub fn open(&self) -> Archive {
        common::open(&self.path())
    }

    pub fn writer(&self) -> ArchiveWriter {
        ArchiveWriter::open(self.open(), &Silent).unwrap()
    }

    pub fn import(&self, feed: &Path) -> ImportReport {
        self.import_all(&[feed.to_owned()])
    }

    pub fn import_all(&self, feeds: &[PathBuf]) -> ImportReport {
        self.writer().import(feeds, &ImportOptions::default(), &Silent, &mut |_| {}).unwrap()
    }

    /// The whole journal, complete batches only.
    pub fn journal(&self) -> Vec<Entry> {
        let mut reader = self.raw_journal().read_after(&Watermark::START).unwrap();
        std::iter::from_fn(|| reader.next_entry().unwrap()).collect()
    }

    /// The messages that were committed.
    pub fn committed(&self) -> Vec<Archived> {
        let archived = |entry: Entry| match entry.line.event {
            Event::MessageArchived { message } => Some(*message),
            _ => None,
        };
        self.journal().into_iter().filter_map(archived).collect()
    }

    pub fn chain(&self) -> ChainReport {
        verify_chain(&self.raw_journal(), &[]).unwrap()
    }

    fn raw_journal(&self) -> Journal {
        Journal::at(self.path().join("journal"), self.path().join("quarantine"))
    }

    /// Every message whose batch was committed is present, searchable and verifies; nothing else is found. Returns how
    /// many there are.
    pub fn check_committed(&self, when: &str) -> usize {
        let chain = self.chain();
        assert_eq!(chain.first_bad, None, "{when}");
        let committed = self.committed();
        let mut archive = self.open();
        assert!(archive.mismatches().is_empty() && archive.warnings().is_empty(), "{when}: {:?}", archive.warnings());
        assert_eq!(archive.index_state().state, "current", "{when}");
        let count = archive.search("", &SearchOptions { limit: 2, ..SearchOptions::default() }).unwrap();
        assert_eq!(count.total, committed.len() as u64, "{when}");
        self.check_answers(&mut archive, when);
        let mut found = archive.search_ids("", &everything()).unwrap();
        let mut wanted: Vec<_> = committed.iter().map(|m| m.id).collect();
        found.sort();
        wanted.sort();
        assert!(found == wanted, "{when}: other messages are found than were committed");
        if let Some(last) = committed.last() {
            assert_eq!(archive.raw(&last.id.to_string()).unwrap().len() as u64, last.size, "{when}");
        }
        self.check_verifies(when);
        committed.len()
    }

    /// The counts of a search are those of the language itself, asked message by message over the files of the vault.
    pub fn check_answers(&self, archive: &mut Archive, when: &str) {
        let context = Context::at(Instant(0));
        for text in [
            "wire",
            "\"wire transfer\"",
            "transf* NEAR(4) wire",
            "kind:deletion OR invoice",
            "NOT wire sent>=2025-06-01",
        ] {
            let answer = archive.search(text, &SearchOptions { limit: 1, ..SearchOptions::default() }).unwrap();
            let expr = query::resolve(&query::parse(text).unwrap().expr, &context).unwrap().expr;
            let mut expected = 0;
            for entry in self.journal().into_iter().filter(|entry| entry.line.seq <= answer.as_of) {
                let Event::MessageArchived { message } = entry.line.event else { continue };
                let digest = message.digest.to_hex();
                let file = self.path().join("vault").join(&digest[..2]).join(format!("{digest}.eml"));
                let understood = source::understand(message.identity.source, &std::fs::read(file).unwrap()).unwrap();
                let facts = Facts::of(&understood, message.size);
                let mailbox = message.mailboxes.first().unwrap();
                expected += u64::from(query::hits(&expr, &Item { facts: &facts, mailbox, marks: &Marks::NONE }));
            }
            assert_eq!(answer.total, expected, "{when}: {text}, as of {}", answer.as_of);
        }
    }

    /// Nothing is damaged: every vault file has its digest, every item its entry, the chain is unbroken.
    pub fn check_verifies(&self, when: &str) {
        let report = self.open().verify(&VerifyOptions::default(), &[], &Silent).unwrap();
        let losses: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Loss).collect();
        assert_eq!(report.damaged, 0, "{when}: {losses:#?}");
    }

    /// Importing again completes the archive: the same as if nothing had happened.
    pub fn check_completes(&self, feed: &Feed, when: &str) {
        let before = self.committed().len() as u64;
        let report = self.import(&feed.path);
        assert!(report.balanced, "{when}: {report:?}");
        assert_eq!(report.balance.already, before, "{when}");
        assert_eq!(report.balance.imported + before, feed.after_batch.last().copied().unwrap() as u64, "{when}");
        Picture::of(self).assert_same(&feed.picture, when);
        let chain = self.chain();
        assert_eq!((chain.first_bad, chain.tail.unfinished, chain.tail.unreadable), (None, 0, 0), "{when}");
    }
}

/// All hits, without reading their files.
pub fn everything() -> SearchOptions {
    SearchOptions { limit: usize::MAX, snippets: false, ..SearchOptions::default() }
}
