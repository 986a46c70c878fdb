//! How long does it take to understand one e-mail of a feed, and to make its searchable facts?
#![allow(clippy::expect_used)]

use criterion::{Criterion, Throughput};
use custodia::{model::SourceKind, query::Facts, source, synthetic::Corpus};
use std::hint::black_box;

/// E-mails in one round.
const MESSAGES: u64 = 1_000;

fn main() {
    let mails: Vec<Vec<u8>> = Corpus { seed: 1, messages: MESSAGES }.emls().map(|(_, bytes)| bytes).collect();
    let messages: Vec<_> = mails
        .iter()
        .map(|mail| source::understand(SourceKind::Telemessage, mail).expect("a corpus mail is read"))
        .collect();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(MESSAGES));
    group.bench_function("understand", |bench| {
        bench.iter(|| {
            for mail in &mails {
                let _ = black_box(source::understand(SourceKind::Telemessage, black_box(mail)));
            }
        });
    });
    group.bench_function("facts", |bench| {
        bench.iter(|| {
            for message in &messages {
                black_box(Facts::of(black_box(message), 1_000));
            }
        });
    });
    group.finish();
    criterion.final_summary();
}
