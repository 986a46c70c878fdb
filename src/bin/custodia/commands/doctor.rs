//! `doctor`: the environment of the archive.

use super::session::Session;
use crate::printer::Role;
use crate::{error::Exit, json, sanitize};
use custodia::Result;
use custodia::archive::DoctorLevel;

/// Looks. A failure is a negative answer, not an error.
pub fn run(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report = archive.doctor();
    let exit = if report.worst == DoctorLevel::Fail { Exit::Empty } else { Exit::Done };
    if session.printer.json() {
        session.printer.document(&json::document("doctor", &report)?)?;
        return Ok(exit);
    }
    let printer = &session.printer;
    for check in &report.checks {
        let (word, role) = match check.level {
            DoctorLevel::Fine => (" ok   ", Role::Good),
            DoctorLevel::Warn => (" warn ", Role::Warn),
            DoctorLevel::Fail => (" fail ", Role::Bad),
        };
        let name = check.name.replace('_', " ");
        printer.line(&format!("{} {name}: {}", printer.paint(role, word), sanitize::line(&check.detail)))?;
        if !check.fix.is_empty() {
            printer.line(&format!("        fix: {}", sanitize::line(&check.fix)))?;
        }
    }
    session.warn(archive.warnings());
    Ok(exit)
}
