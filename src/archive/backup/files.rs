//! Where the files that are named by their digests lie, in an archive and in a backup alike.

use super::contents::Contents;
use crate::{
    Result,
    archive::Layout,
    fs,
    model::{Code, Digest, MessageId, Seq},
    vault::Vault,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Which of the three places a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message, in the vault.
    Message,
    /// A list that journal lines name.
    List,
    /// A source that was kept.
    Source,
}

impl Kind {
    /// Its codes: changed, missing, unreadable.
    pub(super) fn codes(self) -> [Code; 3] {
        match self {
            Self::Message => [Code::VaultChanged, Code::VaultMissing, Code::VaultUnreadable],
            Self::List => [Code::ListDamaged; 3],
            Self::Source => [Code::SourceChanged, Code::SourceMissing, Code::FileUnreadable],
        }
    }

    /// Its path, relative to the archive or the backup.
    pub(super) fn name(self, digest: &Digest) -> String {
        match self {
            Self::Message => Vault::name(digest),
            Self::List => format!("journal/lists/{digest}"),
            Self::Source => format!("sources/{digest}"),
        }
    }
}

/// A file that should be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) digest: Digest,
    /// Its size, where the journal says it.
    pub(super) size: Option<u64>,
    /// The first line that names it; `None`: a list that no line up to there names (yet).
    pub(super) seq: Option<Seq>,
    pub(super) id: Option<MessageId>,
}

impl Wanted {
    pub(super) fn name(&self) -> String {
        self.kind.name(&self.digest)
    }

    /// Where it is below the root of an archive or a backup.
    pub(super) fn path(&self, layout: &Layout) -> PathBuf {
        layout.root().join(self.name())
    }
}

/// The files of these contents.
pub(super) fn wanted(contents: &Contents) -> impl Iterator<Item = Wanted> {
    let messages = contents.files.iter().map(|file| Wanted {
        kind: Kind::Message,
        digest: file.digest,
        size: Some(file.size),
        seq: Some(file.seq),
        id: Some(file.id),
    });
    messages.chain(named(Kind::List, &contents.lists)).chain(named(Kind::Source, &contents.sources.files))
}

fn named(kind: Kind, files: &BTreeMap<Digest, Seq>) -> impl Iterator<Item = Wanted> {
    files.iter().map(move |(digest, seq)| Wanted { kind, digest: *digest, size: None, seq: Some(*seq), id: None })
}

/// The list files in a folder that these contents do not name: those of lines that came later.
pub(super) fn other_lists(layout: &Layout, contents: &Contents) -> Result<Vec<Wanted>> {
    let there = fs::dir::list(&layout.journal().join("lists"))?;
    let digests = there.into_iter().filter(|entry| entry.is_file).filter_map(|entry| Digest::from_hex(&entry.name));
    let others = digests.filter(|digest| !contents.lists.contains_key(digest));
    Ok(others.map(|digest| Wanted { kind: Kind::List, digest, size: None, seq: None, id: None }).collect())
}
