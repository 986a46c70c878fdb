//! The texts and media of a source: a text, a zip, a folder of both.
//!
//! Contract: files are found and named here, not understood; which texts are chats is decided by reading them. Junk that a Mac
//! leaves (`__MACOSX`, `._name`, `.DS_Store`) is nobody's file.

use super::{
    detect::is_chat_name,
    media_store::{MediumId, Store, split},
    unread::Unread,
};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        dir,
        evidence::{EvidenceFile, PathKind, Skipped, path_kind, walk},
    },
    model::{Code, Digest, Finding, Place, limits},
    source::zip_entries::{Entry, EntryKind, Zip},
};
use std::path::{Path, PathBuf};

/// Bytes of one text. Real ones have a few MB; 40,000 messages of the longest kind have far less than this.
pub const TEXT_BYTES: u64 = 256 * 1024 * 1024;

/// Where the bytes of a text are.
#[derive(Clone, Debug)]
pub enum TextAt {
    /// A file.
    File(PathBuf),
    /// An entry of the zip that is the store.
    Entry(MediumId),
}

/// A text that may be a chat.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its place.
    pub place: Place,
    /// Its name without extension.
    pub stem: String,
    /// The name of what holds it, zip or folder, without extension.
    pub outer: Option<String>,
    /// The folder within its store.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Which store has its media.
    pub store: usize,
    /// Which file of the source has it.
    pub file: usize,
    /// Its bytes.
    pub at: TextAt,
}

/// A file of the source.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As given, or below the folder that was given.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of all of it.
    pub digest: Digest,
    /// Its size.
    pub size: u64,
}

/// What a source holds.
#[derive(Default)]
pub struct Gathered {
    /// Its files that hold texts.
    pub files: Vec<SourceFile>,
    /// Places of media.
    pub stores: Vec<Store>,
    /// Texts.
    pub candidates: Vec<Candidate>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Texts that cannot be read.
    pub unread: Vec<Unread>,
    hash: bool,
    /// The store whose files were not given by the person but lie beside the text that was.
    pub beside: Option<usize>,
}

/// Looks at a path. Without `hash`, the digests of its files are left zero: what it is can be told without reading all of it.
///
/// # Errors
/// `NotFound`, `Io`, `Permission`, `Usage` (neither a file nor a folder).
pub fn gather(path: &Path, hash: bool) -> Result<Gathered> {
    let mut found = Gathered { hash, ..Gathered::default() };
    match path_kind(path)? {
        PathKind::File => {
            let mut evidence = EvidenceFile::open(path)?;
            let name: String = path.display().to_string().chars().take(limits::FIELD_CHARS).collect();
            if is_zip(&mut evidence, path)? {
                found.zip(evidence, path, name)?;
            } else {
                found.text_alone(evidence, path, name)?;
            }
        }
        PathKind::Folder => found.folder(path)?,
        PathKind::Special => {
            let text = format!("{} is neither a file nor a folder", path.display());
            return Err(Error::new(ErrorKind::Usage, text));
        }
    }
    Ok(found)
}

impl Gathered {
    fn opened(&mut self, evidence: &mut EvidenceFile, path: &Path, name: String) -> Result<usize> {
        let digest = if self.hash { evidence.digest()? } else { Digest([0; 32]) };
        self.files.push(SourceFile { name, path: path.to_owned(), digest, size: evidence.size() });
        Ok(self.files.len() - 1)
    }

    fn text_alone(&mut self, mut evidence: EvidenceFile, path: &Path, name: String) -> Result<()> {
        let file = self.opened(&mut evidence, path, name.clone())?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Media that lie beside it, of this folder only.
        let beside = dir::list(folder).unwrap_or_default();
        let media = beside.into_iter().filter(|e| e.is_file).map(|e| folder.join(e.name)).collect();
        self.stores.push(Store::files(folder, media));
        self.beside = Some(self.stores.len() - 1);
        let outer = folder.file_name().map(|n| n.to_string_lossy().into_owned());
        self.candidates.push(Candidate {
            place: Place::file(name),
            stem: stem(path),
            outer,
            folder: String::new(),
            name: path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            store: self.stores.len() - 1,
            file,
            at: TextAt::File(path.to_owned()),
        });
        Ok(())
    }

    fn zip(&mut self, mut evidence: EvidenceFile, path: &Path, name: String) -> Result<()> {
        let outer = stem(Path::new(&name));
        let file = self.opened(&mut evidence, path, name.clone())?;
        let size = evidence.size();
        let mut zip = Zip::new(evidence, size);
        let listing = zip.list().map_err(|e| Error::io("read", Path::new(&name), e))?;
        if let Some(damage) = listing.damage {
            self.findings.push(Finding::new(Code::ZipDamaged, Place::file(&name), damage));
        }
        if listing.limited {
            let detail = format!("more than {} entries", limits::ZIP_ENTRIES);
            self.findings.push(Finding::new(Code::LimitExceeded, Place::file(&name), detail));
        }
        for cut in listing.cut.iter().take(FINDINGS) {
            let finding = Finding::new(Code::EntryUnreadable, Place::entry(&name, cut), "the zip ends within it");
            self.refused(finding, cut, Some(&outer), Some(file));
        }
        let mut entries = Vec::new();
        for entry in listing.entries {
            if entry.hostile_name() && self.findings.len() < FINDINGS {
                self.findings.push(Finding::new(Code::HostileName, Place::entry(&name, &entry.name), ""));
            }
            match entry.kind {
                EntryKind::File if !is_junk(&entry.name) => entries.push(entry),
                EntryKind::Special if self.findings.len() < FINDINGS => {
                    let detail = "a link or a device, not a file";
                    self.findings.push(Finding::new(Code::EntryUnreadable, Place::entry(&name, &entry.name), detail));
                }
                _ => {}
            }
        }
        let store = self.stores.len();
        for (id, entry) in entries.iter().enumerate().filter(|(_, entry)| is_text_name(&entry.name)) {
            let (base, folder) = split(&entry.name);
            let inner = split(&folder).0;
            self.candidates.push(Candidate {
                place: Place::entry(&name, &entry.name),
                stem: stem(Path::new(&base)),
                outer: Some(if inner.is_empty() { outer.clone() } else { inner }),
                folder,
                name: base,
                store,
                file,
                at: TextAt::Entry(id),
            });
        }
        self.nested(&entries, &name, &outer, file);
        self.stores.push(Store::zip(zip, entries));
        Ok(())
    }

    /// Zips in a zip: chats, if their names or the lack of anything else say so.
    fn nested(&mut self, entries: &[Entry], name: &str, outer: &str, file: usize) {
        let alone = !entries.iter().any(|entry| is_text_name(&entry.name));
        for entry in entries.iter().filter(|entry| has_extension(&entry.name, "zip")).take(FINDINGS) {
            let base = split(&entry.name).0;
            if alone || is_chat_name(&stem(Path::new(&base))) {
                let detail = "a zip within a zip is not opened: unpack the outer one";
                let finding = Finding::new(Code::EntryUnreadable, Place::entry(name, &entry.name), detail);
                self.refused(finding, &entry.name, Some(outer), Some(file));
            }
        }
    }

    /// What cannot be read: a chat, if its name is that of one.
    fn refused(&mut self, finding: Finding, name: &str, outer: Option<&str>, file: Option<usize>) {
        let name = split(name).0;
        let stem = stem(Path::new(&name));
        let named = is_text_name(&name) || has_extension(&name, "zip");
        let chat = named && is_chat_name(&stem);
        self.unread.push(Unread { finding, name, stem, outer: outer.map(str::to_owned), file, chat });
    }

    fn folder(&mut self, root: &Path) -> Result<()> {
        let walk = walk(root)?;
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        for (path, why) in &walk.skipped {
            let code = if *why == Skipped::TooMany { Code::LimitExceeded } else { Code::FileUnreadable };
            self.findings.push(Finding::new(code, Place::file(below(path)), why.as_str()));
        }
        let files: Vec<PathBuf> = walk.files.into_iter().filter(|path| !is_junk(&path.to_string_lossy())).collect();
        let store = self.stores.len();
        self.stores.push(Store::files(root, files.clone()));
        for path in &files {
            let name = below(path);
            if !is_text_name(&name) && !has_extension(&name, "zip") {
                continue;
            }
            let mut evidence = match EvidenceFile::open(path) {
                Ok(evidence) => evidence,
                Err(e) => {
                    self.refused(
                        Finding::new(Code::FileUnreadable, Place::file(&name), e.to_string()),
                        &name,
                        None,
                        None,
                    );
                    continue;
                }
            };
            if is_zip(&mut evidence, path)? {
                self.zip(evidence, path, name)?;
            } else if is_text_name(&name) {
                let file = self.opened(&mut evidence, path, name.clone())?;
                let (base, folder) = split(&name);
                let outer = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
                let at = TextAt::File(path.clone());
                let (place, stem) = (Place::file(&name), stem(path));
                self.candidates.push(Candidate { place, stem, outer, folder, name: base, store, file, at });
            }
        }
        Ok(())
    }
}

/// Findings about single entries that are listed one by one.
const FINDINGS: usize = 100;

fn is_zip(evidence: &mut EvidenceFile, path: &Path) -> Result<bool> {
    Ok(has_extension(&path.to_string_lossy(), "zip") || evidence.head(4)?.starts_with(b"PK\x03\x04"))
}

/// Whether a name is that of a text.
pub fn is_text_name(name: &str) -> bool {
    has_extension(name, "txt")
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

fn is_junk(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| part == "__MACOSX")
        || name.rsplit(['/', '\\']).next().is_some_and(|base| base.starts_with("._") || base == ".DS_Store")
}

fn stem(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty() && matches!(extension.to_ascii_lowercase().as_str(), "txt" | "zip") =>
        {
            stem.to_owned()
        }
        _ => name,
    }
}
