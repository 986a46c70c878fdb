//! An archive that lacks a line which a known anchor names: an older copy, restored or not, or one that was rewritten.
//!
//! Contract: what was noticed once is recorded, stands in every answer, and stops every disposition until somebody
//! confirms it by the archive's id and with a reason. Only an anchor that names its line is recorded: a bare hash may be
//! mistyped.

use super::{AnchorLine, Archive, case::checked_text};
use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Event, Right, Seq},
    state::State,
};
use serde::Serialize;

/// Unconfirmed anchors that are recorded: one is enough to stop every disposition.
const MISSED_ANCHORS: usize = 100;

/// What was confirmed.
#[derive(Clone, Debug, Serialize)]
pub struct OlderReport {
    /// The archive.
    pub archive: String,
    /// The furthest line that an anchor names and the archive lacks.
    pub older_than: Seq,
    /// The last line that the archive has.
    pub as_of: Seq,
    /// Anchors that this confirms.
    pub anchors: usize,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Archive {
    /// Records anchors whose lines are not in the journal, each once; `found` says which are there. Where the archive
    /// cannot be written, the answer comes with a warning.
    pub(super) fn note_anchors(&mut self, anchors: &[AnchorLine], found: &[bool]) {
        let lost = anchors.iter().zip(found).filter(|(_, found)| !**found);
        let lost: Vec<(Seq, Digest)> = lost.filter_map(|((seq, hash), _)| seq.map(|seq| (seq, *hash))).collect();
        if lost.is_empty() {
            return;
        }
        if let Err(error) = self.transact(|state, _| Ok((missing_events(state, &lost), ()))) {
            self.warnings.push(format!("not_recorded: that an anchor is missing was not recorded: {error}"));
        }
    }

    /// Confirms that the archive goes on without the lines that the missed anchors name: dispositions are possible again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when no anchor is missed; an empty reason; the journal cannot be written.
    pub fn confirm_older(&mut self, reason: &str, dry_run: bool) -> Result<OlderReport> {
        self.may(Right::Disposition, "audit.confirm-older", "")?;
        let reason = checked_text("the reason", reason)?;
        let archive = self.meta.id.clone();
        self.transact(|state, _| {
            let Some(older_than) = state.older_than() else {
                return Err(Error::new(ErrorKind::NotFound, "no anchor is missed; there is nothing to confirm")
                    .with_hint("custodia audit verify --against FILE compares with an anchor"));
            };
            let hashes: Vec<Digest> = state.missed_anchors().map(|(hash, _)| *hash).collect();
            let report = OlderReport { archive, older_than, as_of: state.mark.seq, anchors: hashes.len(), dry_run };
            let events = if dry_run { Vec::new() } else { vec![Event::AnchorConfirmed { hashes, reason }] };
            Ok((events, report))
        })
        .inspect(|_| self.warnings.retain(|text| dry_run || !text.starts_with("archive_older")))
    }
}

/// The events for anchors that are missed and not known yet.
pub(super) fn missing_events(state: &State, lost: &[(Seq, Digest)]) -> Vec<Event> {
    let room = MISSED_ANCHORS.saturating_sub(state.missed_anchors().count());
    let new = lost.iter().filter(|(_, hash)| !state.anchors.contains_key(hash));
    let mut events: Vec<Event> = new.map(|(seq, hash)| Event::AnchorMissing { seq: *seq, hash: *hash }).collect();
    events.truncate(room);
    events
}

/// Refuses to dispose of anything while the archive is known to be older than an anchor.
pub(super) fn refuse_older(state: &State, archive: &str) -> Result<()> {
    let Some(seq) = state.older_than() else { return Ok(()) };
    Err(Error::new(
        ErrorKind::OlderThanAnchor,
        format!(
            "nothing is deleted: an anchor names line {seq} of the journal as it was, and this archive does not have it; a hold \
             may be missing"
        ),
    )
    .with_hint(format!(
        "use the newer copy of this archive if there is one; else place again what is missing, then custodia audit \
         confirm-older --confirm {archive} --reason TEXT"
    ))
    .with_details(serde_json::json!({"older_than": seq, "archive": archive})))
}
