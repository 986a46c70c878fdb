//! The Media folder: which file a row means, and whether it is that file.
//!
//! Contract: only regular files below the folder that was given, or beside the database that was given; no link is followed,
//! no name leads out. A file is hashed while it is streamed and compared with what the database says of it.

use super::draft::Draft;
use crate::{
    fs::{
        dir,
        evidence::{self, Skipped},
    },
    model::{
        Code, Digest, Finding, Place,
        details::{Media, MediaState},
    },
    source::phone::{Blob, media_type},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Where WhatsApp's own folder lies in what people copy from a phone, from the outside in.
const HOMES: [&[&str]; 8] = [
    &[],
    &["WhatsApp"],
    &["WhatsApp Business"],
    &["com.whatsapp", "WhatsApp"],
    &["com.whatsapp.w4b", "WhatsApp Business"],
    &["Android", "media", "com.whatsapp", "WhatsApp"],
    &["Android", "media", "com.whatsapp.w4b", "WhatsApp Business"],
    &["media", "com.whatsapp", "WhatsApp"],
];

/// The folders of a phone in which WhatsApp keeps things, below `base`, as far as they are there and are no links.
pub fn homes(base: &Path) -> Vec<PathBuf> {
    HOMES.into_iter().filter_map(|home| descend(base, home)).collect()
}

/// A folder below another, without following a link. What cannot be listed is not there.
pub fn descend(base: &Path, names: &[&str]) -> Option<PathBuf> {
    let mut folder = base.to_owned();
    for name in names {
        if !dir::list(&folder).unwrap_or_default().iter().any(|entry| entry.is_dir && entry.name == *name) {
            return None;
        }
        folder.push(name);
    }
    Some(folder)
}

/// The files of the Media folders, by their path from `Media/` on.
#[derive(Debug, Default)]
pub struct MediaFolder {
    files: HashMap<String, PathBuf>,
    /// File name → path, for rows that have no more; `None` if two have it.
    names: HashMap<String, Option<String>>,
    there: bool,
    skipped: Vec<Finding>,
}

/// What a row says of its medium.
#[derive(Debug, Default)]
pub struct Said {
    /// What it is: `image`, `document`, …
    pub kind: &'static str,
    /// Its path, usually from `Media/` on.
    pub path: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its type.
    pub mime: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Base64 of its SHA-256.
    pub hash: Option<String>,
    /// Its length in seconds.
    pub seconds: Option<u64>,
    /// Shown once.
    pub view_once: bool,
}

impl MediaFolder {
    /// Lists what is below `base`.
    pub fn list(base: &Path) -> Self {
        let mut media = Self::default();
        for home in homes(base) {
            let Some(root) = descend(&home, &["Media"]) else { continue };
            media.there = true;
            let walk = match evidence::walk(&root) {
                Ok(walk) => walk,
                Err(error) => {
                    let shown = root.strip_prefix(base).unwrap_or(&root).to_string_lossy().into_owned();
                    media.skipped.push(Finding::new(Code::FileUnreadable, Place::file(shown), error.to_string()));
                    continue;
                }
            };
            for (path, why) in walk.skipped {
                let code = match why {
                    Skipped::TooMany | Skipped::TooDeep => Code::LimitExceeded,
                    Skipped::Unreadable => Code::FileUnreadable,
                    // A row that means it is a medium that is missing.
                    Skipped::Symlink | Skipped::Special => continue,
                };
                let shown = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
                media.skipped.push(Finding::new(code, Place::file(shown), why.as_str()));
            }
            for path in walk.files {
                let Some(below) = path.strip_prefix(&root).ok().and_then(Path::to_str) else { continue };
                let below = format!("Media/{below}");
                let name = file_name(&below).to_owned();
                media.names.entry(name).and_modify(|known| *known = None).or_insert_with(|| Some(below.clone()));
                media.files.entry(below).or_insert(path);
            }
        }
        media
    }

    /// What below the Media folders was not listed.
    pub fn take_skipped(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.skipped)
    }

    fn find(&self, said: &Said) -> Option<&PathBuf> {
        if let Some(path) = &said.path {
            let path = path.replace('\\', "/");
            // Also absolute paths of the phone, and those that begin with the folder around `Media`.
            let from_media = path.find("Media/").and_then(|at| path.get(at..)).unwrap_or(&path);
            return self.files.get(from_media);
        }
        let name = said.title.as_deref().filter(|name| name.contains('.'))?;
        self.files.get(self.names.get(name)?.as_ref()?)
    }

    /// Attaches the medium of a row to its message, or says what became of it.
    pub fn attach(&self, draft: &mut Draft, said: &Said) {
        let declared = said.hash.as_deref().and_then(media_type::digest);
        if let (Some(hash), None) = (&said.hash, declared) {
            draft.raw("file_hash", hash);
        }
        let mut media = Media {
            kind: said.kind.to_owned(),
            name: name_of(said),
            state: MediaState::Missing,
            mime: said.mime.clone().unwrap_or_default(),
            size: said.size,
            sha256: declared.map(|digest| digest.to_string()).unwrap_or_default(),
            seconds: said.seconds,
        };
        match self.find(said).map(|path| (path, Blob::Evidence(path.clone()))) {
            Some((path, blob)) => match blob.measure() {
                Ok((size, sha256)) => {
                    media.state = MediaState::Attached;
                    compare(draft, said, declared, size, sha256);
                    draft.attach(&media.name, &type_of(said, path), size, sha256, blob);
                }
                Err(error) => draft.finding(Code::FileUnreadable, error.to_string()),
            },
            None if said.view_once => media.state = MediaState::ViewOnce,
            None if !self.there => media.state = MediaState::Omitted,
            None if said.path.is_some() => {
                draft.finding(Code::MediaMissing, said.path.clone().unwrap_or_default());
            }
            None => draft.finding(Code::MediaMissing, "the phone did not keep a file of it"),
        }
        draft.details.media.push(media);
    }
}

fn compare(draft: &mut Draft, said: &Said, declared: Option<Digest>, size: u64, sha256: Digest) {
    match (declared, said.size) {
        (Some(declared), _) if declared != sha256 => {
            draft.finding(Code::MediaChanged, format!("SHA-256 {sha256}, the database says {declared}"));
        }
        (None, Some(declared)) if declared > 0 && declared != size => {
            draft.finding(Code::MediaChanged, format!("{size} bytes, the database says {declared}"));
        }
        _ => {}
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The title of a document, if it is a file name; else the name of its file.
fn name_of(said: &Said) -> String {
    let of_file = said.path.as_deref().map(file_name);
    let title = said.title.as_deref().map(file_name).filter(|title| of_file.is_none() || title.contains('.'));
    let name = match said.kind {
        "document" => title.or(of_file),
        _ => of_file.or(title),
    };
    name.unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

/// The media type without parameters: as the database says, else by the end of the name.
fn type_of(said: &Said, path: &Path) -> String {
    let declared = said.mime.as_deref().and_then(|mime| mime.split(';').next()).map(|mime| mime.trim().to_lowercase());
    if let Some(mime) = declared.filter(|mime| mime.contains('/') && !mime.contains(['*', ' '])) {
        return mime;
    }
    media_type::of_name(&path.to_string_lossy()).to_owned()
}

/// The path of a file in a serialised `MediaData` of old databases: a Java string with its length before it.
pub fn path_in_thumb(bytes: &[u8]) -> Option<String> {
    let starts = bytes.windows(3).enumerate().filter(|(_, w)| w.first() == Some(&b't'));
    starts.take(1_000).find_map(|(at, window)| {
        let length = u16::from_be_bytes([*window.get(1)?, *window.get(2)?]);
        let text = bytes.get(at + 3..at + 3 + usize::from(length))?;
        let text = std::str::from_utf8(text).ok()?;
        (text.contains("Media/") && !text.contains('\0')).then(|| text.to_owned())
    })
}
