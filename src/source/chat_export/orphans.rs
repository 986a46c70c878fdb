//! Files of an export that no message names.

use super::{
    chat::Chat,
    gather::{Candidate, Gathered},
    media_store,
    settle::wanted,
};
use crate::{
    Result,
    model::{Code, Finding, Place},
    source::phone::{PhoneOptions, PhoneRead, Visit},
};
use std::collections::HashSet;

/// Orphaned files that are named one by one.
const ORPHANS_NAMED: usize = 100;

/// Names the files that no message names. They are not archived as messages. Files that lie beside a chat that was left out are
/// not named: they may be its media.
pub fn orphans(source: &Gathered, chats: &[(Candidate, Chat)], options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
    let files: HashSet<String> = source.files.iter().map(|file| media_store::split(&file.name).0).collect();
    for (index, store) in source.stores.iter().enumerate() {
        let mine: Vec<&(Candidate, Chat)> = chats.iter().filter(|(candidate, _)| candidate.store == index).collect();
        // Files beside a text that was given by itself are none of its business.
        let Some((first, _)) = mine.first().filter(|_| source.beside != Some(index)) else { continue };
        let used: HashSet<usize> = mine.iter().flat_map(|(_, chat)| chat.used.keys().copied()).collect();
        let private: HashSet<&str> = mine
            .iter()
            .filter(|(_, chat)| !wanted(chat, options).0)
            .map(|(candidate, _)| candidate.folder.as_str())
            .collect();
        let candidates = source.candidates.iter().filter(|candidate| candidate.store == index);
        let texts: HashSet<(&str, &str)> = candidates.map(|text| (text.name.as_str(), text.folder.as_str())).collect();
        let orphan = |id: usize, name: &str, folder: &str| {
            !used.contains(&id)
                && !texts.contains(&(name, folder))
                && !files.contains(name)
                && !private.contains(folder)
        };
        let mut count = 0;
        for (name, folder) in store.all().iter().enumerate().filter(|(id, (n, f))| orphan(*id, n, f)).map(|(_, o)| o) {
            count += 1;
            if count <= ORPHANS_NAMED {
                visit(PhoneRead::Noticed(Finding::new(Code::MediaOrphan, place(&first.place, name, folder), "")))?;
            }
        }
        if count > ORPHANS_NAMED {
            let detail = format!("{count} files in all");
            visit(PhoneRead::Noticed(Finding::new(Code::MediaOrphan, Place::file(&first.place.file), detail)))?;
        }
    }
    Ok(())
}

/// The place of a file in the source that has the text at `beside`.
fn place(beside: &Place, name: &str, folder: &str) -> Place {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if beside.entry.is_some() { Place::entry(&beside.file, path) } else { Place::file(path) }
}
