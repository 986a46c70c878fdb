//! `delete certificate`: what became of a plan or a message, with its proof.

use super::session::{Session, read_file};
use crate::args::delete;
use crate::{error::Exit, human, json};
use custodia::export::certificate::Certificate;
use custodia::{Error, ErrorKind, Result};
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// Makes one, or checks one.
/// What does not hold of a certificate, as far as a page of it is named.
const PROBLEMS: usize = 20;

pub fn run(args: &delete::Certificate, session: &mut Session) -> Result<Exit> {
    match (&args.verify, &args.id) {
        (Some(file), _) => verify(file, session),
        (None, Some(id)) => make(id, args.out.as_deref(), session),
        (None, None) => Err(Error::new(ErrorKind::Usage, "the id of a plan or of a message is needed")),
    }
}

fn make(id: &str, out: Option<&Path>, session: &mut Session) -> Result<Exit> {
    let certificate = session.open()?.certificate(id)?;
    let Some(path) = out else {
        if session.printer.json() {
            session.printer.document(&json::document("certificate", &certificate)?)?;
        } else {
            session.printer.raw(certificate.markdown().as_bytes())?;
        }
        return Ok(Exit::Done);
    };
    let as_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let text = if as_json {
        let text = serde_json::to_string_pretty(&certificate)
            .map_err(|e| Error::bug(format!("the certificate cannot be written: {e}")))?;
        format!("{text}\n")
    } else {
        certificate.markdown()
    };
    let cannot = |e: std::io::Error| {
        Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", path.display()))
            .with_hint("name a new file in a folder that can be written")
    };
    let mut file = std::fs::File::create_new(path).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", path, e))?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.certificate.written/1", "about": certificate.about, "path": path.display().to_string(),
            "items": certificate.items.len(), "head_seq": certificate.proof.head_seq, "head": certificate.proof.head,
        }))?;
        return Ok(Exit::Done);
    }
    session.printer.line(&format!(
        "{}: certificate about {}, {}",
        path.display(),
        certificate.about,
        human::counted(certificate.items.len() as u64, "item")
    ))?;
    Ok(Exit::Done)
}

fn verify(file: &Path, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let certificate: Certificate = serde_json::from_slice(&read_file(file)?).map_err(|e| {
        Error::new(ErrorKind::Usage, format!("{} is not a certificate: {e}", file.display()))
            .with_hint("give the JSON that custodia delete certificate ID --out FILE.json wrote")
    })?;
    let check = archive.check_certificate(&certificate)?;
    let exit = if check.sound { Exit::Done } else { Exit::Damage };
    if session.printer.json() {
        let mut document = json::document("certificate.verify", &check)?;
        json::set(&mut document, "exit", exit as u8);
        session.printer.document(&document)?;
        return Ok(exit);
    }
    let lines = human::counted(check.lines, "line");
    if check.sound {
        session.printer.line(&format!("sound: the audit trail says it in {lines}, up to line {}", check.head_seq))?;
    } else {
        session
            .printer
            .line(&format!("NOT SOUND: certificate about {}, {lines}", crate::sanitize::line(&check.about)))?;
        for problem in check.problems.iter().take(PROBLEMS) {
            session.printer.line(&format!("  {}", crate::sanitize::line(problem)))?;
        }
        if let Some(more) = check.problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
            session.printer.line(&format!("  and {} more; --json names all", human::count(more as u64)))?;
        }
    }
    Ok(exit)
}
