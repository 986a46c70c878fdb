//! The walk over the journal that writes a package's messages, manifests and audit extract.

use super::{
    package::{Package, Sheet},
    select::Selected,
};
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    export::{AddedBy, ExceptionRow, ItemRow, ManifestRow, manifest::file_name},
    fs::output::OutputFile,
    governance::{Rules, Subject},
    journal::RawLine,
    model::{
        Code, Digest, Event, MailboxName, Message, RunId, Seq,
        event::{Archived, Basis},
    },
    progress::Progress,
    query::Facts,
    vault::{State, Vault},
};
use std::collections::{BTreeSet, HashMap};

/// Lines of the journal up to which a package lists the digests of all of them (70 bytes each).
const DIGEST_LINES: u64 = 200_000;

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) items: u64,
    pub(super) bytes: u64,
    pub(super) exceptions: u64,
    pub(super) digests: bool,
}

/// The open files of a package.
struct Files {
    package: Package,
    manifest: Sheet,
    manifest_lines: OutputFile,
    items: Sheet,
    exceptions: Sheet,
    events: OutputFile,
    digests: Option<OutputFile>,
}

/// One export in progress. Without files it counts.
pub(super) struct Export<'a> {
    archive: &'a Archive,
    selected: &'a Selected,
    rules: Rules<'a>,
    files: Option<Files>,
    counts: Counts,
    /// Lines about opened source files that no exported message has asked for yet.
    sources: HashMap<(RunId, u32), Vec<u8>>,
    line: u64,
}

impl<'a> Export<'a> {
    pub(super) fn new(archive: &'a Archive, selected: &'a Selected, package: Option<Package>) -> Result<Self> {
        let digests = package.is_some() && archive.as_of().0 <= DIGEST_LINES;
        Ok(Self {
            archive,
            selected,
            rules: archive.rules(),
            files: package.map(|package| open(package, digests)).transpose()?,
            counts: Counts { digests, ..Counts::default() },
            sources: HashMap::new(),
            line: 0,
        })
    }

    /// Walks over the journal. Returns the package, to be sealed.
    pub(super) fn run(mut self, progress: &dyn Progress) -> Result<(Counts, Option<Package>)> {
        let last = self.archive.state.mark.hash;
        progress.begin("exporting", Some(self.selected.messages.len()));
        self.archive.journal.raw_lines(&mut |line| {
            if progress.cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "the export was stopped; its folder is not complete")
                    .with_hint("remove the folder and export again"));
            }
            self.take(line)?;
            if self.counts.messages.is_multiple_of(100) {
                progress.at(self.counts.messages, self.counts.bytes);
            }
            Ok(line.hash != last)
        })?;
        progress.end();
        let package = self.files.map(close).transpose()?;
        Ok((self.counts, package))
    }

    fn take(&mut self, raw: &RawLine<'_>) -> Result<()> {
        self.line += 1;
        if let Some(digests) = self.files.as_mut().and_then(|files| files.digests.as_mut()) {
            digests.append(format!("{} {}\n", self.line, Digest::of(raw.json)).as_bytes())?;
        }
        let Some(line) = raw.parse() else { return Ok(()) };
        match &line.event {
            Event::SourceOpened { run, source, .. } => {
                self.sources.insert((run.clone(), *source), raw.text.to_vec());
            }
            Event::MessageArchived { message } if self.selected.messages.contains(message.ordinal.0) => {
                if let Some(opened) = self.sources.remove(&(message.run.clone(), message.source)) {
                    self.extract(&opened)?;
                }
                self.extract(raw.text)?;
                self.message(message, line.seq, raw.hash)?;
            }
            Event::MessageArchived { message } if self.selected.unknown.contains(message.ordinal.0) => {
                self.not_judged(message, line.seq)?;
            }
            event if self.concerns(event) => self.extract(raw.text)?,
            _ => {}
        }
        Ok(())
    }

    /// Whether an event is about an exported message.
    fn concerns(&self, event: &Event) -> bool {
        let has = |ordinal: u32| self.selected.messages.contains(ordinal);
        match event {
            Event::ItemDelivered { ordinal, .. } | Event::MessagePurged { ordinal, .. } => has(ordinal.0),
            Event::MessageLinked { notice, original, .. } => has(notice.0) || has(original.0),
            Event::ItemDisposed { item, .. } => has(item.ordinal.0),
            _ => false,
        }
    }

    /// A line of the journal as it stands.
    fn extract(&mut self, text: &[u8]) -> Result<()> {
        let Some(files) = &mut self.files else { return Ok(()) };
        files.events.append(text)?;
        files.events.append(b"\n")
    }

    fn message(&mut self, archived: &Archived, seq: Seq, hash: Digest) -> Result<()> {
        let items = self.selected.mailboxes(archived.ordinal.0);
        // What is not what was archived must not be in the package: looked at before the first byte is written.
        if let Err(error) = self.archive.vault.stream(&archived.digest, &mut |_| Ok(())) {
            let code = self.code_of(archived);
            return self.exception(archived, seq, code, error.to_string(), false);
        }
        self.counts.messages += 1;
        self.counts.items += items.len() as u64;
        self.counts.bytes += archived.size;
        if self.files.is_none() {
            return Ok(());
        }
        let understood = self.archive.understand(archived);
        if let Err(error) = &understood {
            self.exception(archived, seq, Code::NotAnEmail, error.to_string(), true)?;
        }
        let row = self.manifest_row(archived, understood.ok(), &items, archived.size, (seq, hash));
        self.write(archived, &row, &items)
    }

    /// Writes the file and the rows of one message.
    fn write(
        &mut self,
        archived: &Archived,
        (row, holds): &(ManifestRow, Vec<Vec<String>>),
        items: &[(&MailboxName, bool)],
    ) -> Result<()> {
        let Some(files) = &mut self.files else { return Ok(()) };
        let vault = &self.archive.vault;
        files.package.fill(&row.file, &mut |file| vault.stream(&archived.digest, &mut |chunk| file.append(chunk)))?;
        files.manifest.row(&row.cells())?;
        let mut json =
            serde_json::to_vec(row).map_err(|e| Error::bug(format!("a row of the manifest cannot be written: {e}")))?;
        json.push(b'\n');
        files.manifest_lines.append(&json)?;
        for ((mailbox, asked), holds) in items.iter().zip(holds) {
            let boxes = self.archive.state.boxes.get(mailbox);
            let recoverable = boxes.is_some_and(|boxes| boxes.recoverable.contains(archived.ordinal.0));
            let item = ItemRow {
                id: archived.id,
                file: &row.file,
                mailbox,
                state: if recoverable { "recoverable" } else { "live" },
                holds,
                added_by: if *asked { AddedBy::Query } else { AddedBy::Unindexed },
                basis: boxes.and_then(|boxes| boxes.basis(archived.ordinal.0)).map_or("", Basis::as_str),
            };
            files.items.row(&item.cells())?;
        }
        Ok(())
    }

    /// The manifest's row, and the holds on each item.
    fn manifest_row(
        &self,
        archived: &Archived,
        message: Option<Message>,
        items: &[(&MailboxName, bool)],
        size: u64,
        (seq, hash): (Seq, Digest),
    ) -> (ManifestRow, Vec<Vec<String>>) {
        let state = &self.archive.state;
        let ordinal = archived.ordinal.0;
        let facts =
            message.as_ref().map(|message| Facts::of(message, archived.size).with_file(&archived.id, &archived.digest));
        let holds: Vec<Vec<String>> =
            items.iter().map(|(mailbox, _)| self.holds_on(archived, mailbox, facts.as_ref())).collect();
        let all: BTreeSet<String> = holds.iter().flatten().cloned().collect();
        let source = state.sources.get(&archived.run).and_then(|files| files.get(archived.source as usize));
        let asked = items.iter().any(|(_, asked)| *asked);
        let message = message.map(|m| (m.sender, m.recipients, m.conversation, m.subject, m.attachments));
        let (from, to, conversation, subject, attachments) = message.unwrap_or_default();
        let row = ManifestRow {
            file: file_name(&archived.id, archived.sent),
            sha256: archived.digest,
            size,
            id: archived.id,
            sent: archived.sent,
            kind: archived.kind,
            from,
            to,
            conversation,
            subject,
            mailboxes: items.iter().map(|(mailbox, _)| (*mailbox).clone()).collect(),
            attachments,
            is_deleted: state.deleted.contains(ordinal),
            is_edited: state.edited.contains(ordinal),
            partially_indexed: state.partial.contains(ordinal),
            holds: all.into_iter().collect(),
            added_by: if asked { AddedBy::Query } else { AddedBy::Unindexed },
            journal_seq: seq,
            journal_hash: hash,
            source_file: source.map(|source| source.file.clone()).unwrap_or_default(),
            source_sha256: source.map(|source| source.digest),
            source_entry: archived.entry.clone(),
        };
        (row, holds)
    }

    fn holds_on(&self, archived: &Archived, mailbox: &MailboxName, facts: Option<&Facts>) -> Vec<String> {
        let subject = Subject {
            id: archived.id,
            mailbox,
            sent: archived.sent,
            imported: None,
            label: None,
            partially_indexed: self.archive.state.partial.contains(archived.ordinal.0),
            facts,
        };
        let covering = self.rules.holds.iter().filter(|active| active.blocks(&subject, self.rules.now).is_some());
        covering.map(|active| active.hold.name.clone()).collect()
    }

    /// A message of a searched mailbox that nothing can be said about.
    fn not_judged(&mut self, archived: &Archived, seq: Seq) -> Result<()> {
        let code = self.code_of(archived);
        let detail = "it could not be judged whether it belongs here: its file was damaged, or it is not indexed";
        self.exception(archived, seq, code, detail.to_owned(), false)
    }

    fn code_of(&self, archived: &Archived) -> Code {
        match self.archive.vault.hash(&archived.digest) {
            State::Changed(_) => Code::VaultChanged,
            State::Missing => Code::VaultMissing,
            State::Unreadable(_) => Code::VaultUnreadable,
            State::Ok => Code::DerivedStale,
        }
    }

    fn exception(&mut self, archived: &Archived, seq: Seq, code: Code, detail: String, exported: bool) -> Result<()> {
        self.counts.exceptions += 1;
        let path = Vault::name(&archived.digest);
        let row = ExceptionRow { id: archived.id, code, path, detail, exported, journal_seq: seq };
        match &mut self.files {
            Some(files) => files.exceptions.row(&row.cells()),
            None => Ok(()),
        }
    }
}

fn open(package: Package, digests: bool) -> Result<Files> {
    Ok(Files {
        manifest: Sheet::create(&package, "manifest.csv", &ManifestRow::header())?,
        manifest_lines: package.file("manifest.jsonl")?,
        items: Sheet::create(&package, "items.csv", &ItemRow::HEADER)?,
        exceptions: Sheet::create(&package, "exceptions.csv", &ExceptionRow::HEADER)?,
        events: package.file("audit/events.jsonl")?,
        digests: if digests { Some(package.file("audit/digests.txt")?) } else { None },
        package,
    })
}

fn close(files: Files) -> Result<Package> {
    let mut package = files.package;
    files.manifest.close(&mut package)?;
    files.items.close(&mut package)?;
    files.exceptions.close(&mut package)?;
    package.close("manifest.jsonl", files.manifest_lines)?;
    package.close("audit/events.jsonl", files.events)?;
    if let Some(digests) = files.digests {
        package.close("audit/digests.txt", digests)?;
    }
    Ok(package)
}
