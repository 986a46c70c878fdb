//! Requests for erasure. Data only. What a subject was looked for by (a number, a name, an address) is not kept: the
//! journal is never shortened, and would be the last place that still has it. The items that were found are.

use super::{ErasureId, Instant};
use serde::{Deserialize, Serialize};

/// By what a subject was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKey {
    /// A phone number.
    Number,
    /// A name.
    Name,
    /// An e-mail address.
    Email,
}

impl SubjectKey {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Email => "email",
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// How the person's request is known outside of the archive; never their name.
    pub subject_ref: String,
    /// By what they were looked for.
    pub by: SubjectKey,
    /// Why.
    pub reason: String,
    /// When it was made.
    pub created: Instant,
    /// By whom (claimed).
    pub created_by: String,
    /// Items that they took part in then.
    pub matched: u64,
    /// Messages that they took no part in and that name them, to be looked at by a person.
    pub mentions: u64,
}
