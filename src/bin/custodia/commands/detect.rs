//! `detect`: what files are, and whether they could be imported. Reads only, needs no archive.

use super::session::Session;
use crate::args::import::Detect;
use crate::{error::Exit, human, json, table::Table};
use custodia::Result;
use custodia::source::{Detection, detect};
use serde_json::json;

/// Looks.
pub fn run(args: &Detect, session: &Session) -> Result<Exit> {
    let mut found: Vec<Detection> = Vec::new();
    for path in &args.paths {
        found.extend(detect(path)?);
    }
    let readable = found.iter().any(|item| item.kind != "unknown");
    let exit = if readable { Exit::Done } else { Exit::Empty };
    if session.printer.json() {
        let items = json::value(&found)?;
        session.printer.document(&json!({"schema": "custodia.detect/1", "items": items}))?;
        return Ok(exit);
    }
    let mut table = Table::new(&[">#", "PATH", "LOOKS LIKE", ">SURE", ">MESSAGES", "RANGE"]);
    for (at, item) in found.iter().enumerate() {
        let day = |at| human::day(at, session.printer.zone());
        table.row([
            (at + 1).to_string(),
            item.path.clone(),
            if item.kind == "unknown" { "nothing I can read".to_owned() } else { item.kind.to_owned() },
            format!("{:.0} %", item.confidence * 100.0),
            item.messages.map_or("–".to_owned(), human::count),
            match (&item.range, &item.wall_range) {
                (Some([first, last]), _) => format!("{}..{}", day(*first), day(*last)),
                (None, Some([first, last])) => format!("{first}..{last}"),
                (None, None) => "–".to_owned(),
            },
        ]);
    }
    session.printer.table(&table)?;
    for (at, item) in found.iter().enumerate() {
        session.printer.say(&format!("{}: {}", at + 1, item.why));
        if !item.needs.is_empty() {
            session.printer.say(&format!("   needs {}", item.needs.join("; ")));
        }
    }
    Ok(exit)
}
