//! Which reader a path is for, and the one way to read a phone.

use super::{
    android, chat_export, ios,
    phone::{PhoneOptions, Visit, bounds::Bounds},
};
use crate::{
    Error, ErrorKind, Result, fs,
    fs::evidence::{PathKind, path_kind, walk},
    model::SourceKind,
};
use std::path::{Path, PathBuf};

/// The kind of source at `path`, by looking. A folder is what the first thing in it says that says anything: a database
/// of a phone, an e-mail or a feed's zip, an exported chat. What says nothing is left to the reader of feeds, which names each
/// file that it does not know.
///
/// # Errors
/// `NotFound` if there is nothing; `Io` or `Permission` if it cannot be looked at.
pub fn kind_of(path: &Path) -> Result<SourceKind> {
    let folder = path_kind(path)? == PathKind::Folder;
    let phone = match (ios::detect(path)?.is_some(), android::detect(path)?.is_some()) {
        (true, true) => return Err(several(path, "databases of an iPhone and of an Android phone")),
        (true, false) => Some(SourceKind::Ios),
        (false, true) => Some(SourceKind::Android),
        (false, false) => None,
    };
    if let Some(kind) = phone {
        return match beside(path)?.first() {
            Some(other) => Err(several(path, &format!("a phone's database and {}", other.display()))),
            None => Ok(kind),
        };
    }
    if folder && has_mail(path)? {
        return Ok(SourceKind::Telemessage);
    }
    if chat_export::detect(path)?.is_some() {
        return Ok(SourceKind::ChatExport);
    }
    Ok(SourceKind::Telemessage)
}

fn several(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("{} has more than one kind of source in it: {what}", path.display()))
        .with_hint("import them one by one, or say with --kind which of them is meant")
}

/// What lies at the top of a phone's folder and is a source of its own: e-mails, zips, exported chats. Deeper down are the
/// phone's own media.
///
/// # Errors
/// `Io` or `Permission` if the folder cannot be listed.
pub(super) fn beside(folder: &Path) -> Result<Vec<PathBuf>> {
    if path_kind(folder)? != PathKind::Folder {
        return Ok(Vec::new());
    }
    let own = |name: &str| {
        let name = name.to_lowercase();
        let chat = name.ends_with(".txt") && (name.starts_with("_chat") || name.starts_with("whatsapp chat"));
        name.ends_with(".eml") || name.ends_with(".zip") || chat
    };
    let entries = fs::dir::list(folder)?.into_iter().filter(|entry| entry.is_file && own(&entry.name));
    Ok(entries.map(|entry| folder.join(entry.name)).collect())
}

/// Whether a folder has e-mails in it.
fn has_mail(folder: &Path) -> Result<bool> {
    let mail = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml"));
    Ok(walk(folder)?.files.iter().any(mail))
}

/// Reads a phone's data. What is visited is within the [bounds](super::phone::bounds) of the archive.
///
/// # Errors
/// `Usage` where the person has to say more; `Io` or `Permission` if it cannot be looked at; what `visit` returns.
pub fn read_phone(kind: SourceKind, path: &Path, options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
    let mut bounds = Bounds::default();
    let visit: Visit<'_> = &mut |read| visit(bounds.read(read));
    match kind {
        SourceKind::ChatExport => chat_export::read(path, options, visit),
        SourceKind::Android => android::read(path, options, visit),
        SourceKind::Ios => ios::read(path, options, visit),
        SourceKind::Telemessage => Err(Error::new(ErrorKind::Usage, "a TeleMessage feed is not a phone's data")),
    }
}
