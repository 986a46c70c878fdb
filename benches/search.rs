//! How long does an answer take: in a live process, and from opening the archive as a fresh command does?
//!
//! `BENCH_MESSAGES` sets the size of the archive (default 12,000; the README's table is from 100,000).
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::Criterion;
use custodia::archive::SearchOptions;
use std::hint::black_box;

/// Rare, common, both, phrase, prefix, a party and a period, a state, everything.
const QUERIES: [&str; 8] = [
    "\"wire transfer\"",
    "offer",
    "wire AND offer",
    "invoice",
    "transf*",
    "from:447700900101 sent:2025-06-01..2025-07-31",
    "isdeleted:true",
    "",
];

fn main() {
    let messages = std::env::var("BENCH_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let (test, _) = TestArchive::imported(messages);
    let first = SearchOptions { limit: 20, ..SearchOptions::default() };
    let count = SearchOptions { limit: 0, snippets: false, ..SearchOptions::default() };
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let mut group = criterion.benchmark_group(format!("search/{messages}"));
    for query in QUERIES {
        let name = if query.is_empty() { "(everything)" } else { query };
        group.bench_function(format!("open and first 20: {name}"), |bench| {
            bench.iter(|| black_box(test.open().search(query, &first).expect("an answer")));
        });
        let mut live = test.open();
        group.bench_function(format!("live, count: {name}"), |bench| {
            bench.iter(|| black_box(live.search(query, &count).expect("an answer")));
        });
    }
    group.finish();
    criterion.final_summary();
}
