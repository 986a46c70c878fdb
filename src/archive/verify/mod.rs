//! Verification: is everything there that the journal says, byte for byte, and nothing else?
//!
//! Contract: reads only, and never repairs; its one trace is the event `verify.done`. It works without the derived
//! stores and while another process imports or deletes: it judges what the journal said when the archive was opened,
//! and what went or came since is no damage. It trusts no derived store: the state is replayed from the first line.
//! *Changed* and *unreadable* are different words: only the first is evidence of change.

mod catalog;
mod chain;
mod derived;
mod inventory;
mod judge;
mod mail;
mod report;
mod sources;
mod vault;

pub use chain::{AnchorLine, AuditReport, BadPlace, LostLine};
pub use report::{CheckRow, LISTED_FINDINGS, VerifyFinding, VerifyLevel, VerifyOptions, VerifyReport};

use super::Archive;
use crate::{
    Result,
    model::{Event, Right},
    progress::Progress,
};
use inventory::Inventory;
use judge::Judge;
use report::Collector;

/// What every check works with.
struct Context<'a> {
    archive: &'a Archive,
    inventory: &'a Inventory,
    judge: Judge<'a>,
    options: &'a VerifyOptions,
    progress: &'a dyn Progress,
}

impl Archive {
    /// Verifies the archive as of [`Self::as_of`]. `anchors` are lines that must be in the journal. Recorded.
    ///
    /// Damage is in the report, not an error: [`VerifyReport::damaged`] says how much.
    ///
    /// # Errors
    /// The journal cannot be read; stopped by `progress`.
    pub fn verify(
        &mut self,
        options: &VerifyOptions,
        anchors: &[AnchorLine],
        progress: &dyn Progress,
    ) -> Result<VerifyReport> {
        self.may(Right::Verify, "verify", "")?;
        let (mut report, found) = self.look(options, anchors, progress)?;
        let objects = report.checks.iter().map(|row| row.objects).sum();
        let level = options.level.as_str().to_owned();
        self.record_read(Event::VerifyDone { level, objects, damaged: report.damaged });
        self.note_anchors(anchors, &found);
        report.warnings = self.warnings.clone();
        Ok(report)
    }

    fn look(
        &self,
        options: &VerifyOptions,
        anchors: &[AnchorLine],
        progress: &dyn Progress,
    ) -> Result<(VerifyReport, Vec<bool>)> {
        // Before the journal is walked: a store must not know a line that came after the walk.
        let witnesses = chain::witnesses(self);
        let inventory = Inventory::read(self, progress)?;
        let cx =
            Context { archive: self, inventory: &inventory, judge: Judge::new(self, &inventory), options, progress };
        let mut out = Collector::default();
        let (head, found) = chain::check(&cx, &witnesses, anchors, &mut out)?;
        let files = vault::check(&cx, &mut out)?;
        mail::check(&cx, &files, &mut out)?;
        sources::check(&cx, &mut out)?;
        derived::index(&cx, &files, &mut out)?;
        catalog::check(&cx, &mut out)?;
        derived::state(&cx, &mut out);
        vault::check_held(&cx, &files, &mut out);
        out.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let report = VerifyReport {
            level: options.level,
            sample_percent: options.sample_percent,
            seed: options.sample_percent.map(|_| options.seed),
            as_of: self.as_of(),
            head,
            checks: out.checks,
            findings: out.findings,
            not_listed: out.not_listed,
            damaged: out.damaged,
            warnings: Vec::new(),
        };
        Ok((report, found))
    }
}
