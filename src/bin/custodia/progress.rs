//! How far long work is: a bar on a terminal, a line per 10 % elsewhere, JSON lines under `--json`.
//!
//! Contract: nothing is shown for work under a second; everything goes to stderr but the JSON lines, which are part of
//! the answer's stream. A failure to show progress never stops the work.

use crate::{human, interrupt, printer::Printer};
use custodia::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Work that is over before this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// At most so often a JSON line is written.
const JSON_EVERY: Duration = Duration::from_millis(500);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A bar on stderr.
    Bar,
    /// A line on stderr for each 10 %.
    Lines,
    /// A JSON line on stdout.
    Json,
    /// Not at all.
    Off,
}

impl Style {
    /// The style that flags and streams ask for; `streams` says whether the command's JSON answer is a stream.
    pub fn choose(printer: &Printer, quiet: bool, no_progress: bool, streams: bool) -> Self {
        match () {
            () if printer.json() && streams => Self::Json,
            () if quiet || no_progress || printer.json() => Self::Off,
            () if std::io::stderr().is_terminal() => Self::Bar,
            () => Self::Lines,
        }
    }
}

struct Work {
    what: String,
    total: Option<u64>,
    begun: Instant,
    shown: Option<Instant>,
    steps: Steps,
    bar: Option<ProgressBar>,
}

/// Shows progress in one of the styles.
pub struct Meter<'a> {
    printer: &'a Printer,
    style: Style,
    work: Mutex<Vec<Work>>,
}

impl<'a> Meter<'a> {
    /// A meter that has nothing to show yet.
    pub fn new(printer: &'a Printer, style: Style) -> Self {
        Self { printer, style, work: Mutex::new(Vec::new()) }
    }

    fn show(&self, work: &mut Work, done: u64, bytes: u64) {
        let waited = work.begun.elapsed() >= PATIENCE;
        match self.style {
            Style::Off => {}
            Style::Bar if waited => {
                let bar = work.bar.get_or_insert_with(|| bar(&work.what, work.total, work.begun));
                bar.set_position(done);
                bar.set_message(human::size(bytes));
            }
            Style::Lines if waited => {
                if let Some(percent) = work.total.and_then(|total| work.steps.passed(done, total)) {
                    self.printer.complain(&format!("{}: {percent} % ({})", work.what, human::count(done)));
                }
            }
            Style::Json if work.shown.is_none_or(|at| at.elapsed() >= JSON_EVERY) => {
                work.shown = Some(Instant::now());
                // The work itself will meet the same failure when it answers.
                let _ = self.printer.event(
                    &json!({"type": "progress", "what": work.what, "done": done, "total": work.total, "bytes": bytes}),
                );
            }
            Style::Bar | Style::Lines | Style::Json => {}
        }
    }
}

impl Progress for Meter<'_> {
    fn begin(&self, what: &str, total: Option<u64>) {
        let work = Work {
            what: what.to_owned(),
            total,
            begun: Instant::now(),
            shown: None,
            steps: Steps::default(),
            bar: None,
        };
        self.work.lock().unwrap_or_else(PoisonError::into_inner).push(work);
    }

    fn at(&self, done: u64, bytes: u64) {
        if let Some(work) = self.work.lock().unwrap_or_else(PoisonError::into_inner).last_mut() {
            self.show(work, done, bytes);
        }
    }

    fn end(&self) {
        if let Some(Work { bar: Some(bar), .. }) = self.work.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            bar.finish_and_clear();
        }
    }

    fn cancelled(&self) -> bool {
        interrupt::asked()
    }
}

fn bar(what: &str, total: Option<u64>, begun: Instant) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_elapsed(begun.elapsed());
    let template = match total {
        Some(_) => "{prefix:12} {wide_bar} {human_pos}/{human_len}  {msg}  {per_sec}  {eta} left",
        None => "{prefix:12} {spinner} {human_pos}  {msg}  {per_sec}  {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar
}

/// Which tenths were said already.
#[derive(Clone, Copy, Debug, Default)]
struct Steps(u64);

impl Steps {
    /// The per cent to say now, if a tenth was passed since the last time.
    fn passed(&mut self, done: u64, total: u64) -> Option<u64> {
        let tenth = u64::try_from(u128::from(done) * 10 / u128::from(total.max(1))).unwrap_or(10).min(10);
        (tenth > self.0).then(|| {
            self.0 = tenth;
            tenth * 10
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tenth_is_said_once() {
        let mut steps = Steps::default();
        let said: Vec<u64> = [0, 50, 100, 120, 199, 350, 1000, 1000, 2000]
            .into_iter()
            .filter_map(|done| steps.passed(done, 1000))
            .collect();
        assert_eq!(said, [10, 30, 100]);
        assert_eq!(Steps::default().passed(1, 0), Some(100));
    }
}
