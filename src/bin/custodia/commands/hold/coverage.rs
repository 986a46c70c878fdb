//! `hold coverage`: how much is on hold.

use crate::args::hold::{By, Coverage};
use crate::commands::session::Session;
use crate::{error::Exit, human, json, table::Table};
use custodia::Result;
use custodia::archive::{HoldShare, ShareBy};

/// Counts what is on hold.
pub fn run(args: &Coverage, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let by = match args.by {
        By::Mailbox => ShareBy::Mailbox,
        By::Month => ShareBy::Month,
    };
    let coverage = archive.hold_coverage(by, session.printer.zone())?;
    if session.printer.json() {
        session.printer.document(&json::document("hold.coverage", &coverage)?)?;
        return Ok(Exit::Done);
    }
    let heading = by.as_str().to_uppercase();
    let mut table = Table::new(&[&heading, ">MESSAGES", ">ITEMS", ">MESSAGES HELD", ">ITEMS HELD", ">SHARE", "~HOLDS"]);
    coverage.rows.iter().chain([&coverage.total]).for_each(|row| table.row(cells(row)));
    session.printer.table(&table)?;
    session.printer.say("The share is of items. A message in several mailboxes has an item in each.");
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

fn cells(row: &HoldShare) -> [String; 7] {
    [
        row.key.clone(),
        human::count(row.messages),
        human::count(row.items),
        human::count(row.held_messages),
        human::count(row.held_items),
        human::share(row.held_items, row.items),
        row.holds.join(", "),
    ]
}
