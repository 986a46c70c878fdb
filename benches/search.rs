//! How long does an answer take: in a live process, and from opening the archive as a fresh command does?
//!
//! `BENCH_MESSAGES` sets the size of the archive that is made (default 12,000); `BENCH_ARCHIVE` names one that is there
//! already, made by `custodia demo` (the README's table is from such archives of 100,000 and 1,000,000 messages). Each search is
//! recorded in the journal, as everywhere. `benches/peers/peers.py` asks the same questions of notmuch and mu.
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::Criterion;
use custodia::{Archive, archive::SearchOptions};
use std::{hint::black_box, path::PathBuf};

/// What is asked, by name.
const QUERIES: [(&str, &str); 9] = [
    ("rare word", "3718"),
    ("common word", "on"),
    ("AND", "on AND friday"),
    ("phrase", "\"on friday\""),
    ("prefix", "transf*"),
    ("sender and dates", "from:447700900101 sent:2025-06-01..2025-07-31"),
    ("NEAR", "on NEAR(5) friday"),
    ("state", "isdeleted:true"),
    ("everything", ""),
];

fn main() {
    let made = std::env::var_os("BENCH_ARCHIVE").map(PathBuf::from);
    let messages = std::env::var("BENCH_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let test = if made.is_none() { Some(TestArchive::imported(messages).0) } else { None };
    let open = || -> Archive {
        match (&made, &test) {
            (Some(path), _) => common::open(path),
            (None, Some(test)) => test.open(),
            (None, None) => unreachable!("an archive is named or made"),
        }
    };
    let first = SearchOptions { limit: 20, ..SearchOptions::default() };
    let count = SearchOptions { limit: 0, snippets: false, ..SearchOptions::default() };
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let size = open().stats(None, custodia::model::Zone::UTC).expect("statistics").messages;
    let mut group = criterion.benchmark_group(format!("search/{size}"));
    for (name, query) in QUERIES {
        group.bench_function(format!("open and first 20: {name}"), |bench| {
            bench.iter(|| black_box(open().search(query, &first).expect("an answer")));
        });
        let mut live = open();
        group.bench_function(format!("live, first 20: {name}"), |bench| {
            bench.iter(|| black_box(live.search(query, &first).expect("an answer")));
        });
        group.bench_function(format!("live, count: {name}"), |bench| {
            bench.iter(|| black_box(live.search(query, &count).expect("an answer")));
        });
    }
    group.finish();
    criterion.final_summary();
}
