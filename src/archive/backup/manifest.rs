//! `backup.json`: which archive a backup is of, and up to which journal line it is whole.
//!
//! Contract: written last, by rename. What it states was durable before. Settings stand in it as the text of
//! `archive.toml`: a folder with a file of that name would be taken for an archive, and be written to.

use crate::{
    Error, ErrorKind, Result,
    archive::{Layout, Meta},
    fs,
    fs::beneath::{Beneath, beneath},
    model::{Digest, Instant, Seq, Watermark},
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name of the manifest in a backup's folder.
pub(super) const MANIFEST_FILE: &str = "backup.json";
/// The schema of the manifest that this program reads and writes.
const SCHEMA: &str = "custodia.backup.manifest/1";
/// What the schema of every manifest begins with.
const ANY_SCHEMA: &str = "custodia.backup.manifest/";
/// Bytes of a manifest that are read: settings are a few hundred.
const MANIFEST_BYTES: u64 = 1024 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `custodia.backup.manifest/1`.
    pub schema: String,
    /// The archive's id.
    pub archive: String,
    /// The archive's name when the backup was made.
    pub name: String,
    /// The last line that it has; line 0: no backup was finished here yet.
    pub as_of: Watermark,
    /// When that line was written.
    pub at: Instant,
    /// When the backup was made.
    pub made: Instant,
    /// By which program.
    pub program: String,
    /// Messages that are not purged, as of that line.
    pub messages: u64,
    /// Message files that it should have: messages with the same bytes share one.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Files that could not be copied, because the archive lacked them or they were damaged.
    pub missing: u64,
    /// The text of `archive.toml`.
    pub archive_toml: String,
    /// Its SHA-256.
    pub archive_toml_sha256: Digest,
}

impl Manifest {
    /// The manifest of a folder in which no backup was finished yet.
    pub(super) fn begun(meta: &Meta, archive_toml: String, made: Instant, program: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            archive: meta.id.clone(),
            name: meta.name.clone(),
            as_of: Watermark::START,
            at: Instant(0),
            made,
            program: program.to_owned(),
            messages: 0,
            files: 0,
            bytes: 0,
            missing: 0,
            archive_toml_sha256: Digest::of(archive_toml.as_bytes()),
            archive_toml,
        }
    }

    /// Whether a backup was finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.as_of.seq > Seq(0)
    }

    /// Reads the manifest in `dir`; `None` if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] when it is not a manifest or its settings were changed; [`ErrorKind::FormatNewer`]; I/O.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(MANIFEST_FILE);
        let damaged = |why: &str| {
            Error::new(ErrorKind::Damaged, format!("{} cannot be used: {why}", path.display())).with_hint(
                "the files beside it may be whole: keep them; make a new backup into another folder from the archive, or another \
                 copy of this backup",
            )
        };
        match fs::read::stat(&path)? {
            None => return Ok(None),
            Some(stat) if !stat.is_file => return Err(damaged("it is not a regular file")),
            Some(stat) if stat.size > MANIFEST_BYTES => return Err(damaged("it is larger than a manifest can be")),
            Some(_) => {}
        }
        let bytes = fs::read::range(&path, 0, MANIFEST_BYTES)?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| damaged("it is not JSON"))?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            Some(other) if other.starts_with(ANY_SCHEMA) => {
                return Err(Error::new(
                    ErrorKind::FormatNewer,
                    format!("{} has the format {other}; this program reads {SCHEMA}", path.display()),
                )
                .with_hint("use a newer custodia"));
            }
            _ => return Err(damaged("it is not the manifest of a backup")),
        }
        let manifest: Self =
            serde_json::from_value(value).map_err(|e| damaged(&format!("a field is missing or wrong ({e})")))?;
        if Digest::of(manifest.archive_toml.as_bytes()) != manifest.archive_toml_sha256 {
            return Err(damaged("the settings in it do not have the digest that stands beside them"));
        }
        Ok(Some(manifest))
    }

    /// Writes the manifest by rename. Durable.
    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        let text =
            serde_json::to_string_pretty(self).map_err(|e| Error::bug(format!("a manifest cannot be written: {e}")))?;
        let path = dir.join(MANIFEST_FILE);
        fs::durable::replace(&path, format!("{text}\n").as_bytes())?;
        fs::copy::set_growing(&path, false)
    }

    /// The settings, as an archive has them.
    pub(super) fn meta(&self, dir: &Path) -> Result<Meta> {
        Layout::parse_meta(self.archive_toml.clone().into_bytes(), &dir.join(MANIFEST_FILE))
    }
}

/// Where copies lie until they are whole. It is there while a backup is being made, and after one was interrupted.
pub(super) fn incoming(dir: &Path) -> PathBuf {
    dir.join("incoming")
}

/// Refuses a backup in which a folder is not a folder: nothing is followed out of a backup.
///
/// # Errors
/// [`ErrorKind::Damaged`]; a folder cannot be looked into.
pub(super) fn refuse_links(dir: &Path) -> Result<()> {
    let folders = ["vault", "journal", "journal/lists", "sources", "incoming"].map(str::to_owned);
    let vaults = (0..=255u8).map(|byte| format!("vault/{byte:02x}"));
    for name in folders.into_iter().chain(vaults) {
        let why = match beneath(dir, &name)? {
            Beneath::Folder(_) => continue,
            Beneath::Nothing if fs::read::stat(&dir.join(&name))?.is_none() => continue,
            Beneath::Outside => "a symbolic link",
            Beneath::File(_) | Beneath::Nothing => "not a folder",
        };
        return Err(Error::new(ErrorKind::Damaged, format!("{} is {why}", dir.join(&name).display()))
            .with_hint("nothing is followed out of a backup; find out who changed it, and name another folder"));
    }
    Ok(())
}
