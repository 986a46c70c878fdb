//! The order of writes, from a recorded trace of everything that was done to the disk.

use crate::{child::alone, stage::Stage};
use custodia::{
    archive::{ApplyOptions, Selection},
    fs::fault::{self, Op},
    model::Event,
    synthetic::Corpus,
};

const CORPUS: Corpus = Corpus { seed: 3, messages: 2_100 };
const BATCHES: usize = 3;

fn write_feed(stage: &Stage) -> std::path::PathBuf {
    let path = stage.path().with_file_name(CORPUS.feed_name());
    CORPUS.write_feed(&mut std::fs::File::create(&path).unwrap()).unwrap();
    path
}

/// Follows what is not durable yet.
#[derive(Default)]
struct Dirty {
    vault: usize,
    journal: bool,
}

impl Dirty {
    fn after(&mut self, op: &Op) {
        match op {
            Op::Create(path) if path.contains("/vault/") => self.vault += 1,
            Op::SyncFs => self.vault = 0,
            Op::Append(path) if path.ends_with(".jsonl") => self.journal = true,
            Op::SyncFile(path) if path.ends_with(".jsonl") => self.journal = false,
            _ => {}
        }
    }
}

/// The messages of each batch that was committed: the digest of its file, and the part of the mailbox entry's name that is its id.
fn batches(stage: &Stage) -> Vec<Vec<(String, String)>> {
    let (mut batches, mut open) = (Vec::new(), Vec::new());
    for entry in stage.journal() {
        match entry.line.event {
            Event::MessageArchived { message } => {
                let id = message.id.to_string().trim_start_matches("m_").to_owned();
                open.push((message.digest.to_hex(), id));
            }
            Event::Commit { .. } if !open.is_empty() => batches.push(std::mem::take(&mut open)),
            _ => {}
        }
    }
    batches
}

fn count(trace: &[Op], wanted: impl Fn(&Op) -> bool) -> usize {
    trace.iter().filter(|op| wanted(op)).count()
}

#[test]
fn an_import_writes_vault_then_journal_then_what_is_derived() {
    alone("trace::an_import_writes_vault_then_journal_then_what_is_derived", || {
        let stage = Stage::empty(&CORPUS);
        let feed = write_feed(&stage);
        let mut writer = stage.writer();
        fault::record();
        let report = writer.import(&[feed], &Default::default(), &custodia::progress::Silent, &mut |_| {}).unwrap();
        let trace = fault::take();
        let created = count(&trace, |op| matches!(op, Op::Create(path) if path.contains("/vault/")));
        assert_eq!(created as u64, report.balance.imported);
        let linked = count(&trace, |op| matches!(op, Op::Link(path) if path.contains("/mail/")));
        assert_eq!(linked as u64, report.balance.items.imported);
        let position = |wanted: &dyn Fn(&Op) -> bool| trace.iter().position(wanted).unwrap();
        let mut dirty = Dirty::default();
        trace.iter().for_each(|op| dirty.after(op));
        assert!(!dirty.journal && dirty.vault == 0, "the import was acknowledged before it was durable");
        // A batch is synced while the files of the next one are created: each file is held against its own batch.
        let nth = |wanted: Op, n: usize| trace.iter().enumerate().filter(|(_, op)| **op == wanted).nth(n).unwrap().0;
        for (batch, messages) in batches(&stage).into_iter().enumerate() {
            let (full, synced) = (nth(Op::Point("vault"), batch), nth(Op::SyncFs, batch));
            // The run's own first line is the first append.
            let (written, acknowledged) =
                (nth(Op::Point("journal.write"), batch + 1), nth(Op::Point("journal"), batch));
            assert!(full < synced && synced < written && written < acknowledged);
            for (digest, id) in messages {
                let created = position(&|op| matches!(op, Op::Create(path) if path.contains(&digest)));
                assert!(created < full, "the sync of a batch began before its file {digest} was there");
                let linked = position(&|op| matches!(op, Op::Link(path) if path.contains(&id)));
                assert!(acknowledged < linked, "message {id} was linked before its line was durable");
            }
        }
        let decided = ["vault", "synced", "journal.write", "journal.torn", "journal", "catalog"];
        let points: Vec<&str> = trace
            .iter()
            .filter_map(|op| match op {
                Op::Point(name) if decided.contains(name) => Some(*name),
                _ => None,
            })
            .collect();
        let own_lines = ["journal.write", "journal.torn"];
        let expected: Vec<&str> = own_lines
            .iter()
            .chain(std::iter::repeat_n(&decided, BATCHES).flatten())
            .chain(&own_lines)
            .copied()
            .collect();
        assert_eq!(points, expected);
        for batch in 0..BATCHES {
            assert!(nth(Op::Point("journal"), batch) < nth(Op::Point("mail"), batch));
        }
        let at = |wanted: &dyn Fn(&Op) -> bool| trace.iter().rposition(wanted).unwrap();
        let index = at(&|op| *op == Op::Point("index"));
        for last in ["catalog", "mail"] {
            assert!(at(&|op| *op == Op::Point(last)) < index, "the index was committed before the last batch");
        }
        let state = at(&|op| matches!(op, Op::Rename(path) if path.ends_with("state.bin")));
        assert!(index < state, "the state was saved before the index");
    });
}

#[test]
fn a_deletion_writes_its_intent_before_it_unlinks_and_says_done_when_that_is_durable() {
    alone("trace::a_deletion_writes_its_intent_before_it_unlinks_and_says_done_when_that_is_durable", || {
        for purge in [false, true] {
            let corpus = Corpus { seed: 3, messages: 150 };
            let stage = Stage::empty(&corpus);
            let feed = stage.path().with_file_name(corpus.feed_name());
            corpus.write_feed(&mut std::fs::File::create(&feed).unwrap()).unwrap();
            stage.import(&feed);
            let mut writer = stage.writer();
            fault::record();
            let all = Selection::Query("kind:externaldata".to_owned());
            let plan = writer.archive_mut().plan_deletion(&all, &[], "end of retention", false).unwrap();
            let planning = fault::take();
            let list = planning.iter().position(|op| matches!(op, Op::SyncFile(path) if path.contains("/lists/")));
            let line = planning.iter().position(|op| matches!(op, Op::Append(_)));
            assert!(list.unwrap() < line.unwrap(), "the plan names a list that is not durable");
            fault::record();
            let report = writer.apply_plan(&plan.plan.0, ApplyOptions { purge, ..ApplyOptions::default() }).unwrap();
            let trace = fault::take();
            let gone = |op: &Op| match op {
                Op::Unlink(path) => path.contains("/mail/") || path.contains("/vault/"),
                Op::Rename(path) => path.contains("/mail/"),
                _ => false,
            };
            assert!(count(&trace, gone) as u64 >= report.applied && report.applied > 200);
            let (mut dirty, mut intent, mut unsynced) = (Dirty::default(), false, 0);
            for op in &trace {
                match op {
                    Op::Point("delete.intent") => intent = true,
                    op if gone(op) => {
                        assert!(intent && !dirty.journal, "{op:?} before its intent was durable");
                        unsynced += 1;
                    }
                    Op::SyncFs => unsynced = 0,
                    Op::Append(_) => {
                        assert_eq!(unsynced, 0, "recorded as done before it was durable");
                        intent = false;
                    }
                    _ => {}
                }
                dirty.after(op);
            }
            assert!(!dirty.journal);
        }
    });
}
