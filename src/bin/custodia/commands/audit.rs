//! `audit`: the hash-chained record of everything that happened.

use super::anchor::Anchored;
use super::session::{Session, confirmed, new_file};
use crate::args::audit::{Anchor, Audit, ConfirmOlder, Export, Form, Format, Item, List, Show, Verify};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::{Archive, AuditFilter, AuditRow, Change};
use custodia::clock::SystemClock;
use custodia::model::{Digest, Seq};
use custodia::{Error, ErrorKind, Result};
use serde_json::Value;
use std::io::{BufWriter, Write};
use std::sync::Arc;

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
        Audit::Item(args) => item(&args, session),
        Audit::Verify(args) => verify(&args, session),
        Audit::Export(args) => export(&args, session),
        Audit::Anchor(args) => anchor(&args, session),
        Audit::ConfirmOlder(args) => confirm_older(&args, session),
    }
}

fn list(args: List, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let filter = AuditFilter {
        since: session.since(args.since)?,
        until: session.until(args.until)?,
        actor: args.actor,
        kind: args.kind,
        object: args.object,
        case: args.case,
        last: None,
    };
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
    const FIRST: [&str; 21] = [
        "operation",
        "view",
        "target",
        "object",
        "name",
        "email",
        "mailbox",
        "query",
        "plan",
        "hold",
        "policy",
        "label",
        "request",
        "case",
        "run",
        "id",
        "file",
        "path",
        "dir",
        "from",
        "reason",
    ];
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
    for key in ["messages", "matched", "disposed", "count", "objects", "lines", "files"] {
        if let Some(Value::Number(n)) = fields.get(key) {
            parts.push(format!("{key} {n}"));
        }
    }
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.audit_event(Seq(args.seq))?;
    let change = archive.audit_change(Seq(args.seq))?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        let mut document = json::document("audit", &row)?;
        if let Some(Change { before, after }) = change {
            json::set(&mut document, "before", json::value(&before)?);
            json::set(&mut document, "after", json::value(&after)?);
        }
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let event = serde_json::to_string_pretty(&row.event).map_err(|e| Error::bug(e.to_string()))?;
    session.printer.line(&format!("#{}  {}", row.seq, row.action))?;
    session.printer.block(&[
        ("when", session.printer.time(Some(row.at))),
        ("actor", format!("{} / {}", if row.actor.is_empty() { "–" } else { &row.actor }, row.os)),
        ("in Purview", row.operation.to_owned()),
        ("line hash", row.hash.to_hex()),
        ("event", event),
    ])?;
    if let Some(change) = change {
        session.printer.block(&[("changed", differences(&change))])?;
    }
    Ok(Exit::Done)
}

/// The fields that a change changed, before and after, one a line.
fn differences(change: &Change) -> String {
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (fields(&change.before), fields(&change.after));
    if before.is_empty() && after.is_empty() {
        return format!("{} → {}", change.before, change.after);
    }
    let shown = |value: Option<&Value>| value.map_or_else(|| "–".to_owned(), ToString::to_string);
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let lines: Vec<String> = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| format!("{name}: {} → {}", shown(before.get(name)), shown(after.get(name))))
        .collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

fn item(args: &Item, session: &mut Session) -> Result<Exit> {
    let form = form(args, session)?;
    let archive = session.open()?;
    let history = archive.item_history(&args.id)?;
    session.printer.carry(archive.warnings());
    let text = match form {
        Form::Json => format!("{}\n", json::text(&json::document("audit.item", &history)?)),
        Form::Html => history.page().to_html(),
        Form::Md => history.page().to_markdown(),
    };
    let Some(path) = &args.out else {
        match form {
            Form::Json => session.printer.document(&json::document("audit.item", &history)?)?,
            Form::Md | Form::Html => session.printer.raw(text.as_bytes())?,
        }
        return Ok(Exit::Done);
    };
    let mut file = new_file(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", path, e))?;
    let events = human::counted(history.events.len() as u64, "event");
    if session.printer.json() {
        session.printer.document(&serde_json::json!({
            "schema": "custodia.audit.item.written/1", "id": history.id, "path": path.display().to_string(),
            "events": history.events.len(), "sha256": Digest::of(text.as_bytes()),
        }))?;
    } else {
        session.printer.line(&format!("{}  {events}", path.display()))?;
    }
    Ok(Exit::Done)
}

/// The form that is asked for: by the flag, by the name of the file, else what the terminal gets.
fn form(args: &Item, session: &Session) -> Result<Form> {
    let ending = args.out.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
    match (args.format, ending.map(str::to_lowercase).as_deref(), &args.out) {
        (Some(form), _, _) => Ok(form),
        (None, Some("md" | "markdown"), _) => Ok(Form::Md),
        (None, Some("html" | "htm"), _) => Ok(Form::Html),
        (None, Some("json"), _) => Ok(Form::Json),
        (None, _, None) => Ok(if session.printer.json() { Form::Json } else { Form::Md }),
        (None, _, Some(path)) => Err(Error::new(ErrorKind::Usage, format!("{} does not say a form", path.display()))
            .with_hint("name it .md, .html or .json, or give --format")),
    }
}

fn verify(args: &Verify, session: &mut Session) -> Result<Exit> {
    let anchor = args.against.as_deref().map(Anchored::read).transpose()?;
    let mut archive = session.open()?;
    let against = anchor.map(|anchor| anchor.of(&archive.meta().id)).transpose()?;
    let report = archive.audit_verify(against)?;
    session.printer.carry(archive.warnings());
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
        Some(_) => {
            printer.line("the anchor is NOT in the journal: it was cut off or rewritten, or this is an older copy")?;
            if against.is_some_and(|(seq, _)| seq.is_none()) {
                printer.say("A bare hash may be mistyped: that it is missing was not recorded. Name the anchor's file to record it.");
            }
        }
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
                let operation = operation(json);
                write!(to, "{{\"hash\":\"{hash}\",\"operation\":\"{operation}\",")
                    .and_then(|()| to.write_all(fields))
                    .map_err(failed)?;
                to.write_all(b"\n").map_err(failed)
            })?;
            Ok(("jsonl", lines))
        }
        Format::Csv => {
            let mut lines = 0;
            let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
            let csv_failed = |e: csv::Error| Error::new(ErrorKind::Io, format!("cannot write the export: {e}"));
            csv.write_record(["seq", "at", "actor", "account", "action", "operation", "event", "hash"])
                .map_err(csv_failed)?;
            archive.audit(&AuditFilter::default(), &mut |row| {
                lines += 1;
                let (seq, at, event, hash) =
                    (row.seq.to_string(), row.at.to_string(), row.event.to_string(), row.hash.to_hex());
                let cells = [&seq, &at, &row.actor, &row.os, row.action, row.operation, &event, &hash];
                csv.write_record(cells.map(sanitize::cell)).map_err(csv_failed)
            })?;
            csv.flush().map_err(failed)?;
            Ok(("csv", lines))
        }
    }
}

/// What Purview calls the event of a line; nothing where the line is not understood.
fn operation(json: &[u8]) -> &'static str {
    let line: Option<Value> = serde_json::from_slice(json).ok();
    line.as_ref().and_then(|line| line.get("event")).map_or("", custodia::archive::purview_operation)
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

/// Lets an archive that lacks known lines go on.
fn confirm_older(args: &ConfirmOlder, session: &mut Session) -> Result<Exit> {
    // Not through the session: what it would carry along is what this ends.
    let mut archive = Archive::open(&session.archive_dir()?, session.actor(), Arc::new(SystemClock))?;
    confirmed(&args.confirm, &archive.meta().id.clone())?;
    let report = archive.confirm_older(&args.reason.reason, args.dry_run.dry_run)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json::document("audit.confirm_older", &report)?)?;
        return Ok(Exit::Done);
    }
    let done = if report.dry_run { "would confirm" } else { "confirmed" };
    session.printer.line(&format!(
        "{done} that {} goes on without event {} as an anchor names it ({}); its journal ends at event {}",
        report.archive,
        report.older_than,
        human::counted(report.anchors as u64, "missed anchor"),
        report.as_of
    ))?;
    session.end_dry_run(report.dry_run)?;
    Ok(Exit::Done)
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
