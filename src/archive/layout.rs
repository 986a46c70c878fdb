//! Where things are in an archive folder, and `archive.toml`.

use crate::{
    Error, ErrorKind, Result, fs,
    model::{Instant, Roles, Settings},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The format that this program writes.
pub const FORMAT: u32 = 1;
/// The file that makes a folder an archive.
pub const ARCHIVE_FILE: &str = "archive.toml";

/// `archive.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// Version of the format on disk.
    pub format: u32,
    /// The archive's id.
    pub id: String,
    /// The archive's name.
    pub name: String,
    /// When it was made.
    pub created: Instant,
    /// Its settings.
    #[serde(default)]
    pub settings: Settings,
    /// Who may do what; nobody named: the owner of the files may do everything.
    #[serde(default, skip_serializing_if = "Roles::is_unset")]
    pub roles: Roles,
    /// Ed25519 public keys of people who may approve what needs a second person, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub approvers: BTreeMap<String, String>,
}

/// The paths of an archive.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The archive in `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The archive's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `archive.toml`.
    #[must_use]
    pub fn meta(&self) -> PathBuf {
        self.root.join(ARCHIVE_FILE)
    }

    /// The message files.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// The mailboxes.
    #[must_use]
    pub fn mail(&self) -> PathBuf {
        self.root.join("mail")
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> PathBuf {
        self.root.join("catalog")
    }

    /// The snapshot of the state.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.root.join("state.bin")
    }

    /// The journal line of the last change of users, mapping, cases or holds: cutting it off is noticed by this.
    #[must_use]
    pub fn watermark(&self) -> PathBuf {
        self.root.join("watermark.json")
    }

    /// What recovery set aside.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    /// Private copies of a running import; not there between imports.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Source files that were kept, by digest.
    #[must_use]
    pub fn sources(&self) -> PathBuf {
        self.root.join("sources")
    }

    /// The writer's lock.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Reads `archive.toml`.
    ///
    /// # Errors
    /// [`ErrorKind::NoArchive`], [`ErrorKind::FormatNewer`], [`ErrorKind::Config`].
    pub fn read_meta(&self) -> Result<Meta> {
        let bytes = fs::read::bytes(&self.meta()).map_err(|e| match e.kind() {
            ErrorKind::NotFound => {
                Error::new(ErrorKind::NoArchive, format!("there is no archive in {}", self.root.display()))
                    .with_hint("custodia init makes one; -A DIR or CUSTODIA_ARCHIVE names another folder")
            }
            _ => e,
        })?;
        Self::parse_meta(bytes, &self.meta())
    }

    /// Reads the content of an `archive.toml`; `path` is for errors.
    pub(super) fn parse_meta(bytes: Vec<u8>, path: &Path) -> Result<Meta> {
        let config = |why: String| {
            Error::new(ErrorKind::Config, format!("{} cannot be used: {why}", path.display()))
                .with_hint("correct the file; src/docs/format.md lists its keys")
        };
        let text = String::from_utf8(bytes).map_err(|_| config("it is not UTF-8".to_owned()))?;
        let table: toml::Table = toml::from_str(&text).map_err(|e| config(e.message().to_owned()))?;
        // The format comes first: a newer one may have keys that this program does not know.
        if let Some(format) = table.get("format").and_then(toml::Value::as_integer)
            && format > i64::from(FORMAT)
        {
            return Err(Error::new(
                ErrorKind::FormatNewer,
                format!("the archive has format {format}; this program reads up to {FORMAT}"),
            )
            .with_hint("use a newer custodia"));
        }
        toml::from_str(&text).map_err(|e| config(e.message().to_owned()))
    }

    /// Writes `archive.toml`. Durable.
    ///
    /// # Errors
    /// Writing failed.
    pub fn write_meta(&self, meta: &Meta) -> Result<()> {
        let text =
            toml::to_string_pretty(meta).map_err(|e| Error::bug(format!("archive.toml cannot be written: {e}")))?;
        fs::durable::replace(&self.meta(), text.as_bytes())
    }
}
