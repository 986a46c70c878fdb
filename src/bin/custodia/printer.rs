//! The one place that writes to the streams. stdout is data, stderr is talk.
//!
//! Contract: a reader that closes the pipe ends the output, not the command, and is no error; any other failure of
//! stdout is one, because data that was asked for did not arrive: it is told again by every later use, so that none may
//! pass over it. Talk that cannot be said is dropped.

use crate::args::global::{Color, Global};
use crate::{human, sanitize, table::Table};
use clap::builder::styling::{AnsiColor, Style};
use custodia::model::Zone;
use custodia::{Error, ErrorKind, Result, model::Instant};
use serde_json::Value;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading, a name.
    Strong,
    /// What a search found.
    Hit,
    /// Good.
    Good,
    /// Not good.
    Bad,
    /// Worth a look.
    Warn,
    /// Beside what is read.
    Quiet,
}

struct Out {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The reader is gone, or writing failed.
    closed: bool,
    /// Why writing failed.
    failed: Option<String>,
}

impl Out {
    fn to(writer: Box<dyn Write + Send>) -> Mutex<Self> {
        Mutex::new(Self { writer: BufWriter::new(writer), closed: false, failed: None })
    }

    fn verdict(&self) -> Result<()> {
        match &self.failed {
            None => Ok(()),
            Some(why) => Err(Error::new(ErrorKind::Io, format!("cannot write the answer: {why}"))
                .with_hint("what was asked for did not arrive; write it to a place that has room")),
        }
    }
}

/// Writes answers and talk in the form that the flags ask for.
pub struct Printer {
    out: Mutex<Out>,
    json: bool,
    quiet: bool,
    colour_out: bool,
    colour_err: bool,
    width: Option<u16>,
    zone: Zone,
    /// How a command line begins that is about the archive that is meant.
    command: String,
    notes: Mutex<Notes>,
}

/// What answers should be read with.
#[derive(Default)]
struct Notes {
    /// Every document carries these.
    carried: Vec<String>,
    /// Said on stderr already.
    told: Vec<String>,
}

impl Printer {
    /// A printer on the process's own streams.
    pub fn new(global: &Global) -> Self {
        Self::early(global.json, global.color).with(global.quiet, global.tz)
    }

    /// A printer for what is said before the command line is understood.
    pub fn early(json: bool, color: Color) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color,
        };
        Self {
            out: Out::to(Box::new(io::stdout())),
            json,
            quiet: false,
            colour_out: colour(io::stdout().is_terminal()) && !json,
            colour_err: colour(io::stderr().is_terminal()),
            width: terminal_width(),
            zone: Zone::UTC,
            command: "custodia".to_owned(),
            notes: Mutex::default(),
        }
    }

    fn with(mut self, quiet: bool, zone: Option<Zone>) -> Self {
        self.quiet = quiet;
        self.zone = zone.unwrap_or(Zone::UTC);
        self
    }

    /// Says how command lines that are named begin: with the archive that is meant, where a flag says it.
    pub fn set_command(&mut self, command: String) {
        self.command = command;
    }

    /// Text in which the command lines that are named can be typed as they stand.
    pub fn addressed(&self, text: &str) -> String {
        crate::shell::addressed(text, &self.command)
    }

    /// Sets the zone that the archive asks for; `--tz` wins over it, so call this only without one.
    pub fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
    }

    /// Sends what would go to stdout elsewhere.
    pub fn redirect(&mut self, to: Box<dyn Write + Send>) {
        self.out = Out::to(to);
    }

    /// Whether machine output was asked for.
    pub fn json(&self) -> bool {
        self.json
    }

    /// The display zone.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// A time in the display zone; `unknown` if there is none.
    pub fn time(&self, at: Option<Instant>) -> String {
        at.map_or_else(|| "unknown".to_owned(), |at| human::time(at, self.zone))
    }

    /// Writes bytes to stdout as they are.
    pub fn raw(&self, bytes: &[u8]) -> Result<()> {
        self.send(|writer| writer.write_all(bytes))
    }

    /// Writes text of our own to stdout and ends the line.
    pub fn line(&self, text: &str) -> Result<()> {
        self.send(|writer| writeln!(writer, "{text}"))
    }

    /// Writes a table to stdout.
    pub fn table(&self, table: &Table) -> Result<()> {
        let left_out = table.left_out(self.width);
        if !left_out.is_empty() {
            self.note(&format!("the terminal has no room for the columns {}; --json has them", left_out.join(", ")));
        }
        let text = table.render(self.width);
        if !self.colour_out {
            return self.raw(text.as_bytes());
        }
        let (heading, rows) = text.split_once('\n').unwrap_or((&text, ""));
        self.line(&self.paint(Role::Strong, heading))?;
        self.raw(rows.as_bytes())
    }

    /// Writes a block of names and values to stdout.
    pub fn block<K: AsRef<str>, V: AsRef<str>>(&self, pairs: &[(K, V)]) -> Result<()> {
        self.raw(crate::table::block(pairs).as_bytes())
    }

    /// Writes one JSON document on one line, its schema first.
    pub fn document(&self, value: &Value) -> Result<()> {
        self.line(&crate::json::text(&self.with_notes(value.clone())))
    }

    /// Lets every answer from now on say what it should be read with: documents carry it, text is followed by it.
    pub fn carry(&self, warnings: &[String]) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<String> = warnings.iter().filter(|text| !notes.carried.contains(text)).cloned().collect();
        notes.carried.extend(new);
    }

    /// A document with what it should be read with. Lines of a stream that are no documents of their own have no schema.
    pub fn with_notes(&self, mut document: Value) -> Value {
        let carried = self.notes.lock().unwrap_or_else(PoisonError::into_inner).carried.clone();
        if !carried.is_empty() && document.get("schema").is_some() {
            let said = document.get("warnings").and_then(Value::as_array).cloned().unwrap_or_default();
            let more = carried.into_iter().map(Value::from).filter(|text| !said.contains(text));
            let all: Vec<Value> = said.iter().cloned().chain(more).collect();
            crate::json::set(&mut document, "warnings", all);
        }
        document
    }

    /// Says what text answers should be read with, as far as it was not said yet. Documents carry it.
    pub fn tell_notes(&self) {
        let carried = self.notes.lock().unwrap_or_else(PoisonError::into_inner).carried.clone();
        if !self.json {
            carried.iter().for_each(|text| self.warn(text));
        }
    }

    /// Writes one line of JSON Lines at once, for readers that wait for it.
    pub fn event(&self, value: &Value) -> Result<()> {
        self.document(value)?;
        self.flush()
    }

    /// Sends what is buffered.
    pub fn flush(&self) -> Result<()> {
        self.send(Write::flush)
    }

    fn send(&self, write: impl FnOnce(&mut BufWriter<Box<dyn Write + Send>>) -> io::Result<()>) -> Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if !out.closed
            && let Err(e) = write(&mut out.writer)
        {
            out.closed = true;
            out.failed = (e.kind() != io::ErrorKind::BrokenPipe).then(|| e.to_string());
        }
        out.verdict()
    }

    /// Says something on stderr, unless only results are wanted. Several lines are allowed.
    pub fn say(&self, text: &str) {
        if !self.quiet && !self.json {
            self.complain(&self.addressed(&sanitize::block(text)));
        }
    }

    /// Warns on stderr, whatever is wanted, of each thing once.
    pub fn warn(&self, text: &str) {
        let told = &mut self.notes.lock().unwrap_or_else(PoisonError::into_inner).told;
        if told.iter().any(|said| said == text) {
            return;
        }
        told.push(text.to_owned());
        self.complain(&format!(
            "{} {}",
            self.paint_err(Role::Warn, "warning:"),
            self.addressed(&sanitize::block(text))
        ));
    }

    /// Says how something was understood on stderr, unless only results are wanted.
    pub fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            self.complain(&format!("{} {}", self.paint_err(Role::Strong, "note:"), sanitize::block(text)));
        }
    }

    /// Whether answers go to a terminal.
    pub fn to_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Tells an error and what to do.
    pub fn error(&self, message: &str, hint: &str) {
        self.complain(&format!("{} {}", self.paint_err(Role::Bad, "error:"), sanitize::block(message)));
        if !hint.is_empty() {
            self.complain(&format!(
                "{} {}",
                self.paint_err(Role::Strong, "hint:"),
                self.addressed(&sanitize::block(hint))
            ));
        }
    }

    /// Writes a line to stderr as it is.
    pub fn complain(&self, line: &str) {
        // What was answered so far comes first, where both streams are one terminal. A failure is told by the last flush.
        let _ = self.flush();
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Text for stdout in its colour.
    pub fn paint(&self, role: Role, text: &str) -> String {
        paint(self.colour_out, role, text)
    }

    /// The width of the terminal that stdout is; none if it is none.
    pub fn width(&self) -> Option<u16> {
        self.width
    }

    /// Text for stderr in its colour.
    pub fn paint_err(&self, role: Role, text: &str) -> String {
        paint(self.colour_err, role, text)
    }
}

fn paint(colour: bool, role: Role, text: &str) -> String {
    // Without colour a hit is marked all the same: never by colour alone.
    if !colour {
        return if role == Role::Hit { format!("«{text}»") } else { text.to_owned() };
    }
    let style = match role {
        Role::Strong => Style::new().bold(),
        Role::Hit => Style::new().invert(),
        Role::Good => AnsiColor::Green.on_default(),
        Role::Bad => AnsiColor::Red.on_default().bold(),
        Role::Warn => AnsiColor::Yellow.on_default().bold(),
        Role::Quiet => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}

/// The width of the terminal that stdout is, in columns.
fn terminal_width() -> Option<u16> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    (width.0 >= 40).then_some(width.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Sink(Arc<Mutex<Vec<u8>>>, Option<io::ErrorKind>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.1 {
                Some(kind) => Err(kind.into()),
                None => self.0.lock().unwrap().write(bytes),
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printer(failure: Option<io::ErrorKind>) -> (Printer, Arc<Mutex<Vec<u8>>>) {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut printer = Printer::early(false, Color::Never);
        printer.redirect(Box::new(Sink(bytes.clone(), failure)));
        (printer, bytes)
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let (printer, _) = printer(Some(io::ErrorKind::BrokenPipe));
        printer.line("hit").unwrap();
        printer.flush().unwrap();
        printer.line("more").unwrap();
    }

    #[test]
    fn a_full_disk_under_stdout_is_an_error() {
        let (printer, _) = printer(Some(io::ErrorKind::StorageFull));
        printer.line("hit").unwrap();
        printer.complain("talk in between");
        for _ in 0..2 {
            assert_eq!(printer.flush().unwrap_err().kind(), ErrorKind::Io);
        }
    }

    #[test]
    fn documents_are_one_line_each() {
        let (printer, bytes) = printer(None);
        printer.event(&serde_json::json!({"text": "a\nb"})).unwrap();
        assert_eq!(String::from_utf8(bytes.lock().unwrap().clone()).unwrap(), "{\"text\":\"a\\nb\"}\n");
    }

    #[test]
    fn a_hit_is_marked_without_colour_too() {
        assert_eq!(paint(false, Role::Hit, "wire"), "«wire»");
        assert!(paint(true, Role::Hit, "wire").contains('\u{1b}'));
    }
}
