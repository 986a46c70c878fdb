//! Derived state that is damaged, gone, or from another day: every archive opens, and answers as before.

use crate::{
    picture::Picture,
    stage::{Stage, feed},
};
use custodia::{
    archive::{ApplyOptions, HoldRequest, Selection},
    synthetic::Corpus,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Messages of the first feed: thirty archives are looked at.
const FEW: u64 = 120;

/// An archive with everything in it that derived state is about, and its derived state of an earlier day.
struct Scene {
    stage: Stage,
    earlier: Stage,
    feeds: [PathBuf; 2],
    picture: Picture,
}

fn scene() -> Scene {
    let first = feed(FEW);
    let stage = Stage::imported(&first);
    let earlier = stage.copy();
    let more = Corpus { seed: 9, messages: 60 };
    let second = stage.path().with_file_name("second.zip");
    more.write_feed(&mut fs::File::create(&second).unwrap()).unwrap();
    stage.import(&second);
    let mut archive = stage.open();
    archive.create_case("Falcon", "", false).unwrap();
    let request = HoldRequest {
        name: "falcon-ana".into(),
        case: "Falcon".into(),
        mailboxes: vec!["ana.ruiz@northgate.example".into()],
        query: Some("wire".into()),
        reason: "request 17".into(),
        ..HoldRequest::default()
    };
    archive.place_hold(&request, false).unwrap();
    let plan = archive.plan_deletion(&Selection::Query("invoice".into()), &[], "end of retention", false).unwrap();
    drop(archive);
    let options = ApplyOptions { deletable_only: true, ..ApplyOptions::default() };
    stage.writer().apply_plan(&plan.plan.0, options).unwrap();
    stage.writer().apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..options }).unwrap();
    let picture = Picture::of(&stage);
    Scene { stage, earlier, feeds: [first.path.clone(), second], picture }
}

fn truncate(path: &Path) {
    let size = path.metadata().unwrap().len();
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(size / 2).unwrap();
}

fn replace_dir(path: &Path, with: &Path) {
    fs::remove_dir_all(path).unwrap();
    let done = std::process::Command::new("cp").arg("-a").arg(with).arg(path).status().unwrap();
    assert!(done.success());
}

/// The index files that hold documents, by the endings of their names.
fn segment_files(stage: &Stage) -> Vec<PathBuf> {
    let names = fs::read_dir(stage.path().join("index")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        names.filter(|p| p.extension().is_some_and(|e| !["json", "lock"].contains(&e.to_str().unwrap()))).collect();
    files.sort();
    files
}

type Harm = (&'static str, fn(&Stage, &Stage));

const STATES: [Harm; 5] = [
    ("state as it was", |_, _| {}),
    ("state cut", |stage, _| truncate(&stage.path().join("state.bin"))),
    ("state of zeros", |stage, _| {
        let path = stage.path().join("state.bin");
        fs::write(&path, vec![0; path.metadata().unwrap().len() as usize]).unwrap();
    }),
    ("state of an earlier day", |stage, earlier| {
        fs::copy(earlier.path().join("state.bin"), stage.path().join("state.bin")).unwrap();
    }),
    ("state gone", |stage, _| fs::remove_file(stage.path().join("state.bin")).unwrap()),
];

const INDEXES: [Harm; 6] = [
    ("index as it was", |_, _| {}),
    ("index without meta.json", |stage, _| fs::remove_file(stage.path().join("index/meta.json")).unwrap()),
    ("index with a cut segment", |stage, _| {
        truncate(segment_files(stage).iter().max_by_key(|path| path.metadata().unwrap().len()).unwrap());
    }),
    ("index of rubbish", |stage, _| fs::write(stage.path().join("index/meta.json"), b"{\"segments\":[1,").unwrap()),
    ("index of an earlier day", |stage, earlier| {
        replace_dir(&stage.path().join("index"), &earlier.path().join("index"));
    }),
    ("index gone", |stage, _| fs::remove_dir_all(stage.path().join("index")).unwrap()),
];

const CATALOGS: [Harm; 5] = [
    ("catalog as it was", |_, _| {}),
    ("catalog of rubbish", |stage, _| {
        for entry in fs::read_dir(stage.path().join("catalog")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::write(path, b"this is no log ".repeat(1_000)).unwrap();
            }
        }
    }),
    ("catalog of an earlier day", |stage, earlier| {
        replace_dir(&stage.path().join("catalog"), &earlier.path().join("catalog"));
    }),
    ("catalog gone", |stage, _| fs::remove_dir_all(stage.path().join("catalog")).unwrap()),
    ("catalog cut", |stage, _| truncate(&stage.path().join("catalog/db"))),
];

/// Harms a copy; then a reader answers as before, and a writer brings everything back.
fn check(scene: &Scene, harms: &[Harm]) {
    let when = harms.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let stage = scene.stage.copy();
    harms.iter().for_each(|(_, harm)| harm(&stage, &scene.earlier));
    let seen = Picture::of(&stage);
    seen.assert_same_answers(&scene.picture, &when);
    let report = stage.import_all(&scene.feeds);
    assert!(report.balanced, "{when}: {report:?}");
    assert_eq!((report.balance.imported, report.balance.revised), (0, 0), "{when}");
    Picture::of(&stage).assert_same(&scene.picture, &when);
    stage.check_verifies(&when);
}

#[test]
fn every_combination_of_damaged_state_and_index_opens_and_answers_as_before() {
    let scene = scene();
    for (s, state) in STATES.iter().enumerate() {
        for (i, index) in INDEXES.iter().enumerate() {
            // Readers never open the catalog: each of its harms meets each of the others once is enough.
            check(&scene, &[*state, *index, CATALOGS[(s + i) % CATALOGS.len()]]);
        }
    }
}

#[test]
fn an_index_of_which_any_one_file_is_cut_is_made_anew() {
    let scene = scene();
    for path in segment_files(&scene.stage) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let stage = scene.stage.copy();
        truncate(&stage.path().join("index").join(&name));
        Picture::of(&stage).assert_same_answers(&scene.picture, &name);
        drop(stage.writer());
        Picture::of(&stage).assert_same(&scene.picture, &name);
    }
}

#[test]
fn a_catalog_of_another_archive_is_made_anew_and_the_index_is_kept() {
    let scene = scene();
    let stage = scene.stage.copy();
    let other = Stage::imported(&feed(FEW));
    replace_dir(&stage.path().join("catalog"), &other.path().join("catalog"));
    let before = segment_files(&stage);
    let report = stage.import(&scene.feeds[0]);
    assert_eq!((report.balance.imported, report.balance.revised), (0, 0));
    assert_eq!(segment_files(&stage), before);
    Picture::of(&stage).assert_same(&scene.picture, "another catalog");
}
