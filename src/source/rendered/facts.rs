//! What neither header fields nor texts carry: the JSON part of a rendered e-mail.
//!
//! Contract: empty facts make no part; the same facts make the same bytes. A field of [`Details`] that stands in a header
//! field (see `head`) is not in here.

use crate::model::{Call, Deletion, Details, Edit, Instant, Message, Participant};
use serde::{Deserialize, Serialize};

/// The name of the part.
pub const NAME: &str = "custodia.json";

/// What the part holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The sender, where `From` does not say all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<Participant>,
    /// The recipients, where `To` does not say all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<Participant>>,
    /// A call of several legs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// A deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// An edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// Everything else that the phone says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

impl Facts {
    /// The text of the part; `None` if there is nothing to say.
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        // Plain data with text keys: it cannot fail.
        serde_json::to_string_pretty(self).ok()
    }

    /// Reads the part.
    #[must_use]
    pub fn from_json(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Takes absurd times out of a message, which JSON and a Date field cannot carry. Says whether there were any.
pub fn believable(message: &mut Message) -> bool {
    let mut absurd = false;
    let mut check = |time: &mut Option<Instant>| {
        if time.is_some_and(|t| t.plausible().is_none()) {
            *time = None;
            absurd = true;
        }
    };
    check(&mut message.sent);
    if let Some(call) = &mut message.call {
        call.legs.iter_mut().for_each(|leg| check(&mut leg.at));
    }
    if let Some(details) = &mut message.details {
        if let Some(edited) = &mut details.edited {
            check(&mut edited.at);
        }
        if let Some(revoked) = &mut details.revoked {
            check(&mut revoked.at);
        }
        for receipt in &mut details.receipts {
            [&mut receipt.delivered, &mut receipt.read, &mut receipt.played].into_iter().for_each(&mut check);
        }
    }
    absurd
}
