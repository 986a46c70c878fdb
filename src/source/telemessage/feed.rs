//! Reads a feed: a zip of e-mails with a manifest, a folder of such zips, a folder of e-mails, one e-mail.
//!
//! Contract: streams; one message is in memory at a time. What was there and cannot be imported is [`Read::NotReadable`]
//! and counts as read; what is worth a word beside that is [`Read::Noticed`]. Names in a zip are never used as paths.

use super::{
    manifest::{self, MANIFEST_BYTES, Manifest, Present, base, has_extension, is_manifest},
    understand,
};
use crate::{
    Error, ErrorKind, Result,
    eml::looks_like_mail,
    fs::evidence::{EvidenceFile, PathKind, Skipped, path_kind, walk},
    model::{Code, Digest, Finding, Message, Place, limits},
    source::{
        counted::counted,
        zip_entries::{Entry, EntryKind, Unreadable, Zip},
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Bytes at the start of a file without a telling name that are looked at.
const HEAD_BYTES: u64 = 4096;
/// Zips within a zip that are named one by one.
const ZIPS_NAMED: usize = 100;

/// What reading a source meets, in order.
#[derive(Debug)]
pub enum Read {
    /// A file of the source: what follows comes from it.
    Opened {
        /// Its path as given, or below the folder that was given.
        file: String,
        /// SHA-256 of the whole file.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A message, with what was noticed in it in its `findings`.
    Item {
        /// Where it was.
        place: Place,
        /// The e-mail as it came.
        bytes: Vec<u8>,
        /// What it says.
        message: Box<Message>,
    },
    /// A message that was there and cannot be imported.
    NotReadable {
        /// Why, and where.
        finding: Finding,
        /// The name of the entry or file.
        item: String,
    },
    /// Anything else worth a word.
    Noticed(Finding),
}

type Visit<'a> = &'a mut dyn FnMut(Read) -> Result<()>;

/// Reads the feed at `path`.
///
/// # Errors
/// `NotFound` if there is nothing at `path`; `Io` or `Permission` if it cannot be looked at; whatever `visit` returns. What
/// is wrong inside the source is visited, never returned.
pub fn read(path: &Path, visit: Visit<'_>) -> Result<()> {
    match path_kind(path)? {
        PathKind::Folder => read_folder(path, visit),
        PathKind::File => {
            let manifests = sibling(path).filter(|mf| path_kind(mf).is_ok_and(|k| k == PathKind::File));
            read_file(path, manifests.as_deref(), visit)
        }
        PathKind::Special => {
            Err(Error::new(ErrorKind::Usage, format!("{} is neither a file nor a folder", path.display())))
        }
    }
}

/// The manifest that lies beside a zip instead of in it.
fn sibling(zip: &Path) -> Option<PathBuf> {
    has_extension(zip.to_str()?, ".zip").then(|| zip.with_extension("mf"))
}

fn label(path: &Path) -> String {
    path.display().to_string().chars().take(limits::FIELD_CHARS).collect()
}

fn read_file(path: &Path, beside: Option<&Path>, visit: Visit<'_>) -> Result<()> {
    let file = label(path);
    let mail_name = has_extension(&file, ".eml");
    let opened = EvidenceFile::open(path).and_then(|mut f| f.head(HEAD_BYTES).map(|head| (f, head)));
    let (evidence, head) = match opened {
        Ok(opened) => opened,
        Err(e) => {
            let finding = Finding::new(Code::FileUnreadable, Place::file(&file), e.to_string());
            let item = base(&file).to_owned();
            return visit(if mail_name { Read::NotReadable { finding, item } } else { Read::Noticed(finding) });
        }
    };
    if has_extension(&file, ".zip") || (head.starts_with(b"PK\x03\x04") && !mail_name) {
        read_zip(evidence, &file, beside, visit)
    } else if mail_name || looks_like_mail(&head) {
        read_mail(evidence, &file, visit)
    } else {
        visit(Read::Noticed(Finding::new(
            Code::ForeignFile,
            Place::file(&file),
            "neither an e-mail, a zip nor data of a phone",
        )))
    }
}

fn read_mail(mut evidence: EvidenceFile, file: &str, visit: Visit<'_>) -> Result<()> {
    let size = evidence.size();
    let refused = |code, detail: &str| Read::NotReadable {
        finding: Finding::new(code, Place::file(file), detail),
        item: base(file).to_owned(),
    };
    match evidence.read_all(limits::EMAIL_BYTES) {
        Ok(Some(bytes)) => {
            visit(Read::Opened { file: file.to_owned(), digest: Digest::of(&bytes), size: bytes.len() as u64 })?;
            if bytes.is_empty() {
                return visit(refused(Code::ZeroByte, ""));
            }
            visit(item(Place::file(file), base(file), bytes))
        }
        Ok(None) => visit(refused(Code::LimitExceeded, &format!("{size} bytes"))),
        Err(e) => visit(refused(Code::FileUnreadable, &e.to_string())),
    }
}

fn item(place: Place, name: &str, bytes: Vec<u8>) -> Read {
    match understand(&bytes) {
        Ok(mut message) => {
            message.findings.iter_mut().for_each(|finding| finding.place = place.clone());
            Read::Item { place, bytes, message: Box::new(message) }
        }
        Err(finding) => Read::NotReadable { finding: Finding { place, ..finding }, item: name.to_owned() },
    }
}

/// A zip that is being read.
struct Feed<'f> {
    file: &'f str,
    manifests: Vec<(Place, Manifest)>,
    present: Vec<Present>,
    foreign: Vec<Finding>,
    unpacked: u64,
}

fn read_zip(mut evidence: EvidenceFile, file: &str, beside: Option<&Path>, visit: Visit<'_>) -> Result<()> {
    let size = evidence.size();
    let notice = |code, detail: &str| Read::Noticed(Finding::new(code, Place::file(file), detail));
    let digest = match evidence.digest() {
        Ok(digest) => digest,
        Err(e) => return visit(notice(Code::FileUnreadable, &e.to_string())),
    };
    visit(Read::Opened { file: file.to_owned(), digest, size })?;
    if size == 0 {
        return visit(notice(Code::ZeroByte, ""));
    }
    let mut zip = Zip::new(evidence, size);
    let listing = match zip.list() {
        Ok(listing) => listing,
        Err(e) => return visit(notice(Code::FileUnreadable, &e.to_string())),
    };
    if let Some(damage) = listing.damage {
        visit(notice(Code::ZipDamaged, damage))?;
    }
    if listing.limited {
        visit(notice(
            Code::LimitExceeded,
            &format!("more than {} entries; the rest is not read", limits::ZIP_ENTRIES),
        ))?;
    }
    let mut feed = Feed { file, manifests: Vec::new(), present: Vec::new(), foreign: Vec::new(), unpacked: 0 };
    for entry in &listing.entries {
        if feed.unpacked > limits::ZIP_TOTAL_BYTES {
            visit(notice(
                Code::LimitExceeded,
                &format!("more than {} bytes; the rest is not read", limits::ZIP_TOTAL_BYTES),
            ))?;
            break;
        }
        feed.entry(&mut zip, entry, visit)?;
    }
    for name in &listing.cut {
        feed.refuse(name, &Unreadable::Cut, has_extension(name, ".eml"), visit)?;
    }
    if let Some(beside) = beside {
        feed.manifests.extend(loose_manifest(beside, visit)?);
    }
    feed.finish(listing.damage.is_some(), visit)
}

impl Feed<'_> {
    fn place(&self, name: &str) -> Place {
        Place::entry(self.file, name)
    }

    fn entry(&mut self, zip: &mut Zip<EvidenceFile>, entry: &Entry, visit: Visit<'_>) -> Result<()> {
        let name = entry.name.as_str();
        if entry.hostile_name() {
            visit(Read::Noticed(Finding::new(Code::HostileName, self.place(name), "")))?;
        }
        match entry.kind {
            EntryKind::Folder => return Ok(()),
            EntryKind::Special => {
                self.foreign.push(Finding::new(Code::ForeignFile, self.place(name), "not a regular file"));
                return Ok(());
            }
            EntryKind::File => {}
        }
        if is_manifest(name) {
            return match zip.read(entry, MANIFEST_BYTES) {
                Ok(bytes) => {
                    self.unpacked += bytes.len() as u64;
                    self.manifests.push((self.place(name), manifest::parse(&bytes)));
                    Ok(())
                }
                Err(why) => self.refuse(name, &why, false, visit),
            };
        }
        let mail = has_extension(name, ".eml") || looks_like_mail(&zip.head(entry, HEAD_BYTES));
        if !mail {
            let why = if has_extension(name, ".zip") {
                "a zip inside a zip is not opened"
            } else {
                "neither an e-mail nor a manifest"
            };
            self.present.push(Present { name: name.to_owned(), mail: false });
            self.foreign.push(Finding::new(Code::ForeignFile, self.place(name), why));
            return Ok(());
        }
        match zip.read(entry, limits::EMAIL_BYTES) {
            Ok(bytes) => {
                self.present.push(Present { name: name.to_owned(), mail: true });
                self.unpacked += bytes.len() as u64;
                if bytes.is_empty() {
                    let finding = Finding::new(Code::ZeroByte, self.place(name), "");
                    return visit(Read::NotReadable { finding, item: base(name).to_owned() });
                }
                visit(item(self.place(name), base(name), bytes))
            }
            Err(why) => {
                self.unpacked = self.unpacked.saturating_add(entry.size.min(limits::EMAIL_BYTES));
                self.refuse(name, &why, true, visit)
            }
        }
    }

    /// An entry that cannot be read.
    fn refuse(&mut self, name: &str, why: &Unreadable, mail: bool, visit: Visit<'_>) -> Result<()> {
        if !is_manifest(name) {
            self.present.push(Present { name: name.to_owned(), mail });
        }
        let code = if *why == Unreadable::TooLarge { Code::LimitExceeded } else { Code::EntryUnreadable };
        let finding = Finding::new(code, self.place(name), why.as_text());
        visit(if mail { Read::NotReadable { finding, item: base(name).to_owned() } } else { Read::Noticed(finding) })
    }

    fn finish(self, damaged: bool, visit: Visit<'_>) -> Result<()> {
        let mails = self.present.iter().any(|p| p.mail);
        if !mails && self.manifests.is_empty() {
            // Some other zip, or nothing that could be read: one line says it all.
            let files = self.foreign.len();
            let detail = format!("{}, and no e-mail", counted(files as u64, "file", "files"));
            let zips = self.present.iter().filter(|p| has_extension(&p.name, ".zip")).take(ZIPS_NAMED);
            for Present { name, .. } in zips.clone() {
                let detail = "a zip within a zip is not opened: unpack the outer one";
                let finding = Finding::new(Code::EntryUnreadable, Place::entry(self.file, name), detail);
                visit(Read::NotReadable { finding, item: base(name).to_owned() })?;
            }
            return if damaged || zips.count() > 0 {
                Ok(())
            } else {
                visit(Read::Noticed(Finding::new(Code::ForeignFile, Place::file(self.file), detail)))
            };
        }
        if self.manifests.is_empty() {
            visit(Read::Noticed(Finding::new(Code::ManifestAbsent, Place::file(self.file), "")))?;
        }
        for (at, manifest) in &self.manifests {
            for finding in manifest::check(manifest, at, &self.present, &|name| Place::entry(self.file, name)) {
                visit(Read::Noticed(finding))?;
            }
        }
        // What a manifest lists belongs to the feed.
        let listed: HashSet<&str> =
            self.manifests.iter().flat_map(|(_, m)| m.names.iter().map(|(n, _)| n.as_str())).collect();
        let stranger = |f: &Finding| f.place.entry.as_deref().is_none_or(|name| !listed.contains(base(name)));
        for finding in self.foreign.into_iter().filter(stranger) {
            visit(Read::Noticed(finding))?;
        }
        Ok(())
    }
}

fn loose_manifest(path: &Path, visit: Visit<'_>) -> Result<Option<(Place, Manifest)>> {
    let file = label(path);
    match EvidenceFile::open(path).and_then(|mut f| f.read_all(MANIFEST_BYTES)) {
        Ok(Some(bytes)) => {
            visit(Read::Opened { file: file.clone(), digest: Digest::of(&bytes), size: bytes.len() as u64 })?;
            Ok(Some((Place::file(file), manifest::parse(&bytes))))
        }
        Ok(None) => {
            visit(Read::Noticed(Finding::new(Code::LimitExceeded, Place::file(file), "")))?;
            Ok(None)
        }
        Err(e) => {
            visit(Read::Noticed(Finding::new(Code::FileUnreadable, Place::file(file), e.to_string())))?;
            Ok(None)
        }
    }
}

fn read_folder(root: &Path, visit: Visit<'_>) -> Result<()> {
    let found = walk(root)?;
    for (path, why) in &found.skipped {
        let code = match why {
            Skipped::Symlink | Skipped::Special => Code::ForeignFile,
            Skipped::Unreadable => Code::FileUnreadable,
            Skipped::TooDeep | Skipped::TooMany => Code::LimitExceeded,
        };
        visit(Read::Noticed(Finding::new(code, Place::file(label(path)), why.as_str())))?;
    }
    let (manifests, files): (Vec<&PathBuf>, Vec<&PathBuf>) = found.files.iter().partition(|p| is_manifest(&label(p)));
    let mut beside: HashMap<PathBuf, &PathBuf> = manifests.iter().map(|mf| (mf.with_extension(""), *mf)).collect();
    let of_zip: HashMap<&PathBuf, &PathBuf> =
        files.iter().filter_map(|p| Some((*p, beside.remove(&sibling(p)?.with_extension(""))?))).collect();
    let mut folders: BTreeMap<&Path, Vec<Present>> =
        beside.values().filter_map(|mf| Some((mf.parent()?, Vec::new()))).collect();
    for path in files {
        let mut mail = has_extension(&label(path), ".eml");
        let beside = of_zip.get(path).map(|mf| mf.as_path());
        read_file(path, beside, &mut |read| {
            mail |= matches!(&read, Read::Item { place, .. } if place.entry.is_none());
            visit(read)
        })?;
        // The nearest folder upwards that has a manifest answers for the file.
        if let Some(folder) = path.ancestors().skip(1).find(|folder| folders.contains_key(folder))
            && let Some(present) = folders.get_mut(folder)
        {
            present.push(Present { name: label(path), mail });
        }
    }
    let mut loose: Vec<&PathBuf> = beside.into_values().collect();
    loose.sort();
    for path in loose {
        let present = path.parent().and_then(|folder| folders.get(folder)).map(Vec::as_slice).unwrap_or_default();
        if let Some((at, manifest)) = loose_manifest(path, visit)? {
            for finding in manifest::check(&manifest, &at, present, &|name| Place::file(name)) {
                visit(Read::Noticed(finding))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
