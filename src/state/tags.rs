//! Tags: which messages have which, and who changed each last.
//!
//! Contract: a tag that no message has is not there. The first spelling of a name is kept; names are compared folded
//! ([`fold_tag`]).

use super::State;
use crate::model::{Entry, Instant, Ordinal, fold_tag};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// The last change of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagChange {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
}

impl State {
    /// A tag by its name, without regard to case: its first spelling, and the messages that have it.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<(&str, &RoaringBitmap)> {
        let folded = fold_tag(name);
        let exact = self.tags.get_key_value(name);
        exact.or_else(|| self.tags.iter().find(|(known, _)| fold_tag(known) == folded)).map(|(n, m)| (n.as_str(), m))
    }

    /// The tags of a message, in the order of their names.
    pub fn tags_of(&self, ordinal: u32) -> impl Iterator<Item = &str> {
        self.tags.iter().filter(move |(_, messages)| messages.contains(ordinal)).map(|(name, _)| name.as_str())
    }

    pub(super) fn tagged(&mut self, tag: &str, messages: &[Ordinal], entry: &Entry) {
        let name = self.tag(tag).map_or(tag, |(name, _)| name).to_owned();
        let purged = &self.purged;
        let there = messages.iter().map(|ordinal| ordinal.0).filter(|ordinal| !purged.contains(*ordinal));
        let set = self.tags.entry(name.clone()).or_default();
        there.for_each(|ordinal| {
            set.insert(ordinal);
        });
        self.tag_changed(&name, entry);
    }

    pub(super) fn untagged(&mut self, tag: &str, messages: &[Ordinal], entry: &Entry) {
        let Some(name) = self.tag(tag).map(|(name, _)| name.to_owned()) else { return };
        if let Some(set) = self.tags.get_mut(&name) {
            messages.iter().for_each(|ordinal| {
                set.remove(ordinal.0);
            });
        }
        self.tag_changed(&name, entry);
    }

    /// A message that is gone has no tags.
    pub(super) fn forget_tags(&mut self, ordinal: u32) {
        for messages in self.tags.values_mut() {
            messages.remove(ordinal);
        }
        self.drop_empty_tags();
    }

    fn tag_changed(&mut self, name: &str, entry: &Entry) {
        let change = TagChange { at: entry.line.at, by: entry.line.actor.label().to_owned() };
        self.tag_changes.insert(name.to_owned(), change);
        self.drop_empty_tags();
    }

    fn drop_empty_tags(&mut self) {
        self.tags.retain(|_, messages| !messages.is_empty());
        let tags = &self.tags;
        self.tag_changes.retain(|name, _| tags.contains_key(name));
    }
}
