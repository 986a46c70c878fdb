//! How long work tells how far it is, and how it is told to stop.

/// Told about progress; asked between batches whether to stop.
pub trait Progress: Sync {
    /// Work of this name begins; `total` units if that is known.
    fn begin(&self, what: &str, total: Option<u64>) {
        let _ = (what, total);
    }
    /// `done` units and `bytes` so far.
    fn at(&self, done: u64, bytes: u64) {
        let _ = (done, bytes);
    }
    /// The work that began last is over.
    fn end(&self) {}
    /// Whether to stop at the next safe point. What is committed by then stays.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Says nothing, never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}
