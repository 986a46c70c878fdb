//! An unencrypted backup of Finder, iTunes or `idevicebackup2`: `Manifest.db` says which file of the phone has which name.
//!
//! Contract: files are found through the table `Files` only. A name there is 40 hex digits or it is not used, so that no
//! manifest leads out of the backup. An encrypted backup is an error that says what to do.
//! Limits: [`FILES`]; memory is about 80 bytes a file of WhatsApp.

use super::{
    container::{Access, Located, MANIFEST},
    plist,
};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        beneath::{Beneath, beneath},
        evidence::EvidenceFile,
    },
    model::{Code, Digest, Finding, Place},
    source::{
        phone::{PhoneRead, Visit},
        sqlite::{Database, Order},
    },
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The domains of WhatsApp and of WhatsApp Business.
pub const DOMAINS: [&str; 2] =
    ["AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared"];

/// Files of WhatsApp that are known of one backup.
const FILES: usize = 5_000_000;
/// Bytes of `Manifest.plist` that are read; real ones have some ten kilobytes.
const PLIST_BYTES: u64 = 16 * 1024 * 1024;

/// The files of WhatsApp in a backup.
#[derive(Debug)]
pub struct Backup {
    root: PathBuf,
    /// Digest of domain and name on the phone → name in the backup.
    files: HashMap<[u8; 16], [u8; 20]>,
    media: [bool; DOMAINS.len()],
}

impl Backup {
    /// Reads the list of files.
    ///
    /// # Errors
    /// The backup is encrypted or of a kind that is not read (`Usage`); it cannot be read; those of the visitor.
    pub fn open(root: &Path, access: Access<'_>, visit: Visit<'_>) -> Result<Self> {
        if is_encrypted(root)? {
            return Err(encrypted(root));
        }
        let manifest = manifest(root)?;
        let mut backup = Self { root: root.to_owned(), files: HashMap::new(), media: [false; DOMAINS.len()] };
        if let Some(database) = access.open(Located { path: manifest, log: None }, MANIFEST)?.report(visit)? {
            backup.list(&database, visit)?;
        }
        Ok(backup)
    }

    fn list(&mut self, manifest: &Database, visit: Visit<'_>) -> Result<()> {
        let (mut hostile, mut beyond) = (0_u64, 0_u64);
        manifest.select("Files", &["fileID", "domain", "relativePath", "flags"], Order::Id, &mut |row| {
            let domain = row.text(1).and_then(|domain| DOMAINS.iter().position(|known| *known == domain));
            let (Some(domain), Some(path)) = (domain, row.text(2)) else { return Ok(()) };
            // 1 is a file; 2 a folder, 4 a link.
            if row.int(3).is_some_and(|flags| flags != 1) {
                return Ok(());
            }
            match row.text(0).and_then(|id| file_id(&id)) {
                Some(_) if self.files.len() >= FILES => beyond += 1,
                Some(id) => {
                    if let Some(media) = self.media.get_mut(domain) {
                        *media |= path.starts_with("Message/");
                    }
                    self.files.insert(key(domain, &path), id);
                }
                None => hostile += 1,
            }
            Ok(())
        })?;
        for finding in manifest.take_findings() {
            visit(PhoneRead::Noticed(finding))?;
        }
        let place = || Place::entry(MANIFEST, "Files");
        if hostile > 0 {
            let detail = format!("{hostile} files have names that no backup has");
            visit(PhoneRead::Noticed(Finding::new(Code::HostileName, place(), detail)))?;
        }
        if beyond > 0 {
            let detail = format!("{beyond} files beyond the first {FILES}");
            visit(PhoneRead::Noticed(Finding::new(Code::LimitExceeded, place(), detail)))?;
        }
        Ok(())
    }

    /// Whether any file below `Message/` is in the backup.
    #[must_use]
    pub fn has_media(&self, domain: usize) -> bool {
        self.media.get(domain).copied().unwrap_or(false)
    }

    /// The name in the backup of a file of the phone.
    #[must_use]
    pub fn file_id(&self, domain: usize, path: &str) -> Option<String> {
        self.files.get(&key(domain, path)).map(|id| id.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Where a file of the phone is.
    ///
    /// # Errors
    /// A folder cannot be looked into.
    pub fn medium(&self, domain: usize, path: &str) -> Result<Beneath> {
        let Some(id) = self.file_id(domain, path) else {
            // Not found because it cannot be there: that is worth another word.
            let leaves = path.split('/').any(|part| part == "..");
            return Ok(if leaves { Beneath::Outside } else { Beneath::Nothing });
        };
        let folder = id.get(..2).unwrap_or_default();
        match beneath(&self.root, &format!("{folder}/{id}"))? {
            // Backups of iOS 9 and before have no folders.
            Beneath::Nothing => beneath(&self.root, &id),
            found => Ok(found),
        }
    }

    /// Where a database is, and its log, which has a name of its own in a backup.
    ///
    /// # Errors
    /// A folder cannot be looked into.
    pub fn database(&self, domain: usize, name: &str) -> Result<Option<Located>> {
        let Beneath::File(path) = self.medium(domain, name)? else { return Ok(None) };
        let log = match self.medium(domain, &format!("{name}-wal"))? {
            Beneath::File(log) => Some(log),
            _ => None,
        };
        Ok(Some(Located { path, log }))
    }
}

/// Whether a backup is encrypted: its property list says so, or its list of files is no database.
///
/// # Errors
/// `NotFound`, `Permission`, `Io`.
pub fn is_encrypted(root: &Path) -> Result<bool> {
    if let Beneath::File(path) = beneath(root, "Manifest.plist")?
        && let Some(bytes) = EvidenceFile::open(&path)?.read_all(PLIST_BYTES)?
        && plist::is_encrypted(&bytes) == Some(true)
    {
        return Ok(true);
    }
    Ok(!EvidenceFile::open(&manifest(root)?)?.head(16)?.starts_with(b"SQLite format 3\0"))
}

fn manifest(root: &Path) -> Result<PathBuf> {
    match beneath(root, MANIFEST)? {
        Beneath::File(path) => Ok(path),
        _ => Err(Error::new(ErrorKind::NotFound, format!("there is no {MANIFEST} in {}", root.display()))),
    }
}

fn encrypted(root: &Path) -> Error {
    Error::new(ErrorKind::Usage, format!("{} is an encrypted backup; it cannot be read", root.display())).with_hint(
        "in Finder, switch \"Encrypt local backup\" off and back up again; or decrypt it with a tool of your choice and \
         import the folder with ChatStorage.sqlite",
    )
}

fn key(domain: usize, path: &str) -> [u8; 16] {
    let digest = Digest::of(format!("{domain}/{path}").as_bytes());
    digest.0.first_chunk().copied().unwrap_or_default()
}

/// Forty hex digits.
fn file_id(text: &str) -> Option<[u8; 20]> {
    if text.len() != 40 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut id = [0; 20];
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_hex_digits_name_a_file_of_a_backup() {
        let id = "7c7fba66680ef796b916b067077cc246adacf01d";
        assert_eq!(file_id(id).map(|id| id[0]), Some(0x7c));
        for bad in
            ["", "../../../../../../../../../etc/passwd.....", &id[1..], &id.replace('7', "g"), &format!("{id}0")]
        {
            assert_eq!(file_id(bad), None, "{bad}");
        }
    }
}
