//! What the person gave: a folder copied from a phone, a database, or an encrypted backup; and where its other parts are.

use super::media::{descend, homes};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        dir,
        evidence::{PathKind, path_kind},
        spool::Spool,
    },
    model::{Code, Finding, Place},
    source::{
        crypt::{self, Generation},
        phone::{PhoneRead, Visit},
        sqlite::{self, Database},
    },
};
use std::path::{Path, PathBuf};

/// Where databases lie below the folders of a phone.
const DATABASES: [&[&str]; 8] = [
    &[],
    &["databases"],
    &["Databases"],
    &["db"],
    &["com.whatsapp", "databases"],
    &["com.whatsapp.w4b", "databases"],
    &["data", "data", "com.whatsapp", "databases"],
    &["data", "data", "com.whatsapp.w4b", "databases"],
];
/// Backups of WhatsApp that are no messages.
const OTHERS: [&str; 7] =
    ["wa.", "stickers", "wallpapers", "chatsettingsbackup", "backup_settings", "commerce", "axolotl"];

/// A database, open to SQLite or encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it is.
    pub path: PathBuf,
    /// How findings call it.
    pub name: String,
    /// `Some`: an encrypted backup.
    pub generation: Option<Generation>,
}

/// The parts of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The messages.
    pub messages: Part,
    /// The address book.
    pub contacts: Option<Part>,
    /// Below which the Media folder is looked for.
    pub base: PathBuf,
}

impl Input {
    /// Finds the parts; `None` if there is no database of messages. Names and first bytes only.
    ///
    /// # Errors
    /// `NotFound`, `Permission`, `Io`.
    pub fn locate(path: &Path) -> Result<Option<Self>> {
        match path_kind(path)? {
            PathKind::Special => Ok(None),
            PathKind::Folder => Self::in_folder(path),
            PathKind::File => {
                let name = file_name(path);
                if OTHERS.iter().any(|other| name.to_lowercase().starts_with(other)) {
                    return Ok(None);
                }
                let generation = crypt::generation(path)?;
                let folder = match path.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                    _ => PathBuf::from("."),
                };
                // On a phone Databases and Media lie side by side.
                let base = match folder.file_name().and_then(|name| name.to_str()) {
                    Some("Databases") => folder.parent().map_or_else(|| folder.clone(), Path::to_owned),
                    _ => folder.clone(),
                };
                // A file may be given from a folder that may not be listed.
                let contacts = best(&folder, &folder, "wa").unwrap_or(None);
                Ok(Some(Self { messages: Part { path: path.to_owned(), name, generation }, contacts, base }))
            }
        }
    }

    fn in_folder(root: &Path) -> Result<Option<Self>> {
        let mut folders = Vec::new();
        for home in homes(root) {
            folders.extend(DATABASES.into_iter().filter_map(|names| descend(&home, names)));
        }
        folders.sort();
        folders.dedup();
        let first = |stem: &str| -> Result<Option<Part>> {
            let mut found = Vec::new();
            for folder in &folders {
                found.extend(best(root, folder, stem)?);
            }
            // An open database before an encrypted one, then the one nearest to the root.
            found.sort_by_key(|part| (part.generation.is_some(), part.path.components().count()));
            Ok(found.into_iter().next())
        };
        let Some(messages) = first("msgstore")? else { return Ok(None) };
        Ok(Some(Self { messages, contacts: first("wa")?, base: root.to_owned() }))
    }
}

/// The best database of a stem in a folder: open, else the newest generation of encryption, else the newest dated one.
fn best(root: &Path, folder: &Path, stem: &str) -> Result<Option<Part>> {
    let mut names: Vec<_> = dir::list(folder)?.into_iter().filter(|entry| entry.is_file).map(|e| e.name).collect();
    names.retain(|name| name.starts_with(stem));
    let exact = ["db", "db.crypt15", "db.crypt14", "db.crypt12"].map(|end| format!("{stem}.{end}"));
    let dated = |name: &&String| name.starts_with(&format!("{stem}-")) && name.contains(".db");
    let exact = exact.into_iter().find(|name| names.contains(name));
    let Some(name) = exact.or_else(|| names.iter().filter(dated).filter(|name| !is_log(name)).max().cloned()) else {
        return Ok(None);
    };
    let path = folder.join(&name);
    let shown = path.strip_prefix(root).map_or(name, |below| below.to_string_lossy().into_owned());
    let generation = crypt::generation(&path)?;
    Ok(Some(Part { path, name: shown, generation }))
}

fn is_log(name: &str) -> bool {
    ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end))
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()).into_owned()
}

impl Part {
    /// Opens a private copy and tells the visitor what was opened. `None` if it cannot be read; the visitor knows why.
    ///
    /// # Errors
    /// Those of the visitor; `Usage` if a key is needed or does not fit; I/O.
    pub fn open(&self, key_file: Option<&Path>, spool: &Spool, visit: Visit<'_>) -> Result<Option<Database>> {
        if self.generation.is_none() {
            return sqlite::open(&self.path, &self.name, spool)?.report(visit);
        }
        let decrypted = crypt::decrypt(&self.path, &self.name, key_file, spool)?;
        let (file, path) = (self.name.clone(), self.path.clone());
        visit(PhoneRead::Opened { file, path, digest: decrypted.digest, size: decrypted.size })?;
        match decrypted.database {
            Ok(copy) => sqlite::open_copy(copy, &self.name)?.report(visit),
            Err(finding) => {
                visit(PhoneRead::Noticed(finding))?;
                Ok(None)
            }
        }
    }

    /// The same for a part that is not essential: what goes wrong is a finding.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn open_optional(&self, key_file: Option<&Path>, spool: &Spool, visit: Visit<'_>) -> Result<Option<Database>> {
        if self.generation.is_some() && key_file.is_none() {
            return Ok(None);
        }
        // Reading it may fail; telling the visitor may not be mistaken for that.
        let mut told = Vec::new();
        let opened = self.open(key_file, spool, &mut |read| {
            told.push(read);
            Ok(())
        });
        for read in told {
            visit(read)?;
        }
        match opened {
            Ok(database) => Ok(database),
            Err(error) => {
                let finding = Finding::new(Code::FileUnreadable, Place::file(&self.name), error.to_string());
                visit(PhoneRead::Noticed(finding))?;
                Ok(None)
            }
        }
    }
}

/// The error of a path that is none of ours.
pub fn not_ours(path: &Path) -> Error {
    let what = format!("{} holds no database of WhatsApp on Android", path.display());
    Error::new(ErrorKind::Usage, what).with_hint("give msgstore.db, its encrypted backup, or the folder it lies in")
}
