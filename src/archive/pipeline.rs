//! The stages of an import: one thread reads and understands, this one decides and makes durable, one indexes.
//!
//! Per batch, in this order: vault files, sync, journal (the commit point), mailbox entries, catalog, index. Memory is
//! bounded by the batch and two short channels.

use super::{
    ArchiveWriter,
    append::{apply_own, catch_up, with_clock_step},
    catch_up::mark_text,
    import::{Batch, Run, archived_seqs},
    tail::TailMessages,
    writer::document,
};
use crate::{
    Error, ErrorKind, Result, fs,
    fs::fault,
    index,
    maildir::EntryName,
    model::{Message, Seq, Watermark, event::Archived, limits},
    progress::Progress,
    source::{self, Read},
    state::State,
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::{Duration, Instant as Stopwatch},
};

/// Messages that may wait between reading and deciding.
const READ_AHEAD: usize = 512;
/// Bytes of e-mails that may wait between reading and deciding; one larger e-mail may.
const READ_AHEAD_BYTES: u64 = 32 * 1024 * 1024;
/// Batches that may wait to be indexed.
const INDEX_AHEAD: usize = 4;

/// What the indexing thread is told.
enum ToIndex {
    Documents(Vec<(Archived, Box<Message>, Seq)>),
    /// Commit as of this line, then save the state as of that line.
    Commit(Watermark, Box<State>),
}

/// Reads the sources and drives the run to its end. Returns whether it was stopped between two batches.
pub(super) fn drive(run: &mut Run<'_>, paths: &[PathBuf], progress: &dyn Progress) -> Result<bool> {
    progress.begin("importing", None);
    let mut index = run.writer.take_index()?;
    let index_dir = run.writer.archive().layout().index();
    let state_file = run.writer.archive().layout().state();
    let budget = &Budget::default();
    let (index, indexed, decided) = std::thread::scope(|scope| {
        let (to_decide, from_reader) = sync_channel::<Result<Read>>(READ_AHEAD);
        let (to_index, from_decider) = sync_channel::<ToIndex>(INDEX_AHEAD);
        let indexer = scope.spawn(move || {
            let result = index_stage(&mut index, &from_decider, &index_dir, &state_file);
            // A failure ends the channel; the decider sees that at its next batch.
            drop(from_decider);
            (index, result)
        });
        scope.spawn(move || read_stage(paths, &to_decide, budget));
        let decided = decide_stage(run, from_reader, budget, &to_index, progress);
        // A reader that waits for room goes on, and finds that nobody listens any more.
        budget.close();
        drop(to_index);
        match indexer.join() {
            Ok((index, result)) => (Some(index), result, decided),
            Err(_) => (None, Err(Error::bug("the indexing thread panicked")), decided),
        }
    });
    progress.end();
    // The indexer's error is the cause when both failed: the decider only saw a closed channel.
    let mark = indexed?;
    let interrupted = decided?;
    run.writer.give_index_back(index, mark)?;
    Ok(interrupted)
}

/// How many bytes of e-mails wait to be decided. One e-mail always has room.
#[derive(Default)]
struct Budget {
    used: Mutex<u64>,
    freed: Condvar,
}

impl Budget {
    fn used(&self) -> MutexGuard<'_, u64> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: u64) {
        let full = |used: &mut u64| *used > 0 && used.saturating_add(bytes) > READ_AHEAD_BYTES;
        let mut used = self.freed.wait_while(self.used(), full).unwrap_or_else(PoisonError::into_inner);
        *used += bytes;
    }

    fn give(&self, bytes: u64) {
        let mut used = self.used();
        *used = used.saturating_sub(bytes);
        self.freed.notify_one();
    }

    fn close(&self) {
        *self.used() = 0;
        self.freed.notify_all();
    }
}

fn read_stage(paths: &[PathBuf], to_decide: &SyncSender<Result<Read>>, budget: &Budget) {
    let stopped = || Error::new(ErrorKind::Interrupted, "the import was stopped");
    for path in paths {
        let result = source::read(path, &mut |read| {
            if let Read::Item { bytes, .. } = &read {
                budget.take(bytes.len() as u64);
            }
            to_decide.send(Ok(read)).map_err(|_| stopped())
        });
        if let Err(error) = result {
            // Nobody listens any more when the decider has failed.
            let _ = to_decide.send(Err(error));
            return;
        }
    }
}

fn decide_stage(
    run: &mut Run<'_>,
    from_reader: Receiver<Result<Read>>,
    budget: &Budget,
    to_index: &SyncSender<ToIndex>,
    progress: &dyn Progress,
) -> Result<bool> {
    let mut checkpoint = Checkpoint { since: Stopwatch::now(), messages: 0 };
    let mut interrupted = false;
    let mut bytes_read = 0;
    for read in from_reader {
        match read? {
            Read::Opened { file, digest, size } => run.opened(file, digest, size),
            Read::Noticed(finding) => run.noticed(&finding),
            Read::NotReadable { finding, item } => run.not_readable(&finding, &item),
            Read::Item { place, bytes, message } => {
                let size = bytes.len() as u64;
                bytes_read += size;
                run.message(&place, &bytes, message)?;
                drop(bytes);
                budget.give(size);
            }
        }
        if run.batch.is_full() {
            flush(run, to_index, &mut checkpoint)?;
            progress.at(run.balance.read, bytes_read);
            if progress.cancelled() {
                interrupted = true;
                break;
            }
        }
    }
    flush(run, to_index, &mut checkpoint)?;
    progress.at(run.balance.read, bytes_read);
    if checkpoint.messages > 0 {
        checkpoint.make(run, to_index)?;
    }
    Ok(interrupted)
}

/// When the index was last committed.
struct Checkpoint {
    since: Stopwatch,
    messages: u64,
}

impl Checkpoint {
    fn is_due(&self) -> bool {
        self.messages >= limits::INDEX_COMMIT_MESSAGES
            || (self.messages > 0 && self.since.elapsed() >= Duration::from_secs(limits::INDEX_COMMIT_SECONDS))
    }

    fn make(&mut self, run: &mut Run<'_>, to_index: &SyncSender<ToIndex>) -> Result<()> {
        run.writer.catalog.flush()?;
        let state = &run.writer.archive.state;
        send(to_index, ToIndex::Commit(state.mark, Box::new(state.clone())))?;
        *self = Self { since: Stopwatch::now(), messages: 0 };
        Ok(())
    }
}

fn send(to_index: &SyncSender<ToIndex>, what: ToIndex) -> Result<()> {
    to_index.send(what).map_err(|_| Error::new(ErrorKind::Io, "the index cannot be written"))
}

/// Makes a batch durable and hands it on.
fn flush(run: &mut Run<'_>, to_index: &SyncSender<ToIndex>, checkpoint: &mut Checkpoint) -> Result<()> {
    let batch = std::mem::take(&mut run.batch);
    if batch.events.is_empty() || run.options.dry_run {
        return Ok(());
    }
    let archive = &mut run.writer.archive;
    fault::point("vault");
    if !batch.messages.is_empty() {
        fs::durable::sync_filesystem(archive.layout.root())?;
    }
    fault::point("synced");
    let Batch { events, messages, late, .. } = batch;
    let before = archive.state.mark;
    let seqs = commit(archive, events)?;
    fault::point("journal");
    if let Some(first) = messages.first() {
        run.recent.push((first.archived.ordinal.0, before));
    }
    let mut delivery = archive.mail.delivery();
    let items = messages.iter().flat_map(|p| p.archived.mailboxes.iter().map(move |m| (&p.archived, m)));
    for (archived, mailbox) in items.chain(late.iter().map(|l| (&l.archived, &l.mailbox))) {
        let name = EntryName::new(&archived.id, archived.sent, archived.size);
        delivery.deliver(&archive.vault.path(&archived.digest), mailbox, &name, false)?;
    }
    fault::point("mail");
    run.writer.catalog.commit(&run.writer.archive.state.mark)?;
    fault::point("catalog");
    checkpoint.messages += messages.len() as u64;
    let documents = messages.into_iter().zip(seqs).map(|(p, seq)| (p.archived, p.message, seq)).collect();
    send(to_index, ToIndex::Documents(documents))?;
    if checkpoint.is_due() {
        checkpoint.make(run, to_index)?;
    }
    Ok(())
}

/// The commit point: the batch's events, durable. Returns the sequence numbers of its messages.
fn commit(archive: &mut super::Archive, events: Vec<crate::model::Event>) -> Result<Vec<Seq>> {
    // The importer's own messages go to the indexing thread, not to a tail.
    let mut nowhere = TailMessages::default();
    let mut guard = archive.journal.lock(archive.state.mark.seq)?;
    catch_up(&archive.journal, &mut archive.state, &guard, &mut nowhere)?;
    let now = archive.clock.now();
    let events = with_clock_step(events, now, guard.head().at, &mut archive.clock_step_recorded);
    let appended = guard.append(&events, &archive.actor, now, true)?;
    drop(guard);
    let seqs = archived_seqs(&events, appended.first);
    apply_own(&mut archive.state, &mut nowhere, events, &appended, &archive.actor);
    Ok(seqs)
}

/// Indexes what it is given. Returns the last watermark that was committed.
fn index_stage(
    index: &mut index::Writer,
    from_decider: &Receiver<ToIndex>,
    index_dir: &Path,
    state_file: &Path,
) -> Result<Option<Watermark>> {
    let mut committed = None;
    for what in from_decider {
        match what {
            ToIndex::Documents(documents) => {
                for (archived, message, seq) in documents {
                    index.add(&document(&message, &archived, seq), false)?;
                }
            }
            ToIndex::Commit(mark, state) => {
                index.commit(&mark_text(&mark))?;
                fs::durable::sync_dir(index_dir)?;
                fault::point("index");
                state.save(state_file)?;
                committed = Some(mark);
            }
        }
    }
    Ok(committed)
}

impl ArchiveWriter {
    fn take_index(&mut self) -> Result<index::Writer> {
        self.index.take().ok_or_else(|| Error::bug("the index writer is away"))
    }

    fn give_index_back(&mut self, index: Option<index::Writer>, committed: Option<Watermark>) -> Result<()> {
        self.index = index;
        if let Some(mark) = committed {
            self.index_mark = mark;
            self.archive.index = index::Reader::open(&self.archive.layout.index())?;
            self.archive.tail.clear();
        }
        Ok(())
    }
}
