//! How long does it take to put a mailbox on hold and to release it, and to decide a deletion plan under three query holds?
//!
//! `BENCH_MESSAGES` sets the size of the archive that is made (default 12,000); `BENCH_ARCHIVE` names one that is there
//! already, made by `custodia demo`. Holds that are placed here are released and their delays ended, so that each round meets
//! the same holds; the journal of the archive grows by them. The plan is a dry run: every item of it is decided as for a real
//! one, and its list is not stored. It is made over the largest mailboxes that together have `BENCH_PLAN_ITEMS` items (default
//! 100,000) or all there are.
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::Criterion;
use custodia::{
    Archive,
    archive::{HoldRequest, Selection},
    model::{HoldKind, MailboxName},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What the holds over the plan's mailboxes ask for: a word, a sender with dates, two words near each other.
const QUERIES: [&str; 3] = ["transf*", "from:447700900101 sent:2025-06-01..2025-07-31", "on NEAR(5) friday"];

/// The case of the holds that ask for something.
const CASE: &str = "Bench";

fn main() {
    let made = std::env::var_os("BENCH_ARCHIVE").map(PathBuf::from);
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let messages = number("BENCH_MESSAGES").unwrap_or(12_000);
    let test = if made.is_none() { Some(TestArchive::imported(messages).0) } else { None };
    let mut archive = match (&made, &test) {
        (Some(path), _) => common::open(path),
        (None, Some(test)) => test.open(),
        (None, None) => unreachable!("an archive is named or made"),
    };
    let mailboxes = by_size(&archive);
    let mut holds = Holds::default();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("governance");
    let all: Vec<String> = mailboxes.iter().map(|(name, _)| name.clone()).collect();
    let items: u64 = mailboxes.iter().map(|(_, items)| items).sum();
    let largest = mailboxes.first().expect("an archive with items");
    for (what, names, items) in
        [("the largest mailbox", std::slice::from_ref(&largest.0), largest.1), ("all mailboxes", all.as_slice(), items)]
    {
        group.bench_function(format!("place a hold on {what}: {items} items"), |bench| {
            bench.iter_custom(|rounds| (0..rounds).map(|_| holds.round(&mut archive, names).0).sum());
        });
        group.bench_function(format!("release a hold on {what}: {items} items"), |bench| {
            bench.iter_custom(|rounds| (0..rounds).map(|_| holds.round(&mut archive, names).1).sum());
        });
    }
    let (planned, items) = first_with(&mailboxes, number("BENCH_PLAN_ITEMS").unwrap_or(100_000));
    // There from an earlier run, perhaps.
    if archive.state().case(CASE).is_none() {
        archive.create_case(CASE, "", false).expect("a case");
    }
    let placed: Vec<String> = QUERIES.iter().map(|query| holds.place(&mut archive, &planned, Some(query)).0).collect();
    let selection = Selection::Query("kind:externaldata".into());
    group.bench_function(format!("plan over {items} items under three query holds"), |bench| {
        bench.iter(|| archive.plan_deletion(&selection, &planned, "bench", true).expect("a plan").blocked);
    });
    for name in placed {
        holds.release(&mut archive, &name);
    }
    group.finish();
    criterion.final_summary();
}

/// Mailboxes with their items, the largest first.
fn by_size(archive: &Archive) -> Vec<(String, u64)> {
    let boxes = archive.state().boxes.iter();
    let mut sizes: Vec<(String, u64)> =
        boxes.map(|(name, boxes): (&MailboxName, _)| (name.to_string(), boxes.present().len())).collect();
    sizes.sort_by_key(|(_, items)| std::cmp::Reverse(*items));
    sizes
}

/// The largest mailboxes that together have so many items, and how many they have.
fn first_with(mailboxes: &[(String, u64)], wanted: u64) -> (Vec<String>, u64) {
    let (mut names, mut items) = (Vec::new(), 0);
    for (name, more) in mailboxes {
        if items >= wanted {
            break;
        }
        names.push(name.clone());
        items += more;
    }
    (names, items)
}

/// Holds under names that no hold of the archive has.
#[derive(Default)]
struct Holds(u64);

impl Holds {
    fn place(&mut self, archive: &mut Archive, mailboxes: &[String], query: Option<&str>) -> (String, Duration) {
        self.0 += 1;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
        let request = HoldRequest {
            name: format!("bench {} {}", since.as_millis(), self.0),
            // A litigation hold covers whole mailboxes, and asks nothing.
            kind: if query.is_some() { HoldKind::Case } else { HoldKind::Litigation },
            case: query.map_or_else(String::new, |_| CASE.to_owned()),
            mailboxes: mailboxes.to_vec(),
            query: query.map(str::to_owned),
            reason: "bench".into(),
            ..HoldRequest::default()
        };
        let begun = Instant::now();
        archive.place_hold(&request, false).expect("a hold");
        (request.name, begun.elapsed())
    }

    /// How long the release takes. The delay after it is ended, which is not timed.
    fn release(&mut self, archive: &mut Archive, name: &str) -> Duration {
        let begun = Instant::now();
        archive.release_hold(name, "bench", false).expect("a release");
        let took = begun.elapsed();
        archive.end_delay(name, "bench", false).expect("the end of a delay");
        took
    }

    fn round(&mut self, archive: &mut Archive, mailboxes: &[String]) -> (Duration, Duration) {
        let (name, placed) = self.place(archive, mailboxes, None);
        (placed, self.release(archive, &name))
    }
}
