//! Cases: the matters that holds belong to. Data only.

use super::{CaseId, Digest, Instant, MailboxName, Seq};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A case: the matter that holds belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its name, unique without regard to case.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was opened.
    pub created: Instant,
    /// By whom (claimed).
    pub created_by: String,
    /// Users whose mailboxes are put under the case.
    pub custodians: BTreeSet<MailboxName>,
}

/// What happened to a case after it was opened: who was custodian and when, notes, saved searches, closings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// Every time that somebody became custodian, in that order; those who were removed too.
    pub terms: Vec<CustodianTerm>,
    /// Its notes, oldest first.
    pub notes: Vec<CaseNote>,
    /// Its saved searches, by the folded name.
    pub searches: BTreeMap<String, SavedSearch>,
    /// Why it is closed; `None`: it is open.
    pub closed: Option<CaseClosing>,
}

/// Why and when something of a case was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClosing {
    /// The journal line.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// By whom (claimed).
    pub by: String,
    /// Why.
    pub reason: String,
}

/// One time that a user was custodian of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodianTerm {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// What the user is in the matter, as somebody wrote it; may be empty.
    pub role: String,
    /// First instant of the period that the matter is about, for this user. Limits no hold and no search.
    pub from: Option<Instant>,
    /// First instant after that period.
    pub until: Option<Instant>,
    /// The journal line that made the user a custodian.
    pub seq: Seq,
    /// When.
    pub added_at: Instant,
    /// By whom (claimed).
    pub added_by: String,
    /// The end of it; `None`: the user is custodian.
    pub removed: Option<CaseClosing>,
}

/// A note in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNote {
    /// The journal line.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// By whom (claimed).
    pub by: String,
    /// The note.
    pub text: String,
}

/// A search that is kept in a case, with every time that it was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its name, unique in the case without regard to case.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// The mailboxes that it looks into; all if empty.
    pub mailboxes: Vec<MailboxName>,
    /// The journal line that saved it as it is.
    pub seq: Seq,
    /// When.
    pub saved_at: Instant,
    /// By whom (claimed).
    pub saved_by: String,
    /// Its runs, oldest first.
    pub runs: Vec<SearchPass>,
}

/// One run of a saved search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPass {
    /// The journal line.
    pub seq: Seq,
    /// The journal line that the answer is as of.
    pub as_of: Seq,
    /// When.
    pub at: Instant,
    /// By whom (claimed).
    pub by: String,
    /// The query as typed.
    pub query: String,
    /// The mailboxes that it looked into; all if empty.
    pub mailboxes: Vec<MailboxName>,
    /// SHA-256 of what the query meant: dates absolute, people and names expanded.
    pub meaning: Digest,
    /// Messages found.
    pub messages: u64,
    /// Items found.
    pub items: u64,
    /// Which messages.
    pub found: OrdinalSet,
}

/// A set of messages, as ranges of ordinals, in the line or in a list file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrdinalSet {
    /// Up to `limits::LINE_RANGES` ranges, first and last included.
    Ranges(Vec<(u32, u32)>),
    /// The digest of a file in `journal/lists/`.
    List(Digest),
}

/// A signature below an approval, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The name that `archive.toml` gives the key.
    pub approver: String,
    /// The Ed25519 public key, in hex.
    pub key: String,
    /// The signature, in hex.
    pub signature: String,
}

/// That somebody else agreed to the release of a hold or to a deletion plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The id of the hold or plan.
    pub target: String,
    /// SHA-256 of exactly what was agreed to: the hold as it was, or the plan's items.
    pub digest: Digest,
    /// The journal line.
    pub seq: Seq,
    /// When it was recorded.
    pub at: Instant,
    /// The account of the operating system that recorded it.
    pub os_user: String,
    /// Who that account said it was.
    pub by: String,
    /// By whose key it is signed, if it is.
    pub signed: Option<Signed>,
    /// Why.
    pub reason: String,
}
