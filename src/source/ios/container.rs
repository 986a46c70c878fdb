//! Where the databases and the media of one WhatsApp are: a folder of files, or an unencrypted backup with hashed names.
//!
//! Contract: looks only; a file is found by its name below the folder that was given, never through a symbolic link or out of
//! the folder. Siblings of a database that was given as a file are used as if its folder had been given.

use super::backup::{Backup, DOMAINS};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        beneath::{Beneath, beneath},
        evidence::{EvidenceFile, PathKind, path_kind},
        read,
        spool::Spool,
    },
    model::{Code, Finding, Place},
    source::{
        phone::{PhoneRead, Visit},
        sqlite::{self, Database, Opened},
    },
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The database of messages.
pub const CHATS: &str = "ChatStorage.sqlite";
/// The database of calls.
pub const CALLS: &str = "CallHistory.sqlite";
/// The address book.
pub const CONTACTS: &str = "ContactsV2.sqlite";
/// Which `@lid` is which number.
pub const LIDS: &str = "LID.sqlite";
/// The list of files of a backup.
pub const MANIFEST: &str = "Manifest.db";

/// The first bytes of a SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Folders in which tools and macOS keep the files, below the one that is given.
const NESTED: [&str; 4] = [
    "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
    "group.net.whatsapp.WhatsApp.shared",
    "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
    "group.net.whatsapp.WhatsAppSMB.shared",
];

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// A private copy, with its log.
    Copy(&'a Spool),
    /// Where it lies, without its log: to look at it.
    Look,
}

impl Access<'_> {
    /// Opens it.
    ///
    /// # Errors
    /// The file cannot be read, or the spool cannot be written.
    pub fn open(self, at: Located, name: &str) -> Result<Opened> {
        match (self, at.log) {
            (Self::Copy(spool), Some(log)) => sqlite::open_with_log(&at.path, log, name, spool),
            (Self::Copy(spool), None) => sqlite::open(&at.path, name, spool),
            (Self::Look, _) => sqlite::look(&at.path, name),
        }
    }
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Its file.
    pub path: PathBuf,
    /// Its log, if that does not lie beside it under the name that SQLite gives it.
    pub log: Option<PathBuf>,
}

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A folder with `ChatStorage.sqlite` in it or in these folders of it (empty: in itself).
    Folder(PathBuf, Vec<String>),
    /// A SQLite file.
    File(PathBuf),
    /// A Finder or iTunes backup.
    Backup(PathBuf),
}

/// What `path` is; `None` if there is no database of this kind to be seen.
///
/// # Errors
/// `NotFound`, `Permission`, `Io`.
pub fn layout(path: &Path) -> Result<Option<Layout>> {
    if path_kind(path)? != PathKind::Folder {
        if path.file_name().is_some_and(|name| name == MANIFEST) {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return Ok(Some(Layout::Backup(parent.to_owned())));
        }
        let is_database = path_kind(path)? == PathKind::File
            && EvidenceFile::open(path)?.head(MAGIC.len() as u64)?.starts_with(MAGIC);
        return Ok(is_database.then(|| Layout::File(path.to_owned())));
    }
    let has = |name: &str| Ok::<_, Error>(matches!(beneath(path, name)?, Beneath::File(_)));
    if has(CHATS)? {
        return Ok(Some(Layout::Folder(path.to_owned(), vec![String::new()])));
    }
    if has(MANIFEST)? {
        return Ok(Some(Layout::Backup(path.to_owned())));
    }
    let mut within = Vec::new();
    for name in NESTED {
        if has(&format!("{name}/{CHATS}"))? {
            within.push(name.to_owned());
        }
    }
    Ok((!within.is_empty()).then(|| Layout::Folder(path.to_owned(), within)))
}

/// The files of one WhatsApp.
#[derive(Debug)]
pub struct Container {
    root: PathBuf,
    /// What stands before names in findings.
    shown: String,
    kind: Kind,
    has_media: bool,
}

#[derive(Debug)]
enum Kind {
    Folder,
    /// The name of the database of messages.
    File(PathBuf),
    /// Which domain of the backup.
    Backup(Arc<Backup>, usize),
}

/// Where a medium is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Here.
    File(PathBuf),
    /// Not in the source.
    Missing,
    /// Its name leads out of the source; it is not followed.
    Outside,
}

impl Container {
    /// All of them at a place: a backup may hold the personal and the business application.
    ///
    /// # Errors
    /// The backup is encrypted, or has no WhatsApp in it (`Usage`); files cannot be read.
    pub fn all(layout: Layout, access: Access<'_>, visit: Visit<'_>) -> Result<Vec<Self>> {
        match layout {
            Layout::Folder(root, within) => {
                within.into_iter().map(|name| Self::folder(root.join(&name), name, Kind::Folder)).collect()
            }
            Layout::File(path) => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                Ok(vec![Self::folder(parent.to_owned(), String::new(), Kind::File(path.clone()))?])
            }
            Layout::Backup(root) => Self::backup(&root, access, visit),
        }
    }

    fn folder(root: PathBuf, shown: String, kind: Kind) -> Result<Self> {
        let is_folder = |name| Ok::<_, Error>(matches!(beneath(&root, name)?, Beneath::Folder(_)));
        let has_media = is_folder("Message")? || is_folder("Media")?;
        Ok(Self { root, shown, kind, has_media })
    }

    fn backup(root: &Path, access: Access<'_>, visit: Visit<'_>) -> Result<Vec<Self>> {
        let backup = Arc::new(Backup::open(root, access, visit)?);
        let mut all = Vec::new();
        for (domain, shown) in DOMAINS.iter().enumerate() {
            if backup.file_id(domain, CHATS).is_some() {
                let kind = Kind::Backup(Arc::clone(&backup), domain);
                let has_media = backup.has_media(domain);
                all.push(Self { root: root.to_owned(), shown: (*shown).to_owned(), kind, has_media });
            }
        }
        if all.is_empty() {
            return Err(Error::new(ErrorKind::Usage, format!("the backup {} has no WhatsApp in it", root.display()))
                .with_hint("make a backup of the phone on which WhatsApp is used, without encryption"));
        }
        Ok(all)
    }

    /// Whether there are media at all beside the database.
    #[must_use]
    pub fn has_media(&self) -> bool {
        self.has_media
    }

    /// Opens one of the databases and tells the visitor; `None` if there is none or it cannot be read.
    ///
    /// # Errors
    /// Those of the visitor; the spool cannot be written; the database of messages cannot be read.
    pub fn open(&self, name: &str, access: Access<'_>, visit: Visit<'_>) -> Result<Option<Database>> {
        let Some(at) = self.locate(name)? else { return Ok(None) };
        let shown = self.shown(&at.path, name);
        if name != CHATS
            && let Err(error) = EvidenceFile::open(&at.path)
        {
            let finding = Finding::new(Code::FileUnreadable, Place::file(shown), error.to_string());
            return visit(PhoneRead::Noticed(finding)).map(|()| None);
        }
        access.open(at, &shown)?.report(visit)
    }

    /// Whether the database of messages has a log, which only a private copy is read with.
    ///
    /// # Errors
    /// Files cannot be looked at.
    pub fn has_log(&self) -> Result<bool> {
        if let Kind::Backup(backup, domain) = &self.kind {
            return Ok(backup.file_id(*domain, &format!("{CHATS}-wal")).is_some());
        }
        let Some(mut log) = self.locate(CHATS)?.map(|at| at.path.into_os_string()) else { return Ok(false) };
        log.push("-wal");
        Ok(read::stat(Path::new(&log))?.is_some_and(|stat| stat.is_file && stat.size > 0))
    }

    /// How findings call a database.
    fn shown(&self, path: &Path, name: &str) -> String {
        match &self.kind {
            Kind::File(given) if given == path => {
                path.file_name().map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned())
            }
            _ if self.shown.is_empty() => name.to_owned(),
            _ => format!("{}/{name}", self.shown),
        }
    }

    fn locate(&self, name: &str) -> Result<Option<Located>> {
        match &self.kind {
            Kind::File(path) if name == CHATS => Ok(Some(Located { path: path.clone(), log: None })),
            Kind::Backup(backup, domain) => backup.database(*domain, name),
            Kind::Folder | Kind::File(_) => Ok(match beneath(&self.root, name)? {
                Beneath::File(path) => Some(Located { path, log: None }),
                _ => None,
            }),
        }
    }

    /// The medium that a message names by `ZMEDIALOCALPATH`: below `Message/`, or, where somebody copied only that,
    /// below the folder itself.
    ///
    /// # Errors
    /// A folder cannot be looked into.
    pub fn medium(&self, name: &str) -> Result<Medium> {
        let name = name.strip_prefix('/').unwrap_or(name);
        let mut answer = Medium::Missing;
        for name in [format!("Message/{name}"), name.to_owned()] {
            let found = match &self.kind {
                Kind::Backup(backup, domain) => backup.medium(*domain, &name)?,
                Kind::Folder | Kind::File(_) => beneath(&self.root, &name)?,
            };
            match found {
                Beneath::File(path) => return Ok(Medium::File(path)),
                Beneath::Outside => answer = Medium::Outside,
                Beneath::Folder(_) | Beneath::Nothing => {}
            }
        }
        Ok(answer)
    }
}
