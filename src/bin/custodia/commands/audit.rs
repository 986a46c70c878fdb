//! `audit`: the hash-chained record of everything that happened.

use super::session::Session;
use crate::args::audit::{Anchor, Audit, Export, Format, List, Show, Verify};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::{Archive, AuditFilter, AuditRow};
use custodia::model::{Digest, Seq};
use custodia::{Error, ErrorKind, Result};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows that one table takes; the next begins below it.
const TABLE_ROWS: usize = 1_000;

/// Ids of messages that one line names; more are counted.
const IDS: usize = 5;
/// Characters of an id in a table: a prefix that `show` accepts.
const ID_CHARS: usize = 12;

/// Runs a sub-command.
pub fn run(command: Audit, session: &mut Session) -> Result<Exit> {
    match command {
        Audit::List(args) => list(args, session),
        Audit::Show(args) => show(&args, session),
        Audit::Verify(args) => verify(&args, session),
        Audit::Export(args) => export(&args, session),
        Audit::Anchor(args) => anchor(&args, session),
    }
}

fn list(args: List, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let since = session.since(args.since)?;
    let filter = AuditFilter { since, actor: args.actor, kind: args.kind, object: args.object, last: None };
    let mut total = 0u64;
    let mut rows: Vec<AuditRow> = Vec::new();
    archive.audit(&filter, &mut |row| {
        total += 1;
        if session.printer.json() {
            return session.printer.document(&json::document("audit", &row)?);
        }
        rows.push(row);
        if rows.len() < TABLE_ROWS { Ok(()) } else { table(&std::mem::take(&mut rows), session) }
    })?;
    if !rows.is_empty() {
        table(&rows, session)?;
    }
    session.printer.say(&format!("\n{}", human::counted(total, "event")));
    session.warn(archive.warnings());
    Ok(if total == 0 { Exit::Empty } else { Exit::Done })
}

fn table(rows: &[AuditRow], session: &Session) -> Result<()> {
    let mut table = Table::new(&[">#", "WHEN", "ACTOR (claimed / account)", "ACTION", "WHAT"]);
    for row in rows {
        let claimed = if row.actor.is_empty() { "–" } else { &row.actor };
        table.row([
            row.seq.to_string(),
            session.printer.time(Some(row.at)),
            format!("{claimed} / {}", row.os),
            row.action.to_owned(),
            gist(&row.event),
        ]);
    }
    session.printer.table(&table)
}

/// What an event is about, in one line: its plain fields, names and reasons first.
fn gist(event: &Value) -> String {
    const FIRST: [&str; 12] =
        ["name", "email", "mailbox", "query", "plan", "hold", "case", "run", "id", "file", "path", "reason"];
    const CHARS: usize = 100;
    let mut parts = Vec::new();
    match tagging(event) {
        Some(text) => parts.push(text),
        None => collect(event, &FIRST, &mut parts),
    }
    let text = parts.join("  ");
    if text.chars().count() <= CHARS { text } else { text.chars().take(CHARS).chain(std::iter::once('…')).collect() }
}

/// A tag that was put on messages or taken off them: which, whether, how many and for which query.
fn tagging(event: &Value) -> Option<String> {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let done = match text("type")? {
        "tag.added" => "added to",
        "tag.removed" => "removed from",
        _ => return None,
    };
    let messages = event.get("messages").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    let messages = human::counted(messages, "message");
    Some(format!("{}  {done} {messages}  {}", text("tag")?, text("query").unwrap_or_default()))
}

fn collect(value: &Value, wanted: &[&str], parts: &mut Vec<String>) {
    let Value::Object(fields) = value else { return };
    for key in wanted {
        match fields.get(*key) {
            Some(Value::String(text)) if !text.is_empty() => parts.push(text.clone()),
            Some(inner @ Value::Object(_)) => collect(inner, wanted, parts),
            _ => {}
        }
    }
    for key in ["user", "row"] {
        if let Some(inner) = fields.get(key) {
            collect(inner, &["email", "number", "mailbox", "name"], parts);
        }
    }
    if let Some(Value::Array(ids)) = fields.get("ids") {
        parts.extend(ids.iter().filter_map(Value::as_str).take(IDS).map(|id| id.chars().take(ID_CHARS).collect()));
        if ids.len() > IDS {
            parts.push(format!("+{} more", ids.len() - IDS));
        }
    }
    for key in ["messages", "matched", "disposed", "count", "objects", "lines"] {
        if let Some(Value::Number(n)) = fields.get(key) {
            parts.push(format!("{key} {n}"));
        }
    }
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.audit_event(Seq(args.seq))?;
    if session.printer.json() {
        session.printer.document(&json::document("audit", &row)?)?;
        return Ok(Exit::Done);
    }
    let event = serde_json::to_string_pretty(&row.event).map_err(|e| Error::bug(e.to_string()))?;
    session.printer.line(&format!("#{}  {}", row.seq, row.action))?;
    session.printer.block(&[
        ("when", session.printer.time(Some(row.at))),
        ("actor", format!("{} / {}", if row.actor.is_empty() { "–" } else { &row.actor }, row.os)),
        ("line hash", row.hash.to_hex()),
        ("event", event),
    ])?;
    Ok(Exit::Done)
}

fn verify(args: &Verify, session: &mut Session) -> Result<Exit> {
    let against = args.against.as_deref().map(anchored).transpose()?;
    let archive = session.open()?;
    let report = archive.audit_verify(against)?;
    let exit = if report.is_sound() { Exit::Done } else { Exit::Damage };
    if session.printer.json() {
        session.printer.document(&json::document("audit.verify", &report)?)?;
        return Ok(exit);
    }
    let printer = &session.printer;
    printer.line(&format!(
        "{}, chain {}. head {}",
        human::counted(report.events, "event"),
        report.chain,
        report.head
    ))?;
    if let (Some(seq), Some(place)) = (report.first_bad, &report.first_bad_at) {
        let place = format!("{} line {}: {}", place.file, place.line, place.why);
        printer.line(&format!("first bad event {seq}, {place}; nothing after it is proven"))?;
    }
    for lost in &report.lost {
        printer.line(&format!(
            "event {} was once written and is gone or rewritten ({} remembers it)",
            lost.seq, lost.store
        ))?;
    }
    match report.against {
        Some("found") => printer.line("the anchor is in the journal: nothing up to it was cut off or rewritten")?,
        Some(_) => printer.line("the anchor is NOT in the journal: it was cut off or rewritten")?,
        None => {}
    }
    if report.torn > 0 {
        printer.line("an unfinished write at the end; the next writer sets it aside")?;
    }
    if report.is_sound() && against.is_none() {
        printer.say(
            "(An unbroken chain shows that no event inside was changed. Compare the head with an anchor kept elsewhere to show\n\
             that none was cut off and that the whole was not written anew: custodia audit verify --against FILE)",
        );
    }
    Ok(exit)
}

/// An anchor: the hash of a line, or a file that `audit anchor` wrote.
fn anchored(text: &str) -> Result<(Option<Seq>, Digest)> {
    if let Some(hash) = Digest::from_hex(text) {
        return Ok((None, hash));
    }
    let bytes = super::session::read_file(Path::new(text))?;
    let content = String::from_utf8_lossy(&bytes);
    if let Ok(anchor) = serde_json::from_str::<Value>(&content) {
        let seq = anchor.get("seq").and_then(Value::as_u64).map(Seq);
        if let Some(head) = anchor.get("head").and_then(Value::as_str).and_then(Digest::from_hex) {
            return Ok((seq, head));
        }
    }
    content.split_whitespace().find_map(Digest::from_hex).map(|hash| (None, hash)).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("{text} is neither the hash of a line nor an anchor file"))
            .with_hint("an anchor file is what custodia audit anchor --out writes; a hash has 64 hex digits")
    })
}

fn export(args: &Export, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let (format, lines) = match &args.out {
        Some(path) => {
            let mut file = BufWriter::new(new_file(path)?);
            let written = write(&archive, args.format, &mut file)?;
            file.flush().map_err(|e| Error::io("write", path, e))?;
            written
        }
        None => write(&archive, args.format, &mut Stdout(session))?,
    };
    archive.audit_exported(format, lines);
    if let Some(path) = &args.out {
        session.printer.say(&format!("Wrote {} to {}", human::counted(lines, "event"), path.display()));
    }
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

/// stdout through the printer, so that a reader who leaves is no error.
struct Stdout<'a>(&'a Session);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.printer.raw(bytes).map(|()| bytes.len()).map_err(std::io::Error::other)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.printer.flush().map_err(std::io::Error::other)
    }
}

fn write(archive: &Archive, format: Format, to: &mut dyn Write) -> Result<(&'static str, u64)> {
    let failed = |e: std::io::Error| Error::new(ErrorKind::Io, format!("cannot write the export: {e}")).with_source(e);
    match format {
        Format::Jsonl => {
            // The JSON stays as it was hashed, byte for byte; the line's hash is put in front of its first field.
            let lines = archive.audit_lines(&mut |hash, json| {
                let fields = json.strip_prefix(b"{").unwrap_or(json);
                write!(to, "{{\"hash\":\"{hash}\",").and_then(|()| to.write_all(fields)).map_err(failed)?;
                to.write_all(b"\n").map_err(failed)
            })?;
            Ok(("jsonl", lines))
        }
        Format::Csv => {
            let mut lines = 0;
            let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
            let csv_failed = |e: csv::Error| Error::new(ErrorKind::Io, format!("cannot write the export: {e}"));
            csv.write_record(["seq", "at", "actor", "account", "action", "event", "hash"]).map_err(csv_failed)?;
            archive.audit(&AuditFilter::default(), &mut |row| {
                lines += 1;
                let (seq, at, event, hash) =
                    (row.seq.to_string(), row.at.to_string(), row.event.to_string(), row.hash.to_hex());
                let cells = [&seq, &at, &row.actor, &row.os, row.action, &event, &hash];
                csv.write_record(cells.map(sanitize::cell)).map_err(csv_failed)
            })?;
            csv.flush().map_err(failed)?;
            Ok(("csv", lines))
        }
    }
}

fn anchor(args: &Anchor, session: &mut Session) -> Result<Exit> {
    // The file first: an anchor that was recorded as given out must have been given out.
    let file = args.out.as_deref().map(|path| new_file(path).map(|file| (path, file))).transpose()?;
    let anchor = session.open()?.anchor()?;
    let document = json::document("audit.anchor", &anchor)?;
    if let Some((path, mut file)) = file {
        writeln!(file, "{document}").and_then(|()| file.sync_all()).map_err(|e| Error::io("write", path, e))?;
    }
    if session.printer.json() {
        session.printer.document(&document)?;
    } else {
        session.printer.line(&format!("{} {}", anchor.seq, anchor.head))?;
        session.printer.say("Keep it where nobody who can write to the archive can change it.");
    }
    Ok(Exit::Done)
}

/// A file of ours, never over one that is there: it may be an anchor that is still needed.
fn new_file(path: &Path) -> Result<File> {
    File::options().write(true).create_new(true).open(path).map_err(|e| {
        Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", path.display()))
            .with_hint("files that are there are never overwritten; choose another name")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_names_the_first_ids_and_counts_the_others() {
        let ids: Vec<String> = (0..7).map(|n| format!("m_00000000{n}0ffffffffffffffffffffff")).collect();
        assert_eq!(gist(&json!({"ids": ids[..1]})), "m_0000000000");
        let text = gist(&json!({"ids": ids}));
        assert!(text.ends_with("m_0000000040  +2 more") && !text.contains("m_0000000050"), "{text}");
    }
}
