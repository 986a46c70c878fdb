//! `import`: files into the archive, with a balance.

use super::run::CsvReport;
use super::session::Session;
use crate::args::import::{DateOrder, Import, Kind};
use crate::args::value::{SizeLimit, Switch};
use crate::{error::Exit, human, json, table::Table};
use custodia::archive::{ImportItem, ImportOptions, ImportReport, PhoneImport};
use custodia::mapping::{Names, read_names};
use custodia::model::{Balance, SourceKind};
use custodia::source;
use custodia::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;

/// Imports.
pub fn run(args: &Import, session: &mut Session) -> Result<Exit> {
    let phone = phone(args, session)?;
    crate::interrupt::listen()?;
    let mut writer = session.open_writer(true, args.dry_run.dry_run)?;
    let options = ImportOptions {
        custom_mapping: args.custom_mapping == Switch::On,
        automatic_mapping: args.automatic_mapping == Switch::On,
        since: session.since(args.since)?,
        until: session.until(args.until)?,
        max_item_bytes: match args.max_item_size {
            Some(SizeLimit::Bytes(bytes)) => Some(bytes),
            Some(SizeLimit::None) | None => None,
        },
        dry_run: args.dry_run.dry_run,
        kind: match args.kind {
            Kind::Auto => None,
            Kind::Telemessage => Some(SourceKind::Telemessage),
            Kind::ChatExport => Some(SourceKind::ChatExport),
            Kind::Android => Some(SourceKind::Android),
            Kind::Ios => Some(SourceKind::Ios),
        },
        phone,
    };
    if writer.archive().state().users.is_empty() {
        session
            .printer
            .say("The user directory is empty, so nothing can be mapped.  First: custodia user import users.csv");
    }
    let mut report_file = args.report.as_deref().map(ReportFile::create).transpose()?;
    // The import goes on whatever becomes of the report and of the reader; the failure is told at the end.
    let failure: Mutex<Option<Error>> = Mutex::new(None);
    let meter = session.meter(true);
    let mut on_item = |item: &ImportItem| {
        let told = if session.printer.json() { tell_item(item, session) } else { Ok(()) };
        let written = report_file.as_mut().map_or(Ok(()), |file| file.row(item));
        if let Err(error) = told.and(written)
            && let Ok(mut first) = failure.lock()
        {
            first.get_or_insert(error);
        }
    };
    let report = writer.import(&args.paths, &options, &meter, &mut on_item)?;
    if let Some(file) = report_file {
        file.finish()?;
    }
    let all_names = options.phone.names.rejected.is_empty();
    let exit = if report.balance.complete() && all_names { Exit::Done } else { Exit::Partial };
    summary(&report, exit, session)?;
    if let Some(error) = failure.into_inner().ok().flatten() {
        return Err(error);
    }
    if report.interrupted {
        return Err(Error::new(
            ErrorKind::Interrupted,
            "the import was stopped between two batches; what was committed stays",
        )
        .with_hint("run the same command again: it goes on where it stopped"));
    }
    Ok(exit)
}

/// What is said about a phone's data.
fn phone(args: &Import, session: &Session) -> Result<PhoneImport> {
    let names = match &args.names {
        None => Names::default(),
        Some(path) => read_names(&std::fs::read(path).map_err(|e| Error::io("read", path, e))?)?,
    };
    for row in &names.rejected {
        if session.printer.json() {
            session.printer.document(&serde_json::json!({
                "type": "item", "result": "remark", "code": row.code, "detail": row.value, "fix": row.code.fix(),
                "source": {"file": args.names, "line": row.line},
            }))?;
        }
        session.printer.say(&format!("--names line {}: {}: {}   {}", row.line, row.code, row.value, row.code.fix()));
    }
    Ok(PhoneImport {
        owner: args.owner.as_ref().map(ToString::to_string),
        me: args.me.clone(),
        source_tz: args.source_tz,
        date_order: args.date_order.map(|order| match order {
            DateOrder::Dmy => source::phone::DateOrder::Dmy,
            DateOrder::Mdy => source::phone::DateOrder::Mdy,
            DateOrder::Ymd => source::phone::DateOrder::Ymd,
        }),
        only_chats: args.only_chat.clone(),
        exclude_chats: args.exclude_chat.clone(),
        key_file: args.key_file.clone(),
        names,
        keep_source: args.keep_source,
    })
}

fn tell_item(item: &ImportItem, session: &Session) -> Result<()> {
    let mut line = json::value(item)?;
    json::set(&mut line, "type", "item");
    session.printer.document(&line)
}

fn summary(report: &ImportReport, exit: Exit, session: &Session) -> Result<()> {
    if session.printer.json() {
        let mut document = json::document("import", report)?;
        json::set(&mut document, "type", "summary");
        let interrupted = report.interrupted.then(|| crate::error::answer(ErrorKind::Interrupted).exit);
        json::set(&mut document, "exit", interrupted.unwrap_or(exit as u8));
        return session.printer.event(&document);
    }
    if let Some(run) = &report.run {
        session.printer.line(&format!("Run {run}"))?;
    }
    balance(session, &report.balance, report.dry_run)?;
    if report.outside_window > 0 {
        session.printer.line(&format!(
            "{} outside --since and --until, not read",
            human::counted(report.outside_window, "message")
        ))?;
    }
    if report.balance.left_out > 0 {
        session.printer.line(&format!(
            "{} of chats that were left out, not read",
            human::counted(report.balance.left_out, "message")
        ))?;
    }
    if let Some(run) = report.run.as_ref().filter(|_| !report.balance.by_code.is_empty()) {
        session.printer.say(&format!("Each one with its place: {}", session.command(&["run", "issues", &run.0])));
    }
    session.end_dry_run(report.dry_run)
}

/// The balance of a run for people.
pub fn balance(session: &Session, balance: &Balance, dry_run: bool) -> Result<()> {
    let would = if dry_run { "would " } else { "" };
    let into = format!(
        "{} into {}",
        human::counted(balance.items.imported + balance.items.partial, "item"),
        human::counted(balance.mailboxes, "mailbox")
    );
    let rows = [
        (format!("{would}read"), balance.read, String::new()),
        (format!("{would}import"), balance.imported, into),
        (format!("{would}keep as another version"), balance.revised, String::new()),
        (format!("{would}pass over, already here"), balance.already, String::new()),
        (format!("{would}not import"), balance.not_imported, String::new()),
    ];
    let words = ["read", "imported", "revised", "already here", "not imported"];
    let mut lines = Table::new(&["MESSAGES", ">COUNT", ""]);
    for ((label, n, remark), word) in rows.iter().zip(words) {
        lines.row([if dry_run { label } else { word }, &human::count(*n), remark]);
    }
    session.printer.table(&lines)?;
    if !balance.by_code.is_empty() {
        let mut table = Table::new(&[">COUNT", "REASON", "WHAT TO DO"]);
        for (code, n) in &balance.by_code {
            table.row([&human::count(*n), code.as_str(), code.fix()]);
        }
        session.printer.table(&table)?;
    }
    let parts =
        [balance.imported, balance.revised, balance.already, balance.not_imported].map(human::count).join(" + ");
    let word = match (balance.balanced(), dry_run) {
        (true, false) => "Balanced",
        (true, true) => "would balance",
        (false, _) => "NOT BALANCED",
    };
    session.printer.line(&format!("{word}: {} = {parts}.", human::count(balance.read)))
}

/// The file of `--report`: what was not imported, or imported with a remark.
enum ReportFile {
    Csv(Box<CsvReport<BufWriter<File>>>),
    Json(BufWriter<File>, bool),
}

impl ReportFile {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|e| {
            Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", path.display()))
                .with_hint("nothing was imported; choose another --report FILE")
        })?;
        let file = BufWriter::new(file);
        let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if is_csv { Ok(Self::Csv(Box::new(CsvReport::new(file)?))) } else { Ok(Self::Json(file, false)) }
    }

    fn row(&mut self, item: &ImportItem) -> Result<()> {
        match self {
            Self::Csv(csv) => csv.row(item),
            Self::Json(file, begun) => {
                let opening = if *begun { ",\n" } else { "[\n" };
                *begun = true;
                write!(file, "{opening}{}", json::value(item)?).map_err(failed)
            }
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Csv(csv) => csv.finish()?.flush().map_err(failed),
            Self::Json(mut file, begun) => {
                write!(file, "{}", if begun { "\n]\n" } else { "[]\n" }).and_then(|()| file.flush()).map_err(failed)
            }
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write the report: {error}")).with_source(error)
}
