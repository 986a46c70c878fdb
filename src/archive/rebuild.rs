//! Making derived state anew from vault and journal: mailboxes, catalog, index, state.
//!
//! Contract: the writer's lock is taken before anything is removed, and kept. Losses that the old stores can still
//! bear witness to are recorded first. A rebuild that is interrupted is completed by the next open for writing, the
//! mailboxes included. Nobody's own files are lost: what a mail client put into a mailbox goes to `quarantine/`.

use super::{Archive, ArchiveWriter};
use crate::{
    Error, ErrorKind, Result, fs,
    maildir::{EntryName, Found},
    model::{Event, MailboxName, Right, Seq, Watermark, event::Archived},
    progress::Progress,
};
use serde::Serialize;
use std::collections::HashSet;

/// Which stores to make anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RebuildOptions {
    /// The mailboxes. Flags and moves of mail clients are not kept.
    pub mail: bool,
    /// The catalog.
    pub catalog: bool,
    /// The index.
    pub index: bool,
    /// The state snapshot.
    pub state: bool,
    /// Say what would be done, do nothing.
    pub dry_run: bool,
}

impl RebuildOptions {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self { mail: true, catalog: true, index: true, state: true, dry_run: false }
    }

    fn names(self) -> Vec<&'static str> {
        let all = [("mail", self.mail), ("catalog", self.catalog), ("index", self.index), ("state", self.state)];
        all.into_iter().filter(|(_, chosen)| *chosen).map(|(name, _)| name).collect()
    }
}

/// What a rebuild did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RebuildReport {
    /// Which stores.
    pub stores: Vec<&'static str>,
    /// Messages of the archive that are not purged.
    pub messages: u64,
    /// Items of the archive.
    pub items: u64,
    /// Mailbox entries that were made.
    pub linked: u64,
    /// Items whose vault file is gone: `verify` names them.
    pub not_linked: u64,
    /// Files of others that were found in mailboxes and set aside in `quarantine/`.
    pub set_aside: u64,
    /// The journal line that the stores are as of.
    pub as_of: Seq,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Archive {
    /// Makes the chosen derived stores anew; the others are brought to the head of the journal. Returns the archive with
    /// the new stores open.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] (nothing was removed); nothing chosen; I/O; stopped by `progress`.
    pub fn rebuild(self, what: RebuildOptions, progress: &dyn Progress) -> Result<(Self, RebuildReport)> {
        self.may(Right::Import, "rebuild", "")?;
        let mut archive = self;
        let stores = what.names();
        if stores.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "nothing was chosen to be made anew")
                .with_hint("name --mail, --catalog, --index, or --all"));
        }
        let mut report = RebuildReport { stores: stores.clone(), dry_run: what.dry_run, ..RebuildReport::default() };
        if what.dry_run {
            count(&archive, &mut report);
            return Ok((archive, report));
        }
        let lock = ArchiveWriter::take_lock(&archive)?;
        archive.load()?;
        archive.journal.refuse_emptied(archive.known_seq())?;
        if progress.cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "the rebuild was stopped before anything was removed"));
        }
        archive.record_mismatches()?;
        // Mailboxes are made from the state, and an open after an interruption makes up for what is behind it.
        if what.state || what.mail {
            fs::durable::remove_derived(&archive.layout.state())?;
        }
        if what.catalog {
            fs::durable::remove_derived(&archive.layout.catalog())?;
        }
        if what.index {
            fs::durable::remove_derived(&archive.layout.index())?;
        }
        archive.load()?;
        if what.mail {
            empty_mailboxes(&archive, &mut report)?;
            link_all(&archive, progress, &mut report)?;
            fs::durable::sync_filesystem(archive.layout.root())?;
            // Only now: entries behind the snapshot are what the next open links.
            archive.state.save(&archive.layout.state())?;
        }
        let mut writer = ArchiveWriter::open_locked(archive, lock, progress)?;
        let stores = stores.into_iter().map(str::to_owned).collect();
        writer.archive.record(vec![Event::RebuildDone { stores }])?;
        writer.save_state()?;
        count(&writer.archive, &mut report);
        Ok((writer.into_archive(), report))
    }
}

fn count(archive: &Archive, report: &mut RebuildReport) {
    let state = archive.state();
    report.messages = u64::from(state.messages).saturating_sub(state.purged.len());
    report.items = state.boxes.values().map(|boxes| boxes.present().len()).sum();
    report.as_of = archive.as_of();
}

/// Sets aside what is not ours, then removes all mailboxes.
fn empty_mailboxes(archive: &Archive, report: &mut RebuildReport) -> Result<()> {
    let root = archive.layout.mail();
    let state = archive.state();
    let known: Vec<&MailboxName> = state.boxes.keys().chain(state.users.keys()).collect();
    let folders: HashSet<String> = known.iter().map(|mailbox| mailbox.folder()).collect();
    for entry in fs::dir::list(&root)?.into_iter().filter(|entry| !folders.contains(&entry.name)) {
        fs::durable::set_aside(&root.join(&entry.name), &archive.layout.quarantine())?;
        report.set_aside += 1;
    }
    let inodes = vault_inodes(archive)?;
    let ours = |found: &Found| found.message.is_some() || inodes.binary_search(&found.inode).is_ok();
    for mailbox in known {
        for found in archive.mail.scan(mailbox)?.into_iter().filter(|found| !ours(found)) {
            fs::durable::set_aside(&archive.layout.root().join(&found.path), &archive.layout.quarantine())?;
            report.set_aside += 1;
        }
    }
    fs::durable::remove_derived(&root)
}

/// The inodes of all vault files, sorted.
fn vault_inodes(archive: &Archive) -> Result<Vec<u64>> {
    let mut inodes = Vec::new();
    each_message(archive, &mut |message| {
        inodes.extend(archive.vault.inode(&message.digest)?);
        Ok(())
    })?;
    inodes.sort_unstable();
    Ok(inodes)
}

/// Links every item that exists, live or recoverable.
fn link_all(archive: &Archive, progress: &dyn Progress, report: &mut RebuildReport) -> Result<()> {
    let mut delivery = archive.mail.delivery();
    progress.begin("linking mailboxes", Some(u64::from(archive.state.messages)));
    let mut done = 0u64;
    each_message(archive, &mut |message| {
        let ordinal = message.ordinal.0;
        let there = archive.vault.inode(&message.digest)?.is_some();
        let name = EntryName::new(&message.id, message.sent, message.size);
        for (mailbox, boxes) in archive.state.boxes.iter().filter(|(_, boxes)| boxes.has(ordinal)) {
            if !there {
                report.not_linked += 1;
                continue;
            }
            let path = archive.vault.path(&message.digest);
            delivery.deliver(&path, mailbox, &name, boxes.recoverable.contains(ordinal))?;
            report.linked += 1;
        }
        done += 1;
        if done.is_multiple_of(1_000) {
            progress.at(done, 0);
            if progress.cancelled() {
                return Err(Error::new(
                    ErrorKind::Interrupted,
                    format!(
                        "the rebuild was stopped: the mailbox entries of {done} messages are linked, others are not"
                    ),
                )
                .with_hint("nothing is lost: run it again, or any command that writes; it links what is missing"));
            }
        }
        Ok(())
    })?;
    progress.end();
    Ok(())
}

/// Calls `visit` with every message that is not purged, in the order of the journal.
fn each_message(archive: &Archive, visit: &mut dyn FnMut(&Archived) -> Result<()>) -> Result<()> {
    let mut reader = archive.journal.read_after(&Watermark::START)?;
    while let Some(entry) = reader.next_entry()? {
        match &entry.line.event {
            Event::MessageArchived { message } if !archive.state.purged.contains(message.ordinal.0) => visit(message)?,
            _ => {}
        }
    }
    Ok(())
}
