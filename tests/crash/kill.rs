//! SIGKILL in each stage of an import batch, and at moments that nobody chose.

use crate::{
    child::{self, Fate},
    stage::{Stage, THREE_BATCHES, feed},
};
use std::{ops::RangeInclusive, os::unix::fs::PermissionsExt, time::Duration};

/// Kills an import at a point; what is there then is right, and importing again completes it. `batches` were committed.
fn killed_at(point: &str, nth: u64, batches: usize) {
    killed_with(point, nth, batches..=batches);
}

/// The same at a point of a stage that the committing one may be ahead of.
fn killed_with(point: &str, nth: u64, batches: RangeInclusive<usize>) {
    let feed = feed(THREE_BATCHES);
    let when = format!("killed at {point}, {nth}");
    let stage = Stage::empty(&feed.corpus);
    child::killed(child::import(&stage.path(), &feed.path, Fate::Killed(point, nth)), &when);
    let there = stage.check_committed(&when);
    assert!(feed.after_batch[batches].contains(&there), "{when}: {there} messages");
    stage.check_completes(&feed, &when);
}

#[test]
fn a_kill_while_vault_files_are_created_loses_that_batch_and_the_one_that_is_being_synced() {
    killed_at("vault.file", 500, 0);
    killed_at("vault.file", 1_500, 0);
    killed_at("vault.file", 2_050, 1);
}

#[test]
fn a_kill_before_vault_files_are_synced_loses_only_that_batch() {
    killed_at("vault", 1, 0);
    killed_at("vault", 2, 1);
}

#[test]
fn a_kill_between_vault_and_journal_loses_only_that_batch() {
    killed_at("synced", 1, 0);
    killed_at("synced", 2, 1);
}

// The run's own first line is the first append of an import.

#[test]
fn a_kill_before_the_journal_is_written_loses_only_that_batch() {
    killed_at("journal.write", 2, 0);
    killed_at("journal.write", 3, 1);
}

#[test]
fn a_kill_within_a_journal_line_loses_only_that_batch() {
    killed_at("journal.torn", 1, 0);
    killed_at("journal.torn", 2, 0);
    killed_at("journal.torn", 3, 1);
}

#[test]
fn a_kill_behind_the_commit_point_loses_nothing() {
    killed_at("journal", 1, 1);
    killed_at("journal", 2, 2);
}

#[test]
fn a_kill_behind_the_mailboxes_loses_nothing() {
    killed_with("mail", 1, 1..=3);
    killed_with("mail", 2, 2..=3);
}

#[test]
fn a_kill_behind_the_catalog_loses_nothing() {
    killed_at("catalog", 1, 1);
    killed_at("catalog", 2, 2);
}

#[test]
fn a_kill_between_index_and_state_loses_nothing() {
    killed_at("index", 1, 3);
}

#[test]
fn a_file_that_a_kill_left_half_written_is_set_aside_and_made_again() {
    let feed = feed(THREE_BATCHES);
    let stage = Stage::empty(&feed.corpus);
    child::killed(child::import(&stage.path(), &feed.path, Fate::Killed("synced", 1)), "synced");
    let mut cut = 0;
    for folder in std::fs::read_dir(stage.path().join("vault")).unwrap().take(40) {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap().take(1) {
            let path = file.unwrap().path();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100).unwrap();
            cut += 1;
        }
    }
    stage.check_completes(&feed, "half-written files");
    assert_eq!(std::fs::read_dir(stage.path().join("quarantine")).unwrap().count(), cut);
}

/// Kills an import again and again until it is through, after rests that follow from the seed.
fn killed_at_random(seed: u64, kills: u32) {
    let feed = feed(THREE_BATCHES);
    let mut random = seed;
    let mut next = move |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut stage = Stage::empty(&feed.corpus);
    for kill in 0..kills {
        let rest = Duration::from_millis(20 + next(1_500));
        let when = format!("seed {seed}, kill {kill} after {rest:?}");
        let mut import = child::import(&stage.path(), &feed.path, Fate::Undisturbed);
        std::thread::sleep(rest);
        // A child that was through before the kill was killed at a random moment as well.
        import.kill().unwrap();
        import.wait().unwrap();
        let there = stage.check_committed(&when);
        assert!(feed.after_batch.contains(&there), "{when}: {there} messages are not whole batches");
        if kill % 2 == 1 || there == *feed.after_batch.last().unwrap() {
            stage.check_completes(&feed, &when);
            stage = Stage::empty(&feed.corpus);
        }
    }
}

#[test]
fn ten_kills_at_random_moments_lose_nothing_that_was_committed() {
    killed_at_random(1, 10);
}

#[test]
fn ten_more_kills_at_random_moments_lose_nothing_that_was_committed() {
    killed_at_random(2, 10);
}
