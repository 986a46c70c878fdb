//! What a hold would cover, and what it would not: before anybody places it.
//!
//! Contract: nothing is written but that somebody looked. What a limit leaves outside is counted by what leaves it out, each
//! item once. Issues of a run whose every file was imported again later are that later run's to name.

use super::{HoldReport, HoldRequest, MOST_DAYS, closed, drawn, in_mailboxes};
use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, case::no_case, matching::Matched},
    model::{
        Code, Digest, Event, Hold, HoldKind, HoldScope, Instant, MailboxName, PhoneNumber, Right, Run, RunId, Seq,
        Severity, limits,
    },
    query::{self, Expr},
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashSet},
};

/// What a hold would cover.
#[derive(Clone, Debug, Serialize)]
pub struct HoldPreview {
    /// What it would cover.
    #[serde(flatten)]
    pub report: HoldReport,
    /// Bytes of the messages.
    pub bytes: u64,
    /// When that was counted.
    pub computed_at: Instant,
    /// The journal line that it was counted as of.
    pub as_of: Seq,
    /// The query as typed, and the conversations.
    pub query: Option<String>,
    /// The same as it is evaluated.
    pub closed_query: Option<String>,
    /// The tag that the list would be made of.
    pub tag: Option<String>,
    /// How many messages the list would have.
    pub listed: Option<u64>,
    /// The period.
    pub since: Option<Instant>,
    /// The period.
    pub until: Option<Instant>,
    /// What it would leave outside in the same mailboxes, by what leaves it out.
    pub left_out: Vec<LeftOut>,
    /// Messages that were not imported, or not into these mailboxes, and touch them or may: by run.
    pub not_imported: Vec<RunIssues>,
}

/// Items in the mailboxes of a hold that it would not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// `older_than_days`, `not_listed`, `outside_period` or `not_matching`.
    pub why: &'static str,
    /// Messages of which at least one item is left out.
    pub messages: u64,
    /// Items.
    pub items: u64,
    /// When the oldest of them was sent.
    pub oldest: Option<Instant>,
    /// When the newest of them was sent.
    pub newest: Option<Instant>,
}

/// What a run did not import that touches the mailboxes of a hold, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunIssues {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started: Instant,
    /// Issues that name a number, an address or a name of these mailboxes.
    pub naming_them: u64,
    /// Losses that name nobody: anybody's.
    pub naming_nobody: u64,
    /// All of these by code.
    pub by_code: BTreeMap<&'static str, u64>,
}

impl Archive {
    /// What a hold would cover, by reason, and what not. Recorded as a preview; nothing else is written.
    ///
    /// # Errors
    /// As [`Self::place_hold`], but for the name, which it does not need; a case only for all of its custodians.
    pub fn preview_hold(&mut self, request: &HoldRequest) -> Result<HoldPreview> {
        self.may(Right::SeeHolds, "hold.preview", "")?;
        let hold = self.imagined(request)?;
        let (report, covered) = self.counted(&hold, true)?;
        let scope = &hold.scope;
        let read = |json: &String| serde_json::from_str::<Expr>(json).ok().map(|expr| query::explain(&expr));
        let preview = HoldPreview {
            bytes: self.bytes_of(&covered, &OnceCell::new())?,
            computed_at: self.clock.now(),
            as_of: self.as_of(),
            query: scope.asked(),
            closed_query: scope.closed_query.as_ref().and_then(read),
            tag: scope.tag.clone(),
            listed: scope.ids.as_ref().map(|ids| ids.len() as u64),
            since: scope.since,
            until: scope.until,
            left_out: self.left_out(&hold, &covered)?,
            not_imported: self.not_imported_of(&scope.mailboxes)?,
            report,
        };
        self.record_read(previewed(&hold, &preview));
        Ok(preview)
    }

    /// The hold that would be placed.
    fn imagined(&self, request: &HoldRequest) -> Result<Hold> {
        let fits = |days| request.kind == HoldKind::Litigation && (1..=MOST_DAYS).contains(&days);
        if !request.days.is_none_or(fits) {
            return Err(Error::new(ErrorKind::Usage, format!("a litigation hold has 1 to {MOST_DAYS} days")));
        }
        let case = match request.case.is_empty() {
            true if request.all_custodians => {
                return Err(Error::new(ErrorKind::Usage, "whose custodians are meant? name the case")
                    .with_hint("--case CASE; custodia case list shows them"));
            }
            true => None,
            false => Some(self.state.case(&request.case).ok_or_else(|| no_case(&request.case))?),
        };
        let scope = in_mailboxes(self.drafted(request)?, case, request)?;
        let (now, week_start) = (self.clock.now(), self.meta.settings.first_day_of_week.weekday());
        let closed_query = closed(&self.state, &scope, now, week_start)?;
        Ok(Hold { scope: HoldScope { closed_query, ..scope }, placed_at: now, ..drawn(request, case) })
    }

    /// What of the mailboxes a hold does not cover, by what leaves it out.
    fn left_out(&self, hold: &Hold, covered: &Matched) -> Result<Vec<LeftOut>> {
        let scope = &hold.scope;
        let mut outside: BTreeMap<&MailboxName, RoaringBitmap> = BTreeMap::new();
        let mut messages = RoaringBitmap::new();
        for mailbox in &scope.mailboxes {
            let Some(boxes) = self.state.boxes.get(mailbox) else { continue };
            let mut items = boxes.present();
            if let Some(held) = covered.items.get(mailbox) {
                items -= held;
            }
            messages |= &items;
            outside.insert(mailbox, items);
        }
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let listed = scope.ids.as_ref().map(|ids| self.ordinals_of(ids)).transpose()?;
        let before = |sent: Instant| scope.since.is_some_and(|since| sent < since);
        let behind = |sent: Instant| scope.until.is_some_and(|until| sent >= until);
        let mut reasons: BTreeMap<&'static str, (RoaringBitmap, Option<Instant>, Option<Instant>)> = BTreeMap::new();
        for (ordinal, sent) in self.dates_of(&messages)? {
            let why = match sent {
                _ if hold.days.is_some() => "older_than_days",
                _ if listed.as_ref().is_some_and(|listed| !listed.contains(ordinal.0)) => "not_listed",
                Some(sent) if before(sent) || behind(sent) => "outside_period",
                _ => "not_matching",
            };
            let (set, oldest, newest) = reasons.entry(why).or_default();
            set.insert(ordinal.0);
            if sent.is_some() {
                *oldest = (*oldest).into_iter().chain(sent).min();
                *newest = (*newest).into_iter().chain(sent).max();
            }
        }
        let row = |(why, (set, oldest, newest)): (&'static str, (RoaringBitmap, Option<Instant>, Option<Instant>))| {
            let items = outside.values().map(|items| items.intersection_len(&set)).sum();
            LeftOut { why, messages: set.len(), items, oldest, newest }
        };
        Ok(reasons.into_iter().map(row).collect())
    }

    /// Issues of runs that touch these mailboxes or may: what a hold cannot cover because it is not here.
    fn not_imported_of(&self, mailboxes: &BTreeSet<MailboxName>) -> Result<Vec<RunIssues>> {
        let names = self.names_of(mailboxes);
        let mut found = Vec::new();
        for run in self.runs() {
            let telling = |code: &Code| code.severity() == Severity::Loss || *code == Code::UnmappedParticipant;
            if !run.balance.by_code.keys().any(telling) || !self.is_last_word(&run) {
                continue;
            }
            let mut row = RunIssues {
                run: run.id.clone(),
                started: run.started,
                naming_them: 0,
                naming_nobody: 0,
                by_code: BTreeMap::new(),
            };
            for issue in self.issues_of(&run)?.into_iter().filter(|issue| telling(&issue.code)) {
                let them = issue.user.split(", ").any(|party| names.contains(&folded_party(party)));
                let nobody = issue.user.is_empty();
                row.naming_them += u64::from(them);
                row.naming_nobody += u64::from(nobody);
                if them || nobody {
                    *row.by_code.entry(issue.code.as_str()).or_default() += 1;
                }
            }
            if row.naming_them + row.naming_nobody > 0 {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Whether no later run has read all the files of this one.
    fn is_last_word(&self, run: &Run) -> bool {
        let digests = |id: &RunId| -> HashSet<Digest> {
            self.state.sources.get(id).into_iter().flatten().map(|file| file.digest).collect()
        };
        let own = digests(&run.id);
        let later =
            self.state.runs.values().filter(|other| other.first_seq > run.first_seq && other.finished.is_some());
        own.is_empty() || !later.into_iter().any(|other| own.is_subset(&digests(&other.id)))
    }

    /// The addresses, numbers and names of mailboxes, as an issue may name them.
    fn names_of(&self, mailboxes: &BTreeSet<MailboxName>) -> HashSet<String> {
        let mut names: HashSet<String> = mailboxes.iter().map(|mailbox| folded_party(mailbox.as_str())).collect();
        for user in mailboxes.iter().filter_map(|mailbox| self.state.users.get(mailbox)) {
            names.extend(user.numbers.iter().map(|number| number.digits().to_owned()));
            names.extend(user.name.as_deref().map(folded_party));
        }
        let rows = self.state.mapping.iter().filter(|row| mailboxes.contains(&row.mailbox));
        names.extend(rows.map(|row| row.number.digits().to_owned()));
        names
    }
}

/// A party of an issue: the digits of a number, else lower case.
fn folded_party(text: &str) -> String {
    PhoneNumber::parse(text).map_or_else(|| text.trim().to_lowercase(), |number| number.digits().to_owned())
}

/// The event: a line has no room for lists of any length.
fn previewed(hold: &Hold, preview: &HoldPreview) -> Event {
    let scope = &hold.scope;
    let scope = HoldScope {
        mailboxes: scope.mailboxes.iter().take(limits::LINE_HOLD_MAILBOXES).cloned().collect(),
        closed_query: None,
        ids: None,
        ..scope.clone()
    };
    Event::HoldPreviewed {
        kind: hold.kind,
        scope: Box::new(scope),
        mailboxes: hold.scope.mailboxes.len() as u64,
        messages: preview.report.messages,
        items: preview.report.items,
    }
}
