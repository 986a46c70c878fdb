//! A conversation: a direct chat, group, community or broadcast, with a stable id.

use serde::{Deserialize, Serialize};

/// What kind of conversation it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Two parties.
    Direct,
    /// A group chat.
    Group,
    /// A community of groups.
    Community,
    /// One to many, without the many seeing each other.
    Broadcast,
    /// The source does not say.
    #[default]
    Unknown,
}

impl ConversationKind {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Community => "community",
            Self::Broadcast => "broadcast",
            Self::Unknown => "unknown",
        }
    }
}

/// The conversation of one message. Two chats with the same name are two conversations: only `id` is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conversation {
    /// Stable across messages, runs and archives: a group or thread id of the source, or the pair of numbers.
    pub id: String,
    /// The name that the source shows, if it has one.
    pub name: Option<String>,
    /// Direct, group, …
    pub kind: ConversationKind,
}
