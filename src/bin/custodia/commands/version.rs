//! `version`: the program, and what archives it reads and writes.

use super::session::Session;
use crate::error::Exit;
use custodia::Result;
use serde_json::json;

/// Archive formats that this program reads.
const READS: [u32; 1] = [1];
/// The archive format that it writes.
const WRITES: u32 = 1;

/// Prints it.
pub fn run(session: &Session) -> Result<Exit> {
    let version = env!("CARGO_PKG_VERSION");
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.version/1",
            "version": version,
            "archive_formats": {"read": READS, "write": WRITES},
        }))?;
    } else {
        session.printer.line(&format!("custodia {version}"))?;
        session.printer.line(&format!("archive format {WRITES} (reads {WRITES})"))?;
    }
    Ok(Exit::Done)
}
