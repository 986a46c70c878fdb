//! The report of a case: everything that there is to say about it, as of one journal line, for people and for programs.
//!
//! Contract: no message text. Making it is recorded; the timeline in it ends before that line.

use super::{Archive, CaseReport, no_case};
use crate::{
    Result,
    archive::{AuditFilter, AuditRow, audit::said},
    export::Page,
    model::{Digest, Instant, Right, Seq},
};
use serde::Serialize;

/// The report of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// The archive's id.
    pub archive: String,
    /// The archive's name.
    pub archive_name: String,
    /// When the report was made.
    pub made_at: Instant,
    /// By whom.
    pub made_by: String,
    /// The journal line that it is as of.
    pub as_of: Seq,
    /// That line's hash.
    pub head: Digest,
    /// The case with its holds, custodians, notes and searches.
    pub case: CaseReport,
    /// Events about its exports.
    pub exports: Vec<AuditRow>,
    /// Every event about the case, its custodians, holds, searches and exports.
    pub timeline: Vec<AuditRow>,
}

impl Archive {
    /// The report of a case. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind); the counts cannot be made; reading failed.
    pub fn case_report(&self, name: &str) -> Result<Dossier> {
        let own = self.may_read(Right::Cases, "case.report", name)?;
        let case = self.state.case(name).ok_or_else(|| no_case(name))?;
        let mut timeline = Vec::new();
        let filter = AuditFilter { case: Some(case.id.0.clone()), ..AuditFilter::default() };
        self.audit_rows(&filter, own, &mut |row| {
            timeline.push(row);
            Ok(())
        })?;
        Ok(Dossier {
            archive: self.meta.id.clone(),
            archive_name: self.meta.name.clone(),
            made_at: self.clock.now(),
            made_by: self.actor.label().to_owned(),
            as_of: self.as_of(),
            head: self.state.mark.hash,
            case: self.case_report_of(case)?,
            exports: timeline.iter().filter(|row| row.action == "export.done").cloned().collect(),
            timeline,
        })
    }
}

impl Dossier {
    /// The report as a document for people.
    #[must_use]
    pub fn page(&self) -> Page {
        let case = &self.case.case;
        let mut page = Page::new(format!("Case {}", case.name));
        let closed = self.case.closed.as_ref();
        page.facts([
            ("id", case.id.to_string()),
            ("status", self.case.status.to_owned()),
            ("description", case.description.clone()),
            ("opened", format!("{} by {}", case.created, case.created_by)),
            ("closed", closed.map(|end| format!("{} by {}: {}", end.at, end.by, end.reason)).unwrap_or_default()),
            ("archive", format!("{} ({})", self.archive_name, self.archive)),
            ("report made", format!("{} by {}", self.made_at, self.made_by)),
            ("as of", format!("journal line {}, hash {}", self.as_of, self.head)),
        ]);
        self.custodians(&mut page);
        self.holds(&mut page);
        self.searches(&mut page);
        page.heading("Notes");
        let notes = self
            .case
            .notes
            .iter()
            .map(|note| vec![note.seq.to_string(), note.at.to_string(), note.by.clone(), note.text.clone()]);
        page.table(&["Line", "When (UTC)", "Who", "Note"], notes.collect(), "No notes.");
        page.heading("Exports");
        page.table(EVENTS, events(&self.exports), "No exports of this case.");
        page.heading("Timeline");
        page.table(EVENTS, events(&self.timeline), "No events.");
        page
    }

    fn custodians(&self, page: &mut Page) {
        page.heading("Custodians");
        let time = |at: Option<Instant>| at.map(|at| at.to_string()).unwrap_or_default();
        let rows = self.case.terms.iter().map(|term| {
            let ended = term.removed.as_ref();
            vec![
                term.mailbox.to_string(),
                term.role.clone(),
                time(term.from),
                time(term.until),
                format!("{} by {}", term.added_at, term.added_by),
                ended.map(|end| format!("{} by {}: {}", end.at, end.by, end.reason)).unwrap_or_default(),
            ]
        });
        let columns = ["Mailbox", "Role", "Period from", "Period until (not included)", "Added", "Removed"];
        page.table(&columns, rows.collect(), "No custodians.");
    }

    fn holds(&self, page: &mut Page) {
        page.heading("Holds");
        let rows = self.case.holds.iter().map(|hold| {
            let released = match (&hold.released_at, &hold.released_by) {
                (Some(at), by) => format!(
                    "{at} by {}: {}",
                    by.as_deref().unwrap_or_default(),
                    hold.release_reason.as_deref().unwrap_or_default()
                ),
                (None, _) => String::new(),
            };
            vec![
                hold.report.name.clone(),
                hold.status.to_owned(),
                hold.report.messages.to_string(),
                hold.report.items.to_string(),
                hold.report.mailboxes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                hold.query.clone().unwrap_or_default(),
                format!("{} by {}: {}", hold.placed_at, hold.placed_by, hold.reason),
                released,
            ]
        });
        let columns = ["Hold", "Status", "Messages", "Items", "Mailboxes", "Query", "Placed", "Released"];
        page.table(&columns, rows.collect(), "No holds.");
        page.text("Messages and items are what each hold's scope covers as of this report.");
    }

    fn searches(&self, page: &mut Page) {
        page.heading("Searches");
        let mut rows = Vec::new();
        for search in &self.case.searches {
            let mailboxes = search.mailboxes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let head = [search.name.clone(), search.query.clone(), mailboxes];
            if search.runs.is_empty() {
                let never = ["never run".to_owned(), String::new(), String::new(), String::new()];
                rows.push(head.iter().chain(&never).cloned().collect());
            }
            for run in &search.runs {
                let ran = [run.at.to_string(), run.by.clone(), run.messages.to_string(), run.items.to_string()];
                rows.push([head[0].clone(), run.query.clone(), head[2].clone()].into_iter().chain(ran).collect());
            }
        }
        let columns = ["Search", "Query", "Mailboxes (all if none)", "Run (UTC)", "By", "Messages", "Items"];
        page.table(&columns, rows, "No saved searches.");
    }
}

const EVENTS: &[&str] = &["Line", "When (UTC)", "Who", "Event", "What", "Line hash"];

fn events(rows: &[AuditRow]) -> Vec<Vec<String>> {
    let row = |row: &AuditRow| {
        let who = if row.actor.is_empty() { row.os.clone() } else { format!("{} ({})", row.actor, row.os) };
        let (seq, at) = (row.seq.to_string(), row.at.to_string());
        vec![seq, at, who, row.action.to_owned(), said(&row.event), row.hash.to_hex()]
    };
    rows.iter().map(row).collect()
}
