//! Cases and holds.

use super::{
    Archive,
    case::{checked_text, no_case},
    coverage::ItemsByReason,
    matching::Prepared,
    tail::TailMessages,
};
use crate::{
    Error, ErrorKind, Result,
    model::{Event, Hold, HoldId, HoldScope, Instant, MailboxName, Seq, limits},
    query::{self, Expr},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What a hold shall cover.
#[derive(Clone, Debug, Default)]
pub struct HoldRequest {
    /// The hold's name.
    pub name: String,
    /// The case: name or id.
    pub case: String,
    /// Mailboxes of custodians; they become custodians of the case if they are not.
    pub custodians: Vec<String>,
    /// All custodians of the case.
    pub all_custodians: bool,
    /// Mailboxes, without making their users custodians.
    pub mailboxes: Vec<String>,
    /// A query.
    pub query: Option<String>,
    /// First instant that is covered.
    pub since: Option<Instant>,
    /// First instant that is not covered any more.
    pub until: Option<Instant>,
    /// Message ids.
    pub ids: Option<Vec<String>>,
    /// Why.
    pub reason: String,
}

/// A hold and what it covers now.
#[derive(Clone, Debug, Serialize)]
pub struct HoldReport {
    /// Its id.
    pub id: HoldId,
    /// Its name.
    pub name: String,
    /// The name of its case.
    pub case: String,
    /// Messages of which at least one item is covered.
    pub messages: u64,
    /// Items that are covered.
    pub items: u64,
    /// The same items, each counted for one reason.
    pub items_by_reason: ItemsByReason,
    /// The mailboxes of its scope.
    pub mailboxes: Vec<MailboxName>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// One line of `hold list`, and `hold show`.
#[derive(Clone, Debug, Serialize)]
pub struct HoldRow {
    /// What it covers now.
    #[serde(flatten)]
    pub report: HoldReport,
    /// `active` or `released`.
    pub status: &'static str,
    /// The query as it was typed.
    pub query: Option<String>,
    /// The query as it is evaluated: one node a line.
    pub closed_query: Option<String>,
    /// The period.
    pub since: Option<Instant>,
    /// The period.
    pub until: Option<Instant>,
    /// How many ids its list has.
    pub listed: Option<u64>,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom.
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// The journal line.
    pub seq: Seq,
    /// When it was released.
    pub released_at: Option<Instant>,
    /// By whom.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
}

impl Archive {
    /// Places a hold. In force for every process when this returns.
    ///
    /// # Errors
    /// An unknown case or mailbox, a name that is taken, a query that a hold cannot have; the journal cannot be written.
    pub fn place_hold(&mut self, request: &HoldRequest, dry_run: bool) -> Result<HoldReport> {
        let name = checked_text("the name", &request.name)?;
        let reason = checked_text("the reason", &request.reason)?;
        let scope = self.close_scope(request)?;
        let custodians: Vec<MailboxName> = request.custodians.iter().map(|m| self.mailbox(m)).collect::<Result<_>>()?;
        let (now, who, archive) = (self.clock.now(), self.actor.label().to_owned(), self.meta.id.clone());
        let case_name = request.case.clone();
        let all_custodians = request.all_custodians;
        let hold = self.transact(|state, seq| {
            let case = state.case(&case_name).ok_or_else(|| no_case(&case_name))?;
            if state.holds.values().any(|hold| hold.name.to_lowercase() == name.to_lowercase()) {
                return Err(Error::new(ErrorKind::Exists, format!("there is a hold {name} already")).with_hint(
                    "names of holds are unique, released ones included, so that the audit trail stays clear",
                ));
            }
            let mut scope = scope;
            if all_custodians {
                scope.mailboxes.extend(case.custodians.iter().cloned());
            }
            if scope.mailboxes.is_empty() {
                return Err(Error::new(ErrorKind::Usage, "the hold would cover no mailbox").with_hint(
                    "name custodians (--custodian), mailboxes (--mailbox), or add custodians to the case first",
                ));
            }
            let mut events: Vec<Event> = custodians
                .into_iter()
                .filter(|mailbox| !case.custodians.contains(mailbox))
                .map(|mailbox| Event::CustodianAdded { case: case.id.clone(), mailbox })
                .collect();
            let seq = Seq(seq.0 + events.len() as u64);
            let hold = Hold {
                id: HoldId::made(&archive, seq),
                name,
                case: case.id.clone(),
                scope,
                placed_at: now.max(state.last_at),
                placed_by: who,
                reason,
                seq,
                released_at: None,
                released_by: None,
                release_reason: None,
            };
            events.push(Event::HoldPlaced { hold: Box::new(hold.clone()) });
            Ok((if dry_run { vec![] } else { events }, hold))
        })?;
        self.counted(&hold, dry_run)
    }

    /// Counts what a hold covers that was just placed or released: recorded already, whatever comes of counting. In the
    /// middle of a long import more messages may be unindexed than a search reads.
    fn counted(&mut self, hold: &Hold, dry_run: bool) -> Result<HoldReport> {
        if self.tail.beyond() > 0 {
            self.load_with(TailMessages::up_to(limits::TAIL_COUNT_MESSAGES))?;
        }
        self.hold_report(hold, dry_run).map_err(|e| match dry_run {
            true => e,
            false => {
                Error::new(e.kind(), format!("the hold {} is recorded, but cannot be counted now: {e}", hold.name))
                    .with_hint("custodia hold show counts it later")
            }
        })
    }

    /// Writes out everything that is relative or looked up.
    fn close_scope(&self, request: &HoldRequest) -> Result<HoldScope> {
        let mut mailboxes = BTreeSet::new();
        for name in request.custodians.iter().chain(&request.mailboxes) {
            mailboxes.insert(self.mailbox(name)?);
        }
        let mut closed_query = None;
        if let Some(text) = &request.query {
            let prepared = self.prepare_strictly(text)?;
            refuse_mutable(&prepared)?;
            let json = serde_json::to_string(&prepared.expr)
                .map_err(|e| Error::bug(format!("a query cannot be written: {e}")))?;
            closed_query = Some(json);
        }
        let ids = match &request.ids {
            None => None,
            Some(ids) => {
                Some(ids.iter().map(|id| self.find_message(id).map(|r| r.id)).collect::<Result<BTreeSet<_>>>()?)
            }
        };
        if ids.as_ref().is_some_and(|ids| ids.len() > limits::LINE_ITEMS * 10) {
            return Err(Error::new(ErrorKind::Usage, "a hold by list takes up to 1,000 messages")
                .with_hint("use a query, or several holds"));
        }
        if let (Some(since), Some(until)) = (request.since, request.until)
            && since >= until
        {
            return Err(Error::new(ErrorKind::Usage, "the period of the hold ends before it begins"));
        }
        Ok(HoldScope {
            mailboxes,
            query: request.query.clone(),
            closed_query,
            language: query::LANGUAGE_VERSION,
            since: request.since,
            until: request.until,
            ids,
        })
    }

    /// Releases a hold.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; released already; the journal cannot be written.
    pub fn release_hold(&mut self, name: &str, reason: &str, dry_run: bool) -> Result<HoldReport> {
        let reason = checked_text("the reason", reason)?;
        let hold = self.transact(|state, _| {
            let hold = state.hold(name).ok_or_else(|| no_hold(name))?;
            if !hold.is_active() {
                return Err(Error::new(ErrorKind::Usage, format!("the hold {} was released already", hold.name))
                    .with_hint("custodia hold show says when, by whom and why"));
            }
            let event = Event::HoldReleased { hold: hold.id.clone(), reason };
            Ok((if dry_run { vec![] } else { vec![event] }, hold.clone()))
        })?;
        self.counted(&hold, dry_run)
    }

    /// One hold.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the counts cannot be made.
    pub fn hold(&self, name: &str) -> Result<HoldRow> {
        self.hold_row(self.state.hold(name).ok_or_else(|| no_hold(name))?)
    }

    /// The active holds, or all, in the order of their placing.
    ///
    /// # Errors
    /// The counts cannot be made.
    pub fn holds(&self, all: bool) -> Result<Vec<HoldRow>> {
        let mut holds: Vec<&Hold> = self.state.holds.values().filter(|hold| all || hold.is_active()).collect();
        holds.sort_by_key(|hold| hold.seq);
        holds.into_iter().map(|hold| self.hold_row(hold)).collect()
    }

    pub(super) fn hold_row(&self, hold: &Hold) -> Result<HoldRow> {
        let scope = &hold.scope;
        let closed: Option<Expr> = scope.closed_query.as_deref().and_then(|json| serde_json::from_str(json).ok());
        Ok(HoldRow {
            report: self.hold_report(hold, false)?,
            status: if hold.is_active() { "active" } else { "released" },
            query: scope.query.clone(),
            closed_query: closed.as_ref().map(query::explain),
            since: scope.since,
            until: scope.until,
            listed: scope.ids.as_ref().map(|ids| ids.len() as u64),
            placed_at: hold.placed_at,
            placed_by: hold.placed_by.clone(),
            reason: hold.reason.clone(),
            seq: hold.seq,
            released_at: hold.released_at,
            released_by: hold.released_by.clone(),
            release_reason: hold.release_reason.clone(),
        })
    }

    fn hold_report(&self, hold: &Hold, dry_run: bool) -> Result<HoldReport> {
        let (covered, items_by_reason) = self.covered_by_reason(hold)?;
        Ok(HoldReport {
            id: hold.id.clone(),
            name: hold.name.clone(),
            case: self.state.cases.get(&hold.case).map(|case| case.name.clone()).unwrap_or_default(),
            messages: covered.messages.len(),
            items: covered.item_count(),
            items_by_reason,
            mailboxes: hold.scope.mailboxes.iter().cloned().collect(),
            dry_run,
        })
    }
}

fn no_hold(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no hold {name}")).with_hint("custodia hold list --all shows them")
}

/// What can change later has no place in a hold: its coverage may only grow.
fn refuse_mutable(prepared: &Prepared) -> Result<()> {
    // The language of a text and what of it could be read are judged by the program, and may be judged otherwise by the next.
    let mutable = ["isdeleted", "isedited", "lang", "unindexed", "recoverable", "hold", "tag", "run"];
    let used = query::restrictions_used(&prepared.expr);
    let mut refused: Vec<&str> = used.into_iter().filter(|name| mutable.contains(name)).collect();
    refused.extend(&prepared.named);
    refused.sort_unstable();
    refused.dedup();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, format!("a hold's query cannot use {}: it may change later", refused.join(", ")))
        .with_hint("hold the messages by id instead: custodia search … --ids > FILE, then hold place … --ids FILE"))
}
