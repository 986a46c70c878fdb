//! Stops a statement that makes no step: a damaged or hostile tree of pages can keep SQLite walking for ages.
//!
//! A backstop only. What the readers ask is bounded by the rows of a table, and rows out of order end a listing.

use rusqlite::InterruptHandle;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

/// Seconds without a step after which a statement is stopped. A full scan for one row takes less on any disk.
pub const STALL_SECONDS: u64 = 120;

/// Watches one connection until it is dropped.
#[derive(Debug)]
pub struct Watch {
    // Odd while a statement runs; grows with every step.
    beats: Arc<AtomicU64>,
    _end: Sender<()>,
}

impl Watch {
    /// Begins to watch. Without a thread to spare nothing is watched.
    pub fn start(handle: InterruptHandle) -> Self {
        let beats = Arc::new(AtomicU64::new(0));
        let (end, ended) = mpsc::channel();
        let seen = Arc::clone(&beats);
        let _ = thread::Builder::new().name("sqlite-watch".to_owned()).spawn(move || {
            let (mut last, mut still) = (0, 0);
            while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let now = seen.load(Ordering::Relaxed);
                still = if now == last && now % 2 == 1 { still + 1 } else { 0 };
                last = now;
                if still >= STALL_SECONDS {
                    handle.interrupt();
                    still = 0;
                }
            }
        });
        Self { beats, _end: end }
    }

    /// Runs one step of SQLite under the watch.
    pub fn step<T>(&self, step: impl FnOnce() -> T) -> T {
        self.beats.fetch_add(1, Ordering::Relaxed);
        let done = step();
        self.beats.fetch_add(1, Ordering::Relaxed);
        done
    }
}
