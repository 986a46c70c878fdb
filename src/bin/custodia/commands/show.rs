//! `show`: one message, what came of it, where it came from.

use super::{chat::Shown, session::Session};
use crate::args::show::Show;
use crate::printer::Role;
use crate::table::block;
use crate::{error::Exit, human, json, sanitize};
use custodia::archive::{Archive, ChatPage, Related, RetentionField, ShowReport, Tombstone};
use custodia::model::{MailboxName, Participant, event::Basis};
use custodia::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Bytes of a line of a raw message that are shown on a terminal at once.
const SHOWN_BYTES: usize = 64 * 1024;

/// Shows them.
pub fn run(args: &Show, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let mut taken = BTreeSet::new();
    let mut exit = Exit::Done;
    for (at, id) in args.ids.iter().enumerate() {
        let report = if args.raw { raw(&mut archive, id, session).map(|()| None) } else { archive.show(id).map(Some) };
        let report = match report {
            Ok(Some(report)) => report,
            Ok(None) => continue,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // What is left of a message that was purged is an answer too, and a negative one.
                let Some(tombstone) = archive.tombstone(id)? else { return Err(error) };
                tell_tombstone(&tombstone, session)?;
                exit = Exit::Empty;
                continue;
            }
            Err(error) => return Err(error),
        };
        let around = args.context.map(|n| archive.chat_around(id, usize::from(n))).transpose()?;
        let headers = if args.headers { Some(archive.headers(id)?) } else { None };
        let saved = match &args.save_attachments {
            Some(dir) => save(&mut archive, id, dir, &mut taken)?,
            None => Vec::new(),
        };
        if session.printer.json() {
            let mut document = json::document("message", &report)?;
            if let Some(holds) = document.get_mut("holds") {
                super::hold::name_cases(holds, &archive);
            }
            if let Some(headers) = headers {
                json::set(&mut document, "headers", headers);
            }
            if let Some(page) = &around {
                json::set(&mut document, "context", context(page)?);
            }
            if args.save_attachments.is_some() {
                json::set(&mut document, "saved", saved);
            }
            session.printer.document(&document)?;
            continue;
        }
        if at > 0 {
            session.printer.line("")?;
        }
        let titles = archive.chat_titles(std::iter::once(report.conversation.id.as_str()))?;
        tell(&report, titles.get(&report.conversation.id), args, session)?;
        if let Some(page) = &around {
            session.printer.line(&format!("\n{}", session.printer.paint(Role::Strong, "In its conversation")))?;
            super::chat::tell_page(page, Shown::Around, session)?;
        }
        if let Some(headers) = headers {
            session.printer.line(&format!("\n{}", sanitize::block(headers.trim_end())))?;
        }
        for file in &saved {
            let text = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or("");
            session.printer.say(&format!("saved {}   sha256 {}", text("path"), text("sha256")));
        }
        session.warn(&report.warnings);
    }
    Ok(exit)
}

/// What became of a message that is not here any more.
fn tell_tombstone(tombstone: &Tombstone, session: &Session) -> Result<()> {
    let printer = &session.printer;
    if printer.json() {
        return printer.document(&json::document("tombstone", tombstone)?);
    }
    printer.line(&printer.paint(Role::Strong, &tombstone.id.to_string()))?;
    let mut rows = vec![
        ("state", "purged: nothing of it is left but this".to_owned()),
        ("purged", format!("{} by {}", printer.time(Some(tombstone.purged_at)), tombstone.purged_by)),
        ("plan", tombstone.plan.to_string()),
        ("reason", tombstone.reason.clone()),
        ("basis", tombstone.basis.sentence()),
        ("kind", tombstone.kind.as_str().to_owned()),
        ("sent", printer.time(tombstone.sent)),
        ("archived", printer.time(Some(tombstone.archived_at))),
    ];
    rows.extend(tombstone.items.iter().map(|item| {
        ("was in", format!("{}   until {} (plan {})", item.mailbox, printer.time(Some(item.at)), item.plan))
    }));
    rows.push(("size", human::size(tombstone.size)));
    rows.push(("sha256", tombstone.digest.to_hex()));
    rows.push(("audit", format!("#{} {}", tombstone.seq, tombstone.line_hash)));
    printer.block(&rows)?;
    printer.say(&format!("Proof: {}", session.command(&["delete", "certificate", &tombstone.id.short()])));
    Ok(())
}

/// The archived bytes; on a terminal they cannot act.
fn raw(archive: &mut Archive, id: &str, session: &Session) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return archive.raw_to(id, &mut |bytes| session.printer.raw(bytes));
    }
    let mut line = Vec::new();
    let shown = |line: &[u8]| {
        session.printer.line(&sanitize::block(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n'])))
    };
    archive.raw_to(id, &mut |bytes| {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || line.len() > SHOWN_BYTES {
                shown(&line)?;
                line.clear();
            }
        }
        Ok(())
    })?;
    if !line.is_empty() {
        shown(&line)?;
    }
    session.printer.say("Control characters are made visible here; redirect the output for the exact bytes.");
    Ok(())
}

/// Writes the attachments. A file has its name when it is whole and has the digest that was archived; what is left of one
/// that is not ends with `.incomplete`.
fn save(archive: &mut Archive, id: &str, dir: &Path, taken: &mut BTreeSet<String>) -> Result<Vec<Value>> {
    std::fs::create_dir_all(dir).map_err(|e| Error::io("create", dir, e))?;
    let mut paths = Vec::new();
    let saved = archive.attachments_to(id, &mut |attachment| {
        let (file, path) = create(dir, &attachment.name, taken)?;
        paths.push(path);
        Ok(Box::new(std::io::BufWriter::new(file)))
    })?;
    let mut rows = Vec::new();
    for (attachment, path) in saved.iter().zip(&paths) {
        rename(&incomplete(path), path).map_err(|e| Error::io("name", path, e))?;
        rows.push(json!({
            "name": attachment.name, "path": path.display().to_string(), "size": attachment.size,
            "sha256": attachment.sha256.to_hex(),
        }));
    }
    Ok(rows)
}

/// A new file for an attachment under a name of its own, and the name that it gets: never that of a file that is there.
fn create(dir: &Path, name: &str, taken: &mut BTreeSet<String>) -> Result<(std::fs::File, PathBuf)> {
    loop {
        let path = dir.join(sanitize::file_name(name, taken));
        if path.symlink_metadata().is_ok() {
            continue;
        }
        match std::fs::File::options().write(true).create_new(true).open(incomplete(&path)) {
            Ok(file) => return Ok((file, path)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => {
                return Err(Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", path.display())));
            }
        }
    }
}

/// Renames, never over a file that is there, as far as the file system can promise that.
fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => std::fs::rename(from, to),
        done => Ok(done?),
    }
}

fn incomplete(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".incomplete");
    name.into()
}

/// The messages before and after, told apart from the message itself.
fn context(page: &ChatPage) -> Result<Value> {
    let at = page.messages.iter().position(|message| Some(message.id) == page.around).unwrap_or(0);
    let (before, rest) = page.messages.split_at_checked(at).unwrap_or_default();
    let after = rest.get(1..).unwrap_or_default();
    json::value(&json!({
        "chat": page.id, "before": before, "after": after, "more_before": page.before, "more_after": page.after,
    }))
}

fn who(participant: &Participant) -> String {
    let number = participant.number.as_ref().map(ToString::to_string);
    let known: Vec<&str> = [number.as_deref(), participant.email.as_deref()].into_iter().flatten().collect();
    match (&participant.name, known.is_empty()) {
        (Some(name), false) => format!("{name} <{}>", known.join(" ")),
        (Some(name), true) => name.clone(),
        (None, false) => known.join(" "),
        (None, true) => "unknown".to_owned(),
    }
}

fn tell(report: &ShowReport, title: Option<&String>, args: &Show, session: &Session) -> Result<()> {
    let printer = &session.printer;
    printer.line(&printer.paint(Role::Strong, &report.id.to_string()))?;
    printer.raw(block(&facts(report, title, session)).as_bytes())?;
    let body = match (report.encrypted, report.body.trim().is_empty()) {
        (true, true) => "[encrypted: archived, its text cannot be read without the key]".to_owned(),
        (false, true) => "[no text]".to_owned(),
        _ => sanitize::block(report.body.trim_end()),
    };
    printer.line(&format!("\n{body}"))?;
    if let Some(notes) = &report.notes {
        printer.line(&format!("\n{}", sanitize::block(notes.trim_end())))?;
    }
    if args.history {
        history(report, session)?;
    } else if !report.related.is_empty() {
        let n = human::counted(report.related.len() as u64, "related message");
        printer.say(&format!("\n{n}: {}", session.command(&["show", &report.id.short(), "--history"])));
    }
    if args.provenance { provenance(report, session) } else { Ok(()) }
}

fn facts(report: &ShowReport, title: Option<&String>, session: &Session) -> Vec<(&'static str, String)> {
    let names = |list: &[Participant]| list.iter().map(who).collect::<Vec<_>>().join("\n");
    let chat = &report.conversation;
    let named = chat.name.as_ref().filter(|name| !name.is_empty()).or(title);
    let conversation = match named.filter(|name| **name != chat.id) {
        Some(name) => format!("{name} ({})   {}", chat.kind.as_str(), chat.id),
        None => format!("{} ({})", chat.id, chat.kind.as_str()),
    };
    let mut facts = vec![
        ("sent", session.printer.time(report.sent)),
        ("from", who(&report.from)),
        ("participants", names(&report.participants)),
        ("conversation", conversation),
        ("kind", report.kind.as_str().to_owned()),
        ("subject", report.subject.clone()),
    ];
    for attachment in &report.attachments {
        let name = if attachment.name.is_empty() { "(no name)" } else { &attachment.name };
        facts.push(("attachment", format!("{name}   {}   {}", attachment.media_type, human::size(attachment.size))));
    }
    let mailboxes: Vec<String> = report.mailboxes.iter().map(|mailbox| with_basis(mailbox, report)).collect();
    facts.push(("mailboxes", mailboxes.join("\n")));
    let mut state = vec![report.state.to_owned()];
    state.extend(report.is_deleted.then(|| "deleted later by its sender".to_owned()));
    state.extend(report.is_edited.then(|| "edited later by its sender".to_owned()));
    state.extend(report.partially_indexed.as_ref().map(|why| format!("not fully searchable: {why}")));
    facts.push(("state", state.join(" · ")));
    for hold in &report.holds {
        facts.push((
            "on hold",
            format!("{} since {} by {}", hold.name, session.printer.time(Some(hold.placed_at)), hold.placed_by),
        ));
    }
    if !report.tags.is_empty() {
        facts.push(("tags", report.tags.join("\n")));
    }
    if let Some(retention) = &report.retention {
        facts.push(("retention", retained(retention, session)));
    }
    for finding in &report.findings {
        facts.push(("remark", finding.clone()));
    }
    facts.push(("sha256", report.digest.to_hex()));
    facts
}

/// A mailbox, and for a phone's data why it has the message.
fn with_basis(mailbox: &MailboxName, report: &ShowReport) -> String {
    let why = report.attributed.iter().find(|attribution| attribution.mailbox == *mailbox);
    let why = why.map(|attribution| match attribution.basis {
        Basis::Owner => "the phone is theirs, as the importer said".to_owned(),
        Basis::Number => format!("by a number {}", attribution.by),
        Basis::Name => format!("by a name, as the importer said {}", attribution.by),
        Basis::Address => format!("by an address {}", attribution.by),
    });
    why.map_or_else(|| mailbox.to_string(), |why| format!("{mailbox}   {}", why.trim_end()))
}

/// The original, its edits and its deletion, in the order of their times.
fn history(report: &ShowReport, session: &Session) -> Result<()> {
    let printer = &session.printer;
    printer.line(&format!("\n{}", printer.paint(Role::Strong, "History")))?;
    let this = Related {
        id: report.id,
        relation: "this message",
        sent: report.sent,
        subject: report.subject.clone(),
        body: report.body.clone(),
    };
    let mut story: Vec<&Related> = report.related.iter().chain(std::iter::once(&this)).collect();
    story.sort_by_key(|one| (one.sent.is_none(), one.sent));
    for one in story {
        let relation = one.relation.replace('_', " ");
        printer.line(&format!("  {}  {relation:12}  {}", printer.time(one.sent), one.id.short()))?;
        let text = if one.body.trim().is_empty() { &one.subject } else { &one.body };
        for line in sanitize::block(text.trim_end()).lines() {
            printer.line(format!("      {line}").trim_end())?;
        }
    }
    Ok(())
}

fn provenance(report: &ShowReport, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let from = &report.provenance;
    printer.line(&format!("\n{}", printer.paint(Role::Strong, "Provenance")))?;
    printer.block(&[
        ("source", from.source.to_owned()),
        ("account", from.account.clone().unwrap_or_else(|| "unknown".to_owned())),
        ("native id", from.native_id.clone()),
        ("run", from.run.to_string()),
        ("file", from.file.clone()),
        ("file sha256", from.file_digest.map(|digest| digest.to_hex()).unwrap_or_default()),
        ("entry", from.entry.clone()),
        ("archived", format!("{} by {}", printer.time(Some(from.archived_at)), from.actor)),
        ("audit", format!("#{} {}", from.seq, from.line_hash)),
    ])
}

/// The retention of a message in a line or two; `retention explain` has the rest.
fn retained(retention: &RetentionField, session: &Session) -> String {
    let mut parts = Vec::new();
    parts.extend(retention.label.as_ref().map(|label| format!("label {label}")));
    if !retention.policies.is_empty() {
        parts.push(format!("under {}", retention.policies.join(", ")));
    }
    match (retention.kept_for_ever, retention.keep_until) {
        (true, _) => parts.push("kept for ever: its date is unknown".to_owned()),
        (false, Some(until)) => parts.push(format!("kept until {}", session.printer.time(Some(until)))),
        (false, None) => {}
    }
    parts.extend(retention.delete_at.map(|at| format!("due from {}", session.printer.time(Some(at)))));
    parts.join(" · ")
}
