//! How long does a verification take, by size only (quick) and by every byte (full)?
//!
//! `BENCH_MESSAGES` sets the size of the archive (default 12,000).
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::{Criterion, Throughput};
use custodia::{
    archive::{VerifyLevel, VerifyOptions},
    progress::Silent,
};

fn main() {
    let messages = std::env::var("BENCH_MESSAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let (test, _) = TestArchive::imported(messages);
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(messages));
    for (name, level) in [("quick", VerifyLevel::Quick), ("full", VerifyLevel::Full)] {
        let options = VerifyOptions { level, ..VerifyOptions::default() };
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let report = test.open().verify(&options, &[], &Silent).expect("a report");
                assert_eq!(report.damaged, 0, "the archive is well");
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
