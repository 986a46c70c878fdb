//! What does an append cost: one durable event, one batch of a thousand, a read event without sync?
#![allow(clippy::expect_used)]

use criterion::{Criterion, Throughput};
use custodia::{
    journal::Journal,
    model::{Actor, Event, Instant, Seq},
};
use std::hint::black_box;

fn main() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::at(dir.path().join("journal"), dir.path().join("quarantine"));
    journal.create().expect("a journal");
    let event =
        Event::SearchRun { query: "wire AND transfer".to_owned(), messages: 12, items: 31, sample: None, seed: None };
    let batch: Vec<Event> = vec![event.clone(); 999];
    let append = |events: &[Event], sync: bool| {
        let mut guard = journal.lock(Seq(0)).expect("the lock");
        black_box(guard.append(events, &Actor::default(), Instant(1_772_615_561_000), sync).expect("an append"));
    };
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("journal");
    group.bench_function("one event, durable", |bench| bench.iter(|| append(std::slice::from_ref(&event), true)));
    group.bench_function("one event, not synced", |bench| bench.iter(|| append(std::slice::from_ref(&event), false)));
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("a batch of 1,000 lines, durable", |bench| bench.iter(|| append(&batch, true)));
    group.finish();
    criterion.final_summary();
}
