//! `init`: a new archive.

use super::session::Session;
use crate::args::setup::Init;
use crate::{error::Exit, locate};
use custodia::archive::{Archive, CreateOptions};
use custodia::clock::SystemClock;
use custodia::model::Settings;
use custodia::{Error, ErrorKind, Result};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Makes it.
pub fn run(args: &Init, session: &mut Session) -> Result<Exit> {
    if args.dry_run.dry_run {
        return foresee(&args.dir, args.minimum_retention, session);
    }
    let mut settings = Settings::default();
    if let Some(zone) = session.global.tz {
        settings.display_tz = zone.name().to_owned();
    }
    let minimum_retention = args.minimum_retention;
    let options = CreateOptions { name: args.name.clone().unwrap_or_default(), settings, minimum_retention };
    let archive = Archive::create(&args.dir, options, session.actor(), Arc::new(SystemClock))?;
    let meta = archive.meta();
    let path = std::path::absolute(&args.dir).unwrap_or_else(|_| args.dir.clone());
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.init/1",
            "archive": {"id": meta.id, "name": meta.name, "path": path, "format": meta.format},
            "minimum_retention": minimum_retention,
        }))?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!("Created archive {}", args.dir.display()))?;
    let minimum = minimum_retention
        .map_or_else(|| "none".to_owned(), |keep| format!("{keep} from each item's own date; it can only be extended"));
    session.printer.block(&[
        ("id", meta.id.clone()),
        ("name", meta.name.clone()),
        ("folder", "\"WhatsApp Archiver\" in each user's Maildir".to_owned()),
        ("display zone", format!("{}   (stored times are UTC)", meta.settings.display_tz)),
        ("minimum retention", minimum),
        ("audit trail", format!("started {}", session.printer.time(Some(meta.created)))),
    ])?;
    let at = crate::shell::quoted(&args.dir.display().to_string());
    session.printer.say(&format!(
        "\nNext:  custodia -A {at} user import users.csv     the people whose mailboxes exist\n       \
         custodia detect PATH                           look at your data before importing"
    ));
    Ok(Exit::Done)
}

/// What `init` would do, found out without writing.
fn foresee(dir: &Path, minimum: Option<custodia::model::Period>, session: &Session) -> Result<Exit> {
    if dir.join(locate::MARK).exists() {
        return Err(Error::new(ErrorKind::Exists, format!("there is an archive in {} already", dir.display())));
    }
    let occupied = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::new(ErrorKind::CannotCreate, format!("{} is not empty", dir.display()))
            .with_hint("an archive gets a folder of its own"));
    }
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.init/1", "archive": {"path": dir}, "minimum_retention": minimum, "dry_run": true,
        }))?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!("would create an archive in {}", dir.display()))?;
    if let Some(keep) = minimum {
        session.printer.line(&format!("would keep everything {keep} from its own date"))?;
    }
    session.end_dry_run(true)?;
    Ok(Exit::Done)
}
