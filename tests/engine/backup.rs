//! Backups: whole as of one line, whatever runs beside them; what comes back is what was there.

use crate::common::{TestArchive, actor, open};
use custodia::{
    ErrorKind,
    archive::{
        ApplyOptions, Backup, BackupReport, BackupVerifyReport, HoldRequest, ImportOptions, RebuildOptions,
        RestoreReport, RestoreRequest, SearchOptions, Selection, VerifyOptions,
    },
    clock::SystemClock,
    model::{Code, Digest, Severity},
    progress::{Progress, Silent},
    state::State,
    synthetic::Corpus,
};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

const MESSAGES: u64 = 300;

fn place(test: &TestArchive) -> PathBuf {
    test.dir.path().join("backup")
}

fn back_up(test: &TestArchive) -> BackupReport {
    test.open().backup(&place(test), false, &Silent).unwrap()
}

fn verify(test: &TestArchive) -> BackupVerifyReport {
    Backup::open(&place(test)).unwrap().verify(&Silent).unwrap()
}

fn refused(test: &TestArchive) -> ErrorKind {
    test.open().backup(&place(test), false, &Silent).unwrap_err().kind()
}

fn restore(test: &TestArchive, to: &str) -> RestoreReport {
    let request = RestoreRequest { to: test.dir.path().join(to), ..RestoreRequest::default() };
    Backup::open(&place(test)).unwrap().restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap()
}

/// Imports another feed.
fn import_more(test: &TestArchive, seed: u64, messages: u64) {
    test.import_path(&feed(test, seed, messages));
}

fn feed(test: &TestArchive, seed: u64, messages: u64) -> PathBuf {
    let corpus = Corpus { seed, messages };
    let path = test.dir.path().join(format!("more-{seed}.zip"));
    corpus.write_feed(&mut fs::File::create(&path).unwrap()).unwrap();
    path
}

/// A hold, a released one, tags, a soft deletion, a purge.
fn with_history() -> TestArchive {
    let (test, _) = TestArchive::imported(MESSAGES);
    let mut writer = test.writer();
    let archive = writer.archive_mut();
    archive.create_case("Falcon", "", false).unwrap();
    for name in ["one", "two"] {
        let request = HoldRequest {
            name: name.into(),
            case: "Falcon".into(),
            custodians: vec![test.corpus.story().custodian.into()],
            reason: "test".into(),
            ..HoldRequest::default()
        };
        archive.place_hold(&request, false).unwrap();
    }
    archive.release_hold("two", "settled", false).unwrap();
    archive.tag("Wires", &Selection::Query("wire".into()), false).unwrap();
    for (query, purge) in [("hasattachment:true", true), (test.corpus.story().common_word, false)] {
        let plan = writer.archive_mut().plan_deletion(&Selection::Query(query.into()), &[], "test", false).unwrap();
        let options = ApplyOptions { purge, deletable_only: true, ..ApplyOptions::default() };
        assert!(writer.apply_plan(&plan.plan.0, options).unwrap().applied > 0);
    }
    test
}

/// Purges what matches and is free. Returns the digests of the files that went.
fn purge(path: &Path, query: &str) -> u64 {
    let mut writer = custodia::ArchiveWriter::open(open(path), &Silent).unwrap();
    let plan = writer.archive_mut().plan_deletion(&Selection::Query(query.into()), &[], "test", false).unwrap();
    let options = ApplyOptions { purge: true, deletable_only: true, ..ApplyOptions::default() };
    writer.apply_plan(&plan.plan.0, options).unwrap().messages_purged
}

/// The state but for where the journal ends.
fn comparable(state: &State) -> State {
    let mut state = state.clone();
    (state.mark, state.last_at) = (State::default().mark, State::default().last_at);
    state
}

fn vault_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(root.join("vault")).unwrap() {
        files.extend(fs::read_dir(folder.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.sort();
    files
}

#[test]
fn a_second_backup_copies_only_what_is_new() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let first = back_up(&test);
    assert_eq!((first.before.0, first.missing, first.pruned, first.mended), (0, 0, 0, 0));
    assert_eq!((first.copied, first.messages), (first.files, u64::from(test.open().state().messages)));
    assert_eq!(first.files as usize, vault_files(&place(&test)).len());
    let second = back_up(&test);
    assert_eq!((second.copied, second.copied_bytes, second.mended), (0, 0, 0));
    assert_eq!((second.before, second.as_of.0), (first.as_of, first.as_of.0 + 1), "the event of the first");
    import_more(&test, 7, 60);
    let third = back_up(&test);
    assert!(third.copied > 0 && third.copied == third.files - first.files, "{third:?}");
    let verified = verify(&test);
    assert_eq!((verified.damaged, verified.findings, verified.unfinished), (0, vec![], false));
    assert_eq!((verified.as_of, verified.messages), (third.as_of, third.messages));
}

#[test]
fn everything_in_a_backup_is_closed_to_others_and_read_only() {
    let test = with_history();
    back_up(&test);
    import_more(&test, 7, 60);
    back_up(&test);
    let mut folders = vec![place(&test)];
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o7777, 0o700, "{folder:?}");
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.ends_with("lock") => {}
                false => assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o400, "{path:?}"),
            }
        }
    }
    assert!(!place(&test).join("archive.toml").exists(), "a backup is not taken for an archive");
}

#[test]
fn what_is_restored_is_what_was_there_also_after_a_restart_a_rebuild_and_a_copy() {
    let test = with_history();
    let before = comparable(test.open().state());
    assert!(!before.tags.is_empty() && before.holds.len() == 2 && !before.purged.is_empty());
    let ids = |path: &Path| {
        let all = SearchOptions { limit: 100_000, ..SearchOptions::default() };
        open(path).search_ids("", &all).unwrap()
    };
    let found = ids(&test.path());
    let made = back_up(&test);
    let report = restore(&test, "restored");
    assert_eq!((report.missing, report.as_of, report.hash), (0, made.as_of, made.hash));
    let path = test.dir.path().join("restored");
    assert_eq!(comparable(open(&path).state()), before);
    assert_eq!(ids(&path), found);
    let verified = open(&path).verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    assert_eq!((verified.damaged, verified.findings), (0, vec![]));
    // A restart of everything derived.
    fs::remove_file(path.join("state.bin")).unwrap();
    assert_eq!(comparable(open(&path).state()), before);
    open(&path).rebuild(RebuildOptions::all(), &Silent).unwrap();
    assert_eq!(comparable(open(&path).state()), before);
    let copy = test.dir.path().join("copy");
    assert!(std::process::Command::new("cp").arg("-a").args([&path, &copy]).status().unwrap().success());
    assert_eq!(comparable(open(&copy).state()), before);
    assert_eq!(ids(&copy), found);
    // What is held is held there too.
    let mut writer = custodia::ArchiveWriter::open(open(&copy), &Silent).unwrap();
    let query = format!("mailbox:{}", test.corpus.story().custodian);
    let plan = writer.archive_mut().plan_deletion(&Selection::Query(query), &[], "test", false).unwrap();
    assert_eq!((plan.deletable, plan.blocked > 0), (0, true));
    assert_eq!(fs::read(copy.join("archive.toml")).unwrap(), fs::read(test.path().join("archive.toml")).unwrap());
}

#[test]
fn a_restored_archive_goes_on_and_is_backed_up_into_the_same_backup() {
    let test = with_history();
    back_up(&test);
    restore(&test, "restored");
    fs::rename(test.path(), test.dir.path().join("lost")).unwrap();
    fs::rename(test.dir.path().join("restored"), test.path()).unwrap();
    import_more(&test, 7, 60);
    let again = back_up(&test);
    assert!(again.copied > 0 && again.missing == 0);
    assert_eq!(verify(&test).damaged, 0);
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let (test, _) = TestArchive::imported(60);
    let lines = test.open().as_of();
    let would = test.open().backup(&place(&test), true, &Silent).unwrap();
    assert!(!place(&test).exists() && test.open().as_of() == lines);
    let done = back_up(&test);
    assert_eq!((would.copied, would.copied_bytes, would.files), (done.copied, done.copied_bytes, done.files));
    let request = RestoreRequest { to: test.dir.path().join("new"), dry_run: true, anchors: vec![] };
    let report =
        Backup::open(&place(&test)).unwrap().restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap();
    assert_eq!((report.files, report.missing), (done.files, 0));
    assert!(!request.to.exists());
}

#[test]
fn every_backup_beside_a_running_import_is_whole() {
    let (test, _) = TestArchive::imported(60);
    let more = feed(&test, 7, 1_500);
    let done = AtomicBool::new(false);
    let mut last = custodia::model::Seq(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = test.writer();
            writer.import(&[more], &ImportOptions::default(), &Silent, &mut |_| {}).unwrap();
            done.store(true, Ordering::SeqCst);
        });
        loop {
            let over = done.load(Ordering::SeqCst);
            let report = back_up(&test);
            assert!(report.missing == 0 && report.as_of > last, "{report:?}");
            last = report.as_of;
            assert_eq!(verify(&test).findings, []);
            if over {
                break;
            }
        }
    });
    restore(&test, "restored");
    let path = test.dir.path().join("restored");
    assert_eq!(open(&path).state().messages, test.open().state().messages);
    assert_eq!(open(&path).verify(&VerifyOptions::default(), &[], &Silent).unwrap().damaged, 0);
}

/// Says stop at the n-th time that it is asked while files are copied.
struct StopAt(AtomicU64);

impl Progress for StopAt {
    fn cancelled(&self) -> bool {
        let left = self.0.load(Ordering::SeqCst);
        self.0.store(left.saturating_sub(1), Ordering::SeqCst);
        left == 0
    }
}

#[test]
fn an_interrupted_backup_is_none_and_goes_on_where_it_stopped() {
    let (test, _) = TestArchive::imported(MESSAGES);
    let stopped = test.open().backup(&place(&test), false, &StopAt(AtomicU64::new(1))).unwrap_err();
    assert_eq!(stopped.kind(), ErrorKind::Interrupted);
    let there = vault_files(&place(&test)).len() as u64;
    assert!(there > 0);
    assert_eq!(Backup::open(&place(&test)).unwrap_err().kind(), ErrorKind::NotFound);
    let whole = back_up(&test);
    assert_eq!(whole.copied, whole.files - there);
    assert_eq!(whole.mended, 0);
    // Interrupted later, the backup of before is what it was.
    import_more(&test, 7, 300);
    let error = test.open().backup(&place(&test), false, &StopAt(AtomicU64::new(6))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let between = verify(&test);
    assert_eq!((between.as_of, between.damaged, between.unfinished), (whole.as_of, 0, true), "{between:?}");
    assert!(vault_files(&place(&test)).len() as u64 > whole.files);
    restore(&test, "old");
    let last = back_up(&test);
    assert!(last.missing == 0 && last.copied > 0);
    assert_eq!((verify(&test).damaged, verify(&test).unfinished), (0, false));
}

#[test]
fn what_an_interrupted_write_left_of_the_journal_is_mended() {
    let (test, _) = TestArchive::imported(60);
    back_up(&test);
    let segment = place(&test).join("journal/00000000000000000001.jsonl");
    let old = fs::read(&segment).unwrap();
    import_more(&test, 7, 60);
    let ours = fs::read(test.path().join("journal/00000000000000000001.jsonl")).unwrap();
    let zeros = [&ours[..old.len() + 100], &[0; 5_000][..]].concat();
    let manifest = fs::read(place(&test).join("backup.json")).unwrap();
    for (left, unfinished) in [(ours[..old.len() + 777].to_vec(), "a part"), (zeros, "zeros"), (old.clone(), "nothing")]
    {
        fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&segment, left).unwrap();
        fs::create_dir_all(place(&test).join("incoming")).unwrap();
        fs::remove_file(place(&test).join("backup.json")).unwrap();
        fs::write(place(&test).join("backup.json"), &manifest).unwrap();
        assert_eq!(verify(&test).damaged, 0, "{unfinished}");
        assert_eq!(back_up(&test).mended, 0, "{unfinished}");
        assert_eq!(verify(&test).damaged, 0, "{unfinished}");
    }
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&segment, &old[..old.len() - 5]).unwrap();
    let cut = verify(&test);
    assert!(cut.damaged > 0 && cut.findings[0].code == Code::ChainBroken, "{cut:?}");
    assert_eq!(back_up(&test).mended, 1, "the lines that the backup had lost");
    assert_eq!(verify(&test).damaged, 0);
}

#[test]
fn changed_missing_and_foreign_files_of_a_backup_are_named() {
    let (test, _) = TestArchive::imported(60);
    back_up(&test);
    let files = vault_files(&place(&test));
    let codes = |test: &TestArchive| {
        let report = verify(test);
        assert_eq!(report.damaged as usize, report.findings.iter().filter(|f| f.severity == Severity::Loss).count());
        report.findings.into_iter().map(|finding| (finding.code, finding.path)).collect::<Vec<_>>()
    };
    let name = |path: &Path| path.strip_prefix(place(&test)).unwrap().display().to_string();
    fs::remove_file(&files[0]).unwrap();
    fs::set_permissions(&files[1], fs::Permissions::from_mode(0o600)).unwrap();
    let mut bytes = fs::read(&files[1]).unwrap();
    bytes[10] ^= 1;
    fs::write(&files[1], &bytes).unwrap();
    let stranger = Digest::of(b"x").to_hex();
    let foreign = place(&test).join(format!("vault/{}/{stranger}.eml", &stranger[..2]));
    fs::write(&foreign, b"x").unwrap();
    fs::write(place(&test).join("vault/00/notes.txt"), b"x").unwrap();
    fs::write(place(&test).join("notes.txt"), b"x").unwrap();
    fs::create_dir_all(place(&test).join("journal/lists")).unwrap();
    fs::write(place(&test).join("journal/lists").join(&stranger), b"y").unwrap();
    let found = codes(&test);
    for expected in [
        (Code::VaultMissing, name(&files[0])),
        (Code::VaultChanged, name(&files[1])),
        (Code::VaultForeign, name(&foreign)),
        (Code::VaultForeign, "vault/00/notes.txt".to_owned()),
        (Code::JournalForeign, "notes.txt".to_owned()),
        (Code::ListDamaged, format!("journal/lists/{stranger}")),
    ] {
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    }
    assert_eq!(found.len(), 6, "{found:?}");
    // Restoring gives everything that is well, and names the rest.
    let report = restore(&test, "restored");
    assert_eq!((report.missing, report.findings.len()), (2, 2));
    let verified = open(&test.dir.path().join("restored")).verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    let missing = verified.findings.iter().filter(|finding| finding.code == Code::VaultMissing).count();
    assert_eq!(missing, 2);
    assert!(!test.dir.path().join("restored/vault/00/notes.txt").exists());
    // The next backup puts back what is missing; it does not trust itself to judge the rest.
    assert_eq!(back_up(&test).mended, 1);
    assert_eq!(codes(&test).len(), 5);
}

#[test]
fn what_was_purged_is_purged_in_the_backup_and_nothing_else() {
    let (test, _) = TestArchive::imported(MESSAGES);
    back_up(&test);
    let before = vault_files(&place(&test));
    assert!(purge(&test.path(), "kind:call") > 0);
    let left: Vec<PathBuf> = vault_files(&test.path());
    let report = back_up(&test);
    assert_eq!((report.pruned as usize, report.missing), (before.len() - left.len(), 0));
    let names = |files: &[PathBuf]| files.iter().map(|f| f.file_name().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&vault_files(&place(&test))), names(&left));
    assert_eq!(verify(&test).damaged, 0);
    // What an interruption left is named, and goes the next time.
    let gone = before.iter().find(|file| !names(&left).contains(&file.file_name().unwrap().to_owned())).unwrap();
    fs::write(gone, b"text of somebody").unwrap();
    assert_eq!(verify(&test).findings[0].code, Code::VaultForeign);
    assert_eq!(back_up(&test).pruned, 1);
    assert!(!gone.exists());
    assert_eq!(back_up(&test).pruned, 0);
}

/// Purges in the middle of a backup: when the journal was read and before the first file is copied.
struct PurgeOnce(PathBuf, AtomicBool);

impl Progress for PurgeOnce {
    fn begin(&self, what: &str, _: Option<u64>) {
        if what == "backing up" && !self.1.swap(true, Ordering::SeqCst) {
            assert!(purge(&self.0, "kind:call") > 0);
        }
    }
}

#[test]
fn a_purge_in_the_middle_of_a_backup_is_followed() {
    for first in [true, false] {
        let (test, _) = TestArchive::imported(MESSAGES);
        if !first {
            back_up(&test);
        }
        let progress = PurgeOnce(test.path(), AtomicBool::new(false));
        let report = test.open().backup(&place(&test), false, &progress).unwrap();
        assert_eq!((report.missing, report.findings), (0, vec![]));
        assert_eq!(verify(&test).damaged, 0);
        back_up(&test);
        assert_eq!(verify(&test).damaged, 0);
        assert_eq!(vault_files(&place(&test)).len(), vault_files(&test.path()).len(), "{first}");
    }
}

#[test]
fn a_file_that_the_archive_lost_is_a_finding_and_what_the_backup_has_stays() {
    let (test, _) = TestArchive::imported(60);
    let files = vault_files(&test.path());
    fs::remove_file(&files[0]).unwrap();
    fs::set_permissions(&files[1], fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&files[1], b"changed").unwrap();
    let report = back_up(&test);
    let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((report.missing, codes), (2, vec![Code::VaultMissing, Code::VaultChanged]));
    assert!(report.findings.iter().all(|finding| finding.id.is_some() && finding.seq.is_some()));
    assert_eq!(verify(&test).damaged, 2, "a backup that lacks something does not verify");
    assert_eq!(Backup::open(&place(&test)).unwrap().manifest().missing, 2);
    // What was backed up before it was lost comes back.
    let (test, _) = TestArchive::imported(60);
    back_up(&test);
    fs::remove_file(&vault_files(&test.path())[0]).unwrap();
    let report = back_up(&test);
    assert_eq!((report.missing, report.copied), (0, 0));
    restore(&test, "restored");
    let restored = open(&test.dir.path().join("restored")).verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    assert_eq!(restored.damaged, 0);
}

#[test]
fn a_backup_that_is_ahead_differs_or_is_of_another_archive_is_left_alone() {
    let (test, _) = TestArchive::imported(60);
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let early = fs::read(&journal).unwrap();
    test.open().create_case("Later", "", false).unwrap();
    back_up(&test);
    let bytes = |dir: &Path| {
        let name = |f: &str| fs::read(dir.join(f)).unwrap();
        (name("backup.json"), name("journal/00000000000000000001.jsonl"), vault_files(dir))
    };
    let before = bytes(&place(&test));
    let late = fs::read(&journal).unwrap();
    // An older copy of the archive.
    fs::write(&journal, &early).unwrap();
    let error = test.open().backup(&place(&test), false, &Silent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains("ends at line") && error.hint().unwrap().contains("audit"), "{error:?}");
    // An older copy that went on by itself.
    fs::remove_file(test.path().join("state.bin")).unwrap();
    fs::remove_file(test.path().join("watermark.json")).unwrap();
    for name in ["A", "B", "C", "D"] {
        test.open().create_case(name, "", false).unwrap();
    }
    assert_eq!(refused(&test), ErrorKind::Damaged);
    fs::write(&journal, &late).unwrap();
    assert_eq!(bytes(&place(&test)), before);
    // Another archive.
    let other = TestArchive::bare();
    let error = other.open().backup(&place(&test), false, &Silent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CannotCreate);
    assert!(error.to_string().contains("another archive"), "{error}");
    // One byte of the backup's lines was changed.
    let segment = place(&test).join("journal/00000000000000000001.jsonl");
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).unwrap();
    let mut changed = before.1.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    fs::write(&segment, &changed).unwrap();
    let error = test.open().backup(&place(&test), false, &Silent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains(&format!("byte {at}")), "{error}");
    assert_eq!(verify(&test).findings[0].code, Code::ChainBroken);
    let request = RestoreRequest { to: test.dir.path().join("new"), ..RestoreRequest::default() };
    let restored = Backup::open(&place(&test)).unwrap().restore(&request, actor(), Arc::new(SystemClock), &Silent);
    assert_eq!(restored.unwrap_err().kind(), ErrorKind::Damaged);
    assert!(!request.to.exists());
}

#[test]
fn a_damaged_journal_is_not_backed_up() {
    let (test, _) = TestArchive::imported(60);
    back_up(&test);
    let before = fs::read(place(&test).join("backup.json")).unwrap();
    import_more(&test, 7, 60);
    let journal = test.path().join("journal/00000000000000000001.jsonl");
    let mut bytes = fs::read(&journal).unwrap();
    let at = bytes.len() - 2_000;
    bytes[at] ^= 1;
    fs::write(&journal, bytes).unwrap();
    assert_eq!(refused(&test), ErrorKind::Damaged);
    assert_eq!(fs::read(place(&test).join("backup.json")).unwrap(), before);
    assert_eq!(verify(&test).damaged, 0);
}

#[test]
fn a_backup_has_a_folder_of_its_own() {
    let (test, _) = TestArchive::imported(60);
    let kind = |dir: &Path| test.open().backup(dir, false, &Silent).unwrap_err().kind();
    fs::create_dir(test.dir.path().join("full")).unwrap();
    fs::write(test.dir.path().join("full/notes.txt"), b"x").unwrap();
    fs::write(test.dir.path().join("file"), b"x").unwrap();
    symlink(test.path(), test.dir.path().join("link")).unwrap();
    for dir in ["archive", "archive/backup", "archive/vault/00", "link/backup", "", "full", "file"] {
        assert_eq!(kind(&test.dir.path().join(dir)), ErrorKind::CannotCreate, "{dir}");
    }
    assert_eq!(fs::read_dir(test.dir.path().join("full")).unwrap().count(), 1);
    assert!(!test.path().join("backup").exists());
    back_up(&test);
    // Nor is anything restored over something, or into the backup.
    let backup = Backup::open(&place(&test)).unwrap();
    for to in ["full", "file", "archive", "backup", "backup/new"] {
        let request = RestoreRequest { to: test.dir.path().join(to), ..RestoreRequest::default() };
        let error = backup.restore(&request, actor(), Arc::new(SystemClock), &Silent).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotCreate, "{to}");
    }
}

#[test]
fn a_manifest_that_is_none_is_refused_and_nothing_is_followed_out_of_a_backup() {
    let (test, _) = TestArchive::imported(60);
    back_up(&test);
    let manifest = place(&test).join("backup.json");
    let good = fs::read_to_string(&manifest).unwrap();
    let huge = format!("{{\"schema\":\"{}", "x".repeat(2_000_000));
    let settings = good.replace("hard-link", "copy");
    let deep = "[".repeat(100_000);
    let no_archive = good.replace("\"archive\":", "\"archiv\":");
    for bad in ["", "x", "{}", "[]", "null", &huge, &deep, &settings, &no_archive, "{\"schema\":\"custodia.backup/1\"}"]
    {
        fs::remove_file(&manifest).unwrap();
        fs::write(&manifest, bad).unwrap();
        let what = &bad[..bad.len().min(40)];
        assert_eq!(Backup::open(&place(&test)).unwrap_err().kind(), ErrorKind::Damaged, "{what}");
        assert_eq!(refused(&test), ErrorKind::Damaged, "{what}");
    }
    fs::write(&manifest, good.replace("manifest/1", "manifest/2")).unwrap();
    assert_eq!(refused(&test), ErrorKind::FormatNewer);
    // A manifest that claims another line than the journal has.
    let forged: serde_json::Value = serde_json::from_str(&good).unwrap();
    for (field, value) in [("seq", 3u64), ("offset", 17), ("segment", 9), ("seq", u64::MAX), ("offset", u64::MAX)] {
        let mut forged = forged.clone();
        forged["as_of"][field] = value.into();
        fs::write(&manifest, forged.to_string()).unwrap();
        assert_eq!(refused(&test), ErrorKind::Damaged, "{field} {value}");
        assert!(verify(&test).damaged > 0, "{field} {value}");
        let request = RestoreRequest { to: test.dir.path().join("new"), ..RestoreRequest::default() };
        let restored = Backup::open(&place(&test)).unwrap().restore(&request, actor(), Arc::new(SystemClock), &Silent);
        assert_eq!(restored.unwrap_err().kind(), ErrorKind::Damaged, "{field} {value}");
    }
    fs::write(&manifest, &good).unwrap();
    assert_eq!(verify(&test).damaged, 0);
    let outside = test.dir.path().join("outside");
    for name in ["vault", "vault/0a", "journal", "incoming", "sources"] {
        let (path, kept) = (place(&test).join(name), test.dir.path().join("kept"));
        let _ = fs::rename(&path, &kept);
        fs::create_dir_all(outside.join("deep")).unwrap();
        symlink(&outside, &path).unwrap();
        assert_eq!(refused(&test), ErrorKind::Damaged, "{name}");
        assert_eq!(Backup::open(&place(&test)).unwrap_err().kind(), ErrorKind::Damaged, "{name}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "{name}");
        fs::remove_file(&path).unwrap();
        let _ = fs::rename(&kept, &path);
    }
    // A message file, and the open segment.
    let file = vault_files(&place(&test))[0].clone();
    fs::rename(&file, outside.join("message")).unwrap();
    symlink(outside.join("message"), &file).unwrap();
    assert_eq!(verify(&test).findings[0].code, Code::VaultUnreadable);
    // A pipe is not waited for, neither here nor in the archive.
    let files = [vault_files(&place(&test))[1].clone(), vault_files(&test.path())[1].clone()];
    for pipe in &files {
        fs::remove_file(pipe).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    }
    assert_eq!(restore(&test, "restored").missing, 2);
    let report = back_up(&test);
    assert_eq!((report.mended, report.missing), (1, 1));
    assert_eq!(report.findings[0].code, Code::VaultUnreadable);
    fs::remove_file(&files[0]).unwrap();
    assert!(file.symlink_metadata().unwrap().is_file());
    let segment = place(&test).join("journal/00000000000000000001.jsonl");
    fs::rename(&segment, outside.join("lines")).unwrap();
    symlink(outside.join("lines"), &segment).unwrap();
    assert_eq!(refused(&test), ErrorKind::Damaged);
}

#[test]
fn a_second_backup_at_the_same_time_waits_for_nobody_and_is_refused() {
    struct Second<'a>(&'a TestArchive, AtomicBool);
    impl Progress for Second<'_> {
        fn begin(&self, what: &str, _: Option<u64>) {
            if what == "backing up" {
                assert_eq!(refused(self.0), ErrorKind::Locked);
                self.1.store(true, Ordering::SeqCst);
            }
        }
    }
    let (test, _) = TestArchive::imported(60);
    let second = Second(&test, AtomicBool::new(false));
    test.open().backup(&place(&test), false, &second).unwrap();
    assert!(second.1.load(Ordering::SeqCst));
}

#[test]
fn a_backup_is_restored_by_hand_as_the_page_says() {
    let test = with_history();
    back_up(&test);
    let before = comparable(test.open().state());
    let path = test.dir.path().join("by-hand");
    fs::create_dir(&path).unwrap();
    for name in ["vault", "journal"] {
        let copied = std::process::Command::new("cp").arg("-a").arg(place(&test).join(name)).arg(&path).status();
        assert!(copied.unwrap().success());
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(place(&test).join("backup.json")).unwrap()).unwrap();
    let segment = format!("journal/{:020}.jsonl", manifest["as_of"]["segment"].as_u64().unwrap());
    fs::set_permissions(path.join(&segment), fs::Permissions::from_mode(0o600)).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path.join(&segment)).unwrap();
    file.set_len(manifest["as_of"]["offset"].as_u64().unwrap()).unwrap();
    fs::write(path.join("archive.toml"), manifest["archive_toml"].as_str().unwrap()).unwrap();
    drop(custodia::ArchiveWriter::open(open(&path), &Silent).unwrap());
    // The original recorded the backup behind its last line.
    let state = comparable(open(&path).state());
    assert_eq!(State { last_backup: None, ..before }, state);
    assert_eq!(open(&path).verify(&VerifyOptions::default(), &[], &Silent).unwrap().findings, []);
}

#[test]
fn a_journal_of_several_segments_is_followed() {
    let (test, _) = TestArchive::imported(60);
    let first = back_up(&test);
    import_more(&test, 7, 60);
    back_up(&test);
    import_more(&test, 8, 60);
    // The journal goes on in another file, as it does when one has grown large.
    let path = |first: u64| test.path().join(format!("journal/{first:020}.jsonl"));
    let text = fs::read_to_string(path(1)).unwrap();
    let at = text.lines().position(|line| line.contains("\"type\":\"backup.created\"")).unwrap();
    assert_eq!(at as u64, first.as_of.0);
    let split: usize = text.lines().take(at + 1).map(|line| line.len() + 1).sum();
    fs::write(path(1), &text[..split]).unwrap();
    fs::write(path(at as u64 + 2), &text[split..]).unwrap();
    for store in ["state.bin", "watermark.json"] {
        fs::remove_file(test.path().join(store)).unwrap();
    }
    fs::remove_dir_all(test.path().join("index")).unwrap();
    fs::remove_dir_all(test.path().join("catalog")).unwrap();
    // The backup has its lines in one file still: another form of the same journal is not followed.
    assert_eq!(refused(&test), ErrorKind::Damaged);
    fs::remove_dir_all(place(&test)).unwrap();
    back_up(&test);
    import_more(&test, 9, 60);
    let last = back_up(&test);
    assert_eq!((last.missing, last.mended), (0, 0));
    assert_eq!(verify(&test).findings, []);
    let segments = fs::read_dir(place(&test).join("journal")).unwrap();
    assert_eq!(segments.filter(|entry| entry.as_ref().unwrap().path().is_file()).count(), 2);
    let before = comparable(test.open().state());
    restore(&test, "restored");
    let restored = comparable(open(&test.dir.path().join("restored")).state());
    assert_eq!(State { last_backup: None, ..restored }, State { last_backup: None, ..before });
    // A segment that is gone from the backup is copied again.
    fs::remove_file(place(&test).join(format!("journal/{:020}.jsonl", 1))).unwrap();
    assert!(verify(&test).damaged > 0);
    assert_eq!(back_up(&test).mended, 1);
    assert_eq!(verify(&test).findings, []);
}

#[test]
fn lists_and_kept_sources_come_along() {
    let test = TestArchive::bare();
    test.open().add_user("ana@northgate.example", None, &[]).unwrap();
    let chat = test.dir.path().join("WhatsApp Chat with Bob.txt");
    let lines: String =
        (0..120).map(|n| format!("01/02/2026, {}:{:02} - Bob: invoice {n}\n", 10 + n / 60, n % 60)).collect();
    fs::write(&chat, lines).unwrap();
    let phone = custodia::archive::PhoneImport {
        owner: Some("ana@northgate.example".into()),
        me: Some("Ana".into()),
        source_tz: Some(custodia::model::Zone::UTC),
        keep_source: true,
        ..Default::default()
    };
    let options = ImportOptions { phone, ..ImportOptions::default() };
    let report = test.writer().import(&[chat], &options, &Silent, &mut |_| {}).unwrap();
    assert_eq!(report.balance.imported, 120);
    // More items than a line takes.
    let planned = test.open().plan_deletion(&Selection::Query("invoice".into()), &[], "test", false).unwrap();
    assert_eq!(planned.deletable, 120);
    let made = back_up(&test);
    let kept = fs::read_dir(test.path().join("sources")).unwrap().count() as u64;
    assert!(kept > 0 && made.copied == made.files + kept + 1, "{made:?}");
    let source = fs::read_dir(place(&test).join("sources")).unwrap().next().unwrap().unwrap().path();
    restore(&test, "restored");
    let verified = open(&test.dir.path().join("restored")).verify(&VerifyOptions::default(), &[], &Silent).unwrap();
    assert_eq!(verified.findings, []);
    let restored = open(&test.dir.path().join("restored")).plan(&planned.plan.0).unwrap();
    assert_eq!(restored.deletable, 120);
    let list = fs::read_dir(place(&test).join("journal/lists")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&list).unwrap();
    assert_eq!(verify(&test).findings[0].code, Code::ListDamaged);
    assert_eq!(back_up(&test).mended, 1);
    fs::remove_file(&source).unwrap();
    fs::write(place(&test).join("sources/notes.txt"), b"x").unwrap();
    let codes: Vec<Code> = verify(&test).findings.into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::SourceMissing, Code::SourceForeign]);
    assert_eq!(back_up(&test).mended, 1);
}

#[test]
fn who_has_no_role_for_it_restores_nothing() {
    let (test, _) = TestArchive::imported(20);
    let toml = test.path().join("archive.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, format!("{text}\n[roles]\ndata-connector-admin = [\"j.ward\"]\n")).unwrap();
    test.open().backup(&place(&test), false, &Silent).unwrap();
    let request = RestoreRequest { to: test.dir.path().join("restored"), ..RestoreRequest::default() };
    let restore = |who: &str| {
        let actor = custodia::model::Actor { claimed: who.into(), ..actor() };
        Backup::open(&place(&test)).unwrap().restore(&request, actor, Arc::new(SystemClock), &Silent)
    };
    assert_eq!(restore("a.quill").unwrap_err().kind(), ErrorKind::NotAllowed);
    assert!(!request.to.exists());
    assert_eq!(restore("j.ward").unwrap().missing, 0);
}
