//! What the journal promises: chain, batches, recovery, and that damage is named.

use super::*;
use crate::model::{Actor, Digest, Event, Instant};
use std::fs as stdfs;

fn search(n: u64) -> Event {
    Event::SearchRun { query: "wire".into(), messages: n, items: n, sample: None, seed: None }
}

fn actor() -> Actor {
    Actor { claimed: "j.ward".into(), os_user: "jward".into(), host: "pc7".into(), program: "custodia 0".into() }
}

struct Bench {
    dir: tempfile::TempDir,
    journal: Journal,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(dir.path().join("journal"), dir.path().join("quarantine"));
        journal.create().unwrap();
        Self { dir, journal }
    }

    fn append(&self, events: &[Event]) -> Appended {
        self.journal.lock(Seq(0)).unwrap().append(events, &actor(), Instant(1_772_615_561_123), true).unwrap()
    }

    fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("journal/00000000000000000001.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        stdfs::read_to_string(self.file()).unwrap().lines().map(str::to_owned).collect()
    }

    fn write_lines(&self, lines: &[String]) {
        stdfs::write(self.file(), lines.iter().map(|l| format!("{l}\n")).collect::<String>()).unwrap();
    }

    fn first_bad(&self) -> Option<u64> {
        verify_chain(&self.journal, &[]).unwrap().first_bad.map(|bad| bad.seq.0)
    }

    fn seqs(&self) -> Vec<u64> {
        let mut reader = self.journal.read_after(&Watermark::START).unwrap();
        let mut seqs = Vec::new();
        while let Some(entry) = reader.next_entry().unwrap() {
            seqs.push(entry.line.seq.0);
        }
        seqs
    }
}

#[test]
fn a_batch_is_chained_committed_and_read_back() {
    let bench = Bench::new();
    bench.append(&[search(1)]);
    let appended = bench.append(&[search(2), search(3)]);
    assert_eq!((appended.first, appended.head.mark.seq), (Seq(2), Seq(4)));
    assert_eq!(bench.seqs(), [1, 2, 3, 4]);
    let lines = bench.lines();
    assert!(lines[1].contains("\"more\":true") && lines[3].contains("\"type\":\"commit\",\"count\":2"));
    // The rule of the format, spelled out once more.
    let (hash, json) = lines[0].split_once(' ').unwrap();
    let by_hand = Digest::of(format!("{} {}", "0".repeat(64), Digest::of(json.as_bytes())).as_bytes());
    assert_eq!(hash, by_hand.to_hex());
    assert!(json.starts_with("{\"seq\":1,\"at\":\"2026-03-04T09:12:41.123Z\",\"salt\":\""));
    assert_eq!(bench.first_bad(), None);
    assert!(bench.journal.contains(&appended.head.mark).unwrap());
    for seq in 1..=4 {
        assert_eq!(bench.journal.find(Seq(seq)).unwrap().unwrap().line.seq, Seq(seq));
    }
    assert!(bench.journal.find(Seq(5)).unwrap().is_none());
}

#[test]
fn edited_dropped_and_swapped_lines_are_named() {
    let bench = Bench::new();
    for n in 1..=6 {
        bench.append(&[search(n)]);
    }
    let whole = bench.lines();
    for k in 0..5 {
        let mut edited = whole.clone();
        edited[k] = edited[k].replace("wire", "wine");
        bench.write_lines(&edited);
        assert_eq!(bench.first_bad(), Some(k as u64 + 1), "edited");
        let mut dropped = whole.clone();
        dropped.remove(k);
        bench.write_lines(&dropped);
        assert_eq!(bench.first_bad(), Some(k as u64 + 2), "dropped");
        let mut swapped = whole.clone();
        swapped.swap(k, k + 1);
        bench.write_lines(&swapped);
        let bad = verify_chain(&bench.journal, &[]).unwrap().first_bad.unwrap();
        assert_eq!((bad.line, bad.seq.0), (k as u64 + 1, k as u64 + 2), "swapped");
    }
}

#[test]
fn a_tail_that_was_cut_or_a_chain_that_was_recomputed_is_found_by_a_watermark() {
    let bench = Bench::new();
    for n in 1..=3 {
        bench.append(&[search(n)]);
    }
    let mark = bench.append(&[search(4)]).head.mark;
    let lines = bench.lines();
    bench.write_lines(&lines[..3]);
    assert_eq!(bench.first_bad(), None, "a clean cut leaves a good chain");
    assert!(!bench.journal.contains(&mark).unwrap());
    assert_eq!(verify_chain(&bench.journal, &[(Some(mark.seq), mark.hash)]).unwrap().found, [false]);
    assert_eq!(bench.journal.lock(mark.seq).map(|_| ()).map_err(|e| e.kind()), Ok(()), "nothing is torn");
    bench.append(&[search(5)]);
    assert!(!bench.journal.contains(&mark).unwrap(), "another line four is not that line four");
}

#[test]
fn a_torn_tail_is_set_aside_at_every_byte_and_recorded() {
    let bench = Bench::new();
    let kept = bench.append(&[search(1)]).head.mark;
    bench.append(&[search(2), search(3)]);
    let whole = stdfs::read(bench.file()).unwrap();
    let kept_len = usize::try_from(kept.offset).unwrap();
    for cut in (kept_len + 1..whole.len()).step_by(97).chain([whole.len() - 1]) {
        stdfs::write(bench.file(), &whole[..cut]).unwrap();
        let _ = stdfs::remove_dir_all(bench.dir.path().join("quarantine"));
        assert_eq!(bench.seqs(), [1], "readers ignore an unfinished batch (cut at {cut})");
        bench.append(&[search(9)]);
        assert_eq!(bench.seqs(), [1, 2, 3]);
        assert!(bench.lines()[1].contains("journal.recovered"));
        let saved: Vec<_> = stdfs::read_dir(bench.dir.path().join("quarantine")).unwrap().collect();
        assert_eq!(stdfs::read(saved[0].as_ref().unwrap().path()).unwrap(), whole[kept_len..cut]);
        assert_eq!(bench.first_bad(), None);
        stdfs::write(bench.file(), &whole[..kept_len]).unwrap();
    }
}

#[test]
fn a_tail_that_was_once_complete_is_not_taken_for_torn() {
    let bench = Bench::new();
    bench.append(&[search(1)]);
    let mark = bench.append(&[search(2), search(3)]).head.mark;
    let lines = bench.lines();
    bench.write_lines(&lines[..3]);
    let error = bench.journal.lock(mark.seq).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Damaged);
    assert_eq!(bench.lines().len(), 3, "nothing was cut");
}

#[test]
fn rubbish_in_the_journal_never_panics_and_is_named() {
    let bench = Bench::new();
    for n in 1..=3 {
        bench.append(&[search(n)]);
    }
    let lines = bench.lines();
    for rubbish in
        ["", "{}", "\u{0}\u{0}", "ffff {\"seq\":1}", &"x".repeat(200_000), &format!("{} {{}}", "a".repeat(64))]
    {
        let mut broken = lines.clone();
        broken.insert(1, rubbish.to_owned());
        bench.write_lines(&broken);
        let report = verify_chain(&bench.journal, &[]).unwrap();
        assert_eq!(report.first_bad.map(|bad| bad.line), Some(2), "{:.20}", rubbish);
        assert_eq!(bench.seqs(), [1, 2, 3]);
    }
}

#[test]
fn an_event_that_does_not_fit_a_line_is_refused_and_nothing_is_written() {
    let bench = Bench::new();
    bench.append(&[search(1)]);
    let long = Event::SearchRun { query: "x".repeat(70_000), messages: 0, items: 0, sample: None, seed: None };
    let result = bench.journal.lock(Seq(0)).unwrap().append(&[long], &actor(), Instant(0), true);
    assert_eq!(result.unwrap_err().kind(), crate::ErrorKind::Usage);
    assert_eq!(bench.seqs(), [1]);
}
