//! How many messages a second does an import make durable and searchable, end to end?
//!
//! The feed is written before the clock starts. One sample is one whole run into a new archive.
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};

fn main() {
    let messages = std::env::var("BENCH_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("import");
    group.throughput(Throughput::Elements(messages));
    group.bench_function(BenchmarkId::new("feed", messages), |bench| {
        bench.iter_batched(
            || TestArchive::new(messages),
            |test| {
                let report = test.import();
                assert!(report.balanced && report.balance.read == messages);
                test
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    criterion.final_summary();
}
