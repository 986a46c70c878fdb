//! What a corpus contains, counted while it is made: the answers that an engine has to give.
//!
//! Contract: `feed` counts everything in the feed, `archived` only what reaches a mailbox when
//! [`super::Corpus::users_csv`] and [`super::Corpus::mapping_csv`] were imported first and both mapping switches are
//! on. A group message with three mailboxes is 1 message and 3 items.

use super::chatter::{TRACKED, tracked};
use super::draft::{Draft, Seal};
use crate::model::MessageKind;
use std::collections::{BTreeMap, BTreeSet};

/// Exact counts of messages, and of attachments where it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All messages.
    pub messages: u64,
    /// Chat messages, encrypted ones among them.
    pub chats: u64,
    /// Calls, aggregated ones among them.
    pub calls: u64,
    /// Aggregated calls.
    pub aggregated_calls: u64,
    /// Deletion notices.
    pub deletions: u64,
    /// Edit notices.
    pub edits: u64,
    /// Originals that a deletion notice names: what `isdeleted:true` finds.
    pub deleted_originals: u64,
    /// Originals that an edit notice names: what `isedited:true` finds.
    pub edited_originals: u64,
    /// Messages whose body is ciphertext.
    pub encrypted: u64,
    /// Messages wrapped in a journal mail.
    pub journaled: u64,
    /// Messages whose media was removed before capture.
    pub media_removed: u64,
    /// Messages whose date is absurd: archived with the date unknown.
    pub date_unknown: u64,
    /// Messages with an attachment: what `hasattachment:true` finds.
    pub with_attachments: u64,
    /// Attachments.
    pub attachments: u64,
    /// Bytes of all e-mails.
    pub bytes: u64,
    /// Messages whose readable text contains the word or phrase (`wire`, `transfer`, `wire transfer`, `invoice`,
    /// `offer`) as whole words, in any case. Ciphertext has no words.
    pub words: BTreeMap<&'static str, u64>,
}

/// What a feed contains and what an archive must contain after importing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Everything in the feed: what a run reads.
    pub feed: Counts,
    /// What maps to at least one mailbox: what a first run imports.
    pub archived: Counts,
    /// Messages that map to nobody: not imported, code `unmapped`.
    pub unmapped: u64,
    /// Items of each mailbox that gets any.
    pub items: BTreeMap<&'static str, u64>,
    /// Number (address where there is none) of every party of an archived message that maps to no mailbox.
    pub unmapped_parties: BTreeSet<&'static str>,
    /// Conversations with at least one archived message.
    pub conversations: u64,
    /// Which conversations those are, by their place in the cast.
    seen: BTreeSet<usize>,
}

impl Truth {
    /// Items in all mailboxes.
    #[must_use]
    pub fn total_items(&self) -> u64 {
        self.items.values().sum()
    }

    /// Counts a message whose e-mail has `bytes` bytes.
    pub(super) fn count(&mut self, draft: &Draft, bytes: usize) {
        let words = if draft.seal == Seal::Encrypted { [false; 5] } else { tracked(&draft.text) };
        self.feed.count(draft, bytes, words);
        let chat = draft.chat;
        if chat.parties.iter().all(|party| party.mailbox.is_none()) {
            self.unmapped += 1;
            return;
        }
        self.archived.count(draft, bytes, words);
        for party in chat.parties {
            match party.mailbox {
                Some(mailbox) => *self.items.entry(mailbox).or_default() += 1,
                None => _ = self.unmapped_parties.insert(party.label()),
            }
        }
        if self.seen.insert(draft.place) {
            self.conversations += 1;
        }
    }
}

impl Counts {
    fn count(&mut self, draft: &Draft, bytes: usize, words: [bool; 5]) {
        self.messages += 1;
        self.bytes += bytes as u64;
        match draft.kind {
            MessageKind::Call => self.calls += 1,
            MessageKind::Deletion => {
                self.deletions += 1;
                // A message is deleted at most once, and its original is always in the feed.
                self.deleted_originals += 1;
            }
            MessageKind::Edit => {
                self.edits += 1;
                self.edited_originals += u64::from(draft.first_edit);
            }
            MessageKind::Chat | MessageKind::System => self.chats += 1,
        }
        self.aggregated_calls += u64::from(draft.aggregated);
        self.encrypted += u64::from(draft.seal == Seal::Encrypted);
        self.journaled += u64::from(draft.seal == Seal::Journaled);
        self.date_unknown += u64::from(draft.seal == Seal::AbsurdDate);
        self.media_removed += u64::from(draft.seal == Seal::MediaRemoved);
        self.with_attachments += u64::from(!draft.media.is_empty());
        self.attachments += draft.media.len() as u64;
        for (word, there) in TRACKED.into_iter().zip(words) {
            *self.words.entry(word).or_default() += u64::from(there);
        }
    }
}
