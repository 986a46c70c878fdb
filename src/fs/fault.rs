//! Named stop points and a trace of what was done to the disk, for the crash tests.
//!
//! Without the feature `fault-injection` every function here is empty. With it, state is global to the process, which
//! is why no embedder should enable it.

/// One operation of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A file was created.
    Create(String),
    /// A whole file system was synced.
    SyncFs,
    /// A file was synced.
    SyncFile(String),
    /// A folder was synced.
    SyncDir(String),
    /// Bytes were appended to a file.
    Append(String),
    /// A hard link, clone or copy was made.
    Link(String),
    /// A file was renamed to this name.
    Rename(String),
    /// A file was unlinked.
    Unlink(String),
    /// A named point of the engine was passed.
    Point(&'static str),
}

#[cfg(feature = "fault-injection")]
mod armed {
    use super::Op;
    use std::{
        sync::{Mutex, MutexGuard, PoisonError},
        time::Duration,
    };

    struct Plan {
        trace: Option<Vec<Op>>,
        kill: Option<(String, u64)>,
        pause: Option<(String, Duration)>,
        fail_sync: Option<u64>,
    }

    static PLAN: Mutex<Plan> = Mutex::new(Plan { trace: None, kill: None, pause: None, fail_sync: None });

    fn plan() -> MutexGuard<'static, Plan> {
        PLAN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts to record; what was recorded before is dropped.
    pub fn record() {
        plan().trace = Some(Vec::new());
    }

    /// Stops recording and returns the trace.
    pub fn take() -> Vec<Op> {
        plan().trace.take().unwrap_or_default()
    }

    /// Kills the process with SIGKILL when the point `name` is passed for the `nth` time (from 1).
    pub fn kill_at(name: &str, nth: u64) {
        plan().kill = Some((name.to_owned(), nth));
    }

    /// Rests for `how_long` whenever the point `name` is passed: a slow disk.
    pub fn pause_at(name: &str, how_long: Duration) {
        plan().pause = Some((name.to_owned(), how_long));
    }

    /// Makes the `nth` sync from now (from 1) fail with EIO.
    pub fn fail_sync_at(nth: u64) {
        plan().fail_sync = Some(nth);
    }

    pub(crate) fn note(op: impl FnOnce() -> Op) {
        if let Some(trace) = &mut plan().trace {
            trace.push(op());
        }
    }

    pub(crate) fn point(name: &'static str) {
        let mut plan = plan();
        if let Some(trace) = &mut plan.trace {
            trace.push(Op::Point(name));
        }
        if let Some((at, left)) = &mut plan.kill
            && at == name
        {
            *left = left.saturating_sub(1);
            if *left == 0 {
                let me = rustix::process::getpid();
                let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
            }
        }
        let pause = plan.pause.as_ref().filter(|(at, _)| at == name).map(|(_, how_long)| *how_long);
        drop(plan);
        if let Some(how_long) = pause {
            std::thread::sleep(how_long);
        }
    }

    pub(crate) fn sync_fails() -> bool {
        match &mut plan().fail_sync {
            Some(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            None => false,
        }
    }
}

#[cfg(feature = "fault-injection")]
pub use armed::{fail_sync_at, kill_at, pause_at, record, take};
#[cfg(feature = "fault-injection")]
pub(crate) use armed::{note, point, sync_fails};

#[cfg(not(feature = "fault-injection"))]
pub(crate) fn note(_: impl FnOnce() -> Op) {}
#[cfg(not(feature = "fault-injection"))]
pub(crate) fn point(_: &'static str) {}
#[cfg(not(feature = "fault-injection"))]
pub(crate) fn sync_fails() -> bool {
    false
}
