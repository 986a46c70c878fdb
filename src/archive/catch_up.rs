//! Bringing state and index to the head of the journal, without reading all of it.

use super::{Archive, tail::TailMessages};
use crate::{
    Result, fs, index,
    model::{Event, Watermark, limits},
    state::State,
};

/// A store's watermark that the journal does not contain: the journal was shortened or rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `state`, `index` or `catalog`.
    pub store: &'static str,
    /// The watermark.
    pub mark: Watermark,
}

impl Archive {
    /// Loads the snapshot and the index, and applies the journal's tail.
    pub(super) fn load(&mut self) -> Result<()> {
        self.load_with(TailMessages::default())
    }

    /// The same, with another limit to the messages that are read directly.
    pub(super) fn load_with(&mut self, tail: TailMessages) -> Result<()> {
        self.tail = tail;
        self.mismatches.clear();
        self.state = match State::load(&self.layout.state())? {
            Some(state) if self.known("state", &state.mark)? => state,
            _ => State::default(),
        };
        if let Some(mark) = self.witnessed()? {
            self.known("watermark", &mark)?;
        }
        self.index = index::Reader::open(&self.layout.index())?;
        let mut index_mark = self.index.as_ref().and_then(|reader| parse_mark(reader.watermark()));
        if let Some(mark) = index_mark
            && !self.known("index", &mark)?
        {
            (index_mark, self.index) = (None, None);
        }
        self.replay(index_mark.unwrap_or(Watermark::START))?;
        self.warnings.clear();
        self.unaudited.take();
        self.warn_about_damage();
        Ok(())
    }

    /// The line that `watermark.json` names; `None` if there is no such file, or it is not one.
    pub(super) fn witnessed(&self) -> Result<Option<Watermark>> {
        let path = self.layout.watermark();
        if fs::read::stat(&path)?.is_none() {
            return Ok(None);
        }
        Ok(String::from_utf8(fs::read::bytes(&path)?).ok().and_then(|text| parse_mark(&text)))
    }

    /// Whether the journal contains a store's watermark; remembers it if not.
    pub(super) fn known(&mut self, store: &'static str, mark: &Watermark) -> Result<bool> {
        let known = self.journal.contains(mark)?;
        if !known {
            self.mismatches.push(Mismatch { store, mark: *mark });
        }
        Ok(known)
    }

    /// Applies what is behind the state to the state, and notes what is behind the index.
    fn replay(&mut self, index_mark: Watermark) -> Result<()> {
        // Between index and state there may be many lines and not one about a message.
        let lacking = index_mark.seq < self.state.mark.seq && index_mark.seq < self.state.message_seq;
        let from = if lacking { index_mark } else { self.state.mark };
        let saved = self.state.mark.seq;
        let mut delivers = false;
        let mut reader = self.journal.read_after(&from)?;
        while let Some(entry) = reader.next_entry()? {
            if entry.line.seq > index_mark.seq {
                self.tail.take(&entry);
            }
            if entry.line.seq > self.state.mark.seq {
                delivers |= matches!(entry.line.event, Event::MessageArchived { .. } | Event::ItemDelivered { .. });
                self.state.apply(&entry);
            }
        }
        let met = reader.tail();
        self.state.note_tail(&reader.position(), met.unreadable, met.broken_at);
        self.replayed = if delivers { 0 } else { self.state.mark.seq.0.saturating_sub(saved.0) };
        Ok(())
    }

    /// After a search that had to replay many lines: saves the state, so that the next one replays less. Only where no line
    /// of the tail delivers anything: from the saved state on a writer looks for mailbox entries that a crash left out. Who
    /// may not write leaves it, and a file that is older than another process's is as good as that, only longer to replay.
    pub(super) fn save_for_searches(&mut self) {
        if self.replayed >= limits::READ_TAIL_LINES && self.mismatches.is_empty() {
            let _ = self.state.save(&self.layout.state());
            self.replayed = 0;
        }
    }

    /// Adds what speaks against the journal that the state was replayed from, each once.
    pub(super) fn warn_about_damage(&mut self) {
        let mut damage = Vec::new();
        if self.state.mark.seq < self.begun {
            damage.push("journal_damaged: the journal has no line at all; run custodia verify".to_owned());
        }
        if let Some(seq) = self.state.chain_broken {
            damage.push(format!(
                "journal_damaged: the journal does not hold together at line {seq}, and what this answer rests on may have \
                 been changed there; run custodia verify"
            ));
        }
        if self.state.unreadable > 0 {
            let lines = match self.state.unreadable {
                1 => "1 line of the journal is".to_owned(),
                n => format!("{n} lines of the journal are"),
            };
            damage.push(format!(
                "journal_damaged: {lines} not understood, and a hold may be among them; run custodia verify"
            ));
        }
        for mismatch in &self.mismatches {
            damage.push(format!(
                "journal_shortened: {} knows line {} of the journal, which is not there (any more); run custodia verify",
                mismatch.store, mismatch.mark.seq
            ));
        }
        if let Some(seq) = self.state.shortened.filter(|_| self.mismatches.is_empty()) {
            damage.push(format!(
                "journal_shortened: line {seq} of the journal was once written and is not there (any more); run custodia verify"
            ));
        }
        if let Some(seq) = self.state.older_than() {
            damage.push(format!(
                "archive_older: an anchor names line {seq} of the journal as it was, and that line is not in this archive: it \
                 is an older copy, or was rewritten; a hold may be missing, and nothing is deleted until custodia audit \
                 confirm-older"
            ));
        }
        for warning in damage {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// Applies what other processes wrote since, and looks whether the index has new documents.
    ///
    /// # Errors
    /// Reading failed.
    pub fn refresh(&mut self) -> Result<()> {
        self.load()
    }
}

/// A watermark as the index carries it.
pub(super) fn parse_mark(text: &str) -> Option<Watermark> {
    serde_json::from_str(text).ok()
}

/// A watermark as the index carries it.
pub(super) fn mark_text(mark: &Watermark) -> String {
    serde_json::to_string(mark).unwrap_or_default()
}
