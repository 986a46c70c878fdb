//! What a path is, how much there is in it, and what an import needs.
//!
//! Contract: nothing is copied and nothing is written; what stands only in a log is not counted. An encrypted backup is
//! recognised and said.

use super::{
    apple_time, backup,
    container::{Access, CALLS, CHATS, Container, Layout, layout},
    read::MESSAGES,
};
use crate::{ErrorKind, Result, model::Instant, source::phone::PhoneRead};
use std::path::Path;

/// An iPhone's or a Mac's WhatsApp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IosFound {
    /// `ios-folder`, `ios-database`, `ios-backup`.
    pub kind: &'static str,
    /// Rows of messages; `None` if they cannot be counted.
    pub messages: Option<u64>,
    /// Rows of calls.
    pub calls: u64,
    /// First and last time of the messages.
    pub range: Option<[Instant; 2]>,
    /// A log lies beside the database: an import reads it too, the numbers here do not.
    pub log: bool,
    /// What an import needs besides the path.
    pub needs: Vec<String>,
    /// What the answer rests on.
    pub why: String,
}

/// Looks; `None` if it is something else.
///
/// # Errors
/// `NotFound`, `Permission`, `Io`.
pub fn detect(path: &Path) -> Result<Option<IosFound>> {
    let Some(layout) = layout(path)? else { return Ok(None) };
    let kind = match &layout {
        Layout::Folder(..) => "ios-folder",
        Layout::File(_) => "ios-database",
        Layout::Backup(_) => "ios-backup",
    };
    let mut found = IosFound {
        kind,
        messages: None,
        calls: 0,
        range: None,
        log: false,
        needs: vec!["--owner, the mailbox of the phone's owner".to_owned()],
        why: String::new(),
    };
    if let Layout::Backup(root) = &layout
        && backup::is_encrypted(root)?
    {
        found.needs.insert(0, "a backup without encryption; this one is encrypted".to_owned());
        found.why = "Manifest.plist or Manifest.db say that the backup is encrypted".to_owned();
        return Ok(Some(found));
    }
    let containers = match Container::all(layout, Access::Look, &mut |_| Ok(())) {
        Ok(containers) => containers,
        Err(error) if error.kind() == ErrorKind::Usage => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut tables = 0;
    for container in &containers {
        tables += u64::from(count(container, &mut found)?);
    }
    found.why = match (kind, containers.len()) {
        _ if tables == 0 => return Ok(None),
        ("ios-backup", 2) => "a backup with WhatsApp and WhatsApp Business in it".to_owned(),
        ("ios-backup", _) => "a backup with WhatsApp in it".to_owned(),
        _ => format!("a database with the table {MESSAGES}"),
    };
    Ok(Some(found))
}

/// Adds what one container has; whether it has the table of messages.
fn count(container: &Container, found: &mut IosFound) -> Result<bool> {
    let mut ignore = |_: PhoneRead| Ok(());
    let Some(database) = container.open(CHATS, Access::Look, &mut ignore)? else { return Ok(false) };
    if database.table(MESSAGES).is_none() {
        return Ok(false);
    }
    found.log |= container.has_log()?;
    found.messages = Some(found.messages.unwrap_or(0) + database.count(MESSAGES)?);
    database.numbers(MESSAGES, "ZMESSAGEDATE", &mut |date| {
        if let Some(at) = apple_time::instant(date) {
            found.range = Some(found.range.map_or([at, at], |[first, last]| [first.min(at), last.max(at)]));
        }
    })?;
    if let Some(calls) = container.open(CALLS, Access::Look, &mut ignore)? {
        found.calls += calls.count("ZWACDCALLEVENT")?;
    }
    Ok(true)
}
