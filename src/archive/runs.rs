//! Runs of import: the connector log, and what was not imported.

use super::{Archive, ImportItem};
use crate::{
    Error, ErrorKind, Result,
    model::{Event, Right, Run, Seq, Watermark},
};

impl Archive {
    /// All runs, oldest first.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = self.state.runs.values().cloned().collect();
        runs.sort_by_key(|run| run.first_seq);
        runs
    }

    /// One run.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn run(&self, id: &str) -> Result<Run> {
        self.may_read(Right::SeeDirectory, "run.show", id)?;
        self.find_run(id)
    }

    fn find_run(&self, id: &str) -> Result<Run> {
        self.state.run(id).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no run {id}")).with_hint("custodia run list shows them")
        })
    }

    /// Everything that a run did not import, or imported with a remark, in the order of its source.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; reading the journal failed.
    pub fn run_issues(&self, id: &str) -> Result<Vec<ImportItem>> {
        self.may_read(Right::SeeDirectory, "run.issues", id)?;
        self.issues_of(&self.find_run(id)?)
    }

    /// The same as part of another operation, which says by itself what it did.
    pub(super) fn issues_of(&self, run: &Run) -> Result<Vec<ImportItem>> {
        let mut issues = Vec::new();
        let start = self.journal.find(run.first_seq)?;
        let from = start.map_or(Watermark::START, |entry| entry.mark());
        let mut reader = self.journal.read_after(&from)?;
        while let Some(entry) = reader.next_entry()? {
            if run.last_seq.is_some_and(|last: Seq| entry.line.seq > last) {
                break;
            }
            if let Event::RunIssue { run: of, item, user, finding } = &entry.line.event
                && *of == run.id
            {
                issues.push(ImportItem::new(finding, item, user));
            }
        }
        Ok(issues)
    }
}
