//! Making batches durable: one is being synced while the next one is decided.

use super::{
    commit_is_due,
    derive::{Settled, ToDerive},
};
use crate::{
    Error, ErrorKind, Result,
    archive::{
        Archive,
        append::{apply_own, catch_up, with_clock_step},
        import::{Batch, Run, archived_seqs},
        tail::TailMessages,
    },
    fs::{durable::Volume, fault},
    model::{Event, Seq},
};
use std::{
    sync::mpsc::{Receiver, Sender, SyncSender, channel},
    thread::Scope,
    time::Instant as Stopwatch,
};

/// Takes full batches through sync, journal and catalog, and hands them on.
pub(super) struct Settler<'a> {
    to_deliver: &'a SyncSender<ToDerive>,
    begin: Sender<()>,
    done: Receiver<Result<()>>,
    /// When the index was last committed, and what has come since.
    since: Stopwatch,
    messages: u64,
}

impl<'a> Settler<'a> {
    /// Starts the thread that syncs. It ends with this value.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        volume: &'scope Volume,
        to_deliver: &'a SyncSender<ToDerive>,
    ) -> Self {
        let (begin, asked) = channel::<()>();
        let (tell, done) = channel();
        scope.spawn(move || asked.iter().try_for_each(|()| tell.send(volume.sync())));
        Self { to_deliver, begin, done, since: Stopwatch::now(), messages: 0 }
    }

    /// Settles the batch that was being synced, and begins to sync the one that is full.
    pub(super) fn turn(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.settle(run)?;
        let batch = std::mem::take(&mut run.batch);
        if batch.events.is_empty() || run.options.dry_run {
            return Ok(());
        }
        fault::point("vault");
        run.writer.catalog.seal();
        if !batch.messages.is_empty() {
            self.begin.send(()).map_err(|_| Error::bug("the syncing thread is gone"))?;
        }
        run.in_flight = Some(batch);
        Ok(())
    }

    /// Settles everything and commits the index.
    pub(super) fn finish(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.turn(run)?;
        self.settle(run)?;
        if self.messages > 0 { self.checkpoint(run) } else { Ok(()) }
    }

    fn settle(&mut self, run: &mut Run<'_>) -> Result<()> {
        let Some(batch) = run.in_flight.take() else { return Ok(()) };
        if !batch.messages.is_empty() {
            self.done.recv().map_err(|_| Error::bug("the syncing thread is gone"))??;
        }
        fault::point("synced");
        let Batch { events, messages, late, .. } = batch;
        let archive = &mut run.writer.archive;
        let before = archive.state.mark;
        let seqs = commit(archive, events)?;
        fault::point("journal");
        if let Some(first) = messages.first() {
            run.recent.push((first.archived.ordinal.0, before));
        }
        run.writer.catalog.commit(&run.writer.archive.state.mark)?;
        fault::point("catalog");
        self.messages += messages.len() as u64;
        let messages = messages.into_iter().zip(seqs).map(|(p, seq)| (p.archived, p.message, seq)).collect();
        self.hand_on(ToDerive::Batch(Settled { messages, late }))?;
        if commit_is_due(self.messages, self.since.elapsed()) {
            self.checkpoint(run)?;
        }
        Ok(())
    }

    fn checkpoint(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.writer.catalog.flush()?;
        let state = &run.writer.archive.state;
        self.hand_on(ToDerive::Commit(state.mark, Box::new(state.clone())))?;
        (self.since, self.messages) = (Stopwatch::now(), 0);
        Ok(())
    }

    fn hand_on(&self, what: ToDerive) -> Result<()> {
        self.to_deliver
            .send(what)
            .map_err(|_| Error::new(ErrorKind::Io, "the mailboxes or the index cannot be written"))
    }
}

/// The commit point: the batch's events, durable. Returns the sequence numbers of its messages.
fn commit(archive: &mut Archive, events: Vec<Event>) -> Result<Vec<Seq>> {
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
