//! What a verification answers: rows of counts, and findings with place and fix.

use crate::model::{Code, Digest, MessageId, Seq, Severity};
use serde::Serialize;

/// Findings that are listed; more are counted in `damaged` and `not_listed`.
pub const LISTED_FINDINGS: usize = 10_000;

/// How thoroughly to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyLevel {
    /// Presence, sizes, links and the whole chain.
    Quick,
    /// Also every byte against its recorded digest.
    #[default]
    Full,
}

impl VerifyLevel {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

/// What to verify.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions {
    /// How thoroughly.
    pub level: VerifyLevel,
    /// Hash only this share of the vault files, in percent; the others are looked at as in a quick verification.
    pub sample_percent: Option<f64>,
    /// Chooses the files of the sample: the same seed, the same files.
    pub seed: u64,
}

/// Counts of one check. `objects = ok + changed + missing + unreadable`; `foreign` objects are beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// Its name.
    pub name: &'static str,
    /// Objects that the journal says are there.
    pub objects: u64,
    /// As they should be.
    pub ok: u64,
    /// There, and not what was recorded.
    pub changed: u64,
    /// Gone.
    pub missing: u64,
    /// There, and cannot be read: not evidence of change.
    pub unreadable: u64,
    /// There, and unknown to the journal.
    pub foreign: u64,
}

impl CheckRow {
    pub(in crate::archive) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }
}

/// Something noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyFinding {
    /// What.
    pub code: Code,
    /// `loss` is damage; anything less is not.
    pub severity: Severity,
    /// The file, relative to the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The journal line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// Whether an active hold covers it, or may cover it.
    pub held: bool,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub fix: &'static str,
}

impl VerifyFinding {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            path: None,
            line: None,
            seq: None,
            id: None,
            held: false,
            detail: detail.into(),
            fix: code.fix(),
        }
    }

    pub(super) fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    pub(super) fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(super) fn seq(mut self, seq: Seq) -> Self {
        self.seq = Some(seq);
        self
    }

    pub(super) fn id(mut self, id: MessageId) -> Self {
        self.id = Some(id);
        self
    }

    pub(super) fn held(mut self, held: bool) -> Self {
        self.held = held;
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// What a verification found.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// `quick` or `full`.
    pub level: VerifyLevel,
    /// The share of vault files that was hashed, in percent, if it was a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_percent: Option<f64>,
    /// The seed of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The journal line that the answer is as of: what came later was not looked at.
    pub as_of: Seq,
    /// The hash of the journal's last line when it was walked, to be compared with an anchor.
    pub head: Digest,
    /// Counts.
    pub checks: Vec<CheckRow>,
    /// What was noticed, damage first; at most [`LISTED_FINDINGS`].
    pub findings: Vec<VerifyFinding>,
    /// Findings beyond those listed.
    pub not_listed: u64,
    /// Findings that are damage.
    pub damaged: u64,
    /// `not_audited`, and what else an answer should be read with.
    pub warnings: Vec<String>,
}

/// Collects rows and findings, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) checks: Vec<CheckRow>,
    pub(super) findings: Vec<VerifyFinding>,
    pub(super) not_listed: u64,
    pub(super) damaged: u64,
    listed_remarks: usize,
}

impl Collector {
    pub(super) fn add(&mut self, finding: VerifyFinding) {
        let damage = finding.severity == Severity::Loss;
        self.damaged += u64::from(damage);
        // Remarks cannot crowd damage out.
        let room = if damage { LISTED_FINDINGS } else { LISTED_FINDINGS / 10 };
        if self.findings.len() >= LISTED_FINDINGS || (!damage && self.listed_remarks >= room) {
            self.not_listed += 1;
            return;
        }
        self.listed_remarks += usize::from(!damage);
        self.findings.push(finding);
    }

    pub(super) fn row(&mut self, row: CheckRow) {
        self.checks.push(row);
    }
}
