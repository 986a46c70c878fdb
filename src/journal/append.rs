//! Appending under the append lock.

use super::{Head, Journal, Torn, entry, head, segment};
use crate::{
    Error, ErrorKind, Result, fs,
    fs::{append::AppendFile, fault, lock::LockGuard},
    model::{Actor, Digest, Event, Instant, Seq, Watermark, limits},
};

/// What an append did.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The first line's sequence number.
    pub first: Seq,
    /// The last line.
    pub head: Head,
}

/// The append lock, and the head as it was re-read under it. Dropped: the lock is free.
#[derive(Debug)]
pub struct AppendGuard<'a> {
    journal: &'a Journal,
    head: Head,
    recovered: Option<Event>,
    _lock: LockGuard,
}

impl Journal {
    /// Takes the append lock, re-reads the head and sets a torn tail aside.
    ///
    /// `known` is the furthest watermark that a store has: a tail that looks torn but was once complete is not cut.
    ///
    /// # Errors
    /// [`ErrorKind::Damaged`] when the journal is shorter than `known` and ends in a torn line, or has no line although
    /// one is known; I/O, permission.
    pub fn lock(&self, known: Seq) -> Result<AppendGuard<'_>> {
        if known > Seq(0) && segment::list(&self.dir)?.is_empty() {
            return Err(emptied(known));
        }
        let lock = fs::lock::exclusive(&self.dir.join("append.lock"))?;
        let (head, torn) = head::find(&self.dir)?;
        let recovered = match torn {
            Some(torn) if head.mark.seq >= known => Some(self.set_torn_aside(&torn)?),
            Some(_) => return Err(shortened(known, head.mark.seq)),
            None if head.mark.seq == Seq(0) && known > Seq(0) => return Err(emptied(known)),
            None => None,
        };
        Ok(AppendGuard { journal: self, head, recovered, _lock: lock })
    }

    fn set_torn_aside(&self, torn: &Torn) -> Result<Event> {
        let path = segment::path(&self.dir, torn.segment);
        let bytes = fs::read::range(&path, torn.offset, torn.bytes)?;
        let name = format!("journal-{:020}-{}.torn", torn.segment.0, torn.offset);
        let saved = fs::durable::save_aside(&bytes, &self.quarantine, &name)?;
        AppendFile::open(&path)?.cut(torn.offset)?;
        let file = saved.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or(name);
        Ok(Event::JournalRecovered { file, bytes: torn.bytes, lines: torn.lines })
    }
}

fn shortened(known: Seq, found: Seq) -> Error {
    Error::new(
        ErrorKind::Damaged,
        format!("the journal ends at line {found}, but line {known} was once written: it was shortened or damaged"),
    )
    .with_hint("nothing is written to a damaged journal; run custodia verify, and restore the journal from a backup")
}

/// A journal is begun once: line 1 is written before `archive.toml` is.
pub(super) fn emptied(known: Seq) -> Error {
    Error::new(
        ErrorKind::Damaged,
        format!("the journal has no line, but line {known} was once written: it was emptied or removed"),
    )
    .with_hint("it is not begun again; run custodia verify, and restore the journal from a backup")
}

impl AppendGuard<'_> {
    /// The head.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The sequence number that the next event gets.
    #[must_use]
    pub fn next_seq(&self) -> Seq {
        Seq(self.head.mark.seq.0 + 1 + u64::from(self.recovered.is_some()))
    }

    /// Whether taking the lock set a torn tail aside.
    #[must_use]
    pub fn recovered(&self) -> bool {
        self.recovered.is_some()
    }

    /// Writes events as one batch. With `sync` it is durable when this returns; read events go without.
    ///
    /// # Errors
    /// An event that does not fit a line; I/O; [`ErrorKind::Poisoned`].
    pub fn append(&mut self, events: &[Event], actor: &Actor, now: Instant, sync: bool) -> Result<Appended> {
        if let Some(event) = self.recovered.take() {
            self.write(&[event], actor, now, true)?;
        }
        self.write(events, actor, now, sync)
    }

    fn write(&mut self, events: &[Event], actor: &Actor, now: Instant, sync: bool) -> Result<Appended> {
        let first = Seq(self.head.mark.seq.0 + 1);
        let at = now.max(self.head.at);
        let (bytes, hash, last) = encode_batch(events, self.head.mark.hash, first, at, actor)?;
        let mut file = self.segment_for(first)?;
        fault::point("journal.write");
        self.write_in_two(&mut file.1, &bytes)?;
        if sync {
            file.1.sync()?;
        }
        let mark = Watermark { seq: last, hash, segment: file.0, offset: file.1.len() };
        self.head = Head { mark, at };
        Ok(Appended { first, head: self.head })
    }

    /// One write, or two with a stop point between them when the crash tests ask for a torn line.
    fn write_in_two(&self, file: &mut AppendFile, bytes: &[u8]) -> Result<()> {
        if cfg!(feature = "fault-injection") {
            let (front, back) = bytes.split_at_checked(bytes.len() / 2).unwrap_or((bytes, &[]));
            file.append(front)?;
            fault::point("journal.torn");
            return file.append(back);
        }
        file.append(bytes)
    }

    /// The open segment, or a new one when the last has grown to its limit.
    fn segment_for(&self, first: Seq) -> Result<(Seq, AppendFile)> {
        let mark = self.head.mark;
        let fresh = mark.seq == Seq(0) || mark.offset >= limits::JOURNAL_SEGMENT_BYTES;
        let name = if fresh { first } else { mark.segment };
        let file = AppendFile::open(&segment::path(&self.journal.dir, name))?;
        if fresh {
            fs::durable::sync_dir(&self.journal.dir)?;
        }
        if !fresh && file.len() != mark.offset {
            return Err(Error::bug(format!("segment {name} has {} bytes, expected {}", file.len(), mark.offset)));
        }
        Ok((name, file))
    }
}

fn encode_batch(
    events: &[Event],
    mut hash: Digest,
    first: Seq,
    at: Instant,
    actor: &Actor,
) -> Result<(Vec<u8>, Digest, Seq)> {
    let commit = (events.len() > 1).then_some(Event::Commit { count: events.len() as u64 });
    let total = events.len() + usize::from(commit.is_some());
    let mut salts = vec![0u8; total * 16];
    getrandom::fill(&mut salts)
        .map_err(|e| Error::new(ErrorKind::Io, format!("the operating system gives no random bytes: {e}")))?;
    let actor_json =
        serde_json::to_string(actor).map_err(|e| Error::bug(format!("an actor cannot be written: {e}")))?;
    let frame = entry::Frame { at, actor_json };
    let mut bytes = Vec::with_capacity(total * 640);
    let mut seq = first;
    for (at_line, (event, salt)) in events.iter().chain(commit.as_ref()).zip(salts.chunks(16)).enumerate() {
        seq = Seq(first.0 + at_line as u64);
        hash = entry::encode(&mut bytes, &hash, seq, salt, &frame, event, at_line + 1 < total)?;
    }
    Ok((bytes, hash, seq))
}
