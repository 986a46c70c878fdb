//! Ctrl-C and a polite kill: the first asks long work to stop at its next safe point, the second ends the process at once.
//!
//! Contract: only commands that look at [`asked`] listen; all others end at once, as without this. What the journal has by
//! then stays, also when the process ends at once.

use crate::error;
use custodia::{Error, ErrorKind, Result};
use signal_hook::{consts::TERM_SIGNALS, flag};
use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicBool, Ordering},
};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on the first signal asks, and the second ends the process.
pub fn listen() -> Result<()> {
    let exit = i32::from(error::answer(ErrorKind::Interrupted).exit);
    for signal in TERM_SIGNALS {
        // In this order: the first signal must not meet the flag that it sets itself.
        flag::register_conditional_shutdown(*signal, exit, ASKED.clone())
            .and_then(|_| flag::register(*signal, ASKED.clone()))
            .map_err(|e| Error::new(ErrorKind::Io, format!("cannot listen for Ctrl-C: {e}")))?;
    }
    Ok(())
}

/// Whether to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
