//! What every command shares: the global flags, the printer, the archive.

use crate::args::{global::Global, time::TimeArg};
use crate::locate;
use crate::printer::Printer;
use crate::progress::{Meter, Style};
use custodia::archive::{Archive, ArchiveWriter, Selection};
use custodia::clock::{Clock, SystemClock};
use custodia::model::{Actor, Instant};
use custodia::{Error, ErrorKind, Result};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One run of the program.
pub struct Session {
    /// The global flags.
    pub global: Global,
    /// The streams.
    pub printer: Printer,
    /// The archive that was opened, if one was.
    opened: Option<PathBuf>,
}

impl Session {
    /// The session of these flags.
    pub fn new(global: Global) -> Self {
        let printer = Printer::new(&global);
        let mut session = Self { global, printer, opened: None };
        let command = session.command::<&str>(&[]);
        session.printer.set_command(command);
        session
    }

    /// The folder of the archive that is meant.
    pub fn archive_dir(&self) -> Result<PathBuf> {
        locate::archive(self.global.archive.as_deref())
    }

    /// A command line to type next: it names the archive and the zone where this one did.
    pub fn command<S: AsRef<str>>(&self, words: &[S]) -> String {
        let mut line = vec!["custodia".to_owned()];
        // What the environment says, it says again.
        let told = std::env::var_os("CUSTODIA_ARCHIVE");
        if let Some(dir) = self.global.archive.as_ref().filter(|dir| told.as_ref() != Some(&dir.as_os_str().to_owned()))
        {
            line.extend(["-A".to_owned(), dir.display().to_string()]);
        }
        line.extend(self.global.tz.iter().flat_map(|zone| ["--tz".to_owned(), zone.name().to_owned()]));
        line.extend(words.iter().map(|word| word.as_ref().to_owned()));
        crate::shell::line(&line)
    }

    /// Opens the archive that is meant. Without `--tz` its display zone is taken.
    pub fn open(&mut self) -> Result<Archive> {
        let dir = self.archive_dir()?;
        let archive = Archive::open(&dir, self.actor(), Arc::new(SystemClock))?;
        self.opened = Some(dir);
        self.printer.carry(archive.warnings());
        if self.global.tz.is_none()
            && let Ok(zone) = crate::args::value::zone(&archive.meta().settings.display_tz)
        {
            self.printer.set_zone(zone);
        }
        Ok(archive)
    }

    /// Opens the archive that is meant for writing, or for the dry run of an import.
    pub fn open_writer(&mut self, streams: bool, dry_run: bool) -> Result<ArchiveWriter> {
        let archive = self.open()?;
        let meter = self.meter(streams);
        if dry_run { ArchiveWriter::open_dry_run(archive, &meter) } else { ArchiveWriter::open(archive, &meter) }
    }

    /// Records in the archive that was opened that a command failed. What cannot be recorded is no failure of its own.
    pub fn record_failure(&self, operation: &str, error: &Error) {
        let Some(dir) = self.opened.as_deref().filter(|_| !error.is_recorded()) else { return };
        if let Ok(archive) = Archive::open(dir, self.actor(), Arc::new(SystemClock)) {
            archive.record_failure(operation, crate::error::answer(error.kind()).code, error);
        }
    }

    /// Who acts: what is claimed, and what the operating system says.
    pub fn actor(&self) -> Actor {
        Actor {
            claimed: self.global.actor.clone().unwrap_or_default(),
            os_user: os_user(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            program: concat!("custodia ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// The first instant of a period.
    pub fn since(&self, at: Option<TimeArg>) -> Result<Option<Instant>> {
        at.map(|at| at.begin(self.printer.zone(), SystemClock.now())).transpose()
    }

    /// The first instant after a period.
    pub fn until(&self, at: Option<TimeArg>) -> Result<Option<Instant>> {
        at.map(|at| at.end(self.printer.zone(), SystemClock.now())).transpose()
    }

    /// A meter for long work; `streams`: the JSON answer of this command is a stream of lines.
    pub fn meter(&self, streams: bool) -> Meter<'_> {
        let style = Style::choose(&self.printer, self.global.quiet, self.global.no_progress, streams);
        Meter::new(&self.printer, style)
    }

    /// Says what an answer should be read with. Under `--json` it stands in the document.
    pub fn warn(&self, warnings: &[String]) {
        if !self.printer.json() {
            warnings.iter().for_each(|warning| self.printer.warn(warning));
        }
    }

    /// Ends the talk of a dry run.
    pub fn end_dry_run(&self, dry_run: bool) -> Result<()> {
        if dry_run && !self.printer.json() { self.printer.line("Dry run: nothing was changed.") } else { Ok(()) }
    }
}

/// The account's name, by its numeric id; the environment could say anything.
fn os_user() -> String {
    let id = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {id}"))
}

/// Reads a file that a command names, or stdin for `-`.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|e| Error::io("read", Path::new("stdin"), e))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::new(ErrorKind::Usage, format!("there is no file {}", path.display()))
            .with_hint("check the path; - reads from stdin"),
        _ => Error::io("read", path, e),
    })
}

/// Ids, one a line. Blank lines and lines that begin with `#` are passed over.
pub fn read_ids(path: &Path) -> Result<Vec<String>> {
    let text = String::from_utf8(read_file(path)?)
        .map_err(|_| Error::new(ErrorKind::Usage, format!("{} is not text", path.display())))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let ids: Vec<String> = lines.map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(Error::new(ErrorKind::Usage, format!("{} names no ids", path.display()))
            .with_hint("write one id a line, as custodia search --ids does"));
    }
    Ok(ids)
}

/// What a command that takes a query or `--ids FILE` is about.
pub fn selected(query: Option<String>, ids: Option<PathBuf>) -> Result<Selection> {
    match (query, ids) {
        (Some(query), _) => Ok(Selection::Query(query)),
        (None, Some(file)) => Ok(Selection::Ids(read_ids(&file)?)),
        (None, None) => Err(Error::new(ErrorKind::Usage, "a query or --ids FILE is needed")),
    }
}

/// What must be typed once more before something irreversible.
pub fn confirmed(typed: &str, wanted: &str) -> Result<()> {
    if typed == wanted {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, format!("--confirm says {typed}, not {wanted}; nothing was changed"))
        .with_hint(format!("if you mean it: --confirm {}", crate::shell::quoted(wanted))))
}

/// A file of ours, never over one that is there: it may be an anchor that is still needed.
pub fn new_file(path: &Path) -> Result<std::fs::File> {
    std::fs::File::options().write(true).create_new(true).open(path).map_err(|e| {
        Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", path.display()))
            .with_hint("files that are there are never overwritten; choose another name")
    })
}
