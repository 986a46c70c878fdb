//! What every command shares: the global flags and the printer.

use crate::args::global::Global;
use crate::locate;
use crate::printer::Printer;
use crate::progress::{Meter, Style};
use custodia::Result;
use std::path::PathBuf;

/// One run of the program.
pub struct Session {
    /// The global flags.
    pub global: Global,
    /// The streams.
    pub printer: Printer,
}

impl Session {
    /// The session of these flags.
    pub fn new(global: Global) -> Self {
        let printer = Printer::new(&global);
        Self { global, printer }
    }

    /// The folder of the archive that is meant.
    pub fn archive(&self) -> Result<PathBuf> {
        locate::archive(self.global.archive.as_deref())
    }

    /// A meter for long work; `streams`: the JSON answer of this command is a stream of lines.
    pub fn meter(&self, streams: bool) -> Meter<'_> {
        let style = Style::choose(&self.printer, self.global.quiet, self.global.no_progress, streams);
        Meter::new(&self.printer, style)
    }
}
