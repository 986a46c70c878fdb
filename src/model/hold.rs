//! Holds: what blocks deletion. Data only; the decision is in `governance`.

use super::{CaseId, HoldId, Instant, MailboxName, MessageId, Seq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a hold covers. Closed at placing: everything relative or looked up is written out here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldScope {
    /// The mailboxes; never empty in a placed hold.
    pub mailboxes: BTreeSet<MailboxName>,
    /// The query as it was typed, for people.
    pub query: Option<String>,
    /// The query with dates absolute and people expanded, within the conversations: JSON of `query::Expr`. The decision uses
    /// this one and `more_queries`.
    pub closed_query: Option<String>,
    /// What the same query came to mean since, because a name in it stands for more: it holds what any of them matches.
    #[serde(default)]
    pub more_queries: Vec<String>,
    /// Conversations that it is limited to, by their ids; they stand in `closed_query` too. Empty: all.
    #[serde(default)]
    pub conversations: Vec<String>,
    /// Version of the query language that `closed_query` was written in.
    pub language: u32,
    /// First instant that is covered.
    pub since: Option<Instant>,
    /// First instant that is not covered any more.
    pub until: Option<Instant>,
    /// Message ids, for a hold by list; `None`: not by list.
    pub ids: Option<BTreeSet<MessageId>>,
    /// The tag whose messages are on that list, for people: the list stays as it was whatever becomes of the tag.
    #[serde(default)]
    pub tag: Option<String>,
}

impl HoldScope {
    /// What a message must match, as it was asked for: the query and the conversations. `None`: nothing.
    #[must_use]
    pub fn asked(&self) -> Option<String> {
        let chats: Vec<String> = self.conversations.iter().map(|id| format!("conversation:\"{id}\"")).collect();
        match (&self.query, chats.as_slice()) {
            (None, []) => None,
            (Some(query), []) => Some(query.clone()),
            (None, _) => Some(chats.join(" OR ")),
            (Some(query), _) => Some(format!("({query}) AND ({})", chats.join(" OR "))),
        }
    }

    /// Whether it covers all of its mailboxes.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.asked().is_none()
            && self.closed_query.is_none()
            && self.since.is_none()
            && self.until.is_none()
            && self.ids.is_none()
    }
}

/// What kind of hold it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldKind {
    /// A hold of a case: until it is released.
    #[default]
    Case,
    /// A litigation hold on a mailbox: until it is released, or for so many days from each item's own date.
    Litigation,
}

impl HoldKind {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Litigation => "litigation",
        }
    }
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Its name, unique in the archive without regard to case.
    pub name: String,
    /// What kind.
    #[serde(default)]
    pub kind: HoldKind,
    /// The case it belongs to; `None` for a litigation hold.
    pub case: Option<CaseId>,
    /// What it covers.
    pub scope: HoldScope,
    /// Of a litigation hold: days for which it holds an item, from the item's own date; `None`: no end.
    #[serde(default)]
    pub days: Option<u32>,
    /// When it was placed.
    pub placed_at: Instant,
    /// By whom (claimed).
    pub placed_by: String,
    /// Why.
    pub reason: String,
    /// The journal line that placed it.
    pub seq: Seq,
    /// When it was released; `None`: active.
    pub released_at: Option<Instant>,
    /// By whom it was released.
    pub released_by: Option<String>,
    /// Why it was released.
    pub release_reason: Option<String>,
    /// Of a released hold: until when the delay hold goes on covering what it covered.
    #[serde(default)]
    pub delay_until: Option<Instant>,
    /// When somebody ended that delay before its time.
    #[serde(default)]
    pub delay_ended_at: Option<Instant>,
    /// Who ended it.
    #[serde(default)]
    pub delay_ended_by: Option<String>,
    /// Why.
    #[serde(default)]
    pub delay_end_reason: Option<String>,
}

/// Why a hold blocks deletion at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It was not released.
    Active,
    /// It was released, and the delay hold after that runs until this moment.
    Delay(Instant),
}

impl Binding {
    /// When it ends by itself; `None`: when somebody ends it.
    #[must_use]
    pub fn until(self) -> Option<Instant> {
        match self {
            Self::Active => None,
            Self::Delay(until) => Some(until),
        }
    }
}

impl Hold {
    /// Whether it was not released yet.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.released_at.is_none()
    }

    /// How far it has come at `now`: `active`; `delay` (released, and what it covered is held for a while); `ended` (that
    /// delay is over); `released` (without a delay).
    #[must_use]
    pub fn status(&self, now: Instant) -> &'static str {
        match (self.binding(now), self.delay_until) {
            (Some(Binding::Active), _) => "active",
            (Some(Binding::Delay(_)), _) => "delay",
            (None, Some(_)) => "ended",
            (None, None) => "released",
        }
    }

    /// Whether and why it blocks deletion at `now`.
    #[must_use]
    pub fn binding(&self, now: Instant) -> Option<Binding> {
        if self.is_active() {
            return Some(Binding::Active);
        }
        match (self.delay_until, self.delay_ended_at) {
            (Some(until), None) if now < until => Some(Binding::Delay(until)),
            _ => None,
        }
    }
}
