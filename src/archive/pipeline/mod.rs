//! The stages of an import, a thread each: read and understand; decide and make durable; deliver; index.
//!
//! Per batch, in this order: vault files, sync, journal (the commit point), catalog, mailbox entries, index. While one
//! batch is being synced the next one is decided, so that nobody waits for the disk; its files are on their way too, but
//! it is committed only after a sync of its own. Memory is bounded: what waits to be decided by a budget of bytes, what waits
//! to be delivered and indexed by [`DERIVE_AHEAD`] batches each, without the bytes of their e-mails.

mod derive;
mod read;
mod settle;

pub(super) use read::{Incoming, rendered};

use super::{
    ArchiveWriter,
    import::{End, Run},
    phone::PhoneSources,
};
use crate::{
    Error, Result,
    fs::durable::Volume,
    index,
    model::{Watermark, limits},
    progress::Progress,
};
use derive::{Places, ToDerive, deliver_stage, index_stage};
use read::{Budget, READ_AHEAD, ToDecide, read_stage};
use settle::Settler;
use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

/// Batches that may wait to be delivered, and again to be indexed: what a commit of the index takes is bridged.
const DERIVE_AHEAD: usize = 2;

/// Reads the sources and drives the run to its end. Returns whether it was stopped between two batches.
pub(super) fn drive(
    run: &mut Run<'_>,
    paths: &[PathBuf],
    phone: Option<&PhoneSources>,
    progress: &dyn Progress,
) -> Result<End> {
    progress.begin("importing", None);
    // Opened before the first file of the run is written: a sync tells of every failure since then.
    let volume = &Volume::open(run.writer.archive().layout().root())?;
    let mut index = run.writer.take_index()?;
    let places = &Places::of(run.writer.archive());
    let budget = &Budget::default();
    let (index, derived, decided) = std::thread::scope(|scope| {
        let (to_decide, from_reader) = sync_channel::<ToDecide>(READ_AHEAD);
        let (to_deliver, from_decider) = sync_channel::<ToDerive>(DERIVE_AHEAD);
        let (to_index, from_deliverer) = sync_channel::<ToDerive>(DERIVE_AHEAD);
        // A stage that fails ends its channel; the one before it sees that at its next batch.
        let indexer = scope.spawn(move || {
            let result = index_stage(&mut index, &from_deliverer, places);
            drop(from_deliverer);
            (index, result)
        });
        let deliverer = scope.spawn(move || {
            let result = deliver_stage(&from_decider, &to_index, places);
            drop((from_decider, to_index));
            result
        });
        scope.spawn(move || read_stage(paths, phone, &to_decide, budget));
        let decided = decide_stage(run, from_reader, budget, volume, &to_deliver, progress);
        // A reader that waits for room goes on, and finds that nobody listens any more.
        budget.close();
        drop(to_deliver);
        let delivered = deliverer.join().unwrap_or_else(|_| Err(Error::bug("the delivering thread panicked")));
        match indexer.join() {
            Ok((index, indexed)) => (Some(index), indexed.and_then(|mark| delivered.map(|()| mark)), decided),
            Err(_) => (None, Err(Error::bug("the indexing thread panicked")), decided),
        }
    });
    progress.end();
    // What failed further down is the cause when several failed: the others only saw a closed channel.
    let mark = derived?;
    let end = decided?;
    run.writer.give_index_back(index, mark)?;
    Ok(end)
}

fn decide_stage(
    run: &mut Run<'_>,
    from_reader: Receiver<ToDecide>,
    budget: &Budget,
    volume: &Volume,
    to_deliver: &SyncSender<ToDerive>,
    progress: &dyn Progress,
) -> Result<End> {
    std::thread::scope(|scope| {
        let mut settler = Settler::start(scope, volume, to_deliver);
        let mut end = End { interrupted: false, failed: None };
        let mut bytes_read = 0;
        for read in from_reader {
            if !matches!(read, ToDecide::Failed(_)) {
                run.begin()?;
            }
            match read {
                ToDecide::Failed(error) => {
                    end.failed = Some(error);
                    break;
                }
                ToDecide::Opened { file, digest, size } => run.opened(file, digest, size),
                ToDecide::Noticed(finding) => run.noticed(&finding),
                ToDecide::NotReadable { finding, item } => run.not_readable(&finding, &item),
                ToDecide::LeftOut(messages) => run.left_out(messages),
                ToDecide::Message(incoming) => {
                    let held = incoming.held();
                    bytes_read += incoming.content.size();
                    run.message(*incoming)?;
                    budget.give(held);
                }
            }
            if run.batch.is_full() {
                settler.turn(run)?;
                progress.at(run.balance.read, bytes_read);
            }
            if progress.cancelled() {
                end.interrupted = true;
                break;
            }
        }
        settler.finish(run)?;
        progress.at(run.balance.read, bytes_read);
        Ok(end)
    })
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

/// Whether the index is due to be committed.
fn commit_is_due(messages: u64, since: std::time::Duration) -> bool {
    messages >= limits::INDEX_COMMIT_MESSAGES || (messages > 0 && since.as_secs() >= limits::INDEX_COMMIT_SECONDS)
}
